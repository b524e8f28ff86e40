//! Commands of an operator that write the journal at once, and may be killed while they do.

use offboard::journal::{Journal, JournalError};
use offboard::platform::failpoint::{self, NextWrite};

use super::world::World;

/// What became of a command.
pub struct Done<T> {
    /// What it returned; none if it was killed.
    pub value: Option<T>,
    /// What it wrote is in the journal.
    pub is_stored: bool,
}

impl World {
    /// A process does its one write with the journal, or is killed before or after that. None if the
    /// process isn't there.
    pub fn command<T>(
        &mut self,
        index: usize,
        work: impl FnOnce(&mut Journal) -> Result<T, JournalError>,
    ) -> Option<Done<T>> {
        let next = match self.random.u8(..12) {
            0 if self.faulty => NextWrite::Fails,
            1 if self.faulty => NextWrite::FailsWritten,
            _ => NextWrite::Sound,
        };
        let process = self.processes[index].as_mut()?;
        failpoint::decide_write(0, next);
        let done = work(&mut process.journal);
        let is_met = !failpoint::take_back_write() && next != NextWrite::Sound;
        match done {
            Ok(value) => Some(Done {
                value: Some(value),
                is_stored: true,
            }),
            Err(error) => {
                assert!(is_met, "a command fails by itself: {error}");
                self.kill(index);
                Some(Done {
                    value: None,
                    is_stored: next == NextWrite::FailsWritten,
                })
            }
        }
    }
}
