//! The one key table: footer, help and dispatch are made from it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A view of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The table.
    Devices,
    /// The run, and what it waits for.
    Run,
    /// What was not accepted, grouped by reason.
    Failures,
    /// The runs of the journal.
    History,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// Mark or unmark, and move on.
    Mark,
    /// Begin or end a range.
    Range,
    /// Mark all shown.
    MarkShown,
    /// Unmark all shown.
    UnmarkShown,
    /// Turn the marks of all shown around.
    Invert,
    /// Unmark everything.
    UnmarkAll,
    /// Take the last change of marks back.
    Undo,
    /// Do it again.
    Redo,
    /// Choose the columns to sort by.
    Sort,
    /// Choose, order and size the columns.
    Columns,
    /// Turn the order around.
    Reverse,
    /// Everything about the device.
    Detail,
    /// Filter.
    Filter,
    /// Copy something of the row.
    Copy,
    /// Uninstall, archive or remove.
    Delete,
    /// Pause the run, or go on.
    Pause,
    /// Stop the run after the call in flight.
    Stop,
    /// The devices.
    Devices,
    /// The run.
    Run,
    /// The failures.
    Failures,
    /// Ask the tenant why.
    Why,
    /// The runs of the journal.
    History,
    /// Take the run up again.
    ResumeRun,
    /// Give up what the run has not sent.
    CloseRun,
    /// Every key.
    Help,
    /// Finish the call in flight, pause, suspend.
    Suspend,
    /// One step back.
    Back,
    /// Close the view, or leave.
    Quit,
}

/// A key, what it does and where, and how it is told.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What is pressed, as it is told: `ctrl-r`.
    pub name: &'static str,
    code: KeyCode,
    control: bool,
    /// What it does.
    pub act: Act,
    /// Where; everywhere if empty.
    views: &'static [View],
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

    fn is_in(&self, view: View) -> bool {
        self.views.is_empty() || self.views.contains(&view)
    }
}

const DEVICES: &[View] = &[View::Devices];
const ROWS: &[View] = &[View::Devices, View::Failures];
const FAILURES: &[View] = &[View::Failures];
const HISTORY: &[View] = &[View::History];
const OPENS: &[View] = &[View::Devices, View::Failures, View::History];
const PAUSES: &[View] = &[View::Devices, View::Run, View::Failures];

/// Every binding, in the order in which help and footer tell them.
pub const BINDINGS: &[Binding] = &[
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
    key("/", KeyCode::Char('/'), Act::Filter, "filter")
        .only(DEVICES)
        .foot("filter"),
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
    key("?", KeyCode::Char('?'), Act::Help, "every key").foot("help"),
    key(
        "q",
        KeyCode::Char('q'),
        Act::Quit,
        "close the view; from the devices, leave",
    )
    .foot("quit"),
];

/// What a key does in a view.
pub fn act(view: View, event: &KeyEvent) -> Option<Act> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    BINDINGS
        .iter()
        .find(|binding| {
            binding.code == event.code && binding.control == control && binding.is_in(view)
        })
        .map(|binding| binding.act)
}

/// The bindings that a view's footer shows.
pub fn footer(view: View) -> impl Iterator<Item = &'static Binding> {
    BINDINGS
        .iter()
        .filter(move |binding| binding.footer.is_some() && binding.is_in(view))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things_in_a_view() {
        for (index, binding) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[index + 1..] {
                let same = (binding.code, binding.control) == (other.code, other.control);
                let meet = [View::Devices, View::Run, View::Failures]
                    .iter()
                    .any(|&view| binding.is_in(view) && other.is_in(view));
                assert!(!(same && meet), "{} and {}", binding.help, other.help);
            }
        }
    }

    #[test]
    fn keys_belong_to_views() {
        let key = |character| KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE);
        assert_eq!(act(View::Devices, &key('d')), Some(Act::Delete));
        assert_eq!(act(View::Failures, &key('d')), None);
        let control = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
        assert_eq!(act(View::Devices, &control), Some(Act::Redo));
        assert_eq!(act(View::Devices, &key('r')), None);
    }
}
