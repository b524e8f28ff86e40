//! The runs of the journal: listed, searched, reviewed, resumed, closed.

mod cells;
mod detail;
pub(in crate::tui) mod facts;
mod found;
pub mod recall;
pub mod render;
pub mod state;

use crate::domain::run::RunId;
use crate::journal::{FoundDevice, FoundDevices, RunBreakdown};
use crate::platform::clock::BootTime;
use crate::tui::context::Context;
use crate::tui::dialogs::{
    CloseRun, DeviceDetail, FindInRuns, RunInfo, SaveFile, StopRun, TrendDialog,
};
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::input::commands::Command;
use crate::tui::job::RunJob;
use crate::tui::runs::REFRESH;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::history::recall::recall;
use crate::tui::screens::history::state::{PastRun, Recall, Search};
use crate::tui::screens::run::resume_question;
use crate::tui::widgets::layout;

/// The history, once read, and the cursor in it.
#[derive(Clone, Debug, Default)]
pub struct HistoryScreen {
    /// Newest first; none while it is being read.
    pub runs: Option<Vec<PastRun>>,
    /// The line under the cursor.
    pub at: usize,
    /// Devices that were searched; the runs are behind it.
    pub search: Option<Search>,
    /// The devices of the run under the cursor, counted; without counts while they are read.
    pub counted: Option<(RunId, Option<RunBreakdown>)>,
    /// By how many lines the run's details are scrolled, while they have the keys.
    pub detail: Option<usize>,
    /// When it was last asked for.
    asked_at: Option<BootTime>,
}

/// How many lines of the details a page key scrolls.
const DETAIL_PAGE: isize = 8;

impl HistoryScreen {
    pub fn read(&mut self, now: BootTime) -> Effect {
        self.asked_at = Some(now);
        Effect::Runs(RunJob::History)
    }

    /// When the runs are to be read again: not before they were read, and only if one of them may change.
    pub fn refresh_due(&self) -> Option<BootTime> {
        let runs = self.runs.as_ref()?;
        let is_any_open = runs.iter().any(|run| run.state.is_open());
        let asked_at = self.asked_at.filter(|_| is_any_open)?;
        Some(asked_at + REFRESH)
    }

    /// The run under the cursor, or that of the device under it.
    pub fn current(&self) -> Option<&PastRun> {
        let runs = self.runs.as_ref()?;
        if self.search.is_none() {
            return runs.get(self.at);
        }
        let found = self.current_device()?;
        runs.iter().find(|run| run.record.id == found.run)
    }

    /// The device under the cursor, where devices were searched.
    pub fn current_device(&self) -> Option<&FoundDevice> {
        let search = self.search.as_ref()?;
        search.found.as_ref()?.devices.get(search.at)
    }

    /// The cursor, and how many lines it moves over.
    fn cursor(&mut self) -> (&mut usize, usize) {
        match &mut self.search {
            Some(search) => {
                let count = search.found.as_ref().map_or(0, |found| found.devices.len());
                (&mut search.at, count)
            }
            None => {
                let count = self.runs.as_ref().map_or(0, Vec::len);
                (&mut self.at, count)
            }
        }
    }

    /// Runs a command of this screen; any other one does nothing.
    pub fn on_command(&mut self, command: Command, context: &mut Context) -> ScreenResponse {
        let response = self.run_command(command, context);
        response.with(self.count_current())
    }

    /// Counts the devices of the run under the cursor, unless that was done.
    fn count_current(&mut self) -> Option<Effect> {
        let run = self.current()?.record.id;
        if self.counted.as_ref().is_some_and(|(id, _)| *id == run) {
            return None;
        }
        self.counted = Some((run, None));
        Some(Effect::Runs(RunJob::Breakdown(run)))
    }

