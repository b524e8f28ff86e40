//! The list of completions. The table that follows is tested with the app.

use crate::query::Query;
use crate::tui::dialogs::Dialog;
use crate::tui::dialogs::filter::FilterLine;
use crate::tui::effect::Effect;
use crate::tui::job::RowJob;
use crate::tui::screens::devices::search::MatchCount;
use crate::tui::update::tests::{Operator, operator};

fn line(operator: &Operator) -> &FilterLine {
    match &operator.app.dialog {
        Some(Dialog::Filter(line)) => line,
        other => panic!("{other:?}"),
    }
}

/// The names of the candidates on the screen, with the devices that each would leave.
fn offered(operator: &Operator) -> Vec<(String, Option<u64>)> {
    let line = line(operator);
    let Some(offer) = line.offer.as_ref().filter(|offer| offer.is_shown()) else {
        return Vec::new();
    };
    let candidates = &offer.candidates[offer.window()];
    let candidates = candidates.iter().map(|candidate| {
        let count = candidate.query.as_ref().map(|query| line.count_of(query));
        let count = match count {
            Some(MatchCount::Known(count)) => Some(count),
            _ => None,
        };
        (candidate.name.clone(), count)
    });
    candidates.collect()
}

fn some(name: &str, count: u64) -> (String, Option<u64>) {
    (name.to_owned(), Some(count))
}

#[test]
fn completions_come_when_the_hands_rest_with_the_rows_that_each_leaves() {
    let mut operator = operator();
    operator.press("/group:fin or status:");
    assert!(offered(&operator).is_empty(), "not yet");
    operator.wait(400);
    assert_eq!(
        offered(&operator),
        [some("status:compliant", 5), some("status:pending", 2)],
        "of the list as a whole, with the filter before it"
    );
    operator.press("p");
    operator.wait(500);
    assert_eq!(offered(&operator), [some("status:pending", 2)]);
    operator.press("ending");
    operator.wait(400);
    assert!(offered(&operator).is_empty(), "it is complete");
}

#[test]
fn table_follows_a_slow_hand_when_the_word_is_typed() {
    let mut operator = operator();
    let all = operator.app.context.list.rows.len();
    operator.press("/");
    for letter in ["s", "a", "l", "e", "s"] {
        operator.press(letter);
        operator.wait(200);
        assert_eq!(operator.app.context.list.rows.len(), all, "{letter}");
    }
    operator.wait(300);
    assert!(operator.app.context.list.rows.len() < all);
}

#[test]
fn completions_count_the_rows_of_a_negated_term_of_states_and_of_marked_devices() {
    let mut operator = operator();
    operator.press("/-status:");
    operator.wait(400);
    let of = [some("status:compliant", 2), some("status:pending", 3)];
    assert_eq!(offered(&operator), of, "the rows that it doesn't exclude");
    operator.press("\u{1b}");
    operator.press(" m/is:mar");
    operator.wait(400);
    assert_eq!(offered(&operator), [some("is:marked", 1)]);
    operator.press("\u{1b}");
    operator.press("/status:com");
    operator.wait(400);
    assert_eq!(
        offered(&operator),
        [some("status:compliant", 1)],
        "marked ones only"
    );
}

#[test]
fn half_a_name_offers_fields_and_saved_filters_and_keeps_the_rows() {
    let mut operator = operator();
    let stale = Query::parse("status:pending or group:lab").expect("a query");
    operator.app.context.settings.filters = vec![("stale-ones".to_owned(), stale)];
    operator.press("/sta");
    operator.wait(400);
    assert_eq!(
        operator.app.context.list.rows.len(),
        5,
        "nothing is searched"
    );
    assert_eq!(
        offered(&operator),
        [
            some("stale-ones", 3),
            ("status:".to_owned(), None),
            ("stale:".to_owned(), None)
        ]
    );
    operator.press("\t");
    assert_eq!(line(&operator).field.value(), "status:pending or group:lab");
    operator.press("\u{1b}");
    operator.press("/type:none sta\t");
    assert_eq!(
        line(&operator).field.value(),
        "type:none (status:pending or group:lab)"
    );
}

#[test]
fn tab_waits_for_the_values_and_goes_through_all() {
    let mut operator = operator();
    operator.press("/status:\t");
    assert_eq!(line(&operator).field.value(), "status:compliant");
    operator.press("\t");
    assert_eq!(line(&operator).field.value(), "status:pending");
    operator.wait(400);
    let both = [some("status:compliant", 3), some("status:pending", 2)];
    assert_eq!(offered(&operator), both, "while one is in the line");
    operator.press("\t");
    assert_eq!(line(&operator).field.value(), "status:compliant");
    operator.press("\n");
    assert_eq!(operator.app.context.list.rows.len(), 3);
}

#[test]
fn one_count_is_under_way_at_a_time() {
    let mut operator = operator();
    operator.counts_late = true;
    let counts = |operator: &Operator| {
        let effects = operator.effects.iter();
        effects
            .filter(|effect| matches!(effect, Effect::Rows(RowJob::CountQueries { .. })))
            .count()
    };
    operator.press("/is:f");
    operator.wait(400);
    assert_eq!(offered(&operator), [("is:failed".to_owned(), None)]);
    operator.press("\u{8}a");
    operator.wait(400);
    assert_eq!(counts(&operator), 1);
}

#[test]
fn completions_do_not_open_between_the_keys_of_a_word() {
    let mut operator = operator();
    operator.press("/");
    for key in ["s", "t", "a"] {
        operator.press(key);
        for _ in 0..3 {
            operator.wait(100);
            assert!(offered(&operator).is_empty(), "{key}");
        }
    }
    operator.wait(400);
    assert!(!offered(&operator).is_empty());
    // Open ones follow with the table.
    operator.press("t");
    operator.wait(200);
    assert_eq!(offered(&operator), [("status:".to_owned(), None)]);
}

#[test]
fn completions_leave_what_says_why_no_row_is_shown_in_sight() {
    let mut operator = operator();
    operator.press("/nobody");
    operator.wait(400);
    operator.press(" sta");
    operator.wait(700);
    assert!(!offered(&operator).is_empty());
    let screen = operator.screen();
    let line = |text: &str| screen.lines().position(|line| line.contains(text));
    let (reason, offer) = (line("No device matches"), line("tab completes"));
    assert!(reason.is_some() && reason < offer, "{screen}");
}
