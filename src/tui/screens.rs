//! The screens: devices, run, failures and history.

pub mod devices;
pub mod failures;
pub mod history;
pub mod run;
