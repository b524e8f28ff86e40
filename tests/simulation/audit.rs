//! Holds what the journal has of runs, and what calls do, against the truth.

use offboard::domain::action::Action;
use offboard::domain::outcome::{DeviceState, Outcome, Tally};

use super::world::World;

impl World {
    /// Looks at a run after something may have been written: the safety invariants.
    pub fn audit(&mut self, index: usize) {
        let Some(row) = self.auditor.run(&self.runs[index].id) else {
            assert!(!self.runs[index].admitted, "a confirmed run is gone");
            return;
        };
        let is_new = !self.runs[index].admitted;
        if is_new {
            self.admit_variant(index, &row.hash);
        }
        let run = &mut self.runs[index];
        assert_eq!(row.hash, run.hash, "admitted a second time");
        run.admitted = true;
        let is_resumed = std::mem::replace(&mut run.resumes, row.resumes) != row.resumes;
        run.row_states.swap(0, 1);
        run.row_states[1].clone_from(&row.state);
        for call in self.auditor.calls(&run.id) {
            run.take_in(call);
        }
        let states = self.auditor.states(&run.id);
        let tally = Tally::of(states.iter().copied());
        assert_eq!(row.devices, run.plan.devices.len(), "the plan changed");
        assert_eq!(
            tally.total(),
            row.devices as u64,
            "counts that don't add up"
        );
        if row.state == "paused" {
            assert!(
                row.reason.is_some_and(|reason| reason.len() > 10),
                "a pause without a reason"
            );
            assert!(tally.left > 0, "a pause with nothing left to send");
        }
        if row.state == "finished" {
            assert_eq!(tally.left, 0, "finished with devices left");
        }
        let all_accepted = states
            .iter()
            .all(|&state| state == DeviceState::Ended(Outcome::Accepted));
        assert_eq!(
            offboard::domain::exit::Exit::of_run(row.state.parse().expect("a state"), tally)
                .number()
                == 0,
            all_accepted,
            "exit 0 is exactly when all is accepted"
        );
        run.is_quiet = !states.contains(&DeviceState::Planned);
        let missing = run.check(states);
        if is_new || is_resumed {
            self.check_unheld(index);
        }
        self.check_missing(index, &missing);
    }

    /// A device isn't reported as not found where an earlier run's lost answer may have removed it.
    fn check_missing(&self, index: usize, missing: &[u32]) {
        let run = &self.runs[index];
        for earlier in &self.runs {
            let removes = matches!(earlier.action, Action::Archive | Action::Remove);
            if missing.is_empty() || !removes || earlier.account != run.account {
                continue;
            }
            if !earlier.admitted || !self.auditor.is_later(&run.id, &earlier.id) {
                continue;
            }
            for &ordinal in missing {
                let identifier = run.identifier(ordinal);
                let mut theirs = earlier.plan.devices.iter().zip(&earlier.states);
                let doubt = theirs.any(|(device, state)| {
                    device.identifier == *identifier
                        && matches!(state, DeviceState::Ended(Outcome::InDoubt(_)))
                });
                assert!(
                    !doubt,
                    "{identifier} is reported as not found, and may have been removed"
                );
            }
        }
    }

    /// A call has reached a tenant: its slot is taken and not yet free.
    pub fn check_arrival(&mut self, account: usize, slot: i64, process: usize, call: u64) {
        let waiting = self.processes[process]
            .as_ref()
            .is_some_and(|process| process.call == Some(call));
        if let Some((boot, deadline, completed)) = self.auditor.slot(slot) {
            let same_boot = boot == self.clock.boot_id();
            assert!(
                !same_boot || !waiting || self.clock.now().boot.0 <= deadline,
                "a call that arrives after its slot's deadline"
            );
            assert!(
                completed.is_none() || !same_boot || !waiting,
                "a slot that frees while its call is on the way"
            );
        }
        let limit = self.budgets[account].calls.get() as usize;
        let before = &self.accounts[account].arrivals;
        if let Some(&first) = before
            .len()
            .checked_sub(limit)
            .and_then(|at| before.get(at))
        {
            assert!(
                self.now >= first + 60_000,
                "more than {limit} calls in a minute: {:?} and {}",
                &before[before.len() - limit..],
                self.now
            );
        }
    }

    /// No device of a plan that was just admitted is in another open run, or in doubt elsewhere.
    pub fn check_overlap(&self, index: usize) {
        let admitted = &self.runs[index];
        let retried = self
            .runs
            .iter()
            .find(|run| Some(run.id) == admitted.retry_of);
        for other in &self.runs {
            if other.id == admitted.id || other.account != admitted.account || !other.admitted {
                continue;
            }
            let row = self.auditor.run(&other.id).expect("a run");
            let open = !matches!(row.state.as_str(), "finished" | "closed");
            let states = self.auditor.states(&other.id);
            for (ordinal, (theirs, state)) in other.plan.devices.iter().zip(states).enumerate() {
                let holds = match state {
                    // Retrying a retry, the operator knows of the first run's doubt.
                    DeviceState::Ended(Outcome::InDoubt(_)) => {
                        retried.is_none_or(|retried| {
                            retried.id != other.id
                                && !(self.auditor.is_later(&retried.id, &other.id)
                                    && retried.has_in_doubt(theirs))
                        }) && !self.auditor.is_answered_later(&other.id, ordinal)
                    }
                    DeviceState::Ended(_) => false,
                    _ => open,
                };
                let shared = |ours: &&offboard::plan::PlannedDevice| {
                    let by_hwid = ours.hwid.is_some() && ours.hwid == theirs.hwid;
                    let either_bare = ours.hwid.is_none() || theirs.hwid.is_none();
                    let has = |mac: &_| theirs.macs.contains(mac);
                    let mut own = ours.macs.iter().filter(|mac| !mac.is_known_constant());
                    by_hwid || either_bare && own.any(has)
                };
                let ours = admitted.plan.devices.iter().find(shared);
                assert!(
                    !(holds && ours.is_some()),
                    "run {} (a retry of {:?}) was admitted with {:?}, which run {} ({}) has as {} and {state:?}",
                    admitted.id,
                    admitted.retry_of,
                    ours.map(|ours| (&ours.identifier, &ours.hwid, &ours.macs)),
                    other.id,
                    row.state,
                    theirs.identifier,
                );
            }
        }
    }
}
