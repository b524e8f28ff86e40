//! `--plain`: the whole job as a dialogue of lines.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use offboard::simulator::Settings;
use rustix::process::Signal;

use super::terminal::Terminal;
use super::workbench::{Output, Workbench, wait_until};

/// The dialogue on a terminal that can't draw.
struct Dialogue {
    terminal: Terminal,
    /// How much of what was printed has been looked at.
    seen: usize,
}

impl Dialogue {
    fn start(bench: &Workbench) -> Self {
        let arguments = ["--plain", "devices.json"];
        let terminal = Terminal::start_with(bench, &arguments, &[("TERM", "dumb")], 100, 40);
        let mut dialogue = Self { terminal, seen: 0 };
        dialogue.until("greeting", |text| text.ends_with("\n> "));
        dialogue
    }

    /// Waits for what is printed from here on, and returns it.
    fn until(&mut self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let seen = self.seen;
        self.terminal.wait_written(what, |text| is(&text[seen..]));
        let written = self.terminal.written();
        self.seen = written.len();
        String::from_utf8(written[seen..].to_vec()).expect("UTF-8")
    }

    /// Types a line, and returns what is printed until the next prompt.
    fn line(&mut self, line: &str) -> String {
        self.terminal.press(&format!("{line}\n"));
        self.until(line, |text| text.contains('\n') && text.ends_with("> "))
    }

    /// Goes on to the number, and returns it.
    fn confirm(&mut self) -> String {
        self.terminal.press("confirm\n");
        let asked = self.until("number", |text| text.ends_with("number> "));
        let after = asked.split("Type ").nth(1).expect("the question");
        after.split(' ').next().expect("a number").to_owned()
    }

    /// Types keys as a hand does.
    fn type_keys(&mut self, keys: &str) {
        self.terminal.press_slowly(keys, Duration::from_millis(120));
        std::thread::sleep(Duration::from_millis(120));
    }

    /// Nothing that was printed draws.
    fn check_text(&self) {
        let written = String::from_utf8(self.terminal.written()).expect("UTF-8");
        let draws = |character: char| {
            character == '\u{1b}' || ('\u{2500}'..='\u{259f}').contains(&character)
        };
        assert_eq!(
            written.chars().find(|&character| draws(character)),
            None,
            "{written}"
        );
    }
}

