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
    /// list is read again. Columns with the same header are one.
    Other(Arc<str>),
}

/// The columns that don't come from the list.
pub const COMPUTED: &[Column] = &[Column::Outcome];

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
    /// In descending order.
    pub reversed: bool,
}

impl Sort {
    /// The place and the direction of a column among the keys.
    pub fn key(&self, column: &Column) -> Option<(usize, &SortKey)> {
        let mut keys = self.keys.iter().enumerate();
        keys.find(|(_, key)| key.column.as_ref() == Some(column))
    }

    /// Sorts by this column alone; in list order without one. The current order, chosen again, is
    /// reversed.
    pub fn choose(&mut self, column: Option<Column>) {
        let again = match (self.keys.as_slice(), &column) {
            ([], None) => true,
            ([key], column) => &key.column == column,
            _ => false,
        };
        if again {
            self.reverse();
        } else {
            self.keys.clear();
            self.keys.extend(column.map(|column| SortKey {
                column: Some(column),
                reversed: false,
            }));
        }
    }

    /// Sorts by this column too, among rows that are equal so far: ascending, then descending, then
    /// not.
    pub fn choose_further(&mut self, column: &Column) {
        self.keys.retain(|key| key.column.is_some());
        match self.key(column).map(|(at, key)| (at, key.reversed)) {
            None => self.keys.push(SortKey {
                column: Some(column.clone()),
                reversed: false,
            }),
            Some((_, true)) => self.keys.retain(|key| key.column.as_ref() != Some(column)),
            Some((at, false)) => {
                if let Some(key) = self.keys.get_mut(at) {
                    key.reversed = true;
                }
            }
        }
    }

    /// Reverses the order.
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
        if let Some(header) = name.strip_prefix('@') {
            return Some(Self::Other(header.into()));
        }
        let mut computed = COMPUTED.iter();
        let computed = computed.find(|column| column.name() == name).cloned();
        computed.or_else(|| Field::from_name(name).map(Self::Field))
    }

    /// Its name, as the configuration has it. Not safe to show.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.name()),
            Self::Other(header) => Cow::Owned(format!("@{header}")),
        }
    }

    /// Its heading, safe to show.
    pub fn heading(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.heading()),
            Self::Other(header) if header.is_empty() => Cow::Borrowed("(no header)"),
            Self::Other(header) => crate::text::visible(header),
        }
    }

    /// The header of a column that is not read as a field; none of another column.
    pub fn header(&self) -> Option<&Arc<str>> {
        match self {
            Self::Other(header) => Some(header),
            _ => None,
        }
    }

    /// Its width in cells, unless another one is chosen.
    pub fn usual_width(&self) -> u16 {
        match self {
            Self::Other(_)
            | Self::Field(
                Field::Hostname | Field::Nickname | Field::Ip | Field::User | Field::Serial,
            ) => 15,
            Self::Field(Field::Hwid | Field::Mac) => 17,
            Self::Outcome | Self::Field(Field::Status | Field::Group) => 14,
            Self::Field(
                Field::Os | Field::Agent | Field::Asset | Field::Domain | Field::Source,
            ) => 10,
            Self::Field(Field::Type | Field::Severity | Field::Seen | Field::Enrolled) => 9,
            Self::Field(Field::Issues) => 6,
        }
    }
}
