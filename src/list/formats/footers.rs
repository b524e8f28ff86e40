//! Recognises rows that are not devices: totals and footers.

use crate::list::fields::headers::normalise;

pub(in crate::list) fn is_total(text: &str) -> bool {
    const TOTALS: [&str; 21] = [
        "total",
        "totals",
        "grandtotal",
        "subtotal",
        "sum",
        "count",
        "summe",
        "gesamt",
        "gesamtsumme",
        "anzahl",
        "totale",
        "somme",
        "suma",
        "soma",
        "totaal",
        "celkem",
        "razem",
        "合計",
        "总计",
        "總計",
        "합계",
    ];
    // Called for each row: reject most of them quickly.
    let may_be = |first: u8| !first.is_ascii() || b"tgscar".contains(&first.to_ascii_lowercase());
    if text.len() > 30 || !text.trim_start().bytes().next().is_some_and(may_be) {
        return false;
    }
    let name = normalise(text);
    let name = name.trim_end_matches(|character: char| character.is_ascii_digit());
    TOTALS.contains(&name)
}

pub(in crate::list) fn is_number(text: &str) -> bool {
    text.trim()
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b' ' | b'%'))
}

pub(in crate::list) fn is_sentence(text: &str) -> bool {
    text.contains([' ', ':'])
}

/// `(3 rows affected)`, `12 rows in set`, `-- end of report --`.
pub(in crate::list) fn is_footer(text: &str) -> bool {
    let text = text
        .trim()
        .trim_matches(['(', ')', '-', '*', '=', ' '])
        .to_ascii_lowercase();
    let counted = text.split_once(' ').is_some_and(|(count, rest)| {
        is_number(count)
            && ["row", "record", "device", "item", "entries", "result"]
                .iter()
                .any(|word| rest.starts_with(word))
    });
    counted || text.starts_with("end of")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_recognised_in_every_language() {
        for text in [
            "Total",
            "Grand total:",
            " SUMME ",
            "Anzahl",
            "Celkem",
            "Razem",
            "合計",
            "합계",
            "Count 12",
        ] {
            assert!(is_total(text), "{text}");
        }
        for text in ["LT-1", "Totally", "ann", "", "Summer"] {
            assert!(!is_total(text), "{text}");
        }
        let count = |digits| format!("Count {}", "1".repeat(digits));
        assert!(is_total(&count(24)) && !is_total(&count(25)));
    }

    #[test]
    fn footers_count_rows_or_end_a_report() {
        for text in [
            "(3 rows affected)",
            "12 rows in set",
            "1,200 Devices",
            "-- End of report --",
        ] {
            assert!(is_footer(text), "{text}");
        }
        for text in ["12 Elm Street", "device rows", "LT-1 records", "LT-1"] {
            assert!(!is_footer(text), "{text}");
        }
    }
}
