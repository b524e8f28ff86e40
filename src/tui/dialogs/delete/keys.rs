//! The keys of the confirmation.

use crossterm::event::KeyCode;

use crate::tui::input::dialog_keys::{ARROW, DialogKey, ENTER, ESC, Press, TAB, TEXT, key};

#[derive(Clone, Copy)]
pub(super) enum ConfirmKey {
    Type,
    Send,
    DropHidden,
    EditNote,
    Breakdown,
    FileOrder,
    FirstRecent,
    Save,
    Scroll,
    Back,
}

const fn letter(letter: char) -> Press {
    Press::Key(KeyCode::Char(letter))
}

pub(super) const CONFIRM_KEYS: &[DialogKey<ConfirmKey>] = &[
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
        "list",
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
        "enter",
        ENTER,
        ConfirmKey::Send,
        "send",
        "send, once the number is typed",
    ),
    key(
        "D",
        &[letter('D')],
        ConfirmKey::DropHidden,
        "drop hidden",
        "leave out marked devices that the filter hides",
    ),
    key(
        "b",
        &[letter('b')],
        ConfirmKey::Breakdown,
        "breakdown",
        "breakdown of the plan on the whole screen",
    ),
    key(
        "s",
        &[letter('s')],
        ConfirmKey::FileOrder,
        "other order",
        "list in the order sent, or the most unusual first",
    ),
    key(
        "g",
        &[letter('g')],
        ConfirmKey::FirstRecent,
        "first recent",
        "go to the first device seen recently",
    ),
    key(
        "P",
        &[letter('P')],
        ConfirmKey::Save,
        "save plan",
        "save the plan to a file, to be sent later",
    ),
    key("esc", ESC, ConfirmKey::Back, "back", ""),
];

#[derive(Clone, Copy)]
pub(super) enum NoteKey {
    Keep,
    Edit,
}

pub(super) const NOTE_KEYS: &[DialogKey<NoteKey>] = &[
    key(
        "tab, enter, esc",
        &[
            Press::Key(KeyCode::Tab),
            Press::Key(KeyCode::Enter),
            Press::Key(KeyCode::Esc),
        ],
        NoteKey::Keep,
        "back to the number",
        "",
    ),
    key("", TEXT, NoteKey::Edit, "", ""),
];

#[derive(Clone, Copy)]
pub(super) enum BreakdownKey {
    Scroll,
    Back,
}

pub(super) const BREAKDOWN_KEYS: &[DialogKey<BreakdownKey>] = &[
    key("↑↓", ARROW, BreakdownKey::Scroll, "scroll", ""),
    key(
        "b, esc",
        &[letter('b'), Press::Key(KeyCode::Esc), letter('q')],
        BreakdownKey::Back,
        "back to the plan",
        "",
    ),
];
