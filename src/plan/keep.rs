//! Which fields of a planned device the journal keeps, by the configuration.

use serde_json::{Map, Value};

use crate::list::{Field, OTHER_COLUMNS};

/// Which fields of a planned device the journal keeps. Identifiers are always kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Its rows as the list held them, and every field.
    #[default]
    Everything,
    Only {
        /// The fields of the program.
        fields: Vec<Field>,
        /// The headers of the list's other columns.
        headers: Vec<String>,
    },
}

impl Keep {
    /// True if rows are kept as the list held them.
    pub fn is_everything(&self) -> bool {
        *self == Self::Everything
    }

    /// True if values of the field are kept.
    pub fn has(&self, field: Field) -> bool {
        match self {
            Self::Everything => true,
            Self::Only { fields, .. } => {
                matches!(field, Field::Hwid | Field::Mac) || fields.contains(&field)
            }
        }
    }

    /// `text` if values of the field are kept, else nothing.
    pub fn text<'a>(&self, field: Field, text: &'a str) -> &'a str {
        if self.has(field) { text } else { "" }
    }

    /// Removes what isn't kept from a device's object of a list of ours.
    pub fn retain(&self, object: &mut Map<String, Value>) {
        let Self::Only { headers, .. } = self else {
            return;
        };
        object.retain(|key, value| match (key.as_str(), value) {
            (OTHER_COLUMNS, Value::Object(others)) => {
                others.retain(|header, _| headers.contains(header));
                !others.is_empty()
            }
            ("network_info", _) => true,
            ("last_seen", _) => self.has(Field::Seen),
            ("enrolled_at", _) => self.has(Field::Enrolled),
            (name, _) => Field::from_name(name).is_some_and(|field| self.has(field)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn identifiers_and_named_fields_are_kept_and_nothing_else() {
        let keep = Keep::Only {
            fields: vec![Field::Hostname, Field::Seen],
            headers: vec!["Cost center".to_owned()],
        };
        let mut value = json!({
            "hwid": "a1", "network_info": [{"mac_addr": "00:0c:29:cd:c7:b2"}], "hostname": "LT-1",
            "user": "ada", "last_seen": "2026-01-01T00:00:00Z", "enrolled_at": "2025-01-01T00:00:00Z",
            "offboard_columns": {"Cost center": "4711", "Manager": "grace"},
        });
        keep.retain(value.as_object_mut().expect("an object"));
        assert_eq!(
            value,
            json!({
                "hwid": "a1", "network_info": [{"mac_addr": "00:0c:29:cd:c7:b2"}], "hostname": "LT-1",
                "last_seen": "2026-01-01T00:00:00Z", "offboard_columns": {"Cost center": "4711"},
            })
        );
        assert_eq!(keep.text(Field::User, "ada"), "");
        assert_eq!(keep.text(Field::Hwid, "a1"), "a1");
        assert_eq!(Keep::Everything.text(Field::User, "ada"), "ada");
        assert!(Keep::Everything.is_everything() && !keep.is_everything());
    }
}
