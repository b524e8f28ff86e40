//! `:`: does anything by its name.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::tui::app::App;
use crate::tui::input::commands::{ACTIONS, Act, View};
use crate::tui::message::Effect;
use crate::tui::mode::{Command, Mode};

impl App {
    pub(in crate::tui) fn open_command(&mut self) {
        self.mode = Mode::Command(Command::default());
    }

    pub(in crate::tui) fn command_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let view = self.view;
        let Mode::Command(command) = &mut self.mode else {
            return Vec::new();
        };
        let matching = command.matching(view);
        match key.code {
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Down => command.at = (command.at + 1).min(matching.len().saturating_sub(1)),
            KeyCode::Up => command.at = command.at.saturating_sub(1),
            KeyCode::Tab => {
                if let Some((_, name)) = matching.get(command.at) {
                    *command = Command {
                        input: Input::new((*name).to_owned()),
                        at: 0,
                    };
                }
            }
            KeyCode::Enter => {
                let Some(&(act, _)) = matching.get(command.at) else {
                    return Vec::new();
                };
                self.mode = Mode::Browse;
                return self.act_by_name(act);
            }
            _ => {
                command.input.handle_event(&Event::Key(*key));
                command.at = 0;
            }
        }
        Vec::new()
    }
}

impl Command {
    /// The actions of this view whose names hold what is typed; those that begin with it first.
    pub fn matching(&self, view: View) -> Vec<(Act, &'static str)> {
        let wanted = self.input.value().trim().to_lowercase();
        let mut found: Vec<(Act, &'static str)> = ACTIONS
            .iter()
            .copied()
            .filter(|(act, name)| name.contains(&wanted) && act.is_in(view))
            .collect();
        found.sort_by_key(|(_, name)| (*name != wanted, !name.starts_with(&wanted)));
        found
    }
}
