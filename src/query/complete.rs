//! Completion of the word at the end of a query.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::Query;
use super::state::State;
use super::subject;
use crate::list::{DeviceList, Field};

/// The maximum number of candidates.
const MOST: usize = 50;
/// The maximum number of values that are counted to find the most frequent ones.
const MOST_COUNTED: usize = 500;

/// The candidates for the text before the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The byte offset from which a candidate replaces the text.
    pub start: usize,
    /// In display order.
    pub candidates: Vec<String>,
}

/// The word before the cursor, and what can complete it.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// Where the word begins, after a minus: a byte offset.
    pub begin: usize,
    /// The byte offset from which a candidate replaces the text.
    pub start: usize,
    choices: Choices<'a>,
}

#[derive(Clone, Debug)]
enum Choices<'a> {
    /// The names that begin a term.
    Names(Vec<String>),
    /// What is known without a look at the devices.
    Fixed(Vec<String>),
    /// The values of a field.
    Values(ValueWord<'a>),
}

/// A value that is being typed.
#[derive(Clone, Copy, Debug)]
struct ValueWord<'a> {
    field: Field,
    /// What the value begins with.
    prefix: &'a str,
    /// The candidates begin with the operator, which is a colon so far: it finds values that contain what
    /// follows, so that a value that is a part of another one needs an equals sign.
    with_operator: bool,
}

impl<'a> Word<'a> {
    /// The word at the end of `before`. Takes no time that depends on the number of devices.
    pub fn of(before: &'a str, list: &DeviceList) -> Option<Self> {
        // A phrase can contain spaces: text after an unclosed quote belongs to the field before it.
        let quote = before
            .rfind('"')
            .filter(|_| before.matches('"').count() % 2 == 1);
        let terms = before.get(..quote.unwrap_or(before.len()))?;
        let begin = terms.rfind([' ', '(']).map_or(0, |at| at + 1);
        let word = before.get(begin..)?;
        let minus = word.len() - word.trim_start_matches('-').len();
        let (begin, word) = (begin + minus, word.get(minus..)?);
        let (start, choices) = match word.find([':', '=', '<', '>']) {
            None if word.starts_with('@') => (begin, Choices::Fixed(headers(word, list))),
            None => (begin, Choices::Names(names(word))),
            Some(at) => {
                let (name, rest) = word.split_at_checked(at)?;
                let (kept, choices) = after_name(name, rest, list)?;
                (begin + at + kept, choices)
            }
        };
        Some(Self {
            begin,
            start,
            choices,
        })
    }

    /// True if the word begins a term, so that a whole query could take its place.
    pub fn is_name(&self) -> bool {
        matches!(self.choices, Choices::Names(_))
    }

    /// True if it is completed by values of the devices, for which all have to be read.
    pub fn needs_values(&self) -> bool {
        matches!(self.choices, Choices::Values(_))
    }

    /// What completes the word: the names of fields, the states after `is:`, or the values that occur
    /// in `list`, the most frequent first.
    pub fn candidates(&self, list: &DeviceList) -> Vec<String> {
        match &self.choices {
            Choices::Names(texts) | Choices::Fixed(texts) => texts.clone(),
            Choices::Values(word) => occurring(*word, list),
        }
    }

    /// True if the word can become valid by further characters.
    fn can_be_completed(&self) -> bool {
        match &self.choices {
            Choices::Names(texts) | Choices::Fixed(texts) => !texts.is_empty(),
            // A part of an address; other texts are valid as they are.
            Choices::Values(word) => {
                let is_digit = |byte: u8| byte.is_ascii_hexdigit() || b":-.".contains(&byte);
                word.field == Field::Mac && word.prefix.bytes().all(is_digit)
            }
        }
    }
}

/// Completes the word at the end of `before`.
pub fn complete(before: &str, list: &DeviceList) -> Option<Completion> {
    let word = Word::of(before, list)?;
    let candidates = word.candidates(list);
    let start = word.start;
    (!candidates.is_empty()).then_some(Completion { start, candidates })
}

