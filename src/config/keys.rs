//! The names of the configuration's keys in the parser, for tests of the documentation.

use std::path::Path;

use super::Config;

/// The sections with fixed keys; `[filters]` and `[keys]` hold names of their own.
pub(crate) const SECTIONS: [&str; 6] = ["profiles.a", "limits", "run", "ui", "lists", "journal"];

/// The keys of a section, from the error for an unknown one.
pub(crate) fn of(section: &str) -> Vec<String> {
    let text = format!("[{section}]\nnonsense = 1\n");
    let Err(error) = Config::parse(&text, Path::new("config.toml")) else {
        panic!("{section} takes any key");
    };
    let error = error.to_string();
    let keys = error.split('`').skip(3).step_by(2);
    keys.map(str::to_owned).collect()
}
