//! Reads the tenant's inventory into a list, page by page, and resumes at the last page after a stop.
//!
//! A checkpoint file stores the devices and the next page's token; each page is durable before the
//! next is requested. The list itself is replaced in one step. The runner makes the calls.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::api::{Page, PageAnswer};
use crate::domain::target::Target;
use crate::engine::retry_policy::ReadFailure;
use crate::list::DeviceList;
use crate::platform::clock::SERVER_CLOCK_TOLERANCE;
use crate::platform::{file, state_dir};
use crate::text::{counted, visible};

mod changes;
mod checkpoint;

pub use changes::{Attribution, InventoryChanges};
use checkpoint::{Checkpoint, CheckpointError};

/// Where a fetch writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchDestination {
    pub path: PathBuf,
    checkpoint: PathBuf,
    /// Locked by the process that fetches.
    lock: PathBuf,
    profile: String,
}

impl FetchDestination {
    /// The profile's own list in the state directory.
    pub fn default_for(state_dir: &Path, profile: &str) -> Self {
        let lists = state_dir.join("lists");
        let name = file_name(profile);
        Self {
            path: lists.join(format!("{name}.jsonl")),
            checkpoint: lists.join(format!("{name}.part")),
            lock: lists.join(format!("{name}.lock")),
            profile: profile.to_owned(),
        }
    }

    /// Another file for the list.
    #[must_use]
    pub fn at(self, path: PathBuf) -> Self {
        Self { path, ..self }
    }

    /// Refuses a path that the list can't or must not replace, before anything is read: only a
    /// fetched list is ever overwritten.
    pub fn check(&self) -> Result<(), FetchError> {
        let shown = self.path.display().to_string();
        let refused = |what: &str| {
            Err(FetchError::Destination(format!(
                "{} {what}",
                visible(&shown)
            )))
        };
        let Ok(metadata) = self.path.symlink_metadata() else {
            return Ok(());
        };
        if !metadata.is_file() {
            return refused("is not a regular file: name another path");
        }
        if metadata.len() > 0 && !is_ours(&self.path) {
            return refused(
                "exists and is not a list that offboard fetched: name another path, or move it away",
            );
        }
        Ok(())
    }

    fn lock(&self) -> Result<File, FetchError> {
        let storage = |error: std::io::Error| {
            FetchError::Storage(format!("{}: {error}", self.lock.display()))
        };
        if let Some(directory) = self.lock.parent() {
            state_dir::private_directory(directory).map_err(storage)?;
        }
        let file = file::private_file(&self.lock).map_err(storage)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(FetchError::Busy(self.profile.clone())),
            Err(TryLockError::Error(error)) => Err(storage(error)),
        }
    }
}

/// True for a file that begins with the header of a fetched list.
fn is_ours(path: &Path) -> bool {
    let mut head = [0; checkpoint::STAMP.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *checkpoint::STAMP
}

/// Why a fetch ended before the last page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The operator or a signal stopped it; holds the number of devices read.
    #[error(
        "stopped with {} read: the same command continues from there within the hour",
        counted(*.0, "device")
    )]
    Stopped(u64),
    /// The tenant can't be read now; the checkpoint remains.
    #[error("{failure}{}", resume_hint(*.devices))]
    Failed {
        /// Not safe to show.
        failure: ReadFailure,
        /// Devices in the checkpoint.
        devices: u64,
    },
    /// There is no credential, or it can't be read.
    #[error("{0}")]
    Credential(ReadFailure),
    /// Another process fetches the list of this profile.
    #[error("another process is fetching the list of profile {}", visible(.0))]
    Busy(String),
    /// The tenant's pages are inconsistent.
    #[error("{0}: nothing was written")]
    InvalidResponse(String),
    /// The list can't be written to this path.
    #[error("{0}")]
    Destination(String),
    /// The checkpoint or the list can't be written.
    #[error("{0}")]
    Storage(String),
    /// The engine doesn't read; holds its error.
    #[error("{0}")]
    Engine(String),
}

fn resume_hint(devices: u64) -> &'static str {
    if devices == 0 {
        ""
    } else {
        "; the devices read so far are saved: the same command continues from there within the hour"
    }
}

impl From<CheckpointError> for FetchError {
    fn from(error: CheckpointError) -> Self {
        Self::Storage(error.to_string())
    }
}

/// A fetch in progress.
#[derive(Debug)]
pub struct InventoryFetch {
    destination: FetchDestination,
    target: Target,
    checkpoint: Checkpoint,
    /// Page tokens of this session, to detect a cycle.
    seen: HashSet<String>,
    /// Hashes of the devices that were read, to detect a page that comes again.
    read: HashSet<u64>,
    /// The next page's token is an earlier session's, so the tenant may have forgotten it.
    resumed: bool,
    _lock: File,
}

impl InventoryFetch {
    /// Resumes from an earlier fetch's checkpoint if it can be used, else starts.
    pub fn open(
        destination: FetchDestination,
        target: Target,
        now: Timestamp,
    ) -> Result<Self, FetchError> {
        destination.check()?;
        let lock = destination.lock()?;
        let checkpoint = Checkpoint::open(&destination.checkpoint, &target, now)?;
        let read = checkpoint.hashes()?;
        Ok(Self {
            read,
            destination,
            target,
            resumed: checkpoint.next().is_some(),
            checkpoint,
            seen: HashSet::new(),
            _lock: lock,
        })
    }

