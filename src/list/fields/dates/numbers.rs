//! Dates written as one number (epoch times, serial days, compact dates, Windows time stamps), and
//! the notations that are little more than a number: LDAP's, WMI's and ASP.NET's.

use std::ops::RangeInclusive;

use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::{Date, calendar_date};

/// The years that are plausible where only the number of digits decides the notation.
const YEARS: RangeInclusive<i16> = 1990..=2100;
/// Serial days outside of these (1982 to 2119) are more likely counters.
const SERIAL_DAYS: RangeInclusive<i64> = 30_000..=80_000;
/// The serial day of 1970-01-01 in the 1900 system of spreadsheets.
const SERIAL_1970: i64 = 25_569;
const SECONDS_PER_DAY: i64 = 86_400;
/// From the zero of Windows' FILETIME, 1601-01-01, to 1970.
const FROM_1601: i64 = 11_644_473_600;
/// From the zero of .NET's ticks, 0001-01-01, to 1970.
const FROM_0001: i64 = 62_135_596_800;
/// Windows and .NET count units of 100 ns.
const TICKS_PER_SECOND: i64 = 10_000_000;

/// Reads digits with an optional fraction (`46311,5`); `None` if the text is anything else.
pub(super) fn parse(text: &str) -> Option<Date> {
    let (negative, number) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, fraction) = match number.split_once(['.', ',']) {
        Some((digits, fraction)) if !fraction.is_empty() => (digits, fraction),
        Some(_) => return None,
        None => (number, ""),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !all_digits(digits) || !all_digits(fraction) {
        return None;
    }
    let whole = fraction.bytes().all(|byte| byte == b'0');
    if whole && digits.bytes().all(|byte| byte == b'0') {
        return Some(Date::Nothing);
    }
    let Ok(value) = digits.parse::<u64>() else {
        return Some(Date::Unreadable);
    };
    // A float can't hold the maximum of a FILETIME exactly and gives the number above it.
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    Some(match digits.len() {
        _ if negative => from_negative(-value),
        5 => from_serial_day(value, fraction),
        9.. => from_digits(digits.len(), value),
        length if whole => from_digits(length, value),
        _ => Date::Unreadable,
    })
}

/// Reads a number by its count of decimal digits.
fn from_digits(length: usize, value: i64) -> Date {
    match length {
        8 => from_compact(value, 0).unwrap_or(Date::Unreadable),
        9 | 10 => Date::from_second(value),
        // The end of the year 9999 in seconds would be 1978 in milliseconds.
        12 if matches!(value, 253_402_300_799 | 253_402_300_800) => Date::Nothing,
        12 => from_compact(value / 10_000, value % 10_000 * 100)
            .unwrap_or_else(|| Date::from_second(value / 1000)),
        // 15 digits can only be the end of the year 9999.
        13 | 15 => Date::from_second(value / 1000),
        14 => from_compact(value / 1_000_000, value % 1_000_000).unwrap_or(Date::Unreadable),
        16 => Date::from_second(value / 1_000_000),
        17 => {
            let seconds = value / 1000;
            from_compact(seconds / 1_000_000, seconds % 1_000_000).unwrap_or(Date::Unreadable)
        }
        18 => from_ticks(value),
        19 => from_nanoseconds(value),
        _ => Date::Unreadable,
    }
}

/// Only the zeros of other systems' clocks lie before 1970: .NET's is -62135596800 seconds.
fn from_negative(value: i64) -> Date {
    let is_nothing = |second| Date::from_second(second) == Date::Nothing;
    match value {
        // A common mark for "not set".
        -1 => Date::Nothing,
        ..-1_000_000_000 if is_nothing(value) || is_nothing(value / 1000) => Date::Nothing,
        _ => Date::Unreadable,
    }
}

