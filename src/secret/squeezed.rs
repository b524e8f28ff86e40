//! Looks for secrets by their letters and digits alone, so that whatever stands between two of them
//! doesn't hide a secret.

use std::collections::HashMap;
use std::ops::Range;

use super::Secret;

/// As many letters and digits at the end of a secret as decide whether all of it is compared. A secret of
/// fewer would be found in ordinary words.
pub(super) const SHORTEST: usize = 8;

/// The secrets that are looked for.
#[derive(Debug, Default)]
pub(super) struct Squeezed {
    /// By a hash of their last letters and digits.
    by_end: HashMap<u16, Vec<Secret>>,
}

impl Squeezed {
    /// Looks for this one from now on. One of too few letters and digits is not looked for.
    pub(super) fn learn(&mut self, secret: &Secret) {
        let squeezed: Vec<u8> = letters_and_digits(secret.expose().as_bytes()).collect();
        let Some(end) = squeezed.last_chunk::<SHORTEST>() else {
            return;
        };
        let hash = hash(u64::from_be_bytes(*end));
        let text = String::from_utf8(squeezed).unwrap_or_default();
        self.by_end.entry(hash).or_default().push(Secret::new(text));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_end.is_empty()
    }

    /// Where the secrets are in `text`: from the first letter or digit to behind the last.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut squeezed: Vec<u8> = Vec::with_capacity(text.len());
        let mut indexes: Vec<usize> = Vec::with_capacity(text.len());
        let mut end = 0_u64;
        for (at, &byte) in text.iter().enumerate() {
            if !byte.is_ascii_alphanumeric() {
                continue;
            }
            squeezed.push(byte.to_ascii_lowercase());
            indexes.push(at);
            end = (end << 8) | u64::from(byte.to_ascii_lowercase());
            for secret in self.by_end.get(&hash(end)).into_iter().flatten() {
                let secret = secret.expose().as_bytes();
                let first = squeezed.len().checked_sub(secret.len());
                let start = first.and_then(|first| indexes.get(first));
                if let Some(&start) = start
                    && squeezed.ends_with(secret)
                {
                    places.push(start..at + 1);
                }
            }
        }
        places
    }
}

fn letters_and_digits(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
}

/// Of 16 bits, from which nobody can tell what it is of.
fn hash(end: u64) -> u16 {
    let bits = end.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    u16::try_from(bits).unwrap_or_default()
}
