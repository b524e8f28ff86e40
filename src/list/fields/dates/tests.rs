use proptest::prelude::*;

use super::*;

fn seconds(instant: &str) -> Seconds {
    let instant: Timestamp = instant.parse().expect("an instant in ISO notation");
    Seconds(instant.as_second().try_into().expect("a time after 1970"))
}

fn resolve(text: &str, order: DateOrder) -> Option<Seconds> {
    match Date::parse(text) {
        Date::At(instant) => Some(instant),
        Date::Open(open) => open.resolve(order),
        Date::Nothing | Date::Unreadable => None,
    }
}

fn assert_reads(cases: &[(&str, &str)], order: DateOrder) {
    for (text, instant) in cases {
        assert_eq!(resolve(text, order), Some(seconds(instant)), "{text}");
    }
}

#[test]
#[rustfmt::skip]
fn parse_reads_iso_dates() {
    let all = |instant: &str, texts: &[&str]| {
        for text in texts {
            assert_eq!(Date::parse(text), Date::At(seconds(instant)), "{text}");
        }
    };
    all("2026-10-12T08:00:00Z", &[
        "2026-10-12T08:00:00Z", "2026-10-12t08:00:00z", "2026-10-12 08:00:00", "2026-10-12T08:00",
        "2026-10-12 08:00:00Z", "2026-10-12 08:00:00 Z", "2026-10-12 08:00:00 UTC",
        "2026-10-12 08:00:00 GMT", "2026-10-12T08:00:00.123Z", "2026-10-12T08:00:00.1234567Z",
        "2026-10-12 08:00:00.0000000", "2026-10-12T08:00:00.123456789012Z",
        "2026-10-12 08:00:00,123", "2026-10-12 10:00:00+02:00", "2026-10-12 10:00:00 +02:00",
        "2026-10-12 10:00:00 +0200", "2026-10-12 10:00:00+0200", "2026-10-12 03:00:00 -0500", "2026-10-12 10:00:00 +02",
        "2026-10-12 10:00:00 CEST", "2026-10-12 03:00:00 EST", "2026-10-12 10:00:00 Europe/Berlin",
        "2026-10-12T10:00:00[Europe/Berlin]", "2026-10-12T10:00+02:00[Europe/Berlin]",
        "2026-10-12T08:00Z[Europe/Berlin]", "2026-10-12 10:00:00 +0200 [Europe/Berlin]",
        "2026-10-12 10:00:00 +0200 CEST", "2026-10-12 08:00:00.123456789 +0000 UTC",
        "2026-10-12 13:30:00 +0530 IST", "2026-10-12 10:00:00 UTC+2", "2026-10-12 08:00 (UTC)",
        "2026-10-12 05:00:00 America/Argentina/Buenos_Aires", "2026-10-12 10:00 UTC +02:00",
        "2026/10/12 08:00", "2026/10/12T08:00:00", "2026/10/12 at 8:00 AM", "2026.10.12 08:00:00",
        "2026-10-12 04:00:00\u{2212}04:00", "  2026-10-12 08:00:00\u{a0}", "2026-10-12, 08:00",
        "20261012T080000Z", "20261012080000.0Z", "20261012080000Z", "20261012100000+0200",
        "20261012100000.000000+120", "20261012080000.000000+***", "20261012 080000",
        "20261012-080000", "20261012-08:00:00", "20261012 08:00:00", "202610120800Z",
        "1791792000", "1791792000.25", "1791792000000", "1791792000000000", "1791792000000000000",
        "/Date(1791792000000)/", "/Date(1791792000000+0200)/", r"\/Date(1791792000000)\/",
        "134362656000000000", "639273888000000000", "202610120800", "20261012080000",
        "20261012080000123", "46307.3333333333", "46307,3333333333", "２０２６-10-12 08：00",
        "20261012100000.000000+0200", "20261012220000.000000+840", "2026-10-12 10:00 (CEST)",
        "2026-10-12 22:00:00 +14:00",
    ]);
    all("2026-10-12T00:00:00Z", &[
        "2026-10-12", "2026/10/12", "2026.10.12", "2026-10-12Z", "20261012", "46307", "46307.0",
        "2026/1\u{200e}0/12", "20261012.0",
    ]);
    all("2026-10-11T22:00:00Z", &["2026-10-12+02:00"]);
}

