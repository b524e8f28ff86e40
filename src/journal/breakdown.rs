//! Counts the devices of a run by outcome and by group.

use rusqlite::params;

use super::{Journal, JournalError};
use crate::domain::device::IdentifierKind;
use crate::domain::outcome::Outcome;
use crate::domain::run::RunId;

/// The devices of a run, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunBreakdown {
    /// By outcome, the most frequent first. A device without one counts as not sent.
    pub outcomes: Vec<(Outcome, u64)>,
    /// By group, the largest first; the empty name means devices without a group.
    pub groups: Vec<(String, u64)>,
}

/// Devices of a run that have the group, the outcome and the kind of identifier in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCount {
    /// The group; empty for devices without one.
    pub group: String,
    /// The outcome. A device without one counts as not sent.
    pub outcome: Outcome,
    /// The kind of the identifier that was sent.
    pub kind: IdentifierKind,
    pub devices: u64,
}

impl Journal {
    /// Counts the devices of a run by group, outcome and kind of identifier.
    pub fn device_counts(&self, run: &RunId) -> Result<Vec<DeviceCount>, JournalError> {
        let number = self.number(run)?;
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT group_name, coalesce(outcome, 'not_sent'), coalesce(reason, ''), kind, count(*)
                 FROM run_devices WHERE run = ?1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            )?;
            let rows = statement.query_map(params![number], |row| {
                let (class, reason): (String, String) = (row.get(1)?, row.get(2)?);
                let kind = IdentifierKind::from_name(row.get_ref(3)?.as_str()?);
                Ok(DeviceCount {
                    group: row.get(0)?,
                    outcome: Outcome::from_parts(&class, &reason).unwrap_or(Outcome::NotSent),
                    kind: kind.unwrap_or(IdentifierKind::Hwid),
                    devices: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Counts the devices of a run.
    pub fn breakdown(&self, run: &RunId) -> Result<RunBreakdown, JournalError> {
        let number = self.number(run)?;
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT coalesce(outcome, 'not_sent'), coalesce(reason, ''), count(*) AS devices
                 FROM run_devices WHERE run = ?1 GROUP BY 1, 2 ORDER BY devices DESC, 1, 2",
            )?;
            let rows = statement.query_map(params![number], |row| {
                let (class, reason): (String, String) = (row.get(0)?, row.get(1)?);
                let outcome = Outcome::from_parts(&class, &reason).unwrap_or(Outcome::NotSent);
                Ok((outcome, row.get(2)?))
            })?;
            let outcomes = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut statement = connection.prepare_cached(
                "SELECT group_name, count(*) AS devices
                 FROM run_devices WHERE run = ?1 GROUP BY 1 ORDER BY devices DESC, 1",
            )?;
            let rows =
                statement.query_map(params![number], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let groups = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(RunBreakdown { outcomes, groups })
        })
    }
}
