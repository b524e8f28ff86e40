//! ```text
//!    hostname  hwid              status                group               last seen
//! ▌● LT-1003   17f2f687775cea1c  out_of_license_usage  Lab                     146 d
//!    1–34 of 109                                                  → 3 more columns
//! ```
//!
//! Only the rows on the screen are built, whatever the list's length.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::list::{ColumnId, Device, DeviceId, Field};
use crate::query::Highlights;
use crate::text::{self, counted, grouped};
use crate::tui::column::Column;
use crate::tui::context::Context;
use crate::tui::screens::devices::columns::{first_value, with_header};
use crate::tui::screens::devices::fit::{COMPARED, GUTTER, Place, TableLayout};
use crate::tui::screens::devices::{DevicesScreen, matched, no_rows, overview};
use crate::tui::widgets::age::age;
use crate::tui::widgets::layout::{beside_table, left_by_panel, panel_width, spread};

/// From this width on, the overview and the detail of a device have room beside the table.
const THREE_PANES: u16 = 160;

/// Draws the table, and the overview beside it where there is room. A dialog that needs `beside` columns
/// takes the place of the overview unless there is room for both. The cursor is a bar alone unless the table
/// `has_keys`.
pub fn render(
    frame: &mut Frame<'_>,
    body: Rect,
    screen: &DevicesScreen,
    context: &Context,
    beside: Option<u16>,
    has_keys: bool,
) {
    let (area, overview) = panes(body, context, beside);
    if let Some(overview) = overview {
        overview::render(frame, overview, context, None, beside.is_none());
    }
    let layout = screen.layout(area.width);
    render_headings(frame.buffer_mut(), area, screen, context, &layout);
    if context.list.rows.is_empty() {
        let at = Rect {
            x: area.x + GUTTER,
            y: area.y + 1,
            width: area.width.saturating_sub(GUTTER),
            height: area.height.saturating_sub(1),
        };
        let lines = no_rows::lines(screen, context, usize::from(at.width));
        frame.render_widget(Paragraph::new(lines), at);
        return;
    }
    let sources: Vec<Vec<ColumnId>> = layout
        .places
        .iter()
        .map(|place| match place.column.header() {
            Some(header) => with_header(&context.list.devices, header),
            None => Vec::new(),
        })
        .collect();
    // The headings and the line below the rows.
    let rows = usize::from(area.height.saturating_sub(2));
    let range = range(screen, context);
    let highlights = Highlights::of(&screen.shown_query, &context.list.devices);
    let shown = context.list.rows.iter().enumerate();
    let shown = shown.skip(screen.top).take(rows);
    for ((index, &id), y) in shown.zip(area.y + 1..) {
        let row = Row {
            id,
            is_cursor: index == screen.cursor,
            has_keys,
            in_range: range.is_some_and(|(from, to)| (from..=to).contains(&index)),
            area: Rect::new(area.x, y, area.width, 1),
        };
        row.render(frame.buffer_mut(), context, &layout, &sources, &highlights);
    }
    let below = Rect::new(area.x, area.bottom().saturating_sub(1), area.width, 1);
    let line = position_line(below, screen, context, &layout, rows);
    frame.render_widget(Paragraph::new(line), below);
}

/// Where the table is, and the overview if it is shown.
pub(in crate::tui) fn panes(
    body: Rect,
    context: &Context,
    beside: Option<u16>,
) -> (Rect, Option<Rect>) {
    let area = Rect {
        width: left_by_panel(body.width, beside),
        ..body
    };
    let has_room = beside.is_none() || context.size.0 >= THREE_PANES;
    let overview = panel_width(context.size.0).filter(|_| context.overview.is_open && has_room);
    let table = Rect {
        width: left_by_panel(area.width, overview),
        ..area
    };
    (table, overview.map(|width| beside_table(area, width)))
}

fn render_headings(
    buffer: &mut Buffer,
    area: Rect,
    screen: &DevicesScreen,
    context: &Context,
    layout: &TableLayout,
) {
    let theme = &context.settings.theme;
    for place in &layout.places {
        let heading = place.column.heading();
        let arrow = screen
            .sort
            .key(&place.column)
            .map(|(_, key)| theme.arrow(key.reversed));
        let arrow = arrow.unwrap_or_default();
        let room = usize::from(place.width).saturating_sub(text::width(arrow));
        let heading = format!("{}{arrow}", text::clip(&heading, room));
        set_cell(buffer, area.x, area.y, place, &heading, theme.strong());
        if !arrow.is_empty() {
            let end = text::width(&heading) - text::width(arrow);
            let indent = indent(place, &heading);
            let at = area.x + place.at + indent + u16::try_from(end).unwrap_or(0);
            buffer.set_string(at, area.y, arrow, theme.accent());
        }
    }
}

/// How far into its column a text begins.
fn indent(place: &Place, text: &str) -> u16 {
    if !place.column.sizing().right {
        return 0;
    }
    let width = u16::try_from(text::width(text)).unwrap_or(u16::MAX);
    place.width.saturating_sub(width)
}

