//! The filter, and the rows that it shows.

use super::*;
use crate::tui::dialogs::Dialog;
use crate::tui::job::RowJob;

#[test]
fn filter_is_live_keeps_the_last_good_one_and_comes_back_on_esc() {
    let mut operator = operator();
    operator.press("/finance");
    assert_eq!(operator.shown().len(), 5, "the hands don't rest");
    operator.wait(200);
    assert_eq!(operator.shown(), [1, 2]);
    operator.press(" )");
    operator.wait(500);
    assert_eq!(operator.shown(), [1, 2], "the last good filter stays");
    let Some(Dialog::Filter(line)) = &operator.app.dialog else {
        panic!("it is edited")
    };
    let error = line.error.as_ref().expect("an error is shown");
    assert_eq!(error.column(), 9);
    operator.press("\u{1b}");
    assert_eq!(operator.shown().len(), 5);
    operator.press("/finance\n\u{1b}");
    assert_eq!(operator.shown().len(), 5, "esc clears the filter");
}

#[test]
fn rows_of_the_last_good_filter_stand_while_the_line_is_incomplete() {
    let mut operator = operator();
    let line = |operator: &Operator| match &operator.app.dialog {
        Some(Dialog::Filter(line)) => (**line).clone(),
        other => panic!("{other:?}"),
    };
    let count = |operator: &Operator| {
        let effects = operator.effects.iter();
        effects
            .filter(|effect| matches!(effect, Effect::Rows(RowJob::Search { .. })))
            .count()
    };
    operator.press("/");
    // The hands rest after each key.
    for character in "unseen>60".chars() {
        operator.press(&character.to_string());
        operator.wait(500);
        assert_eq!(count(&operator), 0, "{}", line(&operator).field.value());
        assert!(line(&operator).error.is_none());
    }
    operator.press("d");
    operator.wait(119);
    assert_eq!(count(&operator), 0);
    operator.wait(1);
    assert_eq!(count(&operator), 1);
    operator.press(" \"fin");
    operator.wait(500);
    assert_eq!(count(&operator), 1, "the quote is open");
    operator.press("\n");
    let error = line(&operator).error.expect("enter says what is missing");
    assert!(error.message().contains("unclosed"));
    operator.press("ance\"\n");
    assert_eq!((operator.shown(), count(&operator)), (vec![1, 2], 2));
}

#[test]
fn enter_searches_a_word_that_begins_like_a_field_at_once() {
    let mut operator = operator();
    operator.press("/s");
    operator.wait(500);
    assert_eq!(operator.shown().len(), 5);
    operator.press("\n");
    assert_eq!(operator.app.devices.query.text(), "s");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn older_search_is_dropped() {
    let mut operator = operator();
    operator.press("/finance");
    operator.wait(200);
    let search_id = operator.app.devices.search_id;
    operator.send(Answer::Found {
        search_id: search_id - 1,
        rows: vec![],
    });
    assert_eq!(operator.shown(), [1, 2]);
}

#[test]
fn filter_by_state_follows_the_marks() {
    let mut operator = operator();
    operator.press("j /is:marked\n");
    assert_eq!(operator.shown(), [1]);
    operator.press("u");
    assert!(operator.shown().is_empty());
    operator.control('r');
    assert_eq!(operator.shown(), [1]);
}

#[test]
fn cursor_comes_back_to_a_device_that_a_filter_hid_for_a_while() {
    let mut operator = operator();
    operator.press("jjj/lt");
    operator.wait(200);
    assert_eq!(operator.app.devices.cursor, 0);
    operator.press("\u{1b}");
    assert_eq!(operator.app.current().map(DeviceId::index), Some(3));
    operator.press("/lt\nj\u{1b}");
    assert_eq!(
        operator.app.current().map(DeviceId::index),
        Some(1),
        "the operator moved it"
    );
}

#[test]
fn earlier_filter_comes_back_with_the_arrow() {
    let mut operator = operator();
    operator.press("/sales\n");
    operator.press("/");
    operator.press(&"\u{8}".repeat(5));
    operator.press("lab\n/");
    operator.code(KeyCode::Up);
    operator.code(KeyCode::Up);
    operator.wait(200);
    assert_eq!(operator.app.devices.query.text(), "sales");
    operator.code(KeyCode::Down);
    operator.press("\n");
    assert_eq!(operator.app.devices.query.text(), "lab");
}
