//! Reads answers of the token endpoint.

use super::wire;
use crate::engine::response::{
    Body, HttpAnswer, NoAnswer, NotSent, brief_excerpt, error_excerpt, is_web_page,
};
use crate::engine::{TokenReport, TokenResult};
use crate::secret::{Redactor, Secret};
use crate::text;

/// Reads a token answer. The token is not part of the report, which may be shown.
pub(super) fn read(
    answer: Result<HttpAnswer, NoAnswer>,
    redactor: &Redactor,
) -> (TokenReport, Option<Secret>) {
    let answer = match answer {
        Ok(answer) => answer,
        Err(NoAnswer::NotSent(reason)) => return report(TokenResult::NotSent(reason)),
        Err(NoAnswer::Lost(error)) => return report(TokenResult::Failed(error)),
    };
    let Body::Whole(body) = &answer.body else {
        return report(TokenResult::Failed(
            "the token endpoint's answer broke off".to_owned(),
        ));
    };
    let message = || message(&answer, &redactor.redact(body.clone()));
    let (result, token) = match answer.status {
        200 => match wire::read_token(body) {
            Ok(answer) => (
                TokenResult::Granted(answer.expires_in),
                Some(Secret::new(answer.access_token)),
            ),
            Err(fault) => (
                TokenResult::Unusable(format!("its answer (status 200) {fault}")),
                None,
            ),
        },
        429 => (TokenResult::TooMany, None),
        408 | 500..=599 => (TokenResult::Failed(message()), None),
        400 | 401 | 403 if !is_web_page(&answer, body) => (TokenResult::Refused(message()), None),
        300..=399 => {
            let redirected = format!("{}, a redirection, which is never followed", message());
            (TokenResult::Unusable(redirected), None)
        }
        407 => (TokenResult::NotSent(NotSent::ProxyLogin), None),
        _ => (TokenResult::Unusable(message()), None),
    };
    let rate = answer.rate;
    (TokenReport { result, rate }, token)
}

fn report(result: TokenResult) -> (TokenReport, Option<Secret>) {
    (
        TokenReport {
            result,
            rate: crate::domain::rate_limit::RateHeaders::default(),
        },
        None,
    )
}

fn message(answer: &HttpAnswer, body: &[u8]) -> String {
    let status = answer.status;
    if names_a_token(&error_excerpt(body)) {
        return format!("status {status}; its answer is not shown, since it may hold a token");
    }
    format!("status {status}: {}", brief_excerpt(answer, body))
}

/// True if a name that ends in "token" is followed by a value, as in JSON, a form or an escape of them.
/// Nobody has learned that token, so that nothing else masks it.
fn names_a_token(text: &str) -> bool {
    /// As in `access_token&amp;quot;: `.
    const LONGEST_BETWEEN: usize = 14;
    let text = text.to_ascii_lowercase();
    text.match_indices("token").any(|(at, word)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        // A sentence about a token has a space there.
        let is_name = !before.ends_with(char::is_whitespace);
        let between = text::head(after, LONGEST_BETWEEN);
        let between = between.split(',').next().unwrap_or_default();
        let has_value = between.contains([':', '=', '>'])
            || ["%3", "%253"].iter().any(|escape| between.contains(escape));
        is_name && has_value
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer::for_tests(status, None, body)
    }

    #[test]
    fn read_keeps_the_token_out_of_the_report() {
        let answer = answer(200, r#"{"access_token":"canary","expires_in":3600}"#);
        let (report, token) = read(Ok(answer), &Redactor::default());
        assert_eq!(
            report.result,
            TokenResult::Granted(Some(Duration::from_secs(3600)))
        );
        assert_eq!(token.expect("a token").expose(), "canary");
        assert!(!format!("{report:?}").contains("canary"));
    }

    #[test]
    fn read_shows_no_answer_that_names_a_token() {
        let shown = |status, body| {
            let (report, token) = read(Ok(answer(status, body)), &Redactor::default());
            assert!(token.is_none());
            format!("{report:?}")
        };
        for status in [201, 302, 403, 503] {
            for body in [
                r#"{"access_token":"canary"}"#,
                r#"{"accessToken" : "canary"}"#,
                r#"{\"refresh_token\":\"canary\"}"#,
                "scope=all&id_token=canary",
                "<pre>{&quot;access_token&quot;: &quot;canary&quot;}",
                "ACCESS_TOKEN%3Dcanary",
                r#"{"token":"canary"}"#,
                r#"{"access_token&amp;quot;:"canary"}"#,
                "access_token%2522%253A%2522canary",
                "<access_token>canary</access_token>",
            ] {
                let shown = shown(status, body);
                assert!(shown.contains("may hold a token"), "{shown}");
                assert!(!shown.contains("canary"), "{shown}");
            }
        }
        for error in [
            r#"{"error":"invalid_token","error_description":"The client is off"}"#,
            r#"{"error":"invalid_token","code":401,"message":"The client is off"}"#,
            "Invalid token: The client is off",
        ] {
            let shown = shown(401, error);
            assert!(shown.contains("The client is off"), "{shown}");
        }
    }

    #[test]
    fn read_distinguishes_refused_credentials_from_passing_failures() {
        let result = |status, body| {
            read(Ok(answer(status, body)), &Redactor::default())
                .0
                .result
        };
        let refused = result(401, r#"{"error":"invalid_client"}"#);
        assert!(
            matches!(refused, TokenResult::Refused(message) if message.contains("invalid_client"))
        );
        for (status, body) in [
            (200, "<html>"),
            (200, "{}"),
            (302, ""),
            (401, "<html>Sign in</html>"),
            (403, "<html>Blocked</html>"),
            (404, r#"{"message":"no route"}"#),
        ] {
            let result = result(status, body);
            assert!(
                matches!(result, TokenResult::Unusable(_)),
                "{status}: {result:?}"
            );
            assert!(!format!("{result:?}").contains("<html>"), "{result:?}");
        }
        assert_eq!(
            result(407, "<html>"),
            TokenResult::NotSent(NotSent::ProxyLogin)
        );
        assert!(matches!(result(503, ""), TokenResult::Failed(_)));
        assert_eq!(result(429, ""), TokenResult::TooMany);
    }
}
