//! The keys of dialogs. Each dialog has one table, from which its dispatch, its footer and its
//! section of the help are made.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Clone, Copy, Debug)]
pub enum Press {
    /// This key without ctrl and alt.
    Key(KeyCode),
    /// This character without ctrl and alt.
    Char(char),
    /// The character that is the name of the key, without ctrl and alt.
    Name,
    Control(char),
    /// An arrow up or down, a page key, home or end.
    Arrow,
    /// The same, `j`, `k`, `g` or `G`, or ctrl with `f`, `b`, `d` or `u`.
    Motion,
    Digit,
    /// Whatever edits a line of text.
    Text,
}

/// A key of a dialog, and the command that it stands for.
#[derive(Clone, Copy, Debug)]
pub struct DialogKey<C: 'static> {
    /// The key's name, such as `enter`; empty for a key that isn't shown.
    pub name: &'static str,
    pub presses: &'static [Press],
    pub command: C,
    /// What it does, in at most four words for the footer; empty if the footer doesn't show it.
    pub footer: &'static str,
    /// What it does, for the help; empty if the help doesn't show it.
    pub help: &'static str,
}

/// A key as the footer and the help show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    pub name: &'static str,
    pub footer: &'static str,
    pub help: &'static str,
    /// On how many devices it acts, where the footer says it.
    pub count: Option<usize>,
    /// What a click on it presses; none if it stands for several keys.
    pub press: Option<KeyEvent>,
}

/// A section of the help.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// What the dialog is for, and how it is opened.
    pub title: &'static str,
    pub hints: fn() -> Vec<Hint>,
}

/// A key with a label for the footer and one for the help.
pub const fn key<C>(
    name: &'static str,
    presses: &'static [Press],
    command: C,
    footer: &'static str,
    help: &'static str,
) -> DialogKey<C>
where
    C: Copy,
{
    DialogKey {
        name,
        presses,
        command,
        footer,
        help,
    }
}

/// A key whose name is its character.
pub const fn letter<C>(
    name: &'static str,
    command: C,
    footer: &'static str,
    help: &'static str,
) -> DialogKey<C>
where
    C: Copy,
{
    key(name, &[Press::Name], command, footer, help)
}

/// `esc`, and `q` as well where no text is typed.
pub const ESC: &[Press] = &[Press::Key(KeyCode::Esc)];
pub const ESC_OR_Q: &[Press] = &[Press::Key(KeyCode::Esc), Press::Char('q')];
/// What says no to a question: `esc`, `n` or `q`.
pub const DECLINE: &[Press] = &[Press::Key(KeyCode::Esc), Press::Char('n'), Press::Char('q')];
/// What closes a dialog that only shows something: `esc`, `enter` or `q`.
pub const DISMISS: &[Press] = &[
    Press::Key(KeyCode::Esc),
    Press::Key(KeyCode::Enter),
    Press::Char('q'),
];
pub const ENTER: &[Press] = &[Press::Key(KeyCode::Enter)];
pub const TAB: &[Press] = &[Press::Key(KeyCode::Tab)];
pub const SPACE: &[Press] = &[Press::Char(' ')];
/// Keys that move a cursor where no text is typed.
pub const MOTION: &[Press] = &[Press::Motion];
/// Keys that move a cursor beside a field of text.
pub const ARROW: &[Press] = &[Press::Arrow];
/// Keys that edit a field of text.
pub const TEXT: &[Press] = &[Press::Text];

/// What a dialog does that only shows lines.
#[derive(Clone, Copy, Debug)]
pub enum ViewerKey {
    Scroll,
    Back,
}

pub const VIEWER_KEYS: &[DialogKey<ViewerKey>] = &[
    key("↑↓", MOTION, ViewerKey::Scroll, "scroll", "scroll"),
    key("esc", DISMISS, ViewerKey::Back, "back", ""),
];

/// The command of a pressed key: that of the first entry that it matches.
pub fn command<C: Copy>(keys: &[DialogKey<C>], key: &KeyEvent) -> Option<C> {
    keys.iter()
        .find(|entry| {
            let mut presses = entry.presses.iter();
            presses.any(|press| press.matches(entry.name, key))
        })
        .map(|entry| entry.command)
}

/// The first key that is pressed for a command. `None` if it has none, or none that is a single key.
pub fn key_of<C: Copy + PartialEq>(keys: &[DialogKey<C>], command: C) -> Option<KeyEvent> {
    let entry = keys.iter().find(|entry| entry.command == command)?;
    entry.first_press()
}

