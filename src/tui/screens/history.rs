//! Runs of the journal: announced at the start, listed in the history, reviewed, taken up, closed.

pub mod render;
pub mod state;

use std::collections::HashMap;

use crate::domain::outcome::Tally;
use crate::domain::run::{RunId, RunState};
use crate::domain::target::Target;
use crate::journal::FoundDevices;
use crate::list::DeviceList;
use crate::plan::PlannedDevice;
use crate::text::counted;
use crate::tui::app::App;
use crate::tui::dialogs::{CloseRun, Dialog, FindInRuns};
use crate::tui::effect::Effect;
use crate::tui::file_content::ExportContent;
use crate::tui::input::commands::View;
use crate::tui::screens::history::state::{PastRun, Recall, RecalledRun, Search};
use crate::tui::screens::run::state::{FailureLine, RunOwnership, RunView};

impl App {
    /// `H`: the history, read anew.
    pub(in crate::tui) fn open_history(&mut self) -> Vec<Effect> {
        self.view = View::History;
        self.history.search = None;
        vec![Effect::History]
    }

    /// `/` in the history: devices are searched in all runs.
    pub(in crate::tui) fn open_find(&mut self) {
        let text = self.history.search.as_ref().map(|search| &search.text);
        self.open(FindInRuns::new(text.cloned().unwrap_or_default()));
    }

    /// Searches for devices in all runs; without a text the search ends.
    pub(in crate::tui) fn find_in_runs(&mut self, text: &str) -> Option<Effect> {
        if text.is_empty() {
            self.history.search = None;
            return None;
        }
        self.history.search = Some(Search {
            text: text.to_owned(),
            found: None,
            at: 0,
        });
        Some(Effect::FindInRuns(text.to_owned()))
    }

    /// Devices were searched in all runs; the answer to an older question is dropped.
    pub(in crate::tui) fn found_in_runs(
        &mut self,
        text: &str,
        found: Result<FoundDevices, String>,
    ) {
        let search = self.history.search.as_mut();
        let Some(search) = search.filter(|search| search.text == text) else {
            return;
        };
        match found {
            Ok(found) => search.found = Some(found),
            Err(reason) => {
                self.history.search = None;
                self.context.status = Some(reason);
            }
        }
    }

    /// `e` in the history: asks where the run under the cursor is written to.
    pub(in crate::tui) fn export_current(&mut self) {
        if let Some(run) = self.history.current() {
            let id = run.record.id;
            let contents = vec![ExportContent::Run(id)];
            self.ask_where_to_save(contents, &format!("run-{id}.md"), None);
        }
    }

    /// The history was read.
    pub(in crate::tui) fn show_history(&mut self, runs: Result<Vec<PastRun>, String>) {
        match runs {
            Ok(runs) => {
                self.history.at = self.history.at.min(runs.len().saturating_sub(1));
                self.history.runs = Some(runs);
            }
            Err(reason) => self.context.status = Some(reason),
        }
    }

    /// Takes up, or opens, the run under the cursor of the history.
    pub(in crate::tui) fn recall_current(&mut self, what: Recall) -> Vec<Effect> {
        match self.history.current().cloned() {
            Some(run) => self.recall(&run, what),
            None => Vec::new(),
        }
    }

    /// Gives up what the run under the cursor of the history has not sent, after a question.
    pub(in crate::tui) fn close_current(&mut self) {
        if let Some(run) = self.history.current().cloned() {
            self.ask_to_close(&run);
        }
    }

    /// Asks the process that has the run under the cursor of the history to stop it.
    pub(in crate::tui) fn stop_current(&mut self) -> Vec<Effect> {
        match self.history.current() {
            Some(run) if run.holder.is_some() => vec![Effect::AskToStop(run.record.id)],
            _ => {
                self.context.status = Some("no process is running it".to_owned());
                Vec::new()
            }
        }
    }

    /// Why a run can't be acted upon here, if it is another tenant's or account's.
    pub(in crate::tui) fn foreign(&self, id: RunId, target: &Target) -> Option<String> {
        let other = self.context.settings.target.as_ref()?.check(target).err()?;
        Some(format!("run {id} {other}"))
    }

