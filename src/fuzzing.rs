//! Gives the fuzz targets what is private to the program; not for other use.

use std::path::Path;

pub use crate::tui::fuzzing::{Happened, Key, Keyboard};

use crate::config::Config;

/// A configuration that was accepted, as far as the fuzz targets check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedConfig {
    /// The tenants' addresses.
    pub tenants: Vec<String>,
    /// The calls in a minute, the devices in a call and in the first call of a kind.
    pub calls: (u32, usize, usize),
    /// The protect rules of all profiles, as written.
    pub rules: Vec<String>,
}

/// Reads a configuration; an error has the line, from 1, and the message.
pub fn config(text: &str) -> Result<AcceptedConfig, (usize, String)> {
    match Config::parse(text, Path::new("config.toml")) {
        Ok(config) => Ok(AcceptedConfig {
            tenants: config
                .profiles
                .values()
                .map(|profile| profile.base_url.to_string())
                .collect(),
            calls: (
                config.limits.requests_per_minute.get(),
                config.limits.batch_size.get(),
                config.limits.canary.get(),
            ),
            rules: config
                .profiles
                .values()
                .flat_map(|profile| profile.protect.iter())
                .map(|rule| rule.text().to_owned())
                .collect(),
        }),
        Err(crate::config::ConfigError::Content { line, message, .. }) => Err((line, message)),
        Err(error) => Err((1, error.to_string())),
    }
}
