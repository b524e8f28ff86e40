//! Reads a bare list: one identifier per line, without a header.
//!
//! A text is a list only if every line that is neither blank nor a comment is one identifier. If most
//! lines look like host names, they are read as host names, to be matched with the inventory.

use super::window::Window;
use crate::domain::device::{Hwid, IdentifierError, MacAddress};
use crate::list::Field;
use crate::list::devices::build::{Builder, RowLocation};
use crate::list::error::{ListError, Stop};
use crate::list::fields::cells;
use crate::list::fields::column::Column;
use crate::list::fields::headers::{Role, field_alias};
use crate::list::report::problem::ListNotice;

/// The maximum length of a host name in Windows directories.
const MAX_NETBIOS_NAME: usize = 15;
/// The minimum length of a hardware ID.
const MIN_HWID_LENGTH: usize = 4;
/// The number of lines by which their kind is decided.
const SAMPLE: usize = 1000;

/// True if each of the first lines is one identifier.
pub(in crate::list) fn is_bare(window: &mut Window<'_>) -> Result<bool, ListError> {
    let lines = window.first_lines(SAMPLE)?;
    let mut values = lines.iter().filter_map(|line| value(line)).peekable();
    Ok(values.peek().is_some() && values.all(is_identifier))
}

/// The index of the first line that is not an identifier, if most lines are.
pub(in crate::list) fn odd_line(lines: &[String]) -> Option<usize> {
    let values: Vec<&str> = lines.iter().filter_map(|line| value(line)).collect();
    let identifiers = values.iter().filter(|value| is_identifier(value)).count();
    let is_odd = |line: &String| value(line).is_some_and(|value| !is_identifier(value));
    (identifiers * 2 > values.len()).then(|| lines.iter().position(is_odd))?
}

/// Reads all lines; each is a MAC address if it is written like one, else a HWID.
pub(in crate::list) fn read(window: &mut Window<'_>, builder: &mut Builder) -> Result<(), Stop> {
    let sample = window.first_lines(SAMPLE)?;
    let values: Vec<&str> = sample.iter().filter_map(|line| value(line)).collect();
    let names = values
        .iter()
        .filter(|value| looks_like_hostname(value))
        .count();
    let are_names = names * 2 > values.len();
    if are_names {
        builder.notices.push(ListNotice::LooksLikeHostnames);
    }
    let fields = [Field::Hwid, Field::Mac, Field::Hostname];
    builder.columns = fields
        .into_iter()
        .map(|field| Column::new(field.name(), Role::Known(field_alias(field))))
        .collect();
    builder.is_decorated = true;
    while window.peek(0)?.is_some() {
        let length = window.line_length()?;
        let location = RowLocation {
            offset: window.offset(),
            line: window.line(),
        };
        let line = String::from_utf8_lossy(window.bytes().get(..length).unwrap_or_default());
        if let Some(value) = value(&line) {
            if !is_identifier(value) {
                let seen = format!(
                    "identifiers up to this line, which is '{}'",
                    crate::text::clip(value, 60)
                );
                return Err(window.not_a_list(location.line, seen).into());
            }
            let column = match MacAddress::parse(value) {
                Err(IdentifierError::NotAMac) if are_names && looks_like_hostname(value) => 2,
                Err(IdentifierError::NotAMac) => 0,
                _ => 1,
            };
            // A bare list has no column of device IDs.
            let _ = builder.put(column, value);
            builder
                .add(location)
                .map_err(|full| full.error(window.name()))?;
        }
        window.consume(length);
    }
    Ok(())
}

/// The value on a line; `None` for a blank line or a comment.
fn value(line: &str) -> Option<&str> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    (!line.is_empty() && !line.starts_with('#') && !line.starts_with("//")).then_some(line)
}

/// True for a single token that can be an identifier: a MAC address, or a hardware ID with at least
/// four characters and a digit.
fn is_identifier(value: &str) -> bool {
    if value.contains(char::is_whitespace) {
        return false;
    }
    let value = cells::clean(value);
    let value = cells::unbraced(&value);
    match MacAddress::parse(value) {
        Err(IdentifierError::NotAMac) => {}
        _ => return true,
    }
    Hwid::parse(value).is_ok()
        && value.len() >= MIN_HWID_LENGTH
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && !cells::is_placeholder(value)
}

