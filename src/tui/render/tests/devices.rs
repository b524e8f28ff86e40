//! The table of devices with its header, panels and footer.

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::domain::action::Action;
use crate::plan::explain::explain;
use crate::query::NoStatus;
use crate::tui::dialogs::Dialog;
use crate::tui::fuzzing;

const UNUSABLE: &str = "hwid,mac,hostname,group\n\
    h1,,LT-1,Lab\n\
    ,,LT-2,Sales\n\
    h3,,LT-3,Lab\n\
    h3,,LT-3,Lab\n";

const ALIKE: &str = "hwid,hostname,last seen\n\
    h1,a,2026-11-20T10:00:00Z\n\
    h2,b,2026-11-20T10:00:00Z\n";

const TWINS: &str = "hwid,mac,hostname,status,last seen\n\
    1c2167121e90387d,,LT-1,out_of_license_usage,2026-11-20T10:00:00Z\n\
    17f2f687775cea1c,00:0c:29:cd:c7:b2,LT-1,pending,2026-06-01T10:00:00Z\n\
    ab6d137abd2fb15a,00:0c:29:cd:c7:b3,LT-3,pending,2026-06-01T10:00:00Z\n";

fn lines(operator: &Operator) -> Vec<String> {
    let screen = shown(&operator.app);
    let lines = screen.lines().map(|line| line.trim_matches('"').to_owned());
    lines.collect()
}

#[test]
fn column_is_blank_before_a_panel() {
    for size in [(100, 30), (120, 40), (160, 40)] {
        for keys in ["", "sl", "\n", "sl\n"] {
            let mut operator = operator(size);
            if size.0 < 120 && !keys.ends_with('\n') {
                operator.press("o");
            }
            operator.press(keys);
            let lines = lines(&operator);
            let top = lines.iter().find(|line| line.contains('┌'));
            let top = top.expect("a panel");
            let border = top.chars().position(|cell| cell == '┌').expect("a border");
            for line in &lines[3..lines.len() - 1] {
                let before = line.chars().nth(border - 1);
                assert_eq!(before, Some(' '), "{keys:?} at {size:?}: {line}");
            }
        }
    }
}

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
    has(&operator, " 3 rows · 1 unusable · ages as of 2026-11-20 ");
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

#[test]
fn rows_are_counted_as_rows_where_some_are_unusable_and_say_why_they_are() {
    let mut operator = operator_on(UNUSABLE, (120, 40));
    has(
        &operator,
        "3 rows · 1 unusable · 1 duplicate row merged (i explains)",
    );
    has(&operator, "3 shown");
    operator.press("a");
    has(&operator, "merged (i explains)");
    has(&operator, "⊘ not matched");
    // Where there is little room, a column for the few of them gives way to the others.
    let wide = "hwid,hostname,status,group,last seen\n\
        1c2167121e90387d,LT-1,out_of_license_usage,Domain controllers,2026-11-20T10:00:00Z\n\
        ,LT-2,pending,Sales,2026-11-10T10:00:00Z\n";
    let narrow = operator_on(wide, (80, 24));
    has(&narrow, "Domain controllers");
    assert!(!shown(&narrow.app).contains("not matched"));
    let operator = operator_on(TWINS, (120, 40));
    has(&operator, "3 devices");
}

#[test]
fn date_of_a_list_gives_way_before_its_number_of_devices() {
    let list = "hwid,mac,hostname,last seen\n\
        h1,,LT-1,2026-11-23T10:00:00Z\n\
        h2,,LT-2,2026-11-23T10:00:00Z\n";
    let mut operator = operator_on(list, (80, 24));
    has(&operator, "2 devices · newest date");
    operator.app.context.list.hidden_marks = 1_000_000_000;
    operator.press(" ");
    operator.app.context.list.hidden_marks = 1_000_000_000;
    let line = lines(&operator)[1].clone();
    assert!(
        line.contains("2 devices") && !line.contains("newest"),
        "{line}"
    );
}

#[test]
fn tabs_have_names_or_letters_and_do_not_move_with_the_calls_left() {
    let mut operator = operator((60, 15));
    run(&mut operator);
    operator.press("1");
    let first = lines(&operator)[0].clone();
    assert!(first.contains("[1 Devices] 2 R  3 F  4 H"), "{first}");
    operator.send(Message::Resized(80, 24));
    operator.state(RunState::Paused, Some(PauseReason::Operator));
    let first = lines(&operator)[0].clone();
    assert!(
        first.contains("[1 Devices] 2 R paused  3 F 3  4 H"),
        "{first}"
    );
    let mut operator = super::operator((120, 40));
    let place = |operator: &mut Operator, left: u64| {
        operator.news(News::Budget(BudgetStatus {
            others: 0,
            limit: 10,
            left: u32::try_from(left).expect("a number"),
            next: Some(operator.app.context.now.boot + Duration::from_secs(9)),
        }));
        let line = lines(operator)[0].clone();
        line.find("[1 Devices]")
    };
    let places = [0, 1, 10].map(|left| place(&mut operator, left));
    assert!(places[0].is_some());
    assert_eq!(places, [places[0]; 3]);
}

#[test]
fn footer_offers_the_overview_where_there_is_no_room_for_it_and_its_keys() {
    let mut operator = operator((80, 24));
    has(&operator, "o overview");
    operator.press("o");
    has(&operator, "space mark its devices");
    // What a few rows need doesn't push out what all can be used for.
    operator = operator_on(UNUSABLE, (120, 40));
    operator.app.context.info.unmatched = 1;
    operator.app.context.info.path = Some("/lists/devices.csv".into());
    has(&operator, "o overview  enter detail");
    operator.app.context.info.unmatched = 3;
    has(&operator, "M match with the inventory");
}

