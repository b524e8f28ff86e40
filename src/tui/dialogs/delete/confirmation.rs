//! The confirmation of a plan: what will be sent, a note, and the number to type.

use std::collections::HashSet;

use crossterm::event::{KeyCode, KeyEvent};

use crate::list::DeviceId;
use crate::plan::Plan;
use crate::tui::app::App;
use crate::tui::component::Response;
use crate::tui::input::dialog_keys::{
    ARROW, DialogKey, ENTER, ESC, Hint, Press, TAB, TEXT, command, hints, key,
};
use crate::tui::message::{Effect, PlanSource};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::typed_count::TypedCount;

/// What will be sent, and the number to type.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Exactly what is shown is what is sent.
    pub plan: Plan,
    /// What it was made of.
    pub wanted: PlanSource,
    /// Marked devices that the filter hides, by ordinal in the plan.
    pub hidden: Vec<u32>,
    /// The number typed so far.
    pub count: TypedCount,
    /// A note for the record.
    pub note: TextField,
    /// True while the note receives the keys.
    pub editing_note: bool,
    /// The first device shown of the exact list.
    pub scroll: ListCursor,
}

#[derive(Clone, Copy)]
enum ConfirmKey {
    Type,
    Send,
    DropHidden,
    EditNote,
    Scroll,
    Back,
}

const CONFIRM_KEYS: &[DialogKey<ConfirmKey>] = &[
    key(
        "0-9",
        &[Press::Digit, Press::Key(KeyCode::Backspace)],
        ConfirmKey::Type,
        "",
        "number of devices",
    ),
    key(
        "↑↓",
        ARROW,
        ConfirmKey::Scroll,
        "scroll",
        "scroll the exact list",
    ),
    key(
        "tab",
        TAB,
        ConfirmKey::EditNote,
        "note",
        "edit the note for the record",
    ),
    key(
        "D",
        &[Press::Key(KeyCode::Char('D'))],
        ConfirmKey::DropHidden,
        "",
        "drop marked devices that the filter hides",
    ),
    key(
        "enter",
        ENTER,
        ConfirmKey::Send,
        "send",
        "send, once the number is typed",
    ),
    key("esc", ESC, ConfirmKey::Back, "back", ""),
];

#[derive(Clone, Copy)]
enum NoteKey {
    Keep,
    Discard,
    Edit,
}

const NOTE_KEYS: &[DialogKey<NoteKey>] = &[
    key(
        "tab",
        &[Press::Key(KeyCode::Tab), Press::Key(KeyCode::Enter)],
        NoteKey::Keep,
        "back to the number",
        "",
    ),
    key("esc", ESC, NoteKey::Discard, "discard the note", ""),
    key("", TEXT, NoteKey::Edit, "", ""),
];

impl Confirmation {
    /// The keys that act at the moment.
    pub(super) fn hints(&self) -> Vec<Hint> {
        if self.editing_note {
            hints(NOTE_KEYS)
        } else {
            hints(CONFIRM_KEYS)
        }
    }

    /// The keys for the help.
    pub(super) fn help() -> Vec<Hint> {
        hints(CONFIRM_KEYS)
    }

    pub(super) fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        let now = app.context.now.boot;
        if self.editing_note {
            self.count.on_other_key(now);
            self.on_note_key(key);
            return Response::stay();
        }
        match command(CONFIRM_KEYS, key) {
            Some(ConfirmKey::Scroll) => {
                self.count.on_other_key(now);
                self.scroll.on_key(key, self.plan.devices.len());
            }
            Some(ConfirmKey::EditNote) => {
                self.count.on_other_key(now);
                self.editing_note = true;
            }
            // A letter within a burst is a part of pasted text, not a command.
            Some(ConfirmKey::DropHidden)
                if !self.hidden.is_empty() && !self.count.is_burst(now) =>
            {
                return self.drop_hidden(app);
            }
            Some(ConfirmKey::Send) => return self.send(key, app),
            Some(ConfirmKey::Back) => return Response::close(),
            Some(ConfirmKey::Type | ConfirmKey::DropHidden) | None => {
                self.count.on_key(key, now);
            }
        }
        Response::stay()
    }

    fn on_note_key(&mut self, key: &KeyEvent) {
        match command(NOTE_KEYS, key) {
            Some(NoteKey::Keep) => self.editing_note = false,
            Some(NoteKey::Discard) => {
                self.editing_note = false;
                self.note = TextField::default();
            }
            Some(NoteKey::Edit) | None => self.note.on_key(key),
        }
    }

    fn send(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        let Some(typed) = self.count.on_key(key, app.context.now.boot) else {
            return Response::stay();
        };
        let note = self.note.text();
        self.plan.origin.note = (!note.is_empty()).then(|| note.to_owned());
        match self.plan.confirm(typed) {
            Err(error) => {
                self.count.error = Some(format!("{error}: nothing was sent"));
                Response::stay()
            }
            Ok(confirmed) => {
                app.begin_run(confirmed.plan());
                Response::close().with([Effect::Start(Box::new(confirmed))])
            }
        }
    }

    /// Plans the same without the marked devices that the filter hides. Their marks stay, and so
    /// does the note.
    fn drop_hidden(&mut self, app: &mut App) -> Response {
        let PlanSource::Selection(devices) = &self.wanted else {
            return Response::stay();
        };
        let shown: HashSet<DeviceId> = app.context.list.rows.iter().copied().collect();
        let left: Vec<DeviceId> = devices
            .iter()
            .copied()
            .filter(|id| shown.contains(id))
            .collect();
        if left.is_empty() {
            self.count.error = Some("all of them are hidden: no device would be left".to_owned());
            return Response::stay();
        }
        let note = self.note.clone();
        Response::close().with(app.plan_noted(self.plan.action, PlanSource::Selection(left), note))
    }
}
