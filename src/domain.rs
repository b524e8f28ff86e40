//! What the program deals with: devices, actions, outcomes, runs, exit codes, targets and the rate
//! limit.
//!
//! Everything here is pure: no I/O, no clock of its own.

pub mod action;
pub mod device;
pub mod exit;
pub mod outcome;
pub mod rate_limit;
pub mod run;
pub mod target;
