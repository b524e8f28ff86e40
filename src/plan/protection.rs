//! Protection: the devices of a list that are never sent.
//!
//! Protection fails closed. A device is protected if a rule matches it, if it lacks a field that a rule
//! reads or its rows differ in it, or if it shares an identifier with a device that a rule matches: a
//! delete call by that identifier could reach the protected one.

#[cfg(test)]
mod tests;
mod uncertainty;

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use uncertainty::{RuleField, Uncertainty};

use crate::domain::device::MacAddress;
use crate::list::{Device, DeviceId, DeviceList};
use crate::query::{Matcher, Query, QueryError};
use crate::text::hex;

/// The queries of a profile's `protect`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules(Vec<Query>);

impl Rules {
    /// Rules that protect the devices that one of `queries` matches.
    pub fn new(queries: Vec<Query>) -> Self {
        Self(queries)
    }

    /// Why a query can't be a rule: it reads a device's state, or has a bare word, which names no field
    /// whose absence could protect a device.
    pub fn unfit(query: &Query) -> Option<String> {
        if let Some(state) = query.states().first() {
            return Some(format!(
                "protect can't use is:{}: rules match a list's fields, not the state of devices",
                state.as_str()
            ));
        }
        let word = crate::text::clip(query.bare_word()?, 24);
        Some(format!(
            "protect: '{word}' names no field, so that a device without the value can't be protected: \
             name a field, as in hostname:{word}"
        ))
    }

    /// True if nothing is protected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules, in the order of the configuration.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Query> {
        self.0.iter()
    }

    /// Why `rule` protects the device although it doesn't match, if it does: a value that it reads is
    /// not certain. Safe to show.
    pub fn uncertainty(rule: &Query, list: &DeviceList, device: &Device<'_>) -> Option<String> {
        let keys = rule.keys();
        keys.iter()
            .find_map(|key| Some(Uncertainty::of(key, list, device)?.reason(key)))
    }

    /// SHA-256 of the queries as written, in hexadecimal; empty for no rules. It identifies plans that
    /// were made under other rules.
    pub fn hash(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut hash = Sha256::new();
        for query in &self.0 {
            hash.update((query.text().len() as u64).to_be_bytes());
            hash.update(query.text().as_bytes());
        }
        hex(&hash.finalize())
    }

    /// Applies the rules to every device of `list`. An error, in which case nothing of the list may be
    /// sent, if a rule reads a column that the list doesn't have.
    pub fn apply(&self, list: &DeviceList) -> Result<Protection, RuleError> {
        let mut protection = Protection {
            reasons: vec![None; if self.is_empty() { 0 } else { list.len() }],
            ..Protection::default()
        };
        for query in &self.0 {
            protection.add(query, list).map_err(|error| RuleError {
                rule: crate::text::visible(query.text()).into_owned(),
                error,
            })?;
        }
        protection.spread(list);
        Ok(protection)
    }

    /// Why a device of which only an identifier is known is protected: every field that a rule reads is
    /// unknown.
    pub fn bare(&self) -> Option<String> {
        let key = self
            .0
            .iter()
            .find_map(|query| query.keys().into_iter().next());
        match key {
            Some(key) => Some(Uncertainty::Unknown.reason(&key)),
            None => (!self.is_empty()).then(|| "nothing but the identifier is known".to_owned()),
        }
    }
}

/// The terms of a rule that match no device and have letters that a guessed encoding can have misread.
/// What they protect can be in the list under other letters, while other terms match.
fn misread_terms(rule: &Query, list: &DeviceList) -> Vec<String> {
    let terms = rule.terms().into_iter();
    let with_letters = terms.filter(|term| !term.text().is_ascii());
    let without_match = with_letters.filter(|term| {
        let matcher = Matcher::of_rule(term, list);
        matcher.is_ok_and(|matcher| list.ids().all(|id| !matcher.matches(id)))
    });
    without_match
        .map(|term| crate::text::visible(term.text()).into_owned())
        .collect()
}

/// A rule that can't be applied to a list.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("protect '{rule}': {error}; nothing of this list can be sent")]
pub struct RuleError {
    rule: String,
    error: QueryError,
}

/// The protected devices of a list, and why each is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// By position in the list; empty without rules.
    reasons: Vec<Option<u16>>,
    texts: Vec<String>,
    /// The texts that say that a value is unknown.
    unknown: Vec<u16>,
    matches: Vec<RuleMatches>,
    /// Terms within rules that match no device of a list whose encoding was guessed, and have letters
    /// that the guess can have misread. Safe to show.
    misread: Vec<String>,
    held: HashMap<DeviceId, String>,
}

