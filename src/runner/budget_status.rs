//! Reports how many calls the budget has left, and whether another client uses the account.

use crate::domain::rate_limit::{self, BudgetStatus, Ledger};
use crate::domain::run::RunId;
use crate::engine::{CallEnd, Report, RunNotice};
use crate::runner::session::Session;
use crate::runner::setup::Setup;
use crate::runner::transport::Transport;
use crate::runner::update::News;

impl<T: Transport> Session<T> {
    pub(super) async fn report_budget(&mut self) -> Option<BudgetStatus> {
        let ledger = self.ledger()?;
        let mut status = rate_limit::budget_status(&ledger, &self.setup.budget, self.now().boot);
        // For show only, too.
        let Setup {
            journal,
            target,
            budget,
            ..
        } = &self.setup;
        status.others = journal.others_in_window(target, budget).unwrap_or(0);
        self.send_news(None, News::Budget(status)).await;
        Some(status)
    }

    /// Reports another client if the server counts fewer calls left than this journal.
    pub(super) async fn report_other_client(&mut self, run: RunId, end: &CallEnd) {
        let Some(remaining) = end.report.rate.remaining else {
            return;
        };
        let Some(ledger) = self.ledger() else { return };
        let own = Ledger {
            caps: Vec::new(),
            ..ledger
        };
        let status = rate_limit::budget_status(&own, &self.setup.budget, self.now().boot);
        if remaining < status.left {
            self.send_news(
                Some(run),
                News::Report(Report::Notice(RunNotice::OtherClient)),
            )
            .await;
        }
    }

    pub(super) fn ledger(&mut self) -> Option<Ledger> {
        // The gauge is informational: if the ledger can't be read, it stays as it was.
        let Setup {
            journal,
            target,
            budget,
            ..
        } = &mut self.setup;
        journal.ledger(target, budget).ok()
    }
}
