//! Full records: the rows of a run's devices as the list held them.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Journal, JournalError};
use crate::domain::run::RunId;
use crate::plan::{FullRecord, Plan, RecordBlock, RecordError, RecordReader, RecordWriter};

/// The version of the journal from which on it has records.
const WITH_RECORDS: i64 = 10;

/// The full record of a device in a run.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredRecord {
    /// Its rows as the list held them.
    Rows(FullRecord),
    /// The device was not in the list, so that there was no row.
    NoRow,
    /// The run has no records: an earlier version of the program, or the plan file of one, planned it.
    NoRecords,
}

impl StoredRecord {
    /// Why there are no rows; empty if there are.
    pub fn missing(&self) -> &'static str {
        match self {
            Self::Rows(_) => "",
            Self::NoRow => {
                "no row: the device was planned by its identifier alone, not from a list"
            }
            Self::NoRecords => {
                "no row: a version that did not keep the rows of the list made the plan"
            }
        }
    }
}

impl Journal {
    /// The full record of a device of a run.
    pub fn full_record(&self, run: &RunId, ordinal: u32) -> Result<StoredRecord, JournalError> {
        let number = self.number(run)?;
        if self.version < WITH_RECORDS {
            return Ok(StoredRecord::NoRecords);
        }
        let block = self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT first, records, data FROM run_records WHERE run = ?1 AND first <= ?2
                 ORDER BY first DESC LIMIT 1",
            )?;
            let block = statement.query_row(params![number, ordinal], block);
            block.optional()
        })?;
        let Some(block) = block else {
            return Ok(StoredRecord::NoRecords);
        };
        let blocks = [block];
        let mut reader = RecordReader::new(&blocks);
        let read = reader.get(ordinal);
        match read.map_err(|error| self.unreadable_record(run, ordinal, &error))? {
            Some(record) => Ok(StoredRecord::of(record.clone())),
            None => Err(self.missing_record(run, ordinal)),
        }
    }

    /// The blocks of a run's full records; none if it has no records.
    pub fn record_blocks(&self, run: &RunId) -> Result<Option<Vec<RecordBlock>>, JournalError> {
        let number = self.number(run)?;
        if self.version < WITH_RECORDS {
            return Ok(None);
        }
        let blocks = self.query(|connection| read_blocks(connection, number))?;
        Ok((!blocks.is_empty()).then_some(blocks))
    }

    /// The damage if no block has the record of this device.
    pub fn missing_record(&self, run: &RunId, ordinal: u32) -> JournalError {
        self.damaged(format!(
            "the full record of device {} of run {run} is missing; its outcome is not affected",
            u64::from(ordinal) + 1
        ))
    }

    /// The damage if the record of this device can't be read.
    pub fn unreadable_record(
        &self,
        run: &RunId,
        ordinal: u32,
        error: &RecordError,
    ) -> JournalError {
        self.damaged(format!(
            "the full record of device {} of run {run} can't be read: {error}; its outcome is not affected",
            u64::from(ordinal) + 1
        ))
    }
}

impl StoredRecord {
    /// A record that was read.
    pub fn of(record: FullRecord) -> Self {
        if record.rows.is_empty() {
            Self::NoRow
        } else {
            Self::Rows(record)
        }
    }
}

/// The blocks of a run, in order.
pub(super) fn read_blocks(connection: &Connection, run: i64) -> rusqlite::Result<Vec<RecordBlock>> {
    connection
        .prepare_cached(
            "SELECT first, records, data FROM run_records WHERE run = ?1 ORDER BY first",
        )?
        .query_map([run], block)?
        .collect()
}

fn block(row: &Row<'_>) -> rusqlite::Result<RecordBlock> {
    Ok(RecordBlock {
        first: row.get(0)?,
        count: row.get(1)?,
        data: row.get(2)?,
    })
}

/// Stores the records of a plan: the N-th of the N-th device.
pub(super) fn insert(transaction: &Transaction<'_>, run: i64, plan: &Plan) -> rusqlite::Result<()> {
    let Some(blocks) = &plan.origin.records.blocks else {
        return Ok(());
    };
    let in_order = (0..)
        .zip(&plan.devices)
        .all(|(ordinal, device)| device.record == Some(ordinal));
    let recorded: usize = blocks.iter().map(|block| block.count as usize).sum();
    if in_order && recorded == plan.devices.len() {
        return insert_blocks(transaction, run, blocks);
    }
    // Devices were dropped since the records were made.
    let ordered = in_order_of_devices(plan, blocks);
    let ordered = ordered.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    insert_blocks(transaction, run, &ordered)
}

fn in_order_of_devices(
    plan: &Plan,
    blocks: &[RecordBlock],
) -> Result<std::sync::Arc<[RecordBlock]>, RecordError> {
    let mut reader = RecordReader::new(blocks);
    let mut writer = RecordWriter::default();
    for device in &plan.devices {
        let record = match device.record {
            Some(number) => reader.get(number)?,
            None => None,
        };
        writer.push(record.unwrap_or(&FullRecord::default()))?;
    }
    writer.finish()
}

pub(super) fn insert_blocks(
    transaction: &Transaction<'_>,
    run: i64,
    blocks: &[RecordBlock],
) -> rusqlite::Result<()> {
    let mut row = transaction
        .prepare("INSERT INTO run_records (run, first, records, data) VALUES (?1, ?2, ?3, ?4)")?;
    for block in blocks {
        row.execute(params![run, block.first, block.count, block.data])?;
    }
    Ok(())
}
