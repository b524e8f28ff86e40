//! The setup of a worker: journal, clock, target, credential and limits.

use std::sync::Arc;
use std::time::Duration;

use crate::api;
use crate::api::ClientError;
use crate::config::{Credential, CredentialError};
use crate::domain::device::Identifier;
use crate::domain::rate_limit::Budget;
use crate::domain::target::{Policy, Target};
use crate::journal::{Journal, Operator};
use crate::platform::clock::Clock;

/// Reads the credential when the first call is due.
pub type CredentialSource = Arc<dyn Fn() -> Result<Credential, CredentialError> + Send + Sync>;

/// Why no call can be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// The setup of a worker.
pub struct Setup {
    /// The worker's own connection.
    pub journal: Journal,
    /// Manual in simulations.
    pub clock: Clock,
    /// Where runs are sent.
    pub target: Target,
    /// How the tenant is reached.
    pub api: api::ClientSettings,
    /// Devices that the tenant should have, for lookups: see [`reference_devices`](super::reference_devices). They are
    /// read when they are needed, which may take a while.
    pub reference_devices: Arc<dyn Fn() -> Vec<Identifier> + Send + Sync>,
    /// Where the token comes from.
    pub credential: CredentialSource,
    /// The rate limit.
    pub budget: Budget,
    /// The limits and rules that a resumed run must meet.
    pub policy: Policy,
    /// Read the account's licences before and after runs, and after fetches.
    pub licences: bool,
    /// Resend what is in doubt by HWID once.
    pub resend_once: bool,
    /// In tests, the duration that stands for a minute of back-off.
    pub minute: Option<Duration>,
    /// Recorded with every confirmation.
    pub operator: Operator,
}
