//! The tables, and how a database comes to have them.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::search;
use super::upgrade::{self, UpgradeProgress};
use crate::platform::failpoint;

/// The version that this program writes, kept in SQLite's `user_version`.
pub(super) const VERSION: i64 = 16;

/// What brings a database from each version to the next; version 0 is an empty file.
const MIGRATIONS: [&str; 16] = [
    include_str!("schema.sql"),
    // The hash of the protect rules that a run was planned under; empty for none.
    "ALTER TABLE runs ADD COLUMN rules_hash TEXT NOT NULL DEFAULT ''",
    // The run that a run is a retry of. What a lookup asked for, if that isn't what was sent.
    "ALTER TABLE runs ADD COLUMN retry_of BLOB;
     ALTER TABLE lookups ADD COLUMN identifier TEXT",
    // What else was confirmed: why rows were left out, as [kind, reason, rows], and which warnings
    // stood, in words. Null for runs of an earlier version, which didn't store it.
    "ALTER TABLE runs ADD COLUMN left_out_why TEXT;
     ALTER TABLE runs ADD COLUMN warnings TEXT",
    // The list or text whose entries were matched with the list, and the rule that joined each
    // device with one. Null where nothing was matched.
    "ALTER TABLE runs ADD COLUMN matched_name TEXT;
     ALTER TABLE runs ADD COLUMN matched_hash TEXT;
     ALTER TABLE run_devices ADD COLUMN matched_by TEXT",
    include_str!("schema_v6.sql"),
    include_str!("schema_v7.sql"),
    include_str!("schema_v8.sql"),
    include_str!("schema_v9.sql"),
    include_str!("schema_v10.sql"),
    include_str!("schema_v11.sql"),
    include_str!("schema_v12.sql"),
    // The process that took a slot, for showing who shares the limit. Null for earlier versions' slots.
    "ALTER TABLE slots ADD COLUMN process INTEGER",
    include_str!("schema_v14.sql"),
    include_str!("schema_v15.sql"),
    // Who closed it. Null while it isn't closed, and if an earlier version closed it.
    "ALTER TABLE runs ADD COLUMN closed_by TEXT",
];
/// The version from which on runs have blocks for a search.
const WITH_BLOCKS: usize = 8;

/// Sets the connection up and brings an older database to [`VERSION`]. Returns the version found
/// if it is a newer one, which is left untouched. The caller holds the lock. An older journal is
/// copied first; the copy is removed once the upgrade is durable.
pub(super) fn prepare(
    connection: &mut Connection,
    path: &Path,
    busy: Duration,
    progress: &mut dyn FnMut(UpgradeProgress),
) -> rusqlite::Result<i64> {
    connection.busy_timeout(busy)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Ok(found);
    }
    // The statement is stepped to its end, where it is committed: its row comes before that, and a
    // switch that can't be made isn't an error but the answer with the mode that stays.
    let modes: Vec<String> = connection
        .prepare("PRAGMA journal_mode = WAL")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if modes != ["wal"] {
        let error = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
        let words = format!("write-ahead logging can't be switched on: {modes:?}");
        return Err(rusqlite::Error::SqliteFailure(error, Some(words)));
    }
    // Each commit is on the disk before it returns: the promise that nothing sent is lost.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // In KiB if negative. Lookups by identifier read few pages twice.
    connection.pragma_update(None, "cache_size", -512)?;
    let missing = usize::try_from(found).unwrap_or(0);
    if missing < MIGRATIONS.len() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if found > 0 {
            upgrade::make_copy(path, busy)?;
            failpoint::reach("upgrade-copied");
        }
        for migration in &MIGRATIONS[missing..] {
            transaction.execute_batch(migration)?;
        }
        if missing < WITH_BLOCKS {
            let total =
                transaction.query_row("SELECT coalesce(sum(devices), 0) FROM runs", [], |row| {
                    row.get(0)
                })?;
            search::write_all_blocks(&transaction, &mut |done| {
                progress(UpgradeProgress { done, total });
            })?;
        }
        transaction.pragma_update(None, "user_version", VERSION)?;
        failpoint::reach("upgrade-written");
        transaction.commit()?;
        failpoint::reach("upgrade-stored");
    }
    upgrade::remove_copy(path);
    Ok(VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_database_is_brought_up_to_date_with_what_it_holds() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("j.db");
        let mut connection = Connection::open(&path).expect("a database");
        connection.execute_batch(MIGRATIONS[0]).expect("version 1");
        connection
            .execute_batch(
                "INSERT INTO accounts (tenant, account) VALUES ('t', ''); PRAGMA user_version = 1",
            )
            .expect("filled");
        let busy = Duration::from_secs(1);
        let found = prepare(&mut connection, &path, busy, &mut |_| {}).expect("migrated");
        assert_eq!(found, VERSION);
        assert_eq!(usize::try_from(VERSION), Ok(MIGRATIONS.len()));
        let version: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .expect("a version");
        assert_eq!(version, VERSION);
        connection
            .prepare("SELECT rules_hash, matched_name FROM runs")
            .expect("the new column is there");
        let accounts: i64 = connection
            .query_row("SELECT count(*) FROM accounts", [], |row| row.get(0))
            .expect("kept");
        assert_eq!(accounts, 1);
        assert!(!upgrade::copy_path(&path).exists(), "it is through");
    }
}
