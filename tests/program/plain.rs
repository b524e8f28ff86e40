//! `--plain`: the whole job as a dialogue of lines.

mod piped;

use std::time::Duration;

use offboard::simulator::SimulatorSettings;
use rustix::process::Signal;

use super::terminal::Terminal;
use super::workbench::{Workbench, wait_until};

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
    let bench = Workbench::with(300);
    let mut dialogue = Dialogue::start(&bench);
    look_around_and_mark(&mut dialogue);
    plan(&mut dialogue);
    send(&mut dialogue, &bench);
    review(&mut dialogue, &bench);
    dialogue.check_text();
    let quit = dialogue.line("quit");
    if quit.ends_with("answer> ") {
        dialogue.terminal.press("y\n");
    }
    assert_eq!(dialogue.terminal.exit_code(), 3, "some failed");
}

fn look_around_and_mark(dialogue: &mut Dialogue) {
    assert!(dialogue.line("help").contains("filter QUERY | NAME"));
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
    dialogue.line("show");
    assert!(dialogue.line("detail 2").contains("hwid  "));
    // In full, unlike in the panel of the screen.
    let overview = dialogue.line("overview");
    assert!(overview.contains("out_of_license_usage  "), "{overview}");
    assert!(dialogue.line("mark 1-3").contains("Marked 3"));
    assert!(dialogue.line("undo").contains("Undo: 0 marked"));
    assert!(dialogue.line("plan remove").contains("no device is marked"));
    assert!(dialogue.line("mark all").contains("Marked"));
}

fn plan(dialogue: &mut Dialogue) {
    let question = dialogue.line("plan");
    assert!(question.contains("What should happen"), "{question}");
    let wrong = dialogue.line("explode");
    assert!(wrong.contains("is not an answer"), "{wrong}");
    let archived = dialogue.line("archive");
    assert!(
        archived.contains("Archive ") && archived.ends_with("plan> "),
        "{archived}"
    );
    assert!(dialogue.line("cancel").contains("Nothing was sent"));
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
    assert!(!plan.contains("seen: seen"), "{plan}");
    let reasons = plan.to_lowercase().matches("left out").count();
    assert!(reasons <= 1, "{plan}");
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
}

/// Only the number of the devices, typed, sends.
fn send(dialogue: &mut Dialogue, bench: &Workbench) {
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
}

fn review(dialogue: &mut Dialogue, bench: &Workbench) {
    let status = dialogue.line("status");
    assert!(status.contains("calls, newest first"), "{status}");
    let call = dialogue.line("call 1");
    assert!(
        call.contains("call 1 of run") && call.contains("accepted"),
        "{call}"
    );
    let none = dialogue.line("call 99");
    assert!(none.contains("call 99 has no answer yet"), "{none}");
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
        text.contains("The look-up has ended") && text.ends_with("failures> ")
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
}

#[test]
fn plain_numbers_mean_what_was_printed_last() {
    let bench = Workbench::with(60);
    let mut dialogue = Dialogue::start(&bench);
    let unknown = dialogue.line("mark 1");
    assert!(unknown.contains("no rows were printed"), "{unknown}");
    let first = dialogue.line("show");
    dialogue.line("sort seen");
    for line in ["detail 2", "go 2", "mark 1-3", "unmark 2"] {
        let refused = dialogue.line(line);
        let why = "the rows have changed since they were printed";
        assert!(refused.contains(why), "{line}: {refused}");
    }
    let page = dialogue.line("");
    assert!(page.contains("the rows have changed"), "{page}");
    let second = dialogue.line("show");
    let name = |page: &str, number: u32| {
        let after = page
            .split(&format!("\n{number}: "))
            .nth(1)
            .expect("the row");
        after.split(',').next().expect("a name").to_owned()
    };
    assert_ne!(name(&first, 1), name(&second, 1), "another order");
    let current = dialogue.line("go 3");
    assert!(
        current.contains(&format!("\n3: {}", name(&second, 3))),
        "{current}"
    );
    dialogue.line("mark 1-3");
    dialogue.line("plan remove");
    let count = dialogue.confirm();
    dialogue.type_keys(&format!("{count}\n"));
    dialogue.until("end of the run", |text| text.contains("finished in"));

    let unknown = dialogue.line("open 1");
    assert!(unknown.contains("no runs were printed"), "{unknown}");
    let history = dialogue.line("history");
    let run = history.split("1. run ").nth(1).expect("a run")[..8].to_owned();
    let opened = dialogue.line("open 1");
    assert!(opened.contains(&format!("Run {run}")), "{opened}");
    let found = dialogue.line(&format!("find {}", name(&second, 2)));
    assert!(
        found.contains(&format!("1. {}", name(&second, 2))),
        "{found}"
    );
    let opened = dialogue.line("open 1");
    assert!(opened.contains(&format!("Run {run}")), "{opened}");
    assert!(dialogue.line("detail 1").contains("detail 2.1"));
    assert!(dialogue.line("status").ends_with("run> "));
    let back = dialogue.line("back");
    assert_eq!(back.matches("rows shown").count(), 1, "once: {back}");
    let current = |text: &str| text.lines().position(|line| line.ends_with(", current"));
    let filters = dialogue.line("filters");
    assert!(current(&filters).is_some(), "{filters}");
    let moved = dialogue.line("down 1");
    assert_eq!(moved.matches(", current").count(), 1, "{moved}");
    let further = dialogue.line("down");
    assert!(current(&further) > current(&moved), "{further}");
    dialogue.line("cancel");
    dialogue.line("history");
    let filtered = dialogue.line("filter unseen>30d");
    assert_eq!(
        filtered.matches("rows shown").count(),
        1,
        "once: {filtered}"
    );
}

