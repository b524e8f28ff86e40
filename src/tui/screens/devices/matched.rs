//! Which parts of a cell the filter matched. Cells are cut and escaped, so that the parts of a value
//! are found in the value and carried over to what is shown of it.

use std::ops::Range;

use crate::list::{ColumnId, ColumnRef, Device, Field};
use crate::query::Highlights;
use crate::text::{self, visible};
use crate::tui::column::Column;
use crate::tui::screens::devices::columns::first_value;

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
        Column::Field(field) if field.is_text() => {
            let value = device.text(*field);
            let parts = highlights.in_text(&[ColumnRef::Field(*field)], &value);
            carried_over(&value, shown, &parts)
        }
        Column::Other(_) => {
            let columns = source.iter().copied().map(ColumnRef::Other);
            let value = first_value(device, source);
            let parts = highlights.in_text(&columns.collect::<Vec<_>>(), value);
            carried_over(value, shown, &parts)
        }
        Column::Field(_) | Column::Outcome => Vec::new(),
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
