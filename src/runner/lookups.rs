//! Lookups: Device Details for devices of a run, one call at a time, in the budget, and only while
//! no run of this process is sending.

use std::collections::VecDeque;

use crate::api::Client;
use crate::domain::device::Identifier;
use crate::domain::outcome::DeviceState;
use crate::domain::rate_limit::RateHeaders;
use crate::domain::run::RunId;
use crate::engine::lookup_response::LookupReport;
use crate::engine::lookup_verdict::{Finding, LookupKey, Question, Seen};
use crate::engine::retry_policy::ReadResult;
use crate::engine::{Engine, Event, SlotPurpose, TakenSlot};
use crate::journal::JournalError;
use crate::platform::failpoint;
use crate::runner::rate_limited::{Admitted, Pace, Turn};
use crate::runner::worker::Worker;
use crate::runner::{LookupNews, News};
use crate::secret::Secret;
use crate::text;

/// What is to be looked up, and how that goes.
#[derive(Default)]
pub(super) struct Lookups {
    pending: VecDeque<Pending>,
    pace: Pace,
}

struct Pending {
    run: RunId,
    ordinal: u32,
    by: LookupKey,
    identifier: Identifier,
    /// It is what was sent, so that the answer may settle the outcome.
    was_sent: bool,
}

impl Worker {
    /// Takes in what is to be looked up.
    pub(super) async fn ask_lookups(&mut self, run: RunId, ordinals: &[u32], by: LookupKey) {
        match self.questions(run, ordinals, by) {
            Ok(asked) => {
                self.lookups = Lookups {
                    pending: std::mem::take(&mut self.lookups.pending),
                    ..Lookups::default()
                };
                self.lookups.pending.extend(asked);
            }
            Err(why) => self.end_lookups(run, Some(why)).await,
        }
    }

    /// Forgets what wasn't looked up yet.
    pub(super) async fn cancel_lookups(&mut self) {
        if let Some(Pending { run, .. }) = self.lookups.pending.front() {
            let run = *run;
            self.end_lookups(run, None).await;
        }
    }

    fn questions(
        &self,
        run: RunId,
        ordinals: &[u32],
        by: LookupKey,
    ) -> Result<Vec<Pending>, String> {
        let journal = &self.setup.journal;
        let words = |error: JournalError| error.to_string();
        let record = journal.run(&run.short()).map_err(words)?;
        // Another tenant knows nothing of these devices, and its word would settle them.
        self.setup
            .target
            .check(&record.target)
            .map_err(|why| format!("run {run} {why}"))?;
        let devices = journal.devices(&run).map_err(words)?;
        let mut asked = Vec::new();
        for &ordinal in ordinals {
            let Some(device) = devices.get(ordinal as usize) else {
                continue;
            };
            let Some(identifier) = by.identifier(&device.device) else {
                continue;
            };
            asked.push(Pending {
                run,
                ordinal,
                by,
                was_sent: identifier == device.device.identifier,
                identifier,
            });
        }
        Ok(asked)
    }

    /// What is to be settled by the device's last attempt as it is now: it may have been sent again
    /// since it was asked about.
    fn question(&self, asked: &Pending) -> Result<Option<Question>, JournalError> {
        let journal = &self.setup.journal;
        let record = journal.run(&asked.run.short())?;
        let devices = journal.devices(&asked.run)?;
        let Some(device) = devices.get(asked.ordinal as usize) else {
            return Ok(None);
        };
        let calls = journal.calls(&asked.run)?;
        // What was never sent has no outcome that could be settled.
        let Some(call) = calls.iter().find(|call| Some(call.call) == device.call) else {
            return Ok(None);
        };
        let timeout = self.setup.api.request_timeout;
        let due = call
            .intent_at
            .checked_add(timeout)
            .unwrap_or(call.intent_at);
        Ok(Some(Question {
            action: record.action,
            hwid: device.device.hwid.clone(),
            intent: call.intent_at,
            // A call that ran out of time under a longer limit was due when it ended.
            deadline: due.max(call.ended_at.unwrap_or(due)),
        }))
    }

