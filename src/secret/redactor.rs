//! Masks the secrets of this process in text that comes from outside.
//!
//! An error page likes to repeat the request, and with it the token of the URL or the client secret
//! of a form. It may escape any of its characters on the way: percent, HTML, JSON, or one within
//! the other. So a secret is compared character by character, each as itself or as any escape of
//! it, in the text and in what the text says once, twice and three times unescaped. Letters may be of
//! either case, and a line break or the zero bytes of UTF-16 may stand between two characters. A secret
//! is looked for in hexadecimal and base64, too, alone or as a part of a longer text.
//!
//! A secret of eight letters and digits or more is also looked for by these alone, whatever stands between
//! them, in the text and in all that it says when it is decoded in any way, and decoded again.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::Secret;
use super::decodings::each_layer;
use super::escapes::{Unescaped, escape_at, quoted_printable_at, unescape};
use super::squeezed::{self, Squeezed};

const MASK: &[u8] = b"[secret]";
/// How often a text is unescaped as a whole.
const LAYERS: usize = 3;
/// Anything shorter would be found everywhere, and is no secret.
const SHORTEST: usize = 4;

/// Base64 or hexadecimal digits of fewer than these would be found by accident.
const SHORTEST_ENCODED: usize = 8;

/// The secrets of this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    forms: Vec<Form>,
    squeezed: Squeezed,
}

/// A secret in one of its encodings.
#[derive(Debug)]
struct Form {
    text: Secret,
    /// The digits before and after it that hold bits of the secret and of what is beside it.
    edges: (usize, usize),
}

impl Form {
    /// The secret itself, and the encodings that are not made of escapes.
    fn all(secret: &Secret) -> Vec<Self> {
        let bytes = secret.expose().as_bytes();
        let whole = |text| Self {
            text,
            edges: (0, 0),
        };
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = vec![whole(Secret::new(digits.concat()))];
        // Three bytes are four digits: the digits depend on the secret's place in the encoded text.
        for (shift, unknown) in [(0, 0), (1, 2), (2, 3)] {
            let shifted = [&[0; 2][..shift], bytes].concat();
            let cut = usize::from(shifted.len() % 3 != 0);
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let encoded = engine.encode(&shifted);
                let known = encoded.get(unknown..encoded.len() - cut);
                forms.push(Self {
                    text: Secret::new(known.unwrap_or_default().to_owned()),
                    edges: (shift.min(1), cut),
                });
            }
        }
        forms.retain(|form| form.text.expose().len() >= SHORTEST_ENCODED);
        forms.push(whole(secret.clone()));
        forms
    }

    /// `place` with the digits beside it.
    fn widened(&self, text: &[u8], place: Range<usize>) -> Range<usize> {
        let is_digit = |at: usize| {
            let byte = text.get(at).copied().unwrap_or_default();
            byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
        };
        let (before, after) = self.edges;
        let start = place.start.checked_sub(before);
        let start = start.filter(|&at| is_digit(at)).unwrap_or(place.start);
        let end = place.end + if is_digit(place.end) { after } else { 0 };
        start..end
    }
}

impl Redactor {
    /// Masks this secret from now on, as well as all earlier ones. One of less than four bytes isn't
    /// masked.
    pub fn learn(&self, secret: &Secret) {
        if secret.expose().len() < SHORTEST {
            return;
        }
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_known = known.forms.iter().any(|form| form.text == *secret);
        drop(known);
        if !is_known {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            known.forms.extend(Form::all(secret));
            known.squeezed.learn(secret);
        }
    }

