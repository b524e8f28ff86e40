//! Which lists prove that a device is absent.

use jiff::Timestamp;

use crate::domain::target::Target;
use crate::list::DeviceList;
use crate::platform::clock::HOST_CLOCK_TOLERANCE;
use crate::text::visible;

/// What a verification is based on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Where it comes from.
    pub source: EvidenceSource,
    /// The moment from which on it holds: when the fetch of the inventory began, or when the lookup was
    /// answered.
    pub time: Timestamp,
}

/// Where a verification comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceSource {
    /// A complete inventory.
    Inventory {
        /// SHA-256 of the list's text, in hexadecimal.
        hash: String,
        /// The number of its devices.
        devices: u64,
    },
    /// Device Details.
    Lookup,
}

impl EvidenceSource {
    /// The name in the journal and in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Inventory { .. } => "inventory",
            Self::Lookup => "lookup",
        }
    }
}

/// Why a list proves nothing about a tenant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// It isn't a fetched list.
    #[error(
        "it is not an inventory that `offboard fetch` read: what another list lacks may be in the tenant"
    )]
    NotFetched,
    /// It is of another tenant or account.
    #[error("it is of {0}")]
    OtherTenant(String),
    /// It is not complete.
    #[error("{0}: a partial inventory proves nothing")]
    Partial(String),
    /// It has no device.
    #[error("it has no device: an empty inventory proves nothing")]
    Empty,
    /// Its time is in the future.
    #[error("its time, {}, is in the future: correct the clock, and fetch it again", .0.strftime("%Y-%m-%d %H:%M UTC"))]
    Future(Timestamp),
}

impl Evidence {
    /// What `list` is evidence of, about this target.
    ///
    /// # Errors
    ///
    /// Unless the list is a complete inventory of the target's tenant and account that has a device and was
    /// read before `now`.
    pub fn of_inventory(
        list: &DeviceList,
        target: &Target,
        now: Timestamp,
    ) -> Result<Self, Unproven> {
        let (Some(tenant), Some(time)) = (list.tenant(), list.fetched_at()) else {
            return Err(Unproven::NotFetched);
        };
        if (tenant, list.account()) != (target.tenant.as_str(), target.account.as_deref()) {
            let account = list
                .account()
                .map_or(String::new(), |account| format!(", account {account}"));
            let other = format!("{tenant}{account}");
            return Err(Unproven::OtherTenant(visible(&other).into_owned()));
        }
        if let Some(truncation) = list.truncation() {
            return Err(Unproven::Partial(truncation.to_string()));
        }
        if list.is_empty() {
            return Err(Unproven::Empty);
        }
        if time.duration_since(now) > HOST_CLOCK_TOLERANCE {
            return Err(Unproven::Future(time));
        }
        Ok(Self {
            source: EvidenceSource::Inventory {
                hash: list.hash().to_owned(),
                devices: list.counts().devices,
            },
            time,
        })
    }
}