    /// Makes one step: a token call or a lookup. `held` is the run that this process has open, and
    /// its machine.
    pub(super) async fn look_up(
        &mut self,
        held: Option<(&RunId, &mut Engine)>,
    ) -> Result<Turn, JournalError> {
        let Some(Pending { run, .. }) = self.lookups.pending.front() else {
            return Ok(Turn::Idle);
        };
        let run = *run;
        let mut pace = std::mem::take(&mut self.lookups.pace);
        let admitted = self.admit_reading(&mut pace, SlotPurpose::Lookup).await?;
        self.lookups.pace = pace;
        let (news, turn) = match admitted {
            Admitted::Go(slot, client, token) => {
                self.look_at_next(slot, &client, &token, held).await?;
                return Ok(Turn::Again);
            }
            Admitted::GiveUp(why) => {
                self.end_lookups(run, Some(why)).await;
                return Ok(Turn::Again);
            }
            Admitted::Again => return Ok(Turn::Again),
            Admitted::Retry(at) => return Ok(Turn::Later(at)),
            Admitted::Slot(at) => (LookupNews::Waiting(at), Turn::Later(at)),
            Admitted::Run(at) => (LookupNews::Yielding, Turn::Later(at)),
        };
        self.tell(Some(run), News::Lookup(news)).await;
        Ok(turn)
    }

    async fn look_at_next(
        &mut self,
        slot: TakenSlot,
        client: &Client,
        token: &Secret,
        held: Option<(&RunId, &mut Engine)>,
    ) -> Result<(), JournalError> {
        let Some(next) = self.lookups.pending.pop_front() else {
            return Ok(());
        };
        let LookupReport { result, rate } = client.details(token, &next.identifier).await;
        failpoint::reach("lookup-answered");
        let run = next.run;
        if let ReadResult::Read(seen) = result {
            self.lookups.pace = Pace::default();
            self.settle(next, seen, slot, &rate, held).await?;
            if self.lookups.pending.is_empty() {
                self.end_lookups(run, None).await;
            }
            return Ok(());
        }
        if let ReadResult::Unclear(words) = &result {
            // Nothing follows for this device; the next one may fare better.
            let words = text::visible(words).into_owned();
            let news = LookupNews::Unclear {
                ordinal: next.ordinal,
                words,
            };
            self.tell(Some(run), News::Lookup(news)).await;
        } else {
            self.lookups.pending.push_front(next);
        }
        let mut pace = std::mem::take(&mut self.lookups.pace);
        let judged = self.judge_reading(&mut pace, slot, result, &rate)?;
        self.lookups.pace = pace;
        if self.lookups.pending.is_empty() {
            self.end_lookups(run, None).await;
        } else if let Err(why) = judged {
            let why = text::visible(&why).into_owned();
            self.end_lookups(run, Some(why)).await;
        }
        Ok(())
    }

    /// Stores what was seen, and what follows from it.
    async fn settle(
        &mut self,
        next: Pending,
        seen: Seen,
        slot: TakenSlot,
        rate: &RateHeaders,
        held: Option<(&RunId, &mut Engine)>,
    ) -> Result<(), JournalError> {
        let now = self.setup.clock.now();
        let finding = Finding { at: now.wall, seen };
        let end = self.slot_end(&self.lookups.pace, slot, rate, false);
        let is_held = held.as_ref().is_some_and(|(run, _)| **run == next.run);
        let is_queued = self.queue.iter().any(|queued| queued.run == next.run);
        // Somebody else's run is theirs to write.
        let lock = if is_held || is_queued {
            None
        } else {
            match self.setup.journal.lock_run(&next.run) {
                Ok(lock) => Some(lock),
                Err(error @ JournalError::Held { .. }) => {
                    self.setup.journal.complete_slot(&end)?;
                    self.end_lookups(next.run, Some(error.to_string())).await;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        };
        let asked = (!next.was_sent).then_some(&next.identifier);
        let question = if next.was_sent {
            self.question(&next)?
        } else {
            None
        };
        let outcome = self.setup.journal.store_lookup(
            &next.run,
            next.ordinal,
            asked,
            &finding,
            &end,
            |before| match &question {
                Some(question) => question.conclude(before, &finding),
                None => before,
            },
        )?;
        failpoint::reach("lookup-stored");
        drop(lock);
        if let (Some((_, machine)), Some(outcome), true) = (held, outcome, is_held) {
            machine.step(Event::Settled(next.ordinal, outcome), now);
        }
        let news = LookupNews::Seen {
            ordinal: next.ordinal,
            by: next.by,
            finding,
            state: outcome.map_or(DeviceState::Planned, DeviceState::Ended),
            left: self.lookups.pending.len(),
        };
        self.tell(Some(next.run), News::Lookup(news)).await;
        Ok(())
    }

    async fn end_lookups(&mut self, run: RunId, why: Option<String>) {
        self.lookups = Lookups::default();
        self.tell(Some(run), News::Lookup(LookupNews::Ended(why)))
            .await;
    }
}
