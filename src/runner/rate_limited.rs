//! The shared logic of read-only calls: yield to runs of any process, get a token, take a slot, retry.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Credential;
use crate::domain::rate_limit::RateHeaders;
use crate::domain::run::{RunId, RunState};
use crate::engine::retry_policy::{ReadFailure, ReadResult, RetryDecision, RetryPolicy};
use crate::engine::{
    CredentialKind, SlotAnswer, SlotEnd, SlotPurpose, TakenSlot, TokenResult, Waiting,
};
use crate::journal::JournalError;
use crate::platform::clock::BootTime;
use crate::platform::failpoint;
use crate::runner::session::Session;
use crate::runner::setup::ConnectError;
use crate::runner::transport::Transport;
use crate::runner::update::ReadingWait;
use crate::secret::Secret;

/// How often to check whether another process's run has ended.
const YIELD: Duration = Duration::from_secs(1);

/// The state of a series of read-only calls between two of them.
#[derive(Debug, Default)]
pub(super) struct ReadRetry {
    policy: RetryPolicy,
    /// Not before this moment, because of this failure.
    after: Option<(BootTime, String)>,
}

impl ReadRetry {
    /// Gives up at the first failure.
    pub(super) fn single_attempt() -> Self {
        Self {
            policy: RetryPolicy::single_attempt(),
            after: None,
        }
    }
}

/// Whether the next read-only call can be made.
pub(super) enum ReadPermit<T> {
    /// It can be made in this slot.
    Go(TakenSlot, Arc<T>, Secret),
    /// One step was made; there may be more.
    Again,
    /// Not before this moment, after a failure that may pass or by the rate limit.
    Later(ReadingWait),
    /// A run of another process is sending; check again at this moment.
    Run(BootTime),
    /// No call is made any more.
    GiveUp(ReadFailure),
}

/// How a read-only call ended.
pub(super) enum ReadEnd<R> {
    Read(R),
    Retry,
    /// No call is made any more.
    GiveUp(ReadFailure),
}

/// What a step of read-only work led to.
pub(super) enum ReadStep {
    /// There is nothing to read.
    Idle,
    /// One step was made; there may be more.
    Again,
    /// Nothing before this moment.
    Later(BootTime),
}

impl<T: Transport> Session<T> {
    /// Yields to runs, gets a token if there is none, and takes a slot.
    pub(super) async fn admit_reading(
        &mut self,
        retry: &mut ReadRetry,
        purpose: SlotPurpose,
    ) -> Result<ReadPermit<T>, JournalError> {
        let now = self.now().boot;
        if let Some((until, failure)) = retry.after.as_ref().filter(|(after, _)| *after > now) {
            return Ok(ReadPermit::Later(ReadingWait {
                until: *until,
                next: format!("{failure}; next call"),
            }));
        }
        if self.another_run_is_sending(None)? {
            return Ok(ReadPermit::Run(now + YIELD));
        }
        let needs_token = match self.prepare_token() {
            Ok(needs_token) => needs_token,
            Err(error) => {
                return Ok(ReadPermit::GiveUp(ReadFailure::NoCredential(
                    error.to_string(),
                )));
            }
        };
        let purpose = if needs_token {
            SlotPurpose::Token
        } else {
            purpose
        };
        let slot = self.take_slot(purpose)?;
        failpoint::between_steps().await;
        let slot = match slot {
            // The process was suspended meanwhile: the slot is spent.
            SlotAnswer::Taken(slot) if self.has_run_out(slot) => {
                self.complete_slot(&SlotEnd {
                    number: slot.number,
                    cap: None,
                    server: None,
                })?;
                return Ok(ReadPermit::Again);
            }
            SlotAnswer::Taken(slot) => slot,
            SlotAnswer::Denied { at: until, reason } => {
                return Ok(ReadPermit::Later(ReadingWait {
                    until,
                    next: Waiting::Slot(reason).to_string(),
                }));
            }
        };
        if needs_token {
            return self.renew_token(retry, slot).await;
        }
        Ok(match (self.transport.clone(), self.token.clone()) {
            (Some(transport), Some(token)) => ReadPermit::Go(slot, transport, token),
            _ => ReadPermit::GiveUp(ReadFailure::NoCredential("the token is missing".to_owned())),
        })
    }

