//! Times of the day, in UTC.

use jiff::Timestamp;

/// True if both times are of one day.
pub(in crate::tui) fn is_same_day(one: Timestamp, other: Timestamp) -> bool {
    let day = |time: Timestamp| time.strftime("%F").to_string();
    day(one) == day(other)
}

/// A time to the second, with its day unless that is the given one: `22:06:52`, `2026-11-20 22:06:52`.
pub(in crate::tui) fn time_on(day: Timestamp, time: Timestamp) -> String {
    let format = if is_same_day(time, day) {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    time.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_on_another_day_is_shown_with_its_day() {
        let time = |text: &str| -> Timestamp { text.parse().expect("a time") };
        let then = time("2026-11-20T23:59:59Z");
        assert_eq!(time_on(time("2026-11-20T00:00:00Z"), then), "23:59:59");
        assert_eq!(
            time_on(time("2026-11-21T00:00:00Z"), then),
            "2026-11-20 23:59:59"
        );
    }
}
