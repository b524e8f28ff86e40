//! Every binding, in the order in which help and footer tell them.

use crossterm::event::KeyCode;

use super::commands::{Act, View};

/// A key, what it does and where, and how it is told.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What is pressed, as it is told: `ctrl-r`; the name with a colon of what has no key.
    pub name: &'static str,
    pub(super) code: KeyCode,
    pub(super) control: bool,
    /// What it does.
    pub act: Act,
    /// Where; everywhere if empty.
    pub(super) views: &'static [View],
    /// What it does, for the help.
    pub help: &'static str,
    /// What it does, in a word for the footer, if it is shown there.
    pub footer: Option<&'static str>,
}

const fn key(name: &'static str, code: KeyCode, act: Act, help: &'static str) -> Binding {
    Binding {
        name,
        code,
        control: false,
        act,
        views: &[],
        help,
        footer: None,
    }
}

/// What is done by its name, unless the configuration gives it a key.
const fn named(name: &'static str, act: Act, help: &'static str) -> Binding {
    key(name, KeyCode::Null, act, help)
}

impl Binding {
    const fn control(mut self) -> Self {
        self.control = true;
        self
    }

    const fn only(mut self, views: &'static [View]) -> Self {
        self.views = views;
        self
    }

    const fn foot(mut self, word: &'static str) -> Self {
        self.footer = Some(word);
        self
    }
}

const DEVICES: &[View] = &[View::Devices];
const ROWS: &[View] = &[View::Devices, View::Failures];
const FAILURES: &[View] = &[View::Failures];
const HISTORY: &[View] = &[View::History];
const SEARCHED: &[View] = &[View::Devices, View::History];
const OPENS: &[View] = &[View::Devices, View::Failures, View::History];
const PAUSES: &[View] = &[View::Devices, View::Run, View::Failures];

