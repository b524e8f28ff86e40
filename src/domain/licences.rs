//! How many licences of the account are used, as the tenant counts them.

use std::fmt;

use jiff::Timestamp;

use crate::text::grouped;

/// The licences of an account at a moment: measured, never computed from what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licences {
    /// Devices that use one.
    pub used: u64,
    /// Devices that may use a licence.
    pub allowed: u64,
    /// When the tenant reported it.
    pub measured_at: Timestamp,
}

/// `487 of 500 used`.
impl fmt::Display for Licences {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, allowed) = (grouped(self.used), grouped(self.allowed));
        write!(formatter, "{used} of {allowed} used")
    }
}

/// The licences before and after a run, where they were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunLicences {
    /// Before its first call.
    pub before: Option<Licences>,
    /// After its last call.
    pub after: Option<Licences>,
}

impl RunLicences {
    /// Both numbers in a few words; none if neither was measured. Other changes of the account's devices
    /// count too, so that the difference is not the run's doing alone.
    pub fn sentence(&self, arrow: &str) -> Option<String> {
        match (self.before, self.after) {
            (Some(before), Some(after)) if before.allowed == after.allowed => {
                Some(format!("{} {arrow} {after}", grouped(before.used)))
            }
            (Some(before), Some(after)) => Some(format!("{before} {arrow} {after}")),
            (Some(before), None) => Some(format!("{before} before")),
            (None, Some(after)) => Some(format!("{after} after")),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_has_what_was_measured() {
        let licences = |used, allowed| {
            Some(Licences {
                used,
                allowed,
                measured_at: Timestamp::UNIX_EPOCH,
            })
        };
        let sentence = |before, after| RunLicences { before, after }.sentence("→");
        let (before, after) = (licences(1487, 1500), licences(412, 1500));
        assert_eq!(sentence(None, None), None);
        assert_eq!(
            sentence(before, None).as_deref(),
            Some("1,487 of 1,500 used before")
        );
        assert_eq!(
            sentence(None, after).as_deref(),
            Some("412 of 1,500 used after")
        );
        assert_eq!(
            sentence(before, after).as_deref(),
            Some("1,487 → 412 of 1,500 used")
        );
        assert_eq!(
            sentence(before, licences(412, 1000)).as_deref(),
            Some("1,487 of 1,500 used → 412 of 1,000 used")
        );
    }
}
