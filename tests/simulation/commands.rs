//! The machine's commands, one by one: what is stored, and what is sent.

use std::time::Duration;

use offboard::domain::rate_limit::WaitReason;
use offboard::domain::run::RunState;
use offboard::engine::{Command, CredentialKind, Event, SlotEnd, SlotPurpose, TakenSlot};
use offboard::platform::clock::BootTime;

use super::network::{Message, TIMEOUT};
use super::process::{Awaited, Gone, Next, Process};
use super::world::World;

/// As the program's own driver has it.
const SLOT_GRACE: Duration = Duration::from_secs(5);

impl Process {
    /// Commands that are done when this returns.
    pub fn perform(&mut self, world: &mut World, command: Command) -> Result<Event, Gone> {
        let run = self.driving().run;
        let id = world.runs[run].id;
        Ok(match command {
            Command::LoadCredential => Event::Credential(self.load_credential(world)),
            Command::TakeSlot(purpose) => match self.take_slot(world, purpose)? {
                Ok(slot) => {
                    self.driving().slot = slot.number;
                    Event::SlotTaken(slot)
                }
                Err((at, reason)) => Event::SlotDenied { at, reason },
            },
            Command::StoreIntent(intent) => {
                let opened = &self.driving().opened;
                let identifiers: Vec<_> = intent
                    .batch
                    .devices
                    .iter()
                    .map(|&ordinal| opened.devices[ordinal as usize].0.clone())
                    .collect();
                let action = opened.record.action;
                let prepared = world
                    .client
                    .prepare_delete(action, &identifiers)
                    .expect("not read-only");
                let stored = self.write(world, |journal| {
                    journal.store_intent(&id, &intent, &prepared.hash())
                });
                if stored.is_ok() || world.auditor.has_call(&id, intent.call) {
                    world.runs[run].intend(&intent);
                }
                stored?;
                let driving = self.driving();
                driving.prepared = Some(prepared);
                driving.watch.sends(intent, world.clock.now().boot);
                Event::Stored
            }
            Command::StoreOutcome(end) => {
                let stored = self.write(world, |journal| journal.store_outcome(&id, &end));
                world.audit(run);
                stored?;
                Event::Stored
            }
            Command::CompleteSlot(end) => {
                self.write(world, |journal| journal.complete_slot(&end))?;
                Event::Stored
            }
            Command::StoreState(state, pause) => {
                assert_eq!(
                    state == RunState::Paused,
                    pause.is_some(),
                    "a pause has a reason"
                );
                let stored = self.write(world, |journal| {
                    journal.store_state(&id, state, pause.as_ref())
                });
                world.audit(run);
                stored?;
                if state == RunState::Paused {
                    self.hold_queue(world)?;
                }
                Event::Stored
            }
            other => panic!("not to be stored: {other:?}"),
        })
    }

    pub fn load_credential(&mut self, world: &mut World) -> Result<CredentialKind, String> {
        if world.chance(2) {
            return Err("no such variable".to_owned());
        }
        if self.credential == CredentialKind::Static {
            self.token = self.ready_token;
        }
        Ok(self.credential)
    }

    pub fn take_slot(
        &mut self,
        world: &mut World,
        purpose: SlotPurpose,
    ) -> Result<Result<TakenSlot, (BootTime, WaitReason)>, Gone> {
        let target = world.targets[self.account].clone();
        let budget = world.budgets[self.account];
        self.write(world, |journal| {
            journal.take_slot(&target, &budget, purpose, TIMEOUT + SLOT_GRACE)
        })
    }

    pub fn send(&mut self, world: &mut World) -> Next {
        let driving = self.driving();
        let run = driving.run;
        let prepared = driving
            .prepared
            .as_ref()
            .expect("no send without a durable intent");
        let slot = driving.slot;
        let body = prepared.body().to_vec();
        let flight = world.runs[run].flights.last().expect("an intent");
        assert!(
            !flight.settled && !flight.sent,
            "no send without a durable intent"
        );
        let call = flight.call;
        let message = Message::Delete { run, call, body };
        let call = world.send(self.index, self.account, self.token, slot, message);
        self.awaited = Some((call, Awaited::Delete));
        Next::Still
    }

    /// A slot whose call carried no device has completed.
    pub fn complete_slot(&mut self, world: &mut World, slot: TakenSlot) -> Result<(), Gone> {
        let end = SlotEnd {
            number: slot.number,
            cap: None,
        };
        self.write(world, |journal| journal.complete_slot(&end))
    }
}
