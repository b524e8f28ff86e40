//! Substring search that ignores case, Unicode form and white space.
//!
//! Most texts are plain ASCII and are searched bytewise without a copy. Others are normalised by
//! [`super::normal`] first.

use std::hash::Hasher;

use memchr::memmem::Finder;

use super::normal::{folded, is_plain};

/// A search text.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    folded: Box<str>,
    /// For an ASCII needle: a searcher for lower-case bytes. Boxed because its tables are large.
    ascii: Option<Box<Finder<'static>>>,
}

impl Needle {
    /// A needle for `text`.
    pub fn new(text: &str) -> Self {
        let folded: Box<str> = folded(text).into();
        Self {
            ascii: folded
                .is_ascii()
                .then(|| Box::new(Finder::new(folded.as_bytes()).into_owned())),
            folded,
        }
    }

    /// The searcher for lower-case bytes; `None` if the needle isn't ASCII.
    pub fn ascii(&self) -> Option<&Finder<'static>> {
        self.ascii.as_deref()
    }

    /// The text in the form that is compared.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// True if `text` contains it.
    pub fn is_in(&self, text: &str) -> bool {
        if is_plain(text) {
            return self.ascii.is_some() && contains_ascii(text.as_bytes(), self.folded.as_bytes());
        }
        folded(text).contains(&*self.folded)
    }
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

/// Texts of which a value has to equal one. There may be thousands: those of a ticket, or of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ExactTexts {
    /// Folded, in order.
    folded: Vec<String>,
}

impl ExactTexts {
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut folded: Vec<String> = texts.into_iter().map(folded).collect();
        folded.sort_unstable();
        folded.dedup();
        Self { folded }
    }

    /// True if `text` equals one of them.
    pub fn has(&self, text: &str) -> bool {
        if is_plain(text) {
            let bytes = || text.bytes().map(|byte| byte.to_ascii_lowercase());
            let place = |known: &String| known.bytes().cmp(bytes());
            return self.folded.binary_search_by(place).is_ok();
        }
        self.folded.binary_search(&folded(text)).is_ok()
    }
}

/// True if the two are equal but for case, Unicode form and white space.
pub(super) fn same(a: &str, b: &str) -> bool {
    match (is_plain(a), is_plain(b)) {
        (true, true) => a.eq_ignore_ascii_case(b),
        _ => folded(a) == folded(b),
    }
}

/// Hashes `text` consistently with [`same`].
pub(super) fn hash(text: &str, hasher: &mut impl Hasher) {
    if is_plain(text) {
        for byte in text.bytes() {
            hasher.write_u32(u32::from(byte.to_ascii_lowercase()));
        }
    } else {
        for character in folded(text).chars() {
            hasher.write_u32(u32::from(character));
        }
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

    #[test]
    fn needle_ignores_case_in_and_outside_ascii() {
        assert!(Needle::new("zürich").is_in("LT-ZÜRICH-1"));
        assert!(Needle::new("Москва").is_in("офис москва"));
        assert!(Needle::new("sales").is_in("Größe SALES"));
        assert!(!Needle::new("zürich").is_in("zurich"));
        assert!(!Needle::new("longer than the text").is_in("the text"));
        // The Kelvin sign is a k of another form; the dotted capital I is not an i.
        assert!(Needle::new("k").is_in("\u{212a}"));
    }

    #[test]
    fn exact_texts_ignore_case_in_and_outside_ascii() {
        let texts = ExactTexts::of(["ΟΔΟΣ", "İstanbul", "b2", "A1", "a1", "Zürich"]);
        for text in ["οδος", "İSTANBUL", "a1", "B2", "ZU\u{308}RICH"] {
            assert!(texts.has(text), "{text}");
        }
        for text in ["", "a", "a11", "b", "c3", "zurich"] {
            assert!(!texts.has(text), "{text}");
        }
    }

    #[test]
    fn needles_and_texts_are_compared_without_case() {
        assert_eq!(Needle::new("Zürich"), Needle::new("ZÜRICH"));
        assert_ne!(Needle::new("a"), Needle::new("b"));
        assert!(same("a", "A") && same("ü", "Ü"));
        assert!(!same("a", "b") && !same("ü", "u") && !same("a", "aa"));
    }

    proptest! {
        #[test]
        fn needle_agrees_with_folded_search(text in "[aBßÄäkKσΣς\u{212a}İiⱥȺ ]{0,12}", needle in "[aBßÄäkKσΣς\u{212a}İiⱥȺ]{1,3}") {
            prop_assert_eq!(Needle::new(&needle).is_in(&text), folded(&text).contains(&folded(&needle)));
            let texts = ExactTexts::of([needle.as_str(), "k"]);
            let is_one = [folded(&needle), folded("k")].contains(&folded(&text));
            prop_assert_eq!(texts.has(&text), is_one);
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
