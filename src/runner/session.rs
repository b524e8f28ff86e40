//! What the parts of the worker share: its setup, transport, token, and the channel to the front end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::setup::{ConnectError, Setup};
use super::trace;
use super::transport::{Connect, Transport};
use super::update::{News, Update};
use crate::config::Credential;
use crate::domain::run::RunId;
use crate::engine::{CredentialKind, SlotAnswer, SlotEnd, SlotPurpose, TakenSlot};
use crate::journal::JournalError;
use crate::platform::clock::Now;
use crate::secret::Secret;

/// A slot outlives its call's own deadline by this much: for the intent's commit, and for timers.
const SLOT_GRACE: Duration = Duration::from_secs(5);

pub(super) struct Session<T> {
    pub(super) setup: Setup,
    connect: Connect<T>,
    pub(super) transport: Option<Arc<T>>,
    pub(super) credential: Option<Credential>,
    /// The token that the operator typed in place of an expired one.
    replacement: Option<Secret>,
    pub(super) token: Option<Secret>,
    outbox: mpsc::Sender<Update>,
}

impl<T: Transport> Session<T> {
    pub(super) fn new(setup: Setup, connect: Connect<T>, outbox: mpsc::Sender<Update>) -> Self {
        Self {
            setup,
            connect,
            transport: None,
            credential: None,
            replacement: None,
            token: None,
            outbox,
        }
    }

    pub(super) fn now(&self) -> Now {
        self.setup.clock.now()
    }

    pub(super) async fn send_news(&self, run: Option<RunId>, news: News) {
        trace::news(run, &news, self.now());
        // If the front end is gone, the journal still has it all.
        let _ = self.outbox.send(Update { run, news }).await;
    }

    pub(super) fn load_credential(&mut self) -> Result<CredentialKind, ConnectError> {
        if self.transport.is_none() {
            self.transport = Some(Arc::new((self.connect)()?));
        }
        let credential = match &self.replacement {
            Some(token) => Credential::Token(token.clone()),
            None => (self.setup.credential)()?,
        };
        let kind = match &credential {
            Credential::Token(token) => {
                self.token = Some(token.clone());
                CredentialKind::Static
            }
            Credential::Client(_) => CredentialKind::Client,
        };
        self.credential = Some(credential);
        Ok(kind)
    }

    /// Uses this token as the credential from now on.
    pub(super) fn replace_credential(&mut self, token: Secret) {
        self.replacement = Some(token);
        self.token = None;
    }

    /// Takes a slot durably, or returns when the next one may be free.
    pub(super) fn take_slot(&mut self, purpose: SlotPurpose) -> Result<SlotAnswer, JournalError> {
        self.take_slot_for(purpose, self.setup.api.request_timeout)
    }

    /// Takes a slot for a call that is given up after `timeout`.
    pub(super) fn take_slot_for(
        &mut self,
        purpose: SlotPurpose,
        timeout: Duration,
    ) -> Result<SlotAnswer, JournalError> {
        let lifetime = timeout + SLOT_GRACE;
        let Setup {
            journal,
            target,
            budget,
            ..
        } = &mut self.setup;
        journal.take_slot(target, budget, purpose, lifetime)
    }

    pub(super) fn complete_slot(&mut self, end: &SlotEnd) -> Result<(), JournalError> {
        self.setup.journal.complete_slot(end)
    }

    pub(super) fn has_run_out(&self, slot: TakenSlot) -> bool {
        slot.has_run_out(self.setup.api.request_timeout, self.now().boot)
    }
}
