//! The configuration: what the file says, checked.
//!
//! It is read in two phases: first its shape, with unknown keys refused, then its
//! meaning. Past this module there are no raw strings: addresses are URLs, spans are durations,
//! limits can't be zero.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod check;
pub mod credential;
pub mod edit;
mod journal;
#[cfg(test)]
pub(crate) mod keys;
mod limits;
pub mod permissions;
mod problem;
mod profile;
mod raw;
mod shape_error;
#[cfg(test)]
mod tests;
mod theme;
mod ui;

pub(crate) use check::expand_home;
pub use credential::{
    ClientCredentials, Credential, CredentialError, CredentialSetting, NO_CREDENTIAL, SecretSource,
};
pub use profile::Profile;
pub use theme::{BaseTheme, ColourSetting};
pub use ui::{Ui, split_column};

use crate::list::ReadOptions;
use crate::plan::{Guards, Keep};
use crate::platform::command::CommandLine;
use crate::query::Query;

/// The documented example, which is also what `offboard init` writes.
pub const EXAMPLE: &str = include_str!("../config.example.toml");

#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// The profile that is used when none is named.
    pub default_profile: Option<String>,
    pub profiles: BTreeMap<String, Profile>,
    /// How much, how fast, how long.
    pub limits: Limits,
    /// What a run does when things go wrong, and when it ends.
    pub run: RunPolicy,
    pub ui: Ui,
    pub filters: BTreeMap<String, Query>,
    /// Keys by action, as written.
    pub keys: Vec<KeySetting>,
    /// How lists are to be read, where a profile says nothing else.
    pub lists: ReadOptions,
    pub journal: JournalSettings,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalSettings {
    /// Which fields of planned devices.
    pub keep: Keep,
}

/// Another key for an action, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetting {
    pub action: String,
    pub key: String,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// How much, how fast, how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls that may arrive in a minute.
    pub requests_per_minute: NonZeroU32,
    /// Devices in a call.
    pub batch_size: NonZeroUsize,
    /// Devices in the first call of each kind of identifier.
    pub canary: NonZeroUsize,
    /// Devices in a plan.
    pub max_devices: u64,
    /// Devices in all runs of an account in 24 hours.
    pub max_per_day: u64,
    /// What plans warn of.
    pub guards: Guards,
    /// For name lookup, connection and TLS together.
    pub connect_timeout: Duration,
    /// From the send to the last byte of the answer.
    pub request_timeout: Duration,
}

/// What a run does when things go wrong, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPolicy {
    pub on_doubt: OnDoubt,
    /// When the terminal goes away.
    pub on_hangup: OnHangup,
    /// Whether the account's licences are read before and after it.
    pub licences: bool,
    /// Run when a run ends.
    pub on_finish: Option<CommandLine>,
}

/// What happens to devices in doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDoubt {
    /// By HWID, they are sent once more after a minute.
    #[default]
    ResendOnce,
    /// They wait for the operator.
    Hold,
}

/// What happens when the terminal goes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnHangup {
    /// The run stops after the call in flight.
    #[default]
    Stop,
    /// The run goes on without a screen.
    Finish,
}

impl Default for RunPolicy {
    fn default() -> Self {
        Self {
            on_doubt: OnDoubt::default(),
            on_hangup: OnHangup::default(),
            licences: true,
            on_finish: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: NonZeroU32::MIN.saturating_add(9),
            batch_size: NonZeroUsize::MIN.saturating_add(49),
            canary: NonZeroUsize::MIN.saturating_add(4),
            max_devices: 500,
            max_per_day: 2000,
            guards: Guards::default(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
        }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It can't be read.
    #[error("{path}: {source}{}", remedy(source))]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// It could be changed by others.
    #[error("{path}: {problem}")]
    Permissions {
        path: PathBuf,
        /// What is wrong, with the remedy.
        problem: permissions::PermissionProblem,
    },
    /// A key or a value is wrong.
    #[error("{path}:{line}: {message}")]
    Content {
        path: PathBuf,
        /// From 1.
        line: usize,
        /// The error, with the allowed values.
        message: String,
    },
    /// No profile has this name.
    #[error("{path}: no profile '{name}': defined profiles: {known}")]
    NoSuchProfile {
        path: PathBuf,
        name: String,
        known: String,
    },
    /// Several profiles, and none is chosen.
    #[error(
        "{path}: no default profile: give --profile, or set default_profile; defined profiles: {known}"
    )]
    NoDefault { path: PathBuf, known: String },
    /// The home directory isn't known.
    #[error("the directory of the configuration is not known (is HOME set?): give --config FILE")]
    NoHome,
}

/// What helps against an error of reading, if anything.
fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => ": `offboard init` with the same --config writes it",
        _ => "",
    }
}

impl Config {
    /// Where the configuration is when no place is given: never the working directory.
    pub fn default_path() -> Result<PathBuf, ConfigError> {
        directories::ProjectDirs::from("", "", "offboard")
            .map(|directories| directories.config_dir().join("config.toml"))
            .ok_or(ConfigError::NoHome)
    }

    /// Reads the configuration at `given`, or at its usual place, where there may be none.
    pub fn load(given: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => match Self::default_path() {
                Ok(path) if path.exists() => path,
                _ => return Ok(None),
            },
        };
        let text = permissions::read_config(&path)?;
        Self::parse(&text, &path).map(Some)
    }

    /// Reads `text`; `path` is for messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let content = |line, message| ConfigError::Content {
            path: path.to_owned(),
            line,
            message,
        };
        let raw: raw::Config = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| problem::line_of(text, span.start));
            content(
                line,
                shape_error::message(error.message().trim(), error.span(), text),
            )
        })?;
        check::check(raw, path, text)
            .map_err(|problem| content(problem::line_of(text, problem.at), problem.message))
    }

    /// The environment variables that hold a secret of any profile.
    pub fn secret_variables(&self) -> Vec<String> {
        let settings = self
            .profiles
            .values()
            .filter_map(|profile| profile.credential.as_ref());
        let variables = settings.filter_map(|setting| match setting.source() {
            SecretSource::Variable(name) => Some(name.clone()),
            SecretSource::File(_) | SecretSource::Command(_) => None,
        });
        variables.collect()
    }

    /// The profile called `name`, or the default one, with its name.
    pub fn profile(&self, name: Option<&str>) -> Result<(&str, &Profile), ConfigError> {
        let known = || {
            let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        match name.or(self.default_profile.as_deref()) {
            Some(name) => self
                .profiles
                .get_key_value(name)
                .map(|(name, profile)| (name.as_str(), profile))
                .ok_or_else(|| ConfigError::NoSuchProfile {
                    path: self.path.clone(),
                    name: crate::text::visible(name).into_owned(),
                    known: known(),
                }),
            None => match (self.profiles.first_key_value(), self.profiles.len()) {
                (Some((name, profile)), 1) => Ok((name, profile)),
                _ => Err(ConfigError::NoDefault {
                    path: self.path.clone(),
                    known: known(),
                }),
            },
        }
    }
}
