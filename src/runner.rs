//! Performs the engine's commands: commits, sends and sleeps, on a thread of its own.
//!
//! A process has one call in flight at a time. A front end holds a [`Driver`], gives it confirmed plans
//! and controls, and receives updates over a bounded channel. When the front end drops its driver, the
//! call in flight finishes and the run stops.
//!
//! The [`Worker`] is generic over its [`Transport`], and a test can give it a manual clock. Its journal
//! is always the real one, whose writes a test can make fail: `tests/simulation` drives this worker
//! through every fault.

mod admission;
mod budget_status;
mod calls;
mod driver;
mod failure;
mod inbox;
mod inventory;
mod licences;
mod lookups;
mod rate_limited;
mod refusal;
mod run;
mod session;
mod setup;
#[cfg(test)]
mod tests;
mod trace;
mod transport;
mod update;
mod worker;

pub use crate::config::{ClientCredentials, Credential, CredentialError};
pub use driver::Driver;
pub use failure::{EngineFailure, LookupEnd, SendError, SharedJournalError};
pub use lookups::{REFERENCE_CALLS, reference_devices};
pub use refusal::RunRefusal;
pub use setup::{CredentialSource, Setup};
pub use transport::{Connect, Transport};
pub use update::{
    FetchNews, LicenceNews, LookupCalls, LookupNews, News, ProbeResult, ReadingWait, Update,
};
pub use worker::Worker;
