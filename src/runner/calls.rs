//! The network's side of a run: the credential, the intent's bytes, the calls, and what the operator
//! asks while one is in flight.

use std::sync::Arc;

use crate::api::{Client, PreparedDelete};
use crate::config::Credential;
use crate::domain::rate_limit;
use crate::domain::run::RunId;
use crate::engine::response::{self, NoAnswer, NotSent};
use crate::engine::{
    Control, CredentialKind, Engine, Event, Intent, TakenSlot, TokenReport, TokenResult,
};
use crate::journal::OpenedRun;
use crate::runner::Request;
use crate::runner::worker::{Broken, Worker};
use crate::secret::Secret;

impl Worker {
    pub(super) fn load_credential(&mut self) -> Result<CredentialKind, String> {
        if self.client.is_none() {
            let client = Client::new(self.setup.api.clone()).map_err(|error| error.to_string())?;
            self.client = Some(Arc::new(client));
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

    /// From now on this token is the credential.
    pub(super) fn replace_credential(&mut self, token: Secret) {
        self.replacement = Some(token);
        self.token = None;
    }

    /// The bytes whose hash is stored are kept, and are the bytes that are sent.
    pub(super) fn store_intent(
        &mut self,
        run: &RunId,
        opened: &OpenedRun,
        intent: &Intent,
    ) -> Result<PreparedDelete, Broken> {
        let Some(client) = &self.client else {
            return Err(Broken("no client before an intent".to_owned()));
        };
        let identifiers: Vec<_> = intent
            .batch
            .devices
            .iter()
            .filter_map(|&ordinal| Some(opened.devices.get(ordinal as usize)?.0.clone()))
            .collect();
        let prepared = client
            .prepare_delete(opened.record.action, &identifiers)
            .map_err(|error| Broken(error.to_string()))?;
        self.setup
            .journal
            .store_intent(run, intent, &prepared.hash())?;
        Ok(prepared)
    }

    pub(super) async fn send(
        &mut self,
        prepared: Option<(PreparedDelete, TakenSlot)>,
        machine: &mut Engine,
    ) -> Event {
        let not_sent = |reason| {
            let silence = NoAnswer::NotSent(reason);
            Event::Called(response::classify_silence(silence))
        };
        let (Some(client), Some(token), Some((prepared, slot))) =
            (self.client.clone(), self.token.clone(), prepared)
        else {
            return not_sent(NotSent::Unreachable("no token".to_owned()));
        };
        // Whoever hears of the call may have kept it waiting since the machine looked.
        if self.has_run_out(slot) {
            return not_sent(NotSent::SlotExpired);
        }
        let answer = self.hear(client.delete(&token, &prepared), machine).await;
        Event::Called(match answer {
            Ok(answer) => response::classify(prepared.devices(), &answer),
            Err(silence) => response::classify_silence(silence),
        })
    }

    pub(super) fn has_run_out(&self, slot: TakenSlot) -> bool {
        slot.has_run_out(self.setup.api.request_timeout, self.setup.clock.now().boot)
    }

    pub(super) async fn fetch_token(&mut self, machine: &mut Engine) -> TokenReport {
        let (Some(client), Some(Credential::Client(credentials))) =
            (self.client.clone(), self.credential.clone())
        else {
            return TokenReport {
                result: TokenResult::Refused("no client credentials".to_owned()),
                rate: rate_limit::RateHeaders::default(),
            };
        };
        let (report, token) = self.hear(client.fetch_token(&credentials), machine).await;
        if token.is_some() {
            self.token = token;
        }
        report
    }

    /// Waits for `call`, passing controls to the machine meanwhile; other requests are taken in
    /// once what came of it is stored.
    pub(super) async fn hear<T>(
        &mut self,
        call: impl Future<Output = T>,
        machine: &mut Engine,
    ) -> T {
        let mut open = true;
        tokio::pin!(call);
        loop {
            tokio::select! {
                biased;
                done = &mut call => return done,
                request = self.inbox.recv(), if open => {
                    let control = match request {
                        Some(Request::Control(control)) => control,
                        Some(request) => {
                            self.deferred.push_back(request);
                            continue;
                        }
                        None => {
                            open = false;
                            Control::Stop
                        }
                    };
                    // In the middle of a call the machine only takes note.
                    machine.step(Event::Control(control), self.setup.clock.now());
                }
            }
        }
    }
}
