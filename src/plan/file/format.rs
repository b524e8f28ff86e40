//! The JSON of a plan file, and its conversion from and to a plan.

mod device;

use std::io::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use device::FileDevice;

use super::{PlanFile, PlanFileError, Planner};
use crate::domain::device::{IdentifyBy, MacAddress};
use crate::domain::run::RunId;
use crate::domain::target::Target;
use crate::plan::{
    CallSizes, Criterion, LeftOut, LeftOutKind, LeftOutReason, MatchedFrom, Oldest, Origin, Plan,
    PlannedDevice, Records, Warning,
};
use crate::text::hex;

pub(super) const VERSION: u32 = 6;
/// From this version on, a file keeps the query of its plan.
const WITH_CRITERION: u32 = 6;
const OLDEST_VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    offboard_plan: u32,
    id: String,
    tenant: String,
    account: Option<String>,
    profile: String,
    action: String,
    identify_by: String,
    pub(super) count: usize,
    pub(super) hash: String,
    planned_at: Timestamp,
    #[serde(default, skip_serializing_if = "Planner::is_unknown")]
    pub(super) planned_by: Planner,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_slot: Option<i64>,
    list: List,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matched_from: Option<MatchedFrom>,
    rules_hash: String,
    query: Option<String>,
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    criterion: Option<String>,
    note: Option<String>,
    repeated: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oldest: Option<Oldest>,
    warnings: Vec<Warning>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) allowed: Vec<String>,
    devices: Vec<FileDevice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) rows: Vec<String>,
    left_out: Vec<FileLeftOut>,
    /// SHA-256 of all the rest but the signatures, in hexadecimal.
    pub(super) digest: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) signatures: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    name: String,
    hash: String,
    time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    devices: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLeftOut {
    hwid: Option<String>,
    mac: Option<String>,
    hostname: String,
    line: u64,
    kind: String,
    reason: String,
}

#[derive(Deserialize)]
struct Version {
    offboard_plan: u32,
}

