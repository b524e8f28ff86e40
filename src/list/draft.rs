//! One row while it is read: values are put in under their meaning, then settled.
//!
//! Where several columns mean the same field, all their values count, and the one of the
//! best-known name is shown. Identifiers are strict: two HWIDs in a row that differ (a repeated key,
//! two columns) make it unusable.

#[cfg(test)]
mod tests;

use super::ColumnId;
use super::cells;
use super::dates::{Date, OpenDate};
use super::field::{Differing, Field, TEXT_COUNT, TEXT_FIELDS};
use super::headers::{Alias, Meaning};
use super::problem::Problem;
use super::seconds::Seconds;
use super::values;
use crate::domain::device::{Hwid, IdentifierError, MacAddress};

/// More addresses than this in one device are refused.
const MOST_MACS: usize = 256;

/// A row, or a device that rows are folded into. Reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// By [`Field::text_slot`], each with all its [`values`]; the HWID only if it can be sent.
    pub texts: [String; TEXT_COUNT],
    /// How well known the name of the column is that the shown value of each text comes from.
    ranks: [u16; TEXT_COUNT],
    others: Vec<(ColumnId, String)>,
    /// How many of them are in use; the rest are empty and keep their memory.
    other_count: usize,
    pub macs: Vec<MacAddress>,
    pub issues: Option<u32>,
    pub seen: Seconds,
    pub enrolled: Seconds,
    /// Dates that wait for their column to be read.
    pub open_dates: Vec<(ColumnId, OpenDate)>,
    pub problem: Option<Problem>,
    mac_error: Option<IdentifierError>,
    /// Why a value in a HWID column is not one, where the row can still be identified otherwise.
    hwid_fault: Option<Problem>,
    hwid: String,
    /// All HWIDs that the row names, whether or not it can be used.
    claimed: String,
    /// All device IDs, those under the best-known name first.
    device_id: String,
    device_id_rank: u16,
    /// Two values under that name differ.
    device_ids_differ: bool,
    adapter_ip: String,
    os_family: String,
    os_version: String,
    first_name: String,
    last_name: String,
}

/// What a date column made of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateNote {
    /// It is a time, or none was meant.
    Fine,
    /// It is a date in an order that the column decides.
    Open(OpenDate),
    /// It can't be read.
    Unreadable,
    /// It lies in the future.
    Future,
}

