//! Which device something is about, and what the journal knows it by.

use crate::domain::device::{Hwid, MacAddress};
use crate::domain::run::RunId;
use crate::list::DeviceId;

/// The device that something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A device of the list.
    Listed(DeviceId),
    /// A device of a run, by ordinal, that the list doesn't hold.
    OfRun(RunId, u32),
}

/// By what the journal knows a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its HWID.
    pub hwid: Option<Hwid>,
    /// Its MACs.
    pub macs: Vec<MacAddress>,
}
