//! Admission: a confirmed plan becomes a run, and a stopped run is resumed, unless earlier runs forbid
//! it. Plan files are remembered here too.

mod insert;

use rusqlite::{Connection, OptionalExtension, params};

use self::insert::{insert_plan, remove_unconfirmed};
use super::day_limit::sent_in_a_day;
use super::{Conflict, Journal, JournalError, Operator, conflicts, operator, read, rechecks};
use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::domain::target::{PlanRefusal, Policy};
use crate::plan::{Basis, ConfirmedPlan, Plan, PlannedDevice};
use crate::platform::clock::Clock;

/// The result of admitting a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is durable and confirmed; it may run once.
    Admitted,
    /// It was admitted before, and a plan is used once.
    Used,
    /// Other runs took or removed these of its devices since it was built: nothing was confirmed.
    Conflicts(Vec<Conflict>),
    /// With its devices, the account would send more in a day than it may: nothing was confirmed.
    TooManyInADay(PlanRefusal),
}

impl Journal {
    /// Stores a confirmed plan, and then its confirmation, unless one of its devices is in an open run or
    /// in doubt by now, or they are too many for a day.
    pub fn admit(
        &mut self,
        confirmed: &ConfirmedPlan,
        operator: &Operator,
        policy: &Policy,
    ) -> Result<Admission, JournalError> {
        let Some(number) = self.store_plan(confirmed, operator)? else {
            return Ok(Admission::Used);
        };
        crate::platform::failpoint::reach("plan-stored");
        self.confirm_stored(number, confirmed.plan(), policy)
    }

    /// Stores a plan, and returns its number; none if it was confirmed before.
    pub(super) fn store_plan(
        &mut self,
        confirmed: &ConfirmedPlan,
        operator: &Operator,
    ) -> Result<Option<i64>, JournalError> {
        self.check()?;
        let plan = confirmed.plan();
        self.write(|transaction| {
            let known: Option<(i64, bool, String, bool)> = transaction
                .query_row(
                    "SELECT number, confirmed_at IS NOT NULL, hash, forgotten IS NOT NULL FROM runs WHERE id = ?1",
                    [plan.id.bytes()],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .optional()?;
            let Some((number, is_confirmed, stored_hash, is_forgotten)) = known else {
                return insert_plan(transaction, confirmed, operator).map(Some);
            };
            let rechecked = rechecks::planned_hash(transaction, number)?;
            let is_same_plan =
                rechecked.as_ref().unwrap_or(&stored_hash) == &planned_hash(confirmed);
            if is_confirmed || !is_same_plan {
                return Ok(None);
            }
            // It was stored before and not confirmed: it had conflicts, or the process died. Nothing of it
            // was sent. A forgotten one has lost the names that the record of a run has.
            if !is_forgotten && rechecked.is_none() && confirmed.recheck().is_none() {
                return Ok(Some(number));
            }
            // This recheck may have dropped other devices.
            remove_unconfirmed(transaction, number)?;
            insert_plan(transaction, confirmed, operator).map(Some)
        })
    }

    /// Stores the confirmation of a plan that [`store_plan`](Self::store_plan) stored. The plan is used if
    /// another process confirmed it, or stored another recheck of it, since then.
    pub(super) fn confirm_stored(
        &mut self,
        number: i64,
        plan: &Plan,
        policy: &Policy,
    ) -> Result<Admission, JournalError> {
        let clock = self.clock.clone();
        self.write(|transaction| {
            // A number alone proves nothing: it is given again after its run was removed.
            let account: Option<i64> = transaction
                .query_row(
                    "SELECT account FROM runs
                     WHERE number = ?1 AND id = ?2 AND hash = ?3 AND confirmed_at IS NULL",
                    params![number, plan.id.bytes(), plan.hash()],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(account) = account else {
                return Ok(Admission::Used);
            };
            let retried = match &plan.origin.retry_of {
                Some(run) => read_retried(transaction, run)?,
                None => Vec::new(),
            };
            let basis = Basis::of(plan, &retried);
            let run = (account, number);
            let refused = refusal(transaction, run, &plan.devices, &basis, policy, &clock)?;
            if let Some(refused) = refused {
                return Ok(refused);
            }
            transaction.execute(
                "UPDATE runs SET confirmed_at = ?2 WHERE number = ?1",
                params![number, clock.now().wall.to_string()],
            )?;
            Ok(Admission::Admitted)
        })
    }

    /// Stores the digest of a plan file, so that no other file can be sent in its place.
    pub fn remember_plan_file(
        &mut self,
        id: &RunId,
        digest: &str,
        operator: &Operator,
    ) -> Result<(), JournalError> {
        let now = self.clock.now().wall.to_string();
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO plan_files (id, digest, written_at, os_user, host) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id.bytes(), digest, now, operator.os_user, operator.host],
            )
        })?;
        Ok(())
    }

    /// The digest of the plan file that was written of this plan, if one was.
    pub fn plan_file_digest(&self, id: &RunId) -> Result<Option<String>, JournalError> {
        self.check_whole()?;
        let sql = "SELECT digest FROM plan_files WHERE id = ?1";
        self.query(|connection| {
            let digest = connection.query_row(sql, [id.bytes()], |row| row.get(0));
            digest.optional()
        })
    }

    /// The run, the run that it retried, and so on.
    pub fn retried(&self, run: &RunId) -> Result<Vec<RunId>, JournalError> {
        self.query(|connection| read_retried(connection, run))
    }

    /// Records that a run is resumed, after its operator gave the number of devices left; unless
    /// other runs took or removed some of those, or they are too many for a day.
    pub fn record_resume(
        &mut self,
        id: &RunId,
        devices: u64,
        operator: &Operator,
        policy: &Policy,
    ) -> Result<Admission, JournalError> {
        let number = self.number(id)?;
        let unsent: Vec<PlannedDevice> = self
            .devices(id)?
            .into_iter()
            .filter(|record| record.state == DeviceState::Planned)
            .map(|record| record.device)
            .collect();
        let clock = self.clock.clone();
        self.write(|transaction| {
            let retried = read_retried(transaction, id)?;
            let (account, list_hash, basis) = read_basis(transaction, id, &retried)?;
            let basis = Basis {
                list_hash: &list_hash,
                ..basis
            };
            let run = (account, number);
            let refused = refusal(transaction, run, &unsent, &basis, policy, &clock)?;
            if let Some(refused) = refused {
                return Ok(refused);
            }
            transaction.execute(
                "UPDATE runs SET stop_requested = 0, stop_requested_by = NULL WHERE number = ?1",
                [number],
            )?;
            let values = params![number, clock.now().wall.to_string(), devices];
            operator::insert(
                transaction,
                "resumes",
                "run, resumed_at, devices",
                values,
                operator,
            )?;
            Ok(Admission::Admitted)
        })
    }
}