    /// The number of devices read so far.
    pub fn devices(&self) -> u64 {
        self.checkpoint.devices()
    }

    /// The token of the next page; none for the first.
    pub fn next(&self) -> Option<&str> {
        self.checkpoint.next()
    }

    /// True once the last page has been read.
    pub fn is_complete(&self) -> bool {
        self.checkpoint.is_complete()
    }

    /// Stores the tenant's answer, which has this date by the server's clock, if it says.
    pub fn take(
        &mut self,
        answer: PageAnswer,
        now: Timestamp,
        server: Option<Timestamp>,
    ) -> Result<(), FetchError> {
        match answer {
            PageAnswer::Page(page) => {
                self.resumed = false;
                // By a wrong clock, the list would seem to be newer or older than what was sent.
                if let Some(server) = server
                    && self.checkpoint.next().is_none()
                    && now.duration_since(server).abs() > SERVER_CLOCK_TOLERANCE
                {
                    self.checkpoint.restart(&self.target, server)?;
                }
                check_page(&page, &mut self.seen)?;
                check_identifiers(&page)?;
                self.check_new(&page)?;
                self.checkpoint.add(&page.devices, page.next, now)?;
            }
            PageAnswer::Beyond => self.checkpoint.add(&[], None, now)?,
            PageAnswer::Invalid(_) if self.resumed => {
                // The tenant has forgotten the page: start again.
                self.resumed = false;
                self.checkpoint.restart(&self.target, now)?;
                self.read.clear();
            }
            PageAnswer::Invalid(message) => {
                return Err(FetchError::InvalidResponse(format!(
                    "status 400: {message}"
                )));
            }
        }
        Ok(())
    }

    /// Refuses a page all of whose devices were read before: the others are missing.
    fn check_new(&mut self, page: &Page) -> Result<(), FetchError> {
        let mut new = 0;
        for device in &page.devices {
            new += u64::from(self.read.insert(checkpoint::hash(device.get().as_bytes())));
        }
        if new == 0 && !page.devices.is_empty() {
            // The page that was asked for may never come: the next fetch begins anew.
            self.checkpoint.remove()?;
            return Err(FetchError::InvalidResponse(
                "the tenant sent devices again in place of a new page".to_owned(),
            ));
        }
        Ok(())
    }

    /// Replaces the list; returns its number of devices and its path.
    pub fn publish(self) -> Result<(u64, PathBuf), FetchError> {
        // The file at the path may have changed since the fetch began.
        self.destination.check()?;
        let path = &self.destination.path;
        if self.checkpoint.devices() == 0 && has_devices(path) {
            let path = path.display().to_string();
            let path = visible(&path);
            let error = format!(
                "the tenant returned an empty inventory, so {path} stays as it is; if the tenant really has no devices, remove {path} and fetch again"
            );
            self.checkpoint.remove()?;
            return Err(FetchError::InvalidResponse(error));
        }
        let devices = self
            .checkpoint
            .publish(&self.destination.path, &self.target)?;
        Ok((devices, self.destination.path))
    }
}

/// Refuses a page that names one that was already read: the fetch would never end.
fn check_page(page: &Page, seen: &mut HashSet<String>) -> Result<(), FetchError> {
    match &page.next {
        Some(next) if !seen.insert(next.clone()) => Err(FetchError::InvalidResponse(
            "the tenant's pages form a cycle".to_owned(),
        )),
        Some(_) if page.devices.is_empty() => Err(FetchError::InvalidResponse(
            "the tenant sent a page without devices that isn't the last".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Refuses a page most of whose devices have no usable identifier: masked values, or none.
fn check_identifiers(page: &Page) -> Result<(), FetchError> {
    let texts: Vec<&str> = page.devices.iter().map(|device| device.get()).collect();
    let text = format!("[{}]", texts.join(","));
    let usable = DeviceList::read_bytes("page", text.as_bytes());
    let usable = usable.map_or(0, |list| list.counts().devices);
    let all = page.devices.len() as u64;
    if all >= FEW && 2 * usable < all {
        return Err(FetchError::InvalidResponse(format!(
            "only {usable} of {} of a page have a usable identifier",
            counted(all, "device")
        )));
    }
    Ok(())
}

/// A page of fewer devices may have any number without an identifier.
const FEW: u64 = 5;

/// True for a list that has a device.
fn has_devices(path: &Path) -> bool {
    DeviceList::open(path, &mut |_| {}).is_ok_and(|list| !list.is_empty())
}

/// The profile's name as a file name; other characters than letters, digits, `-` and `_` become
/// `%` and two hexadecimal digits.
fn file_name(profile: &str) -> String {
    let mut name = String::new();
    for byte in profile.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    name
}

/// The age up to which a checkpoint is resumed.
const RESUMABLE_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

fn is_fresh(begun: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(begun);
    !age.is_negative() && age < RESUMABLE_FOR
}

#[cfg(test)]
mod tests;