/// True if `text` is being typed and its end isn't there yet: a bare word that is the beginning of a
/// field's name (`uns`), an operator without a value (`unseen>`), an age without a unit, an unclosed
/// quote or parenthesis, or a value that can be completed to a valid one (`is:fa`).
pub fn is_incomplete(text: &str, list: &DeviceList) -> bool {
    match Query::parse(text) {
        Ok(_) => {
            let word = text.rsplit([' ', '(']).next().unwrap_or_default();
            let word = word.trim_start_matches('-');
            !word.is_empty()
                && text.matches('"').count().is_multiple_of(2)
                && !names(word).is_empty()
        }
        Err(error) => {
            let mut rest = text.chars().skip(error.column() - 1);
            let is_open = match (rest.next(), rest.next()) {
                // Something is missing at the end.
                (None, _) | (Some('-'), None) => true,
                (Some(first), _) => matches!(first, '"' | '(' | '/'),
            };
            is_open || Word::of(text, list).is_some_and(|word| word.can_be_completed())
        }
    }
}

/// Completes `@"…"` with the headers of the list's other columns.
fn headers(prefix: &str, list: &DeviceList) -> Vec<String> {
    let prefix = prefix.trim_start_matches(['@', '"']);
    let headers = list.other_columns().map(|column| list.header(column));
    headers
        .filter(|header| !header.contains('"') && starts_with(header, prefix))
        .take(MOST)
        .map(|header| format!("@\"{header}\":"))
        .collect()
}

fn names(prefix: &str) -> Vec<String> {
    subject::names()
        .filter(|name| starts_with(name, prefix))
        .map(|name| match name {
            "unseen" | "issues" => format!("{name}>"),
            "seen" | "enrolled" => format!("{name}>="),
            name => format!("{name}:"),
        })
        .collect()
}

/// What completes the operator and the value that follow a name, and how many bytes of them stay.
fn after_name<'a>(name: &str, rest: &'a str, list: &DeviceList) -> Option<(usize, Choices<'a>)> {
    let (operator, value) = split_operator(rest);
    if !["", ":", "=", "<", "<=", ">", ">="].contains(&operator) {
        return None;
    }
    // Dates and ages are mostly compared, rarely matched exactly: candidates replace a colon.
    let is_colon = operator == ":";
    let kept = if is_colon { 0 } else { operator.len() };
    if is_date(name) {
        let operators: &[&str] = if is_colon { &[">=", "<"] } else { &[""] };
        return Some((kept, Choices::Fixed(days(list, value, operators))));
    }
    if name.eq_ignore_ascii_case("unseen") {
        let operator = if is_colon { ">" } else { "" };
        return Some((kept, Choices::Fixed(ages(value, operator))));
    }
    // Besides dates, only numbers can be compared.
    if rest.starts_with(['<', '>']) && !name.eq_ignore_ascii_case("issues") {
        return None;
    }
    let value = rest.get(1..)?;
    // A comma separates values; complete the last one.
    let skipped = value.rfind(',').map_or(0, |comma| comma + 1);
    let with_operator = skipped == 0 && rest.starts_with(':');
    let choices = values(name, value.get(skipped..)?, with_operator);
    let kept = match choices {
        Choices::Values(_) if with_operator => 0,
        _ => 1 + skipped,
    };
    Some((kept, choices))
}

fn values<'a>(name: &str, prefix: &'a str, with_operator: bool) -> Choices<'a> {
    let prefix = prefix.trim_start_matches('"');
    let name = name.to_ascii_lowercase();
    match (name.as_str(), Field::from_name(&name)) {
        ("is", _) => {
            let states = State::ALL.iter().map(|state| state.as_str());
            let states = states.filter(|word| starts_with(word, prefix));
            Choices::Fixed(states.map(str::to_owned).collect())
        }
        ("dup" | "stale", _) => {
            let fields = Field::ALL.iter().map(|field| field.name());
            let fields = fields.filter(|of| starts_with(of, prefix));
            // Not every field can be shared.
            let fields = fields.filter(|of| Query::parse(&format!("{name}:{of}")).is_ok());
            Choices::Fixed(fields.map(str::to_owned).collect())
        }
        (_, Some(field)) => Choices::Values(ValueWord {
            field,
            prefix,
            with_operator,
        }),
        _ => Choices::Fixed(Vec::new()),
    }
}

