//! The panels beside the table: overview, detail, like this, how the list was read.

use super::*;
use crate::tui::dialogs::Dialog;
use crate::tui::error::BackendError;
use crate::tui::identity::DeviceRef;
use crate::tui::job::Job;
use crate::tui::screens::devices::overview::PanelLine;

const SEEN: &str = "hwid,hostname,status,type,last seen\n\
    h1,a,compliant,laptop,2026-11-20T10:00:00Z\n\
    h2,b,pending,laptop,2026-06-01T10:00:00Z\n\
    h3,c,pending,server,2025-01-01T10:00:00Z\n\
    h4,d,exempted,laptop,2026-11-19T10:00:00Z\n";

/// Moves the cursor of the overview to the line of this value or suggestion.
fn choose(operator: &mut Operator, label: &str) {
    operator.press("\t");
    for _ in 0..40 {
        let context = &operator.app.context;
        let index = context.overview.index.clone().expect("counted");
        let Some(Dialog::Overview(dialog)) = &operator.app.dialog else {
            panic!("no overview");
        };
        let line = dialog.current(context).map(|(_, line)| line);
        let found = match line {
            Some(PanelLine::Value { facet, value }) => {
                let facet = index.facets.iter().nth(facet).expect("a facet");
                facet.label(value).to_owned()
            }
            Some(PanelLine::Suggestion(place)) => context.overview.counts.suggestions[place]
                .heading
                .to_owned(),
            _ => String::new(),
        };
        if found == label {
            return;
        }
        operator.press("j");
    }
    panic!("no line {label}");
}

#[test]
fn overview_narrows_excludes_and_marks() {
    let mut operator = operator_on(SEEN, (120, 40));
    operator.send(Message::Tick(operator.now));
    choose(&mut operator, "pending");
    operator.press("\n");
    assert_eq!(operator.app.devices.query.text(), "status:pending");
    assert_eq!(operator.shown(), [1, 2]);
    operator.press("\u{1b}");
    choose(&mut operator, "compliant");
    operator.press("+");
    assert_eq!(
        operator.app.devices.query.text(),
        "status:pending,compliant"
    );
    assert_eq!(operator.shown(), [0, 1, 2]);
    operator.press("\u{1b}");
    choose(&mut operator, "server");
    operator.press("-");
    assert_eq!(operator.shown(), [0, 1]);
    operator.press("\u{1b}");
    choose(&mut operator, "laptop");
    operator.press(" ");
    assert_eq!(operator.marked(), [0, 1], "only shown devices");
    operator.press("\u{1b}U\u{1b}");
    choose(&mut operator, "not seen ≥ 180 d");
    operator.press("\n");
    assert_eq!(operator.shown(), [2]);
}

#[test]
fn overview_never_contradicts_the_filter() {
    let filter = |operator: &Operator| operator.app.devices.query.text().to_owned();
    let mut operator = operator_on(SEEN, (120, 40));
    operator.send(Message::Tick(operator.now));
    let choose_and = |operator: &mut Operator, label: &str, keys: &str| {
        choose(operator, label);
        operator.press(keys);
        operator.press("\u{1b}");
    };
    choose_and(&mut operator, "90–180 d", "\n");
    assert_eq!(operator.shown(), [1]);
    choose_and(&mut operator, "> 1 y", "\n");
    assert_eq!(
        filter(&operator),
        "unseen>1y",
        "another age takes its place"
    );
    choose_and(&mut operator, "> 1 y", "-");
    assert_eq!(
        filter(&operator),
        "-unseen>1y",
        "the filter is turned round"
    );
    assert_eq!(operator.shown(), [0, 1, 3]);
    choose_and(&mut operator, "pending", "\n");
    choose_and(&mut operator, "laptop", "-");
    let status = operator.app.context.status.clone();
    assert_eq!(
        status.as_deref(),
        Some("All 1 shown have it: none would be left")
    );
    assert_eq!(filter(&operator), "-unseen>1y status:pending");
    choose_and(&mut operator, "server", " ");
    let status = operator.app.context.status.clone();
    assert_eq!(status.as_deref(), Some("No row shown has it"));
    assert!(operator.marked().is_empty());
}

#[test]
fn detail_takes_the_place_of_the_overview_unless_there_is_room_for_both() {
    for (columns, both) in [(159, false), (160, true)] {
        let mut operator = operator_on(LIST, (columns, 40));
        operator.press("\n");
        operator.wait(10);
        let screen = operator.screen();
        assert!(screen.contains("┌ LT-1"), "{screen}");
        assert_eq!(screen.contains("┌ overview"), both, "{screen}");
        assert!(screen.contains("last seen"), "{screen}");
        operator.press("\u{1b}");
        assert!(operator.screen().contains("┌ overview"));
    }
}

