//! The tenant's state: which devices it has, and what a call does to them.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::generate::{Fleet, Machine};
use super::returns::{AfterDeletion, Returns};
use super::wakes::Wakes;
use crate::domain::action::Action;
use crate::domain::device::MacAddress;

/// What became of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Record {
    Here,
    Archived,
    Removed,
}

/// The devices of one account, and what delete calls did to them. It is the same behind the HTTP
/// server and in tests that need no server.
#[derive(Debug)]
pub struct Tenant {
    machines: Vec<Machine>,
    records: Vec<Record>,
    by_hwid: HashMap<String, usize>,
    returns: Returns,
    wakes: Wakes,
}

impl Tenant {
    /// The machines of the fleet that the tenant knows, in order of enrolment.
    pub fn new(fleet: &Fleet) -> Self {
        let mut machines: Vec<Machine> = fleet
            .machines
            .iter()
            .filter(|machine| machine.known)
            .cloned()
            .collect();
        machines.sort_by_key(|machine| machine.enrolled);
        Self {
            records: vec![Record::Here; machines.len()],
            by_hwid: machines
                .iter()
                .enumerate()
                .map(|(index, machine)| (machine.hwid.clone(), index))
                .collect(),
            machines,
            returns: Returns::default(),
            wakes: Wakes::default(),
        }
    }

    /// The same, in which `percent` of the deleted devices are there again at the next read.
    #[must_use]
    pub fn with_returns(self, seed: u64, percent: u8) -> Self {
        Self {
            returns: Returns::new(seed, percent),
            ..self
        }
    }

    /// The same, in which `percent` of the devices that weren't seen for a day report again between two
    /// reads of the inventory.
    #[must_use]
    pub fn with_wakes(self, seed: u64, percent: u8) -> Self {
        Self {
            wakes: Wakes::new(seed, percent),
            ..self
        }
    }

    /// How many devices are here, archived and removed.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |record| {
            self.records
                .iter()
                .filter(|&&other| other == record)
                .count()
        };
        (
            count(Record::Here),
            count(Record::Archived),
            count(Record::Removed),
        )
    }

    /// Applies an action to what an identifier names. False when nothing here reports it.
    pub fn delete(&mut self, identifier: &str, by_mac: bool, action: Action) -> bool {
        let named = self.find(identifier, by_mac);
        for &index in &named {
            if self.returns.decide(index, action) == AfterDeletion::RecordRemains {
                continue;
            }
            self.records[index] = match action {
                Action::Uninstall => Record::Here,
                Action::Archive => Record::Archived,
                Action::Remove => Record::Removed,
            };
        }
        !named.is_empty()
    }

    /// Has the devices come back that do so before the tenant is read.
    pub fn reenrol_due(&mut self, now: Timestamp) {
        for (index, afterwards) in self.returns.take_due() {
            let Some(machine) = self.machines.get(index) else {
                continue;
            };
            if afterwards == AfterDeletion::EnrolsAgain {
                let new = Machine {
                    hwid: self.returns.new_hwid(index),
                    enrolled: now,
                    last_seen: now,
                    status: "compliant",
                    ..machine.clone()
                };
                self.by_hwid.insert(new.hwid.clone(), self.machines.len());
                self.machines.push(new);
                self.records.push(Record::Here);
            } else {
                self.enrol_again(index, now);
                if let Some(machine) = self.machines.get_mut(index) {
                    machine.last_seen = now;
                }
            }
        }
    }

    /// Has the devices report that do so before the inventory is read.
    pub fn report_again_due(&mut self, now: Timestamp) {
        let round = self.wakes.begin_read();
        for (index, (machine, record)) in self.machines.iter_mut().zip(&self.records).enumerate() {
            let is_away = now.duration_since(machine.last_seen) > SignedDuration::from_hours(24);
            if *record == Record::Here && is_away && round.is_awake(index) {
                machine.last_seen = now;
            }
        }
    }

    /// The device that a HWID or MAC names, as Device Details reports it.
    pub fn details(&self, value: &str, by_mac: bool) -> Option<Value> {
        let &index = self.find(value, by_mac).first()?;
        Some(self.machines[index].v2())
    }

    /// A page of the inventory: its devices, and where the next one begins.
    pub fn page(&self, from: usize, limit: usize) -> (Vec<Value>, Option<usize>) {
        let mut here =
            (from..self.machines.len()).filter(|&index| self.records[index] == Record::Here);
        let devices = here
            .by_ref()
            .take(limit)
            .map(|index| self.machines[index].v3())
            .collect();
        (devices, here.next())
    }

    /// A page of the inventory by its number, counted from 1; none beyond the last one.
    pub fn numbered_page(&self, page: usize, limit: usize) -> Option<Vec<Value>> {
        let devices: Vec<Value> = self
            .here()
            .skip(page.saturating_sub(1).saturating_mul(limit))
            .take(limit)
            .map(Machine::v3)
            .collect();
        (page == 1 || !devices.is_empty()).then_some(devices)
    }

    /// The device that a HWID or MAC names, as Device Details v3.x has it.
    pub fn v3_details(&self, id: &str) -> Option<Value> {
        self.find_either(id).map(Machine::v3_details)
    }

    /// The device that a HWID or MAC names, as Device Information v3.0 has it.
    pub fn information(&self, id: &str) -> Option<Value> {
        self.find_either(id).map(Machine::information)
    }

    /// The account, as Account Details v3.1 has it. Its licence is for all devices that were ever
    /// enrolled.
    pub fn account(&self) -> Value {
        let count = |key: &str, value: fn(&Machine) -> &'static str| -> Value {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for machine in self.here() {
                *counts.entry(value(machine)).or_default() += 1;
            }
            let count = |(value, count)| json!({ key: value, "number_of_devices": count });
            counts.into_iter().map(count).collect()
        };
        json!({
            "name": "Simulated tenant",
            "email": "owner@example.com",
            "devices_allowed": self.machines.len(),
            "devices_used": self.here().count(),
            "devices_by_status": count("status", |machine| machine.status),
            "devices_by_issue_severity": count("severity", |machine| machine.severity),
        })
    }

    fn here(&self) -> impl Iterator<Item = &Machine> {
        let machines = self.machines.iter().zip(&self.records);
        machines.filter_map(|(machine, &record)| (record == Record::Here).then_some(machine))
    }

    fn find_either(&self, id: &str) -> Option<&Machine> {
        let find = |by_mac| self.find(id, by_mac).first().copied();
        self.machines.get(find(false).or_else(|| find(true))?)
    }

    /// Every device that was ever enrolled, whatever became of it: its number, hardware ID and MACs.
    pub fn devices(&self) -> impl Iterator<Item = (usize, &str, &[String])> {
        let devices = self.machines.iter().enumerate();
        devices.map(|(number, machine)| (number, machine.hwid.as_str(), machine.macs.as_slice()))
    }

    /// A device's agent reports again, so that the tenant has a record of it from now on. Without
    /// effect for one that is here.
    pub fn enrol_again(&mut self, number: usize, now: Timestamp) {
        let (Some(record), Some(machine)) =
            (self.records.get_mut(number), self.machines.get_mut(number))
        else {
            return;
        };
        if *record != Record::Here {
            *record = Record::Here;
            machine.enrolled = now;
        }
    }

    fn find(&self, value: &str, by_mac: bool) -> Vec<usize> {
        let found = if by_mac {
            let Ok(mac) = MacAddress::parse(value) else {
                return Vec::new();
            };
            (0..self.machines.len())
                .filter(|&index| self.machines[index].macs.contains(&mac.to_string()))
                .collect()
        } else {
            self.by_hwid
                .get(value)
                .copied()
                .into_iter()
                .collect::<Vec<_>>()
        };
        found
            .into_iter()
            .filter(|&index| self.records[index] == Record::Here)
            .collect()
    }
}

