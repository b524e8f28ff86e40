//! Text normalisation for comparison: case, Unicode form, invisible characters and white space.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// True for text that only needs case folding: ASCII with single spaces.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) && !text.contains("  ")
}

/// The text in compatibility form (NFKC), without invisible characters, with each run of white
/// space replaced by one space.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    let mut space = false;
    for character in text.nfkc().filter(|&character| !is_ignored(character)) {
        if character.is_whitespace() {
            space = true;
            continue;
        }
        if std::mem::take(&mut space) {
            normal.push(' ');
        }
        normal.push(character);
    }
    if space {
        normal.push(' ');
    }
    Cow::Owned(normal)
}

/// The [`normal`] text, case-folded.
pub(super) fn folded(text: &str) -> String {
    let normal = normal(text);
    if normal.is_ascii() {
        return normal.to_ascii_lowercase();
    }
    let mut lower = String::with_capacity(normal.len());
    for character in normal.chars() {
        match character {
            // Its capital form has two letters.
            'ß' | 'ẞ' => lower.push_str("ss"),
            // The lower-case form is an i with a second dot, which looks like an i.
            'İ' => lower.push('i'),
            '\u{307}' if lower.ends_with('i') => {}
            other => lower.push(fold(other)),
        }
    }
    // Lower-casing can produce a letter with another compatibility form.
    lower.nfkc().collect()
}

/// The case-folded form of `character`.
fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    if character == 'ς' {
        return 'σ';
    }
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

/// Characters without width or meaning: joiners, directional marks, variation selectors.
fn is_ignored(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folded_ignores_spelling_variants() {
        let expected = folded("domänen controller");
        for text in [
            "Doma\u{308}nen Controller",
            "DOMÄNEN  CONTROLLER",
            "Domänen\u{a0}Controller",
            "Domänen\r\nController",
            "Do\u{200b}mänen \u{feff}Controller",
            "Ｄｏｍänen Controller",
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
        for text in ["İSTANBUL", "I\u{307}stanbul", "i\u{307}stanbul", "istanbul"] {
            assert_eq!(folded(text), "istanbul", "{text:?}");
        }
        assert_ne!(folded("ısparta"), "isparta");
        assert_ne!(folded("q\u{307}"), "q");
        assert_eq!(folded("domain  controller"), "domain controller");
        assert_eq!(folded("a  b"), "a b");
        assert_eq!(folded("STRASSE"), folded("Straße"));
        assert_eq!(folded("STRAẞE"), folded("strasse"));
        assert_eq!(folded("\u{212a}elvin ΟΔΟΣ"), folded("kelvin οδος"));
        assert_ne!(folded("Domanen Controller"), expected);
    }

    proptest! {
        #[test]
        fn folding_is_stable(text in any::<String>()) {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }
    }
}
