//! Removes the decoration of spreadsheets, tickets and word processors from cells.

use std::borrow::Cow;

use super::missing_values::{
    LONGEST_PLACEHOLDER, is_error_value, is_nothing_word, is_placeholder_word,
};

/// Removes white space and invisible characters around a value, the formula of a text (`="00123"`),
/// the apostrophe with which spreadsheets mark text, and Markdown's code and emphasis signs. The value
/// itself is unchanged; queries ignore its white space and Unicode form.
pub(in crate::list) fn clean(cell: &str) -> Cow<'_, str> {
    let text = undecorated(cell);
    if formula(trimmed(cell)).is_some() && text.contains("\"\"") {
        return Cow::Owned(text.replace("\"\"", "\""));
    }
    Cow::Borrowed(text)
}

fn undecorated(cell: &str) -> &str {
    // Most cells begin and end with a letter or digit.
    let plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    if plain(cell.as_bytes().first()) && plain(cell.as_bytes().last()) {
        return cell;
    }
    let mut text = cell;
    loop {
        let inner = undecorated_once(text);
        if inner.len() == text.len() {
            return text;
        }
        text = inner;
    }
}

fn trimmed(cell: &str) -> &str {
    cell.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

/// The text of a formula that is a text; quotes in it are doubled.
fn formula(text: &str) -> Option<&str> {
    text.strip_prefix("=\"")?.strip_suffix('"')
}

fn undecorated_once(cell: &str) -> &str {
    let text = trimmed(cell);
    if let Some(formula) = formula(text) {
        return formula;
    }
    if let Some(rest) = text.strip_prefix('\'') {
        return rest.strip_suffix('\'').unwrap_or(rest);
    }
    for sign in ["**", "__", "`", "*"] {
        let inner = text
            .strip_prefix(sign)
            .and_then(|rest| rest.strip_suffix(sign));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            return inner;
        }
    }
    text
}

/// Characters without width, which are often copied with text.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{180e}')
}

/// True for a placeholder such as `N/A`, and for a text of zeros and signs only. Applies to
/// identifiers, names and users; in other fields `none` can be a value.
pub fn is_placeholder(text: &str) -> bool {
    if text
        .bytes()
        .all(|byte| matches!(byte, b'0' | b' ' | b'-' | b'.' | b'_' | b':' | b'/'))
    {
        return true;
    }
    if is_error_value(text) {
        return true;
    }
    text.len() <= LONGEST_PLACEHOLDER && (is_nothing_word(text) || is_placeholder_word(text))
}

/// True for a truth value, from a column that only says whether there is an identifier.
pub(in crate::list) fn is_truth_value(text: &str) -> bool {
    [
        "true", "false", "yes", "no", "y", "n", "wahr", "falsch", "ja", "nein", "oui", "non",
        "vrai", "faux",
    ]
    .iter()
    .any(|word| text.eq_ignore_ascii_case(word))
}

/// Removes braces or brackets around an identifier.
pub(in crate::list) fn unbraced(text: &str) -> &str {
    for (open, close) in [('{', '}'), ('[', ']'), ('(', ')'), ('<', '>'), ('"', '"')] {
        if let Some(inner) = text
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
        {
            return inner.trim();
        }
    }
    text
}

/// The identifier in a cell; `None` for a placeholder or truth value.
pub(in crate::list) fn identifier(text: &str) -> Option<&str> {
    let inner = unbraced(text);
    let says_nothing = |text| is_placeholder(text) || is_truth_value(text);
    (!says_nothing(text) && !says_nothing(inner)).then_some(inner)
}