    /// The same for a secret that goes with a name, which a server may repeat in the form of HTTP's basic
    /// authentication: a short secret alone would be too few digits there.
    pub fn learn_login(&self, name: &str, secret: &Secret) {
        self.learn(secret);
        let login = format!("{name}:{}", secret.expose());
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            self.learn(&Secret::new(engine.encode(&login)));
        }
    }

    /// `bytes` with each secret masked.
    pub fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.forms.is_empty() {
            return bytes;
        }
        let mut places = find_all(&bytes, &known.forms);
        let mut unescaped: Option<Unescaped> = None;
        for _ in 0..LAYERS {
            unescaped = match &unescaped {
                None => unescape(&bytes),
                Some(before) => unescape(&before.text).map(|next| next.relative_to(before)),
            };
            let Some(layer) = &unescaped else { break };
            let found = find_all(&layer.text, &known.forms);
            places.extend(found.into_iter().map(|place| layer.origin(&place)));
        }
        if !known.squeezed.is_empty() {
            places.extend(known.squeezed.find(&bytes));
            each_layer(&bytes, squeezed::SHORTEST, &mut |layer| {
                let found = known.squeezed.find(&layer.text);
                places.extend(found.iter().map(|place| layer.origin(place)));
            });
        }
        drop(known);
        mask(bytes, places)
    }

    /// The same for a text.
    pub fn redact_text(&self, text: String) -> String {
        let bytes = self.redact(text.into_bytes());
        // Masks replace whole characters, and their escapes.
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// Where the secrets are in `text`; places may overlap.
fn find_all(text: &[u8], forms: &[Form]) -> Vec<Range<usize>> {
    // By the byte with which a form can begin: there are many forms after some tokens, and texts are long.
    let mut beginning: Vec<Vec<&Form>> = vec![Vec::new(); 256];
    for form in forms {
        let Some(first) = form.text.expose().bytes().next() else {
            continue;
        };
        let mut starts = vec![first.to_ascii_lowercase(), first.to_ascii_uppercase()];
        starts.extend(b"%&\\=");
        starts.extend((first == b' ').then_some(b'+'));
        starts.sort_unstable();
        starts.dedup();
        for start in starts {
            if let Some(beginning) = beginning.get_mut(usize::from(start)) {
                beginning.push(form);
            }
        }
    }
    let mut places = Vec::new();
    for (start, &byte) in text.iter().enumerate() {
        for form in beginning.get(usize::from(byte)).into_iter().flatten() {
            if let Some(end) = match_at(text, start, form.text.expose().as_bytes()) {
                places.push(form.widened(text, start..end));
            }
        }
    }
    places
}

/// The end of `secret` in `text`, if it begins at `start`.
fn match_at(text: &[u8], start: usize, secret: &[u8]) -> Option<usize> {
    let mut longest = None;
    let mut pending = vec![(start, secret)];
    // A secret that looks like an escape itself can be read in several ways.
    let mut seen = HashSet::new();
    while let Some((at, rest)) = pending.pop() {
        let Some((&byte, after)) = rest.split_first() else {
            longest = longest.max(Some(at));
            continue;
        };
        let Some(&shown) = text.get(at) else { continue };
        let matches_plainly = shown.eq_ignore_ascii_case(&byte) || (shown == b'+' && byte == b' ');
        let escape = escape_at(text, at).or_else(|| quoted_printable_at(text, at));
        let escaped = escape.and_then(|(unescaped, end)| {
            let unescaped = unescaped.as_bytes();
            let (head, after) = rest.split_at_checked(unescaped.len())?;
            head.eq_ignore_ascii_case(unescaped).then_some((end, after))
        });
        if matches_plainly && escaped.is_some() && !seen.insert((at, rest.len())) {
            continue;
        }
        pending.extend(escaped);
        if matches_plainly {
            pending.push((at + 1, after));
        } else if at > start && matches!(shown, b'\0' | b'\r' | b'\n') {
            pending.push((at + 1, rest));
        }
    }
    longest
}

fn mask(bytes: Vec<u8>, mut places: Vec<Range<usize>>) -> Vec<u8> {
    if places.is_empty() {
        return bytes;
    }
    places.sort_by_key(|place| (place.start, place.end));
    let mut masked = Vec::with_capacity(bytes.len());
    let mut end = 0;
    for place in places {
        if place.start >= end {
            masked.extend_from_slice(bytes.get(end..place.start).unwrap_or_default());
            masked.extend_from_slice(MASK);
        }
        end = end.max(place.end);
    }
    masked.extend_from_slice(bytes.get(end..).unwrap_or_default());
    masked
}

#[cfg(test)]
mod tests;
