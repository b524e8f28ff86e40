//! Recognises identifiers that a spreadsheet or another program has changed.

use super::dates;

/// True for a number that a spreadsheet has rounded, such as `9.15624E+15`, or `98765432109876500`, of which
/// it has kept 15 digits: its last digits are lost.
pub(in crate::list) fn is_rounded(text: &str) -> bool {
    const KEPT: usize = 15;
    if text.len() >= KEPT + 2 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.bytes().skip(KEPT).all(|byte| byte == b'0');
    }
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    exponent.strip_prefix('+').is_some_and(digits)
        && whole.len() == 1
        && digits(whole)
        && digits(fraction)
}

/// True for a date, a time or a decimal fraction, into which a spreadsheet turns some identifiers.
pub(in crate::list) fn is_date_or_fraction(text: &str) -> bool {
    let is_number =
        |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let lengths = |text: &str, sign: char| -> Option<Vec<usize>> {
        let parts: Vec<&str> = text.split(sign).collect();
        parts
            .iter()
            .all(is_number)
            .then(|| parts.into_iter().map(str::len).collect())
    };
    if has_month_name(text) {
        return true;
    }
    // Most identifiers begin otherwise.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let is_iso_day = |text: &str| lengths(text, '-').as_deref() == Some(&[4, 2, 2]);
    if let Some((day, time)) = text.split_once('T') {
        return is_iso_day(day) && time.starts_with(|first: char| first.is_ascii_digit());
    }
    let whole_seconds = match text.split_once('.') {
        Some((clock, fraction)) if clock.contains(':') && is_number(&fraction) => clock,
        _ => text,
    };
    let is_day = |sign| {
        let lengths = lengths(text, sign);
        matches!(
            lengths.as_deref(),
            Some([1 | 2, 1 | 2, 2 | 4] | [4, 1 | 2, 1 | 2])
        )
    };
    is_day('-')
        || is_day('.')
        || matches!(
            lengths(whole_seconds, ':').as_deref(),
            Some([1..=4, 2] | [1..=4, 2, 2])
        )
        || matches!(lengths(text, '.').as_deref(), Some([_, _]))
}

/// True for `5-Jan`, `Jan-26`, `05.janv.2026`, which a spreadsheet shows for `1-5` and the like.
fn has_month_name(text: &str) -> bool {
    if text.len() > "05-September-2026".len() {
        return false;
    }
    let parts = text.split(['-', '.']).filter(|part| !part.is_empty());
    let (numbers, names): (Vec<&str>, Vec<&str>) =
        parts.partition(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(numbers.len(), 1 | 2)
        && numbers
            .iter()
            .all(|number| matches!(number.len(), 1 | 2 | 4))
        && matches!(names[..], [name] if dates::is_month_name(name))
}

/// True for a text that a program has truncated to fit its column.
pub(in crate::list) fn is_cut_off(text: &str) -> bool {
    text.ends_with('…') || text.ends_with("...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_rounded_and_is_cut_off_recognise_damaged_identifiers() {
        for text in [
            "9.15624E+15",
            "9,15624E+15",
            "9E+15",
            "1.2e+7",
            "98765432109876500",
            "9876543210987650000",
        ] {
            assert!(is_rounded(text), "{text}");
        }
        for text in [
            "9.15624E15",
            "a1e+5",
            "1e5",
            "12.5E+15",
            "E+15",
            "aE+15",
            "9.E+15",
            "9.xE+15",
            "9E+",
            "9E+x",
            "9876543210987650",
            "98765432109876501",
            "9876543210987650a",
        ] {
            assert!(!is_rounded(text), "{text}");
        }
        assert!(is_cut_off("a1b305c1…") && is_cut_off("a1b305c1...") && !is_cut_off("a1."));
    }

    #[test]
    fn is_date_or_fraction_recognises_changed_identifiers() {
        for text in [
            "2026-01-05",
            "2026-01-05T10:00:00",
            "2026-01-05T10:00:00.123",
            "01:02:00",
            "1:02",
            "30:00:00.5",
            "12345.5",
            "0.25",
            "05.01.2026",
            "5.1.26",
            "05-01-2026",
            "2026.1.5",
            "5-Jan",
            "Jan-26",
            "26-Dez-2026",
            "05.janv.2026",
            "05-September-2026",
        ] {
            assert!(is_date_or_fraction(text), "{text}");
        }
        for text in [
            "",
            "20260105",
            "2026-01",
            "a1-01-05",
            "3c:52:82:00:00:01",
            "12:34:56:78",
            "1.2.3.4",
            "v1.5",
            "12345.",
            "1.2.3",
            "2026-01-05X",
            "PC-Jan",
            "5--------------Jan",
            "Jan",
            "5-Janet",
            "123-Jan",
            "1-2-3-Jan",
            "PC-1-Jan",
            "10-20-300",
            "2026-01-05-01",
            "A2026-01-05T1",
            "2026-01-05TX",
            "12T1",
            "1:02.x",
            "1:02.",
        ] {
            assert!(!is_date_or_fraction(text), "{text}");
        }
    }
}
