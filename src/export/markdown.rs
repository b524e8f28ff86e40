//! The Markdown report of a run for change tickets and audits: who confirmed what and when, every
//! call and lookup, and the outcome of each device. No value is truncated.

mod devices;

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::domain::device::IdentifierKind;
use crate::domain::outcome::OutcomeClass;
use crate::domain::run::RunState;
use crate::journal::{CallOrigin, CallRecord, DeviceRecord, LookupRecord, ResumeRecord, RunRecord};
use crate::text;

/// The content of a report.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
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
    /// The time of the report.
    pub now: Timestamp,
}

/// The report as Markdown. Texts from lists and servers are escaped.
pub fn report(report: &Report<'_>) -> String {
    let Report { run, .. } = report;
    let mut text = String::new();
    let devices = text::counted(run.devices, "device");
    heading(
        &mut text,
        &format!("# {} {devices}: run {}", run.action, run.id),
    );
    let _ = writeln!(
        text,
        "{}: {}. The cloud *accepts* a request; whether an agent was uninstalled it doesn't tell.\n",
        capital(report.state.as_str()),
        super::counts(run.tally)
    );
    confirmed(&mut text, report);
    course(&mut text, report);
    outcomes(&mut text, run);
    calls(&mut text, report.calls);
    lookups(&mut text, report);
    devices::not_accepted(&mut text, report);
    devices::all(&mut text, report);
    let _ = writeln!(
        text,
        "---\n\nWritten by offboard {} at {:.0}. Plan hash (SHA-256): `{}`",
        env!("CARGO_PKG_VERSION"),
        report.now,
        run.hash
    );
    text
}

fn heading(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}\n");
}

fn confirmed(text: &mut String, report: &Report<'_>) {
    let run = report.run;
    let by = |kind: IdentifierKind| {
        let devices = report.devices.iter();
        devices
            .filter(|record| record.device.identifier.kind() == kind)
            .count() as u64
    };
    let mut rows: Vec<(&str, String)> = vec![
        (
            "Tenant",
            format!(
                "{} (profile {})",
                escape(&run.target.tenant),
                escape(&run.target.profile)
            ),
        ),
        ("Account", or_dash(run.target.account.as_deref())),
        (
            "Action",
            format!("{}: {}", run.action, run.action.consequence()),
        ),
        (
            "Confirmed",
            format!(
                "{:.0} by {}",
                run.confirmed_at,
                escape(&run.operator.to_string())
            ),
        ),
        ("Approved", {
            let names: Vec<String> = run.approvals.iter().map(ToString::to_string).collect();
            or_dash((!names.is_empty()).then(|| names.join(", ")).as_deref())
        }),
        (
            "Devices confirmed",
            format!(
                "{} · {} by HWID · {} by MAC · {} folded into them",
                text::grouped(run.devices),
                text::grouped(by(IdentifierKind::Hwid)),
                text::grouped(by(IdentifierKind::Mac)),
                text::counted(run.repeated, "repeated row")
            ),
        ),
        ("Selected by", or_dash(run.query.as_deref())),
        ("Left out", left_out(run)),
        (
            "Warnings allowed",
            match &run.warnings {
                None => "not recorded by the version that made the run".to_owned(),
                Some(warnings) if warnings.is_empty() => "none".to_owned(),
                Some(warnings) => {
                    let warnings: Vec<String> =
                        warnings.iter().map(|warning| escape(warning)).collect();
                    warnings.join("; ")
                }
            },
        ),
        (
            "List",
            format!(
                "{} (SHA-256 {})",
                escape(&run.list_name),
                escape(&run.list_hash)
            ),
        ),
    ];
    if let Some(from) = &run.matched_from {
        rows.push((
            "Matched with it",
            format!("{} (SHA-256 {})", escape(&from.name), escape(&from.hash)),
        ));
    }
    if let Some(time) = run.list_time {
        rows.push(("List saved", format!("{time:.0}")));
    }
    rows.push(("Note", or_dash(run.note.as_deref())));
    heading(text, "## What was confirmed");
    table(text, &rows);
}

fn left_out(run: &RunRecord) -> String {
    let rows = text::counted(run.left_out, "selected row");
    match &run.left_out_reasons {
        _ if run.left_out == 0 => "none".to_owned(),
        None => format!("{rows}; the reasons were not recorded by the version that made the run"),
        Some(reasons) => {
            let reasons: Vec<String> = reasons
                .iter()
                .map(|count| format!("{} {}", text::grouped(count.rows), escape(&count.reason)))
                .collect();
            format!("{rows}: {}", reasons.join("; "))
        }
    }
}

