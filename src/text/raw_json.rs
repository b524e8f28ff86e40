//! JSON whose numbers, order of keys and repeated keys stay as they were written, unlike in a parsed value.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The levels of nesting that are read or indented; nobody reads deeper ones.
pub const MOST_LEVELS: usize = 32;

/// One level of a JSON value.
#[derive(Debug)]
pub enum Level<'a> {
    /// The members of an object, in their order; a key may be repeated.
    Object(Vec<(String, &'a RawValue)>),
    /// The items of an array.
    Array(Vec<&'a RawValue>),
    /// A decoded string.
    String(String),
    /// A number, `true`, `false` or `null` as written; also what can't be decoded, such as half of a surrogate
    /// pair.
    Other(&'a str),
}

impl<'a> Level<'a> {
    /// The uppermost level of a value.
    pub fn of(value: &'a RawValue) -> Self {
        let text = value.get();
        serde_json::from_str(text).unwrap_or(Self::Other(text))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Level<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LevelVisitor)
    }
}

/// Numbers, booleans and null are left to the caller, which has their text.
struct LevelVisitor;

impl<'de> Visitor<'de> for LevelVisitor {
    type Value = Level<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object, an array or a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Level::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element()? {
            values.push(value);
        }
        Ok(Level::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(member) = members.next_entry()? {
            values.push(member);
        }
        Ok(Level::Object(values))
    }
}

/// The value on several lines with two spaces for each level, as [`serde_json::to_string_pretty`] writes it, but
/// with its own numbers and keys. Strings are written without needless escapes.
pub fn indented(value: &RawValue) -> String {
    let mut out = Indented::default();
    let mut rest = value.get();
    while let Some(character) = rest.chars().next() {
        let length = if character == '"' {
            string_length(rest)
        } else {
            character.len_utf8()
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push(character, token);
        rest = after;
    }
    out.text
}

/// The bytes of the string that the text begins with, with its quotes.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 2)
}

#[derive(Default)]
struct Indented {
    text: String,
    level: usize,
    /// The last token opened an object or an array.
    is_opened: bool,
}

impl Indented {
    /// Adds a token, which begins with this character.
    fn push(&mut self, first: char, token: &str) {
        if first.is_ascii_whitespace() {
            return;
        }
        let was_opened = std::mem::take(&mut self.is_opened);
        let is_end = matches!(first, '}' | ']');
        if is_end {
            self.level = self.level.saturating_sub(1);
        }
        if was_opened != is_end {
            self.break_line();
        }
        match first {
            '"' => match serde_json::from_str::<String>(token)
                .and_then(|text| serde_json::to_string(&text))
            {
                Ok(text) => self.text.push_str(&text),
                Err(_) => self.text.push_str(token),
            },
            ':' => self.text.push_str(": "),
            _ => self.text.push_str(token),
        }
        match first {
            '{' | '[' => {
                self.level += 1;
                self.is_opened = true;
            }
            ',' => self.break_line(),
            _ => {}
        }
    }

    fn break_line(&mut self) {
        if self.level <= MOST_LEVELS {
            self.text.push('\n');
            self.text.push_str(&"  ".repeat(self.level));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    #[test]
    fn level_keeps_numbers_order_and_repeated_keys() {
        let value = raw(r#"{"z": 1.50, "a": "\u00e9", "a": [123456789012345678901234567890, {}]}"#);
        let Level::Object(members) = Level::of(&value) else {
            panic!("an object");
        };
        let texts: Vec<(&str, &str)> = members
            .iter()
            .map(|(key, value)| (key.as_str(), value.get()))
            .collect();
        let expected = [
            ("z", "1.50"),
            ("a", r#""\u00e9""#),
            ("a", "[123456789012345678901234567890, {}]"),
        ];
        assert_eq!(texts, expected);
        assert!(matches!(Level::of(members[1].1), Level::String(text) if text == "\u{e9}"));
        assert!(matches!(Level::of(members[2].1), Level::Array(items) if items.len() == 2));
        for text in ["1e999", "true", "null", r#""\ud800""#, r#"{"\ud800":1}"#] {
            let value = raw(text);
            assert!(
                matches!(Level::of(&value), Level::Other(same) if same == text),
                "{text}"
            );
        }
    }

    #[test]
    fn indented_text_is_that_of_the_parsed_value_but_for_what_parsing_loses() {
        let text = r#"{"a" :[1, {"b\"]": []},[ ] ],"c":{ },"d":"{\"x\": [\u00e9\\"}"#;
        let parsed: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let pretty = serde_json::to_string_pretty(&parsed).expect("JSON");
        assert_eq!(indented(&raw(text)), pretty);
        let lossy = raw("{\"z\":1.50,\"a\":1e999,\"a\":\"\\ud800\"}");
        assert_eq!(
            indented(&lossy),
            "{\n  \"z\": 1.50,\n  \"a\": 1e999,\n  \"a\": \"\\ud800\"\n}"
        );
        assert_eq!(indented(&raw("[]")), "[]");
    }

    #[test]
    fn deep_nesting_is_neither_read_nor_indented_without_end() {
        let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
        let value = raw(&deep);
        assert!(indented(&value).len() < 2 * deep.len());
        assert!(matches!(Level::of(&value), Level::Array(items) if items.len() == 1));
    }
}
