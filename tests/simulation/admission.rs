//! What a process may run: a confirmed plan, or a run that is taken up again.

use offboard::domain::run::RunState;
use offboard::engine::{Engine, Event, Settings};
use offboard::journal::{Admission, JournalError, OpenedRun, Operator, RunLock};

use super::network::TIMEOUT;
use super::process::{Asked, Driving, Gone, Process};
use super::watch::Watch;
use super::world::World;

impl Process {
    /// Takes in what it was asked.
    pub fn enqueue(&mut self, world: &mut World, asked: Asked) -> Result<(), Gone> {
        match asked {
            Asked::Control(_) => {}
            Asked::Leave => self.leaving = true,
            Asked::LookUp(run, ordinals) => self.lookups.ask(run, &ordinals),
            Asked::Plan(run, plan) => {
                let admission =
                    self.write(world, |journal| journal.admit(&plan, &Operator::default()));
                world.audit(run);
                world.note(format!(
                    "process {} admits {run}: {admission:?}",
                    self.index
                ));
                match admission? {
                    Admission::Admitted => {
                        assert!(world.runs[run].admitted, "admitted, and not in the journal");
                        world.check_overlap(run);
                        let lock = self.journal.try_lock_run(&world.runs[run].id);
                        self.queue
                            .push_back((run, lock.expect("nobody else has it")));
                    }
                    Admission::Overlap(_) => {
                        assert!(!world.runs[run].admitted, "refused, and in the journal");
                    }
                    Admission::Used => {}
                }
            }
            Asked::Resume(run, told) => {
                if let Some(lock) = self.check_resume(world, run, told)? {
                    world.note(format!("process {} takes up {run}", self.index));
                    self.queue.push_back((run, lock));
                }
            }
        }
        Ok(())
    }

    /// What must hold for a run to be taken up again.
    fn check_resume(
        &mut self,
        world: &mut World,
        run: usize,
        told: u64,
    ) -> Result<Option<RunLock>, Gone> {
        let Some((lock, opened)) = self.lock_and_open(world, run)? else {
            return Ok(None);
        };
        let record = &opened.record;
        if world.targets[self.account].check(&record.target).is_err()
            || !record.state.is_open()
            || told != record.tally.left
        {
            return Ok(None);
        }
        let id = world.runs[run].id;
        self.write(world, |journal| {
            journal.record_resume(&id, told, &Operator::default())
        })?;
        Ok(Some(lock))
    }

    /// Opens a run; none if a process has it.
    fn lock_and_open(
        &mut self,
        world: &mut World,
        run: usize,
    ) -> Result<Option<(RunLock, OpenedRun)>, Gone> {
        let id = world.runs[run].id;
        let held = world.holder(run).is_some() || self.has(run);
        let lock = match self.journal.try_lock_run(&id) {
            Ok(lock) => lock,
            Err(JournalError::Held { .. }) => {
                assert!(held, "nobody holds run {id}, and yet it is held");
                return Ok(None);
            }
            Err(error) => panic!("run {id}: {error}"),
        };
        assert!(!held, "two writers of run {id}");
        let opened = self.open_twice(world, run, &lock)?;
        Ok(Some((lock, opened)))
    }

    /// Opening a run twice is as opening it once.
    fn open_twice(
        &mut self,
        world: &mut World,
        run: usize,
        lock: &RunLock,
    ) -> Result<OpenedRun, Gone> {
        let id = world.runs[run].id;
        let opened = self.write(world, |journal| journal.open_run(&id, lock));
        world.audit(run);
        let opened = opened?;
        let again = self.write(world, |journal| journal.open_run(&id, lock))?;
        assert_eq!(
            format!("{opened:?}"),
            format!("{again:?}"),
            "opened twice isn't opened once"
        );
        Ok(opened)
    }

    /// Opens a run to drive it.
    pub fn open(&mut self, world: &mut World, run: usize, lock: RunLock) -> Result<(), Gone> {
        let opened = self.open_twice(world, run, &lock)?;
        assert!(opened.record.state.is_open(), "over while it waited");
        let settings = Settings {
            action: opened.record.action,
            sizes: opened.sizes,
            budget: world.budgets[self.account],
            request_timeout: TIMEOUT,
            resend_once: self.resend_once,
            seed: world.random.u64(..),
            calls_before: opened.calls,
        };
        let devices: Vec<_> = opened
            .devices
            .iter()
            .map(|(identifier, state)| (identifier.kind(), *state))
            .collect();
        let mut machine = Engine::new(settings, &devices).with_lost_before(&opened.lost_before);
        let commands = machine.step(Event::Begin, world.clock.now());
        self.driving = Some(Driving {
            run,
            machine,
            commands: commands.into(),
            prepared: None,
            slot: 0,
            state: RunState::Queued,
            wake: None,
            watch: Watch::new(opened.sizes, self.resend_once),
            stop_asked: false,
            opened,
            _lock: lock,
        });
        Ok(())
    }

    /// After a stop or a pause, what is queued starts only by its typed count.
    pub fn hold_queue(&mut self, world: &mut World) -> Result<(), Gone> {
        for (run, lock) in std::mem::take(&mut self.queue) {
            let id = world.runs[run].id;
            let held = self.write(world, |journal| {
                journal.store_state(&id, RunState::Stopped, None)
            });
            world.audit(run);
            held?;
            drop(lock);
        }
        Ok(())
    }

    /// The run that this process has paused is taken up by the count of what is left.
    pub fn take_up_paused(
        &mut self,
        world: &mut World,
        run: usize,
        told: u64,
    ) -> Result<bool, Gone> {
        let left = self
            .driving
            .as_ref()
            .map(|driving| driving.machine.tally().left);
        if left != Some(told) {
            return Ok(false);
        }
        let id = world.runs[run].id;
        self.write(world, |journal| {
            journal.record_resume(&id, told, &Operator::default())
        })?;
        Ok(true)
    }
}
