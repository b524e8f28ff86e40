//! Replaces the names in a copy of the journal.

use std::path::Path;

use jiff::civil::Date;
use rusqlite::{Connection, Transaction, params};

use super::key::Key;
use super::pseudonyms::{Names, Pseudonyms};
use super::{Forgotten, query, rows};
use crate::journal::{Operator, holds, operator, records, runs, search};
use crate::plan::{FullRecord, LeftOutKind, RecordWriter, Warning};
use crate::platform::clock::{Clock, Now};

/// What is to be forgotten, by number.
pub(super) struct ForgetSelection {
    runs: Vec<i64>,
    devices: u64,
    holds: Vec<i64>,
}

impl ForgetSelection {
    /// Runs that ended before this day and can't be resumed, plans that were made before it and never
    /// confirmed, and holds that were over before it; unless they were forgotten earlier.
    pub(super) fn of(
        connection: &Connection,
        before: Date,
        now: Now,
        boot_id: &str,
    ) -> rusqlite::Result<Self> {
        // Times begin with their day.
        let mut statement = connection.prepare(&format!(
            "SELECT number, devices FROM runs WHERE forgotten IS NULL AND CASE
                 WHEN confirmed_at IS NULL THEN planned_at < ?1
                 ELSE state IN {} AND coalesce(ended_at, confirmed_at) < ?1 END
             ORDER BY number",
            runs::states(false)
        ))?;
        let found: Vec<(i64, u64)> = statement
            .query_map([before.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            devices: found.iter().map(|(_, devices)| devices).sum(),
            runs: found.into_iter().map(|(number, _)| number).collect(),
            holds: holds::over_before(connection, before, now, boot_id)?,
        })
    }

    pub(super) fn counts(&self) -> Forgotten {
        Forgotten {
            runs: self.runs.len() as u64,
            devices: self.devices,
            holds: self.holds.len() as u64,
        }
    }
}

/// Replaces the names in the copy at `path`, records that it did, and rewrites the file so that no free
/// page of it has them.
pub(super) fn rewrite(
    path: &Path,
    key: &Key,
    before: Date,
    clock: &Clock,
    operator: &Operator,
) -> rusqlite::Result<Forgotten> {
    let mut connection = Connection::open(path)?;
    // The copy is thrown away if anything fails, and synced as a whole.
    connection.query_row("PRAGMA journal_mode = OFF", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    let pseudonyms = Pseudonyms::new(key);
    let transaction = connection.transaction()?;
    let now = clock.now();
    let selected = ForgetSelection::of(&transaction, before, now, clock.boot_id())?;
    let counts = selected.counts();
    let number = record(
        &transaction,
        before,
        &now.wall.to_string(),
        counts,
        operator,
    )?;
    for &run in &selected.runs {
        forget_run(&transaction, run, &pseudonyms)?;
        transaction.execute(
            "UPDATE runs SET forgotten = ?2 WHERE number = ?1",
            [run, number],
        )?;
    }
    // In the order of runs.
    transaction.execute("DELETE FROM search_blocks", [])?;
    search::write_all_blocks(&transaction, &mut |_| {})?;
    for &hold in &selected.holds {
        forget_hold(&transaction, hold, number, &pseudonyms)?;
    }
    transaction.commit()?;
    connection.execute_batch("VACUUM")?;
    connection.close().map_err(|(_, source)| source)?;
    Ok(counts)
}

/// Records who forgets what, and returns the record's number.
fn record(
    transaction: &Transaction<'_>,
    before: Date,
    now: &str,
    counts: Forgotten,
    operator: &Operator,
) -> rusqlite::Result<i64> {
    let columns = "forgotten_at, before_day, runs, devices, holds";
    let values = params![
        now,
        before.to_string(),
        counts.runs,
        counts.devices,
        counts.holds
    ];
    operator::insert(transaction, "forgets", columns, values, operator)
}

fn forget_run(
    transaction: &Transaction<'_>,
    run: i64,
    pseudonyms: &Pseudonyms,
) -> rusqlite::Result<()> {
    let known = texts(
        transaction,
        "SELECT hostname, nickname, user_name FROM run_devices WHERE run = ?1
         UNION SELECT coalesce(hostname, ''), '', '' FROM lookups WHERE run = ?1
         UNION SELECT hostname, '', '' FROM verified_devices WHERE run = ?1
         UNION SELECT hostname, '', '' FROM dropped_devices WHERE run = ?1",
        run,
    )?;
    let names = Names::new(
        pseudonyms,
        known.iter().flatten().filter_map(Option::as_deref),
    );
    forget_devices(transaction, run, &names)?;
    forget_records(transaction, run, &names)?;
    let replaced = |text: &str| names.replaced(text);
    let hashed = |text: &str| names.hash(text);
    let of_query = |text: &str| query::forgotten(text, &names);
    let of_warnings = |text: &str| forgotten_warnings(text, &names);
    let of_reasons = |text: &str| forgotten_reasons(text, &names);
    let (itself, its) = ("number = ?1", "run = ?1");
    // A plan file that was never sent may still be.
    let of_file = "id = (SELECT id FROM runs WHERE number = ?1 AND confirmed_at IS NOT NULL)";
    // The hash of a list of a few names can be guessed, and so can the digest of a plan of one device. What the
    // server said may name a device.
    let columns: [(&str, &str, &str, NewText<'_>); 18] = [
        ("calls", "words", its, &replaced),
        ("lookups", "hostname", its, &hashed),
        ("verified_devices", "hostname", its, &hashed),
        ("dropped_devices", "hostname", its, &hashed),
        ("dropped_devices", "reason", its, &replaced),
        ("runs", "note", itself, &replaced),
        ("runs", "reason", itself, &replaced),
        ("runs", "list_name", itself, &replaced),
        ("runs", "list_hash", itself, &hashed),
        ("runs", "matched_name", itself, &replaced),
        ("runs", "matched_hash", itself, &hashed),
        ("runs", "query", itself, &of_query),
        ("runs", "warnings", itself, &of_warnings),
        ("runs", "left_out_why", itself, &of_reasons),
        ("rechecks", "list_name", its, &replaced),
        ("rechecks", "list_hash", its, &hashed),
        ("rechecks", "dropped_why", its, &of_reasons),
        ("plan_files", "digest", of_file, &hashed),
    ];
    for (table, column, condition, new) in columns {
        change(transaction, table, column, condition, run, new)?;
    }
    Ok(())
}

/// What a column's value becomes.
type NewText<'a> = &'a dyn Fn(&str) -> String;

/// Replaces a column's values by what `new` makes of them.
fn change(
    transaction: &Transaction<'_>,
    table: &str,
    column: &str,
    condition: &str,
    number: i64,
    new: NewText<'_>,
) -> rusqlite::Result<()> {
    let old = texts(
        transaction,
        &format!("SELECT DISTINCT {column} FROM {table} WHERE {condition}"),
        number,
    )?;
    let mut update = transaction.prepare_cached(&format!(
        "UPDATE {table} SET {column} = ?3 WHERE {condition} AND {column} = ?2"
    ))?;
    for old in old.iter().flatten().flatten() {
        let new = new(old);
        if new != *old {
            update.execute(params![number, old, new])?;
        }
    }
    Ok(())
}

/// The texts that a query returns for a number, by rows.
fn texts(
    connection: &Connection,
    sql: &str,
    number: i64,
) -> rusqlite::Result<Vec<Vec<Option<String>>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    statement
        .query_map([number], |row| {
            (0..columns).map(|column| row.get(column)).collect()
        })?
        .collect()
}

fn forget_devices(
    transaction: &Transaction<'_>,
    run: i64,
    names: &Names<'_>,
) -> rusqlite::Result<()> {
    let mut select = transaction.prepare_cached(
        "SELECT ordinal, hostname, nickname, user_name FROM run_devices WHERE run = ?1 ORDER BY ordinal",
    )?;
    let mut update = transaction.prepare_cached(
        "UPDATE run_devices SET hostname = ?3, nickname = ?4, user_name = ?5 WHERE run = ?1 AND ordinal = ?2",
    )?;
    let devices: Vec<(i64, [String; 3])> = select
        .query_map([run], |row| {
            Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?]))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (ordinal, device) in devices {
        let [hostname, nickname, user] = device.map(|name| names.hash(&name));
        update.execute(params![run, ordinal, hostname, nickname, user])?;
    }
    Ok(())
}