/// True for a text that looks like another system's device ID and not like a hardware ID: a dashed
/// GUID, 40 hex digits, a short row number, an address.
pub(in crate::list) fn looks_like_foreign_id(text: &str) -> bool {
    let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let text = unbraced(text);
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    (groups == [8, 4, 4, 4, 12] && text.split('-').all(hexadecimal))
        || (text.len() == 40 && hexadecimal(text))
        || (text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit()))
        || text.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clean_removes_decoration() {
        for (cell, value) in [
            ("a1d1", "a1d1"),
            ("=\"a1d1\"", "a1d1"),
            ("=\"say \"\"hi\"\"\"", "say \"hi\""),
            ("'a1d3", "a1d3"),
            ("'a1d3'", "a1d3"),
            ("`a1d3`", "a1d3"),
            ("**LT-1**", "LT-1"),
            ("\u{a0}\u{200b}LT-1\u{feff} ", "LT-1"),
            ("Domain\r\ncontrollers", "Domain\r\ncontrollers"),
            ("=SUM(A1)", "=SUM(A1)"),
            ("=\"say \"\"hi\"\"!", "=\"say \"\"hi\"\"!"),
            ("*", "*"),
            ("", ""),
        ] {
            assert_eq!(clean(cell), value, "{cell:?}");
        }
    }

    #[test]
    fn is_placeholder_recognises_placeholders() {
        for text in [
            "N/A",
            "none",
            "NULL",
            "#N/A",
            "(blank)",
            "-",
            "--",
            "00:00:00",
            "unknown",
            "Not Available",
            "Default string",
            "To be filled by O.E.M.",
            "0000",
            "...",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["LT-1", "nanny", "0a", "none-1"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn looks_like_foreign_id_recognises_other_systems() {
        for text in [
            "51de0051-7c1e-4f0a-9d81-00155d0510f3",
            "{51DE0051-7c1e-4f0a-9d81-00155d0510f3}",
            "51de00567c1e4f0a9d8600155d05610251de0056",
            "123456789",
            "a@b.example",
        ] {
            assert!(looks_like_foreign_id(text), "{text}");
        }
        for text in [
            "12ds44f5gacd52234",
            "HGFGUYFUYF4",
            "1234567890",
            "51de00587c1e4f0a9d8800155d058108",
        ] {
            assert!(!looks_like_foreign_id(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn clean_is_stable_and_never_panics(text in prop_oneof![any::<String>(), "[=\"'`*_a ]{0,9}"]) {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once).into_owned(), once);
            let _ = (is_placeholder(&text), looks_like_foreign_id(&text), unbraced(&text));
        }

        #[test]
        fn clean_returns_the_identifier_without_decoration(
            id in "[A-Za-z0-9]{2}([A-Za-z0-9._:-]{0,12}[A-Za-z0-9])?",
            layers in proptest::collection::vec(0_usize..8, 0..4),
            brace in 0_usize..6,
        ) {
            let (open, close) = [("", ""), ("{", "}"), ("[", "]"), ("(", ")"), ("<", ">"), ("\"", "\"")][brace];
            // A quote inside a formula is doubled, which braces are not part of.
            let layers = layers.into_iter().filter(|layer| *layer != 2 || open != "\"");
            let cell = layers.fold(format!("{open}{id}{close}"), |cell, layer| match layer {
                0 => format!(" {cell}\u{a0}"),
                1 => format!("\u{feff}{cell}\u{200b}"),
                2 => format!("=\"{cell}\""),
                3 => format!("'{cell}"),
                4 => format!("'{cell}'"),
                5 => format!("`{cell}`"),
                6 => format!("**{cell}**"),
                _ => format!("__{cell}__"),
            });
            let cleaned = clean(&cell);
            let expected = Some(id.as_str()).filter(|id| !is_placeholder(id) && !is_truth_value(id));
            prop_assert_eq!(identifier(&cleaned), expected, "{}", cell);
        }

        #[test]
        fn is_placeholder_ignores_case_and_decoration(word in proptest::sample::select(&super::super::missing_values::PLACEHOLDERS[..]), upper: bool) {
            let word = if upper { word.to_ascii_uppercase() } else { word.to_owned() };
            for cell in [word.clone(), format!(" {word}\u{a0}"), format!("'{word}"), format!("=\"{word}\"")] {
                prop_assert!(is_placeholder(&clean(&cell)), "{cell}");
            }
        }
    }
}