/// When the run started and ended, and who resumed it.
fn course(text: &mut String, report: &Report<'_>) {
    let run = report.run;
    let time = |time: Option<Timestamp>, none: &str| {
        time.map_or_else(|| none.to_owned(), |time| format!("{time:.0}"))
    };
    let mut rows = vec![
        ("State", report.state.as_str().to_owned()),
        ("Started", time(run.started_at, "never")),
        ("Ended", time(run.ended_at, "no end is stored")),
    ];
    if let Some(reason) = &run.reason {
        rows.push(("Why it is not over", escape(reason)));
    }
    for resume in report.resumes {
        rows.push((
            "Taken up",
            format!(
                "{:.0} for {} by {}",
                resume.at,
                text::counted(resume.devices, "device"),
                escape(&resume.operator.to_string())
            ),
        ));
    }
    heading(text, "## Course");
    table(text, &rows);
}

fn table(text: &mut String, rows: &[(&str, String)]) {
    let _ = writeln!(text, "| | |\n|---|---|");
    for (label, value) in rows {
        let _ = writeln!(text, "| {label} | {value} |");
    }
    text.push('\n');
}

fn outcomes(text: &mut String, run: &RunRecord) {
    let tally = run.tally;
    heading(text, "## Outcomes");
    let _ = writeln!(text, "| outcome | devices |\n|---|---:|");
    for (class, count) in [
        (OutcomeClass::Accepted, tally.accepted),
        (OutcomeClass::Failed, tally.failed),
        (OutcomeClass::Gone, tally.gone),
        (OutcomeClass::InDoubt, tally.in_doubt),
        (OutcomeClass::NotSent, tally.left),
    ] {
        let _ = writeln!(text, "| {} | {} |", class.label(), text::grouped(count));
    }
    let _ = writeln!(text, "| all | {} |\n", text::grouped(run.devices));
}

fn calls(text: &mut String, calls: &[CallRecord]) {
    heading(text, "## Calls made");
    if calls.is_empty() {
        heading(text, "None.");
        return;
    }
    let _ = writeln!(
        text,
        "| call | sent | ended | devices | which | status | result |\n|---:|---|---|---:|---|---:|---|"
    );
    for call in calls {
        let origin = match call.origin {
            CallOrigin::Fresh => "",
            CallOrigin::Half => ", after a larger call was refused",
            CallOrigin::Resend => ", sent again",
        };
        let verdict = call
            .verdict
            .map_or("no outcome stored", |verdict| verdict.label());
        let message = if call.message.is_empty() {
            String::new()
        } else {
            format!(": {}", escape(&call.message))
        };
        let _ = writeln!(
            text,
            "| {} | {:.0} | {} | {} by {} | {}{origin} | {} | {verdict}{message} |",
            call.call,
            call.intent_at,
            call.ended_at
                .map_or_else(|| "–".to_owned(), |ended| format!("{ended:.0}")),
            call.devices.len(),
            kind_label(call.kind),
            ordinals(&call.devices),
            number(call.status),
        );
    }
    text.push('\n');
}

fn lookups(text: &mut String, report: &Report<'_>) {
    heading(text, "## Lookups made");
    if report.lookups.is_empty() {
        heading(text, "None.");
        return;
    }
    let _ = writeln!(
        text,
        "| looked up | which | by | seen |\n|---|---:|---|---|"
    );
    for lookup in report.lookups {
        let device = usize::try_from(lookup.ordinal).ok();
        let device = device.and_then(|index| report.devices.get(index));
        let sent = device.map(|record| record.device.identifier.to_string());
        let _ = writeln!(
            text,
            "| {:.0} | {} | {} | {} |",
            lookup.finding.at,
            u64::from(lookup.ordinal) + 1,
            or_dash(lookup.alternate_identifier.as_deref().or(sent.as_deref())),
            escape(&lookup.finding.seen.to_string())
        );
    }
    text.push('\n');
}

/// Positions in the plan, from 1, as ranges: `1–5, 8`.
fn ordinals(devices: &[u32]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for position in devices.iter().map(|&ordinal| u64::from(ordinal) + 1) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == position => *last = position,
            _ => ranges.push((position, position)),
        }
    }
    let ranges: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| match last - first {
            0 => first.to_string(),
            _ => format!("{first}–{last}"),
        })
        .collect();
    ranges.join(", ")
}

fn kind_label(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Hwid => "HWID",
        IdentifierKind::Mac => "MAC",
    }
}

fn number(number: Option<impl ToString>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| number.to_string())
}

fn or_dash(text: Option<&str>) -> String {
    text.map_or_else(|| "–".to_owned(), escape)
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// Untrusted text on one line, with characters escaped that Markdown or HTML would interpret.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text::visible(text).chars() {
        if matches!(
            character,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '#'
                | '|'
                | '~'
                | '&'
                | '!'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_neutralises_markdown_and_html() {
        assert_eq!(escape("a|b\n<script>"), "a\\|b\\\\n\\<script\\>");
        assert_eq!(escape("[x](y) `z`"), "\\[x\\](y) \\`z\\`");
    }

    #[test]
    fn ordinals_are_ranges_from_one() {
        assert_eq!(ordinals(&[0, 1, 2, 3, 4, 7]), "1–5, 8");
        assert_eq!(ordinals(&[9, 3]), "10, 4");
    }
}
