//! `e`: saves rows or a run to a new file. No file that exists is overwritten.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::Dialog;
use crate::journal::DeviceRecord;
use crate::list::DeviceId;
use crate::text::{visible, wrap};
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::effect::Effect;
use crate::tui::file_content::ExportContent;
use crate::tui::input::commands::View;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Section, TAB, TEXT, command, hints, key,
};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text_field::TextField;

/// The path of a file that is to be written.
#[derive(Debug)]
pub struct SaveFile {
    /// What can be written; never empty.
    contents: Vec<ExportContent>,
    /// The chosen content.
    chosen: usize,
    path: TextField,
    /// What was wrong with the last path.
    pub error: Option<String>,
    /// True while the file is being written.
    is_writing: bool,
    /// The dialog that opens again afterwards.
    back: Option<Box<Dialog>>,
}

#[derive(Clone, Copy)]
enum Command {
    Save,
    NextContent,
    Back,
    Edit,
}

const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Save, "save", "save the file"),
    key(
        "tab",
        TAB,
        Command::NextContent,
        "other rows",
        "switch between marked and shown rows",
    ),
    key("esc", ESC, Command::Back, "back", ""),
    key("", TEXT, Command::Edit, "", ""),
];

impl SaveFile {
    pub(super) const HELP: Section = Section {
        title: "save a file (e)",
        hints: || hints(KEYS),
    };

    fn content(&self) -> Option<&ExportContent> {
        self.contents.get(self.chosen)
    }

    fn save(&mut self) -> Response {
        if self.is_writing {
            return Response::stay();
        }
        if self.path.text().is_empty() {
            self.error = Some("name a file".to_owned());
            return Response::stay();
        }
        self.is_writing = true;
        let path = self.path.text().into();
        let content = self.content().cloned();
        Response::stay().with(content.map(|content| Effect::Write { path, content }))
    }
}

impl Component for SaveFile {
    fn hints(&self) -> Vec<Hint> {
        let mut hints = hints(KEYS);
        if self.contents.len() < 2 {
            hints.retain(|hint| hint.name != "tab");
        }
        hints
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        match command(KEYS, key) {
            Some(Command::Save) => self.save(),
            Some(Command::NextContent) => {
                self.chosen = (self.chosen + 1) % self.contents.len().max(1);
                Response::stay()
            }
            Some(Command::Back) => {
                app.dialog = self.back.take().map(|dialog| *dialog);
                Response::close()
            }
            Some(Command::Edit) | None => {
                self.error = None;
                self.path.on_key(key);
                Response::stay()
            }
        }
    }

    fn on_paste(&mut self, text: &str, _app: &mut App) -> Response {
        self.path.on_paste(text);
        Response::stay()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        let theme = app.context.settings.theme;
        let inner = panel(frame, centred(area, 70, 6), app, "save a file");
        let [what, path, below] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Min(1),
        ])
        .areas(inner);
        let name = self.content().map_or(String::new(), ExportContent::name);
        let other = if self.contents.len() > 1 {
            " (tab: others)"
        } else {
            ""
        };
        let text = format!(" {name}{other}: a new file, readable by you only");
        frame.render_widget(Paragraph::new(text).style(theme.dim()), what);
        self.path.render(frame, path, app, " file: ", true);
        if let Some(error) = &self.error {
            let lines: Vec<Line<'_>> = wrap(error, usize::from(below.width).saturating_sub(2))
                .into_iter()
                .map(|line| Line::from(format!(" {line}")))
                .collect();
            frame.render_widget(Paragraph::new(lines).style(theme.bad()), below);
        }
    }
}

impl App {
    /// Asks for the path of a file and proposes `name`. Afterwards `back` opens again.
    pub(in crate::tui) fn ask_where_to_save(
        &mut self,
        contents: Vec<ExportContent>,
        name: &str,
        back: Option<Dialog>,
    ) {
        self.open(SaveFile {
            contents,
            chosen: 0,
            path: TextField::new(name.to_owned()),
            error: None,
            is_writing: false,
            back: back.map(Box::new),
        });
    }

    /// `e`: asks where the rows are to be written.
    pub(in crate::tui) fn export(&mut self) {
        if self.view == View::Failures {
            let records = self.failure_records();
            if records.is_empty() {
                self.context.status = Some("there is nothing to write".to_owned());
            } else {
                self.ask_where_to_save(
                    vec![ExportContent::Outcomes(records)],
                    "failures.csv",
                    None,
                );
            }
            return;
        }
        let mut contents = Vec::new();
        let marked = self.marked_shown();
        if !marked.is_empty() {
            contents.push(ExportContent::Devices("marked", marked));
        }
        contents.push(ExportContent::Devices(
            "shown",
            self.context.list.rows.clone(),
        ));
        self.ask_where_to_save(contents, "devices.csv", None);
    }

    /// The marked rows that are shown: hidden ones are only for `d`, which shows them.
    pub(in crate::tui) fn marked_shown(&self) -> Vec<DeviceId> {
        let rows = self.context.list.rows.iter().copied();
        rows.filter(|&id| self.context.list.marks.contains(id))
            .collect()
    }

    /// The failures that are marked, else the row or the group under the cursor.
    fn failure_records(&self) -> Vec<DeviceRecord> {
        let Some(run) = self.reviewed() else {
            return Vec::new();
        };
        let record = |ordinal: u32| {
            let call = run.last_call(ordinal);
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

    /// The file was written, or couldn't be.
    pub(in crate::tui) fn file_written(&mut self, written: Result<String, String>) {
        let Some(Dialog::SaveFile(dialog)) = &mut self.dialog else {
            self.context.status = Some(written.unwrap_or_else(|error| error));
            return;
        };
        match written {
            Ok(message) => {
                self.dialog = dialog.back.take().map(|dialog| *dialog);
                self.context.status = Some(message);
            }
            Err(error) => {
                dialog.is_writing = false;
                dialog.error = Some(visible(&error).into_owned());
            }
        }
    }
}
