//! `I`: marks the devices that a ticket or another system's list names, after showing the matches.

mod render;
mod report;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui_textarea::{self as textarea, TextArea};

use super::Dialog;
use crate::import::Meaning;
use crate::list::DeviceId;
use crate::text;
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::effect::Effect;
use crate::tui::file_content::ExportContent;
use crate::tui::import_source::{ImportSource, Matched};
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, MOTION, Press, Section, TAB, TEXT, command, hints, key,
};
use crate::tui::widgets::text_field::TextField;

pub use report::{Report, ReportLine};

/// The import, from the text to the marks.
#[derive(Clone, Debug)]
pub enum ImportDialog {
    /// The text is typed or pasted, or a file named.
    Text(Box<ImportText>),
    /// What was matched, before anything is marked.
    Report(Box<Report>),
}

/// The text or the file that names devices.
#[derive(Clone, Debug, Default)]
pub struct ImportText {
    /// The text.
    pub area: TextArea<'static>,
    path: TextField,
    /// True while the path is edited, not the text.
    in_path: bool,
    /// The request that reads it and looks it up, while one is open.
    asked: Option<u64>,
    /// What was wrong with it.
    pub error: Option<String>,
}

#[derive(Clone, Copy)]
enum TextKey {
    Match,
    Read,
    Switch,
    Back,
    Edit,
}

const TEXT_KEYS: &[DialogKey<TextKey>] = &[
    key(
        "ctrl-d",
        &[Press::Control('d')],
        TextKey::Match,
        "match it",
        "match what was typed or pasted",
    ),
    key(
        "tab",
        TAB,
        TextKey::Switch,
        "name a file",
        "name a file instead; enter reads it",
    ),
    key("esc", ESC, TextKey::Back, "back", ""),
    key("", TEXT, TextKey::Edit, "", ""),
];

const PATH_KEYS: &[DialogKey<TextKey>] = &[
    key("enter", ENTER, TextKey::Read, "read it", ""),
    key("tab", TAB, TextKey::Switch, "back to the text", ""),
    key("esc", ESC, TextKey::Back, "back", ""),
    key("", TEXT, TextKey::Edit, "", ""),
];

const WAITING_KEYS: &[DialogKey<()>] = &[key("esc", ESC, (), "cancel", "")];

#[derive(Clone, Copy)]
enum ReportKey {
    Move,
    Choose,
    Mark,
    MarkAlone,
    Copy,
    Save,
    Back,
    Close,
}

const REPORT_KEYS: &[DialogKey<ReportKey>] = &[
    key(
        "enter",
        ENTER,
        ReportKey::Mark,
        "mark them",
        "add the chosen devices to the marks",
    ),
    key(
        "R",
        &[Press::Key(KeyCode::Char('R'))],
        ReportKey::MarkAlone,
        "replace marks",
        "replace the marks by the chosen devices",
    ),
    key(
        "space",
        &[Press::Key(KeyCode::Char(' '))],
        ReportKey::Choose,
        "choose",
        "choose a device, or all of a person",
    ),
    key(
        "e",
        &[Press::Key(KeyCode::Char('e'))],
        ReportKey::Save,
        "save the rest",
        "save unmatched entries to a file",
    ),
    key(
        "y",
        &[Press::Key(KeyCode::Char('y'))],
        ReportKey::Copy,
        "copy the rest",
        "copy unmatched entries",
    ),
    key("", MOTION, ReportKey::Move, "", ""),
    key("esc", ESC, ReportKey::Back, "back", "back to the text"),
    key(
        "",
        &[Press::Key(KeyCode::Char('q'))],
        ReportKey::Close,
        "",
        "",
    ),
];

impl Default for ImportDialog {
    fn default() -> Self {
        Self::Text(Box::default())
    }
}

impl ImportDialog {
    pub(super) const HELP: Section = Section {
        title: "import a list of identifiers (I)",
        hints: || [hints(TEXT_KEYS), hints(REPORT_KEYS)].concat(),
    };
}

