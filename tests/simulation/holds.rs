//! Holds: added and ended by anybody, whatever the clocks say, and what they must keep from being sent.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use offboard::domain::device::{Hwid, Identifier, MacAddress};
use offboard::domain::outcome::{DeviceState, Outcome};
use offboard::journal::{EndedHolds, Journal, Operator};
use offboard::plan::{Candidate, Hold, HoldError, PlannedDevice};
use offboard::platform::clock::{Clock, Now};

use super::world::{World, true_wall};

/// More are slow to look at, and find nothing more.
const MOST_HOLDS: usize = 20;
/// By how much a clock may be off before the program can know better.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A hold that was added, in truth.
pub struct HoldTruth {
    account: usize,
    /// In lower case.
    hwid: Option<String>,
    macs: Vec<MacAddress>,
    until: Date,
    /// Between two changes of the boot time.
    boot_epoch: u32,
    /// The wall clock was wrong when it was added: its last day was given by that clock, and without the
    /// tenant's nobody can know better.
    by_wrong_clock: bool,
    is_ended: bool,
    /// In the end, its operator has tried to end it.
    is_tried: bool,
}

impl HoldTruth {
    /// A shared hardware ID, in any case, or a shared MAC address is enough.
    fn covers(&self, hwid: Option<&str>, macs: &[MacAddress]) -> bool {
        let by_hwid = hwid.map(str::to_ascii_lowercase).zip(self.hwid.as_ref());
        let mut own = self.macs.iter().filter(|mac| !mac.is_known_constant());
        by_hwid.is_some_and(|(one, other)| one == *other) || own.any(|mac| macs.contains(mac))
    }

    fn end(&self) -> Timestamp {
        let day = self.until.tomorrow().expect("a day");
        let end = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0));
        end.expect("a time")
    }
}

impl World {
    /// Somebody holds some devices of the account: planned ones, running ones, or others.
    pub fn add_holds(&mut self, index: usize, account: usize) {
        if self.holds.len() >= MOST_HOLDS {
            return;
        }
        let (truly, wall) = (true_wall(self.now), self.clock.now().wall);
        let from = if self.random.bool() { truly } else { wall };
        let today = Offset::UTC.to_datetime(from).date();
        let until = (0..self.random.u8(..3)).fold(today, |day, _| day.tomorrow().expect("a day"));
        let reason = format!("hold {}", self.holds.len());
        let template = match Hold::template(until, &reason, None, wall) {
            Ok(template) => template,
            Err(error) => {
                let is_over = until < Offset::UTC.to_datetime(wall).date();
                assert!(
                    is_over && matches!(error, HoldError::Over { .. }),
                    "{error}"
                );
                return;
            }
        };
        let known: Vec<(String, Vec<String>)> = self.accounts[account]
            .tenant
            .devices()
            .map(|(_, hwid, macs)| (hwid.to_owned(), macs.to_vec()))
            .collect();
        let mut holds = Vec::new();
        for _ in 0..self.random.u8(1..4) {
            let (hwid, macs) = &known[self.random.usize(..known.len())];
            // Named by one of its identifiers, or taken from a list with all of them.
            let by = self.random.u8(..3);
            let macs = macs
                .iter()
                .map(|mac| MacAddress::parse(mac).expect("a MAC"));
            let hold = Hold {
                hwid: (by != 0).then(|| Hwid::parse(hwid).expect("a HWID")),
                macs: macs
                    .filter(|mac| by != 1 && !mac.is_known_constant())
                    .collect(),
                ..template.clone()
            };
            if hold.keys().next().is_some() {
                holds.push(hold);
            }
        }
        let target = self.targets[account].clone();
        let add = |journal: &mut Journal| journal.add_holds(&target, &holds, &Operator::default());
        let Some(done) = self.command(index, add) else {
            return;
        };
        self.note(format!(
            "process {index} holds {} devices until {until}: {}",
            holds.len(),
            done.is_stored
        ));
        if done.is_stored {
            let by_wrong_clock = wall.duration_since(truly).abs() > TOLERANCE;
            self.holds.extend(holds.into_iter().map(|hold| HoldTruth {
                account,
                hwid: hold.hwid.map(|hwid| hwid.as_str().to_ascii_lowercase()),
                macs: hold.macs,
                until,
                boot_epoch: self.boot_epoch,
                by_wrong_clock,
                is_ended: false,
                is_tried: false,
            }));
        }
        self.check_holds(account);
    }

