//! Reads an answer's headers about the rate limit.

use reqwest::header::HeaderMap;

use crate::domain::rate_limit::RateHeaders;

/// Reads the headers; invalid values are ignored. Of several values, as where a proxy adds its own, the
/// strictest counts.
pub(super) fn read(headers: &HeaderMap) -> RateHeaders {
    let texts = |name: &str| {
        let values = headers.get_all(name).into_iter();
        values.filter_map(|value| Some(value.to_str().ok()?.trim()))
    };
    let integers = |name: &str| {
        texts(name)
            .flat_map(|text| text.split(','))
            .filter_map(|text| integer(text.trim()))
    };
    let dates = |name: &str| texts(name).filter_map(http_date);
    RateHeaders {
        // A negative count means that nothing is left.
        remaining: integers("x-ratelimit-remaining")
            .map(|left| u32::try_from(left.max(0)).unwrap_or(u32::MAX))
            .min(),
        reset: integers("x-ratelimit-reset-time").max(),
        retry_after: integers("retry-after")
            .filter(|&seconds| seconds >= 0)
            .max(),
        retry_at: dates("retry-after").max(),
        date: dates("date").next(),
    }
}

/// A whole number, which some servers write with a fraction of zero.
fn integer(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_zero = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
    is_zero.then(|| whole.parse().ok())?
}

/// A date in any of HTTP's three formats.
fn http_date(text: &str) -> Option<jiff::Timestamp> {
    let date = httpdate::parse_http_date(text).ok()?;
    jiff::Timestamp::try_from(date).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> RateHeaders {
        let mut map = HeaderMap::new();
        for &(name, value) in pairs {
            map.append(name, HeaderValue::from_static(value));
        }
        read(&map)
    }

    #[test]
    fn read_takes_the_strictest_of_several_values() {
        let found = headers(&[
            ("x-ratelimit-remaining", "5"),
            ("x-ratelimit-remaining", "2, 7"),
            ("x-ratelimit-reset-time", "30"),
            ("x-ratelimit-reset-time", "42"),
            ("retry-after", "3"),
            ("retry-after", "8"),
            ("retry-after", "Tue, 15 Nov 1994 08:14:31 GMT"),
        ]);
        assert_eq!(
            (found.remaining, found.reset, found.retry_after),
            (Some(2), Some(42), Some(8))
        );
        assert!(found.retry_at.is_some());
    }

    #[test]
    fn read_ignores_invalid_values() {
        let found = headers(&[
            ("x-ratelimit-remaining", "3"),
            ("x-ratelimit-reset-time", "42"),
            ("retry-after", "Tue, 15 Nov 1994 08:14:31 GMT"),
            ("date", "Tuesday, 15-Nov-94 08:12:31 GMT"),
        ]);
        assert_eq!(
            (found.remaining, found.reset, found.retry_after),
            (Some(3), Some(42), None)
        );
        let at = found.retry_at.map(jiff::Timestamp::as_second);
        assert_eq!(at, Some(784_887_151 + 120));
        assert_eq!(
            found.date.map(jiff::Timestamp::as_second),
            Some(784_887_151)
        );
        assert_eq!(
            headers(&[("x-ratelimit-remaining", "-1")]).remaining,
            Some(0)
        );
        assert_eq!(
            headers(&[("x-ratelimit-remaining", "3.0")]).remaining,
            Some(3)
        );
        for noise in ["many", "", "1e3", "0.5", "-", "99999999999999999999"] {
            let found = headers(&[("x-ratelimit-remaining", noise), ("retry-after", noise)]);
            assert_eq!(found, RateHeaders::default(), "{noise}");
        }
    }
}
