//! Evaluates a query for the devices of a list, without allocating per device.

use std::cell::RefCell;

use jiff::Timestamp;

use super::error::SyntaxError;
use super::expression::{Expression, MacTest, Term, Test, TextTest};
use super::groups::Groups;
use super::haystack::Haystack;
use super::key::{Columns, JoinedList, Key};
use super::mac::{MacDigits, any_notation};
use super::normal::normal;
use super::state::{NoStatus, State, StatusSource};
use super::{Query, QueryError};
use crate::domain::device::MacAddress;
use crate::list::{Device, DeviceId, DeviceList, Field};

/// A query prepared for one list.
pub struct Matcher<'a> {
    /// The query's text.
    pub(super) text: &'a str,
    pub(super) expression: &'a Expression,
    pub(super) list: &'a DeviceList,
    states: &'a dyn StatusSource,
    /// Ages are relative to the list's time.
    time: Option<i64>,
    groups: Vec<Groups>,
    /// The list that was matched with this one, whose columns can be queried too.
    pub(super) joined: Option<&'a JoinedList<'a>>,
    /// The columns for each key of the query.
    columns: Vec<(Key, Columns)>,
    purpose: Purpose,
    haystack: RefCell<Haystack>,
}

/// What a match leads to. It decides what becomes of a device with several values for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The device is selected: the query has to match for certain.
    Selection,
    /// The device is protected: it is enough that the query matches for any choice among its values.
    Rule,
}

impl<'a> Matcher<'a> {
    /// Prepares the query for this list and indexes shared values once. Fails if the query needs
    /// dates that can't be read, a column that the list lacks, or a state that `states` doesn't
    /// know.
    pub fn new(
        query: &'a Query,
        list: &'a DeviceList,
        states: &'a dyn StatusSource,
    ) -> Result<Self, QueryError> {
        check(query, list, states, ColumnScope::Required(None))?;
        Ok(Self::prepared(
            query,
            list,
            states,
            None,
            Purpose::Selection,
        ))
    }

    /// Like [`new`](Self::new), with columns that `list` lacks taken from the joined list.
    pub fn with_joined(
        query: &'a Query,
        list: &'a DeviceList,
        states: &'a dyn StatusSource,
        joined: &'a JoinedList<'a>,
    ) -> Result<Self, QueryError> {
        check(query, list, states, ColumnScope::Required(Some(joined)))?;
        Ok(Self::prepared(
            query,
            list,
            states,
            Some(joined),
            Purpose::Selection,
        ))
    }

    /// Prepares a protect rule: a device matches if any of its values for a field could match. A
    /// column that the list lacks has no values. Fails if the rule needs dates that can't be read.
    pub fn of_rule(query: &'a Query, list: &'a DeviceList) -> Result<Self, QueryError> {
        check(query, list, &NoStatus, ColumnScope::Optional)?;
        Ok(Self::prepared(query, list, &NoStatus, None, Purpose::Rule))
    }

    fn prepared(
        query: &'a Query,
        list: &'a DeviceList,
        states: &'a dyn StatusSource,
        joined: Option<&'a JoinedList<'a>>,
        purpose: Purpose,
    ) -> Self {
        let mut groups: Vec<Groups> = Vec::new();
        let mut columns: Vec<(Key, Columns)> = Vec::new();
        query.expression.visit(&mut |term| {
            for key in term.test.keys() {
                if columns.iter().all(|(known, _)| *known != key) {
                    let found = Columns::of_either(&key, list, joined);
                    columns.push((key, found));
                }
            }
            if let Test::Duplicate(key) | Test::Stale(key) = &term.test
                && groups.iter().all(|known| known.key != *key)
            {
                groups.push(Groups::of(list, key, joined));
            }
        });
        Self {
            text: &query.text,
            expression: &query.expression,
            list,
            states,
            time: list.time().map(Timestamp::as_second),
            groups,
            joined,
            columns,
            purpose,
            haystack: RefCell::default(),
        }
    }

    /// True if the query certainly matches the device; for a [rule](Self::of_rule), if it could
    /// match.
    pub fn matches(&self, id: DeviceId) -> bool {
        self.evaluate(self.expression, &self.list.device(id), false) == Some(true)
    }

