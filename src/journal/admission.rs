//! Admission: a confirmed plan becomes a run, and a stopped run is resumed, unless earlier runs forbid
//! it. Plan files are remembered here too.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::day_limit::sent_in_a_day;
use super::search::BlockWriter;
use super::{
    Conflict, Journal, JournalError, Operator, account_number, conflicts, read, rechecks, records,
};
use crate::domain::device::{Hwid, Identifier};
use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::domain::target::{Policy, Refusal};
use crate::import::MatchRule;
use crate::list::Field;
use crate::plan::{Basis, ConfirmedPlan, Plan, PlannedDevice};

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
    TooManyInADay(Refusal),
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
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id().to_owned());
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
            let basis = Basis {
                list_time: plan.origin.list_time,
                planned_at: plan.origin.planned_at,
                known_slot: plan.origin.known_slot,
                run: Some(plan.id),
                retried: &retried,
            };
            let conflicts =
                conflicts::conflicts(transaction, account, &plan.devices, &basis, now, &boot_id)?;
            if !conflicts.is_empty() {
                return Ok(Admission::Conflicts(conflicts));
            }
            let sent = sent_in_a_day(transaction, account, now, &boot_id, Some(number))?;
            if let Err(refusal) = policy.check_day(sent, plan.devices.len() as u64) {
                return Ok(Admission::TooManyInADay(refusal));
            }
            transaction.execute(
                "UPDATE runs SET confirmed_at = ?2 WHERE number = ?1",
                params![number, now.wall.to_string()],
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
        self.connection
            .query_row(
                "SELECT digest FROM plan_files WHERE id = ?1",
                [id.bytes()],
                |row| row.get(0),
            )
            .optional()
            .map_err(|source| self.database(source))
    }

    /// The run, the run that it retried, and so on.
    pub fn retried(&self, run: &RunId) -> Result<Vec<RunId>, JournalError> {
        read_retried(&self.connection, run).map_err(|source| self.database(source))
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
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id().to_owned());
        self.write(|transaction| {
            let retried = read_retried(transaction, id)?;
            let (account, basis) = read_basis(transaction, id, &retried)?;
            let conflicts = conflicts::conflicts(transaction, account, &unsent, &basis, now, &boot_id)?;
            if !conflicts.is_empty() {
                return Ok(Admission::Conflicts(conflicts));
            }
            let sent = sent_in_a_day(transaction, account, now, &boot_id, Some(number))?;
            if let Err(refusal) = policy.check_day(sent, unsent.len() as u64) {
                return Ok(Admission::TooManyInADay(refusal));
            }
            transaction.execute("UPDATE runs SET stop_requested = 0, stop_requested_by = NULL WHERE number = ?1", [number])?;
            transaction.execute(
                "INSERT INTO resumes (run, resumed_at, devices, os_user, login_uid, sudo_user, ssh_connection, host)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    number,
                    now.wall.to_string(),
                    devices,
                    operator.os_user,
                    operator.login_uid,
                    operator.sudo_user,
                    operator.ssh_connection,
                    operator.host
                ],
            )?;
            Ok(Admission::Admitted)
        })
    }
}

/// The hash of the plan that was confirmed, before a recheck.
fn planned_hash(confirmed: &ConfirmedPlan) -> String {
    match confirmed.recheck() {
        Some(recheck) => recheck.planned_hash.clone(),
        None => confirmed.plan().hash(),
    }
}

/// Removes a plan that was stored and never confirmed, which no history shows.
fn remove_unconfirmed(transaction: &Transaction<'_>, run: i64) -> rusqlite::Result<()> {
    for table in [
        "run_records",
        "dropped_devices",
        "rechecks",
        "search_blocks",
        "identifiers",
        "run_devices",
    ] {
        transaction.execute(&format!("DELETE FROM {table} WHERE run = ?1"), [run])?;
    }
    transaction.execute(
        "DELETE FROM runs WHERE number = ?1 AND confirmed_at IS NULL",
        [run],
    )?;
    Ok(())
}

