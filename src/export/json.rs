//! Writes values as JSON that is safe to show on a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::text;

/// Writes `value` as one JSON line.
pub fn write_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    write_value(out, value)?;
    out.write_all(b"\n")
}

/// Writes `value` as JSON on one line.
pub(super) fn write_value(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, SafeFormatter);
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    out.write_all(&bytes)
}

/// Writes deceptive characters as escapes; JSON itself escapes control characters below space.
struct SafeFormatter;

impl Formatter for SafeFormatter {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !text::is_deceptive_text(fragment) {
            return CompactFormatter.write_string_fragment(writer, fragment);
        }
        let mut units = [0_u16; 2];
        let mut bytes = [0_u8; 4];
        for character in fragment.chars() {
            if text::is_deceptive(character) {
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                writer.write_all(character.encode_utf8(&mut bytes).as_bytes())?;
            }
        }
        Ok(())
    }
}
