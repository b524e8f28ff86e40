//! A believable fleet, the same for the same seed.
//!
//! It has what real lists have: laptops that came back after reimaging under a second hardware ID
//! and kept their MAC, machines not seen for months, several adapters and none, VPN adapters whose
//! MAC everybody has, rows without a hardware ID, rows that stand twice, rows that are of no use,
//! and devices that the tenant doesn't know any more.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

const DAY: u64 = 86_400;
const GROUPS: [&str; 7] = [
    "Sales",
    "Finance",
    "Engineering",
    "Support",
    "Field",
    "Domain controllers",
    "Lab",
];
const USERS: [&str; 12] = [
    "a.meier", "b.rossi", "c.dubois", "d.kovac", "e.jensen", "f.garcia", "g.novak", "h.sato",
    "i.okafor", "j.silva", "k.lund", "l.haddad",
];
const STATUSES: [&str; 6] = [
    "compliant",
    "non_compliant",
    "exempted",
    "out_of_license_usage",
    "pending",
    "unknown",
];
const AGENTS: [&str; 4] = ["7.6.412.0", "7.6.398.0", "7.5.310.0", "7.3.120.0"];
/// A VPN client's adapter, the same on every machine that has it.
const VPN: &str = "00:05:9a:3c:7a:00";

/// A generated fleet, and the list that an administrator saved of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    pub(super) machines: Vec<Machine>,
    now: Timestamp,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A bare array of v2.x devices.
    V2,
    /// v3.x answers, a page a line.
    V3,
    /// CSV with a header.
    Csv,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Machine {
    pub(super) hwid: String,
    pub(super) hostname: String,
    pub(super) nickname: String,
    pub(super) macs: Vec<String>,
    pub(super) ip: String,
    pub(super) os_family: &'static str,
    pub(super) os: &'static str,
    pub(super) device_type: &'static str,
    pub(super) status: &'static str,
    pub(super) severity: &'static str,
    pub(super) group: &'static str,
    pub(super) user: &'static str,
    pub(super) agent: &'static str,
    pub(super) issues: u32,
    pub(super) enrolled: Timestamp,
    pub(super) last_seen: Timestamp,
    pub(super) blank_adapter: bool,
    /// The tenant still knows it.
    pub(super) known: bool,
    /// The list has its hardware ID.
    pub(super) identified: bool,
}

impl Fleet {
    /// The hardware IDs that the list has and the tenant knows, in the list's order.
    pub fn known_hwids(&self) -> Vec<String> {
        self.machines
            .iter()
            .filter(|machine| machine.known && machine.identified)
            .map(|machine| machine.hwid.clone())
            .collect()
    }

    /// A fleet of `devices`, with ages that count from `now`.
    pub fn generate(seed: u64, devices: usize, now: Timestamp) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut machines: Vec<Machine> = Vec::with_capacity(devices);
        while machines.len() < devices {
            let machine = machine(&mut random, machines.len(), now);
            let again = machine.device_type == "laptop"
                && machines.len() + 1 < devices
                && random.u8(..100) < 8;
            if again {
                machines.push(reimaged(&mut random, &machine));
            }
            machines.push(machine);
        }
        Self { machines, now }
    }

    /// How many devices it has.
    pub fn len(&self) -> usize {
        self.machines.len()
    }

    /// True for a fleet of none.
    pub fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    /// The list that an administrator saved of it.
    pub fn list(&self, shape: Shape) -> String {
        match shape {
            Shape::V2 => {
                let rows: Vec<String> = self.rows().iter().map(ToString::to_string).collect();
                format!("[\n{}\n]\n", rows.join(",\n"))
            }
            Shape::V3 => {
                let rows: Vec<Value> = self.machines.iter().map(Machine::v3).collect();
                let pages = rows
                    .chunks(50)
                    .map(|page| json!({ "devices": page }).to_string());
                pages.fold(String::new(), |text, page| text + &page + "\n")
            }
            Shape::Csv => self.csv(),
        }
    }

    /// The v2.x rows: every machine, some twice, and now and then one of no use.
    fn rows(&self) -> Vec<Value> {
        let mut rows = Vec::with_capacity(self.machines.len());
        for (index, machine) in self.machines.iter().enumerate() {
            let mut row = machine.v2();
            if !machine.identified {
                row["hwid"] = Value::Null;
            }
            if index % 61 == 60 {
                rows.push(row.clone());
            }
            rows.push(row);
            if index % 167 == 166 {
                let nameless = format!("NEW-{index:04}");
                rows.push(json!({ "hwid": "", "hostname": nameless, "network_info": [] }));
            }
        }
        rows
    }

    fn csv(&self) -> String {
        let mut text =
            "Hostname,Device ID,MAC Address,OS,Type,Status,Group,User,Last Seen\n".to_owned();
        for machine in &self.machines {
            // Writing to a String can't fail.
            let _ = writeln!(
                text,
                "{},{},{},{},{},{},{},{},{}",
                machine.hostname,
                if machine.identified {
                    machine.hwid.as_str()
                } else {
                    ""
                },
                machine.macs.first().map_or("", String::as_str),
                machine.os,
                machine.device_type,
                machine.status,
                machine.group,
                machine.user,
                machine.last_seen
            );
        }
        text
    }

    /// The moment from which ages count.
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

