//! Devices that come back after they were deleted, or whose record stays.

use std::collections::HashSet;

use crate::domain::action::Action;

/// What a device does after its deletion was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterDeletion {
    /// Its record goes, and nothing follows.
    NothingFollows,
    /// The deletion is accepted, and the record remains.
    RecordRemains,
    /// Its agent lives on and reports again, under the same hardware ID.
    ReportsAgain,
    /// The computer is reimaged and enrols under a new hardware ID.
    EnrolsAgain,
}

/// Which devices come back. It depends on the seed and the device alone.
#[derive(Debug, Default)]
pub(super) struct Returns {
    seed: u64,
    percent: u8,
    /// What they did once: the next deletion is for good.
    decided: HashSet<usize>,
    /// Those that come back before the tenant is read again.
    due: Vec<(usize, AfterDeletion)>,
}

impl Returns {
    /// `percent` of the devices.
    pub fn new(seed: u64, percent: u8) -> Self {
        Self {
            seed,
            percent,
            ..Self::default()
        }
    }

    /// Decides about the device of this number, whose deletion was accepted.
    pub fn decide(&mut self, device: usize, action: Action) -> AfterDeletion {
        if self.percent == 0 || !self.decided.insert(device) {
            return AfterDeletion::NothingFollows;
        }
        let mut random = self.random(device);
        if random.u8(..100) >= self.percent {
            return AfterDeletion::NothingFollows;
        }
        let afterwards = match random.u8(..3) {
            // An uninstall leaves every record.
            0 if action == Action::Uninstall => AfterDeletion::NothingFollows,
            0 => AfterDeletion::RecordRemains,
            1 => AfterDeletion::ReportsAgain,
            _ => AfterDeletion::EnrolsAgain,
        };
        if matches!(
            afterwards,
            AfterDeletion::ReportsAgain | AfterDeletion::EnrolsAgain
        ) {
            self.due.push((device, afterwards));
        }
        afterwards
    }

    /// Those that come back now.
    pub fn take_due(&mut self) -> Vec<(usize, AfterDeletion)> {
        std::mem::take(&mut self.due)
    }

    /// The hardware ID of a device after it was reimaged.
    pub fn new_hwid(&self, device: usize) -> String {
        let mut random = self.random(device);
        random.u64(..);
        format!("{:016x}", random.u64(..))
    }

    fn random(&self, device: usize) -> fastrand::Rng {
        let device = (device as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        fastrand::Rng::with_seed(self.seed ^ device)
    }
}
