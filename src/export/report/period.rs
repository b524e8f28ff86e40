//! The report of all runs of a period: what was done, by whom, and what came of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::document::{
    Bars, Block, Column, CountedPart, Document, Section, Table, Text, Tone, time,
};
use super::{aftermath, devices, outcomes};
use crate::domain::outcome::{Outcome, OutcomeClass, Tally};
use crate::domain::run::RunState;
use crate::export;
use crate::journal::{DeviceCount, RunRecord};
use crate::text::{capitalized, counted, first_of, grouped};

/// The most groups that have a row of their own.
const MOST_GROUPS: usize = 40;

/// What the report of a period is made from.
#[derive(Clone, Copy, Debug)]
pub struct PeriodReport<'a> {
    /// The first day, in UTC.
    pub since: Date,
    /// The last day, in UTC.
    pub until: Date,
    /// Whose runs they are, such as `profile production`.
    pub scope: &'a str,
    /// The runs that were confirmed on these days, oldest first.
    pub runs: &'a [PeriodRun],
    /// The time of the report.
    pub now: Timestamp,
}

/// A run in the report of a period.
#[derive(Clone, Debug)]
pub struct PeriodRun {
    /// The run.
    pub record: RunRecord,
    /// Its state.
    pub state: RunState,
    /// Its devices, counted by group, outcome and kind of identifier.
    pub counts: Vec<DeviceCount>,
    /// When the names of its devices and users were replaced by hashes, if they were.
    pub forgotten_at: Option<Timestamp>,
}

/// Runs and devices that have something in common.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    runs: u64,
    tally: Tally,
}

impl Totals {
    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        for class in OutcomeClass::ALL {
            self.tally.add_class(class, other.tally.of_class(class));
        }
    }
}

/// The report of a period.
pub fn period_document(report: &PeriodReport<'_>) -> Document {
    let all = total_of(report.runs.iter());
    let runs = counted(report.runs.len() as u64, "run");
    let mut sections = Vec::new();
    if !report.runs.is_empty() {
        sections.push(Section::new("Outcomes", vec![outcomes::counts(all.tally)]));
        sections.push(by_action(report));
        sections.push(by_month(report));
        sections.push(by_group(report));
        sections.push(by_person(report));
        sections.extend(not_accepted(report));
        let records = || report.runs.iter().map(|run| &run.record);
        sections.extend(aftermath::verification_of_runs(records()));
        sections.extend(aftermath::licences_of_runs(records()));
        sections.push(runs_and_notes(report));
    }
    Document {
        title: format!("Offboarded devices, {} to {}", report.since, report.until).into(),
        subtitle: format!(
            "{} · {runs}, confirmed from {} to {} (UTC, both days included)",
            report.scope, report.since, report.until
        )
        .into(),
        summary: summary(report, all, &runs),
        sections,
        footer: format!(
            "Written by offboard {} at {} from the journal on this computer",
            env!("OFFBOARD_VERSION"),
            time(report.now)
        )
        .into(),
    }
}

fn summary(report: &PeriodReport<'_>, all: Totals, runs: &str) -> Vec<Block> {
    if report.runs.is_empty() {
        return vec![Block::paragraph("No run was confirmed in this period.")];
    }
    let devices = counted(all.tally.total(), "device");
    let mut blocks = vec![
        Block::paragraph(format!("{runs}, {devices}: {}.", export::counts(all.tally))),
        outcomes::bar(all.tally),
    ];
    blocks.extend(outcomes::notices(all.tally, "the section “Not accepted”"));
    let records = report.runs.iter().map(|run| &run.record);
    blocks.extend(aftermath::notice(records));
    let open = report.runs.iter().filter(|run| run.state.is_open());
    let open: Vec<String> = open.map(|run| run.record.id.to_string()).collect();
    if !open.is_empty() {
        let be = if open.len() == 1 { "is" } else { "are" };
        blocks.push(Block::Notice {
            tone: Tone::Neutral,
            text: format!(
                "{} {be} not over: {}",
                counted(open.len() as u64, "run"),
                open.join(", ")
            )
            .into(),
            command: None,
        });
    }
    blocks.push(Block::paragraph(outcomes::MEANING_OF_ACCEPTED));
    let forgotten: Vec<Timestamp> = report
        .runs
        .iter()
        .filter_map(|run| run.forgotten_at)
        .collect();
    blocks.extend(forgotten.iter().max().map(|&last| {
        Block::paragraph(format!(
            "Hashes stand for the names of devices and users in {}: they were forgotten, last on {}.",
            counted(forgotten.len() as u64, "run"),
            time(last)
        ))
    }));
    blocks
}

