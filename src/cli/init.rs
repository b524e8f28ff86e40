//! `offboard init`: writes a commented configuration to fill in, or adds a profile to it.

use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::{Exit, Failure, Global};
use crate::config::{Config, EXAMPLE, permissions};
use crate::platform::file;

/// Runs the command. An existing file is never overwritten; `--profile` adds a profile to it.
pub(super) fn run(global: &Global) -> Result<Exit, Failure> {
    let path = match &global.config {
        Some(path) => path.clone(),
        None => Config::default_path()?,
    };
    if let Some(name) = &global.profile
        && path.exists()
    {
        return add_profile(&path, name);
    }
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(|error| Failure::internal(format!("{}: {error}", parent.display())))?;
    }
    crate::platform::file::write_new(&path, |file| file.write_all(EXAMPLE.as_bytes()))
        .map_err(|error| Failure::usage(error.to_string()))?;
    writeln!(
        std::io::stdout(),
        "wrote {}: fill in base_url and the credential",
        path.display()
    )?;
    Ok(Exit::Accepted)
}

/// Adds a commented profile at the end of a configuration, of which every other line stays as it is.
fn add_profile(path: &Path, name: &str) -> Result<Exit, Failure> {
    let is_bare = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if name.is_empty() || !name.chars().all(is_bare) {
        return Err(Failure::usage(
            "the name of a profile has letters, digits, - and _ only: give another --profile",
        ));
    }
    let text = permissions::read_config(path)?;
    let config = Config::parse(&text, path)?;
    if config.profiles.contains_key(name) {
        return Err(Failure::usage(format!(
            "{}: there is a profile '{name}' already",
            path.display()
        )));
    }
    // A second profile must not leave the commands without a default.
    let default = match config.profile(None) {
        Ok((name, _)) if config.default_profile.is_none() => {
            format!("default_profile = {}\n\n", toml::Value::from(name))
        }
        _ => String::new(),
    };
    let section = section(name);
    let added = format!("{default}{}\n\n{section}", text.trim_end());
    // Nothing is written that could not be read again.
    Config::parse(&added, path)?;
    file::replace(path, |file| file.write_all(added.as_bytes()))?;
    writeln!(
        std::io::stdout(),
        "added the profile {name} to {}: fill in base_url and the credential, then \
         `offboard doctor --profile {name}`",
        path.display()
    )?;
    Ok(Exit::Accepted)
}

/// The example's profile under another name.
fn section(name: &str) -> String {
    const HEADER: &str = "[profiles.production]";
    let begin = EXAMPLE.find(HEADER).unwrap_or(0);
    let section = EXAMPLE.get(begin..).unwrap_or_default();
    let end = section.find("\n[limits]").unwrap_or(section.len());
    let section = section.get(..end).unwrap_or_default();
    format!(
        "{}\n",
        section
            .trim_end()
            .replacen(HEADER, &format!("[profiles.{name}]"), 1)
    )
}
