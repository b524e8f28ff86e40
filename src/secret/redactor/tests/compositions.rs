//! Secrets in encodings of encodings.

use super::*;

type Encode = fn(&str) -> String;

fn each(text: &str, of: impl Fn(char) -> String) -> String {
    text.chars().map(of).collect()
}

fn each_byte(text: &str, of: impl Fn(u8) -> String) -> String {
    text.bytes().map(of).collect()
}

/// Breaks it after every seven characters.
fn broken(text: &str, by: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let lines = characters.chunks(7).map(String::from_iter);
    lines.collect::<Vec<_>>().join(by)
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> String {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn base32(text: &str) -> String {
    let bits = each_byte(text, |byte| format!("{byte:08b}"));
    let digits = bits.as_bytes().chunks(5).map(|bits| {
        let digit = bits.iter().chain(b"0000").take(5);
        let value = digit.fold(0, |value, bit| value * 2 + usize::from(bit - b'0'));
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value])
    });
    digits.collect()
}

fn named(character: char) -> String {
    match character {
        '+' => "&plus;".to_owned(),
        '/' => "&sol;".to_owned(),
        '=' => "&equals;".to_owned(),
        '-' => "&hyphen;".to_owned(),
        '_' => "&lowbar;".to_owned(),
        '%' => "&percnt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '\\' => "&bsol;".to_owned(),
        other => other.to_string(),
    }
}

fn quoted_printable(text: &str) -> String {
    each(text, |character| {
        if character.is_ascii_alphanumeric() {
            return character.to_string();
        }
        each_byte(&character.to_string(), |byte| format!("={byte:02X}"))
    })
}

/// Its soft line breaks can't be told from an escape that is broken again, so that it comes last only.
const LAST: (&str, Encode) = ("quoted-printable in lines", |text| {
    broken(&quoted_printable(text), "=\r\n")
});

const ENCODINGS: &[(&str, Encode)] = &[
    ("itself", |text| text.to_owned()),
    ("percent", |text| {
        each_byte(text, |byte| format!("%{byte:02X}"))
    }),
    ("percent of specials", |text| {
        each_byte(text, |byte| {
            if byte.is_ascii_alphanumeric() {
                return char::from(byte).to_string();
            }
            format!("%{byte:02x}")
        })
    }),
    ("decimal entities", |text| {
        each(text, |character| format!("&#{};", u32::from(character)))
    }),
    ("named entities", |text| each(text, named)),
    ("named entities in capitals", |text| {
        each(text, |character| match named(character) {
            name if name.len() > 1 => name.to_uppercase(),
            other => other,
        })
    }),
    ("JSON", |text| {
        each(text, |character| format!("\\u{:04x}", u32::from(character)))
    }),
    ("octal", |text| {
        each_byte(text, |byte| format!("\\{byte:03o}"))
    }),
    ("octal of specials", |text| {
        each_byte(text, |byte| {
            if byte.is_ascii_alphanumeric() {
                return char::from(byte).to_string();
            }
            format!("\\{byte:03o}")
        })
    }),
    ("quoted-printable", quoted_printable),
    ("hexadecimal", |text| {
        each_byte(text, |byte| format!("{byte:02x}"))
    }),
    ("capital hexadecimal", |text| {
        each_byte(text, |byte| format!("{byte:02X}"))
    }),
    ("hexadecimal with prefixes", |text| {
        each_byte(text, |byte| format!("0x{byte:02x}, "))
    }),
    ("base64", |text| STANDARD.encode(text)),
    ("base64 behind one byte", |text| {
        STANDARD.encode(format!("x{text}"))
    }),
    ("base64 behind two bytes", |text| {
        URL_SAFE.encode(format!("x={text}&y"))
    }),
    ("base64 in lines", |text| {
        broken(&STANDARD.encode(text), "\r\n\t ")
    }),
    ("base32", base32),
    ("small base32 behind a byte", |text| {
        base32(&format!("x{text}")).to_lowercase()
    }),
    ("UTF-16LE", |text| utf_16(text, u16::to_le_bytes)),
    ("UTF-16BE", |text| utf_16(text, u16::to_be_bytes)),
    ("indented lines", |text| broken(text, "\n        ")),
    ("lines of HTML", |text| broken(text, "<br>")),
    ("lines of XHTML", |text| broken(text, "<br />\n  ")),
    ("wbr", |text| broken(text, "<wbr>")),
    ("spans", |text| broken(text, "</span><span class=\"w\">")),
    ("line separators", |text| broken(text, "\u{2028}")),
    ("NEL", |text| broken(text, "\u{85}")),
    ("form feeds", |text| broken(text, "\u{c}")),
    ("zero-width spaces", |text| broken(text, "\u{200b}")),
    ("zero-width joiners", |text| {
        broken(text, "\u{200d}\u{feff}")
    }),
    ("soft hyphens", |text| broken(text, "&shy;")),
    ("plus as space", |text| text.replace('+', " ")),
];