    /// The devices of a run were counted.
    pub fn on_counted(
        &mut self,
        run: RunId,
        counted: Result<RunBreakdown, BackendError>,
        context: &mut Context,
    ) {
        let Some((_, counts)) = self.counted.as_mut().filter(|(id, _)| *id == run) else {
            return;
        };
        match counted {
            Ok(counted) => *counts = Some(counted),
            Err(error) => context.show_error(&error),
        }
    }

    fn run_command(&mut self, command: Command, context: &mut Context) -> ScreenResponse {
        if self.detail.is_some() {
            let rows = match command {
                Command::Up => -1,
                Command::Down => 1,
                Command::PageUp | Command::HalfPageUp => -DETAIL_PAGE,
                Command::PageDown | Command::HalfPageDown => DETAIL_PAGE,
                Command::Top => isize::MIN,
                Command::Bottom => isize::MAX,
                _ => 0,
            };
            if rows != 0 {
                self.scroll_detail(rows, context);
                return ScreenResponse::default();
            }
            self.detail = None;
            if command == Command::Panel {
                return ScreenResponse::default();
            }
        }
        match command {
            Command::Panel if self.search.is_none() => self.detail = Some(0),
            Command::Up => self.move_by(-1),
            Command::Down => self.move_by(1),
            Command::PageUp => self.move_by(-layout::page(context)),
            Command::PageDown => self.move_by(layout::page(context)),
            Command::HalfPageUp => self.move_by(-layout::half_page(context)),
            Command::HalfPageDown => self.move_by(layout::half_page(context)),
            Command::Top => self.move_by(isize::MIN),
            Command::Bottom => self.move_by(isize::MAX),
            Command::Detail => return self.recall(Recall::Review, context),
            Command::ResumeRun => return self.recall(Recall::Resume, context),
            Command::CloseRun => return self.close_run(context),
            Command::Trend => {
                return ScreenResponse::open(TrendDialog::default())
                    .with([Effect::Runs(RunJob::Trend)]);
            }
            Command::Verify => return self.verify(context),
            Command::Compare => return self.recall(Recall::Compare, context),
            Command::Stop => return self.stop_run(context),
            Command::Export => return self.export(),
            Command::Row => return self.show_row(context),
            Command::RunInfo => return self.show_info(context),
            Command::Filter => {
                let text = self.search.as_ref().map(|search| search.text.clone());
                return ScreenResponse::open(FindInRuns::new(text.unwrap_or_default()));
            }
            _ => {}
        }
        ScreenResponse::default()
    }

    /// Scrolls the details of a run by as many lines, if they have the keys.
    pub fn scroll_detail(&mut self, rows: isize, context: &Context) {
        let hidden = self.hidden(context);
        if let Some(scrolled) = &mut self.detail {
            *scrolled = scrolled.saturating_add_signed(rows).min(hidden);
        }
    }

    /// Moves the cursor by as many lines.
    pub fn move_by(&mut self, rows: isize) {
        let (cursor, count) = self.cursor();
        let last = count.saturating_sub(1);
        *cursor = cursor.saturating_add_signed(rows).min(last);
    }

    /// The history was read. Returns the effect that counts the devices of the run under the cursor.
    pub fn on_read(
        &mut self,
        runs: Result<Vec<PastRun>, BackendError>,
        context: &mut Context,
    ) -> Option<Effect> {
        match runs {
            Ok(runs) => {
                // A new run above it must not take the place of the one that a key is meant for. At
                // first the cursor is on the newest of the announced runs.
                let known = match &self.runs {
                    Some(runs) => runs.get(self.at).map(|run| run.record.id),
                    None => context.open_runs.newest(),
                };
                let same = runs.iter().position(|run| Some(run.record.id) == known);
                let last = runs.len().saturating_sub(1);
                self.at = same.unwrap_or(self.at.min(last));
                self.runs = Some(runs);
                // Earlier counts are shown until the new ones are read.
                self.count_current().or_else(|| {
                    let (run, _) = self.counted.as_ref()?;
                    Some(Effect::Runs(RunJob::Breakdown(*run)))
                })
            }
            Err(error) => {
                context.show_error(&error);
                None
            }
        }
    }

