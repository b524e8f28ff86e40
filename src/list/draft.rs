//! One row while it is read: values are put in under their meaning, then settled.
//!
//! Where several names mean the same field, the first value that isn't blank wins. Identifiers are
//! strict: two HWIDs in a row that differ (a repeated key, two columns) make it unusable.

use super::ColumnId;
use super::columns::Meaning;
use super::date::{Date, DayOrMonth};
use super::field::{Differing, Field, TEXT_COUNT, TEXT_FIELDS};
use super::problem::Problem;
use super::store::Seconds;
use super::values;
use crate::device::{Hwid, IdentifierError, MacAddress};

/// More addresses than this in one device are refused.
const MOST_MACS: usize = 256;

/// A row, or a device that rows are folded into. Reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// By [`Field::text_slot`]; the HWID only if it can be sent.
    pub texts: [String; TEXT_COUNT],
    others: Vec<(ColumnId, String)>,
    /// How many of them are in use; the rest are empty and keep their memory.
    other_count: usize,
    pub macs: Vec<MacAddress>,
    pub issues: Option<u32>,
    pub seen: Seconds,
    pub enrolled: Seconds,
    /// Dates that wait for their column to be read.
    pub open_dates: [Option<DayOrMonth>; 2],
    /// Dates that can't be read.
    pub unreadable: [bool; 2],
    pub problem: Option<Problem>,
    mac_error: Option<IdentifierError>,
    hwid: String,
    device_id: String,
    device_name: String,
    adapter_ip: String,
    os_family: String,
    os_version: String,
}

/// The fields that are dates, in the order of [`Draft::open_dates`].
pub(super) const DATE_FIELDS: [Field; 2] = [Field::Seen, Field::Enrolled];

impl Draft {
    /// Empties it for the next row; its memory stays.
    pub fn clear(&mut self) {
        self.texts.iter_mut().for_each(String::clear);
        self.other_count = 0;
        for text in [
            &mut self.hwid,
            &mut self.device_id,
            &mut self.device_name,
            &mut self.adapter_ip,
            &mut self.os_family,
            &mut self.os_version,
        ] {
            text.clear();
        }
        self.macs.clear();
        self.issues = None;
        self.seen = Seconds::default();
        self.enrolled = Seconds::default();
        self.open_dates = [None; 2];
        self.unreadable = [false; 2];
        self.problem = None;
        self.mac_error = None;
    }

    /// What it has in the list's other columns.
    pub fn others(&self) -> &[(ColumnId, String)] {
        self.others.get(..self.other_count).unwrap_or_default()
    }

    /// Adds the values that `joined` holds in another column of the list.
    pub fn put_column(&mut self, column: ColumnId, joined: &str) {
        let used = self.others.get_mut(..self.other_count).unwrap_or_default();
        if let Some((_, kept)) = used.iter_mut().find(|(other, _)| *other == column) {
            values::add_all(kept, joined);
            return;
        }
        match self.others.get_mut(self.other_count) {
            Some((other, kept)) => {
                *other = column;
                kept.clear();
                kept.push_str(joined);
            }
            None => self.others.push((column, joined.to_owned())),
        }
        self.other_count += 1;
    }

    /// Takes a text.
    pub fn put(&mut self, meaning: Meaning, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match meaning {
            Meaning::Hwid => self.put_hwid(text),
            Meaning::DeviceId => keep_first(&mut self.device_id, text),
            Meaning::Mac => self.put_macs(text),
            Meaning::Seen => self.put_date(0, Date::parse(text)),
            Meaning::Enrolled => self.put_date(1, Date::parse(text)),
            Meaning::Issues => {
                if self.issues.is_none() {
                    self.issues = text.parse().ok();
                }
            }
            Meaning::DeviceName => keep_first(&mut self.device_name, text),
            Meaning::AdapterIp => keep_first(&mut self.adapter_ip, text),
            Meaning::OsFamily => keep_first(&mut self.os_family, text),
            Meaning::OsVersion => keep_first(&mut self.os_version, text),
            Meaning::Hostname => self.keep(Field::Hostname, text),
            Meaning::Nickname => self.keep(Field::Nickname, text),
            Meaning::Ip => self.keep(Field::Ip, text),
            Meaning::Os => self.keep(Field::Os, text),
            Meaning::Type => self.keep(Field::Type, text),
            Meaning::Status => self.keep(Field::Status, text),
            Meaning::Severity => self.keep(Field::Severity, text),
            Meaning::Group => self.keep(Field::Group, text),
            Meaning::User => self.keep(Field::User, text),
            Meaning::Agent => self.keep(Field::Agent, text),
            Meaning::Serial => self.keep(Field::Serial, text),
            Meaning::Asset => self.keep(Field::Asset, text),
            Meaning::Domain => self.keep(Field::Domain, text),
            Meaning::Source => self.keep(Field::Source, text),
            Meaning::Unusable => self.problem = Some(Problem::exported(text)),
            Meaning::Network | Meaning::Device | Meaning::Marker => {}
        }
    }

