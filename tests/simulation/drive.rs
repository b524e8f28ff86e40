//! The step machine's second driver: performs what it asks for, one command at a time.

use offboard::domain::outcome::DeviceState;
use offboard::domain::run::RunState;
use offboard::engine::response;
use offboard::engine::{Command, Control, Event, Notice, Report};

use super::network::{Message, Returned};
use super::process::{Asked, Awaited, Driving, Gone, Next, Process};
use super::watch::Watch;
use super::world::World;

impl Process {
    pub fn driving(&mut self) -> &mut Driving {
        self.driving.as_mut().expect("a run")
    }

    /// Goes on with what it was stopped before.
    pub fn wake_up(&mut self, world: &mut World, event: Event) -> Result<Next, Gone> {
        self.give(world, event);
        self.drive(world)
    }

    /// Performs commands up to the first after which something else may come.
    pub fn drive(&mut self, world: &mut World) -> Result<Next, Gone> {
        loop {
            if world.chance_in(250) {
                return Err(Gone::Killed);
            }
            let Some(command) = self.driving().commands.pop_front() else {
                return self.idle(world);
            };
            world.note(format!("process {}: {command:?}", self.index));
            if matches!(command, Command::TakeSlot(_)) {
                // The last moment at which nothing of the next call has begun.
                self.take_in_waiting(world)?;
            }
            let event = match command {
                Command::Report(report) => {
                    self.hear(world, &report)?;
                    continue;
                }
                Command::Wait(until) => {
                    self.driving().wake = Some(until);
                    continue;
                }
                Command::End => return self.end(world),
                Command::Send => return Ok(self.send(world)),
                Command::FetchToken => {
                    let slot = self.driving().slot;
                    let call = world.send(self.index, self.account, None, slot, Message::Token);
                    self.awaited = Some((call, Awaited::Token));
                    return Ok(Next::Still);
                }
                stored => self.perform(world, stored)?,
            };
            self.driving().wake = None;
            if world.chance_in(100) {
                // Stopped, or asleep with the machine, between two steps.
                self.frozen_until = world.now + world.random.u64(1..3_600_000);
                self.withheld = Some(event);
                return Ok(Next::Soon);
            }
            self.give(world, event);
            // Nothing comes between the machine's last look at the clock and the send.
            let goes_out = |command: &Command| matches!(command, Command::Send);
            if !self.driving().commands.iter().any(goes_out) {
                return Ok(Next::Soon);
            }
        }
    }

    /// A call has come back.
    pub fn take_in(&mut self, world: &mut World, returned: Returned) -> Result<Next, Gone> {
        let (_, awaited) = self.awaited.take().expect("a call");
        let event = match (awaited, returned) {
            (Awaited::Delete, Returned::Delete(answer)) => {
                let prepared = self.driving().prepared.take().expect("a call");
                Event::Called(match answer {
                    Ok(answer) => response::classify(prepared.devices(), &answer),
                    Err(silence) => response::classify_silence(silence),
                })
            }
            (Awaited::Token, Returned::Token(report, token)) => {
                self.token = token.or(self.token);
                Event::Token(report)
            }
            (awaited, returned) => return self.looked(world, awaited, returned),
        };
        self.give(world, event);
        Ok(Next::Soon)
    }

    /// Hands the machine an event, and looks at what it asks for.
    pub fn give(&mut self, world: &mut World, event: Event) {
        let now = world.clock.now();
        let driving = self.driving.as_mut().expect("a run");
        let run = &world.runs[driving.run];
        if matches!(event, Event::Stored) {
            Watch::agrees(&driving.machine, run);
            if self.journal.stop_requested(&run.id).expect("readable") {
                driving.stop_asked = true;
                let noted = driving.machine.step(Event::Control(Control::Stop), now);
                assert!(noted.is_empty(), "between two steps a stop is only noted");
            }
        }
        let woken = matches!(event, Event::Woken);
        let commands = driving.machine.step(event, now);
        for command in &commands {
            match command {
                Command::StoreState(RunState::Finished, _) if woken => {
                    driving.watch.finishes(run, now.boot);
                }
                Command::StoreIntent(intent) => driving.watch.intends(intent, run, now.boot),
                Command::StoreOutcome(end) => {
                    let left = driving.machine.tally().left;
                    driving.watch.judges(end, run, left, now.boot);
                }
                _ => {}
            }
        }
        driving.commands.extend(commands);
    }

