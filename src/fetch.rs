//! The tenant's inventory on its way into a list: page by page, and from the last page after a stop.
//!
//! What was read is kept aside with the place it has come to, each page durable before the next is
//! asked for. The list itself is there whole or not at all. The calls are the engine driver's.

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

mod aside;
mod changes;

use aside::{Aside, AsideError};
pub use changes::Changes;

/// Where a fetch writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The list.
    pub path: PathBuf,
    /// Where what was read is kept meanwhile.
    aside: PathBuf,
    /// Held by the process that fetches.
    lock: PathBuf,
    profile: String,
}

impl Place {
    /// The profile's own list in the state directory.
    pub fn usual(state_dir: &Path, profile: &str) -> Self {
        let lists = state_dir.join("lists");
        let name = file_name(profile);
        Self {
            path: lists.join(format!("{name}.jsonl")),
            aside: lists.join(format!("{name}.part")),
            lock: lists.join(format!("{name}.lock")),
            profile: profile.to_owned(),
        }
    }

    /// Another file for the list.
    #[must_use]
    pub fn at(self, path: PathBuf) -> Self {
        Self { path, ..self }
    }

    /// What can't be written in the end, or must not be, is refused before anything is read: a list
    /// takes the place of none but a list of ours.
    pub fn check(&self) -> Result<(), FetchError> {
        let shown = self.path.display().to_string();
        let refused = |what: &str| Err(FetchError::Place(format!("{} {what}", visible(&shown))));
        let Ok(metadata) = self.path.symlink_metadata() else {
            return Ok(());
        };
        if !metadata.is_file() {
            return refused("is no regular file: name another place");
        }
        if metadata.len() > 0 && !is_ours(&self.path) {
            return refused(
                "is there, and is no list of offboard's: name another place, or move it away",
            );
        }
        Ok(())
    }

    fn lock(&self) -> Result<File, FetchError> {
        let kept =
            |error: std::io::Error| FetchError::Kept(format!("{}: {error}", self.lock.display()));
        if let Some(directory) = self.lock.parent() {
            state_dir::private_directory(directory).map_err(kept)?;
        }
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.lock)
            .map_err(kept)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(FetchError::Busy(self.profile.clone())),
            Err(TryLockError::Error(error)) => Err(kept(error)),
        }
    }
}

/// True for a file whose first line says that it is one of our lists.
fn is_ours(path: &Path) -> bool {
    let mut head = [0; aside::STAMP.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *aside::STAMP
}

/// Why it ended before the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// As asked.
    #[error(
        "stopped with {} read: the same command goes on from there within the hour",
        counted(*.0, "device")
    )]
    Stopped(u64),
    /// The tenant can't be read now.
    #[error("{words}{}", kept_words(*.devices))]
    Trouble {
        /// Why.
        words: String,
        /// How many devices were read, and are kept.
        devices: u64,
    },
    /// There is no credential, or it can't be read.
    #[error("{0}")]
    Credential(String),
    /// Another process does it.
    #[error("another process fetches the list of profile {} now", visible(.0))]
    Busy(String),
    /// The tenant's answers make no sense.
    #[error("{0}: nothing was written")]
    Nonsense(String),
    /// The list can't go there.
    #[error("{0}")]
    Place(String),
    /// What was read can't be kept, or the list not be written.
    #[error("{0}")]
    Kept(String),
}

fn kept_words(devices: u64) -> &'static str {
    if devices == 0 {
        ""
    } else {
        "; what was read is kept, and the same command goes on from there within the hour"
    }
}

impl From<AsideError> for FetchError {
    fn from(error: AsideError) -> Self {
        Self::Kept(error.to_string())
    }
}

/// The inventory, as far as it was read.
#[derive(Debug)]
pub struct Inventory {
    place: Place,
    target: Target,
    aside: Aside,
    /// Page tokens of this session.
    seen: HashSet<String>,
    /// The page's token is an earlier session's.
    resumed: bool,
    _lock: File,
}

impl Inventory {
    /// Takes up what an earlier fetch left, if that is of use, or begins.
    pub fn open(place: Place, target: Target, now: Timestamp) -> Result<Self, FetchError> {
        place.check()?;
        let lock = place.lock()?;
        let aside = Aside::open(&place.aside, &target, now)?;
        Ok(Self {
            place,
            target,
            resumed: aside.next().is_some(),
            aside,
            seen: HashSet::new(),
            _lock: lock,
        })
    }

