//! The report of a run: what was asked, planned, approved, sent and answered, and what is left to do.

use jiff::Timestamp;

use super::document::{Bars, Block, Document, Section, Tone, time};
use super::{aftermath, calls, devices, outcomes};
use crate::domain::device::IdentifierKind;
use crate::domain::licences::Licences;
use crate::domain::run::RunState;
use crate::export;
use crate::journal::{CallRecord, DeviceRecord, LookupRecord, ResumeRecord, RunRecord};
use crate::plan::Dropped;
use crate::text::{self, counted, grouped};

/// What the report of a run is made from.
#[derive(Clone, Copy, Debug)]
pub struct RunReport<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// The state of the run.
    pub state: RunState,
    /// The devices, in the plan's order.
    pub devices: &'a [DeviceRecord],
    /// The calls.
    pub calls: &'a [CallRecord],
    /// The times at which the run was resumed.
    pub resumes: &'a [ResumeRecord],
    /// The lookups, oldest first.
    pub lookups: &'a [LookupRecord],
    /// The devices that the recheck dropped, in the order of the plan that was confirmed.
    pub dropped: &'a [Dropped],
    /// When the names of its devices and users were replaced by hashes, if they were.
    pub forgotten_at: Option<Timestamp>,
    /// The time of the report.
    pub now: Timestamp,
}

impl RunReport<'_> {
    /// Where a reader finds all rows of a table that is too long for a report.
    pub(super) fn all_rows(&self) -> String {
        let id = self.run.id;
        format!("`offboard runs export {id} --format csv -o FILE` writes every device")
    }
}

/// The report of a run.
pub fn run_document(report: &RunReport<'_>) -> Document {
    let run = report.run;
    let action = text::capitalized(run.action.as_str());
    let mut sections = vec![
        Section::new("Outcomes", vec![outcomes::counts(run.tally)]),
        confirmed(run),
        planned(report),
    ];
    sections.extend(left_out(run));
    sections.extend(devices::dropped(report));
    sections.push(course(report));
    sections.extend(devices::not_accepted(report));
    sections.extend(aftermath::verification(report));
    sections.push(calls::calls(report));
    sections.extend(calls::lookups(report));
    sections.push(devices::all(report));
    Document {
        title: format!(
            "{action} {}: run {}",
            counted(run.devices, "device"),
            run.id
        )
        .into(),
        subtitle: format!(
            "{} · confirmed {} UTC by {}{}",
            run.target.host(),
            run.confirmed_at.strftime("%Y-%m-%d %H:%M"),
            run.operator.os_user,
            run.note
                .as_ref()
                .map(|note| format!(" · {note}"))
                .unwrap_or_default()
        )
        .into(),
        summary: summary(report),
        sections,
        footer: format!(
            "Written by offboard {} at {}. Plan hash (SHA-256): {}",
            env!("OFFBOARD_VERSION"),
            time(report.now),
            run.hash
        )
        .into(),
    }
}

/// What a reader has to know who reads no further.
fn summary(report: &RunReport<'_>) -> Vec<Block> {
    let (run, tally) = (report.run, report.run.tally);
    let state = text::capitalized(report.state.as_str());
    let mut blocks = vec![
        Block::paragraph(format!("{state}: {}.", export::counts(tally))),
        outcomes::bar(tally),
    ];
    blocks.extend(outcomes::notices(tally, "the section “Not accepted”"));
    blocks.extend(aftermath::notice(std::iter::once(run)));
    let left = tally.left_in(report.state);
    let not_sent = counted(tally.left, "device");
    if left > 0 {
        let why = run.reason.as_ref().map(|reason| format!(" ({reason})"));
        blocks.push(Block::Notice {
            tone: Tone::Neutral,
            text: format!(
                "{not_sent} {} left to send{}",
                if left == 1 { "is" } else { "are" },
                why.unwrap_or_default()
            )
            .into(),
            command: Some(format!("offboard resume {} --expect-count {left}", run.id).into()),
        });
    } else if tally.left > 0 {
        let text = format!("{not_sent} not sent: the run was closed and never sends them");
        blocks.push(Block::Notice {
            tone: Tone::Neutral,
            text: text.into(),
            command: None,
        });
    }
    blocks.push(Block::paragraph(outcomes::MEANING_OF_ACCEPTED));
    blocks.extend(report.forgotten_at.map(|at| {
        Block::paragraph(format!(
            "Hashes stand for the names of devices and users: they were forgotten on {}.",
            time(at)
        ))
    }));
    blocks
}

