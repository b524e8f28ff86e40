//! How entries and columns of a list are named: by their positions in it.

use crate::list::Field;

/// The position of an entry in its list, also an index into data about its entries, such as marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(pub(in crate::list) u32);

impl DeviceId {
    /// The position, from 0, in list order.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The entry at position `index`. A position beyond the maximum refers to no entry.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// One of the columns of a list that are not read as a [`Field`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub(in crate::list) u16);

impl ColumnId {
    /// The position among the list's columns.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(crate) fn number(self) -> u16 {
        self.0
    }

    /// The column at this position. A position beyond the maximum refers to no column.
    pub(crate) fn from_number(number: u64) -> Self {
        Self(u16::try_from(number).unwrap_or(u16::MAX))
    }
}

/// What a header of a list refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ColumnRef {
    /// The column is read as this field.
    Field(Field),
    /// The column is not a field.
    Other(ColumnId),
}
