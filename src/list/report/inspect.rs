//! The reading report: how a list was read, for all front ends.

mod left_out;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::device::{Identifier, IdentifyBy};
use crate::list::fields::column::Column;
use crate::list::fields::dates::DateOrder;
use crate::list::fields::headers::{Meaning, Role};
use crate::list::input::container::Container;
use crate::list::{DeviceList, Field, ReadOptions};
use crate::text::{clip, counted, grouped, visible};
pub use left_out::{LeftOutReport, LeftOutRow};
pub use text::{ReadingTimes, ReportLine};

/// The maximum number of skipped lines, and of lines per reason, in the report.
const SHOWN_LINES: usize = 20;

/// What tells devices apart, and what most filters and protection rules read.
const DECIDING: [Field; 9] = [
    Field::Hostname,
    Field::Hwid,
    Field::Mac,
    Field::Seen,
    Field::Type,
    Field::Status,
    Field::Group,
    Field::Os,
    Field::User,
];

/// Facts about a list as a whole.
#[derive(Clone, Debug, Default)]
pub(in crate::list) struct Findings {
    pub container: Container,
    /// The encoding of the text.
    pub encoding: String,
    /// JSON, CSV and so on.
    pub shape: &'static str,
    pub delimiter: Option<char>,
    /// The header's line, from 1.
    pub header_line: Option<u64>,
    /// The system that wrote the list.
    pub system: Option<&'static str>,
    /// True for a list of our own tenant.
    pub own_system: bool,
    /// The first lines that are not devices.
    skipped: Vec<SkippedLine>,
    skipped_count: u64,
}

/// A line that is not a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct SkippedLine {
    /// From 1.
    pub line: u64,
    /// Why it was skipped.
    pub reason: &'static str,
    /// The beginning of its text, safe to show.
    pub text: String,
}

impl Findings {
    /// True for the text of a workbook's sheet.
    pub fn is_sheet(&self) -> bool {
        matches!(self.container, Container::Workbook { .. })
    }

    /// Records a row that is not a device.
    pub fn skip<'c>(
        &mut self,
        line: u64,
        reason: &'static str,
        cells: impl Iterator<Item = &'c str>,
    ) {
        let text = cells.collect::<Vec<_>>().join(" ");
        self.skip_text(line, reason, &text);
    }

    /// Records the lines above the header.
    pub fn skip_lines(&mut self, lines: Vec<(u64, String)>) {
        for (line, text) in lines {
            self.skip_text(line, "above the header", &text);
        }
    }

    fn skip_text(&mut self, line: u64, reason: &'static str, text: &str) {
        self.skipped_count += 1;
        if self.skipped.len() < SHOWN_LINES {
            let text = clip(text.trim(), 60).into_owned();
            self.skipped.push(SkippedLine { line, reason, text });
        }
    }
}

/// How a list was read. Texts are safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct ReadingReport {
    /// The name of the list.
    pub name: String,
    /// Its size in bytes, expanded if it is compressed.
    pub size: u64,
    /// Plain, gzip, zstd, or a workbook with its sheet.
    #[cfg_attr(test, schemars(with = "String"))]
    pub container: Container,
    /// The encoding of the text.
    pub encoding: String,
    /// JSON, CSV, a Markdown table and so on.
    pub shape: String,
    /// The delimiter of a table's cells.
    pub delimiter: Option<char>,
    /// The header's line, from 1.
    pub header_line: Option<u64>,
    /// The recognised source system.
    pub system: Option<String>,
    /// The number of lines that are not devices.
    pub skipped_count: u64,
    /// The first of these lines.
    pub skipped: Vec<SkippedLine>,
    /// Each column, in the order of the list.
    pub columns: Vec<ColumnReport>,
    /// The fields that no entry has, of those that most filters and protection rules read.
    pub missing: Vec<&'static str>,
    /// Rows that were read.
    pub rows: u64,
    /// Entries of the list: devices and unusable rows.
    pub entries: u64,
    /// Devices that are sent by their HWID.
    pub by_hwid: u64,
    /// Devices that are sent by their MAC address.
    pub by_mac: u64,
    /// Rows that were merged into another.
    pub merged: u64,
    /// Entries that can't be sent, by reason.
    pub left_out: Vec<LeftOutReport>,
    /// The time from which ages count, in RFC 3339.
    pub time: Option<String>,
    /// Notices about the list as a whole.
    pub warnings: Vec<String>,
}

