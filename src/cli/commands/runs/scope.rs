//! Which runs a command is about: those of the profile's tenant and account, or all.

use crate::cli::{CommandError, Global, print_note};
use crate::config::{Config, ConfigError};
use crate::domain::target::Target;
use crate::journal::{Journal, JournalError, RunRecord};
use crate::text::counted;

/// The tenant and account whose runs are meant; none for all.
pub(super) struct RunScope(Option<Target>);

impl RunScope {
    /// The scope of `--profile` or of the configuration's default. The history needs no configuration:
    /// without one, or without a default among several profiles, it is all runs.
    pub(super) fn of(global: &Global, all_profiles: bool) -> Result<Self, CommandError> {
        if all_profiles {
            return Ok(Self(None));
        }
        let config = match Config::load(global.config.as_deref()) {
            Ok(Some(config)) => config,
            Ok(None) => return Ok(Self(None)),
            // What was sent can be read whatever became of the configuration.
            Err(error) => return Ok(Self::all_because(&error)),
        };
        match config.profile(global.profile.as_deref()) {
            Ok((name, profile)) => Ok(Self(Some(profile.target(name)))),
            Err(error @ ConfigError::NoDefault { .. }) => Ok(Self::all_because(&error)),
            Err(error) => Err(error.into()),
        }
    }

    fn all_because(error: &ConfigError) -> Self {
        print_note(format_args!("showing the runs of all profiles: {error}"));
        Self(None)
    }

    /// The tenant and account; none for all.
    pub(super) fn target(&self) -> Option<&Target> {
        self.0.as_ref()
    }

    /// Whose runs they are, for a report.
    pub(super) fn description(&self) -> String {
        match &self.0 {
            None => "all tenants and profiles".to_owned(),
            Some(target) => {
                let account = target.account.as_ref();
                let account = account.map(|account| format!(", account {account}"));
                format!("{}{}", target.host(), account.unwrap_or_default())
            }
        }
    }

    /// True if the run is in the scope.
    pub(super) fn has(&self, run: &RunRecord) -> bool {
        self.0
            .as_ref()
            .is_none_or(|target| target.check(&run.target).is_ok())
    }

    /// The runs in the scope, newest first.
    pub(super) fn runs(&self, journal: &Journal) -> Result<Vec<RunRecord>, JournalError> {
        let mut runs = journal.runs()?;
        let all = runs.len();
        runs.retain(|run| self.has(run));
        if runs.is_empty() && all > 0 {
            print_note(format_args!(
                "the journal has {} of other tenants or accounts: --all-profiles shows them",
                counted(all as u64, "run")
            ));
        }
        Ok(runs)
    }

    /// The run called `name`: any run by its own name, the newest in the scope for `last`.
    pub(super) fn run(&self, journal: &Journal, name: &str) -> Result<RunRecord, JournalError> {
        if name != "last" {
            return journal.run(name);
        }
        match self.runs(journal)?.into_iter().next() {
            Some(run) => Ok(run),
            None => {
                journal.check_whole()?;
                Err(JournalError::NoSuchRun("last".to_owned()))
            }
        }
    }
}

/// The run called `name`; for `last`, the newest one of this tenant and account.
pub(in crate::cli) fn run_of(
    journal: &Journal,
    target: &Target,
    name: &str,
) -> Result<RunRecord, JournalError> {
    RunScope(Some(target.clone())).run(journal, name)
}
