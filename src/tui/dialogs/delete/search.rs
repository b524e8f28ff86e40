//! A search in the exact list. What is typed for it never counts as the number, and voids a number that is
//! typed already: the enter that ends a search, pressed twice, must send nothing.

use crate::plan::PlannedDevice;
use crate::tui::widgets::text_field::TextField;

/// What is searched for, and where it was found.
#[derive(Clone, Debug, Default)]
pub(super) struct ListSearch {
    pub(super) field: TextField,
    /// True while it receives the keys.
    pub(super) is_typed: bool,
    /// No device matches.
    pub(super) misses: bool,
    /// The place in the list that was found last.
    pub(super) at: usize,
}

impl ListSearch {
    /// True once something is searched for.
    pub(super) fn is_on(&self) -> bool {
        !self.field.text().is_empty()
    }

    /// True if the device is meant, by its host name or any of its identifiers.
    pub(super) fn matches(&self, device: &PlannedDevice) -> bool {
        let wanted = plain(self.field.text());
        let has = |text: &str| plain(text).contains(&wanted);
        let hwid = device.hwid.as_ref();
        !wanted.is_empty()
            && (has(&device.hostname)
                || has(&device.identifier.to_string())
                || hwid.is_some_and(|hwid| has(&hwid.to_string()))
                || device.macs.iter().any(|mac| has(&mac.to_string())))
    }
}

/// A name or an identifier as it is compared: in any case, with any separators.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|letter| !":-. ".contains(*letter));
    letters.flat_map(char::to_lowercase).collect()
}
