//! The keys of the confirmation.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::input::dialog_keys::{
    ARROW, DialogKey, ENTER, ESC, Press, TAB, TEXT, key, key_of, letter,
};

/// What the keys of the confirmation do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmKey {
    /// Type the number.
    Type,
    /// Start the run, once the number is typed.
    Send,
    /// Leave out the marked devices that the filter hides.
    DropHidden,
    EditNote,
    /// Show the breakdown of the plan.
    Breakdown,
    /// List the devices in the order sent, or the most unusual first.
    FileOrder,
    /// Go to the first device that was seen recently.
    FirstRecent,
    /// Search the list.
    Search,
    /// Go to the next device that is searched for.
    NextMatch,
    /// Go to the previous one.
    PreviousMatch,
    /// Save the plan to a file.
    Save,
    /// Scroll the list.
    Scroll,
    /// Close the confirmation.
    Back,
}

impl ConfirmKey {
    /// What is pressed for it.
    pub fn pressed(self) -> Option<KeyEvent> {
        key_of(CONFIRM_KEYS, self)
    }
}

#[rustfmt::skip]
pub(super) const CONFIRM_KEYS: &[DialogKey<ConfirmKey>] = &[
    key("0-9", &[Press::Digit, Press::Key(KeyCode::Backspace)], ConfirmKey::Type, "", "number of devices"),
    key("↑↓", ARROW, ConfirmKey::Scroll, "list", "scroll the exact list"),
    key("tab", TAB, ConfirmKey::EditNote, "note", "edit the note for the record"),
    key("enter", ENTER, ConfirmKey::Send, "send", "send, once the number is typed"),
    letter("D", ConfirmKey::DropHidden, "drop hidden", "leave out marked devices that the filter hides"),
    letter("b", ConfirmKey::Breakdown, "breakdown", "breakdown of the plan on the whole screen"),
    letter("s", ConfirmKey::FileOrder, "other order", "list in the order sent, or the most unusual first"),
    letter("g", ConfirmKey::FirstRecent, "first recent", "go to the first device seen recently"),
    letter("/", ConfirmKey::Search, "", "search the list by host name or identifier"),
    letter("n", ConfirmKey::NextMatch, "", "next match"),
    letter("N", ConfirmKey::PreviousMatch, "", "previous match"),
    letter("P", ConfirmKey::Save, "save plan", "save the plan to a file, to be sent later"),
    key("esc", ESC, ConfirmKey::Back, "back", ""),
];

#[derive(Clone, Copy)]
pub(super) enum NoteKey {
    Keep,
    Edit,
}

#[rustfmt::skip]
pub(super) const NOTE_KEYS: &[DialogKey<NoteKey>] = &[
    key("tab, enter, esc", &[Press::Key(KeyCode::Tab), Press::Key(KeyCode::Enter), Press::Key(KeyCode::Esc)], NoteKey::Keep, "back to the number", ""),
    key("", TEXT, NoteKey::Edit, "", ""),
];

#[derive(Clone, Copy)]
pub(super) enum SearchKey {
    Keep,
    Clear,
    Edit,
}

#[rustfmt::skip]
pub(super) const SEARCH_KEYS: &[DialogKey<SearchKey>] = &[
    key("enter", ENTER, SearchKey::Keep, "back to the number", ""),
    key("esc", ESC, SearchKey::Clear, "end the search", ""),
    key("", TEXT, SearchKey::Edit, "", ""),
];

#[derive(Clone, Copy)]
pub(super) enum BreakdownKey {
    Scroll,
    Back,
}

#[rustfmt::skip]
pub(super) const BREAKDOWN_KEYS: &[DialogKey<BreakdownKey>] = &[
    key("↑↓", ARROW, BreakdownKey::Scroll, "scroll", ""),
    key("b, esc", &[Press::Char('b'), Press::Key(KeyCode::Esc), Press::Char('q')], BreakdownKey::Back, "back to the plan", ""),
];
