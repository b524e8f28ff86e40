//! Moving, marking, filtering, copying.

use super::*;
use crate::tui::dialogs::{DeleteDialog, Dialog};

/// The state of each screen, and what the screens share.
fn screen_states(operator: &Operator) -> [(View, String); 3] {
    let app = &operator.app;
    let list = &app.context.list;
    let marked: Vec<_> = list.marks.iter().collect();
    let devices = format!("{:?} {marked:?} {:?}", app.devices, list.range_start);
    [
        (View::Devices, devices),
        (View::Failures, format!("{:?}", app.failures)),
        (View::History, format!("{:?}", app.history)),
    ]
}

#[test]
fn keys_and_the_wheel_change_nothing_on_a_hidden_screen() {
    let keys = KeyMap::default();
    let names = keys.keys().iter().map(|key| key.name.as_ref());
    // `space` and the characters that name themselves.
    let characters = names.filter_map(|name| match name.len() {
        1 => name.chars().next(),
        _ => (name == "space").then_some(' '),
    });
    let characters = characters.map(KeyCode::Char);
    let arrows = [KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right];
    let others = [KeyCode::PageUp, KeyCode::PageDown, KeyCode::Home];
    let others = others.into_iter().chain([KeyCode::End, KeyCode::Enter]);
    let codes: Vec<KeyCode> = characters.chain(arrows).chain(others).collect();
    for screen in ['1', '2', '3', '4'] {
        let mut messages: Vec<Message> = vec![Message::Wheel(1), Message::Click(6)];
        let now = operator().now;
        let keys = codes.iter().map(|code| KeyEvent::from(*code));
        let redo = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
        messages.extend(keys.chain([redo]).map(|key| Message::Key(key, now)));
        for message in messages {
            let mut operator = operator();
            operator.start_run();
            operator.outcomes(
                1,
                &[
                    (0, Outcome::Failed(Failure::NotFound)),
                    (1, Outcome::Failed(Failure::NotFound)),
                ],
            );
            operator.press("jlv").press(&screen.to_string());
            let view = operator.app.view;
            let before = screen_states(&operator);
            let shown = format!("{message:?}");
            operator.tell(message);
            let hidden = |other: View| other != view && other != operator.app.view;
            for ((screen, before), (_, after)) in before.iter().zip(screen_states(&operator)) {
                if hidden(*screen) {
                    assert_eq!(*before, after, "{shown} on {view:?} changed {screen:?}");
                }
            }
        }
    }
}

#[test]
fn space_marks_and_moves_on_and_unusable_rows_cannot_be_marked() {
    let mut operator = operator();
    operator.press("   ");
    assert_eq!(operator.marked(), [0, 1]);
    assert!(
        operator
            .app
            .context
            .status
            .as_deref()
            .is_some_and(|status| status.contains("can't be marked"))
    );
    operator.press("kkk ");
    assert_eq!(operator.marked(), [1]);
}

#[test]
fn a_range_is_marked_in_either_direction() {
    let mut operator = operator();
    operator.press("jvG ");
    assert_eq!(operator.marked(), [1, 3, 4]);
    operator.press("UGvkv");
    assert_eq!(operator.marked(), [3, 4]);
    operator.press("Uv\u{1b}j ");
    assert_eq!(operator.marked().len(), 1, "esc drops the range");
}

#[test]
fn marks_of_all_shown_are_set_cleared_inverted_and_undone() {
    let mut operator = operator();
    operator.press("/hostname:lt\na");
    assert_eq!(operator.marked(), [0, 1, 4]);
    operator.press("/\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\n");
    assert_eq!(operator.shown().len(), 5);
    operator.press("*");
    assert_eq!(operator.marked(), [3]);
    operator.press("u");
    assert_eq!(operator.marked(), [0, 1, 4]);
    operator.control('r');
    assert_eq!(operator.marked(), [3]);
    operator.press("U");
    assert!(operator.marked().is_empty());
    operator.press("aA");
    assert!(operator.marked().is_empty());
}

#[test]
fn marks_and_the_cursor_belong_to_devices() {
    let mut operator = operator();
    operator.press("j j");
    let current = operator.app.current();
    operator.press("sh");
    assert_eq!(
        operator.app.devices.sort.keys[0].column,
        Some(Column::Field(Field::Hostname))
    );
    operator.press("S");
    assert_eq!(operator.app.current(), current);
    assert_eq!(operator.marked(), [1]);
    operator.press("/srv\n");
    assert_eq!(
        (operator.shown(), operator.app.context.list.hidden_marks),
        (vec![3], 1)
    );
}

