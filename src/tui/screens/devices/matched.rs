//! Which parts of a cell the filter matched, and which column isn't drawn although it did there. Cells
//! are cut and escaped, so that the parts of a value are found in the value and carried over to what is
//! shown of it.

use std::borrow::Cow;
use std::ops::Range;

use crate::list::{ColumnId, ColumnRef, Device, DeviceId, DeviceList, Field};
use crate::query::Highlights;
use crate::text::{self, visible};
use crate::tui::column::Column;
use crate::tui::screens::devices::columns::{first_value, with_header};

/// So many rows are searched for what the filter matched outside of the drawn columns.
const SEARCHED_ROWS: usize = 100;

/// A column and the list's columns that it shows, if it is not a field.
type Sourced = (Column, Vec<ColumnId>);

/// The column that isn't `drawn` in which the filter matched most of the first rows, as far as these
/// show no match. None if they all do, or if the filter names the column and its value is one and the
/// same: the filter tells as much.
pub fn undrawn_column(
    highlights: &Highlights<'_>,
    list: &DeviceList,
    rows: &[DeviceId],
    columns: Vec<Column>,
    drawn: impl Fn(&Column) -> bool,
) -> Option<Column> {
    if highlights.is_empty() {
        return None;
    }
    let with_source = columns.into_iter().map(|column| {
        let source = column.header().map(|header| with_header(list, header));
        (column, source.unwrap_or_default())
    });
    let (drawn, others): (Vec<Sourced>, Vec<_>) =
        with_source.partition(|(column, _)| drawn(column));
    let is_match = |device: &Device<'_>, (column, source): &Sourced| match column {
        Column::Field(Field::Mac) => {
            let mut macs = device.macs();
            macs.any(|mac| !highlights.in_mac(mac).is_empty())
        }
        column => {
            let value = text_in(device, column, source);
            value.is_some_and(|(columns, value)| !highlights.in_text(&columns, &value).is_empty())
        }
    };
    let devices = rows.iter().take(SEARCHED_ROWS).map(|&id| list.device(id));
    let unexplained: Vec<Device<'_>> = devices
        .filter(|device| !drawn.iter().any(|column| is_match(device, column)))
        .collect();
    let counted = others.into_iter().map(|column| {
        let says_no_more = is_named(highlights, &column) && has_one_value(&unexplained, &column);
        let matched = unexplained
            .iter()
            .filter(|device| is_match(device, &column));
        (if says_no_more { 0 } else { matched.count() }, column.0)
    });
    // The first one of several with as many.
    let (count, column) = counted.reduce(|best, one| if one.0 > best.0 { one } else { best })?;
    (count > 0).then_some(column)
}

fn is_named(highlights: &Highlights<'_>, (column, source): &Sourced) -> bool {
    match column {
        Column::Field(field) => highlights.names(&[ColumnRef::Field(*field)]),
        _ => highlights.names(
            &source
                .iter()
                .copied()
                .map(ColumnRef::Other)
                .collect::<Vec<_>>(),
        ),
    }
}

fn has_one_value(devices: &[Device<'_>], (column, source): &Sourced) -> bool {
    let mut values = devices.iter().map(|device| text_in(device, column, source));
    let first = values.next();
    devices.len() > 1 && values.all(|value| Some(value) == first)
}

/// The columns that a query names for it, and the text that the device has in a text column; none for
/// any other column.
fn text_in<'a>(
    device: &Device<'a>,
    column: &Column,
    source: &[ColumnId],
) -> Option<(Vec<ColumnRef>, Cow<'a, str>)> {
    match column {
        Column::Field(field) if field.is_text() => {
            Some((vec![ColumnRef::Field(*field)], device.text(*field)))
        }
        Column::Other(_) => {
            let columns = source.iter().copied().map(ColumnRef::Other).collect();
            Some((columns, first_value(device, source).into()))
        }
        Column::Field(_) | Column::Outcome => None,
    }
}

/// The parts of the cell `shown` of a device, in bytes, that the filter matched. `source` are the
/// list's columns that the cell is of, if it is not a field.
pub fn parts(
    highlights: &Highlights<'_>,
    device: &Device<'_>,
    (column, source): (&Column, &[ColumnId]),
    shown: &str,
) -> Vec<Range<usize>> {
    if highlights.is_empty() {
        return Vec::new();
    }
    match column {
        Column::Field(Field::Mac) => of_macs(highlights, device, shown),
        column => {
            let Some((columns, value)) = text_in(device, column, source) else {
                return Vec::new();
            };
            carried_over(&value, shown, &highlights.in_text(&columns, &value))
        }
    }
}