/// How one column was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct ColumnReport {
    /// Its header, or its path in JSON.
    pub header: String,
    /// The header as the list has it. Not safe to show.
    #[serde(skip)]
    pub raw_header: String,
    /// The field that it is read as.
    pub field: Option<&'static str>,
    /// An explanation, if the assignment of the column needs one.
    pub remark: Option<String>,
    /// The number of rows with a value.
    pub filled: u64,
    /// The first three different values.
    pub samples: Vec<String>,
    /// The order of day, month and year, if the dates need one: `dmy`, `mdy`, `ymd`.
    pub date_order: Option<&'static str>,
    /// The number of values that can't be read: errors of a spreadsheet such as `#N/A`, and dates,
    /// including those in the future and those whose day and month are ambiguous.
    pub unreadable: u64,
}

/// A short description of a list's format.
fn how(shape: &str, system: Option<&str>, container: &Container, encoding: &str) -> String {
    let mut line = shape.to_owned();
    if let Some(system) = system {
        let _ = write!(line, " of {system}");
    }
    if *container != Container::Plain {
        let _ = write!(line, ", {container}");
    }
    if encoding != "UTF-8" {
        let _ = write!(line, ", {encoding}");
    }
    line
}

impl DeviceList {
    /// A short description of the list's format.
    pub fn form(&self) -> String {
        let findings = &self.findings;
        how(
            findings.shape,
            findings.system,
            &findings.container,
            &findings.encoding,
        )
    }

    /// The reading report. Takes one pass over the entries.
    pub fn report(&self) -> ReadingReport {
        let findings = &self.findings;
        let (mut by_hwid, mut by_mac) = (0, 0);
        let mut left_out: BTreeMap<String, LeftOutReport> = BTreeMap::new();
        let mut missing = DECIDING.to_vec();
        missing.retain(|&field| !self.has_values_of(field));
        for id in self.ids() {
            missing.retain(|&field| self.device(id).lacks(field));
            match self.identify(id, IdentifyBy::Auto) {
                Ok(Identifier::Hwid(_)) => by_hwid += 1,
                Ok(Identifier::Mac(_)) => by_mac += 1,
                Err(problem) => {
                    let reason = left_out.entry(problem.to_string());
                    let reason = reason.or_insert_with_key(|name| LeftOutReport::of(name.clone()));
                    reason.add(self, id, &problem);
                }
            }
        }
        let counts = self.counts();
        ReadingReport {
            name: self.name().to_owned(),
            size: self.source.size(),
            container: findings.container.clone(),
            encoding: findings.encoding.clone(),
            shape: findings.shape.to_owned(),
            delimiter: findings.delimiter,
            header_line: findings.header_line,
            system: findings.system.map(str::to_owned),
            skipped_count: findings.skipped_count,
            skipped: findings.skipped.clone(),
            columns: self.column_reports(),
            missing: missing.into_iter().map(Field::name).collect(),
            rows: self.len() as u64 + counts.repeated,
            entries: self.len() as u64,
            by_hwid,
            by_mac,
            merged: counts.repeated,
            left_out: left_out.into_values().collect(),
            time: self.time().map(|time| time.to_string()),
            warnings: self.notices().iter().map(ToString::to_string).collect(),
        }
    }