fn machine(random: &mut fastrand::Rng, index: usize, now: Timestamp) -> Machine {
    let (prefix, device_type, os_family, os) = match random.u8(..100) {
        0..=44 => ("LT", "laptop", "Windows", "Windows 11"),
        45..=59 => ("LT", "laptop", "Windows", "Windows 10"),
        60..=71 => ("WS", "desktop", "Windows", "Windows 11"),
        72..=80 => ("MAC", "laptop", "macOS", "macOS 15"),
        81..=87 => ("SRV", "server", "Windows", "Windows Server 2022"),
        88..=94 => ("DEV", "desktop", "Linux", "Ubuntu 24.04"),
        _ => ("VM", "vm", "Linux", "Debian 12"),
    };
    let days = match random.u8(..100) {
        0..=54 => 0,
        55..=69 => random.u64(1..14),
        70..=84 => random.u64(14..90),
        _ => random.u64(90..500),
    };
    let seen = Duration::from_secs(days * DAY + random.u64(..DAY));
    let enrolled = seen + Duration::from_secs(DAY * random.u64(30..900));
    let mut macs: Vec<String> = (0..random.u8(1..=2)).map(|_| mac(random)).collect();
    if random.u8(..100) < 10 {
        macs.push(VPN.to_owned());
    }
    let has_no_adapter = random.u8(..100) < 3;
    if has_no_adapter {
        macs.clear();
    }
    let group = if device_type == "server" && random.bool() {
        "Domain controllers"
    } else {
        GROUPS[random.usize(..GROUPS.len())]
    };
    let status = if days > 60 && random.bool() {
        "out_of_license_usage"
    } else {
        STATUSES[random.usize(..STATUSES.len())]
    };
    Machine {
        hwid: hwid(random),
        hostname: format!("{prefix}-{:04}", 1000 + index),
        nickname: String::new(),
        // Without a hardware ID, a single MAC of its own is all there is to name it.
        identified: macs.len() != 1 || macs[0] == VPN || random.u8(..100) >= 8,
        macs,
        ip: format!(
            "10.{}.{}.{}",
            random.u8(..),
            random.u8(..),
            random.u8(1..255)
        ),
        os_family,
        os,
        device_type,
        status,
        severity: ["no_issues", "warning", "critical"][random.usize(..3)],
        group,
        user: USERS[random.usize(..USERS.len())],
        agent: AGENTS[random.usize(..AGENTS.len())],
        issues: random.u32(..9),
        enrolled: now - enrolled,
        last_seen: now - seen,
        blank_adapter: random.u8(..100) < 5,
        known: random.u8(..100) >= 4,
    }
}

/// The record that the same laptop had before it was reimaged.
fn reimaged(random: &mut fastrand::Rng, machine: &Machine) -> Machine {
    let before = Duration::from_secs(DAY * random.u64(20..200));
    Machine {
        hwid: hwid(random),
        last_seen: machine.last_seen - before,
        enrolled: machine.enrolled - before,
        status: "out_of_license_usage",
        identified: true,
        known: true,
        ..machine.clone()
    }
}

fn hwid(random: &mut fastrand::Rng) -> String {
    format!("{:016x}", random.u64(..))
}

/// In blocks of real makers, so that none is multicast.
fn mac(random: &mut fastrand::Rng) -> String {
    const MAKERS: [&str; 5] = ["00:0c:29", "3c:52:82", "a4:bb:6d", "f8:75:a4", "d8:bb:c1"];
    let maker = MAKERS[random.usize(..MAKERS.len())];
    format!(
        "{maker}:{:02x}:{:02x}:{:02x}",
        random.u8(..),
        random.u8(..),
        random.u8(..)
    )
}
