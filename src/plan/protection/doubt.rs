//! Values that a rule reads and that are not certain: they protect the device.

use crate::list::{Device, DeviceList};
use crate::query::{Key, Query};

/// Why a field is not certain for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    Unknown,
    Unreadable,
    Differs,
}

impl Doubt {
    pub(super) fn of(key: &Key, list: &DeviceList, device: &Device<'_>) -> Option<Self> {
        let texts = Query::texts(key, list, device);
        let (lacks, differs) = match key {
            Key::Field(field) => (device.lacks(*field), device.differs(*field)),
            Key::Column(_) => (texts.is_empty(), false),
        };
        if lacks {
            return Some(Self::Unknown);
        }
        // A character that could not be decoded may be the one that the rule looks for.
        if texts.iter().any(|text| text.contains('\u{fffd}')) {
            return Some(Self::Unreadable);
        }
        differs.then_some(Self::Differs)
    }

    pub(super) fn reason(self, key: &Key) -> String {
        match self {
            Self::Unknown => format!("{key} unknown"),
            Self::Unreadable => format!("{key} could not be read"),
            Self::Differs => format!("{key} differs between its rows"),
        }
    }
}

/// A field that a rule reads, and the reasons to protect a device for which it is not certain.
pub(super) struct Read {
    key: Key,
    unknown: u16,
    differs: u16,
    unreadable: u16,
}

impl Read {
    /// A field; `index` stores a reason and returns its place.
    pub(super) fn new(key: Key, mut index: impl FnMut(String) -> u16) -> Self {
        Self {
            unknown: index(Doubt::Unknown.reason(&key)),
            differs: index(Doubt::Differs.reason(&key)),
            unreadable: index(Doubt::Unreadable.reason(&key)),
            key,
        }
    }

    /// Why the field is not certain for the device, if so.
    pub(super) fn doubt(&self, list: &DeviceList, device: &Device<'_>) -> Option<u16> {
        Doubt::of(&self.key, list, device).map(|doubt| match doubt {
            Doubt::Unknown => self.unknown,
            Doubt::Unreadable => self.unreadable,
            Doubt::Differs => self.differs,
        })
    }
}
