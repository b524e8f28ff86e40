//! Collects the values of one row by meaning, and combines them when the row is complete.
//!
//! If several columns mean the same field, all their values count, and the value of the best-known
//! header is shown. Two different HWIDs in a row (a repeated key, two columns) make it unusable.

mod identifiers;
#[cfg(test)]
mod tests;

use crate::domain::device::{Hwid, IdentifierError, MacAddress};
use crate::list::ColumnId;
use crate::list::fields::cells;
use crate::list::fields::dates::{Date, OpenDate};
use crate::list::fields::field::{Field, FieldSet, TEXT_FIELDS};
use crate::list::fields::headers::{Alias, Meaning};
use crate::list::fields::missing_values::is_error_value;
use crate::list::fields::seconds::Seconds;
use crate::list::fields::values;
use crate::list::report::problem::Problem;

/// A row, or a device into which rows are merged. Reused for each row.
#[derive(Debug, Default)]
pub(in crate::list) struct Draft {
    /// By [`Field::text_slot`], each with all [`values`]; the HWID only if it can be sent.
    pub texts: [String; TEXT_FIELDS.len()],
    /// The rank of the header that the shown value of each text comes from.
    ranks: [u16; TEXT_FIELDS.len()],
    others: Vec<(ColumnId, String)>,
    /// The number of `others` in use; the rest only retain their memory.
    other_count: usize,
    pub macs: Vec<MacAddress>,
    pub issues: Option<u32>,
    pub seen: Seconds,
    pub enrolled: Seconds,
    /// Dates whose order is decided when the whole column is known.
    pub open_dates: Vec<(ColumnId, OpenDate)>,
    pub problem: Option<Problem>,
    /// The number of values that are errors of a spreadsheet.
    pub errors: u64,
    /// The fields that they are in.
    pub unreadable: FieldSet,
    mac_error: Option<IdentifierError>,
    /// Why a value in a HWID column is not a HWID, if the row can still be identified otherwise.
    hwid_fault: Option<Problem>,
    hwid: String,
    /// All HWIDs that the row names, even if it is unusable.
    claimed: String,
    /// All device IDs, those of the best-known header first.
    device_id: String,
    device_id_rank: u16,
    /// True if two values of that header differ.
    device_ids_differ: bool,
    adapter_ip: String,
    os_family: String,
    os_version: String,
    first_name: String,
    last_name: String,
}

/// The result of reading a date value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::list) enum DateNote {
    /// A time, or a placeholder.
    Fine,
    /// A date whose order is decided for the whole column.
    Open(OpenDate),
    /// Not a readable date.
    Unreadable,
    Future,
}

impl Draft {
    /// Clears the draft for the next row and retains its memory.
    pub fn clear(&mut self) {
        self.texts.iter_mut().for_each(String::clear);
        self.other_count = 0;
        for text in [
            &mut self.hwid,
            &mut self.claimed,
            &mut self.device_id,
            &mut self.adapter_ip,
            &mut self.os_family,
            &mut self.os_version,
            &mut self.first_name,
            &mut self.last_name,
        ] {
            text.clear();
        }
        self.macs.clear();
        self.issues = None;
        self.seen = Seconds::default();
        self.enrolled = Seconds::default();
        self.open_dates.clear();
        self.problem = None;
        self.errors = 0;
        self.unreadable = FieldSet::default();
        self.mac_error = None;
        self.hwid_fault = None;
        self.device_ids_differ = false;
    }

    /// The HWIDs that the row names, even if it is unusable.
    pub fn claimed_hwids(&self) -> impl Iterator<Item = &str> {
        let of_id = if self.claimed.is_empty() {
            &self.device_id
        } else {
            ""
        };
        values::all(&self.claimed).chain(values::all(of_id))
    }

    /// The values of the list's other columns.
    pub fn others(&self) -> &[(ColumnId, String)] {
        self.others.get(..self.other_count).unwrap_or_default()
    }

    /// Adds the values in `joined` to another column of the list.
    pub fn put_column(&mut self, column: ColumnId, joined: &str) {
        let used = self.others.get_mut(..self.other_count).unwrap_or_default();
        if let Some((_, stored)) = used.iter_mut().find(|(other, _)| *other == column) {
            values::add_all(stored, joined);
            return;
        }
        match self.others.get_mut(self.other_count) {
            Some((other, stored)) => {
                *other = column;
                stored.clear();
                stored.push_str(joined);
            }
            None => self.others.push((column, joined.to_owned())),
        }
        self.other_count += 1;
    }

    /// Adds a [cleaned](cells::clean) text that isn't a date.
    pub fn put(&mut self, alias: Alias, text: &str) {
        match alias.meaning {
            Meaning::Hwid => self.put_hwid(text),
            Meaning::DeviceId => self.put_device_id(alias.rank, text),
            Meaning::Mac => self.put_macs(text),
            Meaning::Issues => {
                if self.issues.is_none() {
                    self.issues = text.parse().ok();
                }
            }
            Meaning::AdapterIp => values::add(&mut self.adapter_ip, text),
            Meaning::OsFamily => values::add(&mut self.os_family, text),
            Meaning::OsVersion => values::add(&mut self.os_version, text),
            Meaning::Person => self.put_text(Field::User, PERSON_RANK + alias.rank, text),
            Meaning::FirstName | Meaning::LastName if is_error_value(text) => {}
            Meaning::FirstName => values::add(&mut self.first_name, text),
            Meaning::LastName => values::add(&mut self.last_name, text),
            Meaning::Text(field) => self.put_text(field, alias.rank, text),
            Meaning::Unusable => self.problem = Some(Problem::exported(text)),
            Meaning::Seen
            | Meaning::Enrolled
            | Meaning::Network
            | Meaning::Device
            | Meaning::Marker => {}
        }
    }

