//! Masks the secrets of this process in text that comes from outside.
//!
//! An error page likes to repeat the request, and with it the token of the URL or the client secret
//! of a form. It may escape any of its characters on the way: percent, HTML, JSON, or one within
//! the other. So a secret is compared character by character, each as itself or as any escape of
//! it, in the text and in what the text says once, twice and three times unescaped. Letters may be of
//! either case, and a line break or the zero bytes of UTF-16 may stand between two characters. A secret
//! is looked for in hexadecimal and base64, too, alone or as a part of a longer text.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::Secret;
use super::escapes::{Unescaped, escape_at, unescape};

const MASK: &[u8] = b"[secret]";
/// How often a text is unescaped as a whole.
const LAYERS: usize = 3;
/// Anything shorter would be found everywhere, and is no secret.
const SHORTEST: usize = 4;

/// Base64 or hexadecimal digits of fewer than these would be found by accident.
const SHORTEST_ENCODED: usize = 8;

/// The secrets of this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Arc<RwLock<Vec<Form>>>);

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
        let is_known = known.iter().any(|form| form.text == *secret);
        drop(known);
        if !is_known {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            known.extend(Form::all(secret));
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
        if known.is_empty() {
            return bytes;
        }
        let mut places = find_all(&bytes, &known);
        let mut unescaped: Option<Unescaped> = None;
        for _ in 0..LAYERS {
            unescaped = match &unescaped {
                None => unescape(&bytes),
                Some(before) => unescape(&before.text).map(|next| next.relative_to(before)),
            };
            let Some(layer) = &unescaped else { break };
            let found = find_all(&layer.text, &known);
            places.extend(found.into_iter().map(|place| layer.origin(&place)));
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
        starts.extend(b"%&\\");
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
        let escaped = escape_at(text, at).and_then(|(unescaped, end)| {
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
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    fn redactor(secret: &str) -> Redactor {
        let redactor = Redactor::default();
        redactor.learn(&Secret::new(secret.to_owned()));
        redactor
    }

    fn redacted(secret: &str, text: &str) -> String {
        redactor(secret).redact_text(text.to_owned())
    }

    #[test]
    fn redactor_masks_each_form_of_a_secret() {
        let secret = "s3 cr+t/=\"&é";
        for form in [
            "s3 cr+t/=\"&é",
            "s3+cr%2Bt%2F%3D%22%26%C3%A9",
            "s3%20cr%2bt%2f%3d%22%26%c3%a9",
            "%73%33%20%63%72%2B%74%2F%3D%22%26%C3%A9",
            r#"s3 cr+t\/=\"&é"#,
            r"\u0073\u0033\u0020cr\u002bt/\u003D\u0022\u0026\u00e9",
            "s3 cr+t/=&quot;&amp;é",
            "s3&#32;cr&#43;t&#x2F;&#x3d;&#034;&#38;&eacute;",
            "s3 cr&plus;t&sol;&equals;&quot;&amp;&#233;",
            // Go writes HTML within JSON like this, and a page may escape a JSON text.
            r"s3 cr\u0026#43;t/=\u0026#34;\u0026amp;é",
            "s3 cr+t/=\\&quot;&amp;é",
            "s3%2520cr%252Bt%252F%253D%2522%2526%25C3%25A9",
        ] {
            let text = format!("before {form} after");
            assert_eq!(redacted(secret, &text), "before [secret] after", "{form}");
        }
    }

    #[test]
    fn redactor_masks_a_login_as_http_sends_it() {
        let redactor = Redactor::default();
        redactor.learn_login("client", &Secret::new("s3cret".to_owned()));
        let text = "Authorization: Basic Y2xpZW50OnMzY3JldA== / Y2xpZW50OnMzY3JldA%3D%3D / s3cret";
        assert_eq!(
            redactor.redact_text(text.to_owned()),
            "Authorization: Basic [secret]== / [secret]%3D%3D / [secret]"
        );
        // Without its name, only digits of the client ID remain.
        let text = "Authorization: Basic Y2xpZW50OnMzY3JldC05Zg== / Y2xpZW50OnMzY3JldC05Zg%3D%3D";
        assert_eq!(
            redacted("s3cret-9f", text),
            "Authorization: Basic Y2xpZW50O[secret]== / Y2xpZW50O[secret]%3D%3D"
        );
    }

    #[test]
    fn redactor_masks_a_secret_within_an_encoded_text() {
        let secret = "s3cr>t/=?~ÿ&é";
        for before in ["", "a", "ab", "abc", "client_id=x&client_secret="] {
            for after in ["", "&", "&&", "&grant_type=client_credentials"] {
                let text = format!("{before}{secret}{after}");
                for engine in [STANDARD, URL_SAFE, STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let encoded = engine.encode(&text);
                    let escaped = encoded.replace('/', "\\/").replace('+', "%2B");
                    let wrapped: Vec<String> = encoded
                        .as_bytes()
                        .chunks(7)
                        .map(|line| String::from_utf8_lossy(line).into_owned())
                        .collect();
                    for shown in [escaped, wrapped.join("\r\n"), encoded] {
                        let masked = redacted(secret, &shown);
                        assert!(masked.contains("[secret]"), "{shown}: {masked}");
                        let left = masked.replace("[secret]", "").replace("\r\n", "");
                        let beside = before.len() + after.len();
                        assert!(left.len() <= beside * 4 / 3 + 5, "{shown}: {masked}");
                    }
                }
            }
        }
        assert_eq!(redacted("s3cr+t/=", "733363722b742f3d"), "[secret]");
        assert_eq!(redacted("s3cr+t/=", "733363722B742F3D"), "[secret]");
    }

    #[test]
    fn redactor_masks_a_secret_in_another_case_over_lines_and_in_utf_16() {
        for shown in [
            "S3CR+T/=%26",
            "s3cr%2bT%2f=&",
            "s3c\r\nr+t/\n=&",
            "s\x003\0c\0r\0+\0t\0/\0=\0&",
        ] {
            assert_eq!(redacted("s3cr+t/=&", shown), "[secret]", "{shown:?}");
        }
    }

    #[test]
    fn redactor_leaves_other_text_alone() {
        for text in ["{}", "%", "&amp; \\u00e9 %2", "secre", "&#99999999999999;"] {
            assert_eq!(redacted("secret", text), text);
        }
        assert_eq!(redacted("", "text"), "text");
        assert_eq!(redacted("1", "[1,1]"), "[1,1]", "no secret");
        assert!(!format!("{:?}", redactor("hunter2")).contains("hunter2"));
    }

    #[test]
    fn redactor_masks_secrets_that_overlap_and_secrets_that_look_like_escapes() {
        assert_eq!(redacted("abab", "xabababx"), "x[secret]x");
        for secret in ["%41%41", "&amp;&lt;", r"\u0041\\n", "%25%2525"] {
            assert_eq!(redacted(secret, secret), "[secret]");
            let encoded: Vec<String> = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            assert_eq!(redacted(secret, &encoded.concat()), "[secret]");
            let partly = secret.replacen('%', "%25", 1).replacen('&', "&#38;", 1);
            assert_eq!(redacted(secret, &partly), "[secret]");
        }
    }

    fn escape(character: char, form: usize) -> String {
        let bytes = |digits: fn(u8) -> String| {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).bytes();
            bytes.map(digits).collect::<Vec<_>>().concat()
        };
        let units = |unit: fn(u16) -> String| {
            let mut buffer = [0; 2];
            let units = character.encode_utf16(&mut buffer).iter().copied();
            units.map(unit).collect::<Vec<_>>().concat()
        };
        match form {
            0 => bytes(|byte| format!("%{byte:02X}")),
            1 => bytes(|byte| format!("%{byte:02x}")),
            2 => units(|unit| format!("\\u{unit:04x}")),
            3 => units(|unit| format!("\\u{unit:04X}")),
            4 => format!("&#{};", u32::from(character)),
            5 => format!("&#x{:X};", u32::from(character)),
            6 => format!("&#000{};", u32::from(character)),
            7 => {
                let json = serde_json::to_string(&character).unwrap_or_default();
                let inner = json.get(1..json.len().saturating_sub(1));
                inner.unwrap_or_default().replace('/', "\\/")
            }
            8 if character == '&' => "&amp;".to_owned(),
            8 if character == '<' => "&lt;".to_owned(),
            8 if character == '"' => "&quot;".to_owned(),
            8 if character == ' ' => "+".to_owned(),
            _ => character.to_string(),
        }
    }

    /// Characters that need no escape in any form, and those that all forms are made of.
    const SECRETS: &str = "[a-f0-9%&;#xu+/\\\\=\"<> é€😀amp]{6,24}";

    proptest! {
        /// For any secret and any mix of escapes, the secret is masked and nothing else is.
        #[test]
        fn redactor_masks_any_mix_of_escapes(
            secret in SECRETS,
            forms in prop::collection::vec(0_usize..12, 24),
            before in "[g-o ]{0,12}",
            after in "[g-o ]{0,12}",
        ) {
            let escaped: String =
                secret.chars().zip(&forms).map(|(character, &form)| escape(character, form)).collect();
            let text = format!("{before}[{escaped}]{after}");
            prop_assert_eq!(redacted(&secret, &text), format!("{before}[[secret]]{after}"));
        }

        /// The same within a text that is escaped as a whole, twice.
        #[test]
        fn redactor_masks_what_is_escaped_in_layers(
            secret in "[a-f0-9+/=]{8,24}",
            forms in prop::collection::vec(0_usize..9, 24),
            layers in prop::collection::vec(0_usize..7, 0..3),
        ) {
            let mut text: String =
                secret.chars().zip(&forms).map(|(character, &form)| escape(character, form)).collect();
            for layer in layers {
                text = text.chars().map(|character| escape(character, layer)).collect();
            }
            prop_assert_eq!(redacted(&secret, &text), "[secret]");
        }

        /// No text makes it panic, and a text stays one.
        #[test]
        fn redactor_takes_any_text(secret in ".{0,8}", text in "[%&#;xu\\\\0-9a-fA-F+d8é😀]{0,60}") {
            redacted(&secret, &text);
            redactor(&secret).redact(text.into_bytes());
        }
    }
}
