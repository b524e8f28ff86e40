use super::*;

fn devices(line: &str) -> Result<LineCommand, LineError> {
    parse(line, View::Devices, &KeyMap::default())
}

#[test]
fn lines_are_words_and_what_follows_them() {
    let numbers = |ranges: &[RangeInclusive<usize>]| Rows::Numbers(ranges.to_vec());
    for (line, request) in [
        (
            "filter unseen>90d  type:laptop",
            LineCommand::Filter("unseen>90d  type:laptop".to_owned()),
        ),
        ("/ unseen>90d", LineCommand::Filter("unseen>90d".to_owned())),
        ("/lt-1", LineCommand::Filter("lt-1".to_owned())),
        ("/", LineCommand::Filter(String::new())),
        ("call 3", LineCommand::Call(3)),
        ("mark all", LineCommand::Mark(Rows::Shown, true)),
        (
            "mark 3-5, 9",
            LineCommand::Mark(numbers(&[3..=5, 9..=9]), true),
        ),
        ("unmark all", LineCommand::Perform(Command::UnmarkAll)),
        ("unmark 2", LineCommand::Mark(numbers(&[2..=2]), false)),
        ("PLAN Archive", LineCommand::Plan(Action::Archive)),
        ("", LineCommand::More { all: false }),
        ("go 12", LineCommand::Go(12)),
        (
            "resume last",
            LineCommand::OnRun(Command::ResumeRun, "last".to_owned()),
        ),
        (
            "export shown a b.csv",
            LineCommand::Export {
                file: "a b.csv".to_owned(),
                shown: true,
            },
        ),
        (
            "why 2.1",
            LineCommand::OnFailures(
                Command::LookUp,
                vec![FailurePlace {
                    group: 2,
                    device: Some(1),
                }],
            ),
        ),
    ] {
        assert_eq!(devices(line), Ok(request), "{line}");
    }
}

#[test]
fn key_of_the_open_screen_stands_for_what_it_does_there() {
    assert_eq!(devices("u"), Ok(LineCommand::Perform(Command::Undo)));
    assert_eq!(devices("d"), Ok(LineCommand::Perform(Command::Delete)));
    let in_failures = parse("w", View::Failures, &KeyMap::default());
    assert_eq!(
        in_failures,
        Ok(LineCommand::OnFailures(Command::LookUp, Vec::new()))
    );
}

#[test]
fn mistyped_command_names_the_nearest_one() {
    let error = |line: &str| devices(line).expect_err("a mistake").to_string();
    assert_eq!(
        error("fitler x"),
        "unknown command 'fitler': did you mean 'filter'?"
    );
    assert!(error("xyzzy").contains("type help for the commands"));
    assert_eq!(
        error("plan destroy"),
        "usage: plan uninstall | archive | remove"
    );
    assert_eq!(error("mark 0"), "usage: mark all | NUMBER [FROM-TO …]");
    assert_eq!(error("mark 5-2"), "usage: mark all | NUMBER [FROM-TO …]");
    assert!(error("undo 3").contains("'undo' takes no arguments"));
}

#[test]
fn every_command_of_the_help_is_one() {
    for entry in ENTRIES {
        let alone = devices(entry.word);
        let is_known = !matches!(
            alone,
            Err(LineError::Misspelled(..) | LineError::Unknown(_))
        );
        assert!(is_known, "{}", entry.word);
    }
    for (alias, word) in ALIASES {
        assert!(ENTRIES.iter().any(|entry| entry.word == *word), "{alias}");
    }
}