#[test]
fn overview_is_beside_the_table_where_there_is_room_and_has_the_keys_elsewhere() {
    let mut operator = operator_on(SEEN, (120, 40));
    assert!(operator.app.context.overview.is_open);
    operator.press("o");
    assert!(!operator.app.context.overview.is_open);
    let mut operator = operator_on(SEEN, (80, 24));
    assert!(!operator.app.context.overview.is_open);
    operator.press("o");
    assert!(matches!(operator.app.dialog, Some(Dialog::Overview(_))));
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn row_filters_to_what_it_has() {
    let mut operator = operator_on(SEEN, (120, 40));
    operator.press("j=s");
    assert_eq!(operator.app.devices.query.text(), "status=pending");
    assert_eq!(operator.shown(), [1, 2]);
    operator.press("=-t");
    assert_eq!(
        operator.app.devices.query.text(),
        "status=pending -type=laptop"
    );
    assert_eq!(operator.shown(), [2]);
    operator.press("=u");
    assert!(operator.app.devices.query.text().ends_with("user:none"));
}

#[test]
fn detail_follows_the_cursor_of_the_table_and_acts_on_its_row() {
    let mut operator = operator_on(SEEN, (120, 40));
    operator.press("\n");
    let subject = |operator: &Operator| match &operator.app.dialog {
        Some(Dialog::DeviceDetail(detail)) => detail.subject,
        other => panic!("no detail: {other:?}"),
    };
    let listed = |place| DeviceRef::Listed(DeviceId::from_index(place));
    assert_eq!(subject(&operator), listed(0));
    operator.press("j");
    assert_eq!(subject(&operator), listed(0), "the key may be held down");
    operator.wait(120);
    assert_eq!(subject(&operator), listed(1));
    operator.press(" ");
    assert_eq!(operator.marked(), [1]);
    operator.wait(120);
    assert_eq!(subject(&operator), listed(2), "marking moves down");
    operator.press("kJ");
    assert_eq!(subject(&operator), listed(1), "its rows are asked for");
    operator.press("j");
    operator.wait(120);
    operator.press("=t");
    assert_eq!(operator.shown(), [2]);
    assert_eq!(subject(&operator), listed(2), "the detail is open again");
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn answer_about_another_device_is_not_shown() {
    let mut operator = operator_on(SEEN, (120, 40));
    operator.press("\nj");
    operator.wait(120);
    let late = Err(BackendError::NoConfiguration);
    operator.send(Answer::DeviceExplained(DeviceId::from_index(0), late));
    let Some(Dialog::DeviceDetail(detail)) = &operator.app.dialog else {
        panic!("no detail");
    };
    assert!(detail.explanation.is_none());
}

#[test]
fn list_info_shows_how_the_list_was_read() {
    let mut operator = operator_on(SEEN, (120, 40));
    operator.press("i");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::DescribeList))
    );
    let report = operator.app.context.list.devices.report();
    operator.send(Answer::ListDescribed(Box::new(report)));
    assert!(matches!(operator.app.dialog, Some(Dialog::ListInfo(_))));
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}

/// The devices whose explanation was requested.
fn explained(operator: &Operator) -> Vec<usize> {
    let effects = operator.effects.iter();
    let devices = effects.filter_map(|effect| match effect {
        Effect::Job(Job::ExplainDevice { device, .. }) => Some(device.index()),
        _ => None,
    });
    devices.collect()
}

#[test]
fn held_key_reads_one_device_at_a_time_and_the_last_one_in_the_end() {
    let mut operator = operator_on(SEEN, (120, 40));
    operator.press("\n");
    for _ in 0..3 {
        operator.press("j");
        operator.wait(120);
    }
    assert_eq!(explained(&operator), [0], "the others wait for its answer");
    let answer = |operator: &mut Operator, device| {
        let explanation = Err(BackendError::NoConfiguration);
        operator.send(Answer::DeviceExplained(
            DeviceId::from_index(device),
            explanation,
        ));
    };
    answer(&mut operator, 0);
    assert_eq!(
        explained(&operator),
        [0, 3],
        "those in between are not read"
    );
    answer(&mut operator, 3);
    operator.press("k");
    operator.wait(120);
    assert_eq!(explained(&operator), [0, 3, 2], "as soon as it rests");
}

#[test]
fn help_opens_above_a_panel_which_is_there_again_afterwards() {
    for keys in ["\n", "\n\n", "i", ":messages\n", "oj"] {
        let mut operator = operator();
        operator.press(keys);
        operator.wait(1000);
        let before = operator.screen();
        operator.press("?");
        let has_dialog = operator.app.covered_dialog.is_some();
        assert!(
            matches!(operator.app.dialog, Some(Dialog::Help(_))),
            "{keys:?}"
        );
        operator.press("\u{1b}");
        assert_eq!(has_dialog, operator.app.dialog.is_some(), "{keys:?}");
        assert_eq!(operator.screen(), before, "{keys:?}");
    }
    // Where text or a number is typed it is a character.
    for keys in ["/", ":", "a:hold\n", "adr"] {
        let mut operator = operator();
        operator.press(keys);
        operator.press("?");
        assert!(
            !matches!(operator.app.dialog, Some(Dialog::Help(_))),
            "{keys:?}"
        );
    }
}
