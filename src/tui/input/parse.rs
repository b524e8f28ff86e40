//! Keys by their names, as the configuration has them.

use crossterm::event::KeyCode;

/// What can be written for a key.
const KNOWN: &str = "write one character, ctrl- and a letter, f1 to f12, space, tab, enter, insert, \
                     delete, home, end, pageup, pagedown, up, down, left or right; or two of them with a space between";

/// Why a key can't be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::tui) enum KeyNameError {
    /// No key has this name.
    #[error("{KNOWN}")]
    Unknown,
    /// The key has another meaning; holds which.
    #[error("{0}; {KNOWN}")]
    Reserved(&'static str),
}

/// A key by its name, and whether ctrl goes with it.
pub(in crate::tui) fn parse(name: &str) -> Result<(KeyCode, bool), KeyNameError> {
    let reason = match name {
        // It leaves, whatever the configuration says.
        "ctrl-c" => "it always opens the quit dialog",
        // A terminal sends the same byte for both, so that they are indistinguishable.
        "ctrl-i" => "a terminal sends the same for tab",
        "ctrl-m" => "a terminal sends the same for enter",
        "ctrl-h" => "a terminal may send the same for backspace",
        "ctrl-[" => "a terminal sends the same for esc",
        _ => return known(name).ok_or(KeyNameError::Unknown),
    };
    Err(KeyNameError::Reserved(reason))
}

fn known(name: &str) -> Option<(KeyCode, bool)> {
    if let Some(letter) = name.strip_prefix("ctrl-") {
        let mut letters = letter.chars();
        return match (letters.next(), letters.next()) {
            (Some(letter @ 'a'..='z'), None) => Some((KeyCode::Char(letter), true)),
            _ => None,
        };
    }
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        let typed = !character.is_whitespace() && !crate::text::is_deceptive(character);
        return typed.then_some((KeyCode::Char(character), false));
    }
    let code = match name {
        "space" => KeyCode::Char(' '),
        "tab" => KeyCode::Tab,
        "enter" => KeyCode::Enter,
        "insert" => KeyCode::Insert,
        "delete" => KeyCode::Delete,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        _ => {
            let number = name.strip_prefix('f')?.parse().ok()?;
            (1..=12).contains(&number).then_some(KeyCode::F(number))?
        }
    };
    Some((code, false))
}
