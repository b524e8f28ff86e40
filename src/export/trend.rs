//! The trend of an account as a chart of text, and as JSON lines.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::LicenceLine;
use crate::domain::action::Action;
use crate::domain::target::Target;
use crate::domain::trend::{Trend, place};
use crate::journal::FetchTotals;
use crate::text::{counted, grouped};

/// What is shown where nothing was fetched.
pub const NO_FETCH: &str = "No fetch is recorded yet.";
/// What to do about it.
pub const FETCH_FIRST: &str = "Each complete fetch adds a point to the trend.";

/// The levels of a cell, from the lowest.
const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII_LEVELS: [&str; 3] = [".", ":", "#"];

/// What a line of the chart is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartPart {
    /// What is counted, and how it changed.
    Heading,
    /// A label at the left and bars.
    Bars,
    /// When runs were confirmed.
    Runs,
    /// The axis of time, and explanations.
    Note,
}

/// The size and the characters of a chart.
#[derive(Clone, Copy, Debug)]
pub struct ChartStyle {
    /// The cells of a line.
    pub width: usize,
    /// The lines of bars for each of what is counted.
    pub rows: usize,
    /// ASCII characters only.
    pub ascii: bool,
}

/// The trend as lines: devices, those that were not seen for over 90 days and licences, each as bars over
/// time; then the runs. Between two fetches, the bars stay at the earlier one. Empty without a fetch.
pub fn chart(trend: &Trend, style: ChartStyle) -> Vec<(ChartPart, String)> {
    let Some((begin, end)) = trend.span() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let licences = |at: usize| trend.points[at].licences;
    let licences: Vec<Option<u64>> = (0..trend.points.len())
        .map(|at| licences(at).map(|(used, _)| used))
        .collect();
    let devices = trend
        .points
        .iter()
        .map(|point| Some(point.devices))
        .collect();
    let unseen = trend
        .points
        .iter()
        .map(|point| Some(point.unseen))
        .collect();
    let series: [(&str, Vec<Option<u64>>); 3] = [
        ("devices", devices),
        ("unseen > 90 d", unseen),
        ("licences used", licences),
    ];
    let most = series
        .iter()
        .flat_map(|(_, values)| values.iter().flatten());
    let label = most.max().map_or(1, |most| grouped(*most).len());
    let axis = Axis {
        begin,
        length: end.as_second().saturating_sub(begin.as_second()).max(1),
        columns: style.width.saturating_sub(label + 3).max(1),
    };
    let times: Vec<Timestamp> = trend.points.iter().map(|point| point.at).collect();
    for (name, values) in &series {
        let Some(change) = change(values, style.ascii) else {
            continue;
        };
        lines.push((ChartPart::Heading, format!(" {name:<14} {change}")));
        let columns = axis.columns(&times, values);
        lines.extend(bars(&columns, label, style));
    }
    let (mark, blank) = (if style.ascii { "^" } else { "▲" }, " ".repeat(label + 3));
    if !trend.runs.is_empty() {
        lines.push((
            ChartPart::Runs,
            format!("{blank}{}", axis.runs(trend, mark)),
        ));
    }
    let (begin, end) = (day(begin), day(end));
    let gap = axis.columns.saturating_sub(begin.len() + end.len());
    let dates = if begin == end {
        begin
    } else {
        format!("{begin}{}{end}", " ".repeat(gap.max(1)))
    };
    lines.push((ChartPart::Note, format!("{blank}{dates}")));
    lines.push((ChartPart::Note, format!(" {}", explanation(trend, mark))));
    lines
}

/// The axis of time.
#[derive(Clone, Copy)]
struct Axis {
    begin: Timestamp,
    length: i64,
    columns: usize,
}

impl Axis {
    fn place(self, at: Timestamp) -> usize {
        place(at, self.begin.as_second(), self.length, self.columns)
    }

    /// The value of each column, up to that of the last fetch.
    fn columns(self, times: &[Timestamp], values: &[Option<u64>]) -> Vec<Option<u64>> {
        let mut columns = vec![None; self.columns];
        let mut newest = 0;
        for (&at, &value) in times.iter().zip(values) {
            let place = self.place(at);
            newest = newest.max(place);
            columns[place] = value.or(columns[place]);
        }
        let mut last = None;
        for column in &mut columns[..=newest] {
            last = column.or(last);
            *column = last;
        }
        columns
    }

    /// A mark in each column with a run; a number where there are several.
    fn runs(self, trend: &Trend, mark: &str) -> String {
        let mut counts = vec![0_usize; self.columns];
        for run in &trend.runs {
            counts[self.place(run.at)] += 1;
        }
        let marks = counts.into_iter().map(|count| match count {
            0 => " ".to_owned(),
            1 => mark.to_owned(),
            2..=9 => count.to_string(),
            _ => "+".to_owned(),
        });
        marks.collect::<String>().trim_end().to_owned()
    }
}

