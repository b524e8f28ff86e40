//! Copying to the clipboard or to a file.

use super::*;
use crate::tui::file_content::ExportContent;
use crate::tui::job::Job;

#[test]
fn y_copies_what_the_next_key_says() {
    let mut operator = operator();
    operator.press("yhymynyx");
    let copied: Vec<_> = operator
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Copy(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(copied, ["h1", "00:0c:29:cd:c7:b2", "LT-1"]);
}

#[test]
fn copied_text_is_written_to_a_file_on_request_or_if_it_is_too_large() {
    let mut operator = operator();
    operator.press("Y");
    assert!(operator.status().contains("Nothing was copied"));
    operator.press("yh");
    assert_eq!(
        operator.status(),
        "HWID of LT-1 sent to the clipboard · Y writes a file instead"
    );
    operator.press("Y");
    let write = Effect::Job(Job::WriteCopy("h1".to_owned()));
    assert_eq!(operator.effects.last(), Some(&write));
    operator.send(Answer::CopyWritten(Ok(
        "/state/copied.txt written".to_owned()
    )));
    assert_eq!(operator.status(), "/state/copied.txt written");
    let rows: Vec<String> = (0..7000)
        .map(|row| format!("hardware-{row},LT-{row}"))
        .collect();
    let rows = rows.join("\n");
    let mut operator = operator_on(&format!("hwid,hostname\n{rows}"), (120, 40));
    operator.press("ayh");
    assert!(matches!(
        operator.effects.last(),
        Some(Effect::Job(Job::WriteCopy(text))) if text.lines().count() == 7000
    ));
    assert!(operator.status().contains("too much for the clipboard"));
}

#[test]
fn copying_takes_the_row_under_the_cursor_or_all_marked_rows_that_are_shown() {
    let mut operator = operator();
    operator.press("a/lt\nyh");
    let copied = operator.effects.last();
    assert_eq!(copied, Some(&Effect::Copy("h1\nh2\nh5".to_owned())));
    operator.press("yMh");
    let copied = operator.effects.last();
    assert_eq!(copied, Some(&Effect::Copy("h1".to_owned())));
    operator.press("Uyn");
    let copied = operator.effects.last();
    assert_eq!(copied, Some(&Effect::Copy("LT-1".to_owned())));
}

#[test]
fn file_of_a_copy_in_the_demo_is_said_to_end_with_it() {
    let mut operator = operator();
    operator.app.context.settings.demo = true;
    operator.send(Answer::CopyWritten(Ok("/tmp/x written".to_owned())));
    assert_eq!(operator.status(), "/tmp/x written, until the demo ends");
}

#[test]
fn export_offers_marked_shown_and_all_rows() {
    let mut operator = operator();
    operator.press("e");
    assert!(operator.screen().contains("│ 5 shown "), "no choice");
    operator.press("\u{1b}/sales\n e");
    let screen = operator.screen();
    assert!(screen.contains("‹1 marked›  2 shown  5 all"), "{screen}");
    operator.press("\t\t");
    assert!(operator.screen().contains("‹5 all›"));
    operator.press("\n");
    assert!(matches!(
        operator.effects.last(),
        Some(Effect::Job(Job::Write { content: ExportContent::Devices("all", rows), .. })) if rows.len() == 5
    ));
}

#[test]
fn line_about_a_copy_names_the_device_only_if_that_is_the_only_row() {
    let text = "hwid,hostname,mac\nh1,a,\nh2,b,00:0c:29:00:00:02\n";
    let mut operator = operator_on(text, (120, 40));
    for (keys, line) in [
        ("jym", "MAC of b sent"),
        ("ayMm", "MAC of b sent"),
        ("ym", "1 MAC of 2 rows sent"),
        ("yh", "2 HWIDs sent"),
    ] {
        operator.press(keys);
        let status = operator.status();
        assert!(status.starts_with(line), "{status}");
    }
}

#[test]
fn copied_text_holds_no_line_break() {
    let mut operator = operator_on("hwid,hostname\nh1,\"a\nrm -rf b\"\nh2,x\n", (120, 40));
    operator.press("ynyl");
    for effect in &operator.effects {
        if let Effect::Copy(text) = effect {
            assert!(!text.contains('\n'), "{text}");
        }
    }
    assert_eq!(operator.effects.len(), 2);
}

#[test]
fn menu_writes_what_it_copies_to_a_file_on_request() {
    let mut operator = operator();
    let query = crate::query::Query::parse("type:laptop").expect("a query");
    operator.app.context.settings.filters = vec![("laptops".to_owned(), query)];
    operator.press("Fy");
    let line = "laptops = \"type:laptop\"".to_owned();
    assert_eq!(operator.effects.last(), Some(&Effect::Copy(line.clone())));
    operator.press("\u{1b}Y");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::WriteCopy(line)))
    );
}

#[test]
fn terminal_without_a_clipboard_is_not_said_to_have_one() {
    let mut operator = operator();
    operator.press("yh");
    operator.send(Answer::NoClipboard("h1".to_owned()));
    assert_eq!(operator.app.context.status, None);
    let write = Effect::Job(Job::WriteCopy("h1".to_owned()));
    assert_eq!(operator.effects.last(), Some(&write));
}
