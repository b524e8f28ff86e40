//! `offboard init` on a terminal: questions, the file that the answers make, and the test of the
//! connection.

use std::os::unix::fs::PermissionsExt;

use offboard::simulator::CLIENT_ID;

use super::terminal::Terminal;
use super::workbench::Workbench;

/// A simulated tenant, and no configuration.
fn bench() -> Workbench {
    let bench = Workbench::with(20);
    std::fs::remove_file(bench.path("config.toml")).expect("removed");
    bench
}

/// Gives each answer when its question is asked.
fn answer(terminal: &mut Terminal, answers: &[(&str, &str)]) {
    for (question, answer) in answers {
        terminal.wait_for(question);
        terminal.press(&format!("{answer}\r"));
    }
}

fn config(bench: &Workbench) -> String {
    bench.config()
}

/// Answers up to the confirmation, with the secret in this file.
fn answer_with_secret_in(terminal: &mut Terminal, bench: &Workbench, file: &str) {
    let (url, file) = (bench.simulator.url(), bench.path(file));
    let answers = [
        ("1/4 tenant", "ftp://a.example"),
        ("must begin with https://", url.as_str()),
        ("2/4 credential", "2"),
        ("client key", CLIENT_ID),
        ("file that contains the secret", &file.display().to_string()),
        ("3/4 account", ""),
        ("4/4 protect", "srv"),
        ("name a field", ""),
    ];
    answer(terminal, &answers);
    terminal.wait_for("Enter writes this");
}

#[test]
fn init_on_a_terminal_asks_writes_a_private_file_and_tests_the_connection() {
    let bench = bench();
    let mut terminal = Terminal::start(&bench, &["init"], 100, 50);
    answer_with_secret_in(&mut terminal, &bench, "secret");
    let screen = terminal.screen();
    assert!(screen.contains("protect = [\"type:server\"]"), "{screen}");
    assert!(
        !bench.path("config.toml").exists() && bench.simulator.received().is_empty(),
        "nothing happens before the confirmation"
    );
    terminal.press("\r");
    terminal.wait_for("reachable; credential accepted");
    let screen = terminal.wait_for("next: `offboard fetch --config ");
    assert!(!screen.contains("--profile"), "{screen}");
    assert_eq!(terminal.exit_code(), 0);
    assert!(bench.deletes().is_empty());
    let mode = std::fs::metadata(bench.path("config.toml")).expect("a file");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let text = config(&bench);
    assert!(text.contains("# The tenant's address"), "{text}");
    let plan = bench.run(&["plan", "devices.json", "--action", "remove", "--all"]);
    plan.prints("type:server");
}

#[test]
fn init_keeps_the_file_of_a_failed_test_and_names_the_remedy() {
    let bench = bench();
    bench.write("canary", "canary-9f2e");
    let mut terminal = Terminal::start(&bench, &["init", "--profile", "branch"], 100, 50);
    answer_with_secret_in(&mut terminal, &bench, "canary");
    terminal.press("\r");
    terminal.wait_for("error");
    terminal.wait_for("test it with `offboard doctor --config ");
    assert_eq!(terminal.exit_code(), 1);
    assert!(config(&bench).contains("[profiles.branch]"));
}

#[test]
fn init_adds_a_profile_by_questions() {
    let bench = bench();
    let ours = "# ours\n[profiles.lab]\nbase_url = \"https://a.example\"\n";
    bench.write("config.toml", ours);
    let mut terminal = Terminal::start(&bench, &["init", "--profile", "branch"], 100, 50);
    answer_with_secret_in(&mut terminal, &bench, "secret");
    terminal.press("\r");
    terminal.wait_for("next: `offboard fetch --config ");
    terminal.wait_for(" --profile branch`");
    assert_eq!(terminal.exit_code(), 0);
    let text = config(&bench);
    assert!(
        text.contains(ours) && text.contains("[profiles.branch]"),
        "{text}"
    );
}

#[test]
fn ctrl_c_or_the_end_of_the_input_at_any_question_writes_nothing() {
    let bench = bench();
    let questions = [
        "1/4 tenant",
        "2/4 credential",
        "client key",
        "prints the secret",
    ];
    for (index, last) in questions.iter().enumerate() {
        let mut terminal = Terminal::start(&bench, &["init"], 100, 50);
        for question in &questions[..index] {
            let key = if *question == "client key" { "k" } else { "" };
            answer(&mut terminal, &[(question, key)]);
        }
        terminal.wait_for(last);
        terminal.press("\u{3}");
        assert_ne!(terminal.exit_code(), 0, "{last}");
    }
    let mut terminal = Terminal::start(&bench, &["init"], 100, 50);
    answer_with_secret_in(&mut terminal, &bench, "secret");
    terminal.press("\u{4}");
    terminal.wait_for("nothing was written");
    assert_eq!(terminal.exit_code(), 2);
    assert!(!bench.path("config.toml").exists());
    assert!(!bench.path("state").exists());
}
