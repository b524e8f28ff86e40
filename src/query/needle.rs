//! A text that is looked for, whatever its case.
//!
//! Case is folded character by character: ASCII letters to lower case, others to their lower case
//! where that is one character outside ASCII. So an ASCII needle is found byte by byte, in any
//! text and without a copy of it.

use std::hash::Hasher;

use memchr::memmem::Finder;

/// A text to look for.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    folded: Box<str>,
    /// For a needle in ASCII, ready to search bytes in lower case. Its tables are large.
    ascii: Option<Box<Finder<'static>>>,
}

impl Needle {
    /// Looks for `text`.
    pub fn new(text: &str) -> Self {
        let folded: Box<str> = text.chars().map(fold).collect();
        Self {
            ascii: folded
                .is_ascii()
                .then(|| Box::new(Finder::new(folded.as_bytes()).into_owned())),
            folded,
        }
    }

    /// What finds it in bytes that are in lower case; none if it isn't ASCII.
    pub fn ascii(&self) -> Option<&Finder<'static>> {
        self.ascii.as_deref()
    }

    /// True if `text` contains it.
    pub fn is_in(&self, text: &str) -> bool {
        if self.ascii.is_some() {
            return contains_ascii(text.as_bytes(), self.folded.as_bytes());
        }
        !text.is_ascii()
            && text.char_indices().any(|(start, _)| {
                let mut rest = text[start..].chars().map(fold);
                self.folded
                    .chars()
                    .all(|character| rest.next() == Some(character))
            })
    }

    /// True if `text` is it.
    pub fn is(&self, text: &str) -> bool {
        same(&self.folded, text)
    }
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

/// True if the two differ in nothing but case.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || (!a.is_ascii() && !b.is_ascii() && a.chars().map(fold).eq(b.chars().map(fold)))
}

/// Hashes `text` so that texts that are the [`same`] have one hash.
pub(super) fn hash(text: &str, hasher: &mut impl Hasher) {
    if text.is_ascii() {
        for byte in text.bytes() {
            hasher.write_u32(u32::from(byte.to_ascii_lowercase()));
        }
    } else {
        for character in text.chars() {
            hasher.write_u32(u32::from(fold(character)));
        }
    }
}

/// The one character that stands for all cases of `character`.
pub(super) fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    if character == 'ς' {
        return 'σ';
    }
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) if !only.is_ascii() => only,
        _ => character,
    }
}

fn contains_ascii(text: &[u8], needle: &[u8]) -> bool {
    let Some((&first, tail)) = needle.split_first() else {
        return true;
    };
    let Some(last_start) = text.len().checked_sub(needle.len()) else {
        return false;
    };
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), &text[..=last_start])
        .any(|at| text[at + 1..at + needle.len()].eq_ignore_ascii_case(tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        text.chars().map(fold).collect()
    }

    #[test]
    fn case_is_ignored_in_and_outside_ascii() {
        assert!(Needle::new("zürich").is_in("LT-ZÜRICH-1"));
        assert!(Needle::new("ΟΔΟΣ").is("οδος"));
        assert!(Needle::new("Москва").is_in("офис москва"));
        assert!(Needle::new("sales").is_in("Größe SALES"));
        assert!(!Needle::new("zürich").is_in("zurich"));
        assert!(!Needle::new("longer than the text").is_in("the text"));
        // The Kelvin sign is no k, and the dotted capital I no i.
        assert!(!Needle::new("k").is_in("\u{212a}"));
        assert!(Needle::new("İstanbul").is("İSTANBUL"));
    }

    proptest! {
        #[test]
        fn it_is_found_where_the_folded_text_has_it(text in "[aBßÄäkKσΣς\u{212a}İiⱥȺ ]{0,12}", needle in "[aBßÄäkKσΣς\u{212a}İiⱥȺ]{1,3}") {
            prop_assert_eq!(Needle::new(&needle).is_in(&text), folded(&text).contains(&folded(&needle)));
            prop_assert_eq!(Needle::new(&needle).is(&text), folded(&text) == folded(&needle));
        }

        #[test]
        fn texts_that_are_the_same_have_one_hash(text in "[aBßÄäkKσΣς\u{212a}İiⱥȺ ]{0,12}") {
            let of = |text: &str| {
                let mut hasher = std::hash::DefaultHasher::new();
                hash(text, &mut hasher);
                hasher.finish()
            };
            prop_assert!(same(&text, &folded(&text)));
            prop_assert_eq!(of(&text), of(&folded(&text)));
        }
    }
}
