//! Finds devices of all runs by a part of a name or an identifier.
//!
//! A search for a part of a text can't use an index. Instead it looks through `search_blocks`, whose rows
//! are a small fraction of the devices' and are read in the order in which they are stored; only the
//! devices of blocks that have the text are compared one by one.

use memchr::memmem::Finder;
use rusqlite::{Connection, Statement, params};

use super::audit::{FoundDevice, FoundDevices, found_from};
use super::{Journal, JournalError};
use crate::domain::device::MacAddress;

/// The most devices that a search returns.
pub const MAX_FOUND: usize = 10_000;

/// How many bytes of text a block has at most, unless its only device has more: with the rest of its row
/// they fit in a page.
const BLOCK: usize = 3_900;

/// What a device has to match, of `run_devices d`.
const MATCHES: &str = "(d.hostname LIKE ?1 ESCAPE '\\' OR d.nickname LIKE ?1 ESCAPE '\\'
    OR d.user_name LIKE ?1 ESCAPE '\\' OR d.identifier LIKE ?1 ESCAPE '\\'
    OR d.hwid LIKE ?1 ESCAPE '\\' OR d.macs LIKE ?2 ESCAPE '\\' OR lower(d.hostname) = ?3
    OR lower(d.user_name) = ?3)";

struct SearchPatterns {
    /// A pattern for names and identifiers.
    pattern: String,
    /// A pattern for MAC addresses.
    mac_pattern: String,
    /// The name alone, if the text is a name with a domain.
    name: Option<String>,
    /// Texts of which each match has one, in lower case.
    parts: Vec<String>,
}

impl SearchPatterns {
    fn of(text: &str) -> Self {
        // To SQLite, a text ends there.
        let text = text.split('\0').next().unwrap_or_default();
        let pattern = format!("%{}%", escaped(text));
        let mac = MacAddress::parse(text).ok().map(|mac| mac.to_string());
        let name = without_domain(text);
        let parts = [Some(text), mac.as_deref(), name.as_deref()];
        Self {
            parts: parts
                .into_iter()
                .flatten()
                .map(str::to_ascii_lowercase)
                .collect(),
            mac_pattern: mac.map_or_else(|| pattern.clone(), |mac| format!("%{mac}%")),
            pattern,
            name,
        }
    }
}

impl Journal {
    /// The devices of all runs whose host name, nickname, user or identifier contains `text`, ignoring
    /// case; a MAC address in any notation, a name with or without its domain. Newest run first.
    pub fn find(&self, text: &str) -> Result<FoundDevices, JournalError> {
        self.find_at_most(text, MAX_FOUND)
    }

    /// The same with another limit than [`MAX_FOUND`].
    pub(super) fn find_at_most(
        &self,
        text: &str,
        limit: usize,
    ) -> Result<FoundDevices, JournalError> {
        if self.has_all_blocks()? {
            self.find_in_blocks(text, limit)
        } else {
            self.find_in_all(text, limit)
        }
    }

    /// False if a run has no blocks: an earlier version stored it after the journal was upgraded, or a
    /// damaged journal was not upgraded.
    fn has_all_blocks(&self) -> Result<bool, JournalError> {
        if self.version < 8 {
            return Ok(false);
        }
        self.query(|connection| {
            let mut lacks = connection.prepare_cached(
                "SELECT 1 FROM runs WHERE devices > 0
                 AND NOT EXISTS (SELECT 1 FROM search_blocks WHERE search_blocks.run = runs.number)",
            )?;
            Ok(!lacks.exists([])?)
        })
    }

    /// Compares each device.
    pub(super) fn find_in_all(
        &self,
        text: &str,
        limit: usize,
    ) -> Result<FoundDevices, JournalError> {
        let patterns = SearchPatterns::of(text);
        let sql = format!(
            "{} AND {MATCHES} ORDER BY r.number DESC, d.ordinal LIMIT ?4",
            found_from()
        );
        let devices = self.read_found(
            &sql,
            params![
                patterns.pattern,
                patterns.mac_pattern,
                patterns.name,
                limit + 1
            ],
        )?;
        Ok(at_most(devices, limit))
    }

    /// Compares the devices of the blocks that have the text.
    pub(super) fn find_in_blocks(
        &self,
        text: &str,
        limit: usize,
    ) -> Result<FoundDevices, JournalError> {
        let patterns = SearchPatterns::of(text);
        let finders: Vec<Finder<'_>> = patterns.parts.iter().map(Finder::new).collect();
        let sql = format!(
            "{} AND {MATCHES} AND d.run = ?4 AND d.ordinal BETWEEN ?5 AND ?6 ORDER BY d.ordinal",
            found_from()
        );
        let mut found = Vec::new();
        for run in self.run_numbers()? {
            for (first, last) in self.blocks_with(&finders, run)? {
                found.extend(self.read_found(
                    &sql,
                    params![
                        patterns.pattern,
                        patterns.mac_pattern,
                        patterns.name,
                        run,
                        first,
                        last
                    ],
                )?);
            }
            if found.len() > limit {
                break;
            }
        }
        Ok(at_most(found, limit))
    }

