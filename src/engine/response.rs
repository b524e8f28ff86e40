//! Classifies the answer to a Delete Devices call, or the lack of one.
//!
//! There are four results: *answered* (one element per device), *not sent* (safe to send), *refused*
//! (answered, not applied), *in doubt* (may have been applied). Whatever can't be read with certainty
//! is in doubt.

mod evidence;

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::Value;

use evidence::has_deletions;

use crate::domain::outcome::Doubt;
use crate::domain::rate_limit::RateHeaders;
use crate::domain::run::PauseReason;
use crate::text;

/// How much of an answer's body is read, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;
/// How much of an error's body is shown and stored, in bytes.
const EXCERPT_LIMIT: usize = 2048;
/// The same for a message of one line.
const BRIEF_LIMIT: usize = 200;

/// The result of one call, with what is recorded of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReport {
    /// The result for the devices.
    pub result: CallResult,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The server's or the network's message, safe to show.
    pub message: String,
    /// The answer's headers about the rate limit.
    pub rate: RateHeaders,
    /// The answer was right but for its content type.
    pub odd_content_type: bool,
}

/// The result of a call for the devices that it carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallResult {
    /// One element per device, in the order sent.
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
    /// The proxy requires a login.
    #[error("{}", PauseReason::ProxyLogin)]
    ProxyLogin,
    /// The slot expired before the call could be sent, as after a suspend.
    #[error("the call's slot expired before the call could be sent")]
    SlotExpired,
}

/// An answer as it was received.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    pub status: u16,
    /// The content type, in lower case, without parameters.
    pub content_type: Option<String>,
    /// The body's encoding, if the answer names another than `identity`; none is ever requested.
    pub encoding: Option<String>,
    /// The answer's headers about the rate limit.
    pub rate: RateHeaders,
    /// The body, as far as it was read.
    pub body: Body,
}

#[cfg(test)]
impl HttpAnswer {
    /// A whole answer without headers about the rate limit.
    pub fn for_tests(status: u16, content_type: Option<&str>, body: &str) -> Self {
        Self {
            status,
            content_type: content_type.map(str::to_owned),
            encoding: None,
            rate: RateHeaders::default(),
            body: Body::Whole(body.as_bytes().to_vec()),
        }
    }
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
    /// The request may have been sent; holds the network's error.
    Lost(String),
}

/// Classifies an answer to a Delete Devices call of `sent` devices.
pub fn classify(sent: usize, answer: &HttpAnswer) -> CallReport {
    let (result, message) = match &answer.body {
        // A redirection is never followed, whatever its body, and the run pauses.
        Body::Broken | Body::TooLarge if (300..400).contains(&answer.status) => {
            (CallResult::InDoubt(Doubt::Redirected), String::new())
        }
        // The content type is enough, whether or not the page can be read.
        Body::Broken | Body::TooLarge if answer.status == 200 && is_web_page(answer, b"") => {
            (CallResult::InDoubt(Doubt::WebPage), String::new())
        }
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
        message,
        rate: answer.rate.clone(),
        odd_content_type: answered && !is_json,
    }
}

/// Classifies the lack of an answer.
pub fn classify_silence(silence: NoAnswer) -> CallReport {
    let (result, message) = match silence {
        NoAnswer::NotSent(reason) => {
            let message = reason.to_string();
            (CallResult::NotSent(reason), message)
        }
        NoAnswer::Lost(message) => (CallResult::InDoubt(Doubt::NoAnswer), message),
    };
    CallReport {
        result,
        status: None,
        message: text::visible(&message).into_owned(),
        rate: RateHeaders::default(),
        odd_content_type: false,
    }
}

/// The first 2 KiB of an error's body, safe to show.
pub fn error_excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text::visible(text::head(text.trim(), EXCERPT_LIMIT)).into_owned()
}

/// What a message of one line says of a body: its first characters, and of a web page only that it is one.
pub fn brief_excerpt(answer: &HttpAnswer, body: &[u8]) -> String {
    if is_web_page(answer, body) {
        return "a web page".to_owned();
    }
    let excerpt = error_excerpt(body);
    match text::head(&excerpt, BRIEF_LIMIT) {
        "" => "an empty answer".to_owned(),
        head if head.len() < excerpt.len() => format!("{head}…"),
        whole => whole.to_owned(),
    }
}

fn classify_whole(sent: usize, answer: &HttpAnswer, body: &[u8]) -> (CallResult, String) {
    match answer.status {
        200 if answer.encoding.is_some() && is_web_page(answer, b"") => {
            (CallResult::InDoubt(Doubt::WebPage), String::new())
        }
        200 if answer.encoding.is_some() => (
            CallResult::InDoubt(Doubt::UnreadableAnswer),
            "the answer is compressed, which was not requested".to_owned(),
        ),
        200 => classify_success(sent, answer, body),
        300..=399 => (CallResult::InDoubt(Doubt::Redirected), error_excerpt(body)),
        408 | 500..=599 => (CallResult::InDoubt(Doubt::ServerError), error_excerpt(body)),
        // It contradicts itself: the status says that nothing was applied.
        400..=499 if has_deletions(body) => (
            CallResult::InDoubt(Doubt::UnreadableAnswer),
            error_excerpt(body),
        ),
        status @ 400..=499 => (CallResult::Refused(status), error_excerpt(body)),
        _ => (
            CallResult::InDoubt(Doubt::UnreadableAnswer),
            error_excerpt(body),
        ),
    }
}

fn classify_success(sent: usize, answer: &HttpAnswer, body: &[u8]) -> (CallResult, String) {
    let doubt = |doubt, message| (CallResult::InDoubt(doubt), message);
    match decode_result(body) {
        Ok(elements) if elements.len() == sent => (CallResult::Answered(elements), String::new()),
        Ok(elements) => doubt(
            Doubt::WrongLength,
            format!("{} results for {sent} devices", elements.len()),
        ),
        Err(_) if is_web_page(answer, body) => doubt(Doubt::WebPage, error_excerpt(body)),
        // The error quotes the answer.
        Err(error) => doubt(
            Doubt::UnreadableAnswer,
            format!(
                "{}: {}",
                error_excerpt(error.to_string().as_bytes()),
                error_excerpt(body)
            ),
        ),
    }
}

/// True for a page meant for a person, such as that of a portal or a proxy.
pub fn is_web_page(answer: &HttpAnswer, body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<") || answer.content_type.as_deref() == Some("text/html")
}

/// Reads `{"result":[…]}`. Other keys are allowed, but no duplicate key: it would be ambiguous.
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
            // `Value` has a nesting limit, `IgnoredAny` has none.
            let value = map.next_value::<Value>()?;
            if key == "result" {
                result = Some(value);
            }
            if !seen.insert(key) {
                return Err(A::Error::custom("duplicate key"));
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
mod tests;
