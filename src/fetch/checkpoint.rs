//! The checkpoint of a fetch: one line per device, and after each page a marker line with the token
//! of the next page.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::is_fresh;
use crate::domain::target::Target;
use crate::platform::file::{self, WriteError};

/// The first bytes of a fetched list.
pub(super) const STAMP: &[u8; 17] = b"{\"offboard_list\":";

/// The checkpoint file. Lines after its last marker are ignored.
#[derive(Debug)]
pub(super) struct Checkpoint {
    file: File,
    path: PathBuf,
    begun: Timestamp,
    devices: u64,
    next: Option<String>,
    complete: bool,
}

/// Why the checkpoint or the list can't be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckpointError {
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Write(#[from] WriteError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    offboard_fetch: u32,
    tenant: String,
    account: Option<String>,
    begun_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    offboard_page: u64,
    next: Option<String>,
    at: Timestamp,
}

/// The first line of a fetched list.
#[derive(Serialize)]
struct WrittenStamp<'a> {
    offboard_list: u32,
    tenant: &'a str,
    account: Option<&'a str>,
    fetched_at: Timestamp,
    complete: bool,
    /// By which a copy that was cut is noticed.
    devices: u64,
}

impl Checkpoint {
    /// Opens the file, and resumes from it if it is of this account and less than an hour old.
    pub fn open(path: &Path, target: &Target, now: Timestamp) -> Result<Self, CheckpointError> {
        let io = |source| CheckpointError::Io {
            path: path.to_owned(),
            source,
        };
        let file = file::private_file(path).map_err(io)?;
        let mut checkpoint = Self {
            file,
            path: path.to_owned(),
            begun: now,
            devices: 0,
            next: None,
            complete: false,
        };
        if !checkpoint.resume(target, now).map_err(io)? {
            checkpoint.restart(target, now)?;
        }
        Ok(checkpoint)
    }

