//! Asking a query of a list's devices. Nothing is allocated for a device.

use std::cell::RefCell;

use jiff::Timestamp;

use super::error::Mistake;
use super::expression::{Expression, MacTest, Term, Test, TextTest};
use super::groups::Groups;
use super::haystack::Haystack;
use super::mac::{MacDigits, colon_form};
use super::state::{State, States};
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
    haystack: RefCell<Haystack>,
}

impl<'a> Matcher<'a> {
    /// Prepares the query for this list: what devices share is found out here, once for all of
    /// them. An error if the query asks for dates that can't be read, or for states that nobody
    /// knows.
    pub fn new(
        query: &'a Query,
        list: &'a DeviceList,
        states: &'a dyn States,
    ) -> Result<Self, QueryError> {
        query.check(list, states)?;
        let mut groups: Vec<Groups> = Vec::new();
        query.expression.visit(&mut |term| {
            if let Test::Duplicate(field) | Test::Stale(field) = term.test
                && groups.iter().all(|known| known.field != field)
            {
                groups.push(Groups::of(list, field));
            }
        });
        Ok(Self {
            expression: &query.expression,
            list,
            states,
            time: list.time().map(Timestamp::as_second),
            groups,
            haystack: RefCell::default(),
        })
    }

    /// True if the query certainly matches the device.
    pub fn matches(&self, id: DeviceId) -> bool {
        self.ask(self.expression, &self.list.device(id)) == Some(true)
    }

    /// All entries that match, in list order.
    pub fn select(&self) -> Vec<DeviceId> {
        self.list.ids().filter(|&id| self.matches(id)).collect()
    }

    /// None where a missing value leaves it open.
    fn ask(&self, expression: &Expression, device: &Device<'a>) -> Option<bool> {
        match expression {
            Expression::All => Some(true),
            Expression::Not(inner) => self.ask(inner, device).map(|answer| !answer),
            Expression::And(parts) => {
                // All hold unless one fails: the mirror image of `any`.
                any(parts
                    .iter()
                    .map(|part| self.ask(part, device).map(|answer| !answer)))
                .map(|fails| !fails)
            }
            Expression::Or(parts) => any(parts.iter().map(|part| self.ask(part, device))),
            Expression::Term(term) => self.test(&term.test, device),
        }
    }

    fn test(&self, test: &Test, device: &Device<'a>) -> Option<bool> {
        match test {
            Test::Anywhere { needle, mac } => Some(
                self.haystack.borrow_mut().has(device, needle)
                    || mac.as_ref().is_some_and(|digits| has_mac(device, digits)),
            ),
            Test::Text(field, wanted) => {
                let value = device.text(*field);
                any(wanted.iter().map(|wanted| wanted.ask(&value)))
            }
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
            Test::Duplicate(field) => self.shares(device, *field, Groups::is_shared),
            Test::Stale(field) => self.shares(device, *field, Groups::is_stale),
        }
    }

    fn is(&self, device: &Device<'a>, state: State) -> bool {
        match state {
            State::Repeated => device.repeats() > 0,
            State::Unusable => device.problem().is_some(),
            other => self.states.is(device.id(), other),
        }
    }

    fn shares(
        &self,
        device: &Device<'a>,
        field: Field,
        how: fn(&Groups, DeviceId) -> bool,
    ) -> Option<bool> {
        let groups = self.groups.iter().find(|groups| groups.field == field)?;
        (!device.lacks(field)).then(|| how(groups, device.id()))
    }
}

/// What of a query can't be asked of this list.
pub(super) fn check(
    expression: &Expression,
    list: &DeviceList,
    states: &dyn States,
) -> Result<(), Mistake> {
    let mut first = Ok(());
    expression.visit(&mut |term| {
        if first.is_ok() {
            first = check_term(term, list, states);
        }
    });
    first
}

fn check_term(term: &Term, list: &DeviceList, states: &dyn States) -> Result<(), Mistake> {
    if let Some(field) = term
        .test
        .fields()
        .find(|&field| list.dates_undecided(field))
    {
        let message = format!(
            "day and month of '{}' can't be told apart in this list",
            field.heading()
        );
        return Err(
            Mistake::new(term.at, message).hint("save the list with dates such as 2026-04-03")
        );
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
            let message = format!("which devices are {} isn't known here", state.word());
            Err(Mistake::new(term.at, message).hint(states.hint()))
        }
    }
}

impl TextTest {
    fn ask(&self, text: &str) -> Option<bool> {
        match self {
            Self::Missing => Some(text.is_empty()),
            _ if text.is_empty() => None,
            Self::Contains(needle) => Some(needle.is_in(text)),
            Self::Equals(needle) => Some(needle.is(text)),
            Self::Matches(pattern) => Some(pattern.0.is_match(text)),
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