#[test]
fn the_filter_is_live_keeps_the_last_good_one_and_comes_back_on_esc() {
    let mut operator = operator();
    operator.press("/finance");
    assert_eq!(operator.shown().len(), 5, "the hands don't rest");
    operator.wait(120);
    assert_eq!(operator.shown(), [1, 2]);
    operator.press(" )");
    operator.wait(120);
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
            .filter(|effect| matches!(effect, Effect::Search { .. }))
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
fn an_older_search_is_dropped() {
    let mut operator = operator();
    operator.press("/finance");
    operator.wait(120);
    let search_id = operator.app.devices.search_id;
    operator.tell(Message::Found {
        search_id: search_id - 1,
        rows: vec![],
    });
    assert_eq!(operator.shown(), [1, 2]);
}

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
fn what_was_copied_is_written_to_a_file_on_request_or_if_it_is_too_large() {
    let mut operator = operator();
    operator.press("Y");
    let status = |operator: &Operator| operator.app.context.status.clone().unwrap_or_default();
    assert!(status(&operator).contains("nothing was copied"));
    operator.press("yh");
    assert_eq!(
        status(&operator),
        "HWID sent to the terminal's clipboard · nothing there? Y writes a file"
    );
    operator.press("Y");
    let write = Effect::WriteCopy("h1".to_owned());
    assert_eq!(operator.effects.last(), Some(&write));
    operator.tell(Message::CopyWritten(Ok(
        "/state/copied.txt written".to_owned()
    )));
    assert_eq!(status(&operator), "/state/copied.txt written");
    let rows: Vec<String> = (0..7000)
        .map(|row| format!("hardware-{row},LT-{row}"))
        .collect();
    let rows = rows.join("\n");
    let mut operator = operator_on(&format!("hwid,hostname\n{rows}"), (120, 40));
    operator.press("ayh");
    assert!(matches!(
        operator.effects.last(),
        Some(Effect::WriteCopy(text)) if text.lines().count() == 7000
    ));
    assert!(status(&operator).contains("too much for the clipboard"));
}

#[test]
fn the_mouse_moves_the_cursor_and_confirms_nothing() {
    let mut operator = operator();
    operator.tell(Message::Wheel(3));
    assert_eq!(operator.app.devices.cursor, 3);
    // Three lines of header and the table's heading stand above the first row.
    operator.tell(Message::Click(5));
    assert_eq!(operator.app.devices.cursor, 1);
    operator.tell(Message::Click(3));
    operator.tell(Message::Click(30));
    assert_eq!(operator.app.devices.cursor, 1);
    operator.press("d");
    assert!(operator.app.is_confirming());
    operator.tell(Message::Click(5));
    operator.tell(Message::Wheel(-3));
    assert_eq!(operator.app.devices.cursor, 1);
}

#[test]
fn the_help_is_searched_by_typing() {
    let mut operator = operator();
    operator.press("?/mark");
    let help = |operator: &Operator| match &operator.app.dialog {
        Some(Dialog::Help(help)) => help.clone(),
        other => panic!("no help: {other:?}"),
    };
    assert_eq!(help(&operator).query, "mark");
    assert!(operator.marked().is_empty(), "keys are typed, not obeyed");
    operator.press("\njjj");
    assert!(!help(&operator).is_typing);
    operator.press("\u{1b}");
    assert_eq!(help(&operator).query, "", "esc takes the search back");
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn what_is_copied_holds_no_line_break() {
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
fn a_filter_by_state_follows_the_marks() {
    let mut operator = operator();
    operator.press("j /is:marked\n");
    assert_eq!(operator.shown(), [1]);
    operator.press("u");
    assert!(operator.shown().is_empty());
    operator.control('r');
    assert_eq!(operator.shown(), [1]);
}

#[test]
fn the_cursor_comes_back_to_a_device_that_a_filter_hid_for_a_while() {
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
fn a_choice_by_letter_is_not_made_by_the_same_letter_with_ctrl() {
    let mut operator = operator();
    operator.press(" d");
    operator.control('r');
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::Delete(dialog)) if matches!(**dialog, DeleteDialog::Action { .. }))
    );
    operator.press("\u{1b}q");
    operator.control('y');
    assert!(matches!(operator.app.dialog, Some(Dialog::Quit(_))));
}

#[test]
fn ctrl_l_draws_everything_anew_in_every_dialog() {
    let mut operator = operator();
    operator.control('l');
    operator.press("/");
    operator.control('l');
    operator.press("lt\u{1b}");
    let redraws = |operator: &Operator| {
        let effects = operator.effects.iter();
        effects.filter(|effect| **effect == Effect::Redraw).count()
    };
    assert_eq!(redraws(&operator), 2);
    operator.press("adr");
    operator.wait(600);
    operator.press("4");
    operator.control('l');
    assert_eq!(redraws(&operator), 3);
    operator.press("\n");
    assert!(
        operator.started().is_none(),
        "the dialog is drawn anew first"
    );
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_some());
}

#[test]
fn mouse_is_switched_by_name_and_off_in_what_sends_or_quits() {
    let mut operator = operator();
    assert!(!operator.app.listens_to_mouse(), "off by default");
    operator.press(":mouse\n");
    assert!(operator.app.listens_to_mouse());
    operator.press("a");
    for (keys, listens) in [("/", true), ("d", false), ("dr", false), ("q", false)] {
        operator.press(keys);
        assert_eq!(operator.app.listens_to_mouse(), listens, "{keys}");
        operator.app.dialog = None;
        assert!(operator.app.listens_to_mouse(), "after {keys}");
    }
    operator.press(":mouse\n");
    assert!(!operator.app.listens_to_mouse());
}

