//! The JSON lines of a plan and of a run, one for each event.

mod build;

use serde::Serialize;
use serde_json::value::RawValue;

use super::recheck::RecheckLine;
#[cfg(test)]
use super::schema;
use crate::domain::licences::Licences;
use crate::import::PeopleCounts;

/// A line of a plan or a run. `event` names which.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub enum Line {
    /// What would be sent, or is sent.
    Plan {
        /// The run's short name; null in a plan that is not confirmed.
        run: Option<String>,
        /// The origin of the tenant's address.
        tenant: String,
        /// The profile of the configuration.
        profile: String,
        /// The action.
        #[cfg_attr(test, schemars(extend("enum" = schema::actions())))]
        action: &'static str,
        /// Devices that are sent.
        devices: usize,
        /// Devices that are sent by HWID.
        by_hwid: usize,
        /// Devices that are sent by MAC address.
        by_mac: usize,
        /// Selected rows that can't be sent.
        unusable: usize,
        /// Selected devices that a `protect` query keeps.
        protected: usize,
        /// Selected devices that a hold exempts.
        held: usize,
        /// Rows that were merged into another row of the same device.
        repeated: u64,
        /// The cut of `--oldest`; absent without it, and in a resumed run.
        #[serde(skip_serializing_if = "Option::is_none")]
        oldest: Option<OldestLine>,
        /// Calls that sending takes, without resends.
        calls: usize,
        /// The account's licences when they were measured last; absent if they are not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        licences: Option<LicenceLine>,
        /// Names of the warnings.
        #[cfg_attr(test, schemars(extend("items" = schema::warnings())))]
        warnings: Vec<&'static str>,
        /// The recheck before it was sent; absent without one.
        #[serde(skip_serializing_if = "Option::is_none")]
        recheck: Option<RecheckLine>,
        /// SHA-256 over the plan.
        hash: String,
    },
    /// How many devices a `protect` rule or a term of `--where` matches.
    Term {
        /// `protect` or `where`.
        #[cfg_attr(test, schemars(extend("enum" = ["protect", "where"])))]
        source: &'static str,
        /// The rule, or the word or field term with one value, as it was written.
        query: String,
        /// Devices of the list that it matches.
        devices: u64,
    },
    /// The result of `--ids`.
    Ids {
        /// Entries that name one device, or the devices of one person.
        matched: usize,
        /// Entries that could name several devices.
        ambiguous: usize,
        /// Entries that repeat an earlier one.
        repeated: usize,
        /// Entries that are neither an identifier nor a name.
        invalid: usize,
        /// Entries that the list doesn't have.
        missing: usize,
        /// Counts of persons, of a list of persons; null for any other.
        people: Option<PeopleCounts>,
    },
    /// The result of `--match`.
    Match {
        /// Rows that name one device, or the devices of one person.
        matched: usize,
        /// Rows that could name several devices.
        ambiguous: usize,
        /// Rows that repeat an earlier one.
        repeated: usize,
        /// Rows with nothing to match by.
        invalid: usize,
        /// Rows that the inventory doesn't have.
        missing: usize,
        /// Counts of persons, of a list of persons; null for any other.
        people: Option<PeopleCounts>,
    },
    /// A selected row that is not sent.
    LeftOut {
        /// HWID.
        hwid: Option<String>,
        /// First MAC address.
        mac: Option<String>,
        /// Host name; may be empty.
        hostname: String,
        /// Line in the list, from 1; 0 if it has none.
        line: u64,
        /// Why it is not sent.
        reason: String,
    },
    /// A device of the plan or the run.
    Device {
        /// HWID.
        hwid: Option<String>,
        /// The MAC address that is sent, else the first.
        mac: Option<String>,
        /// Host name; may be empty.
        hostname: String,
        /// The outcome; `planned` in a plan.
        #[cfg_attr(test, schemars(extend("enum" = schema::outcomes())))]
        outcome: &'static str,
        /// Why it failed or is in doubt.
        #[cfg_attr(test, schemars(extend("enum" = schema::reasons())))]
        reason: Option<&'static str>,
        /// Number of the call that decided, within the run.
        call: Option<u32>,
        /// HTTP status of that call.
        http_status: Option<u16>,
        /// User; may be empty.
        user: String,
        /// When it was last seen, as the list has it.
        last_seen: Option<String>,
        /// Type, such as laptop; may be empty.
        r#type: String,
        /// Group; may be empty.
        group: String,
        /// The device's own status, as the list has it; may be empty.
        status: String,
        /// The field by which it was matched with an entry of `--ids` or a row of `--match`.
        #[cfg_attr(test, schemars(extend("enum" = schema::rules())))]
        matched_by: Option<&'static str>,
    },
    /// The rows of a device as the list of its plan held them.
    Record {
        /// HWID.
        hwid: Option<String>,
        /// The MAC address that is sent, else the first.
        mac: Option<String>,
        /// Each with its `line`, and `json` or `cells` or `text` as the list held it, or `fields` as they
        /// were read; `cut_from` is the number of bytes of a row that is too long to be kept whole.
        #[cfg_attr(
            test,
            schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
        )]
        rows: Vec<Box<RawValue>>,
        /// Why there are no rows; null if there are.
        missing: Option<&'static str>,
    },
    /// The last line.
    Summary {
        /// The run's short name; null if nothing was confirmed.
        run: Option<String>,
        /// State of the run; `planned` or `refused` if there is none.
        #[cfg_attr(test, schemars(extend("enum" = schema::states())))]
        state: &'static str,
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
        /// Why it was refused, or paused or stopped with the next step; absent if there is nothing to say.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The account's licences before the run's first call; absent if they were not measured.
        #[serde(skip_serializing_if = "Option::is_none")]
        licences_before: Option<LicenceLine>,
        /// The account's licences after the run's last call; absent if they were not measured.
        #[serde(skip_serializing_if = "Option::is_none")]
        licences_after: Option<LicenceLine>,
        /// The exit code.
        exit: u8,
    },
}

/// How `--oldest N` cut the selection.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct OldestLine {
    /// N.
    asked: u64,
    /// Devices that could have been taken.
    of: u64,
    /// How many of those have no last seen, so that they were not taken.
    without_last_seen: u64,
}

/// Licences of the account, as the tenant counts them.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct LicenceLine {
    /// Devices that use a licence.
    used: u64,
    /// Devices that may use a licence.
    allowed: u64,
    /// When the tenant reported it.
    measured_at: String,
}

impl From<Licences> for LicenceLine {
    fn from(licences: Licences) -> Self {
        Self {
            used: licences.used,
            allowed: licences.allowed,
            measured_at: licences.measured_at.to_string(),
        }
    }
}
