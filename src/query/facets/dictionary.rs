//! Numbers the values of one field, and records the number of each row's value.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::SignedDuration;

use super::form::Form;
use crate::list::{Device, DeviceId, DeviceList};
use crate::query::AgeBand;
use crate::query::key::{Columns, Key};
use crate::query::needle;
use crate::query::normal::folded;

/// The raw code of a row without a value, while the dictionary is built.
const MISSING: u32 = u32::MAX;
/// Marks the raw code of a row with several values.
const SET: u32 = 1 << 31;

/// The rows of one value among those that were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The rows that are shown.
    pub shown: u32,
    /// The shown rows that are marked.
    pub marked: u32,
}

/// The values of one field, and the value of every row.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// The first spelling of each value.
    texts: Vec<Box<str>>,
    /// All spellings of values that a query can select only with a regular expression.
    spellings: HashMap<usize, Vec<Box<str>>>,
    has_missing: bool,
    totals: Vec<u32>,
    codes: Codes,
    /// The values of rows that have several, by code beyond the last value.
    sets: Vec<Box<[u32]>>,
}

/// A number per row.
#[derive(Clone, Debug)]
enum Codes {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Dictionary {
    /// Reads the values of all rows.
    pub fn of(list: &DeviceList, key: &Key, form: Form) -> Self {
        let mut builder = Builder::default();
        if form == Form::Undecided {
            return builder.finish(&[]);
        }
        if form == Form::Ages {
            builder.texts = AgeBand::KNOWN.map(|band| band.as_str().into()).into();
            builder.totals = vec![0; AgeBand::KNOWN.len()];
        }
        let columns = Columns::of(key, list);
        let time = list.time().map(jiff::Timestamp::as_second);
        for id in list.ids() {
            let device = list.device(id);
            if form == Form::Texts {
                columns.any(&device, |text| {
                    builder.add_text(text);
                    false
                });
            } else {
                builder.add_number_of(&device, form, time);
            }
            builder.end_row();
        }
        let order = builder.order(form);
        builder.finish(&order)
    }

    /// The number of values, counting the missing value.
    pub fn len(&self) -> usize {
        self.totals.len()
    }

    /// The text of a value; `None` for the missing value.
    pub fn text(&self, value: usize) -> Option<&str> {
        self.texts.get(value).map(|text| &**text)
    }

    /// The texts of all values but the missing one.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    /// All spellings of a value with `"` or `*`.
    pub fn spellings(&self, value: usize) -> &[Box<str>] {
        self.spellings.get(&value).map_or(&[], Vec::as_slice)
    }

    /// True for the value of rows that have none.
    pub fn is_missing(&self, value: usize) -> bool {
        self.has_missing && value == self.texts.len()
    }

    /// The rows of each value in the whole list.
    pub fn totals(&self) -> &[u32] {
        &self.totals
    }

    /// True if the row has the value.
    pub fn has(&self, id: DeviceId, value: usize) -> bool {
        let code = match &self.codes {
            Codes::Narrow(codes) => codes.get(id.index()).map(|&code| usize::from(code)),
            Codes::Wide(codes) => codes.get(id.index()).map(|&code| code as usize),
        };
        let Some(code) = code else { return false };
        match code.checked_sub(self.len()) {
            None => code == value,
            Some(set) => {
                let values = self.sets.get(set);
                values.is_some_and(|values| values.iter().any(|&one| one as usize == value))
            }
        }
    }

    /// Counts the rows `shown` by value; `marked` says of each whether it is marked.
    pub fn count(&self, shown: &[DeviceId], marked: &[bool]) -> Vec<Count> {
        let mut counts = vec![Count::default(); self.len() + self.sets.len()];
        match &self.codes {
            Codes::Narrow(codes) => tally(codes, shown, marked, &mut counts),
            Codes::Wide(codes) => tally(codes, shown, marked, &mut counts),
        }
        let of_sets = counts.split_off(self.len());
        for (set, count) in self.sets.iter().zip(of_sets) {
            for &value in set {
                if let Some(of_value) = counts.get_mut(value as usize) {
                    of_value.shown += count.shown;
                    of_value.marked += count.marked;
                }
            }
        }
        counts
    }
}

fn tally<C: Copy + Into<u32>>(
    codes: &[C],
    shown: &[DeviceId],
    marked: &[bool],
    counts: &mut [Count],
) {
    for (id, &marked) in shown.iter().zip(marked) {
        let code = codes.get(id.index()).map(|&code| code.into() as usize);
        if let Some(count) = code.and_then(|code| counts.get_mut(code)) {
            count.shown += 1;
            count.marked += u32::from(marked);
        }
    }
}

/// A dictionary while its values are read, numbered in the order in which they occur.
#[derive(Default)]
struct Builder {
    texts: Vec<Box<str>>,
    spellings: HashMap<usize, Vec<Box<str>>>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    totals: Vec<u32>,
    missing: u32,
    codes: Vec<u32>,
    sets: Vec<Box<[u32]>>,
    set_index: HashMap<Box<[u32]>, u32>,
    /// The values of the current row, sorted.
    row: Vec<u32>,
}

impl Builder {
    fn add_text(&mut self, text: &str) {
        let texts = &self.texts;
        let hash = |text: &str| {
            let mut hasher = self.hasher.build_hasher();
            needle::hash(text, &mut hasher);
            hasher.finish()
        };
        let at = |value: u32| texts.get(value as usize).map_or("", |text| &**text);
        let of_text = hash(text);
        let known = self
            .index
            .find(of_text, |&value| needle::same(at(value), text))
            .copied();
        let value = known.unwrap_or_else(|| {
            let value = u32::try_from(texts.len()).unwrap_or_default();
            self.index
                .insert_unique(of_text, value, |&other| hash(at(other)));
            value
        });
        if known.is_none() {
            self.texts.push(text.into());
            self.totals.push(0);
        }
        let is_listed = self.spellings.contains_key(&(value as usize));
        if is_listed || known.is_none() && folded(text).contains(['"', '*']) {
            self.add_spelling(value as usize, text);
        }
        self.add(value);
    }

