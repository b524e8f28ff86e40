//! Every binding, in the order of the help and the footer.

use crossterm::event::KeyCode;

use super::commands::{Command, View};

/// A key, what it does and on which screens, and its labels.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The name of the key, such as `ctrl-r`; the command with a colon if it has no key.
    pub name: &'static str,
    pub(super) code: KeyCode,
    pub(super) control: bool,
    /// What it does.
    pub command: Command,
    /// Where; everywhere if empty.
    pub(super) views: &'static [View],
    /// What it does, for the help.
    pub help: &'static str,
    /// The label in the footer, if it is shown there.
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
const LISTS: &[View] = &[View::Devices, View::Failures, View::History];
const PAUSES: &[View] = &[View::Devices, View::Run, View::Failures];

/// See the module.
pub(in crate::tui) const BINDINGS: &[Binding] = &[
    key(
        "space",
        KeyCode::Char(' '),
        Command::Mark,
        "mark or unmark the row",
    )
    .only(ROWS)
    .foot("mark"),
    key(
        "v",
        KeyCode::Char('v'),
        Command::Range,
        "begin a range; again marks it",
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
        "invert marks of shown rows",
    )
    .only(DEVICES),
    key(
        "U",
        KeyCode::Char('U'),
        Command::UnmarkAll,
        "unmark all devices",
    )
    .only(DEVICES),
    key(
        "u",
        KeyCode::Char('u'),
        Command::Undo,
        "undo last mark change",
    )
    .only(DEVICES),
    key("ctrl-r", KeyCode::Char('r'), Command::Redo, "redo")
        .control()
        .only(DEVICES),
    key(
        "/",
        KeyCode::Char('/'),
        Command::Filter,
        "filter; in the history: search all runs",
    )
    .only(SEARCHED)
    .foot("filter"),
    key(
        "I",
        KeyCode::Char('I'),
        Command::Import,
        "import a list of identifiers",
    )
    .only(DEVICES),
    key("F", KeyCode::Char('F'), Command::Filters, "named filters").only(DEVICES),
    key("s", KeyCode::Char('s'), Command::Sort, "sort by columns")
        .only(DEVICES)
        .foot("sort"),
    key(
        "c",
        KeyCode::Char('c'),
        Command::Columns,
        "show, move and size columns",
    )
    .only(DEVICES),
    key(
        "S",
        KeyCode::Char('S'),
        Command::Reverse,
        "reverse sort order",
    )
    .only(DEVICES),
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
        "pause or continue the run",
    )
    .only(PAUSES)
    .foot("pause"),
    key(
        "x",
        KeyCode::Char('x'),
        Command::Stop,
        "stop the run after this call",
    )
    .foot("stop"),
    key("1", KeyCode::Char('1'), Command::Devices, "devices"),
    key("2", KeyCode::Char('2'), Command::Run, "run").foot("run"),
    key("f", KeyCode::Char('f'), Command::Failures, "failures").foot("failures"),
    key("3", KeyCode::Char('3'), Command::Failures, "failures"),
    key(
        "w",
        KeyCode::Char('w'),
        Command::LookUp,
        "look up selected devices in the tenant (again: cancel)",
    )
    .only(FAILURES)
    .foot("look up"),
    key(
        "r",
        KeyCode::Char('r'),
        Command::Retry,
        "retry selected devices, after a confirmation",
    )
    .only(FAILURES)
    .foot("retry"),
    key(
        "o",
        KeyCode::Char('o'),
        Command::RetryOther,
        "retry by the other identifier, if a lookup confirms the device",
    )
    .only(FAILURES)
    .foot("other id"),
    key(
        "e",
        KeyCode::Char('e'),
        Command::Export,
        "save rows or a run to a file",
    )
    .only(LISTS),
    key("H", KeyCode::Char('H'), Command::History, "history").foot("history"),
    key("4", KeyCode::Char('4'), Command::History, "history"),
    key(
        "r",
        KeyCode::Char('r'),
        Command::ResumeRun,
        "resume the run",
    )
    .only(HISTORY)
    .foot("resume"),
    key(
        "c",
        KeyCode::Char('c'),
        Command::CloseRun,
        "close the run: unsent devices are given up",
    )
    .only(HISTORY)
    .foot("close"),
    named(
        ":fetch",
        Command::Fetch,
        "fetch the tenant's inventory (again: cancel)",
    ),
    named(
        ":reload",
        Command::Reload,
        "reload the list from its file; marks stay",
    ),
    key("enter", KeyCode::Enter, Command::Detail, "device details").only(LISTS),
    key(
        "y",
        KeyCode::Char('y'),
        Command::Copy,
        "copy: then h HWID, m MAC, n name, l row",
    )
    .only(ROWS),
    key(
        "Y",
        KeyCode::Char('Y'),
        Command::CopyToFile,
        "write what was copied last to a file",
    )
    .only(ROWS),
    key("↑", KeyCode::Up, Command::Up, "up").only(LISTS),
    key("↓", KeyCode::Down, Command::Down, "down").only(LISTS),
    key("k", KeyCode::Char('k'), Command::Up, "up").only(LISTS),
    key("j", KeyCode::Char('j'), Command::Down, "down").only(LISTS),
    key("PgUp", KeyCode::PageUp, Command::PageUp, "a screen up").only(LISTS),
    key(
        "PgDn",
        KeyCode::PageDown,
        Command::PageDown,
        "a screen down",
    )
    .only(LISTS),
    key("g", KeyCode::Char('g'), Command::Top, "to the first row").only(LISTS),
    key("G", KeyCode::Char('G'), Command::Bottom, "to the last row").only(LISTS),
    key("Home", KeyCode::Home, Command::Top, "to the first row").only(LISTS),
    key("End", KeyCode::End, Command::Bottom, "to the last row").only(LISTS),
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
    key("esc", KeyCode::Esc, Command::Back, "back: range, filter"),
    key(
        "ctrl-l",
        KeyCode::Char('l'),
        Command::Redraw,
        "draw the screen anew",
    )
    .control(),
    named(":mouse", Command::Mouse, "mouse on or off"),
    key(
        "ctrl-z",
        KeyCode::Char('z'),
        Command::Suspend,
        "pause after this call and suspend",
    )
    .control(),
    key(":", KeyCode::Char(':'), Command::Palette, "command palette"),
    key("?", KeyCode::Char('?'), Command::Help, "help").foot("help"),
    key(
        "q",
        KeyCode::Char('q'),
        Command::Quit,
        "close the screen; from devices: quit",
    )
    .foot("quit"),
];
