//! Dates in the notations that consoles, databases and spreadsheets write.
//!
//! Times without a zone are UTC. Which of the first two numbers in `03/04/2026` is the day can't
//! be seen from one value, so such dates are kept until their whole column has been read.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::Offset;

use super::store::Seconds;

/// Epoch values from here on are milliseconds: as seconds they would lie in the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;
/// Epoch values below this one (March 1973) are counters, years or placeholders, not dates.
const FIRST_SECONDS: i64 = 100_000_000;

/// What a text says about a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// This.
    At(Seconds),
    /// This, once the order of day and month is known.
    DayOrMonth(DayOrMonth),
    /// Nothing that can be read.
    Unreadable,
}

/// A date with day and month in an order that its column decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DayOrMonth {
    first: u8,
    second: u8,
    year: i16,
    time: civil::Time,
}

/// Which of the two numbers is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// `31/12/2026`
    DayFirst,
    /// `12/31/2026`
    MonthFirst,
}

impl Date {
    /// Reads a text that isn't blank.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Ok(number) = text.parse::<i64>()
            && text.len() >= 9
        {
            return Self::from_number(number);
        }
        if let Some(date) = parse_day_or_month(text) {
            return date;
        }
        parse_iso(text).map_or(Self::Unreadable, Self::At)
    }

    /// Reads epoch seconds or milliseconds.
    pub fn from_number(number: i64) -> Self {
        let seconds = if number >= FIRST_MILLISECONDS {
            number / 1000
        } else {
            number
        };
        match u32::try_from(seconds) {
            Ok(second) if seconds >= FIRST_SECONDS => Self::At(Seconds(second)),
            _ => Self::Unreadable,
        }
    }
}

impl DayOrMonth {
    /// The order that this date alone proves, if it does.
    pub fn proves(self) -> Option<Order> {
        match (self.first > 12, self.second > 12) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            _ => None,
        }
    }

    /// The time, read in this order.
    pub fn resolve(self, order: Order) -> Option<Seconds> {
        let (day, month) = match order {
            Order::DayFirst => (self.first, self.second),
            Order::MonthFirst => (self.second, self.first),
        };
        let date =
            civil::Date::new(self.year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        in_utc(date.to_datetime(self.time))
    }
}

fn parse_iso(text: &str) -> Option<Seconds> {
    let text = text
        .strip_suffix(" UTC")
        .or_else(|| text.strip_suffix(" GMT"))
        .or_else(|| text.strip_suffix(" Z"))
        .unwrap_or(text);
    if let Ok(time) = text.parse::<Timestamp>() {
        return seconds(time);
    }
    if let Ok(time) = text.parse::<civil::DateTime>() {
        // A time with a zone's name only would be read as if the zone weren't there.
        return if text.contains('[') {
            None
        } else {
            in_utc(time)
        };
    }
    // `2026/11/03 08:59` and `2026-11-03 08:59:00 +0100`.
    let joined = text.replace('/', "-").replace(" +", "+").replace(" -", "-");
    if joined == text {
        return None;
    }
    parse_iso(&joined)
}

fn parse_day_or_month(text: &str) -> Option<Date> {
    let (date, time) = text.split_once([' ', 'T', ',']).unwrap_or((text, ""));
    let separator = date.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let mut numbers = date.split(separator);
    let (first, second, year) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let short = |text: &str| matches!(text.len(), 1 | 2);
    if numbers.next().is_some() || !short(first) || !short(second) || year.len() != 4 {
        return None;
    }
    let (first, second, year) = (
        first.parse().ok()?,
        second.parse().ok()?,
        year.parse().ok()?,
    );
    let found = parse_time(time.trim()).map(|time| DayOrMonth {
        first,
        second,
        year,
        time,
    });
    let valid = found.filter(|date| {
        [Order::DayFirst, Order::MonthFirst]
            .into_iter()
            .any(|order| date.resolve(order).is_some())
    });
    Some(valid.map_or(Date::Unreadable, Date::DayOrMonth))
}

