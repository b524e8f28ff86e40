//! The runs of the journal: listed, searched, reviewed, resumed, closed.

pub mod recall;
pub mod render;
pub mod state;

use crate::journal::{Found, FoundDevices};
use crate::tui::context::Context;
use crate::tui::dialogs::{CloseRun, FindInRuns, SaveFile};
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::file_content::ExportContent;
use crate::tui::input::commands::Command;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::history::recall::recall;
use crate::tui::screens::history::state::{PastRun, Recall, Search};
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
}

impl HistoryScreen {
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
    pub fn current_device(&self) -> Option<&Found> {
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
        match command {
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
            Command::Stop => return self.stop_run(context),
            Command::Export => return self.export(),
            Command::Filter => {
                let text = self.search.as_ref().map(|search| search.text.clone());
                return ScreenResponse::open(FindInRuns::new(text.unwrap_or_default()));
            }
            _ => {}
        }
        ScreenResponse::default()
    }

    /// Moves the cursor by as many lines.
    pub fn move_by(&mut self, rows: isize) {
        let (cursor, count) = self.cursor();
        let last = count.saturating_sub(1);
        *cursor = cursor.saturating_add_signed(rows).min(last);
    }

    /// The history was read.
    pub fn on_read(&mut self, runs: Result<Vec<PastRun>, BackendError>, context: &mut Context) {
        match runs {
            Ok(runs) => {
                self.at = self.at.min(runs.len().saturating_sub(1));
                self.runs = Some(runs);
            }
            Err(error) => context.status = Some(error.to_string()),
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
        Some(Effect::FindInRuns(text))
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
                context.status = Some(error.to_string());
            }
        }
    }

    fn recall(&self, what: Recall, context: &mut Context) -> ScreenResponse {
        let run = self.current();
        ScreenResponse::effects(run.and_then(|run| recall(run, what, context)))
    }

    /// `c`: asks whether the unsent devices of the run under the cursor are to be given up.
    fn close_run(&self, context: &mut Context) -> ScreenResponse {
        let Some(run) = self.current() else {
            return ScreenResponse::default();
        };
        if let Some(refusal) = run.close_refusal() {
            context.status = Some(refusal);
            return ScreenResponse::default();
        }
        ScreenResponse::open(CloseRun::new(run.record.id, run.record.tally.left))
    }

    /// `x`: asks the process that has the run under the cursor to stop it.
    fn stop_run(&self, context: &mut Context) -> ScreenResponse {
        match self.current() {
            Some(run) if run.holder.is_some() => {
                ScreenResponse::effects([Effect::AskToStop(run.record.id)])
            }
            _ => {
                context.status = Some("no process is running it".to_owned());
                ScreenResponse::default()
            }
        }
    }

    /// `e`: asks where the run under the cursor is written to.
    fn export(&self) -> ScreenResponse {
        let Some(run) = self.current() else {
            return ScreenResponse::default();
        };
        let id = run.record.id;
        let contents = vec![ExportContent::Run(id)];
        ScreenResponse::open(SaveFile::new(contents, &format!("run-{id}.md")))
    }
}