    /// Nothing is told before it is stored.
    fn hear(&mut self, world: &mut World, report: &Report) -> Result<(), Gone> {
        let driving = self.driving.as_mut().expect("a run");
        let run = &world.runs[driving.run];
        match report {
            Report::Changed { devices, .. } => {
                for &(ordinal, state) in devices {
                    assert_eq!(run.states[ordinal as usize], state, "told before stored");
                }
            }
            Report::State { state, .. } => {
                let row = world.auditor.run(&run.id).expect("a run");
                assert_eq!(row.state, state.as_str(), "told before stored");
                driving.state = *state;
            }
            Report::Sending { devices, .. } => {
                for &ordinal in devices {
                    let state = run.states[ordinal as usize];
                    assert!(
                        !matches!(state, DeviceState::Ended(outcome) if outcome.is_definite()),
                        "sends what is over"
                    );
                }
            }
            &Report::Notice(Notice::SmallerBatches(size)) => {
                let id = run.id;
                self.write(world, |journal| journal.store_batch_size(&id, size))?;
            }
            Report::Waiting { .. } | Report::Notice(_) => {}
        }
        Ok(())
    }

    /// Waits for what ends the machine's idleness.
    fn idle(&mut self, world: &mut World) -> Result<Next, Gone> {
        let driving = self.driving.as_mut().expect("a run");
        let paused = driving.state == RunState::Paused;
        Watch::agrees(&driving.machine, &world.runs[driving.run]);
        assert!(
            paused || driving.wake.is_some(),
            "neither paused nor waiting: it would hang"
        );
        let id = world.runs[driving.run].id;
        if self.journal.stop_requested(&id).expect("readable") {
            driving.stop_asked = true;
            return Ok(self.control(world, Control::Stop));
        }
        let now = world.clock.now().boot;
        if driving.wake.is_some_and(|wake| wake <= now) {
            driving.wake = None;
            self.give(world, Event::Woken);
            return Ok(Next::Soon);
        }
        match self.inbox.pop_front() {
            Some(Asked::Control(control)) => return Ok(self.control(world, control)),
            Some(Asked::Leave) if paused => return Err(Gone::Left),
            Some(Asked::Leave) => {
                self.leaving = true;
                return Ok(self.control(world, Control::Stop));
            }
            Some(Asked::Resume(run, told)) if paused && run == driving.run => {
                if self.take_up_paused(world, run, told)? {
                    return Ok(self.control(world, Control::Resume));
                }
                return Ok(Next::Soon);
            }
            Some(asked) => {
                self.enqueue(world, asked)?;
                return Ok(Next::Soon);
            }
            None if paused && self.leaving => return Err(Gone::Left),
            None => {}
        }
        if paused {
            return self.look_up(world);
        }
        Ok(driving.wake.map_or(Next::Still, Next::At))
    }

    /// Takes in what came while the machine was busy. It only takes note of controls.
    fn take_in_waiting(&mut self, world: &mut World) -> Result<(), Gone> {
        while let Some(asked) = self.inbox.pop_front() {
            match asked {
                Asked::Control(_) | Asked::Leave => self.hear_in_call(asked, world.clock.now()),
                asked => self.enqueue(world, asked)?,
            }
        }
        Ok(())
    }

    /// The machine is idle, and hears of a control.
    fn control(&mut self, world: &mut World, control: Control) -> Next {
        let driving = self.driving();
        driving.stop_asked |= control == Control::Stop;
        if control == Control::Resume && driving.state == RunState::Paused {
            driving.watch.resumed();
        }
        self.give(world, Event::Control(control));
        let driving = self.driving();
        if !driving.commands.is_empty() {
            driving.wake = None;
        }
        Next::Soon
    }

    fn end(&mut self, world: &mut World) -> Result<Next, Gone> {
        // The run is let go of.
        let Driving {
            state,
            stop_asked,
            machine,
            ..
        } = self.driving.take().expect("a run");
        match state {
            // A stop or a pause that came during the last call holds what is queued.
            RunState::Finished if machine.stop_or_pause_requested() => self.hold_queue(world)?,
            RunState::Finished => {}
            RunState::Stopped => {
                assert!(stop_asked, "stopped, and nobody asked for it");
                self.hold_queue(world)?;
            }
            state => panic!("the run came to rest as {}", state.as_str()),
        }
        Ok(Next::Soon)
    }
}
