//! What a recheck dropped from a plan between its confirmation and its run.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Journal, JournalError, read};
use crate::domain::device::{Hwid, Identifier, IdentifierKind};
use crate::domain::run::RunId;
use crate::list::Field;
use crate::plan::{
    Dropped, Keep, LeftOutCount, LeftOutKind, LeftOutReason, PlannedDevice, Recheck,
};

/// A recheck as the history shows it.
pub type RecheckRecord = Recheck<LeftOutCount>;

impl RecheckRecord {
    /// How many devices were dropped.
    pub fn dropped_devices(&self) -> u64 {
        self.dropped.iter().map(|count| count.rows).sum()
    }

    /// What it found, in a sentence; not safe to show.
    pub fn sentence(&self) -> String {
        crate::plan::sentence(
            &self.list_name,
            self.list_time,
            self.planned_devices,
            &self.dropped,
        )
    }
}

impl Journal {
    /// The devices that the recheck of a run dropped, in the order of the plan that was confirmed. Of each
    /// its identifiers and its host name are known.
    pub fn dropped(&self, id: &RunId) -> Result<Vec<Dropped>, JournalError> {
        let number = self.number(id)?;
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT ordinal, kind, identifier, hwid, macs, hostname, reason_kind, reason
                 FROM dropped_devices WHERE run = ?1 ORDER BY ordinal",
            )?;
            statement
                .query_map([number], dropped)?
                .collect::<rusqlite::Result<_>>()
        })
    }
}

fn dropped(row: &Row<'_>) -> rusqlite::Result<Dropped> {
    let kind = IdentifierKind::from_name(row.get_ref(1)?.as_str()?)
        .ok_or_else(|| read::unreadable(1, &"not a kind of identifier"))?;
    let identifier = Identifier::parse(kind, row.get_ref(2)?.as_str()?)
        .map_err(|error| read::unreadable(2, &error))?;
    let kind = LeftOutKind::from_name(row.get_ref(6)?.as_str()?)
        .ok_or_else(|| read::unreadable(6, &"not a kind of reason"))?;
    Ok(Dropped {
        ordinal: row.get(0)?,
        device: PlannedDevice {
            hwid: read::hwid(row, 3)?,
            macs: read::macs(row, 4)?,
            hostname: row.get(5)?,
            ..PlannedDevice::bare(identifier)
        },
        reason: LeftOutReason::Recorded {
            kind,
            text: row.get(7)?,
        },
    })
}

/// Stores the recheck of a run.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    run: i64,
    recheck: &Recheck,
    keep: &Keep,
) -> rusqlite::Result<()> {
    let counts = recheck.counts();
    let why: Vec<(&str, &str, u64)> = counts
        .iter()
        .map(|count| (count.kind.as_str(), &*count.reason, count.rows))
        .collect();
    transaction.execute(
        "INSERT INTO rechecks (run, checked_at, list_name, list_hash, list_time, planned_devices,
             planned_hash, dropped_why)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            run,
            recheck.at.to_string(),
            recheck.list_name,
            recheck.list_hash,
            recheck.list_time.map(|time| time.to_string()),
            recheck.planned_devices,
            recheck.planned_hash,
            super::admission::json(&why)?,
        ],
    )?;
    let mut row = transaction.prepare(
        "INSERT INTO dropped_devices (run, ordinal, kind, identifier, hwid, macs, hostname, reason_kind, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for dropped in &recheck.dropped {
        let device = &dropped.device;
        let macs: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
        row.execute(params![
            run,
            dropped.ordinal,
            device.identifier.kind().as_str(),
            device.identifier.to_string(),
            device.hwid.as_ref().map(Hwid::as_str),
            macs.join(" "),
            keep.text(Field::Hostname, &device.hostname),
            dropped.reason.kind().as_str(),
            dropped.reason.to_string(),
        ])?;
    }
    Ok(())
}

/// The hash of the plan that was stored with a run and rechecked; none if it wasn't rechecked.
pub(super) fn planned_hash(connection: &Connection, run: i64) -> rusqlite::Result<Option<String>> {
    connection
        .query_row(
            "SELECT planned_hash FROM rechecks WHERE run = ?1",
            [run],
            |row| row.get(0),
        )
        .optional()
}
