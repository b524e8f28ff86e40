//! What the body of a refusal says of deletions, which contradicts its status.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};

/// True if the body says that a device was deleted, in whatever form.
pub(super) fn has_deletions(body: &[u8]) -> bool {
    if serde_json::from_slice::<DeletionEvidence>(body).is_ok_and(|evidence| evidence.deleted) {
        return true;
    }
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    ["been deleted", "successfully deleted"]
        .iter()
        .any(|said| text.contains(said))
}

/// What a JSON value says of deletions, a key that is there twice included.
#[derive(Clone, Copy, Default)]
struct DeletionEvidence {
    /// It says that something was deleted.
    deleted: bool,
    /// It is or holds the result of a deleted device.
    has_one: bool,
    /// It is a number, a list or a truth value that isn't zero, empty or false.
    is_truthy: bool,
}

impl DeletionEvidence {
    fn of_number(is_one: bool, is_positive: bool) -> Self {
        Self {
            deleted: false,
            has_one: is_one,
            is_truthy: is_positive,
        }
    }

    /// Adds what a nested value says.
    fn add(&mut self, nested: Self) {
        self.deleted |= nested.deleted;
        self.has_one |= nested.has_one;
    }
}

impl<'de> Deserialize<'de> for DeletionEvidence {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EvidenceVisitor)
    }
}

struct EvidenceVisitor;

impl<'de> Visitor<'de> for EvidenceVisitor {
    type Value = DeletionEvidence;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an answer")
    }

    fn visit_unit<E>(self) -> Result<DeletionEvidence, E> {
        Ok(DeletionEvidence::default())
    }

    fn visit_bool<E>(self, value: bool) -> Result<DeletionEvidence, E> {
        Ok(DeletionEvidence::of_number(false, value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<DeletionEvidence, E> {
        Ok(DeletionEvidence::of_number(value == 1, value > 0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<DeletionEvidence, E> {
        Ok(DeletionEvidence::default())
    }

    fn visit_f64<E>(self, value: f64) -> Result<DeletionEvidence, E> {
        Ok(DeletionEvidence::of_number(
            (value - 1.0).abs() < f64::EPSILON,
            value > 0.0,
        ))
    }

    /// JSON may be within JSON.
    fn visit_str<E>(self, text: &str) -> Result<DeletionEvidence, E> {
        Ok(serde_json::from_str(text).unwrap_or_default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<DeletionEvidence, A::Error> {
        let mut evidence = DeletionEvidence::default();
        while let Some(nested) = values.next_element()? {
            evidence.add(nested);
            evidence.is_truthy = true;
        }
        Ok(evidence)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DeletionEvidence, A::Error> {
        let mut evidence = DeletionEvidence::default();
        while let Some(key) = map.next_key::<String>()? {
            let nested = map.next_value::<DeletionEvidence>()?;
            evidence.add(nested);
            evidence.deleted |= key.eq_ignore_ascii_case("result") && nested.has_one
                || key.eq_ignore_ascii_case("deleted") && nested.is_truthy;
        }
        Ok(evidence)
    }
}
