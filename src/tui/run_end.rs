//! How a run of this process ended, for the configured command.

use crate::domain::exit::Exit;
use crate::domain::licences::RunLicences;
use crate::domain::outcome::Tally;
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::export::Line;
use crate::tui::screens::run::state::RunView;

/// How a run of this process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    run: RunId,
    state: RunState,
    tally: Tally,
    reason: Option<String>,
    licences: RunLicences,
}

impl RunEnd {
    pub fn of(run: &RunView) -> Self {
        let pause = run.pause.as_ref();
        Self {
            run: run.id,
            state: run.state,
            tally: run.tally,
            reason: pause.map(PauseReason::with_advice),
            licences: run.licences,
        }
    }

    /// The summary line, as a run without a screen prints it.
    pub fn summary(&self) -> Line {
        let exit = Exit::of_run(self.state, self.tally);
        let run = Some(self.run.short());
        let reason = self.reason.clone();
        let line = Line::summary(run, self.state.as_str(), self.tally, reason, exit);
        line.with_licences(self.licences)
    }
}
