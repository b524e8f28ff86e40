//! The tenant's inventory: read page by page by the program's own fetch, stopped, continued, and copied in
//! part.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use offboard::api::{Page, PageAnswer};
use offboard::domain::device::MacAddress;
use offboard::fetch::{FetchDestination, FetchError, InventoryFetch};
use offboard::list::DeviceList;
use serde_json::Value;
use serde_json::value::RawValue;

use super::world::{World, true_wall};

/// More are never looked at again.
const KEPT: usize = 4;

/// A complete inventory that was published, and what was true while it was read.
pub struct Fetched {
    pub account: usize,
    bytes: Vec<u8>,
    reading: Reading,
}

/// A fetch that isn't published yet, in truth.
#[derive(Clone, Default)]
pub struct Reading {
    /// The hardware IDs that the tenant had at every page.
    throughout: Option<HashSet<String>>,
    /// The records that the pages have, by hardware ID.
    pub records: HashMap<String, Record>,
}

/// A record as the tenant sent it.
#[derive(Clone)]
pub struct Record {
    pub hostname: String,
    pub macs: Vec<MacAddress>,
    pub enrolled: jiff::Timestamp,
    pub last_seen: jiff::Timestamp,
}

/// A list that somebody takes for the inventory.
pub struct Taken {
    pub list: DeviceList,
    pub is_partial: bool,
    pub fetched: Rc<Fetched>,
}

impl Fetched {
    /// The list as the program reads it.
    pub fn list(&self) -> DeviceList {
        read(&self.bytes)
    }

    /// The records that it has, by hardware ID.
    pub fn records(&self) -> &HashMap<String, Record> {
        &self.reading.records
    }

    /// True if the tenant had the record all the time.
    pub fn had(&self, hwid: &str) -> bool {
        let throughout = self.reading.throughout.as_ref();
        throughout.is_some_and(|all| all.contains(hwid))
    }
}

impl World {
    /// A process reads the inventory, or continues to; it may be killed after any page.
    pub fn fetch(&mut self, index: usize, account: usize) -> Option<Rc<Fetched>> {
        self.processes[index].as_ref()?;
        let profile = ["first", "second"][account];
        let destination = FetchDestination::default_for(self.directory.path(), profile);
        let wall = self.clock.now().wall;
        let opened = InventoryFetch::open(destination, self.targets[account].clone(), wall);
        let mut inventory = opened.expect("nobody else fetches");
        if inventory.next().is_none() && !inventory.is_complete() {
            self.readings[account] = Reading::default();
            let tenant = &mut self.accounts[account].tenant;
            tenant.reenrol_due(true_wall(self.now));
            tenant.report_again_due(true_wall(self.now));
        }
        let limit = self.random.usize(3..60);
        while !inventory.is_complete() {
            let from = inventory
                .next()
                .map_or(0, |token| token.parse().expect("ours"));
            let page = self.page(account, from, limit);
            inventory
                .take(page, wall, Some(true_wall(self.now)))
                .expect("stored");
            if self.chance(10) {
                drop(inventory);
                self.note(format!("process {index} fetches"));
                self.kill(index);
                return None;
            }
            if self.chance(10) {
                // Meanwhile the tenant changes.
                self.enrol_again();
            }
        }
        let is_empty = inventory.devices() == 0;
        let (devices, path) = match inventory.publish() {
            // An empty inventory doesn't replace one with devices.
            Err(FetchError::InvalidResponse(_)) if is_empty => {
                self.note(format!("process {index} fetched no device"));
                return None;
            }
            published => published.expect("written"),
        };
        let bytes = std::fs::read(path).expect("readable");
        self.note(format!("process {index} fetched {devices} devices"));
        let fetched = Rc::new(Fetched {
            account,
            bytes,
            reading: self.readings[account].clone(),
        });
        self.fetched.push(Rc::clone(&fetched));
        let own = |fetched: &&Rc<Fetched>| fetched.account == account;
        if self.fetched.iter().filter(own).count() > KEPT {
            let oldest = self
                .fetched
                .iter()
                .position(|fetched| fetched.account == account);
            self.fetched.remove(oldest.expect("one of them"));
        }
        Some(fetched)
    }

    fn page(&mut self, account: usize, from: usize, limit: usize) -> PageAnswer {
        let tenant = &self.accounts[account].tenant;
        let (all, _) = tenant.page(0, usize::MAX);
        let now: HashSet<String> = all.iter().map(|device| text(device, "device_id")).collect();
        let (devices, next) = tenant.page(from, limit);
        let reading = &mut self.readings[account];
        match &mut reading.throughout {
            Some(throughout) => throughout.retain(|hwid| now.contains(hwid)),
            None => reading.throughout = Some(now),
        }
        for device in &devices {
            let record = Record::read(device);
            reading.records.insert(text(device, "device_id"), record);
        }
        let raw = |device: &Value| RawValue::from_string(device.to_string()).expect("JSON");
        PageAnswer::Page(Page {
            devices: devices.iter().map(raw).collect(),
            next: next.map(|next| next.to_string()),
        })
    }

    /// An inventory of the account: read now, or before; sometimes a part of it.
    pub fn take_inventory(&mut self, index: usize, account: usize) -> Option<Taken> {
        let earlier: Vec<Rc<Fetched>> = self
            .fetched
            .iter()
            .filter(|fetched| fetched.account == account)
            .map(Rc::clone)
            .collect();
        let fetched = match self.random.u8(..3) {
            0 => self.random.choice(earlier)?,
            _ => self.fetch(index, account)?,
        };
        let is_partial = self.random.u8(..4) == 0;
        let bytes = if is_partial {
            self.part_of(&fetched.bytes)?
        } else {
            fetched.bytes.clone()
        };
        let list = read(&bytes);
        Some(Taken {
            list,
            is_partial,
            fetched,
        })
    }

    /// A copy that broke off, or that says itself that it isn't complete. None of an inventory of one
    /// device or none.
    fn part_of(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() < 3 {
            return None;
        }
        let kept = self.random.usize(2..lines.len());
        let mut part = lines[..kept].join("\n");
        if self.random.bool() {
            part.push('\n');
            return Some(
                part.replacen("\"complete\":true", "\"complete\":false", 1)
                    .into_bytes(),
            );
        }
        // In the middle of a record.
        part.push('\n');
        part.push_str(&lines[kept][..lines[kept].len() / 2]);
        Some(part.into_bytes())
    }
}

impl Record {
    fn read(device: &Value) -> Self {
        let time = |key: &str| text(device, key).parse().expect("a time");
        let adapters = device["network_info"].as_array().expect("a list");
        let macs = adapters.iter().map(|adapter| text(adapter, "mac_addr"));
        Self {
            hostname: text(device, "host_name"),
            macs: macs
                .map(|mac| MacAddress::parse(&mac).expect("a MAC"))
                .collect(),
            enrolled: time("enrolled_at"),
            last_seen: time("last_seen"),
        }
    }
}

fn read(bytes: &[u8]) -> DeviceList {
    DeviceList::read_bytes("inventory", bytes).expect("a list")
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().expect("a text").to_owned()
}
