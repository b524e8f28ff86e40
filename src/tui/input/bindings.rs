//! Every binding, in the order of the help and the footer.

use crossterm::event::KeyCode;

use super::commands::{Command, Task, View};

/// A key, what it does and on which screens, and its labels.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The name of the key, such as `ctrl-r`; the command with a colon if it has no key.
    pub name: &'static str,
    pub(super) code: KeyCode,
    pub(super) control: bool,
    pub command: Command,
    /// Where; everywhere if empty.
    pub(super) views: &'static [View],
    /// What it is for: the section of the help.
    pub task: Task,
    /// What it does, for the help.
    pub help: &'static str,
    /// Its label in the footer, if it is shown there.
    pub footer: Option<Footer>,
}

/// A label in the footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
    /// What the key does, in a word or two.
    pub label: &'static str,
    /// Where there is no room for all, labels with a higher rank go first.
    pub rank: u8,
}

const fn key(
    name: &'static str,
    code: KeyCode,
    command: Command,
    task: Task,
    help: &'static str,
) -> Binding {
    Binding {
        name,
        code,
        control: false,
        command,
        views: &[],
        task,
        help,
        footer: None,
    }
}

/// The key of a character.
const fn letter(name: &'static str, command: Command, task: Task, help: &'static str) -> Binding {
    // Names of this function are one ASCII character.
    let character = name.as_bytes()[0] as char;
    key(name, KeyCode::Char(character), command, task, help)
}

/// What is done by its name, unless the configuration gives it a key.
const fn named(name: &'static str, command: Command, task: Task, help: &'static str) -> Binding {
    key(name, KeyCode::Null, command, task, help)
}

/// A letter with ctrl, whose name begins with `ctrl-`.
const fn control(name: &'static str, command: Command, task: Task, help: &'static str) -> Binding {
    let character = name.as_bytes()[5] as char;
    let mut binding = key(name, KeyCode::Char(character), command, task, help);
    binding.control = true;
    binding
}

impl Binding {
    const fn only(mut self, views: &'static [View]) -> Self {
        self.views = views;
        self
    }

    const fn foot(mut self, label: &'static str, rank: u8) -> Self {
        self.footer = Some(Footer { label, rank });
        self
    }
}

const DEVICES: &[View] = &[View::Devices];
const ROWS: &[View] = &[View::Devices, View::Failures];
const FAILURES: &[View] = &[View::Failures];
const HISTORY: &[View] = &[View::History];
const SEARCHED: &[View] = &[View::Devices, View::History];
const LISTS: &[View] = &[View::Devices, View::Failures, View::History];
const RUN: &[View] = &[View::Run];
const RUNS: &[View] = &[View::Run, View::History];
const PAUSES: &[View] = &[View::Devices, View::Run, View::Failures];
const OTHERS: &[View] = &[View::Run, View::Failures, View::History];

