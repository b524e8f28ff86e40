//! Verifications of accepted devices, by inventories and by lookups, stored by one process or two.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use jiff::Timestamp;
use offboard::domain::outcome::{DeviceState, Outcome};
use offboard::engine::lookup_verdict::{Finding, LookupAnswer};
use offboard::journal::{Journal, Operator};
use offboard::plan::PlannedDevice;
use offboard::platform::failpoint;
use offboard::verification::{Evidence, VerifiedState};

use super::inventories::{Fetched, Taken};
use super::process::Asked;
use super::world::World;

/// A device of a run: both by index.
type Place = (usize, u32);

/// What lookups of accepted devices saw, until it is stored; and what the tenant really had.
#[derive(Default)]
pub struct Lookups {
    /// By whom, in which account and by which identifier: the tenant said last that it has no such record.
    absent: HashSet<(usize, usize, String)>,
    seen: Vec<(Place, Timestamp, LookupAnswer)>,
    /// When the tenant had no record of a device, as was stored.
    stored_absent: Vec<(Place, Timestamp)>,
    /// The time of the newest inventory that was stored, of each account.
    newest_inventory: [Option<Timestamp>; 2],
}

impl Lookups {
    /// The tenant answers a lookup.
    pub fn answered(&mut self, process: usize, account: usize, identifier: &str, is_absent: bool) {
        let key = (process, account, identifier.to_owned());
        if is_absent {
            self.absent.insert(key);
        } else {
            self.absent.remove(&key);
        }
    }
}

impl World {
    /// Somebody verifies the runs of an account by an inventory; another process may at the same time.
    pub fn verify(&mut self, index: usize, account: usize) {
        let Some(taken) = self.take_inventory(index, account) else {
            return;
        };
        let target = self.targets[account].clone();
        let evidence = Evidence::of_inventory(&taken.list, &target, self.clock.now().wall);
        let evidence = match evidence {
            Ok(evidence) => evidence,
            Err(why) => return self.note(format!("nothing is verified: {why}")),
        };
        let runs = (0..self.runs.len()).filter(|&run| self.is_of(run, account));
        let runs: Vec<usize> = runs.collect();
        let only = (self.random.u8(..4) == 0)
            .then(|| self.random.choice(runs))
            .flatten();
        let only = only.map(|run| self.runs[run].id);
        let (before, rows) = (self.verified(account), self.auditor.verification_rows());
        let other = self.verify_meanwhile(account);
        let verify = |journal: &mut Journal| {
            let by = (&taken.list, &evidence);
            journal.verify_by_inventory(&target, only.as_ref(), by, &Operator::default())
        };
        let done = self.command(index, verify);
        let other = other.filter(|_| !failpoint::cancel_point());
        let Some(done) = done else {
            return;
        };
        self.note(format!(
            "process {index} verifies: {:?}, stored: {}",
            done.value, done.is_stored
        ));
        let mut looks = vec![&*taken.fetched];
        looks.extend(other.as_deref());
        self.check_newly_gone(account, &before, |world, place| {
            looks
                .iter()
                .any(|look| !world.had(look, world.device(place)))
        });
        assert!(
            !taken.is_partial || other.is_some() || rows == self.auditor.verification_rows(),
            "verified by a part of the inventory"
        );
        if only.is_some() || other.is_some() || !done.is_stored {
            return;
        }
        let newest = &mut self.lookups.newest_inventory[account];
        let is_newest = newest.is_none_or(|newest| newest <= evidence.time);
        *newest = (*newest).max(Some(evidence.time));
        if is_newest && self.wall_is_right {
            self.check_returned(account, &taken, evidence.time);
        }
        let rows = self.auditor.verification_rows();
        if let Some(process) = &mut self.processes[index] {
            verify(&mut process.journal).expect("stored");
            assert_eq!(
                rows,
                self.auditor.verification_rows(),
                "verified a second time by the same inventory"
            );
        }
    }

    /// Another process verifies by an inventory while one has evaluated its own and not stored that.
    fn verify_meanwhile(&mut self, account: usize) -> Option<Rc<Fetched>> {
        if self.random.u8(..3) > 0 {
            return None;
        }
        let own = |fetched: &&Rc<Fetched>| fetched.account == account;
        let earlier: Vec<_> = self.fetched.iter().filter(own).map(Rc::clone).collect();
        let fetched = self.random.choice(earlier)?;
        let (list, target) = (fetched.list(), self.targets[account].clone());
        let evidence = Evidence::of_inventory(&list, &target, self.clock.now().wall).ok()?;
        let mut journal = self.another_journal();
        failpoint::on_reach("verification-evaluated", move || {
            // It may be this one that is killed.
            let by = (&list, &evidence);
            let _ = journal.verify_by_inventory(&target, None, by, &Operator::default());
        });
        Some(fetched)
    }

    /// Somebody looks up accepted devices of a run, or stores what that saw.
    pub fn verify_by_lookups(&mut self, index: usize) {
        if self.lookups.seen.is_empty() || self.random.u8(..4) == 0 {
            self.look_up_accepted(index);
        } else {
            self.store_lookups(index);
        }
    }

    fn look_up_accepted(&mut self, index: usize) {
        let account = self.account_of(index);
        let Some(run) = self.any_run().filter(|&run| self.is_of(run, account)) else {
            return;
        };
        if self.waits_for_lock(run) {
            return;
        }
        let states = (0..).zip(&self.runs[run].states);
        let accepted = states.filter(|(_, state)| **state == DeviceState::Ended(Outcome::Accepted));
        let accepted: Vec<u32> = accepted.map(|(ordinal, _)| ordinal).take(6).collect();
        if !accepted.is_empty() {
            self.ask(index, Asked::LookUp(run, accepted));
        }
    }

