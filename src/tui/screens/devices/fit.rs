//! How wide the columns are: fitted to the content of the whole list once, then shared out by
//! priority.
//!
//! A column is shown whole or not at all, and widths don't change while rows scroll by.

#[cfg(test)]
mod tests;

use crate::list::{ColumnId, Device, DeviceId, DeviceList, Field};
use crate::text;
use crate::tui::column::Column;
use crate::tui::screens::devices::columns::{Columns, first_value, with_header};

/// The cells for the cursor, the mark and a space.
pub const GUTTER: u16 = 3;

/// The cells of the arrow behind the heading of a sorted column.
const ARROW: u16 = 2;

/// The most devices that are measured, evenly spread over a longer list.
const SAMPLE: usize = 4096;

/// Below this, more columns are worth more than longer texts.
const COMFORTABLE: u16 = 16;

/// Columns up to this priority are what a mistake is caught with: each is shown as soon as its least
/// width fits.
pub const ESSENTIAL: u8 = 5;

/// The priority of the column that the filter matched: above the status.
pub const MATCHED: u8 = 2;

/// From this priority on, a column says the least: all rows share its value, or few have one.
pub const LEAST: u8 = u8::MAX - 1;

/// Columns up to this priority may shorten others to [`COMFORTABLE`]; the rest are shown only beside
/// whole ones.
const IMPORTANT: u8 = 6;

/// The widths that the columns' content needs, in cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentWidths(Vec<(Column, u16)>);

impl ContentWidths {
    /// Measures the columns that are shown. One name in two hundred may be longer, so that a freak
    /// doesn't widen its column.
    pub fn measure(list: &DeviceList, columns: &Columns) -> Self {
        let widths = columns.shown().into_iter().map(|shown| {
            let width = content_width(list, &shown.column);
            (shown.column.clone(), width)
        });
        Self(widths.collect())
    }

    /// The width with which a column shows its content whole, as far as that is useful. `sorted` if
    /// its heading has an arrow.
    pub fn ideal(&self, column: &Column, sorted: bool) -> u16 {
        let sizing = column.sizing();
        let known = self.0.iter().find(|(known, _)| known == column);
        let content = known.map_or(sizing.min, |(_, width)| *width);
        let heading = cells(text::width(&column.heading())).min(sizing.max);
        let content = content.max(heading).clamp(sizing.min, sizing.max);
        content.max(sorted_heading(column, sorted))
    }
}

/// The cells of a heading with its arrow; none if the rows aren't `sorted` by the column.
fn sorted_heading(column: &Column, sorted: bool) -> u16 {
    let heading = cells(text::width(&column.heading())).min(column.sizing().max);
    if sorted { heading + ARROW } else { 0 }
}

fn cells(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

fn content_width(list: &DeviceList, column: &Column) -> u16 {
    let others = column.header().map(|header| with_header(list, header));
    let others = others.unwrap_or_default();
    let step = list.len().div_ceil(SAMPLE).max(1);
    let mut widths: Vec<u16> = list
        .ids()
        .step_by(step)
        .map(|id| cells(measured(&list.device(id), column, &others)))
        .collect();
    if widths.is_empty() {
        return 0;
    }
    let place = (widths.len() - 1) * 199 / 200;
    // Of a short list every name counts.
    let place = if widths.len() < 200 {
        widths.len() - 1
    } else {
        place
    };
    *widths.select_nth_unstable(place).1
}

fn measured(device: &Device<'_>, column: &Column, others: &[ColumnId]) -> usize {
    let width = |value: &str| text::width(text::head(value, 256));
    match column {
        // Their texts have one width.
        Column::Outcome | Column::Field(Field::Seen | Field::Enrolled) => 0,
        Column::Field(Field::Mac) => device.macs().next().map_or(0, |_| 17),
        Column::Field(field) => width(&device.text(*field)),
        Column::Other(_) => width(first_value(device, others)),
    }
}

/// The most rows that are compared for a value that all of them have: more would be felt at each key.
/// Of more rows, so many are compared, evenly spread.
pub const COMPARED: usize = 5_000;

/// The columns that have one value in all of these rows, as far as they are [`COMPARED`], and that
/// value. The host name is never one of them, nor are outcomes, which change.
pub fn constants(list: &DeviceList, columns: &Columns, rows: &[DeviceId]) -> Vec<(Column, String)> {
    if rows.len() < 2 {
        return Vec::new();
    }
    let step = rows.len().div_ceil(COMPARED);
    let compared = columns.shown().into_iter().map(|shown| &shown.column);
    let compared = compared
        .filter(|column| !matches!(column, Column::Outcome | Column::Field(Field::Hostname)));
    compared
        .filter_map(|column| {
            let others = column.header().map(|header| with_header(list, header));
            let others = others.unwrap_or_default();
            let value = |id: DeviceId| -> String {
                let device = list.device(id);
                match column {
                    Column::Field(field) => device.text(*field).into_owned(),
                    Column::Outcome => String::new(),
                    Column::Other(_) => first_value(&device, &others).to_owned(),
                }
            };
            let first = value(*rows.first()?);
            let same = rows.iter().step_by(step).all(|&id| value(id) == first);
            same.then(|| (column.clone(), first))
        })
        .collect()
}

/// A column on the screen: where it begins, and how many cells it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub column: Column,
    /// Its first cell, from the table's left edge.
    pub at: u16,
    /// In cells.
    pub width: u16,
}

/// The columns that fit on the screen, in the operator's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableLayout {
    /// Those that are drawn.
    pub places: Vec<Place>,
    /// How many are scrolled away to the left.
    pub hidden_left: usize,
    /// How many others don't fit.
    pub hidden_right: usize,
}