impl ImportText {
    fn keys(&self) -> &'static [DialogKey<TextKey>] {
        if self.in_path { PATH_KEYS } else { TEXT_KEYS }
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        if self.asked.is_some() {
            if command(WAITING_KEYS, key).is_some() {
                self.asked = None;
            }
            return Response::stay();
        }
        match command(self.keys(), key) {
            Some(TextKey::Match) => {
                return self.look_up(ImportSource::Pasted(self.area.lines().join("\n")), app);
            }
            Some(TextKey::Read) if !self.path.text().is_empty() => {
                return self.look_up(ImportSource::File(self.path.text().into()), app);
            }
            Some(TextKey::Switch) => self.in_path = !self.in_path,
            Some(TextKey::Back) => return Response::close(),
            Some(TextKey::Edit) if self.in_path => self.path.on_key(key),
            Some(TextKey::Edit) => {
                self.area.input(typed(key));
            }
            Some(TextKey::Read) | None => {}
        }
        Response::stay()
    }

    /// Has the source read and looked up. The answer to an earlier request doesn't count any more.
    fn look_up(&mut self, ids: ImportSource, app: &mut App) -> Response {
        app.context.plan_request_id += 1;
        self.asked = Some(app.context.plan_request_id);
        self.error = None;
        let asked = app.context.plan_request_id;
        Response::stay().with([Effect::ReadIds { asked, ids }])
    }

    fn on_paste(&mut self, pasted: &str) {
        if self.asked.is_some() {
            return;
        }
        if self.in_path {
            self.path.on_paste(pasted);
            return;
        }
        // Characters that a terminal would obey or hide are no part of an identifier or a name.
        let text: String = pasted
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .chars()
            .filter(|&c| matches!(c, '\n' | '\t') || !text::is_deceptive(c))
            .collect();
        self.area.insert_str(text);
    }
}

impl Report {
    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        match command(REPORT_KEYS, key) {
            Some(ReportKey::Move) => self.cursor.on_key(key, self.lines.len()),
            Some(ReportKey::Choose) => self.choose(app),
            // The report says it if nothing is chosen.
            Some(ReportKey::Mark | ReportKey::MarkAlone) if self.chosen.is_empty() => {}
            Some(ReportKey::Mark) => {
                app.mark_imported(self, false);
                return Response::close();
            }
            Some(ReportKey::MarkAlone) => {
                app.mark_imported(self, true);
                return Response::close();
            }
            Some(ReportKey::Copy) => {
                let unmatched = self.import.unmatched();
                let copies = !unmatched.is_empty();
                return Response::stay().with(copies.then_some(Effect::Copy(unmatched)));
            }
            Some(ReportKey::Save) => {
                let unmatched = self.import.unmatched();
                if !unmatched.is_empty() {
                    let back = Dialog::from(ImportDialog::Report(Box::new(self.clone())));
                    let contents = vec![ExportContent::Unmatched(unmatched)];
                    app.ask_where_to_save(contents, "unmatched.txt", Some(back));
                    return Response::close();
                }
            }
            Some(ReportKey::Back) => {
                app.open(ImportDialog::Text(self.before.clone()));
                return Response::close();
            }
            Some(ReportKey::Close) => return Response::close(),
            None => {}
        }
        Response::stay()
    }

    /// Chooses the device of the line, or all devices of the person, or takes that back, and moves
    /// on.
    fn choose(&mut self, app: &App) {
        let is_usable = |id: &DeviceId| app.context.list.devices.device(*id).problem().is_none();
        let (toggled, lines) = match self.under_cursor() {
            Some((_, Some(id))) => (vec![id], 1),
            Some((Meaning::Several(ids), None)) => {
                let all: Vec<DeviceId> = ids
                    .iter()
                    .copied()
                    .filter(|&id| app.context.list.is_markable(id))
                    .collect();
                let mut missing = all.clone();
                missing.retain(|id| !self.chosen.contains(id));
                let toggled = if missing.is_empty() { all } else { missing };
                (toggled, 1 + ids.len())
            }
            Some(_) => (Vec::new(), 1),
            None => return,
        };
        for id in toggled.into_iter().filter(is_usable) {
            if !self.chosen.remove(&id) {
                self.chosen.insert(id);
            }
        }
        self.cursor.at = (self.cursor.at + lines).min(self.lines.len().saturating_sub(1));
    }
}

