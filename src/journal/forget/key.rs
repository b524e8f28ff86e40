//! The key of the hashes that stand for names.

use std::io::ErrorKind;
use std::path::Path;

use crate::journal::{JournalError, at_path};
use crate::platform::file;
use crate::text::{from_hex, hex};

/// The file of the key in the state directory. It is not in the journal, so that copies of the journal
/// don't have it.
pub(super) const NAME: &str = "names.key";

/// The bytes of a key.
const LENGTH: usize = 32;

/// The key of the hashes that stand for names.
pub(super) struct Key(pub(super) [u8; LENGTH]);

impl Key {
    /// The key of a state directory, which is made when it is first used.
    pub(super) fn of(directory: &Path) -> Result<Self, JournalError> {
        let path = directory.join(NAME);
        let error = at_path(&path);
        if path.symlink_metadata().is_err() {
            let mut bytes = [0; LENGTH];
            getrandom::fill(&mut bytes)
                .map_err(|source| error(std::io::Error::other(source.to_string())))?;
            let written = file::write_new(&path, |out| writeln!(out, "{}", hex(&bytes)));
            written.map_err(|source| error(std::io::Error::other(source)))?;
        }
        // It refuses a link, and makes a file private that others can read.
        let mut text = String::new();
        let mut file = file::private_file(&path).map_err(error)?;
        std::io::Read::read_to_string(&mut file, &mut text).map_err(error)?;
        from_hex(text.trim()).ok_or_else(|| {
            let text = "not a key of names: put the right file back, or remove it; names that are forgotten \
                from then on get other hashes";
            error(std::io::Error::new(ErrorKind::InvalidData, text))
        }).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_made_once_and_a_file_that_is_none_is_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let first = Key::of(directory.path()).expect("made");
        let second = Key::of(directory.path()).expect("read");
        assert_eq!(first.0, second.0);
        assert_ne!(first.0, [0; LENGTH]);
        std::fs::write(directory.path().join(NAME), "abc").expect("written");
        let error = Key::of(directory.path()).err().expect("no key");
        assert!(
            error.to_string().contains("names.key: not a key"),
            "{error}"
        );
    }
}
