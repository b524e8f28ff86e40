//! What the runner reports: runs, the budget, lookups and fetches.

use crate::domain::licences::RunLicences;
use crate::domain::run::{RunId, RunState};
use crate::engine::Report;
use crate::runner::{LicenceNews, News, Update};
use crate::text::width;
use crate::tui::app::App;
use crate::tui::context::HEADER_ROWS;
use crate::tui::dialogs::{DeleteDialog, Dialog, TokenEntry};
use crate::tui::effect::Effect;
use crate::tui::input::commands::View;
use crate::tui::job::{Job, RunJob};
use crate::tui::run_end::RunEnd;
use crate::tui::screens::failures::lookups::end_lookups;
use crate::tui::screens::run::progress;
use crate::tui::screens::run::state::RunOwnership;

impl App {
    pub(in crate::tui) fn on_engine_update(&mut self, update: Update) -> Vec<Effect> {
        let place = self.failures.place(&self.context.runs);
        let effects = self.on_news(update);
        self.failures.stay_at(place, &self.context.runs);
        effects
    }

    fn on_news(&mut self, update: Update) -> Vec<Effect> {
        let Update { run, news } = update;
        self.context.runs.has_token |= news.is_answer();
        match news {
            News::Budget(status) => {
                self.context.runs.budget_status = Some(status);
                return Vec::new();
            }
            News::Queued => {
                if let Some(run) = run.and_then(|id| self.context.runs.find_mut(id)) {
                    run.state = RunState::Queued;
                    run.ownership = RunOwnership::Engine;
                }
            }
            News::Refused(refusal) => return self.on_unstarted(run, &refusal.to_string()),
            // The end of a broken engine is reported again.
            News::Failed(_) if self.context.runs.is_broken() => {}
            News::Failed(failure) => {
                let reason = failure.to_string();
                self.context.status = Some(format!("Nothing more is sent: {reason}"));
                progress::break_off(&reason, &mut self.context);
                self.failures.limit_cursor(&self.context.runs);
                end_lookups(Some(reason), &mut self.context);
                self.context.runs.fetch_progress = None;
                self.context.runs.failure = Some(failure);
            }
            News::Lookup(news) => {
                let is_shown = self.dialog.is_none() && self.view == View::Failures;
                let failures = &mut self.failures;
                let response = failures.on_lookup_news(run, news, is_shown, &mut self.context);
                return self.follow_screen(response);
            }
            News::Fetch(news) => return self.fetch_news(news),
            News::Licences(LicenceNews::Measured(licences)) => {
                self.context.licences = Some(licences);
                return Vec::new();
            }
            News::Licences(LicenceNews::Settled(licences)) => {
                return run.map_or_else(Vec::new, |id| self.on_licences(id, licences));
            }
            News::Report(report) => {
                return run.map_or_else(Vec::new, |id| self.on_report(id, &report));
            }
        }
        self.on_runs_idle()
    }

    /// A run was not started or resumed.
    pub(super) fn on_unstarted(&mut self, run: Option<RunId>, reason: &str) -> Vec<Effect> {
        self.context.status = Some(format!("Not started, nothing was sent: {reason}"));
        if run.is_some_and(|id| progress::end_unstarted(id, &mut self.context)) {
            self.failures.reset_selection();
        }
        let mut effects = self.on_runs_idle();
        effects.push(Effect::Job(Job::ReadJournalStates));
        effects
    }

    /// A plan was written for approval, not sent.
    pub(in crate::tui) fn on_written_for_approval(
        &mut self,
        run: RunId,
        wrote: String,
    ) -> Vec<Effect> {
        let effects = self.on_unstarted(Some(run), &wrote);
        self.open(DeleteDialog::Written(wrote));
        effects
    }

    fn on_report(&mut self, id: RunId, report: &Report) -> Vec<Effect> {
        if !progress::on_report(id, report, &mut self.context) {
            return Vec::new();
        }
        match report {
            Report::Changed { .. } => {
                self.failures.limit_cursor(&self.context.runs);
                // The calls on the screen are read again.
                let is_shown = self.view != View::Devices
                    || matches!(self.dialog, Some(Dialog::DeviceDetail(_)));
                let effect = is_shown.then_some(Effect::Runs(RunJob::Explain(id)));
                effect.into_iter().collect()
            }
            Report::State { state, .. } => {
                if *state == RunState::Paused
                    && self.dialog.is_none()
                    && let Some(dialog) = TokenEntry::for_run(id, &self.context)
                {
                    self.open(dialog);
                }
                let mut effects = self.on_runs_idle();
                if let Some(Dialog::RunInfo(info)) = &self.dialog {
                    effects.extend(info.read_if_of(id));
                }
                effects
            }
            Report::Sending { .. } | Report::Waiting { .. } | Report::Notice(_) => Vec::new(),
        }
    }

    /// A run is over, and its licences are read or won't be: the configured command runs.
    fn on_licences(&mut self, id: RunId, licences: RunLicences) -> Vec<Effect> {
        let Some(run) = self.context.runs.find_mut(id) else {
            return Vec::new();
        };
        run.licences = licences;
        let line = progress::state_message(run, &self.context.list.marks, &self.context.settings);
        let arrow = self.context.settings.theme.glyph("→", "->");
        // The filter or, on a low screen, the marks may have their part of the line. The run's view has the
        // licences, too.
        let columns = usize::from(self.context.size.0);
        let is_shared = !self.devices.query.is_empty() || self.context.header_rows < HEADER_ROWS;
        let room = if is_shared { columns * 3 / 5 } else { columns };
        if let (Some(measured), Some(status)) = (licences.sentence(arrow), &mut self.context.status)
            && line.as_ref() == Some(status)
        {
            let longer = format!("{status} · licences {measured}");
            if width(&longer) + 4 <= room {
                *status = longer;
            }
        }
        let is_over = matches!(run.state, RunState::Finished | RunState::Stopped);
        if !is_over || run.is_end_notified {
            return Vec::new();
        }
        run.is_end_notified = true;
        vec![Effect::NotifyEnd(RunEnd::of(run))]
    }

    /// What waited until no run was active.
    pub(in crate::tui) fn on_runs_idle(&mut self) -> Vec<Effect> {
        self.shutdown.on_runs_idle(self.context.runs.is_active())
    }
}