    /// All runs, newest first.
    fn run_numbers(&self) -> Result<Vec<i64>, JournalError> {
        self.query(|connection| {
            connection
                .prepare_cached("SELECT number FROM runs ORDER BY number DESC")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }

    /// The first and the last ordinal of each block of a run that has one of the texts.
    fn blocks_with(
        &self,
        finders: &[Finder<'_>],
        run: i64,
    ) -> Result<Vec<(i64, i64)>, JournalError> {
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT text, first_ordinal, last_ordinal FROM search_blocks
                 WHERE run = ?1 ORDER BY number",
            )?;
            let mut rows = statement.query([run])?;
            let mut blocks = Vec::new();
            while let Some(row) = rows.next()? {
                let text = row.get_ref(0)?.as_bytes()?;
                if finders.iter().any(|finder| finder.find(text).is_some()) {
                    blocks.push((row.get(1)?, row.get(2)?));
                }
            }
            Ok(blocks)
        })
    }
}

fn at_most(mut devices: Vec<FoundDevice>, limit: usize) -> FoundDevices {
    let is_truncated = devices.len() > limit;
    devices.truncate(limit);
    FoundDevices {
        devices,
        is_truncated,
    }
}

/// Writes the blocks of devices, which come in order.
pub(super) struct BlockWriter<'a> {
    insert: Statement<'a>,
    run: i64,
    ordinals: Option<(i64, i64)>,
    text: String,
}

impl<'a> BlockWriter<'a> {
    pub(super) fn new(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            insert: connection.prepare(
                "INSERT INTO search_blocks (run, first_ordinal, last_ordinal, text) VALUES (?1, ?2, ?3, ?4)",
            )?,
            run: 0,
            ordinals: None,
            text: String::new(),
        })
    }

    /// Adds a device with its texts: its names and its identifiers, as they are stored.
    pub(super) fn add(&mut self, run: i64, ordinal: i64, texts: [&str; 6]) -> rusqlite::Result<()> {
        let length: usize = texts.iter().map(|text| text.len() + 1).sum();
        if self.run != run || self.text.len() + length > BLOCK {
            self.flush()?;
        }
        let start = self.text.len();
        for text in texts {
            // What is sent is usually the HWID or an address, which needs no second place.
            let is_there = self
                .text
                .get(start..)
                .is_some_and(|own| own.lines().any(|line| line.eq_ignore_ascii_case(text)));
            if !text.is_empty() && !is_there {
                self.text.push_str(text);
                self.text.push('\n');
            }
        }
        if let Some(own) = self.text.get_mut(start..) {
            own.make_ascii_lowercase();
        }
        self.run = run;
        let (_, last) = self.ordinals.get_or_insert((ordinal, ordinal));
        *last = ordinal;
        Ok(())
    }

    /// Writes what was added since the last block.
    pub(super) fn flush(&mut self) -> rusqlite::Result<()> {
        if let Some((first, last)) = self.ordinals.take() {
            self.insert
                .execute(params![self.run, first, last, self.text])?;
        }
        self.text.clear();
        Ok(())
    }
}

/// Writes the blocks of all runs; `progress` is called with the devices that are done.
pub(super) fn write_all_blocks(
    connection: &Connection,
    progress: &mut dyn FnMut(u64),
) -> rusqlite::Result<()> {
    let mut writer = BlockWriter::new(connection)?;
    let mut statement = connection.prepare(
        "SELECT run, ordinal, hostname, nickname, user_name, coalesce(hwid, ''), macs, identifier
         FROM run_devices ORDER BY run, ordinal",
    )?;
    let mut rows = statement.query([])?;
    let mut done = 0;
    while let Some(row) = rows.next()? {
        let text = |column: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(column)?.as_str()?) };
        let texts = [text(2)?, text(3)?, text(4)?, text(5)?, text(6)?, text(7)?];
        writer.add(row.get(0)?, row.get(1)?, texts)?;
        done += 1;
        if done % 10_000 == 0 {
            progress(done);
        }
    }
    writer.flush()
}

/// The name of a host or an account without its domain, in lower case: of `ws-1.corp.example`,
/// `CORP\ws-1` and `ada@corp.example`. None for any other text.
fn without_domain(text: &str) -> Option<String> {
    if let Some((_, name)) = text.split_once('\\') {
        return (!name.is_empty()).then(|| name.to_lowercase());
    }
    if let Some((name, _)) = text.split_once('@') {
        return (!name.is_empty()).then(|| name.to_lowercase());
    }
    let (host, domain) = text.split_once('.')?;
    let is_name = |label: &str| {
        let mut characters = label.chars();
        characters.all(|character| character.is_alphanumeric() || "-_".contains(character))
            && label.chars().any(char::is_alphabetic)
    };
    let is_host = is_name(host) && domain.split('.').all(|label| !label.is_empty());
    (is_host && domain.chars().any(char::is_alphabetic)).then(|| host.to_lowercase())
}

/// Escapes text for a pattern of LIKE.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}
