//! Parses ages, days and numbers in queries.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::Offset;

/// A UTC day; leap seconds are not counted.
const DAY: i64 = 86_400;

/// Why a text is not an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AgeError {
    /// Not a number followed by letters.
    NotAnAge,
    /// A number without a unit.
    NoUnit,
    /// `m`, which could be minutes or months.
    MinutesOrMonths,
    UnknownUnit,
    /// Overflows the seconds counter.
    TooLarge,
}

/// Parses an age such as `90d` into seconds. A month is 30 days, a year 365.
pub(super) fn age(text: &str) -> Result<i64, AgeError> {
    let (number, unit) = split_age(text).ok_or(AgeError::NotAnAge)?;
    let seconds = match unit.to_ascii_lowercase().as_str() {
        "" => return Err(AgeError::NoUnit),
        "m" => return Err(AgeError::MinutesOrMonths),
        "min" => 60,
        "h" => 3600,
        "d" => DAY,
        "w" => 7 * DAY,
        "mo" => 30 * DAY,
        "y" => 365 * DAY,
        _ => return Err(AgeError::UnknownUnit),
    };
    let number: i64 = number.parse().map_err(|_| AgeError::TooLarge)?;
    number.checked_mul(seconds).ok_or(AgeError::TooLarge)
}

/// Splits a number from the letters after it, which may not be a valid unit.
pub(super) fn split_age(text: &str) -> Option<(&str, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let is_word = unit.chars().all(char::is_alphabetic);
    (!number.is_empty() && is_word).then_some((number, unit))
}

/// Parses a day such as `2026-01-31` into seconds since the epoch, UTC.
pub(super) fn day(text: &str) -> Option<Range<i64>> {
    let is_plain = text.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let date: Date = text.parse().ok().filter(|_| is_plain)?;
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    let start = Offset::UTC.to_timestamp(midnight).ok()?.as_second();
    Some(start..start + DAY)
}

/// Parses a whole number.
pub(super) fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn age_needs_number_and_unit() {
        assert_eq!(age("30min"), Ok(1800));
        assert_eq!(age("2h"), Ok(7200));
        assert_eq!(age("90D"), Ok(90 * DAY));
        assert_eq!(age("2w"), Ok(14 * DAY));
        assert_eq!(age("3mo"), Ok(90 * DAY));
        assert_eq!(age("1y"), Ok(365 * DAY));
        assert_eq!(age("3m"), Err(AgeError::MinutesOrMonths));
        assert_eq!(age("90"), Err(AgeError::NoUnit));
        assert_eq!(age("90days"), Err(AgeError::UnknownUnit));
        for text in ["", "d", "1.5d", "-1d", "1d2h", "2026-01-31", "٣d"] {
            assert_eq!(age(text), Err(AgeError::NotAnAge), "{text}");
        }
        for text in ["9223372036854775807y", "99999999999999999999d"] {
            assert_eq!(age(text), Err(AgeError::TooLarge), "{text}");
        }
    }

    #[test]
    fn day_spans_midnight_to_midnight_utc() {
        assert_eq!(day("1970-01-02"), Some(DAY..2 * DAY));
        assert_eq!(day("2026-01-31"), Some(1_769_817_600..1_769_904_000));
        for text in [
            "2026-02-30",
            "2026-1-31",
            "2026",
            "2026-01",
            "2026-01-3",
            "2026-01-311",
            "31.01.2026",
            "20260131",
            "90d",
            "",
            "2026-01-31T10:00",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn number_rejects_signs_and_fractions() {
        assert_eq!(number("5"), Some(5));
        for text in ["", "+5", "-5", "5.0", "five", "99999999999999999999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), near in "[0-9a-zA-Z-]{0,24}") {
            for text in [text, near] {
                let _ = (age(&text), day(&text), number(&text));
            }
        }
    }
}
