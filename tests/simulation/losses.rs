//! The journal's files are lost: under processes that use them, and after all of them were killed.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use offboard::journal::Journal;
use offboard::platform::clock::Clock;

use super::auditor::Auditor;
use super::schedule::Moment;
use super::world::World;

/// A file that was moved away while processes use it. It comes back, so that the world goes on.
pub struct Missing {
    path: PathBuf,
    away: PathBuf,
    until: Moment,
    /// The slot that was taken last when it went: no later slot's call may be sent meanwhile.
    newest_slot: i64,
}

impl World {
    /// One of the journal's files is removed or replaced under the running processes.
    pub fn lose_file(&mut self) {
        let names = ["journal.db", "journal.db-wal", "journal.db-shm"];
        let name = names[self.random.usize(..names.len())];
        let path = self.directory.path().join(name);
        let away = path.with_extension("away");
        fs::rename(&path, &away).expect("moved");
        if self.random.bool() {
            fs::copy(&away, &path).expect("another file with its name");
        }
        for process in self.processes.iter_mut().flatten() {
            process.may_break = true;
        }
        self.note(format!("{name} is lost"));
        self.missing = Some(Missing {
            path,
            away,
            until: self.now + self.random.u64(1..120_000),
            newest_slot: self.newest_slot,
        });
    }

    /// Until when a file is missing, if one is.
    pub fn missing_until(&self) -> Option<Moment> {
        self.missing.as_ref().map(|missing| missing.until)
    }

    /// The very file is back.
    pub fn find_file(&mut self) {
        if let Some(missing) = self.missing.take() {
            fs::rename(&missing.away, &missing.path).expect("moved back");
            self.note("the lost file is back");
        }
    }

    /// A call goes in this slot: its intent is in files that are still there.
    pub fn check_recorded(&self, slot: i64) {
        if let Some(missing) = &self.missing {
            assert!(
                slot <= missing.newest_slot,
                "sent after {} was lost",
                missing.path.display()
            );
        }
    }

    /// All processes are killed now, and files are lost before the next start: that start refuses to
    /// send, or it knows every call that was sent. It happens to a copy of the state directory.
    pub fn lose_files_of_a_copy(&mut self) {
        let copy = tempfile::tempdir_in(self.directory.path()).expect("a directory");
        copy_files(self.directory.path(), copy.path());
        let lost = self.damage(copy.path());
        let clock = Clock::manual_in("another boot", self.clock.now());
        let writable = Journal::open(copy.path(), clock).and_then(|journal| {
            // As a start does before anything is sent.
            journal.check_writable()
        });
        if writable.is_err() {
            return self.note(format!("{lost}, which the next start refuses"));
        }
        let found = Auditor::open(copy.path());
        for run in self.runs.iter().filter(|run| run.admitted) {
            let stored = found.calls(&run.id);
            for sent in run.flights.iter().filter(|flight| flight.sent) {
                assert!(
                    stored.iter().any(|call| call.number == sent.call),
                    "{lost}: call {} of run {} was sent, and the next start doesn't know",
                    sent.call,
                    run.id
                );
            }
        }
    }

    /// Damages the journal in this directory, and describes it.
    fn damage(&mut self, directory: &Path) -> &'static str {
        let database = directory.join("journal.db");
        let log = directory.join("journal.db-wal");
        match self.random.u8(..5) {
            0 => {
                fs::remove_file(&database).expect("removed");
                "the database was removed"
            }
            1 => {
                fs::remove_file(&log).expect("removed");
                "the log was removed"
            }
            2 => {
                fs::remove_file(&database).expect("removed");
                fs::remove_file(&log).expect("removed");
                "the database and its log were removed"
            }
            3 => {
                cut(&database, 0);
                "the database was emptied"
            }
            _ => {
                let length = log.metadata().expect("a log").len();
                cut(&log, self.random.u64(..=length));
                "the log was cut short"
            }
        }
    }
}

fn cut(path: &Path, length: u64) {
    let file = OpenOptions::new().write(true).open(path).expect("a file");
    file.set_len(length).expect("cut");
}

/// What is on the disk, without SQLite's shared memory, which ends with the processes.
fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_file() && path.extension().is_none_or(|end| end != "db-shm") {
            fs::copy(&path, to.join(name)).expect("copied");
        }
    }
}
