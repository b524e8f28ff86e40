//! What came of an effect: each answer goes to the screen or the dialog that it is for.

use std::sync::Arc;

use crate::domain::run::{RunId, RunState};
use crate::domain::trend::Trend;
use crate::list::DeviceId;
use crate::text::counted;
use crate::tui::answer::Answer;
use crate::tui::app::App;
use crate::tui::dialogs::{Dialog, ResumeDialog, VerificationDialog};
use crate::tui::effect::Effect;
use crate::tui::error::{BackendError, EffectError, SaveError};
use crate::tui::input::commands::{Command, View};
use crate::tui::job::{Job, RunJob};
use crate::tui::screens::history::recall;
use crate::tui::screens::history::state::{Recall, RecalledRun};
use crate::tui::verification::{FetchVerification, JournalStates, VerificationSummary};

impl App {
    pub(in crate::tui) fn on_answer(&mut self, answer: Answer) -> Vec<Effect> {
        match answer {
            Answer::Found { search_id, rows } => return self.on_found(search_id, rows),
            Answer::Counted {
                counted,
                index,
                counts,
            } => self.context.overview.on_counted(counted, index, counts),
            read @ (Answer::Record(..)
            | Answer::Completed(..)
            | Answer::QueriesCounted(_)
            | Answer::ListDescribed(_)
            | Answer::DeviceExplained(..)
            | Answer::Outcomes(..)
            | Answer::RunDescribed(..)
            | Answer::IdsRead { .. }
            | Answer::Planned { .. }
            | Answer::FullRecord(..)) => return self.on_read_for_dialog(read),
            Answer::Explained(id, calls) => {
                if let Some(run) = self.context.runs.find_mut(id) {
                    run.set_calls(calls);
                }
            }
            Answer::History(runs) => {
                let read = self.history.on_read(runs, &mut self.context);
                self.announced_runs_were_shown();
                return read.into_iter().collect();
            }
            Answer::Trend(trend) => self.on_trend(trend),
            Answer::Breakdown(run, counted) => {
                self.history.on_counted(run, counted, &mut self.context);
            }
            Answer::FoundInRuns(text, found) => {
                self.history.on_found(&text, found, &mut self.context);
            }
            Answer::JournalStates(states) => self.on_journal_states(states),
            Answer::Verified(verified) => return self.on_verified(verified),
            Answer::FetchVerified(verified) => return self.on_fetch_verified(verified),
            Answer::Rechecked { plan, found } => return self.on_rechecked(*plan, found),
            Answer::HoldsChanged(changed) => return self.on_holds_changed(changed),
            Answer::HoldsToEnd(holds) => self.on_holds_to_end(holds),
            Answer::Held(held) => self.on_held(held),
            Answer::Recalled(what, run) => return self.on_recalled(what, run),
            Answer::Closed(run, closed) => return self.on_closed(run, closed),
            Answer::NoClipboard(text) => {
                // The line that says where the text is follows.
                self.context.status = None;
                return vec![Effect::Job(Job::WriteCopy(text))];
            }
            Answer::Wrote(written) => self.on_written(written),
            Answer::FilterSaved { name, query, saved } => {
                return self
                    .on_filter_saved(name, query, saved)
                    .into_iter()
                    .collect();
            }
            read @ (Answer::Reloaded(_)
            | Answer::Reassigned(_)
            | Answer::MatchedWithInventory(_)) => return self.on_list_read(read),
            Answer::NotStarted(run, error) => {
                return self.on_unstarted(Some(run), &error.to_string());
            }
            Answer::WrittenForApproval(run, wrote) => {
                return self.on_written_for_approval(run, wrote);
            }
            Answer::StopRequested(message) => self.context.show(&message),
            Answer::CopyWritten(written) => self.on_copy_written(written),
            Answer::EndNotified(Err(error)) => self.context.show_error(&error),
            Answer::Failed(error) => self.on_failed(&error),
            Answer::ControlRejected(error) => {
                self.context.show_error(&error);
                self.shutdown.on_control_rejected();
                return self.on_runs_idle();
            }
            Answer::EndNotified(Ok(())) => {}
        }
        Vec::new()
    }

