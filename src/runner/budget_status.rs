//! What the budget leaves, for show, and whether somebody else uses the account.

use crate::domain::rate_limit::{self, BudgetStatus, Ledger};
use crate::domain::run::RunId;
use crate::engine::{CallEnd, Notice, Report};
use crate::runner::session::Session;
use crate::runner::setup::Setup;
use crate::runner::transport::Transport;
use crate::runner::update::News;

impl<T: Transport> Session<T> {
    pub(super) async fn tell_budget(&mut self) -> Option<BudgetStatus> {
        let ledger = self.ledger()?;
        let standing = rate_limit::budget_status(&ledger, &self.setup.budget, self.now().boot);
        self.tell(None, News::Budget(standing)).await;
        Some(standing)
    }

    /// The server counts fewer calls left than we do: somebody else uses the account.
    pub(super) async fn tell_other_client(&mut self, run: RunId, end: &CallEnd) {
        let Some(remaining) = end.report.rate.remaining else {
            return;
        };
        let Some(ledger) = self.ledger() else { return };
        let own = Ledger {
            caps: Vec::new(),
            ..ledger
        };
        let standing = rate_limit::budget_status(&own, &self.setup.budget, self.now().boot);
        if remaining < standing.left {
            self.tell(Some(run), News::Report(Report::Notice(Notice::OtherClient)))
                .await;
        }
    }

    fn ledger(&mut self) -> Option<Ledger> {
        // The gauge is only for show: one that can't be read is not drawn anew.
        let Setup {
            journal,
            target,
            budget,
            ..
        } = &mut self.setup;
        journal.ledger(target, budget).ok()
    }
}
