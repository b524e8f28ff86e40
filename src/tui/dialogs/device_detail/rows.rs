//! The rows of a device, as the list or the journal has them.

use ratatui::text::{Line, Span};
use serde_json::value::RawValue;

use crate::journal::StoredRecord;
use crate::list::RawRecord;
use crate::plan::RecordRow;
use crate::text::{raw_json, visible};
use crate::tui::context::Context;
use crate::tui::dialogs::device_detail::DeviceDetail;

pub(super) fn fact(context: &Context, name: &str, value: &str) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{name:<10} "), context.settings.theme.dim()),
        Span::raw(visible(value).into_owned()),
    ])
}

/// The device's rows as the list has them.
pub(super) fn source_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    match &detail.records {
        None => vec![Line::from(Span::styled("reading the list…", theme.dim()))],
        Some(Err(error)) => vec![Line::from(Span::styled(error.to_string(), theme.danger()))],
        Some(Ok(records)) => {
            let lines = records.iter().flat_map(record_lines);
            // The line above names where the only one is.
            let is_said = |(name, value): &(Option<String>, String)| {
                records.len() == 1 && name.is_some() && value.is_empty()
            };
            let lines = lines.enumerate();
            let lines = lines.filter(|(at, line)| *at > 0 || !is_said(line));
            lines.map(|(_, line)| named_line(context, line)).collect()
        }
    }
}

/// The device's rows as the journal has them.
pub(super) fn stored_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let styled = |text: &str, style| {
        let text = visible(text).into_owned();
        vec![Line::from(Span::styled(text, style))]
    };
    match &detail.full_record {
        None => styled("reading the journal…", theme.dim()),
        Some(Err(error)) => styled(&error.to_string(), theme.danger()),
        Some(Ok(StoredRecord::Rows(record))) => {
            let lines = record.rows.iter().flat_map(RecordRow::lines);
            lines.map(|line| named_line(context, line)).collect()
        }
        Some(Ok(missing)) => styled(missing.missing(), theme.dim()),
    }
}

/// A part of a row, with its name if it has one.
fn named_line(context: &Context, (name, value): (Option<String>, String)) -> Line<'static> {
    match name {
        Some(name) => fact(context, &visible(&name), &value),
        None => Line::from(visible(&value).into_owned()),
    }
}

/// A record, field by field where it has fields.
fn record_lines(record: &RawRecord) -> Vec<(Option<String>, String)> {
    match record {
        RawRecord::Json { line, text } => {
            let pretty = RawValue::from_string(text.clone())
                .map_or_else(|_| text.clone(), |value| raw_json::indented(&value));
            let mut lines = vec![(Some(format!("line {line}")), String::new())];
            lines.extend(pretty.lines().map(|line| (None, line.to_owned())));
            lines
        }
        RawRecord::Cells { line, cells } => {
            let mut lines = vec![(Some(format!("line {line}")), String::new())];
            lines.extend(
                cells
                    .iter()
                    .map(|(name, value)| (Some(name.clone()), value.clone())),
            );
            lines
        }
        RawRecord::Line { line, text } => vec![(Some(format!("line {line}")), text.clone())],
    }
}
