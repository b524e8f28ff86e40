//! What takes the keys: the view itself, or a dialog over it, with what was typed there so far.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use tui_input::Input;

use super::message::Subject;
use crate::journal::Found;
use crate::list::RawRecord;
use crate::query::{Query, QueryError};
use crate::tui::dialogs::delete::state::{Dialog, Resume};
use crate::tui::dialogs::fetch::state::Question;
use crate::tui::dialogs::import::state::ImportDialog;
use crate::tui::dialogs::save_file::job::Prompt;
use crate::tui::dialogs::token::state::TokenEntry;
use crate::tui::input::commands::Act;
use crate::tui::screens::failures::lookup_state::Why;
use crate::tui::screens::history::state::{Announcement, Closing};

/// What takes the keys.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The view itself.
    Browse,
    /// The filter is edited.
    Filter(Box<FilterLine>),
    /// A filter of the configuration is chosen; the line under the cursor.
    Filters(usize),
    /// What to search in all runs is typed.
    Find(Input),
    /// Something is done by its name.
    Command(Command),
    /// What a ticket names is matched and marked.
    Import(Box<ImportDialog>),
    /// A file's path is asked for.
    Write(Box<Prompt>),
    /// The columns are chosen and sorted by; the line under the cursor.
    Columns(usize),
    /// What to copy is chosen.
    Copy,
    /// Everything about a device.
    Detail(Detail),
    /// Every key.
    Help(Help),
    /// A plan is worked out and confirmed.
    Delete(Box<Dialog>),
    /// A paused run is taken up.
    Resume(Box<Resume>),
    /// A new token is typed.
    Token(Box<TokenEntry>),
    /// What lookups would cost.
    Why(Why),
    /// What is worth knowing about the list.
    Notices,
    /// What reading the inventory would cost.
    Fetch(Question),
    /// Open the list that was written?
    Fetched {
        /// Where it is.
        path: PathBuf,
        /// How many devices it has.
        devices: u64,
    },
    /// The marked devices that a list read anew doesn't have; the line under the cursor.
    Vanished {
        /// Their names, not safe to show.
        names: Vec<String>,
        /// The line.
        at: usize,
    },
    /// Runs that stopped earlier.
    Announce(Announcement),
    /// Take back what was kept of the screen?
    Kept,
    /// Give the rest of a run up?
    Close(Closing),
    /// Leave?
    Quit,
}

/// Something that waits for rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// A key.
    Key(KeyEvent),
    /// What was named by its name.
    Act(Act),
}

/// The filter while it is edited.
#[derive(Clone, Debug)]
pub struct FilterLine {
    /// The line.
    pub input: Input,
    /// The filter as it was before, for esc.
    pub before: Query,
    /// What is wrong with it.
    pub error: Option<QueryError>,
    /// Which of the earlier filters it shows; none while a new one is typed.
    pub recalled: Option<usize>,
    /// What tab offers.
    pub offered: Option<Offered>,
}

/// What tab offers for the end of the filter.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What is kept before it.
    pub kept: String,
    /// What stands after the cursor.
    pub after: String,
    /// What it goes on with.
    pub candidates: Vec<String>,
    /// Which of them stands in the line.
    pub at: usize,
}

/// Something is done by its name.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// What is typed.
    pub input: Input,
    /// Which of the actions that match is chosen.
    pub at: usize,
}

/// Everything about a device.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Which.
    pub subject: Subject,
    /// Its rows as the list has them, once read.
    pub records: Option<Result<Vec<RawRecord>, String>>,
    /// What became of it in all runs of the journal, once read.
    pub outcomes: Option<Result<Vec<Found>, String>>,
    /// The first line shown.
    pub scroll: usize,
}

/// Every key, and what is looked for among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// The first line shown.
    pub top: usize,
    /// Only lines that hold this are shown.
    pub wanted: String,
    /// It is being typed.
    pub typing: bool,
}
