//! What the engine tells, and what the operator asks of a run.

pub mod render;
pub mod state;

use crate::domain::action::Action;
use crate::domain::outcome::{DeviceState, Doubt, Outcome};
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::engine::{Control, Report};
use crate::list::DeviceId;
use crate::plan::Plan;
use crate::runner::{News, Update};
use crate::text;
use crate::tui::app::App;
use crate::tui::dialogs::Dialog;
use crate::tui::effect::Effect;
use crate::tui::input::commands::View;
use crate::tui::screens::run::state::{RunOwnership, RunView};

/// How many notices of a run are kept.
const NOTICES: usize = 50;

impl App {
    /// A plan was confirmed: it is shown as queued until the engine says more.
    pub(in crate::tui) fn begin_run(&mut self, plan: &Plan) {
        for &id in plan.sources.iter().flatten() {
            self.context
                .list
                .session_states
                .insert(id, DeviceState::Planned);
        }
        // It is what the failures are about from now on.
        self.failures.reviewed_run = None;
        self.failures.cursor = 0;
        self.failures.marks.clear();
        self.context.runs.views.push(RunView::new(plan));
    }

    pub(in crate::tui) fn on_engine_update(&mut self, update: Update) -> Vec<Effect> {
        let Update { run, news } = update;
        match news {
            News::Budget(standing) => {
                self.context.runs.budget_status = Some(standing);
                return Vec::new();
            }
            News::Queued => {
                if let Some(run) = self.find(run) {
                    run.state = RunState::Queued;
                    run.ownership = RunOwnership::Engine;
                }
            }
            News::Refused(reason) | News::Held(reason) => {
                self.context.status = Some(format!("not started, nothing was sent: {reason}"));
                self.end_unstarted(run);
                let mut effects = self.on_runs_idle();
                effects.push(Effect::ReadJournalStates);
                return effects;
            }
            // The engine's end after that is no news.
            News::Broken(_) if self.context.runs.fatal_error.is_some() => {}
            News::Broken(what) => {
                self.context.status = Some(format!("nothing more is sent: {what}"));
                self.break_off(&what);
                self.end_lookups(Some(what.clone()));
                self.context.runs.fetch_progress = None;
                self.context.runs.fatal_error = Some(what);
            }
            News::Lookup(news) => return self.looked_up(run, news),
            News::Fetch(news) => return self.fetch_news(news),
            News::Report(report) => return self.report(run, report),
        }
        self.on_runs_idle()
    }

