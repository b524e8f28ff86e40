//! Writes files so that they are there whole or not at all, and reads private files and texts.

use std::borrow::Cow;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tempfile::NamedTempFile;

/// Why a file wasn't written; nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something is there already.
    #[error("{0} exists: it is left as it is; name another file")]
    Exists(PathBuf),
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// How the names of unfinished files begin.
const TEMPORARY: &str = ".offboard-";
/// What the system calls "file too large", and leaves the reader to guess why.
const TOO_LARGE: &str = "the limit on the size of files is reached: raise it (ulimit -f)";

/// More than any text that a person wrote.
const LONGEST_TEXT: u64 = 64 << 20;

/// Why a person's text can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// More than 64 MiB.
    #[error("more than 64 MiB: split it")]
    TooLong,
    /// It is neither UTF-8 nor marked as UTF-16.
    #[error("neither UTF-8 nor UTF-16: save it as plain text")]
    NotUtf8,
}

/// Reads a person's text.
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    text_of(bytes_of(File::open(path)?)?)
}

/// Reads what a person wrote from `source`, whatever it is; at most 64 MiB.
pub fn bytes_of(source: impl Read) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    source.take(LONGEST_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_TEXT {
        return Err(ReadError::TooLong);
    }
    Ok(bytes)
}

/// Bytes as a text: UTF-8, or UTF-16 with its mark at the beginning.
pub fn text_of(bytes: Vec<u8>) -> Result<String, ReadError> {
    let marked = encoding_rs::Encoding::for_bom(&bytes);
    match marked.filter(|(encoding, _)| *encoding != encoding_rs::UTF_8) {
        Some((encoding, length)) => {
            let text = bytes.get(length..).unwrap_or_default();
            let text = encoding.decode_without_bom_handling_and_without_replacement(text);
            text.map(Cow::into_owned).ok_or(ReadError::NotUtf8)
        }
        None => String::from_utf8(bytes).map_err(|_| ReadError::NotUtf8),
    }
}

/// Opens or creates a file that only its owner can read; refuses a link. Not for a database, whose readers
/// lock it otherwise.
pub fn private_file(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default())
        .open(path)
        .map_err(|error| match rustix::io::Errno::from_io_error(&error) {
            Some(rustix::io::Errno::LOOP) => {
                std::io::Error::other("a symbolic link, which is not followed: remove it")
            }
            _ => error,
        })?;
    if file.metadata()?.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Finds out whether [`write_new`] could write at `path`, and leaves nothing behind.
pub fn check_new(path: &Path) -> Result<(), WriteError> {
    if path.symlink_metadata().is_ok() {
        return Err(WriteError::Exists(path.to_owned()));
    }
    // A name that ends in a slash, or is one, can only be a directory's.
    if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        let source = std::io::ErrorKind::IsADirectory.into();
        return Err(io_error(path)(source));
    }
    temporary_for(path)
        .and_then(NamedTempFile::close)
        .map_err(io_error(path))
}

/// Writes a new file at `path` that only its owner can read: a temporary file is written, synced and
/// renamed. What is there already, a link included, is left alone.
pub fn write_new(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let temporary = write_temporary(path, write).map_err(io_error(path))?;
    rename_new(temporary, path)
}

/// Like [`write_new`], by something that writes into an empty file whose path it is given.
pub fn fill_new<E: From<WriteError>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    check_new(path)?;
    let io = io_error(path);
    let temporary = temporary_for(path).map_err(io)?;
    fill(temporary.path())?;
    temporary.as_file().sync_all().map_err(io)?;
    Ok(rename_new(temporary, path)?)
}

fn rename_new(temporary: NamedTempFile, path: &Path) -> Result<(), WriteError> {
    let io = io_error(path);
    temporary
        .persist_noclobber(path)
        .map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => WriteError::Exists(path.to_owned()),
            _ => io(error.error),
        })?;
    sync_directory(path).map_err(io)
}

/// Like [`write_new`], in place of a file that is there. A link, a directory or a device is left
/// alone.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    replace_with(path, write, |_| Ok(()))
}

/// Like [`replace`], with the permissions of the file that is there.
pub fn replace_alike(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let permissions = path
        .symlink_metadata()
        .map_err(io_error(path))?
        .permissions();
    replace_with(path, write, |file| {
        file.set_permissions(permissions)?;
        file.sync_all()
    })
}

/// `prepare` gets the new file before it has the name.
fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    prepare: impl FnOnce(&File) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let io = io_error(path);
    match path.symlink_metadata() {
        Ok(metadata) if !metadata.is_file() => return Err(WriteError::Exists(path.to_owned())),
        _ => {}
    }
    let temporary = write_temporary(path, write).map_err(io)?;
    prepare(temporary.as_file()).map_err(io)?;
    temporary.persist(path).map_err(|error| io(error.error))?;
    sync_directory(path).map_err(io)
}

fn io_error(path: &Path) -> impl Fn(std::io::Error) -> WriteError + Copy + '_ {
    move |source| {
        let too_large = source.kind() == std::io::ErrorKind::FileTooLarge;
        WriteError::Io {
            path: path.to_owned(),
            source: if too_large {
                std::io::Error::new(source.kind(), TOO_LARGE)
            } else {
                source
            },
        }
    }
}