    fn on_journal_states(&mut self, states: Result<JournalStates, BackendError>) {
        match states {
            Ok(states) => {
                self.context.list.journal_states = Arc::new(states.outcomes);
                self.context.list.verified = Arc::new(states.verified);
            }
            Err(error) => {
                self.context.status = Some(format!("Earlier outcomes can't be read: {error}"));
            }
        }
    }

    fn on_failed(&mut self, error: &EffectError) {
        match error {
            // The screen says itself that there is no run.
            EffectError::NoRun => self.context.status = None,
            error => self.context.show_error(error),
        }
        if matches!(error, EffectError::Panicked) {
            self.on_interrupted_work(&error.to_string());
        }
    }

    /// What was being done panicked, and its answer never comes. Which work it was isn't known: the dialogs
    /// that wait for an answer get the error, before it can be asked for again.
    fn on_interrupted_work(&mut self, reason: &str) {
        self.recheck_interrupted(reason);
        for dialog in [&mut self.dialog, &mut self.covered_dialog]
            .into_iter()
            .flatten()
        {
            dialog.component_mut().on_interrupted_work(reason);
        }
    }

    /// A search has found its rows. Those of an older one are dropped.
    fn on_found(&mut self, search_id: u64, rows: Vec<DeviceId>) -> Vec<Effect> {
        if search_id != self.devices.search_id {
            return Vec::new();
        }
        self.devices.shown_search_id = search_id;
        self.devices.show(rows, &mut self.context.list);
        self.keep_in_sight();
        let mut effects = self.follow_cursor();
        effects.extend(self.devices.count_terms(&self.context.list));
        effects
    }

    fn on_trend(&mut self, trend: Result<Trend, BackendError>) {
        match (trend, &mut self.dialog) {
            (Ok(trend), Some(Dialog::Trend(dialog))) => dialog.trend = Some(trend),
            (Ok(_), _) => {}
            (Err(error), dialog) => {
                if matches!(dialog, Some(Dialog::Trend(_))) {
                    self.close_dialog();
                }
                self.context.show_error(&error);
            }
        }
    }

    /// Something was read that an open dialog has requested.
    fn on_read_for_dialog(&mut self, read: Answer) -> Vec<Effect> {
        if let Answer::QueriesCounted(counts) = &read {
            self.devices.on_queries_counted(counts);
        }
        let (context, query) = (&self.context, &self.devices.query);
        let mut effects = Vec::new();
        let mut unread = Some(read);
        // A dialog that is covered is shown again.
        for dialog in [&mut self.dialog, &mut self.covered_dialog]
            .into_iter()
            .flatten()
        {
            let Some(read) = unread.take() else { break };
            match dialog.component_mut().on_answer(read, context, query) {
                Ok(followed) => effects = followed,
                Err(read) => unread = Some(*read),
            }
        }
        effects
    }

    /// A run was read from the journal.
    fn on_recalled(
        &mut self,
        what: Recall,
        run: Result<Box<RecalledRun>, BackendError>,
    ) -> Vec<Effect> {
        let run = match run {
            Ok(run) => *run,
            Err(error) => {
                self.context.show_error(&error);
                return Vec::new();
            }
        };
        let id = run.past.record.id;
        if what == Recall::Update {
            recall::add(run, &mut self.context);
            self.failures.limit_cursor(&self.context.runs);
            return Vec::new();
        }
        if self.dialog.is_some() {
            // The operator does something else by now.
            self.context.status = Some(format!(
                "Run {id} was read · {} opens the history",
                self.context.key(Command::History)
            ));
            return Vec::new();
        }
        if what == Recall::Compare {
            return self.compare_with_list(run);
        }
        recall::add(run, &mut self.context);
        self.context.runs.opened = Some(id);
        self.failures.reviewed_run = Some(id);
        self.failures.reset_selection();
        // A device that was searched and found is where its run opens.
        let found = self.history.current_device();
        let found = found.filter(|found| found.run == id && self.view == View::History);
        if let Some(ordinal) = found.map(|found| found.ordinal) {
            self.failures.show_device(ordinal, &self.context.runs);
        }
        match what {
            Recall::Review => {
                self.dialog = None;
                self.failures.is_of_history = self.view == View::History;
                self.view = View::Failures;
            }
            Recall::Resume => {
                if let Some(dialog) = ResumeDialog::for_run(id, &self.context) {
                    self.open(dialog);
                }
            }
            Recall::Compare | Recall::Update => {}
        }
        Vec::new()
    }

