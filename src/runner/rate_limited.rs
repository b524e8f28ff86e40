//! What all calls that only read have in common: they go after runs, of any process; each takes a
//! slot; a token is fetched before them; and how often they are tried again.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Credential;
use crate::domain::rate_limit::RateHeaders;
use crate::domain::run::RunState;
use crate::engine::retry_policy::{Next, ReadResult, RetryPolicy};
use crate::engine::{CredentialKind, SlotEnd, SlotPurpose, TakenSlot, TokenResult};
use crate::journal::JournalError;
use crate::platform::clock::BootTime;
use crate::platform::failpoint;
use crate::runner::session::Session;
use crate::runner::trace;
use crate::runner::transport::Transport;
use crate::secret::Secret;

/// How often it is looked whether another process's run has ended meanwhile.
const YIELD: Duration = Duration::from_secs(1);

/// Where a reader stands between its calls.
#[derive(Debug, Default)]
pub(super) struct Pace {
    patience: RetryPolicy,
    /// Not before this moment.
    after: Option<BootTime>,
}

impl Pace {
    /// Gives up at the first try that leads nowhere.
    pub(super) fn short() -> Self {
        Self {
            patience: RetryPolicy::single_attempt(),
            after: None,
        }
    }
}

/// What stands between a reader and its next call.
pub(super) enum Admitted<T> {
    /// Nothing: it goes in this slot.
    Go(TakenSlot, Arc<T>, Secret),
    /// One step was made; there may be more.
    Again,
    /// A pause after something that may pass.
    Retry(BootTime),
    /// The budget.
    Slot(BootTime),
    /// A run of another process, which goes first.
    Run(BootTime),
    /// No call is made any more; why.
    GiveUp(String),
}

/// What a reader's turn came to.
pub(super) enum Turn {
    /// Nothing is to be read.
    Idle,
    /// One step was made; there may be more.
    Again,
    /// Nothing before this moment.
    Later(BootTime),
}

impl<T: Transport> Session<T> {
    /// Makes way for runs, gets a token if there is none, and takes a slot.
    pub(super) async fn admit_reading(
        &mut self,
        pace: &mut Pace,
        purpose: SlotPurpose,
    ) -> Result<Admitted<T>, JournalError> {
        let now = self.now().boot;
        if let Some(after) = pace.after.filter(|&after| after > now) {
            trace::wait_to_read("the next try", after, self.now());
            return Ok(Admitted::Retry(after));
        }
        if self.a_run_is_sending()? {
            return Ok(Admitted::Run(now + YIELD));
        }
        let needs_token = match self.prepare_token() {
            Ok(needs_token) => needs_token,
            Err(why) => return Ok(Admitted::GiveUp(why)),
        };
        let purpose = if needs_token {
            SlotPurpose::Token
        } else {
            purpose
        };
        let slot = self.take_slot(purpose)?;
        failpoint::between_steps().await;
        let slot = match slot {
            // The process was stopped meanwhile: the slot is given up, and its time runs.
            Ok(slot) if self.has_run_out(slot) => {
                self.complete_slot(&SlotEnd {
                    number: slot.number,
                    cap: None,
                })?;
                return Ok(Admitted::Again);
            }
            Ok(slot) => slot,
            Err((at, _)) => {
                trace::wait_to_read("a slot of the rate limit", at, self.now());
                return Ok(Admitted::Slot(at));
            }
        };
        if needs_token {
            return self.renew_token(pace, slot).await;
        }
        Ok(match (self.transport.clone(), self.token.clone()) {
            (Some(transport), Some(token)) => Admitted::Go(slot, transport, token),
            _ => Admitted::GiveUp("there is no token".to_owned()),
        })
    }

    /// Completes the slot of a call that read, and judges it: what was read; none if that will be
    /// tried again; or why not.
    pub(super) fn judge_reading<R>(
        &mut self,
        pace: &mut Pace,
        slot: TakenSlot,
        result: ReadResult<R>,
        rate: &RateHeaders,
    ) -> Result<Result<Option<R>, String>, JournalError> {
        if matches!(result, ReadResult::Unauthorized) {
            // A ready one is read again as well: somebody may have written a new one.
            self.token = None;
        }
        let too_many = matches!(result, ReadResult::TooMany);
        let end = self.slot_end(pace, slot, rate, too_many);
        self.complete_slot(&end)?;
        let renewable = matches!(self.credential, Some(Credential::Client(_)));
        let now = self.now().boot;
        Ok(match pace.patience.decide(result, renewable, now) {
            Ok(read) => Ok(Some(read)),
            Err(next) => self.follow(pace, next).map(|()| None),
        })
    }

    pub(super) fn slot_end(
        &self,
        pace: &Pace,
        slot: TakenSlot,
        rate: &RateHeaders,
        too_many: bool,
    ) -> SlotEnd {
        let now = self.now();
        let (number, jitter) = (slot.number, fastrand::f64());
        let budget = &self.setup.budget;
        let cap = pace
            .patience
            .cap(too_many, rate, budget, number, jitter, now);
        SlotEnd { number, cap }
    }

    /// A run of this account, in another process: this one's own are not here at the same time.
    fn a_run_is_sending(&self) -> Result<bool, JournalError> {
        let journal = &self.setup.journal;
        for run in journal.runs()? {
            let ours = self.setup.target.check(&run.target).is_ok();
            if ours && run.state == RunState::Running && journal.holder(&run.id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True if a token has to be fetched before a call.
    fn prepare_token(&mut self) -> Result<bool, String> {
        if self.token.is_some() {
            return Ok(false);
        }
        Ok(self.load_credential()? == CredentialKind::Client)
    }

    async fn renew_token(
        &mut self,
        pace: &mut Pace,
        slot: TakenSlot,
    ) -> Result<Admitted<T>, JournalError> {
        let (Some(transport), Some(Credential::Client(credentials))) =
            (&self.transport, &self.credential)
        else {
            return Ok(Admitted::GiveUp(
                "there are no client credentials".to_owned(),
            ));
        };
        let (report, token) = transport.fetch_token(credentials).await;
        failpoint::between_steps().await;
        self.token = token;
        let too_many = report.result == TokenResult::TooMany;
        let end = self.slot_end(pace, slot, &report.rate, too_many);
        self.complete_slot(&end)?;
        let now = self.now().boot;
        let next = pace.patience.decide_after_token(&report.result, now);
        Ok(match self.follow(pace, next) {
            Ok(()) => Admitted::Again,
            Err(why) => Admitted::GiveUp(why),
        })
    }

    fn follow(&mut self, pace: &mut Pace, next: Next) -> Result<(), String> {
        match next {
            Next::Again => {}
            Next::After(wait) => pace.after = Some(self.now().boot + wait),
            Next::GiveUp(why) => {
                tracing::warn!(why, "a reading call is given up");
                return Err(why);
            }
        }
        Ok(())
    }
}
