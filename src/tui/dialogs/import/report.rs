//! What an import matched, before anything is marked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::import::{Import, MatchRule, Meaning};
use crate::list::DeviceId;
use crate::plan::MatchedFrom;
use crate::tui::dialogs::import::ImportText;
use crate::tui::import_source::Matched;
use crate::tui::screens::devices::marks::FoundBy;
use crate::tui::widgets::list_cursor::ListCursor;

/// What was matched.
#[derive(Clone, Debug)]
pub struct Report {
    /// Entry by entry.
    pub import: Import,
    /// What named the devices.
    pub from: Arc<MatchedFrom>,
    /// Its lines.
    pub lines: Vec<ReportLine>,
    /// The devices that will be marked.
    pub chosen: HashSet<DeviceId>,
    /// The line under the cursor.
    pub cursor: ListCursor,
    /// The field that the text came from, for going back.
    pub before: Box<ImportText>,
}

/// A line of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportLine {
    /// An entry, by its place; of one that means one device, with the device.
    Entry(usize),
    /// One of several devices that the entry above could mean, or of the person above.
    Device(usize, DeviceId),
}

impl Report {
    /// What was matched is chosen, if it `may` be without a look at it; what is ambiguous and the
    /// devices of a person who has several never are by themselves.
    pub fn new(matched: Matched, before: ImportText, may: impl Fn(DeviceId) -> bool) -> Self {
        let Matched { import, from } = matched;
        let mut lines = Vec::new();
        for (index, entry) in import.entries.iter().enumerate() {
            lines.push(ReportLine::Entry(index));
            if let Meaning::Several(ids) | Meaning::Ambiguous(ids) = &entry.meaning {
                lines.extend(ids.iter().map(|&id| ReportLine::Device(index, id)));
            }
        }
        Self {
            chosen: import.devices().filter(|&id| may(id)).collect(),
            from: Arc::new(from),
            before: Box::new(before),
            import,
            lines,
            cursor: ListCursor::default(),
        }
    }

    /// How each of the chosen devices was found.
    pub fn found(&self) -> HashMap<DeviceId, FoundBy> {
        let mut found = HashMap::new();
        for entry in &self.import.entries {
            let ids = match &entry.meaning {
                Meaning::Matched(id) => std::slice::from_ref(id),
                Meaning::Several(ids) | Meaning::Ambiguous(ids) => ids,
                _ => &[],
            };
            for &id in ids.iter().filter(|id| self.chosen.contains(id)) {
                found.entry(id).or_insert_with(|| FoundBy {
                    rule: entry.rule.unwrap_or(MatchRule::Hwid),
                    from: self.from.clone(),
                });
            }
        }
        found
    }

    /// What the line under the cursor is about: the meaning of its entry, and the device, if the
    /// line is one device's.
    pub(super) fn under_cursor(&self) -> Option<(&Meaning, Option<DeviceId>)> {
        let (index, device) = match *self.lines.get(self.cursor.at)? {
            ReportLine::Entry(index) => (index, None),
            ReportLine::Device(index, id) => (index, Some(id)),
        };
        let meaning = &self.import.entries.get(index)?.meaning;
        let device = match meaning {
            Meaning::Matched(id) => Some(*id),
            _ => device,
        };
        Some((meaning, device))
    }
}
