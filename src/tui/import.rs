//! A ticket's or another system's list on its way to marks: the field it is pasted into or named
//! in, and what was matched.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ratatui_textarea::TextArea;
use tui_input::Input;

use super::selection::FoundBy;
use crate::import::{Import, MatchRule, Meaning, Named};
use crate::list::{DeviceId, ReadOptions};
use crate::plan::MatchedFrom;

/// What a pasted text is called in the record.
const PASTED: &str = "a pasted list";

/// The import, from the text to the marks.
#[derive(Clone, Debug)]
pub enum ImportDialog {
    /// The text is typed or pasted, or a file named.
    Text {
        /// The text.
        area: Box<TextArea<'static>>,
        /// The file's path.
        path: Input,
        /// The path is edited, not the text.
        in_path: bool,
        /// It is being read and looked up, as the answer to this question.
        asked: Option<u64>,
        /// What was wrong with it.
        complaint: Option<String>,
    },
    /// What was matched, before anything is marked.
    Report(Report),
}

/// What names devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ids {
    /// A file: a list of any shape, or a text.
    File(PathBuf),
    /// What was pasted: the same.
    Pasted(String),
}

/// What names devices, looked up in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// Entry by entry.
    pub import: Import,
    /// What named them.
    pub from: MatchedFrom,
}

/// When all marks were the last import's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How often the marks had changed by then, if no others were there.
    pub alone: Option<u64>,
}

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
    pub at: usize,
    /// The field that the text came from, for going back.
    pub before: Box<ImportDialog>,
}

/// A line of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportLine {
    /// An entry, by its place; of one that means one device, with the device.
    Entry(usize),
    /// One of several devices that the entry above could mean, or of the person above.
    Device(usize, DeviceId),
}

impl Default for ImportDialog {
    fn default() -> Self {
        Self::Text {
            area: Box::default(),
            path: Input::default(),
            in_path: false,
            asked: None,
            complaint: None,
        }
    }
}

impl Ids {
    /// Reads it; what doesn't fit into memory is put into the directory `spool`.
    pub fn read(&self, spool: &Path, options: &ReadOptions) -> Result<Named, String> {
        match self {
            // Standard input is the terminal here.
            Self::File(path) if path == Path::new("-") => {
                Named::read(Path::new("./-"), spool, options)
            }
            Self::File(path) => Named::read(path, spool, options),
            Self::Pasted(text) => {
                // A paste is UTF-8 whatever the files are.
                let options = ReadOptions {
                    encoding: None,
                    ..options.clone()
                };
                Named::of_bytes(PASTED, text.as_bytes(), &options)
            }
        }
    }
}

impl Report {
    /// What was matched is chosen, if it `may` be without a look at it; what is ambiguous and the
    /// devices of a person who has several never are by themselves.
    pub fn new(matched: Matched, before: ImportDialog, may: impl Fn(DeviceId) -> bool) -> Self {
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
            at: 0,
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
}
