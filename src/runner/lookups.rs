//! Lookups: Device Details for devices of a run, one call at a time, in the budget, and only while
//! no run of this process is sending.
//!
//! A gateway may answer 404 to every call, from the start or from some moment on. So a 404 counts only if
//! a device has answered through the same path shortly before and again shortly after: one of the run's
//! own, or a *control*, a device of the front end's list that is not in the run. The answer must be about
//! the device that was asked for: a gateway may answer with a text of its own, too.

mod question;
mod reference;
mod series;

use std::collections::VecDeque;
use std::time::Duration;

use self::question::{Questions, question, questions};
use self::reference::ReferenceDevices;
pub use self::reference::reference_devices;
use self::series::{AnsweredLookup, LookupTarget, PendingLookup, Series, Unconfirmed};
use crate::domain::device::Identifier;
use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::engine::lookup_response::LookupReport;
use crate::engine::lookup_verdict::{AnsweredAt, Finding, LookupAnswer, LookupKey};
use crate::engine::retry_policy::ReadResult;
use crate::engine::{Engine, Event, SlotPurpose, TakenSlot};
use crate::journal::JournalError;
use crate::platform::clock::BootTime;
use crate::platform::failpoint;
use crate::runner::admission::QueuedRuns;
use crate::runner::failure::LookupEnd;
use crate::runner::rate_limited::{ReadEnd, ReadPermit, ReadRetry, ReadStep};
use crate::runner::session::Session;
use crate::runner::transport::Transport;
use crate::runner::update::{LookupNews, News};
use crate::secret::Secret;
use crate::text;

/// Requested lookups and their progress.
#[derive(Default)]
pub(super) struct Lookups {
    /// One per run, in the order of the requests. The first is in progress.
    series: VecDeque<Series>,
    retry: ReadRetry,
    /// The run during whose lookups a device has answered, and when one did last.
    answered: Option<(RunId, BootTime)>,
}

/// For how many windows of the rate limit a device that has answered shows that the path is open.
const ANSWER_COUNTS_FOR: u32 = 2;

/// How many calls for reference devices the lookups of a run that fits into a minute need: one before, one after.
pub const REFERENCE_CALLS: usize = 2;

const UNCONFIRMED: &str = "404, and no other device was found on the same path within two minutes before and after, so that a gateway may have answered: \
     fetch the inventory, and look it up again";

/// What this process may write of runs: those that wait in it, and the one that it has open.
pub(super) struct Own<'a> {
    pub(super) queue: &'a QueuedRuns,
    pub(super) open: Option<(&'a RunId, &'a mut Engine)>,
}

impl Own<'_> {
    fn reborrow(&mut self) -> Own<'_> {
        Own {
            queue: self.queue,
            open: self
                .open
                .as_mut()
                .map(|(run, machine)| (*run, &mut **machine)),
        }
    }
}

impl Lookups {
    /// Queues lookups. `reference_devices` are devices that the tenant should have; those of the run that were not
    /// sent are added.
    pub(super) async fn request<T: Transport>(
        &mut self,
        session: &Session<T>,
        (run, ordinals, by): (RunId, &[u32], LookupKey),
        mut reference_devices: Vec<Identifier>,
    ) {
        match questions(session, run, ordinals, by) {
            Ok(Questions {
                pending,
                sent,
                unsent,
            }) => {
                self.retry = ReadRetry::default();
                if let Some(series) = self.series.iter_mut().find(|series| series.run == run) {
                    series.pending.extend(pending);
                } else {
                    reference_devices.extend(unsent);
                    self.series.push_back(Series {
                        run,
                        pending: pending.into(),
                        references: ReferenceDevices::new(reference_devices, sent),
                        unconfirmed: Vec::new(),
                        calls: 0,
                    });
                }
            }
            Err(error) => send_end(session, run, Some(error)).await,
        }
    }

    /// Drops all lookups that weren't made yet.
    pub(super) async fn cancel<T: Transport>(&mut self, session: &Session<T>) {
        self.end_all(session, None).await;
    }