    /// Records an error of a spreadsheet in place of a value.
    pub fn put_error(&mut self, field: Option<Field>) {
        self.errors += 1;
        if let Some(field) = field {
            self.unreadable.add(field);
        }
    }

    /// Records a JSON value that isn't a text: an identifier must be a text.
    pub fn put_no_text(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Hwid | Meaning::DeviceId => {
                self.problem = self.problem.or(Some(Problem::HwidNotText));
            }
            Meaning::Mac => self.mac_error = Some(IdentifierError::NotAMac),
            Meaning::Unusable => self.problem = Some(Problem::Marked),
            _ => {}
        }
    }

    /// Adds a date. A date after `horizon` is in the future and counts as unreadable.
    pub fn put_date(
        &mut self,
        column: ColumnId,
        meaning: Meaning,
        date: Date,
        horizon: Seconds,
    ) -> DateNote {
        let stored = match meaning {
            Meaning::Enrolled => &mut self.enrolled,
            _ => &mut self.seen,
        };
        let (seconds, note) = match date {
            Date::Nothing => return DateNote::Fine,
            Date::At(seconds) if seconds <= horizon => (seconds, DateNote::Fine),
            Date::At(_) => (Seconds::UNREADABLE, DateNote::Future),
            Date::Open(open) => {
                self.open_dates.push((column, open));
                return DateNote::Open(open);
            }
            Date::Unreadable => (Seconds::UNREADABLE, DateNote::Unreadable),
        };
        *stored = match meaning {
            // If several columns have an enrolment date, the first one counts.
            Meaning::Enrolled if *stored != Seconds::default() => *stored,
            _ => seconds.max(*stored),
        };
        note
    }

    /// Combines the values of the complete row.
    pub fn finish_row(&mut self) {
        if self.hwid.is_empty() && self.device_ids_differ {
            self.problem = self.problem.or(Some(Problem::TwoHwids));
        } else if self.hwid.is_empty() {
            self.hwid.push_str(values::first(&self.device_id));
        }
        if self.problem.is_none() && !self.hwid.is_empty() {
            match Hwid::parse(&self.hwid) {
                Ok(hwid) => self.put_text(Field::Hwid, 0, hwid.as_str()),
                Err(error) => self.problem = Some(error.into()),
            }
        }
        self.combine_names();
        if self.problem.is_none() && self.text(Field::Hwid).is_empty() {
            // Without a HWID, an unreadable address may be the one that identifies the device.
            self.problem = match self.mac_error {
                Some(error) if self.macs.is_empty() || error == IdentifierError::NotAMac => {
                    Some(error.into())
                }
                _ if self.macs.is_empty() => Some(self.without_identifier()),
                _ => None,
            };
        }
    }

    fn combine_names(&mut self) {
        for (field, text) in [(Field::Ip, &self.adapter_ip), (Field::Os, &self.os_family)] {
            if let Some(slot) = field.text_slot() {
                values::add_all(&mut self.texts[slot], text);
            }
        }
        if let Some(slot) = Field::Os.text_slot()
            && let version = values::first(&self.os_version)
            && !version.is_empty()
            && !self.texts[slot].contains(version)
        {
            let name = values::first(&self.texts[slot]);
            let named = if name.is_empty() {
                version.to_owned()
            } else {
                format!("{name} {version}")
            };
            values::add_first(&mut self.texts[slot], &named);
        }
        let names = [
            values::first(&self.first_name),
            values::first(&self.last_name),
        ];
        if names.iter().any(|name| !name.is_empty()) {
            let full = names.join(" ");
            self.put_text(Field::User, u16::MAX, full.trim());
        }
    }

    /// The first value of a text field.
    pub fn text(&self, field: Field) -> &str {
        field
            .text_slot()
            .map_or("", |slot| values::first(&self.texts[slot]))
    }

    /// The problem of a row without an identifier. With a name or a serial number it can be matched
    /// with the inventory.
    fn without_identifier(&self) -> Problem {
        let can_be_matched = [Field::Hostname, Field::Nickname, Field::Serial, Field::User]
            .into_iter()
            .any(|field| !self.text(field).is_empty());
        match self.hwid_fault {
            Some(fault) => fault,
            None if can_be_matched => Problem::Unmatched,
            None => Problem::NoIdentifier,
        }
    }

    /// Merges a later row of the same device into this one. Returns the fields in which the two
    /// differ; for these the first value is shown.
    pub fn merge(&mut self, later: &Self) -> FieldSet {
        let mut differing = FieldSet::default();
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

    fn put_text(&mut self, field: Field, rank: u16, text: &str) {
        let Some(slot) = field.text_slot() else {
            return;
        };
        let is_name = matches!(
            field,
            Field::Hostname
                | Field::Nickname
                | Field::User
                | Field::Serial
                | Field::Asset
                | Field::Domain
        );
        if is_name && cells::is_placeholder(text) {
            return;
        }
        let values = &mut self.texts[slot];
        if values.is_empty() {
            self.ranks[slot] = rank;
            values::add(values, text);
        } else if rank < self.ranks[slot] {
            self.ranks[slot] = rank;
            values::add_first(values, text);
        } else {
            values::add(values, text);
        }
    }
}

/// Ranks display names behind accounts, so that they are shown only if there is no account.
const PERSON_RANK: u16 = 1 << 14;
