//! The screen comes back as it was left.

use super::*;
use crate::tui::dialogs::Dialog;
use crate::tui::saved_view::SavedView;

const LIST: &str = "hwid,hostname,mac,group\n\
    h1,a,,x\nh2,b,,y\n,c,00:0c:29:00:00:01,x\nh4,d,,x\n";

/// A new start on `list`, with what was saved.
fn started(list: &str, saved: &SavedView) -> Operator {
    let bytes = serde_json::to_vec(saved).expect("JSON");
    let mut operator = operator_on(list, (120, 40));
    let opened = Opened {
        saved_view: SavedView::read(&bytes),
        ..operator.opened()
    };
    operator.start_on(opened);
    operator
}

fn left() -> SavedView {
    let mut operator = operator_on(LIST, (120, 40));
    operator.press("/group:x\n");
    operator.press("ja");
    operator.press("S");
    operator.app.view_to_save().expect("saved")
}

#[test]
fn marks_filter_order_and_cursor_are_taken_back() {
    let mut operator = started(LIST, &left());
    let status = operator.status();
    assert_eq!(
        status,
        "R restores 3 marks, filter group:x, the cursor on c · left just now"
    );
    assert!(
        operator.marked().is_empty(),
        "nothing is restored by itself"
    );
    operator.press("R");
    assert_eq!(operator.marked(), [0, 2, 3]);
    assert_eq!(operator.shown(), [3, 2, 0]);
    assert_eq!(operator.app.current().map(DeviceId::index), Some(2));
}

#[test]
fn list_that_was_read_anew_keeps_the_marks_by_identity() {
    let anew = "hwid,hostname,mac,group\nh9,z,,x\n,c,00:0c:29:00:00:01,x\nh1,a,,x\n";
    let mut operator = started(anew, &left());
    operator.press("R");
    assert_eq!(operator.marked(), [1, 2]);
    let status = operator.status();
    assert!(status.contains("1 marked device"), "{status}");
}

#[test]
fn postponed_view_is_saved_below_the_marks_of_this_session() {
    let to_save = |operator: &Operator| operator.app.view_to_save().expect("a view to save");
    let mut operator = started(LIST, &left());
    operator.press("j");
    assert_eq!(to_save(&operator), left_at(&operator), "no marks to lose");
    operator.press("k ");
    assert_eq!(operator.marked(), [0]);
    let mut again = started(LIST, &to_save(&operator));
    assert_eq!(
        again.status(),
        "R restores 1 mark, the cursor on b · left just now"
    );
    again.press("R");
    assert_eq!(again.marked(), [0]);
    assert_eq!(again.status(), "Restored: 1 mark, the cursor on b");
    again.press("j");
    let offer = "R restores 3 marks, filter group:x, the cursor on c · left just now";
    assert_eq!(again.status(), offer);
    again.press("R");
    assert_eq!(again.marked(), [0, 2, 3]);
    assert_eq!(again.shown(), [3, 2, 0]);
    let last = started(LIST, &to_save(&again));
    assert!(last.status().starts_with("R restores 3 marks"), "no other");
    operator.press("k ");
    assert_eq!(to_save(&operator), left_at(&operator), "without its marks");
}

#[test]
fn postponed_view_is_discarded_by_a_key_of_quit() {
    let mut operator = started(LIST, &left());
    operator.press(" qk");
    assert_eq!(operator.effects.last(), Some(&Effect::Quit));
    let saved = operator.app.view_to_save().expect("saved");
    let again = started(LIST, &saved);
    assert_eq!(
        again.status(),
        "R restores 1 mark, the cursor on b · left just now"
    );
    assert_eq!(
        saved.with_earlier(&[]),
        operator.app.devices.save_view(&operator.app.context)
    );
}

#[test]
fn postponed_views_are_limited_to_the_latest() {
    let mut view = left();
    for _ in 0..6 {
        let mut operator = started(LIST, &view);
        operator.press(" ");
        view = operator.app.view_to_save().expect("saved");
    }
    let mut operator = started(LIST, &view);
    let mut offers = 0;
    while is_offered(&operator) {
        offers += 1;
        operator.press("R");
        operator.press("j");
    }
    assert_eq!(offers, 4);
}

#[test]
fn offer_that_was_not_shown_is_not_taken() {
    let mut operator = started(LIST, &left());
    operator.app.pending.saved_view.was_shown = false;
    operator.press("R");
    assert!(operator.marked().is_empty(), "R reads the list again");
}

fn left_at(operator: &Operator) -> SavedView {
    let offered = operator.app.pending.saved_view.offered();
    offered.expect("an offered view").clone()
}

