//! The confirmation of a plan: what will be sent, a note, and the number to type.

use std::collections::HashSet;

use crossterm::event::{KeyCode, KeyEvent};

use crate::list::DeviceId;
use crate::plan::{ConfirmedPlan, Plan};
use crate::tui::context::Context;
use crate::tui::effect::PlanSource;
use crate::tui::input::dialog_keys::{
    ARROW, DialogKey, ENTER, ESC, Hint, Press, TAB, TEXT, command, hints, key,
};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::typed_count::TypedCount;

/// What will be sent, and the number to type.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Exactly what is shown is what is sent.
    pub plan: Plan,
    /// What it was made of.
    pub source: PlanSource,
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

/// What a key leads to.
#[derive(Debug)]
pub(super) enum Step {
    /// The confirmation stays.
    Stay,
    /// Nothing is sent.
    Back,
    /// The plan was confirmed.
    Start(Box<ConfirmedPlan>),
    /// These devices are planned instead.
    PlanAgain(Vec<DeviceId>),
}

impl Confirmation {
    /// The confirmation of a plan that was made of `source`.
    pub(super) fn new(plan: Plan, source: PlanSource, note: TextField, context: &Context) -> Self {
        let hidden = match &source {
            PlanSource::Selection(_) => {
                let shown: HashSet<DeviceId> = context.list.rows.iter().copied().collect();
                (0_u32..)
                    .zip(&plan.sources)
                    .filter(|(_, source)| source.is_some_and(|id| !shown.contains(&id)))
                    .map(|(ordinal, _)| ordinal)
                    .collect()
            }
            // They were chosen in the failures: it doesn't matter what the table shows.
            PlanSource::Retry(..) => Vec::new(),
        };
        Self {
            plan,
            source,
            hidden,
            count: TypedCount::default(),
            note,
            editing_note: false,
            scroll: ListCursor::default(),
        }
    }

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

    pub(super) fn on_key(&mut self, key: &KeyEvent, context: &Context) -> Step {
        let now = context.now.boot;
        if self.editing_note {
            self.count.on_other_key(now);
            self.on_note_key(key);
            return Step::Stay;
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
                return self.drop_hidden(context);
            }
            Some(ConfirmKey::Send) => return self.send(key, context),
            Some(ConfirmKey::Back) => return Step::Back,
            Some(ConfirmKey::Type | ConfirmKey::DropHidden) | None => {
                self.count.on_key(key, now);
            }
        }
        Step::Stay
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

    fn send(&mut self, key: &KeyEvent, context: &Context) -> Step {
        let Some(typed) = self.count.on_key(key, context.now.boot) else {
            return Step::Stay;
        };
        let note = self.note.text();
        self.plan.origin.note = (!note.is_empty()).then(|| note.to_owned());
        match self.plan.confirm(typed) {
            Err(error) => {
                self.count.error = Some(format!("{error}: nothing was sent"));
                Step::Stay
            }
            Ok(confirmed) => Step::Start(Box::new(confirmed)),
        }
    }

    /// Plans the same without the marked devices that the filter hides. Their marks stay, and so
    /// does the note.
    fn drop_hidden(&mut self, context: &Context) -> Step {
        let PlanSource::Selection(devices) = &self.source else {
            return Step::Stay;
        };
        let shown: HashSet<DeviceId> = context.list.rows.iter().copied().collect();
        let left: Vec<DeviceId> = devices
            .iter()
            .copied()
            .filter(|id| shown.contains(id))
            .collect();
        if left.is_empty() {
            self.count.error = Some("all of them are hidden: no device would be left".to_owned());
            return Step::Stay;
        }
        Step::PlanAgain(left)
    }
}