    /// How many devices have been read.
    pub fn devices(&self) -> u64 {
        self.aside.devices()
    }

    /// What asks for the next page.
    pub fn next(&self) -> Option<&str> {
        self.aside.next()
    }

    /// The last page has been read.
    pub fn is_complete(&self) -> bool {
        self.aside.is_complete()
    }

    /// Keeps what the tenant answered.
    pub fn take(&mut self, answer: PageAnswer, now: Timestamp) -> Result<(), FetchError> {
        match answer {
            PageAnswer::Page(page) => {
                self.resumed = false;
                check_page(&page, &mut self.seen)?;
                self.aside.add(&page.devices, page.next, now)?;
            }
            PageAnswer::Beyond => self.aside.add(&[], None, now)?,
            PageAnswer::Invalid(_) if self.resumed => {
                // The tenant has forgotten the page: from the beginning, then.
                self.resumed = false;
                self.aside.restart(&self.target, now)?;
            }
            PageAnswer::Invalid(words) => {
                return Err(FetchError::Nonsense(format!("status 400: {words}")));
            }
        }
        Ok(())
    }

    /// Writes the list in place of an older one; how many devices it has, and where it is.
    pub fn publish(self) -> Result<(u64, PathBuf), FetchError> {
        // What stands there may have changed meanwhile.
        self.place.check()?;
        let devices = self.aside.publish(&self.place.path, &self.target)?;
        Ok((devices, self.place.path))
    }
}

/// A page that names one that was read already would go round for ever.
fn check_page(page: &Page, seen: &mut HashSet<String>) -> Result<(), FetchError> {
    match &page.next {
        Some(next) if !seen.insert(next.clone()) => Err(FetchError::Nonsense(
            "the tenant's pages go round in a circle".to_owned(),
        )),
        Some(_) if page.devices.is_empty() => Err(FetchError::Nonsense(
            "the tenant sent a page without devices that isn't the last".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// A profile's name as a file's: what a path would obey is written as hexadecimal.
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

/// What may be gone on with: younger than that.
const KEPT_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

fn is_fresh(begun: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(begun);
    !age.is_negative() && age < KEPT_FOR
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
    fn one_process_reads_a_profiles_inventory_and_goes_on_after_a_stop() {
        let directory = tempfile::tempdir().expect("a directory");
        let place = Place::usual(directory.path(), "lab/1");
        let now = Timestamp::now();
        let open = || Inventory::open(place.clone(), target(), now);
        let mut first = open().expect("opened");
        first.take(page("h1", Some("p2")), now).expect("kept");
        assert_eq!(open().err(), Some(FetchError::Busy("lab/1".to_owned())));
        drop(first);
        let mut second = open().expect("opened");
        assert_eq!((second.devices(), second.next()), (1, Some("p2")));
        second.take(PageAnswer::Beyond, now).expect("kept");
        assert!(second.is_complete());
        assert_eq!(second.publish(), Ok((1, place.path.clone())));
        assert!(place.path.ends_with("lists/lab%2f1.jsonl"));
    }

    #[test]
    fn a_page_that_was_forgotten_begins_anew_and_a_circle_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let place = Place::usual(directory.path(), "lab");
        let now = Timestamp::now();
        let open = || Inventory::open(place.clone(), target(), now).expect("opened");
        let mut first = open();
        first.take(page("h1", Some("p2")), now).expect("kept");
        drop(first);
        let mut again = open();
        again
            .take(PageAnswer::Invalid("unknown".to_owned()), now)
            .expect("anew");
        assert_eq!((again.devices(), again.next()), (0, None));
        again.take(page("h1", Some("p2")), now).expect("kept");
        let circle = again.take(page("h2", Some("p2")), now);
        assert!(matches!(circle, Err(FetchError::Nonsense(_))), "{circle:?}");
    }

    #[test]
    fn a_list_takes_the_place_of_no_file_but_a_list_of_ours() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("all.jsonl");
        let place = Place::usual(directory.path(), "lab").at(path.clone());
        assert_eq!(place.check(), Ok(()));
        std::fs::write(&path, "hwid\nh1\n").expect("written");
        assert!(
            matches!(place.check(), Err(FetchError::Place(why)) if why.contains("name another place"))
        );
        std::fs::write(&path, "{\"offboard_list\":1}\n").expect("written");
        assert_eq!(place.check(), Ok(()));
    }
}
