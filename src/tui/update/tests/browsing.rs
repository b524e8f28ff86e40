//! Moving through the screens, and what every screen has in common.

use super::*;
use crate::tui::dialogs::{DeleteDialog, Dialog};
use crate::tui::render::tests::shown;
use crate::tui::screens::devices::search::MatchCount;

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
        let mut messages: Vec<Message> = vec![Message::Wheel(1)];
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
            operator.send(message);
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
fn mouse_moves_the_cursor_and_confirms_nothing() {
    let mut operator = operator();
    operator.send(Message::Wheel(3));
    assert_eq!(operator.app.devices.cursor, 3);
    // Three lines of header and the table's heading stand above the first row.
    operator.click(10, 5);
    assert_eq!(operator.app.devices.cursor, 1);
    operator.click(10, 30);
    assert_eq!(operator.app.devices.cursor, 1);
    operator.press("d");
    assert!(operator.app.is_confirming());
    operator.click(10, 5);
    operator.send(Message::Wheel(-3));
    assert_eq!(operator.app.devices.cursor, 1);
}

#[test]
fn help_is_searched_by_typing() {
    let mut operator = operator();
    operator.press("?/mark");
    let help = |operator: &Operator| match &operator.app.dialog {
        Some(Dialog::Help(help)) => help.clone(),
        other => panic!("no help: {other:?}"),
    };
    assert_eq!(help(&operator).query.text(), "mark");
    assert!(operator.marked().is_empty(), "keys are typed, not obeyed");
    operator.press("\njjj");
    assert!(!help(&operator).is_typing);
    operator.press("\u{1b}");
    assert_eq!(
        help(&operator).query.text(),
        "",
        "esc takes the search back"
    );
    operator.press("/mark");
    operator.control('u');
    operator.send(Message::Paste("undo".to_owned(), operator.now));
    assert_eq!(help(&operator).query.text(), "undo");
    operator.press("\u{1b}\u{1b}");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn choice_by_letter_is_not_made_by_the_same_letter_with_ctrl() {
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
fn screen_too_small_to_be_read_is_left_from_the_devices_only() {
    for (before, leaves) in [("", true), ("2", false), ("/", false), ("?", false)] {
        let mut operator = operator();
        operator.press(before);
        operator.send(Message::Resized(50, 10));
        operator.effects.clear();
        operator.press("q");
        assert_eq!(operator.effects.contains(&Effect::Quit), leaves, "{before}");
    }
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
    assert_eq!(operator.app.devices.cursor, 28);
    operator.control('b');
    operator.control('u');
    assert_eq!(operator.app.devices.cursor, 0);
}

#[test]
fn command_that_was_run_by_its_name_comes_first_the_next_time() {
    let mut operator = operator();
    operator.press(":reverse\n");
    assert!(!operator.app.devices.sort.keys.is_empty());
    operator.press(":\n");
    assert!(operator.app.devices.sort.keys.is_empty(), "reversed again");
}

#[test]
fn step_past_the_edge_scrolls_by_a_row() {
    let lines: Vec<String> = (0..200).map(|number| format!("hwid-{number}")).collect();
    let mut operator = operator_on(&lines.join("\n"), (100, 24));
    let mut tops = |key: &str| {
        let tops = (0..60).map(|_| {
            operator.press(key);
            operator.app.devices.top
        });
        let mut tops: Vec<usize> = tops.collect();
        tops.dedup();
        tops
    };
    let down = tops("j");
    let furthest = down.len() - 1;
    assert!(furthest > 30, "{down:?}");
    assert_eq!(down, (0..=furthest).collect::<Vec<_>>());
    assert_eq!(tops("k"), (0..=furthest).rev().collect::<Vec<_>>());
}

#[test]
fn step_past_the_edge_beside_the_overview_scrolls_by_half_a_screen() {
    let lines: Vec<String> = (0..200).map(|number| format!("hwid-{number}")).collect();
    let mut operator = operator_on(&lines.join("\n"), (120, 24));
    operator.app.context.overview.is_open = true;
    for key in ["j", "k"] {
        let mut tops = vec![operator.app.devices.top];
        for _ in 0..60 {
            operator.press(key);
            tops.push(operator.app.devices.top);
        }
        tops.dedup();
        let scrolls = tops.len() - 1;
        assert!(
            (2..=8).contains(&scrolls),
            "{key}: {scrolls} scrolls in 60 steps"
        );
    }
    assert_eq!(operator.app.devices.top, 0);
}

#[test]
fn palette_names_what_is_elsewhere_or_impossible_with_the_reason() {
    let mut operator = operator();
    for (typed, reason) in [
        ("retry-other", "in the failures"),
        ("close", "in the history"),
        ("undo", "no change of marks"),
        ("redo", "nothing was undone"),
        ("copy-to-file", "nothing was copied yet"),
    ] {
        operator.press(&format!(":{typed}"));
        let screen = shown(&operator.app);
        let found = screen.lines().find(|line| line.contains(reason));
        let found = found.unwrap_or_else(|| panic!("{typed}: {screen}"));
        assert!(found.contains("▌"), "the best comes first: {screen}");
        operator.press("\u{1b}");
    }
    operator.press(" :undo\n");
    assert!(operator.marked().is_empty(), "possible by now");
}

#[test]
fn palette_offers_filters_with_the_devices_that_they_match() {
    let list = "hwid,hostname,last seen\nh1,a,2026-01-01T00:00:00Z\nh2,a,2026-02-01T00:00:00Z\n\
        h3,b,2026-02-01T00:00:00Z\n";
    let mut operator = operator_on(list, (120, 40));
    operator.press("/hwid:h3\n\u{1b}4:dup");
    let screen = shown(&operator.app);
    let found = screen
        .lines()
        .find(|line| line.contains("Filter: stale duplicates"));
    assert!(
        found.is_some_and(|line| line.contains("1 device ")),
        "{screen}"
    );
    assert!(
        !screen.contains("shared MAC"),
        "it matches nothing: {screen}"
    );
    operator.press("\n");
    assert_eq!(operator.app.view, View::Devices);
    assert_eq!(operator.shown(), [0]);
    operator.press(":");
    let screen = shown(&operator.app);
    let place = |text: &str| {
        screen
            .find(text)
            .unwrap_or_else(|| panic!("no {text}: {screen}"))
    };
    assert!(
        place("Filter: hwid:h3") < place("Filter: stale duplicates"),
        "recent first"
    );
}

#[test]
fn palette_keeps_what_is_chosen_when_filters_above_it_go() {
    let list = "hwid,hostname,last seen\nh1,a,2026-01-01T00:00:00Z\nh2,b,2026-02-01T00:00:00Z\n";
    let mut operator = operator_on(list, (120, 40));
    operator.counts_late = true;
    operator.press(":");
    let Some(Effect::Rows(RowJob::CountQueries { queries, .. })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    let counts = queries
        .iter()
        .map(|query| (query.text().to_owned(), MatchCount::Known(0)));
    let counts = counts.collect();
    for _ in 0..12 {
        operator.code(KeyCode::Down);
    }
    let chosen = |operator: &Operator| {
        let screen = operator.screen();
        let line = screen.lines().find_map(|line| line.split_once("│▌"));
        let (_, line) = line.unwrap_or_else(|| panic!("no cursor: {screen}"));
        line.split('│').next().map(|text| text.trim().to_owned())
    };
    let before = chosen(&operator);
    let offered = operator.screen().matches("Filter: ").count();
    operator.send(Answer::QueriesCounted(counts));
    assert!(operator.screen().matches("Filter: ").count() < offered);
    assert_eq!(chosen(&operator), before);
}

#[test]
fn help_of_all_views_names_the_view_of_a_key_that_is_there_twice() {
    let mut operator = operator();
    operator.press("?\t");
    let screen = shown(&operator.app);
    for text in [
        "retry… (failures)",
        "resume the run (history)",
        "quit (devices)",
    ] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    operator.press("\t");
    assert!(
        !shown(&operator.app).contains("(devices)"),
        "the view is known"
    );
}

#[test]
fn anything_is_done_by_its_name() {
    let mut operator = operator();
    operator.press(":mark-s\n");
    assert_eq!(operator.marked().len(), 4);
    operator.press(":his\n");
    assert_eq!(operator.app.view, View::History);
    operator.press(":invert\n");
    assert_eq!(operator.marked().len(), 4, "not in this view");
    assert_eq!(
        operator.app.context.status.as_deref(),
        Some("Only in the devices · 1 opens it")
    );
}
