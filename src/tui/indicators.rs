//! What the program shows outside of its screen: the window's title, progress, and the bell.

use crate::domain::run::{PauseReason, RunId, RunState};
use crate::tui::context::Context;
use crate::tui::screens::run::state::RunView;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Indicators {
    pub title: String,
    /// How far the open run is, in percent.
    pub progress: Option<u8>,
    /// Runs that have ended or need the operator.
    pub calling: Vec<(RunId, RunState)>,
}

impl Indicators {
    pub(super) fn of(context: &Context) -> Self {
        let runs = &context.runs;
        let ours = runs.ours();
        let dot = context.settings.theme.dot();
        Self {
            title: title(runs.focus(), dot),
            progress: runs.open_run().map(percent),
            calling: ours
                .filter(|run| needs_operator(run))
                .map(|run| (run.id, run.state))
                .collect(),
        }
    }

    /// True if a run has ended or needs the operator that hadn't, or didn't, before.
    pub(super) fn rings_after(&self, before: &Self) -> bool {
        let mut runs = self.calling.iter();
        runs.any(|run| !before.calling.contains(run))
    }
}

/// `offboard · 42 % · 4 failed`.
fn title(run: Option<&RunView>, dot: &str) -> String {
    let mut title = "offboard".to_owned();
    let Some(run) = run else { return title };
    title.push_str(&format!("{dot}{} %", percent(run)));
    let trouble = [
        (run.tally.failed, "failed"),
        (run.tally.in_doubt, "in doubt"),
    ];
    for (count, name) in trouble {
        if count > 0 {
            title.push_str(&format!("{dot}{count} {name}"));
        }
    }
    title
}

/// How many of the run's devices have an outcome.
fn percent(run: &RunView) -> u8 {
    let total = run.states.len() as u64;
    let done = total.saturating_sub(run.tally.left);
    u8::try_from(done * 100 / total.max(1)).unwrap_or(100)
}

fn needs_operator(run: &RunView) -> bool {
    match run.state {
        RunState::Finished | RunState::Stopped => true,
        RunState::Paused => run.pause != Some(PauseReason::Operator),
        RunState::Queued | RunState::Running | RunState::Closed => false,
    }
}
