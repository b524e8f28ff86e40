//! Explains a query for one device: each term in the order written, its answer, and the values
//! that decided it.

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;

use super::expression::{Expression, Term, Test};
use super::groups;
use super::key::{Columns, Key};
use super::lexer::tokens;
use super::matcher::Matcher;
use super::state::State;
use crate::list::{Device, DeviceId, DeviceList, Field};
use crate::text;

/// A part of a query and its answer for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// True or false; `None` if a missing value leaves it open. An open query doesn't match.
    pub answer: Option<bool>,
    pub part: Part,
}

/// A term, or how other parts are combined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The empty query, which matches everything.
    All,
    /// All of them have to match.
    And(Vec<Node>),
    /// One of them has to match.
    Or(Vec<Node>),
    /// It must not match.
    Not(Box<Node>),
    Term {
        /// As it is written in the query. Not safe to show.
        text: String,
        /// What decided it.
        fact: Fact,
    },
}

/// What a term reads from the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The values of a field or column, in list order; none if they are missing.
    Values(Key, Vec<String>),
    /// The last-seen time, and its age in seconds at the list's time; negative if it is later.
    Age {
        /// The last-seen time.
        seen: Timestamp,
        /// Seconds before the list's time.
        seconds: i64,
    },
    /// The time of a field.
    Time(Field, Timestamp),
    /// Whether the device is in each of these states.
    States(Vec<(State, bool)>),
    /// A word without a field: all values that contain it, with their field or column.
    Found(Vec<(Key, String)>),
    /// The devices that share the value.
    Shared {
        /// The field or column.
        key: Key,
        /// The values of this device.
        values: Vec<String>,
        /// The other devices that share one of them, in list order.
        others: Vec<DeviceId>,
        /// For `stale:`: true if it is the most recently seen one, or none of them can be.
        is_newest: Option<bool>,
    },
}

impl<'a> Matcher<'a> {
    /// Explains the query for one device. The root's answer is true exactly if the query
    /// [matches](Self::matches).
    pub fn explain(&self, id: DeviceId) -> Node {
        let device = self.list.device(id);
        self.node(self.expression, &device, false)
    }

    fn node(&self, expression: &Expression, device: &Device<'a>, negated: bool) -> Node {
        let parts = |parts: &[Expression]| {
            let parts = parts.iter();
            parts.map(|part| self.node(part, device, negated)).collect()
        };
        let part = match expression {
            Expression::All => Part::All,
            Expression::And(all) => Part::And(parts(all)),
            Expression::Or(any) => Part::Or(parts(any)),
            Expression::Not(inner) => Part::Not(Box::new(self.node(inner, device, !negated))),
            Expression::Term(term) => Part::Term {
                text: self.source(term),
                fact: self.fact(&term.test, device),
            },
        };
        Node {
            answer: self.evaluate(expression, device, negated),
            part,
        }
    }

    /// The term as it is written.
    fn source(&self, term: &Term) -> String {
        let query = self.text;
        let tokens = tokens(query).unwrap_or_default();
        let token = tokens.iter().find(|token| token.at == term.at);
        let end = token.map_or(query.len(), |token| token.end);
        query.get(term.at..end).unwrap_or_default().to_owned()
    }

    fn fact(&self, test: &Test, device: &Device<'a>) -> Fact {
        match test {
            Test::Anywhere { .. } => {
                let is_match = |value: &str, is_mac| Self::is_anywhere(test, value, is_mac);
                Fact::Found(found(self.list, device, is_match))
            }
            Test::Text(key, _) => Fact::Values(key.clone(), self.values(key, device)),
            Test::Mac(_) => self.field(Field::Mac, device),
            Test::Issues(..) | Test::Missing(Field::Issues) => self.field(Field::Issues, device),
            Test::Unseen(..) => match (device.last_seen(), self.list.time()) {
                (Some(seen), Some(time)) => Fact::Age {
                    seen,
                    seconds: time.as_second().saturating_sub(seen.as_second()),
                },
                _ => Fact::Values(Key::Field(Field::Seen), Vec::new()),
            },
            Test::Date(field, ..) | Test::Missing(field) => match device.time(*field) {
                Some(time) => Fact::Time(*field, time),
                None => Fact::Values(Key::Field(*field), Vec::new()),
            },
            Test::Is(states) => {
                let states = states.iter();
                Fact::States(
                    states
                        .map(|&state| (state, self.is(device, state)))
                        .collect(),
                )
            }
            Test::Duplicate(key) => self.shared(key, device, None),
            Test::Stale(key) => {
                let is_stale = self.test(test, device, false) == Some(true);
                self.shared(key, device, Some(!is_stale))
            }
        }
    }