    /// A lookup saw something of a device.
    pub fn looked_up(&mut self, process: usize, place: Place, finding: &Finding) {
        let (run, ordinal) = place;
        let account = self.runs[run].account;
        let identifier = self.runs[run].identifier(ordinal).to_string();
        assert!(
            finding.seen != LookupAnswer::Absent
                || self
                    .lookups
                    .absent
                    .contains(&(process, account, identifier)),
            "a record that the tenant has is reported as absent"
        );
        if self.runs[run].states[ordinal as usize] == DeviceState::Ended(Outcome::Accepted) {
            let seen = (place, finding.at, finding.seen.clone());
            self.lookups.seen.push(seen);
        }
    }

    /// Somebody stores what lookups saw of a run, perhaps a second time.
    fn store_lookups(&mut self, index: usize) {
        let Some(&((run, _), ..)) = self.lookups.seen.last() else {
            return;
        };
        let of_run = |(place, ..): &&(Place, Timestamp, LookupAnswer)| place.0 == run;
        let found: Vec<(Place, Timestamp, LookupAnswer)> =
            self.lookups.seen.iter().filter(of_run).cloned().collect();
        if self.random.bool() {
            self.lookups.seen.retain(|(place, ..)| place.0 != run);
        }
        let (id, account) = (self.runs[run].id, self.runs[run].account);
        let target = self.targets[account].clone();
        let before = self.verified(account);
        let lookups: Vec<(u32, Timestamp, LookupAnswer)> = found
            .iter()
            .map(|((_, ordinal), at, seen)| (*ordinal, *at, seen.clone()))
            .collect();
        let store = |journal: &mut Journal| {
            journal.verify_by_lookups(&target, &id, &lookups, &Operator::default())
        };
        let Some(done) = self.command(index, store) else {
            return;
        };
        self.note(format!("process {index} stores {} lookups", found.len()));
        let absent = found
            .iter()
            .filter(|(.., seen)| *seen == LookupAnswer::Absent);
        let absent: Vec<(Place, Timestamp)> = absent.map(|(place, at, _)| (*place, *at)).collect();
        self.check_newly_gone(account, &before, |_, place| {
            done.is_stored && absent.iter().any(|(absent, _)| *absent == place)
        });
        self.lookups.stored_absent.extend(absent);
    }

    /// What is said of the accepted devices of an account.
    fn verified(&self, account: usize) -> HashMap<Place, VerifiedState> {
        let journal = self.another_journal();
        let mut found = HashMap::new();
        for run in (0..self.runs.len()).filter(|&run| self.is_of(run, account)) {
            let devices = journal.devices(&self.runs[run].id).expect("readable");
            let states = (0..).zip(devices);
            let states = states
                .filter_map(|(ordinal, record)| Some(((run, ordinal), record.verified?.state)));
            found.extend(states);
        }
        found
    }

    fn is_of(&self, run: usize, account: usize) -> bool {
        self.runs[run].admitted && self.runs[run].account == account
    }

    fn device(&self, (run, ordinal): Place) -> &PlannedDevice {
        &self.runs[run].plan.devices[ordinal as usize]
    }

    /// True if the tenant had the very record all the time that the inventory was read.
    fn had(&self, fetched: &Fetched, device: &PlannedDevice) -> bool {
        if let Some(hwid) = &device.hwid {
            return fetched.had(hwid.as_str());
        }
        let tenant = &self.accounts[fetched.account].tenant;
        let texts: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
        let mut same = tenant.devices().filter(|(_, _, macs)| *macs == texts);
        same.any(|(_, hwid, _)| fetched.had(hwid))
    }

    /// Gone is said only of a device that the tenant didn't have; and no outcome has changed.
    fn check_newly_gone(
        &mut self,
        account: usize,
        before: &HashMap<Place, VerifiedState>,
        was_absent: impl Fn(&Self, Place) -> bool,
    ) {
        for (place, state) in self.verified(account) {
            let is_new = state == VerifiedState::Gone && before.get(&place) != Some(&state);
            assert!(
                !is_new || was_absent(self, place),
                "{place:?}, {}, is reported as gone, and the tenant had it",
                self.device(place).identifier
            );
        }
        for run in 0..self.runs.len() {
            self.audit(run);
        }
    }

    /// What was there when the newest inventory was read, under its own hardware ID or a new one, is not
    /// gone, unless a later lookup found no record.
    fn check_returned(&self, account: usize, taken: &Taken, time: Timestamp) {
        for (place, state) in self.verified(account) {
            let (run, ordinal) = place;
            let decided = self.auditor.decided_at(&self.runs[run].id, ordinal);
            let is_covered = decided.is_some_and(|decided| decided < time);
            let mut later = self.lookups.stored_absent.iter();
            if state != VerifiedState::Gone
                || !is_covered
                || later.any(|&(absent, at)| absent == place && at > time)
            {
                continue;
            }
            let device = self.device(place);
            let is_own = |hwid: &str| device.hwid.as_ref().is_some_and(|own| own.as_str() == hwid);
            let mut records = taken.fetched.records().iter();
            let reimaged = records.find(|(hwid, record)| {
                !is_own(hwid)
                    && !device.hostname.is_empty()
                    && record.hostname == device.hostname
                    && Some(record.enrolled) > decided
            });
            assert!(
                !self.had(&taken.fetched, device) && reimaged.is_none(),
                "{place:?}, {}, is there again, as {:?}, and reported as gone",
                device.identifier,
                reimaged.map(|(hwid, _)| hwid)
            );
        }
    }
}
