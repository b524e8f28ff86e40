//! The app's state: everything that the screen shows, and nothing else. Only
//! [`App::update`] changes it.

use crate::domain::run::RunId;
use crate::list::DeviceId;
use crate::platform::clock::{BootTime, Now};
use crate::tui::availability::Scene;
use crate::tui::component::Component;
use crate::tui::context::{Context, SessionConfig};
use crate::tui::dialogs::Dialog;
use crate::tui::effect::Effect;
use crate::tui::holds_watch::HoldsWatch;
use crate::tui::input::commands::View;
use crate::tui::input::typeahead::TypeAhead;
use crate::tui::job::RunJob;
use crate::tui::opened_list::{FetchNote, Opened, PendingDecisions};
use crate::tui::runs::{REFRESH, Runs};
use crate::tui::saved_view::{SavedView, SavedViewOffer};
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::screens::failures::FailuresScreen;
#[cfg(test)]
use crate::tui::screens::failures::lines::FailureLine;
use crate::tui::screens::history::HistoryScreen;
use crate::tui::screens::history::state::Recall;
use crate::tui::screens::run::state::RunView;
use crate::tui::shutdown::Shutdown;
use crate::tui::widgets::layout::table_row_of;

#[derive(Debug)]
pub struct App {
    /// What screens and dialogs share.
    pub(super) context: Context,
    /// The table of the list's devices.
    pub(super) devices: DevicesScreen,
    /// What wasn't accepted, of one run.
    pub(super) failures: FailuresScreen,
    /// The runs of the journal.
    pub(super) history: HistoryScreen,
    pub(super) view: View,
    /// The open dialog, which receives the keys.
    pub(super) dialog: Option<Dialog>,
    /// The dialog below the open one, which opens again when that one closes.
    pub(super) covered_dialog: Option<Dialog>,
    /// Whether the program is about to be left.
    pub(super) shutdown: Shutdown,
    /// What waits for the operator, or for the end of a dialog.
    pub(super) pending: PendingDecisions,
    /// What was typed before the screen showed what it is meant for.
    pub(super) type_ahead: TypeAhead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Countdown {
    /// A dialog that accepts keys in a moment.
    Dialog,
    /// Nothing, but something is due at this moment: the table follows the edited filter, the history is
    /// read again, or a confirmation goes.
    At(BootTime),
    /// Times of a run, a lookup or a fetch.
    Screen,
}

impl App {
    /// The screen on a list that was just opened.
    pub fn new(opened: Opened, settings: SessionConfig, now: Now, size: (u16, u16)) -> Self {
        let holds = HoldsWatch::since(opened.holds_version);
        let (list, info, saved) = opened.split(&settings.columns, now.wall);
        let saved_view = SavedViewOffer::new(saved, &list.devices, &info.columns);
        let mut app = Self {
            devices: DevicesScreen::new(info.columns.clone(), &list),
            context: Context::new(settings, info, list, now, size),
            failures: FailuresScreen::default(),
            history: HistoryScreen::default(),
            view: View::Devices,
            dialog: None,
            covered_dialog: None,
            shutdown: Shutdown::default(),
            pending: PendingDecisions {
                saved_view,
                list: None,
                fetch_note: FetchNote::default(),
                rechecks_verified: None,
            },
            type_ahead: TypeAhead::default(),
        };
        app.context.holds = holds;
        // Outcomes that are there from the start are no news.
        app.devices.add_outcome_column(&app.context.list);
        app.begin();
        app.fit_header();
        app.context.cursor_row = app.cursor_row();
        app
    }

    pub fn runs(&self) -> &Runs {
        &self.context.runs
    }

    /// The line about what just happened, which was not said before.
    pub(in crate::tui) fn take_status(&mut self) -> Option<String> {
        self.context.status.take()
    }

    /// The signal that ended the program immediately.
    pub fn aborted_by(&self) -> Option<i32> {
        self.shutdown.aborted_by()
    }

    /// The view to save; none for a list that isn't a file's.
    pub fn view_to_save(&self) -> Option<SavedView> {
        self.context.info.view_path.as_ref()?;
        let view = self.devices.save_view(&self.context);
        Some(self.pending.saved_view.to_save(view))
    }

    /// The device under the cursor.
    pub fn current(&self) -> Option<DeviceId> {
        self.devices.current(&self.context.list)
    }

    /// The row of the terminal with the cursor of the open screen.
    pub(super) fn cursor_row(&self) -> Option<u16> {
        match self.view {
            View::Devices => {
                let line = self.devices.cursor.checked_sub(self.devices.top)?;
                let has_rows = !self.context.list.rows.is_empty();
                has_rows.then(|| table_row_of(&self.context, line))?
            }
            View::Run => None,
            View::Failures => self.failures.cursor_row(&self.context),
            View::History => self.history.cursor_row(&self.context),
        }
    }

