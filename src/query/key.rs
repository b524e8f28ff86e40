//! What a term of a query reads: a field, or a column of the list by its header.

use std::collections::HashMap;
use std::fmt;

use crate::list::{ColumnRef, Device, DeviceId, DeviceList, Field};

/// A field, or a column of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A field.
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

/// What a key leads to in one list.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    columns: Vec<ColumnRef>,
    /// They are of the list beside.
    beside: bool,
}

/// A list that was matched with the one that is asked: its columns stand beside the devices'.
#[derive(Clone, Debug)]
pub struct Beside<'a> {
    /// The list.
    pub list: &'a DeviceList,
    /// Which of its rows belongs to a device.
    pub rows: HashMap<DeviceId, DeviceId>,
}

impl<'a> Beside<'a> {
    /// What stands beside the device.
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
            beside: false,
        }
    }

    /// Like [`of`](Self::of); what the list doesn't have may stand beside it.
    pub fn of_either(key: &Key, list: &DeviceList, beside: Option<&Beside<'_>>) -> Self {
        let own = Self::of(key, list);
        match (beside, key) {
            (Some(beside), Key::Column(header)) if own.is_empty() => Self {
                columns: beside.list.find_columns(header),
                beside: true,
            },
            _ => own,
        }
    }

    /// The device or row that has them: `device` itself, or what stands beside it; none if nothing
    /// does.
    pub fn holder<'a>(
        &self,
        device: &Device<'a>,
        beside: Option<&Beside<'a>>,
    ) -> Option<Device<'a>> {
        match beside {
            Some(beside) if self.beside => beside.device(device.id()),
            _ => Some(*device),
        }
    }

    /// True if the list has no such column.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Shows each value of the device to `see`, until it says that it has seen enough.
    pub fn any(&self, device: &Device<'_>, mut see: impl FnMut(&str) -> bool) -> bool {
        self.columns.iter().any(|column| match *column {
            ColumnRef::Other(column) => device.other_values(column).any(&mut see),
            // In every notation, lest a rule miss an address by its separators.
            ColumnRef::Field(Field::Mac) => device.macs().any(|mac| {
                let colons = mac.to_string();
                let digits = colons.replace(':', "");
                see(&colons) || see(&colons.replace(':', "-")) || see(&digits)
            }),
            ColumnRef::Field(field @ (Field::Issues | Field::Seen | Field::Enrolled)) => {
                let text = device.text(field);
                !text.is_empty() && see(&text)
            }
            ColumnRef::Field(field) => device.values(field).any(&mut see),
        })
    }

    /// The values of the device that are kept as texts.
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
