//! How long a message is shown.

use super::*;
use crate::tui::app::Countdown;
use crate::tui::error::EffectError;

fn status(operator: &Operator) -> Option<&str> {
    operator.app.context.status.as_deref()
}

#[test]
fn confirmation_goes_after_four_seconds_without_a_tick_before() {
    let mut operator = operator();
    operator.press("/LT\na");
    assert_eq!(status(&operator), Some("Marked 3 · u undoes"));
    let due = operator.now.boot + Duration::from_secs(4);
    assert_eq!(operator.app.counts_down(), Some(Countdown::At(due)));
    operator.wait(3_900);
    assert_eq!(status(&operator), Some("Marked 3 · u undoes"));
    operator.wait(100);
    assert_eq!(status(&operator), None);
    assert_eq!(operator.app.counts_down(), None, "nothing is due any more");
    let messages = &operator.app.context.messages;
    assert!(
        messages
            .iter()
            .any(|(_, line)| line == "Marked 3 · u undoes")
    );
}

#[test]
fn refusals_and_errors_stay_until_a_key_is_pressed() {
    let mut operator = operator();
    operator.press("u");
    assert_eq!(status(&operator), Some("Nothing to undo"));
    assert_eq!(operator.app.counts_down(), None);
    operator.wait(60_000);
    assert_eq!(status(&operator), Some("Nothing to undo"));
    operator.press("/LT\na");
    // It takes the place of a confirmation, but not its end.
    operator.send(Answer::Failed(EffectError::Panicked));
    let error = crate::text::sentence(&EffectError::Panicked.to_string());
    operator.wait(60_000);
    assert_eq!(status(&operator), Some(error.as_str()));
    operator.press("j");
    assert_eq!(status(&operator), None);
}

#[test]
fn marks_without_rows_that_are_left_out_are_told_until_a_key_is_pressed() {
    let mut operator = operator();
    operator.press("a");
    operator.wait(60_000);
    let said = status(&operator).unwrap_or_default();
    assert!(said.contains("1 unusable, left out"), "{said}");
}
