//! The history as JSON lines: one line per run, or per device that was found in a run.

use serde::Serialize;

use super::LicenceLine;
use super::VerificationFacts;
#[cfg(test)]
use super::schema;
use crate::domain::run::RunState;
use crate::journal::{FoundDevice, RecheckRecord, RunRecord};

/// A run, in the history.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct RunLine {
    /// Short name.
    run: String,
    /// State.
    #[cfg_attr(test, schemars(extend("enum" = schema::run_states())))]
    state: &'static str,
    /// The origin of the tenant's address.
    tenant: String,
    /// The account, if the profile names one.
    account: Option<String>,
    /// The profile of the configuration.
    profile: String,
    /// The action.
    #[cfg_attr(test, schemars(extend("enum" = schema::actions())))]
    action: &'static str,
    /// Devices of the run.
    devices: u64,
    /// Devices accepted.
    accepted: u64,
    /// Devices failed.
    failed: u64,
    /// Devices gone.
    gone: u64,
    /// Devices in doubt.
    in_doubt: u64,
    /// Devices not sent.
    not_sent: u64,
    /// Devices that a resume would send.
    left: u64,
    /// Calls that were made.
    calls: u32,
    /// The account's licences before the first call; absent if they were not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    licences_before: Option<LicenceLine>,
    /// The account's licences after the last call; absent if they were not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    licences_after: Option<LicenceLine>,
    /// Time of the confirmation.
    confirmed_at: String,
    /// Time of the start.
    started_at: Option<String>,
    /// Time of the end.
    ended_at: Option<String>,
    /// Why it is paused or stopped, or was before it was closed.
    reason: Option<String>,
    /// Who closed it; absent if it isn't closed, or an earlier version closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<String>,
    /// Name of the list.
    list: String,
    /// SHA-256 of the list.
    list_hash: String,
    /// The query that selected.
    query: Option<String>,
    /// Selected rows that were left out.
    left_out: u64,
    /// Devices that were confirmed and that the recheck dropped; they are not of the run.
    dropped: u64,
    /// The note.
    note: Option<String>,
    /// The system's user who confirmed.
    operator: String,
    /// The login user ID of that session, which `sudo` doesn't change.
    login_uid: Option<u32>,
    /// `SUDO_USER`, if it was set.
    sudo_user: Option<String>,
    /// `SSH_CONNECTION`, if it was set.
    ssh_connection: Option<String>,
    /// Name of the host.
    host: String,
    /// SHA-256 over the plan.
    hash: String,
    /// What became of the accepted devices; null if that was never verified.
    verification: Option<VerificationFacts>,
}

/// A device that was found in a run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct FoundLine<'a> {
    /// The run's short name.
    run: String,
    /// The origin of the tenant's address.
    tenant: &'a str,
    /// The profile of the configuration.
    profile: &'a str,
    /// The action.
    #[cfg_attr(test, schemars(extend("enum" = schema::actions())))]
    action: &'static str,
    /// Time of the confirmation.
    confirmed_at: String,
    /// The system's user who confirmed.
    operator: &'a str,
    /// The note.
    note: Option<&'a str>,
    /// HWID.
    hwid: Option<String>,
    /// First MAC address.
    mac: Option<String>,
    /// Host name; may be empty.
    hostname: &'a str,
    /// User; may be empty.
    user: &'a str,
    /// The outcome.
    #[cfg_attr(test, schemars(extend("enum" = schema::outcomes())))]
    outcome: &'static str,
    /// Why it failed or is in doubt.
    #[cfg_attr(test, schemars(extend("enum" = schema::reasons())))]
    reason: Option<&'static str>,
    /// HTTP status of the call that decided.
    http_status: Option<u16>,
    /// Time of the decision.
    decided_at: Option<String>,
}

impl<'a> FoundLine<'a> {
    /// The line of a device.
    pub fn new(found: &'a FoundDevice) -> Self {
        let device = &found.record.device;
        let outcome = found.record.state.as_final_outcome();
        Self {
            run: found.run.short(),
            tenant: &found.target.tenant,
            profile: &found.target.profile,
            action: found.action.as_str(),
            confirmed_at: found.confirmed_at.to_string(),
            operator: &found.operator,
            note: found.note.as_deref(),
            hwid: device.hwid.as_ref().map(ToString::to_string),
            mac: device.macs.first().map(ToString::to_string),
            hostname: &device.hostname,
            user: &device.user,
            outcome: outcome.class().as_str(),
            reason: Some(outcome.reason()).filter(|reason| !reason.is_empty()),
            http_status: found.record.http_status,
            decided_at: found.decided_at.map(|time| time.to_string()),
        }
    }
}

impl RunLine {
    /// The line of a run with its current state.
    pub fn new(run: &RunRecord, state: RunState) -> Self {
        Self {
            run: run.id.short(),
            state: state.as_str(),
            tenant: run.target.tenant.clone(),
            account: run.target.account.clone(),
            profile: run.target.profile.clone(),
            action: run.action.as_str(),
            devices: run.devices,
            accepted: run.tally.accepted,
            failed: run.tally.failed,
            gone: run.tally.gone,
            in_doubt: run.tally.in_doubt,
            not_sent: run.tally.left,
            left: run.tally.left_in(state),
            calls: run.calls,
            licences_before: run.licences.before.map(LicenceLine::from),
            licences_after: run.licences.after.map(LicenceLine::from),
            confirmed_at: run.confirmed_at.to_string(),
            started_at: run.started_at.map(|time| time.to_string()),
            ended_at: run.ended_at.map(|time| time.to_string()),
            reason: run.reason.clone(),
            closed_by: run.closed_by.clone(),
            list: run.list_name.clone(),
            list_hash: run.list_hash.clone(),
            query: run.query.clone(),
            left_out: run.left_out,
            dropped: run
                .recheck
                .as_ref()
                .map_or(0, RecheckRecord::dropped_devices),
            note: run.note.clone(),
            operator: run.operator.os_user.clone(),
            login_uid: run.operator.login_uid,
            sudo_user: run.operator.sudo_user.clone(),
            ssh_connection: run.operator.ssh_connection.clone(),
            host: run.operator.host.clone(),
            hash: run.hash.clone(),
            verification: run
                .verification
                .is_some()
                .then(|| VerificationFacts::of(run)),
        }
    }
}
