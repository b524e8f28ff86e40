//! Reads the tenant's inventory into a list, page by page, and resumes at the last page after a stop.
//!
//! A checkpoint file stores the devices and the next page's token; each page is durable before the
//! next is requested. The list itself is replaced in one step. The runner makes the calls.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::api::{Page, PageAnswer};
use crate::domain::target::Target;
use crate::platform::state_dir;
use crate::text::{counted, visible};

mod changes;
mod checkpoint;

pub use changes::{Attribution, Changes};
use checkpoint::{Checkpoint, CheckpointError};

/// Where a fetch writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchDestination {
    /// The list.
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
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.lock)
            .map_err(storage)?;
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
    #[error("{message}{}", resume_hint(*.devices))]
    Failed {
        /// The network's or the server's message, safe to show.
        message: String,
        /// Devices in the checkpoint.
        devices: u64,
    },
    /// There is no credential, or it can't be read.
    #[error("{0}")]
    Credential(String),
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
pub struct Inventory {
    destination: FetchDestination,
    target: Target,
    checkpoint: Checkpoint,
    /// Page tokens of this session, to detect a cycle.
    seen: HashSet<String>,
    /// The next page's token is an earlier session's, so the tenant may have forgotten it.
    resumed: bool,
    _lock: File,
}

impl Inventory {
    /// Resumes from an earlier fetch's checkpoint if it can be used, else starts.
    pub fn open(
        destination: FetchDestination,
        target: Target,
        now: Timestamp,
    ) -> Result<Self, FetchError> {
        destination.check()?;
        let lock = destination.lock()?;
        let checkpoint = Checkpoint::open(&destination.checkpoint, &target, now)?;
        Ok(Self {
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
                    && now.duration_since(server).abs() > CLOCK_TOLERANCE
                {
                    self.checkpoint.restart(&self.target, server)?;
                }
                check_page(&page, &mut self.seen)?;
                self.checkpoint.add(&page.devices, page.next, now)?;
            }
            PageAnswer::Beyond => self.checkpoint.add(&[], None, now)?,
            PageAnswer::Invalid(_) if self.resumed => {
                // The tenant has forgotten the page: start again.
                self.resumed = false;
                self.checkpoint.restart(&self.target, now)?;
            }
            PageAnswer::Invalid(message) => {
                return Err(FetchError::InvalidResponse(format!(
                    "status 400: {message}"
                )));
            }
        }
        Ok(())
    }

    /// Replaces the list; returns its number of devices and its path.
    pub fn publish(self) -> Result<(u64, PathBuf), FetchError> {
        // The file at the path may have changed since the fetch began.
        self.destination.check()?;
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

/// This host's clock stamps a list unless it differs from the server's by more.
const CLOCK_TOLERANCE: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// The age up to which a checkpoint is resumed.
const RESUMABLE_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

fn is_fresh(begun: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(begun);
    !age.is_negative() && age < RESUMABLE_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target {
            tenant: "https://t.example".to_owned(),
            account: None,
            profile: "lab/1".to_owned(),
        }
    }

    fn page(device: &str, next: Option<&str>) -> PageAnswer {
        let device =
            serde_json::value::RawValue::from_string(format!("{{\"device_id\":\"{device}\"}}"));
        PageAnswer::Page(Page {
            devices: vec![device.expect("JSON")],
            next: next.map(str::to_owned),
        })
    }

    #[test]
    fn inventory_is_read_by_one_process_and_resumes_after_a_stop() {
        let directory = tempfile::tempdir().expect("a directory");
        let destination = FetchDestination::default_for(directory.path(), "lab/1");
        let now = Timestamp::now();
        let open = || Inventory::open(destination.clone(), target(), now);
        let mut first = open().expect("opened");
        first
            .take(page("h1", Some("p2")), now, None)
            .expect("stored");
        assert_eq!(open().err(), Some(FetchError::Busy("lab/1".to_owned())));
        drop(first);
        let mut second = open().expect("opened");
        assert_eq!((second.devices(), second.next()), (1, Some("p2")));
        second.take(PageAnswer::Beyond, now, None).expect("stored");
        assert!(second.is_complete());
        assert_eq!(second.publish(), Ok((1, destination.path.clone())));
        assert!(destination.path.ends_with("lists/lab%2f1.jsonl"));
    }

    #[test]
    fn inventory_restarts_at_a_forgotten_page_and_refuses_a_cycle() {
        let directory = tempfile::tempdir().expect("a directory");
        let destination = FetchDestination::default_for(directory.path(), "lab");
        let now = Timestamp::now();
        let open = || Inventory::open(destination.clone(), target(), now).expect("opened");
        let mut first = open();
        first
            .take(page("h1", Some("p2")), now, None)
            .expect("stored");
        drop(first);
        let mut again = open();
        again
            .take(PageAnswer::Invalid("unknown".to_owned()), now, None)
            .expect("anew");
        assert_eq!((again.devices(), again.next()), (0, None));
        again
            .take(page("h1", Some("p2")), now, None)
            .expect("stored");
        let circle = again.take(page("h2", Some("p2")), now, None);
        assert!(
            matches!(circle, Err(FetchError::InvalidResponse(_))),
            "{circle:?}"
        );
    }

    #[test]
    fn inventory_has_the_servers_time_if_the_clock_is_wrong() {
        let directory = tempfile::tempdir().expect("a directory");
        let now = Timestamp::now();
        for (off, is_corrected) in [(3_600, true), (-3_600, true), (200, false)] {
            let name = format!("lab{off}");
            let destination = FetchDestination::default_for(directory.path(), &name);
            let server = now + jiff::SignedDuration::from_secs(off);
            let mut inventory = Inventory::open(destination, target(), now).expect("opened");
            let first = page("h1", Some("p2"));
            inventory.take(first, now, Some(server)).expect("stored");
            let end = page("h2", None);
            inventory.take(end, now, Some(server)).expect("stored");
            let (devices, path) = inventory.publish().expect("written");
            let list = crate::list::DeviceList::open(&path, &mut |_| {}).expect("a list");
            let expected = if is_corrected { server } else { now };
            let stamped = list.fetched_at().map(Timestamp::as_second);
            assert_eq!((devices, stamped), (2, Some(expected.as_second())), "{off}");
        }
    }

    #[test]
    fn destination_check_refuses_files_that_offboard_did_not_fetch() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("all.jsonl");
        let destination = FetchDestination::default_for(directory.path(), "lab").at(path.clone());
        assert_eq!(destination.check(), Ok(()));
        std::fs::write(&path, "hwid\nh1\n").expect("written");
        assert!(
            matches!(destination.check(), Err(FetchError::Destination(why)) if why.contains("name another path"))
        );
        std::fs::write(&path, "{\"offboard_list\":1}\n").expect("written");
        assert_eq!(destination.check(), Ok(()));
    }
}
