use proptest::prelude::*;
use serde::Serialize;

use super::*;
use crate::domain::exit::Exit;

fn written(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    write_line(&mut bytes, value).expect("written");
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn line_shows_nothing_that_a_terminal_obeys_and_loses_nothing() {
    let name = "LT\u{1b}[2J\u{202e}x\u{e0041}\u{9b}";
    let line = written(&name);
    assert_eq!(text::visible(line.trim_end()), line.trim_end());
    assert_eq!(serde_json::from_str::<String>(&line).expect("JSON"), name);
}

#[test]
fn summary_has_the_fields_of_the_contract() {
    let tally = Tally {
        accepted: 3,
        in_doubt: 1,
        ..Tally::default()
    };
    let line = written(&Line::summary(
        Some("7k2m9x4c".to_owned()),
        "finished",
        tally,
        None,
        Exit::InDoubt,
    ));
    assert_eq!(
        line,
        "{\"event\":\"summary\",\"run\":\"7k2m9x4c\",\"state\":\"finished\",\"accepted\":3,\"failed\":0,\
         \"gone\":0,\"in_doubt\":1,\"not_sent\":0,\"left\":0,\"exit\":4}\n"
    );
}

#[test]
fn counts_leave_out_what_did_not_happen() {
    let tally = Tally {
        accepted: 1331,
        failed: 6,
        in_doubt: 3,
        ..Tally::default()
    };
    assert_eq!(counts(tally), "1,331 accepted · 6 failed · 3 in doubt");
    assert_eq!(counts(Tally::default()), "0 accepted");
}

proptest! {
    #[test]
    fn every_text_reads_back(name in any::<String>()) {
        let line = written(&name);
        prop_assert_eq!(serde_json::from_str::<String>(&line).expect("JSON"), name);
    }
}
