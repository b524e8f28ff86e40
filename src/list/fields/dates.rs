//! Reads dates in the notations that device-management exports, databases and spreadsheets use.
//!
//! Times without a zone are UTC, and fractions of seconds are dropped. Which number in
//! `03/04/2026` is the day can't be seen from one value: such a date stays open until its whole
//! column has been read.

mod numbers;
mod pieces;
mod scan;
#[cfg(test)]
mod tests;
mod words;

use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{self, DateTime, Time};
use jiff::fmt::temporal::{Pieces, PiecesOffset, TimeZoneAnnotation};
use jiff::tz::{Offset, TimeZone};
use thiserror::Error;

use crate::list::fields::seconds::Seconds;

/// Longer texts aren't read; the longest known notation, JavaScript's with the zone's full name,
/// has about 70 bytes.
const MAX_BYTES: usize = 100;
/// Instants before this one (March 1973) are counters or placeholders, not dates of devices.
const FIRST_SECOND: i64 = 100_000_000;

/// What one cell says about a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Date {
    /// An instant between March 1973 and February 2106.
    At(Seconds),
    /// A date that can be resolved once its column has decided the order of day, month and year.
    Open(OpenDate),
    /// The cell says that there is no date: it is blank, `never`, `0000-00-00`, or the zero or the
    /// maximum of some system's clock.
    Nothing,
    /// Neither a date nor a known expression for its absence.
    Unreadable,
}

/// A date whose day, month and year are in an order that its column decides.
///
/// It holds the instant for each order rather than the numbers, because the offset of a named time
/// zone depends on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenDate {
    /// By [`DateOrder`].
    instants: [Seconds; 3],
    orders: Orders,
}

/// The order of the numbers of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/12/2026`
    DayFirst,
    /// `12/31/2026`
    MonthFirst,
    /// `26/12/31`; years of four digits in first place need no decision.
    YearFirst,
}

/// A text that doesn't name an order of day, month and year.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "date order `{0}` is unknown; use `dmy` (31/12/2026), `mdy` (12/31/2026) or `ymd` (26/12/31)"
)]
pub struct UnknownOrder(String);

/// The orders that all open dates of a column allow so far; all three before the first one.
///
/// The set is empty if the dates contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orders(u8);

impl DateOrder {
    const ALL: [Self; 3] = [Self::DayFirst, Self::MonthFirst, Self::YearFirst];

    /// The name that [`DateOrder::from_str`] reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DayFirst => "dmy",
            Self::MonthFirst => "mdy",
            Self::YearFirst => "ymd",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl FromStr for DateOrder {
    type Err = UnknownOrder;

    fn from_str(text: &str) -> Result<Self, UnknownOrder> {
        Self::ALL
            .into_iter()
            .find(|order| order.as_str() == text)
            .ok_or_else(|| UnknownOrder(text.to_owned()))
    }
}

impl Default for Orders {
    fn default() -> Self {
        Self(0b111)
    }
}

impl Orders {
    /// Removes the orders in which this date doesn't exist.
    pub fn narrow(&mut self, date: OpenDate) {
        self.0 &= date.orders.0;
    }

    /// The order, if exactly one is left.
    pub fn decided(self) -> Option<DateOrder> {
        DateOrder::ALL
            .into_iter()
            .find(|order| order.bit() == self.0)
    }

