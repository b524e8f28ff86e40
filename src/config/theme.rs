//! The colours of the screen: one of the program's own themes, or a theme of the configuration.

use std::collections::BTreeMap;

use toml::Spanned;

use super::problem::{ConfigProblem, line_of};

/// A theme that the program brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BaseTheme {
    #[default]
    Dark,
    Light,
    /// No colours.
    Mono,
}

/// The theme that the configuration chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThemeSetting {
    /// The theme that it begins with; none for the one that fits the terminal.
    pub base: Option<BaseTheme>,
    /// Other colours for some roles, as written.
    pub colours: Vec<ColourSetting>,
}

/// Another colour for a role, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourSetting {
    pub role: String,
    pub colour: String,
    /// Where it is in the file, from 1.
    pub line: usize,
}

/// A section `[themes.NAME]`: colours by role, and `base`.
pub(super) type RawTheme = BTreeMap<String, Spanned<toml::Value>>;

/// The key that names the theme that another one begins with.
const BASE: &str = "base";

/// The theme that fits the terminal.
const AUTO: &str = "auto";

const OWN: [(&str, BaseTheme); 3] = [
    ("dark", BaseTheme::Dark),
    ("light", BaseTheme::Light),
    ("mono", BaseTheme::Mono),
];

/// The theme that `ui.theme` names, and the colours of all themes of the file.
pub(super) fn check(
    name: Option<&Spanned<String>>,
    themes: &BTreeMap<String, RawTheme>,
    text: &str,
) -> Result<(ThemeSetting, Vec<ColourSetting>), ConfigProblem> {
    let mut described = BTreeMap::new();
    for (name, theme) in themes {
        described.insert(name.as_str(), check_theme(theme, text)?);
    }
    let colours = described.values().flat_map(|theme| theme.colours.clone());
    let colours = colours.collect();
    let Some(name) = name.filter(|name| name.get_ref() != AUTO) else {
        return Ok((ThemeSetting::default(), colours));
    };
    if let Some(base) = own(name.get_ref()) {
        let theme = ThemeSetting {
            base: Some(base),
            colours: Vec::new(),
        };
        return Ok((theme, colours));
    }
    if let Some(theme) = described.remove(name.get_ref().as_str()) {
        return Ok((theme, colours));
    }
    let known = std::iter::once(AUTO).chain(OWN.iter().map(|(own, _)| *own));
    let known: Vec<&str> = known.chain(themes.keys().map(String::as_str)).collect();
    Err(ConfigProblem {
        at: name.span().start,
        message: format!(
            "no theme '{}': choose one of {}, or describe it in [themes.{}]",
            crate::text::visible(name.get_ref()),
            known.join(", "),
            crate::text::visible(name.get_ref()),
        ),
    })
}

fn check_theme(theme: &RawTheme, text: &str) -> Result<ThemeSetting, ConfigProblem> {
    let base = match theme.get(BASE) {
        None => BaseTheme::default(),
        Some(base) => base
            .get_ref()
            .as_str()
            .and_then(own)
            .ok_or_else(|| ConfigProblem {
                at: base.span().start,
                message: "base must be \"dark\", \"light\" or \"mono\"".to_owned(),
            })?,
    };
    let colours = theme.iter().filter(|(role, _)| *role != BASE);
    let colours = colours.map(|(role, colour)| {
        let value = match colour.get_ref() {
            toml::Value::String(value) => value.clone(),
            other => other.to_string(),
        };
        ColourSetting {
            role: role.clone(),
            colour: value,
            line: line_of(text, colour.span().start),
        }
    });
    Ok(ThemeSetting {
        base: Some(base),
        colours: colours.collect(),
    })
}

fn own(name: &str) -> Option<BaseTheme> {
    let found = OWN.iter().find(|(own, _)| *own == name);
    found.map(|(_, base)| *base)
}
