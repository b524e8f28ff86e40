//! The keys: footer, help and dispatch are made from the one table, which the configuration may
//! change.

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::bindings::{BINDINGS, Binding};
use super::commands::{ACTIONS, Command, View};
use super::parse::parse;
use crate::config::KeySetting;

/// A key and what it does.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name of the key, such as `ctrl-r`.
    pub name: Cow<'static, str>,
    pub(super) code: KeyCode,
    pub(super) control: bool,
    /// What it does.
    pub binding: &'static Binding,
}

impl Key {
    /// True if it does something in this view.
    pub fn is_in(&self, view: View) -> bool {
        self.binding.is_in(view)
    }
}

/// Which keys do what.
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
                other,
                line,
            } => {
                let other_place = line.map_or_else(
                    || "its usual key".to_owned(),
                    |line| format!("{path}:{line}"),
                );
                format!(
                    "{place}: the key '{key}' for {action} is taken by {other} ({other_place}): choose another \
                     for one of them"
                )
            }
        }
    }
}

impl Default for KeyMap {
    fn default() -> Self {
        let keys = BINDINGS.iter().map(|binding| Key {
            name: Cow::Borrowed(binding.name),
            code: binding.code,
            control: binding.control,
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
            let (code, control) = parse(&setting.key).map_err(|reason| {
                let key = crate::text::visible(&setting.key);
                refuse(format!("'{key}' is no key that can be given: {reason}"))
            })?;
            let of_command = |key: &Key| key.binding.command == command;
            let is_letter = |key: &Key| matches!(key.code, KeyCode::Char(_));
            let at = map
                .0
                .iter()
                .position(|key| of_command(key) && is_letter(key));
            let at = at.or_else(|| map.0.iter().position(of_command));
            if let Some(at) = at
                && let Some(key) = map.0.get_mut(at)
            {
                key.name = Cow::Owned(setting.key.clone());
                (key.code, key.control) = (code, control);
                lines[at] = Some(setting.line);
            }
        }
        map.check(&lines)?;
        Ok(map)
    }

    /// Refuses a key that does two things in a view.
    fn check(&self, lines: &[Option<usize>]) -> Result<(), KeyError> {
        for (index, key) in self.0.iter().enumerate() {
            for (other_index, other) in self.0.iter().enumerate() {
                let Some(line) = lines[index] else { continue };
                let same = (key.code, key.control) == (other.code, other.control)
                    && key.code != KeyCode::Null;
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

    /// What a key does in a view.
    pub fn command(&self, view: View, event: &KeyEvent) -> Option<Command> {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        if event.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        self.0
            .iter()
            .find(|key| key.code == event.code && key.control == control && key.binding.is_in(view))
            .filter(|key| key.code != KeyCode::Null)
            .map(|key| key.binding.command)
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
}

impl View {
    /// Its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Run => "run",
            Self::Failures => "failures",
            Self::History => "history",
        }
    }

    const ALL: [Self; 4] = [Self::Devices, Self::Run, Self::Failures, Self::History];
}

impl Binding {
    fn is_in(&self, view: View) -> bool {
        self.views.is_empty() || self.views.contains(&view)
    }
}

/// The error about a name that no action has, with the nearest ones that exist, else all of them.
fn unknown_action(name: &str) -> String {
    let shown = crate::text::visible(name);
    // Longer names are not typing errors, and comparing them takes time.
    let short: String = name.chars().take(24).collect();
    let nearest = ACTIONS
        .iter()
        .map(|(_, known)| (strsim::damerau_levenshtein(&short, known), *known))
        .min();
    match nearest {
        Some((distance, known)) if distance <= known.len().div_ceil(3) => {
            format!("unknown action '{shown}': did you mean '{known}'?")
        }
        _ => {
            let known: Vec<&str> = ACTIONS.iter().map(|(_, name)| *name).collect();
            format!("unknown action '{shown}': use one of {}", known.join(", "))
        }
    }
}

/// The action of this name.
pub fn action(name: &str) -> Option<Command> {
    ACTIONS
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(command, _)| *command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(action: &str, key: &str, line: usize) -> KeySetting {
        KeySetting {
            action: action.to_owned(),
            key: key.to_owned(),
            line,
        }
    }

    fn press(character: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)
    }

    #[test]
    fn no_key_does_two_things_in_a_view() {
        let map = KeyMap::default();
        let lines = vec![Some(1); map.0.len()];
        assert_eq!(map.check(&lines), Ok(()));
    }

    #[test]
    fn every_action_has_a_key() {
        for (command, name) in ACTIONS {
            assert!(View::ALL.iter().any(|&view| command.is_in(view)), "{name}");
            assert_eq!(action(name), Some(*command));
        }
    }

    #[test]
    fn keys_belong_to_views() {
        let map = KeyMap::default();
        assert_eq!(
            map.command(View::Devices, &press('d')),
            Some(Command::Delete)
        );
        assert_eq!(map.command(View::Failures, &press('d')), None);
        let control = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
        assert_eq!(map.command(View::Devices, &control), Some(Command::Redo));
        assert_eq!(map.command(View::Devices, &press('r')), None);
    }

    #[test]
    fn the_configuration_gives_other_keys() {
        let settings = [
            setting("mark", "b", 3),
            setting("up", "w", 4),
            setting("sort", "f5", 5),
        ];
        // w looks up, but not among the devices… where up is everywhere, so it clashes.
        let clash = KeyMap::new(&settings).expect_err("a clash");
        assert_eq!(clash.line, 4);
        let map = KeyMap::new(&[settings[0].clone(), settings[2].clone()]).expect("fine");
        assert_eq!(map.command(View::Devices, &press('b')), Some(Command::Mark));
        assert_eq!(map.command(View::Devices, &press(' ')), None);
        assert_eq!(map.command(View::Devices, &press('s')), None);
        let f5 = KeyEvent::new(KeyCode::F(5), KeyModifiers::NONE);
        assert_eq!(map.command(View::Devices, &f5), Some(Command::Sort));
    }

    #[test]
    fn a_letter_takes_the_place_of_the_letter_and_arrows_stay() {
        let map = KeyMap::new(&[setting("up", "z", 1)]).expect("fine");
        assert_eq!(map.command(View::Devices, &press('z')), Some(Command::Up));
        assert_eq!(map.command(View::Devices, &press('k')), None);
        let up = KeyEvent::new(KeyCode::Up, KeyModifiers::NONE);
        assert_eq!(map.command(View::Devices, &up), Some(Command::Up));
    }

    #[test]
    fn clashes_and_mistakes_name_both_places() {
        let error = |settings: &[KeySetting]| {
            let error = KeyMap::new(settings).expect_err("wrong");
            error.in_file("config.toml")
        };
        let two = [setting("mark", "b", 3), setting("range", "b", 8)];
        let said = error(&two);
        assert_eq!(
            said,
            "config.toml:3: the key 'b' for mark is taken by range (config.toml:8): choose another for one of them"
        );
        let usual = error(&[setting("mark", "d", 3)]);
        assert!(usual.contains("delete (its usual key)"), "{usual}");
        assert!(error(&[setting("mark", "ctrl-i", 3)]).contains("the same for tab"));
        assert_eq!(
            error(&[setting("marc", "m", 3)]),
            "config.toml:3: unknown action 'marc': did you mean 'mark'?"
        );
        assert!(error(&[setting("unmarkall", "m", 3)]).contains("did you mean 'unmark-all'?"));
        let far = error(&[setting("explode", "m", 3)]);
        assert!(
            far.contains("unknown action 'explode': use one of up, down"),
            "{far}"
        );
        for key in [
            "", "mm", "ctrl-c", "ctrl-1", "f13", "esc", "\u{202e}", "ctrl-i", "ctrl-m", "ctrl-h",
            "ctrl-[",
        ] {
            assert!(
                error(&[setting("mark", key, 3)]).contains("is no key"),
                "{key}"
            );
        }
        // What was moved away is free.
        assert!(KeyMap::new(&[setting("delete", "X", 1), setting("mark", "d", 2)]).is_ok());
    }
}
