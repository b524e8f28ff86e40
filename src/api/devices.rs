//! Get Devices v3.7: a page of the inventory.

use reqwest::header;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Client;
use crate::domain::rate_limit::RateHeaders;
use crate::engine::response::{Body, HttpAnswer, NoAnswer, brief_excerpt, is_web_page};
use crate::engine::retry_policy::ReadResult;
use crate::secret::Secret;

/// The most devices per page that the API allows.
pub const PAGE: u32 = 50;
/// The largest page that is read, in bytes.
const LARGEST_PAGE: usize = 16 << 20;

/// A page of the inventory.
#[derive(Debug)]
pub struct Page {
    /// Each device exactly as the tenant sent it.
    pub devices: Vec<Box<RawValue>>,
    /// The token of the next page; none on the last.
    pub next: Option<String>,
}

/// The tenant's answer to a request for a page.
#[derive(Debug)]
pub enum PageAnswer {
    Page(Page),
    /// 400: the page's token, if one was sent, is not valid any more.
    Invalid(String),
    /// 413: the page is beyond the last one.
    Beyond,
}

/// The result of a call for a page.
pub type PageResult = ReadResult<PageAnswer>;

#[derive(Deserialize)]
struct Wire {
    next_token: Option<String>,
    devices: Vec<Box<RawValue>>,
    /// A refusal may have an empty array of devices, too.
    #[serde(alias = "errors")]
    error: Option<IgnoredAny>,
}

impl Client {
    /// Reads a page (`POST /o/api/v3.7/devices`): of `limit` devices, at most 50, after the page
    /// with the token `after`.
    pub async fn page(
        &self,
        token: &Secret,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> (PageResult, RateHeaders) {
        let mut url = self.url("o/api/v3.7/devices");
        url.query_pairs_mut()
            .append_pair("access_token", token.expose());
        let limit = limit.unwrap_or(PAGE).min(PAGE);
        let body = match after {
            Some(after) => serde_json::json!({ "limit": limit, "token": after }),
            None => serde_json::json!({ "limit": limit }),
        };
        let request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(body.to_string());
        match self.send_for(request, token, LARGEST_PAGE).await {
            Ok(answer) => (read(&answer, after.is_some()), answer.rate),
            Err(NoAnswer::NotSent(reason)) => (PageResult::NotSent(reason), RateHeaders::default()),
            Err(NoAnswer::Lost(message)) => (PageResult::Unclear(message), RateHeaders::default()),
        }
    }
}

/// Reads an answer. Only one that `has_token` can be beyond the last page.
fn read(answer: &HttpAnswer, has_token: bool) -> PageResult {
    let Body::Whole(body) = &answer.body else {
        return PageResult::Unclear("the answer broke off or is too large".to_owned());
    };
    match answer.status {
        200 if answer.encoding.is_some() => {
            PageResult::Unclear("the answer is compressed, which was not requested".to_owned())
        }
        200 => match serde_json::from_slice::<Wire>(body) {
            Ok(wire) if wire.error.is_some() => PageResult::Unclear(format!(
                "the answer has devices and an error: {}",
                brief_excerpt(answer, body)
            )),
            Ok(wire)
                if !wire
                    .devices
                    .iter()
                    .all(|device| device.get().starts_with('{')) =>
            {
                PageResult::Unclear("a device of the page is not an object".to_owned())
            }
            Ok(wire) => PageResult::Read(PageAnswer::Page(Page {
                devices: wire.devices,
                next: wire.next_token.filter(|token| !token.is_empty()),
            })),
            Err(_) => PageResult::Unclear(format!(
                "the answer is not a page of devices: {}",
                excerpt(answer, body)
            )),
        },
        400 => PageResult::Read(PageAnswer::Invalid(excerpt(answer, body))),
        401 => PageResult::Unauthorized,
        // A proxy answers the same for a call that it finds too large, as a web page.
        413 if has_token && !is_web_page(answer, body) => PageResult::Read(PageAnswer::Beyond),
        429 => PageResult::TooMany,
        status => PageResult::Unclear(format!("status {status}: {}", excerpt(answer, body))),
    }
}

/// The answer's first characters, and what to check if it can't be the tenant's.
fn excerpt(answer: &HttpAnswer, body: &[u8]) -> String {
    let excerpt = brief_excerpt(answer, body);
    if is_web_page(answer, body) || (300..400).contains(&answer.status) {
        format!("{excerpt} (check base_url and proxy)")
    } else {
        excerpt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> PageResult {
        answer_to(true, status, body)
    }

    fn answer_to(has_token: bool, status: u16, body: &str) -> PageResult {
        read(&HttpAnswer::for_tests(status, None, body), has_token)
    }

    #[test]
    fn read_returns_devices_exactly_as_sent() {
        let device = "{\"device_id\": \"h1\",\n \"n\": 1.0e3, \"u\": \"\\u00e9\"}";
        let body = format!("{{\"next_token\":\"t\",\"more\":1,\"devices\":[{device}]}}");
        let PageResult::Read(PageAnswer::Page(page)) = answer(200, &body) else {
            panic!("a page")
        };
        assert_eq!(page.devices[0].get(), device);
        assert_eq!(page.next.as_deref(), Some("t"));
        let PageResult::Read(PageAnswer::Page(last)) =
            answer(200, "{\"next_token\":\"\",\"devices\":[]}")
        else {
            panic!("a page")
        };
        assert_eq!(last.next, None);
    }

    #[test]
    fn read_distinguishes_other_answers() {
        assert!(matches!(answer(401, ""), PageResult::Unauthorized));
        assert!(matches!(answer(429, ""), PageResult::TooMany));
        assert!(matches!(
            answer(400, "x"),
            PageResult::Read(PageAnswer::Invalid(_))
        ));
        for (status, body) in [
            (200, "<html>"),
            (200, r#"{"error":"access denied","devices":[]}"#),
            (200, r#"{"errors":["busy"],"devices":[{"hwid":"h1"}]}"#),
            (200, r#"{"devices":[{"hwid":"h1"},null]}"#),
            (200, "{}"),
            (200, "[1]"),
            (500, ""),
            (302, ""),
        ] {
            assert!(
                matches!(answer(status, body), PageResult::Unclear(_)),
                "{body}"
            );
        }
    }

    #[test]
    fn read_says_what_to_check_if_something_else_answers() {
        let checked = |status, body| match answer(status, body) {
            PageResult::Unclear(message) | PageResult::Read(PageAnswer::Invalid(message)) => {
                message.contains("check base_url")
            }
            other => panic!("{other:?}"),
        };
        assert!(checked(200, "<html>"));
        assert!(checked(501, "<html>"));
        assert!(checked(302, ""));
        assert!(checked(400, "<html>"));
        assert!(!checked(503, "busy"));
        assert!(!checked(200, "{}"));
    }

    #[test]
    fn read_accepts_the_end_only_from_the_tenant_and_after_the_first_page() {
        let ended = |has_token, body| {
            matches!(
                answer_to(has_token, 413, body),
                PageResult::Read(PageAnswer::Beyond)
            )
        };
        assert!(ended(true, "{\"error\":\"no such page\"}"));
        assert!(ended(true, ""));
        assert!(!ended(false, "{\"error\":\"no such page\"}"));
        assert!(!ended(true, "<html>Request Entity Too Large</html>"));
    }
}