    /// Makes one step: a token call or a lookup. `own` is what this process may write: its queued runs and
    /// the one that it has open.
    pub(super) async fn look_up<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        own: Own<'_>,
    ) -> Result<ReadStep, JournalError> {
        let Some(series) = self.series.front() else {
            return Ok(ReadStep::Idle);
        };
        if series.is_done() {
            // None of the devices that were asked about has such an identifier.
            self.end_first(session, None).await;
            return Ok(ReadStep::Again);
        }
        let run = series.run;
        let admitted = session
            .admit_reading(&mut self.retry, SlotPurpose::Lookup)
            .await?;
        let (news, step) = match admitted {
            ReadPermit::Go(slot, transport, token) => {
                self.look_at_next(session, slot, &*transport, &token, own)
                    .await?;
                // They may have ended meanwhile.
                if let Some(series) = self.series.front().filter(|series| series.run == run) {
                    let news = News::Lookup(LookupNews::Called(series.progress()));
                    let is_done = series.is_done();
                    session.send_news(Some(run), news).await;
                    if is_done {
                        self.end_first(session, None).await;
                    }
                }
                return Ok(ReadStep::Again);
            }
            ReadPermit::GiveUp(reason) => {
                self.end_all(session, Some(reason.into())).await;
                return Ok(ReadStep::Again);
            }
            ReadPermit::Again => return Ok(ReadStep::Again),
            ReadPermit::Later(wait) => {
                let step = ReadStep::Later(wait.until);
                (LookupNews::Waiting(wait), step)
            }
            ReadPermit::Run(at) => (LookupNews::Yielding, ReadStep::Later(at)),
        };
        session.send_news(Some(run), News::Lookup(news)).await;
        Ok(step)
    }

    async fn look_at_next<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        slot: TakenSlot,
        transport: &T,
        token: &Secret,
        own: Own<'_>,
    ) -> Result<(), JournalError> {
        let Some(series) = self.series.front_mut() else {
            return Ok(());
        };
        let now = session.now().boot;
        let window = session.setup.budget.window;
        let is_open = is_open(self.answered, series.run, now, window * ANSWER_COUNTS_FOR);
        if !is_open {
            let devices = &session.setup.reference_devices;
            series.references.choose(|| devices());
        }
        let Some(target) = series.next_target(now, is_open, window) else {
            return Ok(());
        };
        series.calls += 1;
        let LookupReport { result, rate } = transport.details(token, target.identifier()).await;
        failpoint::reach("lookup-answered");
        failpoint::between_steps().await;
        if let ReadResult::Read(seen) = result {
            self.retry = ReadRetry::default();
            let answer = AnsweredLookup {
                seen,
                at: AnsweredAt {
                    now: session.now(),
                    server: rate.date,
                },
                slot: session.slot_end(&self.retry, slot, &rate, false),
            };
            return self.on_answer(session, target, answer, own).await;
        }
        match target {
            LookupTarget::Device(pending) => {
                if let ReadResult::Unclear(message) = &result {
                    // Nothing follows for this device; the next one may fare better.
                    let message = format!("the tenant's answer can't be read: {message}");
                    unclear(session, &pending, &message).await;
                } else {
                    series.pending.push_front(pending);
                }
            }
            // Another control may answer clearly.
            LookupTarget::Reference(control) => {
                if !matches!(result, ReadResult::Unclear(_)) {
                    series.references.put_back(control);
                }
            }
        }
        let end = session.finish_reading(&mut self.retry, slot, result, &rate)?;
        if let ReadEnd::GiveUp(reason) = end {
            self.end_all(session, Some(reason.into())).await;
        }
        Ok(())
    }

    async fn on_answer<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        target: LookupTarget,
        answer: AnsweredLookup,
        mut own: Own<'_>,
    ) -> Result<(), JournalError> {
        let Some(series) = self.series.front_mut() else {
            return Ok(());
        };
        let (run, now) = (series.run, answer.at.now.boot);
        let counts_for = session.setup.budget.window * ANSWER_COUNTS_FOR;
        let was_open = is_open(self.answered, run, now, counts_for);
        let has_answered = answer.seen.is_of(target.identifier());
        if has_answered {
            self.answered = Some((run, now));
            series.references.note_answer(target.identifier());
        }
        match target {
            LookupTarget::Device(pending) if answer.seen != LookupAnswer::Absent => {
                if !self
                    .store_answer(session, pending, answer, own.reborrow())
                    .await?
                {
                    return Ok(());
                }
            }
            LookupTarget::Device(pending) => {
                session.setup.journal.complete_slot(&answer.slot)?;
                series.unconfirmed.push(Unconfirmed {
                    pending,
                    answer,
                    was_open,
                });
                let devices = &session.setup.reference_devices;
                series.references.choose(|| devices());
            }
            LookupTarget::Reference(_) => session.setup.journal.complete_slot(&answer.slot)?,
        }
        if has_answered && let Some(series) = self.series.front_mut() {
            let unconfirmed = std::mem::take(&mut series.unconfirmed);
            let (confirmed, unclear): (Vec<_>, Vec<_>) =
                unconfirmed.into_iter().partition(|waiting| {
                    waiting.was_open && now.since(waiting.answer.at.now.boot) <= counts_for
                });
            // The path may have been closed then: they are asked about again.
            for waiting in unclear.into_iter().rev() {
                series.pending.push_front(waiting.pending);
            }
            for waiting in confirmed {
                // Once the run is held by another process, the lookups have ended.
                if !self
                    .store_answer(session, waiting.pending, waiting.answer, own.reborrow())
                    .await?
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Stores what was seen, and what follows from it. False if another process has the run: the lookups
    /// have ended then.
    async fn store_answer<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        next: PendingLookup,
        answer: AnsweredLookup,
        own: Own<'_>,
    ) -> Result<bool, JournalError> {
        let AnsweredLookup {
            seen,
            at,
            slot: end,
        } = answer;
        let finding = Finding {
            at: at.now.wall,
            seen,
        };
        let is_open = own.open.as_ref().is_some_and(|(run, _)| **run == next.run);
        // Somebody else's run is theirs to write.
        let lock = if is_open || own.queue.has(&next.run) {
            None
        } else {
            match session.setup.journal.lock_run(&next.run) {
                Ok(lock) => Some(lock),
                Err(error @ JournalError::Held { .. }) => {
                    session.setup.journal.complete_slot(&end)?;
                    self.end_first(session, Some(error.into())).await;
                    return Ok(false);
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
                Some(question) => question.conclude(before, &finding.seen, at),
                None => before,
            },
        )?;
        failpoint::reach("lookup-stored");
        drop(lock);
        failpoint::between_steps().await;
        if let (Some((_, machine)), Some(outcome), true) = (own.open, outcome, is_open) {
            machine.step(Event::Settled(next.ordinal, outcome), session.now());
        }
        let news = LookupNews::Seen {
            ordinal: next.ordinal,
            by: next.by,
            finding,
            state: outcome.map_or(DeviceState::Planned, DeviceState::Ended),
        };
        session.send_news(Some(next.run), News::Lookup(news)).await;
        Ok(true)
    }

    /// Ends the lookups of the first run. What no control confirmed stays as it was.
    async fn end_first<T: Transport>(&mut self, session: &Session<T>, reason: Option<LookupEnd>) {
        let Some(series) = self.series.pop_front() else {
            return;
        };
        self.retry = ReadRetry::default();
        if reason.is_none() {
            for waiting in &series.unconfirmed {
                unclear(session, &waiting.pending, UNCONFIRMED).await;
            }
        }
        send_end(session, series.run, reason).await;
    }

    /// Ends all lookups, for a reason that holds for each of them.
    async fn end_all<T: Transport>(&mut self, session: &Session<T>, reason: Option<LookupEnd>) {
        self.retry = ReadRetry::default();
        for series in std::mem::take(&mut self.series) {
            send_end(session, series.run, reason.clone()).await;
        }
    }
}

/// True if the run got an answer that still counts.
fn is_open(
    answered: Option<(RunId, BootTime)>,
    run: RunId,
    now: BootTime,
    counts_for: Duration,
) -> bool {
    answered.is_some_and(|(of, at)| of == run && now.since(at) <= counts_for)
}

async fn send_end<T: Transport>(session: &Session<T>, run: RunId, reason: Option<LookupEnd>) {
    let news = News::Lookup(LookupNews::Ended(reason));
    session.send_news(Some(run), news).await;
}

/// Nothing follows from the answer about a device.
async fn unclear<T: Transport>(session: &Session<T>, pending: &PendingLookup, message: &str) {
    let news = LookupNews::Unclear {
        ordinal: pending.ordinal,
        message: text::visible(message).into_owned(),
    };
    session
        .send_news(Some(pending.run), News::Lookup(news))
        .await;
}
