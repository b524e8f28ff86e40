//! Keys that are faster than the rows they are meant for.

use super::*;
use crate::tui::dialogs::Dialog;

fn late() -> Operator {
    let mut operator = operator();
    operator.searches_late = true;
    operator
}

#[test]
fn marking_the_shown_waits_for_what_the_new_filter_shows() {
    for (keys, marked) in [
        ("/srv\na", &[3][..]),
        ("/srv\n*", &[3]),
        ("/srv\n ", &[3]),
        ("/group:sales\nvj ", &[0, 3]),
        ("/sales\na/\u{8}\u{8}\u{8}\u{8}\u{8}lab\na", &[0, 3, 4]),
        ("a/srv\nA", &[0, 1, 4]),
        (":mark-shown\n", &[0, 1, 3, 4]),
        ("/srv\n:mark-shown\n", &[3]),
    ] {
        let mut operator = late();
        operator.press(keys);
        operator.catch_up();
        assert_eq!(operator.marked(), marked, "{keys:?}");
        assert!(operator.app.type_ahead.is_empty());
    }
}

#[test]
fn marking_waits_until_the_rows_are_there() {
    let mut operator = late();
    operator.press("/srv\na");
    assert!(operator.marked().is_empty());
    operator.press("u");
    operator.catch_up();
    assert!(operator.marked().is_empty(), "it is undone in its turn");
}

#[test]
fn change_of_marks_that_the_filter_asks_for_is_waited_for_too() {
    let mut operator = late();
    operator.press("  /is:marked\nA");
    // The first search shows both marked rows, the one after A none; the range marks none of old.
    operator.press("a");
    operator.catch_up();
    assert!(operator.marked().is_empty());
}

#[test]
fn plan_is_of_the_row_that_the_new_filter_shows() {
    let mut operator = late();
    operator.press("/srv\ndr");
    operator.catch_up();
    assert_eq!(
        operator.confirm().plan.sources,
        [Some(DeviceId::from_index(3))]
    );
}

#[test]
fn ctrl_c_drops_the_keys_that_wait() {
    let mut operator = late();
    operator.press("/srv\na");
    operator.control('c');
    operator.press("\u{1b}");
    operator.catch_up();
    assert!(operator.marked().is_empty());
}

#[test]
fn keys_keep_their_order_through_a_dialog_that_waited() {
    let mut operator = late();
    operator.press("/srv\na/");
    operator.send(Message::Resized(120, 40));
    assert!(operator.app.dialog.is_none(), "/ comes after a");
    operator.catch_up();
    operator.press("\u{8}\u{8}\u{8}lab\na");
    operator.catch_up();
    assert_eq!(operator.marked(), [3, 4]);
}

#[test]
fn dialog_that_opens_by_itself_takes_no_key_that_was_typed_before() {
    let mut operator = late();
    operator.app.context.settings.static_token = true;
    operator.press("adr");
    operator.wait(600);
    operator.press("4\n");
    operator.state(RunState::Running, None);
    operator.press("/srv\nja");
    operator.state(RunState::Paused, Some(PauseReason::TokenRefused));
    assert!(matches!(operator.app.dialog, Some(Dialog::Token(_))));
    assert!(operator.app.type_ahead.is_empty());
}

#[test]
fn keys_behind_a_command_that_is_refused_reach_nothing_for_a_moment() {
    for forbidden in [true, false] {
        let mut operator = operator();
        if forbidden {
            operator.app.context.info.forbidden = Some("there is no configuration".to_owned());
        } else {
            operator.app.context.settings.fetch =
                Err(crate::tui::error::FetchRefusal::NoConfiguration);
        }
        // The refusal would be dismissed by enter, and a would mark every row.
        let command = if forbidden { "d" } else { ":fetch\n" };
        operator.press(command).press("\na");
        assert!(operator.marked().is_empty(), "{command}");
        assert_eq!(operator.app.dialog.is_some(), forbidden, "it can be read");
        operator.wait(300);
        operator.press(if forbidden { "\na" } else { "a" });
        assert_eq!(operator.marked().len(), 4, "{command}");
    }
}

#[test]
fn keys_that_wait_behind_a_refused_command_are_dropped() {
    let mut operator = late();
    operator.app.context.info.forbidden = Some("there is no configuration".to_owned());
    operator.press("/srv\nda");
    operator.catch_up();
    assert!(operator.app.type_ahead.is_empty());
    assert!(operator.marked().is_empty());
}

#[test]
fn keys_typed_while_a_dialog_closes_by_itself_reach_nothing() {
    let mut operator = operator();
    operator.press("e\n");
    operator.send(Answer::Wrote(Ok("devices.csv written".to_owned())));
    assert!(operator.app.dialog.is_none());
    operator.press("a");
    assert!(operator.marked().is_empty());
    operator.wait(300);
    operator.press("a");
    assert_eq!(operator.marked().len(), 4);
}

#[test]
fn two_keys_act_after_the_second_and_a_wrong_second_does_nothing() {
    let mut operator = operator();
    let setting = crate::config::KeySetting {
        action: "mark-shown".to_owned(),
        key: "z a".to_owned(),
        line: 1,
    };
    operator.app.context.settings.keys = KeyMap::new(&[setting]).expect("keys");
    operator.press("z");
    assert!(operator.marked().is_empty());
    operator.press("a");
    let marked = operator.marked();
    assert!(!marked.is_empty());
    operator.press("zU");
    assert_eq!(operator.marked(), marked, "U was not meant alone");
    operator.press("z\u{1b}U");
    assert!(operator.marked().is_empty(), "esc cancels");
    // What was typed in view of another screen doesn't begin two keys.
    let size = operator.app.context.size;
    for interruption in [
        Message::Resized(size.0, size.1),
        Message::Resumed(operator.now),
    ] {
        operator.press("z");
        operator.send(interruption);
        operator.press("a");
        assert!(operator.marked().is_empty());
    }
    // A key of a dialog is not the second one.
    operator.press("z");
    operator.press("/");
    assert!(operator.app.dialog.is_none());
    operator.press("/\u{1b}a");
    assert!(operator.marked().is_empty());
}
