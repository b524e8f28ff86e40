//! The history as JSON lines: a line a run, or a line a device that was found in one.

use serde::Serialize;

use crate::domain::run::RunState;
use crate::journal::{Found, RunRecord};

/// A run in the history.
#[derive(Clone, Debug, Serialize)]
pub struct RunLine {
    run: String,
    state: &'static str,
    tenant: String,
    account: Option<String>,
    profile: String,
    action: &'static str,
    devices: u64,
    accepted: u64,
    failed: u64,
    gone: u64,
    in_doubt: u64,
    not_sent: u64,
    left: u64,
    calls: u32,
    confirmed_at: String,
    started_at: Option<String>,
    ended_at: Option<String>,
    reason: Option<String>,
    list: String,
    list_hash: String,
    query: Option<String>,
    left_out: u64,
    note: Option<String>,
    operator: String,
    login_uid: Option<u32>,
    sudo_user: Option<String>,
    ssh_connection: Option<String>,
    host: String,
    hash: String,
}

/// A device that was found in a run.
#[derive(Clone, Debug, Serialize)]
pub struct FoundLine<'a> {
    run: String,
    tenant: &'a str,
    profile: &'a str,
    action: &'static str,
    confirmed_at: String,
    hwid: Option<String>,
    mac: Option<String>,
    hostname: &'a str,
    user: &'a str,
    outcome: &'static str,
    reason: Option<&'static str>,
    status: Option<u16>,
    decided_at: Option<String>,
}

impl<'a> FoundLine<'a> {
    /// Its line.
    pub fn new(found: &'a Found) -> Self {
        let device = &found.record.device;
        let outcome = found.record.state.told();
        Self {
            run: found.run.short(),
            tenant: &found.target.tenant,
            profile: &found.target.profile,
            action: found.action.word(),
            confirmed_at: found.confirmed_at.to_string(),
            hwid: device.hwid.as_ref().map(ToString::to_string),
            mac: device.macs.first().map(ToString::to_string),
            hostname: &device.hostname,
            user: &device.user,
            outcome: outcome.class().word(),
            reason: Some(outcome.reason()).filter(|reason| !reason.is_empty()),
            status: found.record.status,
            decided_at: found.decided_at.map(|time| time.to_string()),
        }
    }
}

impl RunLine {
    /// The line of a run in the history, which stands in this state.
    pub fn new(run: &RunRecord, state: RunState) -> Self {
        Self {
            run: run.id.short(),
            state: state.word(),
            tenant: run.target.tenant.clone(),
            account: run.target.account.clone(),
            profile: run.target.profile.clone(),
            action: run.action.word(),
            devices: run.devices,
            accepted: run.tally.accepted,
            failed: run.tally.failed,
            gone: run.tally.gone,
            in_doubt: run.tally.in_doubt,
            not_sent: run.tally.left,
            left: run.tally.left_in(state),
            calls: run.calls,
            confirmed_at: run.confirmed_at.to_string(),
            started_at: run.started_at.map(|time| time.to_string()),
            ended_at: run.ended_at.map(|time| time.to_string()),
            reason: run.reason.clone(),
            list: run.list_name.clone(),
            list_hash: run.list_hash.clone(),
            query: run.query.clone(),
            left_out: run.left_out,
            note: run.note.clone(),
            operator: run.operator.os_user.clone(),
            login_uid: run.operator.login_uid,
            sudo_user: run.operator.sudo_user.clone(),
            ssh_connection: run.operator.ssh_connection.clone(),
            host: run.operator.host.clone(),
            hash: run.hash.clone(),
        }
    }
}
