//! The tenant's inventory: what other lists are matched with, and checked against.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::Failure;
use super::workspace::{Workspace, open_list};
use crate::fetch::FetchDestination;
use crate::list::{DeviceList, ReadOptions};
use crate::plan::{Plan, PlannedDevice, Warning};
use crate::text;

/// What there is of an inventory.
#[derive(Clone, Debug)]
pub(super) enum Inventory {
    /// None was fetched.
    None,
    /// It can't be compared with, for this reason.
    Unusable(String),
    /// It is whole, and of the workspace's tenant.
    Whole(Arc<DeviceList>),
}

/// What tells whether a file is still the one that was read: device, inode, size, time of change.
type Stamp = (u64, u64, u64, i64, i64);

/// The last fetched inventory, read again only when its file has changed.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Option<(Stamp, Inventory)>>);

impl Shelf {
    /// The inventory as it is now.
    pub(super) fn last_fetched(&self, workspace: &Workspace) -> Inventory {
        let path = path(workspace);
        let Ok(metadata) = path.metadata() else {
            return Inventory::None;
        };
        let stamp = (
            metadata.dev(),
            metadata.ino(),
            metadata.size(),
            metadata.mtime(),
            metadata.mtime_nsec(),
        );
        // What a thread that panicked left is a whole value or none.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((known, inventory)) if *known == stamp => inventory.clone(),
            _ => {
                let inventory = read(workspace, &path);
                *kept = Some((stamp, inventory.clone()));
                inventory
            }
        }
    }
}

/// Where the profile's last fetched list is, or would be.
pub(super) fn path(workspace: &Workspace) -> std::path::PathBuf {
    FetchDestination::default_for(&workspace.state_dir, &workspace.target.profile).path
}

fn read(workspace: &Workspace, path: &Path) -> Inventory {
    let shown = path.display().to_string();
    let unusable = |why: &str| Inventory::Unusable(format!("{}: {why}", text::visible(&shown)));
    let list = match open_list(
        path,
        &workspace.state_dir,
        &ReadOptions::default(),
        &mut |_| {},
    ) {
        Ok(list) => list,
        Err(failure) => return unusable(&failure.message()),
    };
    if let Some(why) = list.truncation() {
        return unusable(&why.to_string());
    }
    match workspace.check_list(&list) {
        Ok(()) => Inventory::Whole(Arc::new(list)),
        Err(why) => unusable(&why),
    }
}

/// The inventory to check a plan of another list against. One that was named must be usable.
pub(super) fn to_check_against(
    workspace: &Workspace,
    named: Option<&Path>,
) -> Result<Inventory, Failure> {
    let Some(path) = named else {
        return Ok(Shelf::default().last_fetched(workspace));
    };
    match read(workspace, path) {
        Inventory::Unusable(why) => Err(Failure::usage(format!("--inventory {why}"))),
        inventory => Ok(inventory),
    }
}

/// True if `list` was read from the file that is the last fetched inventory now.
pub(super) fn is_last_fetched(workspace: &Workspace, list: &DeviceList) -> bool {
    let same = |path: &Path| path.canonicalize().ok();
    let read = same(Path::new(list.name()));
    read.is_some() && read == same(&path(workspace)) && !list.changed_since_read()
}

/// The warning of devices that the inventory doesn't have, unless the plan is of the inventory.
pub(super) fn warning(plan: &Plan, inventory: &DeviceList, now: Timestamp) -> Option<Warning> {
    if plan.origin.list_hash == inventory.hash() {
        return None;
    }
    let missing = plan.devices.iter();
    let missing = missing.filter(|device| !has(inventory, device)).count() as u64;
    let age = inventory.time().map(|time| now.duration_since(time));
    (missing > 0).then(|| Warning::NotInInventory {
        devices: missing,
        age: age.map(|age| Duration::try_from(age).unwrap_or_default()),
    })
}

/// By its HWID; a device without one by any MAC.
fn has(inventory: &DeviceList, device: &PlannedDevice) -> bool {
    match &device.hwid {
        Some(hwid) => inventory.find_hwid(hwid.as_str()).is_some(),
        None => {
            let macs = device.macs.iter().filter(|mac| !mac.is_known_constant());
            macs.into_iter()
                .any(|&mac| !inventory.find_mac(mac).is_empty())
        }
    }
}
