//! Compares two devices by a field.

use std::cmp::Ordering;
use std::net::IpAddr;

use crate::list::{Device, DeviceId, DeviceList, Field};

impl DeviceList {
    /// Compares `a` and `b` by `field`: texts ignoring case, addresses, numbers and dates by value. A
    /// missing value comes last. With a stable sort, equal devices stay in list order.
    pub fn compare(&self, field: Field, a: DeviceId, b: DeviceId) -> Ordering {
        let (a, b) = (self.device(a), self.device(b));
        match field {
            Field::Issues => missing_last(a.issues(), b.issues(), Ord::cmp),
            Field::Seen => missing_last(a.last_seen(), b.last_seen(), Ord::cmp),
            Field::Enrolled => missing_last(a.enrolled_at(), b.enrolled_at(), Ord::cmp),
            Field::Mac => missing_last(a.macs().next(), b.macs().next(), Ord::cmp),
            Field::Ip => missing_last(text(a, field), text(b, field), |a, b| {
                match (a.parse::<IpAddr>(), b.parse::<IpAddr>()) {
                    (Ok(a), Ok(b)) => a.cmp(&b),
                    (Ok(_), Err(_)) => Ordering::Less,
                    (Err(_), Ok(_)) => Ordering::Greater,
                    (Err(_), Err(_)) => without_case(a, b),
                }
            }),
            _ => missing_last(text(a, field), text(b, field), |a, b| without_case(a, b)),
        }
    }
}

fn text(device: Device<'_>, field: Field) -> Option<&str> {
    Some(device.block.text(field)).filter(|text| !text.is_empty())
}

fn missing_last<T>(a: Option<T>, b: Option<T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare(&a, &b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn without_case(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a
            .bytes()
            .map(|byte| byte.to_ascii_lowercase())
            .cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    a.chars()
        .flat_map(char::to_lowercase)
        .cmp(b.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compare_orders_addresses_and_dates_by_value() {
        let text = "hwid,mac,enrolled\na,,\n\
                    b,3c:52:82:00:00:02,2026-01-02\nc,3c:52:82:00:00:01,2026-01-03\n";
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        let compare =
            |field, a, b| list.compare(field, DeviceId::from_index(a), DeviceId::from_index(b));
        assert_eq!(compare(Field::Enrolled, 1, 2), Ordering::Less);
        assert_eq!(compare(Field::Mac, 1, 2), Ordering::Greater);
        assert_eq!(compare(Field::Mac, 0, 1), Ordering::Greater);
        // The sign of the unit Kelvin is an upper-case letter outside of ASCII.
        assert_eq!(without_case("\u{212a}1", "k1"), Ordering::Equal);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn compare_is_total_with_missing_values_last(
            rows in proptest::collection::vec(
                ("[aAbÄ]{0,2}", "10\\.0\\.0\\.[1-9]0?|::[1-3]|x|", proptest::option::of(0_u8..30), "2026-0[1-9]-01|soon|"),
                2..6,
            ),
        ) {
            let mut text = "hwid,host,ip,issues,seen\n".to_owned();
            for (number, (host, ip, issues, seen)) in rows.iter().enumerate() {
                let issues = issues.map_or(String::new(), |issues| issues.to_string());
                text += &format!("h{number},{host},{ip},{issues},{seen}\n");
            }
            let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
            for field in Field::ALL {
                let compare = |a, b| list.compare(field, a, b);
                for a in list.ids() {
                    prop_assert_eq!(compare(a, a), Ordering::Equal);
                    for b in list.ids() {
                        prop_assert_eq!(compare(a, b), compare(b, a).reverse());
                        let is_missing = |id| list.device(id).text(field).is_empty();
                        if !is_missing(a) && is_missing(b) {
                            prop_assert_eq!(compare(a, b), Ordering::Less, "{}", field.name());
                        }
                        for c in list.ids() {
                            if compare(a, b).is_le() && compare(b, c).is_le() {
                                prop_assert!(compare(a, c).is_le(), "{} of {text}", field.name());
                            }
                        }
                    }
                }
            }
        }
    }
}
