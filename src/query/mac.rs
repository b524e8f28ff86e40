//! Whole and partial MAC addresses in queries.

use std::ops::Range;

use crate::domain::device::MacAddress;

/// Whole octets of an address, optionally followed by the first digit of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MacDigits {
    octets: Vec<u8>,
    tail: Option<u8>,
}

impl MacDigits {
    /// Parses a bare word that is unambiguously an address or a part of one: at least two pairs of
    /// digits separated by `:` or `-`, groups of four with a dot (`29cd.c7b2`), or three pairs
    /// without separators. The last pair can be incomplete because filters are evaluated while they
    /// are typed.
    pub fn in_word(word: &str) -> Option<Self> {
        if let Ok(mac) = MacAddress::parse(word) {
            return Some(Self::of(mac));
        }
        if word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            // Fewer digits are more likely part of a name or number.
            return (word.len() >= 6).then(|| Self::from_digits(word.bytes()))?;
        }
        if let Some((first, _)) = word.split_once('.') {
            let last = word.split('.').count() - 1;
            let fits = |(index, group): (usize, &str)| match group.len() {
                4 => true,
                0..4 => index == last,
                _ => false,
            };
            let dotted = first.len() == 4 && word.split('.').enumerate().all(fits);
            return dotted.then(|| Self::from_digits(word.bytes().filter(|&byte| byte != b'.')))?;
        }
        let separator = *word.as_bytes().get(2)?;
        if !matches!(separator, b':' | b'-') {
            return None;
        }
        let last = word.split(char::from(separator)).count() - 1;
        let mut pairs = 0;
        for (index, group) in word.split(char::from(separator)).enumerate() {
            match group.len() {
                2 => pairs += 1,
                0 | 1 if index == last => {}
                _ => return None,
            }
        }
        if pairs < 2 {
            return None;
        }
        Self::from_digits(word.bytes().filter(|&byte| byte != separator))
    }

    /// Parses the value of a MAC field: digits with `:`, `-` or `.` anywhere between them.
    pub fn in_value(value: &str) -> Option<Self> {
        let digits = value
            .bytes()
            .filter(|byte| !matches!(byte, b':' | b'-' | b'.'));
        Self::from_digits(digits)
    }

    /// All octets of `mac`.
    pub fn of(mac: MacAddress) -> Self {
        Self {
            octets: mac.octets().to_vec(),
            tail: None,
        }
    }

    /// True for six octets.
    pub fn is_whole(&self) -> bool {
        self.address().is_some()
    }

    /// The octets of a whole address.
    pub fn address(&self) -> Option<[u8; 6]> {
        self.octets.as_slice().try_into().ok()
    }

    /// True if `mac` contains the octets consecutively.
    pub fn are_in(&self, mac: MacAddress) -> bool {
        self.find(mac).is_some()
    }

    /// Where `mac` contains the octets consecutively: bytes of its notation with colons.
    pub fn find(&self, mac: MacAddress) -> Option<Range<usize>> {
        let all = mac.octets();
        let start = (0..all.len()).find(|&start| {
            let Some(rest) = all[start..].strip_prefix(self.octets.as_slice()) else {
                return false;
            };
            match self.tail {
                None => true,
                Some(digit) => rest.first().is_some_and(|octet| octet >> 4 == digit),
            }
        })?;
        // Three bytes an octet; the last colon isn't a part of it, the digit behind that may be.
        let end = 3 * (start + self.octets.len());
        let end = if self.tail.is_some() {
            end + 1
        } else {
            end - 1
        };
        Some(3 * start..end)
    }

    fn from_digits(digits: impl Iterator<Item = u8>) -> Option<Self> {
        let mut read = Self {
            octets: Vec::with_capacity(6),
            tail: None,
        };
        for byte in digits {
            let digit = u8::try_from(char::from(byte).to_digit(16)?).ok()?;
            match read.tail.take() {
                Some(high) => read.octets.push(16 * high + digit),
                None => read.tail = Some(digit),
            }
        }
        let length = read.octets.len() * 2 + usize::from(read.tail.is_some());
        (1..=12).contains(&length).then_some(read)
    }
}

