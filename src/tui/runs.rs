//! The runs that the program knows, and what else uses the tenant's API.

use std::time::Duration;

use crate::domain::rate_limit::BudgetStatus;
use crate::domain::run::{RunId, RunState};
use crate::list::DeviceId;
use crate::platform::clock::BootTime;
use crate::runner::EngineFailure;
use crate::tui::fetch_progress::FetchProgress;
use crate::tui::run_end::RunEnd;
use crate::tui::screens::failures::lookup_state::LookupProgress;
use crate::tui::screens::run::state::RunView;

/// How often a run of the journal that is shown is read again while its devices may be sent.
pub const REFRESH: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
pub struct Runs {
    /// Runs that were recalled from the journal, then those of this process, oldest first.
    pub views: Vec<RunView>,
    /// The calls that the rate limit leaves, once known.
    pub budget_status: Option<BudgetStatus>,
    /// The tenant has answered a call of this session, which therefore has a token.
    pub has_token: bool,
    /// The call under the cursor of the run's screen: the run and the call's number in it. None as long as
    /// the cursor follows the newest.
    pub current_call: Option<(RunId, u32)>,
    /// The run of the journal that was opened last.
    pub opened: Option<RunId>,
    /// When a run of the journal that is shown was last read.
    pub read_at: Option<BootTime>,
    pub lookup_progress: Option<LookupProgress>,
    /// The inventory is being read.
    pub fetch_progress: Option<FetchProgress>,
    /// Why the engine has stopped for good. It must not be lost with the screen.
    pub failure: Option<EngineFailure>,
}

impl Runs {
    /// The runs of this process, oldest first.
    pub fn ours(&self) -> impl DoubleEndedIterator<Item = &RunView> + Clone {
        self.views.iter().filter(|run| run.is_ours())
    }

    /// The newest run of this process.
    pub fn newest(&self) -> Option<&RunView> {
        self.ours().next_back()
    }

    /// The run of this name.
    pub fn find(&self, id: RunId) -> Option<&RunView> {
        self.views.iter().find(|run| run.id == id)
    }

    pub fn find_mut(&mut self, id: RunId) -> Option<&mut RunView> {
        self.views.iter_mut().find(|run| run.id == id)
    }

    /// The newest run of this process that has this device of the list.
    pub fn sent_last(&self, device: DeviceId) -> Option<RunId> {
        let mut ours = self.ours().rev();
        let run = ours.find(|run| run.sources.contains(&Some(device)))?;
        Some(run.id)
    }

    /// The run that keys and the line above the footer are about: the one that is sending, else a
    /// paused one, else the newest that isn't over, else the newest.
    pub fn focus(&self) -> Option<&RunView> {
        let ours = || self.ours().rev();
        let newest = |state| ours().find(|run| run.state == state);
        newest(RunState::Running)
            .or_else(|| newest(RunState::Paused))
            .or_else(|| ours().find(|run| run.state.is_open()))
            .or_else(|| self.newest())
    }

    /// The run that its own screen shows: the one in focus, else the one of the journal that was opened
    /// last.
    pub fn shown(&self) -> Option<&RunView> {
        let opened = || self.opened.and_then(|run| self.find(run));
        self.focus().or_else(opened)
    }

    /// The run whose failures are shown unless another is chosen: the one in focus, or as long as that
    /// is yet to have a result, the newest of this process that has one. Without a run of this process, the
    /// one that was opened last.
    pub fn to_review(&self) -> Option<&RunView> {
        let has_result = |run: &&RunView| run.tally.left < run.tally.total();
        let ours = self.ours().rev();
        let focus = self.focus();
        focus
            .filter(|run| has_result(run) || !run.state.is_open())
            .or_else(|| ours.clone().find(has_result))
            .or_else(|| self.shown())
    }

    /// The run in focus, if it isn't over.
    pub fn open_run(&self) -> Option<&RunView> {
        self.focus().filter(|run| run.state.is_open())
    }

    /// True if the run is of this process and rests, so that its count resumes it.
    pub fn can_resume(&self, id: RunId) -> bool {
        self.find(id).is_some_and(|run| {
            run.is_ours() && matches!(run.state, RunState::Paused | RunState::Stopped)
        })
    }

    /// True while a run sends, or will without being resumed.
    pub fn is_active(&self) -> bool {
        self.ours().any(|run| run.state.is_active())
    }

    /// True while something of them counts down on the screen.
    pub fn counts_down(&self) -> bool {
        self.budget_status
            .is_some_and(|status| status.next.is_some())
            || self.lookup_progress.is_some()
            || self.fetch_progress.is_some()
            || self.is_active()
    }

    /// What the scrollback keeps of the session: what each run of it did, and what couldn't be stored.
    pub fn exit_message(&self) -> Option<String> {
        let ours = self.ours();
        let mut lines: Vec<String> = ours
            .map(|run| {
                let licences = run.licences.sentence("->");
                let licences = licences.map(|licences| format!("; licences {licences}"));
                format!(
                    "run {} ({}) {}: {}{}",
                    run.id,
                    run.action.as_str(),
                    run.state.as_str(),
                    crate::export::counts(run.tally),
                    licences.unwrap_or_default()
                )
            })
            .collect();
        lines.extend(self.failure.as_ref().map(ToString::to_string));
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// What the shell shows while the program is suspended.
    pub fn suspension_message(&self) -> String {
        let suspended = "offboard is suspended and sends nothing; fg continues it";
        match self.exit_message() {
            Some(runs) => format!("{suspended}\n{runs}"),
            None => suspended.to_owned(),
        }
    }

    /// The ends of this process's runs for which the configured command hasn't run: a paused run ends
    /// with the process.
    pub fn ends_to_notify(&self) -> Vec<RunEnd> {
        let ours = self.ours();
        let over = ours.filter(|run| !run.is_end_notified && !run.state.is_active());
        over.map(RunEnd::of).collect()
    }

    /// True once the engine has stopped for good.
    pub fn is_broken(&self) -> bool {
        self.failure.is_some()
    }

    /// The command that goes on with each run of the session, or shows what was not accepted. None once
    /// the engine is broken: the journal may not have what they need, and its error says what to do.
    pub fn next_commands(&self) -> Option<String> {
        if self.is_broken() {
            return None;
        }
        let ours = self.ours();
        let commands = ours.filter_map(|run| match run.state {
            RunState::Paused | RunState::Stopped => {
                Some(format!("to continue: offboard resume {}", run.id))
            }
            _ if run.tally.failed + run.tally.in_doubt > 0 => {
                Some(format!("to review: offboard runs show {}", run.id))
            }
            _ => None,
        });
        let lines: Vec<String> = commands.collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}
