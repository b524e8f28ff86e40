//! Runs: opening, stopping and closing a run, and its state.

use rusqlite::{OptionalExtension, params};

use super::{Journal, JournalError, Operator, REMEDY, RunLock, RunRecord};
use crate::domain::device::Identifier;
use crate::domain::outcome::DeviceState;
use crate::domain::run::{PauseReason, RunId, RunState, StopCause};
use crate::plan::frozen_hash;

/// Why a run stopped whose process could not record it.
const DEAD: &str = "the process that sent it ended without recording why: it was killed, the machine went \
    down, or the journal could not be written, as on a full disk. Look at the devices in doubt, then resume.";

/// The names of the states of runs that are open, or of those that are over, for SQL's `IN`.
pub(super) fn states(is_open: bool) -> String {
    let states = RunState::ALL.iter();
    let states = states.filter(|state| state.is_open() == is_open);
    let names: Vec<String> = states
        .map(|state| format!("'{}'", state.as_str()))
        .collect();
    format!("({})", names.join(", "))
}

/// A run, opened to be driven.
#[derive(Clone, Debug)]
pub struct OpenedRun {
    /// What the history shows of it.
    pub record: RunRecord,
    /// Each device's identifier and state, in the plan's order.
    pub devices: Vec<(Identifier, DeviceState)>,
    /// Devices that an earlier run of the account has in doubt after an archive or remove, by ordinal: a
    /// 0 may be the effect of that run.
    pub lost_before: Vec<u32>,
}

impl Journal {
    /// Opens a run to drive it. Devices of an intent without an outcome, left by a process that died, are
    /// marked in doubt.
    pub fn open_run(&mut self, id: &RunId, held: &RunLock) -> Result<OpenedRun, JournalError> {
        self.check()?;
        if let Some(intent) = held.newest_intent()?
            && let Some(damage) = self.missing(intent)?
        {
            return Err(self.damaged(format!("{damage}; {REMEDY}")));
        }
        self.mark_interrupted_in_doubt(id)?;
        let record = self.run(&id.short())?;
        let number = self.number(id)?;
        let devices: Vec<(Identifier, DeviceState)> = self
            .devices(id)?
            .into_iter()
            .map(|record| (record.device.identifier, record.state))
            .collect();
        let identifiers = devices.iter().map(|(identifier, _)| identifier);
        if frozen_hash(id, &record.target, record.action, identifiers) != record.hash {
            return Err(self.damaged(format!(
                "the devices of run {id} are not those that were confirmed"
            )));
        }
        Ok(OpenedRun {
            record,
            devices,
            lost_before: self.lost_before(number)?,
        })
    }