#[test]
#[rustfmt::skip]
fn parse_reads_month_names() {
    for text in [
        "Oct. 12, 2026 14:03:22", "Oct 12, 2026 2:03:22 PM", "Oct 12 2026 02:03:22PM",
        "October 12, 2026 at 2:03:22 PM UTC", "12 October 2026 14:03:22", "12th Oct 2026, 14:03:22",
        "12-Oct-2026 14:03:22", "12-OCT-26 02.03.22.000000 PM", "Oct-12-2026 14:03:22",
        "2026-Oct-12 14:03:22", "12OCT2026 14:03:22", "12/Oct/2026:14:03:22 +0000",
        "Monday, October 12, 2026 2:03:22 PM", "Mon Oct 12 14:03:22 UTC 2026",
        "Mon Oct 12 14:03:22 2026", "Mon Oct 12 16:03:22 2026 +0200",
        "Mon Oct 12 2026 16:03:22 GMT+0200 (Central European Summer Time)",
        "Mon, 12 Oct 2026 16:03:22 +0200", "Mon, 12 Oct 26 14:03:22 GMT",
        "Mon, 12 Oct 2026 10:03:22 EDT", "Mon, 12 Oct 2026 14:03:22 +0000 (UTC)",
        "14:03:22.123 UTC Mon Oct 12 2026", "Oct 12 2026  2:03:22:000PM",
        "Montag, 12. Oktober 2026 14:03:22", "12. Okt. 2026 um 14:03:22 Uhr",
        "lundi 12 octobre 2026 à 14:03:22", "lun. 12 oct. 2026 14:03:22", "12 de octubre de 2026, 14:03:22",
        "12 oct 2026 2:03:22 p.\u{a0}m.", "lunedì 12 ottobre 2026 alle ore 14:03:22",
        "segunda-feira, 12 de outubro de 2026 às 14:03:22", "maandag 12 oktober 2026 om 14:03:22",
        "poniedziałek, 12 października 2026 14:03:22", "12 paź 2026 14:03:22", "12 paz 2026 14:03:22",
        "pondělí 12. října 2026 v 14:03:22", "2026年10月12日 14:03:22", "2026年10月12日(月) 14:03:22",
        "2026年10月12日 下午2:03:22", "2026年10月12日14時03分22秒", "2026년 10월 12일 오후 2:03:22",
        "2026. 10. 12. 오후 2:03:22", "Okto\u{301}ber 12 2026 14:03:22",
    ] {
        assert_eq!(Date::parse(text), Date::At(seconds("2026-10-12T14:03:22Z")), "{text}");
    }
    let others = [
        ("13-Oct-26", "2026-10-13T00:00:00Z"), ("mar. 13 oct. 2026", "2026-10-13T00:00:00Z"),
        ("mar 3 mar 2026", "2026-03-03T00:00:00Z"), ("Tue Mar 3 2026", "2026-03-03T00:00:00Z"),
        ("1er févr. 2026", "2026-02-01T00:00:00Z"), ("5. März 2026", "2026-03-05T00:00:00Z"),
        ("14 août 2026", "2026-08-14T00:00:00Z"), ("2 září 2026", "2026-09-02T00:00:00Z"),
        ("2 lipca 2026", "2026-07-02T00:00:00Z"), ("2. července 2026", "2026-07-02T00:00:00Z"),
        ("2. června 2026", "2026-06-02T00:00:00Z"), ("Jan 2, 2026 12:30 AM", "2026-01-02T00:30:00Z"),
        ("Jan 2, 2026 12 PM", "2026-01-02T12:00:00Z"), ("31 dic 1999", "1999-12-31T00:00:00Z"),
    ];
    assert_reads(&others, DateOrder::DayFirst);
}

