//! Reads the account's licences before and after runs, where that delays none.
//!
//! Before a run's first call: only if one call more doesn't lengthen the run by a window of the rate limit.
//! After its last call: only while nothing else wants the slot, and for a limited time. Any request of the
//! front end ends it. What fails here is logged, and changes no run.

use std::time::Duration;

use super::inbox::Inbox;
use super::rate_limited::ReadStep;
use super::session::Session;
use super::transport::Transport;
use super::update::{LicenceNews, News};
use crate::domain::licences::{Licences, RunLicences};
use crate::domain::rate_limit::{self, RateHeaders};
use crate::domain::run::RunId;
use crate::engine::retry_policy::ReadResult;
use crate::engine::{SlotAnswer, SlotEnd, SlotPurpose, TakenSlot};
use crate::journal::{JournalError, LicenceMoment};
use crate::platform::clock::BootTime;
use crate::runner::rate_limited::ReadRetry;

/// How long a run waits for the answer before its first call, and a fetch after its last one.
const BEFORE: Duration = Duration::from_secs(3);
/// How long a front end waits for the answer after a run.
const AFTER: Duration = Duration::from_secs(10);
/// How long after the run's end a slot may become free.
const SLOT_WITHIN: Duration = Duration::from_secs(15);

/// The run after which the licences are to be read, if there is one.
#[derive(Debug, Default)]
pub(super) struct LicencesAfter(Option<PendingMeasurement>);

#[derive(Clone, Copy, Debug)]
struct PendingMeasurement {
    run: RunId,
    until: BootTime,
}

/// Whether licences can be read now.
enum LicenceRead {
    Measured(Option<Licences>),
    /// Not before this moment.
    NotBefore(BootTime),
    Skip,
}

impl LicencesAfter {
    /// A run has ended, in this process. If it made no call, nothing can have changed.
    pub(super) async fn begin<T: Transport>(
        &mut self,
        session: &Session<T>,
        run: RunId,
        has_called: bool,
    ) {
        self.end(session).await;
        let until = session.now().boot + session.scaled(SLOT_WITHIN);
        self.0 = Some(PendingMeasurement { run, until });
        if !has_called || !session.setup.licences {
            self.end(session).await;
        }
    }

    /// Reads them, if that can be done now.
    pub(super) async fn step<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        inbox: &mut Inbox,
    ) -> ReadStep {
        let Some(PendingMeasurement { run, until }) = self.0 else {
            return ReadStep::Idle;
        };
        let moment = Some(LicenceMoment::After(run));
        let limit = AFTER.min(session.setup.api.request_timeout);
        match session.read_licences(inbox, moment, limit).await {
            LicenceRead::NotBefore(at) if at <= until => return ReadStep::Later(at),
            LicenceRead::NotBefore(_) | LicenceRead::Measured(_) | LicenceRead::Skip => {}
        }
        self.end(session).await;
        ReadStep::Again
    }

    /// Reads them no more, and reports what is known of the run's licences.
    pub(super) async fn end<T: Transport>(&mut self, session: &Session<T>) {
        if let Some(PendingMeasurement { run, .. }) = self.0.take() {
            let licences = session.licences_of(run);
            let news = News::Licences(LicenceNews::Settled(licences));
            session.send_news(Some(run), news).await;
        }
    }
}

impl<T: Transport> Session<T> {
    fn licences_of(&self, run: RunId) -> RunLicences {
        let record = self.setup.journal.confirmed(&run);
        record
            .ok()
            .flatten()
            .map(|run| run.licences)
            .unwrap_or_default()
    }

    /// Reads the licences before the first of this many calls of a run.
    pub(super) async fn read_licences_before(
        &mut self,
        run: RunId,
        calls: usize,
        inbox: &mut Inbox,
    ) {
        if !self.setup.licences {
            return;
        }
        let target = self.setup.target.clone();
        match self.setup.journal.reuse_licences(&target, run) {
            Ok(None) => {}
            Ok(Some(licences)) => return self.report_licences(licences).await,
            Err(error) => return log(&error),
        }
        if self.has_slot_to_spare(calls) {
            let limit = BEFORE.min(self.setup.api.request_timeout);
            let moment = Some(LicenceMoment::Before(run));
            self.read_licences(inbox, moment, limit).await;
        }
    }