#[test]
fn cursor_or_columns_alone_are_offered_too() {
    let mut operator = operator_on(LIST, (120, 40));
    operator.press("j");
    let mut again = started(LIST, &operator.app.view_to_save().expect("saved"));
    assert!(is_offered(&again));
    again.press("R");
    assert_eq!(again.app.devices.cursor, 1);
    let mut operator = operator_on(LIST, (120, 40));
    operator.press("cJ\u{1b}");
    let saved = operator.app.view_to_save().expect("saved");
    assert!(is_offered(&started(LIST, &saved)));
}

#[test]
fn column_of_outcomes_that_came_by_itself_is_no_other_column() {
    let text = "hwid,hostname\nh1,a\nh2,b\n";
    let mut operator = operator_on(text, (120, 40));
    operator.press("j");
    assert!(operator.app.devices.columns.add_outcome());
    let again = started(text, &operator.app.view_to_save().expect("saved"));
    assert!(is_offered(&again));
    let offer = again.status();
    assert!(!offer.contains("other columns"), "{offer}");
}

fn is_offered(operator: &Operator) -> bool {
    let status = operator.app.context.status.as_deref();
    status.is_some_and(|status| status.starts_with("R restores"))
}

#[test]
fn another_column_comes_back_by_its_header() {
    let text = "hwid,hostname,Shelf\nh1,a,2\nh2,b,1\n";
    let mut operator = operator_on(text, (120, 40));
    operator.press("c");
    operator.press(&"j".repeat(operator.app.devices.columns.all().len() - 1));
    operator.press(" \n");
    assert_eq!(operator.shown(), [1, 0]);
    let saved = operator.app.view_to_save().expect("saved");
    let mut again = started("Shelf,hwid,hostname\n2,h1,a\n1,h2,b\n", &saved);
    again.press("R");
    let names = |operator: &Operator| operator.app.devices.columns.names();
    assert_eq!(names(&again), names(&operator));
    assert_eq!(again.shown(), [1, 0]);
    let mut without = started("hwid,hostname\nh1,a\nh2,b\n", &saved);
    without.press("R");
    assert_eq!(without.shown(), [0, 1]);
    assert!(without.app.devices.sort.keys.is_empty());
    assert_eq!(
        names(&without),
        names(&operator),
        "kept for a list that has it"
    );
}

#[test]
fn filter_that_cant_be_asked_any_more_is_named() {
    let bytes = serde_json::to_string(&left()).expect("JSON");
    let saved = SavedView::read(bytes.replace("group:x", "grup:x").as_bytes()).expect("saved");
    let mut operator = started(LIST, &saved);
    operator.press("R");
    let status = operator.status();
    assert!(status.contains("the filter grup:x is left out"), "{status}");
    assert_eq!(operator.marked(), [0, 2, 3]);
}

#[test]
fn marks_of_devices_that_were_removed_since_are_not_taken_back() {
    let mut operator = started(LIST, &left());
    let removed = (DeviceId::from_index(3), archived());
    operator.app.context.list.removed.extend([removed]);
    operator.press("R");
    assert_eq!(operator.marked(), [0, 2]);
    let status = operator.status();
    assert!(
        status.contains("1 marked device removed or archived since"),
        "{status}"
    );
}

#[test]
fn notices_come_before_what_else_is_asked_at_the_start() {
    let begun = |notices: &[&str], saved: bool| {
        let mut operator = operator_on(LIST, (120, 40));
        let opened = Opened {
            notices: notices.iter().map(|&notice| notice.to_owned()).collect(),
            saved_view: saved.then(left),
            ..operator.opened()
        };
        operator.start_on(opened);
        operator
    };
    let mut operator = begun(&["one"], true);
    assert_eq!(operator.app.context.status.as_deref(), Some("one"));
    operator.press("j");
    assert!(is_offered(&operator), "once the notice is gone");
    let mut operator = begun(&["one", "two"], true);
    assert!(matches!(operator.app.dialog, Some(Dialog::Notices(_))));
    operator.press("\n");
    assert!(is_offered(&operator));
    let alone = |notices: &[&str]| begun(notices, false).app;
    assert!(matches!(
        alone(&["one", "two"]).dialog,
        Some(Dialog::Notices(_))
    ));
    let app = alone(&["one"]);
    assert!(app.dialog.is_none(), "the line has room for it");
    assert_eq!(app.context.status.as_deref(), Some("one"));
    let long = "long ".repeat(30);
    assert!(matches!(alone(&[&long]).dialog, Some(Dialog::Notices(_))));
}

#[test]
fn saved_view_of_an_earlier_version_is_restored() {
    let bytes = include_bytes!("../../../../tests/corpus/compat/v5/screen.json");
    let saved = SavedView::read(bytes).expect("a saved view");
    assert_eq!(saved.filter, "type:laptop");
    let list = "hwid,hostname,type\n104bfe965f21c913,LT-1001,laptop\n6dd172ee0e64c683,LT-1000,laptop\n\
        f8989fbe7dc9dfe4,LT-1003,laptop\n";
    let mut operator = started(list, &saved);
    operator.press("R");
    assert_eq!(operator.marked(), [1]);
}
