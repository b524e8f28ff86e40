//! Days on the command line.

use jiff::civil::Date;

/// Parses a day such as 2026-01-31.
pub(in crate::cli) fn parse_day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| {
        "write the day as YYYY-MM-DD, such as 2026-01-31: it has to be in the calendar".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_is_written_as_year_month_and_day() {
        assert_eq!(parse_day("2026-02-28"), Ok(jiff::civil::date(2026, 2, 28)));
        for text in ["gestern", "31.01.2026", "2026-02-30", ""] {
            let error = parse_day(text).expect_err("no day");
            assert!(error.contains("YYYY-MM-DD"), "{error}");
        }
    }
}