    fn field(&self, field: Field, device: &Device<'a>) -> Fact {
        let key = Key::Field(field);
        let values = self.values(&key, device);
        Fact::Values(key, values)
    }

    fn values(&self, key: &Key, device: &Device<'a>) -> Vec<String> {
        if *key == Key::Field(Field::Mac) {
            return device.macs().map(|mac| mac.to_string()).collect();
        }
        let mut values = Vec::new();
        let columns = Columns::of_either(key, self.list, self.joined);
        if let Some(holder) = columns.holder(device, self.joined) {
            columns.any(&holder, |value| {
                values.push(value.to_owned());
                false
            });
        }
        values
    }

    fn shared(&self, key: &Key, device: &Device<'a>, is_newest: Option<bool>) -> Fact {
        Fact::Shared {
            key: key.clone(),
            values: self.values(key, device),
            others: groups::others(self.list, key, self.joined, device.id()),
            is_newest,
        }
    }
}

/// The other devices that share a value of `key` with the device, as `dup:` finds them.
pub fn sharing(list: &DeviceList, key: &Key, id: DeviceId) -> Vec<DeviceId> {
    groups::others(list, key, None, id)
}

/// The groups of two or more devices that share a value of `key`, where `is_selected` accepts each of
/// them: the first device of each group. Unusable rows and names for nothing count in no group.
pub fn whole_groups(
    list: &DeviceList,
    key: &Key,
    is_selected: &dyn Fn(DeviceId) -> bool,
) -> Vec<DeviceId> {
    groups::whole(list, key, is_selected)
}

/// The values of the device for which `is_match` is true, with their field or column.
fn found(
    list: &DeviceList,
    device: &Device<'_>,
    is_match: impl Fn(&str, bool) -> bool,
) -> Vec<(Key, String)> {
    let mut found = Vec::new();
    for field in Field::ALL {
        let texts = device.values(field).filter(|text| is_match(text, false));
        found.extend(texts.map(|text| (Key::Field(field), text.to_owned())));
    }
    let macs = device.macs().map(|mac| mac.to_string());
    let macs = macs.filter(|mac| is_match(mac, true));
    found.extend(macs.map(|mac| (Key::Field(Field::Mac), mac)));
    for (column, values) in device.all_others() {
        let key = || Key::Column(list.header(column).into());
        let values = values.filter(|value| is_match(value, false));
        found.extend(values.map(|value| (key(), value.to_owned())));
    }
    found
}

impl fmt::Display for Fact {
    /// A sentence, safe to show.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values(key, values) if values.is_empty() => write!(formatter, "no {key}"),
            Self::Values(key, values) => write!(formatter, "{key} is {}", quoted(values)),
            Self::Age { seconds, .. } => {
                let order = if *seconds < 0 { "after" } else { "before" };
                let age = age(seconds.saturating_abs());
                write!(formatter, "last seen {age} {order} the list's time")
            }
            Self::Time(field, time) => write!(formatter, "{} {time}", field.heading()),
            Self::States(states) => {
                let states = states.iter().map(|(state, is)| {
                    format!("{} {}", if *is { "is" } else { "is not" }, state.as_str())
                });
                formatter.write_str(&states.collect::<Vec<_>>().join(", "))
            }
            Self::Found(found) if found.is_empty() => formatter.write_str("in no value"),
            Self::Found(found) => {
                let found = found.iter().map(|(key, value)| {
                    format!("{key} is {}", quoted(std::slice::from_ref(value)))
                });
                formatter.write_str(&found.collect::<Vec<_>>().join(", "))
            }
            Self::Shared { key, values, .. } if values.is_empty() => write!(formatter, "no {key}"),
            Self::Shared {
                key,
                values,
                others,
                is_newest,
            } => {
                write!(formatter, "{key} is {}, shared with ", quoted(values))?;
                match others.len() as u64 {
                    0 => formatter.write_str("no other device")?,
                    count => write!(formatter, "{}", text::counted(count, "other device"))?,
                }
                match is_newest {
                    Some(false) => formatter.write_str("; another was seen more recently"),
                    Some(true) if !others.is_empty() => {
                        formatter.write_str("; no other is certain to have been seen more recently")
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

/// The values, safe to show.
fn quoted(values: &[String]) -> String {
    let values = values
        .iter()
        .map(|value| format!("\"{}\"", text::clip(value, 60)));
    values.collect::<Vec<_>>().join(", ")
}

/// Seconds in the largest unit of which there is at least one: `12 d`.
pub fn age(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", text::grouped(seconds.unsigned_abs() / 86_400)),
    }
}
