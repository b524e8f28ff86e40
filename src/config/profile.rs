//! A profile: one tenant and how to reach it.

use std::path::PathBuf;

use reqwest::Url;

use super::CredentialSetting;
use crate::domain::target::Target;
use crate::list::ReadOptions;
use crate::plan::protection::Rules;

/// A profile: one tenant, and how to reach it.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The tenant's origin: https, or plain http on loopback.
    pub base_url: Url,
    /// Where the credential is; without one, lists can only be viewed.
    pub credential: Option<CredentialSetting>,
    /// With the origin, the key of budgets, overlaps and resumes.
    pub account: Option<String>,
    /// The list that is opened when none is named.
    pub list: Option<PathBuf>,
    /// True if nothing that changes the tenant may be sent.
    pub read_only: bool,
    /// Certificates in PEM, trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The proxy of all requests; environment variables are ignored.
    pub proxy: Option<Url>,
    /// Which devices are never sent.
    pub protect: Rules,
    /// How many other people must approve a plan.
    pub approvals: usize,
    /// A file in OpenSSH's `allowed_signers` format: who may approve.
    pub approvers: Option<PathBuf>,
    pub lists: ReadOptions,
}

impl Profile {
    /// Where runs of this profile, called `name`, are sent.
    pub fn target(&self, name: &str) -> Target {
        Target {
            tenant: self.base_url.origin().ascii_serialization(),
            account: self.account.clone(),
            profile: name.to_owned(),
        }
    }
}