#[rustfmt::skip]
pub(in crate::tui) const BINDINGS: &[Binding] = &[
    key("space", KeyCode::Char(' '), Command::Mark, Task::Mark, "mark, move down").only(ROWS).foot("mark", 1),
    letter("v", Command::Range, Task::Mark, "start or mark a range").only(DEVICES),
    letter("a", Command::MarkShown, Task::Mark, "mark shown").only(DEVICES).foot("mark shown", 1),
    letter("A", Command::UnmarkShown, Task::Mark, "unmark shown").only(DEVICES),
    letter("*", Command::Invert, Task::Mark, "invert shown").only(DEVICES),
    letter("U", Command::UnmarkAll, Task::Mark, "unmark all").only(DEVICES),
    letter("u", Command::Undo, Task::Mark, "undo marks").only(DEVICES),
    control("ctrl-r", Command::Redo, Task::Mark, "redo marks").only(DEVICES),
    key("insert", KeyCode::Insert, Command::Mark, Task::Mark, "mark, move down").only(ROWS),
    letter("p", Command::Pause, Task::Act, "pause, resume the run").only(PAUSES).foot("pause", 1),
    letter("x", Command::Stop, Task::Act, "stop after this call").foot("stop after this call", 1),
    letter("/", Command::Filter, Task::Find, "filter, search").only(SEARCHED).foot("filter", 1),
    letter("=", Command::LikeThis, Task::Find, "like this…").only(DEVICES).foot("like this", 2),
    letter("i", Command::ListInfo, Task::Look, "how the list was read").only(ROWS),
    letter("i", Command::RunInfo, Task::Look, "about the run").only(RUNS).foot("about the run", 5),
    letter("o", Command::Overview, Task::Look, "overview").only(DEVICES).foot("overview", 1),
    key("tab", KeyCode::Tab, Command::Panel, Task::Move, "switch table and panel").only(SEARCHED),
    letter("m", Command::MarkedOnly, Task::Look, "marked only").only(DEVICES),
    letter("n", Command::NextMark, Task::Move, "next mark").only(DEVICES),
    letter("N", Command::PreviousMark, Task::Move, "previous mark").only(DEVICES),
    letter("n", Command::NextMark, Task::Move, "next group").only(FAILURES).foot("next group", 4),
    letter("N", Command::PreviousMark, Task::Move, "previous group").only(FAILURES),
    letter("t", Command::Twin, Task::Find, "next twin device").only(DEVICES),
    letter("I", Command::Import, Task::Find, "import a ticket").only(DEVICES),
    letter("M", Command::MatchInventory, Task::Find, "match with the inventory").only(DEVICES).foot("match with the inventory", 4),
    letter("F", Command::Filters, Task::Find, "saved, suggested filters").only(DEVICES),
    letter("s", Command::Sort, Task::Look, "sort…").only(DEVICES).foot("sort", 3),
    letter("S", Command::Reverse, Task::Look, "reverse the order").only(DEVICES),
    letter("c", Command::Columns, Task::Look, "columns…").only(DEVICES),
    letter("w", Command::LookUp, Task::Act, "look up in the tenant").only(FAILURES).foot("look up", 1),
    letter("r", Command::Retry, Task::Act, "retry…").only(FAILURES).foot("retry", 1),
    letter("O", Command::RetryOther, Task::Act, "retry by other identifier").only(FAILURES).foot("other identifier", 2),
    letter("r", Command::ResumeRun, Task::Act, "resume the run").only(HISTORY).foot("resume", 1),
    letter("t", Command::Trend, Task::Look, "trend over time").only(HISTORY).foot("trend", 2),
    letter("X", Command::CloseRun, Task::Act, "close the run").only(HISTORY).foot("close", 2),
    letter("V", Command::Verify, Task::Look, "verify accepted devices").only(HISTORY).foot("verify", 2),
    letter("c", Command::Compare, Task::Look, "compare with list").only(HISTORY).foot("compare with list", 3),
    key("enter", KeyCode::Enter, Command::Detail, Task::Look, "device detail").only(ROWS).foot("detail", 2),
    key("enter", KeyCode::Enter, Command::Detail, Task::Look, "open the run").only(HISTORY).foot("open", 1),
    key("enter", KeyCode::Enter, Command::Detail, Task::Look, "devices of the call").only(RUN).foot("call", 4),
    letter("J", Command::Row, Task::Look, "row as the list held it").only(HISTORY).foot("row", 3),
    letter("e", Command::Export, Task::Act, "export to a file").only(LISTS).foot("export", 3),
    letter("e", Command::Export, Task::Act, "export the run").only(RUN),
    letter("y", Command::Copy, Task::Act, "copy…").only(ROWS),
    letter("Y", Command::CopyToFile, Task::Act, "last copy to a file").only(ROWS),
    letter("d", Command::Delete, Task::Act, "delete marked devices…").only(DEVICES).foot("delete", 0),
    key("delete", KeyCode::Delete, Command::Delete, Task::Act, "delete marked devices…").only(DEVICES),
    named(":hold", Command::Hold, Task::Act, "hold devices until…").only(DEVICES),
    named(":hold-end", Command::EndHold, Task::Act, "end holds…").only(DEVICES),
    named(":fetch", Command::Fetch, Task::Go, "fetch the inventory"),
    letter("R", Command::Restore, Task::Go, "restore the view, reload").only(DEVICES),
    named(":reload", Command::Reload, Task::Go, "reload the list"),
    named(":messages", Command::Messages, Task::Look, "earlier messages"),
    key("↑", KeyCode::Up, Command::Up, Task::Move, "up"),
    key("↓", KeyCode::Down, Command::Down, Task::Move, "down"),
    letter("k", Command::Up, Task::Move, "up"),
    letter("j", Command::Down, Task::Move, "down"),
    key("PgUp", KeyCode::PageUp, Command::PageUp, Task::Move, "a screen up"),
    key("PgDn", KeyCode::PageDown, Command::PageDown, Task::Move, "a screen down"),
    control("ctrl-b", Command::PageUp, Task::Move, "a screen up"),
    control("ctrl-f", Command::PageDown, Task::Move, "a screen down"),
    control("ctrl-u", Command::HalfPageUp, Task::Move, "half a screen up"),
    control("ctrl-d", Command::HalfPageDown, Task::Move, "half a screen down"),
    letter("g", Command::Top, Task::Move, "to the first row"),
    letter("G", Command::Bottom, Task::Move, "to the last row"),
    key("Home", KeyCode::Home, Command::Top, Task::Move, "to the first row"),
    key("End", KeyCode::End, Command::Bottom, Task::Move, "to the last row"),
    key("←", KeyCode::Left, Command::Left, Task::Move, "columns to the left").only(DEVICES),
    key("→", KeyCode::Right, Command::Right, Task::Move, "columns to the right").only(DEVICES),
    letter("h", Command::Left, Task::Move, "columns to the left").only(DEVICES),
    letter("l", Command::Right, Task::Move, "columns to the right").only(DEVICES),
    letter("0", Command::FirstColumn, Task::Move, "to the first column").only(DEVICES),
    letter("$", Command::LastColumn, Task::Move, "to the last column").only(DEVICES),
    letter("1", Command::Devices, Task::Go, "devices").foot("devices", 2),
    letter("2", Command::Run, Task::Go, "run"),
    letter("3", Command::Failures, Task::Go, "failures").foot("failures", 2),
    letter("4", Command::History, Task::Go, "history"),
    letter("f", Command::Failures, Task::Go, "failures"),
    letter("H", Command::History, Task::Go, "history"),
    key("esc", KeyCode::Esc, Command::Back, Task::Go, "step back"),
    control("ctrl-l", Command::Redraw, Task::Go, "redraw the screen"),
    named(":mouse", Command::Mouse, Task::Go, "mouse on or off"),
    control("ctrl-z", Command::Suspend, Task::Go, "suspend"),
    letter(":", Command::Palette, Task::Go, "commands").foot("commands", 2),
    control("ctrl-p", Command::Palette, Task::Go, "commands"),
    letter("?", Command::Help, Task::Go, "help").foot("help", 0),
    key("F1", KeyCode::F(1), Command::Help, Task::Go, "help"),
    letter("q", Command::Quit, Task::Go, "quit").only(DEVICES).foot("quit", 0),
    letter("q", Command::Quit, Task::Go, "back to the devices").only(OTHERS).foot("back", 0),
];
