//! Recognises what a list is written in, by its content, and reads all of it.

use super::bare;
use super::build::Builder;
use super::csv::Layout;
use super::error::ListError;
use super::json;
use super::window::Window;

/// What a list is written in; also how one of its rows is read again.
#[derive(Debug)]
pub(super) enum Shape {
    /// Answers, arrays, JSON lines, our own.
    Json,
    /// A table.
    Csv(Layout),
    /// One identifier a line.
    Bare,
}

/// Reads the list behind `window` into `builder`.
pub(super) fn read(window: &mut Window<'_>, builder: &mut Builder) -> Result<Shape, ListError> {
    window.skip_byte_order_mark()?;
    let Some(first) = skip_blank_lines(window)? else {
        return Err(ListError::Empty {
            name: window.name().into(),
        });
    };
    if matches!(first, b'{' | b'[') {
        json::read(window, builder)?;
        return Ok(Shape::Json);
    }
    if let Some(layout) = Layout::detect(window)? {
        layout.read(window, builder)?;
        return Ok(Shape::Csv(layout));
    }
    bare::read(window, builder)?;
    Ok(Shape::Bare)
}

/// Moves to the first line that isn't blank, and returns its first byte that isn't.
fn skip_blank_lines(window: &mut Window<'_>) -> Result<Option<u8>, ListError> {
    while window.peek(0)?.is_some() {
        let blank = window
            .bytes()
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        if let Some(&byte) = window.bytes().get(blank) {
            let line = window.bytes().get(..blank).unwrap_or_default();
            let indent = memchr::memrchr(b'\n', line).map_or(0, |last| last + 1);
            window.consume(indent);
            return Ok(Some(byte));
        }
        if !window.more()? {
            return Ok(None);
        }
    }
    Ok(None)
}
