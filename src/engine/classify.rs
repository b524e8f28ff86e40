//! What an answer, or the lack of one, says about the devices that were sent.
//!
//! Four kinds of result, and nothing between them: *answered* (each device by itself), *not sent*
//! (safe to send), *refused* (answered, not applied), *in doubt* (may have been applied). Whatever
//! can't be read without doubt is in doubt.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::outcome::Doubt;
use crate::pacer::RateHeaders;
use crate::text;

/// How much of an answer's body is read, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;
/// How much of an error's body is kept, in bytes.
const WORDS_LIMIT: usize = 2048;

/// What one call led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReport {
    /// What it says about the devices.
    pub result: CallResult,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The server's or the network's words, safe to show.
    pub words: String,
    /// What the headers say of the rate limit.
    pub rate: RateHeaders,
    /// The answer was right but for its content type.
    pub odd_content_type: bool,
}

/// What a call says about the devices that it carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallResult {
    /// One element a device, in the order sent.
    Answered(Vec<Element>),
    /// Nothing reached the server.
    NotSent(NotSent),
    /// The server answered with this status and applied nothing.
    Refused(u16),
    /// It may have been applied.
    InDoubt(Doubt),
}

/// One element of an answer's `result`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// The integer 1.
    Deleted,
    /// The integer 0.
    NotDeleted,
    /// Anything else.
    Unreadable,
}

/// Why nothing reached the server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// No connection: name lookup, refused, timed out; or a proxy that couldn't make one.
    #[error("{0}")]
    Unreachable(String),
    /// The server's certificate is not valid.
    #[error("{0}")]
    Certificate(String),
    /// The proxy wants a login.
    #[error("the proxy asks for a login (407)")]
    ProxyLogin,
    /// The slot ran out before the call could go, as after a suspend.
    #[error("the call's slot ran out before it could be sent")]
    SlotExpired,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type, in lower case, without parameters.
    pub content_type: Option<String>,
    /// The body's encoding, if one is named other than `identity`; none is ever asked for.
    pub encoding: Option<String>,
    /// What the headers say of the rate limit.
    pub rate: RateHeaders,
    /// The body, as far as it was read.
    pub body: Body,
}

/// An answer's body, as far as it was read.
#[derive(Clone, Debug)]
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It broke off, or didn't end in time.
    Broken,
    /// More than [`BODY_LIMIT`]; reading stopped.
    TooLarge,
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nothing was sent.
    NotSent(NotSent),
    /// The request may have gone out; holds what the network said.
    Lost(String),
}

/// Classifies an answer to a Delete Devices call of `sent` devices.
pub fn classify(sent: usize, answer: &Answer) -> CallReport {
    let (result, words) = match &answer.body {
        Body::Broken => (
            CallResult::InDoubt(Doubt::NoAnswer),
            format!("the answer (status {}) broke off", answer.status),
        ),
        Body::TooLarge => (
            CallResult::InDoubt(Doubt::UnreadableAnswer),
            format!("the answer (status {}) is larger than 1 MiB", answer.status),
        ),
        Body::Whole(body) => classify_whole(sent, answer, body),
    };
    let answered = matches!(result, CallResult::Answered(_));
    let is_json = answer.content_type.as_deref() == Some("application/json");
    CallReport {
        result,
        status: Some(answer.status),
        words,
        rate: answer.rate.clone(),
        odd_content_type: answered && !is_json,
    }
}

/// Classifies the lack of an answer.
pub fn classify_silence(silence: NoAnswer) -> CallReport {
    let (result, words) = match silence {
        NoAnswer::NotSent(reason) => {
            let words = reason.to_string();
            (CallResult::NotSent(reason), words)
        }
        NoAnswer::Lost(words) => (CallResult::InDoubt(Doubt::NoAnswer), words),
    };
    CallReport {
        result,
        status: None,
        words: text::visible(&words).into_owned(),
        rate: RateHeaders::default(),
        odd_content_type: false,
    }
}

/// The first of an error's body, safe to show.
pub fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text::visible(text::head(text.trim(), WORDS_LIMIT)).into_owned()
}