/// See the module.
pub(in crate::tui) const BINDINGS: &[Binding] = &[
    key(
        "space",
        KeyCode::Char(' '),
        Act::Mark,
        "mark or unmark, and move on",
    )
    .only(ROWS)
    .foot("mark"),
    key(
        "v",
        KeyCode::Char('v'),
        Act::Range,
        "begin a range; again to mark it",
    )
    .only(DEVICES)
    .foot("range"),
    key("a", KeyCode::Char('a'), Act::MarkShown, "mark all shown")
        .only(DEVICES)
        .foot("all"),
    key(
        "A",
        KeyCode::Char('A'),
        Act::UnmarkShown,
        "unmark all shown",
    )
    .only(DEVICES),
    key(
        "i",
        KeyCode::Char('i'),
        Act::Invert,
        "turn the marks of all shown around",
    )
    .only(DEVICES),
    key("U", KeyCode::Char('U'), Act::UnmarkAll, "unmark everything").only(DEVICES),
    key(
        "u",
        KeyCode::Char('u'),
        Act::Undo,
        "take the last change of marks back",
    )
    .only(DEVICES),
    key("ctrl-r", KeyCode::Char('r'), Act::Redo, "do it again")
        .control()
        .only(DEVICES),
    key(
        "/",
        KeyCode::Char('/'),
        Act::Filter,
        "filter; in the history: search devices in all runs",
    )
    .only(SEARCHED)
    .foot("filter"),
    key(
        "I",
        KeyCode::Char('I'),
        Act::Import,
        "mark what a ticket names",
    )
    .only(DEVICES),
    key(
        "F",
        KeyCode::Char('F'),
        Act::Filters,
        "the filters of the configuration",
    )
    .only(DEVICES),
    key(
        "s",
        KeyCode::Char('s'),
        Act::Sort,
        "choose the columns to sort by",
    )
    .only(DEVICES)
    .foot("sort"),
    key(
        "c",
        KeyCode::Char('c'),
        Act::Columns,
        "choose, order and size the columns",
    )
    .only(DEVICES),
    key(
        "S",
        KeyCode::Char('S'),
        Act::Reverse,
        "turn the order around",
    )
    .only(DEVICES),
    key(
        "d",
        KeyCode::Char('d'),
        Act::Delete,
        "uninstall, archive or remove the marked devices",
    )
    .only(DEVICES)
    .foot("delete…"),
    key(
        "p",
        KeyCode::Char('p'),
        Act::Pause,
        "pause the run, or go on",
    )
    .only(PAUSES)
    .foot("pause"),
    key(
        "x",
        KeyCode::Char('x'),
        Act::Stop,
        "stop the run after the call in flight",
    )
    .foot("stop"),
    key("1", KeyCode::Char('1'), Act::Devices, "the devices"),
    key("2", KeyCode::Char('2'), Act::Run, "the run").foot("run"),
    key(
        "f",
        KeyCode::Char('f'),
        Act::Failures,
        "what was not accepted, and why",
    )
    .foot("failures"),
    key("3", KeyCode::Char('3'), Act::Failures, "the same"),
    key(
        "w",
        KeyCode::Char('w'),
        Act::Why,
        "ask the tenant why: look the marked rows, the row or the group up; again to end it",
    )
    .only(FAILURES)
    .foot("why"),
    key(
        "r",
        KeyCode::Char('r'),
        Act::Retry,
        "send again what a retry can help, through the same confirmation",
    )
    .only(FAILURES)
    .foot("retry"),
    key(
        "o",
        KeyCode::Char('o'),
        Act::RetryOther,
        "send again by the other identifier, if a lookup shows that it is the same device",
    )
    .only(FAILURES)
    .foot("other id"),
    key(
        "e",
        KeyCode::Char('e'),
        Act::Export,
        "write rows, or a run, to a file that opens as a list again",
    )
    .only(OPENS),
    key("H", KeyCode::Char('H'), Act::History, "all runs").foot("history"),
    key("4", KeyCode::Char('4'), Act::History, "the same"),
    key(
        "r",
        KeyCode::Char('r'),
        Act::ResumeRun,
        "take the run up again",
    )
    .only(HISTORY)
    .foot("resume"),
    key(
        "c",
        KeyCode::Char('c'),
        Act::CloseRun,
        "give up what the run has not sent",
    )
    .only(HISTORY)
    .foot("close"),
    named(
        ":fetch",
        Act::Fetch,
        "read the tenant's inventory into a list; again to end it",
    ),
    named(
        ":reload",
        Act::Reload,
        "read the list again from its file; marks stay",
    ),
    key(
        "enter",
        KeyCode::Enter,
        Act::Detail,
        "everything about the row",
    )
    .only(OPENS),
    key(
        "y",
        KeyCode::Char('y'),
        Act::Copy,
        "copy: then h HWID, m MAC, n name, l row",
    )
    .only(ROWS),
    key("↑", KeyCode::Up, Act::Up, "up"),
    key("↓", KeyCode::Down, Act::Down, "down"),
    key("k", KeyCode::Char('k'), Act::Up, "up"),
    key("j", KeyCode::Char('j'), Act::Down, "down"),
    key("PgUp", KeyCode::PageUp, Act::PageUp, "a screen up"),
    key("PgDn", KeyCode::PageDown, Act::PageDown, "a screen down"),
    key("g", KeyCode::Char('g'), Act::Top, "to the first row"),
    key("G", KeyCode::Char('G'), Act::Bottom, "to the last row"),
    key("Home", KeyCode::Home, Act::Top, "to the first row"),
    key("End", KeyCode::End, Act::Bottom, "to the last row"),
    key("←", KeyCode::Left, Act::Left, "columns to the left").only(DEVICES),
    key("→", KeyCode::Right, Act::Right, "columns to the right").only(DEVICES),
    key("h", KeyCode::Char('h'), Act::Left, "columns to the left").only(DEVICES),
    key("l", KeyCode::Char('l'), Act::Right, "columns to the right").only(DEVICES),
    key(
        "esc",
        KeyCode::Esc,
        Act::Back,
        "one step back: range, filter",
    ),
    key(
        "ctrl-z",
        KeyCode::Char('z'),
        Act::Suspend,
        "finish the call in flight, pause, suspend",
    )
    .control(),
    key(
        ":",
        KeyCode::Char(':'),
        Act::Command,
        "do anything by its name",
    ),
    key("?", KeyCode::Char('?'), Act::Help, "every key").foot("help"),
    key(
        "q",
        KeyCode::Char('q'),
        Act::Quit,
        "close the view; from the devices, leave",
    )
    .foot("quit"),
];