/// `8:59`, `08:59:30`, `8:59 PM`; nothing is midnight.
fn parse_time(text: &str) -> Option<civil::Time> {
    let upper = text.to_ascii_uppercase();
    let (clock, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock.trim(), Some(0)),
        (_, Some(clock)) => (clock.trim(), Some(12)),
        _ => (upper.as_str(), None),
    };
    if clock.is_empty() {
        return half.is_none().then_some(civil::Time::midnight());
    }
    let mut parts = clock.split(':');
    let mut hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: i8 = parts.next().map_or(Ok(0), str::parse).ok()?;
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + half;
    }
    match parts.next() {
        Some(_) => None,
        None => civil::Time::new(hour, minute, second, 0).ok(),
    }
}

fn in_utc(time: civil::DateTime) -> Option<Seconds> {
    seconds(Offset::UTC.to_timestamp(time).ok()?)
}

fn seconds(time: Timestamp) -> Option<Seconds> {
    // The year 1 and 1970 are what programs write for "never".
    let second = u32::try_from(time.as_second()).ok()?;
    (i64::from(second) >= FIRST_SECONDS).then_some(Seconds(second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Option<String> {
        match Date::parse(text) {
            Date::At(seconds) => seconds.timestamp().map(|time| time.to_string()),
            _ => None,
        }
    }

    #[test]
    fn one_time_in_many_notations() {
        for text in [
            "2026-11-03T08:59:00Z",
            "2026-11-03T08:59:00.123Z",
            "2026-11-03T08:59:00",
            "2026-11-03T09:59:00+01:00",
            "2026-11-03T09:59:00+0100",
            "2026-11-03 09:59:00 +0100",
            "2026-11-03 08:59",
            "2026-11-03 08:59:00",
            "2026-11-03 08:59:00 UTC",
            "2026/11/03 08:59",
            " 1793696340 ",
            "1793696340000",
        ] {
            assert_eq!(
                shown(text).as_deref(),
                Some("2026-11-03T08:59:00Z"),
                "{text}"
            );
        }
        assert_eq!(shown("2026-11-03").as_deref(), Some("2026-11-03T00:00:00Z"));
    }

    #[test]
    fn what_is_no_date_is_unreadable() {
        for text in [
            "never",
            "0001-01-01T00:00:00Z",
            "1970-01-01",
            "0",
            "2026",
            "32/01/2026",
            "13/13/2026",
            "2026-13-01",
            "1/2/2026 25:00",
            "1/2/2026 13:00 PM",
            "5 minutes ago",
        ] {
            assert_eq!(Date::parse(text), Date::Unreadable, "{text}");
        }
    }

    #[test]
    fn day_and_month_are_told_apart_by_what_can_be_no_month() {
        let Date::DayOrMonth(open) = Date::parse("3/4/2026 8:59 PM") else {
            panic!("an open date");
        };
        assert_eq!(open.proves(), None);
        let read = |order| {
            let seconds = open.resolve(order)?;
            Some(seconds.timestamp()?.to_string())
        };
        assert_eq!(
            read(Order::DayFirst).as_deref(),
            Some("2026-04-03T20:59:00Z")
        );
        assert_eq!(
            read(Order::MonthFirst).as_deref(),
            Some("2026-03-04T20:59:00Z")
        );
        let proof = |text: &str| match Date::parse(text) {
            Date::DayOrMonth(date) => date.proves(),
            _ => None,
        };
        assert_eq!(proof("13.04.2026"), Some(Order::DayFirst));
        assert_eq!(proof("04/13/2026"), Some(Order::MonthFirst));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), digits in "[0-9/:. TZ+-]{0,24}") {
            let _ = Date::parse(&text);
            let _ = Date::parse(&digits);
        }
    }
}