impl Machine {
    /// As a v2.x answer has it.
    pub(super) fn v2(&self) -> Value {
        let mut adapters: Vec<Value> = self
            .macs
            .iter()
            .map(|mac| json!({ "mac_addr": mac, "ipv4_addr": self.ip, "ipv6_addr": "" }))
            .collect();
        if self.blank_adapter {
            adapters.push(json!({ "mac_addr": "", "ipv4_addr": "", "ipv6_addr": "" }));
        }
        json!({
            "hwid": self.hwid,
            "hostname": self.hostname,
            "nickname": self.nickname,
            "agent_version": self.agent,
            "last_seen": self.last_seen.to_string(),
            "enrolled_at": self.enrolled.to_string(),
            "machine_type": self.device_type,
            "status": self.status,
            "severity": self.severity,
            "group_name": self.group,
            "country": "CH",
            "active": 1,
            "total_issue": self.issues,
            "user_info": { "username": self.user, "domain": "CORP" },
            "os_info": { "family": self.os_family, "name": self.os, "version": "", "architecture": "64-Bit" },
            "network_info": adapters,
        })
    }

    /// As a v3.x answer has it.
    pub(super) fn v3(&self) -> Value {
        json!({
            "device_id": self.hwid,
            "device_name": self.hostname,
            "host_name": self.hostname,
            "nickname": self.nickname,
            "public_ip": self.ip,
            "device_type": self.device_type,
            "severity": self.severity,
            "status": self.status,
            "enrolled_at": self.enrolled.to_string(),
            "last_seen": self.last_seen.to_string(),
            "agent_version": self.agent,
            "group": { "name": self.group },
            "os_info": { "family": self.os_family, "name": self.os },
            "user_info": { "username": self.user, "domain": "CORP" },
            "network_info": self.macs.iter().map(|mac| json!({ "mac_addr": mac })).collect::<Vec<_>>(),
        })
    }

    /// As an answer of Device Details v3.x has it.
    fn v3_details(&self) -> Value {
        json!({
            "device_id": self.hwid,
            "linked_id": self.hwid,
            "device_name": self.hostname,
            "nick_name": self.nickname,
            "group_name": self.group,
            "public_ip": self.ip,
            "country": "CH",
            "device_type": self.device_type,
            "severity": self.severity,
            "status": self.status,
            "enrolled_at": self.enrolled.to_string(),
            "last_seen": self.last_seen.to_string(),
            "agent_version": self.agent,
            "os_info": { "family": self.os_family, "name": self.os },
            "user_info": { "username": self.user, "domain": "CORP" },
            "network_info": self.macs.iter().map(|mac| json!({ "mac_addr": mac })).collect::<Vec<_>>(),
        })
    }

    /// As an answer of Device Information v3.0 has it. What its categories hold isn't simulated.
    fn information(&self) -> Value {
        json!({
            "device_id": self.hwid,
            "device_name": self.hostname,
            "severity": self.severity,
            "status": self.status,
            "categories": [],
        })
    }
}
