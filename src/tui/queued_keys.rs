//! Keys and commands by name, of which those wait that are about rows of a search that isn't done.

use crossterm::event::KeyEvent;

use crate::tui::app::App;
use crate::tui::effect::Effect;
use crate::tui::input::commands::{Command, View};
use crate::tui::input::keymap::Pressed;
use crate::tui::input::typeahead::QueuedInput;

impl App {
    /// A key of the screen itself.
    pub(in crate::tui) fn screen_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let input = QueuedInput::Key(*key);
        if !self.type_ahead.is_empty() || self.must_wait(input) {
            self.type_ahead.push(input);
            return Vec::new();
        }
        self.dispatch_key(key)
    }

    /// Runs a command by its name, or has it wait for the rows that it is about.
    pub(in crate::tui) fn run_by_name(&mut self, command: Command) -> Vec<Effect> {
        if self.awaits_rows(command) {
            self.type_ahead.push(QueuedInput::Command(command));
            return Vec::new();
        }
        self.context.status = None;
        if !command.is_in(self.view)
            && let Some(home) = command.home()
        {
            let (name, key) = (home.title(), self.context.key(home.command()));
            self.context.status = Some(format!("Only in the {name} · {key} opens it"));
            return Vec::new();
        }
        self.context
            .recent_commands
            .retain(|known| *known != command);
        self.context.recent_commands.push(command);
        self.run_command(command)
    }

    /// The next input that waits, if it needn't any more.
    pub(in crate::tui) fn next_queued(&mut self) -> Option<QueuedInput> {
        let next = self.type_ahead.first()?;
        if self.must_wait(next) {
            return None;
        }
        self.type_ahead.take_first()
    }

    pub(in crate::tui) fn dispatch_queued(&mut self, input: QueuedInput) -> Vec<Effect> {
        match input {
            QueuedInput::Command(command) => self.run_by_name(command),
            QueuedInput::Key(key) if self.dialog.is_none() && !self.context.is_too_small() => {
                self.dispatch_key(&key)
            }
            // A dialog is open now: deliver the key directly.
            QueuedInput::Key(key) => self.key(&key),
        }
    }

    fn dispatch_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        self.context.status = None;
        let first = self.type_ahead.first_key.take();
        let keys = &self.context.settings.keys;
        match keys.press(self.view, first.as_ref(), key) {
            Pressed::Command(command) => self.run_command(command),
            Pressed::First => {
                // The next key decides, whenever it comes: on a slow line a time limit would take the
                // second key for one by itself.
                self.type_ahead.first_key = Some(*key);
                Vec::new()
            }
            Pressed::Nothing => Vec::new(),
        }
    }

    fn must_wait(&self, input: QueuedInput) -> bool {
        let command = match input {
            QueuedInput::Command(command) => Some(command),
            QueuedInput::Key(key) => {
                let first = self.type_ahead.first_key.as_ref();
                match self.context.settings.keys.press(self.view, first, &key) {
                    Pressed::Command(command) => Some(command),
                    Pressed::First | Pressed::Nothing => None,
                }
            }
        };
        self.dialog.is_none() && command.is_some_and(|command| self.awaits_rows(command))
    }

    /// True if the command is about the rows on the screen, and those are of an earlier search.
    fn awaits_rows(&self, command: Command) -> bool {
        self.view == View::Devices
            && command.is_about_rows()
            && self.devices.shown_search_id != self.devices.search_id
    }
}
