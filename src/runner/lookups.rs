//! Lookups: Device Details for devices of a run, one call at a time, in the budget, and only while
//! no run of this process is sending.

use std::collections::VecDeque;

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
use crate::runner::admission::Queue;
use crate::runner::rate_limited::{Admitted, Pace, Turn};
use crate::runner::session::Session;
use crate::runner::transport::Transport;
use crate::runner::update::{LookupNews, News};
use crate::secret::Secret;
use crate::text;

/// Pending lookups and their progress.
#[derive(Default)]
pub(super) struct Lookups {
    pending: VecDeque<Pending>,
    pace: Pace,
}

/// What this process may write of runs: those that wait in it, and the one that it has open.
pub(super) struct Own<'a> {
    pub(super) queue: &'a Queue,
    pub(super) open: Option<(&'a RunId, &'a mut Engine)>,
}

struct Pending {
    run: RunId,
    ordinal: u32,
    by: LookupKey,
    identifier: Identifier,
    /// It is what was sent, so that the answer may settle the outcome.
    was_sent: bool,
}

impl Lookups {
    /// Queues lookups.
    pub(super) async fn ask<T: Transport>(
        &mut self,
        session: &Session<T>,
        run: RunId,
        ordinals: &[u32],
        by: LookupKey,
    ) {
        match questions(session, run, ordinals, by) {
            Ok(asked) => {
                self.pace = Pace::default();
                self.pending.extend(asked);
            }
            Err(why) => self.end(session, run, Some(why)).await,
        }
    }

    /// Forgets what wasn't looked up yet.
    pub(super) async fn cancel<T: Transport>(&mut self, session: &Session<T>) {
        if let Some(Pending { run, .. }) = self.pending.front() {
            let run = *run;
            self.end(session, run, None).await;
        }
    }

    /// Makes one step: a token call or a lookup. `held` is the run that this process has open, and
    /// its machine.
    pub(super) async fn look_up<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        own: Own<'_>,
    ) -> Result<Turn, JournalError> {
        let Some(Pending { run, .. }) = self.pending.front() else {
            return Ok(Turn::Idle);
        };
        let run = *run;
        let admitted = session
            .admit_reading(&mut self.pace, SlotPurpose::Lookup)
            .await?;
        let (news, turn) = match admitted {
            Admitted::Go(slot, transport, token) => {
                self.look_at_next(session, slot, &*transport, &token, own)
                    .await?;
                return Ok(Turn::Again);
            }
            Admitted::GiveUp(why) => {
                self.end(session, run, Some(why)).await;
                return Ok(Turn::Again);
            }
            Admitted::Again => return Ok(Turn::Again),
            Admitted::Retry(at) => return Ok(Turn::Later(at)),
            Admitted::Slot(at) => (LookupNews::Waiting(at), Turn::Later(at)),
            Admitted::Run(at) => (LookupNews::Yielding, Turn::Later(at)),
        };
        session.tell(Some(run), News::Lookup(news)).await;
        Ok(turn)
    }

    async fn look_at_next<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        slot: TakenSlot,
        transport: &T,
        token: &Secret,
        own: Own<'_>,
    ) -> Result<(), JournalError> {
        let Some(next) = self.pending.pop_front() else {
            return Ok(());
        };
        let LookupReport { result, rate } = transport.details(token, &next.identifier).await;
        failpoint::reach("lookup-answered");
        failpoint::between_steps().await;
        let run = next.run;
        if let ReadResult::Read(seen) = result {
            self.pace = Pace::default();
            self.settle(session, next, seen, (slot, &rate), own).await?;
            if self.pending.is_empty() {
                self.end(session, run, None).await;
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
            session.tell(Some(run), News::Lookup(news)).await;
        } else {
            self.pending.push_front(next);
        }
        let judged = session.judge_reading(&mut self.pace, slot, result, &rate)?;
        if self.pending.is_empty() {
            self.end(session, run, None).await;
        } else if let Err(why) = judged {
            let why = text::visible(&why).into_owned();
            self.end(session, run, Some(why)).await;
        }
        Ok(())
    }

    /// Stores what was seen, and what follows from it.
    async fn settle<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        next: Pending,
        seen: Seen,
        (slot, rate): (TakenSlot, &RateHeaders),
        own: Own<'_>,
    ) -> Result<(), JournalError> {
        let now = session.now();
        let finding = Finding { at: now.wall, seen };
        let end = session.slot_end(&self.pace, slot, rate, false);
        let is_open = own.open.as_ref().is_some_and(|(run, _)| **run == next.run);
        // Somebody else's run is theirs to write.
        let lock = if is_open || own.queue.has(&next.run) {
            None
        } else {
            match session.setup.journal.lock_run(&next.run) {
                Ok(lock) => Some(lock),
                Err(error @ JournalError::Held { .. }) => {
                    session.setup.journal.complete_slot(&end)?;
                    self.end(session, next.run, Some(error.to_string())).await;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        };
        let asked = (!next.was_sent).then_some(&next.identifier);
        let question = if next.was_sent {
            question(session, &next)?
        } else {
            None
        };
        let outcome = session.setup.journal.store_lookup(
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
        failpoint::between_steps().await;
        if let (Some((_, machine)), Some(outcome), true) = (own.open, outcome, is_open) {
            machine.step(Event::Settled(next.ordinal, outcome), now);
        }
        let news = LookupNews::Seen {
            ordinal: next.ordinal,
            by: next.by,
            finding,
            state: outcome.map_or(DeviceState::Planned, DeviceState::Ended),
            left: self.pending.len(),
        };
        session.tell(Some(next.run), News::Lookup(news)).await;
        Ok(())
    }

    async fn end<T: Transport>(&mut self, session: &Session<T>, run: RunId, why: Option<String>) {
        *self = Self::default();
        session
            .tell(Some(run), News::Lookup(LookupNews::Ended(why)))
            .await;
    }
}

fn questions<T: Transport>(
    session: &Session<T>,
    run: RunId,
    ordinals: &[u32],
    by: LookupKey,
) -> Result<Vec<Pending>, String> {
    let journal = &session.setup.journal;
    let words = |error: JournalError| error.to_string();
    let record = journal.run(&run.short()).map_err(words)?;
    // Another tenant knows nothing of these devices, and its word would settle them.
    session
        .setup
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

/// The question about the device's last attempt as it is now: it may have been sent again
/// since it was asked about.
fn question<T: Transport>(
    session: &Session<T>,
    asked: &Pending,
) -> Result<Option<Question>, JournalError> {
    let journal = &session.setup.journal;
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
    let timeout = session.setup.api.request_timeout;
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
