//! A ticket's list on its way to marks: the field it is pasted into, and what was matched.

use std::collections::HashSet;

use ratatui_textarea::TextArea;
use tui_input::Input;

use crate::import::Import;
use crate::list::DeviceId;

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
        /// What was wrong with the file.
        complaint: Option<String>,
    },
    /// What was matched, before anything is marked.
    Report(Report),
}

/// Where marks were imported from, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// What was matched last, in words.
    pub matched: Option<String>,
    /// What marks came from; some of them may be gone by now.
    pub marked: Option<String>,
    /// How often the marks had changed by then, if no others were there.
    pub alone: Option<u64>,
}

/// What was matched.
#[derive(Clone, Debug)]
pub struct Report {
    /// Entry by entry.
    pub import: Import,
    /// The devices that will be marked.
    pub chosen: HashSet<DeviceId>,
    /// The entry under the cursor.
    pub at: usize,
    /// The candidates of an ambiguous entry are shown; the one under the cursor.
    pub candidate: Option<usize>,
    /// Add to the marks or replace them? is asked.
    pub asking: bool,
    /// The field that the text came from, for going back.
    pub before: Box<ImportDialog>,
}

impl Default for ImportDialog {
    fn default() -> Self {
        Self::Text {
            area: Box::default(),
            path: Input::default(),
            in_path: false,
            complaint: None,
        }
    }
}

impl Report {
    /// What was matched is chosen, if it `may` be without a look at it; what is ambiguous never is by
    /// itself.
    pub fn new(import: Import, before: ImportDialog, may: impl Fn(DeviceId) -> bool) -> Self {
        Self {
            chosen: import.devices().filter(|&id| may(id)).collect(),
            before: Box::new(before),
            import,
            at: 0,
            candidate: None,
            asking: false,
        }
    }
}
