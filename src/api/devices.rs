//! Get Devices v3.7: a page of the inventory.

use reqwest::header;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Client;
use crate::domain::rate_limit::RateHeaders;
use crate::engine::response::{Answer, Body, NoAnswer, error_excerpt, is_web_page};
use crate::engine::retry_policy::ReadResult;
use crate::secret::Secret;

/// Devices in a page: more than the API gives at a time is refused.
pub const PAGE: u32 = 50;
/// A page is longer than other answers, but not without end.
const LONGEST_PAGE: usize = 16 << 20;

/// A page of the inventory.
#[derive(Debug)]
pub struct Page {
    /// Each device just as the tenant sent it.
    pub devices: Vec<Box<RawValue>>,
    /// What asks for the next page; none on the last.
    pub next: Option<String>,
}

/// What the tenant answers when it is asked for a page.
#[derive(Debug)]
pub enum PageAnswer {
    /// The page.
    Page(Page),
    /// 400: with a page's token, the token is not known any more.
    Invalid(String),
    /// 413: the page is beyond the last one.
    Beyond,
}

/// What a call for a page led to.
pub type PageResult = ReadResult<PageAnswer>;

#[derive(Deserialize)]
struct Wire {
    next_token: Option<String>,
    devices: Vec<Box<RawValue>>,
}

impl Client {
    /// Reads a page (`POST /o/api/v3.7/devices`): of `limit` devices, 50 at the most, after the page
    /// that named `after`.
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
        match self.send_for(request, token, LONGEST_PAGE).await {
            Ok(answer) => (read(&answer, after.is_some()), answer.rate),
            Err(NoAnswer::NotSent(reason)) => (PageResult::NotSent(reason), RateHeaders::default()),
            Err(NoAnswer::Lost(message)) => (PageResult::Unclear(message), RateHeaders::default()),
        }
    }
}

/// `goes_on` after another page: the first one can't be beyond the last.
fn read(answer: &Answer, goes_on: bool) -> PageResult {
    let Body::Whole(body) = &answer.body else {
        return PageResult::Unclear("the answer broke off or is too large".to_owned());
    };
    match answer.status {
        200 if answer.encoding.is_some() => {
            PageResult::Unclear("the answer is compressed, which was not asked for".to_owned())
        }
        200 => match serde_json::from_slice::<Wire>(body) {
            Ok(wire) => PageResult::Read(PageAnswer::Page(Page {
                devices: wire.devices,
                next: wire.next_token.filter(|token| !token.is_empty()),
            })),
            Err(_) => PageResult::Unclear(format!("no page of devices: {}", error_excerpt(body))),
        },
        400 => PageResult::Read(PageAnswer::Invalid(error_excerpt(body))),
        401 => PageResult::Unauthorized,
        // A proxy that finds a call too large says the same: it knows nothing of the inventory's end.
        413 if goes_on && !is_web_page(answer, body) => PageResult::Read(PageAnswer::Beyond),
        429 => PageResult::TooMany,
        status => PageResult::Unclear(format!("status {status}: {}", error_excerpt(body))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> PageResult {
        answer_to(true, status, body)
    }

    fn answer_to(goes_on: bool, status: u16, body: &str) -> PageResult {
        let answer = Answer {
            status,
            content_type: None,
            encoding: None,
            rate: RateHeaders::default(),
            body: Body::Whole(body.as_bytes().to_vec()),
        };
        read(&answer, goes_on)
    }

    #[test]
    fn devices_are_kept_just_as_they_were_sent() {
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
    fn other_answers_are_told_apart() {
        assert!(matches!(answer(401, ""), PageResult::Unauthorized));
        assert!(matches!(answer(429, ""), PageResult::TooMany));
        assert!(matches!(
            answer(400, "x"),
            PageResult::Read(PageAnswer::Invalid(_))
        ));
        for (status, body) in [
            (200, "<html>"),
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
    fn only_the_tenant_ends_the_list_and_never_before_its_first_page() {
        let ended = |goes_on, body| {
            matches!(
                answer_to(goes_on, 413, body),
                PageResult::Read(PageAnswer::Beyond)
            )
        };
        assert!(ended(true, "{\"error\":\"no such page\"}"));
        assert!(ended(true, ""));
        assert!(!ended(false, "{\"error\":\"no such page\"}"));
        assert!(!ended(true, "<html>Request Entity Too Large</html>"));
    }
}
