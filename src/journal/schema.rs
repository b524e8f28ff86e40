//! The tables, and how a database comes to have them.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

/// The version that this program writes, kept in SQLite's `user_version`.
pub(super) const VERSION: i64 = 1;

const TABLES: &str = include_str!("schema.sql");

/// Sets the connection up and brings an older database to [`VERSION`]. Returns the version found
/// if it is a newer one, which is left untouched. The caller holds the lock.
pub(super) fn prepare(connection: &mut Connection, busy: Duration) -> rusqlite::Result<i64> {
    connection.busy_timeout(busy)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Ok(found);
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Each commit is on the disk before it returns: the promise that nothing sent is lost.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if found == 0 {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
    }
    Ok(VERSION)
}
