//! Sentences that several commands print.

use crate::text::visible;

/// Said when the operator goes back from a plan or from the number.
pub(super) const NOTHING_SENT: &str = "Nothing was sent.";
/// Said instead of a run's state or failures.
pub(super) const NO_RUN: &str = "There is no run yet. Mark devices, then type plan.";

/// Text from outside, or a word where there is none.
pub(super) fn or_none(text: &str) -> String {
    match text {
        "" => "none".to_owned(),
        text => visible(text).into_owned(),
    }
}