fn total_of<'a>(runs: impl Iterator<Item = &'a PeriodRun>) -> Totals {
    let mut all = Totals::default();
    for run in runs {
        all.add(Totals {
            runs: 1,
            tally: run.record.tally,
        });
    }
    all
}

/// The totals of the runs by what `key` says of each.
fn totals<K: Ord>(report: &PeriodReport<'_>, key: impl Fn(&RunRecord) -> K) -> BTreeMap<K, Totals> {
    let mut totals = BTreeMap::<K, Totals>::new();
    for run in report.runs {
        let total = totals.entry(key(&run.record)).or_default();
        total.add(total_of(std::iter::once(run)));
    }
    totals
}

fn by_action(report: &PeriodReport<'_>) -> Section {
    let rows = totals(report, |run| run.action).into_iter();
    let rows = rows.map(|(action, total)| (action.to_string(), total));
    let table = totals_table("Runs and devices by action", "action", true, rows.collect());
    Section::new("By action", vec![table])
}

fn by_month(report: &PeriodReport<'_>) -> Section {
    let months = totals(report, |run| run.confirmed_at.strftime("%Y-%m").to_string());
    let shares = months.iter().map(|(month, total)| CountedPart {
        label: month.as_str().into(),
        count: total.tally.accepted,
        tone: Tone::Good,
    });
    let bars = Bars {
        caption: "Accepted devices by month".into(),
        label: "month".into(),
        unit: "accepted".into(),
        shares: shares.collect(),
        total: months.values().map(|total| total.tally.accepted).sum(),
    };
    let rows = months.into_iter().collect();
    let table = totals_table("Runs and devices by month", "month", true, rows);
    Section::new("By month", vec![Block::Bars(bars), table])
}

/// Every group with its devices, the largest first.
fn by_group(report: &PeriodReport<'_>) -> Section {
    let mut groups = BTreeMap::<String, Totals>::new();
    for count in report.runs.iter().flat_map(|run| &run.counts) {
        let total = groups.entry(count.group.trim().to_owned()).or_default();
        total.tally.add_class(count.outcome.class(), count.devices);
    }
    let mut rows: Vec<(String, Totals)> = groups.into_iter().collect();
    rows.sort_by_key(|(_, total)| std::cmp::Reverse(total.tally.total()));
    for (group, _) in &mut rows {
        if group.is_empty() {
            "(none)".clone_into(group);
        }
    }
    let rest = rows.split_off(rows.len().min(MOST_GROUPS));
    if !rest.is_empty() {
        let mut sum = Totals::default();
        for (_, total) in &rest {
            sum.add(*total);
        }
        rows.push((format!("{} other groups", grouped(rest.len() as u64)), sum));
    }
    let table = totals_table("Devices by group", "group", false, rows);
    Section::new("By group", vec![table])
}

/// Who confirmed and who approved.
fn by_person(report: &PeriodReport<'_>) -> Section {
    let rows = totals(report, |run| run.operator.os_user.clone());
    let confirmed = totals_table(
        "Runs and devices by who confirmed them",
        "confirmed by",
        true,
        rows.into_iter().collect(),
    );
    let mut approvals = BTreeMap::<&str, Totals>::new();
    for run in report.runs {
        for approval in &run.record.approvals {
            let total = approvals.entry(&approval.name).or_default();
            total.add(total_of(std::iter::once(run)));
        }
    }
    let mut blocks = vec![confirmed];
    if !approvals.is_empty() {
        let rows = approvals.into_iter();
        let rows = rows.map(|(name, total)| (name.to_owned(), total));
        blocks.push(totals_table(
            "Runs and devices by who approved them",
            "approved by",
            true,
            rows.collect(),
        ));
    }
    Section::new("Who", blocks)
}

