//! `offboard runs` and `offboard runs show`: runs as text.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use crate::cli::CommandError;
use crate::cli::arguments::output::TextOrJsonl;
use crate::domain::outcome::{DeviceState, OutcomeClass};
use crate::domain::run::RunState;
use crate::export::{self, RunFormat, RunLine, VerificationText};
use crate::journal::{DeviceRecord, Journal, RunRecord};
use crate::plan::Approval;
use crate::platform::clock::Clock;
use crate::text::{self, counted, grouped, visible};

/// Prints two lines per run: its outcomes, and who confirmed it.
pub(super) fn list(
    journal: &Journal,
    runs: &[RunRecord],
    output: TextOrJsonl,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    for run in runs {
        let (state, _) = journal.run_status(run)?;
        if output == TextOrJsonl::Jsonl {
            export::write_line(out, &RunLine::new(run, state))?;
            continue;
        }
        let ended = run.ended_at.map_or_else(
            || " ".repeat(16),
            |ended| ended.strftime("%Y-%m-%d %H:%M").to_string(),
        );
        writeln!(
            out,
            "{}  {} – {ended}  {:<8}  {:<9}  {} · {}",
            run.id,
            run.confirmed_at.strftime("%Y-%m-%d %H:%M"),
            state.as_str(),
            run.action.as_str(),
            counted(run.devices, "device"),
            export::counts(run.tally),
        )?;
        let mut about = vec![
            run.target.label(),
            format!("by {}", visible(&run.operator.to_string())),
            match &run.query {
                Some(query) => format!("{}: {}", visible(&run.list_name), visible(query)),
                None => visible(&run.list_name).into_owned(),
            },
        ];
        about.extend(run.note.as_ref().map(|note| visible(note).into_owned()));
        about.extend(VerificationText::of(run).map(|text| format!("since then {}", text.counts)));
        about.extend(
            run.closed_by
                .as_ref()
                .map(|by| format!("closed by {}", visible(by))),
        );
        let rests = !matches!(state, RunState::Running | RunState::Finished);
        if rests && run.closed_by.is_none() {
            about.extend(
                run.reason
                    .as_ref()
                    .map(|reason| visible(reason).into_owned()),
            );
        }
        writeln!(out, "          {}", about.join(" · "))?;
    }
    Ok(())
}

/// Prints everything about a run, and the devices that were not accepted.
pub(super) fn show(
    journal: &Journal,
    run: &RunRecord,
    output: TextOrJsonl,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let (devices, damage) = journal.readable_devices(&run.id)?;
    if output == TextOrJsonl::Jsonl {
        let now = Clock::system().now().wall;
        out.write_all(&RunFormat::Jsonl.text(journal, run, &devices, now)?)?;
        return Ok(damage.map_or(Ok(()), Err)?);
    }
    let (state, holder) = journal.run_status(run)?;
    writeln!(out, "run {} · {} · {}", run.id, run.action, state.as_str())?;
    for (label, value) in about(journal, run)? {
        writeln!(out, "{label:<9} {}", visible(&value))?;
    }
    if let Some(holder) = holder {
        writeln!(out, "held by {holder}")?;
    }
    writeln!(
        out,
        "devices   {} · {} · {}",
        run.devices,
        counted(u64::from(run.calls), "call"),
        export::counts(run.tally)
    )?;
    show_dropped(journal, run, out)?;
    show_groups(journal, run, state, &devices, out)?;
    show_verified(run, &devices, out)?;
    Ok(damage.map_or(Ok(()), Err)?)
}