    /// Searches for devices in all runs; without a text the search ends.
    pub fn find(&mut self, text: String) -> Option<Effect> {
        if text.is_empty() {
            self.search = None;
            return None;
        }
        self.search = Some(Search {
            text: text.clone(),
            found: None,
            at: 0,
        });
        Some(Effect::Runs(RunJob::FindInRuns(text)))
    }

    /// Devices were searched in all runs; the answer to an older search is dropped.
    pub fn on_found(
        &mut self,
        text: &str,
        found: Result<FoundDevices, BackendError>,
        context: &mut Context,
    ) {
        let search = self.search.as_mut();
        let Some(search) = search.filter(|search| search.text == text) else {
            return;
        };
        match found {
            Ok(found) => search.found = Some(found),
            Err(error) => {
                self.search = None;
                context.show_error(&error);
            }
        }
    }

    fn recall(&self, what: Recall, context: &mut Context) -> ScreenResponse {
        let Some(run) = self.current() else {
            return ScreenResponse::default();
        };
        let id = run.record.id;
        if what == Recall::Resume && context.runs.can_resume(id) {
            let dialog = resume_question(id, context);
            return ScreenResponse {
                dialog,
                ..ScreenResponse::default()
            };
        }
        ScreenResponse::effects(recall(run, what, context))
    }

    /// `V`: shows what became of the accepted devices of the run under the cursor.
    fn verify(&self, context: &mut Context) -> ScreenResponse {
        let Some(run) = self.current() else {
            return ScreenResponse::default();
        };
        let id = run.record.id;
        if run.record.tally.accepted == 0 {
            context.status = Some(format!("Run {id} has no accepted devices"));
            return ScreenResponse::default();
        }
        context.status = Some(format!("Verifying run {id} by the last fetched inventory"));
        ScreenResponse::effects([Effect::Runs(RunJob::Verify(id))])
    }

    /// `X`: asks whether the unsent devices of the run under the cursor are to be given up.
    fn close_run(&self, context: &mut Context) -> ScreenResponse {
        let Some(run) = self.current() else {
            return ScreenResponse::default();
        };
        if let Some(refusal) = run.close_refusal(context.now.wall, context.key(Command::Stop)) {
            context.status = Some(refusal);
            return ScreenResponse::default();
        }
        let record = &run.record;
        let other = context.other_target(&record.target);
        ScreenResponse::open(CloseRun::new(record.id, record.tally, other))
    }

    /// `x`: requests the process that drives the run under the cursor to stop it, if it is pressed
    /// again.
    fn stop_run(&self, context: &mut Context) -> ScreenResponse {
        match self.current() {
            Some(run) if run.holder.is_some() => {
                ScreenResponse::open(StopRun::of_another_process(run.record.id, context))
            }
            _ => {
                context.status = Some("No process drives this run".to_owned());
                ScreenResponse::default()
            }
        }
    }

    /// `i`: what the journal says of the run under the cursor.
    fn show_info(&self, context: &Context) -> ScreenResponse {
        let Some(run) = self.current() else {
            return ScreenResponse::default();
        };
        let (info, read) = RunInfo::new(run.record.id, context);
        ScreenResponse::open(info).with([read])
    }

    /// `J`: the device under the cursor of a search, with its rows as the list of its run held them.
    fn show_row(&self, context: &mut Context) -> ScreenResponse {
        let Some(found) = self.current_device() else {
            let key = context.key(Command::Filter);
            context.status = Some(format!("Search a device first: {key} finds it in all runs"));
            return ScreenResponse::default();
        };
        let (dialog, effects) = DeviceDetail::of_found(found);
        ScreenResponse::open(dialog).with(effects)
    }

    /// `e`: asks where the run under the cursor is written to.
    fn export(&self) -> ScreenResponse {
        let Some(run) = self.current() else {
            return ScreenResponse::default();
        };
        ScreenResponse::open(SaveFile::of_run(run.record.id))
    }
}