    /// Somebody ends any of the holds.
    pub fn end_any_hold(&mut self, index: usize) {
        if !self.holds.is_empty() {
            let at = self.random.usize(..self.holds.len());
            self.end_hold(index, at);
        }
    }

    /// Somebody ends the holds that have an identifier of this one.
    fn end_hold(&mut self, index: usize, at: usize) {
        let hold = &self.holds[at];
        let account = hold.account;
        let hwid = hold.hwid.as_deref();
        let by_hwid = hwid.map(|hwid| Identifier::Hwid(Hwid::parse(hwid).expect("a HWID")));
        let by_mac = hold.macs.first().map(|&mac| Identifier::Mac(mac));
        let Some(key) = by_hwid.or(by_mac) else {
            return;
        };
        let target = self.targets[account].clone();
        let keys = [key.clone()];
        let end = |journal: &mut Journal| journal.end_holds(&target, &keys, &Operator::default());
        let Some(done) = self.command(index, end) else {
            return;
        };
        self.note(format!("process {index} ends the holds of {key}"));
        let has_key = |hold: &HoldTruth| {
            hold.account == account
                && match &key {
                    Identifier::Hwid(hwid) => hold.hwid.as_deref() == Some(hwid.as_str()),
                    Identifier::Mac(mac) => hold.macs.contains(mac),
                }
        };
        let ended = self.auditor.ended_holds();
        let mut count = 0;
        for (number, hold) in self.holds.iter_mut().enumerate() {
            let is_ended = ended.contains(&number);
            assert!(
                is_ended == hold.is_ended || is_ended && done.is_stored && has_key(hold),
                "hold {number} has another end than somebody gave it"
            );
            count += u64::from(is_ended != hold.is_ended);
            hold.is_ended = is_ended;
        }
        match done.value {
            Some(EndedHolds::Ended(reported)) => {
                assert_eq!(reported, count, "other holds than were reported");
            }
            Some(EndedHolds::NotHeld(without_holder)) => {
                assert!(without_holder == key && count == 0, "an end without a hold");
            }
            None => {}
        }
        self.check_holds(account);
    }

    /// True while a hold that is not over keeps the device, by true time.
    pub fn is_held(&self, account: usize, device: &PlannedDevice) -> bool {
        let hwid = device.hwid.as_ref().map(Hwid::as_str);
        self.is_held_by(account, hwid, &device.macs)
    }

    fn is_held_by(&self, account: usize, hwid: Option<&str>, macs: &[MacAddress]) -> bool {
        let now = true_wall(self.now);
        let mut holds = self.holds.iter();
        holds.any(|hold| {
            hold.account == account
                && !hold.is_ended
                && now < hold.end()
                && hold.covers(hwid, macs)
                && (!hold.by_wrong_clock || self.knows_server_time(account))
        })
    }

    /// True if the tenant has sent its time since the machine was started.
    fn knows_server_time(&self, account: usize) -> bool {
        self.auditor
            .knows_server_time(&self.targets[account], self.clock.boot_id())
    }

