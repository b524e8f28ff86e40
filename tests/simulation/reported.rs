//! Looks at what a process did in a step: what the journal has now, what it reported, what it sent.

use offboard::domain::outcome::DeviceState;
use offboard::domain::run::{RunId, RunState};
use offboard::engine::lookup_verdict::LookupAnswer;
use offboard::engine::{Report, RunNotice, Waiting};
use offboard::runner::{LookupNews, News, RunRefusal};

use super::process::{Active, Process};
use super::truth::Run;
use super::watch::Watch;
use super::world::World;

impl World {
    pub fn look(&mut self, process: &mut Process) {
        if let Some(slot) = self.auditor.newest_slot()
            && slot > self.newest_slot
        {
            process.slot = slot;
            self.newest_slot = slot;
        }
        for index in 0..self.runs.len() {
            let run = &self.runs[index];
            if run.admitted && !process.own.contains(&index) && run.is_quiet {
                continue;
            }
            let was_admitted = run.admitted;
            self.audit(index);
            if self.runs[index].admitted && !was_admitted {
                self.check_overlap(index);
            }
        }
        self.watch(process);
        while let Ok(update) = process.updates.try_recv() {
            if matches!(
                update.news,
                News::Budget(_) | News::Lookup(LookupNews::Yielding)
            ) {
                continue;
            }
            self.quiet = 0;
            let run = update.run.map(|id| self.run_index(&id));
            self.note(format!(
                "process {}, run {run:?}: {:?}",
                process.index, update.news
            ));
            self.on_news(process, run, update.news);
        }
        if let Some(message) = process.wire.take_sent() {
            self.quiet = 0;
            self.send(process, message);
        }
    }

    fn run_index(&self, id: &RunId) -> usize {
        let found = self.runs.iter().position(|run| run.id == *id);
        found.expect("a run that was planned")
    }

    /// Holds what the journal has of the run in hand against what the step machine may do.
    fn watch(&mut self, process: &mut Process) {
        let now = self.clock.now().boot;
        if let Some(active) = &mut process.active {
            let left = self.auditor.left(&self.runs[active.run].id);
            active.watch.look(&self.runs[active.run], left, now);
        }
    }

    fn on_news(&mut self, process: &mut Process, run: Option<usize>, news: News) {
        match (news, run) {
            (News::Queued, Some(run)) => self.queued(process, run),
            (News::Report(report), Some(run)) => self.reported(process, run, &report),
            (
                News::Lookup(LookupNews::Seen {
                    ordinal,
                    state,
                    finding,
                    ..
                }),
                Some(run),
            ) => {
                self.audit(run);
                assert!(
                    finding.seen != LookupAnswer::Absent
                        || !self.accounts[self.runs[run].account].behind_gateway,
                    "a gateway's 404 was believed"
                );
                self.looked_up(process.index, (run, ordinal), &finding);
                let stored = self.runs[run].states[ordinal as usize];
                assert_eq!(stored, state, "a lookup reported before stored");
                if let Some(active) = process.active.as_mut().filter(|active| active.run == run) {
                    active.watch.reported(ordinal, state);
                }
            }
            (News::Refused(RunRefusal::Held { holder, .. }), Some(run)) => {
                let held = self.holder(run).is_some() || process.own.contains(&run);
                assert!(held, "nobody holds run {run}, and yet: {holder}");
            }
            (News::Refused(refusal), Some(run)) => {
                let why = refusal.to_string();
                let is_lost =
                    why.contains("the journal was lost") || why.contains("restart the program");
                process.has_failed |= process.may_break && is_lost;
                let is_resume = why.contains("can't be resumed");
                assert!(
                    is_resume
                        || !why.contains("since the plan was made")
                        || !self.runs[run].admitted,
                    "refused, and in the journal"
                );
                if is_resume && why.contains("since the plan was made") {
                    self.runs[run].must_close = true;
                }
                let drives = process
                    .active
                    .as_ref()
                    .is_some_and(|active| active.run == run);
                let is_used = why.contains("already used");
                if !drives && !is_used && process.own.contains(&run) {
                    // Before its lock was taken, another process had it and closed or ended it.
                    let state = self.runs[run].row_states[1].as_str();
                    assert!(
                        process.has_failed || matches!(state, "finished" | "closed"),
                        "a run of its own can't be opened: {why}"
                    );
                    process.own.retain(|&own| own != run);
                }
            }
            (News::Failed(what), _) => {
                assert!(
                    process.has_failed || process.may_break,
                    "the journal: {what}"
                );
                process.has_failed = true;
                process.is_broken = true;
            }
            _ => {}
        }
    }

