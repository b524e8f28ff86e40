//! The calls and lookups of a run, for its report.

use super::document::{Block, Column, Section, Table, Text, time};
use super::run::RunReport;
use crate::domain::device::IdentifierKind;
use crate::journal::CallOrigin;

/// Every call, with what the server answered.
pub fn calls(report: &RunReport<'_>) -> Section {
    if report.calls.is_empty() {
        return Section::new("Calls made", vec![Block::paragraph("None.")]);
    }
    let rows = report.calls.iter().map(|call| {
        let origin = match call.origin {
            CallOrigin::Fresh => "",
            CallOrigin::Half => ", after a larger call was refused",
            CallOrigin::Resend => ", sent again",
        };
        let verdict = call
            .verdict
            .map_or("no outcome stored", |verdict| verdict.label());
        let message = match call.message.as_str() {
            "" => String::new(),
            message => format!(": {message}"),
        };
        let ended = call.ended_at;
        vec![
            call.call.to_string().into(),
            time(call.intent_at).into(),
            ended.map_or_else(|| "–".into(), |ended| time(ended).into()),
            format!("{} by {}", call.devices.len(), kind_label(call.kind)).into(),
            format!("{}{origin}", ordinals(&call.devices)).into(),
            number(call.status),
            format!("{verdict}{message}").into(),
        ]
    });
    let columns = vec![
        Column::Number("call"),
        Column::Time("sent"),
        Column::Time("ended"),
        Column::Words("devices"),
        Column::Words("which"),
        Column::Number("HTTP status"),
        Column::Words("answer"),
    ];
    let all = format!("`offboard runs show {}` counts them", report.run.id);
    let table = Table::new("Calls, in the order sent", columns, rows, &all);
    Section::new("Calls made", vec![Block::Table(table)])
}

/// Every lookup, with what the tenant showed; none if there was none.
pub fn lookups(report: &RunReport<'_>) -> Option<Section> {
    if report.lookups.is_empty() {
        return None;
    }
    let rows = report.lookups.iter().map(|lookup| {
        let device = usize::try_from(lookup.ordinal).ok();
        let device = device.and_then(|index| report.devices.get(index));
        let sent = device.map(|record| record.device.identifier.to_string());
        let by = lookup.alternate_identifier.clone().or(sent);
        vec![
            time(lookup.finding.at).into(),
            position(lookup.ordinal),
            by.map_or_else(|| "–".into(), Text::from),
            lookup.finding.seen.to_string().into(),
        ]
    });
    let columns = vec![
        Column::Time("looked up"),
        Column::Number("which"),
        Column::Code("by"),
        Column::Words("seen"),
    ];
    let all = report.all_rows();
    let table = Table::new("Lookups, oldest first", columns, rows, &all);
    Some(Section::new("Lookups made", vec![Block::Table(table)]))
}

/// A device's position in the plan, from 1.
pub fn position(ordinal: u32) -> Text {
    (u64::from(ordinal) + 1).to_string().into()
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

/// The kind's name in a report.
pub fn kind_label(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Hwid => "HWID",
        IdentifierKind::Mac => "MAC",
    }
}

/// A number, or a dash for none.
pub fn number(number: Option<impl ToString>) -> Text {
    number.map_or_else(|| "–".into(), |number| number.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_ranges_from_one() {
        assert_eq!(ordinals(&[0, 1, 2, 3, 4, 7]), "1–5, 8");
        assert_eq!(ordinals(&[9, 3]), "10, 4");
    }
}