    fn lost_before(&self, number: i64) -> Result<Vec<u32>, JournalError> {
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT d.ordinal FROM run_devices d JOIN runs r ON r.number = d.run
                 WHERE d.run = ?1 AND EXISTS (
                     SELECT 1 FROM identifiers i
                     JOIN run_devices e ON e.run = i.run AND e.ordinal = i.ordinal
                     JOIN runs f ON f.number = e.run
                     WHERE i.account = r.account AND i.kind = d.kind
                         AND i.identifier = CASE d.kind WHEN 'hwid' THEN lower(d.identifier) ELSE d.identifier END
                         AND i.run < d.run
                         AND e.outcome = 'in_doubt' AND f.action IN ('archive', 'remove'))",
            )?;
            statement.query_map([number], |row| row.get(0))?.collect()
        })
    }

    /// Marks devices in doubt that processes which died had in flight. Skips runs that a process holds. An
    /// error if that can't be stored, as on a full disk: these devices would be shown as not sent.
    pub fn recover_dead_runs(&mut self) -> Result<(), JournalError> {
        // Whoever reads an incomplete journal reports that, and nothing is written to it.
        if self.check_whole().is_err() {
            return Ok(());
        }
        for run in self.open_runs()? {
            let _lock = match self.try_lock_run(&run.id) {
                Err(JournalError::Held { .. }) => continue,
                taken => taken?,
            };
            self.mark_interrupted_in_doubt(&run.id)?;
            if run.state != run.state.without_holder() && run.reason.is_none() {
                // A missing reason misleads nobody.
                let _ = self.record_reason(&run.id, DEAD);
            }
        }
        Ok(())
    }

    /// Records why a run is about to stop, in case its process ends before the call in flight is answered.
    /// Others may read it while the process still waits. The run's next state replaces it.
    pub fn record_stopping(&mut self, id: &RunId, cause: &StopCause) -> Result<(), JournalError> {
        let reason = format!(
            "{cause} while a call was in flight. Look at the devices in doubt, then resume."
        );
        self.record_reason(id, &reason)
    }

    /// Records why a run doesn't go on, unless that is recorded already.
    fn record_reason(&mut self, id: &RunId, reason: &str) -> Result<(), JournalError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE runs SET reason = ?2 WHERE id = ?1 AND reason IS NULL",
                params![id.bytes(), reason],
            )
        })?;
        Ok(())
    }

    /// Stores a run's state, and the reason of a pause or a stop.
    pub fn store_state(
        &mut self,
        id: &RunId,
        state: RunState,
        pause: Option<&PauseReason>,
    ) -> Result<(), JournalError> {
        let now = self.clock.now().wall.to_string();
        self.write(|transaction| {
            let reason = pause.map(PauseReason::with_advice);
            transaction.execute(
                "UPDATE runs SET state = ?2, reason = ?3,
                     started_at = CASE WHEN ?2 = 'running' THEN coalesce(started_at, ?4) ELSE started_at END,
                     ended_at = CASE WHEN ?2 = 'running' THEN NULL ELSE ?4 END,
                     licences_after = CASE WHEN ?2 = 'running' THEN NULL ELSE licences_after END
                 WHERE id = ?1",
                params![id.bytes(), state.as_str(), reason, now],
            )
        })?;
        Ok(())
    }

    /// Stores the most devices that the server takes in one call of this run.
    pub fn store_batch_size(&mut self, id: &RunId, size: usize) -> Result<(), JournalError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE runs SET batch = min(batch, ?2) WHERE id = ?1",
                params![id.bytes(), size],
            )
        })?;
        Ok(())
    }

    /// Gives up the unsent devices of a run, in the name of this operator. Its record stays, and why it had
    /// stopped.
    pub fn close_run(
        &mut self,
        id: &RunId,
        operator: &Operator,
    ) -> Result<OpenedRun, JournalError> {
        let lock = self.lock_run(id)?;
        let opened = self.open_run(id, &lock)?;
        if opened.record.state.is_open() {
            let now = self.clock.now().wall.to_string();
            self.write(|transaction| {
                transaction.execute(
                    "UPDATE runs SET state = 'closed', ended_at = ?2, closed_by = ?3 WHERE id = ?1",
                    params![id.bytes(), now, operator.to_string()],
                )
            })?;
        }
        Ok(opened)
    }

    /// Asks the process that holds a run to stop after its call in flight, in the name of this operator.
    pub fn request_stop(&mut self, id: &RunId, operator: &Operator) -> Result<(), JournalError> {
        let number = self.number(id)?;
        self.write(|transaction| {
            transaction.execute(
                "UPDATE runs SET stop_requested = 1, stop_requested_by = ?2 WHERE number = ?1",
                params![number, operator.to_string()],
            )
        })?;
        Ok(())
    }

    /// The stop that another process has requested, if any.
    pub fn requested_stop(&self, id: &RunId) -> Result<Option<StopCause>, JournalError> {
        let sql = "SELECT stop_requested_by FROM runs WHERE id = ?1 AND stop_requested";
        let by = self.query(|connection| {
            let by = connection.query_row(sql, [id.bytes()], |row| row.get(0));
            by.optional()
        })?;
        Ok(by.map(StopCause::Requested))
    }
}
