//! The report of a run, fit for a change ticket.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::journal::{CallRecord, DeviceRecord, Operator, ResumeRecord, RunRecord};
use crate::lookup::Finding;
use crate::outcome::{DeviceState, OutcomeClass};
use crate::run::RunState;
use crate::text;

/// Everything that a report tells.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// Where it stands.
    pub state: RunState,
    /// Its devices, in the plan's order.
    pub devices: &'a [DeviceRecord],
    /// Its calls.
    pub calls: &'a [CallRecord],
    /// When it was taken up again.
    pub resumes: &'a [ResumeRecord],
    /// What lookups saw, by ordinal.
    pub findings: &'a std::collections::HashMap<u32, Finding>,
    /// When the report is made.
    pub now: Timestamp,
}

/// The report as Markdown. What came from a list or a server is escaped.
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
        capital(report.state.word()),
        super::counts(run.tally)
    );
    facts(&mut text, report);
    outcomes(&mut text, run);
    calls(&mut text, report.calls);
    failures(&mut text, report);
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

fn facts(text: &mut String, report: &Report<'_>) {
    let run = report.run;
    let mut rows: Vec<(&str, String)> = vec![
        (
            "Tenant",
            format!(
                "{} (profile {})",
                escape(&run.target.tenant),
                escape(&run.target.profile)
            ),
        ),
        (
            "Account",
            run.target
                .account
                .as_deref()
                .map_or_else(|| "–".to_owned(), escape),
        ),
        (
            "Action",
            format!("{}: {}", run.action, run.action.consequence()),
        ),
        (
            "Confirmed",
            format!("{:.0} by {}", run.confirmed_at, who(&run.operator)),
        ),
        ("Devices confirmed", text::grouped(run.devices)),
        (
            "List",
            format!(
                "{} (SHA-256 `{}`)",
                escape(&run.list_name),
                escape(&run.list_hash)
            ),
        ),
    ];
    let optional = [
        ("List saved", run.list_time.map(|time| format!("{time:.0}"))),
        ("Selected by", run.query.as_deref().map(escape)),
        ("Note", run.note.as_deref().map(escape)),
        ("Started", run.started_at.map(|time| format!("{time:.0}"))),
        ("Ended", run.ended_at.map(|time| format!("{time:.0}"))),
        ("Why it is not over", run.reason.as_deref().map(escape)),
    ];
    rows.extend(
        optional
            .into_iter()
            .filter_map(|(what, value)| Some((what, value?))),
    );
    for resume in report.resumes {
        rows.push((
            "Taken up",
            format!(
                "{:.0} for {} by {}",
                resume.at,
                text::counted(resume.devices, "device"),
                who(&resume.operator)
            ),
        ));
    }
    let _ = writeln!(text, "| | |\n|---|---|");
    for (what, value) in rows {
        let _ = writeln!(text, "| {what} | {value} |");
    }
    text.push('\n');
}

fn who(operator: &Operator) -> String {
    let mut who = format!(
        "{} on {}",
        escape(&operator.os_user),
        escape(&operator.host)
    );
    if let Some(sudo) = &operator.sudo_user {
        let _ = write!(who, ", by sudo of {}", escape(sudo));
    }
    if let Some(uid) = operator.login_uid {
        let _ = write!(who, ", login uid {uid}");
    }
    if let Some(ssh) = &operator.ssh_connection {
        let _ = write!(who, ", over SSH ({})", escape(ssh));
    }
    who
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
        "| call | sent | devices | status | result |\n|---:|---|---:|---:|---|"
    );
    for call in calls {
        let status = call
            .status
            .map_or_else(|| "–".to_owned(), |status| status.to_string());
        let verdict = call.verdict.as_deref().unwrap_or("no outcome stored");
        let words = if call.words.is_empty() {
            String::new()
        } else {
            format!(": {}", escape(text::head(&call.words, 200)))
        };
        let _ = writeln!(
            text,
            "| {} | {:.0} | {} | {status} | {}{words} |",
            call.call,
            call.intent_at,
            call.devices.len(),
            verdict.replace('_', " ")
        );
    }
    text.push('\n');
}

fn failures(text: &mut String, report: &Report<'_>) {
    let mut groups: BTreeMap<_, Vec<(u32, &DeviceRecord)>> = BTreeMap::new();
    for (ordinal, record) in (0_u32..).zip(report.devices) {
        if let DeviceState::Ended(outcome) = record.state
            && outcome.class() != OutcomeClass::Accepted
        {
            let kind = record.device.identifier.kind();
            groups
                .entry((outcome, kind))
                .or_default()
                .push((ordinal, record));
        }
    }
    heading(text, "## Not accepted");
    if groups.is_empty() {
        heading(text, "None.");
    }
    for ((outcome, kind), records) in groups {
        let count = text::counted(records.len() as u64, "device");
        heading(
            text,
            &format!("### {} · {count}", capital(&outcome.to_string())),
        );
        heading(
            text,
            &format!(
                "{} {}",
                outcome.meaning(kind, report.run.action),
                outcome.help()
            ),
        );
        let _ = writeln!(
            text,
            "| device | host name | user | call | status | seen by a lookup |\n|---|---|---|---:|---:|---|"
        );
        for (ordinal, record) in records {
            let number = |number: Option<String>| number.unwrap_or_else(|| "–".to_owned());
            let finding = report
                .findings
                .get(&ordinal)
                .map(|finding| escape(&finding.seen.to_string()));
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} | {} |",
                record.device.identifier,
                escape(&record.device.hostname),
                escape(&record.device.user),
                number(record.call.map(|call| call.to_string())),
                number(record.status.map(|status| status.to_string())),
                number(finding)
            );
        }
        text.push('\n');
    }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// Text of others: on one line, and nothing in it that Markdown or HTML would obey.
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
    fn text_of_others_is_only_text() {
        assert_eq!(escape("a|b\n<script>"), "a\\|b\\\\n\\<script\\>");
        assert_eq!(escape("[x](y) `z`"), "\\[x\\](y) \\`z\\`");
    }
}
