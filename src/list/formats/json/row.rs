//! Reads one row of JSON: adds the values of an object to a draft, by the path of their keys.

use std::collections::HashMap;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::list::devices::build::Builder;
use crate::list::fields::column::{Column, Roles};
use crate::list::fields::headers::{self, Alias, JsonParent, Meaning, Role, normalise};
use crate::list::report::problem::Problem;

/// The maximum number of columns; further ones are only in the record.
const MOST_COLUMNS: usize = 1000;

/// The key under which our exports have the columns that are not fields.
pub const OTHER_COLUMNS: &str = "offboard_columns";

/// The keys of all rows so far, and the meaning of each path.
#[derive(Debug)]
pub(super) struct Keys {
    nodes: Vec<Node>,
    /// True if a device ID was another system's identifier, so that the list has to be read again.
    pub found_foreign_id: bool,
}

/// A key at its path in the row.
#[derive(Debug)]
struct Node {
    block: JsonParent,
    path: String,
    children: HashMap<Box<str>, usize>,
    /// The column of the values at this path, once there is one.
    column: Option<usize>,
    role: Role,
}

impl Keys {
    pub fn new() -> Self {
        Self {
            nodes: vec![Node {
                block: JsonParent::Row,
                path: String::new(),
                children: HashMap::new(),
                column: None,
                role: Role::Other,
            }],
            found_foreign_id: false,
        }
    }

    /// The node of `key` below `parent`.
    fn child(&mut self, parent: usize, key: &str, roles: &Roles<'_>) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(parent) else {
            return 0;
        };
        if let Some(&child) = node.children.get(key) {
            return child;
        }
        node.children.insert(key.into(), next);
        let block = node.block;
        let path = match node.path.as_str() {
            // Our exports have the list's other columns in a separate block.
            "" if key == OTHER_COLUMNS => String::new(),
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        let role = role_in(block, key, &path, roles);
        let meaning = match role {
            Role::Known(alias) => Some(alias.meaning),
            // A key of a block, or a key that a system overrides, can still contain a block.
            _ => headers::alias_in(block, &normalise(key)).map(|alias| alias.meaning),
        };
        // All values in a group block describe the group.
        let inherited = if block == JsonParent::Group {
            JsonParent::Group
        } else {
            JsonParent::Unknown
        };
        let block = match meaning.and_then(Meaning::block) {
            _ if key == "_source" => JsonParent::Row,
            Some(block) => block,
            None => inherited,
        };
        self.nodes.push(Node {
            block,
            path,
            children: HashMap::new(),
            column: None,
            role,
        });
        next
    }

    /// The column of the values at `node`, created on first use.
    fn column(&mut self, node: usize, columns: &mut Vec<Column>) -> Option<usize> {
        let node = self.nodes.get_mut(node)?;
        // A field is never left out, because a protect rule may read it.
        let has_room = columns.len() < MOST_COLUMNS || matches!(node.role, Role::Known(_));
        if node.column.is_none() && has_room {
            node.column = Some(columns.len());
            columns.push(Column::new(&node.path, node.role));
        }
        node.column
    }
}

/// The role of the values of `key`, in a nested block or in the row itself.
fn role_in(block: JsonParent, key: &str, path: &str, roles: &Roles<'_>) -> Role {
    if let Some(assigned) = roles.options.assigned(path) {
        return Role::of_assigned(assigned.field);
    }
    match block {
        JsonParent::Row => roles.of(key),
        _ => match roles.given(key) {
            Some(role) => role,
            None => headers::alias_in(block, &normalise(key)).map_or(Role::Other, Role::Known),
        },
    }
}

/// Adds the values of the row to the builder's draft.
pub(super) fn parse(
    bytes: &[u8],
    keys: &mut Keys,
    roles: &Roles<'_>,
    builder: &mut Builder,
) -> Result<(), Problem> {
    if bytes.first() != Some(&b'{') {
        return Err(Problem::NotAnObject);
    }
    // Bytes that are not UTF-8 become replacement characters, which no identifier may contain.
    let text = String::from_utf8_lossy(bytes);
    let mut json = serde_json::Deserializer::from_str(&text);
    let mut row = Row {
        keys,
        roles,
        builder,
    };
    let parsed = (&mut json)
        .deserialize_map(Object {
            node: 0,
            row: &mut row,
        })
        .and_then(|()| json.end());
    parsed.map_err(|_| Problem::BrokenJson)
}

/// The names of the keys of an object, and of the objects in it, for recognising a system.
pub(super) fn key_names(bytes: &[u8]) -> std::collections::HashSet<String> {
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    let mut names = std::collections::HashSet::new();
    collect_names(&value, &mut names);
    names
}

fn collect_names(value: &serde_json::Value, names: &mut std::collections::HashSet<String>) {
    if let serde_json::Value::Object(object) = value {
        for (key, value) in object {
            names.insert(normalise(key));
            collect_names(value, names);
        }
    }
}

struct Row<'r> {
    keys: &'r mut Keys,
    roles: &'r Roles<'r>,
    builder: &'r mut Builder,
}

impl Row<'_> {
    fn alias(&self, node: usize) -> Option<Alias> {
        match self.keys.nodes.get(node)?.role {
            Role::Known(alias) => Some(alias),
            _ => None,
        }
    }

    fn put(&mut self, node: usize, text: &str) {
        let Some(column) = self.keys.column(node, &mut self.builder.columns) else {
            return;
        };
        self.keys.found_foreign_id |= self.builder.put(column, text).is_err();
    }

    fn put_number(&mut self, node: usize, text: &str) {
        match self.alias(node).map(|alias| alias.meaning) {
            Some(meaning @ (Meaning::Hwid | Meaning::DeviceId | Meaning::Mac)) => {
                self.builder.draft.put_no_text(meaning);
            }
            _ => self.put(node, text),
        }
    }
}

/// An object at a node.
struct Object<'o, 'r> {
    node: usize,
    row: &'o mut Row<'r>,
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(node) = map.next_key_seed(Key {
            parent: self.node,
            row: self.row,
        })? {
            map.next_value_seed(Value {
                node,
                row: self.row,
            })?;
        }
        Ok(())
    }
}

/// A key, read as its node.
struct Key<'k, 'r> {
    parent: usize,
    row: &'k mut Row<'r>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = usize;

    fn deserialize<D: serde::Deserializer<'de>>(self, key: D) -> Result<usize, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = usize;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<usize, E> {
        Ok(self.row.keys.child(self.parent, name, self.row.roles))
    }
}

/// A value at a node.
struct Value<'v, 'r> {
    node: usize,
    row: &'v mut Row<'r>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.row.put(self.node, text);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        match self.row.alias(self.node) {
            Some(alias) if alias.meaning.is_identifier_or_mark() => {
                self.row.builder.draft.put_no_text(alias.meaning);
            }
            _ => self
                .row
                .put(self.node, if value { "true" } else { "false" }),
        }
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.row.put_number(self.node, &number.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.row.put_number(self.node, &number.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        // Rust writes floats without an exponent and with the fewest digits that identify them.
        self.row.put_number(self.node, &number.to_string());
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let meaning = self.row.alias(self.node).map(|alias| alias.meaning);
        if let Some(meaning @ (Meaning::Hwid | Meaning::DeviceId | Meaning::Unusable)) = meaning {
            self.row.builder.draft.put_no_text(meaning);
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        Object {
            node: self.node,
            row: self.row,
        }
        .visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        loop {
            let item = Value {
                node: self.node,
                row: self.row,
            };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }
}