/// A column that may be drawn.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    column: &'a Column,
    priority: u8,
    min: u16,
    ideal: u16,
}

/// Shares `room` cells out among the columns by their priorities, for which `priority` has another one
/// where the usual one doesn't hold. The first one stays, as one with the priority [`MATCHED`] does;
/// `scrolled` others are skipped, of which those that say the least come last.
pub fn lay_out(
    columns: &Columns,
    widths: &ContentWidths,
    is_sorted: impl Fn(&Column) -> bool,
    priority: impl Fn(&Column) -> Option<u8>,
    scrolled: usize,
    room: u16,
) -> TableLayout {
    let shown = columns.shown();
    let candidates: Vec<Candidate<'_>> = shown
        .iter()
        .map(|shown| {
            let sizing = shown.column.sizing();
            let sorted = is_sorted(&shown.column);
            let ideal = widths.ideal(&shown.column, sorted);
            let min = sizing.min.max(sorted_heading(&shown.column, sorted));
            Candidate {
                column: &shown.column,
                priority: priority(&shown.column).unwrap_or(sizing.priority),
                min: shown.width.unwrap_or(min),
                ideal: shown.width.unwrap_or(ideal),
            }
        })
        .collect();
    let stays = stays(&candidates);
    let (fixed, mut others): (Vec<_>, Vec<_>) = candidates
        .iter()
        .enumerate()
        .partition(|(place, one)| *place == stays || one.priority == MATCHED);
    let hidden_left = scrolled.min(others.len().saturating_sub(1));
    let mut offered: Vec<(usize, &Candidate<'_>)> = fixed;
    if hidden_left > 0 {
        offered.sort_by_key(|(place, _)| *place != stays);
        others.sort_by_key(|(_, one)| one.priority >= LEAST);
    }
    offered.extend(others.into_iter().skip(hidden_left));
    let count = offered.len();
    let drawn = if hidden_left == 0 {
        let mut drawn = by_priority(offered, room);
        // Each keeps its place among them.
        drawn.sort_by_key(|(place, _, _)| *place);
        drawn
    } else {
        in_order(offered, room)
    };
    let hidden_right = count - drawn.len();
    TableLayout {
        places: place(&drawn, room),
        hidden_left,
        hidden_right,
    }
}

/// The place of the column that doesn't scroll: the host name's, else the first.
fn stays(candidates: &[Candidate<'_>]) -> usize {
    let hostname = Column::Field(Field::Hostname);
    let found = candidates.iter().position(|one| *one.column == hostname);
    found.unwrap_or(0)
}

/// Its place in the operator's order, the column, its width.
type Drawn<'a> = (usize, &'a Candidate<'a>, u16);

/// Chooses columns by priority, then widens them in the same order.
fn by_priority<'a>(mut offered: Vec<(usize, &'a Candidate<'a>)>, room: u16) -> Vec<Drawn<'a>> {
    offered.sort_by_key(|(place, one)| (one.priority, *place));
    let mut drawn: Vec<Drawn<'a>> = Vec::new();
    for (place, one) in offered {
        let needed: u16 = drawn
            .iter()
            .map(|(_, other, _)| {
                if one.priority <= ESSENTIAL {
                    other.min
                } else if one.priority <= IMPORTANT {
                    other.ideal.min(COMFORTABLE.max(other.min))
                } else {
                    other.ideal
                }
            })
            .map(|width| width + 1)
            .fold(GUTTER, u16::saturating_add);
        if drawn.is_empty() || needed.saturating_add(one.min) <= room {
            drawn.push((place, one, one.min));
        }
    }
    widen(&mut drawn, room);
    drawn
}

/// Takes columns in order while they fit whole; at least one besides the first.
fn in_order<'a>(offered: Vec<(usize, &'a Candidate<'a>)>, room: u16) -> Vec<Drawn<'a>> {
    let mut drawn: Vec<Drawn<'a>> = Vec::new();
    let mut used = GUTTER;
    for (place, one) in offered {
        let needed = if drawn.len() < 2 { one.min } else { one.ideal };
        if !drawn.is_empty() && used.saturating_add(needed) > room {
            break;
        }
        used = used.saturating_add(one.ideal + 1);
        drawn.push((place, one, one.min));
    }
    widen(&mut drawn, room);
    drawn
}

/// The cells that the columns take, with a space between them.
fn taken(drawn: &[Drawn<'_>]) -> u16 {
    let widths = drawn.iter().map(|(_, _, width)| width + 1);
    widths.fold(GUTTER, u16::saturating_add).saturating_sub(1)
}

fn widen(drawn: &mut [Drawn<'_>], room: u16) {
    let mut left = room.saturating_sub(taken(drawn));
    for (_, one, width) in drawn.iter_mut() {
        let more = one.ideal.saturating_sub(*width).min(left);
        *width += more;
        left -= more;
    }
    // The first one is drawn even where it is wider than the screen.
    if let [(_, _, width)] = drawn {
        *width = (*width).min(room.saturating_sub(GUTTER));
    }
}

/// Puts them side by side, two cells apart where there is room for that.
fn place(drawn: &[Drawn<'_>], room: u16) -> Vec<Place> {
    let gaps = cells(drawn.len().saturating_sub(1));
    let gap = if taken(drawn).saturating_add(gaps) <= room {
        2
    } else {
        1
    };
    let mut at = GUTTER;
    let places = drawn.iter().map(|(_, one, width)| {
        let place = Place {
            column: one.column.clone(),
            at,
            width: *width,
        };
        at = at.saturating_add(width + gap);
        place
    });
    places.collect()
}
