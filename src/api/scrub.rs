//! Takes secrets out of what a server says.
//!
//! An error page likes to repeat the URL that was asked for, and the token is in it.

use crate::secret::Secret;

const MASK: &[u8] = b"[secret]";

/// `bytes` with each of `secrets` masked, in every form in which an answer may repeat it.
pub(super) fn scrub(mut bytes: Vec<u8>, secrets: &[&Secret]) -> Vec<u8> {
    for secret in secrets {
        for form in forms(secret.expose()) {
            bytes = replace(bytes, form.as_bytes());
        }
    }
    bytes
}

/// A secret as it is, percent-encoded as in a query or a path, with either case of hexadecimal
/// digits, and within a JSON string; longest first, so that none leaves a part of another.
fn forms(secret: &str) -> Vec<String> {
    if secret.is_empty() {
        return Vec::new();
    }
    let mut forms = vec![secret.to_owned()];
    if let Ok(mut url) = reqwest::Url::parse("http://localhost") {
        url.query_pairs_mut().append_key_only(secret);
        let query = url.query().unwrap_or_default().to_owned();
        forms.push(query.replace('+', "%20"));
        forms.push(query);
    }
    let lower: Vec<String> = forms[1..].iter().map(|form| lower_escapes(form)).collect();
    forms.extend(lower);
    if let Ok(quoted) = serde_json::to_string(secret) {
        let quoted = quoted[1..quoted.len() - 1].to_owned();
        forms.push(quoted.replace('/', "\\/"));
        forms.push(quoted);
    }
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    forms.dedup();
    forms
}

/// Percent escapes with lower-case digits.
fn lower_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text.push('%');
        text.push_str(&digits.to_ascii_lowercase());
        text.push_str(rest);
        text
    })
}

fn replace(bytes: Vec<u8>, needle: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = memchr::memmem::find_iter(&bytes, needle).collect();
    if places.is_empty() {
        return bytes;
    }
    let mut scrubbed = Vec::with_capacity(bytes.len());
    let mut end = 0;
    for place in places {
        scrubbed.extend_from_slice(&bytes[end..place]);
        scrubbed.extend_from_slice(MASK);
        end = place + needle.len();
    }
    scrubbed.extend_from_slice(&bytes[end..]);
    scrubbed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_url_loses_its_token() {
        let token = Secret::new("s3cr+t/=".to_owned());
        let said = b"no such path: /o/api?access_token=s3cr%2Bt%2F%3D (s3cr+t/=)".to_vec();
        let scrubbed = String::from_utf8(scrub(said, &[&token])).expect("UTF-8");
        assert_eq!(
            scrubbed,
            "no such path: /o/api?access_token=[secret] ([secret])"
        );
    }

    #[test]
    fn a_token_is_masked_in_every_form_of_it() {
        let token = Secret::new("s3 cr+t/=\"".to_owned());
        let said =
            br#"s3+cr%2Bt%2F%3D%22 s3%20cr%2bt%2f%3d%22 {"t":"s3 cr+t\/=\""} {"t":"s3 cr+t/=\""}"#;
        let scrubbed = String::from_utf8(scrub(said.to_vec(), &[&token])).expect("UTF-8");
        assert_eq!(
            scrubbed,
            r#"[secret] [secret] {"t":"[secret]"} {"t":"[secret]"}"#
        );
    }

    #[test]
    fn what_holds_no_secret_is_untouched() {
        let empty = Secret::new(String::new());
        assert_eq!(scrub(b"{}".to_vec(), &[&empty]), b"{}");
    }
}
