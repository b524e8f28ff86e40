//! What was not accepted, of one run: its state, and what its commands do.

mod explanation;
pub mod lines;
pub mod lookup_state;
pub mod lookups;
pub mod render;
mod retry;
mod selection;
pub mod spoken;

use std::collections::BTreeSet;

use crate::domain::run::RunId;
use crate::tui::context::Context;
use crate::tui::dialogs::CopyMenu;
use crate::tui::effect::Effect;
use crate::tui::input::commands::Command;
use crate::tui::job::RunJob;
use crate::tui::runs::Runs;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::run::groups::GroupKey;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::layout;

/// What wasn't accepted, of one run.
#[derive(Debug, Default)]
pub struct FailuresScreen {
    /// The run that was chosen for review; that of this process if none was.
    pub reviewed_run: Option<RunId>,
    /// The history has opened it, and is shown again afterwards.
    pub is_of_history: bool,
    /// The run of this process that was in focus when the screen was opened: another one that begins
    /// to send doesn't take its place under the operator's keys.
    shown_run: Option<RunId>,
    /// The line under the cursor.
    pub cursor: usize,
    /// The marked devices, by ordinal.
    pub marks: BTreeSet<u32>,
    /// Groups that are folded, or unfolded, unlike others of their outcome.
    toggled: BTreeSet<GroupKey>,
}

impl FailuresScreen {
    /// The run whose failures are shown.
    pub fn run<'a>(&self, runs: &'a Runs) -> Option<&'a RunView> {
        let chosen = self.reviewed_run.or(self.shown_run);
        let chosen = chosen.and_then(|id| runs.find(id));
        chosen.or_else(|| runs.to_review())
    }

    /// Shows the run of this process that is to be reviewed, or the newest of the journal if there is
    /// none. Returns the effect that reads it.
    pub fn show_run_to_review(&mut self, runs: &Runs) -> Effect {
        *self = Self::default();
        let run = runs.to_review();
        self.shown_run = run.map(|run| run.id);
        run.map_or(Effect::Runs(RunJob::RecallNewest), |run| {
            Effect::Runs(RunJob::Explain(run.id))
        })
    }

    /// A run was started: the failures are about it from now on.
    pub fn on_start(&mut self) {
        *self = Self::default();
    }

    /// Forgets the cursor and the marks: another run may be shown now.
    pub fn reset_selection(&mut self) {
        self.cursor = 0;
        self.marks.clear();
        self.toggled.clear();
    }

    /// Keeps the cursor within the lines.
    pub fn limit_cursor(&mut self, runs: &Runs) {
        let last = self.line_count(runs).saturating_sub(1);
        self.cursor = self.cursor.min(last);
    }

    /// Runs a command of this screen; any other one does nothing.
    pub fn on_command(&mut self, command: Command, context: &mut Context) -> ScreenResponse {
        match command {
            Command::Up => self.move_by(-1, &context.runs),
            Command::Down => self.move_by(1, &context.runs),
            Command::PageUp => self.move_by(-layout::page(context), &context.runs),
            Command::PageDown => self.move_by(layout::page(context), &context.runs),
            Command::Top => self.move_by(isize::MIN, &context.runs),
            Command::Bottom => self.move_by(isize::MAX, &context.runs),
            Command::HalfPageUp => self.move_by(-layout::half_page(context), &context.runs),
            Command::HalfPageDown => self.move_by(layout::half_page(context), &context.runs),
            Command::NextMark => self.next_group(true, &context.runs),
            Command::PreviousMark => self.next_group(false, &context.runs),
            Command::Mark => self.mark(&context.runs),
            Command::Detail => return self.open(context),
            Command::Copy => return ScreenResponse::open(CopyMenu::new(self.marks.len(), context)),
            Command::Export => return self.export(context),
            Command::LookUp => return self.look_up(context),
            Command::Retry => return self.retry(context),
            Command::RetryOther => return self.retry_by_other_identifier(context),
            _ => {}
        }
        ScreenResponse::default()
    }

    /// `n` and `N`: moves the cursor to the next or the previous group.
    fn next_group(&mut self, forward: bool, runs: &Runs) {
        let mut top = 0;
        let mut found = None;
        while let Some((_, group)) = self.group_at(top, runs) {
            if forward && top > self.cursor {
                found = Some(top);
                break;
            }
            if !forward && top < self.cursor {
                found = Some(top);
            }
            let folded = self.is_folded(group.head);
            top += 1 + if folded { 0 } else { group.ordinals.len() };
        }
        self.cursor = found.unwrap_or(self.cursor);
    }

    /// Moves the cursor by as many lines.
    pub fn move_by(&mut self, rows: isize, runs: &Runs) {
        self.cursor = self.cursor.saturating_add_signed(rows);
        self.limit_cursor(runs);
    }
}
