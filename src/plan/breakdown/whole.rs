//! Users and host names of which a plan holds every record of the list.

use std::collections::HashMap;

use crate::list::DeviceList;
use crate::plan::Plan;
use crate::query::is_distinctive_name;

/// The users and host names of which all records, two or more, are planned; in lower case.
#[derive(Debug, Default)]
pub(super) struct WholeRecords {
    users: HashMap<String, Records>,
    hostnames: HashMap<String, Records>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Records {
    planned: u64,
    listed: u64,
}

impl Records {
    fn is_whole(self) -> bool {
        self.listed > 1 && self.planned == self.listed
    }
}

impl WholeRecords {
    /// Counts the records of the plan's users and host names in the plan and in its list.
    pub(super) fn of(plan: &Plan, list: &DeviceList) -> Self {
        let mut records = Self::default();
        // Skip devices that are not in the list.
        let devices = plan.devices.iter().zip(&plan.sources);
        for (device, _) in devices.filter(|(_, source)| source.is_some()) {
            if !device.user.is_empty() {
                let user = records.users.entry(key(&device.user));
                user.or_default().planned += 1;
            }
            if is_distinctive_name(&device.hostname) {
                let hostname = records.hostnames.entry(key(&device.hostname));
                hostname.or_default().planned += 1;
            }
        }
        for device in list.ids().map(|id| list.device(id)) {
            for (known, name) in [
                (&mut records.users, device.user()),
                (&mut records.hostnames, device.hostname()),
            ] {
                if !name.is_empty()
                    && let Some(found) = known.get_mut(&key(name))
                {
                    found.listed += 1;
                }
            }
        }
        records.users.retain(|_, records| records.is_whole());
        records.hostnames.retain(|_, records| records.is_whole());
        records
    }

    /// True if every record of the user is planned.
    pub(super) fn has_user(&self, user: &str) -> bool {
        !self.users.is_empty() && self.users.contains_key(&key(user))
    }

    /// True if every record of the host name is planned.
    pub(super) fn has_hostname(&self, hostname: &str) -> bool {
        !self.hostnames.is_empty() && self.hostnames.contains_key(&key(hostname))
    }
}

/// Names are the same whatever their case.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}
