//! One row of JSON: an object, in any of the tenant's shapes, put into a draft.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::list::columns::{Block, Meaning};
use crate::list::draft::Draft;
use crate::list::problem::Problem;

/// Puts the values of the row into `draft`.
pub(super) fn parse(bytes: &[u8], draft: &mut Draft) -> Result<(), Problem> {
    if bytes.first() != Some(&b'{') {
        return Err(Problem::NotAnObject);
    }
    // Bytes that are no UTF-8 become replacement characters, which no identifier may hold.
    let text = String::from_utf8_lossy(bytes);
    let mut json = serde_json::Deserializer::from_str(&text);
    let parsed = (&mut json)
        .deserialize_map(Object {
            block: Block::Row,
            draft,
        })
        .and_then(|()| json.end());
    parsed.map_err(|_| Problem::BrokenJson)
}

/// An object whose keys mean what they mean in `block`.
struct Object<'d> {
    block: Block,
    draft: &'d mut Draft,
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(meaning) = map.next_key_seed(Key(self.block))? {
            match meaning {
                Some(meaning) => map.next_value_seed(Value {
                    meaning,
                    draft: self.draft,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A key, read as what it means in its block.
struct Key(Block);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<Meaning>;

    fn deserialize<D: serde::Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<Meaning>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Meaning::of(self.0, name))
    }
}

/// A value with a known meaning.
struct Value<'d> {
    meaning: Meaning,
    draft: &'d mut Draft,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.draft.put(self.meaning, text);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.draft.put_other(self.meaning);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.draft.put_number(self.meaning, number);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        self.draft.put_number(self.meaning, number);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        match self.meaning {
            Meaning::Seen | Meaning::Enrolled => {
                // Fractions of a second are not kept; the shortest text of a float has no exponent
                // in the range of dates.
                let text = number.trunc().to_string();
                self.draft
                    .put_number(self.meaning, text.parse().unwrap_or(0));
            }
            Meaning::OsVersion | Meaning::Agent => {
                self.draft.put(self.meaning, &number.to_string());
            }
            other => self.draft.put_other(other),
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if let Some(block) = self.meaning.block() {
            let object = Object {
                block,
                draft: self.draft,
            };
            return object.visit_map(map);
        }
        self.draft.put_other(self.meaning);
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if self.meaning.block().is_none() {
            self.draft.put_other(self.meaning);
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        loop {
            let item = Value {
                meaning: self.meaning,
                draft: self.draft,
            };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }
}