/// Writes text that fits into its column.
fn set_cell(buffer: &mut Buffer, x: u16, y: u16, place: &Place, text: &str, style: Style) {
    let at = x + place.at + indent(place, text);
    buffer.set_stringn(at, y, text, usize::from(place.width), style);
}

/// `1–34 of 109` and how many columns don't fit.
fn position_line<'a>(
    area: Rect,
    screen: &DevicesScreen,
    context: &Context,
    layout: &TableLayout,
    rows: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
    let count = context.list.rows.len();
    let last = (screen.top + rows).min(count);
    let position = format!(
        "{}{}–{} of {}",
        " ".repeat(usize::from(GUTTER)),
        grouped(screen.top as u64 + 1),
        grouped(last as u64),
        grouped(count as u64)
    );
    let hidden = [(layout.hidden_left, "←"), (layout.hidden_right, "→")];
    let hidden = hidden.into_iter().filter(|(count, _)| *count > 0);
    let mut hidden: Vec<String> = hidden
        .map(|(count, arrow)| format!("{arrow} {}", counted(count as u64, "more column")))
        .collect();
    // A value that all rows have takes no column where there is no room; the line below names it.
    let is_drawn = |column: &Column| layout.places.iter().any(|place| place.column == *column);
    let constants = screen.constants.iter();
    let same = constants.filter(|(column, value)| !value.is_empty() && !is_drawn(column));
    let same: Vec<String> = same
        .take(2)
        .map(|(column, value)| {
            let value = text::visible(value);
            format!("{} {}", column.heading(), text::clip(&value, 20))
        })
        .collect();
    if !same.is_empty() {
        let all = if count > COMPARED { "mostly" } else { "all" };
        hidden.insert(0, format!("{all}: {}", same.join(", ")));
    }
    let left = vec![Span::styled(position, theme.dim())];
    let right = vec![Span::styled(hidden.join(theme.dot()), theme.dim())];
    spread(area, left, right)
}

/// One row on the screen.
struct Row {
    id: DeviceId,
    is_cursor: bool,
    /// True if the table has the keys.
    has_keys: bool,
    in_range: bool,
    area: Rect,
}

impl Row {
    /// Only the sign and the host name take the colour of a mark, so that the status keeps its own.
    /// `sources` are the list's columns that each place shows, if it is not a field.
    fn render(
        &self,
        buffer: &mut Buffer,
        context: &Context,
        layout: &TableLayout,
        sources: &[Vec<ColumnId>],
        highlights: &Highlights<'_>,
    ) {
        let theme = &context.settings.theme;
        let device = context.list.devices.device(self.id);
        let marked = context.list.marks.contains(self.id);
        let protection = &context.list.protection;
        let exemption = if protection.reason(self.id).is_some() {
            Some((theme.glyph("◆", "P"), theme.warning()))
        } else {
            let held = protection.held(self.id).is_some();
            held.then(|| (theme.glyph("◇", "H"), theme.warning()))
        };
        let Rect { x, y, .. } = self.area;
        if self.is_cursor {
            // Not the whole row: a step of the cursor would write two rows anew, which is too much for a
            // slow line.
            let first = layout
                .places
                .first()
                .map_or(GUTTER, |place| place.at + place.width);
            let at = Rect {
                width: first.min(self.area.width),
                ..self.area
            };
            if self.has_keys {
                buffer.set_style(at, theme.selection());
            }
            buffer.set_string(x, y, theme.glyph("▌", ">"), theme.accent());
        }
        let (sign, style) = match (marked, self.in_range) {
            (true, _) => (theme.glyph("●", "*"), theme.mark()),
            (false, true) => (theme.glyph("┆", "|"), theme.mark()),
            (false, false) if device.problem().is_some() => (theme.glyph("⊘", "!"), theme.dim()),
            (false, false) => exemption.unwrap_or((" ", Style::new())),
        };
        buffer.set_string(x + 1, y, sign, style);
        if let Some((sign, style)) = exemption.filter(|_| marked || self.in_range) {
            buffer.set_string(x + 2, y, sign, style);
        }
        for (place, source) in layout.places.iter().zip(sources) {
            let (value, style) = cell(context, &device, self.id, (&place.column, source));
            let style = if marked && place.column == Column::Field(Field::Hostname) {
                theme.mark()
            } else {
                style
            };
            let shorten = place.column.sizing().shorten;
            let value = shorten.apply(&value, usize::from(place.width));
            set_cell(buffer, x, y, place, &value, style);
            let column = (&place.column, &source[..]);
            for part in matched::parts(highlights, &device, column, &value) {
                let (from, width) = matched::cells(&value, &part);
                let at = x + place.at + indent(place, &value) + from;
                buffer.set_style(Rect::new(at, y, width, 1), theme.matched());
            }
        }
    }
}

