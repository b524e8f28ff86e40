//! Approvals: signatures of other people over a plan's digest, as `ssh-keygen -Y sign` makes them.
//!
//! A file in OpenSSH's `allowed_signers` format (ssh-keygen(1)) lists who may approve.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ssh_key::authorized_keys::ConfigOpts;
use ssh_key::{HashAlg, PublicKey, SshSig};

use super::file::local_part;
use super::{PlanFile, Planner};

/// The namespace of the signatures, which keeps those of other purposes from counting.
pub const NAMESPACE: &str = "offboard-plan";

/// The people whose signatures count.
#[derive(Clone, Debug, Default)]
pub struct Approvers(Vec<Approver>);

#[derive(Clone, Debug)]
struct Approver {
    name: String,
    key: PublicKey,
    /// Without it, any namespace.
    namespaces: Option<Vec<String>>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// A line of the approvers' file that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ApproversError {
    /// Counted from 1.
    pub line: usize,
    problem: LineError,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum LineError {
    #[error("a quote is not closed")]
    OpenQuote,
    #[error("a name and a key are needed")]
    NoKey,
    #[error("not a key in OpenSSH's format: {0}")]
    Key(ssh_key::Error),
    #[error("invalid options: {0}")]
    Options(ssh_key::Error),
    #[error("the option {0} is not supported: name single keys")]
    UnsupportedOption(String),
    #[error("'{0}' is not a time as YYYYMMDD[HHMM[SS]]")]
    Time(String),
    #[error("'{0}' is a pattern: name each person")]
    Pattern(String),
}

/// Why a signature doesn't count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It isn't a signature.
    #[error("not readable: {0}")]
    Unreadable(ssh_key::Error),
    /// It is of something else, or for another purpose.
    #[error("not valid for this plan: {0}")]
    Invalid(ssh_key::Error),
    /// Holds the key's fingerprint.
    #[error("the key {0} does not belong to an approver")]
    UnknownKey(String),
    /// Holds the key's fingerprint.
    #[error("the key {0} is not valid now, or not for the namespace {NAMESPACE}")]
    NotValidNow(String),
    /// Holds the name.
    #[error("{0} planned it")]
    Planner(String),
    /// Holds the name.
    #[error("{0} sends it")]
    Sender(String),
    /// Another signature of the same person counts.
    #[error("{name} is the same person as {counted}, who is counted already")]
    SamePerson {
        /// The name of this one.
        name: String,
        /// The name of the other one.
        counted: String,
    },
}

/// A signature that doesn't count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature {number}: {reason}")]
pub struct IgnoredSignature {
    /// Its place in the file, from 1.
    pub number: usize,
    /// Why it doesn't count.
    pub reason: SignatureError,
}

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The approver's name in the approvers' file.
    pub name: String,
    /// SHA-256 of the key that signed, as OpenSSH prints it.
    pub fingerprint: String,
}

impl fmt::Display for Approval {
    /// The name and the key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.fingerprint)
    }
}

/// The result of verifying a plan file's signatures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    /// One per person, by name.
    pub counted: Vec<Approval>,
    /// The others.
    pub ignored: Vec<IgnoredSignature>,
}

impl Approvers {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, ApproversError> {
        let mut approvers = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let error = |problem| ApproversError {
                line: index + 1,
                problem,
            };
            approvers.extend(parse_line(content).map_err(error)?);
        }
        Ok(Self(approvers))
    }

    /// Verifies the signatures of a plan file. Those of its planner and of its sender, who could
    /// otherwise write a plan in another's name and approve it alone, don't count, and nobody counts
    /// twice, under whatever names.
    pub fn verify(&self, file: &PlanFile, sender: Option<&Planner>, now: Timestamp) -> Approvals {
        let mut counted: Vec<(Approval, BTreeSet<String>)> = Vec::new();
        let mut ignored = Vec::new();
        let message = file.message();
        for (number, pem) in (1..).zip(&file.signatures) {
            let approval = self.check(pem, &message, now);
            let of_other = approval.and_then(|approval| {
                let names = self.names_of_person(&approval);
                refuse_planner(file, &approval, &names)?;
                if sender.is_some_and(|sender| is_person(sender, &approval, &names)) {
                    return Err(SignatureError::Sender(approval.name));
                }
                let mut others = counted.iter();
                match others.find(|(_, others)| !names.is_disjoint(others)) {
                    None => Ok(Some((approval, names))),
                    Some((other, _)) if other.name == approval.name => Ok(None),
                    Some((other, _)) => Err(SignatureError::SamePerson {
                        name: approval.name,
                        counted: other.name.clone(),
                    }),
                }
            });
            match of_other {
                Ok(approval) => counted.extend(approval),
                Err(reason) => ignored.push(IgnoredSignature { number, reason }),
            }
        }
        let mut counted: Vec<Approval> = counted.into_iter().map(|(one, _)| one).collect();
        counted.sort_by(|one, other| one.name.cmp(&other.name));
        Approvals { counted, ignored }
    }

    /// All names of the person who signed, without domains: those of the key, and those of other keys that
    /// have one of these names.
    fn names_of_person(&self, approval: &Approval) -> BTreeSet<String> {
        let local = |name: &str| local_part(name).to_lowercase();
        let mut names = BTreeSet::from([local(&approval.name)]);
        let mut keys = BTreeSet::from([approval.fingerprint.clone()]);
        loop {
            let known = names.len() + keys.len();
            for approver in &self.0 {
                let key = approver.key.fingerprint(HashAlg::Sha256).to_string();
                let name = local(&approver.name);
                if keys.contains(&key) || names.contains(&name) {
                    keys.insert(key);
                    names.insert(name);
                }
            }
            if names.len() + keys.len() == known {
                return names;
            }
        }
    }

    fn check(&self, pem: &str, message: &[u8], now: Timestamp) -> Result<Approval, SignatureError> {
        let signature = SshSig::from_pem(pem).map_err(SignatureError::Unreadable)?;
        let key = PublicKey::from(signature.public_key().clone());
        key.verify(NAMESPACE, message, &signature)
            .map_err(SignatureError::Invalid)?;
        self.approver_with(&key, now)
    }

    /// The approver whose key this is, if it is valid now.
    fn approver_with(&self, key: &PublicKey, now: Timestamp) -> Result<Approval, SignatureError> {
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        let mut known = self
            .0
            .iter()
            .filter(|known| known.key.key_data() == key.key_data())
            .peekable();
        if known.peek().is_none() {
            return Err(SignatureError::UnknownKey(fingerprint));
        }
        let Some(approver) = known.find(|approver| approver.is_valid_at(now)) else {
            return Err(SignatureError::NotValidNow(fingerprint));
        };
        Ok(Approval {
            name: approver.name.clone(),
            fingerprint,
        })
    }

    /// Why a signature by this key would not count, before it is made.
    pub fn check_signer(
        &self,
        file: &PlanFile,
        key: &PublicKey,
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let approval = self.approver_with(key, now)?;
        refuse_planner(file, &approval, &self.names_of_person(&approval))
    }

    /// True if the key is in the approvers' file, whether it is valid or not.
    pub fn knows(&self, key: &PublicKey) -> bool {
        let mut all = self.0.iter();
        all.any(|known| known.key.key_data() == key.key_data())
    }

    /// The names whose signatures under this plan file would count now.
    pub fn names_for(&self, file: &PlanFile, now: Timestamp) -> BTreeSet<&str> {
        let counts = |one: &&Approver| self.check_signer(file, &one.key, now).is_ok();
        let names = self.0.iter().filter(counts);
        names.map(|one| one.name.as_str()).collect()
    }
}