#[test]
fn plain_takes_digits_only_where_the_number_is_typed() {
    let bench = Workbench::with(60);
    let mut dialogue = Dialogue::start(&bench);
    dialogue.line("filter unseen>60d");
    dialogue.line("mark all");
    dialogue.line("filter unseen>200d");
    dialogue.line("plan archive");
    let count = dialogue.confirm();
    dialogue.type_keys("1\u{1b}");
    let back = dialogue.until("the prompt after escape", |text| text.ends_with("\n> "));
    assert!(back.contains("Nothing was sent."), "{back}");
    dialogue.line("plan archive");
    assert_eq!(dialogue.confirm(), count);
    // On the screen these drop devices, save the plan, and open the note or the breakdown.
    for key in ["D", "P", "b", "s", "g", "\t"] {
        dialogue.type_keys(key);
        let refused = dialogue.until(key, |text| text.ends_with("number> "));
        assert!(refused.contains("Only digits count"), "{key:?}: {refused}");
        dialogue.type_keys("\u{7f}");
    }
    dialogue.type_keys(&format!("{count}\n"));
    dialogue.until("end of the run", |text| text.contains("finished in"));
    let sent: usize = bench.sizes().iter().sum();
    assert_eq!(sent.to_string(), count);
}

/// A dialogue whose run sends its second call.
fn during_a_run() -> (Workbench, Dialogue) {
    let bench = Workbench::new(SimulatorSettings {
        devices: 400,
        latency: Duration::from_millis(700),
        ..SimulatorSettings::default()
    });
    let mut dialogue = Dialogue::start(&bench);
    dialogue.line("mark all");
    dialogue.line("plan uninstall");
    let count = dialogue.confirm();
    dialogue.type_keys(&format!("{count}\n"));
    bench.wait_for_calls(2);
    (bench, dialogue)
}

#[test]
fn plain_stops_a_run_after_its_call_when_it_is_terminated() {
    let (bench, mut dialogue) = during_a_run();
    dialogue.terminal.signal(Signal::TERM);
    wait_until("end of the program", || dialogue.terminal.has_ended());
    assert_eq!(dialogue.terminal.exit_code(), 5, "resumable");
    let stopped = bench.run(&["runs", "show", "last"]);
    stopped.prints("SIGTERM");
}

#[test]
fn plain_shows_and_stops_a_run_while_something_else_is_asked() {
    let (bench, mut dialogue) = during_a_run();
    dialogue.terminal.press("resume\n");
    dialogue.until("refusal to resume", |text| text.contains("is not paused"));
    for (line, said) in [
        ("quit", "stop after this call and leave"),
        ("status", "\ncalls"),
        ("stop", "Stop "),
    ] {
        dialogue.terminal.press(&format!("{line}\n"));
        let is_answered = |text: &str| text.contains(said) && text.ends_with("answer> ");
        let shown = dialogue.until(line, is_answered);
        assert!(!shown.contains("is not an answer"), "{shown}");
    }
    dialogue.terminal.press("x\n");
    dialogue.until("stop of the run", |text| text.contains("stopped"));
    let stopped = bench.run(&["runs", "show", "last"]);
    stopped.prints("stopped   by the operator");
}

#[test]
fn plain_exports_what_is_shown_though_only_hidden_rows_are_marked() {
    let bench = Workbench::with(120);
    let mut dialogue = Dialogue::start(&bench);
    dialogue.line("filter type:server");
    dialogue.line("mark all");
    let filtered = dialogue.line("filter type:laptop");
    let shown = filtered.split(" of ").next();
    let shown = shown.and_then(|text| text.split_whitespace().last());
    let shown: usize = shown.and_then(|count| count.parse().ok()).expect("a count");
    dialogue.line("export shown laptops.csv");
    let written = std::fs::read_to_string(bench.path("laptops.csv")).expect("a file");
    assert_eq!(written.lines().count(), shown + 1, "{filtered}");
    assert!(!written.contains("server"));
}

#[test]
fn plain_ends_a_fetch_only_when_that_is_asked_for() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 60,
        latency: Duration::from_secs(3),
        ..SimulatorSettings::default()
    });
    let mut dialogue = Dialogue::start(&bench);
    let refused = dialogue.line("fetch cancel");
    assert!(refused.contains("not being read"), "{refused}");
    dialogue.line("filter unseen>60d");
    dialogue.line("fetch");
    dialogue.line("enter");
    for line in ["clear", "esc", "back"] {
        let said = dialogue.line(line);
        assert!(!said.contains("Fetch will stop"), "{line}: {said}");
    }
    let refused = dialogue.line("fetch");
    assert!(refused.contains("fetch cancel"), "{refused}");
    dialogue.terminal.press("fetch cancel\n");
    dialogue.until("end of the fetch", |text| text.contains("Fetch will stop"));
}