/// The devices that were not accepted, by reason, with the meaning and what helps.
fn not_accepted(report: &PeriodReport<'_>) -> Option<Section> {
    let mut reasons = BTreeMap::<(bool, Outcome, &str, &str), (u64, Vec<String>)>::new();
    for run in report.runs {
        for count in &run.counts {
            if count.outcome.class() == OutcomeClass::Accepted {
                continue;
            }
            let is_certain = count.outcome.class() != OutcomeClass::InDoubt;
            let (meaning, help) = match count.outcome {
                Outcome::NotSent => (devices::unsent(run.state), ""),
                sent => (sent.meaning(count.kind, run.record.action), sent.help()),
            };
            let key = (is_certain, count.outcome, meaning, help);
            let (devices, runs) = reasons.entry(key).or_default();
            *devices += count.devices;
            let name = run.record.id.to_string();
            if runs.last() != Some(&name) {
                runs.push(name);
            }
        }
    }
    if reasons.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Text>> = reasons
        .into_iter()
        .map(|((_, outcome, meaning, help), (devices, runs))| {
            vec![
                capitalized(&outcome.to_string()).into(),
                grouped(devices).into(),
                meaning.into(),
                help.into(),
                first_of(runs.into_iter(), 5).join(", ").into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::Words("outcome"),
        Column::Number("devices"),
        Column::Words("meaning"),
        Column::Words("what helps"),
        Column::Words("runs"),
    ];
    let all = "`offboard runs show RUN` has those of a run";
    let table = Table::new(
        "Devices that were not accepted, by reason",
        columns,
        rows.into_iter(),
        all,
    );
    Some(Section::new("Not accepted", vec![Block::Table(table)]))
}

fn runs_and_notes(report: &PeriodReport<'_>) -> Section {
    let rows = report.runs.iter().map(|run| {
        let (record, tally) = (&run.record, run.record.tally);
        let approvals: Vec<&str> = record
            .approvals
            .iter()
            .map(|approval| approval.name.as_str())
            .collect();
        vec![
            record.id.to_string().into(),
            record
                .confirmed_at
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
                .into(),
            record.operator.os_user.as_str().into(),
            approvals.join(", ").into(),
            record.action.as_str().into(),
            grouped(record.devices).into(),
            grouped(tally.accepted).into(),
            grouped(tally.failed + tally.gone).into(),
            grouped(tally.in_doubt).into(),
            grouped(tally.left).into(),
            run.state.as_str().into(),
            record.note.as_deref().unwrap_or_default().into(),
        ]
    });
    let columns = vec![
        Column::Code("run"),
        Column::Time("confirmed (UTC)"),
        Column::Words("by"),
        Column::Words("approved by"),
        Column::Words("action"),
        Column::Number("devices"),
        Column::Number("accepted"),
        Column::Number("failed or gone"),
        Column::Number("in doubt"),
        Column::Number("not sent"),
        Column::Words("state"),
        Column::Words("note"),
    ];
    let all = "`offboard runs` lists them all";
    let table = Table::new("Runs, oldest first", columns, rows, all);
    Section::new("Runs and notes", vec![Block::Table(table)])
}

/// Devices by outcome, a row for each label.
fn totals_table(
    caption: &str,
    label: &'static str,
    has_runs: bool,
    totals: Vec<(String, Totals)>,
) -> Block {
    let mut columns = vec![Column::Words(label)];
    if has_runs {
        columns.push(Column::Number("runs"));
    }
    columns.push(Column::Number("devices"));
    columns.extend(OutcomeClass::ALL.map(|class| Column::Number(class.label())));
    let rows = totals.into_iter().map(|(label, total)| {
        let mut row: Vec<Text> = vec![label.into()];
        if has_runs {
            row.push(grouped(total.runs).into());
        }
        row.push(grouped(total.tally.total()).into());
        row.extend(OutcomeClass::ALL.map(|class| grouped(total.tally.of_class(class)).into()));
        row
    });
    let all = "`offboard runs --output jsonl` has the counts of every run";
    Block::Table(Table::new(caption, columns, rows, all))
}
