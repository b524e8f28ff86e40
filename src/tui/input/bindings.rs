//! Every binding, in the order in which help and footer tell them.

use crossterm::event::KeyCode;

use super::commands::{Command, View};

/// A key, what it does and where, and how it is told.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What is pressed, as it is told: `ctrl-r`; the name with a colon of what has no key.
    pub name: &'static str,
    pub(super) code: KeyCode,
    pub(super) control: bool,
    /// What it does.
    pub command: Command,
    /// Where; everywhere if empty.
    pub(super) views: &'static [View],
    /// What it does, for the help.
    pub help: &'static str,
    /// What it does, in a word for the footer, if it is shown there.
    pub footer: Option<&'static str>,
}

const fn key(name: &'static str, code: KeyCode, command: Command, help: &'static str) -> Binding {
    Binding {
        name,
        code,
        control: false,
        command,
        views: &[],
        help,
        footer: None,
    }
}

/// What is done by its name, unless the configuration gives it a key.
const fn named(name: &'static str, command: Command, help: &'static str) -> Binding {
    key(name, KeyCode::Null, command, help)
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
        Command::Mark,
        "mark or unmark, and move on",
    )
    .only(ROWS)
    .foot("mark"),
    key(
        "v",
        KeyCode::Char('v'),
        Command::Range,
        "begin a range; again to mark it",
    )
    .only(DEVICES)
    .foot("range"),
    key(
        "a",
        KeyCode::Char('a'),
        Command::MarkShown,
        "mark all shown",
    )
    .only(DEVICES)
    .foot("all"),
    key(
        "A",
        KeyCode::Char('A'),
        Command::UnmarkShown,
        "unmark all shown",
    )
    .only(DEVICES),
    key(
        "i",
        KeyCode::Char('i'),
        Command::Invert,
        "turn the marks of all shown around",
    )
    .only(DEVICES),
    key(
        "U",
        KeyCode::Char('U'),
        Command::UnmarkAll,
        "unmark everything",
    )
    .only(DEVICES),
    key(
        "u",
        KeyCode::Char('u'),
        Command::Undo,
        "take the last change of marks back",
    )
    .only(DEVICES),
    key("ctrl-r", KeyCode::Char('r'), Command::Redo, "do it again")
        .control()
        .only(DEVICES),
    key(
        "/",
        KeyCode::Char('/'),
        Command::Filter,
        "filter; in the history: search devices in all runs",
    )
    .only(SEARCHED)
    .foot("filter"),
    key(
        "I",
        KeyCode::Char('I'),
        Command::Import,
        "mark what a ticket names",
    )
    .only(DEVICES),
    key(
        "F",
        KeyCode::Char('F'),
        Command::Filters,
        "the filters of the configuration",
    )
    .only(DEVICES),
    key(
        "s",
        KeyCode::Char('s'),
        Command::Sort,
        "choose the columns to sort by",
    )
    .only(DEVICES)
    .foot("sort"),
    key(
        "c",
        KeyCode::Char('c'),
        Command::Columns,
        "choose, order and size the columns",
    )
    .only(DEVICES),
    key(
        "S",
        KeyCode::Char('S'),
        Command::Reverse,
        "turn the order around",
    )
    .only(DEVICES),
    key("S", KeyCode::Char('S'), Act::Reverse, "reverse sort order").only(DEVICES),
    key(
        "d",
        KeyCode::Char('d'),
        Command::Delete,
        "uninstall, archive or remove the marked devices",
    )
    .only(DEVICES)
    .foot("delete…"),
    key(
        "p",
        KeyCode::Char('p'),
        Command::Pause,
        "pause the run, or go on",
    )
    .only(PAUSES)
    .foot("pause"),
    key(
        "x",
        KeyCode::Char('x'),
        Command::Stop,
        "stop the run after the call in flight",
    )
    .foot("stop"),
    key("1", KeyCode::Char('1'), Command::Devices, "the devices"),
    key("2", KeyCode::Char('2'), Command::Run, "the run").foot("run"),
    key(
        "f",
        KeyCode::Char('f'),
        Command::Failures,
        "what was not accepted, and why",
    )
    .foot("failures"),
    key("3", KeyCode::Char('3'), Command::Failures, "the same"),
    key(
        "w",
        KeyCode::Char('w'),
        Command::LookUp,
        "ask the tenant why: look the marked rows, the row or the group up; again to end it",
    )
    .only(FAILURES)
    .foot("look up"),
    key(
        "r",
        KeyCode::Char('r'),
        Command::Retry,
        "send again what a retry can help, through the same confirmation",
    )
    .only(FAILURES)
    .foot("retry"),
    key(
        "o",
        KeyCode::Char('o'),
        Command::RetryOther,
        "send again by the other identifier, if a lookup shows that it is the same device",
    )
    .only(FAILURES)
    .foot("other id"),
    key(
        "e",
        KeyCode::Char('e'),
        Command::Export,
        "write rows, or a run, to a file that opens as a list again",
    )
    .only(OPENS),
    key("H", KeyCode::Char('H'), Command::History, "all runs").foot("history"),
    key("4", KeyCode::Char('4'), Command::History, "the same"),
    key(
        "r",
        KeyCode::Char('r'),
        Command::ResumeRun,
        "take the run up again",
    )
    .only(HISTORY)
    .foot("resume"),
    key(
        "c",
        KeyCode::Char('c'),
        Command::CloseRun,
        "give up what the run has not sent",
    )
    .only(HISTORY)
    .foot("close"),
    named(
        ":fetch",
        Command::Fetch,
        "read the tenant's inventory into a list; again to end it",
    ),
    named(
        ":reload",
        Command::Reload,
        "read the list again from its file; marks stay",
    ),
    key(
        "enter",
        KeyCode::Enter,
        Command::Detail,
        "everything about the row",
    )
    .only(OPENS),
    key(
        "y",
        KeyCode::Char('y'),
        Command::Copy,
        "copy: then h HWID, m MAC, n name, l row",
    )
    .only(ROWS),
    key("↑", KeyCode::Up, Command::Up, "up"),
    key("↓", KeyCode::Down, Command::Down, "down"),
    key("k", KeyCode::Char('k'), Command::Up, "up"),
    key("j", KeyCode::Char('j'), Command::Down, "down"),
    key("PgUp", KeyCode::PageUp, Command::PageUp, "a screen up"),
    key(
        "PgDn",
        KeyCode::PageDown,
        Command::PageDown,
        "a screen down",
    ),
    key("g", KeyCode::Char('g'), Command::Top, "to the first row"),
    key("G", KeyCode::Char('G'), Command::Bottom, "to the last row"),
    key("Home", KeyCode::Home, Command::Top, "to the first row"),
    key("End", KeyCode::End, Command::Bottom, "to the last row"),
    key("←", KeyCode::Left, Command::Left, "columns to the left").only(DEVICES),
    key("→", KeyCode::Right, Command::Right, "columns to the right").only(DEVICES),
    key(
        "h",
        KeyCode::Char('h'),
        Command::Left,
        "columns to the left",
    )
    .only(DEVICES),
    key(
        "l",
        KeyCode::Char('l'),
        Command::Right,
        "columns to the right",
    )
    .only(DEVICES),
    key(
        "esc",
        KeyCode::Esc,
        Command::Back,
        "one step back: range, filter",
    ),
    key(
        "ctrl-z",
        KeyCode::Char('z'),
        Command::Suspend,
        "finish the call in flight, pause, suspend",
    )
    .control(),
    key(
        ":",
        KeyCode::Char(':'),
        Command::Palette,
        "do anything by its name",
    ),
    key("?", KeyCode::Char('?'), Command::Help, "every key").foot("help"),
    key(
        "q",
        KeyCode::Char('q'),
        Command::Quit,
        "close the view; from the devices, leave",
    )
    .foot("quit"),
];