impl Draft {
    /// Empties it for the next row; its memory stays.
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
        self.mac_error = None;
        self.hwid_fault = None;
        self.device_ids_differ = false;
    }

    /// The HWIDs that the row names, whether or not it can be used.
    pub fn claimed_hwids(&self) -> impl Iterator<Item = &str> {
        let of_id = if self.claimed.is_empty() {
            &self.device_id
        } else {
            ""
        };
        values::all(&self.claimed).chain(values::all(of_id))
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

    /// Takes a [cleaned](cells::clean) text that isn't a date.
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

    /// Takes a JSON value of a kind that no field has: an identifier must be a text.
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

    /// Takes a date; what lies after `horizon` is in the future and can't be true.
    pub fn put_date(
        &mut self,
        column: ColumnId,
        meaning: Meaning,
        date: Date,
        horizon: Seconds,
    ) -> DateNote {
        let kept = match meaning {
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
        *kept = match meaning {
            // When several columns say when it was enrolled, the first one counts.
            Meaning::Enrolled if *kept != Seconds::default() => *kept,
            _ => seconds.max(*kept),
        };
        note
    }

    /// Decides what the values together say.
    pub fn finish_row(&mut self) {
        if self.hwid.is_empty() && self.device_ids_differ {
            self.problem = self.problem.or(Some(Problem::TwoHwids));
        } else if self.hwid.is_empty() {
            self.hwid.push_str(values::first(&self.device_id));
        }
        if self.problem.is_none() && !self.hwid.is_empty() {
            match Hwid::parse(&self.hwid) {
                Ok(hwid) => {
                    self.texts[0].clear();
                    self.texts[0].push_str(hwid.as_str());
                }
                Err(error) => self.problem = Some(error.into()),
            }
        }
        self.settle_names();
        if self.problem.is_none() && self.texts[0].is_empty() {
            // Without a HWID an address that can't be read may be the one that matters.
            self.problem = match self.mac_error {
                Some(error) if self.macs.is_empty() || error == IdentifierError::NotAMac => {
                    Some(error.into())
                }
                _ if self.macs.is_empty() => Some(self.without_identifier()),
                _ => None,
            };
        }
    }

    fn settle_names(&mut self) {
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

    /// Why a row without any identifier can't be used: with a name or a serial number it can be
    /// found in the inventory.
    fn without_identifier(&self) -> Problem {
        let can_be_matched = [Field::Hostname, Field::Nickname, Field::Serial, Field::User]
            .into_iter()
            .filter_map(Field::text_slot)
            .any(|slot| !self.texts[slot].is_empty());
        match self.hwid_fault {
            Some(fault) => fault,
            None if can_be_matched => Problem::Unmatched,
            None => Problem::NoIdentifier,
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
        if is_name && cells::is_nothing(text) {
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

    fn put_hwid(&mut self, text: &str) {
        let Some(text) = cells::identifier(text) else {
            return;
        };
        values::add(&mut self.claimed, text);
        if let Some(fault) = fault_of(text) {
            self.hwid_fault = Some(fault);
        } else if self.hwid.is_empty() {
            // Never clipped: a cut HWID could be another device's.
            self.hwid.push_str(text);
        } else if self.hwid != text {
            self.problem = Some(Problem::TwoHwids);
        }
    }

    fn put_device_id(&mut self, rank: u16, text: &str) {
        let Some(text) = cells::identifier(text) else {
            return;
        };
        if let Some(fault) = fault_of(text) {
            self.hwid_fault = Some(fault);
        } else if self.device_id.is_empty() {
            self.device_id_rank = rank;
            self.device_id.push_str(text);
        } else if rank < self.device_id_rank {
            self.device_id_rank = rank;
            self.device_ids_differ = false;
            values::add_first(&mut self.device_id, text);
        } else {
            self.device_ids_differ |=
                rank == self.device_id_rank && values::first(&self.device_id) != text;
            values::add(&mut self.device_id, text);
        }
    }

    /// A cell may hold several addresses, each with a label or without.
    fn put_macs(&mut self, text: &str) {
        if cells::is_nothing(text) {
            // All zeros are an address that names nobody, which is worth saying.
            if let Err(error @ IdentifierError::ZeroMac) = MacAddress::parse(text) {
                self.mac_error = self.mac_error.or(Some(error));
            }
            return;
        }
        if cells::is_truth(text) {
            return;
        }
        let mut found = false;
        let mut fault = None;
        for part in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')) {
            let part = cells::unbraced(part);
            if part.is_empty() || cells::is_nothing(part) {
                continue;
            }
            // `eth0=3c:52:…` and `Wi-Fi:3c-52-…`.
            let unlabelled = part.split_once('=').map_or(part, |(_, address)| address);
            match MacAddress::parse(unlabelled) {
                Ok(mac) => {
                    found = true;
                    self.put_mac(mac);
                }
                // A label is a word with its colon, or a word that can't be a part of an address.
                Err(IdentifierError::NotAMac) if is_label(part) => {}
                Err(error) if fault != Some(IdentifierError::NotAMac) => fault = Some(error),
                Err(_) => {}
            }
        }
        if !found && fault.is_none() {
            fault = Some(IdentifierError::NotAMac);
        }
        if self.mac_error != Some(IdentifierError::NotAMac) {
            self.mac_error = fault.or(self.mac_error);
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
}

/// Why a value is not the identifier that it once was.
fn fault_of(text: &str) -> Option<Problem> {
    match text {
        rounded if cells::is_rounded(rounded) => Some(Problem::Rounded),
        cut if cells::is_cut_off(cut) => Some(Problem::CutOff),
        _ => None,
    }
}

/// A person's display name is shown only where no column holds an account.
const PERSON_RANK: u16 = 1 << 14;

/// True for what names an adapter beside its address: `Ethernet:`, `Wi-Fi`, `(primary)`.
fn is_label(part: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.');
    part.ends_with(':')
        || (part.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !part.bytes().all(hex)
            && part.len() < 12)
}
