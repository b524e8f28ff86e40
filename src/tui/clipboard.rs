//! Copying to the terminal's clipboard, or to a file where the terminal has none.

use crate::text::{capitalized, counted, grouped};
use crate::tui::effect::Effect;
use crate::tui::job::Job;
use crate::tui::request::CopyPart;

/// The most bytes that terminals accept for the clipboard.
const MOST: usize = 70_000;

/// What was copied last. The terminal doesn't say whether its clipboard took it.
#[derive(Debug, Default)]
pub struct Clipboard {
    last: Option<String>,
}

impl Clipboard {
    /// Copies this part of some rows. Returns a line about it, which has the name of a single `row` unless
    /// that is empty, and `file_key` as the key that writes a file.
    pub fn copy(
        &mut self,
        part: CopyPart,
        mut values: Vec<String>,
        row: &str,
        file_key: &str,
    ) -> (String, Option<Effect>) {
        let rows = values.len();
        values.retain(|text| !text.is_empty());
        let name = part.name();
        let what = match values.len() {
            0 => return (format!("There is no {name} to copy"), None),
            1 if rows == 1 && row.is_empty() => name.to_owned(),
            1 if rows == 1 && part == CopyPart::Name => format!("{name} {row}"),
            1 if rows == 1 => format!("{name} of {row}"),
            count if count < rows => {
                let rows = grouped(rows as u64);
                format!("{} of {rows} rows", counted(count as u64, name))
            }
            count => counted(count as u64, name),
        };
        let (status, effect) = self.put(&what, values.join("\n"), file_key);
        (status, Some(effect))
    }

    /// Copies a text, which the line about it calls `what`.
    pub fn put(&mut self, what: &str, text: String, file_key: &str) -> (String, Effect) {
        self.last = Some(text.clone());
        let what = capitalized(what);
        if text.len() > MOST {
            let status = format!("{what}: too much for the clipboard, written to a file");
            return (status, Effect::Job(Job::WriteCopy(text)));
        }
        let status = format!("{what} sent to the clipboard · {file_key} writes a file instead");
        (status, Effect::Copy(text))
    }

    /// True once something was copied.
    pub fn has_copy(&self) -> bool {
        self.last.is_some()
    }

    /// Writes what was copied last to a file, if anything was.
    pub fn write_to_file(&self) -> Option<Effect> {
        self.last
            .clone()
            .map(|text| Effect::Job(Job::WriteCopy(text)))
    }
}
