//! Reads answers of the token endpoint.

use super::wire;
use crate::engine::response::{Answer, Body, NoAnswer, error_excerpt};
use crate::engine::{TokenReport, TokenResult};
use crate::secret::{Redactor, Secret};

/// Reads a token answer. The token is not part of the report, which may be shown.
pub(super) fn read(
    answer: Result<Answer, NoAnswer>,
    redactor: &Redactor,
) -> (TokenReport, Option<Secret>) {
    let message = |status, body: &[u8]| message(status, &redactor.redact(body.to_vec()));
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
    let rate = answer.rate.clone();
    let (result, token) = match answer.status {
        200 => match wire::read_token(body) {
            Ok(answer) => (
                TokenResult::Granted(answer.expires_in),
                Some(Secret::new(answer.access_token)),
            ),
            Err(fault) => (
                TokenResult::Refused(format!("its answer (status 200) {fault}")),
                None,
            ),
        },
        429 => (TokenResult::TooMany, None),
        408 | 500..=599 => (TokenResult::Failed(message(answer.status, body)), None),
        status => (TokenResult::Refused(message(status, body)), None),
    };
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

fn message(status: u16, body: &[u8]) -> String {
    match error_excerpt(body) {
        excerpt if excerpt.is_empty() => format!("status {status}"),
        excerpt => format!("status {status}: {excerpt}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::rate_limit::RateHeaders;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            content_type: None,
            encoding: None,
            rate: RateHeaders::default(),
            body: Body::Whole(body.as_bytes().to_vec()),
        }
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
        assert!(matches!(result(200, "<html>"), TokenResult::Refused(_)));
        assert!(matches!(result(302, ""), TokenResult::Refused(_)));
        assert!(matches!(result(503, ""), TokenResult::Failed(_)));
        assert_eq!(result(429, ""), TokenResult::TooMany);
    }
}
