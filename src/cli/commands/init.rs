//! `offboard init`: writes a commented configuration, or adds a profile to it. On a terminal it asks for
//! the settings and tests the connection; elsewhere they are left to fill in.

use std::io::{IsTerminal, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::cli::commands::doctor;
use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, Exit, Global};
use crate::config::{Config, EXAMPLE, edit, permissions};
use crate::platform::file::{self, WriteError};
use crate::text;

mod questions;
mod settings;

use questions::Dialogue;
use settings::ProfileValues;

/// Runs the command. An existing file is never overwritten; `--profile` adds a profile to it.
pub(in crate::cli) fn run(global: &Global) -> Result<Exit, CommandError> {
    let path = match &global.config {
        Some(path) => path.clone(),
        None => Config::default_path()?,
    };
    let existing = match &global.profile {
        Some(name) => {
            check_name(name)?;
            path.exists()
                .then(|| Existing::read(&path, name))
                .transpose()?
        }
        None => None,
    };
    if existing.is_none() && path.symlink_metadata().is_ok() {
        let exists = WriteError::Exists(path);
        return Err(CommandError::usage(format!(
            "{exists}, or add a profile to it with `offboard init --profile NAME`"
        )));
    }
    let name = global.profile.as_deref().unwrap_or(settings::NAME);
    let asked = if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        Some(ask(&path, name)?)
    } else {
        None
    };
    match &existing {
        Some(existing) => existing.add(&path, name, asked.as_ref())?,
        None => write(&path, name, asked.as_ref())?,
    }
    let done = if existing.is_some() {
        format!("added the profile {name} to {}", path.display())
    } else {
        format!("wrote {}", path.display())
    };
    let mut out = std::io::stdout();
    if asked.is_some() {
        writeln!(out, "{done}")?;
        return test(global, &path, name);
    }
    let next = "fill in base_url and the credential";
    if existing.is_some() {
        writeln!(
            out,
            "{done}: {next}, then `offboard doctor --profile {name}`"
        )?;
    } else {
        writeln!(out, "{done}: {next}")?;
    }
    Ok(Exit::Accepted)
}

/// Asks for the settings, shows them, and has them confirmed. Until then nothing is written, so that
/// ctrl-c may end the program at any question.
fn ask(path: &Path, name: &str) -> Result<ProfileValues, CommandError> {
    let mut dialogue = Dialogue {
        input: &mut std::io::stdin().lock(),
        output: &mut std::io::stderr(),
    };
    let settings = dialogue.settings()?;
    dialogue.confirm(&settings.lines(name), &text::visible_path(path))?;
    Ok(settings)
}

/// Writes a new configuration.
fn write(path: &Path, name: &str, settings: Option<&ProfileValues>) -> Result<(), CommandError> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(|error| CommandError::internal(format!("{}: {error}", parent.display())))?;
    }
    let text = match settings {
        Some(settings) => settings::file(name, settings),
        None => EXAMPLE.to_owned(),
    };
    // Nothing is written that could not be read again.
    Config::parse(&text, path)?;
    file::write_new(path, |file| file.write_all(text.as_bytes()))
        .map_err(|error| CommandError::usage(error.to_string()))
}

fn check_name(name: &str) -> Result<(), CommandError> {
    let is_bare = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if name.is_empty() || !name.chars().all(is_bare) {
        return Err(CommandError::usage(
            "the name of a profile has letters, digits, - and _ only: give another --profile",
        ));
    }
    Ok(())
}

/// A configuration to which a profile is added.
struct Existing {
    text: String,
    config: Config,
}

impl Existing {
    fn read(path: &Path, name: &str) -> Result<Self, CommandError> {
        let text = permissions::read_config(path)?;
        let config = Config::parse(&text, path)?;
        if config.profiles.contains_key(name) {
            return Err(CommandError::usage(format!(
                "{}: there is a profile '{name}' already",
                path.display()
            )));
        }
        Ok(Self { text, config })
    }

    /// Adds a commented profile at the end; every other line stays as it is.
    fn add(
        &self,
        path: &Path,
        name: &str,
        settings: Option<&ProfileValues>,
    ) -> Result<(), CommandError> {
        // A second profile must not leave the commands without a default.
        let default = match self.config.profile(None) {
            Ok((name, _)) if self.config.default_profile.is_none() => {
                format!("default_profile = {}\n\n", toml::Value::from(name))
            }
            _ => String::new(),
        };
        let section = settings::section(name, settings);
        let text = self.text.trim_end();
        let added = format!("{default}{text}\n\n{}\n", section.trim_end());
        Ok(edit::rewrite(path, &added)?)
    }
}

/// Tests the connection with the settings that were written, which stay whatever comes of it.
fn test(global: &Global, path: &Path, name: &str) -> Result<Exit, CommandError> {
    let given_config = global.config.clone();
    let global = Global {
        config: Some(path.to_owned()),
        profile: Some(name.to_owned()),
        ..global.clone()
    };
    let config = match given_config {
        Some(path) => format!(" --config {}", path.display()),
        None => String::new(),
    };
    let works = Workspace::open(&global).and_then(|workspace| doctor::test_connection(&workspace));
    let option = if Config::load(Some(path))?.is_some_and(|config| {
        config
            .profile(None)
            .is_ok_and(|(default, _)| default == name)
    }) {
        config
    } else {
        format!("{config} --profile {name}")
    };
    let mut out = std::io::stdout();
    match works {
        Ok(true) => {
            writeln!(
                out,
                "next: `offboard fetch{option}` reads the inventory, `offboard{option}` opens it"
            )?;
            Ok(Exit::Accepted)
        }
        Ok(false) => {
            writeln!(
                out,
                "next: correct the profile {name} in {}, then test it with `offboard doctor{option}`",
                path.display()
            )?;
            Ok(Exit::Internal)
        }
        Err(failure) => Err(failure),
    }
}