/// An error if the person with these names planned it.
fn refuse_planner(
    file: &PlanFile,
    approval: &Approval,
    names: &BTreeSet<String>,
) -> Result<(), SignatureError> {
    if is_person(&file.planner, approval, names) {
        return Err(SignatureError::Planner(approval.name.clone()));
    }
    Ok(())
}

fn is_person(person: &Planner, approval: &Approval, names: &BTreeSet<String>) -> bool {
    let mut names = names.iter();
    names.any(|name| person.is(name, &approval.fingerprint))
}

impl Approver {
    fn is_valid_at(&self, now: Timestamp) -> bool {
        let allows = |names: &Vec<String>| names.iter().any(|name| name == NAMESPACE);
        self.namespaces.as_ref().is_none_or(allows)
            && self.from.is_none_or(|from| now >= from)
            && self.until.is_none_or(|until| now < until)
    }
}

/// One approver per name of the line.
fn parse_line(line: &str) -> Result<Vec<Approver>, LineError> {
    let (names, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(LineError::OpenQuote)?,
        None => line
            .split_once(char::is_whitespace)
            .ok_or(LineError::NoKey)?,
    };
    let (options, key) = split_options(rest.trim());
    let key = PublicKey::from_openssh(key).map_err(LineError::Key)?;
    let options = ConfigOpts::new(options).map_err(LineError::Options)?;
    let (mut namespaces, mut from, mut until) = (None, None, None);
    for option in options.iter() {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => namespaces = Some(value.split(',').map(str::to_owned).collect()),
            "valid-after" => from = Some(parse_time(value)?),
            "valid-before" => until = Some(parse_time(value)?),
            _ => return Err(LineError::UnsupportedOption(name.to_owned())),
        }
    }
    names
        .split(',')
        .map(|name| {
            if name.is_empty() || name.contains(['*', '?', '!']) {
                return Err(LineError::Pattern(name.to_owned()));
            }
            Ok(Approver {
                name: name.to_owned(),
                key: key.clone(),
                namespaces: namespaces.clone(),
                from,
                until,
            })
        })
        .collect()
}

/// The options before a key, which may hold spaces in quotes, and the key.
fn split_options(text: &str) -> (&str, &str) {
    if PublicKey::from_openssh(text).is_ok() {
        return ("", text);
    }
    let mut quoted = false;
    let is_end = |character: char| {
        quoted ^= character == '"';
        !quoted && character.is_whitespace()
    };
    text.split_once(is_end).unwrap_or(("", text))
}

/// `YYYYMMDD[HHMM[SS]]`, in local time, or in UTC with a `Z` behind it.
fn parse_time(text: &str) -> Result<Timestamp, LineError> {
    let (digits, zone) = match text.strip_suffix('Z') {
        Some(digits) => (digits, TimeZone::UTC),
        None => (text, TimeZone::system()),
    };
    let padded = format!("{digits:0<14}");
    let parsed = match digits.len() {
        8 | 12 | 14 => DateTime::strptime("%Y%m%d%H%M%S", &padded).ok(),
        _ => None,
    };
    parsed
        .and_then(|time| zone.to_timestamp(time).ok())
        .ok_or_else(|| LineError::Time(text.to_owned()))
}

#[cfg(test)]
mod tests;