impl Component for ImportDialog {
    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Text(text) if text.asked.is_some() => hints(WAITING_KEYS),
            Self::Text(text) => hints(text.keys()),
            Self::Report(_) => hints(REPORT_KEYS),
        }
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        match self {
            Self::Text(text) => text.on_key(key, app),
            Self::Report(report) => report.on_key(key, app),
        }
    }

    fn on_paste(&mut self, text: &str, _app: &mut App) -> Response {
        if let Self::Text(field) = self {
            field.on_paste(text);
        }
        Response::stay()
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        self.draw(frame, area, app);
    }
}

impl App {
    /// The source of an import was looked up, or can't be read.
    pub(in crate::tui) fn import_read(
        &mut self,
        answered: u64,
        read: Result<Box<Matched>, String>,
    ) {
        let Some(Dialog::Import(mut dialog)) = self.dialog.take() else {
            return;
        };
        if let ImportDialog::Text(text) = &mut *dialog
            && text.asked == Some(answered)
        {
            text.asked = None;
            match read {
                Ok(matched) if matched.import.entries.is_empty() => {
                    text.error = Some("it is empty".to_owned());
                }
                Ok(matched) => {
                    let before = (**text).clone();
                    let report =
                        Report::new(*matched, before, |id| self.context.list.is_markable(id));
                    *dialog = ImportDialog::Report(Box::new(report));
                }
                Err(error) => text.error = Some(error),
            }
        }
        self.dialog = Some(Dialog::Import(dialog));
    }

    fn mark_imported(&mut self, report: &Report, replace: bool) {
        let mut found = report.found();
        found.retain(|&id, _| self.context.list.devices.device(id).problem().is_none());
        let count = found.len() as u64;
        let are_all = replace || self.context.list.marks.is_empty();
        self.context.list.marks.import(found, replace);
        self.context.list.imported_at = are_all.then(|| self.context.list.marks.changes());
        self.context.list.count_hidden();
        let hidden = if self.context.list.hidden_marks > 0 {
            format!(" · {} hidden by the filter", self.context.list.hidden_marks)
        } else {
            String::new()
        };
        self.context.status = Some(format!("{} marked{hidden}", text::counted(count, "device")));
    }
}

/// A key as the field takes it.
fn typed(key: &KeyEvent) -> textarea::Input {
    let code = match key.code {
        KeyCode::Char(character) => textarea::Key::Char(character),
        KeyCode::Backspace => textarea::Key::Backspace,
        KeyCode::Enter => textarea::Key::Enter,
        KeyCode::Left => textarea::Key::Left,
        KeyCode::Right => textarea::Key::Right,
        KeyCode::Up => textarea::Key::Up,
        KeyCode::Down => textarea::Key::Down,
        KeyCode::Delete => textarea::Key::Delete,
        KeyCode::Home => textarea::Key::Home,
        KeyCode::End => textarea::Key::End,
        KeyCode::PageUp => textarea::Key::PageUp,
        KeyCode::PageDown => textarea::Key::PageDown,
        _ => textarea::Key::Null,
    };
    textarea::Input {
        key: code,
        ctrl: key.modifiers.contains(KeyModifiers::CONTROL),
        alt: key.modifiers.contains(KeyModifiers::ALT),
        shift: key.modifiers.contains(KeyModifiers::SHIFT),
    }
}
