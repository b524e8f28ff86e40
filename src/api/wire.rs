//! The JSON of requests and answers.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::action::Action;
use crate::domain::device::{Identifier, IdentifierKind};

/// The body of Delete Devices v2.0. Exactly one of the lists is sent, and `opt` always.
#[derive(Serialize)]
struct DeleteBody {
    #[serde(rename = "HWID_list", skip_serializing_if = "Option::is_none")]
    hwids: Option<Vec<String>>,
    #[serde(rename = "MAC_list", skip_serializing_if = "Option::is_none")]
    macs: Option<Vec<String>>,
    opt: u8,
}

/// The answer of the token endpoint.
#[derive(Debug, PartialEq)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    /// None if the answer has no valid number of seconds.
    pub(super) expires_in: Option<Duration>,
}

/// Why an answer of the token endpoint has no token. The answer itself is not shown: it may contain a
/// token even so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenFault {
    #[error("is not a JSON object")]
    NotJson,
    #[error("holds no access_token")]
    Missing,
    #[error("holds an access_token that is empty or not a string")]
    Unusable,
}

/// Reads an answer of the token endpoint. Only the token itself must be valid.
pub(super) fn read_token(body: &[u8]) -> Result<TokenAnswer, TokenFault> {
    // Raw values, so that no number is too large.
    let values: HashMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|_| TokenFault::NotJson)?;
    let token = values.get("access_token").ok_or(TokenFault::Missing)?;
    let access_token: String =
        serde_json::from_str(token.get()).map_err(|_| TokenFault::Unusable)?;
    if access_token.trim().is_empty() {
        return Err(TokenFault::Unusable);
    }
    let seconds = values.get("expires_in");
    let seconds = seconds.and_then(|seconds| serde_json::from_str(seconds.get()).ok());
    let expires_in = seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|lifetime| !lifetime.is_zero());
    Ok(TokenAnswer {
        access_token,
        expires_in,
    })
}

/// Writes a Delete Devices body. The first identifier's kind decides which list it is; the engine
/// never mixes kinds in a batch.
pub(super) fn delete_body(action: Action, identifiers: &[Identifier]) -> Vec<u8> {
    let kind = identifiers.first().map(Identifier::kind);
    debug_assert!(
        identifiers
            .iter()
            .all(|identifier| Some(identifier.kind()) == kind)
    );
    let texts: Vec<String> = identifiers
        .iter()
        .filter(|identifier| Some(identifier.kind()) == kind)
        .map(ToString::to_string)
        .collect();
    let (hwids, macs) = match kind {
        Some(IdentifierKind::Mac) => (None, Some(texts)),
        Some(IdentifierKind::Hwid) | None => (Some(texts), None),
    };
    let body = DeleteBody {
        hwids,
        macs,
        opt: action.wire_value(),
    };
    // Strings and a small integer can always be written as JSON.
    serde_json::to_vec(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(action: Action, kind: IdentifierKind, texts: &[&str]) -> String {
        let identifiers: Vec<_> = texts
            .iter()
            .map(|text| Identifier::parse(kind, text).expect("an identifier"))
            .collect();
        String::from_utf8(delete_body(action, &identifiers)).expect("UTF-8")
    }

    #[test]
    fn delete_body_is_as_published() {
        assert_eq!(
            body(
                Action::Uninstall,
                IdentifierKind::Mac,
                &["00-0C-29-CD-C7-B2", "000c30cdffb2"]
            ),
            r#"{"MAC_list":["00:0c:29:cd:c7:b2","00:0c:30:cd:ff:b2"],"opt":0}"#
        );
        assert_eq!(
            body(Action::Remove, IdentifierKind::Hwid, &["12ds44f5gacd52234"]),
            r#"{"HWID_list":["12ds44f5gacd52234"],"opt":1}"#
        );
    }

    #[test]
    fn read_token_accepts_any_lifetime() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (lifetime, read) in [
            ("3600", seconds(3600)),
            ("3600.0", seconds(3600)),
            ("\"3600\"", None),
            ("0", None),
            ("-1", None),
            ("1e999", None),
            ("123456789012345678901234567890", None),
            ("null", None),
            ("{}", None),
            ("1,\"expires_in\":60", seconds(60)),
        ] {
            let body = format!(r#"{{"access_token":"t","expires_in":{lifetime}}}"#);
            let answer = read_token(body.as_bytes()).expect("a token");
            assert_eq!(
                (answer.access_token.as_str(), answer.expires_in),
                ("t", read),
                "{body}"
            );
        }
        let escaped = br#"{"access_token":"a\/\u002b"}"#;
        assert_eq!(read_token(escaped).expect("a token").access_token, "a/+");
        for (body, fault) in [
            ("<html>", TokenFault::NotJson),
            ("[\"t\"]", TokenFault::NotJson),
            ("{}", TokenFault::Missing),
            (r#"{"access_token":" "}"#, TokenFault::Unusable),
            (r#"{"access_token":1}"#, TokenFault::Unusable),
        ] {
            assert_eq!(read_token(body.as_bytes()), Err(fault), "{body}");
        }
    }

    #[test]
    fn delete_body_always_has_opt() {
        for action in Action::ALL {
            let text = body(action, IdentifierKind::Hwid, &["a"]);
            assert!(
                text.contains(&format!("\"opt\":{}", action.wire_value())),
                "{text}"
            );
        }
    }
}
