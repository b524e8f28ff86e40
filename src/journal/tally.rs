//! Counts the devices of a run by outcome, without reading them.

use super::Journal;
use crate::domain::outcome::{OutcomeClass, Tally};

impl Journal {
    /// The devices of a run by outcome. A damaged journal of an earlier version has no counts.
    pub(super) fn tally(&self, number: i64, devices: u64) -> rusqlite::Result<Tally> {
        let counts = match self.version {
            ..8 => {
                "SELECT outcome, count(*) FROM run_devices WHERE run = ?1 AND outcome IS NOT NULL GROUP BY outcome"
            }
            _ => "SELECT outcome, devices FROM outcome_counts WHERE run = ?1",
        };
        self.read_tally(counts, number, devices)
    }

    /// The same from the counts that this statement reads, by the number of the run.
    pub(super) fn read_tally(
        &self,
        counts: &str,
        number: i64,
        devices: u64,
    ) -> rusqlite::Result<Tally> {
        let mut statement = self.connection.prepare_cached(counts)?;
        let mut rows = statement.query([number])?;
        let mut tally = Tally {
            left: devices,
            ..Tally::default()
        };
        while let Some(row) = rows.next()? {
            let count: u64 = row.get(1)?;
            let class = OutcomeClass::from_name(row.get_ref(0)?.as_str()?);
            match class {
                Some(OutcomeClass::Accepted) => tally.accepted = count,
                Some(OutcomeClass::Failed) => tally.failed = count,
                Some(OutcomeClass::Gone) => tally.gone = count,
                Some(OutcomeClass::InDoubt) => tally.in_doubt = count,
                Some(OutcomeClass::NotSent) | None => continue,
            }
            tally.left = tally.left.saturating_sub(count);
        }
        Ok(tally)
    }
}
