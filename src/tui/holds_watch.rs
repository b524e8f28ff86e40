//! When the holds were looked at, and how they were.

use crate::journal::HoldsVersion;
use crate::platform::clock::BootTime;

#[derive(Clone, Copy, Debug, Default)]
pub struct HoldsWatch {
    /// What they were, once read.
    pub version: Option<HoldsVersion>,
    /// When they were last asked for; none before the first time.
    pub looked_at: Option<BootTime>,
}

impl HoldsWatch {
    /// The holds as they were when the list was opened: what changes from then on is read.
    pub fn since(version: Option<HoldsVersion>) -> Self {
        Self {
            version,
            looked_at: None,
        }
    }
}
