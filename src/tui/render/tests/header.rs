//! The lines above the screens.

use super::*;

#[test]
fn header_says_that_only_marked_devices_are_shown() {
    for size in SIZES {
        let mut operator = operator(size);
        operator.press("  m");
        has(&operator, "marked only · m shows all");
        operator.press("/lt\n");
        has(&operator, "/ lt  marked only · m shows all");
        operator.press(" ");
        operator.press("j");
        operator.press("a");
        has(&operator, "marked only");
        operator.press("m");
        assert!(!shown(&operator.app).contains("marked only"));
    }
}

#[test]
fn list_and_filter_share_a_line_on_a_low_screen_without_a_filter() {
    let table_row = |operator: &Operator| {
        let screen = shown(&operator.app);
        let heading = screen.lines().position(|line| line.contains(" last seen"));
        heading.expect("the heading of the table")
    };
    for size in SIZES {
        let merged = if size.1 < 30 { 2 } else { 3 };
        let mut operator = operator(size);
        assert_eq!(table_row(&operator), merged, "{size:?}");
        operator.press("/");
        assert_eq!(table_row(&operator), 3, "while it is edited");
        operator.press("lt hst:a");
        operator.wait(200);
        assert_eq!(table_row(&operator), 4, "with its mistake");
        operator.press(&"\u{8}".repeat(6));
        operator.press("\n");
        assert_eq!(table_row(&operator), 3, "with a filter");
        operator.press("2");
        let rows = usize::from(operator.app.context.header_rows);
        assert_eq!(rows, merged, "the run has no filter");
        operator.press("1\u{1b}");
        assert_eq!(table_row(&operator), merged, "without a filter again");
        operator.press(" m");
        assert_eq!(table_row(&operator), 3, "marked only");
    }
    let operator = operator((80, 29));
    assert_eq!(table_row(&operator), 2);
    let operator = self::operator((80, 30));
    assert_eq!(table_row(&operator), 3);
}

#[test]
fn message_takes_the_place_of_the_lists_facts_or_the_whole_line_on_a_low_screen() {
    let mut operator = operator((80, 24));
    operator.press(" ");
    let second = |operator: &Operator| {
        let screen = shown(&operator.app);
        screen.lines().nth(1).expect("a line").to_owned()
    };
    assert!(second(&operator).contains("10/10 calls left"));
    operator.app.context.status = Some("Marked 107 more, 108 in all · u undoes".to_owned());
    let line = second(&operator);
    assert!(
        line.starts_with("\" Marked 107 more, 108 in all · u undoes  "),
        "{line}"
    );
    assert!(line.ends_with("120 shown · ● 1 \""), "{line}");
    let long = "x".repeat(77);
    operator.app.context.status = Some(long.clone());
    let line = second(&operator);
    assert!(line.contains(&long), "{line}");
    assert!(!line.contains("shown"), "{line}");
    operator.app.context.status = Some("x".repeat(78));
    assert!(second(&operator).contains(&format!(" {}… ", "x".repeat(76))));
}

#[test]
fn low_screen_says_how_many_rows_are_unusable_before_it_repeats_the_number_of_devices() {
    let list = "hwid,hostname,last seen\nh1,a,2026-11-20T10:00:00Z\n,c,\nh2,d,\n";
    let mut operator = operator_on(list, (80, 24));
    has(&operator, " 1 unusable · ages as of 2026-11-20 ");
    has(&operator, "3 shown   10/10 calls left");
    operator.press("/a\n");
    has(
        &operator,
        " 2 devices · 1 unusable · ages as of 2026-11-20 ",
    );
    let screen = shown(&self::operator((110, 24)).app);
    assert_eq!(screen.matches("calls").count(), 1, "{screen}");
}

#[test]
fn rows_of_the_table_stay_on_the_screen_where_they_are_when_the_header_grows() {
    let mut operator = operator((80, 24));
    operator.press(&"j".repeat(40));
    operator.press("kkkk");
    let row = |operator: &Operator| operator.app.context.cursor_row.expect("a cursor");
    let (before, cursor) = (row(&operator), operator.app.devices.cursor);
    operator.press("/");
    assert_eq!(row(&operator), before);
    operator.press("\u{1b}");
    assert_eq!(row(&operator), before);
    assert_eq!(operator.app.devices.cursor, cursor);
    // Another screen without a filter changes the header, not the table.
    operator.press("/lt\ngjjj");
    let top = operator.app.devices.top;
    operator.press("2");
    operator.press("1");
    assert_eq!((operator.app.devices.top, top), (0, 0));
    while operator.app.devices.top == 0 {
        operator.press("j");
    }
    operator.press("k2");
    operator.press("1");
    assert_eq!(operator.app.devices.top, 1);
    operator.press("\u{1b}");
    operator.press(&"j".repeat(40));
    // At the edge the cursor stays on the screen.
    operator.press("kkkkkkkkkkkkkkkkkk");
    let top = operator.app.devices.top;
    operator.press(&"k".repeat(operator.app.devices.cursor - top));
    operator.press("/");
    assert_eq!(operator.app.devices.top, operator.app.devices.cursor);
}

#[test]
fn message_is_shown_whole_beside_a_filter_where_both_have_some_room() {
    let mut operator = operator((80, 24));
    operator.press("/unseen>1d or status:compliant,pending\n");
    has(&operator, "/ unseen>1d or status:compliant,pending");
    let message = "Retrying won't help: the answer would be the same again";
    operator.app.context.status = Some(message.to_owned());
    has(&operator, message);
    has(&operator, "/ unseen>1d or sta");
    let long = "word ".repeat(20);
    operator.app.context.status = Some(long);
    has(&operator, "/ unseen>1d o…");
    has(&operator, "word word");
}
