//! Single characters that are escaped for a URL, for HTML or for JSON.

use std::ops::Range;

/// The names of characters in HTML that a secret may hold.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("ast", '*'),
    ("apos", '\''),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("eacute", 'é'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("Hat", '^'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("verbar", '|'),
    ("vert", '|'),
];

/// The longest name that is looked for; `ZeroWidthSpace` is shorter.
const LONGEST_NAME: usize = 32;

/// A character, or one byte of it, without its escape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Character {
    bytes: [u8; 4],
    length: usize,
}

impl Character {
    fn byte(byte: u8) -> Self {
        let bytes = [byte, 0, 0, 0];
        Self { bytes, length: 1 }
    }

    fn whole(character: char) -> Self {
        let mut bytes = [0; 4];
        let length = character.encode_utf8(&mut bytes).len();
        Self { bytes, length }
    }

    /// In UTF-8.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The escaped character at this place, and where its escape ends.
pub(super) fn escape_at(text: &[u8], at: usize) -> Option<(Character, usize)> {
    let (&first, rest) = text.get(at..)?.split_first()?;
    let (character, length) = match first {
        b'%' => percent(rest)?,
        b'&' => entity(rest)?,
        b'\\' => backslash(rest)?,
        _ => return None,
    };
    Some((character, at + 1 + length))
}

/// A byte as quoted-printable writes it, such as `=2B`.
pub(super) fn quoted_printable_at(text: &[u8], at: usize) -> Option<(Character, usize)> {
    let digits = text.get(at..at + 3)?.strip_prefix(b"=")?;
    let byte = u8::try_from(hexadecimal(digits)?).ok()?;
    Some((Character::byte(byte), at + 3))
}

/// `2B`, and `u002B` as some servers write it.
fn percent(rest: &[u8]) -> Option<(Character, usize)> {
    if let Some(digits) = rest.strip_prefix(b"u") {
        let (character, length) = code_units(digits, b"%u")?;
        return Some((Character::whole(character), 1 + length));
    }
    let byte = u8::try_from(hexadecimal(rest.get(..2)?)?).ok()?;
    Some((Character::byte(byte), 2))
}

/// `#43;`, `#x2b;` or `plus;`; the semicolon may be missing.
fn entity(rest: &[u8]) -> Option<(Character, usize)> {
    let ends = |length: usize| length + usize::from(rest.get(length) == Some(&b';'));
    if let Some(number) = rest.strip_prefix(b"#") {
        let (digits, radix, before) = match number.split_first() {
            Some((b'x' | b'X', digits)) => (digits, 16, 2),
            _ => (number, 10, 1),
        };
        let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
        let length = digits.iter().take_while(is_digit).count();
        let digits = std::str::from_utf8(digits.get(..length)?).ok()?;
        let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
        return Some((Character::whole(character), ends(before + length)));
    }
    let is_letter = |byte: &&u8| byte.is_ascii_alphabetic();
    let length = rest.iter().take(LONGEST_NAME).take_while(is_letter).count();
    let name = rest.get(..length)?;
    let is_name = |(known, _): &&(&str, char)| known.as_bytes().eq_ignore_ascii_case(name);
    if let Some(&(_, character)) = NAMES.iter().find(is_name) {
        return Some((Character::whole(character), ends(length)));
    }
    // No letter and no digit has a name: it may stand between two of a secret, and hides nothing of it.
    let is_any_name = length > 1 && rest.get(length) == Some(&b';');
    is_any_name.then_some((Character::byte(0), length + 1))
}

/// `u002b`, `u{2b}`, `x2b`, `053`, `n`, `"` and the like.
fn backslash(rest: &[u8]) -> Option<(Character, usize)> {
    let (&first, digits) = rest.split_first()?;
    let plain = |character| Some((Character::whole(character), 1));
    match first {
        b'u' if digits.first() == Some(&b'{') => {
            let length = digits.iter().take(9).position(|&byte| byte == b'}')?;
            let character = char::from_u32(hexadecimal(digits.get(1..length)?)?)?;
            Some((Character::whole(character), length + 2))
        }
        b'u' => {
            let (character, length) = code_units(digits, b"\\u")?;
            Some((Character::whole(character), 1 + length))
        }
        b'x' => {
            let character = char::from_u32(hexadecimal(digits.get(..2)?)?)?;
            Some((Character::whole(character), 3))
        }
        b'0'..=b'7' => {
            let is_octal = |byte: &&u8| matches!(byte, b'0'..=b'7');
            let length = rest.iter().take(3).take_while(is_octal).count();
            let digits = std::str::from_utf8(rest.get(..length)?).ok()?;
            let byte = u8::from_str_radix(digits, 8).ok()?;
            Some((Character::byte(byte), length))
        }
        b'"' | b'\\' | b'/' | b'\'' => plain(char::from(first)),
        b'b' => plain('\u{8}'),
        b'f' => plain('\u{c}'),
        b'n' => plain('\n'),
        b'r' => plain('\r'),
        b't' => plain('\t'),
        _ => None,
    }
}

/// A UTF-16 code unit of four digits, or two with `between` in the middle.
fn code_units(digits: &[u8], between: &[u8]) -> Option<(char, usize)> {
    let first = hexadecimal(digits.get(..4)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 4));
    }
    let second = digits.get(4..)?.strip_prefix(between)?;
    let second = hexadecimal(second.get(..4)?)?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((character, 8 + between.len()))
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    u32::from_str_radix(digits, 16).ok()
}

/// A text without its escapes, and where each byte comes from.
#[derive(Debug)]
pub(super) struct Unescaped {
    pub(super) text: Vec<u8>,
    /// For each byte, where its character or the escape of it begins in the original text. A large
    /// page has many: they are short.
    starts: Vec<u32>,
    /// The length of the original text.
    length: u32,
}

impl Unescaped {
    /// The same with the places in the text from which `original` was unescaped.
    pub(super) fn relative_to(mut self, original: &Self) -> Self {
        for start in &mut self.starts {
            let place = *start as usize;
            *start = original
                .starts
                .get(place)
                .copied()
                .unwrap_or(original.length);
        }
        self.length = original.length;
        self
    }

    /// Where a part of the text comes from.
    pub(super) fn origin(&self, place: &Range<usize>) -> Range<usize> {
        let start = self.starts.get(place.start).copied().unwrap_or(self.length);
        let last = place.end.saturating_sub(1);
        let last_start = self.starts.get(last).copied().unwrap_or(self.length);
        let after = self.starts.get(place.end..).unwrap_or_default();
        let end = after.iter().copied().find(|&start| start != last_start);
        start as usize..end.unwrap_or(self.length) as usize
    }
}

/// Takes one escape off each character; none where nothing is escaped, or the text is longer than
/// any answer that is read.
pub(super) fn unescape(text: &[u8]) -> Option<Unescaped> {
    memchr::memchr3(b'%', b'&', b'\\', text)?;
    let mut unescaped = Unescaped {
        text: Vec::with_capacity(text.len()),
        starts: Vec::with_capacity(text.len()),
        length: u32::try_from(text.len()).ok()?,
    };
    let (mut at, mut any) = (0, false);
    while let Some(&byte) = text.get(at) {
        let escaped = escape_at(text, at);
        any |= escaped.is_some();
        let (character, end) = escaped.unwrap_or((Character::byte(byte), at + 1));
        for &byte in character.as_bytes() {
            unescaped.text.push(byte);
            unescaped.starts.push(u32::try_from(at).ok()?);
        }
        at = end;
    }
    any.then_some(unescaped)
}
