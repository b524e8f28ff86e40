//! Plans: of devices that the tenant knows, and of what is in doubt.

use std::collections::{HashMap, HashSet};

use offboard::domain::action::Action;
use offboard::domain::device::{Hwid, Identifier, IdentifierKind, IdentifyBy, MacAddress};
use offboard::domain::run::RunId;
use offboard::plan::{Basis, CallSizes, Candidate, Origin, Plan, PlannedDevice};
use serde_json::Value;

use super::world::World;

/// More are slow to look at, and find nothing more.
const MOST_RUNS: usize = 8;

impl World {
    /// Plans and confirms: some of the account's devices, or what a run has in doubt.
    pub fn plan(&mut self, index: usize, account: usize, retry_of: Option<usize>) {
        if let Some(plan) = self.make_plan(index, account, retry_of) {
            self.confirm(index, account, &plan);
        }
    }

    /// A plan of some of the account's devices, or of what a run has in doubt.
    pub fn make_plan(
        &mut self,
        index: usize,
        account: usize,
        retry_of: Option<usize>,
    ) -> Option<Plan> {
        if self.runs.len() >= MOST_RUNS {
            return None;
        }
        let devices = match retry_of {
            None => self.some_devices(account),
            Some(run) if self.runs[run].account == account => self
                .in_doubt(run)
                .into_iter()
                .map(|ordinal| self.runs[run].plan.devices[ordinal as usize].clone())
                .collect(),
            Some(_) => Vec::new(),
        };
        let retry_of = retry_of.map(|run| self.runs[run].id);
        // Mostly a list of this moment; else one that was saved before anything was sent.
        let planned_at = self.clock.now().wall;
        let list_time = (self.random.u8(..4) > 0).then_some(planned_at);
        let basis = Basis {
            list_time,
            planned_at,
            ..Basis::default()
        };
        let (devices, known_slot) = self.leave_out(index, account, devices, (&basis, retry_of));
        if devices.is_empty() {
            return None;
        }
        Some(Plan {
            id: self.run_id(),
            target: self.targets[account].clone(),
            action: Action::ALL[self.random.usize(..3)],
            identify_by: IdentifyBy::Auto,
            devices,
            sources: vec![],
            left_out: vec![],
            repeated: 0,
            oldest: None,
            warnings: vec![],
            sizes: CallSizes {
                batch: self.random.usize(1..=50),
                canary: self.random.usize(1..=6),
            },
            origin: Origin {
                retry_of,
                list_time,
                planned_at,
                known_slot,
                ..Origin::default()
            },
        })
    }

    /// A run's identifier that no other run has.
    pub fn run_id(&mut self) -> RunId {
        let mut id = [0; 16];
        self.random.fill(&mut id);
        RunId::from_bytes(id)
    }

    /// Confirms a plan, and hands it to a process.
    pub fn confirm(&mut self, index: usize, account: usize, plan: &Plan) {
        let count = plan.devices.len() as u64;
        assert!(plan.confirm(count + 1).is_err(), "another number confirms");
        let confirmed = plan.confirm(count).expect("the number");
        if self.random.u8(..8) == 0 {
            // Handed over twice, perhaps to two processes: it runs once.
            let other = self.random.usize(..self.processes.len());
            if self.account_of(other) == account {
                self.hand_over(other, account, plan, confirmed.clone(), None);
            }
        }
        self.hand_over(index, account, plan, confirmed, None);
    }

    /// HWIDs before MACs, no identifier twice.
    fn some_devices(&mut self, account: usize) -> Vec<PlannedDevice> {
        let share = self.random.f64();
        let by_mac = self.random.u8(..5) == 0;
        let known: Vec<(String, Vec<String>)> = self.accounts[account]
            .tenant
            .devices()
            .map(|(_, hwid, macs)| (hwid.to_owned(), macs.to_vec()))
            .collect();
        let names = self.hostnames(account);
        let mut seen = HashSet::new();
        let mut devices = Vec::new();
        for (hwid, macs) in known {
            let hostname = names.get(&hwid).cloned().unwrap_or_default();
            if self.random.f64() > share {
                continue;
            }
            let macs: Vec<_> = macs
                .iter()
                .map(|mac| MacAddress::parse(mac).expect("a MAC"))
                .collect();
            // A list may not have the hardware ID.
            let is_bare = !macs.is_empty() && self.random.u8(..5) == 0;
            let hwid = (!is_bare).then(|| Hwid::parse(&hwid).expect("a HWID"));
            // What every machine has names none.
            let own_mac = macs.iter().rev().find(|mac| !mac.is_known_constant());
            let identifier = match &hwid {
                Some(hwid) if !by_mac || own_mac.is_none() => Identifier::Hwid(hwid.clone()),
                _ => match own_mac {
                    Some(mac) => Identifier::Mac(*mac),
                    None => continue,
                },
            };
            if seen.insert(identifier.clone()) {
                devices.push(PlannedDevice {
                    hwid,
                    macs,
                    hostname,
                    ..PlannedDevice::bare(identifier)
                });
            }
        }
        devices.sort_by_key(|device| device.identifier.kind() == IdentifierKind::Mac);
        devices
    }

    /// The host names of the tenant's records, by hardware ID.
    fn hostnames(&self, account: usize) -> HashMap<String, String> {
        let (records, _) = self.accounts[account].tenant.page(0, usize::MAX);
        let text = |record: &Value, key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let names = records
            .iter()
            .map(|record| (text(record, "device_id"), text(record, "host_name")));
        names.collect()
    }

    /// What runs hold is left out, as a plan does; or it was planned before that was known.
    fn leave_out(
        &mut self,
        index: usize,
        account: usize,
        mut devices: Vec<PlannedDevice>,
        (basis, retry_of): (&Basis<'_>, Option<RunId>),
    ) -> (Vec<PlannedDevice>, Option<i64>) {
        if self.random.u8(..4) == 0 {
            return (devices, None);
        }
        let mut known_slot = None;
        if let Some(process) = &self.processes[index] {
            let journal = &process.journal;
            let keys = devices
                .iter()
                .map(Candidate::from)
                .flat_map(Candidate::keys);
            let earlier = journal
                .earlier_devices(&self.targets[account], devices.len(), keys)
                .expect("readable");
            let retried =
                retry_of.map_or(Vec::new(), |run| journal.retried(&run).expect("readable"));
            let basis = Basis {
                retried_runs: &retried,
                ..*basis
            };
            devices.retain(|device| earlier.conflict(device.into(), &basis).is_none());
            assert!(
                !devices.iter().any(|device| self.is_held(account, device)),
                "a plan has a held device"
            );
            known_slot = Some(earlier.last_slot);
        }
        (devices, known_slot)
    }
}
