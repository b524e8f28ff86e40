//! Asking a query of devices. Nothing is allocated for a device whose text is ASCII.

use super::{Comparison, Expression, Needle, Query, Term};
use crate::list::{Device, DeviceId, DeviceList, Field};

/// A query, ready to be asked of a list's devices.
#[derive(Debug)]
pub struct Matcher<'a> {
    query: &'a Query,
    list: &'a DeviceList,
    /// Ages count from the list's time.
    time: Option<i64>,
}

impl<'a> Matcher<'a> {
    /// Prepares the query for this list.
    pub fn new(query: &'a Query, list: &'a DeviceList) -> Self {
        Self {
            query,
            list,
            time: list.time().map(jiff::Timestamp::as_second),
        }
    }

    /// True if the query certainly matches the device.
    pub fn matches(&self, id: DeviceId) -> bool {
        self.ask(&self.query.expression, &self.list.device(id)) == Some(true)
    }

    /// All entries that match, in list order.
    pub fn select(&self) -> Vec<DeviceId> {
        self.list.ids().filter(|&id| self.matches(id)).collect()
    }

    /// None when a missing value leaves it open.
    fn ask(&self, expression: &Expression, device: &Device<'_>) -> Option<bool> {
        match expression {
            Expression::All => Some(true),
            Expression::Not(inner) => self.ask(inner, device).map(|matched| !matched),
            Expression::And(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match self.ask(part, device) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = None,
                    }
                }
                all
            }
            Expression::Or(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match self.ask(part, device) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Expression::Term(term) => self.term(term, device),
        }
    }

    fn term(&self, term: &Term, device: &Device<'_>) -> Option<bool> {
        match term {
            Term::Anywhere { needle, mac } => Some(
                device.texts().any(|(_, text)| needle.is_in(text))
                    || mac
                        .as_ref()
                        .is_some_and(|octets| has_octets(device, octets)),
            ),
            Term::Contains(field, needles) => Some(
                needles
                    .iter()
                    .any(|needle| text_is(device, *field, |text| needle.is_in(text))),
            ),
            Term::Equals(field, needles) => Some(
                needles
                    .iter()
                    .any(|needle| text_is(device, *field, |text| needle.is(text))),
            ),
            Term::Octets(all) => Some(all.iter().any(|octets| has_octets(device, octets))),
            Term::Missing(field) => Some(device.lacks(*field)),
            Term::Issues(comparison, number) => device
                .issues()
                .map(|issues| comparison.holds(i64::from(issues), *number)),
            Term::Unseen(comparison, age) => {
                let seen = device.last_seen()?.as_second();
                Some(comparison.holds(self.time?.saturating_sub(seen), *age))
            }
            Term::Date(field, comparison, (from, to)) => {
                if self.list.dates_undecided(*field) {
                    return None;
                }
                let time = match field {
                    Field::Enrolled => device.enrolled_at(),
                    _ => device.last_seen(),
                };
                let second = time?.as_second();
                Some(match comparison {
                    Comparison::Less => second < *from,
                    Comparison::AtMost => second < *to,
                    Comparison::More => second >= *to,
                    Comparison::AtLeast => second >= *from,
                    Comparison::Equal => (*from..*to).contains(&second),
                })
            }
        }
    }
}

fn text_is(device: &Device<'_>, field: Field, is: impl Fn(&str) -> bool) -> bool {
    match field {
        Field::Mac => device.macs().any(|mac| is(&mac.to_string())),
        field => is(&device.text(field)),
    }
}

fn has_octets(device: &Device<'_>, octets: &[u8]) -> bool {
    device.macs().any(|mac| {
        mac.octets()
            .windows(octets.len())
            .any(|window| window == octets)
    })
}

impl Comparison {
    fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
            Self::Equal => left == right,
        }
    }
}

impl Needle {
    /// True if `text` contains it, whatever the case.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let needle = self.lower.as_bytes();
        if !text.is_ascii() || !self.lower.is_ascii() {
            return text.to_lowercase().contains(&self.lower);
        }
        let Some(&first) = needle.first() else {
            return true;
        };
        let text = text.as_bytes();
        let Some(last_start) = text.len().checked_sub(needle.len()) else {
            return false;
        };
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), &text[..=last_start])
            .any(|at| text[at..at + needle.len()].eq_ignore_ascii_case(needle))
    }

    /// True if `text` is it, whatever the case.
    pub(super) fn is(&self, text: &str) -> bool {
        if text.is_ascii() && self.lower.is_ascii() {
            return text.eq_ignore_ascii_case(&self.lower);
        }
        text.to_lowercase() == self.lower
    }
}
