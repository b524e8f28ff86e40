//! Plan files: a plan that is saved now and sent later, once.
//!
//! The file has everything that the confirmation screen would show, the count, the hash of what is sent,
//! and a digest of all of it. Reading it checks that they agree, so that what was reviewed is what is
//! sent. The sizes of calls are not in it: the configuration defines them when the plan is sent.

use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use sha2::{Digest, Sha256};

use super::{
    CallSizes, LeftOut, LeftOutKind, LeftOutReason, MatchedFrom, Origin, Plan, PlannedDevice,
    Target, Warning, hex,
};
use crate::domain::device::{Hwid, Identifier, IdentifierKind, IdentifyBy, MacAddress};
use crate::domain::run::RunId;
use crate::import::MatchRule;

/// The version of the file's shape. Version 2 lacks what [`FileDevice`] and [`File`] hold as optional.
const VERSION: u32 = 3;
const OLDEST_VERSION: u32 = 2;

/// Why a plan's file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// No JSON, or not of this shape.
    #[error("not a plan file: {0}; write one with `offboard plan … -o`")]
    Shape(serde_json::Error),
    /// Written by another version.
    #[error(
        "the plan file is of version {0}, and this program reads version {VERSION}: plan again"
    )]
    Version(u32),
    /// A value that can't be in a plan.
    #[error("{0}: the file was changed; plan again")]
    Value(String),
    /// The number of devices is not the declared one.
    #[error("declares {declared} devices but contains {actual}: the file was changed; plan again")]
    Count {
        /// The declared number.
        declared: usize,
        /// The actual number.
        actual: usize,
    },
    /// The devices, action or target were changed.
    #[error("its hash is not that of its contents: the file was changed; plan again")]
    Hash,
    /// Another value was changed.
    #[error("its digest is not that of its contents: the file was changed; plan again")]
    Digest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    offboard_plan: u32,
    id: String,
    tenant: String,
    account: Option<String>,
    profile: String,
    action: String,
    identify_by: String,
    count: usize,
    hash: String,
    planned_at: Timestamp,
    #[serde(default, skip_serializing_if = "Planner::is_unknown")]
    planned_by: Planner,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_slot: Option<i64>,
    list: List,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matched_from: Option<Matched>,
    rules_hash: String,
    query: Option<String>,
    note: Option<String>,
    repeated: u64,
    warnings: Vec<FileWarning>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<String>,
    devices: Vec<FileDevice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rows: Vec<String>,
    left_out: Vec<FileLeftOut>,
    /// SHA-256 of all the rest but the signatures, in hexadecimal.
    digest: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    signatures: Vec<String>,
}

/// A plan, and the other contents of its file.
#[derive(Clone, Debug)]
pub struct PlanFile {
    /// The plan.
    pub plan: Plan,
    /// The names of the warnings that were accepted when the plan was written.
    pub allowed: Vec<String>,
    /// The records of the planned devices as the list held them, each a JSON object that our reader
    /// reads: what the protect rules are evaluated on when the plan is sent.
    pub rows: Vec<String>,
    /// Who planned it.
    pub planner: Planner,
    /// Signatures over the [message](Self::message), in OpenSSH's armoured format.
    pub signatures: Vec<String>,
    digest: String,
}

/// Who wrote a plan file. Their own approval doesn't count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planner {
    /// Their user names: the process's, and the caller of sudo's.
    pub users: Vec<String>,
    /// The fingerprints of the public keys in their `~/.ssh`.
    pub keys: Vec<String>,
}