    /// The engine is gone: its runs have stopped, and what was in flight is in doubt.
    fn break_off(&mut self, what: &str) {
        let interrupted = DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted));
        let open: Vec<RunId> = self
            .context
            .runs
            .views
            .iter()
            .filter(|run| run.state.is_open())
            .map(|run| run.id)
            .collect();
        for id in open {
            let Some(run) = self.find(Some(id)) else {
                continue;
            };
            run.state = RunState::Stopped;
            run.waiting = None;
            run.notices.push(what.to_owned());
            let in_flight: Vec<(u32, DeviceState)> = std::mem::take(&mut run.in_flight)
                .into_iter()
                .map(|ordinal| (ordinal, interrupted))
                .collect();
            self.changed(Some(id), &in_flight);
            if let Some(run) = self.context.runs.find(id) {
                self.context.list.give_up_unsent(run);
            }
        }
    }

    fn report(&mut self, id: Option<RunId>, report: Report) -> Vec<Effect> {
        let Some(run) = self
            .context
            .runs
            .views
            .iter_mut()
            .find(|run| Some(run.id) == id)
        else {
            return Vec::new();
        };
        run.ownership = RunOwnership::Engine;
        match report {
            Report::Sending { call, devices } => {
                run.calls = call;
                run.waiting = None;
                let sources: Vec<DeviceId> = devices
                    .iter()
                    .filter_map(|&ordinal| *run.sources.get(ordinal as usize)?)
                    .collect();
                run.in_flight = devices;
                for id in sources {
                    self.context
                        .list
                        .session_states
                        .insert(id, DeviceState::Sending);
                }
                Vec::new()
            }
            Report::Changed { devices, .. } => {
                run.in_flight.clear();
                let run = run.id;
                self.changed(id, &devices);
                // What is on the screen of its calls is read anew.
                let shown = self.view != View::Devices
                    || matches!(self.dialog, Some(Dialog::DeviceDetail(_)));
                shown.then_some(Effect::Explain(run)).into_iter().collect()
            }
            Report::Waiting { until, reason } => {
                run.waiting = Some((until, reason));
                Vec::new()
            }
            Report::Notice(notice) => {
                run.notices.push(notice.to_string());
                if run.notices.len() > NOTICES {
                    run.notices.remove(0);
                }
                Vec::new()
            }
            Report::State { state, pause } => {
                run.state = state;
                run.waiting = None;
                if let Some(pause) = &pause {
                    run.notices.push(pause.to_string());
                }
                let message = match (state, &pause) {
                    (RunState::Finished, _) => Some(format!(
                        "run {} finished: {}",
                        run.id,
                        crate::export::counts(run.tally)
                    )),
                    (RunState::Stopped, _) => Some(format!(
                        "run {} stopped: {} accepted, {} not sent",
                        run.id,
                        text::grouped(run.tally.accepted),
                        text::grouped(run.tally.left)
                    )),
                    (RunState::Paused, Some(pause)) => {
                        Some(format!("paused: {pause}. {}", pause.advice()))
                    }
                    _ => None,
                };
                run.pause = pause;
                let id = run.id;
                if state == RunState::Stopped {
                    self.context.list.give_up_unsent(run);
                }
                self.context.status = message.or(self.context.status.take());
                if state == RunState::Paused && self.dialog.is_none() {
                    self.ask_for_token(id);
                }
                self.on_runs_idle()
            }
        }
    }

    pub(in crate::tui) fn changed(&mut self, id: Option<RunId>, devices: &[(u32, DeviceState)]) {
        let Some(run) = self.find(id) else { return };
        let mut accepted = Vec::new();
        let mut removed = Vec::new();
        let mut states = Vec::with_capacity(devices.len());
        for &(ordinal, state) in devices {
            let (Some(before), Some(&source)) = (
                run.states.get_mut(ordinal as usize),
                run.sources.get(ordinal as usize),
            ) else {
                continue;
            };
            run.tally.change(*before, state);
            *before = state;
            let Some(source) = source else { continue };
            states.push((source, state));
            if state == DeviceState::Ended(Outcome::Accepted) {
                accepted.push(source);
            }
            if run.action != Action::Uninstall
                && matches!(state, DeviceState::Ended(Outcome::Accepted | Outcome::Gone))
            {
                removed.push((source, run.id.to_string()));
            }
        }
        self.context.list.session_states.extend(states);
        self.context.list.removed.extend(removed);
        // Accepted devices lose their mark; the others keep it.
        self.context.list.marks.forget(&accepted);
        self.context.list.count_hidden();
        let lines = self.failure_lines().len();
        self.failures.cursor = self.failures.cursor.min(lines.saturating_sub(1));
    }

    /// A run that the journal doesn't have leaves no trace on the devices. One that it has stays,
    /// to be taken up.
    fn end_unstarted(&mut self, id: Option<RunId>) {
        let Some(place) = self
            .context
            .runs
            .views
            .iter()
            .position(|run| Some(run.id) == id)
        else {
            return;
        };
        let run = &mut self.context.runs.views[place];
        if run.ownership != RunOwnership::Submitted {
            if run.ownership == RunOwnership::Resuming {
                run.ownership = RunOwnership::Journal;
            }
            if run.state == RunState::Queued {
                run.state = RunState::Stopped;
            }
            self.context.list.give_up_unsent(run);
            return;
        }
        self.context.runs.views.remove(place);
        self.failures.cursor = 0;
        self.failures.marks.clear();
        self.context
            .list
            .rebuild_session_states(&self.context.runs.views);
    }

    /// What waited until no run was active.
    pub(in crate::tui) fn on_runs_idle(&mut self) -> Vec<Effect> {
        self.shutdown.on_runs_idle(self.context.runs.is_active())
    }

    /// `p`: pauses, and goes on with what `p` paused. Any other run that isn't over is taken up by
    /// its count.
    pub(in crate::tui) fn pause(&mut self) -> Vec<Effect> {
        let Some(run) = self.context.runs.open_run() else {
            self.context.status = Some("there is no run to pause".to_owned());
            return Vec::new();
        };
        match (run.state, &run.pause) {
            (RunState::Running, _) => {
                self.context.status = Some("pausing after the call in flight".to_owned());
                vec![Effect::Control(Control::Pause)]
            }
            (RunState::Paused, Some(PauseReason::Operator)) => {
                vec![Effect::Control(Control::Resume)]
            }
            (RunState::Paused | RunState::Stopped, _) => {
                let id = run.id;
                if !self.ask_for_token(id) {
                    self.ask_to_resume(id);
                }
                Vec::new()
            }
            _ => {
                self.context.status = Some(format!("run {} is {}", run.id, run.state.as_str()));
                Vec::new()
            }
        }
    }

    /// `x`: stops after the call in flight.
    pub(in crate::tui) fn stop(&mut self) -> Vec<Effect> {
        let Some(run) = self.context.runs.open_run() else {
            self.context.status = Some("there is no run to stop".to_owned());
            return Vec::new();
        };
        if run.state == RunState::Stopped {
            self.context.status = Some(format!(
                "run {} is stopped already; p takes it up again",
                run.id
            ));
            return Vec::new();
        }
        self.context.status = Some("stopping after the call in flight".to_owned());
        vec![Effect::Control(Control::Stop)]
    }

    /// The count left of a run was typed: it goes on.
    pub(in crate::tui) fn take_up(&mut self, id: RunId, left: u64) -> Vec<Effect> {
        let Some(place) = self.context.runs.views.iter().position(|run| run.id == id) else {
            return Vec::new();
        };
        // It is this process's newest run now.
        let mut run = self.context.runs.views.remove(place);
        if run.ownership == RunOwnership::Journal {
            run.ownership = RunOwnership::Resuming;
        }
        // The failures may be another run's now.
        self.failures.cursor = 0;
        self.failures.marks.clear();
        self.context.list.session_states.extend(run.source_states());
        self.context.runs.views.push(run);
        vec![Effect::Resume(id, left)]
    }

    fn find(&mut self, id: Option<RunId>) -> Option<&mut RunView> {
        self.context
            .runs
            .views
            .iter_mut()
            .find(|run| Some(run.id) == id)
    }
}
