//! The tenant's inventory, with which other lists are matched and checked.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::CommandError;
use super::workspace::{Workspace, open_list};
use crate::fetch::FetchDestination;
use crate::list::{DeviceList, ReadOptions};
use crate::plan::{ListSize, Plan, PlannedDevice, SizeOf, Warning};
use crate::text;

/// The inventory that is available, if any.
#[derive(Clone, Debug)]
pub(super) enum AvailableInventory {
    /// No inventory was fetched.
    None,
    /// The inventory can't be used, for this reason.
    Unusable(String),
    /// A complete inventory of the workspace's tenant.
    Whole(Arc<DeviceList>),
}

/// Identifies a version of a file: device, inode, size, time of change.
type FileVersion = (u64, u64, u64, i64, i64);

/// A cache of the last fetched inventory, read again only when its file has changed.
#[derive(Debug, Default)]
pub(super) struct InventoryCache(Mutex<Option<(FileVersion, AvailableInventory)>>);

impl InventoryCache {
    /// The current inventory.
    pub(super) fn last_fetched(&self, workspace: &Workspace) -> AvailableInventory {
        let path = path(workspace);
        let Ok(metadata) = path.metadata() else {
            return AvailableInventory::None;
        };
        let stamp = (
            metadata.dev(),
            metadata.ino(),
            metadata.size(),
            metadata.mtime(),
            metadata.mtime_nsec(),
        );
        // A poisoned lock still holds a complete value or none.
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some((known, inventory)) if *known == stamp => inventory.clone(),
            _ => {
                let inventory = read(workspace, &path);
                *cached = Some((stamp, inventory.clone()));
                inventory
            }
        }
    }
}

/// The path of the profile's last fetched list, whether or not it exists.
pub(super) fn path(workspace: &Workspace) -> PathBuf {
    FetchDestination::default_for(&workspace.state_dir, &workspace.target.profile).path
}

/// Why no list can be opened if none is given.
pub(super) const NO_LIST: &str = "no list is named: give LIST, set `list` in the profile, or read the inventory with `offboard fetch`";

/// The list of a command that is given none: the profile's, else the last fetched inventory.
pub(super) fn default_list(workspace: &Workspace) -> Option<PathBuf> {
    let fetched = || Some(path(workspace)).filter(|path| path.exists());
    workspace.profile.list.clone().or_else(fetched)
}

fn read(workspace: &Workspace, path: &Path) -> AvailableInventory {
    let unusable = |reason: &str| {
        AvailableInventory::Unusable(format!("{}: {reason}", text::visible_path(path)))
    };
    let list = match open_list(
        path,
        &workspace.state_dir,
        &ReadOptions::default(),
        &mut |_| {},
    ) {
        Ok(list) => list,
        Err(failure) => return unusable(&failure.message()),
    };
    if let Some(truncation) = list.truncation() {
        return unusable(&truncation.to_string());
    }
    match workspace.check_list(&list) {
        Ok(()) => AvailableInventory::Whole(Arc::new(list)),
        Err(failure) => unusable(&failure.message()),
    }
}

/// The inventory to check a plan of another list against. Fails if a named one can't be used.
pub(super) fn to_check_against(
    workspace: &Workspace,
    named: Option<&Path>,
) -> Result<AvailableInventory, CommandError> {
    let Some(path) = named else {
        return Ok(InventoryCache::default().last_fetched(workspace));
    };
    match read(workspace, path) {
        AvailableInventory::Unusable(reason) => {
            Err(CommandError::usage(format!("--inventory {reason}")))
        }
        inventory => Ok(inventory),
    }
}

/// The list at `path`, complete and of this tenant. How the command line says that a list is read is about
/// another one.
pub(super) fn open_named(
    workspace: &Workspace,
    path: &Path,
) -> Result<Arc<DeviceList>, CommandError> {
    let list = open_list(path, &workspace.state_dir, &workspace.lists, &mut |_| {})?;
    workspace.check_whole_list(&list)?;
    Ok(Arc::new(list))
}

/// True if `list` is the unchanged last fetched inventory.
pub(super) fn is_last_fetched(workspace: &Workspace, list: &DeviceList) -> bool {
    let same = |path: &Path| path.canonicalize().ok();
    let read = same(Path::new(list.name()));
    read.is_some() && read == same(&path(workspace)) && !list.changed_since_read()
}

/// Adds the warnings of a plan whose list has fewer devices than the inventory, or devices that the
/// inventory lacks.
pub(super) fn warn(
    workspace: &Workspace,
    list: &DeviceList,
    plan: &mut Plan,
    inventory: &DeviceList,
    now: Timestamp,
) {
    let is_of_list = plan.origin.list_hash == list.hash();
    let is_warned = plan
        .warnings
        .iter()
        .any(|warning| warning.name() == "shrunk");
    if is_of_list && !is_warned {
        let expected = ListSize {
            devices: inventory.counts().devices,
            of: SizeOf::Inventory,
        };
        let guards = &workspace.limits.guards;
        plan.warnings
            .extend(guards.shrunk(list.counts().devices, expected));
    }
    plan.warnings.extend(warning(plan, inventory, now));
}

/// The warning for devices that the inventory lacks, unless the plan is of the inventory itself.
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

/// Searches by HWID; a device without one by any of its MACs.
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