    /// Takes a JSON number.
    pub fn put_number(&mut self, meaning: Meaning, number: i64) {
        match meaning {
            Meaning::Seen => self.put_date(0, Date::from_number(number)),
            Meaning::Enrolled => self.put_date(1, Date::from_number(number)),
            Meaning::Hwid | Meaning::DeviceId => self.put_other(meaning),
            Meaning::Mac => self.mac_error = Some(IdentifierError::NotAMac),
            other => self.put(other, &number.to_string()),
        }
    }

    /// Takes a JSON value of a kind that no field has: an identifier must be a text.
    pub fn put_other(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Hwid | Meaning::DeviceId => {
                self.problem = self.problem.or(Some(Problem::HwidNotText));
            }
            Meaning::Unusable => self.problem = Some(Problem::Marked),
            _ => {}
        }
    }

    /// Decides what the values together say.
    pub fn settle(&mut self) {
        if self.hwid.is_empty() {
            std::mem::swap(&mut self.hwid, &mut self.device_id);
        }
        if self.problem.is_none() && !self.hwid.is_empty() {
            match Hwid::parse(&self.hwid) {
                Ok(hwid) => self.texts[0].push_str(hwid.as_str()),
                Err(error) => self.problem = Some(error.into()),
            }
        }
        if self.problem.is_none() && self.texts[0].is_empty() {
            // Without a HWID an address that can't be read may be the one that matters.
            self.problem = match self.mac_error {
                Some(error) if self.macs.is_empty() || error == IdentifierError::NotAMac => {
                    Some(error.into())
                }
                _ if self.macs.is_empty() => Some(Problem::NoIdentifier),
                _ => None,
            };
        }
        for (field, text) in [
            (Field::Hostname, &self.device_name),
            (Field::Ip, &self.adapter_ip),
            (Field::Os, &self.os_family),
        ] {
            if let Some(slot) = field.text_slot() {
                keep_first(&mut self.texts[slot], text);
            }
        }
        if let Some(slot) = Field::Os.text_slot() {
            let os = &mut self.texts[slot];
            if !self.os_version.is_empty() && !os.contains(&self.os_version) {
                if !os.is_empty() {
                    os.push(' ');
                }
                os.push_str(&self.os_version);
            }
        }
    }

    /// Folds a later row of the same device into this one. Returns the fields of which the two say
    /// different things; of these the first is kept.
    pub fn merge(&mut self, later: &Self) -> Differing {
        let mut differing = Differing::default();
        for ((field, text), other) in TEXT_FIELDS
            .into_iter()
            .zip(&mut self.texts)
            .zip(&later.texts)
        {
            if !text.is_empty() && !other.is_empty() && !text.eq_ignore_ascii_case(other) {
                differing.add(field);
            }
            values::add_all(text, other);
        }
        for (column, text) in later.others() {
            self.put_column(*column, text);
        }
        for &mac in &later.macs {
            self.put_mac(mac);
        }
        if later.issues.is_some()
            && self
                .issues
                .is_some_and(|issues| later.issues != Some(issues))
        {
            differing.add(Field::Issues);
        }
        self.issues = self.issues.or(later.issues);
        self.seen = self.seen.max(later.seen);
        if self.enrolled == Seconds::default() {
            self.enrolled = later.enrolled;
        } else if later.enrolled != Seconds::default() && later.enrolled != self.enrolled {
            differing.add(Field::Enrolled);
        }
        differing
    }

    fn keep(&mut self, field: Field, text: &str) {
        if let Some(slot) = field.text_slot() {
            keep_first(&mut self.texts[slot], text);
        }
    }

    fn put_hwid(&mut self, text: &str) {
        if self.hwid.is_empty() {
            // Never clipped: a cut HWID could be another device's.
            self.hwid.push_str(text);
        } else if self.hwid != text {
            self.problem = Some(Problem::TwoHwids);
        }
    }

    /// A cell may hold several addresses.
    fn put_macs(&mut self, text: &str) {
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'));
        for part in parts.filter(|part| !part.is_empty()) {
            match MacAddress::parse(part) {
                Ok(mac) => self.put_mac(mac),
                // The worst of them is told: one that can't be read at all.
                Err(error) if self.mac_error != Some(IdentifierError::NotAMac) => {
                    self.mac_error = Some(error);
                }
                Err(_) => {}
            }
        }
    }

    fn put_mac(&mut self, mac: MacAddress) {
        if self.macs.contains(&mac) {
            return;
        }
        if self.macs.len() < MOST_MACS {
            self.macs.push(mac);
        } else {
            self.problem = Some(Problem::TooManyMacs);
        }
    }

    fn put_date(&mut self, which: usize, date: Date) {
        let kept = if which == 0 {
            &mut self.seen
        } else {
            &mut self.enrolled
        };
        match date {
            Date::At(seconds) if kept.0 == 0 => *kept = seconds,
            Date::At(_) => {}
            Date::DayOrMonth(open) => {
                self.open_dates[which] = self.open_dates[which].or(Some(open));
            }
            Date::Unreadable => self.unreadable[which] = true,
        }
    }
}