#[test]
fn plain_does_the_whole_job_without_drawing() {
    let bench = Workbench::new(Settings {
        devices: 300,
        ..Settings::default()
    });
    let mut dialogue = Dialogue::start(&bench);
    assert!(dialogue.line("help").contains("filter QUERY"));
    assert!(dialogue.line("fitler x").contains("did you mean 'filter'?"));
    assert!(dialogue.line("filter unseen>").contains("value"));
    assert!(
        dialogue
            .line("filter unseen>60d")
            .contains("rows shown, 0 marked")
    );
    let page = dialogue.line("show");
    assert!(
        page.contains("\n1: ") && page.contains("Press enter for more"),
        "{page}"
    );
    assert!(dialogue.line("").contains("\n21: "), "the next page");
    assert!(dialogue.line("sort seen").contains("rows shown"));
    assert!(dialogue.line("detail 2").contains("hwid  "));
    assert!(dialogue.line("overview").contains("status"));
    assert!(dialogue.line("mark 1-3").contains("Marked 3"));
    assert!(dialogue.line("undo").contains("Undo: 0 marked"));
    assert!(dialogue.line("plan remove").contains("nothing is marked"));
    assert!(dialogue.line("mark all").contains("Marked"));

    // What is typed ahead answers nothing.
    dialogue.terminal.press("plan remove\nconfirm\n99\n");
    let plan = dialogue.until("plan", |text| text.ends_with("plan> "));
    for part in [
        "Remove ",
        "No undo.",
        "By type: ",
        "By last seen: ",
        "\n1: ",
    ] {
        assert!(plan.contains(part), "{part} in {plan}");
    }
    assert!(
        dialogue.line("").contains("\n21: "),
        "the next devices of the plan"
    );
    assert!(dialogue.line("note CHG-1042").contains("Note: CHG-1042"));
    assert!(
        dialogue
            .line("explode")
            .contains("is not a command for a plan")
    );
    let count = dialogue.confirm();
    dialogue.terminal.press(&format!("{count}\n"));
    dialogue.until("refusal of a paste", |text| {
        text.contains("Pasting doesn't count") && text.ends_with("number> ")
    });
    dialogue.type_keys("7\n");
    dialogue.until("refusal of another number", |text| {
        text.contains(&format!(
            "You typed 7; the plan has {count}. Nothing was sent."
        ))
    });
    assert!(
        bench.simulator.received().is_empty(),
        "nothing is sent before the count"
    );
    dialogue.type_keys(&format!("\u{7f}{count}\n"));
    dialogue.until("end of the run", |text| text.contains("finished in"));
    let sent: usize = bench.sizes().iter().sum();
    assert_eq!(sent.to_string(), count);

    let failures = dialogue.line("failures");
    assert!(
        failures.contains("Group 1: failed: not found"),
        "{failures}"
    );
    assert!(failures.contains("What it means") || dialogue.line("all").contains("What it means"));
    let question = dialogue.line("look-up 1.1");
    assert!(
        question.contains("Look up 1 device") && question.ends_with("answer> "),
        "{question}"
    );
    dialogue.terminal.press("enter\n");
    dialogue.until("end of the lookup", |text| {
        text.contains("Look-up ended") && text.ends_with("failures> ")
    });
    assert!(dialogue.line("retry 1").contains("Retrying won't help"));
    let failures = dialogue.line("failures") + &dialogue.line("all");
    assert!(failures.contains("not in this tenant"), "{failures}");
    let history = dialogue.line("history");
    assert!(
        history.contains("1. run ") && history.contains("note CHG-1042"),
        "{history}"
    );
    let exported = dialogue.line("export run.csv");
    assert!(exported.contains("run.csv written"), "{exported}");
    assert!(bench.path("run.csv").exists());
    dialogue.check_text();
    let quit = dialogue.line("quit");
    if quit.ends_with("answer> ") {
        dialogue.terminal.press("y\n");
    }
    assert_eq!(dialogue.terminal.exit_code(), 3, "some failed");
}

#[test]
fn plain_confirms_nothing_through_a_pipe() {
    let bench = Workbench::new(Settings {
        devices: 60,
        ..Settings::default()
    });
    let mut child = bench
        .command(&["--plain", "devices.json"])
        .env_remove("TERM")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let lines =
        "filter unseen>60d\nmark all\nplan archive\nconfirm\nsave plan.json\ncancel\nshow\n";
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(lines.as_bytes()).expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        printed.contains("confirmed at a terminal only"),
        "{printed}"
    );
    assert!(printed.contains("plan.json written"), "{printed}");
    assert!(
        printed.contains("\n1: "),
        "the rows after the plan: {printed}"
    );
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(bench.simulator.received().is_empty());
    let sent: Output = bench.run(&["run", "--plan", "plan.json"]);
    assert!(matches!(sent.code, Some(0 | 3)), "{}", sent.stderr);
}

#[test]
fn plain_stops_a_run_after_its_call_when_it_is_terminated() {
    let bench = Workbench::new(Settings {
        devices: 400,
        latency: Duration::from_millis(700),
        ..Settings::default()
    });
    let mut dialogue = Dialogue::start(&bench);
    dialogue.line("mark all");
    dialogue.line("plan uninstall");
    let count = dialogue.confirm();
    dialogue.type_keys(&format!("{count}\n"));
    bench.wait_for_calls(2);
    dialogue.terminal.signal(Signal::TERM);
    wait_until("end of the program", || dialogue.terminal.has_ended());
    assert_eq!(dialogue.terminal.exit_code(), 5, "resumable");
    let stopped = bench.run(&["runs", "show", "last"]);
    assert!(stopped.stdout.contains("SIGTERM"), "{}", stopped.stdout);
}
