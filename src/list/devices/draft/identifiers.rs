//! Adds the values of identifier columns to a draft.

use super::Draft;
use crate::domain::device::{Hwid, IdentifierError, MacAddress};
use crate::list::fields::headers::Meaning;
use crate::list::fields::values;
use crate::list::fields::{cells, damaged_identifier};
use crate::list::report::problem::Problem;

/// The maximum number of MAC addresses per device.
const MAX_MACS: usize = 256;

impl Draft {
    pub(super) fn put_hwid(&mut self, text: &str) {
        let Some(text) = cells::identifier(text) else {
            return;
        };
        values::add(&mut self.claimed, text);
        if let Some(fault) = fault_of(text) {
            self.hwid_fault = Some(fault);
        } else if self.hwid.is_empty() {
            // Never truncated: a truncated HWID could be another device's.
            self.hwid.push_str(text);
        } else if self.hwid != text {
            self.problem = Some(Problem::TwoHwids);
        }
    }

    /// A number of an identifier column that its cell shows otherwise.
    pub(in crate::list) fn put_formatted(&mut self, meaning: Meaning, text: &str) {
        if meaning == Meaning::Mac {
            self.mac_error = Some(IdentifierError::NotAMac);
        } else {
            values::add(&mut self.claimed, text);
            self.hwid_fault = Some(Problem::Formatted);
        }
    }

    pub(super) fn put_device_id(&mut self, rank: u16, text: &str) {
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

    /// A cell can contain several addresses, with or without labels.
    pub(super) fn put_macs(&mut self, text: &str) {
        if cells::is_placeholder(text) {
            // All zeros are a MAC address that identifies no device: report it.
            if let Err(error @ IdentifierError::ZeroMac) = MacAddress::parse(text) {
                self.mac_error = self.mac_error.or(Some(error));
            }
            return;
        }
        if cells::is_truth_value(text) {
            return;
        }
        let mut found = false;
        let mut fault = None;
        for part in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')) {
            let part = cells::unbraced(part);
            if cells::is_placeholder(part) {
                continue;
            }
            // `eth0=3c:52:…` and `Wi-Fi:3c-52-…`.
            let unlabelled = part.split_once('=').map_or(part, |(_, address)| address);
            match MacAddress::parse(unlabelled) {
                Ok(mac) => {
                    found = true;
                    self.put_mac(mac);
                }
                // A label ends with a colon or can't be part of an address.
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

    pub(super) fn put_mac(&mut self, mac: MacAddress) {
        if self.macs.contains(&mac) {
            return;
        }
        if self.macs.len() < MAX_MACS {
            self.macs.push(mac);
        } else {
            self.problem = Some(Problem::TooManyMacs);
        }
    }
}

/// The problem of a value that was an identifier before a program changed it.
fn fault_of(text: &str) -> Option<Problem> {
    match text {
        rounded if damaged_identifier::is_rounded(rounded) => Some(Problem::Rounded),
        date if damaged_identifier::is_date_or_fraction(date) => Some(Problem::DateOrFraction),
        cut if damaged_identifier::is_cut_off(cut) => Some(Problem::CutOff),
        text if Hwid::parse(text).is_ok_and(|hwid| hwid.is_known_constant()) => {
            Some(Problem::PlaceholderHwid)
        }
        _ => None,
    }
}

/// True for the label of an adapter: `Ethernet:`, `Wi-Fi`, `(primary)`.
fn is_label(part: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.');
    part.ends_with(':')
        || (part.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !part.bytes().all(hex)
            && part.len() < 12)
}
