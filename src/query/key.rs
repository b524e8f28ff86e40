//! Keys: what a query term reads, a field or a column by its header.

use std::collections::HashMap;
use std::fmt;

use super::mac::any_notation;
use crate::list::{ColumnRef, Device, DeviceId, DeviceList, Field};

/// A field or a column of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A field of the device.
    Field(Field),
    /// The columns with this header.
    Column(Box<str>),
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => formatter.write_str(field.name()),
            Self::Column(header) => write!(formatter, "@\"{}\"", crate::text::clip(header, 40)),
        }
    }
}

/// The columns of one list that a key refers to.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    columns: Vec<ColumnRef>,
    /// True if the columns belong to the joined list.
    joined: bool,
}

/// A list whose rows were matched with the queried list's devices; its columns can be queried too.
#[derive(Clone, Debug)]
pub struct JoinedList<'a> {
    /// The joined list.
    pub list: &'a DeviceList,
    /// The row of the joined list for each device.
    pub rows: HashMap<DeviceId, DeviceId>,
}

impl<'a> JoinedList<'a> {
    /// The row of the joined list that was matched with the device.
    pub(super) fn device(&self, id: DeviceId) -> Option<Device<'a>> {
        self.rows.get(&id).map(|&row| self.list.device(row))
    }
}

impl Columns {
    pub fn of(key: &Key, list: &DeviceList) -> Self {
        let columns = match key {
            Key::Field(field) => vec![ColumnRef::Field(*field)],
            Key::Column(header) => list.find_columns(header),
        };
        Self {
            columns,
            joined: false,
        }
    }

    /// The columns of the list; none of a joined one.
    pub fn into_refs(self) -> Vec<ColumnRef> {
        if self.joined {
            Vec::new()
        } else {
            self.columns
        }
    }

    /// Like [`of`](Self::of), with columns that the list lacks taken from the joined list.
    pub fn of_either(key: &Key, list: &DeviceList, joined: Option<&JoinedList<'_>>) -> Self {
        let own = Self::of(key, list);
        match (joined, key) {
            (Some(joined), Key::Column(header)) if own.is_empty() => Self {
                columns: joined.list.find_columns(header),
                joined: true,
            },
            _ => own,
        }
    }

    /// The device that has the values: `device` itself or its row in the joined list, if there is
    /// one.
    pub fn holder<'a>(
        &self,
        device: &Device<'a>,
        joined: Option<&JoinedList<'a>>,
    ) -> Option<Device<'a>> {
        match joined {
            Some(joined) if self.joined => joined.device(device.id()),
            _ => Some(*device),
        }
    }

    /// True if neither list has such a column.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Calls `see` for each value of the device until it returns true.
    pub fn any(&self, device: &Device<'_>, mut see: impl FnMut(&str) -> bool) -> bool {
        self.columns.iter().any(|column| match *column {
            ColumnRef::Other(column) => device.other_values(column).any(&mut see),
            ColumnRef::Field(Field::Mac) => device.macs().any(|mac| any_notation(mac, &mut see)),
            ColumnRef::Field(field @ (Field::Issues | Field::Seen | Field::Enrolled)) => {
                let text = device.text(field);
                !text.is_empty() && see(&text)
            }
            ColumnRef::Field(field) => device.values(field).any(&mut see),
        })
    }

    /// The device's text values; none for numbers and dates.
    pub fn texts<'d>(&self, device: &Device<'d>) -> Vec<&'d str> {
        let mut texts = Vec::new();
        for column in &self.columns {
            match *column {
                ColumnRef::Other(column) => texts.extend(device.other_values(column)),
                ColumnRef::Field(field) => texts.extend(device.values(field)),
            }
        }
        texts
    }
}