/// The first address, and the number of the others for a match in one of them.
fn of_macs(highlights: &Highlights<'_>, device: &Device<'_>, shown: &str) -> Vec<Range<usize>> {
    let mut macs = device.macs();
    let Some(first) = macs.next() else {
        return Vec::new();
    };
    let mut parts = highlights.in_mac(first);
    let mut full = first.to_string();
    let others: Vec<_> = macs.collect();
    if !others.is_empty() {
        let count = format!("+{}", others.len());
        full.push(' ');
        if others.iter().any(|&mac| !highlights.in_mac(mac).is_empty()) {
            parts.push(full.len()..full.len() + count.len());
        }
        full.push_str(&count);
    }
    carried_over(&full, shown, &parts)
}

/// Where the `parts` of `value` are in what is `shown` of it. A part that was cut away is where it
/// was cut: at the ellipsis, or at a shorter form.
fn carried_over(value: &str, shown: &str, parts: &[Range<usize>]) -> Vec<Range<usize>> {
    if parts.is_empty() {
        return Vec::new();
    }
    let escaped = |at: usize| visible(value.get(..at).unwrap_or(value)).len();
    let full = visible(value);
    let begin = common(full.chars(), shown.chars(), usize::MAX);
    // What both begin with isn't what both end with.
    let room = full.len().min(shown.len()) - begin;
    let end = common(full.chars().rev(), shown.chars().rev(), room);
    let cut = begin..full.len() - end;
    let carried = |at: usize, is_start: bool| match at {
        at if at <= cut.start && (at < cut.start || !is_start || cut.is_empty()) => at,
        at if at >= cut.end && (at > cut.end || is_start) => shown.len() - (full.len() - at),
        // Within what was cut away.
        _ if is_start => begin,
        _ => shown.len() - end,
    };
    let parts = parts.iter().map(|part| {
        let (start, end) = (escaped(part.start), escaped(part.end));
        carried(start, true)..carried(end, false)
    });
    parts.filter(|part| part.start < part.end).collect()
}

/// The bytes of the characters that both begin with, at most as many as there is room for.
fn common(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>, room: usize) -> usize {
    let mut bytes = 0;
    for (a, b) in a.zip(b) {
        if a != b || bytes + a.len_utf8() > room {
            break;
        }
        bytes += a.len_utf8();
    }
    bytes
}

/// The cells of a part of `shown`: how far it begins from the left, and how wide it is.
pub fn cells(shown: &str, part: &Range<usize>) -> (u16, u16) {
    let width = |range: Range<usize>| {
        let width = text::width(shown.get(range).unwrap_or_default());
        u16::try_from(width).unwrap_or(u16::MAX)
    };
    (width(0..part.start), width(part.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{clip, clip_middle};

    fn marked(value: &str, shown: &str, part: &str) -> String {
        let at = value.find(part).expect("a part");
        let part = at..at + part.len();
        let parts = carried_over(value, shown, std::slice::from_ref(&part));
        match &parts[..] {
            [] => shown.to_owned(),
            [part] => format!(
                "{}[{}]{}",
                &shown[..part.start],
                &shown[part.clone()],
                &shown[part.end..]
            ),
            more => panic!("{more:?}"),
        }
    }

    #[test]
    fn part_of_a_cell_is_found_in_what_is_shown_of_it() {
        assert_eq!(marked("LT-1001", "LT-1001", "10"), "LT-[10]01");
        let end = clip("out_of_license_usage", 12);
        assert_eq!(
            marked("out_of_license_usage", &end, "out"),
            "[out]_of_lice…"
        );
        assert_eq!(
            marked("out_of_license_usage", &end, "license"),
            "out_of_[lice…]"
        );
        assert_eq!(
            marked("out_of_license_usage", &end, "usage"),
            "out_of_lice[…]"
        );
        let middle = clip_middle("1c2167121e90387d", 9);
        assert_eq!(marked("1c2167121e90387d", &middle, "1c21"), "[1c21]…387d");
        assert_eq!(marked("1c2167121e90387d", &middle, "387d"), "1c21…[387d]");
        assert_eq!(marked("1c2167121e90387d", &middle, "2167"), "1c[21…]387d");
        assert_eq!(marked("1c2167121e90387d", &middle, "0387"), "1c21[…387]d");
        assert_eq!(marked("1c2167121e90387d", &middle, "71"), "1c21[…]387d");
        assert_eq!(
            marked("out_of_license_usage", "no license", "usage"),
            "[no license]"
        );
        assert_eq!(
            marked("Windows Server 2022", "WinSrv22", "Win"),
            "[Win]Srv22"
        );
    }

    #[test]
    fn part_of_a_cell_counts_escapes_and_wide_characters() {
        let value = "a\u{202e}bc";
        let shown = visible(value);
        assert_eq!(marked(value, &shown, "bc"), "a\\u{202e}[bc]");
        assert_eq!(marked(value, &shown, "\u{202e}b"), "a[\\u{202e}b]c");
        let shown = clip("東日本語", 7);
        assert_eq!(marked("東日本語", &shown, "日本"), "東[日本]…");
        let part = "東".len().."東日本".len();
        assert_eq!(cells("東日本…", &part), (2, 4));
    }
}
