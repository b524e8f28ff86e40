//! ```text
//!    outcome        hostname         hwid              mac                os          status         last seen
//! ▸● sending…       LT-4411          12ds44f5gacd5…    00:0c:29:cd:c7:b2  Windows 11  non_compliant  94 d
//! ```
//!
//! Only the rows on the screen are built, whatever the list's length.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::list::{ColumnId, Device, DeviceId, Field};
use crate::text::clip;
use crate::tui::column::Column;
use crate::tui::context::Context;
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::screens::devices::columns::{FIXED, Shown, first_value, with_header};
use crate::tui::widgets::age::age;

/// The cursor and the mark.
const GUTTER: u16 = 3;

/// A column on the screen.
struct Place<'a> {
    column: &'a Column,
    /// The columns of the list that it shows, if it is not a field.
    others: Vec<ColumnId>,
    /// The cell that it begins at, and how many it has.
    at: u16,
    width: u16,
}

/// The columns that fit into this many cells. The first two stay, the others scroll.
fn layout<'a>(screen: &'a DevicesScreen, context: &Context, room: u16) -> Vec<Place<'a>> {
    let columns = screen.columns.shown();
    let (fixed, others) = columns.split_at(FIXED.min(columns.len()));
    let scrolled = screen.scrolled.min(screen.columns.last_scroll());
    let shown = fixed.iter().chain(others.iter().skip(scrolled));
    let mut places = Vec::new();
    let mut at = GUTTER;
    for Shown { column, width } in shown.copied() {
        let width = *width;
        let room = room.saturating_sub(at);
        if room < width.min(8) {
            break;
        }
        let header = column.header();
        let others = header.map(|header| with_header(&context.list.devices, header));
        places.push(Place {
            column,
            others: others.unwrap_or_default(),
            at,
            width: width.min(room),
        });
        at += width + 1;
    }
    places
}

/// Draws the table.
pub fn render(frame: &mut Frame<'_>, area: Rect, screen: &DevicesScreen, context: &Context) {
    let theme = context.settings.theme;
    let layout = layout(screen, context, area.width);
    let buffer = frame.buffer_mut();
    for place in &layout {
        let mut heading = place.column.heading().into_owned();
        if let Some((_, key)) = screen.sort.key(place.column) {
            heading.push_str(theme.arrow(key.reversed));
        }
        buffer.set_stringn(
            area.x + place.at,
            area.y,
            heading,
            usize::from(place.width),
            theme.strong(),
        );
    }
    let rows = usize::from(area.height.saturating_sub(1));
    if context.list.rows.is_empty() {
        let text = if context.list.devices.is_empty() {
            "the list is empty"
        } else {
            "nothing matches the filter; esc clears it"
        };
        buffer.set_stringn(
            area.x + GUTTER,
            area.y + 1,
            text,
            usize::from(area.width),
            theme.dim(),
        );
    }
    let range = range(screen, context);
    let shown = context
        .list
        .rows
        .iter()
        .enumerate()
        .skip(screen.top)
        .take(rows);
    for ((index, &id), y) in shown.zip(area.y + 1..) {
        let is_cursor = index == screen.cursor;
        let device = context.list.devices.device(id);
        let marked = context.list.marks.contains(id);
        let in_range = range.is_some_and(|(from, to)| (from..=to).contains(&index));
        let style = if marked || in_range {
            theme.marked()
        } else {
            Style::new()
        };
        let base = if is_cursor {
            style.patch(theme.cursor())
        } else {
            style
        };
        if is_cursor {
            buffer.set_style(Rect::new(area.x, y, area.width, 1), base);
            buffer.set_string(area.x, y, theme.glyph("▸", ">"), base);
        }
        let mark = match (marked, in_range) {
            (true, _) => theme.glyph("●", "*"),
            (false, true) => theme.glyph("┆", "|"),
            (false, false) => " ",
        };
        buffer.set_string(area.x + 1, y, mark, base);
        for place in &layout {
            let (text, style) = cell(context, &device, id, place);
            let style = if is_cursor { base } else { base.patch(style) };
            let width = usize::from(place.width);
            buffer.set_stringn(area.x + place.at, y, clip(&text, width), width, style);
        }
    }
}

/// The rows between the range's beginning and the cursor.
fn range(screen: &DevicesScreen, context: &Context) -> Option<(usize, usize)> {
    let anchor = context.list.range_start?;
    let start = context.list.rows.iter().position(|&id| id == anchor)?;
    Some((start.min(screen.cursor), start.max(screen.cursor)))
}

fn cell<'a>(
    context: &Context,
    device: &Device<'a>,
    id: DeviceId,
    place: &Place<'_>,
) -> (Cow<'a, str>, Style) {
    let theme = context.settings.theme;
    match *place.column {
        Column::Outcome => match (context.list.session_states.get(&id), device.problem()) {
            (Some(&state), _) => (Cow::Owned(theme.state_text(state)), theme.state(state)),
            (None, Some(problem)) => {
                let message = format!("{} {problem}", theme.glyph("⊘", "!"));
                (Cow::Owned(message), theme.dim())
            }
            (None, None) if context.list.removed.contains_key(&id) => {
                let message = format!("{} removed", theme.glyph("○", "o"));
                (Cow::Owned(message), theme.dim())
            }
            // In brackets: not by a run of this process.
            (None, None) => match context.list.journal_states.get(&id) {
                Some(&state) => (
                    Cow::Owned(format!("({})", theme.state_text(state))),
                    theme.dim(),
                ),
                None => (Cow::Borrowed(""), Style::new()),
            },
        },
        Column::Field(Field::Mac) => {
            let mut macs = device.macs();
            let first = macs.next().map_or(String::new(), |mac| mac.to_string());
            (Cow::Owned(first), Style::new())
        }
        Column::Field(Field::Seen) => (
            Cow::Owned(age_cell(context, device.last_seen())),
            Style::new(),
        ),
        Column::Field(Field::Enrolled) => (
            Cow::Owned(age_cell(context, device.enrolled_at())),
            Style::new(),
        ),
        Column::Field(field) => (device.text(field), Style::new()),
        Column::Other(_) => (
            Cow::Borrowed(first_value(device, &place.others)),
            Style::new(),
        ),
    }
}

/// Ages count from the list's time, so that a list that wasn't refreshed doesn't age its devices.
fn age_cell(context: &Context, time: Option<Timestamp>) -> String {
    match (time, context.list.devices.time()) {
        (Some(time), Some(saved)) => age(saved, time),
        _ => String::new(),
    }
}