    /// Reads the file up to its last marker; false if it can't be resumed from.
    fn resume(&mut self, target: &Target, now: Timestamp) -> std::io::Result<bool> {
        let mut lines = BufReader::new(&self.file);
        let mut line = Vec::new();
        let mut at = lines.read_until(b'\n', &mut line)? as u64;
        let Ok(head) = serde_json::from_slice::<Head>(&line) else {
            return Ok(false);
        };
        let ours = (&head.tenant, &head.account) == (&target.tenant, &target.account);
        if head.offboard_fetch != 1 || !ours {
            return Ok(false);
        }
        let (mut devices, mut end, mut last) = (0, 0, None);
        loop {
            line.clear();
            let length = lines.read_until(b'\n', &mut line)? as u64;
            if length == 0 || !line.ends_with(b"\n") {
                break;
            }
            at += length;
            if is_mark(&line) {
                let Ok(mark) = serde_json::from_slice::<Mark>(&line) else {
                    break;
                };
                (end, last) = (at, Some(mark));
                self.devices = devices;
            } else {
                devices += 1;
            }
        }
        let Some(mark) = last.filter(|mark| is_fresh(mark.at, now)) else {
            return Ok(false);
        };
        self.begun = head.begun_at;
        self.complete = mark.next.is_none();
        self.next = mark.next;
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::End(0))?;
        Ok(true)
    }

    /// Empties the file and starts at the first page.
    pub fn restart(&mut self, target: &Target, now: Timestamp) -> Result<(), CheckpointError> {
        (self.begun, self.devices, self.next, self.complete) = (now, 0, None, false);
        let head = Head {
            offboard_fetch: 1,
            tenant: target.tenant.clone(),
            account: target.account.clone(),
            begun_at: now,
        };
        let written = self.file.set_len(0).and_then(|()| {
            self.file.rewind()?;
            write_json(&mut self.file, &head)?;
            self.file.sync_data()
        });
        written.map_err(|source| self.io(source))
    }

    /// Appends a page and the token of the next one, durably.
    pub fn add(
        &mut self,
        devices: &[Box<RawValue>],
        next: Option<String>,
        now: Timestamp,
    ) -> Result<(), CheckpointError> {
        let count = self.devices + devices.len() as u64;
        let mark = Mark {
            offboard_page: count,
            next: next.clone(),
            at: now,
        };
        let mut text = Vec::new();
        for device in devices {
            // JSON has line breaks only between tokens, where a space is equivalent.
            let line = device.get().replace(['\n', '\r'], " ");
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        let written = write_json(&mut text, &mark).and_then(|()| {
            self.file.write_all(&text)?;
            self.file.sync_data()
        });
        written.map_err(|source| self.io(source))?;
        (self.devices, self.complete, self.next) = (count, next.is_none(), next);
        Ok(())
    }

    /// The [`hash`] of each device.
    pub fn hashes(&self) -> Result<HashSet<u64>, CheckpointError> {
        let read = || {
            let mut lines = BufReader::new(File::open(&self.path)?);
            let (mut hashes, mut line, mut is_head) = (HashSet::new(), Vec::new(), true);
            while lines.read_until(b'\n', &mut line)? > 0 {
                if !is_head && !is_mark(&line) {
                    hashes.insert(hash(&line));
                }
                is_head = false;
                line.clear();
            }
            Ok(hashes)
        };
        read().map_err(|source| self.io(source))
    }

    /// Forgets what was read.
    pub fn remove(&self) -> Result<(), CheckpointError> {
        std::fs::remove_file(&self.path).map_err(|source| self.io(source))
    }

    pub fn devices(&self) -> u64 {
        self.devices
    }

    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Replaces the list and removes the checkpoint; returns the number of devices.
    pub fn publish(mut self, path: &Path, target: &Target) -> Result<u64, CheckpointError> {
        self.file.rewind().map_err(|source| self.io(source))?;
        let stamp = WrittenStamp {
            offboard_list: 1,
            tenant: &target.tenant,
            account: target.account.as_deref(),
            // Changes during the fetch may be missing, so the list is as old as the fetch's start.
            fetched_at: self.begun,
            complete: true,
            devices: self.devices,
        };
        let mut lines = BufReader::new(&self.file);
        file::replace(path, |out| {
            write_json(&mut *out, &stamp)?;
            let mut line = Vec::new();
            let mut is_head = true;
            while lines.read_until(b'\n', &mut line)? > 0 {
                if !is_head && !is_mark(&line) {
                    out.write_all(&line)?;
                }
                is_head = false;
                line.clear();
            }
            Ok(())
        })?;
        self.remove()?;
        Ok(self.devices)
    }

    fn io(&self, source: std::io::Error) -> CheckpointError {
        CheckpointError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// A hash of a device as the tenant sent it, without its white space.
pub(super) fn hash(device: &[u8]) -> u64 {
    let bytes = device.iter().copied();
    let compact: Vec<u8> = bytes.filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mut hasher = DefaultHasher::new();
    hasher.write(&compact);
    hasher.finish()
}

/// True for a marker line. A device whose first key is this one would be taken for a marker; no
/// tenant has such a key.
fn is_mark(line: &[u8]) -> bool {
    line.starts_with(b"{\"offboard_page\":")
}

fn write_json(mut out: impl Write, value: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(value).map_err(std::io::Error::from)?;
    line.push(b'\n');
    out.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::DeviceList;

    fn target() -> Target {
        Target {
            tenant: "https://t.example".to_owned(),
            account: None,
            profile: "lab".to_owned(),
        }
    }

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    #[test]
    fn checkpoint_resumes_after_its_last_complete_page() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lab.part");
        let now = Timestamp::now();
        let mut checkpoint = Checkpoint::open(&path, &target(), now).expect("opened");
        checkpoint
            .add(
                &[raw("{\"device_id\":\"h1\",\n\"x\":1}")],
                Some("p2".to_owned()),
                now,
            )
            .expect("stored");
        // It dies in the middle of the next page.
        checkpoint
            .file
            .write_all(b"{\"device_id\":\"h2\"}\n{\"devi")
            .expect("written");
        let mut again = Checkpoint::open(&path, &target(), now).expect("opened");
        assert_eq!((again.devices(), again.next()), (1, Some("p2")));
        again
            .add(&[raw("{\"device_id\":\"h2\"}")], None, now)
            .expect("stored");
        assert!(again.is_complete());
        let list = directory.path().join("lab.jsonl");
        assert_eq!(again.publish(&list, &target()).expect("written"), 2);
        assert!(!path.exists());
        assert!(std::fs::read(&list).expect("read").starts_with(STAMP));
        let read = DeviceList::open(&list, &mut |_| {}).expect("a list");
        assert_eq!((read.len(), read.tenant()), (2, Some("https://t.example")));
        assert_eq!(read.time().map(Timestamp::as_second), Some(now.as_second()));
    }

    #[test]
    fn checkpoint_restarts_if_old_or_of_another_account() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lab.part");
        let now = Timestamp::now();
        let mut checkpoint = Checkpoint::open(&path, &target(), now).expect("opened");
        checkpoint
            .add(&[raw("{}")], Some("p2".to_owned()), now)
            .expect("stored");
        drop(checkpoint);
        let later = now + jiff::SignedDuration::from_mins(61);
        let other = Target {
            account: Some("other".to_owned()),
            ..target()
        };
        for (target, now) in [(other, now), (target(), later)] {
            let copy = directory.path().join("copy.part");
            std::fs::copy(&path, &copy).expect("copied");
            let anew = Checkpoint::open(&copy, &target, now).expect("opened");
            assert_eq!((anew.devices(), anew.next()), (0, None));
        }
    }
}