    /// All entries that match, in list order.
    pub fn select(&self) -> Vec<DeviceId> {
        self.list.ids().filter(|&id| self.matches(id)).collect()
    }

    /// The number of entries that match.
    pub fn count(&self) -> u64 {
        self.list.ids().filter(|&id| self.matches(id)).count() as u64
    }

    /// True if a bare word is in `value`, a text or a MAC address with colons.
    pub(super) fn is_anywhere(test: &Test, value: &str, is_mac: bool) -> bool {
        match test {
            Test::Anywhere { needle, .. } if !is_mac => needle.is_in(value),
            Test::Anywhere {
                mac: Some(digits), ..
            } => MacAddress::parse(value).is_ok_and(|mac| digits.are_in(mac)),
            _ => false,
        }
    }

    /// `None` if a missing value leaves the result open. `negated` is true within an odd number of
    /// negations.
    pub(super) fn evaluate(
        &self,
        expression: &Expression,
        device: &Device<'a>,
        negated: bool,
    ) -> Option<bool> {
        match expression {
            Expression::All => Some(true),
            Expression::Not(inner) => self.evaluate(inner, device, !negated).map(|answer| !answer),
            Expression::And(parts) => {
                // `all` is the negation of `any` over the negated parts.
                any(parts
                    .iter()
                    .map(|part| self.evaluate(part, device, negated).map(|answer| !answer)))
                .map(|fails| !fails)
            }
            Expression::Or(parts) => any(parts
                .iter()
                .map(|part| self.evaluate(part, device, negated))),
            Expression::Term(term) => self.test(&term.test, device, negated),
        }
    }

    pub(super) fn test(&self, test: &Test, device: &Device<'a>, negated: bool) -> Option<bool> {
        match test {
            Test::Anywhere { needle, mac } => Some(
                self.haystack.borrow_mut().has(device, needle)
                    || mac.as_ref().is_some_and(|digits| has_mac(device, digits)),
            ),
            Test::Text(key, tests) => self.text(key, tests, device, negated),
            Test::Mac(tests) => any(tests.iter().map(|test| test.evaluate(device))),
            Test::Missing(field) => Some(device.lacks(*field)),
            Test::Issues(comparison, number) => device
                .issues()
                .map(|issues| comparison.holds(&u64::from(issues), number)),
            Test::Unseen(comparison, age) => {
                let seen = device.last_seen()?.as_second();
                Some(comparison.holds(&self.time?.saturating_sub(seen), age))
            }
            Test::Date(field, comparison, day) => {
                Some(comparison.holds_for_day(device.time(*field)?.as_second(), day))
            }
            Test::Is(states) => Some(states.iter().any(|&state| self.is(device, state))),
            Test::Duplicate(key) => self.shares(device, key, Groups::is_shared),
            Test::Stale(key) => self.shares(device, key, Groups::is_stale),
        }
    }

    pub(super) fn is(&self, device: &Device<'a>, state: State) -> bool {
        match state {
            State::Repeated => device.repeats() > 0,
            State::Unusable => device.problem().is_some(),
            other => self.states.is(device.id(), other),
        }
    }

    /// One matching value is enough. For a negated term of a rule all values have to match, since
    /// any of them may be the relevant one.
    fn text(
        &self,
        key: &Key,
        tests: &[TextTest],
        device: &Device<'a>,
        negated: bool,
    ) -> Option<bool> {
        let columns = self.columns_of(key)?;
        let Some(device) = columns.holder(device, self.joined) else {
            return tests.contains(&TextTest::Missing).then_some(true);
        };
        let device = &device;
        let (mut some, mut fails) = (false, false);
        let enough = columns.any(device, |value| {
            some = true;
            let matches = tests.iter().any(|test| test.is(value));
            fails |= !matches;
            matches && self.purpose == Purpose::Selection
        });
        match some {
            false => tests.contains(&TextTest::Missing).then_some(true),
            true if self.purpose == Purpose::Rule && negated => Some(!fails),
            true => {
                Some(enough || columns.any(device, |value| tests.iter().any(|test| test.is(value))))
            }
        }
    }

