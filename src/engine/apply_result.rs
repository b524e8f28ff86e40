//! Applies the result of a call to its devices and to the run.

use crate::domain::action::Action;
use crate::domain::device::IdentifierKind;
use crate::domain::outcome::Failure;
use crate::domain::rate_limit::{self, Cap};
use crate::engine::retry_policy::{RATE_LIMIT_PATIENCE, TRIES};
use crate::engine::{
    AfterStore, Batch, BatchOrigin, CallEnd, CallReport, CallResult, Command, DeviceState, Doubt,
    Element, Engine, Intent, NotSent, Now, Outcome, PauseReason, Phase, RateHeaders, Report,
    RunNotice, SlotEnd, TakenSlot, Token,
};
use crate::platform::clock::BootTime;

/// Consecutive refusals, with nothing accepted, before a pause.
const REFUSALS: u32 = 6;

/// What a call led to: each device's new state, the notices to report, and what follows.
#[derive(Default)]
struct Applied {
    changes: Vec<(u32, DeviceState)>,
    notices: Vec<RunNotice>,
    then: Option<AfterStore>,
}

impl Engine {
    /// Changes the devices' states by a call's result, stores them, and only then reports them.
    /// `sent` is when the intent was durable.
    pub(super) fn apply_call_result(
        &mut self,
        intent: Intent,
        sent: BootTime,
        report: CallReport,
        now: Now,
    ) -> Vec<Command> {
        let Intent { call, batch, slot } = intent;
        let mut cap = report.rate.cap(&self.settings.budget, slot.number, now);
        let mut applied = Applied::default();
        self.end_streaks(&report.result);
        match &report.result {
            CallResult::Answered(elements) => {
                self.answered(&batch, elements, sent, now, &mut applied);
            }
            CallResult::NotSent(reason) => {
                applied.then = Some(self.unreached(reason));
                applied
                    .notices
                    .push(RunNotice::Trouble(report.message.clone()));
                self.requeue_unsent(batch.clone(), &mut applied);
            }
            CallResult::Refused(429) => {
                let (too_many, then) = self.too_many(&report.rate, slot, now);
                cap = Some(too_many);
                applied.then = Some(then);
                applied.notices.push(RunNotice::TooMany);
                self.requeue_unsent(batch.clone(), &mut applied);
            }
            CallResult::Refused(401) => {
                applied.then = Some(self.unauthorized(&mut applied.notices));
                self.requeue_unsent(batch.clone(), &mut applied);
            }
            CallResult::Refused(400 | 413) => self.refused(&batch, &mut applied),
            CallResult::Refused(status) => {
                applied.then = Some(AfterStore::Pause(PauseReason::Status {
                    status: *status,
                    message: report.message.clone(),
                }));
                self.requeue_unsent(batch.clone(), &mut applied);
            }
            CallResult::InDoubt(doubt) => {
                self.in_doubt(&batch, *doubt, sent, now, report.status, &mut applied);
            }
        }
        if report.odd_content_type && !std::mem::replace(&mut self.reported_odd_type, true) {
            applied.notices.push(RunNotice::OddContentType);
        }
        for &(ordinal, state) in &applied.changes {
            self.set(ordinal, state);
        }
        let mut reports = vec![Report::Changed {
            call,
            status: report.status,
            devices: applied.changes.clone(),
        }];
        reports.extend(applied.notices.into_iter().map(Report::Notice));
        self.phase = Phase::StoringOutcome {
            reports,
            then: applied.then.unwrap_or(AfterStore::GoOn),
        };
        let slot = SlotEnd {
            number: slot.number,
            cap,
            server: report.rate.date,
        };
        vec![Command::StoreOutcome(CallEnd {
            call,
            slot,
            report,
            changes: applied.changes,
        })]
    }

