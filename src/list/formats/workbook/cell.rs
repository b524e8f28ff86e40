//! Writes the value of a cell as text.

use std::borrow::Cow;

use calamine::{Data, DataRef, ExcelDateTime};

/// From this magnitude on, a spreadsheet that keeps 15 significant digits has rounded a number.
const ROUNDED: f64 = 1e15;

/// The serial day after 9999-12-31, the last one that a spreadsheet shows as a date.
const LAST_DAY: f64 = 2_958_466.0;

/// The text of a cell.
pub(super) fn text<'a>(value: &'a DataRef<'_>) -> Cow<'a, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::String(text) => without_nul(text),
        DataRef::SharedString(text) => without_nul(text),
        DataRef::Bool(value) => Cow::Borrowed(boolean(*value)),
        #[expect(clippy::cast_precision_loss, reason = "it is shown as rounded")]
        DataRef::Int(value) => number(*value as f64).into(),
        DataRef::Float(value) => number(*value).into(),
        DataRef::DateTime(value) => date_time(value).into(),
        DataRef::DateTimeIso(text) => iso(text).into(),
        DataRef::DurationIso(text) => duration(text).into(),
        DataRef::Error(error) => error.to_string().into(),
    }
}

/// The text as it was meant: some `.xls` files have UTF-16 where calamine takes each byte for a
/// character. A NUL that stays over means nothing.
fn without_nul(text: &str) -> Cow<'_, str> {
    if !text.contains('\0') {
        return Cow::Borrowed(text);
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|unit| u8::try_from(unit).ok()).collect();
    let units: Option<Vec<u16>> = bytes.and_then(|bytes| {
        let (pairs, rest) = bytes.as_chunks();
        let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
        rest.is_empty().then(|| units.collect())
    });
    let joined = units.and_then(|units| String::from_utf16(&units).ok());
    let text = joined.as_deref().unwrap_or(text);
    Cow::Owned(text.replace('\0', ""))
}

/// The same value, borrowed.
pub(super) fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::String(text) => DataRef::SharedString(text),
        Data::Int(value) => DataRef::Int(*value),
        Data::Float(value) => DataRef::Float(*value),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(value) => DataRef::DateTime(*value),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// `TRUE` or `FALSE`.
pub(super) fn boolean(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

/// A number in its shortest form, or as `9.15624E+15` when the spreadsheet has rounded it.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() < ROUNDED || !value.is_finite() {
        return value.to_string();
    }
    let text = format!("{value:.5E}");
    text.replacen('E', "E+", 1)
}

/// True if a cell with this number format shows the number with the digits of `text` and no others.
pub(super) fn is_shown_as_stored(code: &str, text: &str) -> bool {
    let code = code.trim();
    let is_plain = ["", "@", "#", "General"]
        .iter()
        .any(|plain| plain.eq_ignore_ascii_case(code));
    is_plain || (code.bytes().all(|sign| sign == b'0') && text.len() >= code.len())
}

fn date_time(value: &ExcelDateTime) -> String {
    let serial = value.as_f64();
    if !(0.0..LAST_DAY).contains(&serial) {
        return number(serial);
    }
    // A serial number below 1 has no date.
    if value.is_duration() || serial < 1.0 {
        #[expect(clippy::cast_possible_truncation, reason = "below 2^53, as checked")]
        #[expect(clippy::cast_sign_loss, reason = "not negative, as checked")]
        let seconds = (serial * 86_400.0).round() as u64;
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        return format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

/// An ISO 8601 date and time, without the time when it is midnight.
pub(super) fn iso(text: &str) -> String {
    match text.split_once('T') {
        Some((date, time)) if time.starts_with("00:00") && is_zero(time) => date.to_owned(),
        _ => text.to_owned(),
    }
}

fn is_zero(time: &str) -> bool {
    time.chars()
        .all(|character| matches!(character, '0' | ':' | '.'))
}

/// An ISO 8601 duration such as `PT08H30M00S` as `08:30:00`; another form stays as it is.
pub(super) fn duration(text: &str) -> String {
    parts(text).map_or_else(
        || text.to_owned(),
        |(hours, minutes, seconds)| format!("{hours:02}:{minutes:02}:{seconds:02}"),
    )
}

fn parts(text: &str) -> Option<(u64, u64, u64)> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?;
    let whole = seconds
        .split_once(['.', ','])
        .map_or(seconds, |(whole, _)| whole);
    Some((
        hours.parse().ok()?,
        minutes.parse().ok()?,
        whole.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    #[test]
    fn text_shows_numbers_exactly_or_rounded() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (4711.0, "4711"),
            (-3.0, "-3"),
            (0.1, "0.1"),
            (1e-7, "0.0000001"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1.00000E+15"),
            (9_156_240_000_000_001.0, "9.15624E+15"),
            (-1.234_567_8e20, "-1.23457E+20"),
        ] {
            assert_eq!(number(value), text);
        }
        for (value, shown) in [
            (-4711, "-4711"),
            (999_999_999_999_999, "999999999999999"),
            (1_000_000_000_000_000, "1.00000E+15"),
        ] {
            assert_eq!(text(&DataRef::Int(value)), shown);
        }
    }

    #[test]
    fn text_shows_dates_and_times_in_iso() {
        for (serial, kind, shown) in [
            (46_310.0, DateTime, "2026-10-15"),
            (46_310.0 + 1.0 / 3.0, DateTime, "2026-10-15T08:00:00"),
            (46_310.999_999_999_9, DateTime, "2026-10-16"),
            (1.0, DateTime, "1900-01-01"),
            (0.5, DateTime, "12:00:00"),
            (0.52, DateTime, "12:28:48"),
            (1.25, TimeDelta, "30:00:00"),
            (-1.0, DateTime, "-1"),
            (3e6, DateTime, "3000000"),
        ] {
            let value = DataRef::DateTime(ExcelDateTime::new(serial, kind, false));
            assert_eq!(text(&value), shown, "{serial}");
        }
        assert_eq!(iso("2026-10-15T00:00:00.000"), "2026-10-15");
        for time in ["2026-10-15T08:00:00", "2026-10-15T00:00:30"] {
            assert_eq!(iso(time), time);
        }
        assert_eq!(duration("PT08H30M05.5S"), "08:30:05");
        assert_eq!(duration("P1D"), "P1D");
    }
}
