//! Finds the end of a JSON value without parsing its content.

use memchr::memchr3;

use crate::list::error::ListError;
use crate::list::formats::window::Window;

/// The error if the source ends inside a value.
pub(super) const BREAKS_OFF: &str = "the list breaks off here: save it again";
/// The maximum depth, the same as serde's.
const DEEPEST: usize = 127;

/// The end of the value at index `at` of the window.
pub(super) fn value(window: &mut Window<'_>, at: usize) -> Result<usize, ListError> {
    match window.peek(at)? {
        None => Err(window.syntax(at, BREAKS_OFF)),
        Some(b'"') => string(window, at),
        Some(b'{' | b'[') => nested(window, at),
        Some(b',' | b']' | b'}' | b':') => {
            Err(window.syntax(at, "expected a value: save the list again"))
        }
        Some(_) => scalar(window, at),
    }
}

/// The index of the next byte that is not white space.
pub(super) fn blank(window: &mut Window<'_>, mut at: usize) -> Result<usize, ListError> {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = window.peek(at)? {
        at += 1;
    }
    Ok(at)
}

fn scalar(window: &mut Window<'_>, mut at: usize) -> Result<usize, ListError> {
    while let Some(byte) = window.peek(at)? {
        if matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
            break;
        }
        at += 1;
    }
    Ok(at)
}

/// Skips a string, whose opening quote is at `at`.
fn string(window: &mut Window<'_>, at: usize) -> Result<usize, ListError> {
    let start = at;
    let mut at = at + 1;
    loop {
        let bytes = window.bytes();
        let found = bytes
            .get(at..)
            .and_then(|rest| memchr3(b'"', b'\\', b'\n', rest));
        let Some(found) = found.map(|found| at + found) else {
            at = at.max(bytes.len());
            if !window.more()? {
                return Err(window.syntax(start, BREAKS_OFF));
            }
            continue;
        };
        match bytes.get(found) {
            Some(b'"') => return Ok(found + 1),
            Some(b'\\') => at = found + 2,
            _ => {
                return Err(window.syntax(
                    start,
                    "this text has no closing quote: close it, or save the list again",
                ));
            }
        }
    }
}

/// Skips an object or array, whose opening bracket is at `at`.
fn nested(window: &mut Window<'_>, at: usize) -> Result<usize, ListError> {
    // The open brackets, innermost in the lowest bit: 1 for an object.
    let mut open = 0_u128;
    let mut depth = 0;
    let mut at = at;
    loop {
        let Some(byte) = window.bytes().get(at).copied() else {
            if window.more()? {
                continue;
            }
            return Err(window.syntax(at, BREAKS_OFF));
        };
        match byte {
            b'"' => {
                at = string(window, at)?;
                continue;
            }
            b'{' | b'[' => {
                if depth == DEEPEST {
                    return Err(window.syntax(
                        at,
                        "more than 127 brackets are open: save the devices with fewer levels",
                    ));
                }
                depth += 1;
                open = open << 1 | u128::from(byte == b'{');
            }
            b'}' | b']' => {
                if open & 1 != u128::from(byte == b'}') {
                    let reason =
                        "this bracket closes none that is open: delete it, or save the list again";
                    return Err(window.syntax(at, reason));
                }
                depth -= 1;
                open >>= 1;
                if depth == 0 {
                    return Ok(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn length(text: &str) -> Result<usize, ListError> {
        let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
        value(&mut window, 0)
    }

    #[test]
    fn scan_ignores_brackets_in_strings() {
        let value = r#"{"a":"]}\"\\","b":[1,{"c":null}]}"#;
        assert_eq!(
            length(&format!("{value}, 5")).expect("a value"),
            value.len()
        );
        assert_eq!(length("null]").expect("a value"), 4);
    }

    #[test]
    fn scan_locates_unclosed_values() {
        for (text, place) in [
            ("[1,2", "column 5: the list breaks off"),
            ("[1,2}", "column 5: this bracket"),
            ("{\"a\n\":1}", "column 2: this text has no closing quote"),
        ] {
            let error = length(text).expect_err(text).to_string();
            assert!(error.contains(place), "{error}");
        }
        assert!(
            length(&"[".repeat(200))
                .expect_err("deep")
                .to_string()
                .contains("127 brackets")
        );
    }

    proptest! {
        #[test]
        fn scan_agrees_with_serde(texts in proptest::collection::vec(any::<String>(), 0..5)) {
            let value = serde_json::json!({"a": texts, "b": [texts, {}]}).to_string();
            prop_assert_eq!(length(&format!("{value}]")).expect("a value"), value.len());
        }
    }
}