fn classify_whole(sent: usize, answer: &Answer, body: &[u8]) -> (CallResult, String) {
    match answer.status {
        200 if answer.encoding.is_some() => (
            CallResult::InDoubt(Doubt::UnreadableAnswer),
            "the answer is compressed, which was not asked for".to_owned(),
        ),
        200 => classify_success(sent, answer, body),
        300..=399 => (CallResult::InDoubt(Doubt::Redirected), words(body)),
        408 | 500..=599 => (CallResult::InDoubt(Doubt::ServerError), words(body)),
        status @ 400..=499 => (CallResult::Refused(status), words(body)),
        _ => (CallResult::InDoubt(Doubt::UnreadableAnswer), words(body)),
    }
}

fn classify_success(sent: usize, answer: &Answer, body: &[u8]) -> (CallResult, String) {
    let doubt = |doubt, words| (CallResult::InDoubt(doubt), words);
    match decode_result(body) {
        Ok(elements) if elements.len() == sent => (CallResult::Answered(elements), String::new()),
        Ok(elements) => doubt(
            Doubt::WrongLength,
            format!("{} results for {sent} devices", elements.len()),
        ),
        Err(_) if is_web_page(answer, body) => doubt(Doubt::WebPage, words(body)),
        Err(error) => doubt(Doubt::UnreadableAnswer, format!("{error}: {}", words(body))),
    }
}

fn is_web_page(answer: &Answer, body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<") || answer.content_type.as_deref() == Some("text/html")
}

/// Reads `{"result":[…]}`. Other keys may stand beside it, but no key twice: it would leave open
/// which of them holds.
pub fn decode_result(body: &[u8]) -> Result<Vec<Element>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let elements = deserializer.deserialize_map(ResultVisitor)?;
    deserializer.end()?;
    Ok(elements)
}

struct ResultVisitor;

impl<'de> Visitor<'de> for ResultVisitor {
    type Value = Vec<Element>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with a result list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut seen = HashSet::new();
        let mut result = None;
        while let Some(key) = map.next_key::<String>()? {
            // `Value` keeps to a nesting limit, which `IgnoredAny` doesn't.
            let value = map.next_value::<Value>()?;
            if key == "result" {
                result = Some(value);
            }
            if !seen.insert(key) {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        match result {
            Some(Value::Array(values)) => Ok(values.iter().map(element).collect()),
            Some(_) => Err(A::Error::custom("result is not a list")),
            None => Err(A::Error::custom("no result")),
        }
    }
}

fn element(value: &Value) -> Element {
    match value.as_u64() {
        Some(1) => Element::Deleted,
        Some(0) => Element::NotDeleted,
        _ => Element::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            content_type: Some("application/json".to_owned()),
            encoding: None,
            rate: RateHeaders::default(),
            body: Body::Whole(body.as_bytes().to_vec()),
        }
    }

    fn result(sent: usize, status: u16, body: &str) -> CallResult {
        classify(sent, &answer(status, body)).result
    }

