//! `I`: marks the devices that a ticket or another system's list names, after showing the matches.

mod render;
mod report;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui_textarea::{self as textarea, TextArea};

use crate::import::Meaning;
use crate::list::DeviceId;
use crate::text;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::file_content::ExportContent;
use crate::tui::import_source::{ImportSource, Matched};
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, MOTION, Press, Section, TAB, TEXT, command, hints, key,
};
use crate::tui::request::{DialogRequest, Request};
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
    request_id: Option<u64>,
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

    /// The source was read and looked up, or can't be read. The answer to an older request is
    /// dropped.
    pub fn on_read(
        &mut self,
        request_id: u64,
        read: Result<Box<Matched>, BackendError>,
        context: &Context,
    ) {
        let Self::Text(text) = self else {
            return;
        };
        if text.request_id != Some(request_id) {
            return;
        }
        text.request_id = None;
        match read {
            Ok(matched) if matched.import.entries.is_empty() => {
                text.error = Some("it is empty".to_owned());
            }
            Ok(matched) => {
                let before = (**text).clone();
                let report = Report::new(*matched, before, |id| context.list.is_markable(id));
                *self = Self::Report(Box::new(report));
            }
            Err(error) => text.error = Some(error.to_string()),
        }
    }
}

impl ImportText {
    fn keys(&self) -> &'static [DialogKey<TextKey>] {
        if self.in_path { PATH_KEYS } else { TEXT_KEYS }
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        if self.request_id.is_some() {
            if command(WAITING_KEYS, key).is_some() {
                self.request_id = None;
            }
            return Response::stay();
        }
        match command(self.keys(), key) {
            Some(TextKey::Match) => {
                return self.look_up(ImportSource::Pasted(self.area.lines().join("\n")), context);
            }
            Some(TextKey::Read) if !self.path.text().is_empty() => {
                return self.look_up(ImportSource::File(self.path.text().into()), context);
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

    /// Requests that the source is read and looked up. The answer to an older request is dropped.
    fn look_up(&mut self, ids: ImportSource, context: &mut Context) -> Response {
        context.plan_request_id += 1;
        self.request_id = Some(context.plan_request_id);
        self.error = None;
        let request_id = context.plan_request_id;
        Response::stay().with([Effect::ReadIds { request_id, ids }])
    }

    fn on_paste(&mut self, pasted: &str) {
        if self.request_id.is_some() {
            return;
        }
        if self.in_path {
            self.path.on_paste(pasted);
            return;
        }
        // Characters that a terminal would obey or hide are not part of an identifier or a name.
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
    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(REPORT_KEYS, key) {
            Some(ReportKey::Move) => self.cursor.on_key(key, self.lines.len()),
            Some(ReportKey::Choose) => self.choose(context),
            // The report says it if nothing is chosen.
            Some(ReportKey::Mark | ReportKey::MarkAlone) if self.chosen.is_empty() => {}
            Some(ReportKey::Mark) => {
                self.mark(false, context);
                return Response::close();
            }
            Some(ReportKey::MarkAlone) => {
                self.mark(true, context);
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
                    let rest = ExportContent::Unmatched(unmatched);
                    let request = DialogRequest::SaveFile(rest, "unmatched.txt");
                    return Response::stay().request(Request::Open(request));
                }
            }
            Some(ReportKey::Close) => return Response::close(),
            // The dialog goes back.
            Some(ReportKey::Back) | None => {}
        }
        Response::stay()
    }

    /// Marks the chosen devices, in place of the marked ones or beside them.
    fn mark(&self, replace: bool, context: &mut Context) {
        let list = &mut context.list;
        let mut found = self.found();
        found.retain(|&id, _| list.devices.device(id).problem().is_none());
        let count = found.len() as u64;
        let are_all = replace || list.marks.is_empty();
        list.marks.import(found, replace);
        list.imported_at = are_all.then(|| list.marks.changes());
        list.count_hidden();
        let hidden = if list.hidden_marks > 0 {
            format!(" · {} hidden by the filter", list.hidden_marks)
        } else {
            String::new()
        };
        context.status = Some(format!("{} marked{hidden}", text::counted(count, "device")));
    }

    /// Chooses the device of the line, or all devices of the person, or takes that back, and moves
    /// on.
    fn choose(&mut self, context: &Context) {
        let is_usable = |id: &DeviceId| context.list.devices.device(*id).problem().is_none();
        let (toggled, lines) = match self.under_cursor() {
            Some((_, Some(id))) => (vec![id], 1),
            Some((Meaning::Several(ids), None)) => {
                let all: Vec<DeviceId> = ids
                    .iter()
                    .copied()
                    .filter(|&id| context.list.is_markable(id))
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
            Self::Text(text) if text.request_id.is_some() => hints(WAITING_KEYS),
            Self::Text(text) => hints(text.keys()),
            Self::Report(_) => hints(REPORT_KEYS),
        }
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match self {
            Self::Text(text) => text.on_key(key, context),
            Self::Report(report) => match command(REPORT_KEYS, key) {
                Some(ReportKey::Back) => {
                    *self = Self::Text(report.before.clone());
                    Response::stay()
                }
                _ => report.on_key(key, context),
            },
        }
    }

    fn on_paste(&mut self, text: &str, _context: &mut Context) -> Response {
        if let Self::Text(field) = self {
            field.on_paste(text);
        }
        Response::stay()
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        self.draw(frame, area, context);
    }
}

/// A key as the text area takes it.
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
