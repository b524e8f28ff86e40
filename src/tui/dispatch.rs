//! Runs commands, and fulfils the requests of dialogs.

use crate::query::Query;
use crate::tui::app::App;
use crate::tui::dialogs::{
    CommandPalette, DeviceDetail, Dialog, HelpDialog, ListInfoDialog, MessagesDialog, QuitDialog,
    ResumeDialog, SECTIONS, SaveFile, SaveFilter,
};
use crate::tui::effect::Effect;
use crate::tui::input::commands::{Command, View};
use crate::tui::job::{Job, RunJob};
use crate::tui::request::{CopyPart, CopyRows, DialogRequest, Request};
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::devices::mark_keys;
use crate::tui::screens::run::{self, progress};

impl App {
    /// Runs a command. If it opens a dialog and has refused to, what was typed for the dialog is
    /// dropped.
    pub(in crate::tui) fn run_command(&mut self, command: Command) -> Vec<Effect> {
        let effects = self.perform_command(command);
        if command.opens_dialog() && self.dialog.is_none() && effects.is_empty() {
            self.type_ahead.pause.begin();
        }
        effects
    }

    /// Runs a command: of the whole program here, of the open screen there.
    fn perform_command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Palette => return vec![self.open_palette()],
            Command::Help => self.open(HelpDialog::new(self.view, SECTIONS)),
            Command::ListInfo => {
                self.open(ListInfoDialog::default());
                return vec![Effect::Job(Job::DescribeList)];
            }
            Command::Messages => self.open(MessagesDialog::default()),
            Command::Hold => self.ask_to_hold(),
            Command::EndHold => return self.ask_to_end_holds(),
            Command::Fetch => return self.ask_to_fetch(),
            Command::Reload => return self.reload(),
            Command::Restore => return self.restore_or_reload(),
            Command::Devices => self.view = View::Devices,
            Command::Run => {
                self.view = View::Run;
                let runs = self.context.runs.ours();
                let explain = runs.map(|run| Effect::Runs(RunJob::Explain(run.id)));
                let mut effects: Vec<Effect> = explain.collect();
                effects.extend(self.read_shown_run());
                return effects;
            }
            Command::Failures => {
                self.view = View::Failures;
                return vec![self.failures.show_run_to_review(&self.context.runs)];
            }
            Command::History => {
                self.view = View::History;
                self.history.search = None;
                self.history.detail = None;
                return vec![self.history.read(self.context.now.boot)];
            }
            Command::CopyToFile => return self.copy_to_file(),
            Command::Redraw => return self.redraw(),
            Command::Mouse => self.toggle_mouse(),
            Command::Suspend => return self.suspend(),
            Command::Back => return self.back(),
            Command::Quit => return self.quit(),
            command => {
                let response = self.run_screen_command(command);
                return self.follow_screen(response);
            }
        }
        Vec::new()
    }

    fn open_palette(&mut self) -> Effect {
        let actions = self.scene().actions();
        let earlier = &self.devices.earlier_filters;
        let (palette, effect) = CommandPalette::new(actions, earlier, &self.context);
        self.open(palette);
        effect
    }

    fn run_screen_command(&mut self, command: Command) -> ScreenResponse {
        let context = &mut self.context;
        match (self.view, command) {
            (View::History, _) => self.history.on_command(command, context),
            (_, Command::Pause | Command::Stop) => run::on_command(command, context),
            (View::Failures, _) => self.failures.on_command(command, context),
            (View::Devices, _) => self.devices.on_command(command, context),
            (View::Run, _) => run::on_own_command(command, context),
        }
    }

    /// Opens the dialog of a screen's response, and returns its effects.
    pub(in crate::tui) fn follow_screen(&mut self, response: ScreenResponse) -> Vec<Effect> {
        let ScreenResponse {
            dialog,
            mut effects,
        } = response;
        if let Some(dialog) = dialog {
            if matches!(dialog, Dialog::DeviceDetail(_)) {
                // It shows the calls of the run.
                effects.extend(
                    self.reviewed()
                        .map(|run| Effect::Runs(RunJob::Explain(run.id))),
                );
            }
            self.open(dialog);
        }
        effects
    }

    /// `Y`: writes what was copied last to a file.
    fn copy_to_file(&mut self) -> Vec<Effect> {
        let effect = self.context.clipboard.write_to_file();
        if effect.is_none() {
            self.context.status = Some(format!(
                "Nothing was copied yet · {} copies",
                self.context.key(Command::Copy)
            ));
        }
        effect.into_iter().collect()
    }

    /// `:mouse`: listens to the mouse, or no longer.
    fn toggle_mouse(&mut self) {
        let context = &mut self.context;
        context.mouse = !context.mouse;
        let status = if context.mouse {
            "Mouse on: click what you see · shift-drag selects text · :mouse turns it off"
        } else {
            "Mouse off: the terminal selects text as usual"
        };
        context.confirm(status);
    }

    /// `esc`: one step back. At the table it ends a fetch first.
    fn back(&mut self) -> Vec<Effect> {
        let at_the_table = self.view == View::Devices && self.context.list.range_start.is_none();
        if at_the_table && self.context.runs.fetch_progress.is_some() {
            return self.cancel_fetch();
        }
        let had_filter = !self.devices.query.is_empty();
        let effect = self.step_back();
        if had_filter && self.devices.query.is_empty() {
            let key = self.context.key(Command::Filter);
            let line = format!("Filter cleared · {key} ↑ brings it back");
            self.context.confirm(line);
        }
        effect.into_iter().collect()
    }

    /// Closes or clears one thing, the nearest first.
    fn step_back(&mut self) -> Option<Effect> {
        let list = &mut self.context.list;
        if self.view == View::History && self.history.detail.take().is_some() {
            // The runs have the keys again.
        } else if self.view == View::History && self.history.search.is_some() {
            self.history.search = None;
        } else if self.view != View::Devices {
            self.close_screen();
        } else if list.range_start.is_some() {
            list.range_start = None;
        } else if self.devices.marked_only {
            return Some(self.devices.show_marked_only(false, list));
        } else if !self.devices.query.is_empty() {
            self.devices.remember_filter();
            return self.devices.filter_by(Query::default(), list);
        }
        None
    }

    /// Goes back to the screen from which this one was opened: the history, if it has opened the failures of a
    /// run, else the devices.
    fn close_screen(&mut self) {
        let from_history = std::mem::take(&mut self.failures.is_of_history);
        self.view = if from_history && self.view == View::Failures {
            View::History
        } else {
            View::Devices
        };
    }

    /// `q`: closes the screen; leaves from the devices, and asks when something is open.
    pub(in crate::tui) fn quit(&mut self) -> Vec<Effect> {
        if self.view != View::Devices {
            self.close_screen();
            return Vec::new();
        }
        let runs = &self.context.runs;
        let is_open = runs.open_run().is_some() || runs.fetch_progress.is_some();
        if is_open || !self.context.list.marks.is_empty() {
            self.ask_to_quit();
            return Vec::new();
        }
        self.leave()
    }

    pub(in crate::tui) fn ask_to_quit(&mut self) {
        let has_offered_view = self.pending.saved_view.offered().is_some();
        self.open(QuitDialog::new(has_offered_view));
    }

    /// Fulfils the request of a dialog.
    pub(in crate::tui) fn on_request(&mut self, request: Request) -> Vec<Effect> {
        let effect = match request {
            Request::RunCommand(command) => return self.run_by_name(command),
            Request::GoTo(place) => {
                self.go_to(place);
                None
            }
            Request::GoToFailure(ordinal) => {
                self.failures.show_device(ordinal, &self.context.runs);
                None
            }
            Request::StepBack => self.step_back(),
            Request::CancelFetch => return self.cancel_fetch(),
            Request::DropColumns => return self.drop_columns(),
            Request::Mark(devices, marked) => {
                mark_keys::set_marks(&devices, marked, &mut self.context);
                None
            }
            Request::ChooseFailures(ordinals) => {
                self.failures.marks = ordinals;
                None
            }
            Request::Filter(query) => {
                self.view = View::Devices;
                self.devices.filter_by(query, &mut self.context.list)
            }
            Request::AddTerm(term, place) => self.devices.add_term(&term, place, &mut self.context),
            Request::MarkByTerm(rows, term) => {
                self.devices.mark_by_term(&rows, &term, &mut self.context);
                None
            }
            Request::RememberFilter => {
                self.devices.remember_filter();
                None
            }
            Request::Sort(sort) => Some(self.devices.sort_by(sort, &mut self.context.list)),
            Request::ShowColumns(columns) => {
                self.devices.show_columns(columns, &self.context.list);
                None
            }
            Request::Copy(part, rows) => self.copy(part, rows),
            Request::FindInRuns(text) => self.history.find(text),
            Request::Start(plan) => {
                progress::begin(plan.plan(), &mut self.context);
                self.failures.on_start();
                Some(Effect::Start(plan))
            }
            Request::Resume(run, left) => {
                let is_known = progress::resume(run, &mut self.context);
                if is_known {
                    // The failures may be another run's now.
                    self.failures.reset_selection();
                }
                is_known.then_some(Effect::Resume(run, left))
            }
            Request::DiscardSavedView => {
                self.pending.saved_view.discard();
                None
            }
            Request::Quit => return self.leave(),
            Request::QuitWhenRunsEnd => {
                self.shutdown.quit_when_runs_end();
                None
            }
            Request::OnScreen(command) => return self.run_below(command),
            Request::FollowCursor => return self.follow_cursor(),
            Request::DropKeys => {
                self.type_ahead.pause.begin();
                None
            }
            Request::Stay => {
                self.shutdown.stay();
                None
            }
            Request::Open(request) => return self.open_requested(request),
        };
        effect.into_iter().collect()
    }

    /// Runs a command of the table while a dialog stays. What it opens covers that one.
    fn run_below(&mut self, command: Command) -> Vec<Effect> {
        let response = self.devices.on_command(command, &mut self.context);
        if let Some(dialog) = response.dialog {
            self.open_above(dialog);
        }
        response.effects
    }

    /// The detail beside the table shows the device under the cursor.
    pub(in crate::tui) fn follow_cursor(&mut self) -> Vec<Effect> {
        let current = self.devices.current(&self.context.list);
        let followed = match (&mut self.dialog, current) {
            (Some(Dialog::DeviceDetail(detail)), Some(device)) if self.view == View::Devices => {
                detail.follow(device, &self.context, &self.devices.query)
            }
            _ => None,
        };
        followed.into_iter().flatten().collect()
    }

    /// Opens the dialog that another one requests.
    fn open_requested(&mut self, request: DialogRequest) -> Vec<Effect> {
        match request {
            DialogRequest::Resume(run) => {
                if let Some(dialog) = ResumeDialog::for_run(run, &self.context) {
                    self.open(dialog);
                }
            }
            DialogRequest::DeviceOfRun(run, ordinal) => {
                let run = self.context.runs.find(run);
                let detail = run.and_then(|run| DeviceDetail::of_run(run, ordinal, &self.context));
                if let Some((detail, effects)) = detail {
                    self.open_above(detail);
                    return effects;
                }
            }
            DialogRequest::SaveFile(content, name) => {
                self.open_above(SaveFile::new(vec![content], name));
            }
            DialogRequest::SaveFilter(query) => self.open_above(SaveFilter::new(query)),
        }
        Vec::new()
    }

    fn copy(&mut self, part: CopyPart, rows: CopyRows) -> Option<Effect> {
        let copied = |part| match self.view {
            View::Failures => self.failures.copied(part, rows, &self.context.runs),
            _ => self.devices.copied(part, rows, &self.context.list),
        };
        let values = copied(part);
        let name = if values.len() == 1 {
            copied(CopyPart::Name).pop().unwrap_or_default()
        } else {
            String::new()
        };
        let file_key = self.context.settings.keys.name_of(Command::CopyToFile);
        let clipboard = &mut self.context.clipboard;
        let (status, effect) = clipboard.copy(part, values, &name, file_key);
        self.context.status = Some(status);
        effect
    }
}
