//! The shapes on the wire. They stay in here.

use serde::{Deserialize, Serialize};

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
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    pub(super) expires_in: Option<f64>,
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
    fn the_body_is_the_published_one() {
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
    fn opt_is_always_sent() {
        for action in Action::ALL {
            let text = body(action, IdentifierKind::Hwid, &["a"]);
            assert!(
                text.contains(&format!("\"opt\":{}", action.wire_value())),
                "{text}"
            );
        }
    }
}
