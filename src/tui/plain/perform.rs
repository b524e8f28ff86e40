//! What a line requests, as steps of the app. A step is taken when the app has answered the one before
//! it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::action::Action;
use crate::domain::run::RunState;
use crate::text::visible;
use crate::tui::dialogs::{Dialog, ImportDialog};
use crate::tui::input::commands::{Command, View};
use crate::tui::message::Message;
use crate::tui::plain::commands::{self, ENTRIES};
use crate::tui::plain::error::LineError;
use crate::tui::plain::{Dialogue, shown_of};
use crate::tui::request::Request;

/// A step of the app.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Request something of the app.
    Request(Request),
    /// Press a key in the open dialog; nothing if none is open.
    Key(KeyEvent),
    /// Type text in place of what the text field of the open dialog holds, and press enter.
    Fill(String),
    /// Paste text into the open dialog, and look it up.
    Paste(String),
    /// Do this on the run of this name, once the history is read.
    OnRun(Command, String),
    /// Plan this once the menu of actions is open.
    Choose(Action),
    /// Say how many rows are shown.
    SayShown,
    /// Say what was gone to by this number.
    SayCurrent(usize),
    /// Print the open view again.
    PrintView,
    /// Say what is wrong with the number that is to be typed.
    SayError,
}

/// A key of a dialog, by its table. [`KeyCode::Null`], which does nothing, if the table has none.
pub(super) fn press(key: Option<KeyEvent>) -> Step {
    Step::Key(key.unwrap_or(KeyCode::Null.into()))
}

pub(super) fn run(command: Command) -> Step {
    Step::Request(Request::RunCommand(command))
}

impl Dialogue {
    pub(super) fn take_step(&mut self, step: Step) {
        let now = self.host.clock.now();
        let has_dialog = self.host.app.dialog.is_some();
        self.handle(Message::LineBegins(now));
        match step {
            Step::Request(request) => self.handle(Message::Request(request, now)),
            Step::Key(key) if has_dialog => self.handle(Message::Key(key, now)),
            Step::Fill(text) if self.dialog_takes_text() => {
                let clear = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
                self.handle(Message::Key(clear, now));
                self.handle(Message::Paste(text, now));
                let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
                self.handle(Message::Key(enter, now));
            }
            Step::Paste(text) if self.dialog_takes_text() => {
                self.handle(Message::Paste(text, now));
                if let Some(key) = ImportDialog::match_key() {
                    self.handle(Message::Key(key, now));
                }
            }
            Step::Fill(text) if self.dialog_takes_secret() => {
                self.handle(Message::Paste(text, now));
                let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
                self.handle(Message::Key(enter, now));
            }
            // The dialog didn't open, which the app has explained.
            Step::Key(_) | Step::Fill(_) | Step::Paste(_) => {}
            Step::Choose(action) => {
                if let Some(Dialog::Delete(dialog)) = &self.host.app.dialog
                    && let Some(key) = dialog.action_key(action)
                {
                    self.steps.push_front(Step::Key(key));
                }
            }
            Step::OnRun(command, name) => self.on_run(command, &name),
            Step::SayShown => {
                if self.host.app.view == View::Devices {
                    // It is what the view begins with.
                    self.printed_view = View::Devices;
                }
                let shown = shown_of(self);
                self.say(&shown);
            }
            Step::SayCurrent(number) => self.say_current(number),
            Step::PrintView => self.print_view_again(),
            Step::SayError => {
                if let Some(error) = self.count_error() {
                    self.say(&error);
                }
            }
        }
    }

    fn dialog_takes_text(&self) -> bool {
        let dialog = self.host.app.dialog.as_ref();
        dialog.is_some_and(|dialog| dialog.component().takes_text())
    }

    fn dialog_takes_secret(&self) -> bool {
        let dialog = self.host.app.dialog.as_ref();
        dialog.is_some_and(|dialog| dialog.component().takes_secret())
    }

    /// Goes to a view first, if another one is open.
    pub(super) fn in_view(&mut self, view: View) {
        if self.host.app.view != view {
            self.steps.push_back(run(match view {
                View::Devices => Command::Devices,
                View::Run => Command::Run,
                View::Failures => Command::Failures,
                View::History => Command::History,
            }));
        }
    }

    /// Goes to the devices, some of which have to be marked.
    fn in_marked(&mut self) -> Result<(), LineError> {
        if self.host.app.context.list.marks.is_empty() {
            return Err(LineError::NoneMarked);
        }
        self.in_view(View::Devices);
        Ok(())
    }

    /// Does what a line requests.
    pub(super) fn perform_line(&mut self, line: &str) {
        let app = &self.host.app;
        let request = commands::parse(line, app.view, &app.context.settings.keys);
        if let Err(error) = request.and_then(|request| self.perform(request)) {
            self.say(&error.to_string());
        }
    }