#[test]
fn suggestions_are_above_the_fold_and_what_is_below_has_a_sign() {
    for (size, keys) in [
        ((120, 40), ""),
        ((120, 40), "/unseen>60d\n"),
        ((80, 24), "o"),
        ((60, 15), "o"),
    ] {
        let mut operator = operator(size);
        operator.wait(200);
        operator.press(keys);
        operator.wait(200);
        has(&operator, "worth a look");
        let count = operator.app.context.overview.counts.suggestions.len();
        let screen = shown(&operator.app);
        let drawn = screen.matches('›').count();
        assert_eq!(drawn, count, "{screen}");
        assert!(
            screen.contains("↓ ") && screen.contains(" more ┘"),
            "{screen}"
        );
    }
}

#[test]
fn overview_without_anything_to_count_says_why() {
    for size in [(120, 40), (80, 24)] {
        let mut operator = operator_on(ALIKE, size);
        operator.wait(200);
        operator.press(if size.0 < 100 { "o" } else { "\t" });
        has(&operator, "Nothing to count");
        assert!(!shown(&operator.app).contains("filter to it"));
        let dates = "hwid,hostname,last seen\nh1,a,01/02/2026\nh2,b,03/04/2026\n";
        let mut operator = operator_on(dates, size);
        operator.wait(200);
        operator.press(if size.0 < 100 { "o" } else { "\t" });
        has(&operator, "day and month");
    }
}

#[test]
fn detail_shows_what_would_be_sent_without_scrolling() {
    let mut operator = operator_on(TWINS, (80, 24));
    operator.press("\n");
    let device = DeviceId::from_index(0);
    let list = operator.app.context.list.devices.clone();
    let request = fuzzing::request(&list, &[], Action::Remove);
    let explanation = explain(device, None, &NoStatus, &request).expect("an explanation");
    operator.send(Answer::DeviceExplained(device, Ok(Box::new(explanation))));
    has(&operator, "shares its host name with 1 ");
    has(&operator, "protection");
    has(&operator, "would be sent as");
    has(&operator, "mac        —");
    assert!(!shown(&operator.app).contains("more ┘"));
    // The rows as the list has them take the place of what is above them.
    operator.press("J");
    let screen = shown(&operator.app);
    let first = screen.lines().nth(3).expect("a line");
    assert!(first.contains("line 2 of devices.csv"), "{screen}");
    operator.press("J");
    has(&operator, "protection");
    let mut operator = operator_on(TWINS, (60, 15));
    operator.press("\n");
    has(&operator, "↓ ");
    has(&operator, " more ┘");
}

#[test]
fn detail_of_a_device_that_no_run_would_send_marks_no_identifier_as_sent() {
    let mut operator = operator_on(TWINS, (120, 40));
    operator.press("\n");
    has(&operator, "◂ sent");
    let id = DeviceId::from_index(0);
    let held = HashMap::from([(id, "on leave".to_owned())]);
    let list = &mut operator.app.context.list;
    list.protection = Arc::new((*list.protection).clone().with_held(held));
    assert!(!shown(&operator.app).contains("◂ sent"));
}

#[test]
fn overview_beside_a_detail_names_no_keys_that_do_nothing() {
    let mut operator = operator((160, 45));
    has(&operator, "tab · o hide");
    operator.press("\n");
    has(&operator, "┌ overview ─");
    assert!(!shown(&operator.app).contains("o hide"));
}

#[test]
fn filter_that_is_not_applied_yet_says_what_it_lacks() {
    let mut operator = operator((120, 40));
    operator.press("/unseen>9");
    operator.wait(300);
    operator.press("\n");
    operator.wait(1200);
    let screen = shown(&operator.app);
    let said = screen.matches("an age needs a unit").count();
    assert_eq!(said, 1, "its error alone: {screen}");
    operator.press("\u{1b}");
    operator.wait(300);
    for (typed, missing) in [
        ("unseen>9", "an age needs a unit"),
        ("group:", "expected a value"),
        ("uns", "not applied yet"),
    ] {
        operator.press("/");
        operator.press(typed);
        assert!(!shown(&operator.app).contains(missing), "while it is typed");
        operator.wait(300);
        assert!(
            !shown(&operator.app).contains(missing),
            "before it has rested"
        );
        operator.wait(900);
        has(&operator, missing);
        operator.press("\u{1b}");
        operator.wait(300);
    }
}

#[test]
fn help_opens_over_the_detail_and_leaves_it_open() {
    let mut operator = operator_on(TWINS, (120, 40));
    operator.press("\n?");
    assert!(matches!(operator.app.dialog, Some(Dialog::Help(_))));
    operator.press("\u{1b}");
    assert!(matches!(operator.app.dialog, Some(Dialog::DeviceDetail(_))));
}

#[test]
fn popups_begin_on_the_fifth_row_but_never_over_the_row_under_the_cursor() {
    for (size, below) in [((80, 24), [4, 5]), ((100, 40), [5, 6])] {
        let mut operator = operator(size);
        let mut tops = Vec::new();
        for _ in 0..17 {
            operator.press("=");
            let screen = shown(&operator.app);
            let row_of = |sign| screen.lines().position(|line| line.contains(sign));
            let [cursor, top, bottom] = ['▌', '┌', '└'].map(|sign| row_of(sign).expect("drawn"));
            assert!(cursor < top || cursor > bottom, "{screen}");
            tops.push(top);
            operator.press("\u{1b}j");
        }
        assert_eq!(tops[..2], below, "below the cursor");
        assert_eq!(tops[16], 4, "the fifth row");
    }
}