/// The notations of an address, the one that is shown first. A pattern is searched in each, so that it
/// can't miss an address because of its separators.
const NOTATIONS: [(Option<u8>, usize); 4] =
    [(Some(b':'), 2), (Some(b'-'), 2), (None, 2), (Some(b'.'), 4)];

/// Calls `see` with each notation of `mac` until it returns true.
pub(super) fn any_notation(mac: MacAddress, mut see: impl FnMut(&str) -> bool) -> bool {
    NOTATIONS.iter().any(|&(separator, digits)| {
        let (mut buffer, mut length) = ([0; 17], 0);
        for (index, digit) in hex_digits(mac).enumerate() {
            let separator = separator.filter(|_| index > 0 && index % digits == 0);
            for byte in separator.into_iter().chain([digit]) {
                buffer[length] = byte;
                length += 1;
            }
        }
        // Only ASCII was written.
        see(std::str::from_utf8(&buffer[..length]).unwrap_or_default())
    })
}

fn hex_digits(mac: MacAddress) -> impl Iterator<Item = u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let octets = mac.octets().into_iter();
    octets.flat_map(|octet| [octet >> 4, octet & 0xf].map(|digit| DIGITS[usize::from(digit)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mac() -> MacAddress {
        "00:0c:29:cd:c7:b2".parse().expect("a mac")
    }

    #[test]
    fn in_word_accepts_only_unambiguous_addresses() {
        for word in [
            "00:0c:29:cd:c7:b2",
            "00-0C-29-CD-C7-B2",
            "000c.29cd.c7b2",
            "000C29CDC7B2",
            "29:cd",
            "0C-29",
            "cd:c7:b2",
            "29:cd:",
            "29:cd:c",
            "29cd.c7b2",
            "000c.29",
            "000C.29cd.c",
            "29cd.",
            "000c29",
            "29CDC7B2",
            "000c29c",
        ] {
            let digits = MacDigits::in_word(word).unwrap_or_else(|| panic!("{word}"));
            assert!(digits.are_in(mac()), "{word}");
        }
        for word in [
            "",
            "29",
            "29:",
            "29:c",
            "29:cd-c7",
            "29::cd",
            "2:9c:dc",
            "zz:cd",
            "ip:fe80",
            "29.cd",
            "29cd",
            "29:cdc7",
            "LT-44",
            "é:cd",
            "0€:cd",
            "29cd0",
            "facade.x",
            "10.0.19045",
            "29cd.c7.b2",
            "29cd.c7b2f",
            "000c29cdc7b2a",
        ] {
            assert_eq!(MacDigits::in_word(word), None, "{word}");
        }
    }

    #[test]
    fn are_in_matches_at_octet_boundaries() {
        let found = |value| MacDigits::in_value(value).map(|digits| digits.are_in(mac()));
        assert_eq!(found("0c"), Some(true));
        assert_eq!(found("000c29"), Some(true));
        assert_eq!(found("29cd.c"), Some(true));
        assert_eq!(found("c2"), Some(false));
        assert_eq!(found("b2:0"), Some(false));
        assert_eq!(found("29:cd:c7:b2:00"), Some(false));
        assert_eq!(found("lt"), None);
        assert_eq!(found(":"), None);
        assert_eq!(found("00:0c:29:cd:c7:b2:0"), None);
    }

    proptest! {
        #[test]
        fn every_notation_is_read_as_the_address(octets in any::<[u8; 6]>()) {
            if let Ok(mac) = MacAddress::from_octets(octets) {
                let mut seen = Vec::new();
                let is_found = any_notation(mac, |text| {
                    seen.push(text.to_owned());
                    false
                });
                prop_assert!(!is_found);
                prop_assert_eq!(&seen[0], &mac.to_string(), "the one that is shown");
                prop_assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
                for text in &seen {
                    prop_assert_eq!(MacAddress::parse(text), Ok(mac), "{}", text);
                }
                prop_assert!(MacDigits::of(mac).are_in(mac));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), near in "[0-9a-f:.-]{0,18}") {
            for text in [text, near] {
                let _ = MacDigits::in_word(&text);
                let _ = MacDigits::in_value(&text);
            }
        }
    }
}