/// True for `LT-4411` and `pc01.corp.example`; false for hexadecimal numbers and UUIDs.
fn looks_like_hostname(line: &str) -> bool {
    let label = line.split('.').next().unwrap_or(line);
    let characters = line
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    let hexadecimal = label
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let qualified = label.len() < line.len();
    characters
        && label.len() <= MAX_NETBIOS_NAME
        && label.bytes().any(|byte| byte.is_ascii_alphabetic())
        && (!hexadecimal || qualified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::DeviceList;
    use proptest::prelude::*;

    #[test]
    fn looks_like_hostname_rejects_hardware_ids() {
        for name in [
            "LT-4411",
            "DESKTOP-AB12CD3",
            "pc01.corp.example",
            "srv_db1",
            "deadbeef.corp.example",
        ] {
            assert!(looks_like_hostname(name), "{name}");
        }
        for hwid in [
            "12ds44f5gacd52234",
            "cd7323a67effe2ab53",
            "4c4c4544-0042-3510-8051",
            "deadbeef",
            "12345",
        ] {
            assert!(!looks_like_hostname(hwid), "{hwid}");
        }
    }

    #[test]
    fn bare_lines_are_host_names_only_if_most_look_so() {
        for (text, hwids) in [
            ("LT-4411\n12ds44f5gacd52234\n", 2),
            ("LT-4411\nLT-4412\n12ds44f5gacd52234\n", 1),
        ] {
            let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
            let found = list.ids().filter(|id| list.device(*id).hwid().is_some());
            assert_eq!(found.count(), hwids, "{text}");
        }
    }

    #[test]
    fn odd_line_is_among_lines_of_which_most_are_identifiers() {
        let odd = |text: &str| {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            odd_line(&lines)
        };
        assert_eq!(odd("a1b2\n# note\nx?\nc3d4"), Some(2));
        assert_eq!(odd("a1b2\nx?"), None);
    }

    #[test]
    fn is_identifier_requires_one_token_with_a_digit() {
        for value in [
            "12ds44f5gacd52234",
            "3c:52:82:55:66:15",
            "3c52.8255.6615",
            "{a1b3-05}",
            "ff:ff:ff:ff:ff:ff",
        ] {
            assert!(is_identifier(value), "{value}");
        }
        for value in [
            "null", "42", "1]", "\"asd\"", "Thanks", "a b1", "a1b3,", "|---|", "0000", "x=12",
        ] {
            assert!(!is_identifier(value), "{value}");
        }
    }

    fn list(text: &str) -> Result<DeviceList, ListError> {
        DeviceList::read_bytes("list", text.as_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn bare_list_has_one_row_per_line(
            lines in proptest::collection::vec("[a-f0-9]{3,12}[0-9]x|3c:52:82:[0-9a-f]{2}:00:01|# from [a-z ]{0,9}|", 1..20),
            ending in proptest::sample::select(vec!["\n", "\r\n"]),
        ) {
            let values: Vec<(u64, &str)> = (1..).zip(&lines)
                .filter_map(|(line, text)| Some((line, value(text)?)))
                .collect();
            prop_assume!(!values.is_empty());
            let list = list(&lines.join(ending)).expect("a list");
            let mut found: Vec<(u64, String)> = list.ids()
                .flat_map(|id| list.record(id).expect("a record"))
                .map(|row| match row {
                    crate::list::RawRecord::Line { line, text } => (line, text),
                    other => panic!("{other:?}"),
                })
                .collect();
            found.sort();
            let found: Vec<(u64, &str)> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
            prop_assert_eq!(found, values);
        }

        #[test]
        fn bare_list_rejects_a_line_of_text(
            ids in proptest::collection::vec("[a-f0-9]{3,12}[0-9]x", 1..9),
            odd in "[a-z]{2,9} [a-z]{2,9}|[a-z]{1,9}[?,=!]",
            at in any::<prop::sample::Index>(),
        ) {
            let mut lines = ids;
            lines.insert(at.index(lines.len() + 1), odd);
            prop_assert!(list(&lines.join("\n")).is_err());
        }
    }
}
