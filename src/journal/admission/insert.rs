//! The rows of a plan that is admitted.

use rusqlite::{Transaction, params};

use super::json;
use crate::domain::device::{Hwid, Identifier};
use crate::domain::run::RunId;
use crate::import::MatchRule;
use crate::journal::search::BlockWriter;
use crate::journal::{Operator, account_number, rechecks, records};
use crate::list::Field;
use crate::plan::{ConfirmedPlan, Plan};

/// Removes a plan that was stored and never confirmed, which no history shows.
pub(super) fn remove_unconfirmed(transaction: &Transaction<'_>, run: i64) -> rusqlite::Result<()> {
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

pub(super) fn insert_plan(
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
        .map(|warning| format!("{}: {}", warning.name(), warning.stored_sentence(keep)))
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
            env!("OFFBOARD_VERSION"),
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
