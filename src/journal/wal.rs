//! Integrity check of SQLite's write-ahead log.
//!
//! SQLite reads the log as far as its checksums are valid and takes the rest for a write that a loss of
//! power cut short. That is right for the last transaction. For an earlier one it is damage, and SQLite
//! would silently drop the calls and outcomes that were stored after it.
//!
//! The format is described at <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

pub(super) const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number without its last bit, which is the byte order of the checksums.
const MAGIC: u32 = 0x377f_0682;
const LARGEST_PAGE: usize = 65_536;

/// Running checksums, as SQLite makes them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sums(u32, u32);

impl Sums {
    /// Adds bytes, of which there is a multiple of eight.
    fn add(self, bytes: &[u8], word: fn([u8; 4]) -> u32) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        let (pairs, _) = words.as_chunks::<2>();
        pairs.iter().fold(self, |Self(first, second), &[one, two]| {
            let first = first.wrapping_add(word(one)).wrapping_add(second);
            Self(first, second.wrapping_add(word(two)).wrapping_add(first))
        })
    }
}

/// Describes the damage of the log at `path`, if there is any. No process may write it meanwhile.
pub(super) fn damage(path: &Path) -> std::io::Result<Option<String>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut log = BufReader::new(file);
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(None);
    }
    let word = word_order(&header);
    let page = number(&header, 8) as usize;
    let mut sums = header_sums(&header);
    if !is_header(&header) {
        // The header is written and synced before any frame.
        let mut more = [0; 1];
        let damage = "the beginning of its log can't be read";
        return Ok(fill(&mut log, &mut more)?.then(|| damage.to_owned()));
    }
    let salt = &header[16..24];
    let mut frame = vec![0; FRAME_HEADER + page];
    let (mut frames, mut broken, mut commits) = (0_u64, None, 0);
    while fill(&mut log, &mut frame)? {
        frames += 1;
        let (head, data) = frame.split_at(FRAME_HEADER);
        if broken.is_none() {
            let next = sums.add(&head[..8], word).add(data, word);
            if &head[8..16] == salt && next == Sums(number(head, 16), number(head, 20)) {
                sums = next;
                continue;
            }
            broken = Some(frames);
        }
        // Frames of an earlier use of the log have another salt.
        commits += u32::from(&head[8..16] == salt && number(head, 4) != 0);
    }
    // One of them may be the write that a loss of power cut short.
    Ok(broken
        .filter(|_| commits > 1)
        .map(|at| format!("its log can't be read from part {at} of {frames}")))
}

/// True if a log can begin with these bytes.
pub(super) fn is_header(header: &[u8; HEADER]) -> bool {
    number(header, 0) & !1 == MAGIC
        && number(header, 8) as usize <= LARGEST_PAGE
        && header_sums(header) == Sums(number(header, 24), number(header, 28))
}

fn header_sums(header: &[u8; HEADER]) -> Sums {
    Sums::default().add(&header[..24], word_order(header))
}

fn word_order(header: &[u8; HEADER]) -> fn([u8; 4]) -> u32 {
    if number(header, 0) & 1 == 1 {
        u32::from_be_bytes
    } else {
        u32::from_le_bytes
    }
}

/// Fills the buffer; false at the end of the log.
fn fill(log: &mut impl Read, bytes: &mut [u8]) -> std::io::Result<bool> {
    match log.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |&four| u32::from_be_bytes(four))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    /// A database with this many transactions in its log, and the log.
    fn log(transactions: u32) -> (tempfile::TempDir, Vec<u8>) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("j.db");
        let connection = Connection::open(&path).expect("a database");
        let wal = "PRAGMA journal_mode = WAL; CREATE TABLE t (n)";
        connection.execute_batch(wal).expect("a table");
        for number in 1..transactions {
            connection
                .execute("INSERT INTO t VALUES (?1)", [number])
                .expect("inserted");
        }
        let bytes = std::fs::read(directory.path().join("j.db-wal")).expect("a log");
        (directory, bytes)
    }

    fn damaged(bytes: &[u8]) -> Option<String> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("wal");
        std::fs::write(&path, bytes).expect("written");
        damage(&path).expect("readable")
    }

    #[test]
    fn damage_accepts_a_complete_log_and_a_missing_one() {
        let (_directory, bytes) = log(20);
        assert_eq!(damaged(&bytes), None);
        assert_eq!(damaged(&[]), None);
        assert_eq!(damage(Path::new("/nowhere")).expect("no error"), None);
    }

    #[test]
    fn damage_accepts_a_last_write_that_was_cut_short() {
        let (_directory, bytes) = log(20);
        for cut in [1, 100, 4000, 4120] {
            assert_eq!(
                damaged(&bytes[..bytes.len() - cut]),
                None,
                "{cut} bytes less"
            );
        }
        let mut torn = bytes.clone();
        let end = torn.len();
        torn[end - 2000..].fill(0);
        assert_eq!(damaged(&torn), None);
    }

    #[test]
    fn damage_finds_any_change_before_the_last_write() {
        let (_directory, bytes) = log(20);
        let last = bytes.len() - 2 * (FRAME_HEADER + 4096);
        for at in (0..last).step_by(333) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(damaged(&changed).is_some(), "byte {at} of {}", bytes.len());
        }
    }

    /// The log is used from its beginning again once all of it is in the database.
    #[test]
    fn damage_accepts_frames_of_an_earlier_use() {
        let (directory, _) = log(20);
        let connection = Connection::open(directory.path().join("j.db")).expect("a database");
        let more = "PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (0)";
        for _ in 0..3 {
            connection.execute_batch(more).expect("inserted");
            let path = directory.path().join("j.db-wal");
            assert_eq!(damage(&path).expect("readable"), None);
        }
    }
}
