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

mod compositions;
