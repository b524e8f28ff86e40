//! Asking a query of a list's devices. Nothing is allocated for a device.

use std::cell::RefCell;

use jiff::Timestamp;

use super::error::Mistake;
use super::expression::{Expression, MacTest, Term, Test, TextTest};
use super::groups::Groups;
use super::haystack::Haystack;
use super::key::{Beside, Columns, Key};
use super::mac::{MacDigits, colon_form};
use super::normal::normal;
use super::state::{NoStatus, State, States};
use super::{Query, QueryError};
use crate::list::{Device, DeviceId, DeviceList, Field};

/// A query, ready to be asked of a list's devices.
pub struct Matcher<'a> {
    expression: &'a Expression,
    list: &'a DeviceList,
    states: &'a dyn States,
    /// Ages count from the list's time.
    time: Option<i64>,
    groups: Vec<Groups>,
    /// The columns of a list that was matched with this one.
    beside: Option<&'a Beside<'a>>,
    /// What each key of the query leads to in the list.
    columns: Vec<(Key, Columns)>,
    /// True to ask whether a device could match by some choice among its values.
    any_choice: bool,
    haystack: RefCell<Haystack>,
}

impl<'a> Matcher<'a> {
    /// Prepares the query for this list: what devices share is found out here, once for all of
    /// them. An error if the query asks for dates that can't be read, for a column that the list
    /// doesn't have, or for states that nobody knows.
    pub fn new(
        query: &'a Query,
        list: &'a DeviceList,
        states: &'a dyn States,
    ) -> Result<Self, QueryError> {
        query.check(list, states)?;
        Ok(Self::prepared(query, list, states, None, false))
    }

    /// Like [`new`](Self::new); columns that `list` doesn't have are looked for beside it.
    pub fn with_beside(
        query: &'a Query,
        list: &'a DeviceList,
        states: &'a dyn States,
        beside: &'a Beside<'a>,
    ) -> Result<Self, QueryError> {
        check(
            &query.expression,
            list,
            states,
            Columned::LookupKey(Some(beside)),
        )
        .map_err(|mistake| mistake.in_text(&query.text))?;
        Ok(Self::prepared(query, list, states, Some(beside), false))
    }

    /// Prepares a rule that protects: a device matches as soon as it could, by any of the values that
    /// it has of a field. A column that the list doesn't have has no values. An error if the rule
    /// asks for dates that can't be read.
    pub fn of_rule(query: &'a Query, list: &'a DeviceList) -> Result<Self, QueryError> {
        check(&query.expression, list, &NoStatus, Columned::Anyhow)
            .map_err(|mistake| mistake.in_text(&query.text))?;
        Ok(Self::prepared(query, list, &NoStatus, None, true))
    }

    fn prepared(
        query: &'a Query,
        list: &'a DeviceList,
        states: &'a dyn States,
        beside: Option<&'a Beside<'a>>,
        any_choice: bool,
    ) -> Self {
        let mut groups: Vec<Groups> = Vec::new();
        let mut columns: Vec<(Key, Columns)> = Vec::new();
        query.expression.visit(&mut |term| {
            for key in term.test.keys() {
                if columns.iter().all(|(known, _)| *known != key) {
                    let found = Columns::of_either(&key, list, beside);
                    columns.push((key, found));
                }
            }
            if let Test::Duplicate(key) | Test::Stale(key) = &term.test
                && groups.iter().all(|known| known.key != *key)
            {
                groups.push(Groups::of(list, key, beside));
            }
        });
        Self {
            expression: &query.expression,
            list,
            states,
            time: list.time().map(Timestamp::as_second),
            groups,
            beside,
            columns,
            any_choice,
            haystack: RefCell::default(),
        }
    }

    /// True if the query certainly matches the device; of a [rule](Self::of_rule), if it could.
    pub fn matches(&self, id: DeviceId) -> bool {
        self.ask(self.expression, &self.list.device(id), false) == Some(true)
    }

    /// All entries that match, in list order.
    pub fn select(&self) -> Vec<DeviceId> {
        self.list.ids().filter(|&id| self.matches(id)).collect()
    }

    /// None where a missing value leaves it open. `negated` within an odd number of negations.
    fn ask(&self, expression: &Expression, device: &Device<'a>, negated: bool) -> Option<bool> {
        match expression {
            Expression::All => Some(true),
            Expression::Not(inner) => self.ask(inner, device, !negated).map(|answer| !answer),
            Expression::And(parts) => {
                // All hold unless one fails: the mirror image of `any`.
                any(parts
                    .iter()
                    .map(|part| self.ask(part, device, negated).map(|answer| !answer)))
                .map(|fails| !fails)
            }
            Expression::Or(parts) => any(parts.iter().map(|part| self.ask(part, device, negated))),
            Expression::Term(term) => self.test(&term.test, device, negated),
        }
    }

