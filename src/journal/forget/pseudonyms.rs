//! Keyed hashes in place of names.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation as _;

use super::key::Key;
use crate::text::hex;

/// What a hash begins with, so that it isn't taken for a name.
const PREFIX: &str = "hash-";

/// The bytes of the hash that are shown: equal hashes of different names are unlikely among millions.
const SHOWN: usize = 8;

/// The shortest name that is replaced within a longer text.
const SHORTEST: usize = 3;

/// Replaces names by hashes with one key.
pub(super) struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    pub(super) fn new(key: &Key) -> Self {
        // A short key is padded with zeros.
        let mut block = [0; 64];
        block[..key.0.len()].copy_from_slice(&key.0);
        Self(Hmac::new(&block.into()))
    }

    /// Keyed hash of a name, ignoring case and Unicode form. Empty input and existing hashes are returned
    /// unchanged.
    pub(super) fn of(&self, name: &str) -> String {
        if name.trim().is_empty() || is_hash(name) {
            return name.to_owned();
        }
        let mut mac = self.0.clone();
        mac.update(normal(name).as_bytes());
        let bytes = mac.finalize().into_bytes();
        format!("{PREFIX}{}", hex(bytes.get(..SHOWN).unwrap_or(&bytes)))
    }
}

fn is_hash(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() == 2 * SHOWN && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn normal(name: &str) -> String {
    name.trim().nfkc().collect::<String>().to_lowercase()
}

/// The names of a run's devices and users, to be found in longer texts.
pub(super) struct Names<'p> {
    pseudonyms: &'p Pseudonyms,
    /// By their normal form, longest first.
    names: Vec<(String, String)>,
}

impl<'p> Names<'p> {
    /// These names, and their parts: a host without its domain, a user without theirs.
    pub(super) fn new<'n>(
        pseudonyms: &'p Pseudonyms,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let mut known = BTreeMap::new();
        for name in names {
            let host = name.split_once('.').map(|(host, _)| host);
            let user = name.split_once('@').map(|(user, _)| user);
            let account = name.rsplit_once('\\').map(|(_, account)| account);
            for part in [Some(name), host, user, account].into_iter().flatten() {
                let normal = Normal::of(part.trim()).text;
                let is_name = normal.chars().count() >= SHORTEST && !is_hash(&normal);
                if is_name && normal.chars().any(char::is_alphabetic) {
                    known.insert(normal, pseudonyms.of(part));
                }
            }
        }
        let mut names: Vec<_> = known.into_iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { pseudonyms, names }
    }

    pub(super) fn hash(&self, name: &str) -> String {
        self.pseudonyms.of(name)
    }

    /// The text with each whole name in it replaced by its hash.
    pub(super) fn replaced(&self, text: &str) -> String {
        let is_word = |character: char| character.is_alphanumeric();
        let mut replaced = text.to_owned();
        for (name, hash) in &self.names {
            let source = Normal::of(&replaced);
            let mut result = String::with_capacity(replaced.len());
            let mut end = 0;
            for (at, found) in source.text.match_indices(name.as_str()) {
                let before = source.text.get(..at);
                let before = before.and_then(|text| text.chars().next_back());
                let after = source.text.get(at + found.len()..);
                let after = after.and_then(|text| text.chars().next());
                if before.is_some_and(is_word) || after.is_some_and(is_word) {
                    continue;
                }
                let Some((from, to)) = source.place(at, found.len()) else {
                    continue;
                };
                result.push_str(replaced.get(end..from).unwrap_or_default());
                result.push_str(hash);
                end = to;
            }
            result.push_str(replaced.get(end..).unwrap_or_default());
            replaced = result;
        }
        replaced
    }
}

/// A text in the form in which names are compared.
struct Normal {
    text: String,
    /// For each byte of it, where the character begins and ends in the text that it was made of.
    places: Vec<(usize, usize)>,
}

impl Normal {
    fn of(text: &str) -> Self {
        let mut normal = String::with_capacity(text.len());
        let mut places = Vec::with_capacity(text.len());
        for (at, character) in text.grapheme_indices(true) {
            let lower = character.nfkc().flat_map(char::to_lowercase);
            // The sigma at the end of a word is the same letter.
            normal.extend(lower.map(|letter| if letter == 'ς' { 'σ' } else { letter }));
            places.resize(normal.len(), (at, at + character.len()));
        }
        Self {
            text: normal,
            places,
        }
    }

    /// Where this part of the text stands in the text that it was made of.
    fn place(&self, at: usize, length: usize) -> Option<(usize, usize)> {
        let (from, _) = *self.places.get(at)?;
        let (_, to) = *self.places.get((at + length).checked_sub(1)?)?;
        Some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms(seed: u8) -> Pseudonyms {
        Pseudonyms::new(&Key([seed; 32]))
    }

    #[test]
    fn equal_names_have_equal_hashes_and_other_keys_other_ones() {
        let first = pseudonyms(1);
        assert_eq!(first.of("Ada Lovelace"), first.of(" ada lovelace"));
        assert_ne!(first.of("ada"), first.of("grace"));
        assert_ne!(first.of("ada"), pseudonyms(2).of("ada"));
        assert_eq!(first.of(""), "");
        let hash = first.of("ada");
        assert_eq!(hash.len(), 21);
        assert_eq!(first.of(&hash), hash);
    }

    #[test]
    fn names_are_replaced_in_texts_as_whole_words_only() {
        let pseudonyms = pseudonyms(1);
        let names = [
            "LT-4411.acme.local",
            "ACME\\ada",
            "joan@acme.example",
            "pc",
            "12345",
        ];
        let names = Names::new(&pseudonyms, names);
        let hash = |name: &str| pseudonyms.of(name);
        assert_eq!(
            names.replaced("CHG-1: Ada's lt-4411, adapter of joan, pc 12345"),
            format!(
                "CHG-1: {}'s {}, adapter of {}, pc 12345",
                hash("ada"),
                hash("LT-4411"),
                hash("joan")
            )
        );
        assert_eq!(names.replaced("İ ADA"), format!("İ {}", hash("ada")));
    }

    #[test]
    fn names_are_found_in_composed_and_decomposed_letters() {
        let pseudonyms = pseudonyms(1);
        let names = Names::new(&pseudonyms, ["jos\u{e9}", "İLKAY"]);
        let (jose, ilkay) = (names.hash("jos\u{e9}"), names.hash("İLKAY"));
        for text in ["Jose\u{301}'s PC", "JOS\u{c9}'s PC", "Jos\u{e9}'s PC"] {
            assert_eq!(names.replaced(text), format!("{jose}'s PC"), "{text}");
        }
        assert_eq!(names.replaced("of İlkay, İ."), format!("of {ilkay}, İ."));
        let names = Names::new(&pseudonyms, ["ΝΙΚΟΣ"]);
        let nikos = names.hash("ΝΙΚΟΣ");
        assert_eq!(names.replaced("ΝΙΚΟΣ, Νικος"), format!("{nikos}, {nikos}"));
        assert_eq!(names.replaced("Josefine"), "Josefine");
    }
}