/// `1,204 → 1,093 (−111)`: the first and the last value.
fn change(values: &[Option<u64>], ascii: bool) -> Option<String> {
    let mut known = values.iter().flatten();
    let first = *known.next()?;
    let Some(last) = known.last().copied() else {
        return Some(grouped(first));
    };
    let (arrow, minus) = if ascii { ("->", "-") } else { ("→", "−") };
    let difference = match last.cmp(&first) {
        std::cmp::Ordering::Less => format!("{minus}{}", grouped(first - last)),
        std::cmp::Ordering::Equal => return Some(format!("{}, unchanged", grouped(last))),
        std::cmp::Ordering::Greater => format!("+{}", grouped(last - first)),
    };
    Some(format!(
        "{} {arrow} {} ({difference})",
        grouped(first),
        grouped(last)
    ))
}

/// Lines of bars between the smallest and the largest value, which are at the left.
fn bars(columns: &[Option<u64>], label: usize, style: ChartStyle) -> Vec<(ChartPart, String)> {
    let levels: &[&str] = if style.ascii { &ASCII_LEVELS } else { &LEVELS };
    let known = || columns.iter().flatten().copied();
    let (Some(least), Some(most)) = (known().min(), known().max()) else {
        return Vec::new();
    };
    // A line is enough for what hasn't changed.
    let rows = if most == least { 1 } else { style.rows.max(1) };
    let steps = (rows * levels.len()) as u64;
    let height = |value: u64| -> usize {
        // The smallest value has one step, so that it can be distinguished from none.
        let step = match most - least {
            0 => 0,
            range => u128::from(value - least) * u128::from(steps - 1) / u128::from(range),
        };
        usize::try_from(step).unwrap_or(0) + 1
    };
    let edge = if style.ascii { "|" } else { "▏" };
    let mut lines = Vec::new();
    for row in (0..rows).rev() {
        let name = match row {
            _ if row + 1 == rows => grouped(most),
            0 => grouped(least),
            _ => String::new(),
        };
        let cells = columns.iter().map(|value| {
            let filled = value.map_or(0, height).saturating_sub(row * levels.len());
            match filled.min(levels.len()).checked_sub(1) {
                Some(level) => levels[level],
                None => " ",
            }
        });
        let cells: String = cells.collect();
        let line = format!(" {name:>label$} {edge}{}", cells.trim_end());
        lines.push((ChartPart::Bars, line.trim_end().to_owned()));
    }
    lines
}

/// What the marks are, and what the runs came to.
fn explanation(trend: &Trend, mark: &str) -> String {
    let fetches = match trend.fetches {
        1 => "1 fetch".to_owned(),
        fetches => format!("{} fetches", grouped(fetches)),
    };
    if trend.runs.is_empty() {
        return format!("{fetches}, no run meanwhile");
    }
    let accepted = |action| -> u64 {
        let runs = trend.runs.iter().filter(|run| run.action == action);
        runs.map(|run| run.accepted).sum()
    };
    let actions = [
        (Action::Uninstall, "uninstall"),
        (Action::Archive, "archive"),
        (Action::Remove, "remove"),
    ];
    let counts = actions
        .into_iter()
        .filter_map(|(action, name)| match accepted(action) {
            0 => None,
            devices => Some(format!("{name} {}", grouped(devices))),
        });
    let counts: Vec<String> = counts.collect();
    let runs = counted(trend.runs.len() as u64, "run");
    let accepted = match counts.as_slice() {
        [] => "none accepted".to_owned(),
        counts => format!("accepted: {}", counts.join(", ")),
    };
    format!("{fetches}, {runs} ({mark}), {accepted}")
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// What a complete fetch counted.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct TrendLine {
    /// When the fetch began.
    fetched_at: String,
    /// The origin of the tenant's address.
    tenant: String,
    /// The account, if the profile names one.
    account: Option<String>,
    /// Devices of the inventory.
    devices: u64,
    /// Devices that were not seen for more than 90 days.
    unseen_over_90_days: u64,
    /// Devices by status; the empty name for none.
    by_status: BTreeMap<String, u64>,
    /// Devices by type; the empty name for none.
    by_type: BTreeMap<String, u64>,
    /// Devices by the time since they were seen last, in the ranges of the overview.
    by_age: BTreeMap<&'static str, u64>,
    /// The account's licences; absent if they were not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    licences: Option<LicenceLine>,
    /// SHA-256 of the list.
    list_hash: String,
}

impl TrendLine {
    /// The line of a fetch.
    pub fn new(target: &Target, fetch: FetchTotals) -> Self {
        let ages = fetch.totals.by_age.iter();
        Self {
            fetched_at: fetch.fetched_at.to_string(),
            tenant: target.tenant.clone(),
            account: target.account.clone(),
            devices: fetch.totals.devices,
            unseen_over_90_days: fetch.totals.unseen_over_90_days(),
            by_age: ages
                .map(|(band, devices)| (band.as_str(), *devices))
                .collect(),
            by_status: fetch.totals.by_status,
            by_type: fetch.totals.by_type,
            licences: fetch.licences.map(LicenceLine::from),
            list_hash: fetch.list_hash,
        }
    }
}

#[cfg(test)]
mod tests;
