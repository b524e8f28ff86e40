//! Takes secrets out of what a server says.
//!
//! An error page likes to repeat the URL that was asked for, and the token is in it.

use crate::secret::Secret;

const MASK: &[u8] = b"[secret]";

/// `bytes` with each of `secrets` masked, as it is and percent-encoded.
pub(super) fn scrub(mut bytes: Vec<u8>, secrets: &[&Secret]) -> Vec<u8> {
    for secret in secrets {
        let plain = secret.expose();
        if plain.is_empty() {
            continue;
        }
        let mut encoded = reqwest::Url::parse("http://localhost").ok();
        let encoded = encoded.as_mut().map(|url| {
            url.query_pairs_mut().append_key_only(plain);
            url.query().unwrap_or_default().to_owned()
        });
        for form in [Some(plain), encoded.as_deref()].into_iter().flatten() {
            bytes = replace(bytes, form.as_bytes());
        }
    }
    bytes
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
    fn what_holds_no_secret_is_untouched() {
        let empty = Secret::new(String::new());
        assert_eq!(scrub(b"{}".to_vec(), &[&empty]), b"{}");
    }
}