/// The rows between the range's beginning and the cursor.
fn range(screen: &DevicesScreen, context: &Context) -> Option<(usize, usize)> {
    let anchor = context.list.range_start?;
    let start = context.list.rows.iter().position(|&id| id == anchor)?;
    Some((start.min(screen.cursor), start.max(screen.cursor)))
}

/// A device's text in a column, not yet shortened, and its style.
fn cell<'a>(
    context: &Context,
    device: &Device<'a>,
    id: DeviceId,
    (column, source): (&Column, &[ColumnId]),
) -> (Cow<'a, str>, Style) {
    let theme = &context.settings.theme;
    let dim_row = device.problem().is_some();
    let (value, style) = match column {
        Column::Outcome => return outcome_cell(context, device, id),
        Column::Field(Field::Mac) => (macs_cell(device), Style::new()),
        Column::Field(Field::Seen) => age_cell(context, device.last_seen(), true),
        Column::Field(Field::Enrolled) => age_cell(context, device.enrolled_at(), false),
        Column::Field(field) => {
            let value = device.text(*field);
            let style = match field {
                Field::Status => theme.status(&value),
                Field::Severity => theme.severity(&value),
                _ => Style::new(),
            };
            (value, style)
        }
        Column::Other(_) => (Cow::Borrowed(first_value(device, source)), Style::new()),
    };
    if value.is_empty() {
        return (Cow::Borrowed(theme.glyph("—", "-")), theme.dim());
    }
    (value, if dim_row { theme.dim() } else { style })
}

/// A device's text in a column; empty if it has none.
pub(in crate::tui) fn text_of(context: &Context, column: &Column, id: DeviceId) -> String {
    let device = context.list.devices.device(id);
    let source = match column.header() {
        Some(header) => with_header(&context.list.devices, header),
        None => Vec::new(),
    };
    let (value, _) = cell(context, &device, id, (column, &source));
    let none = context.settings.theme.glyph("—", "-");
    match (&*value, column) {
        (value, _) if value == none => String::new(),
        // It begins with a sign.
        (value, Column::Outcome) => {
            let words = value.trim_start_matches(|first: char| !first.is_alphanumeric());
            words.to_owned()
        }
        (value, _) => value.to_owned(),
    }
}

/// What the signs beside a row say, in words.
pub(in crate::tui) fn flags(context: &Context, id: DeviceId) -> Vec<&'static str> {
    let list = &context.list;
    let flags = [
        (list.marks.contains(id), "marked"),
        (list.devices.device(id).problem().is_some(), "unusable"),
        (list.protection.reason(id).is_some(), "protected"),
        (list.protection.held(id).is_some(), "held"),
    ];
    let flags = flags.into_iter().filter(|(is, _)| *is);
    flags.map(|(_, word)| word).collect()
}

/// How the device ended in a run of this process, else why it can't be sent, else how it ended in an
/// earlier run.
fn outcome_cell<'a>(context: &Context, device: &Device<'a>, id: DeviceId) -> (Cow<'a, str>, Style) {
    let theme = &context.settings.theme;
    let list = &context.list;
    let verified = list.verified.get(&id);
    // What a verification of that very run found says more than that the cloud accepted it.
    let is_verified = verified.is_some_and(|entry| context.runs.sent_last(id) == Some(entry.run));
    if let Some(&state) = list.session_states.get(&id).filter(|_| !is_verified) {
        return (Cow::Owned(theme.state_text(state)), theme.state(state));
    }
    if let Some(problem) = device.problem() {
        let sign = theme.glyph("⊘", "!");
        return (
            Cow::Owned(format!("{sign} {}", problem.short())),
            theme.dim(),
        );
    }
    if let Some(entry) = verified {
        let sign = theme.glyph("↩", "<");
        let text = format!("{sign} {}", entry.state.label());
        return (Cow::Owned(text), theme.warning());
    }
    match list.journal_states.get(&id) {
        Some(&state) => (Cow::Owned(theme.state_text(state)), theme.dim()),
        None => (Cow::Borrowed(""), Style::new()),
    }
}

fn macs_cell<'a>(device: &Device<'_>) -> Cow<'a, str> {
    let mut macs = device.macs();
    let first = macs.next().map_or(String::new(), |mac| mac.to_string());
    match macs.count() {
        0 => Cow::Owned(first),
        more => Cow::Owned(format!("{first} +{more}")),
    }
}

/// Ages count from the list's time, so that a list that wasn't refreshed doesn't age its devices.
fn age_cell<'a>(
    context: &Context,
    time: Option<Timestamp>,
    is_last_seen: bool,
) -> (Cow<'a, str>, Style) {
    let (Some(time), Some(saved)) = (time, context.list.devices.time()) else {
        return (Cow::Borrowed(""), Style::new());
    };
    let days = saved.duration_since(time).as_hours() / 24;
    let style = if is_last_seen {
        context.settings.theme.age(days)
    } else {
        Style::new()
    };
    (Cow::Owned(age(saved, time)), style)
}
