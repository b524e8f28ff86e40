//! From `d` to a confirmed plan.

mod random_keys;

use super::*;
use crate::plan::breakdown::SelectionOrigin;
use crate::tui::dialogs::{DeleteDialog, Dialog};
use crate::tui::file_content::ExportContent;
use crate::tui::job::Job;
use crate::tui::render::tests::shown;

#[test]
fn confirmation_preselects_nothing_and_starts_by_the_typed_count_only() {
    let mut operator = operator();
    operator.press("ad\n ");
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::Delete(dialog)) if matches!(**dialog, DeleteDialog::Action { .. }))
    );
    operator.press("r");
    operator.wait(600);
    operator.press("\n");
    assert!(operator.confirm().count.error.is_some());
    operator.press("5\n");
    let error = operator.confirm().count.error.clone().expect("a error");
    assert!(
        error == "You typed 5; the plan has 4. Nothing was sent.",
        "{error}"
    );
    assert_eq!(operator.confirm().count.digits, "5", "the text is kept");
    operator.press("\u{8}4\n");
    let plan = operator.started().expect("started");
    assert_eq!((plan.action, plan.devices.len()), (Action::Remove, 4));
    assert!(operator.app.dialog.is_none());
}

#[test]
fn plan_that_comes_late_is_not_taken_for_another_action() {
    let mut operator = operator();
    operator.plans_late = true;
    operator.press("adr\u{1b}du");
    let late = std::mem::take(&mut operator.late);
    let [remove, uninstall] = late.try_into().expect("two plans were asked for");
    operator.send(remove);
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::Delete(dialog)) if matches!(**dialog, DeleteDialog::Planning(_)))
    );
    operator.send(uninstall);
    assert_eq!(operator.confirm().plan.action, Action::Uninstall);
}

#[test]
fn confirmation_sends_what_was_shown() {
    let mut operator = operator();
    operator.press("adu");
    let shown = operator.confirm().plan.clone();
    operator.wait(600);
    operator.press("4\n");
    assert_eq!(operator.started(), Some(&shown));
}

#[test]
fn without_marks_the_row_under_the_cursor_is_meant() {
    let mut operator = operator();
    operator.press("jda");
    operator.wait(600);
    operator.press("1\n");
    let plan = operator.started().expect("started");
    assert_eq!(
        (plan.action, plan.devices[0].hostname.as_str()),
        (Action::Archive, "LT-2")
    );
}

#[test]
fn resize_arms_the_dialog_anew_and_too_small_a_screen_confirms_nothing() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("4");
    operator.send(Message::Resized(50, 10));
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_none());
    operator.send(Message::Resized(80, 24));
    operator.press("4\n");
    assert!(operator.started().is_none(), "not drawn at this size");
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_some());
}

#[test]
fn hidden_marked_devices_are_told_apart_and_can_be_dropped() {
    let mut operator = operator();
    operator.press("a/sales\ndr");
    assert_eq!(operator.confirm().hidden.len(), 2);
    operator.wait(600);
    operator.press("4D");
    assert_eq!(operator.confirm().plan.devices.len(), 2);
    assert_eq!(operator.confirm().count.digits, "", "the field is cleared");
    operator.press("2\n");
    assert!(operator.started().is_none(), "and armed anew");
    operator.wait(600);
    operator.press("2\n");
    assert_eq!(operator.started().expect("started").devices.len(), 2);
    assert_eq!(operator.marked().len(), 4, "the marks stay");
}

#[test]
fn more_than_max_devices_is_refused_with_the_setting() {
    let mut operator = operator();
    operator.app.context.settings.max_devices = 3;
    operator.press("adr");
    let Some(Dialog::Delete(dialog)) = &operator.app.dialog else {
        panic!("a dialog")
    };
    let DeleteDialog::Refused(reason) = &**dialog else {
        panic!("refused")
    };
    assert!(
        reason.contains("max_devices = 3") && reason.contains("--max-devices 4"),
        "{reason}"
    );
    operator.wait(300);
    operator.press("\u{1b}");
    assert_eq!(operator.marked().len(), 4);
}

