//! Gives a plan the full records of its devices: their rows as the list held them.

use std::io;

use serde_json::{Map, Value};

use super::CommandError;
use crate::domain::device::MacAddress;
use crate::domain::run::RunId;
use crate::export;
use crate::journal::{Journal, JournalError};
use crate::list::{DeviceId, DeviceList, ListError};
use crate::plan::{
    FullRecord, Keep, Plan, PlannedDevice, RecordError, RecordReader, RecordWriter, Records,
};

/// Why a plan can't get its records.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordsError {
    /// A row can't be read again.
    #[error(transparent)]
    List(#[from] ListError),
    /// The records of an earlier run can't be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A record can't be compressed.
    #[error("the rows of the devices can't be recorded: {0}")]
    Record(#[from] RecordError),
    /// The fields of a device can't be written as JSON.
    #[error("the rows of the devices can't be recorded: {0}")]
    Fields(#[from] io::Error),
}

impl From<RecordsError> for CommandError {
    fn from(error: RecordsError) -> Self {
        Self::refused(format!("nothing was sent: {error}"))
    }
}

/// Reads the rows of the plan's devices again from the list.
pub(super) fn attach(plan: &mut Plan, list: &DeviceList, keep: &Keep) -> Result<(), RecordsError> {
    let sources = std::mem::take(&mut plan.sources);
    let mut entries = sources.iter();
    let mut rows = list.records();
    let attached = fill(plan, keep, |_| match entries.next() {
        Some(&Some(id)) if keep.is_everything() => Ok(Some(FullRecord::of_rows(rows.read(id)?))),
        Some(&Some(id)) => fields_of(list, id, keep).map(Some),
        _ => Ok(None),
    });
    plan.sources = sources;
    attached
}

/// Copies the records of the devices from the run of which the plan is a retry.
pub(super) fn attach_earlier(
    plan: &mut Plan,
    journal: &Journal,
    run: &RunId,
    keep: &Keep,
) -> Result<(), RecordsError> {
    let Some(blocks) = journal.record_blocks(run)? else {
        plan.origin.records.keep = keep.clone();
        return Ok(());
    };
    let mut reader = RecordReader::new(&blocks);
    fill(plan, keep, |device| {
        let Some(ordinal) = device.record else {
            return Ok(None);
        };
        let read = reader.get(ordinal);
        let read = read.map_err(|error| journal.unreadable_record(run, ordinal, &error))?;
        Ok(read.map(|record| keep_of(record.clone(), keep)))
    })
}

/// Gives the plan of a file the rows that the file carries, which are in the order of its devices; a
/// device that was not in the list has none.
pub(super) fn attach_carried(
    plan: &mut Plan,
    rows: &[String],
    keep: &Keep,
) -> Result<(), RecordsError> {
    plan.origin.records.keep = keep.clone();
    // Files of earlier versions carry no rows.
    if rows.is_empty() {
        return Ok(());
    }
    let mut rows = rows.iter().map(|row| object(row)).peekable();
    fill(plan, keep, |device| {
        let is_of_device = |row: &Result<_, _>| row.as_ref().map_or(true, |row| is_of(row, device));
        match rows.next_if(is_of_device) {
            Some(row) => row.map(|row| Some(of_fields(None, row, keep))),
            None => Ok(None),
        }
    })
}

/// Gives each device the record that `record_of` returns for it, or an empty one.
fn fill(
    plan: &mut Plan,
    keep: &Keep,
    mut record_of: impl FnMut(&PlannedDevice) -> Result<Option<FullRecord>, RecordsError>,
) -> Result<(), RecordsError> {
    let mut writer = RecordWriter::default();
    for device in &mut plan.devices {
        let record = record_of(device)?.unwrap_or_default();
        device.record = Some(writer.push(&record)?);
    }
    plan.origin.records = Records {
        keep: keep.clone(),
        blocks: Some(writer.finish()?),
    };
    Ok(())
}

fn fields_of(list: &DeviceList, id: DeviceId, keep: &Keep) -> Result<FullRecord, RecordsError> {
    let device = list.device(id);
    let known = export::known_object(list, &device)?;
    let fields = object(known.get())?;
    Ok(of_fields(Some(device.line()), fields, keep))
}

fn of_fields(line: Option<u64>, mut fields: Map<String, Value>, keep: &Keep) -> FullRecord {
    keep.retain(&mut fields);
    FullRecord::of_fields(line, fields)
}

/// What is kept of a record that an earlier run stored. Rows as a list held them can't be reduced to fields
/// without that list.
fn keep_of(mut record: FullRecord, keep: &Keep) -> FullRecord {
    if !keep.is_everything() {
        record.rows.retain(|row| row.fields.is_some());
        for fields in record.rows.iter_mut().filter_map(|row| row.fields.as_mut()) {
            keep.retain(fields);
        }
    }
    record
}

fn object(text: &str) -> Result<Map<String, Value>, RecordsError> {
    Ok(serde_json::from_str(text).map_err(io::Error::from)?)
}

/// True if a row of a list of ours has an identifier of the device.
fn is_of(row: &Map<String, Value>, device: &PlannedDevice) -> bool {
    let hwid = row.get("hwid").and_then(Value::as_str);
    if let (Some(row), Some(device)) = (hwid, &device.hwid) {
        return row.eq_ignore_ascii_case(device.as_str());
    }
    let adapters = row.get("network_info").and_then(Value::as_array);
    let macs = adapters.into_iter().flatten();
    macs.filter_map(|adapter| adapter.get("mac_addr")?.as_str())
        .filter_map(|mac| MacAddress::parse(mac).ok())
        .any(|mac| device.macs.contains(&mac))
}
