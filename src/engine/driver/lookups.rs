//! Lookups: Device Details for devices of a run, one call at a time, in the budget, and only while
//! no run of this process is sending.

use std::collections::VecDeque;
use std::time::Duration;

use super::worker::Worker;
use super::{LookupNews, News};
use crate::clock::BootTime;
use crate::config::Credential;
use crate::device::Identifier;
use crate::engine::classify::NotSent;
use crate::engine::lookup::{LookupReport, LookupResult};
use crate::engine::{
    CredentialKind, Engine, Event, SlotEnd, SlotPurpose, TakenSlot, TokenReport, TokenResult,
};
use crate::failpoint;
use crate::journal::JournalError;
use crate::lookup::{By, Finding, Question, Seen};
use crate::outcome::DeviceState;
use crate::pacer::{self, RateHeaders};
use crate::run::RunId;
use crate::text;

/// What is to be looked up, and how that goes.
#[derive(Default)]
pub(super) struct Lookups {
    pending: VecDeque<Pending>,
    /// Not before this moment.
    after: Option<BootTime>,
    /// Tries in a row that didn't reach the server, or that it answered unclearly.
    trouble: u32,
    /// Calls refused with 401 in a row.
    unauthorized: u32,
    /// Calls refused with 429 in a row.
    too_many: u32,
}

struct Pending {
    run: RunId,
    ordinal: u32,
    by: By,
    identifier: Identifier,
    /// It is what was sent, so that the answer may settle the outcome.
    was_sent: bool,
    question: Question,
}

/// What a turn at the lookups came to.
pub(super) enum Turn {
    /// Nothing is to be looked up.
    Idle,
    /// One step was made; there may be more.
    Again,
    /// Nothing before this moment.
    Later(BootTime),
}

