//! Writing a file: its path is asked for, and nothing that is there is overwritten.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::text::visible;
use crate::tui::app::{App, Mode};
use crate::tui::message::Effect;
use crate::tui::write::{Content, Prompt};

impl App {
    /// Asks for the path of a file; `name` is the first proposal.
    pub(super) fn ask_where_to_write(&mut self, contents: Vec<Content>, name: &str) {
        let back = std::mem::replace(&mut self.mode, Mode::Browse);
        self.mode = Mode::Write(Box::new(Prompt {
            contents,
            at: 0,
            path: Input::new(name.to_owned()),
            complaint: None,
            busy: false,
            back,
        }));
    }

    pub(super) fn write_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Write(prompt) = &mut self.mode else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Esc => {
                let back = std::mem::replace(&mut prompt.back, Mode::Browse);
                self.mode = back;
            }
            KeyCode::Enter if !prompt.busy => {
                let path = prompt.path.value().trim().to_owned();
                if path.is_empty() {
                    prompt.complaint = Some("name a file".to_owned());
                } else {
                    prompt.busy = true;
                    let content = prompt.content().cloned();
                    let path = path.into();
                    return content
                        .map(|content| Effect::Write { path, content })
                        .into_iter()
                        .collect();
                }
            }
            KeyCode::Tab => prompt.at = (prompt.at + 1) % prompt.contents.len().max(1),
            _ => {
                prompt.complaint = None;
                prompt.path.handle_event(&Event::Key(*key));
            }
        }
        Vec::new()
    }

    /// What became of [`Effect::Write`].
    pub(super) fn wrote(&mut self, wrote: Result<String, String>) {
        let Mode::Write(prompt) = &mut self.mode else {
            self.status = Some(wrote.unwrap_or_else(|why| why));
            return;
        };
        match wrote {
            Ok(what) => {
                let back = std::mem::replace(&mut prompt.back, Mode::Browse);
                self.mode = back;
                self.status = Some(what);
            }
            Err(why) => {
                prompt.busy = false;
                prompt.complaint = Some(visible(&why).into_owned());
            }
        }
    }
}

/// Text was pasted into a line; it stays one line.
pub(super) fn paste_into(line: &mut Input, pasted: &str) {
    for character in pasted.chars().filter(|&c| !crate::text::is_deceptive(c)) {
        line.handle(tui_input::InputRequest::InsertChar(character));
    }
}