impl File {
    /// The contents of a plan file.
    pub(super) fn of(file: &PlanFile) -> Self {
        let plan = &file.plan;
        Self {
            offboard_plan: VERSION,
            id: hex(plan.id.bytes()),
            tenant: plan.target.tenant.clone(),
            account: plan.target.account.clone(),
            profile: plan.target.profile.clone(),
            action: plan.action.as_str().to_owned(),
            identify_by: plan.identify_by.as_str().to_owned(),
            count: plan.devices.len(),
            hash: plan.hash(),
            planned_at: plan.origin.planned_at,
            planned_by: file.planner.clone(),
            known_slot: plan.origin.known_slot,
            list: List {
                name: plan.origin.list_name.clone(),
                hash: plan.origin.list_hash.clone(),
                time: plan.origin.list_time,
                devices: plan.origin.list_devices,
            },
            matched_from: plan.origin.matched_from.clone(),
            rules_hash: plan.origin.rules_hash.clone(),
            query: plan.origin.query.clone(),
            criterion: match &plan.origin.criterion {
                Criterion::Query(query) => Some(query.clone()),
                Criterion::None | Criterion::Unknown => None,
            },
            note: plan.origin.note.clone(),
            repeated: plan.repeated,
            oldest: plan.oldest,
            warnings: plan.warnings.clone(),
            allowed: file.allowed.clone(),
            devices: plan.devices.iter().map(FileDevice::of).collect(),
            rows: file.rows.clone(),
            left_out: plan.left_out.iter().map(FileLeftOut::of).collect(),
            digest: file.digest.clone(),
            signatures: file.signatures.clone(),
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let version = serde_json::from_slice::<Version>(bytes).map_err(PlanFileError::Shape)?;
        if !(OLDEST_VERSION..=VERSION).contains(&version.offboard_plan) {
            return Err(PlanFileError::Version(version.offboard_plan));
        }
        serde_json::from_slice(bytes).map_err(PlanFileError::Shape)
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Of the values, not of how they are laid out on the lines.
    pub(super) fn digest_of_the_rest(&self) -> serde_json::Result<String> {
        let mut values = serde_json::to_value(self)?;
        if let Some(values) = values.as_object_mut() {
            values.remove("digest");
            values.remove("signatures");
        }
        Ok(hex(&Sha256::digest(serde_json::to_vec(&values)?)))
    }

    pub(super) fn into_plan(self, now: Timestamp, sizes: CallSizes) -> Result<Plan, PlanFileError> {
        let mut warnings: Vec<Warning> =
            self.warnings.into_iter().filter_map(kept_warning).collect();
        warnings.extend(crate::plan::build::old_list(self.list.time, now));
        let criterion = match self.criterion {
            Some(query) => Criterion::Query(query),
            None if self.offboard_plan < WITH_CRITERION => Criterion::Unknown,
            None => Criterion::None,
        };
        let devices: Vec<PlannedDevice> = self
            .devices
            .into_iter()
            .map(FileDevice::into_planned)
            .collect::<Result<_, _>>()?;
        Ok(Plan {
            id: RunId::from_hex(&self.id).ok_or_else(|| unreadable("id", &self.id))?,
            target: Target {
                tenant: self.tenant,
                account: self.account,
                profile: self.profile,
            },
            action: self
                .action
                .parse()
                .map_err(|_| unreadable("action", &self.action))?,
            identify_by: IdentifyBy::from_name(&self.identify_by)
                .ok_or_else(|| unreadable("identify_by", &self.identify_by))?,
            sources: vec![None; devices.len()],
            devices,
            left_out: self
                .left_out
                .into_iter()
                .map(FileLeftOut::into_left_out)
                .collect::<Result<_, _>>()?,
            repeated: self.repeated,
            oldest: self.oldest,
            warnings,
            sizes,
            origin: Origin {
                list_name: self.list.name,
                list_hash: self.list.hash,
                list_time: self.list.time,
                list_devices: self.list.devices,
                planned_at: self.planned_at,
                known_slot: self.known_slot,
                query: self.query,
                criterion,
                note: self.note,
                rules_hash: self.rules_hash,
                approvals: Vec::new(),
                retry_of: None,
                matched_from: self.matched_from,
                records: Records::default(),
            },
        })
    }
}

impl FileLeftOut {
    fn of(row: &LeftOut) -> Self {
        Self {
            hwid: row.hwid.clone(),
            mac: row.mac.map(|mac| mac.to_string()),
            hostname: row.hostname.clone(),
            line: row.line,
            kind: row.reason.kind().as_str().to_owned(),
            reason: row.reason.to_string(),
        }
    }

    fn into_left_out(self) -> Result<LeftOut, PlanFileError> {
        let kind =
            LeftOutKind::from_name(&self.kind).ok_or_else(|| unreadable("kind", &self.kind))?;
        Ok(LeftOut {
            mac: self.mac.and_then(|mac| MacAddress::parse(&mac).ok()),
            hwid: self.hwid,
            hostname: self.hostname,
            line: self.line,
            reason: LeftOutReason::Recorded {
                kind,
                text: self.reason,
            },
        })
    }
}

/// A warning of a plan file, with its free text cut. `None` for the list's age, which is measured again.
fn kept_warning(warning: Warning) -> Option<Warning> {
    let cut = |text: String| crate::text::clip(&text, 40).into_owned();
    match warning {
        Warning::OldList { .. } => None,
        Warning::Last {
            users,
            hostnames,
            example,
        } => Some(Warning::Last {
            users,
            hostnames,
            example: cut(example),
        }),
        Warning::RuleMatchesNone { rules, guessed } => Some(Warning::RuleMatchesNone {
            rules,
            guessed: guessed.map(cut),
        }),
        other => Some(other),
    }
}

fn unreadable(what: &str, value: &str) -> PlanFileError {
    let value = crate::text::visible(crate::text::head(value, 60)).into_owned();
    PlanFileError::Value(format!("'{value}' is not a valid {what}"))
}
