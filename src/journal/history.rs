//! Reads runs: the history, a run's devices and counts.

mod rows;

use jiff::Timestamp;
use rusqlite::OptionalExtension;

pub(super) use rows::{DEVICE_COLUMN_COUNT, DEVICE_COLUMNS, device_record};
use rows::{RUN_COLUMNS, run_record};

use super::{Holder, Journal, JournalError, Operator, RecheckRecord, RunVerification};
use crate::domain::action::Action;
use crate::domain::licences::RunLicences;
use crate::domain::outcome::{DeviceState, Tally};
use crate::domain::run::{RunId, RunState, behind_state};
use crate::domain::target::Target;
use crate::engine::lookup_verdict::Finding;
use crate::plan::{Approval, CallSizes, LeftOutCount, MatchedFrom, PlannedDevice};
use crate::verification::Verified;

/// A run as the history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The id that was chosen when it was planned.
    pub id: RunId,
    /// Where it was sent.
    pub target: Target,
    /// The action on its devices.
    pub action: Action,
    /// How many devices were confirmed.
    pub devices: u64,
    /// The devices by outcome.
    pub tally: Tally,
    /// The stored state; see [`Journal::run_status`].
    pub state: RunState,
    /// Why it is paused or stopped, or was before it was closed.
    pub reason: Option<String>,
    /// Who closed it; none if an earlier version did.
    pub closed_by: Option<String>,
    pub list_name: String,
    /// SHA-256 of the list, in hexadecimal.
    pub list_hash: String,
    pub list_time: Option<Timestamp>,
    /// The query that selected the devices, if one did.
    pub query: Option<String>,
    /// The operator's note.
    pub note: Option<String>,
    /// Who confirmed it.
    pub operator: Operator,
    /// The plan's hash.
    pub hash: String,
    /// The hash of the `protect` rules that it was planned under; empty for none.
    pub rules_hash: String,
    /// When it was confirmed.
    pub confirmed_at: Timestamp,
    /// When it first began to send.
    pub started_at: Option<Timestamp>,
    /// When it last ended, if it isn't running.
    pub ended_at: Option<Timestamp>,
    /// How many calls it has made.
    pub calls: u32,
    /// The sizes of its batches and canaries.
    pub sizes: CallSizes,
    /// How many rows of the list were folded into its devices.
    pub repeated: u64,
    /// How many selected rows were left out.
    pub left_out: u64,
    /// The same by reason; none if the run is of an earlier version, which did not store it.
    pub left_out_reasons: Option<Vec<LeftOutCount>>,
    /// The accepted warnings, as sentences; none as above.
    pub warnings: Option<Vec<String>>,
    /// The imported file that selected the devices, if one did.
    pub matched_from: Option<MatchedFrom>,
    /// Who approved it.
    pub approvals: Vec<Approval>,
    /// The account's licences before and after it.
    pub licences: RunLicences,
    /// What became of its accepted devices, if that was verified.
    pub verification: Option<RunVerification>,
    /// The recheck after its confirmation, if there was one: what it dropped is not of the run.
    pub recheck: Option<RecheckRecord>,
}

impl RunRecord {
    /// Its reason, behind what it is called: the state that it explains, or what was before somebody closed
    /// the run, which can't be resumed any more.
    pub fn labelled_reason(&self) -> Option<(&'static str, &str)> {
        match self.closed_by {
            Some(_) => Some(("before", self.reason_without_advice()?)),
            None => {
                let state = self.state.without_holder().as_str();
                Some((state, behind_state(state, self.reason.as_deref()?)))
            }
        }
    }

    /// Its reason without the last sentence, which says what to do.
    pub fn reason_without_advice(&self) -> Option<&str> {
        let reason = self.reason.as_deref()?;
        Some(reason.rsplit_once(". ").map_or(reason, |(why, _)| why))
    }
}

/// A device of a run, with what the plan showed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRecord {
    /// The device as the plan showed it.
    pub device: PlannedDevice,
    /// The stored state.
    pub state: DeviceState,
    /// The call that decided its state.
    pub call: Option<u32>,
    /// That call's HTTP status.
    pub http_status: Option<u16>,
    /// What the newest lookup by the identifier that was sent saw, if there was one.
    pub finding: Option<Finding>,
    /// What the newest verification found of an accepted device, if there was one.
    pub verified: Option<Verified>,
}

impl DeviceRecord {
    /// Stored devices of a run with their places in its plan, from 0. A device that can't be read has a place,
    /// too.
    pub fn by_ordinal(devices: &[Self]) -> impl Iterator<Item = (u32, &Self)> {
        (0..).zip(devices).map(|(place, device)| {
            let ordinal = device.device.record.unwrap_or(place);
            (ordinal, device)
        })
    }
}