    /// A run is this process's from now on.
    fn queued(&mut self, process: &mut Process, run: usize) {
        // It may be under way already.
        self.audit(run);
        assert!(self.runs[run].admitted, "queued, and not in the journal");
        assert!(
            self.holder(run).is_none() && !process.own.contains(&run),
            "two writers of run {run}"
        );
        process.own.push(run);
        process.must_hold.retain(|&held| held != run);
    }

    /// Nothing is reported before it is stored.
    fn reported(&mut self, process: &mut Process, run: usize, report: &Report) {
        let now = self.clock.now().boot;
        let truth = &self.runs[run];
        if let Report::State { state, pause } = report {
            assert!(
                truth.was(state.as_str()),
                "reported before stored: {state:?}"
            );
            assert_eq!(
                matches!(state, RunState::Paused | RunState::Stopped),
                pause.is_some(),
                "a pause and a stop have a reason"
            );
            return self.entered(process, run, *state);
        }
        let active = process.active.as_mut().expect("a run that is driven");
        assert_eq!(active.run, run, "reports a run that isn't driven");
        match report {
            Report::Changed { devices, .. } => {
                for &(ordinal, state) in devices {
                    assert_eq!(
                        truth.states[ordinal as usize], state,
                        "reported before stored"
                    );
                    active.watch.reported(ordinal, state);
                }
            }
            Report::Sending { call, devices } => {
                assert!(active.watch.agrees(truth), "the front end doesn't know all");
                let flight = truth.flights.last().expect("an intent");
                assert_eq!((flight.call, &flight.devices), (*call, devices));
                for &ordinal in devices {
                    let state = truth.states[ordinal as usize];
                    assert!(
                        !matches!(state, DeviceState::Ended(outcome) if outcome.is_definite()),
                        "sends what is over"
                    );
                }
            }
            &Report::Notice(RunNotice::SmallerBatches(size)) => {
                let stored = self.auditor.sizes(&truth.id).batch;
                assert_eq!(stored, size, "reported before stored");
            }
            Report::Waiting { reason, .. } => {
                assert!(active.watch.agrees(truth), "the front end doesn't know all");
                active.watch.waits(*reason == Waiting::Resend, now);
            }
            Report::State { .. } | Report::Notice(_) => {}
        }
    }

    fn entered(&mut self, process: &mut Process, run: usize, state: RunState) {
        assert!(process.own.contains(&run), "another process's run");
        let now = self.clock.now().boot;
        let drives = process
            .active
            .as_ref()
            .is_some_and(|active| active.run == run);
        if state == RunState::Running && !drives {
            assert!(process.active.is_none(), "two runs at once");
            assert!(
                !process.must_hold.contains(&run),
                "run {run} starts after a stop, and nobody took it up"
            );
            let truth = &self.runs[run];
            let sizes = self.auditor.sizes(&truth.id);
            process.active = Some(Active {
                run,
                state,
                watch: Watch::new(sizes, process.resend_once, truth),
            });
            return;
        }
        if !drives {
            assert_eq!(state, RunState::Stopped, "a run that waits is only held");
            process.own.retain(|&own| own != run);
            process.must_hold.retain(|&held| held != run);
            return;
        }
        let Process {
            active,
            own,
            must_hold,
            stop_asked,
            pause_asked,
            stop_heard,
            stop_waits,
            ..
        } = process;
        let mut driving = active.take().expect("it drives");
        let mut holds = *stop_heard;
        match state {
            RunState::Running => driving.watch.resumed(),
            RunState::Paused => holds = true,
            _ => {
                let asked = *stop_asked || self.runs[run].stop_requested;
                assert!(
                    state == RunState::Finished || state == RunState::Stopped && asked,
                    "the run came to rest as {}, and nobody asked for it",
                    state.as_str()
                );
                if state == RunState::Finished && !asked && !*pause_asked {
                    driving.watch.finishes(&self.runs[run], now);
                }
                holds |= state == RunState::Stopped;
                // What came too late for this run, the next one takes in.
                *stop_asked = *stop_waits;
                (*pause_asked, *stop_heard) = (false, false);
                own.retain(|&own| own != run);
                self.runs[run].stop_requested = false;
            }
        }
        if holds {
            must_hold.extend(own.iter().copied().filter(|&own| own != run));
        }
        if state.is_open() && state != RunState::Stopped {
            driving.state = state;
            *active = Some(driving);
        }
    }
}

impl Run {
    /// True if the journal has it in this state, or had until the last step.
    fn was(&self, state: &str) -> bool {
        self.row_states.iter().any(|row| row == state)
    }
}
