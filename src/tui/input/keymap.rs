//! The keys: footer, help and dispatch are made from the one table, which the configuration may
//! change.

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::bindings::{BINDINGS, Binding};
use super::commands::{ACTIONS, Command, View};
use super::parse::{KeyNameError, parse};
use crate::config::KeySetting;

/// A key and what it does.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name of the key, such as `ctrl-r`.
    pub name: Cow<'static, str>,
    pub(super) press: Press,
    /// The key that has to follow, of two.
    pub(super) second: Option<Press>,
    pub binding: &'static Binding,
}

/// A press of a key, and whether ctrl goes with it.
pub(super) type Press = (KeyCode, bool);

/// What a press leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// It does this, by itself or after the first of two keys.
    Command(Command),
    /// It is the first of two keys.
    First,
    /// Nothing. After the first of two keys both are dropped: the second one was not meant alone.
    Nothing,
}

impl Key {
    /// True if it does something in this view.
    pub fn is_in(&self, view: View) -> bool {
        self.binding.is_in(view)
    }

    /// The keys that are pressed for it, one or two; none if it has a name only.
    pub fn presses(&self) -> Vec<KeyEvent> {
        let presses = [Some(self.press), self.second];
        let presses = presses.into_iter().flatten();
        presses
            .filter(|(code, _)| *code != KeyCode::Null)
            .map(|(code, control)| {
                let modifiers = if control {
                    KeyModifiers::CONTROL
                } else {
                    KeyModifiers::NONE
                };
                KeyEvent::new(code, modifiers)
            })
            .collect()
    }
}

#[derive(Clone, Debug)]
pub struct KeyMap(Vec<Key>);

/// What is wrong with the configuration's keys, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    /// From 1.
    line: usize,
    mistake: Mistake,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mistake {
    Setting(String),
    Clash {
        key: String,
        action: &'static str,
        /// The other key, if it isn't the same: one of them is the first of two.
        other_key: Option<String>,
        other: &'static str,
        /// Where the other action got the key, unless it is its usual one.
        line: Option<usize>,
    },
}

impl KeyError {
    /// The error, with the file and the line of each place that it is about.
    pub fn in_file(&self, path: &str) -> String {
        let place = format!("{path}:{}", self.line);
        match &self.mistake {
            Mistake::Setting(what) => format!("{place}: {what}"),
            Mistake::Clash {
                key,
                action,
                other_key,
                other,
                line,
            } => {
                let other_place = line.map_or_else(
                    || "its usual key".to_owned(),
                    |line| format!("{path}:{line}"),
                );
                let clash = match other_key {
                    None => format!("is taken by {other} ({other_place})"),
                    Some(other_key) if key.len() > other_key.len() => {
                        format!(
                            "begins with '{other_key}', which is taken by {other} ({other_place})"
                        )
                    }
                    Some(other_key) => {
                        format!("begins '{other_key}' for {other} ({other_place})")
                    }
                };
                format!(
                    "{place}: the key '{key}' for {action} {clash}: choose another for one of them"
                )
            }
        }
    }
}

impl Default for KeyMap {
    fn default() -> Self {
        let keys = BINDINGS.iter().map(|binding| Key {
            name: Cow::Borrowed(binding.name),
            press: (binding.code, binding.control),
            second: None,
            binding,
        });
        Self(keys.collect())
    }
}

impl KeyMap {
    /// The usual keys with those of the configuration in their place. A letter takes the place of the
    /// action's letter; arrows and the like stay.
    pub fn new(settings: &[KeySetting]) -> Result<Self, KeyError> {
        let mut map = Self::default();
        let mut lines: Vec<Option<usize>> = vec![None; map.0.len()];
        for setting in settings {
            let refuse = |what| KeyError {
                line: setting.line,
                mistake: Mistake::Setting(what),
            };
            let command =
                action(&setting.action).ok_or_else(|| refuse(unknown_action(&setting.action)))?;
            let (press, second) = presses(&setting.key).map_err(|reason| {
                let key = crate::text::visible(&setting.key);
                refuse(format!("'{key}' is not a key that can be set: {reason}"))
            })?;
            let of_command = |key: &Key| key.binding.command == command;
            let is_letter = |key: &Key| matches!(key.press.0, KeyCode::Char(_));
            let at = map
                .0
                .iter()
                .position(|key| of_command(key) && is_letter(key));
            let at = at.or_else(|| map.0.iter().position(of_command));
            let usual = at.and_then(|at| map.0.get(at)).map(|key| key.press);
            // An action that does something else in other views has an entry for each.
            for (key, line) in map.0.iter_mut().zip(&mut lines) {
                if of_command(key) && Some(key.press) == usual {
                    key.name = Cow::Owned(setting.key.clone());
                    (key.press, key.second) = (press, second);
                    *line = Some(setting.line);
                }
            }
        }
        map.check(&lines)?;
        Ok(map)
    }