impl Journal {
    /// All confirmed runs, newest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, JournalError> {
        let sql = format!("SELECT {RUN_COLUMNS} ORDER BY runs.number DESC");
        self.read_runs(&sql, [])
    }

    /// The confirmed runs that aren't over, newest first. Costs nothing for those that are.
    pub fn open_runs(&self) -> Result<Vec<RunRecord>, JournalError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} AND runs.state IN {} ORDER BY runs.number DESC",
            super::runs::states(true)
        );
        self.read_runs(&sql, [])
    }

    /// The run whose short name begins with `name`, or the newest one for `last`.
    pub fn run(&self, name: &str) -> Result<RunRecord, JournalError> {
        let mut found = if name == "last" {
            self.read_runs(
                &format!("SELECT {RUN_COLUMNS} ORDER BY runs.number DESC LIMIT 1"),
                [],
            )?
        } else {
            let sql =
                format!("SELECT {RUN_COLUMNS} AND substr(runs.short, 1, length(?1)) = ?1 LIMIT 2");
            self.read_runs(&sql, [name])?
        };
        match (found.pop(), found.is_empty()) {
            (Some(run), true) if !name.is_empty() => Ok(run),
            (None, _) => {
                self.check_whole()?;
                Err(JournalError::NoSuchRun(
                    crate::text::visible(name).into_owned(),
                ))
            }
            _ => Err(JournalError::AmbiguousRun(name.to_owned())),
        }
    }

    /// The run of this id, if it was confirmed.
    pub fn confirmed(&self, id: &RunId) -> Result<Option<RunRecord>, JournalError> {
        let sql = format!("SELECT {RUN_COLUMNS} AND runs.id = ?1");
        Ok(self.read_runs(&sql, [id.bytes()])?.pop())
    }

    /// A run's state and its holder. A run that no process holds is not running, whatever state is
    /// stored.
    pub fn run_status(&self, run: &RunRecord) -> Result<(RunState, Option<Holder>), JournalError> {
        let holder = self.holder(&run.id)?;
        let state = match holder {
            Some(_) => run.state,
            None => run.state.without_holder(),
        };
        Ok((state, holder))
    }

    /// The devices of a run, in the plan's order.
    pub fn devices(&self, id: &RunId) -> Result<Vec<DeviceRecord>, JournalError> {
        match self.readable_devices(id)? {
            (devices, None) => Ok(devices),
            (_, Some(damage)) => Err(damage),
        }
    }

    /// The devices of a run, in the plan's order, as far as they can be read; and what is wrong
    /// with the others.
    pub fn readable_devices(
        &self,
        id: &RunId,
    ) -> Result<(Vec<DeviceRecord>, Option<JournalError>), JournalError> {
        let number = self.number(id)?;
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT {DEVICE_COLUMNS} FROM run_devices d
                 LEFT JOIN calls c ON c.run = d.run AND c.call = d.call
                 WHERE d.run = ?1 ORDER BY d.ordinal"
            ))
            .map_err(|source| self.database(source))?;
        let rows = statement
            .query_map([number], |row| {
                Ok((row.get::<_, u64>(0)?, device_record(row)))
            })
            .map_err(|source| self.database(source))?;
        let mut findings = self.findings(id)?;
        let verified = self.verified_devices(number)?;
        let mut devices = Vec::new();
        let mut damage = None;
        for (place, row) in (0_u64..).zip(rows) {
            // Outcomes are matched by ordinal, so that no ordinal may be missing.
            let read = match row {
                Ok((ordinal, record)) if ordinal == place => record,
                Ok(_) => Ok(None),
                Err(source) => Err(source),
            };
            match read {
                Ok(Some(mut record)) => {
                    record.device.record = u32::try_from(place).ok();
                    let finding = u32::try_from(place)
                        .ok()
                        .and_then(|place| findings.remove(&place));
                    let verified = verified.of(place, &record);
                    devices.push(DeviceRecord {
                        finding,
                        verified,
                        ..record
                    });
                }
                Ok(None) => {
                    damage.get_or_insert_with(|| {
                        self.damaged(format!("device {} of run {id} can't be read", place + 1))
                    });
                }
                Err(source) => {
                    damage.get_or_insert_with(|| self.database(source));
                }
            }
        }
        Ok((devices, damage))
    }

    pub(super) fn number(&self, id: &RunId) -> Result<i64, JournalError> {
        let sql = "SELECT number FROM runs WHERE id = ?1";
        self.query(|connection| {
            let number = connection.query_row(sql, [id.bytes()], |row| row.get(0));
            number.optional()
        })?
        .ok_or_else(|| JournalError::NoSuchRun(id.short()))
    }

    fn read_runs(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<RunRecord>, JournalError> {
        let rows: Vec<(Option<RunRecord>, i64)> = self.query(|connection| {
            connection
                .prepare(sql)?
                .query_map(values, |row| Ok((run_record(row)?, row.get(19)?)))?
                .collect()
        })?;
        let mut verified = self.run_verifications(&rows)?;
        rows.into_iter()
            .map(|(record, number)| {
                let mut record = record
                    .ok_or_else(|| self.damaged(format!("run number {number} can't be read")))?;
                record.tally = self.query(|_| self.tally(number, record.devices))?;
                record.verification = verified
                    .remove(&number)
                    .map(|found| found.with_accepted(record.tally.accepted));
                Ok(record)
            })
            .collect()
    }
}