    /// True if a column that is read as this field has a value.
    fn has_values_of(&self, field: Field) -> bool {
        let mut columns = self.columns.iter().filter(|column| column.filled > 0);
        columns.any(|column| column.field() == Some(field))
    }

    fn column_reports(&self) -> Vec<ColumnReport> {
        let columns = self
            .columns
            .iter()
            .filter(|column| column.filled > 0 || !column.header.is_empty());
        columns
            .map(|column| ColumnReport {
                header: visible(&column.header).into_owned(),
                raw_header: column.header.clone(),
                field: column.field().map(Field::name),
                remark: self.remark(column),
                filled: column.filled,
                samples: column
                    .samples
                    .iter()
                    .map(|sample| clip(sample, 40).into_owned())
                    .collect(),
                date_order: if column.open_dates.count > 0 {
                    column.date_order(&self.options).map(DateOrder::as_str)
                } else {
                    None
                },
                unreadable: match unreadable_dates(column, &self.options) {
                    0 => column.errors,
                    // A date that is an error was counted as a date already.
                    dates => dates,
                },
            })
            .collect()
    }

    fn remark(&self, column: &Column) -> Option<String> {
        if self.options.assigned(&column.header).is_some() {
            return Some("as assigned".to_owned());
        }
        match column.role {
            Role::ForeignId => {
                let whose = self.findings.system.unwrap_or("another system");
                Some(format!(
                    "identifiers of {whose}, not hardware IDs; --column hwid=\"…\" overrides this"
                ))
            }
            Role::Known(alias) if alias.meaning == Meaning::DeviceId => {
                Some("taken for the hardware ID: no other column is one".to_owned())
            }
            _ => None,
        }
    }
}

/// Why a reading of a list is worse than another: fewer devices could be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {} could be sent, {} before{}", counted(*now, "device"), grouped(*before), largest_group(most_left_out.as_ref()))]
pub struct WorseReading {
    now: u64,
    before: u64,
    /// The most frequent reason to leave devices out now, and its devices.
    most_left_out: Option<(u64, String)>,
}

fn largest_group(left_out: Option<&(u64, String)>) -> String {
    left_out.map_or_else(String::new, |(count, reason)| {
        format!(": {} left out, {reason}", grouped(*count))
    })
}

impl ReadingReport {
    /// True if at least one device can be sent.
    pub fn can_be_planned(&self) -> bool {
        self.sendable() > 0
    }

    fn sendable(&self) -> u64 {
        self.by_hwid + self.by_mac
    }

    /// Refuses this reading of a list if fewer devices could be sent than after the `other`.
    pub fn check_not_worse_than(&self, other: &Self) -> Result<(), WorseReading> {
        let (now, before) = (self.sendable(), other.sendable());
        if now >= before {
            return Ok(());
        }
        let most = self.left_out.iter().max_by_key(|reason| reason.count);
        let most_left_out = most.map(|reason| (reason.count, reason.reason.clone()));
        Err(WorseReading {
            now,
            before,
            most_left_out,
        })
    }

    /// A one-line summary with the list's name.
    pub fn headline(&self) -> String {
        let merged = match self.merged {
            0 => String::new(),
            merged => format!(", {} merged into another", grouped(merged)),
        };
        format!(
            "{}: {} · {} · {} by HWID, {} by MAC, {} left out{merged}",
            self.name,
            how(
                &self.shape,
                self.system.as_deref(),
                &self.container,
                &self.encoding
            ),
            counted(self.rows, "row"),
            grouped(self.by_hwid),
            grouped(self.by_mac),
            grouped(self.left_out.iter().map(|reason| reason.count).sum())
        )
    }
}

/// The dates of a column that count as unreadable.
fn unreadable_dates(column: &Column, options: &ReadOptions) -> u64 {
    let ambiguous = match column.date_order(options) {
        Some(_) => 0,
        None => column.open_dates.count,
    };
    column.unreadable.count + column.future.count + ambiguous
}