    /// A run was verified, or couldn't be.
    fn on_verified(
        &mut self,
        verified: Result<Box<VerificationSummary>, BackendError>,
    ) -> Vec<Effect> {
        match verified {
            Ok(verified) if self.dialog.is_none() => self.open(VerificationDialog::new(*verified)),
            // The operator does something else by now.
            Ok(verified) => {
                self.context.status = Some(format!("Run {}: {}", verified.run, verified.counts));
            }
            Err(error) => self.context.show_error(&error),
        }
        vec![
            Effect::Runs(RunJob::History),
            Effect::Job(Job::ReadJournalStates),
        ]
    }

    /// A fetched inventory has verified earlier runs, or couldn't.
    fn on_fetch_verified(
        &mut self,
        verified: Result<FetchVerification, BackendError>,
    ) -> Vec<Effect> {
        match verified {
            Ok(verified) => {
                for (run, counts) in verified.runs {
                    if let Some(run) = self.context.runs.find_mut(run) {
                        run.verified = Some(counts);
                    }
                }
                if let Some(summary) = verified.summary {
                    self.announce_verified(summary);
                }
            }
            Err(error) => {
                self.context.status = Some(format!("Earlier runs were not verified: {error}"));
            }
        }
        let mut effects = vec![Effect::Job(Job::ReadJournalStates)];
        effects.extend(self.recheck_verified());
        if self.history.runs.is_some() {
            effects.push(Effect::Runs(RunJob::History));
        }
        effects
    }

    /// A run was closed, or couldn't be.
    fn on_closed(&mut self, id: RunId, closed: Result<u64, BackendError>) -> Vec<Effect> {
        match closed {
            Ok(left) => {
                let left = counted(left, "device");
                self.context.status = Some(format!("Run {id} is closed: {left} not sent"));
                if let Some(run) = self.context.runs.find_mut(id) {
                    run.state = RunState::Closed;
                    self.context.list.give_up_unsent(run);
                }
            }
            Err(error) => self.context.show_error(&error),
        }
        vec![
            Effect::Runs(RunJob::History),
            Effect::Job(Job::ReadJournalStates),
        ]
    }

    /// A file was written, or couldn't be.
    fn on_written(&mut self, written: Result<String, SaveError>) {
        match (&mut self.dialog, written) {
            (Some(Dialog::SaveFile(dialog)), Err(error)) if dialog.is_writing() => {
                dialog.on_error(&error.to_string());
            }
            (Some(Dialog::SaveFile(dialog)), Ok(message)) if dialog.is_writing() => {
                self.close_dialog();
                self.context.show(&message);
            }
            (_, Ok(message)) => self.context.show(&message),
            (_, Err(error)) => self.context.show_error(&error),
        }
    }

    /// What was copied was written to a file, or couldn't be. The demo's files are removed with it.
    fn on_copy_written(&mut self, written: Result<String, BackendError>) {
        match written {
            Ok(message) if self.context.settings.demo => {
                self.context
                    .show(&format!("{message}, until the demo ends"));
            }
            Ok(message) => self.context.show(&message),
            Err(error) => self.context.show_error(&error),
        }
    }
}
