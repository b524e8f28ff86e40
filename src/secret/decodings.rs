//! Decodes a text in every known way, and maps each byte of the results to where it comes from.
//!
//! A text is decoded in every way that is known, and the results again. What only looks like an encoding
//! decodes to bytes that are no text, and is dropped, so that little is left of an ordinary text.

use std::collections::VecDeque;
use std::ops::Range;

use super::escapes::{Character, escape_at, quoted_printable_at};

/// A longer text is not decoded. Longer answers are pages of the inventory only.
const LONGEST: usize = 128 << 10;
/// How often a text is decoded: a form within a message within JSON within a page.
const DEPTH: usize = 4;
/// How many bytes are decoded for each of the text, and at least. Only a text that was made for it needs
/// more.
const WORK: usize = 64;
const LEAST_WORK: usize = 1 << 16;
/// The longest tag or comment, in bytes.
const LONGEST_TAG: usize = 64;
/// The longest name before a value, in bytes.
const LONGEST_NAME: usize = 64;

/// Characters that break a line, or take no room in it.
const WITHOUT_ROOM: [char; 14] = [
    '\u{85}', '\u{a0}', '\u{ad}', '\u{180e}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}',
    '\u{200f}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{2060}', '\u{feff}',
];

/// What a text says, decoded in one way or another.
pub(super) struct Layer {
    pub(super) text: Vec<u8>,
    /// Where each byte comes from in the original text.
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
}

impl Layer {
    fn original(text: &[u8]) -> Option<Self> {
        let length = u32::try_from(text.len()).ok()?;
        let places = (0..length).map(|start| Place {
            start,
            end: start + 1,
        });
        Some(Self {
            places: places.collect(),
            text: text.to_vec(),
        })
    }

    fn with_capacity(length: usize) -> Self {
        Self {
            text: Vec::with_capacity(length),
            places: Vec::with_capacity(length),
        }
    }

    /// Where a part of it comes from.
    pub(super) fn origin(&self, part: &Range<usize>) -> Range<usize> {
        let places = self.places.get(part.clone()).unwrap_or_default();
        match (places.first(), places.last()) {
            (Some(first), Some(last)) => first.start as usize..last.end as usize,
            _ => 0..0,
        }
    }

    /// Adds a byte that was made of this part of `from`.
    fn push(&mut self, byte: u8, from: &Self, part: &Range<usize>) {
        let origin = |at: usize| from.places.get(at).copied();
        if let (Some(first), Some(last)) = (origin(part.start), origin(part.end - 1)) {
            self.text.push(byte);
            self.places.push(Place {
                start: first.start,
                end: last.end,
            });
        }
    }

    /// The parts that are text of at least `shortest` bytes.
    fn only_texts(self, shortest: usize) -> Self {
        let mut texts = Self::with_capacity(0);
        let mut at = 0;
        for chunk in self.text.utf8_chunks() {
            let is_control = |&byte: &u8| byte.is_ascii_control() && !is_separator(byte);
            for part in chunk.valid().as_bytes().split_inclusive(is_control) {
                if part.len() >= shortest {
                    texts.text.extend_from_slice(part);
                    let places = self.places.get(at..at + part.len());
                    texts.places.extend_from_slice(places.unwrap_or_default());
                }
                at += part.len();
            }
            at += chunk.invalid().len();
        }
        texts
    }
}

/// Calls `look` with all that `text` says decoded, in which a text of fewer than `shortest` bytes is of no
/// interest. The work is linear in the length of the text.
pub(super) fn each_layer(text: &[u8], shortest: usize, look: &mut dyn FnMut(&Layer)) {
    let Some(original) = (text.len() <= LONGEST)
        .then(|| Layer::original(text))
        .flatten()
    else {
        return;
    };
    let mut work = (text.len() * WORK).max(LEAST_WORK);
    let mut pending = VecDeque::from([(original, 0)]);
    while let Some((layer, depth)) = pending.pop_front() {
        let Some(left) = work.checked_sub(layer.text.len()) else {
            return;
        };
        work = left;
        for layer in joined_and(layer) {
            look(&layer);
            if depth < DEPTH {
                let children = children(&layer, shortest).into_iter();
                let children = children.filter(|child| child.text.len() >= shortest);
                pending.extend(children.map(|child| (child, depth + 1)));
            }
        }
    }
}

