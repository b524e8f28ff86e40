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
fn devices_are_counted_apart_from_unusable_rows_which_say_why_they_are() {
    let mut operator = operator_on(UNUSABLE, (120, 40));
    has(
        &operator,
        "2 devices · 1 unusable · 1 duplicate row merged (i explains)",
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
        has(&operator, "ambiguous");
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