/// The approvers, each with the key that signed.
fn names(approvals: &[Approval]) -> String {
    let names: Vec<String> = approvals.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn about(journal: &Journal, run: &RunRecord) -> Result<Vec<(&'static str, String)>, CommandError> {
    let mut facts = vec![
        (
            "tenant",
            format!("{} (profile {})", run.target.tenant, run.target.profile),
        ),
        (
            "confirmed",
            format!("{:.0} by {}", run.confirmed_at, run.operator),
        ),
    ];
    if !run.approvals.is_empty() {
        facts.push(("approved", format!("by {}", names(&run.approvals))));
    }
    let time = |time: jiff::Timestamp| format!("{time:.0}");
    facts.extend(run.started_at.map(|started| ("started", time(started))));
    for resume in journal.resumes(&run.id)? {
        let devices = counted(resume.devices, "device");
        let text = format!("{:.0} for {devices} by {}", resume.at, resume.operator);
        facts.push(("resumed", text));
    }
    let (end, by) = match &run.closed_by {
        Some(by) => ("closed", format!(" by {by}")),
        None => ("ended", String::new()),
    };
    facts.extend(
        run.ended_at
            .map(|ended| (end, format!("{}{by}", time(ended)))),
    );
    let licences = run.licences.sentence("→");
    facts.extend(licences.map(|licences| ("licences", licences)));
    facts.push(("list", format!("{} ({})", run.list_name, run.list_hash)));
    if let Some(from) = &run.matched_from {
        facts.push(("matched with", format!("{} ({})", from.name, from.hash)));
    }
    for (label, value) in [("query", &run.query), ("note", &run.note)] {
        facts.extend(value.clone().map(|value| (label, value)));
    }
    let reason = run.labelled_reason();
    facts.extend(reason.map(|(label, reason)| (label, reason.to_owned())));
    if run.left_out > 0 {
        let reasons = run.left_out_reasons.iter().flatten();
        let reasons: Vec<String> = reasons
            .map(|count| format!("{} {}", grouped(count.rows), count.reason))
            .collect();
        let rows = grouped(run.left_out);
        facts.push(("left out", [vec![rows], reasons].concat().join(" · ")));
    }
    if let Some(time) = journal.forgotten_at(&run.id)? {
        let text = format!("{time}: hashes stand for the names of devices and users");
        facts.push(("forgotten", text));
    }
    if let Some(recheck) = &run.recheck {
        let text = format!("{:.0} · {}", recheck.at, recheck.sentence());
        facts.push(("rechecked", text));
    }
    let warnings = run.warnings.iter().flatten();
    facts.extend(warnings.map(|warning| ("allowed", warning.clone())));
    facts.push(("hash", run.hash.clone()));
    Ok(facts)
}

/// Prints the devices that the recheck dropped.
fn show_dropped(
    journal: &Journal,
    run: &RunRecord,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let dropped = journal.dropped(&run.id)?;
    if !dropped.is_empty() {
        writeln!(
            out,
            "\ndropped by the recheck, not sent · {}",
            counted(dropped.len() as u64, "device")
        )?;
    }
    for dropped in dropped {
        writeln!(
            out,
            "  {:<38}  {:<20}  {}",
            visible(&dropped.device.identifier.to_string()),
            visible(&dropped.device.hostname),
            visible(&dropped.reason.to_string())
        )?;
    }
    Ok(())
}

/// Prints what became of the accepted devices, and those of them that are not gone.
fn show_verified(
    run: &RunRecord,
    devices: &[DeviceRecord],
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let Some(text) = VerificationText::of(run) else {
        return Ok(());
    };
    writeln!(out, "\naccepted, since then: {}", text.summary())?;
    write_not_gone(devices, &text, out)
}

/// Writes the accepted devices that are not gone, and what the counts don't say.
pub(in crate::cli) fn write_not_gone(
    devices: &[DeviceRecord],
    text: &VerificationText,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    for (record, verified) in export::not_gone(devices) {
        let line = format!(
            "  {:<11}  {:<38}  {:<20}  {}",
            verified.state.label(),
            visible(&record.device.identifier.to_string()),
            visible(&record.device.hostname),
            verified.about(&record.device)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    for note in &text.notes {
        writeln!(out, "  {note}")?;
    }
    Ok(())
}

/// Prints the devices that were not accepted, grouped by outcome, each with its meaning and remedy, and
/// the number of devices left to send.
fn show_groups(
    journal: &Journal,
    run: &RunRecord,
    state: RunState,
    devices: &[DeviceRecord],
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let mut groups = BTreeMap::<_, Vec<(u32, &DeviceRecord)>>::new();
    for (ordinal, record) in DeviceRecord::by_ordinal(devices) {
        if let DeviceState::Ended(outcome) = record.state
            && outcome.class() != OutcomeClass::Accepted
        {
            groups
                .entry((outcome, record.device.identifier.kind()))
                .or_default()
                .push((ordinal, record));
        }
    }
    let calls = journal.calls(&run.id)?;
    let messages: HashMap<u32, &str> = calls
        .iter()
        .map(|call| (call.call, call.message.as_str()))
        .collect();
    let findings = journal.findings(&run.id)?;
    for ((outcome, kind), records) in groups {
        writeln!(
            out,
            "\n{outcome} · {}",
            counted(records.len() as u64, "device")
        )?;
        writeln!(out, "  {}", outcome.meaning(kind, run.action))?;
        writeln!(out, "  {}", outcome.help())?;
        for (ordinal, record) in records {
            let mut about: Vec<String> = Vec::new();
            about.extend(record.call.map(|call| format!("call {call}")));
            about.extend(
                record
                    .http_status
                    .map(|status| format!("HTTP status {status}")),
            );
            let message = record.call.and_then(|call| messages.get(&call));
            let message = message.filter(|message| !message.is_empty());
            about.extend(message.map(|message| visible(message).into_owned()));
            let seen = findings.get(&ordinal);
            about.extend(seen.map(|finding| {
                let seen = finding.seen.to_string();
                format!("looked up {:.0}: {}", finding.at, visible(&seen))
            }));
            writeln!(
                out,
                "  {:<38}  {:<20}  {}",
                text::visible(&record.device.identifier.to_string()),
                visible(&record.device.hostname),
                about.join(" · ")
            )?;
        }
    }
    if run.tally.left > 0 {
        let status = match state {
            RunState::Queued | RunState::Running => "still to be sent",
            RunState::Paused | RunState::Stopped => "not sent; `offboard resume` sends them",
            RunState::Finished | RunState::Closed => "not sent; the run was closed",
        };
        writeln!(out, "\n{} {status}", counted(run.tally.left, "device"))?;
    }
    Ok(())
}
