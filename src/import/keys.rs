//! Normalises names and serial numbers for comparison, and drops those that name no single machine.

use unicode_normalization::UnicodeNormalization as _;

use crate::list::{is_default_name, is_placeholder_word, is_word_for_nothing};

/// A shorter text is not a serial number.
const MIN_SERIAL_LENGTH: usize = 4;

/// Placeholders of exports, and of firmware that was never set up, beside those that lists know.
const PLACEHOLDERS: [&str; 13] = [
    "unassigned",
    "unspecified",
    "not set",
    "no asset tag",
    "invalid",
    "empty",
    "default",
    "to be filled by oem",
    "chassis serial number",
    "serial number",
    "o.e.m.",
    "oem",
    "tbd",
];

/// Serial numbers that many machines have.
const SHARED_SERIALS: [&str; 3] = ["123456789", "1234567890", "0123456789"];

/// The text for comparison: trimmed, lower case, in compatibility form (NFKC).
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    // A compatibility form can begin with a space.
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    folded.trim().to_owned()
}

/// True for an empty text or a placeholder; `folded` is folded.
pub(super) fn is_placeholder(folded: &str) -> bool {
    is_word_for_nothing(folded) || is_placeholder_word(folded) || PLACEHOLDERS.contains(&folded)
}

/// Removes the trailing dot of a fully qualified DNS name.
pub(super) fn without_dot(folded: &str) -> &str {
    folded.trim_end_matches(['.', ' '])
}

/// A host name or nickname for comparison; `None` for a placeholder or a default name.
pub(crate) fn name(text: &str) -> Option<String> {
    let folded = fold(text);
    let folded = without_dot(&folded);
    let first = short(folded).unwrap_or(folded);
    let is_of_many = |name: &str| is_placeholder(name) || is_default_name(name);
    (!is_of_many(folded) && !is_of_many(first)).then(|| folded.to_owned())
}

/// A serial number for comparison; `None` for a placeholder.
pub(super) fn serial(text: &str) -> Option<String> {
    let folded = fold(text);
    let mut characters = folded.chars();
    let first = characters.next()?;
    let is_one_character = characters.all(|character| character == first);
    let is_filler = folded.len() < MIN_SERIAL_LENGTH
        || is_one_character
        || is_placeholder(&folded)
        || SHARED_SERIALS.contains(&folded.as_str());
    (!is_filler).then_some(folded)
}

/// The name before the domain; `None` without a domain and for an IP address.
pub(super) fn short(name: &str) -> Option<&str> {
    let (first, rest) = name.split_once('.')?;
    let is_name = !first.is_empty()
        && !rest.is_empty()
        && !name.starts_with(|character: char| character.is_ascii_digit());
    is_name.then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn name_is_none_for_placeholders_and_default_names() {
        for text in [
            "",
            " ",
            "N/A",
            "unknown",
            "localhost",
            "LOCALHOST.localdomain",
            "DESKTOP",
            "client",
            "RaspberryPi",
            "MacBook-Pro",
            "MacBook Pro",
            "macbook-pro.local",
            "-",
        ] {
            assert_eq!(name(text), None, "{text:?}");
        }
        assert_eq!(
            name(" DESKTOP-4F7K2M9 "),
            Some("desktop-4f7k2m9".to_owned())
        );
        assert_eq!(
            name("PC01.corp.example."),
            Some("pc01.corp.example".to_owned())
        );
        assert_eq!(name("ＰＣ-Ä"), Some("pc-ä".to_owned()));
    }

    #[test]
    fn serial_is_none_for_placeholders() {
        for text in [
            "",
            "0",
            "00000000",
            "To be filled by O.E.M.",
            "Default string",
            "123456789",
            "abc",
            "xxxxxxx",
        ] {
            assert_eq!(serial(text), None, "{text:?}");
        }
        assert_eq!(serial(" PF2A1B3C "), Some("pf2a1b3c".to_owned()));
    }

    proptest! {
        #[test]
        fn name_and_serial_never_panic(text in "\\PC{0,20}") {
            let _ = (name(&text), serial(&text));
        }

        #[test]
        fn name_is_idempotent(text in "[a-zA-ZäÖÅ0-9 ._-]{0,20}") {
            if let Some(folded) = name(&text) {
                prop_assert_eq!(name(&folded), Some(folded));
            }
        }
    }
}
