//! The order of two devices by a field.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::{Device, DeviceId, DeviceList, Field};

impl DeviceList {
    /// How `a` and `b` are ordered by `field`: texts without case, addresses, numbers and dates by
    /// value. A missing value comes last; two that are equal stay in list order under a stable sort.
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
    let slot = field.text_slot()?;
    Some(device.block.text(slot)).filter(|text| !text.is_empty())
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
