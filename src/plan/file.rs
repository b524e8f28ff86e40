//! Plan files: a plan that is saved now and sent later, once.
//!
//! The file has everything that the confirmation screen would show, the count, the hash of what is sent,
//! and a digest of all of it. Reading it checks that they agree, so that what was reviewed is what is
//! sent. The sizes of calls are not in it: the configuration defines them when the plan is sent.

mod format;

use std::io::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::format::{File, VERSION};
use super::{CallSizes, Plan};

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

/// Why a plan file isn't sent although it holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownProvenance {
    /// The journal remembers another file of this plan.
    #[error("it is not the file that was written: plan again")]
    Changed,
    /// The journal remembers no file of this plan.
    #[error(
        "it was not written with this state directory, and no approver signed it: plan again here, \
         or have it approved with `offboard approve`"
    )]
    NotWritten,
}

/// Who vouches for a plan file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// It was written with this journal.
    ThisJournal,
    /// It was written elsewhere, and approvers signed it.
    Approved,
}

/// A plan, and the other contents of its file.
#[derive(Clone, Debug)]
pub struct PlanFile {
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
        let local = local_part(name);
        self.keys.iter().any(|key| key == fingerprint)
            || self.users.iter().any(|user| {
                local_part(user).eq_ignore_ascii_case(local) || user.eq_ignore_ascii_case(name)
            })
    }
}

/// A user's name without the domain: `ada` of `ada@example.com`, and of `EXAMPLE\ada`.
pub(super) fn local_part(name: &str) -> &str {
    let local = name.split_once('@').map_or(name, |(local, _)| local);
    local.rsplit_once('\\').map_or(local, |(_, user)| user)
}

impl PlanFile {
    /// Writes it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        File::of(self).write(out)
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

    /// Checks that nobody forged it: it has the digest that the journal `remembers` of this plan's
    /// file, or this many approvers signed it.
    pub fn check_origin(
        &self,
        remembered: Option<&str>,
        approvals: usize,
    ) -> Result<Provenance, UnknownProvenance> {
        match remembered {
            Some(digest) if digest == self.digest => Ok(Provenance::ThisJournal),
            _ if approvals > 0 => Ok(Provenance::Approved),
            Some(_) => Err(UnknownProvenance::Changed),
            None => Err(UnknownProvenance::NotWritten),
        }
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
        file.digest = File::of(&file).digest_of_the_rest()?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests;
