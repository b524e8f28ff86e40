//! The screens: devices, run, failures and history. Each handles its commands and draws itself; none
//! reads the state of another.

pub mod devices;
pub mod failures;
pub mod history;
pub mod run;

use super::dialogs::Dialog;
use super::effect::Effect;

/// What follows from a command of a screen.
#[derive(Debug, Default)]
pub struct ScreenResponse {
    pub dialog: Option<Dialog>,
    pub effects: Vec<Effect>,
}

impl ScreenResponse {
    pub fn open(dialog: impl Into<Dialog>) -> Self {
        Self {
            dialog: Some(dialog.into()),
            effects: Vec::new(),
        }
    }

    pub fn effects(effects: impl IntoIterator<Item = Effect>) -> Self {
        Self {
            dialog: None,
            effects: effects.into_iter().collect(),
        }
    }

    #[must_use]
    pub fn with(mut self, effects: impl IntoIterator<Item = Effect>) -> Self {
        self.effects.extend(effects);
        self
    }
}
