//! Reads the rows of runs and of their devices.

use rusqlite::Row;

use super::{DeviceRecord, RunRecord};
use crate::domain::device::{Identifier, IdentifierKind};
use crate::domain::outcome::{DeviceState, Outcome, Tally};
use crate::domain::run::RunId;
use crate::domain::target::Target;
use crate::import::MatchRule;
use crate::journal::{RecheckRecord, licences, read};
use crate::plan::{Approval, CallSizes, LeftOutCount, LeftOutKind, MatchedFrom, PlannedDevice};

pub(super) const RUN_COLUMNS: &str =
    "runs.id, accounts.tenant, accounts.account, runs.profile, runs.action, runs.devices,
    runs.state, runs.reason, runs.list_name, runs.query, runs.note, runs.os_user, runs.login_uid,
    runs.sudo_user, runs.ssh_connection, runs.host, runs.hash, runs.confirmed_at, runs.ended_at,
    runs.number, (SELECT coalesce(max(call), 0) FROM calls WHERE calls.run = runs.number),
    runs.rules_hash, runs.list_hash, runs.list_time, runs.started_at, runs.batch, runs.canary,
    runs.repeated, runs.left_out, runs.left_out_why, runs.warnings,
    runs.matched_name, runs.matched_hash, runs.approvals,
    before.measured_at, before.used, before.allowed, after.measured_at, after.used, after.allowed,
    rechecks.checked_at, rechecks.list_name, rechecks.list_hash, rechecks.list_time,
    rechecks.planned_devices, rechecks.planned_hash, rechecks.dropped_why,
    runs.closed_by
    FROM runs JOIN accounts ON accounts.id = runs.account
    LEFT JOIN rechecks ON rechecks.run = runs.number
    LEFT JOIN licences before ON before.number = runs.licences_before
    LEFT JOIN licences after ON after.number = runs.licences_after WHERE runs.confirmed_at IS NOT NULL";

/// The columns of [`device_record`], of `run_devices d` and the deciding call `c`.
pub(in crate::journal) const DEVICE_COLUMNS: &str =
    "d.ordinal, d.kind, d.identifier, d.hwid, d.macs, d.hostname, d.nickname, d.user_name,
    d.device_type, d.group_name, d.last_seen, d.outcome, d.reason, d.call, c.status,
    d.matched_by, d.enrolled, d.removed_by, d.status, d.serial";
/// The number of [`DEVICE_COLUMNS`]: a query's other columns come after them.
pub(in crate::journal) const DEVICE_COLUMN_COUNT: usize = 20;

pub(super) fn run_record(row: &Row<'_>) -> rusqlite::Result<Option<RunRecord>> {
    let (action, state): (String, String) = (row.get(4)?, row.get(6)?);
    let account: String = row.get(2)?;
    let (Ok(action), Ok(state), Some(confirmed_at)) =
        (action.parse(), state.parse(), read::time(row, 17)?)
    else {
        return Ok(None);
    };
    Ok(Some(RunRecord {
        id: RunId::from_bytes(row.get(0)?),
        target: Target {
            tenant: row.get(1)?,
            account: (!account.is_empty()).then_some(account),
            profile: row.get(3)?,
        },
        action,
        devices: row.get(5)?,
        tally: Tally::default(),
        state,
        reason: row.get(7)?,
        closed_by: row.get(47)?,
        list_name: row.get(8)?,
        query: row.get(9)?,
        note: row.get(10)?,
        operator: read::operator(row, 11)?,
        hash: row.get(16)?,
        confirmed_at,
        ended_at: read::time(row, 18)?,
        calls: row.get(20)?,
        rules_hash: row.get(21)?,
        list_hash: row.get(22)?,
        list_time: read::time(row, 23)?,
        started_at: read::time(row, 24)?,
        sizes: CallSizes {
            batch: row.get(25)?,
            canary: row.get(26)?,
        },
        repeated: row.get(27)?,
        left_out: row.get(28)?,
        left_out_reasons: json::<Vec<(String, String, u64)>>(row, 29)?.map(left_out_counts),
        warnings: json(row, 30)?,
        matched_from: matched_from(row)?,
        approvals: json::<Vec<(String, String)>>(row, 33)?
            .unwrap_or_default()
            .into_iter()
            .map(|(name, fingerprint)| Approval { name, fingerprint })
            .collect(),
        licences: licences::of_run(row, 34)?,
        verification: None,
        recheck: recheck(row)?,
    }))
}

fn recheck(row: &Row<'_>) -> rusqlite::Result<Option<RecheckRecord>> {
    let Some(at) = read::time(row, 40)? else {
        return Ok(None);
    };
    let dropped = json::<Vec<(String, String, u64)>>(row, 46)?;
    Ok(Some(RecheckRecord {
        at,
        list_name: row.get(41)?,
        list_hash: row.get(42)?,
        list_time: read::time(row, 43)?,
        planned_devices: row.get(44)?,
        planned_hash: row.get(45)?,
        dropped: left_out_counts(dropped.unwrap_or_default()),
    }))
}

fn matched_from(row: &Row<'_>) -> rusqlite::Result<Option<MatchedFrom>> {
    let name: Option<String> = row.get(31)?;
    let hash: Option<String> = row.get(32)?;
    Ok(name.map(|name| MatchedFrom {
        name,
        hash: hash.unwrap_or_default(),
    }))
}

/// A device from [`DEVICE_COLUMNS`]; none for values that no version of this program writes.
pub(in crate::journal) fn device_record(row: &Row<'_>) -> rusqlite::Result<Option<DeviceRecord>> {
    let kind = IdentifierKind::from_name(row.get_ref(1)?.as_str()?);
    let identifier =
        kind.and_then(|kind| Identifier::parse(kind, row.get_ref(2).ok()?.as_str().ok()?).ok());
    let reason = row.get_ref(12)?.as_str_or_null()?.unwrap_or_default();
    let state = match row.get_ref(11)?.as_str_or_null()? {
        None => Some(DeviceState::Planned),
        Some(class) => Outcome::from_parts(class, reason).map(DeviceState::Ended),
    };
    let (Some(identifier), Some(state)) = (identifier, state) else {
        return Ok(None);
    };
    Ok(Some(DeviceRecord {
        device: PlannedDevice {
            identifier,
            hwid: read::hwid(row, 3)?,
            macs: read::macs(row, 4)?,
            hostname: row.get(5)?,
            nickname: row.get(6)?,
            user: row.get(7)?,
            device_type: row.get(8)?,
            group: row.get(9)?,
            status: row.get(18)?,
            serial: row.get(19)?,
            last_seen: read::time(row, 10)?,
            // Informational only: an unknown rule is not an error.
            matched_by: row
                .get_ref(15)?
                .as_str_or_null()?
                .and_then(MatchRule::from_name),
            enrolled: read::time(row, 16)?,
            removed_by: row.get::<_, Option<[u8; 16]>>(17)?.map(RunId::from_bytes),
            record: None,
        },
        state,
        call: row.get(13)?,
        http_status: row.get(14)?,
        finding: None,
        verified: None,
    }))
}

/// A column of JSON; none if it can't be read.
fn json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    Ok(text.and_then(|text| serde_json::from_str(text).ok()))
}

fn left_out_counts(stored: Vec<(String, String, u64)>) -> Vec<LeftOutCount> {
    stored
        .into_iter()
        .filter_map(|(kind, reason, rows)| {
            let kind = LeftOutKind::from_name(&kind)?;
            Some(LeftOutCount { kind, reason, rows })
        })
        .collect()
}
