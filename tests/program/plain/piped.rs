//! `--plain` with its lines in a pipe.

use std::io::{Read, Write};
use std::process::Stdio;

use crate::program::matching;
use crate::program::terminal::Terminal;
use crate::program::workbench::{Output, Workbench, wait_until};

/// Runs the dialogue on this list with these lines in a pipe. Returns the exit code and what was printed.
fn pipe(bench: &Workbench, list: &str, lines: &str) -> (Option<i32>, String) {
    let mut child = bench
        .command(&["--plain", list])
        .env_remove("TERM")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(lines.as_bytes()).expect("written");
    drop(stdin);
    let mut out = child.stdout.take().expect("a pipe");
    let printed = std::thread::spawn(move || {
        let mut printed = String::new();
        out.read_to_string(&mut printed).map(|_| printed)
    });
    wait_until("end of the program", || {
        child.try_wait().expect("its state").is_some()
    });
    let status = child.wait().expect("it ended");
    let printed = printed.join().expect("read").expect("UTF-8");
    (status.code(), printed)
}

#[test]
fn plain_does_each_command_for_a_plan_however_fast_it_follows() {
    let bench = Workbench::with(60);
    let lines = "filter unseen>60d\nmark all\nfilter unseen>200d\nplan archive\nnote CHG-7\norder\nsave all.json\n\
                 note CHG-8\ndrop\nnote CHG-9\nsave shown.json\ncancel\n";
    let (code, printed) = pipe(&bench, "devices.json", lines);
    assert_eq!(code, Some(0), "{printed}");
    let saved = |name: &str| std::fs::read_to_string(bench.path(name)).expect(name);
    let (all, shown) = (saved("all.json"), saved("shown.json"));
    assert!(
        all.contains("CHG-7") && shown.contains("CHG-9"),
        "{printed}"
    );
    assert!(shown.len() < all.len(), "the hidden devices were dropped");
}

#[test]
fn plain_leaves_when_its_input_ends_at_a_question() {
    let bench = Workbench::with(60);
    for lines in [
        "mark all\nplan\n",
        "mark all\nplan archive\n",
        "mark all\nplan archive\nconfirm\n",
        "mark all\nplan archive",
        "mark all\nexport\nquit\n",
        "import\nLT-1\n",
        "fetch\n",
        "hold\n",
    ] {
        let (code, printed) = pipe(&bench, "devices.json", lines);
        assert_eq!(code, Some(0), "{lines:?}: {printed}");
        let is_empty = |line: &str| line.trim_start().starts_with(", current");
        assert!(!printed.lines().any(is_empty), "{printed}");
    }
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn plain_confirms_nothing_through_a_pipe() {
    let bench = Workbench::with(60);
    let lines =
        "filter unseen>60d\nmark all\nplan archive\nconfirm\nsave plan.json\ncancel\nshow\n";
    let (code, printed) = pipe(&bench, "devices.json", lines);
    assert!(printed.contains("Confirming needs a terminal"), "{printed}");
    assert!(printed.contains("plan.json written"), "{printed}");
    assert!(
        printed.contains("\n1: "),
        "the rows after the plan: {printed}"
    );
    assert_eq!(code, Some(0), "{printed}");
    assert!(bench.simulator.received().is_empty());
    assert!(printed.contains("--allow last` sends it"), "{printed}");
    let unasked: Output = bench.run(&["run", "--plan", "plan.json"]);
    assert_eq!(unasked.code, Some(7), "nobody accepted its warning");
    let sent: Output = bench.run(&["run", "--plan", "plan.json", "--allow", "last"]);
    assert!(matches!(sent.code, Some(0 | 3)), "{}", sent.stderr);
}

#[test]
fn plain_drops_what_columns_were_assigned_to_on_the_screen() {
    let bench = matching::bench();
    let hwid = matching::HWID[0];
    bench.write("odd.csv", &format!("hwid,Kiste\n{hwid},BOX-1\n"));
    let mut terminal = Terminal::start(&bench, &["odd.csv"], 120, 40);
    terminal.wait_for("1 shown");
    terminal.press("i");
    terminal.wait_for("1 by HWID, ");
    terminal.press("j\r");
    terminal.wait_for("read Kiste as");
    terminal.press("gj");
    terminal.wait_for("hostname  any text");
    terminal.press("\r");
    terminal.wait_for("assigned here, and remembered for these headers");
    terminal.press_while("\u{1b}", "assigned here, and remembered");
    terminal.leave("q");
    let (code, printed) = pipe(&bench, "odd.csv", "show\nlist-info drop\nshow\nquit\n");
    assert_eq!(code, Some(0), "{printed}");
    let (remembered, dropped) = printed
        .split_once("Reading the list again")
        .expect("it is dropped");
    assert!(remembered.contains("BOX-1"), "{printed}");
    assert!(!dropped.contains("BOX-1"), "{printed}");
    let (_, again) = pipe(&bench, "odd.csv", "list-info drop\nquit\n");
    assert!(again.contains("Nothing was assigned here"), "{again}");
}
