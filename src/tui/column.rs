//! The columns that the table can show, and the order of its rows.

use std::borrow::Cow;
use std::sync::Arc;

use crate::list::Field;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// How the device ended.
    Outcome,
    /// A field of the list.
    Field(Field),
    /// A column of the list that is not read as a field, by its header: its place changes when the
    /// list is read anew. Columns with the same header are one.
    Other(Arc<str>),
}

/// An order of rows: by the first key, among equals by the next; at last in list order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The keys.
    pub keys: Vec<SortKey>,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// By this column; in list order without it.
    pub column: Option<Column>,
    /// Turned around.
    pub reversed: bool,
}

impl Sort {
    /// The place and the direction of a column among the keys.
    pub fn key(&self, column: &Column) -> Option<(usize, &SortKey)> {
        let mut keys = self.keys.iter().enumerate();
        keys.find(|(_, key)| key.column.as_ref() == Some(column))
    }

    /// Turns the order around.
    pub fn reverse(&mut self) {
        if self.keys.is_empty() {
            self.keys.push(SortKey {
                column: None,
                reversed: false,
            });
        }
        for key in &mut self.keys {
            key.reversed = !key.reversed;
        }
        self.keys.retain(|key| key.column.is_some() || key.reversed);
    }
}

impl Column {
    /// The column of this name, as the configuration has it: a field's, or a header behind an `@`.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "outcome" {
            Some(Self::Outcome)
        } else if let Some(header) = name.strip_prefix('@') {
            Some(Self::Other(header.into()))
        } else {
            Field::from_name(name).map(Self::Field)
        }
    }

    /// Its name, as the configuration has it. Not safe to show.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.name()),
            Self::Other(header) => Cow::Owned(format!("@{header}")),
        }
    }

    /// What stands over it, safe to show.
    pub fn heading(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.heading()),
            Self::Other(header) if header.is_empty() => Cow::Borrowed("(no header)"),
            Self::Other(header) => crate::text::visible(header),
        }
    }
}