    fn test(&self, test: &Test, device: &Device<'a>, negated: bool) -> Option<bool> {
        match test {
            Test::Anywhere { needle, mac } => Some(
                self.haystack.borrow_mut().has(device, needle)
                    || mac.as_ref().is_some_and(|digits| has_mac(device, digits)),
            ),
            Test::Text(key, wanted) => self.text(key, wanted, device, negated),
            Test::Mac(wanted) => any(wanted.iter().map(|wanted| wanted.ask(device))),
            Test::Missing(field) => Some(device.lacks(*field)),
            Test::Issues(comparison, number) => device
                .issues()
                .map(|issues| comparison.holds(&u64::from(issues), number)),
            Test::Unseen(comparison, age) => {
                let seen = device.last_seen()?.as_second();
                Some(comparison.holds(&self.time?.saturating_sub(seen), age))
            }
            Test::Date(field, comparison, day) => {
                let time = match field {
                    Field::Enrolled => device.enrolled_at(),
                    _ => device.last_seen(),
                };
                Some(comparison.holds_for_day(time?.as_second(), day))
            }
            Test::Is(states) => Some(states.iter().any(|&state| self.is(device, state))),
            Test::Duplicate(key) => self.shares(device, key, Groups::is_shared),
            Test::Stale(key) => self.shares(device, key, Groups::is_stale),
        }
    }

    fn is(&self, device: &Device<'a>, state: State) -> bool {
        match state {
            State::Repeated => device.repeats() > 0,
            State::Unusable => device.problem().is_some(),
            other => self.states.is(device.id(), other),
        }
    }

    /// Any value may be one of those that are wanted. Of a rule that asks for the contrary, all have
    /// to be, since each value may be the one that counts.
    fn text(
        &self,
        key: &Key,
        wanted: &[TextTest],
        device: &Device<'a>,
        negated: bool,
    ) -> Option<bool> {
        let columns = self.columns_of(key)?;
        let Some(device) = columns.holder(device, self.beside) else {
            return wanted.contains(&TextTest::Missing).then_some(true);
        };
        let device = &device;
        let (mut some, mut fails) = (false, false);
        let enough = columns.any(device, |value| {
            some = true;
            let matches = wanted.iter().any(|wanted| wanted.is(value));
            fails |= !matches;
            matches && !self.any_choice
        });
        match some {
            false => wanted.contains(&TextTest::Missing).then_some(true),
            true if self.any_choice && negated => Some(!fails),
            true => Some(
                enough || columns.any(device, |value| wanted.iter().any(|wanted| wanted.is(value))),
            ),
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
        let holder = columns.holder(device, self.beside)?;
        let has_value = columns.any(&holder, |_| true);
        has_value.then(|| how(groups, device.id()))
    }
}

/// Where the columns of a query have to be.
#[derive(Clone, Copy)]
pub(super) enum Columned<'a> {
    /// In the list, or in the one beside it.
    LookupKey(Option<&'a Beside<'a>>),
    /// Nowhere: a rule protects what it can't read.
    Anyhow,
}

/// What of a query can't be asked of this list.
pub(super) fn check(
    expression: &Expression,
    list: &DeviceList,
    states: &dyn States,
    columned: Columned<'_>,
) -> Result<(), Mistake> {
    let mut first = Ok(());
    expression.visit(&mut |term| {
        if first.is_ok() {
            first = check_term(term, list, states, columned);
        }
    });
    first
}

fn check_term(
    term: &Term,
    list: &DeviceList,
    states: &dyn States,
    columned: Columned<'_>,
) -> Result<(), Mistake> {
    let unknown = match columned {
        Columned::Anyhow => None,
        Columned::LookupKey(beside) => term
            .test
            .keys()
            .find(|key| Columns::of_either(key, list, beside).is_empty()),
    };
    if let Some(key) = unknown {
        let headers: Vec<&str> = list
            .other_columns()
            .map(|column| list.header(column))
            .collect();
        let hint = if headers.is_empty() {
            "all its columns are fields; offboard inspect lists them".to_owned()
        } else {
            format!("it has {}", crate::text::clip(&headers.join(", "), 120))
        };
        return Err(Mistake::new(term.at, format!("this list has no column {key}")).hint(hint));
    }
    if let Some(field) = term
        .test
        .fields()
        .find(|&field| list.dates_undecided(field))
    {
        let message = format!(
            "day and month of '{}' can't be told apart in this list",
            field.heading()
        );
        return Err(Mistake::new(term.at, message)
            .hint("give --date-order dmy or mdy, or save the list with dates such as 2026-04-03"));
    }
    let Test::Is(asked) = &term.test else {
        return Ok(());
    };
    match asked
        .iter()
        .find(|state| !state.is_of_list() && !states.knows(**state))
    {
        None => Ok(()),
        Some(state) => {
            let message = format!("which devices are {} isn't known here", state.as_str());
            Err(Mistake::new(term.at, message).hint(states.hint()))
        }
    }
}

impl TextTest {
    /// True of a value that isn't empty.
    fn is(&self, value: &str) -> bool {
        match self {
            Self::Missing => false,
            Self::Contains(needle) => needle.is_in(value),
            Self::Equals(needle) => needle.is(value),
            Self::Matches(pattern) => pattern.0.is_match(&normal(value)),
        }
    }
}

impl MacTest {
    fn ask(&self, device: &Device<'_>) -> Option<bool> {
        let is_missing = device.lacks(Field::Mac);
        match self {
            Self::Missing => Some(is_missing),
            _ if is_missing => None,
            Self::Contains(digits) => Some(has_mac(device, digits)),
            Self::Matches(pattern) => {
                let mut buffer = [0; 17];
                let mut is_match = |mac| pattern.0.is_match(colon_form(mac, &mut buffer));
                Some(device.macs().any(&mut is_match))
            }
        }
    }
}

/// True if one holds; else open if one is open.
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
