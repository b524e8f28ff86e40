//! The calls of a run: the intent's bytes, Delete Devices and token calls.

use super::failure::EngineFailure;
use super::inbox::Inbox;
use super::session::Session;
use super::setup::Setup;
use super::transport::Transport;
use crate::api::PreparedDelete;
use crate::config::Credential;
use crate::domain::rate_limit;
use crate::domain::run::RunId;
use crate::engine::response::{self, NoAnswer, NotSent};
use crate::engine::{Control, Engine, Event, Intent, TakenSlot, TokenReport, TokenResult};
use crate::journal::{OpenedRun, RunLock};

impl<T: Transport> Session<T> {
    /// Stores the intent with the hash of the request's bytes. Returns those bytes, which are the ones
    /// to send.
    pub(super) fn store_intent(
        &mut self,
        held: &RunLock,
        opened: &OpenedRun,
        intent: &Intent,
    ) -> Result<PreparedDelete, EngineFailure> {
        let Some(transport) = &self.transport else {
            return Err(EngineFailure::NoClient);
        };
        let identifiers: Vec<_> = intent
            .batch
            .devices
            .iter()
            .filter_map(|&ordinal| Some(opened.devices.get(ordinal as usize)?.0.clone()))
            .collect();
        let prepared = transport.prepare_delete(opened.record.action, &identifiers)?;
        self.setup
            .journal
            .store_intent(held, intent, &prepared.hash())?;
        Ok(prepared)
    }

    pub(super) async fn send(
        &mut self,
        run: &RunId,
        prepared: Option<(PreparedDelete, TakenSlot)>,
        engine: &mut Engine,
        inbox: &mut Inbox,
    ) -> Event {
        let not_sent = |reason| {
            let silence = NoAnswer::NotSent(reason);
            Event::Called(response::classify_silence(silence))
        };
        let (Some(transport), Some(token), Some((prepared, slot))) =
            (self.transport.clone(), self.token.clone(), prepared)
        else {
            return not_sent(NotSent::Unreachable("no token".to_owned()));
        };
        // The bounded channel to the front end may have delayed this since the engine's check.
        if self.has_run_out(slot) {
            return not_sent(NotSent::SlotExpired);
        }
        let answer = {
            let call = transport.delete(&token, &prepared);
            let Setup { journal, clock, .. } = &mut self.setup;
            let record = |control: &Control| {
                if let Some(cause) = control.stop_cause()
                    && let Err(error) = journal.record_stopping(run, &cause)
                {
                    // The call in flight is what counts.
                    tracing::warn!(%run, %error, "the cause of the stop was not recorded");
                }
            };
            inbox.await_call(call, engine, clock, record).await
        };
        Event::Called(match answer {
            Ok(answer) => response::classify(prepared.devices(), &answer),
            Err(silence) => response::classify_silence(silence),
        })
    }

    pub(super) async fn fetch_token(
        &mut self,
        engine: &mut Engine,
        inbox: &mut Inbox,
    ) -> TokenReport {
        let (Some(transport), Some(Credential::Client(credentials))) =
            (self.transport.clone(), self.credential.clone())
        else {
            return TokenReport {
                result: TokenResult::Refused("no client credentials".to_owned()),
                rate: rate_limit::RateHeaders::default(),
            };
        };
        let (report, token) = {
            let call = transport.fetch_token(&credentials);
            inbox
                .await_call(call, engine, &self.setup.clock, |_| {})
                .await
        };
        if token.is_some() {
            self.token = token;
        }
        report
    }
}