    #[test]
    fn a_readable_answer_speaks_of_each_device() {
        use Element::{Deleted, NotDeleted};
        let expected = CallResult::Answered(vec![NotDeleted, Deleted]);
        assert_eq!(result(2, 200, r#"{"result":[0,1]}"#), expected);
        assert_eq!(
            result(2, 200, r#"{"msg":"ok","result":[0, 1],"x":{}}"#),
            expected
        );
    }

    #[test]
    fn only_the_integers_0_and_1_are_readable_elements() {
        let body = r#"{"result":[1,0,2,-1,1.0,"1",true,null,[1]]}"#;
        let CallResult::Answered(elements) = result(9, 200, body) else {
            panic!("answered");
        };
        assert_eq!(elements[0], Element::Deleted);
        assert_eq!(elements[1], Element::NotDeleted);
        assert!(
            elements[2..]
                .iter()
                .all(|&element| element == Element::Unreadable)
        );
    }

    #[test]
    fn nothing_is_mapped_from_an_answer_of_the_wrong_length() {
        for body in [
            r#"{"result":[]}"#,
            r#"{"result":[1]}"#,
            r#"{"result":[1,1,1]}"#,
        ] {
            assert_eq!(
                result(2, 200, body),
                CallResult::InDoubt(Doubt::WrongLength),
                "{body}"
            );
        }
    }

    #[test]
    fn an_answer_that_can_be_read_in_two_ways_or_not_at_all_is_in_doubt() {
        let deep = format!(
            r#"{{"x":{}1{},"result":[1]}}"#,
            "[".repeat(500),
            "]".repeat(500)
        );
        for body in [
            "",
            "{}",
            "[1]",
            r#"{"result":1}"#,
            r#"{"result":[1]"#,
            r#"{"result":[1]} {"result":[0]}"#,
            r#"{"result":[1],"result":[0]}"#,
            r#"{"x":1,"x":2,"result":[1]}"#,
            deep.as_str(),
        ] {
            let expected = CallResult::InDoubt(Doubt::UnreadableAnswer);
            assert_eq!(result(1, 200, body), expected, "{body}");
        }
        let mut bytes = answer(200, "");
        bytes.body = Body::Whole(b"{\"result\":[1],\"msg\":\"\xff\"}".to_vec());
        assert_eq!(
            classify(1, &bytes).result,
            CallResult::InDoubt(Doubt::UnreadableAnswer)
        );
    }

    #[test]
    fn a_web_page_with_200_is_told_apart() {
        for body in ["<!DOCTYPE html><html>", "\u{feff}\n <html>"] {
            assert_eq!(result(1, 200, body), CallResult::InDoubt(Doubt::WebPage));
        }
    }

    #[test]
    fn statuses_are_classified_as_published() {
        for status in [400, 401, 403, 404, 405, 406, 413, 415, 418, 429] {
            assert_eq!(result(1, status, "no"), CallResult::Refused(status));
        }
        for status in [408, 500, 502, 503, 599] {
            assert_eq!(
                result(1, status, "no"),
                CallResult::InDoubt(Doubt::ServerError)
            );
        }
        for status in [301, 302, 307, 308] {
            assert_eq!(
                result(1, status, "no"),
                CallResult::InDoubt(Doubt::Redirected)
            );
        }
        for status in [201, 202, 204, 206, 600, 199] {
            let expected = CallResult::InDoubt(Doubt::UnreadableAnswer);
            assert_eq!(result(1, status, r#"{"result":[1]}"#), expected, "{status}");
        }
    }

    #[test]
    fn an_answer_that_is_not_whole_is_in_doubt_whatever_its_status() {
        for status in [200, 400, 401, 429, 500] {
            let mut broken = answer(status, "");
            broken.body = Body::Broken;
            assert_eq!(
                classify(1, &broken).result,
                CallResult::InDoubt(Doubt::NoAnswer)
            );
            broken.body = Body::TooLarge;
            assert_eq!(
                classify(1, &broken).result,
                CallResult::InDoubt(Doubt::UnreadableAnswer)
            );
        }
    }

    #[test]
    fn the_wrong_content_type_is_accepted_and_told() {
        let mut plain = answer(200, r#"{"result":[1]}"#);
        plain.content_type = Some("text/plain".to_owned());
        let report = classify(1, &plain);
        assert!(report.odd_content_type);
        assert_eq!(report.result, CallResult::Answered(vec![Element::Deleted]));
        plain.encoding = Some("gzip".to_owned());
        assert_eq!(
            classify(1, &plain).result,
            CallResult::InDoubt(Doubt::UnreadableAnswer)
        );
    }

    #[test]
    fn the_servers_words_are_clipped_and_made_safe() {
        let report = classify(1, &answer(400, &format!("\u{1b}[2J{}", "x".repeat(9000))));
        assert!(report.words.starts_with("\\u{1b}[2J"));
        assert!(report.words.len() < WORDS_LIMIT + 16);
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_or_answer_for_another_number(body in any::<Vec<u8>>(), sent in 0_usize..5) {
            let mut raw = answer(200, "");
            raw.body = Body::Whole(body);
            if let CallResult::Answered(elements) = classify(sent, &raw).result {
                prop_assert_eq!(elements.len(), sent);
            }
        }

        #[test]
        fn a_cut_answer_is_never_taken_for_whole(elements in prop::collection::vec(0_u8..=1, 1..60)) {
            let body = serde_json::json!({ "result": elements }).to_string();
            for end in 0..body.len() {
                let cut = result(elements.len(), 200, &body[..end]);
                prop_assert!(matches!(cut, CallResult::InDoubt(_)), "{:?}", &body[..end]);
            }
        }
    }
}