/// What a layer says decoded in each way.
fn children(layer: &Layer, shortest: usize) -> Vec<Layer> {
    let mut children = Vec::new();
    children.extend(without_escapes(layer, escape_at));
    children.extend(without_escapes(layer, quoted_printable_at));
    children.extend(without_escapes(layer, quoted_printable_value_at));
    let mut digits = |value: &dyn Fn(&[u8], usize) -> Option<u8>, bits: u32, starts: usize| {
        let text = &layer.text;
        let digits: Vec<(u8, usize)> = (0..text.len())
            .filter_map(|at| Some((value(text, at)?, at)))
            .collect();
        // Words before the first digit may look like digits: each of the first ones may be it.
        for start in 0..starts {
            let decoded = of_digits(layer, digits.get(start..).unwrap_or_default(), bits);
            children.push(decoded.only_texts(shortest));
        }
    };
    digits(&hexadecimal, 4, 2);
    digits(&base32, 5, 8);
    digits(&base64, 6, 4);
    if layer.text.contains(&b' ') {
        digits(&base64_of_form, 6, 4);
    }
    children
}

/// The layer, plus variants with word breaks (tags, zero-width characters) removed: once with and once without
/// quoted-printable soft line breaks, because a broken escape looks like one. A word break can itself be split,
/// such as a tag over two lines.
fn joined_and(layer: Layer) -> Vec<Layer> {
    let mut layers = vec![layer];
    for soft in [true, false] {
        let Some(joined) = layers.first().and_then(|layer| join(layer, soft)) else {
            continue;
        };
        let mut known = layers.iter();
        if known.any(|known| known.text.len() == joined.text.len()) {
            continue;
        }
        let again = join(&joined, soft);
        layers.push(joined);
        layers.extend(again);
    }
    layers
}

/// Without what only breaks a long word: line breaks with the indentation behind them, tags, and characters
/// that take no room. None if there is nothing of that.
fn join(layer: &Layer, soft: bool) -> Option<Layer> {
    let text = &layer.text;
    let mut joined = Layer::with_capacity(text.len());
    let mut at = 0;
    let mut is_indentation = false;
    while let Some(&byte) = text.get(at) {
        let end = at + break_at(text, at, soft).unwrap_or(0);
        if end > at {
            is_indentation = true;
            at = end;
            continue;
        }
        is_indentation &= matches!(byte, b' ' | b'\t');
        if !is_indentation {
            joined.push(byte, layer, &(at..at + 1));
        }
        at += 1;
    }
    (joined.text.len() < text.len()).then_some(joined)
}

/// The length of a break in a word.
fn break_at(text: &[u8], at: usize, soft: bool) -> Option<usize> {
    let rest = text.get(at..)?;
    let (&first, after) = rest.split_first()?;
    match first {
        b'<' if after.starts_with(b"!--") => {
            let comment = after.get(..LONGEST_TAG.min(after.len()))?;
            Some(memchr::memmem::find(comment, b"-->")? + 4)
        }
        b'<' if after
            .first()
            .is_some_and(|&byte| byte == b'/' || byte.is_ascii_alphabetic()) =>
        {
            let tag = after.iter().take(LONGEST_TAG);
            let end = tag
                .take_while(|&&byte| byte != b'<')
                .position(|&byte| byte == b'>')?;
            Some(end + 2)
        }
        b'=' if soft => {
            let mut after = after.iter().filter(|&&byte| byte != 0);
            matches!(after.next()?, b'\r' | b'\n').then_some(1)
        }
        b'&' => {
            // One without a semicolon may be the beginning of a longer one.
            let (character, end) = escape_at(text, at).filter(|&(_, end)| text[end - 1] == b';')?;
            let length = character.as_bytes().len();
            (break_at(character.as_bytes(), 0, soft)? == length).then_some(end - at)
        }
        b' ' | b'\t' => None,
        byte if is_separator(byte) => Some(1),
        0x80.. => {
            let length = if first < 0xe0 { 2 } else { 3 };
            let text = std::str::from_utf8(rest.get(..length)?).ok()?;
            text.starts_with(WITHOUT_ROOM).then_some(length)
        }
        _ => None,
    }
}

