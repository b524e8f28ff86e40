//! Holds: devices that nobody may send until a date.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::earlier::Candidate;
use crate::domain::device::{Hwid, Identifier, MacAddress};
use crate::list::Device;

/// A device that may not be sent until a date, whatever selects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its hardware ID, if that is known.
    pub hwid: Option<Hwid>,
    /// Its MAC addresses that identify it.
    pub macs: Vec<MacAddress>,
    /// As the list has it; may be empty.
    pub hostname: String,
    /// The last day of the hold, in UTC.
    pub until: Date,
    /// Why; not safe to show.
    pub reason: String,
    /// Who answers for it, if that was said; not safe to show.
    pub owner: Option<String>,
}

impl Hold {
    /// A hold of no device yet.
    pub fn template(
        until: Date,
        reason: &str,
        owner: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, HoldError> {
        let today = Offset::UTC.to_datetime(now).date();
        if until < today {
            return Err(HoldError::Over { until, today });
        }
        if reason.trim().is_empty() {
            return Err(HoldError::NoReason);
        }
        let owner = owner.map(str::trim).filter(|owner| !owner.is_empty());
        Ok(Self {
            hwid: None,
            macs: Vec::new(),
            hostname: String::new(),
            until,
            reason: reason.trim().to_owned(),
            owner: owner.map(str::to_owned),
        })
    }

    /// The same hold for a device of a list; none if nothing identifies it.
    #[must_use]
    pub fn for_device(&self, device: &Device<'_>) -> Option<Self> {
        let hold = Self {
            hwid: device.sent_hwid(),
            macs: device
                .macs()
                .filter(|mac| !mac.is_known_constant())
                .collect(),
            hostname: device.hostname().to_owned(),
            ..self.clone()
        };
        let is_identified = hold.keys().next().is_some();
        is_identified.then_some(hold)
    }

    /// The device as one that could be sent.
    pub fn candidate(&self) -> Candidate<'_> {
        Candidate {
            sent: None,
            hwid: self.hwid.as_ref(),
            macs: &self.macs,
            enrolled: None,
            removed_by: None,
        }
    }

    /// True if the device is the one that was held: by HWID where both have one, since computers share docks
    /// and their MAC addresses; else by MAC address. Another device may be [held](Holds::of) by it.
    pub fn is_of(&self, candidate: Candidate<'_>) -> bool {
        match (&self.hwid, candidate.hwid) {
            (Some(own), Some(other)) => own.is(other.as_str()),
            _ => self
                .keys()
                .any(|own| candidate.keys().any(|key| key == own)),
        }
    }

    /// The identifiers by which it is found, in normal form.
    pub fn keys(&self) -> impl Iterator<Item = Identifier> {
        let own = self.macs.iter().filter(|mac| !mac.is_known_constant());
        let hwid = self.hwid.clone().map(Identifier::Hwid);
        hwid.iter()
            .map(Identifier::normal_form)
            .chain(own.map(|&mac| Identifier::Mac(mac)))
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// Why a hold can't be added. The message begins with the name of what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoldError {
    /// Its last day is over.
    #[error("until {until} is over: give today's date, {today}, or a later one")]
    Over {
        /// The given day.
        until: Date,
        /// This day, in UTC.
        today: Date,
    },
    /// Nobody would know why.
    #[error("reason is empty: say why the devices are held")]
    NoReason,
}

/// The holds that are in force, by all their identifiers.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    holds: Vec<Hold>,
    by_key: HashMap<Identifier, Vec<usize>>,
}

impl Holds {
    /// Adds a hold.
    pub fn insert(&mut self, hold: Hold) {
        for key in hold.keys() {
            self.by_key.entry(key).or_default().push(self.holds.len());
        }
        self.holds.push(hold);
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.holds.is_empty()
    }

    /// The hold of the device, if it has one; of several the one that ends last. As with protection, a
    /// shared identifier is enough: a call by it could reach the held device.
    pub fn of(&self, candidate: Candidate<'_>) -> Option<&Hold> {
        if self.is_empty() {
            return None;
        }
        let found = candidate
            .keys()
            .filter_map(|key| self.by_key.get(&key))
            .flatten();
        found
            .filter_map(|&index| self.holds.get(index))
            .max_by_key(|hold| hold.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(hwid: Option<&str>, macs: &[&str], until: &str) -> Hold {
        let mac = |text: &&str| MacAddress::parse(text).expect("a MAC");
        Hold {
            hwid: hwid.map(|hwid| Hwid::parse(hwid).expect("a HWID")),
            macs: macs.iter().map(mac).collect(),
            hostname: String::new(),
            until: until.parse().expect("a date"),
            reason: "leave".to_owned(),
            owner: None,
        }
    }

    #[test]
    fn hold_covers_every_device_with_one_of_its_identifiers() {
        let mut holds = Holds::default();
        holds.insert(hold(Some("H1"), &["00-0c-29-00-00-01"], "2026-12-01"));
        holds.insert(hold(None, &["00:0c:29:00:00:01"], "2026-12-31"));
        holds.insert(hold(Some("h9"), &["00:05:9a:3c:7a:00"], "2026-12-31"));
        let until = |hwid: Option<&str>, macs: &[&str]| {
            let other = hold(hwid, macs, "2026-01-01");
            holds
                .of(other.candidate())
                .map(|hold| hold.until.to_string())
        };
        assert_eq!(until(Some("h1"), &[]).as_deref(), Some("2026-12-01"));
        assert_eq!(
            until(Some("h1"), &["00:0c:29:00:00:01"]).as_deref(),
            Some("2026-12-31"),
            "the one that ends last"
        );
        assert_eq!(until(Some("h2"), &["00:0c:29:00:00:02"]), None);
        assert_eq!(
            until(None, &["00:05:9a:3c:7a:00"]),
            None,
            "a constant identifies no device"
        );
    }

    #[test]
    fn hold_is_of_the_device_that_was_held_and_not_of_one_with_its_dock() {
        let dock = "00:0c:29:00:00:01";
        let is_of = |own: Option<&str>, other: Option<&str>, macs: &[&str]| {
            let other = hold(other, macs, "2026-01-01");
            hold(own, &[dock], "2026-01-01").is_of(other.candidate())
        };
        assert!(is_of(Some("H1"), Some("h1"), &[]));
        assert!(!is_of(Some("h1"), Some("h2"), &[dock]));
        assert!(is_of(None, Some("h2"), &[dock]));
        assert!(is_of(Some("h1"), None, &[dock]));
        assert!(!is_of(Some("h1"), None, &["00:0c:29:00:00:02"]));
    }

    #[test]
    fn template_ends_today_or_later_and_has_a_reason() {
        let now: Timestamp = "2026-11-28T23:59:00Z".parse().expect("a time");
        let template = |until: &str, reason, owner| {
            let until = until.parse().expect("a date");
            Hold::template(until, reason, owner, now)
        };
        let hold = template("2026-11-28", " leave ", Some(" ")).expect("today counts");
        assert_eq!((hold.reason.as_str(), hold.owner), ("leave", None));
        let hold = template("2027-01-01", "leave", Some("ada ")).expect("a hold");
        assert_eq!(hold.owner.as_deref(), Some("ada"));
        assert!(matches!(
            template("2026-11-27", "leave", None),
            Err(HoldError::Over { .. })
        ));
        assert_eq!(template("2026-11-28", " ", None), Err(HoldError::NoReason));
    }
}
