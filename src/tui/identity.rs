//! Which device something is about, and what the journal knows it by.

use crate::domain::device::{Hwid, MacAddress};
use crate::domain::run::RunId;
use crate::list::DeviceId;

/// The device that something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceRef {
    Listed(DeviceId),
    /// A device of a run, by ordinal, that the list doesn't hold.
    OfRun(RunId, u32),
}

/// By what the journal knows a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub hwid: Option<Hwid>,
    pub macs: Vec<MacAddress>,
}