#[test]
#[rustfmt::skip]
fn open_dates_resolve_in_each_order() {
    assert_reads(&[
        ("03/04/2026", "2026-04-03T00:00:00Z"), ("3.4.2026 8:59", "2026-04-03T08:59:00Z"),
        ("13-04-2026", "2026-04-13T00:00:00Z"), ("13. 4. 2026 8:59", "2026-04-13T08:59:00Z"),
        ("13.04.2026, 08:59", "2026-04-13T08:59:00Z"), ("13.04.2026 8.59", "2026-04-13T08:59:00Z"),
        ("13.04.2026 08:59 Uhr", "2026-04-13T08:59:00Z"), ("13/04/2026 08h59", "2026-04-13T08:59:00Z"),
        ("13/04/2026 - 08:59", "2026-04-13T08:59:00Z"), ("13.04.26", "2026-04-13T00:00:00Z"),
        ("08:59 13/04/2026", "2026-04-13T08:59:00Z"), ("31/12/98", "1998-12-31T00:00:00Z"),
        ("13/04/2026T08:59", "2026-04-13T08:59:00Z"), ("Mo., 13.04.2026", "2026-04-13T00:00:00Z"),
        ("1/2/2026 1:00 Europe/Berlin", "2026-02-01T00:00:00Z"),
    ], DateOrder::DayFirst);
    assert_reads(&[
        ("10/12/2026, 2:00:00 PM", "2026-10-12T14:00:00Z"),
        ("10/12/2026, 2:00:00\u{202f}PM", "2026-10-12T14:00:00Z"),
        ("10/12/2026 8:59:30 a.m.", "2026-10-12T08:59:30Z"), ("10/12/26 8 PM", "2026-10-12T20:00:00Z"),
        ("10/12/2026 2:05:07 PM UTC", "2026-10-12T14:05:07Z"),
        ("10/12/2026 2:05:07 PM -05:00", "2026-10-12T19:05:07Z"),
        ("7/2/2026 2:00 Europe/Berlin", "2026-07-02T00:00:00Z"),
        ("\u{200e}10\u{200e}/\u{200e}12\u{200e}/\u{200e}2026 8:00", "2026-10-12T08:00:00Z"),
    ], DateOrder::MonthFirst);
    assert_reads(&[("26/10/15 07:00", "2026-10-15T07:00:00Z")], DateOrder::YearFirst);
}

#[test]
fn orders_narrow_to_what_the_column_allows() {
    use DateOrder::{DayFirst, MonthFirst, YearFirst};
    let decide = |texts: &[&str]| {
        let mut orders = Orders::default();
        for text in texts {
            let Date::Open(open) = Date::parse(text) else {
                panic!("{text} is not open");
            };
            orders.narrow(open);
        }
        orders.decided()
    };
    assert_eq!(Orders::default().decided(), None);
    assert_eq!(decide(&["03/04/2026", "05/06/2026"]), None);
    assert_eq!(decide(&["03/04/2026", "13/04/2026"]), Some(DayFirst));
    assert_eq!(decide(&["03/04/2026", "04/13/2026"]), Some(MonthFirst));
    assert_eq!(decide(&["13/04/2026", "04/13/2026"]), None);
    assert_eq!(decide(&["26/10/15"]), None);
    assert_eq!(decide(&["26/10/15", "26/02/28"]), None);
    assert_eq!(decide(&["26/10/15", "26/02/29"]), Some(DayFirst));
    assert_eq!(decide(&["26/10/15", "26/10/32"]), Some(DayFirst));
    assert_eq!(decide(&["99/10/15"]), Some(YearFirst));
    assert_eq!(decide(&["13/4/26", "3/4/26"]), Some(DayFirst));
    let Date::Open(open) = Date::parse("13/04/2026") else {
        panic!("the column decides, not the value");
    };
    assert_eq!(open.resolve(MonthFirst), None);
    assert_eq!(open.resolve(YearFirst), None);
    for order in DateOrder::ALL {
        assert_eq!(order.as_str().parse(), Ok(order));
    }
    assert_eq!(decide(&["03/04/2026"]), None);
    assert_eq!(Orders::default(), Orders(7));
    let mut orders = Orders::default();
    orders.narrow(open);
    assert_eq!(orders, open.orders);
    assert!("dym".parse::<DateOrder>().is_err());
}

#[test]
#[rustfmt::skip]
fn parse_returns_nothing_for_placeholders() {
    for text in [
        "", " ", "never", "Nie", "JAMAIS", "nunca", "mai", "nooit", "nigdy", "nikdy", "N/A", "na", "none",
        "NULL", "NaN", "NaT", "-", "--", "—", "unknown", "#N/A", "(null)", "(blank)", "0", "0.0", "-1",
        "0001-01-01T00:00:00Z", "1/1/0001 12:00:00 AM", "01.01.0001 00:00:00", "1601-01-01",
        "1601-01-01T01:00:00+01:00", "1600-12-31T19:00:00-05:00", "12/31/1600 4:00:00 PM",
        "1899-12-30", "30.12.1899 00:00:00", "1900-01-00", "1900-01-01", "1/0/1900", "00.01.1900 00:00",
        "1970-01-01T00:00:00Z", "1970-01-01 01:00:00 +0100", "12/31/1969 7:00 PM", "Jan 1, 1970",
        "Thu Jan 01 00:00:00 UTC 1970", "9999-12-31", "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59-05:00", "31/12/9999", "9223372036854775807", "0000-00-00", "00/00/0000",
        "0000-00-00 00:00:00", "00000000000000", "19700101", "16010101000000.0Z", "-62135596800",
        "-62135596800000", "/Date(-62135596800000)/", "/Date(0)/", "253402300799", "253402300799999",
        "116444736000000000", "621355968000000000", "3155378975999999999", "2650467743999999999",
    ] {
        assert_eq!(Date::parse(text), Date::Nothing, "{text}");
    }
}