    /// The run whose failures are shown: the chosen one, else the newest of this process.
    pub fn reviewed(&self) -> Option<&RunView> {
        self.failures.run(&self.context.runs)
    }

    /// The run whose failures the header counts.
    pub(super) fn reviewed_in_tabs(&self) -> Option<&RunView> {
        match self.view {
            View::Failures => self.reviewed(),
            _ => self.context.runs.to_review().or_else(|| self.reviewed()),
        }
    }

    /// What a command would act on.
    pub(super) fn scene(&self) -> Scene<'_> {
        Scene {
            view: self.view,
            context: &self.context,
            failures: &self.failures,
            history: &self.history,
        }
    }

    /// Opens a dialog, in place of the one that is open.
    pub(in crate::tui) fn open(&mut self, dialog: impl Into<Dialog>) {
        self.dialog = Some(dialog.into());
        self.covered_dialog = None;
    }

    /// Opens a dialog above the open one, which opens again afterwards.
    pub(in crate::tui) fn open_above(&mut self, dialog: impl Into<Dialog>) {
        let covered = self.dialog.take();
        self.open(dialog);
        self.covered_dialog = covered;
    }

    /// Closes the open dialog. The one below it, if there is one, opens again.
    pub(in crate::tui) fn close_dialog(&mut self) {
        self.dialog = self.covered_dialog.take();
        // What was typed in view of the other dialog doesn't count in this one.
        if let Some(dialog) = &mut self.dialog {
            dialog.component_mut().on_interrupted();
        }
    }

    /// How many dialogs are open, and whether the upper one refuses something.
    pub(super) fn open_dialogs(&self) -> (usize, bool) {
        let refuses = self.dialog.as_ref();
        let refuses = refuses.is_some_and(|dialog| dialog.component().refuses());
        let open = usize::from(self.dialog.is_some()) + usize::from(self.covered_dialog.is_some());
        (open, refuses)
    }

    /// True while a dialog is open that can end in sending.
    #[cfg(test)]
    pub fn is_confirming(&self) -> bool {
        self.dialog
            .as_ref()
            .is_some_and(|dialog| dialog.component().can_send())
    }

    /// Listens to the mouse, or doesn't.
    pub(super) fn listen_to_mouse(&mut self, enabled: bool) {
        self.context.mouse = enabled;
    }

    /// True if the mouse is to be reported.
    pub fn listens_to_mouse(&self) -> bool {
        let dialog = self.dialog.as_ref().map(Dialog::component);
        self.context.mouse && !dialog.is_some_and(Component::is_for_keyboard)
    }

    /// What on the screen counts down, if anything does.
    pub(super) fn counts_down(&mut self) -> Option<Countdown> {
        let guard = self
            .dialog
            .as_mut()
            .and_then(|dialog| dialog.component_mut().guard());
        if guard.is_some_and(|guard| guard.is_waiting(self.context.now.boot)) {
            return Some(Countdown::Dialog);
        }
        let dialog = self.dialog.as_ref().map(Dialog::component);
        let dialog_due = dialog.and_then(Component::due);
        if dialog_due.is_none() && self.context.runs.counts_down() {
            return Some(Countdown::Screen);
        }
        let dues = [
            dialog_due,
            self.context.status_due(),
            self.history_due(),
            self.shown_run_due(),
        ];
        dues.into_iter().flatten().min().map(Countdown::At)
    }

    /// When the history that is shown is read again.
    pub(super) fn history_due(&self) -> Option<BootTime> {
        let is_shown = self.view == View::History;
        is_shown.then(|| self.history.refresh_due()).flatten()
    }

    /// The run of the journal that the screen shows, if its devices may still be sent.
    fn shown_open_run(&self) -> Option<RunId> {
        let run = match self.view {
            View::Run => self.context.runs.shown(),
            View::Failures => self.reviewed(),
            View::Devices | View::History => None,
        };
        run.filter(|run| !run.is_ours() && run.state.is_open())
            .map(|run| run.id)
    }

    /// When it is read again: another process may send it.
    pub(super) fn shown_run_due(&self) -> Option<BootTime> {
        self.shown_open_run()?;
        Some(self.context.runs.read_at? + REFRESH)
    }

    pub(super) fn read_shown_run(&mut self) -> Option<Effect> {
        let run = self.shown_open_run()?;
        self.context.runs.read_at = Some(self.context.now.boot);
        Some(Effect::Runs(RunJob::Recall(run, Recall::Update)))
    }

    #[cfg(test)]
    pub fn failure_lines(&self) -> Vec<FailureLine> {
        self.failures.lines(&self.context.runs)
    }
}
