//! Values that a rule reads and that are not certain: they protect the device.

use crate::list::{Device, DeviceList, Field, is_error_value, is_word_for_nothing};
use crate::query::{Key, Query};

/// Why a field is not certain for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uncertainty {
    Unknown,
    Unreadable,
    Differs,
}

impl Uncertainty {
    pub(super) fn of(key: &Key, list: &DeviceList, device: &Device<'_>) -> Option<Self> {
        let texts = Query::texts(key, list, device);
        let (lacks, differs) = match key {
            Key::Field(field) => (device.lacks(*field), device.differs(*field)),
            Key::Column(_) => (texts.is_empty(), false),
        };
        let has_error = match key {
            Key::Field(field) => device.has_error(*field),
            Key::Column(_) => false,
        };
        // A character that could not be decoded may be the one that the rule looks for, and an error
        // hides the value that a spreadsheet would show.
        let is_unreadable = |text: &&str| text.contains('\u{fffd}') || is_error_value(text);
        if has_error || texts.iter().any(is_unreadable) {
            return Some(Self::Unreadable);
        }
        let says_nothing = |text: &&str| says_nothing(key, text);
        if lacks || (!texts.is_empty() && texts.iter().all(says_nothing)) {
            return Some(Self::Unknown);
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

/// True for a word that says as little as an empty field. `unknown` is one in every field except the status,
/// where it is a value.
fn says_nothing(key: &Key, text: &str) -> bool {
    let is_status = matches!(key, Key::Field(Field::Status));
    is_word_for_nothing(text) || (!is_status && text.trim().eq_ignore_ascii_case("unknown"))
}

/// A field that a rule reads, and the reasons to protect a device for which it is not certain.
pub(super) struct RuleField {
    key: Key,
    pub(super) unknown: u16,
    differs: u16,
    unreadable: u16,
}

impl RuleField {
    /// A field; `index` stores a reason and returns its place.
    pub(super) fn new(key: Key, mut index: impl FnMut(String) -> u16) -> Self {
        Self {
            unknown: index(Uncertainty::Unknown.reason(&key)),
            differs: index(Uncertainty::Differs.reason(&key)),
            unreadable: index(Uncertainty::Unreadable.reason(&key)),
            key,
        }
    }

    /// Why the field is not certain for the device, if so.
    pub(super) fn uncertainty(&self, list: &DeviceList, device: &Device<'_>) -> Option<u16> {
        Uncertainty::of(&self.key, list, device).map(|uncertainty| match uncertainty {
            Uncertainty::Unknown => self.unknown,
            Uncertainty::Unreadable => self.unreadable,
            Uncertainty::Differs => self.differs,
        })
    }
}