/// Why these devices may not be sent by a run, if so: by its account and its number.
fn refusal(
    connection: &Connection,
    (account, run): (i64, i64),
    devices: &[PlannedDevice],
    basis: &Basis<'_>,
    policy: &Policy,
    clock: &Clock,
) -> rusqlite::Result<Option<Admission>> {
    let (now, boot_id) = (clock.now(), clock.boot_id());
    let conflicts = conflicts::conflicts(connection, account, devices, basis, now, boot_id)?;
    if !conflicts.is_empty() {
        return Ok(Some(Admission::Conflicts(conflicts)));
    }
    let sent = sent_in_a_day(connection, account, now, boot_id, Some(run))?;
    let checked = policy.check_day(sent, devices.len() as u64);
    Ok(checked.err().map(Admission::TooManyInADay))
}

/// The hash of the plan that was confirmed, before a recheck.
fn planned_hash(confirmed: &ConfirmedPlan) -> String {
    match confirmed.recheck() {
        Some(recheck) => recheck.planned_hash.clone(),
        None => confirmed.plan().hash(),
    }
}

fn read_retried(connection: &Connection, run: &RunId) -> rusqlite::Result<Vec<RunId>> {
    connection
        .prepare_cached(
            "WITH RECURSIVE chain (id, depth) AS (
                 SELECT ?1, 0
                 UNION ALL
                 SELECT r.retry_of, depth + 1 FROM chain JOIN runs r ON r.id = chain.id
                 WHERE r.retry_of IS NOT NULL AND depth < 1000)
             SELECT id FROM chain ORDER BY depth",
        )?
        .query_map([run.bytes()], |row| Ok(RunId::from_bytes(row.get(0)?)))?
        .collect()
}

/// The account of a run, the hash of its list, and what its plan was built on but for that hash.
fn read_basis<'a>(
    connection: &Connection,
    id: &RunId,
    retried: &'a [RunId],
) -> rusqlite::Result<(i64, String, Basis<'a>)> {
    connection.query_row(
        "SELECT account, list_time, planned_at, known_slot, list_hash FROM runs WHERE id = ?1",
        [id.bytes()],
        |row| {
            let basis = Basis {
                list_time: read::parsed_or_null(row, 1)?,
                planned_at: read::parsed(row, 2)?,
                known_slot: row.get(3)?,
                run: Some(*id),
                retried_runs: retried,
                ..Basis::default()
            };
            Ok((row.get(0)?, row.get(4)?, basis))
        },
    )
}

/// A column's value as JSON.
pub(super) fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
