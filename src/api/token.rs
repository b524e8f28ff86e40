//! What the token endpoint says.

use super::wire;
use crate::engine::response::{Answer, Body, NoAnswer, error_excerpt};
use crate::engine::{TokenReport, TokenResult};
use crate::secret::{Redactor, Secret};

/// Reads a token answer. The token is kept apart from the report, which may be shown.
pub(super) fn read(
    answer: Result<Answer, NoAnswer>,
    redactor: &Redactor,
) -> (TokenReport, Option<Secret>) {
    let said = |status, body: &[u8]| said(status, &redactor.redact(body.to_vec()));
    let answer = match answer {
        Ok(answer) => answer,
        Err(NoAnswer::NotSent(reason)) => return report(TokenResult::NotSent(reason)),
        Err(NoAnswer::Lost(said)) => return report(TokenResult::Failed(said)),
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
        408 | 500..=599 => (TokenResult::Failed(said(answer.status, body)), None),
        status => (TokenResult::Refused(said(status, body)), None),
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

fn said(status: u16, body: &[u8]) -> String {
    match error_excerpt(body) {
        message if message.is_empty() => format!("status {status}"),
        message => format!("status {status}: {message}"),
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
    fn a_token_is_kept_apart_from_the_report() {
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
    fn refused_credentials_are_told_from_passing_faults() {
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