    /// The journal has the holds that were added, all of a command or none, and by them selects what is
    /// held and nothing else.
    pub fn check_holds(&mut self, account: usize) {
        assert_eq!(
            self.auditor.holds(),
            self.holds.len(),
            "a command stored some of its holds"
        );
        let journal = self.another_journal();
        let in_force = journal
            .holds_in_force(&self.targets[account])
            .expect("readable");
        for (_, hwid, macs) in self.accounts[account].tenant.devices() {
            let known = Hwid::parse(hwid).expect("a HWID");
            let macs: Vec<_> = macs
                .iter()
                .map(|mac| MacAddress::parse(mac).expect("a MAC"))
                .collect();
            let candidate = Candidate {
                sent: None,
                hwid: Some(&known),
                macs: &macs,
                enrolled: None,
                removed_by: None,
            };
            let selected = in_force.of(candidate).is_some();
            assert!(
                selected || !self.is_held_by(account, Some(hwid), &macs),
                "the hold of {hwid} is over before its last day"
            );
            let mut not_ended = self.holds.iter().filter(|hold| !hold.is_ended);
            assert!(
                !selected
                    || not_ended
                        .any(|hold| hold.account == account && hold.covers(Some(hwid), &macs)),
                "{hwid} is held, and nobody holds it"
            );
        }
    }

    /// Another process's journal, for a moment.
    pub fn another_journal(&self) -> Journal {
        Journal::open(self.directory.path(), self.clock.clone()).expect("a journal")
    }

    /// The journal admitted the run, or its resume: none of what it may send is held. What is added later
    /// doesn't stop it.
    pub fn check_unheld(&mut self, index: usize) {
        let run = &self.runs[index];
        let held = |ordinal: &u32| self.is_held(run.account, &run.plan.devices[*ordinal as usize]);
        let is_open = |ordinal: &u32| match run.states[*ordinal as usize] {
            DeviceState::Ended(outcome) => matches!(outcome, Outcome::InDoubt(_)),
            _ => true,
        };
        let ordinals = 0..u32::try_from(run.plan.devices.len()).expect("few");
        let held: Vec<u32> = ordinals.filter(is_open).filter(held).collect();
        let planned = held
            .iter()
            .find(|&&ordinal| run.states[ordinal as usize] == DeviceState::Planned);
        assert_eq!(
            planned.map(|&ordinal| run.identifier(ordinal)),
            None,
            "run {} goes on with a device that is held",
            run.id
        );
        self.runs[index].held = held;
    }

    /// Two days after the last day of every hold, by all clocks, none holds any more.
    pub fn check_holds_end(&self) {
        let Some(end) = self.holds.iter().map(HoldTruth::end).max() else {
            return;
        };
        let Now { boot, .. } = self.clock.now();
        let wall = end + SignedDuration::from_hours(48);
        let passed = wall.duration_since(true_wall(self.now));
        let passed = std::time::Duration::try_from(passed).unwrap_or_default();
        let later = Now {
            wall: wall.max(true_wall(self.now)),
            boot: boot + passed,
        };
        let clock = Clock::manual_in(self.clock.boot_id(), later);
        let journal = Journal::open(self.directory.path(), clock).expect("a journal");
        for account in 0..self.accounts.len() {
            let records = journal.holds(&self.targets[account]).expect("readable");
            let truths = self.holds.iter().filter(|hold| hold.account == account);
            for (record, truth) in records.iter().zip(truths) {
                let is_known = truth.boot_epoch == self.boot_epoch && self.wall_is_right;
                assert!(
                    !is_known || !record.status.is_in_force(),
                    "a hold until {} goes on for ever",
                    truth.until
                );
            }
        }
    }

    /// The operator ends the next of all holds, so that runs can be resumed. False if none is left.
    pub fn end_next_hold(&mut self) -> bool {
        let untried = |hold: &HoldTruth| !hold.is_ended && !hold.is_tried;
        let Some(at) = self.holds.iter().position(untried) else {
            return false;
        };
        let index = self.processes.iter().position(Option::is_some);
        let Some(index) = index.or_else(|| self.start(0)) else {
            return false;
        };
        // One that is over can't be ended.
        self.holds[at].is_tried = true;
        self.end_hold(index, at);
        true
    }
}