    /// These orders but the one with the year in front.
    pub fn without_year_first(self) -> Self {
        Self(self.0 & !DateOrder::YearFirst.bit())
    }
}

impl OpenDate {
    /// The instant in this order, or `None` if there is no such day or it is out of range.
    pub fn resolve(self, order: DateOrder) -> Option<Seconds> {
        let instant = self.instants[order as usize];
        (instant != Seconds::default()).then_some(instant)
    }
}

/// True for the name of a month, whole or short, in a language that dates are read in.
pub(crate) fn is_month_name(word: &str) -> bool {
    words::month(&words::fold(word)).is_some()
}

impl Date {
    /// Reads the text of a cell.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Nothing;
        }
        if text.len() > MAX_BYTES {
            return Self::Unreadable;
        }
        if let Some(date) = parse_iso(text) {
            return date;
        }
        if let Some(date) = numbers::parse(text).or_else(|| numbers::parse_compact(text)) {
            return date;
        }
        let folded = words::fold(text);
        let folded = folded.trim();
        if words::is_nothing(folded) {
            return Self::Nothing;
        }
        numbers::parse_json(folded)
            .or_else(|| scan::parse(folded))
            .unwrap_or(Self::Unreadable)
    }

    fn from_second(second: i64) -> Self {
        match u32::try_from(second) {
            Ok(instant) if second >= FIRST_SECOND => Self::At(Seconds(instant)),
            _ if is_placeholder_second(second) => Self::Nothing,
            _ => Self::Unreadable,
        }
    }

    fn from_civil(time: DateTime, zone: &TimeZone) -> Self {
        let date = zone.to_timestamp(time).map_or(Self::Unreadable, |instant| {
            Self::from_second(instant.as_second())
        });
        // The zone may have moved a placeholder to the next day.
        if date == Self::Unreadable && is_placeholder(time.date()) {
            Self::Nothing
        } else {
            date
        }
    }

    /// Reads three numbers in each order that gives a real date.
    fn from_numbers(date: scan::Numbers, time: Time, zone: &TimeZone) -> Self {
        let [first, second, third] = date.values;
        let mut open = OpenDate {
            instants: [Seconds::default(); 3],
            orders: Orders(0),
        };
        for (order, instant) in DateOrder::ALL.into_iter().zip(&mut open.instants) {
            let (year, month, day) = match order {
                DateOrder::DayFirst => (third, second, first),
                DateOrder::MonthFirst => (third, first, second),
                DateOrder::YearFirst if date.allows_year_first => (first, second, third),
                DateOrder::YearFirst => continue,
            };
            let year = if date.short_year {
                expand_year(year)
            } else {
                year
            };
            let Some(day) = calendar_date(year, month, day) else {
                continue;
            };
            match Self::from_civil(day.to_datetime(time), zone) {
                Self::At(second) => *instant = second,
                Self::Nothing => return Self::Nothing,
                Self::Open(_) | Self::Unreadable => {}
            }
            open.orders.0 |= order.bit();
        }
        if open.instants == [Seconds::default(); 3] {
            Self::Unreadable
        } else {
            Self::Open(open)
        }
    }
}

/// Reads the ISO 8601 and RFC 9557 notations without allocating.
///
/// The result is `None` for what the slower readers have to look at.
fn parse_iso(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let is_iso = matches!(bytes, [b'0'..=b'9', _, _, _, b'-', _, _, b'-', ..]);
    // A space before the zone is never accepted, and the error would cost an allocation.
    let has_late_space = bytes.get(11..).is_some_and(|rest| rest.contains(&b' '));
    if !is_iso || has_late_space {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let time = pieces
        .date()
        .to_datetime(pieces.time().unwrap_or(Time::midnight()));
    let named = match pieces
        .time_zone_annotation()
        .map(TimeZoneAnnotation::to_time_zone)
    {
        Some(Ok(zone)) => Some(zone),
        Some(Err(_)) => return Some(Date::Unreadable),
        None => None,
    };
    Some(match (pieces.offset(), named) {
        (None, Some(zone)) => Date::from_civil(time, &zone),
        // `Z` says nothing about the local time, so it contradicts no zone.
        (None, None) | (Some(PiecesOffset::Zulu), _) => Date::from_civil(time, &TimeZone::UTC),
        (Some(offset), named) => {
            let offset = offset.to_numeric_offset();
            let agrees = named.is_none_or(|zone| {
                let instant = offset.to_timestamp(time);
                instant.is_ok_and(|instant| zone.to_offset(instant) == offset)
            });
            if agrees {
                Date::from_civil(time, &TimeZone::fixed(offset))
            } else {
                Date::Unreadable
            }
        }
    })
}

fn calendar_date(year: i16, month: i16, day: i16) -> Option<civil::Date> {
    let (month, day) = (month.try_into().ok()?, day.try_into().ok()?);
    civil::Date::new(year, month, day).ok()
}

/// Adds the century to a year of two digits: 1970 to 2069.
fn expand_year(year: i16) -> i16 {
    match year {
        0..70 => 2000 + year,
        _ => 1900 + year,
    }
}

fn is_placeholder_second(second: i64) -> bool {
    /// The last instant before the year 10000 and the first one after it; `jiff` ends a day before.
    const END_OF_TIME: RangeInclusive<i64> = 253_402_214_400..=253_402_300_800;
    END_OF_TIME.contains(&second)
        || Timestamp::from_second(second)
            .is_ok_and(|instant| is_placeholder(Offset::UTC.to_datetime(instant).date()))
}

/// Whether programs write this day for a time that isn't set: the zeros of .NET, of Windows, of
/// spreadsheets and of Unix, the last day that databases accept, and the day before each zero, which
/// a zone west of Greenwich shows.
fn is_placeholder(date: civil::Date) -> bool {
    matches!(
        (date.year(), date.month(), date.day()),
        (1, _, _)
            | (0 | 1600 | 1969 | 9999, 12, 31)
            | (1899, 12, 30 | 31)
            | (1601 | 1900 | 1970, 1, 1)
    )
}
