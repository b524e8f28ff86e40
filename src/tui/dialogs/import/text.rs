//! The text or the file that names devices.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::{self as textarea, TextArea};

use crate::text;
use crate::tui::component::Response;
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::import_source::ImportSource;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Press, TAB, TEXT, command, hints, key,
};
use crate::tui::job::Job;
use crate::tui::widgets::text_field::TextField;

/// The text or the file that names devices.
#[derive(Clone, Debug, Default)]
pub struct ImportText {
    pub area: TextArea<'static>,
    pub(super) path: TextField,
    /// True while the path is edited, not the text.
    pub(super) in_path: bool,
    /// The request that reads it and looks it up, while one is open.
    pub(super) request_id: Option<u64>,
    /// What was wrong with it.
    pub error: Option<String>,
    /// How often the text was edited.
    pub(super) edits: u64,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum TextKey {
    Match,
    Read,
    Switch,
    Back,
    Edit,
}

#[rustfmt::skip]
pub(super) const TEXT_KEYS: &[DialogKey<TextKey>] = &[
    key("ctrl-d", &[Press::Control('d')], TextKey::Match, "show matches", "show the matches of the text"),
    key("tab", TAB, TextKey::Switch, "read a file", "read a file instead"),
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

impl ImportText {
    /// The keys that act at the moment.
    pub(super) fn hints(&self) -> Vec<Hint> {
        match self.request_id {
            Some(_) => hints(WAITING_KEYS),
            None => hints(self.keys()),
        }
    }

    /// The keys for the help.
    pub(super) fn help() -> Vec<Hint> {
        hints(TEXT_KEYS)
    }

    /// Ends the open request. False if it is another one, whose answer doesn't count any more.
    pub(super) fn end_request(&mut self, request_id: u64) -> bool {
        let is_open = self.request_id == Some(request_id);
        if is_open {
            self.request_id = None;
        }
        is_open
    }

    fn keys(&self) -> &'static [DialogKey<TextKey>] {
        if self.in_path { PATH_KEYS } else { TEXT_KEYS }
    }

    pub(super) fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        if self.request_id.is_some() {
            if command(WAITING_KEYS, key).is_some() {
                self.request_id = None;
            }
            return Response::stay();
        }
        match command(self.keys(), key) {
            Some(TextKey::Match) => {
                return self.look_up(ImportSource::Pasted(self.text()), context);
            }
            Some(TextKey::Read) if !self.path.text().is_empty() => {
                return self.look_up(ImportSource::File(self.path.text().into()), context);
            }
            Some(TextKey::Switch) => self.in_path = !self.in_path,
            Some(TextKey::Back) => return Response::close(),
            Some(TextKey::Edit) if self.in_path => self.path.on_key(key),
            Some(TextKey::Edit) => {
                self.edits += u64::from(self.area.input(typed(key)));
            }
            Some(TextKey::Read) | None => {}
        }
        Response::stay()
    }

    /// Requests that the source is read and looked up. The answer to an older request is dropped.
    fn look_up(&mut self, ids: ImportSource, context: &mut Context) -> Response {
        let request_id = context.next_request_id();
        self.request_id = Some(request_id);
        self.error = None;
        Response::stay().with([Effect::Job(Job::ReadIds { request_id, ids })])
    }

    pub(super) fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub(super) fn on_paste(&mut self, pasted: &str) {
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
        self.edits += 1;
    }
}

/// A key as the text area takes it.
fn typed(key: &KeyEvent) -> textarea::Input {
    let is_line_feed =
        key.code == KeyCode::Char('j') && key.modifiers.contains(KeyModifiers::CONTROL);
    if is_line_feed {
        // Text from a terminal that doesn't mark a paste ends its lines so. The area would delete them.
        return textarea::Input {
            key: textarea::Key::Enter,
            ..textarea::Input::default()
        };
    }
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