    fn perform(&mut self, request: commands::LineCommand) -> Result<(), LineError> {
        use commands::LineCommand as R;
        match request {
            R::Help(about) => self.help(&about),
            R::Show(number) => return self.show(number),
            R::More { all } => self.more(all),
            R::Filter(text) => return self.filter(&text),
            R::Sort(text) => return self.sort(&text),
            R::Columns(text) => return self.columns(&text),
            R::Go(number) => {
                self.go_to(number)?;
                self.steps.push_back(Step::SayCurrent(number));
            }
            R::Mark(rows, marked) => return self.mark(rows, marked),
            R::Perform(Command::Delete) => {
                self.in_marked()?;
                self.steps.push_back(run(Command::Delete));
            }
            R::Plan(action) => {
                self.in_marked()?;
                self.steps
                    .extend([run(Command::Delete), Step::Choose(action)]);
            }
            R::Detail(place) => return self.detail(place),
            R::OnFailures(command, places) => {
                if self.host.app.view == View::Failures {
                    let ordinals = self.failure_ordinals(&places)?;
                    let choose = Request::ChooseFailures(ordinals);
                    self.steps.extend([Step::Request(choose), run(command)]);
                } else {
                    self.steps.push_back(run(Command::Failures));
                    self.say("The failures follow with their numbers. Repeat the command with numbers, or without one for all.");
                }
            }
            R::OnRun(command, name) => {
                let name = self.printed_name(name)?;
                self.on_printed_run(command, name);
            }
            R::Find(text) => {
                let find = Step::Request(Request::FindInRuns(text));
                self.steps
                    .extend([run(Command::History), find, Step::PrintView]);
            }
            R::Import(file) => self.import(file),
            R::Export { file, shown } => return self.export(file, shown),
            R::Copy(part) => return self.copy(part),
            R::Resume => {
                let open = self.host.app.runs().open_run().ok_or(LineError::NoRun)?;
                if open.state == RunState::Running {
                    return Err(LineError::NotPaused);
                }
                self.steps.push_back(run(Command::Pause));
            }
            R::Status => {
                self.steps.extend([run(Command::Run), Step::PrintView]);
            }
            R::Call(number) => return self.call(number),
            R::DropColumns => self.steps.push_back(Step::Request(Request::DropColumns)),
            R::CancelFetch if self.host.app.runs().fetch_progress.is_none() => {
                return Err(LineError::NotFetching);
            }
            R::CancelFetch => self.steps.push_back(Step::Request(Request::CancelFetch)),
            R::Perform(Command::Fetch) if self.host.app.runs().fetch_progress.is_some() => {
                return Err(LineError::FetchingAlready);
            }
            R::Perform(command) => self.run_command(command),
        }
        Ok(())
    }

    /// Does what the screen does by a key.
    fn run_command(&mut self, command: Command) {
        let view = self.host.app.view;
        if command == Command::Back {
            let back = Step::Request(Request::StepBack);
            let print = match view {
                View::Devices => Step::SayShown,
                View::Run | View::Failures | View::History => Step::PrintView,
            };
            self.steps.extend([back, print]);
            return;
        }
        let views = [View::Devices, View::Failures, View::History];
        let view_of = views.into_iter().find(|&view| command.is_in(view));
        match (command, view_of) {
            // In the other views its key goes back to the devices.
            (Command::Quit, _) => self.in_view(View::Devices),
            (_, Some(other)) if !command.is_in(view) => self.in_view(other),
            _ => {}
        }
        self.steps.push_back(run(command));
        match command {
            Command::Failures if view == View::Failures => self.steps.push_back(Step::PrintView),
            Command::History if view == View::History => self.steps.push_back(Step::PrintView),
            Command::MarkedOnly | Command::Reverse | Command::Restore | Command::Reload => {
                self.steps.push_back(Step::SayShown);
            }
            _ => {}
        }
    }

    fn help(&mut self, about: &str) {
        let about = about.to_lowercase();
        let found = ENTRIES.iter().filter(|entry| {
            entry.word.contains(&about) || entry.help.to_lowercase().contains(&about)
        });
        let mut lines: Vec<String> = found
            .map(|entry| match entry.more {
                "" => format!("{}: {}", entry.word, entry.help),
                more => format!("{} {more}: {}", entry.word, entry.help),
            })
            .collect();
        if lines.is_empty() {
            lines.push(format!("No command matches {}.", visible(&about)));
        } else if about.is_empty() {
            lines.push(
                "The keys of the screen, such as a or u, are commands here too. Type cancel to leave a question."
                    .to_owned(),
            );
        }
        self.say_all(&lines);
    }

    /// Acts on the run of this name, once the history is read.
    pub(super) fn on_printed_run(&mut self, command: Command, name: String) {
        self.steps
            .extend([run(Command::History), Step::OnRun(command, name)]);
    }

    /// The current row, or the current line of the history. It keeps the number under which it was printed,
    /// wherever it is by now.
    fn say_current(&mut self, number: usize) {
        let app = &self.host.app;
        let current = match app.view {
            View::History => {
                let run = app.history.current();
                run.map(|run| super::history::line(run, app.context.now.wall) + ", current")
            }
            _ => app.current().map(|id| self.row(number, id)),
        };
        if let Some(current) = current {
            self.say(&current);
        }
    }

    fn on_run(&mut self, command: Command, name: &str) {
        match self.run_place(name) {
            Ok(place) => {
                let go = Step::Request(Request::GoTo(place));
                self.steps.extend([go, run(command)]);
            }
            Err(error) => self.say(&error.to_string()),
        }
    }
}
