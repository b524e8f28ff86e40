//! The devices in a run's report: those that were not accepted, by reason, and then all devices.

use std::collections::{BTreeMap, HashMap};

use super::calls::{kind_label, number, position};
use super::document::{Block, Column, Section, Table, Text};
use super::run::RunReport;
use crate::domain::outcome::{Outcome, OutcomeClass};
use crate::domain::run::RunState;
use crate::engine::lookup_verdict::Finding;
use crate::journal::DeviceRecord;
use crate::text::{capitalized, counted};

/// The devices that were not accepted, by reason, with the meaning and the next step; none if there are
/// none. Those in doubt come first: they need somebody.
pub fn not_accepted(report: &RunReport<'_>) -> Option<Section> {
    let mut groups: BTreeMap<_, Vec<(u32, &DeviceRecord)>> = BTreeMap::new();
    for (ordinal, record) in DeviceRecord::by_ordinal(report.devices) {
        let outcome = record.state.as_final_outcome();
        if outcome.class() != OutcomeClass::Accepted {
            let kind = record.device.identifier.kind();
            let is_certain = outcome.class() != OutcomeClass::InDoubt;
            groups
                .entry((is_certain, outcome, kind))
                .or_default()
                .push((ordinal, record));
        }
    }
    if groups.is_empty() {
        return None;
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
    let sections = groups.into_iter().map(|((_, outcome, kind), records)| {
        let count = counted(records.len() as u64, "device");
        let name = capitalized(&outcome.to_string());
        let about = match outcome {
            Outcome::NotSent => unsent(report.state).to_owned(),
            sent => format!("{} {}", sent.meaning(kind, report.run.action), sent.help()),
        };
        let rows = records.into_iter().map(|(ordinal, record)| {
            let message = record.call.and_then(|call| messages.get(&call));
            let seen = findings.get(&ordinal);
            vec![
                position(ordinal),
                record.device.identifier.to_string().into(),
                record.device.hostname.as_str().into(),
                record.device.user.as_str().into(),
                number(record.call),
                number(record.http_status),
                message.map_or_else(Text::default, |&message| message.into()),
                seen.map_or_else(Text::default, |finding| finding.seen.to_string().into()),
            ]
        });
        let columns = vec![
            Column::Number("which"),
            Column::Code("device"),
            Column::Words("host name"),
            Column::Words("user"),
            Column::Number("call"),
            Column::Number("HTTP status"),
            Column::Words("the server’s words"),
            Column::Words("seen by a lookup"),
        ];
        let table = Table::new(name.as_str(), columns, rows, &report.all_rows());
        let blocks = vec![Block::paragraph(about), Block::Table(table)];
        Section::new(format!("{name} · {count}"), blocks)
    });
    Some(Section {
        heading: "Not accepted".into(),
        blocks: Vec::new(),
        sections: sections.collect(),
    })
}

/// The devices that the recheck dropped; none if it dropped none.
pub fn dropped(report: &RunReport<'_>) -> Option<Section> {
    if report.dropped.is_empty() {
        return None;
    }
    let rows = report.dropped.iter().map(|dropped| {
        vec![
            position(dropped.ordinal),
            dropped.device.identifier.to_string().into(),
            dropped.device.hostname.as_str().into(),
            dropped.reason.to_string().into(),
        ]
    });
    let columns = vec![
        Column::Number("in the plan"),
        Column::Code("device"),
        Column::Words("host name"),
        Column::Words("why"),
    ];
    let id = report.run.id;
    let all = format!("`offboard runs show {id}` lists every one");
    let heading = "Dropped by the recheck, not sent";
    let table = Table::new(heading, columns, rows, &all);
    Some(Section::new(heading, vec![Block::Table(table)]))
}

/// The meaning of devices that were not sent, by the state of the run, and the next step.
pub fn unsent(state: RunState) -> &'static str {
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
pub fn all(report: &RunReport<'_>) -> Section {
    let rows: Vec<_> = DeviceRecord::by_ordinal(report.devices).collect();
    let rows = rows.into_iter().map(|(ordinal, record)| {
        let device = &record.device;
        let rule = device.matched_by;
        vec![
            position(ordinal),
            kind_label(device.identifier.kind()).into(),
            device.identifier.to_string().into(),
            device.hostname.as_str().into(),
            device.user.as_str().into(),
            device.group.as_str().into(),
            rule.map_or_else(Text::default, |rule| rule.to_string().into()),
            record.state.as_final_outcome().to_string().into(),
            number(record.call),
            number(record.http_status),
        ]
    });
    let columns = vec![
        Column::Number("which"),
        Column::Words("by"),
        Column::Code("device"),
        Column::Words("host name"),
        Column::Words("user"),
        Column::Words("group"),
        Column::Words("matched"),
        Column::Words("outcome"),
        Column::Number("call"),
        Column::Number("HTTP status"),
    ];
    let all = report.all_rows();
    let table = Table::new("Devices, in the order of the plan", columns, rows, &all);
    Section::new("Devices", vec![Block::Table(table)])
}
