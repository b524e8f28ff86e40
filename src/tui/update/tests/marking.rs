//! Marks: of a row, of a range, of all that is shown; and the cursor among them.

use super::*;
use crate::tui::list_state::ListState;

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
fn range_is_marked_in_either_direction() {
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
    // What no plan can have neither is hidden from it nor counts as shown.
    operator.press("a");
    assert_eq!(operator.marked(), [1, 3]);
    let id = DeviceId::from_index(3);
    let list = &mut operator.app.context.list;
    let held = HashMap::from([(id, "on leave".to_owned())]);
    list.protection = Arc::new((*list.protection).clone().with_held(held));
    list.count_hidden();
    assert_eq!((list.hidden_marks, list.held_marks), (1, 1));
    let held = HashMap::from([(DeviceId::from_index(1), "on leave".to_owned())]);
    list.protection = Arc::new((*list.protection).clone().with_held(held));
    list.count_hidden();
    assert_eq!(list.hidden_marks, 0);
}

#[test]
fn message_about_marks_counts_the_held_ones_and_says_where_none_is() {
    let mut operator = operator();
    operator.press("U");
    assert_eq!(operator.status(), "Nothing here is marked");
    let id = DeviceId::from_index(0);
    let list = &mut operator.app.context.list;
    let held = HashMap::from([(id, "on leave".to_owned())]);
    list.protection = Arc::new((*list.protection).clone().with_held(held));
    operator.press("a");
    assert_eq!(
        operator.status(),
        "Marked 4, 1 held · u undoes · 1 unusable, left out"
    );
}

#[test]
fn cursor_jumps_between_marks_and_twins() {
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
    let status = operator.status();
    assert_eq!(status, "No other device has this host name or MAC");
    operator.press("/hwid:h4\nt");
    let status = operator.status();
    assert!(status.starts_with("1 other device"), "{status}");
    operator.press("\u{1b}gj jj ggn");
    assert_eq!(cursor(&operator), 1);
    operator.press("n");
    assert_eq!(cursor(&operator), 4);
    operator.press("n");
    let status = operator.status();
    assert_eq!(status, "No marked row below");
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
fn delete_on_a_row_without_identifier_opens_no_dialog_and_says_why() {
    let mut operator = operator_on("hwid,hostname\nh1,a\n,b\n", (120, 40));
    operator.press("jd");
    assert!(operator.app.dialog.is_none());
    let status = operator.status();
    assert!(status.contains("can't be sent ("), "{status}");
    operator.wait(400);
    operator.press("kd");
    assert!(operator.app.dialog.is_some(), "the other row is sent");
}

#[test]
fn marking_again_says_that_all_shown_are_marked() {
    let mut operator = operator();
    operator.press("a");
    operator.press("a");
    let status = operator.status();
    assert!(
        status.starts_with("All 4 shown are already marked"),
        "{status}"
    );
}

#[test]
fn delete_of_marked_devices_that_are_all_exempt_opens_no_dialog_and_says_why() {
    let mut operator = operator();
    operator.press("a");
    let list = &mut operator.app.context.list;
    let held = |list: &mut ListState, of: fn(DeviceId) -> &'static str| {
        let held = list.devices.ids().map(|id| (id, of(id).to_owned()));
        let held = held.collect();
        list.protection = Arc::new((*list.protection).clone().with_held(held));
        list.count_hidden();
    };
    held(list, |id| match id.index() {
        0 => "held until 2027-01-31: spare",
        _ => "held until 2026-12-31: on leave",
    });
    operator.press("d");
    assert_eq!(
        operator.status(),
        "4 marked devices are all left out: held until 2026-12-31: on leave, and for other reasons"
    );
    operator.wait(1000);
    let list = &mut operator.app.context.list;
    held(list, |_| "held until 2026-12-31: on leave");
    operator.press("d");
    assert!(operator.app.dialog.is_none());
    assert_eq!(
        operator.status(),
        "4 marked devices are all left out: held until 2026-12-31: on leave"
    );
}
