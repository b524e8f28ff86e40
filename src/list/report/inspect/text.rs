//! Renders the reading report as text.

use std::fmt::Write as _;
use std::ops::Range;

use super::{LeftOutReport, LeftOutRow, ReadingReport};
use crate::list::{Container, Problem};
use crate::text::{clip, grouped, size, width};

/// The cells of a sample: three of them fit beside each other on most screens.
const SAMPLE: usize = 24;

/// The lines of entries that a reason names beside it.
const LINES: usize = 3;

/// How many entries were left out for a reason, and their first lines.
fn write_reason(text: &mut String, reason: &LeftOutReport) {
    let lines = reason.lines.iter().take(LINES);
    let lines: Vec<String> = lines.map(ToString::to_string).collect();
    let more = if reason.count > lines.len() as u64 {
        " …"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "{} left out: {} (line {}{more})",
        grouped(reason.count),
        reason.reason,
        lines.join(", ")
    );
}

/// The entries that were left out for a reason, by their lines with name and value; nothing if none has
/// either.
fn write_entries(text: &mut String, reason: &LeftOutReport) {
    let has_detail = |row: &LeftOutRow| !row.name.is_empty() || !row.value.is_empty();
    if !reason.rows.iter().any(has_detail) {
        return;
    }
    let _ = writeln!(text, "\n{}", reason.reason);
    let names = reason.rows.iter().map(|row| width(&row.name));
    let longest = names.max().unwrap_or(0).min(24);
    for row in &reason.rows {
        let mut line = format!("  line {}", row.line);
        if longest > 0 {
            let pad = " ".repeat(longest.saturating_sub(width(&row.name)));
            let _ = write!(line, "  {}{pad}", row.name);
        }
        let _ = write!(line, "  {}", row.value);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let more = reason.count.saturating_sub(reason.rows.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "  and {} more", grouped(more));
    }
}

/// What the screen knows of times besides the report.
#[derive(Clone, Copy, Debug)]
pub struct ReadingTimes<'a> {
    /// When the list was read.
    pub read_at: &'a str,
    /// What follows the list's time: where it comes from, and its age.
    pub about_list_time: &'a str,
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// Without a line break.
    pub text: String,
    /// The number of the column that it is about, if it is about one.
    pub column: Option<usize>,
    /// The bytes of the text with samples, which may be cut where there is no room; else empty.
    pub samples: Range<usize>,
}

impl ReadingReport {
    /// The whole report as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in self.lines(None) {
            text.push_str(&line.text);
            text.push('\n');
        }
        text
    }

    /// The lines of the whole report, with these times if they are known.
    pub fn lines(&self, times: Option<ReadingTimes<'_>>) -> Vec<ReportLine> {
        let mut above = self.headline();
        above.push_str("\n\n");
        self.write_format(&mut above, times);
        self.write_left_out(&mut above);
        above.push_str("\ncolumns\n");
        let mut below = String::new();
        for reason in &self.left_out {
            write_entries(&mut below, reason);
        }
        self.write_warnings(&mut below);
        let plain = |text: &str| ReportLine {
            text: text.to_owned(),
            column: None,
            samples: 0..0,
        };
        let above = above.lines().map(plain);
        above
            .chain(self.column_lines())
            .chain(below.lines().map(plain))
            .collect()
    }

    fn write_format(&self, text: &mut String, times: Option<ReadingTimes<'_>>) {
        let delimiter = match self.delimiter {
            Some('\t') => ", separated by tabs".to_owned(),
            Some(delimiter) => format!(", separated by '{delimiter}'"),
            None => String::new(),
        };
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "{name:<11}{value}");
        };
        let mut format = vec![format!("{}{delimiter}", self.shape)];
        format.extend(
            self.header_line
                .map(|line| format!("header in line {line}")),
        );
        format.push(self.encoding.clone());
        if self.container != Container::Plain {
            format.push(self.container.to_string());
        }
        row("format", &format.join(" · "));
        let size = size(self.size);
        match times {
            Some(times) => row("read", &format!("{} · {size}", times.read_at)),
            None => row("size", &size),
        }
        let about = times.map_or("", |times| times.about_list_time);
        match &self.time {
            Some(time) => row("list time", &format!("{time}{about}")),
            None => row("list time", "unknown: no readable last seen"),
        }
        for skipped in &self.skipped {
            row(
                "skipped",
                &format!(
                    "line {}, {}: {}",
                    skipped.line, skipped.reason, skipped.text
                ),
            );
        }
        let more = self.skipped_count.saturating_sub(self.skipped.len() as u64);
        if more > 0 {
            row("", &format!("and {more} more lines"));
        }
    }

    /// What a decision depends on: the entries that can't be used, and the fields that nothing can be asked of.
    fn write_left_out(&self, text: &mut String) {
        if !self.left_out.is_empty() {
            text.push('\n');
        }
        for reason in &self.left_out {
            write_reason(text, reason);
        }
        if !self.missing.is_empty() {
            let _ = writeln!(
                text,
                "\nNot in the file: {}. Filters on these match nothing, and protection that reads them protects every device.",
                self.missing.join(", ")
            );
        }
    }

    /// The lines about each column.
    fn column_lines(&self) -> Vec<ReportLine> {
        let mut lines = Vec::new();
        let width = self
            .columns
            .iter()
            .map(|column| column.header.chars().count())
            .max();
        let width = width.unwrap_or(0).min(32);
        let rows = grouped(self.rows);
        let cells = rows.len();
        for (number, column) in self.columns.iter().enumerate() {
            let samples = column.samples.iter().map(|sample| clip(sample, SAMPLE));
            let samples = samples.collect::<Vec<_>>().join(" · ");
            let mut text = format!(
                "  {:<width$}  {:<10}  {:>cells$}/{rows}  ",
                clip(&column.header, width.max(1)),
                column.field.unwrap_or("not used"),
                grouped(column.filled),
            );
            let begin = text.len();
            text.push_str(&samples);
            let samples = begin..text.len();
            if let Some(order) = column.date_order {
                let _ = write!(text, "  (dates {order})");
            }
            if column.unreadable > 0 {
                let _ = write!(text, "  ({} unreadable)", column.unreadable);
            }
            let line = |text, samples| ReportLine {
                text,
                column: Some(number),
                samples,
            };
            lines.push(line(text, samples));
            if let Some(remark) = &column.remark {
                lines.push(line(format!("  {:<width$}  {remark}", ""), 0..0));
            }
        }
        lines
    }

    fn write_warnings(&self, text: &mut String) {
        if !self.warnings.is_empty() {
            text.push_str("\nwarnings\n");
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "  {warning}");
        }
        if !self.can_be_planned() {
            let matching = Problem::Unmatched.to_string();
            let remedy = if self.left_out.iter().any(|reason| reason.reason == matching) {
                "nothing of this list can be sent as it is; `offboard plan LIST --match` finds its devices in the tenant's inventory"
            } else {
                "nothing of this list can be sent"
            };
            let _ = writeln!(text, "\n{remedy}");
        }
    }
}