#[test]
#[rustfmt::skip]
fn parse_rejects_other_texts() {
    for text in [
        "2026", "42", "7", "-42", "12345", "99999", "123456", "32/01/2026", "13/13/2026", "2026-13-01",
        "2026/13/01", "2026-02-30", "1/2/2026 25:00", "1/2/2026 13:00 PM", "5 minutes ago", "yesterday",
        "today", "03/04-2026", "3/4", "1/2/3", "10/12/2026 2:05 PM PT", "10/12/2026 2:05 PM CT",
        "10/12/2026 2:05 PM AT", "10/12/2026 at", "2026-10-12 08:00 IST", "2026-10-12 08:00 XYZ",
        "2026-10-12 08:00 Mars/Olympus", "2026-10-12T08:00[Mars/Olympus]", "2026-10-12 08:00 +99:00",
        "2026-10-12T08:00+05:00[Europe/Berlin]", "2026-10-12 08:00 UTC CET", "Oct 2026", "Oct 12",
        "Oct 12 08:00:00", "Smarch 12, 2026", "Funday, Oct 12 2026", "Oct 12 2026 Nov", "20261012-0800",
        "20261332", "20261301080000", "1.79E+12", "1,79181E+12", "1,791,792,000", "10.0.0.1", "a", "p.m.",
        "1972-05-01", "2107-01-01", "1/5/1950", "00:1A:2B:3C:4D:5E", "DESKTOP-12", "2026-10-12 8:5",
        "/Date(x)/", "99999999999999999999", "18446744073709551616", "PM 2026-10-12", "12:00",
        "2026-10-12 08:00:00 Z Z", "2026-10-12 2026-10-12", "10/12/2026 8", "T", "2026-10-12 08:00 +15:00",
        "2026-10-12 08:00 +02:60", "20261012100000.000000+12x", "20261012100000.000000+841", "46307.", "20261012.5", "-2000000000",
        "19890101", "21030101", "99999999999999999999", "10000000000000000000", "5/6/1890", "00/10/2026",
    ] {
        assert_eq!(Date::parse(text), Date::Unreadable, "{text}");
    }
    assert_eq!(Date::parse(&"2".repeat(101)), Date::Unreadable);
}

/// Whoever wrote it meant something that isn't known.
#[test]
#[rustfmt::skip]
fn parse_rejects_a_piece_that_repeats_or_does_not_belong() {
    for text in [
        "12 2026-10-13", "Oct 2026-10-13", "10/12/2026 Oct", "08:59 09:00 13/04/2026", "13/04/2026 012:30",
        "13/04/2026 -08:59", "- 13/04/2026", "12/Oct/2026/08:00", "12-, Oct 2026", "2026 12 Oct-08:00",
        "12-08:00 Oct 2026", "8 PM 10/12/2026", "2026/10/12x08:00", "Funday Oct 12 2026 08:00",
        "2026-10-12 10:00 +0200 XYZ", "10/12/2026 8:05:07.", "1年1月1日",
    ] {
        assert_eq!(Date::parse(text), Date::Unreadable, "{text}");
    }
}

#[test]
fn parse_accepts_blanks_up_to_the_longest_text() {
    let text = format!("2026-10-12{}08:00:00", " ".repeat(MAX_BYTES - 18));
    assert_eq!(text.len(), MAX_BYTES);
    assert_eq!(
        Date::parse(&text),
        Date::At(seconds("2026-10-12T08:00:00Z"))
    );
    assert_eq!(Date::parse(&text.replacen(' ', "  ", 1)), Date::Unreadable);
}

#[test]
fn first_plausible_second_is_a_date() {
    let first = u32::try_from(FIRST_SECOND).expect("after 1970");
    assert_eq!(Date::from_second(FIRST_SECOND), Date::At(Seconds(first)));
    assert_eq!(Date::from_second(FIRST_SECOND - 1), Date::Unreadable);
}