    pub(in crate::tui) fn recall(&mut self, run: &PastRun, what: Recall) -> Vec<Effect> {
        let id = run.record.id;
        if what == Recall::Resume {
            let refusal = if let Some(holder) = &run.holder {
                Some(format!("run {id} is held by {holder}; x asks it to stop"))
            } else if !run.state.is_open() {
                let state = run.state.as_str();
                Some(format!("run {id} is {state}: nothing is left to send"))
            } else {
                let foreign = self.foreign(id, &run.record.target);
                foreign.or_else(|| self.context.info.forbidden.clone())
            };
            if let Some(refusal) = refusal {
                self.context.status = Some(refusal);
                return Vec::new();
            }
        }
        vec![Effect::Recall(id, what)]
    }

    /// A run was read from the journal.
    pub(in crate::tui) fn recalled(&mut self, what: Recall, run: Result<Box<RecalledRun>, String>) {
        let run = match run {
            Ok(run) => *run,
            Err(reason) => {
                self.context.status = Some(reason);
                return;
            }
        };
        let id = run.past.record.id;
        if !matches!(self.dialog, None | Some(Dialog::StoppedRuns(_))) {
            // The operator is at something else by now.
            self.context.status = Some(format!("run {id} was read; the history (H) opens it"));
            return;
        }
        match self.context.runs.find_mut(id) {
            // What this process has seen of it is newer.
            Some(known) if known.is_ours() => {
                known.call_details = run.calls;
                known.findings = run.findings;
            }
            Some(known) => *known = view_of(&self.context.list.devices, run),
            // A run of this process stays the last: its outcome is the exit code.
            None => self
                .context
                .runs
                .views
                .insert(0, view_of(&self.context.list.devices, run)),
        }
        self.failures.reviewed_run = Some(id);
        self.failures.marks.clear();
        // A device that was searched and found is where its run opens.
        let found = self.history.current_device();
        let found = found.filter(|found| found.run == id && self.view == View::History);
        let wanted = found.map(|found| FailureLine::Device(found.ordinal));
        let lines = self.failure_lines();
        self.failures.cursor = lines
            .iter()
            .position(|&line| Some(line) == wanted)
            .unwrap_or(0);
        match what {
            Recall::Review => {
                self.dialog = None;
                self.view = View::Failures;
            }
            Recall::Resume => self.ask_to_resume(id),
        }
    }

    /// Asks whether a run is to be closed. False if it can't be; the status says why.
    pub(in crate::tui) fn ask_to_close(&mut self, run: &PastRun) -> bool {
        let id = run.record.id;
        if let Some(holder) = &run.holder {
            self.context.status = Some(format!("run {id} is held by {holder}; x asks it to stop"));
        } else if run.state.is_open() {
            self.open(CloseRun::new(id, run.record.tally.left));
            return true;
        } else {
            self.context.status = Some(format!("run {id} is {} already", run.state.as_str()));
        }
        false
    }

    /// A run was closed, or couldn't be.
    pub(in crate::tui) fn closed(&mut self, id: RunId, closed: Result<u64, String>) -> Vec<Effect> {
        match closed {
            Ok(left) => {
                let left = counted(left, "device");
                self.context.status = Some(format!("run {id} is closed; {left} not sent"));
                if let Some(run) = self.context.runs.find_mut(id) {
                    run.state = RunState::Closed;
                    self.context.list.give_up_unsent(run);
                }
            }
            Err(reason) => self.context.status = Some(reason),
        }
        vec![Effect::History, Effect::ReadJournalStates]
    }
}

/// A run of the journal, with its devices found again in the list.
fn view_of(list: &DeviceList, run: RecalledRun) -> RunView {
    let RecalledRun {
        past,
        devices,
        calls,
        findings,
    } = run;
    let states: Vec<_> = devices.iter().map(|device| device.state).collect();
    let planned: Vec<PlannedDevice> = devices.into_iter().map(|device| device.device).collect();
    let mut notices: Vec<String> = past.record.reason.clone().into_iter().collect();
    notices.extend(
        past.holder
            .as_ref()
            .map(|holder| format!("held by {holder}")),
    );
    RunView {
        id: past.record.id,
        target: past.record.target.clone(),
        action: past.record.action,
        sources: RunView::sources_of(list, &planned),
        tally: Tally::of(states.iter().copied()),
        devices: planned,
        states,
        state: past.state,
        ownership: RunOwnership::Journal,
        pause: None,
        reason: past.record.reason,
        waiting: None,
        calls: past.record.calls,
        planned_calls: usize::try_from(past.record.calls).unwrap_or(usize::MAX),
        notices,
        call_details: calls,
        findings,
        alternate_findings: HashMap::new(),
        in_flight: Vec::new(),
    }
}