    fn end_streaks(&mut self, result: &CallResult) {
        let trouble = &mut self.trouble;
        let readable = matches!(result, CallResult::Answered(elements)
            if elements.iter().any(|&element| element != Element::Unreadable));
        if readable || matches!(result, CallResult::Refused(_)) {
            trouble.doubts = 0;
        }
        if !matches!(result, CallResult::NotSent(_)) {
            trouble.unreached = 0;
        }
        if !matches!(
            result,
            CallResult::Refused(400 | 413) | CallResult::NotSent(_)
        ) {
            trouble.refusals = 0;
        }
        if !matches!(result, CallResult::Refused(401) | CallResult::NotSent(_)) {
            trouble.unauthorized = 0;
        }
        if readable {
            trouble.too_many = 0;
            trouble.too_many_since = None;
        }
    }

    fn answered(
        &mut self,
        batch: &Batch,
        elements: &[Element],
        sent: BootTime,
        now: Now,
        applied: &mut Applied,
    ) {
        let mut unreadable = Vec::new();
        for (&ordinal, &element) in batch.devices.iter().zip(elements) {
            let outcome = match element {
                Element::Deleted => Outcome::Accepted,
                Element::NotDeleted => self.answered_zero(ordinal),
                Element::Unreadable => {
                    unreadable.push(ordinal);
                    Outcome::InDoubt(Doubt::WrongElement)
                }
            };
            applied.changes.push((ordinal, DeviceState::Ended(outcome)));
        }
        if let Some(size) = self.queue.on_answered(batch) {
            applied.notices.push(RunNotice::SmallerBatches(size));
        }
        let all_unreadable = unreadable.len() == elements.len();
        if all_unreadable {
            self.count_doubt(applied);
        }
        self.mark_in_doubt(batch, unreadable, sent, now, applied);
        if elements.contains(&Element::Deleted) {
            self.queue.mark_kind_verified(batch.kind);
        } else if !self.queue.is_kind_verified(batch.kind)
            && elements
                .iter()
                .all(|&element| element == Element::NotDeleted)
        {
            let count = elements.len() as u64;
            applied.then = Some(AfterStore::Pause(PauseReason::CanaryNotFound(count)));
        }
    }

    /// A 0 after a lost answer may mean that the lost attempt worked.
    fn answered_zero(&self, ordinal: u32) -> Outcome {
        if self.devices[ordinal as usize].lost == 0 {
            return Outcome::Failed(Failure::NotFound);
        }
        match self.settings.action {
            Action::Archive | Action::Remove => Outcome::Gone,
            Action::Uninstall => Outcome::InDoubt(Doubt::RepeatAnsweredZero),
        }
    }

    fn in_doubt(
        &mut self,
        batch: &Batch,
        doubt: Doubt,
        sent: BootTime,
        now: Now,
        status: Option<u16>,
        applied: &mut Applied,
    ) {
        let state = DeviceState::Ended(Outcome::InDoubt(doubt));
        applied.changes = batch
            .devices
            .iter()
            .map(|&ordinal| (ordinal, state))
            .collect();
        self.count_doubt(applied);
        match doubt {
            Doubt::Redirected => {
                let status = status.unwrap_or_default();
                applied.then = Some(AfterStore::Pause(PauseReason::Redirected(status)));
            }
            Doubt::WebPage => applied.then = Some(AfterStore::Pause(PauseReason::WebPage)),
            _ => {}
        }
        self.mark_in_doubt(batch, batch.devices.clone(), sent, now, applied);
    }

    fn count_doubt(&mut self, applied: &mut Applied) {
        self.trouble.doubts += 1;
        if self.trouble.doubts >= 2 {
            applied.then = Some(AfterStore::Pause(PauseReason::TwoInDoubt));
        }
    }

    /// Counts a lost answer for `devices` of `batch`, and queues the one resend that is allowed: by
    /// HWID, since a MAC can match another device the second time.
    fn mark_in_doubt(
        &mut self,
        batch: &Batch,
        devices: Vec<u32>,
        sent: BootTime,
        now: Now,
        applied: &mut Applied,
    ) {
        if devices.is_empty() {
            return;
        }
        for &ordinal in &devices {
            let device = &mut self.devices[ordinal as usize];
            device.lost = device.lost.saturating_add(1);
        }
        let resend = self.settings.resend_once
            && batch.kind == IdentifierKind::Hwid
            && batch.origin != BatchOrigin::Resend
            && self.queue.can_resend(sent, now.boot);
        if resend {
            applied.notices.push(RunNotice::WillResend(devices.clone()));
            self.queue.resend_later(batch.kind, devices, sent, now.boot);
        }
    }

