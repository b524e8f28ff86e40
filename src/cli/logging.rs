//! Writes the log to the file of `--log-file`, never to the terminal.

mod rotating;

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

use rotating::RotatingFile;

use crate::cli::{CommandError, Global, print_note};
use crate::text;

/// A log that is being written.
pub(super) struct Log {
    name: String,
    failure: rotating::LogFailure,
    writer: WorkerGuard,
}

impl Log {
    /// Writes what is left of it, and says on standard error if a part of it is missing.
    pub(super) fn finish(self) {
        drop(self.writer);
        if let Some(error) = self.failure.get() {
            print_note(format_args!(
                "--log-file {}: a part of the log is missing: {error}",
                self.name
            ));
        }
    }
}

/// Starts the log if `--log-file` is given.
pub(super) fn start(global: &Global) -> Result<Option<Log>, CommandError> {
    let Some(path) = &global.log_file else {
        return Ok(None);
    };
    let name = text::visible_path(path);
    let file = RotatingFile::new(path, rotating::LONGEST, open)
        .map_err(|error| CommandError::usage(format!("--log-file {name}: {error}")))?;
    let failure = file.failure();
    let (writer, guard) = tracing_appender::non_blocking(file);
    let level = match global.verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    // Only this crate's events: the HTTP library logs URLs, which contain the token. This crate logs
    // no URL's query, and what servers say only after the secrets in it were masked.
    let ours = Targets::new().with_target("offboard", level);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .with_filter(ours);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .map_err(|error| CommandError::internal(format!("can't start the log: {error}")))?;
    Ok(Some(Log {
        name,
        failure,
        writer: guard,
    }))
}

/// Opens the log for appending. Refuses links, devices and pipes, by which another user could
/// redirect the log, and makes a file private that others can read: it has names of devices.
fn open(path: &Path) -> io::Result<File> {
    let nofollow = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .custom_flags(i32::try_from(nofollow.bits()).unwrap_or_default())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file: name a new file"));
    }
    if metadata.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_goes_into_a_file_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let (file, link) = (directory.path().join("log"), directory.path().join("link"));
        std::fs::write(&file, "").expect("written");
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("open to others");
        assert!(open(&file).is_ok());
        assert_eq!(file.metadata().expect("there").mode() & 0o777, 0o600);
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        assert!(open(&link).is_err());
        assert!(open(Path::new("/dev/null")).is_err());
        assert!(open(directory.path()).is_err());
    }
}
