//! Audit queries: who resumed a run, and in which runs a device occurs.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::history::{DEVICE_COLUMN_COUNT as NEXT, DEVICE_COLUMNS, device_record};
use super::read::time;
use super::{DeviceRecord, Journal, JournalError, Operator, read};
use crate::domain::action::Action;
use crate::domain::device::{Hwid, Identifier, IdentifierKind, MacAddress};
use crate::domain::run::RunId;
use crate::domain::target::Target;

/// A resume of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeRecord {
    /// When it was confirmed.
    pub at: Timestamp,
    /// How many devices were left, as its operator typed.
    pub devices: u64,
    /// Who confirmed it.
    pub operator: Operator,
}

/// A device in a run, found by its name, its user or an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    pub run: RunId,
    /// Where the run was sent.
    pub target: Target,
    /// The run's action.
    pub action: Action,
    /// When the run was confirmed.
    pub confirmed_at: Timestamp,
    /// The user who confirmed the run.
    pub operator: String,
    /// The run's note.
    pub note: Option<String>,
    /// The device's place in the plan.
    pub ordinal: u32,
    /// The device as the plan showed it, and its state.
    pub record: DeviceRecord,
    /// When the state was decided.
    pub decided_at: Option<Timestamp>,
}

/// Devices found over all runs, newest run first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundDevices {
    /// The newest of them, no more than [`MAX_FOUND`](super::MAX_FOUND).
    pub devices: Vec<FoundDevice>,
    /// True if there are more.
    pub is_truncated: bool,
}

/// What [`Journal::read_found`] reads.
pub(super) fn found_from() -> String {
    format!(
        "SELECT {DEVICE_COLUMNS}, r.id, a.tenant, a.account, r.profile, r.action, r.confirmed_at, d.decided_at,
             r.os_user, r.note
         FROM run_devices d JOIN runs r ON r.number = d.run JOIN accounts a ON a.id = r.account
         LEFT JOIN calls c ON c.run = d.run AND c.call = d.call
         WHERE r.confirmed_at IS NOT NULL"
    )
}

impl Journal {
    /// The resumes of a run, oldest first.
    pub fn resumes(&self, id: &RunId) -> Result<Vec<ResumeRecord>, JournalError> {
        let number = self.number(id)?;
        self.query(|connection| {
            let mut statement = connection.prepare(
                "SELECT resumed_at, devices, os_user, login_uid, sudo_user, ssh_connection, host
                 FROM resumes WHERE run = ?1 ORDER BY resumed_at",
            )?;
            let rows = statement.query_map([number], |row| {
                Ok(ResumeRecord {
                    at: read::parsed(row, 0)?,
                    devices: row.get(1)?,
                    operator: read::operator(row, 2)?,
                })
            })?;
            rows.collect()
        })
    }

    /// When the outcomes of a run's devices were decided.
    pub fn decision_times(
        &self,
        id: &RunId,
    ) -> Result<HashMap<Identifier, Timestamp>, JournalError> {
        let number = self.number(id)?;
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind, identifier, decided_at FROM run_devices
                 WHERE run = ?1 AND decided_at IS NOT NULL",
            )?;
            let mut rows = statement.query([number])?;
            let mut times = HashMap::new();
            while let Some(row) = rows.next()? {
                let kind = IdentifierKind::from_name(row.get_ref(0)?.as_str()?);
                let text = row.get_ref(1)?.as_str()?;
                let identifier = kind.and_then(|kind| Identifier::parse(kind, text).ok());
                if let (Some(identifier), Some(at)) = (identifier, time(row, 2)?) {
                    times.insert(identifier, at);
                }
            }
            Ok(times)
        })
    }

    /// The outcomes of a device with one of these identifiers in the account's runs, newest first.
    pub fn outcomes_of(
        &self,
        target: &Target,
        hwid: Option<&Hwid>,
        macs: &[MacAddress],
    ) -> Result<Vec<FoundDevice>, JournalError> {
        let sql = format!(
            "{} AND (d.run, d.ordinal) IN (SELECT i.run, i.ordinal FROM identifiers i
                 WHERE i.account = (SELECT id FROM accounts WHERE tenant = ?1 AND account = ?2)
                 AND i.kind = ?3 AND i.identifier = ?4)
             ORDER BY d.run DESC, d.ordinal",
            found_from()
        );
        let account = target.account.as_deref().unwrap_or_default();
        let hwid = hwid.map(|hwid| Identifier::Hwid(hwid.clone()).normal_form());
        let macs = macs.iter().map(|&mac| Identifier::Mac(mac));
        let mut found: Vec<FoundDevice> = Vec::new();
        for key in hwid.into_iter().chain(macs) {
            let (kind, text) = (key.kind().as_str(), key.to_string());
            let more = self.read_found(&sql, params![target.tenant, account, kind, text])?;
            for one in more {
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
        Ok(found)
    }

    pub(super) fn read_found(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<FoundDevice>, JournalError> {
        let rows = self.query(|connection| {
            connection
                .prepare_cached(sql)?
                .query_map(parameters, |row| Ok((found(row)?, row.get(NEXT)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        rows.into_iter()
            .map(|(found, id)| {
                let run = RunId::from_bytes(id);
                found.ok_or_else(|| self.damaged(format!("a device of run {run} can't be read")))
            })
            .collect()
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<Option<FoundDevice>> {
    let action: String = row.get(NEXT + 4)?;
    let account: String = row.get(NEXT + 2)?;
    let (Some(record), Ok(action), Some(confirmed_at)) =
        (device_record(row)?, action.parse(), time(row, NEXT + 5)?)
    else {
        return Ok(None);
    };
    Ok(Some(FoundDevice {
        run: RunId::from_bytes(row.get(NEXT)?),
        target: Target {
            tenant: row.get(NEXT + 1)?,
            account: (!account.is_empty()).then_some(account),
            profile: row.get(NEXT + 3)?,
        },
        action,
        confirmed_at,
        operator: row.get(NEXT + 7)?,
        note: row.get(NEXT + 8)?,
        ordinal: row.get(0)?,
        record,
        decided_at: time(row, NEXT + 6)?,
    }))
}
