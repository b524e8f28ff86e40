//! The domain types: devices, actions, outcomes, runs, exit codes, targets and the rate limit.
//!
//! All of it is pure: no I/O and no clock.

pub mod action;
pub mod device;
pub mod exit;
pub mod licences;
pub mod outcome;
pub mod rate_limit;
pub mod run;
pub mod target;
pub mod trend;
