//! Reading the inventory anew, and opening a list that was read: what is asked before, how far it
//! has come, and what came of it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::fetch::Changes;
use crate::list::{DeviceId, DeviceList};
use crate::plan::protection::Protection;
use crate::platform::clock::BootTime;
use crate::tui::saved_view::Kept;

/// The question before: what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// How many devices the list has now.
    pub devices: u64,
    /// How many calls so many take.
    pub calls: u64,
    /// How long that takes at the least, in seconds.
    pub seconds: u64,
}

/// The inventory is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// How many devices have been read.
    pub devices: u64,
    /// How many the list had at the start.
    pub expected: u64,
    /// What the next page waits for.
    pub waiting: Option<Waiting>,
}

/// What the next page waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The budget, or a while after something that may pass.
    Until(BootTime),
    /// A run of another process.
    Run,
}

/// A list as it was opened, with all that is known of its devices by their places in it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The list.
    pub list: Arc<DeviceList>,
    /// Where it can be read again.
    pub path: Option<PathBuf>,
    /// Where its screen is kept; none where it isn't.
    pub screen: Option<PathBuf>,
    /// What was kept of its screen.
    pub kept: Option<Kept>,
    /// Which of its devices are never sent.
    pub protection: Arc<Protection>,
    /// Its devices that an earlier run removed after it was saved, and by which run.
    pub removed: HashMap<DeviceId, String>,
    /// Why nothing of it can be sent, if so.
    pub forbidden: Option<String>,
    /// What is worth telling about it.
    pub notices: Vec<String>,
}

/// A list that was read, and what it has more or less than the one on the screen.
#[derive(Clone, Debug)]
pub struct Reloaded {
    /// The list.
    pub opened: Opened,
    /// Against the one that was on the screen when it was read.
    pub changes: Changes,
}

/// What waits until no dialog is open.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// The inventory is written to a list that isn't the open one.
    Written {
        /// Where.
        path: PathBuf,
        /// How many devices it has.
        devices: u64,
    },
    /// A list takes the place of the open one.
    Reloaded(Box<Reloaded>),
}
