//! The configuration of the terminal UI, checked by every command.

use super::Failure;
use crate::config::{Config, Ui};
use crate::query::Query;
use crate::text;
use crate::tui::input::keymap::KeyMap;

/// The settings of the terminal UI: theme, keys and named filters.
#[derive(Default)]
pub(super) struct UiOptions {
    pub ui: Ui,
    pub keys: KeyMap,
    pub filters: Vec<(String, Query)>,
}

impl UiOptions {
    /// Fails if a key setting is not valid, and names its line.
    pub(super) fn of(config: &Config) -> Result<Self, Failure> {
        Ok(Self {
            ui: config.ui.clone(),
            keys: KeyMap::new(&config.keys).map_err(|error| {
                let path = config.path.display().to_string();
                Failure::usage(error.in_file(&text::visible(&path)))
            })?,
            filters: config
                .filters
                .iter()
                .map(|(name, query)| (name.clone(), query.clone()))
                .collect(),
        })
    }
}
