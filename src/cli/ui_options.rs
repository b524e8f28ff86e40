//! The configuration of the terminal UI, checked by every command.

use ratatui::style::Color;

use crate::cli::{CommandError, terminal_support};
use crate::config::{BaseTheme, ColourSetting, Config, Ui};
use crate::query::Query;
use crate::text;
use crate::tui::input::keymap::KeyMap;
use crate::tui::widgets::theme::{ColourDepth, Role, Theme};

/// The settings of the terminal UI: theme, keys and named filters.
#[derive(Default)]
pub(super) struct UiOptions {
    pub ui: Ui,
    pub colours: Vec<(Role, Color)>,
    pub keys: KeyMap,
    pub filters: Vec<(String, Query)>,
}

impl UiOptions {
    /// Fails if a setting of a key or a colour is not valid, and names its line.
    pub(super) fn of(config: &Config) -> Result<Self, CommandError> {
        let path = text::visible_path(&config.path);
        let at_line = |line: usize, message: ColourError| {
            CommandError::usage(format!("{path}:{line}: {message}"))
        };
        let check = |colours: &[ColourSetting]| {
            let colours = colours
                .iter()
                .map(|setting| colour(setting).map_err(|message| at_line(setting.line, message)));
            colours.collect::<Result<Vec<_>, CommandError>>()
        };
        check(&config.ui.colours)?;
        Ok(Self {
            ui: config.ui.clone(),
            colours: check(&config.ui.theme.colours)?,
            keys: KeyMap::new(&config.keys)
                .map_err(|error| CommandError::usage(error.in_file(&path)))?,
            filters: config
                .filters
                .iter()
                .map(|(name, query)| (name.clone(), query.clone()))
                .collect(),
        })
    }

    /// The theme, in as many colours as the terminal has.
    pub(super) fn theme(&self, depth: ColourDepth, ascii: bool) -> Theme {
        let base = self.ui.theme.base.unwrap_or_else(|| {
            if terminal_support::has_light_background() {
                BaseTheme::Light
            } else {
                BaseTheme::Dark
            }
        });
        let ascii = terminal_support::uses_ascii(ascii, self.ui.ascii);
        let theme = Theme::new(base, depth, ascii);
        let colours = self.colours.iter();
        colours.fold(theme, |theme, &(role, colour)| {
            theme.recoloured(role, colour)
        })
    }
}

/// Why a colour of the configuration isn't valid.
#[derive(Debug, thiserror::Error)]
enum ColourError {
    #[error("no colour role '{name}': choose one of base, {}", known_roles())]
    Role { name: String },
    #[error(
        "'{0}' is not a colour: write \"#rrggbb\", a number from 0 to 255, or a name such as \"cyan\""
    )]
    Colour(String),
}

fn known_roles() -> String {
    Role::names().collect::<Vec<_>>().join(", ")
}

fn colour(setting: &ColourSetting) -> Result<(Role, Color), ColourError> {
    let shown = |text: &str| text::visible(text).into_owned();
    let role = Role::from_name(&setting.role);
    let role = role.ok_or_else(|| ColourError::Role {
        name: shown(&setting.role),
    })?;
    let colour = setting.colour.parse();
    let colour = colour.map_err(|_| ColourError::Colour(shown(&setting.colour)))?;
    Ok((role, colour))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn setting(role: &str, colour: &str) -> ColourSetting {
        ColourSetting {
            role: role.to_owned(),
            colour: colour.to_owned(),
            line: 1,
        }
    }

    #[test]
    fn colours_of_a_theme_that_is_not_chosen_are_checked() {
        let text = "[ui]\ntheme = \"light\"\n[themes.night]\nmarks = 80\n";
        let config = Config::parse(text, Path::new("c")).expect("a configuration");
        let failure = UiOptions::of(&config)
            .err()
            .expect("no such role")
            .message();
        assert!(
            failure.starts_with("c:4: no colour role 'marks'"),
            "{failure}"
        );
    }

    #[test]
    fn colours_are_written_in_three_ways() {
        for (written, read) in [
            ("#102030", Color::Rgb(16, 32, 48)),
            ("80", Color::Indexed(80)),
            ("lightblue", Color::LightBlue),
        ] {
            let colour = colour(&setting("mark", written)).expect("a colour");
            assert_eq!(colour, (Role::Mark, read));
        }
        let error = colour(&setting("mark", "300"))
            .expect_err("no colour")
            .to_string();
        assert!(error.contains("'300' is not a colour"), "{error}");
        let error = colour(&setting("marks", "80"))
            .expect_err("no role")
            .to_string();
        assert!(
            error.contains("no colour role 'marks'") && error.contains("very-old"),
            "{error}"
        );
    }
}