    fn add_spelling(&mut self, value: usize, text: &str) {
        let spellings = self.spellings.entry(value).or_default();
        if spellings.iter().all(|known| **known != *text) {
            spellings.push(text.into());
        }
    }

    /// Adds the values of a field that isn't stored as texts.
    fn add_number_of(&mut self, device: &Device<'_>, form: Form, time: Option<i64>) {
        match form {
            Form::Macs => {
                for mac in device.macs() {
                    self.add_text(&mac.to_string());
                }
            }
            Form::Numbers => {
                if let Some(issues) = device.issues() {
                    self.add_text(&issues.to_string());
                }
            }
            Form::Ages => {
                if let (Some(seen), Some(time)) = (device.last_seen(), time) {
                    let age = SignedDuration::from_secs(time.saturating_sub(seen.as_second()));
                    // Known bands are numbered in their order.
                    self.add(AgeBand::of(age) as u32);
                }
            }
            Form::Years => {
                if let Some(enrolled) = device.enrolled_at() {
                    self.add_text(&enrolled.strftime("%Y").to_string());
                }
            }
            Form::Texts | Form::Undecided => {}
        }
    }

    fn add(&mut self, value: u32) {
        if let Err(at) = self.row.binary_search(&value) {
            self.row.insert(at, value);
        }
    }

    fn end_row(&mut self) {
        for &value in &self.row {
            if let Some(total) = self.totals.get_mut(value as usize) {
                *total += 1;
            }
        }
        let code = match *self.row {
            [] => {
                self.missing += 1;
                MISSING
            }
            [value] => value,
            _ => match self.set_index.get(&*self.row) {
                Some(&set) => SET + set,
                None => {
                    let set = u32::try_from(self.sets.len()).unwrap_or_default();
                    self.sets.push(self.row.as_slice().into());
                    self.set_index.insert(self.row.as_slice().into(), set);
                    SET + set
                }
            },
        };
        self.codes.push(code);
        self.row.clear();
    }

    /// The values in display order.
    fn order(&self, form: Form) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(self.texts.len()).collect();
        let text = |value: u32| self.texts.get(value as usize).map_or("", |text| &**text);
        let total = |value: u32| self.totals.get(value as usize).copied().unwrap_or(0);
        match form {
            Form::Ages | Form::Undecided => {}
            Form::Years => order.sort_by(|&a, &b| text(b).cmp(text(a))),
            Form::Numbers => order.sort_by_key(|&value| {
                let number = text(value).parse::<u32>().unwrap_or(0);
                (std::cmp::Reverse(total(value)), number)
            }),
            Form::Texts | Form::Macs => {
                let mut named: Vec<(std::cmp::Reverse<u32>, String, u32)> = order
                    .iter()
                    .map(|&value| (std::cmp::Reverse(total(value)), folded(text(value)), value))
                    .collect();
                named.sort_unstable();
                order = named.into_iter().map(|(_, _, value)| value).collect();
            }
        }
        order
    }

    /// Renumbers all values to their position in `order`.
    fn finish(self, order: &[u32]) -> Dictionary {
        let mut positions = vec![0_u32; order.len()];
        for (position, &value) in (0..).zip(order) {
            if let Some(place) = positions.get_mut(value as usize) {
                *place = position;
            }
        }
        let position = |value: u32| positions.get(value as usize).copied().unwrap_or(0);
        let missing = u32::try_from(order.len()).unwrap_or(SET);
        let has_missing = self.missing > 0;
        let first_set = missing + u32::from(has_missing);
        let codes = self.codes.into_iter();
        let codes = codes.map(|code| match code {
            MISSING => missing,
            set if set & SET != 0 => first_set + (set & !SET),
            value => position(value),
        });
        let wide: Vec<u32> = codes.collect();
        let narrow: Result<Vec<u16>, _> = wide.iter().map(|&code| u16::try_from(code)).collect();
        let codes = narrow.map_or(Codes::Wide(wide), Codes::Narrow);
        let pick = |value: &u32| self.totals.get(*value as usize).copied().unwrap_or(0);
        let totals = order.iter().map(pick);
        let totals = totals.chain(has_missing.then_some(self.missing)).collect();
        let spellings = self.spellings.into_iter();
        let spellings = spellings
            .map(|(value, texts)| {
                let value = u32::try_from(value).unwrap_or(MISSING);
                (position(value) as usize, texts)
            })
            .collect();
        let mut texts = self.texts;
        let texts = order.iter().map(|&value| {
            let text = texts.get_mut(value as usize);
            text.map(std::mem::take).unwrap_or_default()
        });
        Dictionary {
            texts: texts.collect(),
            spellings,
            has_missing,
            totals,
            codes,
            sets: self
                .sets
                .iter()
                .map(|set| set.iter().map(|&value| position(value)).collect())
                .collect(),
        }
    }
}
