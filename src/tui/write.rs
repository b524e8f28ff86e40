//! Where something is to be written, before it is.

use std::path::Path;

use tui_input::Input;

use super::app::Mode;

/// A file's path is typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What is written there.
    pub content: Content,
    /// The path.
    pub path: Input,
    /// What was wrong with the last one.
    pub complaint: Option<String>,
    /// The file is being written.
    pub busy: bool,
    /// Where it goes back to.
    pub back: Mode,
}

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Entries that an import didn't match, a line each.
    Unmatched(String),
}

impl Content {
    /// What it is, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unmatched(_) => "the entries that were not matched",
        }
    }
}

/// Writes it, and says so in words, or why not.
pub(super) fn write(path: &Path, content: &Content) -> Result<String, String> {
    crate::file::write_new(path, |out| match content {
        Content::Unmatched(text) => out.write_all(text.as_bytes()),
    })
    .map_err(|error| error.to_string())?;
    let path = path.display().to_string();
    Ok(format!("{} written", crate::text::visible(&path)))
}