    /// Refuses a key that does two things in a view, alone or as the first of two.
    fn check(&self, lines: &[Option<usize>]) -> Result<(), KeyError> {
        for (index, key) in self.0.iter().enumerate() {
            for (other_index, other) in self.0.iter().enumerate() {
                let Some(line) = lines[index] else { continue };
                let alone = key.second.is_none() || other.second.is_none();
                let same = key.press == other.press
                    && key.press.0 != KeyCode::Null
                    && (alone || key.second == other.second);
                let meet = View::ALL
                    .iter()
                    .any(|&view| key.binding.is_in(view) && other.binding.is_in(view));
                if index == other_index || !same || !meet {
                    continue;
                }
                return Err(KeyError {
                    line,
                    mistake: Mistake::Clash {
                        key: crate::text::visible(&key.name).into_owned(),
                        action: key.binding.command.name(),
                        other_key: (key.second != other.second)
                            .then(|| crate::text::visible(&other.name).into_owned()),
                        other: other.binding.command.name(),
                        line: lines[other_index],
                    },
                });
            }
        }
        Ok(())
    }

    /// All keys, in the order of the help.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// The name of the first key that does this; empty if none does.
    pub fn name_of(&self, command: Command) -> &str {
        let mut keys = self.0.iter();
        let key = keys.find(|key| key.binding.command == command);
        key.map_or("", |key| &key.name)
    }

    /// What a key does in a view by itself.
    pub fn command(&self, view: View, event: &KeyEvent) -> Option<Command> {
        match self.press(view, None, event) {
            Pressed::Command(command) => Some(command),
            Pressed::First | Pressed::Nothing => None,
        }
    }

    /// What a key does in a view, after the first of two keys if that was pressed.
    pub fn press(&self, view: View, first: Option<&KeyEvent>, event: &KeyEvent) -> Pressed {
        let Some(last) = press_of(event) else {
            return Pressed::Nothing;
        };
        let mut here = self.0.iter().filter(|key| key.binding.is_in(view));
        if let Some(first) = first {
            let first = press_of(first);
            let found = here.find(|key| Some(key.press) == first && key.second == Some(last));
            return found.map_or(Pressed::Nothing, |key| {
                Pressed::Command(key.binding.command)
            });
        }
        match here.find(|key| key.press == last) {
            Some(key) if key.second.is_some() => Pressed::First,
            Some(key) => Pressed::Command(key.binding.command),
            None => Pressed::Nothing,
        }
    }

    /// The keys of a view that begin with this one and have a second.
    pub fn seconds(&self, view: View, first: &KeyEvent) -> impl Iterator<Item = &Key> {
        let first = press_of(first);
        self.0.iter().filter(move |key| {
            key.second.is_some() && Some(key.press) == first && key.binding.is_in(view)
        })
    }

    /// The keys that a view's footer shows.
    pub fn footer(&self, view: View) -> impl Iterator<Item = &Key> {
        self.0
            .iter()
            .filter(move |key| key.binding.footer.is_some() && key.binding.is_in(view))
    }
}

impl Command {
    /// Its name; empty for what can't be remapped.
    pub fn name(self) -> &'static str {
        ACTIONS
            .iter()
            .find(|(command, _)| *command == self)
            .map_or("", |(_, name)| name)
    }

    /// True if it can be done in this view.
    pub fn is_in(self, view: View) -> bool {
        BINDINGS
            .iter()
            .any(|binding| binding.command == self && binding.is_in(view))
    }

    /// The first view where it is there, unless it is everywhere.
    pub fn home(self) -> Option<View> {
        let first = BINDINGS.iter().find(|binding| binding.command == self)?;
        first.views.first().copied()
    }
}

impl View {
    pub fn command(self) -> Command {
        match self {
            Self::Devices => Command::Devices,
            Self::Run => Command::Run,
            Self::Failures => Command::Failures,
            Self::History => Command::History,
        }
    }

    /// Its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Run => "run",
            Self::Failures => "failures",
            Self::History => "history",
        }
    }

    pub(in crate::tui) const ALL: [Self; 4] =
        [Self::Devices, Self::Run, Self::Failures, Self::History];
}

impl Binding {
    /// The view that alone has it.
    pub fn only_view(&self) -> Option<View> {
        match self.views {
            [only] => Some(*only),
            _ => None,
        }
    }

    fn is_in(&self, view: View) -> bool {
        self.views.is_empty() || self.views.contains(&view)
    }
}

/// A key by its name, or two keys with a space between their names.
fn presses(name: &str) -> Result<(Press, Option<Press>), KeyNameError> {
    match name.split_once(' ') {
        Some((first, second)) => Ok((parse(first)?, Some(parse(second)?))),
        None => Ok((parse(name)?, None)),
    }
}

/// The press of an event; none with alt, or for what isn't a key.
fn press_of(event: &KeyEvent) -> Option<Press> {
    let is_key = !event.modifiers.contains(KeyModifiers::ALT) && event.code != KeyCode::Null;
    is_key.then_some((event.code, event.modifiers.contains(KeyModifiers::CONTROL)))
}

/// The error about a name that no action has, with the nearest ones that exist, else all of them.
fn unknown_action(name: &str) -> String {
    let shown = crate::text::visible(name);
    let nearest = crate::text::nearest(name, ACTIONS.iter().map(|(_, known)| *known));
    match nearest {
        Some(known) => format!("unknown action '{shown}': did you mean '{known}'?"),
        None => {
            let known: Vec<&str> = ACTIONS.iter().map(|(_, name)| *name).collect();
            format!("unknown action '{shown}': use one of {}", known.join(", "))
        }
    }
}

pub fn action(name: &str) -> Option<Command> {
    ACTIONS
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(command, _)| *command)
}

#[cfg(test)]
mod tests;
