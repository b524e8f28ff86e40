//! The screen comes back as it was left.

use super::*;
use crate::tui::kept::Kept;

const LIST: &str = "hwid,hostname,mac,group\n\
    h1,a,,x\nh2,b,,y\n,c,00:0c:29:00:00:01,x\nh4,d,,x\n";

/// A new start on `list`, with what was kept.
fn started(list: &str, kept: &Kept) -> Operator {
    let bytes = serde_json::to_vec(kept).expect("JSON");
    let mut operator = operator_on(list, (120, 40));
    let mut facts = operator.app.facts.clone();
    facts.kept = Kept::read(&bytes);
    let (list, now) = (operator.app.list.clone(), operator.now);
    operator.app = App::new(list, facts, now, (120, 40));
    operator
}

fn left() -> Kept {
    let mut operator = operator_on(LIST, (120, 40));
    operator.press("/group:x\n");
    operator.press("ja");
    operator.press("S");
    operator.app.to_keep().expect("kept")
}

#[test]
fn marks_filter_order_and_cursor_are_taken_back() {
    let mut operator = started(LIST, &left());
    assert!(matches!(operator.app.mode, Mode::Kept));
    assert!(operator.marked().is_empty(), "not before it is said");
    operator.press("\n");
    assert_eq!(operator.marked(), [0, 2, 3]);
    assert_eq!(operator.shown(), [3, 2, 0]);
    assert_eq!(operator.app.current().map(DeviceId::index), Some(2));
}

#[test]
fn a_list_that_was_read_anew_keeps_the_marks_by_identity() {
    let anew = "hwid,hostname,mac,group\nh9,z,,x\n,c,00:0c:29:00:00:01,x\nh1,a,,x\n";
    let mut operator = started(anew, &left());
    operator.press("\n");
    assert_eq!(operator.marked(), [1, 2]);
    let status = operator.app.status.clone().unwrap_or_default();
    assert!(status.contains("1 marked device"), "{status}");
}

#[test]
fn what_is_refused_is_forgotten_and_what_is_put_off_is_not() {
    let mut operator = started(LIST, &left());
    operator.press("\u{1b}");
    assert!(operator.marked().is_empty());
    assert_eq!(operator.app.to_keep(), None, "what was kept stays");
    let mut operator = started(LIST, &left());
    operator.press("n");
    assert!(operator.app.to_keep().expect("kept").is_plain());
}

#[test]
fn what_cant_be_read_is_not_offered() {
    for bytes in [&b"{}"[..], b"nonsense", b"{\"offboard_screen\":9}"] {
        assert_eq!(Kept::read(bytes), None);
    }
    let plain = operator_on(LIST, (120, 40)).app.to_keep().expect("kept");
    assert!(matches!(started(LIST, &plain).app.mode, Mode::Browse));
}