fn confirmed(run: &RunRecord) -> Section {
    let none = || "none".to_owned();
    let approvals: Vec<String> = run.approvals.iter().map(ToString::to_string).collect();
    let mut facts = vec![
        (
            "Tenant",
            format!("{} (profile {})", run.target.tenant, run.target.profile),
        ),
        ("Account", run.target.account.clone().unwrap_or_else(none)),
        (
            "Action",
            format!("{}: {}", run.action, run.action.consequence()),
        ),
        (
            "Confirmed",
            format!("{} by {}", time(run.confirmed_at), run.operator),
        ),
        (
            "Approved",
            match approvals.as_slice() {
                [] => none(),
                names => names.join(", "),
            },
        ),
        ("Selected by", run.query.clone().unwrap_or_else(none)),
        ("List", file(&run.list_name, &run.list_hash)),
    ];
    facts.extend(run.list_time.map(|saved| ("List saved", time(saved))));
    if let Some(from) = &run.matched_from {
        facts.push(("Matched with it", file(&from.name, &from.hash)));
    }
    let warnings = match run.warnings.as_deref() {
        None => "not recorded by the version that made the run".to_owned(),
        Some([]) => none(),
        Some(warnings) => warnings.join("; "),
    };
    facts.push(("Warnings allowed", warnings));
    if let Some(recheck) = &run.recheck {
        let (at, sentence) = (recheck.at, recheck.sentence());
        facts.push(("Rechecked", format!("{at:.0}, {sentence}")));
        let list = file(&recheck.list_name, &recheck.list_hash);
        facts.push(("Rechecked against", list));
        facts.push(("Hash of the confirmed plan", recheck.planned_hash.clone()));
    }
    facts.push(("Note", run.note.clone().unwrap_or_else(none)));
    Section::new("What was confirmed", vec![Block::facts(facts)])
}

fn file(name: &str, hash: &str) -> String {
    format!("{name} (SHA-256 {hash})")
}

/// What was to be sent: by identifier, group and type.
fn planned(report: &RunReport<'_>) -> Section {
    let by = |kind: IdentifierKind| {
        let devices = report.devices.iter();
        devices
            .filter(|record| record.device.identifier.kind() == kind)
            .count() as u64
    };
    let left_out = match report.run.left_out {
        0 => "No selected row was left out.".to_owned(),
        rows => format!("{} left out.", counted(rows, "selected row")),
    };
    let sentence = format!(
        "{}: {} by HWID, {} by MAC. {} merged into them. {left_out}",
        counted(report.run.devices, "device"),
        grouped(by(IdentifierKind::Hwid)),
        grouped(by(IdentifierKind::Mac)),
        counted(report.run.repeated, "repeated row"),
    );
    let count = |field: fn(&DeviceRecord) -> &str| {
        let mut counts = std::collections::BTreeMap::<&str, u64>::new();
        for record in report.devices {
            *counts.entry(field(record).trim()).or_default() += 1;
        }
        let counts = counts.into_iter();
        counts
            .map(|(label, count)| (label.to_owned(), count))
            .collect::<Vec<_>>()
    };
    let groups = count(|record| &record.device.group);
    let types = count(|record| &record.device.device_type);
    let mut blocks = vec![Block::paragraph(sentence)];
    for (caption, label, others, counts) in [
        ("Planned devices by group", "group", "other groups", groups),
        ("Planned devices by type", "type", "other types", types),
    ] {
        // One bar that is the whole says nothing.
        if counts.len() > 1 {
            let bars = Bars::of_counts(caption, label, others, counts);
            blocks.push(Block::Bars(bars));
        }
    }
    Section::new("What was planned", blocks)
}

/// Rows that were selected and not planned, by reason.
fn left_out(run: &RunRecord) -> Option<Section> {
    if run.left_out == 0 {
        return None;
    }
    let block = match &run.left_out_reasons {
        None => Block::paragraph("The reasons were not recorded by the version that made the run."),
        Some(reasons) => {
            let counts = reasons.iter();
            let counts = counts.map(|count| (count.reason.clone(), count.rows));
            let mut bars = Bars::of_counts(
                "Selected rows that were left out",
                "reason",
                "other reasons",
                counts,
            );
            bars.unit = "rows".into();
            Block::Bars(bars)
        }
    };
    Some(Section::new("Left out and held", vec![block]))
}

/// When the run started and ended, and who resumed it.
fn course(report: &RunReport<'_>) -> Section {
    let run = report.run;
    let or = |at: Option<Timestamp>, none: &str| at.map_or_else(|| none.to_owned(), time);
    let mut facts = vec![
        ("State", report.state.as_str().to_owned()),
        ("Started", or(run.started_at, "never")),
    ];
    for resume in report.resumes {
        facts.push((
            "Resumed",
            format!(
                "{} for {} by {}",
                time(resume.at),
                counted(resume.devices, "device"),
                resume.operator
            ),
        ));
    }
    let ended = or(run.ended_at, "no end is stored");
    facts.push(match &run.closed_by {
        Some(by) => ("Closed", format!("{ended} by {by}")),
        None => ("Ended", ended),
    });
    let reason = run.labelled_reason();
    let reason = reason.map(|(label, reason)| (text::capitalized(label), reason.to_owned()));
    facts.extend(
        reason
            .iter()
            .map(|(label, reason)| (&**label, reason.clone())),
    );
    let measured = |licences: Licences| {
        let at = licences.measured_at;
        format!("{licences}, measured {}", time(at))
    };
    let before = run.licences.before.map(measured);
    facts.extend(before.map(|before| ("Licences before", before)));
    let after = run.licences.after.map(measured);
    facts.extend(after.map(|after| ("Licences after", after)));
    Section::new("Timeline", vec![Block::facts(facts)])
}
