//! Gives a ticket's own file back with the results of a run in more columns.
//!
//! Nothing in the file changes but what is appended at the ends of its header and of the rows that
//! name devices: removing what was added gives the same bytes again. Rows are matched with the run's
//! devices as `--ids` matches rows with a list.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use jiff::Timestamp;

use super::{run_object, write_json};
use crate::domain::outcome::{Outcome, OutcomeClass};
use crate::domain::run::{RunId, RunState};
use crate::import::{Entry, MatchResult, MatchRule, match_rows};
use crate::journal::DeviceRecord;
use crate::list::{DeviceId, DeviceList, ListError, NoRowEnds, RowEnd, RowEnds};
use crate::text::counted;

/// The columns that are added.
const COLUMNS: [&str; 5] = ["outcome", "reason", "call", "time", "run"];

/// A device of the run, and when its outcome was decided.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// The device.
    pub record: &'a DeviceRecord,
    /// When; none for a device that was not sent.
    pub at: Option<Timestamp>,
}

/// The run whose outcomes are added.
#[derive(Clone, Copy, Debug)]
pub struct MergedRun<'a> {
    /// Its ID.
    pub id: RunId,
    /// Its state.
    pub state: RunState,
    /// True if hashes stand for the names of its devices.
    pub is_forgotten: bool,
    /// All its devices.
    pub devices: &'a [Decided<'a>],
}

impl MergedRun<'_> {
    /// Why a row isn't found that names a device of the run by its host name; none if it is found.
    pub fn missing_names(&self) -> Option<&'static str> {
        let mut devices = self.devices.iter();
        if self.is_forgotten {
            Some("its names were forgotten")
        } else if devices.all(|decided| decided.record.device.hostname.is_empty()) {
            Some("it has no host names")
        } else {
            None
        }
    }
}

/// The file with the added columns, and what became of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The content of the file.
    pub bytes: Vec<u8>,
    /// The names of the added columns; they differ from [`COLUMNS`] where the file has those.
    pub columns: Vec<String>,
    /// True if the file has a header that names them.
    pub has_header: bool,
    /// Rows with an outcome.
    pub matched: usize,
    /// Rows that could be one of several devices of the run.
    pub ambiguous: usize,
    /// Rows that are no device of the run.
    pub others: usize,
}

/// Why a file can't be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The file has no rows to which something can be appended.
    #[error(transparent)]
    Rows(#[from] NoRowEnds),
    /// The run's devices can't be read as a list.
    #[error(transparent)]
    Run(#[from] ListError),
    /// They can't be written as one.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The result is not the file with something appended.
    #[error("{0} can't be merged without a change of its own bytes: save it as CSV in UTF-8")]
    Changed(String),
}

/// What is appended to a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Added {
    outcome: &'static str,
    reason: String,
    call: String,
    time: String,
    run: String,
}

impl Added {
    fn cells(&self) -> [&str; 5] {
        let Self {
            outcome,
            reason,
            call,
            time,
            run,
        } = self;
        [outcome, reason, call, time, run]
    }
}

/// Appends the outcomes of a run's devices to the rows of `list`, which was read from `bytes`.
pub fn merge(bytes: &[u8], list: &DeviceList, run: MergedRun<'_>) -> Result<Merged, MergeError> {
    let ends = list.row_ends(bytes)?;
    let of_run = RunList::new(run)?;
    let mut added = HashMap::new();
    let (mut matched, mut ambiguous, mut others) = (0, 0, 0);
    for entry in match_rows(list, &of_run.list) {
        let Some(row) = entry.row else { continue };
        let cells = of_run.added(&entry, list.device(row.id).hwid());
        for line in list.lines(row.id) {
            match &entry.result {
                MatchResult::Matched(_) | MatchResult::Several(_) => matched += 1,
                MatchResult::Ambiguous(_) => ambiguous += 1,
                _ => others += 1,
            }
            added.insert(line, cells.clone());
        }
    }
    let columns = column_names(list);
    let (merged, ranges) = append(bytes, &ends, &columns, &added);
    if without(&merged, &ranges) != bytes {
        return Err(MergeError::Changed(list.name().to_owned()));
    }
    Ok(Merged {
        bytes: merged,
        columns,
        has_header: ends.header.is_some(),
        matched,
        ambiguous,
        others,
    })
}

/// The names of the added columns, numbered where the file has a column of that name.
fn column_names(list: &DeviceList) -> Vec<String> {
    let names = COLUMNS.into_iter().map(|name| {
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| list.find_columns(name).is_empty());
        free.unwrap_or_else(|| name.to_owned())
    });
    names.collect()
}

/// The file with the cells added at the ends of its rows, and where in it the added bytes are. Shorter
/// rows are filled up first, so that the cells of all rows are in the same columns.
fn append(
    bytes: &[u8],
    ends: &RowEnds,
    columns: &[String],
    added: &HashMap<u64, Added>,
) -> (Vec<u8>, Vec<Range<usize>>) {
    let of_devices = || ends.rows.iter().filter(|end| added.contains_key(&end.line));
    let all = ends.header.iter().chain(of_devices());
    let width = all.map(|end| end.cells).max().unwrap_or_default();
    let mut merged = Vec::with_capacity(bytes.len() + 64 * added.len());
    let mut ranges = Vec::with_capacity(added.len() + 1);
    let mut copied = 0;
    let mut put = |end: &RowEnd, cells: &mut dyn Iterator<Item = &str>| {
        merged.extend_from_slice(bytes.get(copied..end.at).unwrap_or_default());
        copied = end.at;
        let mut text = String::new();
        for _ in end.cells..width {
            text.push(ends.delimiter);
        }
        for cell in cells {
            text.push(ends.delimiter);
            text.push_str(&quoted(cell, ends));
        }
        let begin = merged.len();
        merged.extend(ends.encoded(&text));
        ranges.push(begin..merged.len());
    };
    if let Some(header) = &ends.header {
        put(header, &mut columns.iter().map(String::as_str));
    }
    for end in of_devices() {
        if let Some(added) = added.get(&end.line) {
            put(end, &mut added.cells().into_iter());
        }
    }
    merged.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    (merged, ranges)
}

