//! Writing a file: its path is asked for, and nothing that is there is overwritten.

pub mod job;

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::journal::DeviceRecord;
use crate::list::DeviceId;
use crate::text::visible;
use crate::tui::app::App;
use crate::tui::dialogs::save_file::job::{Content, Prompt};
use crate::tui::input::commands::View;
use crate::tui::message::Effect;
use crate::tui::mode::Mode;
use crate::tui::screens::failures::last_call;

impl App {
    /// Asks for the path of a file; `name` is the first proposal.
    pub(in crate::tui) fn ask_where_to_write(&mut self, contents: Vec<Content>, name: &str) {
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

    /// `e`: asks where the rows are to be written.
    pub(in crate::tui) fn export(&mut self) {
        if self.view == View::Failures {
            let records = self.failure_records();
            if records.is_empty() {
                self.status = Some("there is nothing to write".to_owned());
            } else {
                self.ask_where_to_write(vec![Content::Outcomes(records)], "failures.csv");
            }
            return;
        }
        let mut contents = Vec::new();
        let marked = self.marked_shown();
        if !marked.is_empty() {
            contents.push(Content::Devices("marked", marked));
        }
        contents.push(Content::Devices("shown", self.table.rows.clone()));
        self.ask_where_to_write(contents, "devices.csv");
    }

    /// The marked rows that are shown: hidden ones are only for `d`, which shows them.
    pub(in crate::tui) fn marked_shown(&self) -> Vec<DeviceId> {
        let rows = self.table.rows.iter().copied();
        rows.filter(|&id| self.marks.contains(id)).collect()
    }

    /// The failures that are marked, else the row or the group under the cursor.
    fn failure_records(&self) -> Vec<DeviceRecord> {
        let Some(run) = self.reviewed() else {
            return Vec::new();
        };
        let record = |ordinal: u32| {
            let call = last_call(run, ordinal);
            Some(DeviceRecord {
                device: run.devices.get(ordinal as usize)?.clone(),
                state: *run.states.get(ordinal as usize)?,
                call: call.map(|call| call.call),
                status: call.and_then(|call| call.status),
                finding: run.findings.get(&ordinal).cloned(),
            })
        };
        self.chosen_failures()
            .into_iter()
            .filter_map(record)
            .collect()
    }

    pub(in crate::tui) fn write_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
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
    pub(in crate::tui) fn wrote(&mut self, wrote: Result<String, String>) {
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