    /// Completes the slot of a read-only call.
    pub(super) fn finish_reading<R>(
        &mut self,
        retry: &mut ReadRetry,
        slot: TakenSlot,
        result: ReadResult<R>,
        rate: &RateHeaders,
    ) -> Result<ReadEnd<R>, JournalError> {
        if matches!(result, ReadResult::Unauthorized) {
            // A static token is read again as well: it may have been replaced in its source.
            self.token = None;
        }
        let too_many = matches!(result, ReadResult::TooMany);
        let end = self.slot_end(retry, slot, rate, too_many);
        self.complete_slot(&end)?;
        let renewable = matches!(self.credential, Some(Credential::Client(_)));
        let now = self.now().boot;
        Ok(match retry.policy.decide(result, renewable, now) {
            Ok(read) => ReadEnd::Read(read),
            Err(next) => match self.follow(retry, next) {
                None => ReadEnd::Retry,
                Some(reason) => ReadEnd::GiveUp(reason),
            },
        })
    }

    pub(super) fn slot_end(
        &self,
        retry: &ReadRetry,
        slot: TakenSlot,
        rate: &RateHeaders,
        too_many: bool,
    ) -> SlotEnd {
        let now = self.now();
        let (number, jitter) = (slot.number, fastrand::f64());
        let budget = &self.setup.budget;
        let cap = retry
            .policy
            .cap(too_many, rate, budget, number, jitter, now);
        SlotEnd {
            number,
            cap,
            server: rate.date,
        }
    }

    /// True if another process sends a run of this account. This process has at most the run `own`.
    pub(super) fn another_run_is_sending(&self, own: Option<RunId>) -> Result<bool, JournalError> {
        let journal = &self.setup.journal;
        for run in journal.open_runs()? {
            let other = own != Some(run.id) && self.setup.target.check(&run.target).is_ok();
            if other && run.state == RunState::Running && journal.holder(&run.id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True if a token has to be fetched before a call.
    fn prepare_token(&mut self) -> Result<bool, ConnectError> {
        if self.token.is_some() {
            return Ok(false);
        }
        Ok(self.load_credential()? == CredentialKind::Client)
    }

    async fn renew_token(
        &mut self,
        retry: &mut ReadRetry,
        slot: TakenSlot,
    ) -> Result<ReadPermit<T>, JournalError> {
        let (Some(transport), Some(Credential::Client(credentials))) =
            (&self.transport, &self.credential)
        else {
            let reason = "there are no client credentials".to_owned();
            return Ok(ReadPermit::GiveUp(ReadFailure::NoCredential(reason)));
        };
        let (report, token) = transport.fetch_token(credentials).await;
        failpoint::between_steps().await;
        self.token = token;
        let too_many = report.result == TokenResult::TooMany;
        let end = self.slot_end(retry, slot, &report.rate, too_many);
        self.complete_slot(&end)?;
        let now = self.now().boot;
        let next = retry.policy.decide_after_token(&report.result, now);
        Ok(match self.follow(retry, next) {
            None => ReadPermit::Again,
            Some(reason) => ReadPermit::GiveUp(reason),
        })
    }

    /// A wait of a retry; shorter where a test's minute is.
    pub(super) fn scaled(&self, wait: Duration) -> Duration {
        let scale = |minute: Duration| minute.mul_f64(wait.as_secs_f64() / 60.0);
        self.setup.minute.map_or(wait, scale)
    }

    /// Prepares the next try, or returns the reason for giving up.
    fn follow(&mut self, retry: &mut ReadRetry, next: RetryDecision) -> Option<ReadFailure> {
        match next {
            RetryDecision::Again => {}
            RetryDecision::After(wait, failure) => {
                retry.after = Some((self.now().boot + self.scaled(wait), failure));
            }
            RetryDecision::GiveUp(reason) => {
                tracing::warn!(%reason, "read-only calls given up");
                return Some(reason);
            }
        }
        None
    }
}