/// A file beside `path`, whose name shows whose it is: after a kill it stays there.
fn temporary_for(path: &Path) -> std::io::Result<NamedTempFile> {
    let file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(directory_of(path));
    // The crate's errors have the temporary name, which nobody knows.
    file.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            std::io::Error::new(error.kind(), "the directory doesn't exist")
        }
        std::io::ErrorKind::Other => error,
        kind => kind.into(),
    })
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn write_temporary(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<NamedTempFile> {
    let mut temporary = temporary_for(path)?;
    let mut buffered = BufWriter::new(temporary.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// The name is in the directory, which has to be on the disk as well.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_private_and_never_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("export");
        write_new(&path, |file| file.write_all(b"one")).expect("written");
        let mode = std::fs::metadata(&path)
            .expect("metadata")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = write_new(&path, |file| file.write_all(b"two"));
        assert!(matches!(again, Err(WriteError::Exists(_))));
        assert_eq!(std::fs::read(&path).expect("readable"), b"one");
    }

    #[test]
    fn file_in_a_directory_that_does_not_exist_has_an_error_without_a_temporary_name() {
        let error = write_new(Path::new("/nope/x"), |_| Ok(())).expect_err("no directory");
        assert_eq!(error.to_string(), "/nope/x: the directory doesn't exist");
    }

    #[test]
    fn file_beyond_the_limit_on_sizes_names_the_limit() {
        let source = std::io::ErrorKind::FileTooLarge.into();
        let error = io_error(Path::new("export"))(source).to_string();
        assert!(
            error.starts_with("export: ") && error.contains("ulimit -f"),
            "{error}"
        );
    }

    #[test]
    fn file_is_replaced_whole_and_a_link_is_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("list");
        for text in [b"one", b"two"] {
            replace(&path, |file| file.write_all(text)).expect("written");
            assert_eq!(std::fs::read(&path).expect("readable"), text);
        }
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        assert!(replace(&link, |file| file.write_all(b"x")).is_err());
        assert_eq!(std::fs::read(&path).expect("readable"), b"two");
    }

    #[test]
    fn failure_leaves_nothing_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("export");
        let failed = write_new(&path, |file| {
            file.write_all(b"half")?;
            Err(std::io::Error::other("full"))
        });
        assert!(failed.is_err());
        assert_eq!(
            std::fs::read_dir(directory.path())
                .expect("readable")
                .count(),
            0
        );
    }

    #[test]
    fn whether_a_file_could_be_written_is_found_out_and_nothing_is_left_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("report.md");
        check_new(&path).expect("it could");
        assert_eq!(
            std::fs::read_dir(directory.path())
                .expect("readable")
                .count(),
            0
        );
        let inside = directory.path().join("none").join("report.md");
        assert!(matches!(check_new(&inside), Err(WriteError::Io { .. })));
        let directory = directory.path().join("new/");
        assert!(matches!(check_new(&directory), Err(WriteError::Io { .. })));
        std::fs::write(&path, "one").expect("written");
        assert!(matches!(check_new(&path), Err(WriteError::Exists(_))));
    }

    #[test]
    fn file_that_cannot_get_its_permissions_is_not_replaced() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ticket.csv");
        std::fs::write(&path, "one").expect("written");
        let denied = |_: &File| Err(std::io::ErrorKind::PermissionDenied.into());
        assert!(replace_with(&path, |file| file.write_all(b"two"), denied).is_err());
        assert_eq!(std::fs::read(&path).expect("readable"), b"one");
        let mode = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&path, mode).expect("set");
        replace_alike(&path, |file| file.write_all(b"two")).expect("replaced");
        let metadata = std::fs::metadata(&path).expect("metadata");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read(&path).expect("readable"), b"two");
        let names = std::fs::read_dir(directory.path()).expect("read").count();
        assert_eq!(names, 1);
    }

    #[test]
    fn private_file_tightens_what_others_can_read_and_follows_no_link() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("open");
        std::fs::write(&path, "").expect("written");
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("open to others");
        private_file(&path).expect("opened");
        assert_eq!(path.metadata().expect("there").mode() & 0o777, 0o600);
        let link = directory.path().join("link");
        let nowhere = directory.path().join("nowhere");
        std::os::unix::fs::symlink(&nowhere, &link).expect("linked");
        let refused = private_file(&link).expect_err("a link").to_string();
        assert!(refused.starts_with("a symbolic link"), "{refused}");
        assert!(!nowhere.exists());
    }

    #[test]
    fn text_is_utf8_or_marked_utf16() {
        for (bytes, text) in [
            (&b"\xef\xbb\xbfPC-1"[..], Some("\u{feff}PC-1")),
            (b"\xff\xfeP\0C\0", Some("PC")),
            (b"\xfe\xff\0P\0C", Some("PC")),
            (b"\xff\xfeP\0C", None),
            (b"PC\xe4", None),
        ] {
            assert_eq!(text_of(bytes.to_vec()).ok().as_deref(), text, "{bytes:?}");
        }
    }

    #[test]
    fn link_is_not_followed() {
        let directory = tempfile::tempdir().expect("a directory");
        let (target, link) = (
            directory.path().join("target"),
            directory.path().join("link"),
        );
        std::os::unix::fs::symlink(&target, &link).expect("a link");
        assert!(write_new(&link, |file| file.write_all(b"x")).is_err());
        assert!(!target.exists());
    }
}