    fn columns_of(&self, key: &Key) -> Option<&Columns> {
        let found = self.columns.iter().find(|(known, _)| known == key);
        found.map(|(_, columns)| columns)
    }

    fn shares(
        &self,
        device: &Device<'a>,
        key: &Key,
        how: fn(&Groups, DeviceId) -> bool,
    ) -> Option<bool> {
        let groups = self.groups.iter().find(|groups| groups.key == *key)?;
        let columns = self.columns_of(key)?;
        let holder = columns.holder(device, self.joined)?;
        let has_value = columns.any(&holder, |_| true);
        has_value.then(|| how(groups, device.id()))
    }
}

/// Whether the columns of a query have to exist.
#[derive(Clone, Copy)]
pub(super) enum ColumnScope<'a> {
    Required(Option<&'a JoinedList<'a>>),
    /// Not required: a rule protects a device whose value it can't read.
    Optional,
}

/// Checks that every term can be evaluated on this list.
pub(super) fn check(
    query: &Query,
    list: &DeviceList,
    states: &dyn StatusSource,
    scope: ColumnScope<'_>,
) -> Result<(), QueryError> {
    let mut first = Ok(());
    query.expression.visit(&mut |term| {
        if first.is_ok() {
            first = check_term(term, list, states, scope);
        }
    });
    first.map_err(|mistake| mistake.in_text(&query.text))
}

fn check_term(
    term: &Term,
    list: &DeviceList,
    states: &dyn StatusSource,
    scope: ColumnScope<'_>,
) -> Result<(), SyntaxError> {
    let unknown = match scope {
        ColumnScope::Optional => None,
        ColumnScope::Required(joined) => term
            .test
            .keys()
            .find(|key| Columns::of_either(key, list, joined).is_empty()),
    };
    if let Some(key) = unknown {
        let headers: Vec<&str> = list
            .other_columns()
            .map(|column| list.header(column))
            .collect();
        let hint = if headers.is_empty() {
            "all columns are read as fields; offboard inspect lists them".to_owned()
        } else {
            format!(
                "the list has {}",
                crate::text::clip(&headers.join(", "), 120)
            )
        };
        return Err(SyntaxError::new(term.at, format!("the list has no column {key}")).hint(hint));
    }
    if let Some(field) = term
        .test
        .fields()
        .find(|&field| list.dates_undecided(field))
    {
        let message = format!(
            "day and month of '{}' are ambiguous in this list",
            field.heading()
        );
        return Err(SyntaxError::new(term.at, message)
            .hint("give --date-order dmy or mdy, or save the list with dates such as 2026-04-03"));
    }
    let Test::Is(requested) = &term.test else {
        return Ok(());
    };
    match requested
        .iter()
        .find(|state| !state.is_of_list() && !states.knows(**state))
    {
        None => Ok(()),
        Some(state) => {
            let message = format!("state '{}' is not available here", state.as_str());
            Err(SyntaxError::new(term.at, message).hint(states.hint()))
        }
    }
}

impl TextTest {
    /// Tests a value that isn't empty.
    fn is(&self, value: &str) -> bool {
        match self {
            Self::Missing => false,
            Self::Contains(needle) => needle.is_in(value),
            Self::Equals(texts) => texts.has(value),
            Self::Matches(pattern) => pattern.0.is_match(&normal(value)),
        }
    }
}

impl MacTest {
    fn evaluate(&self, device: &Device<'_>) -> Option<bool> {
        let is_missing = device.lacks(Field::Mac);
        match self {
            Self::Missing => Some(is_missing),
            _ if is_missing => None,
            Self::OneOf(addresses) => {
                let mut macs = device.macs();
                Some(macs.any(|mac| addresses.binary_search(&mac.octets()).is_ok()))
            }
            Self::Contains(digits) => Some(has_mac(device, digits)),
            Self::Matches(pattern) => {
                let mut macs = device.macs();
                Some(macs.any(|mac| any_notation(mac, |text| pattern.0.is_match(text))))
            }
        }
    }
}

/// True if one is true, else `None` if one is open.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return answer,
            Some(false) => {}
            None => all = None,
        }
    }
    all
}

fn has_mac(device: &Device<'_>, digits: &MacDigits) -> bool {
    device.macs().any(|mac| digits.are_in(mac))
}