    /// Reads the licences if no wait is needed.
    pub(super) async fn read_licences_at_once(&mut self, inbox: &mut Inbox) -> Option<Licences> {
        let limit = BEFORE.min(self.setup.api.request_timeout);
        if !self.setup.licences {
            return None;
        }
        match self.read_licences(inbox, None, limit).await {
            LicenceRead::Measured(licences) => licences,
            LicenceRead::NotBefore(_) | LicenceRead::Skip => None,
        }
    }

    /// True if a call more than these takes no window of the rate limit more.
    fn has_slot_to_spare(&mut self, calls: usize) -> bool {
        let budget = self.setup.budget;
        let Some(ledger) = self.ledger() else {
            return false;
        };
        let left = rate_limit::budget_status(&ledger, &budget, self.now().boot).left;
        let windows = |calls: u64| {
            let later = calls.saturating_sub(u64::from(left));
            later.div_ceil(u64::from(budget.calls.get()))
        };
        let calls = calls as u64;
        left > 0 && windows(calls + 1) == windows(calls)
    }

    /// Reads the licences in one call of at most this time, which any request ends. A run that another
    /// process sends goes first.
    async fn read_licences(
        &mut self,
        inbox: &mut Inbox,
        moment: Option<LicenceMoment>,
        limit: Duration,
    ) -> LicenceRead {
        match self.try_read_licences(inbox, moment, limit).await {
            Ok(read) => read,
            Err(error) => {
                log(&error);
                LicenceRead::Skip
            }
        }
    }

    async fn try_read_licences(
        &mut self,
        inbox: &mut Inbox,
        moment: Option<LicenceMoment>,
        limit: Duration,
    ) -> Result<LicenceRead, JournalError> {
        let target = self.setup.target.clone();
        let asks = self.setup.journal.asks_for_licences(&target)?;
        let own = match moment {
            Some(LicenceMoment::Before(run)) => Some(run),
            Some(LicenceMoment::After(_)) | None => None,
        };
        if !asks || self.another_run_is_sending(own)? {
            return Ok(LicenceRead::Skip);
        }
        let (Some(transport), Some(token)) = (self.transport.clone(), self.token.clone()) else {
            return Ok(LicenceRead::Skip);
        };
        let slot = match self.take_slot_for(SlotPurpose::Account, limit)? {
            SlotAnswer::Taken(slot) => slot,
            SlotAnswer::Denied { at, .. } => return Ok(LicenceRead::NotBefore(at)),
        };
        let call = transport.account(&token);
        let Some((result, rate)) = inbox.await_reading(call, limit).await else {
            // The request may still arrive: the slot stays taken until its deadline, which is short, so that
            // no call of a run waits longer for it.
            tracing::debug!("the call for licences was given up");
            return Ok(LicenceRead::Skip);
        };
        let too_many = matches!(result, ReadResult::TooMany);
        self.complete_account_slot(slot, &rate, too_many)?;
        match result {
            ReadResult::Read(count) => {
                let journal = &mut self.setup.journal;
                let licences = journal.store_licences(&target, slot.number, count, moment)?;
                if let Some(licences) = licences {
                    self.report_licences(licences).await;
                }
                Ok(LicenceRead::Measured(licences))
            }
            other => {
                tracing::warn!(result = ?other, "the licences can't be read");
                Ok(LicenceRead::Skip)
            }
        }
    }

    fn complete_account_slot(
        &mut self,
        slot: TakenSlot,
        rate: &RateHeaders,
        too_many: bool,
    ) -> Result<(), JournalError> {
        let end: SlotEnd = self.slot_end(&ReadRetry::single_attempt(), slot, rate, too_many);
        self.complete_slot(&end)
    }

    async fn report_licences(&self, licences: Licences) {
        let news = News::Licences(LicenceNews::Measured(licences));
        self.send_news(None, news).await;
    }
}

fn log(error: &JournalError) {
    tracing::warn!(%error, "the licences can't be recorded");
}
