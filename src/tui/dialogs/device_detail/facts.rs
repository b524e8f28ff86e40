//! What the list knows of a device: its fields, ages and identifiers.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::device::{Identifier, IdentifyBy, MacAddress};
use crate::list::{DeviceId, Field};
use crate::plan::Removal;
use crate::text::{self, clip, visible};
use crate::tui::column::Column;
use crate::tui::context::Context;
use crate::tui::dialogs::device_detail::rows::fact;
use crate::tui::widgets::age::{age, is_present};

/// The most cells of a column's header.
const HEADER: usize = 30;

/// The cells with which every line is whole.
pub(super) const FACTS: u16 = 42;

/// What the list knows of the device.
pub(super) fn listed_lines(context: &Context, id: DeviceId, width: usize) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let device = context.list.devices.device(id);
    let mut lines = vec![mark_line(context, id)];
    if let Some(problem) = device.problem() {
        let sign = theme.glyph("⊘", "!");
        lines.push(Line::from(Span::styled(
            format!("{sign} unusable: {problem}"),
            theme.warning(),
        )));
    }
    lines.push(Line::default());
    // What decides comes before what only describes.
    let dates = |field: &Field| matches!(field, Field::Seen | Field::Enrolled);
    let (described, deciding): (Vec<Field>, Vec<Field>) = Field::ALL
        .into_iter()
        .filter(|field| !dates(field))
        .partition(|field| {
            matches!(
                field,
                Field::Nickname
                    | Field::Serial
                    | Field::Asset
                    | Field::Domain
                    | Field::Agent
                    | Field::Issues
                    | Field::Source
            )
        });
    let of = |fields: Vec<Field>| -> Vec<Line<'static>> {
        let fields = fields.into_iter();
        fields
            .flat_map(|field| field_lines(context, id, field, width))
            .collect()
    };
    lines.extend(of(deciding));
    lines.push(Line::default());
    lines.extend(time_lines(context, id, width));
    lines.extend(of(described));
    for (column, _) in device.others() {
        let heading = Column::Other(context.list.devices.header(column).into());
        let heading = clip(&heading.heading(), HEADER).into_owned();
        let names = std::iter::once(heading.as_str()).chain(std::iter::repeat(""));
        let values = names.zip(device.other_values(column));
        lines.extend(values.map(|(name, value)| fact(context, name, value)));
    }
    if let Some(reason) = context.list.protection.held(id) {
        lines.push(fact(context, "held", reason));
    }
    if let Some(Removal { run, action }) = context.list.removed.get(&id) {
        let by = format!("by run {}, after the list was saved", run.short());
        lines.push(fact(context, action.past_participle(), &by));
    }
    lines
}

/// The values of a field; none if the device lacks it.
fn field_lines(context: &Context, id: DeviceId, field: Field, width: usize) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let device = context.list.devices.device(id);
    let mut lines = Vec::new();
    if device.lacks(field) {
        // What could be sent, or tell devices apart.
        if matches!(field, Field::Hwid | Field::Mac | Field::Ip) {
            let mut line = fact(context, field.heading(), "");
            line.push_span(Span::styled(theme.glyph("—", "-"), theme.dim()));
            lines.push(line);
        }
        return lines;
    }
    let protection = &context.list.protection;
    let is_left_out = protection.reason(id).is_some() || protection.held(id).is_some();
    let sent = context.list.devices.identify(id, IdentifyBy::Auto).ok();
    let sent = sent.filter(|_| !is_left_out);
    for (place, value) in device.values(field).enumerate() {
        let heading = if place == 0 { field.heading() } else { "" };
        let mut line = fact(context, heading, value);
        let is_sent = sent
            .as_ref()
            .is_some_and(|sent| is_identifier(field, value, sent));
        if is_sent {
            let used: usize = line.spans.iter().map(Span::width).sum();
            let sign = theme.glyph("◂ sent", "< sent");
            let gap = width.saturating_sub(used + text::width(sign) + 2).max(1);
            line.push_span(Span::raw(" ".repeat(gap)));
            line.push_span(Span::styled(sign, theme.accent()));
        }
        lines.push(line);
    }
    if device.values(field).next().is_none() {
        lines.push(fact(context, field.heading(), &device.text(field)));
    }
    lines
}

/// Whether it is marked, and what found it.
fn mark_line(context: &Context, id: DeviceId) -> Line<'static> {
    let theme = &context.settings.theme;
    if !context.list.marks.contains(id) {
        return Line::from(Span::styled("not marked", theme.dim()));
    }
    let by = context.list.marks.found_by(id);
    let by = by.map(|by| format!(", {} from {}", by.rule, visible(&by.from.name)));
    let text = format!("{} marked{}", theme.glyph("●", "*"), by.unwrap_or_default());
    Line::from(Span::styled(text, theme.mark()))
}

/// True if this value is what would be sent.
fn is_identifier(field: Field, value: &str, sent: &Identifier) -> bool {
    match (field, sent) {
        (Field::Hwid, Identifier::Hwid(hwid)) => hwid.as_str() == value,
        (Field::Mac, Identifier::Mac(mac)) => {
            MacAddress::parse(value).is_ok_and(|value| value == *mac)
        }
        _ => false,
    }
}

/// Ages, which decide, and the times behind them.
fn time_lines(context: &Context, id: DeviceId, width: usize) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let list = &context.list.devices;
    let device = list.device(id);
    let format = if width < usize::from(FACTS) {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%d %H:%M UTC"
    };
    let times = [
        (Field::Seen, device.last_seen()),
        (Field::Enrolled, device.enrolled_at()),
    ];
    let lines = times.into_iter().filter_map(|(field, time)| {
        let Some(time) = time else {
            // As the list has it, if it has anything.
            let value = device.text(field);
            return (!value.is_empty()).then(|| fact(context, field.heading(), &value));
        };
        let ago = list.time().map(|of_list| {
            let age = age(of_list, time);
            // The header says as of when ages are.
            if is_present(of_list, context.now.wall) {
                format!("{age} ago")
            } else {
                age
            }
        });
        let days = list
            .time()
            .map_or(0, |of_list| of_list.duration_since(time).as_hours() / 24);
        let style = if field == Field::Seen {
            theme.age(days)
        } else {
            Style::new()
        };
        Some(Line::from(vec![
            Span::styled(format!("{:<10} ", field.heading()), theme.dim()),
            Span::styled(format!("{:<10}", ago.unwrap_or_default()), style),
            Span::styled(format!(" {}", time.strftime(format)), theme.dim()),
        ]))
    });
    lines.collect()
}