fn assert_masked(secret: &str, encoded: &str, how: &str) {
    let (before, after) = ("The client_secret=", "& is off.");
    let text = format!("{before}{encoded}{after}");
    let masked = redacted(secret, &text);
    assert!(masked.contains("[secret]"), "{how}: {text:?} -> {masked:?}");
    // What is encoded beside the secret stays.
    let left = masked.len() - before.len() - after.len();
    assert!(
        left <= encoded.len() / 2 + 16,
        "{how}: {text:?} -> {masked:?}"
    );
}

#[test]
fn redactor_masks_a_secret_in_any_two_encodings() {
    for secret in [
        "aB3+dE6/gH9=kL2",
        "f81d4fae-7dec_11d0.a765+00a0",
        "Zx+9/Kq+2==Wm/5r+Tb",
        // Behind `client_secret=` it begins like an escape.
        "0Aa0+aaa+__AaA0AaAAA",
    ] {
        for (first_name, first) in ENCODINGS {
            for (second_name, second) in ENCODINGS.iter().chain([&LAST]) {
                let encoded = second(&first(secret));
                assert_masked(secret, &encoded, &format!("{first_name}, {second_name}"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn redactor_masks_any_secret_in_any_two_encodings(
        secret in "[A-Za-z0-9]{4}[A-Za-z0-9+/=_-]{8,24}[A-Za-z0-9]{8}",
        first in prop::sample::select(ENCODINGS),
        second in prop::sample::select(ENCODINGS),
    ) {
        let encoded = second.1(&first.1(&secret));
        assert_masked(&secret, &encoded, &format!("{}, {}", first.0, second.0));
    }

    #[test]
    fn redactor_leaves_ordinary_sentences_as_they_are(
        secret in "[A-Za-z0-9+/]{16,40}",
        words in prop::collection::vec("[a-z]{1,9}|[A-Z][a-z]{3,8}|[0-9]{1,6}|[A-F0-9]{12,32}", 0..80),
        marks in prop::collection::vec(prop::sample::select(&[" ", ", ", ". ", "\n", ": ", "-", "\",\"", "<p>", "&amp;", "%20"][..]), 80),
    ) {
        let text: String = words.iter().map(String::as_str).zip(marks).flat_map(|(word, mark)| [word, mark]).collect();
        prop_assert_eq!(redacted(&secret, &text), text);
    }
}

/// A text that decodes to text in every way is still looked through in a time that its length bounds.
#[test]
fn redactor_bounds_the_work() {
    let secret = "aB3+dE6/gH9=kL2";
    let long = "%25".repeat(100) + &"NNNN".repeat(5000);
    assert_eq!(redacted(secret, &long), long);
    let page = format!(
        "{}{}",
        "{\"name\": \"a device\"}, ".repeat(20_000),
        broken(secret, "<br>\n  ")
    );
    let masked = redacted("aB3+dE6/gH9=kL2", &page.replace("<br>", ""));
    assert!(
        masked.ends_with("}, [secret]"),
        "a page is too long to be decoded, but not to be searched"
    );
}

#[test]
fn redactor_masks_a_secret_between_comments() {
    let page = broken("aB3+dE6/gH9=kL2", "<!-- x > y -->");
    for text in [
        page.clone(),
        page.replace('<', "&lt;").replace('>', "&gt;"),
        page.replace('<', "\\u003c"),
        page.replace('<', "%3C")
            .replace('>', "%3E")
            .replace(' ', "+"),
    ] {
        let masked = redacted("aB3+dE6/gH9=kL2", &text);
        assert!(!masked.contains("gH9"), "{masked}");
    }
}