    /// Returns devices to planned after a call that certainly was not applied. Devices with an earlier
    /// attempt in doubt stay in doubt and are not resent.
    fn requeue_unsent(&mut self, batch: Batch, applied: &mut Applied) {
        if batch.origin != BatchOrigin::Resend {
            let planned = batch
                .devices
                .iter()
                .map(|&ordinal| (ordinal, DeviceState::Planned));
            applied.changes.extend(planned);
        }
        self.queue.put_back(batch);
    }

    /// 400 or 413: one of several devices may be at fault, or their number; a single device is refused.
    fn refused(&mut self, batch: &Batch, applied: &mut Applied) {
        self.trouble.refusals += 1;
        if batch.origin == BatchOrigin::Resend {
            // The earlier attempt stays in doubt, and its devices are not resent.
        } else if let [only] = batch.devices[..] {
            let outcome = Outcome::Failed(Failure::Refused);
            applied.changes.push((only, DeviceState::Ended(outcome)));
        } else {
            let planned = batch
                .devices
                .iter()
                .map(|&ordinal| (ordinal, DeviceState::Planned));
            applied.changes.extend(planned);
            self.queue.halve(batch.clone());
        }
        if self.trouble.refusals >= REFUSALS && self.tally.accepted == 0 {
            applied.then = Some(AfterStore::Pause(PauseReason::SixRefusals));
        }
    }

    fn unauthorized(&mut self, notices: &mut Vec<RunNotice>) -> AfterStore {
        self.trouble.unauthorized += 1;
        if self.token == Token::Static || self.trouble.unauthorized > 1 {
            return AfterStore::Pause(PauseReason::TokenRefused);
        }
        self.token = Token::Missing;
        notices.push(RunNotice::TokenRenewed);
        AfterStore::GoOn
    }

    pub(super) fn unreached(&mut self, reason: &NotSent) -> AfterStore {
        match reason {
            NotSent::SlotExpired => return AfterStore::GoOn,
            NotSent::Certificate(error) => {
                return AfterStore::Pause(PauseReason::Certificate(error.clone()));
            }
            NotSent::ProxyLogin => return AfterStore::Pause(PauseReason::ProxyLogin),
            NotSent::Unreachable(_) => {}
        }
        self.trouble.unreached += 1;
        if self.trouble.unreached >= TRIES {
            AfterStore::Pause(PauseReason::Unreachable(reason.to_string()))
        } else {
            AfterStore::Retry(self.trouble.unreached)
        }
    }

    pub(super) fn too_many(
        &mut self,
        rate: &RateHeaders,
        slot: TakenSlot,
        now: Now,
    ) -> (Cap, AfterStore) {
        let since = *self.trouble.too_many_since.get_or_insert(now.boot);
        self.trouble.too_many += 1;
        let jitter = self.random.f64();
        let cap = rate_limit::cap_after_429(
            rate,
            &self.settings.budget,
            slot.number,
            self.trouble.too_many,
            jitter,
            now,
        );
        if now.boot.since(since) >= RATE_LIMIT_PATIENCE {
            (cap, AfterStore::Pause(PauseReason::RateLimited))
        } else {
            (cap, AfterStore::GoOn)
        }
    }

    /// A lookup decided the outcome of a device in doubt: it is not resent.
    pub(super) fn apply_lookup(&mut self, ordinal: u32, outcome: Outcome) {
        let is_in_doubt = self
            .devices
            .get(ordinal as usize)
            .is_some_and(|device| matches!(device.state, DeviceState::Ended(Outcome::InDoubt(_))));
        if is_in_doubt && outcome.is_definite() {
            self.queue.forget_resend(ordinal);
            self.set(ordinal, DeviceState::Ended(outcome));
        }
    }

    fn set(&mut self, ordinal: u32, state: DeviceState) {
        let device = &mut self.devices[ordinal as usize];
        self.tally.change(device.state, state);
        device.state = state;
    }
}