/// The number of devices that one rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleMatches {
    /// The query, safe to show.
    pub rule: String,
    /// Devices that the query matches. Devices that are protected because a value is missing, or
    /// because they share an identifier, are not counted.
    pub devices: u64,
}

impl Protection {
    /// Why the device is protected, if it is.
    pub fn reason(&self, id: DeviceId) -> Option<&str> {
        let text = (*self.reasons.get(id.index())?)?;
        self.texts.get(usize::from(text)).map(String::as_str)
    }

    /// True if this reason says that the list lacks a value that a rule reads.
    pub fn is_unknown(&self, reason: &str) -> bool {
        let mut texts = self.unknown.iter();
        texts.any(|&at| {
            self.texts
                .get(usize::from(at))
                .is_some_and(|text| text == reason)
        })
    }

    /// True if nothing is protected.
    pub fn is_empty(&self) -> bool {
        self.reasons.iter().all(Option::is_none)
    }

    /// The same, with the devices that are held and why, safe to show.
    #[must_use]
    pub fn with_held(mut self, held: HashMap<DeviceId, String>) -> Self {
        self.held = held;
        self
    }

    /// Why the device is held, if it is, as far as that was known when the list was opened.
    pub fn held(&self, id: DeviceId) -> Option<&str> {
        self.held.get(&id).map(String::as_str)
    }

    /// True if any device is held.
    pub fn has_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// How many devices each rule matches, in the order of the configuration.
    pub fn matches(&self) -> &[RuleMatches] {
        &self.matches
    }

    /// The rules that match no device, and the terms of the others that do so because of a guessed
    /// encoding; safe to show.
    pub fn rules_without_match(&self) -> Vec<String> {
        let none = self.matches.iter().filter(|rule| rule.devices == 0);
        let none = none.map(|rule| &rule.rule).chain(&self.misread);
        none.cloned().collect()
    }

    fn add(&mut self, query: &Query, list: &DeviceList) -> Result<(), QueryError> {
        let matcher = Matcher::of_rule(query, list)?;
        let name = crate::text::visible(query.text()).into_owned();
        let rule = self.text(name.clone());
        let read: Vec<RuleField> = query
            .keys()
            .into_iter()
            .map(|key| RuleField::new(key, |text| self.text(text)))
            .collect();
        self.unknown.extend(read.iter().map(|read| read.unknown));
        let mut devices = 0;
        for id in list.ids() {
            let is_match = matcher.matches(id);
            devices += u64::from(is_match);
            let Some(reason @ None) = self.reasons.get_mut(id.index()) else {
                continue;
            };
            if is_match {
                *reason = Some(rule);
            } else {
                let device = list.device(id);
                *reason = read
                    .iter()
                    .find_map(|field| field.uncertainty(list, &device));
            }
        }
        if devices > 0 && list.guessed_encoding().is_some() {
            self.misread.extend(misread_terms(query, list));
        }
        self.matches.push(RuleMatches {
            rule: name,
            devices,
        });
        Ok(())
    }

    /// Protects devices that share a MAC with a protected one. (Rows with the same HWID are one device.)
    fn spread(&mut self, list: &DeviceList) {
        let named = list.claims().filter(|(row, _)| self.reason(*row).is_some());
        let named: Vec<DeviceId> = named.filter_map(|(_, hwid)| list.find_hwid(hwid)).collect();
        if !named.is_empty() {
            let shared = self.text("a protected row names its hardware ID".to_owned());
            for id in named {
                if let Some(reason @ None) = self.reasons.get_mut(id.index()) {
                    *reason = Some(shared);
                }
            }
        }
        let mut macs: HashSet<MacAddress> = HashSet::new();
        for id in list.ids().filter(|&id| self.reason(id).is_some()) {
            macs.extend(identifying(list, id));
        }
        if macs.is_empty() {
            return;
        }
        let shared = self.text("shares a MAC address with a protected device".to_owned());
        for id in list.ids() {
            let touches = identifying(list, id).any(|mac| macs.contains(&mac));
            if let Some(reason @ None) = self.reasons.get_mut(id.index())
                && touches
            {
                *reason = Some(shared);
            }
        }
    }

    fn text(&mut self, text: String) -> u16 {
        let at = self.texts.iter().position(|known| *known == text);
        let at = at.unwrap_or_else(|| {
            self.texts.push(text);
            self.texts.len() - 1
        });
        // With more texts than that, further devices are protected with the first text.
        u16::try_from(at).unwrap_or(0)
    }
}

/// The device's MACs without those that a product gives to every computer.
fn identifying(list: &DeviceList, id: DeviceId) -> impl Iterator<Item = MacAddress> {
    list.device(id)
        .macs()
        .filter(|mac| !mac.is_known_constant())
}