/// `fraction` holds the digits after the decimal point. The time is rounded to the second, because
/// a third of a day has no exact decimal form.
fn from_serial_day(day: i64, fraction: &str) -> Date {
    /// More digits than this are below the precision of a spreadsheet's float.
    const DIGITS: usize = 12;
    const SCALE: i64 = 10_i64.pow(12);
    if !SERIAL_DAYS.contains(&day) {
        return Date::Unreadable;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(DIGITS);
    let part = digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    let seconds = (part * SECONDS_PER_DAY + SCALE / 2) / SCALE;
    Date::from_second((day - SERIAL_1970) * SECONDS_PER_DAY + seconds)
}

/// The two counts can't be confused: this century in one of them is a year before 500 or after 3500
/// in the other.
fn from_ticks(value: i64) -> Date {
    let second = value / TICKS_PER_SECOND;
    [FROM_1601, FROM_0001]
        .into_iter()
        .map(|zero| second - zero)
        .find_map(|second| match Date::from_second(second) {
            Date::Nothing => Some(Date::Nothing),
            date => is_plausible(second).then_some(date),
        })
        .unwrap_or(Date::Unreadable)
}

fn from_nanoseconds(value: i64) -> Date {
    match value {
        // Never, as Active Directory writes it.
        i64::MAX
        // The end of the year 9999 as a FILETIME and in ticks of .NET; as nanoseconds they would be
        // in 2053 and 2069.
        | 2_650_467_743_990_000_000..=2_650_467_744_000_000_000
        | 3_155_378_975_990_000_000..=3_155_378_976_000_000_000 => Date::Nothing,
        _ => Date::from_second(value / 1_000_000_000),
    }
}

fn is_plausible(second: i64) -> bool {
    jiff::Timestamp::from_second(second)
        .is_ok_and(|instant| YEARS.contains(&Offset::UTC.to_datetime(instant).year()))
}

/// `None` if the digits aren't a date and a time of day, or the year isn't plausible.
fn compact_time(date: i64, clock: i64) -> Option<DateTime> {
    let part = |number: i64| i16::try_from(number).ok();
    let hms = |number: i64| i8::try_from(number).ok();
    let day = calendar_date(
        part(date / 10_000)?,
        part(date / 100 % 100)?,
        part(date % 100)?,
    )?;
    let time = Time::new(
        hms(clock / 10_000)?,
        hms(clock / 100 % 100)?,
        hms(clock % 100)?,
        0,
    );
    Some(day.to_datetime(time.ok()?))
}

/// Reads yyyymmdd and hhmmss.
pub(super) fn from_compact(date: i64, clock: i64) -> Option<Date> {
    from_compact_in(date, clock, &TimeZone::UTC)
}

fn from_compact_in(date: i64, clock: i64, zone: &TimeZone) -> Option<Date> {
    let time = compact_time(date, clock)?;
    let date = Date::from_civil(time, zone);
    (date == Date::Nothing || YEARS.contains(&time.year())).then_some(date)
}

/// Reads `20261012T080000Z`, LDAP's `20261012080000.0Z` and WMI's `20261012080000.000000+120`.
pub(super) fn parse_compact(text: &str) -> Option<Date> {
    let (digits, rest) = take_digits(text);
    let (date, clock, rest) = match digits.len() {
        8 => {
            let separator = rest.chars().next()?;
            let (clock, after) = take_digits(rest.get(separator.len_utf8()..)?);
            match (separator, clock.len()) {
                ('T' | 't' | ' ' | '_', 4 | 6) | ('-', 6) => (digits, clock, after),
                _ => return None,
            }
        }
        12 | 14 => (digits.get(..8)?, digits.get(8..)?, rest),
        _ => return None,
    };
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => take_digits(rest),
        None => ("", rest),
    };
    let zone = match rest {
        // WMI writes asterisks for a zone that it doesn't know.
        "" | "Z" | "z" | "+***" => TimeZone::UTC,
        _ => TimeZone::fixed(if fraction.len() == 6 && rest.len() == 4 {
            minutes_offset(rest)?
        } else {
            take_offset(rest).filter(|(_, rest)| rest.is_empty())?.0
        }),
    };
    let clock_value: i64 = clock.parse().ok()?;
    let scale = if clock.len() == 4 { 100 } else { 1 };
    from_compact_in(date.parse().ok()?, clock_value * scale, &zone)
}

/// WMI's offset, of four characters: a sign and three digits of minutes.
fn minutes_offset(text: &str) -> Option<Offset> {
    let (sign, digits) = take_sign(text)?;
    let (digits, rest) = take_digits(digits);
    let minutes: i32 = digits.parse().ok()?;
    let valid = rest.is_empty() && minutes <= 14 * 60;
    valid.then(|| Offset::from_seconds(sign * minutes * 60).ok())?
}

/// Reads ASP.NET's `/Date(1791806400000+0200)/`, in lower case. The offset is only for display.
pub(super) fn parse_json(text: &str) -> Option<Date> {
    let inner = text
        .strip_prefix(r"\/")
        .or_else(|| text.strip_prefix('/'))?;
    let inner = inner
        .strip_suffix(r"\/")
        .or_else(|| inner.strip_suffix('/'))?;
    let inner = inner.strip_prefix("date(")?.strip_suffix(')')?;
    let digits = inner.strip_prefix('-').unwrap_or(inner);
    let (digits, rest) = take_digits(digits);
    if !rest.is_empty() && !take_offset(rest).is_some_and(|(_, rest)| rest.is_empty()) {
        return None;
    }
    let milliseconds: i64 = digits.parse().ok()?;
    let sign = if inner.starts_with('-') { -1 } else { 1 };
    Some(Date::from_second((sign * milliseconds).div_euclid(1000)))
}

/// Splits the text after its leading ASCII digits.
pub(super) fn take_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

fn take_sign(text: &str) -> Option<(i32, &str)> {
    match text.strip_prefix('-') {
        Some(rest) => Some((-1, rest)),
        None => Some((1, text.strip_prefix('+')?)),
    }
}

/// Reads `+2`, `+02`, `+0200` or `+02:00` at the start of the text.
pub(super) fn take_offset(text: &str) -> Option<(Offset, &str)> {
    let (sign, text) = take_sign(text)?;
    let (digits, rest) = take_digits(text);
    let (hours, minutes, rest) = match (digits.len(), rest.strip_prefix(':')) {
        (1 | 2, Some(rest)) => {
            let (minutes, rest) = take_digits(rest);
            (digits, Some(minutes).filter(|text| text.len() == 2)?, rest)
        }
        (1 | 2, None) => (digits, "0", rest),
        (4, None) => (digits.get(..2)?, digits.get(2..)?, rest),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    // The easternmost zone is 14 hours ahead.
    let valid = hours <= 14 && minutes < 60;
    let offset = valid.then(|| Offset::from_seconds(sign * (hours * 60 + minutes) * 60))?;
    Some((offset.ok()?, rest))
}