/// True for white space, and for the zero bytes of UTF-16.
fn is_separator(byte: u8) -> bool {
    matches!(byte, b'\0' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Takes one escape off each character; none where nothing is escaped.
fn without_escapes(
    layer: &Layer,
    escape: impl Fn(&[u8], usize) -> Option<(Character, usize)>,
) -> Option<Layer> {
    let mut unescaped = Layer::with_capacity(layer.text.len());
    let (mut at, mut any) = (0, false);
    while let Some(&byte) = layer.text.get(at) {
        match escape(&layer.text, at) {
            Some((character, end)) => {
                any = true;
                for &byte in character.as_bytes() {
                    unescaped.push(byte, layer, &(at..end));
                }
                at = end;
            }
            None => {
                unescaped.push(byte, layer, &(at..at + 1));
                at += 1;
            }
        }
    }
    any.then_some(unescaped)
}

/// The same as [`quoted_printable_at`], but for the first `=` of a word, which may stand between a name and a
/// value that looks like an escape: `secret=0Ab`.
fn quoted_printable_value_at(text: &[u8], at: usize) -> Option<(Character, usize)> {
    let before = text.get(at.saturating_sub(LONGEST_NAME)..at)?.iter();
    let ends_word = |byte: &&u8| is_separator(**byte) || b"&?;,:\"'<>=".contains(*byte);
    let is_first = before.rev().find(ends_word) != Some(&b'=');
    quoted_printable_at(text, at).filter(|_| !is_first)
}

/// The bytes that digits of so many bits say, each with its place in the layer.
fn of_digits(layer: &Layer, digits: &[(u8, usize)], bits: u32) -> Layer {
    let mut decoded = Layer::with_capacity(digits.len());
    let (mut rest, mut count, mut start) = (0_u32, 0, 0);
    for &(value, at) in digits {
        if count == 0 {
            start = at;
        }
        rest = (rest << bits) | u32::from(value);
        count += bits;
        if count >= 8 {
            count -= 8;
            let byte = u8::try_from((rest >> count) & 0xff).unwrap_or_default();
            decoded.push(byte, layer, &(start..at + 1));
            rest &= (1 << count) - 1;
            start = at;
        }
    }
    decoded
}

fn hexadecimal(text: &[u8], at: usize) -> Option<u8> {
    // `0x`
    let is_prefix = text.get(at) == Some(&b'0') && text.get(at + 1) == Some(&b'x');
    let digit = char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit.filter(|_| !is_prefix)?).ok()
}

fn base32(text: &[u8], at: usize) -> Option<u8> {
    match text.get(at)?.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        digit @ b'2'..=b'7' => Some(digit - b'2' + 26),
        _ => None,
    }
}

/// In both alphabets.
fn base64(text: &[u8], at: usize) -> Option<u8> {
    match *text.get(at)? {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        letter @ b'a'..=b'z' => Some(letter - b'a' + 26),
        digit @ b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The same after `+` was taken for the space of a form.
fn base64_of_form(text: &[u8], at: usize) -> Option<u8> {
    let is_digit = |at| base64(text, at).is_some();
    let is_plus = text.get(at) == Some(&b' ') && at > 0 && is_digit(at - 1) && is_digit(at + 1);
    if is_plus { Some(62) } else { base64(text, at) }
}
