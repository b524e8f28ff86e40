//! The section `[ui]`: what the screen looks like.

use std::collections::BTreeMap;

use super::problem::{Checked, refuse};
use super::theme::{ColourSetting, ThemeSetting};
use super::{raw, theme};
use crate::list::Field;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ui {
    pub theme: ThemeSetting,
    /// The colours of all themes of the file, so that a mistake is found before its theme is chosen.
    pub colours: Vec<ColourSetting>,
    /// The table's columns, in order, by name.
    pub columns: Vec<String>,
    /// Draw with ASCII only; none to do as the locale says.
    pub ascii: Option<bool>,
    pub mouse: bool,
    /// Ring the terminal's bell when a run ends or needs the operator.
    pub bell: bool,
}

impl Default for Ui {
    fn default() -> Self {
        let columns = [
            "hostname", "hwid", "status", "group", "seen", "type", "os", "user", "mac",
        ];
        Self {
            theme: ThemeSetting::default(),
            colours: Vec::new(),
            columns: columns.map(str::to_owned).to_vec(),
            ascii: None,
            mouse: false,
            bell: true,
        }
    }
}

/// The name and the width of a column, written `name` or `name:width`. A header after `@` may contain
/// colons: there only a number after the last one is a width.
pub fn split_column(text: &str) -> (&str, Option<&str>) {
    let split = if text.starts_with('@') {
        text.rsplit_once(':').filter(|(_, width)| {
            !width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit())
        })
    } else {
        text.split_once(':')
    };
    split.map_or((text, None), |(name, width)| (name, Some(width)))
}

/// The settings of the section, with a theme of `themes`.
pub(super) fn check(
    raw: raw::Ui,
    themes: &BTreeMap<String, theme::RawTheme>,
    text: &str,
) -> Checked<Ui> {
    let mut ui = Ui::default();
    if let Some(columns) = raw.columns {
        let allowed: Vec<&str> = std::iter::once("outcome")
            .chain(Field::ALL.iter().map(|field| field.name()))
            .collect();
        let mut seen: Vec<&str> = Vec::new();
        for column in columns.get_ref() {
            let (name, width) = split_column(column);
            let is_header = name.len() > 1 && name.starts_with('@');
            if !is_header && !allowed.contains(&name) {
                let name = crate::text::visible(name);
                return refuse(
                    &columns,
                    format!(
                        "no column '{name}': choose of {}, or \"@Header\" for another column of the list",
                        allowed.join(", ")
                    ),
                );
            }
            let is_width = |width: &str| width.parse().is_ok_and(|width| (4..=80).contains(&width));
            if !width.is_none_or(is_width) {
                let name = crate::text::visible(name);
                return refuse(
                    &columns,
                    format!("column '{name}': the width must be 4 to 80, as in \"{name}:20\""),
                );
            }
            if seen.contains(&name) {
                let name = crate::text::visible(name);
                return refuse(&columns, format!("duplicate column '{name}'"));
            }
            seen.push(name);
        }
        if columns.get_ref().is_empty() {
            return refuse(&columns, "columns is empty: name at least one");
        }
        ui.columns = columns.into_inner();
    }
    (ui.theme, ui.colours) = theme::check(raw.theme.as_ref(), themes, text)?;
    ui.ascii = raw.ascii;
    ui.mouse = raw.mouse.unwrap_or(ui.mouse);
    ui.bell = raw.bell.unwrap_or(ui.bell);
    Ok(ui)
}
