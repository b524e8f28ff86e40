//! Reads answers to Device Details calls.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::rate_limit::RateHeaders;
use crate::engine::lookup_verdict::{LookupAnswer, Presence};
use crate::engine::response::{Body, HttpAnswer, NoAnswer, error_excerpt, is_web_page};
use crate::engine::retry_policy::ReadResult;

/// The result of a Device Details call, with its rate headers. The call only reads, so that no
/// outcome is ever in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupReport {
    pub result: LookupResult,
    /// The answer's headers about the rate limit.
    pub rate: RateHeaders,
}

/// The result of a Device Details call.
pub type LookupResult = ReadResult<LookupAnswer>;

/// Reads the answer to a Device Details call, or the lack of one.
pub fn read(answer: Result<HttpAnswer, NoAnswer>) -> LookupReport {
    let answer = match answer {
        Ok(answer) => answer,
        Err(silence) => {
            let result = match silence {
                NoAnswer::NotSent(reason) => LookupResult::NotSent(reason),
                NoAnswer::Lost(message) => LookupResult::Unclear(message),
            };
            return LookupReport {
                result,
                rate: RateHeaders::default(),
            };
        }
    };
    LookupReport {
        result: result(&answer),
        rate: answer.rate,
    }
}

fn result(answer: &HttpAnswer) -> LookupResult {
    let unclear = |message: &str| LookupResult::Unclear(message.to_owned());
    let Body::Whole(body) = &answer.body else {
        return unclear("the answer broke off or is too large");
    };
    match answer.status {
        401 => LookupResult::Unauthorized,
        429 => LookupResult::TooMany,
        200 | 404 if is_web_page(answer, body) => unclear("a web page answered"),
        404 => LookupResult::Read(LookupAnswer::Absent),
        200 if answer.encoding.is_some() => unclear("the answer is compressed"),
        200 => match presence(body) {
            Some(presence) => LookupResult::Read(LookupAnswer::Present(presence)),
            None => unclear("the answer does not describe a device"),
        },
        status => match error_excerpt(body) {
            message if message.is_empty() => LookupResult::Unclear(format!("status {status}")),
            message => LookupResult::Unclear(format!("status {status}: {message}")),
        },
    }
}

/// The device of an answer; none if it names neither a HWID nor a host.
fn presence(body: &[u8]) -> Option<Presence> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let device = value.as_object()?;
    let text = |name: &str| device.get(name)?.as_str().map(str::to_owned);
    let hwid = text("hwid").or_else(|| text("device_id"));
    let hostname = text("hostname").or_else(|| text("host_name"));
    if hwid.is_none() && hostname.is_none() {
        return None;
    }
    Some(Presence {
        hwid,
        hostname: hostname.unwrap_or_default(),
        last_seen: device.get("last_seen").and_then(time),
        enrolled: device.get("enrolled_at").and_then(time),
    })
}

/// An unambiguous time: RFC 3339, or a number of seconds or milliseconds since 1970.
fn time(value: &Value) -> Option<Timestamp> {
    const MILLISECONDS_FROM: i64 = 100_000_000_000;
    match value.as_i64() {
        Some(number) if number >= MILLISECONDS_FROM => Timestamp::from_millisecond(number).ok(),
        Some(number) if number > 0 => Timestamp::from_second(number).ok(),
        Some(_) => None,
        None => value.as_str()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &str) -> LookupResult {
        read(Ok(HttpAnswer::for_tests(status, Some(content_type), body))).result
    }

    #[test]
    fn read_finds_a_device_and_takes_404_for_its_absence() {
        let there = answer(
            200,
            "application/json",
            r#"{"hwid":"a1","hostname":"LT-1","last_seen":"2014-07-18T08:59:00Z","enrolled_at":1400000000}"#,
        );
        let LookupResult::Read(LookupAnswer::Present(presence)) = there else {
            panic!("{there:?}");
        };
        assert_eq!(presence.hwid.as_deref(), Some("a1"));
        assert_eq!(
            presence.enrolled,
            Timestamp::from_second(1_400_000_000).ok()
        );
        assert_eq!(
            presence.last_seen.map(|seen| seen.to_string()).as_deref(),
            Some("2014-07-18T08:59:00Z")
        );
        let absent = answer(404, "application/json", r#"{"error":"not found"}"#);
        assert_eq!(absent, LookupResult::Read(LookupAnswer::Absent));
    }

    #[test]
    fn read_takes_a_device_with_a_hwid_or_a_host_name_and_unambiguous_times() {
        let presence = |body: &str| match answer(200, "application/json", body) {
            LookupResult::Read(LookupAnswer::Present(presence)) => presence,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            presence(r#"{"device_id":"a1"}"#).hwid.as_deref(),
            Some("a1")
        );
        assert_eq!(presence(r#"{"host_name":"LT-1"}"#).hostname, "LT-1");
        for (time, seconds) in [
            ("1400000000", Some(1_400_000_000)),
            ("99999999999", Some(99_999_999_999)),
            ("100000000000", Some(100_000_000)),
            ("1400000000000", Some(1_400_000_000)),
            ("0", None),
            ("-1", None),
            ("\"18/07/2014\"", None),
        ] {
            let presence = presence(&format!(r#"{{"hwid":"a1","enrolled_at":{time}}}"#));
            let enrolled = presence.enrolled.map(Timestamp::as_second);
            assert_eq!(enrolled, seconds, "{time}");
        }
        let empty = answer(503, "text/plain", "");
        assert_eq!(empty, LookupResult::Unclear("status 503".to_owned()));
        let said = answer(503, "text/plain", "busy");
        assert_eq!(said, LookupResult::Unclear("status 503: busy".to_owned()));
    }

    #[test]
    fn read_concludes_nothing_from_other_answers() {
        for (status, content_type, body) in [
            (404, "text/html", "<html>no such page</html>"),
            (200, "text/html", "<html>sign in</html>"),
            (200, "application/json", "[]"),
            (200, "application/json", r#"{"result":1}"#),
            (500, "application/json", "{}"),
            (302, "text/plain", ""),
        ] {
            let result = answer(status, content_type, body);
            assert!(
                matches!(result, LookupResult::Unclear(_)),
                "{status} {body}"
            );
        }
        let compressed = HttpAnswer {
            encoding: Some("gzip".to_owned()),
            ..HttpAnswer::for_tests(200, None, r#"{"hwid":"a1"}"#)
        };
        let unclear = LookupResult::Unclear("the answer is compressed".to_owned());
        assert_eq!(read(Ok(compressed)).result, unclear);
        let lost = read(Err(NoAnswer::Lost("reset".to_owned()))).result;
        assert_eq!(lost, LookupResult::Unclear("reset".to_owned()));
    }
}
