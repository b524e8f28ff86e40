//! Applies the result of a token call to the run.

use std::time::Duration;

use crate::engine::{
    AfterStore, Command, Engine, NotSent, Now, PauseReason, TakenSlot, Token, TokenReport,
    TokenResult,
};

/// A token is renewed when it would expire within a call's time and this.
const TOKEN_MARGIN: Duration = Duration::from_secs(30);

impl Engine {
    pub(super) fn on_token(
        &mut self,
        slot: TakenSlot,
        report: TokenReport,
        now: Now,
    ) -> Vec<Command> {
        let mut cap = report.rate.cap(&self.settings.budget, slot.number, now);
        let then = match report.result {
            TokenResult::Granted(lifetime) => {
                let margin = self.settings.request_timeout + TOKEN_MARGIN;
                // A token that lives less than twice the margin is still used for half its life.
                self.token =
                    Token::Fresh(lifetime.map(|lifetime| {
                        now.boot + lifetime.saturating_sub(margin).max(lifetime / 2)
                    }));
                self.trouble.unreached = 0;
                AfterStore::GoOn
            }
            TokenResult::Refused(message) => {
                AfterStore::Pause(PauseReason::CredentialsRefused(message))
            }
            TokenResult::Unusable(message) => AfterStore::Pause(PauseReason::NoToken(message)),
            TokenResult::TooMany => {
                let (too_many, then) = self.too_many(&report.rate, slot, now);
                cap = Some(too_many);
                then
            }
            TokenResult::NotSent(reason) => self.unreached(&reason),
            TokenResult::Failed(why) => self.unreached(&NotSent::Unreachable(format!(
                "getting a token failed: {why}"
            ))),
        };
        self.complete_slot(slot, cap, report.rate.date, then)
    }
}