/// The bytes without these ranges, which ascend.
fn without(bytes: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(bytes.len());
    let mut kept = 0;
    for range in ranges {
        rest.extend_from_slice(bytes.get(kept..range.start).unwrap_or_default());
        kept = range.end;
    }
    rest.extend_from_slice(bytes.get(kept..).unwrap_or_default());
    rest
}

/// The cell as the file quotes its cells.
fn quoted(cell: &str, ends: &RowEnds) -> String {
    if ends.is_quoted || cell.contains([ends.delimiter, '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The devices of a run as a list, in which rows are looked up.
struct RunList<'a> {
    list: DeviceList,
    run: MergedRun<'a>,
    /// By the line of the list.
    by_line: HashMap<u64, Decided<'a>>,
}

impl<'a> RunList<'a> {
    fn new(run: MergedRun<'a>) -> Result<Self, MergeError> {
        let mut bytes = Vec::new();
        let objects = run.devices.iter().map(|device| {
            let mut object = run_object(device.record);
            object["serial"] = device.record.device.serial.as_str().into();
            object
        });
        write_json(&mut bytes, objects)?;
        // The array begins on the first line, and every device has one more.
        let by_line = (2..).zip(run.devices.iter().copied()).collect();
        Ok(Self {
            list: DeviceList::read_bytes("the run", &bytes)?,
            run,
            by_line,
        })
    }

    fn decided(&self, id: DeviceId) -> Option<Decided<'a>> {
        self.by_line.get(&self.list.device(id).line()).copied()
    }

    /// What is appended to the row of this entry, which has this HWID.
    fn added(&self, entry: &Entry, hwid: Option<&str>) -> Added {
        let reason = |reason: String| Added {
            reason,
            ..Added::default()
        };
        match &entry.result {
            MatchResult::Matched(id) => self.of_device(*id, entry.rule, hwid),
            MatchResult::Several(ids) => self.of_person(ids),
            MatchResult::Ambiguous(ids) => reason(format!(
                "ambiguous: {} of the run",
                counted(ids.len() as u64, "device")
            )),
            MatchResult::Invalid(invalid) => reason(invalid.to_string()),
            MatchResult::Missing(_) | MatchResult::Repeated => {
                reason(match self.run.missing_names() {
                    Some(why) => format!("not found in run {}: {why}", self.run.id),
                    None => format!("not in run {}", self.run.id),
                })
            }
        }
    }

    fn of_device(&self, id: DeviceId, rule: Option<MatchRule>, hwid: Option<&str>) -> Added {
        let Some(Decided { record, at }) = self.decided(id) else {
            return Added::default();
        };
        let outcome = record.state.as_final_outcome();
        let mut reasons: Vec<String> = Vec::new();
        if !outcome.reason().is_empty() {
            reasons.push(outcome.reason().to_owned());
        }
        if outcome == Outcome::NotSent && self.run.state.is_open() {
            reasons.push(format!("the run is {}", self.run.state.as_str()));
        }
        let sent = record.device.hwid.as_ref().map(ToString::to_string);
        if let (Some(hwid), Some(sent), Some(rule)) = (hwid, sent, rule)
            && !hwid.eq_ignore_ascii_case(&sent)
        {
            reasons.push(format!("matched {rule}, sent with another HWID"));
        }
        Added {
            outcome: outcome.class().as_str(),
            reason: reasons.join("; "),
            call: record.call.map(|call| call.to_string()).unwrap_or_default(),
            time: at.map(|at| format!("{at:.0}")).unwrap_or_default(),
            run: self.run.id.to_string(),
        }
    }

    /// All devices of a person: their outcome if it is the same for all, and how many have which.
    fn of_person(&self, ids: &[DeviceId]) -> Added {
        let mut counts = BTreeMap::<OutcomeClass, u64>::new();
        let decided: Vec<Decided<'_>> = ids.iter().filter_map(|&id| self.decided(id)).collect();
        for device in &decided {
            let class = device.record.state.as_final_outcome().class();
            *counts.entry(class).or_default() += 1;
        }
        let parts = counts
            .iter()
            .map(|(class, count)| format!("{count} {}", class.label()));
        let parts: Vec<String> = parts.collect();
        let only = match counts.len() {
            1 => counts.keys().next().map(|class| class.as_str()),
            _ => None,
        };
        let latest = decided.iter().filter_map(|device| device.at).max();
        Added {
            outcome: only.unwrap_or_default(),
            reason: format!(
                "{}: {}",
                counted(decided.len() as u64, "device"),
                parts.join(", ")
            ),
            call: String::new(),
            time: latest.map(|at| format!("{at:.0}")).unwrap_or_default(),
            run: self.run.id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