impl Planner {
    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// True if the approver of this name, as `ada` or `ada@example.com`, or of this key is the
    /// planner.
    pub fn is(&self, name: &str, fingerprint: &str) -> bool {
        let local = name.split_once('@').map_or(name, |(local, _)| local);
        self.keys.iter().any(|key| key == fingerprint)
            || self
                .users
                .iter()
                .any(|user| user.eq_ignore_ascii_case(local) || user.eq_ignore_ascii_case(name))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    name: String,
    hash: String,
    time: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matched {
    name: String,
    hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
enum FileWarning {
    Recent { devices: u64 },
    OldList { seconds: u64 },
    Most { devices: u64, of: u64 },
    NotInInventory { devices: u64, seconds: Option<u64> },
    RuleMatchesNone { rules: Vec<String> },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDevice {
    kind: String,
    identifier: String,
    hwid: Option<String>,
    macs: Vec<String>,
    hostname: String,
    nickname: String,
    user: String,
    r#type: String,
    group: String,
    last_seen: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrolled: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matched_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    removed_by: Option<String>,
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

impl PlanFile {
    /// Writes it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.to_file().write(out)
    }

    /// Reads one back and checks that it holds together: that nothing in it was changed by mistake.
    /// Whether it is authentic, the journal or its signatures say. Its list ages on: it is measured
    /// at `now`. Its calls are cut to these sizes.
    pub fn read(bytes: &[u8], now: Timestamp, sizes: CallSizes) -> Result<Self, PlanFileError> {
        let mut file = File::read(bytes)?;
        let (declared, hash) = (file.count, file.hash.clone());
        let is_whole = file.digest == file.digest_of_the_rest().map_err(PlanFileError::Shape)?;
        let read = Self {
            allowed: std::mem::take(&mut file.allowed),
            rows: std::mem::take(&mut file.rows),
            planner: std::mem::take(&mut file.planned_by),
            signatures: std::mem::take(&mut file.signatures),
            digest: file.digest.clone(),
            plan: file.into_plan(now, sizes)?,
        };
        let actual = read.plan.devices.len();
        if declared != actual {
            return Err(PlanFileError::Count { declared, actual });
        }
        if hash != read.plan.hash() {
            return Err(PlanFileError::Hash);
        }
        if !is_whole {
            return Err(PlanFileError::Digest);
        }
        Ok(read)
    }

    /// The bytes of a plan file with one more signature.
    pub fn with_signature(bytes: &[u8], signature: String) -> Result<Vec<u8>, PlanFileError> {
        let mut file = File::read(bytes)?;
        file.signatures.push(signature);
        let mut signed = Vec::new();
        file.write(&mut signed)
            .map_err(|error| PlanFileError::Shape(serde_json::Error::io(error)))?;
        Ok(signed)
    }

    /// SHA-256 of all values of the file but the signatures, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What an approver signs.
    pub fn message(&self) -> Vec<u8> {
        format!("{}\n", self.digest).into_bytes()
    }
}

impl Plan {
    /// The plan as a file, with the warnings that are accepted, the records of its devices, and who
    /// planned it.
    pub fn into_file(
        self,
        allowed: Vec<String>,
        rows: Vec<String>,
        planner: Planner,
    ) -> serde_json::Result<PlanFile> {
        let mut file = PlanFile {
            plan: self,
            allowed,
            rows,
            planner,
            signatures: Vec::new(),
            digest: String::new(),
        };
        file.digest = file.to_file().digest_of_the_rest()?;
        Ok(file)
    }
}

#[derive(Deserialize)]
struct Version {
    offboard_plan: u32,
}

impl PlanFile {
    fn to_file(&self) -> File {
        let plan = &self.plan;
        File {
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
            planned_by: self.planner.clone(),
            known_slot: plan.origin.known_slot,
            list: List {
                name: plan.origin.list_name.clone(),
                hash: plan.origin.list_hash.clone(),
                time: plan.origin.list_time,
            },
            matched_from: plan.origin.matched_from.as_ref().map(|from| Matched {
                name: from.name.clone(),
                hash: from.hash.clone(),
            }),
            rules_hash: plan.origin.rules_hash.clone(),
            query: plan.origin.query.clone(),
            note: plan.origin.note.clone(),
            repeated: plan.repeated,
            warnings: plan.warnings.iter().map(FileWarning::of).collect(),
            allowed: self.allowed.clone(),
            devices: plan.devices.iter().map(FileDevice::of).collect(),
            rows: self.rows.clone(),
            left_out: plan.left_out.iter().map(FileLeftOut::of).collect(),
            digest: self.digest.clone(),
            signatures: self.signatures.clone(),
        }
    }
}

impl File {
    fn read(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let version = serde_json::from_slice::<Version>(bytes).map_err(PlanFileError::Shape)?;
        if !(OLDEST_VERSION..=VERSION).contains(&version.offboard_plan) {
            return Err(PlanFileError::Version(version.offboard_plan));
        }
        serde_json::from_slice(bytes).map_err(PlanFileError::Shape)
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Of the values, not of how they are laid out on the lines.
    fn digest_of_the_rest(&self) -> serde_json::Result<String> {
        let mut values = serde_json::to_value(self)?;
        if let Some(values) = values.as_object_mut() {
            values.remove("digest");
            values.remove("signatures");
        }
        Ok(hex(&Sha256::digest(serde_json::to_vec(&values)?)))
    }

    fn into_plan(self, now: Timestamp, sizes: CallSizes) -> Result<Plan, PlanFileError> {
        let mut warnings: Vec<Warning> = self
            .warnings
            .into_iter()
            .filter_map(FileWarning::into_warning)
            .collect();
        warnings.extend(super::build::old_list(self.list.time, now));
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
            warnings,
            sizes,
            origin: Origin {
                list_name: self.list.name,
                list_hash: self.list.hash,
                list_time: self.list.time,
                planned_at: self.planned_at,
                known_slot: self.known_slot,
                query: self.query,
                note: self.note,
                rules_hash: self.rules_hash,
                approvals: Vec::new(),
                retry_of: None,
                matched_from: self.matched_from.map(|from| MatchedFrom {
                    name: from.name,
                    hash: from.hash,
                }),
            },
        })
    }
}

impl FileWarning {
    fn of(warning: &Warning) -> Self {
        match *warning {
            Warning::RuleMatchesNone { ref rules } => Self::RuleMatchesNone {
                rules: rules.clone(),
            },
            Warning::Recent { devices } => Self::Recent { devices },
            Warning::OldList { age } => Self::OldList {
                seconds: age.as_secs(),
            },
            Warning::Most { devices, of } => Self::Most { devices, of },
            Warning::NotInInventory { devices, age } => Self::NotInInventory {
                devices,
                seconds: age.map(|age| age.as_secs()),
            },
        }
    }

    /// None for the list's age, which is measured anew.
    fn into_warning(self) -> Option<Warning> {
        match self {
            Self::Recent { devices } => Some(Warning::Recent { devices }),
            Self::Most { devices, of } => Some(Warning::Most { devices, of }),
            Self::NotInInventory { devices, seconds } => Some(Warning::NotInInventory {
                devices,
                age: seconds.map(Duration::from_secs),
            }),
            Self::RuleMatchesNone { rules } => Some(Warning::RuleMatchesNone { rules }),
            Self::OldList { .. } => None,
        }
    }
}

impl FileDevice {
    fn of(device: &PlannedDevice) -> Self {
        Self {
            kind: device.identifier.kind().as_str().to_owned(),
            identifier: device.identifier.to_string(),
            hwid: device.hwid.as_ref().map(ToString::to_string),
            macs: device.macs.iter().map(ToString::to_string).collect(),
            hostname: device.hostname.clone(),
            nickname: device.nickname.clone(),
            user: device.user.clone(),
            r#type: device.device_type.clone(),
            group: device.group.clone(),
            last_seen: device.last_seen,
            enrolled: device.enrolled,
            matched_by: device.matched_by.map(|rule| rule.as_str().to_owned()),
            removed_by: device.removed_by.map(|run| hex(run.bytes())),
        }
    }

    fn into_planned(self) -> Result<PlannedDevice, PlanFileError> {
        let kind =
            IdentifierKind::from_name(&self.kind).ok_or_else(|| unreadable("kind", &self.kind))?;
        let identifier = Identifier::parse(kind, &self.identifier)
            .map_err(|_| unreadable("identifier", &self.identifier))?;
        let hwid = self
            .hwid
            .map(|hwid| Hwid::parse(&hwid).map_err(|_| unreadable("hwid", &hwid)))
            .transpose()?;
        let macs: Vec<MacAddress> = self
            .macs
            .iter()
            .map(|mac| MacAddress::parse(mac).map_err(|_| unreadable("mac", mac)))
            .collect::<Result<_, _>>()?;
        // By its identifiers other runs know the device: what is sent must be one of them.
        let is_its_own = match &identifier {
            Identifier::Hwid(sent) => hwid.as_ref() == Some(sent),
            Identifier::Mac(sent) => macs.contains(sent),
        };
        if !is_its_own {
            return Err(unreadable("identifier", &self.identifier));
        }
        let rule = |word: &String| {
            MatchRule::from_name(word).ok_or_else(|| unreadable("matched_by", word))
        };
        let run = |id: &String| RunId::from_hex(id).ok_or_else(|| unreadable("removed_by", id));
        Ok(PlannedDevice {
            enrolled: self.enrolled,
            matched_by: self.matched_by.as_ref().map(rule).transpose()?,
            removed_by: self.removed_by.as_ref().map(run).transpose()?,
            identifier,
            hwid,
            macs,
            hostname: self.hostname,
            nickname: self.nickname,
            user: self.user,
            device_type: self.r#type,
            group: self.group,
            last_seen: self.last_seen,
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

fn unreadable(what: &str, value: &str) -> PlanFileError {
    let value = crate::text::visible(crate::text::head(value, 60)).into_owned();
    PlanFileError::Value(format!("{what} '{value}' is none"))
}

#[cfg(test)]
mod tests;