fn keep_first(kept: &mut String, text: &str) {
    values::add(kept, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(values: &[(Meaning, &str)]) -> Draft {
        let mut draft = Draft::default();
        for &(meaning, text) in values {
            draft.put(meaning, text);
        }
        draft.settle();
        draft
    }

    #[test]
    fn a_hwid_column_wins_over_a_device_id() {
        let draft = settled(&[(Meaning::DeviceId, "ASSET-1"), (Meaning::Hwid, "abc")]);
        assert_eq!(draft.texts[0], "abc");
        let draft = settled(&[(Meaning::DeviceId, "12ds44f5gacd52234")]);
        assert_eq!(draft.texts[0], "12ds44f5gacd52234");
    }

    #[test]
    fn what_contradicts_itself_is_unusable() {
        let same = settled(&[(Meaning::Hwid, "abc"), (Meaning::Hwid, " abc ")]);
        assert_eq!(same.problem, None);
        let other = settled(&[(Meaning::Hwid, "abc"), (Meaning::Hwid, "abd")]);
        assert_eq!(other.problem, Some(Problem::TwoHwids));
        assert!(other.texts[0].is_empty());
    }

    #[test]
    fn without_a_hwid_no_unreadable_mac_is_passed_over() {
        let problem = |text: &str| settled(&[(Meaning::Mac, text)]).problem;
        assert_eq!(problem("00:0c:29:cd:c7:b2, 00:00:00:00:00:00"), None);
        assert_eq!(
            problem("00:00:00:00:00:00"),
            Some(IdentifierError::ZeroMac.into())
        );
        assert_eq!(
            problem("00:0c:29:cd:c7:b2 n/a"),
            Some(IdentifierError::NotAMac.into())
        );
        assert_eq!(problem(" "), Some(Problem::NoIdentifier));
        let draft = settled(&[(Meaning::Hwid, "abc"), (Meaning::Mac, "n/a")]);
        assert_eq!(draft.problem, None);
    }

    #[test]
    fn a_long_text_is_clipped_and_a_long_hwid_is_not() {
        let long = "x".repeat(65_536);
        let draft = settled(&[(Meaning::Hwid, &long), (Meaning::User, &long)]);
        assert_eq!(draft.problem, Some(IdentifierError::HwidTooLong.into()));
        assert_eq!(draft.texts[3].len(), long.len());
    }

    #[test]
    fn an_operating_system_has_its_version_once() {
        let os = |name, version| {
            settled(&[(Meaning::Os, name), (Meaning::OsVersion, version)]).texts[5].clone()
        };
        assert_eq!(os("Ubuntu", "22.04"), "Ubuntu 22.04");
        assert_eq!(os("Ubuntu 22.04", "22.04"), "Ubuntu 22.04");
    }
}