#[test]
fn suspending_follows_its_key() {
    let mut operator = operator();
    operator.app.context.settings.keys = KeyMap::new(&[
        crate::config::KeySetting {
            action: "suspend".to_owned(),
            key: "ctrl-x".to_owned(),
            line: 1,
        },
        crate::config::KeySetting {
            action: "mark".to_owned(),
            key: "ctrl-z".to_owned(),
            line: 2,
        },
    ])
    .expect("keys");
    operator.control('z');
    assert_eq!(operator.marked(), [0]);
    operator.press("/");
    operator.control('x');
    assert_eq!(operator.effects, [Effect::Suspend], "in a dialog too");
}

#[test]
fn a_screen_too_small_to_be_read_is_left_from_the_devices_only() {
    for (before, leaves) in [("", true), ("2", false), ("/", false), ("?", false)] {
        let mut operator = operator();
        operator.press(before);
        operator.tell(Message::Resized(50, 10));
        operator.effects.clear();
        operator.press("q");
        assert_eq!(operator.effects.contains(&Effect::Quit), leaves, "{before}");
    }
}

#[test]
fn the_cursor_jumps_between_marks_and_twins() {
    let text =
        "hwid,hostname,mac\nh1,a,\nh2,b,00:0c:29:00:00:01\nh3,A,\nh4,c,00:0c:29:00:00:01\nh5,d,\n";
    let mut operator = operator_on(text, (120, 40));
    let cursor = |operator: &Operator| operator.app.devices.cursor;
    operator.press("t");
    assert_eq!(cursor(&operator), 2, "the same host name, in any case");
    operator.press("t");
    assert_eq!(cursor(&operator), 0, "and back again");
    operator.press("jt");
    assert_eq!(cursor(&operator), 3, "the same MAC address");
    operator.press("Gt");
    let status = operator.app.context.status.clone().unwrap_or_default();
    assert_eq!(status, "no other device has this host name or MAC");
    operator.press("/hwid:h4\nt");
    let status = operator.app.context.status.clone().unwrap_or_default();
    assert!(status.starts_with("1 other device"), "{status}");
    operator.press("\u{1b}gj jj ggn");
    assert_eq!(cursor(&operator), 1);
    operator.press("n");
    assert_eq!(cursor(&operator), 4);
    operator.press("n");
    let status = operator.app.context.status.clone().unwrap_or_default();
    assert_eq!(status, "no marked row below");
    operator.press("N");
    assert_eq!(cursor(&operator), 1);
}

#[test]
fn marked_devices_alone_are_shown_within_the_filter_and_esc_shows_all_again() {
    let mut operator = operator();
    operator.press("m");
    assert_eq!(operator.shown().len(), 5, "nothing is marked");
    operator.press(" jj m");
    assert_eq!(operator.shown(), [0, 3]);
    operator.press("/srv or sales\n");
    assert_eq!(operator.shown(), [0, 3]);
    operator.press("G ");
    assert_eq!(operator.shown(), [0], "of either part of the filter");
    operator.press("u");
    operator.press("/\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}srv\n");
    assert_eq!(operator.shown(), [3]);
    operator.press("\u{1b}");
    assert_eq!(operator.shown(), [3], "the filter stays");
    operator.press("\u{1b}");
    assert_eq!(operator.shown().len(), 5);
}

#[test]
fn messages_are_kept_with_their_times() {
    let mut operator = operator();
    operator.press("aau");
    operator.press("N");
    let messages: Vec<&str> = operator
        .app
        .context
        .messages
        .iter()
        .map(|(_, message)| message.as_str())
        .collect();
    assert_eq!(messages.len(), 4, "{messages:?}");
    operator.press(":messages\n");
    assert!(matches!(operator.app.dialog, Some(Dialog::Messages(_))));
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn half_a_screen_is_scrolled() {
    let rows: Vec<String> = (0..100).map(|row| format!("h{row}")).collect();
    let mut operator = operator_on(&format!("hwid\n{}\n", rows.join("\n")), (80, 24));
    operator.control('d');
    assert_eq!(operator.app.devices.cursor, 9);
    operator.control('f');
    assert_eq!(operator.app.devices.cursor, 27);
    operator.control('b');
    operator.control('u');
    assert_eq!(operator.app.devices.cursor, 0);
}

#[test]
fn a_command_that_was_run_by_its_name_comes_first_the_next_time() {
    let mut operator = operator();
    operator.press(":reverse\n");
    assert!(!operator.app.devices.sort.keys.is_empty());
    operator.press(":\n");
    assert!(operator.app.devices.sort.keys.is_empty(), "reversed again");
}
