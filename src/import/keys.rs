//! Names and serial numbers as they are compared: folded, and nothing where they name no machine.

use unicode_normalization::UnicodeNormalization as _;

/// Shorter texts are no serial number.
const SHORTEST_SERIAL: usize = 4;

/// What stands for nothing in an export, and in the firmware of machines that nobody has set up.
const WORDS_FOR_NOTHING: [&str; 31] = [
    "-",
    "--",
    "?",
    ".",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "undefined",
    "unknown",
    "unassigned",
    "unspecified",
    "not available",
    "not applicable",
    "not set",
    "not specified",
    "no asset tag",
    "invalid",
    "empty",
    "default",
    "default string",
    "to be filled by o.e.m.",
    "to be filled by oem",
    "system serial number",
    "chassis serial number",
    "serial number",
    "o.e.m.",
    "oem",
    "tbd",
];

/// Serial numbers that many machines have.
const SHARED_SERIALS: [&str; 3] = ["123456789", "1234567890", "0123456789"];

/// What a system or an image calls every machine.
const SHARED_NAMES: [&str; 23] = [
    "localhost",
    "desktop",
    "laptop",
    "notebook",
    "computer",
    "machine",
    "host",
    "hostname",
    "pc",
    "win",
    "windows",
    "workstation",
    "server",
    "mac",
    "macbook",
    "macbook-air",
    "macbook-pro",
    "imac",
    "mac-mini",
    "iphone",
    "ipad",
    "android",
    "ubuntu",
];

/// `text` as it is compared: trimmed, ignoring case and Unicode form.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    // A compatibility form can begin with a space.
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    folded.trim().to_owned()
}

/// True for a folded text that stands for nothing.
pub(super) fn is_nothing(folded: &str) -> bool {
    folded.is_empty() || WORDS_FOR_NOTHING.contains(&folded)
}

/// A folded name without the dot that ends a name of the DNS.
pub(super) fn without_dot(folded: &str) -> &str {
    folded.trim_end_matches(['.', ' '])
}

/// A host name or nickname to compare by; none if it names no machine, or many.
pub(super) fn name(text: &str) -> Option<String> {
    let folded = fold(text);
    let folded = without_dot(&folded);
    let first = short(folded).unwrap_or(folded);
    // Apple's default names have spaces where host names have hyphens.
    let is_shared = SHARED_NAMES.contains(&first.replace([' ', '_'], "-").as_str());
    (!is_nothing(folded) && !is_nothing(first) && !is_shared).then(|| folded.to_owned())
}

/// A serial number to compare by; none if it is a filler.
pub(super) fn serial(text: &str) -> Option<String> {
    let folded = fold(text);
    let mut characters = folded.chars();
    let first = characters.next()?;
    let is_one_character = characters.all(|character| character == first);
    let is_filler = folded.len() < SHORTEST_SERIAL
        || is_one_character
        || is_nothing(&folded)
        || SHARED_SERIALS.contains(&folded.as_str());
    (!is_filler).then_some(folded)
}

/// The name before the domain, if there is a domain. An IP address isn't a name.
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
    fn names_for_nothing_or_for_many_are_none() {
        for text in [
            "",
            " ",
            "N/A",
            "unknown",
            "localhost",
            "LOCALHOST.localdomain",
            "DESKTOP",
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
    fn serial_numbers_of_no_machine_are_none() {
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
        fn any_text_is_folded(text in "\\PC{0,20}") {
            let _ = (name(&text), serial(&text));
        }

        #[test]
        fn what_was_folded_is_folded(text in "[a-zA-ZäÖÅ0-9 ._-]{0,20}") {
            if let Some(folded) = name(&text) {
                prop_assert_eq!(name(&folded), Some(folded));
            }
        }
    }
}