#[test]
fn d_says_why_nothing_can_be_sent() {
    let mut operator = operator();
    operator.app.context.info.forbidden = Some("there is no configuration".to_owned());
    operator.press("adr");
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::Delete(dialog)) if matches!(**dialog, DeleteDialog::Refused(_)))
    );
    assert!(
        operator
            .effects
            .iter()
            .all(|effect| !matches!(effect, Effect::Job(Job::Plan { .. })))
    );
}

#[test]
fn note_is_kept_with_the_plan_and_its_digits_are_not_the_count() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("\tCHG-4\n4\n");
    let plan = operator.started().expect("started");
    assert_eq!(plan.origin.note.as_deref(), Some("CHG-4"));
}

#[test]
fn order_on_the_screen_does_not_change_what_is_sent() {
    for keys in ["", "s", "ss", "gs"] {
        let mut operator = operator();
        operator.press("/lt-\na\u{1b}/srv\n \u{1b}dr");
        let in_list_order = operator.confirm().plan.clone();
        let ids: Vec<usize> = in_list_order
            .sources
            .iter()
            .flatten()
            .map(|id| id.index())
            .collect();
        assert_eq!(ids, [0, 1, 3, 4]);
        operator.wait(600);
        operator.press(keys);
        let confirm = operator.confirm();
        let shown: Vec<usize> = (0..4).map(|place| confirm.ordinal_at(place)).collect();
        let expected = if keys.ends_with('s') && keys != "ss" {
            [0, 1, 2, 3]
        } else {
            // Seen on the list's last day, then the server.
            [0, 2, 1, 3]
        };
        assert_eq!(shown, expected, "{keys}");
        operator.wait(400);
        operator.press("4\n");
        assert_eq!(operator.started(), Some(&in_list_order), "{keys}");
    }
}

#[test]
fn each_device_tells_how_it_came_into_the_plan() {
    for (keys, expected) in [
        ("a", [SelectionOrigin::All; 4]),
        ("vjjjj ", [SelectionOrigin::Range; 4]),
        ("*", [SelectionOrigin::Inverted; 4]),
        (
            "/sales\na\u{1b}/lt-2\n \u{1b}/lab\nv \u{1b}",
            [
                SelectionOrigin::Filter,
                SelectionOrigin::ByHand,
                SelectionOrigin::Filter,
                SelectionOrigin::Range,
            ],
        ),
    ] {
        let mut operator = operator();
        operator.press(keys).press("dr");
        let rows = operator.confirm().breakdown.rows.iter();
        let selected: Vec<SelectionOrigin> = rows.map(|row| row.selected).collect();
        assert_eq!(selected, expected, "{keys}");
    }
    let mut operator = operator();
    operator.press("dr");
    assert_eq!(
        operator.confirm().breakdown.rows[0].selected,
        SelectionOrigin::Cursor
    );
}

#[test]
fn g_goes_to_the_first_device_seen_recently() {
    let mut rows = vec!["hwid,hostname,last seen".to_owned()];
    rows.extend((0..100).map(|row| format!("h{row},lt-{row},2026-01-01T10:00:00Z")));
    rows[60] = "h59,lt-59,2026-11-20T10:00:00Z".to_owned();
    let mut operator = operator_on(&rows.join("\n"), (120, 40));
    operator.press("adr");
    operator.wait(600);
    operator.press("s");
    assert_eq!(operator.confirm().scroll.at, 0);
    operator.press("g");
    assert_eq!(operator.confirm().scroll.at, 59);
}

#[test]
fn esc_in_the_note_keeps_what_was_typed_and_a_second_one_leaves() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("\tCHG-4");
    let field = |operator: &Operator| {
        let screen = operator.screen();
        let line = screen.lines().find(|line| line.contains("Type 4"));
        line.expect("the field").contains('▏')
    };
    assert!(!field(&operator), "the cursor is in the note");
    operator.press("\u{1b}");
    assert!(field(&operator));
    assert_eq!(operator.confirm().note.value(), "CHG-4");
    assert!(!operator.confirm().editing_note);
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
    assert!(operator.started().is_none());
}

