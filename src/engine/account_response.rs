//! Reads answers to Account Details calls.

use serde_json::Value;

use crate::domain::rate_limit::RateHeaders;
use crate::engine::response::{Body, HttpAnswer, NoAnswer, is_web_page};
use crate::engine::retry_policy::ReadResult;

/// The numbers of licences in an answer: used and allowed; none where the tenant doesn't report them.
pub type LicenceCount = Option<(u64, u64)>;

/// The result of an Account Details call.
pub type AccountResult = ReadResult<LicenceCount>;

/// Reads the answer to an Account Details call, or the lack of one.
pub fn read(answer: Result<HttpAnswer, NoAnswer>) -> (AccountResult, RateHeaders) {
    match answer {
        Ok(answer) => (result(&answer), answer.rate),
        Err(NoAnswer::NotSent(reason)) => (AccountResult::NotSent(reason), RateHeaders::default()),
        Err(NoAnswer::Lost(message)) => (AccountResult::Unclear(message), RateHeaders::default()),
    }
}

fn result(answer: &HttpAnswer) -> AccountResult {
    let Body::Whole(body) = &answer.body else {
        return AccountResult::Unclear("the answer broke off or is too large".to_owned());
    };
    let unclear = |message: &str| AccountResult::Unclear(message.to_owned());
    match answer.status {
        401 => AccountResult::Unauthorized,
        429 => AccountResult::TooMany,
        // A portal or a proxy, which says nothing of the tenant.
        _ if is_web_page(answer, body) => unclear("a web page answered"),
        200 if answer.encoding.is_some() => unclear("the answer is compressed"),
        200 => match serde_json::from_slice(body) {
            Ok(account) => AccountResult::Read(count(&account)),
            Err(_) => unclear("the answer does not describe an account"),
        },
        // The tenant answers so each time; 407 is a proxy's.
        400 | 402..=406 | 410..=428 => AccountResult::Read(None),
        status => AccountResult::Unclear(format!("status {status}")),
    }
}

/// The numbers, if both are there and can be: 0 or more.
fn count(account: &Value) -> LicenceCount {
    let number = |name: &str| account.get(name)?.as_u64().filter(|&number| number <= MOST);
    number("devices_used").zip(number("devices_allowed"))
}

/// What a journal's column holds.
const MOST: u64 = i64::MAX as u64;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> AccountResult {
        read(Ok(HttpAnswer::for_tests(status, None, body))).0
    }

    #[test]
    fn read_finds_both_numbers_or_none() {
        let body = r#"{"name":"x","devices_allowed":500,"devices_used":487}"#;
        assert_eq!(answer(200, body), AccountResult::Read(Some((487, 500))));
        for body in [
            "{}",
            "[]",
            r#"{"devices_used":1}"#,
            r#"{"devices_used":-1,"devices_allowed":2}"#,
            r#"{"devices_used":"1","devices_allowed":2}"#,
            r#"{"devices_used":1.5,"devices_allowed":2}"#,
            r#"{"devices_used":18446744073709551615,"devices_allowed":2}"#,
        ] {
            assert_eq!(answer(200, body), AccountResult::Read(None), "{body}");
        }
        for status in [400, 403, 404, 405] {
            assert_eq!(answer(status, ""), AccountResult::Read(None), "{status}");
        }
    }

    #[test]
    fn read_concludes_nothing_from_what_may_pass() {
        for status in [302, 407, 408, 500, 503] {
            assert!(
                matches!(answer(status, ""), AccountResult::Unclear(_)),
                "{status}"
            );
        }
        for (status, body) in [
            (200, ""),
            (200, "{\"devices_used\":1,"),
            (200, "<html>sign in</html>"),
            (403, " <!doctype html><p>blocked by the proxy"),
            (404, "<html>no such page</html>"),
        ] {
            assert!(
                matches!(answer(status, body), AccountResult::Unclear(_)),
                "{status} {body}"
            );
        }
        let compressed = HttpAnswer {
            encoding: Some("gzip".to_owned()),
            ..HttpAnswer::for_tests(200, None, "{}")
        };
        let unclear = AccountResult::Unclear("the answer is compressed".to_owned());
        assert_eq!(read(Ok(compressed)).0, unclear);
        assert_eq!(answer(401, ""), AccountResult::Unauthorized);
        assert_eq!(answer(429, ""), AccountResult::TooMany);
        let lost = read(Err(NoAnswer::Lost("reset".to_owned()))).0;
        assert_eq!(lost, AccountResult::Unclear("reset".to_owned()));
    }
}
