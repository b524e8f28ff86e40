//! A log file that is rotated at a size: `FILE`, then `FILE.1` to `FILE.4`, the oldest last.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A file is rotated before it would exceed this.
pub(super) const LONGEST: u64 = 10 << 20;
/// How many rotated files there are besides the file itself.
const OLDER: u32 = 4;

/// The writer. Other processes may append to the same file, and rotate it.
pub(super) struct RotatingFile {
    path: PathBuf,
    file: File,
    longest: u64,
    open: fn(&Path) -> io::Result<File>,
    failure: LogFailure,
}

/// The first error of a write, of which whoever writes the lines learns nothing.
pub(super) type LogFailure = Arc<OnceLock<String>>;

impl RotatingFile {
    /// Appends to the file at `path`, which `open` opens, and opens again after it was rotated.
    pub(super) fn new(
        path: &Path,
        longest: u64,
        open: fn(&Path) -> io::Result<File>,
    ) -> io::Result<Self> {
        Ok(Self {
            // The program may change its directory.
            path: std::path::absolute(path)?,
            file: open(path)?,
            longest,
            open,
            failure: LogFailure::default(),
        })
    }

    /// Where an error is, once there was one.
    pub(super) fn failure(&self) -> LogFailure {
        self.failure.clone()
    }

    fn make_room(&mut self, length: usize) -> io::Result<()> {
        let ours = self.file.metadata()?;
        let is_current = self
            .path
            .symlink_metadata()
            .is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino()));
        if !is_current {
            // Another process has rotated it.
            self.file = (self.open)(&self.path)?;
        }
        let written = self.file.metadata()?.len();
        if written > 0 && written + length as u64 > self.longest {
            for number in (1..OLDER).rev() {
                // A file that isn't there yet.
                let _ = std::fs::rename(self.numbered(number), self.numbered(number + 1));
            }
            std::fs::rename(&self.path, self.numbered(1))?;
            self.file = (self.open)(&self.path)?;
        }
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{number}"));
        name.into()
    }
}

impl Write for RotatingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Whole lines come in one piece. A log that can't be rotated goes on in the file that it has.
        let _ = self.make_room(bytes.len());
        let written = self.file.write(bytes);
        if let Err(error) = &written
            && error.kind() != io::ErrorKind::Interrupted
        {
            let _ = self.failure.set(error.to_string());
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> io::Result<File> {
        File::options().create(true).append(true).open(path)
    }

    #[test]
    fn rotating_file_keeps_the_first_error_of_a_write() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log");
        std::fs::write(&path, "").expect("written");
        let mut log = RotatingFile::new(&path, 20, |path| File::open(path)).expect("opened");
        let failure = log.failure();
        assert_eq!(failure.get(), None);
        assert!(log.write_all(b"line\n").is_err());
        assert!(failure.get().is_some_and(|error| !error.is_empty()));
    }

    #[test]
    fn rotating_file_keeps_five_files_of_at_most_its_size() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log");
        let mut log = RotatingFile::new(&path, 20, open).expect("opened");
        let mut other = RotatingFile::new(&path, 20, open).expect("opened");
        for line in 0..30 {
            let log = if line % 3 == 0 { &mut other } else { &mut log };
            let line = format!("line {line:04}\n");
            log.write_all(line.as_bytes()).expect("written");
        }
        let mut names: Vec<_> = std::fs::read_dir(directory.path())
            .expect("readable")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["log", "log.1", "log.2", "log.3", "log.4"]);
        let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).expect("read");
        assert_eq!(read("log"), "line 0028\nline 0029\n");
        assert_eq!(read("log.4"), "line 0020\nline 0021\n");
    }
}