#[test]
fn breakdown_scrolls_no_further_than_to_its_last_line() {
    let mut operator = operator();
    operator.press("ad");
    operator.app.context.size = (60, 15);
    operator.press("r");
    operator.wait(600);
    operator.press("b");
    operator.wait(600);
    let scrolled = |operator: &Operator| operator.confirm().full_breakdown.map(|list| list.at);
    operator.code(KeyCode::End);
    let end = scrolled(&operator);
    let shown = operator.screen();
    assert!(end > Some(0), "{shown}");
    operator.code(KeyCode::Down);
    assert_eq!(scrolled(&operator), end);
    operator.code(KeyCode::Up);
    assert_ne!(operator.screen(), shown, "one line up at once");
}

#[test]
fn breakdown_takes_no_number_and_the_field_listens_anew_after_it() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("4b4\n");
    assert!(operator.confirm().full_breakdown.is_some());
    operator.wait(600);
    operator.press("\u{1b}4\n");
    assert!(operator.confirm().full_breakdown.is_none());
    assert!(operator.started().is_none(), "not drawn yet");
    assert_eq!(operator.confirm().count.digits, "");
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_some());
}

#[test]
fn plan_is_saved_with_its_note_and_confirmed_from_the_start_afterwards() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("\tCHG-4\t4P");
    assert!(matches!(&operator.app.dialog, Some(Dialog::SaveFile(_))));
    operator.press("\n");
    let Some(Effect::Job(Job::Write {
        path,
        content: ExportContent::Plan(plan),
    })) = operator.effects.last()
    else {
        panic!("no plan is written: {:?}", operator.effects.last())
    };
    assert_eq!(path, std::path::Path::new("plan.json"));
    assert_eq!(
        (plan.origin.note.as_deref(), plan.devices.len()),
        (Some("CHG-4"), 4)
    );
    operator.send(Answer::Wrote(Ok("plan.json written".to_owned())));
    assert_eq!(operator.confirm().count.digits, "");
    operator.press("4\n");
    assert!(operator.started().is_none(), "not drawn yet");
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_some());
}

#[test]
fn plan_tells_what_selected_its_devices() {
    for (keys, selected) in [
        ("a", "marked by hand"),
        ("/win\na", "marked with the filter: win"),
        ("/win\na/srv\n", "marked with the filter: win"),
        ("/win\na\u{1b}", "marked with the filter: win"),
        ("/win\n ", "marked by hand"),
        (
            "/sales\na\u{1b}/finance\na",
            "marked by hand or with earlier filters",
        ),
        (
            " /finance\na\u{1b}",
            "marked by hand or with earlier filters",
        ),
        ("/win\n", "the row under the cursor"),
    ] {
        let mut operator = operator();
        operator.press(keys).press("dr");
        let query = operator.confirm().plan.origin.query.as_deref();
        assert_eq!(query, Some(selected));
    }
}

#[test]
fn search_of_the_exact_list_neither_counts_as_the_number_nor_leaves_one_that_is_typed() {
    let mut operator = operator_on(LIST, (80, 24));
    operator.press("adr");
    operator.wait(600);
    operator.press("/lt\n");
    let found = |operator: &Operator| {
        let confirm = operator.confirm();
        let found = (0..4).filter(|&ordinal| confirm.is_match(ordinal));
        let names = found.map(|ordinal| confirm.plan.devices[ordinal].hostname.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(found(&operator), ["LT-1", "LT-2", "LT-5"]);
    operator.press("nnN/\u{8}\u{8}000C2900:0004\n");
    assert_eq!(found(&operator), ["SRV-4"], "by a MAC that isn't sent");
    operator.press("/nothing");
    assert!(shown(&operator.app).contains("no match"));
    operator.press("\u{1b}");
    // A hand looks at the screen before it types the number.
    operator.wait(500);
    operator.press("4/lt\n");
    operator.wait(500);
    operator.press("\n");
    assert!(
        operator.started().is_none(),
        "an enter too many sends nothing"
    );
    operator.press("\u{8}4\n");
    assert!(operator.started().is_some());
}