/// The operator that the text begins with, and what follows.
fn split_operator(text: &str) -> (&str, &str) {
    let value = text.trim_start_matches([':', '=', '<', '>']);
    text.split_at(text.len() - value.len())
}

/// Times without contact that begin with `prefix`, behind the operator.
fn ages(prefix: &str, operator: &str) -> Vec<String> {
    let ages = ["30d", "60d", "90d", "180d", "365d"].into_iter();
    let ages = ages.filter(|age| starts_with(age, prefix));
    ages.map(|age| format!("{operator}{age}")).collect()
}

fn is_date(name: &str) -> bool {
    let field = Field::from_name(&name.to_ascii_lowercase());
    matches!(field, Some(Field::Seen | Field::Enrolled))
}

/// Dates 7 to 365 days before the list's time, prefixed by each operator.
fn days(list: &DeviceList, prefix: &str, operators: &[&str]) -> Vec<String> {
    let Some(time) = list.time() else {
        return Vec::new();
    };
    let day = |before: i64| {
        let time = time
            .checked_sub(SignedDuration::from_hours(24 * before))
            .ok()?;
        Some(time.strftime("%Y-%m-%d").to_string())
    };
    operators
        .iter()
        .flat_map(|operator| {
            let days = [7, 30, 90, 180, 365].into_iter().filter_map(day);
            days.map(move |day| format!("{operator}{day}"))
        })
        .filter(|day| starts_with(day.trim_start_matches(['<', '>', '=']), prefix))
        .collect()
}

fn occurring(word: ValueWord<'_>, list: &DeviceList) -> Vec<String> {
    let field = word.field;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut others: BTreeSet<String> = BTreeSet::new();
    let mut count = |value: &str| {
        if value.is_empty() {
            return;
        }
        if !starts_with(value, word.prefix) {
            if others.len() < MOST_COUNTED && !others.contains(value) {
                others.insert(value.to_owned());
            }
            return;
        }
        if let Some(count) = counts.get_mut(value) {
            *count += 1;
        } else if counts.len() < MOST_COUNTED {
            counts.insert(value.to_owned(), 1);
        }
    };
    for id in list.ids() {
        let device = list.device(id);
        if field == Field::Mac {
            // Count each address as a separate value.
            device.macs().for_each(|mac| count(&mac.to_string()));
        } else {
            device.values(field).for_each(&mut count);
            if field == Field::Issues {
                count(&device.text(field));
            }
        }
    }
    let all: Vec<String> = counts
        .keys()
        .chain(&others)
        .map(|value| value.to_lowercase())
        .collect();
    let operator = |value: &str| {
        let folded = value.to_lowercase();
        let is_part = all
            .iter()
            .any(|other| *other != folded && other.contains(&folded));
        match word.with_operator {
            true if is_part && field != Field::Mac => "=",
            true => ":",
            false => "",
        }
    };
    let mut values: Vec<(String, usize)> = counts.into_iter().collect();
    values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    values
        .into_iter()
        .take(MOST)
        // These can't be written as a value.
        .filter(|(value, _)| !value.contains(['"', '*']))
        .map(|(value, _)| format!("{}{}", operator(&value), quoted(value)))
        .collect()
}

/// The term that selects devices whose field is exactly `value`, or that have none if it is empty.
/// None if no term can hold the value, such as one with a quote.
pub fn term_for(field: Field, value: &str) -> Option<String> {
    let name = field.name();
    if value.is_empty() {
        return Some(format!("{name}:none"));
    }
    let term = format!("{name}={}", quoted(value.to_owned()));
    Query::parse(&term).is_ok().then_some(term)
}

/// Quotes a value unless it is one plain word.
fn quoted(value: String) -> String {
    let plain = value
        .chars()
        .all(|character| character.is_alphanumeric() || matches!(character, '.' | '_' | '-'));
    // Unquoted, `none` means a missing value.
    if plain && !value.starts_with('-') && !value.eq_ignore_ascii_case("none") {
        value
    } else {
        format!("\"{value}\"")
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.to_lowercase().starts_with(&prefix.to_lowercase())
}

#[cfg(test)]
mod tests;