fn insert_plan(
    transaction: &Transaction<'_>,
    confirmed: &ConfirmedPlan,
    operator: &Operator,
) -> rusqlite::Result<i64> {
    let plan = confirmed.plan();
    let account = account_number(transaction, &plan.target)?;
    let keep = &plan.origin.records.keep;
    let left_out: Vec<(&str, String, u64)> = plan
        .left_out_counts()
        .into_iter()
        .map(|count| (count.kind.as_str(), count.reason, count.rows))
        .collect();
    let warnings: Vec<String> = plan
        .warnings
        .iter()
        .map(|warning| format!("{}: {}", warning.name(), warning.kept_sentence(keep)))
        .collect();
    let approvals: Vec<(&str, &str)> = plan
        .origin
        .approvals
        .iter()
        .map(|approval| (&*approval.name, &*approval.fingerprint))
        .collect();
    transaction.execute(
        "INSERT INTO runs (id, short, account, profile, action, identify_by, devices, left_out, repeated,
             batch, canary, hash, list_name, list_hash, list_time, query, note, os_user, login_uid,
             sudo_user, ssh_connection, host, version, planned_at, rules_hash, retry_of, left_out_why,
             warnings, matched_name, matched_hash, known_slot, approvals, list_devices, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
             ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, 'queued')",
        params![
            plan.id.bytes(),
            plan.id.short(),
            account,
            plan.target.profile,
            plan.action.as_str(),
            plan.identify_by.as_str(),
            plan.devices.len(),
            plan.left_out.len(),
            plan.repeated,
            plan.sizes.batch,
            plan.sizes.canary,
            plan.hash(),
            plan.origin.list_name,
            plan.origin.list_hash,
            plan.origin.list_time.map(|time| time.to_string()),
            plan.origin.query,
            plan.origin.note,
            operator.os_user,
            operator.login_uid,
            operator.sudo_user,
            operator.ssh_connection,
            operator.host,
            env!("CARGO_PKG_VERSION"),
            plan.origin.planned_at.to_string(),
            plan.origin.rules_hash,
            plan.origin.retry_of.as_ref().map(RunId::bytes),
            json(&left_out)?,
            json(&warnings)?,
            plan.origin.matched_from.as_ref().map(|from| &from.name),
            plan.origin.matched_from.as_ref().map(|from| &from.hash),
            plan.origin.known_slot,
            json(&approvals)?,
            plan.origin.list_devices,
        ],
    )?;
    let run = transaction.last_insert_rowid();
    insert_devices(transaction, account, run, plan)?;
    records::insert(transaction, run, plan)?;
    if let Some(recheck) = confirmed.recheck() {
        rechecks::insert(transaction, run, recheck, keep)?;
    }
    Ok(run)
}

/// Stores the devices of a plan, and what they are looked up by.
fn insert_devices(
    transaction: &Transaction<'_>,
    account: i64,
    run: i64,
    plan: &Plan,
) -> rusqlite::Result<()> {
    let keep = &plan.origin.records.keep;
    let mut device_row = transaction.prepare(
        "INSERT INTO run_devices (run, ordinal, kind, identifier, hwid, macs, hostname, nickname, user_name,
             device_type, group_name, last_seen, matched_by, enrolled, removed_by, status, serial)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?;
    let mut identifier_row = transaction.prepare(
        "INSERT OR IGNORE INTO identifiers (account, kind, identifier, run, ordinal) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut blocks = BlockWriter::new(transaction)?;
    for (ordinal, device) in (0_i64..).zip(&plan.devices) {
        let hostname = keep.text(Field::Hostname, &device.hostname);
        let nickname = keep.text(Field::Nickname, &device.nickname);
        let user = keep.text(Field::User, &device.user);
        let seen = device.last_seen.filter(|_| keep.has(Field::Seen));
        let enrolled = device.enrolled.filter(|_| keep.has(Field::Enrolled));
        let macs: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
        device_row.execute(params![
            run,
            ordinal,
            device.identifier.kind().as_str(),
            device.identifier.to_string(),
            device.hwid.as_ref().map(Hwid::as_str),
            macs.join(" "),
            hostname,
            nickname,
            user,
            keep.text(Field::Type, &device.device_type),
            keep.text(Field::Group, &device.group),
            seen.map(|seen| seen.to_string()),
            device.matched_by.map(MatchRule::as_str),
            enrolled.map(|enrolled| enrolled.to_string()),
            device.removed_by.as_ref().map(RunId::bytes),
            keep.text(Field::Status, &device.status),
            keep.text(Field::Serial, &device.serial),
        ])?;
        blocks.add(
            run,
            ordinal,
            [
                hostname,
                nickname,
                user,
                device.hwid.as_ref().map_or("", Hwid::as_str),
                &macs.join(" "),
                &device.identifier.to_string(),
            ],
        )?;
        let hwid = device.hwid.clone().map(Identifier::Hwid);
        let macs = device.macs.iter().map(|&mac| Identifier::Mac(mac));
        for key in hwid.iter().map(Identifier::normal_form).chain(macs) {
            let kind = key.kind().as_str();
            identifier_row.execute(params![account, kind, key.to_string(), run, ordinal])?;
        }
    }
    blocks.flush()
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

/// The account of a run, and what its plan was built on.
fn read_basis<'a>(
    connection: &Connection,
    id: &RunId,
    retried: &'a [RunId],
) -> rusqlite::Result<(i64, Basis<'a>)> {
    connection.query_row(
        "SELECT account, list_time, planned_at, known_slot FROM runs WHERE id = ?1",
        [id.bytes()],
        |row| {
            let list_time = match row.get_ref(1)?.as_str_or_null()? {
                Some(_) => Some(read::parsed(row, 1)?),
                None => None,
            };
            let basis = Basis {
                list_time,
                planned_at: read::parsed(row, 2)?,
                known_slot: row.get(3)?,
                run: Some(*id),
                retried,
            };
            Ok((row.get(0)?, basis))
        },
    )
}

/// A column's value as JSON.
pub(super) fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
