//! The devices in a report: those that were not accepted, by reason, and then all devices.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::{Report, capital, escape, heading, kind_label, number};
use crate::domain::outcome::{Outcome, OutcomeClass};
use crate::domain::run::RunState;
use crate::engine::lookup_verdict::Finding;
use crate::journal::DeviceRecord;
use crate::text;

/// Writes the devices that were not accepted, by reason, with the meaning and the next step.
pub(super) fn not_accepted(text: &mut String, report: &Report<'_>) {
    let mut groups: BTreeMap<_, Vec<(u32, &DeviceRecord)>> = BTreeMap::new();
    for (ordinal, record) in (0_u32..).zip(report.devices) {
        let outcome = record.state.as_final_outcome();
        if outcome.class() != OutcomeClass::Accepted {
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
    let messages: HashMap<u32, &str> = report
        .calls
        .iter()
        .map(|call| (call.call, call.message.as_str()))
        .collect();
    // Of several lookups, the last one counts.
    let findings: HashMap<u32, &Finding> = report
        .lookups
        .iter()
        .filter(|lookup| lookup.alternate_identifier.is_none())
        .map(|lookup| (lookup.ordinal, &lookup.finding))
        .collect();
    for ((outcome, kind), records) in groups {
        let count = text::counted(records.len() as u64, "device");
        heading(
            text,
            &format!("### {} · {count}", capital(&outcome.to_string())),
        );
        let about = match outcome {
            Outcome::NotSent => unsent(report.state).to_owned(),
            sent => format!("{} {}", sent.meaning(kind, report.run.action), sent.help()),
        };
        heading(text, &about);
        let _ = writeln!(
            text,
            "| which | device | host name | user | call | HTTP status | the server's words | seen by a lookup |\n\
             |---:|---|---|---|---:|---:|---|---|"
        );
        for (ordinal, record) in records {
            let message = record.call.and_then(|call| messages.get(&call));
            let seen = findings.get(&ordinal);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                u64::from(ordinal) + 1,
                escape(&record.device.identifier.to_string()),
                escape(&record.device.hostname),
                escape(&record.device.user),
                number(record.call),
                number(record.http_status),
                message.map_or_else(String::new, |message| escape(message)),
                seen.map_or_else(
                    || "–".to_owned(),
                    |finding| escape(&finding.seen.to_string())
                ),
            );
        }
        text.push('\n');
    }
}

/// The meaning of devices that were not sent, by the state of the run, and the next step.
fn unsent(state: RunState) -> &'static str {
    match state {
        RunState::Queued | RunState::Running => "The run goes on: these are still to be sent.",
        RunState::Paused => {
            "The run paused before these devices were sent. Resume it, or close it."
        }
        RunState::Stopped => {
            "The run stopped before these devices were sent. Resume it, or close it."
        }
        RunState::Finished | RunState::Closed => {
            "The run was closed before these devices were sent: it never sends them."
        }
    }
}

/// Every device, by the identifier that was sent.
pub(super) fn all(text: &mut String, report: &Report<'_>) {
    heading(text, "## Devices");
    let _ = writeln!(
        text,
        "| which | by | device | host name | user | group | matched | outcome | call | status |\n\
         |---:|---|---|---|---|---|---|---|---:|---:|"
    );
    for (position, record) in (1_u64..).zip(report.devices) {
        let device = &record.device;
        let _ = writeln!(
            text,
            "| {position} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            kind_label(device.identifier.kind()),
            escape(&device.identifier.to_string()),
            escape(&device.hostname),
            escape(&device.user),
            escape(&device.group),
            device
                .matched_by
                .map_or_else(String::new, |rule| rule.to_string()),
            record.state.as_final_outcome(),
            number(record.call),
            number(record.http_status),
        );
    }
    text.push('\n');
}
