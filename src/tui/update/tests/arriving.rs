//! When a plan counts as seen.

use super::*;

const FAST: Duration = Duration::from_millis(400);

/// The frame was written; only the terminal's word for it counts.
#[test]
fn number_is_typed_half_a_second_after_the_frame_has_arrived() {
    let mut operator = operator();
    operator.press("adr");
    assert!(operator.app.opens_key_guard());
    operator.send(Message::Rendered);
    assert!(!operator.app.opens_key_guard(), "once");
    operator.send(Message::Written(operator.now));
    let pass = |operator: &mut Operator, milliseconds| {
        let span = Duration::from_millis(milliseconds);
        operator.now.boot = operator.now.boot + span;
        operator.send(Message::Tick(operator.now));
    };
    let types = |operator: &mut Operator| {
        operator.code_at_once(KeyCode::Char('1'));
        let dialog = operator.app.dialog.as_ref().expect("a dialog");
        let count = dialog.component().typed_count().expect("a field");
        count.digits.clone()
    };
    pass(&mut operator, 2000);
    assert_eq!(types(&mut operator), "");
    let took = Duration::from_millis(2000);
    operator.send(Message::Arrived(took, operator.now));
    assert_eq!(operator.app.context.slow_link, Some(took));
    pass(&mut operator, 499);
    assert_eq!(types(&mut operator), "");
    pass(&mut operator, 500);
    assert_eq!(types(&mut operator), "1");
    operator.send(Message::Arrived(FAST, operator.now));
    assert_eq!(operator.app.context.slow_link, None);
}