impl<C> DialogKey<C> {
    /// The first key that is pressed for it, if that is a single key.
    fn first_press(&self) -> Option<KeyEvent> {
        let (code, modifiers) = match *self.presses.first()? {
            Press::Key(code) => (code, KeyModifiers::NONE),
            Press::Char(character) => (KeyCode::Char(character), KeyModifiers::NONE),
            Press::Name => (KeyCode::Char(self.name.chars().next()?), KeyModifiers::NONE),
            Press::Control(letter) => (KeyCode::Char(letter), KeyModifiers::CONTROL),
            Press::Arrow | Press::Motion | Press::Digit | Press::Text => return None,
        };
        Some(KeyEvent::new(code, modifiers))
    }
}

/// The keys of a table that are shown.
pub fn hints<C: Copy>(keys: &[DialogKey<C>]) -> Vec<Hint> {
    hints_where(keys, |_, _| true)
}

/// The keys of a table that are shown and whose command `keep` keeps, which may change their hints.
pub fn hints_where<C: Copy>(
    keys: &[DialogKey<C>],
    mut keep: impl FnMut(C, &mut Hint) -> bool,
) -> Vec<Hint> {
    let shown = keys.iter().filter(|key| !key.name.is_empty());
    shown
        .filter_map(|key| {
            let mut hint = Hint {
                name: key.name,
                footer: key.footer,
                help: key.help,
                count: None,
                press: key.first_press(),
            };
            keep(key.command, &mut hint).then_some(hint)
        })
        .collect()
}

impl Press {
    fn matches(self, name: &str, key: &KeyEvent) -> bool {
        let modified = key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let is_arrow = matches!(
            key.code,
            KeyCode::Up
                | KeyCode::Down
                | KeyCode::PageUp
                | KeyCode::PageDown
                | KeyCode::Home
                | KeyCode::End
        );
        match self {
            Self::Key(code) => !modified && key.code == code,
            Self::Char(character) => !modified && key.code == KeyCode::Char(character),
            Self::Name => {
                let character = key.code.as_char();
                !modified && character.is_some_and(|character| name.chars().eq([character]))
            }
            Self::Control(letter) => {
                key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char(letter)
            }
            Self::Arrow => !modified && is_arrow,
            Self::Motion => {
                let is_letter = matches!(key.code, KeyCode::Char('j' | 'k' | 'g' | 'G'));
                let is_page = matches!(key.code, KeyCode::Char('f' | 'b' | 'd' | 'u'));
                (!modified && (is_arrow || is_letter))
                    || (key.modifiers == KeyModifiers::CONTROL && is_page)
            }
            Self::Digit => {
                !modified && matches!(key.code, KeyCode::Char(digit) if digit.is_ascii_digit())
            }
            Self::Text => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[DialogKey<u8>] = &[
        key("enter", ENTER, 1, "go on", "go on"),
        key("", MOTION, 2, "", ""),
        key("esc", ESC_OR_Q, 3, "back", "back"),
        letter("D", 4, "drop", "drop"),
    ];

    #[test]
    fn dialog_keys_with_ctrl_or_alt_are_other_keys() {
        let press = |code, modifiers| command(KEYS, &KeyEvent::new(code, modifiers));
        assert_eq!(press(KeyCode::Enter, KeyModifiers::NONE), Some(1));
        assert_eq!(press(KeyCode::Char('j'), KeyModifiers::NONE), Some(2));
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::NONE), Some(3));
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::CONTROL), None);
        assert_eq!(press(KeyCode::Char('j'), KeyModifiers::ALT), None);
        assert_eq!(press(KeyCode::Char('x'), KeyModifiers::NONE), None);
        assert_eq!(press(KeyCode::Char('D'), KeyModifiers::SHIFT), Some(4));
        assert_eq!(press(KeyCode::Char('d'), KeyModifiers::NONE), None);
        assert_eq!(hints(KEYS).len(), 3, "a key without a name isn't shown");
    }

    #[test]
    fn key_of_a_command_is_the_first_of_its_entry() {
        let code = |command| key_of(KEYS, command).map(|key| key.code);
        assert_eq!(code(1), Some(KeyCode::Enter));
        assert_eq!(code(2), None, "several keys move");
        assert_eq!(code(3), Some(KeyCode::Esc));
        assert_eq!(code(4), Some(KeyCode::Char('D')));
        assert_eq!(code(5), None);
    }
}
