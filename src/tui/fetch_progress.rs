//! How far reading the inventory has come.

use crate::runner::ReadingWait;

/// The inventory is being read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchProgress {
    /// How many devices have been read.
    pub devices: u64,
    /// How many the list had at the start.
    pub expected: u64,
    /// What the next page waits for.
    pub waiting: Option<FetchWait>,
}

/// What the next page waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchWait {
    /// The budget, or a while after something that may pass.
    Until(ReadingWait),
    /// A run of another process.
    Run,
}
