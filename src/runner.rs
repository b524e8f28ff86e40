//! Performs what the step machine asks for: commits, sends and sleeps, on a thread of its own.
//!
//! One call is in flight in a process. A front end holds a [`Driver`], hands it confirmed plans and
//! controls, and hears of everything through a bounded channel. When the front end goes away, the
//! call in flight finishes and the run stops.
//!
//! The [`Worker`] is generic over its [`Transport`]. Its clock may be a manual one, and its journal
//! is always the real one, whose writes a test can make fail: `tests/simulation` drives this very
//! worker through every fault.

mod admission;
mod budget_status;
mod calls;
mod driver;
mod inbox;
mod inventory;
mod lookups;
mod rate_limited;
mod run;
mod session;
mod setup;
#[cfg(test)]
mod tests;
mod trace;
mod transport;
mod update;
mod worker;

pub use crate::config::{ClientCredentials, Credential};
pub use driver::{Driver, SendError};
pub use lookups::controls;
pub use setup::{CredentialSource, Setup};
pub use transport::{Connect, Transport};
pub use update::{FetchNews, LookupNews, News, Probe, Update};
pub use worker::Worker;