#[test]
fn parse_interprets_numbers_by_magnitude() {
    let at = |instant| Date::At(seconds(instant));
    for (number, date) in [
        ("46310", at("2026-10-15T00:00:00Z")),
        ("46311.5", at("2026-10-16T12:00:00Z")),
        ("999999999999", at("2001-09-09T01:46:39Z")),
        ("99999999", Date::Unreadable),
        ("-0", Date::Nothing),
        // The maximum of a FILETIME as a float.
        ("9223372036854775808", Date::Nothing),
        ("inf", Date::Unreadable),
        (&f64::MAX.to_string(), Date::Unreadable),
    ] {
        assert_eq!(Date::parse(number), date, "{number}");
    }
}

proptest! {
    #[test]
    fn parse_accepts_any_text(
        text in any::<String>(),
        close in "[0-9/:. TZ+,()年月日-]{0,24}",
        mixed in "([0-9]{1,4}|[/:., +-]|Oct|mar|PM|a|GMT|EST|Mon|um|T|\\[|年|Europe/Berlin){0,12}",
        number in any::<i64>(),
        float in any::<f64>(),
    ) {
        for text in [text, close, mixed, number.to_string(), float.to_string()] {
            if let Date::At(instant) = Date::parse(&text) {
                prop_assert!(i64::from(instant.0) >= FIRST_SECOND);
            }
        }
    }

    #[test]
    fn parse_reads_back_every_notation(second in 631_152_000_u32..4_102_444_800) {
        let instant = Timestamp::from_second(second.into()).expect("in range");
        let time = Offset::UTC.to_datetime(instant);
        let berlin = TimeZone::get("Europe/Berlin").expect("bundled").to_datetime(instant);
        let berlin_offset = TimeZone::get("Europe/Berlin").expect("bundled").to_offset(instant);
        for pattern in [
            "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.1234567", "%Y/%m/%d %H:%M:%S",
            "%Y.%m.%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y%m%dT%H%M%SZ", "%Y%m%d%H%M%S.0Z", "%Y-%m-%d %H:%M:%S UTC",
            "%a, %d %b %Y %H:%M:%S +0000", "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S UTC %Y",
            "%A, %B %d, %Y %I:%M:%S %p", "%b. %d, %Y %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%d %B %Y at %H:%M:%S",
            "%Y年%m月%d日 %H:%M:%S", "%d. %B %Y %H:%M:%S", "%d/%b/%Y:%H:%M:%S +0000", "%d%b%Y %H:%M:%S",
        ] {
            let text = time.strftime(pattern).to_string();
            prop_assert_eq!(Date::parse(&text), Date::At(Seconds(second)), "{}", text);
        }
        let berlin_text = format!("{}{berlin_offset}:00", berlin.strftime("%Y-%m-%d %H:%M:%S"));
        prop_assert_eq!(Date::parse(&berlin_text), Date::At(Seconds(second)), "{}", berlin_text);
        for (pattern, order) in [
            ("%d/%m/%Y %H:%M:%S", DateOrder::DayFirst), ("%d.%m.%Y, %H:%M:%S", DateOrder::DayFirst),
            ("%m/%d/%Y %I:%M:%S %p", DateOrder::MonthFirst), ("%m-%d-%Y %H:%M:%S UTC", DateOrder::MonthFirst),
        ] {
            let text = time.strftime(pattern).to_string();
            prop_assert_eq!(resolve(&text, order), Some(Seconds(second)), "{}", text);
        }
        if time.year() < 2070 {
            for (pattern, order) in [
                ("%d/%m/%y %H:%M:%S", DateOrder::DayFirst), ("%y-%m-%d %H:%M:%S", DateOrder::YearFirst),
            ] {
                let text = time.strftime(pattern).to_string();
                prop_assert_eq!(resolve(&text, order), Some(Seconds(second)), "{}", text);
            }
        }
        let second = i64::from(second);
        let ticks = [(second + 11_644_473_600) * 10_000_000, (second + 62_135_596_800) * 10_000_000];
        for number in [second, second * 1000, second * 1_000_000].into_iter().chain(ticks) {
            // Before September 2001, epoch times have a digit less, and 12 may be a compact date.
            if matches!(number.ilog10(), 11 | 14) {
                continue;
            }
            let expected = resolve(&time.to_string(), DateOrder::DayFirst);
            prop_assert_eq!(Date::parse(&number.to_string()), expected.map_or(Date::Unreadable, Date::At), "{}", number);
        }
    }
}