/// Replaces the blocks of a run's full records. A block that can't be read becomes one without rows: it
/// may have names.
fn forget_records(
    transaction: &Transaction<'_>,
    run: i64,
    names: &Names<'_>,
) -> rusqlite::Result<()> {
    let blocks = records::read_blocks(transaction, run)?;
    if blocks.is_empty() {
        return Ok(());
    }
    transaction.execute("DELETE FROM run_records WHERE run = ?1", [run])?;
    let failed =
        |error| rusqlite::Error::ToSqlConversionFailure(std::io::Error::other(error).into());
    let mut writer = RecordWriter::default();
    for block in blocks {
        let mut records = block.read().unwrap_or_default();
        records.resize(block.count as usize, FullRecord::default());
        for record in &records {
            writer
                .push(&rows::forgotten(record, names))
                .map_err(failed)?;
        }
    }
    records::insert_blocks(transaction, run, &writer.finish().map_err(failed)?)
}

/// Warnings that name a user or quote a rule keep their name only.
fn forgotten_warnings(stored: &str, names: &Names<'_>) -> String {
    let Ok(warnings) = serde_json::from_str::<Vec<String>>(stored) else {
        return names.hash(stored);
    };
    let warnings = warnings.into_iter().map(|warning| {
        match (Warning::name_in(&warning), warning.split_once(": ")) {
            (Some("last" | "rule-matches-none"), Some((name, sentence))) => {
                format!("{name}: {}", names.hash(sentence))
            }
            _ => names.replaced(&warning),
        }
    });
    serde_json::to_string(&warnings.collect::<Vec<_>>()).unwrap_or_default()
}

/// Reasons that quote a rule or a hold become hashes, so that they can still be distinguished.
fn forgotten_reasons(stored: &str, names: &Names<'_>) -> String {
    let Ok(reasons) = serde_json::from_str::<Vec<(String, String, u64)>>(stored) else {
        return names.hash(stored);
    };
    let reasons = reasons.into_iter().map(|(kind, reason, rows)| {
        let reason = match LeftOutKind::from_name(&kind) {
            Some(LeftOutKind::Protected | LeftOutKind::Held) => names.hash(&reason),
            _ => names.replaced(&reason),
        };
        (kind, reason, rows)
    });
    serde_json::to_string(&reasons.collect::<Vec<_>>()).unwrap_or_default()
}

fn forget_hold(
    transaction: &Transaction<'_>,
    hold: i64,
    number: i64,
    pseudonyms: &Pseudonyms,
) -> rusqlite::Result<()> {
    let hashed = |text: &str| pseudonyms.of(text);
    for column in ["hostname", "reason", "owner"] {
        change(transaction, "holds", column, "number = ?1", hold, &hashed)?;
    }
    transaction
        .execute(
            "UPDATE holds SET forgotten = ?2 WHERE number = ?1",
            [hold, number],
        )
        .map(drop)
}
