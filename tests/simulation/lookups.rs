//! Lookups: a process asks the tenant about devices while no run of it is sending.

use std::collections::VecDeque;

use offboard::domain::outcome::Outcome;
use offboard::engine::lookup_response::{LookupReport, LookupResult};
use offboard::engine::lookup_verdict::{Finding, Question};
use offboard::engine::{CredentialKind, Event, SlotEnd, SlotPurpose, TakenSlot};
use offboard::journal::JournalError;

use super::network::{Message, Returned, TIMEOUT};
use super::process::{Awaited, Gone, Next, Process};
use super::world::World;

/// What is to be looked up: runs by index, devices by ordinal.
#[derive(Default)]
pub struct Lookups(VecDeque<(usize, u32)>);

impl Lookups {
    pub fn ask(&mut self, run: usize, ordinals: &[u32]) {
        self.0
            .extend(ordinals.iter().map(|&ordinal| (run, ordinal)));
    }
}

impl Process {
    /// Makes one step: a token call or a lookup.
    pub fn look_up(&mut self, world: &mut World) -> Result<Next, Gone> {
        let Some(&(run, ordinal)) = self.lookups.0.front() else {
            return Ok(Next::Still);
        };
        if self.token.is_none() && self.load_credential(world).is_err() {
            self.lookups = Lookups::default();
            return Ok(Next::Soon);
        }
        let needs_token = self.token.is_none() && self.credential == CredentialKind::Client;
        let purpose = if needs_token {
            SlotPurpose::Token
        } else {
            SlotPurpose::Lookup
        };
        let slot = match self.take_slot(world, purpose)? {
            Ok(slot) => slot,
            Err((at, _)) => return Ok(Next::At(at)),
        };
        let (message, awaited) = if needs_token {
            (Message::Token, Awaited::LookupToken(slot))
        } else {
            let identifier = world.runs[run].identifier(ordinal).clone();
            (Message::Lookup(identifier), Awaited::Lookup(slot))
        };
        let call = world.send(self.index, self.account, self.token, slot.number, message);
        self.awaited = Some((call, awaited));
        Ok(Next::Still)
    }

    /// A lookup or its token has come back.
    pub fn looked(
        &mut self,
        world: &mut World,
        awaited: Awaited,
        returned: Returned,
    ) -> Result<Next, Gone> {
        match (awaited, returned) {
            (Awaited::LookupToken(slot), Returned::Token(_, token)) => {
                self.token = token;
                if token.is_none() {
                    self.lookups = Lookups::default();
                }
                self.complete_slot(world, slot)?;
            }
            (Awaited::Lookup(slot), Returned::Lookup(report)) => {
                self.settle(world, slot, report)?;
            }
            _ => panic!("another call came back than was made"),
        }
        Ok(Next::Soon)
    }

    /// Stores what was seen, and what follows from it.
    fn settle(
        &mut self,
        world: &mut World,
        slot: TakenSlot,
        report: LookupReport,
    ) -> Result<(), Gone> {
        let (run, ordinal) = self.lookups.0.pop_front().expect("a lookup");
        let LookupResult::Read(seen) = report.result else {
            if report.result == LookupResult::Unauthorized {
                self.token = None;
            }
            return self.complete_slot(world, slot);
        };
        let now = world.clock.now();
        let id = world.runs[run].id;
        let is_held = self
            .driving
            .as_ref()
            .is_some_and(|driving| driving.run == run);
        let lock = if is_held {
            None
        } else {
            match self.journal.try_lock_run(&id) {
                Ok(lock) => Some(lock),
                Err(JournalError::Held { .. }) => return self.complete_slot(world, slot),
                Err(error) => panic!("run {id}: {error}"),
            }
        };
        let question = self.question(world, run, ordinal);
        let finding = Finding { at: now.wall, seen };
        let end = SlotEnd {
            number: slot.number,
            cap: report
                .rate
                .cap(&world.budgets[self.account], slot.number, now),
        };
        let stored = self.write(world, |journal| {
            journal.store_lookup(&id, ordinal, None, &finding, &end, |before| {
                question.conclude(before, &finding)
            })
        });
        world.audit(run);
        let outcome: Option<Outcome> = stored?;
        drop(lock);
        if let (true, Some(outcome)) = (is_held, outcome) {
            self.give(world, Event::Settled(ordinal, outcome));
        }
        Ok(())
    }

    fn question(&self, world: &World, run: usize, ordinal: u32) -> Question {
        let id = world.runs[run].id;
        let record = self.journal.run(&id.short()).expect("a run");
        let devices = self.journal.devices(&id).expect("its devices");
        let calls = self.journal.calls(&id).expect("its calls");
        let device = &devices[ordinal as usize];
        let call = calls.iter().find(|call| Some(call.call) == device.call);
        let intent = call.map_or(record.confirmed_at, |call| call.intent_at);
        Question {
            action: record.action,
            hwid: device.device.hwid.clone(),
            intent,
            deadline: intent.checked_add(TIMEOUT).unwrap_or(intent),
        }
    }
}
