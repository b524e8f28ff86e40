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
        "mark or unmark the row",
    )
    .only(ROWS)
    .foot("mark"),
    key(
        "v",
        KeyCode::Char('v'),
        Act::Range,
        "begin a range; again marks it",
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
        "invert marks of shown rows",
    )
    .only(DEVICES),
    key(
        "U",
        KeyCode::Char('U'),
        Act::UnmarkAll,
        "unmark all devices",
    )
    .only(DEVICES),
    key("u", KeyCode::Char('u'), Act::Undo, "undo last mark change").only(DEVICES),
    key("ctrl-r", KeyCode::Char('r'), Act::Redo, "redo")
        .control()
        .only(DEVICES),
    key(
        "/",
        KeyCode::Char('/'),
        Act::Filter,
        "filter; in the history: search all runs",
    )
    .only(SEARCHED)
    .foot("filter"),
    key(
        "I",
        KeyCode::Char('I'),
        Act::Import,
        "import a list of identifiers",
    )
    .only(DEVICES),
    key("F", KeyCode::Char('F'), Act::Filters, "named filters").only(DEVICES),
    key("s", KeyCode::Char('s'), Act::Sort, "sort by columns")
        .only(DEVICES)
        .foot("sort"),
    key(
        "c",
        KeyCode::Char('c'),
        Act::Columns,
        "show, move and size columns",
    )
    .only(DEVICES),
    key("S", KeyCode::Char('S'), Act::Reverse, "reverse sort order").only(DEVICES),
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
        "pause or continue the run",
    )
    .only(PAUSES)
    .foot("pause"),
    key(
        "x",
        KeyCode::Char('x'),
        Act::Stop,
        "stop the run after this call",
    )
    .foot("stop"),
    key("1", KeyCode::Char('1'), Act::Devices, "devices"),
    key("2", KeyCode::Char('2'), Act::Run, "run").foot("run"),
    key("f", KeyCode::Char('f'), Act::Failures, "failures").foot("failures"),
    key("3", KeyCode::Char('3'), Act::Failures, "failures"),
    key(
        "w",
        KeyCode::Char('w'),
        Act::Why,
        "look up selected devices in the tenant (again: cancel)",
    )
    .only(FAILURES)
    .foot("look up"),
    key(
        "r",
        KeyCode::Char('r'),
        Act::Retry,
        "retry selected devices, after a confirmation",
    )
    .only(FAILURES)
    .foot("retry"),
    key(
        "o",
        KeyCode::Char('o'),
        Act::RetryOther,
        "retry by the other identifier, if a lookup confirms the device",
    )
    .only(FAILURES)
    .foot("other id"),
    key(
        "e",
        KeyCode::Char('e'),
        Act::Export,
        "save rows or a run to a file",
    )
    .only(OPENS),
    key("H", KeyCode::Char('H'), Act::History, "history").foot("history"),
    key("4", KeyCode::Char('4'), Act::History, "history"),
    key("r", KeyCode::Char('r'), Act::ResumeRun, "resume the run")
        .only(HISTORY)
        .foot("resume"),
    key(
        "c",
        KeyCode::Char('c'),
        Act::CloseRun,
        "close the run: unsent devices are given up",
    )
    .only(HISTORY)
    .foot("close"),
    named(
        ":fetch",
        Act::Fetch,
        "fetch the tenant's inventory (again: cancel)",
    ),
    named(
        ":reload",
        Act::Reload,
        "reload the list from its file; marks stay",
    ),
    key("enter", KeyCode::Enter, Act::Detail, "device details").only(OPENS),
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
    key("esc", KeyCode::Esc, Act::Back, "back: range, filter"),
    key(
        "ctrl-z",
        KeyCode::Char('z'),
        Act::Suspend,
        "pause after this call and suspend",
    )
    .control(),
    key(":", KeyCode::Char(':'), Act::Command, "command palette"),
    key("?", KeyCode::Char('?'), Act::Help, "help").foot("help"),
    key(
        "q",
        KeyCode::Char('q'),
        Act::Quit,
        "close the screen; from devices: quit",
    )
    .foot("quit"),
];