/// Troubles in a row before the rest is given up.
const TRIES: u32 = 3;
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Worker {
    /// Takes in what is to be looked up.
    pub(super) async fn ask_lookups(&mut self, run: RunId, ordinals: &[u32], by: By) {
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

    fn questions(&self, run: RunId, ordinals: &[u32], by: By) -> Result<Vec<Pending>, String> {
        let journal = &self.setup.journal;
        let words = |error: JournalError| error.to_string();
        let record = journal.run(&run.short()).map_err(words)?;
        // Another tenant knows nothing of these devices, and its word would settle them.
        self.setup
            .target
            .check(&record.target)
            .map_err(|why| format!("run {run} {why}"))?;
        let devices = journal.devices(&run).map_err(words)?;
        let calls = journal.calls(&run).map_err(words)?;
        let timeout = self.setup.api.request_timeout;
        let mut asked = Vec::new();
        for &ordinal in ordinals {
            let Some(device) = devices.get(ordinal as usize) else {
                continue;
            };
            let Some(identifier) = by.identifier(&device.device) else {
                continue;
            };
            // What was never sent has no question; the time only matters for what is in doubt.
            let call = calls.iter().find(|call| Some(call.call) == device.call);
            let intent = call.map_or(record.confirmed_at, |call| call.intent_at);
            // A call that ran out of time under a longer limit was due when it ended.
            let ended = call.and_then(|call| call.ended_at).unwrap_or(intent);
            asked.push(Pending {
                run,
                ordinal,
                by,
                was_sent: identifier == device.device.identifier,
                identifier,
                question: Question {
                    action: record.action,
                    hwid: device.device.hwid.clone(),
                    intent,
                    deadline: intent.checked_add(timeout).unwrap_or(intent).max(ended),
                },
            });
        }
        Ok(asked)
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
        let now = self.setup.clock.now().boot;
        if let Some(after) = self.lookups.after.filter(|&after| after > now) {
            return Ok(Turn::Later(after));
        }
        let needs_token = match self.prepare_token() {
            Ok(needs_token) => needs_token,
            Err(why) => {
                self.end_lookups(run, Some(why)).await;
                return Ok(Turn::Again);
            }
        };
        let purpose = if needs_token {
            SlotPurpose::Token
        } else {
            SlotPurpose::Lookup
        };
        let slot = match self.take_slot(purpose)? {
            Event::SlotTaken(slot) => slot,
            Event::SlotDenied { at, .. } => {
                self.tell(Some(run), News::Lookup(LookupNews::Waiting(at)))
                    .await;
                return Ok(Turn::Later(at));
            }
            _ => return Ok(Turn::Again),
        };
        if needs_token {
            self.renew_token(run, slot).await?;
        } else {
            self.look_at_next(slot, held).await?;
        }
        Ok(Turn::Again)
    }

    /// True if a token has to be fetched before a call.
    fn prepare_token(&mut self) -> Result<bool, String> {
        if self.token.is_some() {
            return Ok(false);
        }
        Ok(self.load_credential()? == CredentialKind::Client)
    }

    async fn renew_token(&mut self, run: RunId, slot: TakenSlot) -> Result<(), JournalError> {
        let (Some(client), Some(Credential::Client(credentials))) =
            (&self.client, &self.credential)
        else {
            return Ok(());
        };
        let (TokenReport { result, rate }, token) = client.fetch_token(credentials).await;
        self.token = token;
        let too_many = result == TokenResult::TooMany;
        self.complete_lookup_slot(slot, &rate, too_many)?;
        match result {
            TokenResult::Granted(_) | TokenResult::TooMany => {}
            TokenResult::Refused(words) => {
                let why = format!("the token endpoint refused the credentials: {words}");
                self.end_lookups(run, Some(why)).await;
            }
            TokenResult::NotSent(reason) => self.trouble(run, &reason.to_string()).await,
            TokenResult::Failed(words) => self.trouble(run, &words).await,
        }
        Ok(())
    }

    async fn look_at_next(
        &mut self,
        slot: TakenSlot,
        held: Option<(&RunId, &mut Engine)>,
    ) -> Result<(), JournalError> {
        let (Some(next), Some(client), Some(token)) =
            (self.lookups.pending.pop_front(), &self.client, &self.token)
        else {
            return Ok(());
        };
        let LookupReport { result, rate } = client.details(token, &next.identifier).await;
        failpoint::reach("lookup-answered");
        let run = next.run;
        if let LookupResult::Seen(seen) = result {
            self.lookups.trouble = 0;
            self.lookups.unauthorized = 0;
            self.lookups.too_many = 0;
            self.settle(next, seen, slot, &rate, held).await?;
            if self.lookups.pending.is_empty() {
                self.end_lookups(run, None).await;
            }
            return Ok(());
        }
        let too_many = result == LookupResult::TooMany;
        self.complete_lookup_slot(slot, &rate, too_many)?;
        match result {
            LookupResult::Seen(_) => {}
            LookupResult::TooMany => self.lookups.pending.push_front(next),
            LookupResult::Unauthorized => {
                self.lookups.pending.push_front(next);
                self.token = None;
                self.lookups.unauthorized += 1;
                let is_static = matches!(self.credential, Some(Credential::Token(_)));
                if is_static || self.lookups.unauthorized > 1 {
                    let why = "the token is invalid or expired (401)".to_owned();
                    self.end_lookups(run, Some(why)).await;
                }
            }
            LookupResult::NotSent(reason) => {
                self.lookups.pending.push_front(next);
                if let NotSent::Certificate(_) | NotSent::ProxyLogin = reason {
                    self.end_lookups(run, Some(reason.to_string())).await;
                } else {
                    self.trouble(run, &reason.to_string()).await;
                }
            }
            LookupResult::Unclear(words) => {
                let ordinal = next.ordinal;
                let words = text::visible(&words).into_owned();
                let news = LookupNews::Unclear {
                    ordinal,
                    words: words.clone(),
                };
                self.tell(Some(run), News::Lookup(news)).await;
                if self.lookups.pending.is_empty() {
                    self.end_lookups(run, None).await;
                } else {
                    self.trouble(run, &words).await;
                }
            }
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
        let end = SlotEnd {
            number: slot.number,
            cap: rate.cap(&self.setup.budget, slot.number, now),
        };
        let is_held = held.as_ref().is_some_and(|(run, _)| **run == next.run);
        // Somebody else's run is theirs to write.
        let lock = if is_held {
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
        let outcome = self.setup.journal.store_lookup(
            &next.run,
            next.ordinal,
            asked,
            &finding,
            &end,
            |before| {
                if next.was_sent {
                    next.question.conclude(before, &finding)
                } else {
                    before
                }
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

    fn complete_lookup_slot(
        &mut self,
        slot: TakenSlot,
        rate: &RateHeaders,
        too_many: bool,
    ) -> Result<(), JournalError> {
        let now = self.setup.clock.now();
        let budget = &self.setup.budget;
        let cap = if too_many {
            self.lookups.too_many += 1;
            let jitter = fastrand::f64();
            let tries = self.lookups.too_many;
            Some(pacer::cap_after_429(
                rate,
                budget,
                slot.number,
                tries,
                jitter,
                now,
            ))
        } else {
            rate.cap(budget, slot.number, now)
        };
        self.setup.journal.complete_slot(&SlotEnd {
            number: slot.number,
            cap,
        })
    }

    /// Something that may pass: waits a little, or gives the rest up.
    async fn trouble(&mut self, run: RunId, words: &str) {
        self.lookups.trouble += 1;
        if self.lookups.trouble >= TRIES {
            self.end_lookups(run, Some(words.to_owned())).await;
        } else {
            self.lookups.after = Some(self.setup.clock.now().boot + RETRY_AFTER);
        }
    }

    async fn end_lookups(&mut self, run: RunId, why: Option<String>) {
        self.lookups = Lookups::default();
        self.tell(Some(run), News::Lookup(LookupNews::Ended(why)))
            .await;
    }
}
