//! The workspace of a command: configuration, profile and state directory.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::ui_options::UiOptions;
use crate::cli::{CommandError, Global, print_note, upgrade};
use crate::config::{Config, Limits, Profile, RunPolicy};
use crate::domain::action::Action;
use crate::domain::device::IdentifyBy;
use crate::domain::licences::Licences;
use crate::domain::rate_limit::Budget;
use crate::domain::run::RunId;
use crate::domain::target::{DayUse, Policy, Target};
use crate::headless::waits::LONG_WAIT;
use crate::journal::Journal;
use crate::list::{DeviceList, ReadOptions, ReadProgress};
use crate::plan::protection::Protection;
use crate::plan::{CallSizes, Criterion, EarlierDevices, Keep, PlanRequest};
use crate::platform::clock::Clock;
use crate::platform::state_dir;
use crate::text;

/// Why a command that needs a configuration can't run without one.
pub(super) const NO_CONFIGURATION: &str =
    "there is no configuration: write one with `offboard init`, or name it with --config";

/// A profile and a state directory to work in.
#[derive(Clone, Debug)]
pub(super) struct Workspace {
    /// The configuration's file.
    pub(super) config: PathBuf,
    pub(super) state_dir: PathBuf,
    pub(super) clock: Clock,
    pub(super) target: Target,
    pub(super) profile: Profile,
    pub(super) limits: Limits,
    pub(super) policy: RunPolicy,
    /// Which fields of planned devices the journal keeps.
    pub(super) keep: Keep,
    /// Environment variables that hold a secret, of any profile.
    pub(super) secret_variables: Vec<String>,
    pub(super) budget: Budget,
    pub(super) read_only: bool,
    /// How lists are to be read by the configuration.
    pub(super) lists: ReadOptions,
    /// How the command's list is to be read.
    pub(super) reading: ReadOptions,
}

impl Workspace {
    /// Reads the configuration and makes the state directory.
    pub(super) fn open(global: &Global) -> Result<Self, CommandError> {
        let config = Config::load(global.config.as_deref())?
            .ok_or_else(|| CommandError::usage(NO_CONFIGURATION))?;
        Self::for_config(global, &config)
    }

    /// Works with this configuration.
    pub(super) fn for_config(global: &Global, config: &Config) -> Result<Self, CommandError> {
        // Validate `[keys]` in every command.
        UiOptions::of(config)?;
        let (name, profile) = config.profile(global.profile.as_deref())?;
        let mut limits = config.limits;
        if let Some(most) = global.max_devices {
            limits.max_devices = most;
        }
        Ok(Self {
            config: config.path.clone(),
            state_dir: state_dir::open(global.state_dir.as_deref())?,
            clock: Clock::system(),
            target: profile.target(name),
            profile: profile.clone(),
            limits,
            keep: config.journal.keep.clone(),
            policy: config.run.clone(),
            secret_variables: config.secret_variables(),
            budget: budget(&limits),
            read_only: global.read_only || profile.read_only,
            lists: profile.lists.clone(),
            reading: global.reading.over(&profile.lists),
        })
    }

    pub(super) fn journal(&self) -> Result<Journal, CommandError> {
        Ok(upgrade::open_journal(&self.state_dir, &self.clock)?)
    }

    /// The account's licences when they were measured last, if they are read at all. They are for show.
    pub(super) fn last_licences(&self, journal: &Journal) -> Option<Licences> {
        if !self.policy.licences {
            return None;
        }
        journal.last_licences(&self.target).ok().flatten()
    }

    pub(super) fn sizes(&self) -> CallSizes {
        CallSizes {
            batch: self.limits.batch_size.get(),
            canary: self.limits.canary.get(),
        }
    }

    /// A request for a plan of the list's devices by the profile's settings. What selects the devices, and
    /// what differs in a retry, is added to it.
    pub(super) fn plan_request<'a>(
        &'a self,
        id: RunId,
        list: &'a DeviceList,
        action: Action,
        protection: &'a Protection,
        earlier: &'a EarlierDevices,
    ) -> PlanRequest<'a> {
        PlanRequest {
            id,
            list,
            selection: &[],
            action,
            identify_by: IdentifyBy::Auto,
            target: &self.target,
            sizes: self.sizes(),
            bare_identifiers: &[],
            retry_targets: &[],
            rules: &self.profile.protect,
            protection,
            earlier,
            list_time: list.time(),
            skip_removed: true,
            retried_runs: &[],
            now: self.clock.now().wall,
            guards: self.limits.guards,
            last_planned: None,
            oldest: None,
            query: None,
            criterion: &Criterion::None,
            note: None,
        }
    }

    /// What the profile allows to be sent.
    pub(super) fn policy_of_plans(&self) -> Policy {
        Policy {
            rules_hash: self.profile.protect.hash(),
            max_devices: self.limits.max_devices,
            max_per_day: self.limits.max_per_day,
            approvals: self.profile.approvals,
        }
    }

    /// What the account may send in a day, and has sent.
    pub(super) fn day_use(&self, journal: &Journal) -> Result<DayUse, CommandError> {
        Ok(DayUse {
            sent: journal.sent_in_a_day(&self.target)?,
            most: self.limits.max_per_day,
        })
    }

    /// Refuses a list that was read incompletely, or that names another tenant or account.
    pub(super) fn check_whole_list(&self, list: &DeviceList) -> Result<(), CommandError> {
        if let Some(truncation) = list.truncation() {
            return Err(CommandError::refused(format!(
                "refusing an incompletely read list: {}: {truncation}",
                list.name()
            )));
        }
        self.check_list(list)
    }

    /// Refuses a list that names another tenant or account.
    pub(super) fn check_list(&self, list: &DeviceList) -> Result<(), CommandError> {
        let other_tenant = list
            .tenant()
            .is_some_and(|tenant| tenant != self.target.tenant);
        let other_account =
            list.account().is_some() && list.account() != self.target.account.as_deref();
        if other_tenant || other_account {
            return Err(CommandError::refused(format!(
                "the list is of {}{}, and the profile {} sends to {}",
                list.tenant().unwrap_or("another tenant"),
                list.account()
                    .map(|account| format!(", account {account}"))
                    .unwrap_or_default(),
                self.target.profile,
                self.target.tenant
            )));
        }
        Ok(())
    }
}

/// The configured budget, in the window of a test if there is one.
fn budget(limits: &Limits) -> Budget {
    let budget = Budget::per_minute(limits.requests_per_minute);
    match test_window() {
        Some(window) => Budget {
            window,
            margin: window / 60,
            ..budget
        },
        None => budget,
    }
}

/// The length of the window of the rate limit in a debug build, which tests use.
#[cfg(debug_assertions)]
pub(super) fn test_window() -> Option<Duration> {
    let text = std::env::var("OFFBOARD_TEST_WINDOW_MS").ok()?;
    text.parse().ok().map(Duration::from_millis)
}

/// A release build has no other window than a minute.
#[cfg(not(debug_assertions))]
pub(super) fn test_window() -> Option<Duration> {
    None
}

/// Reads a list, with copies of what can't be read twice in `spool`. After two seconds, a line on the
/// terminal says that standard input hasn't ended.
pub(super) fn open_list(
    path: &Path,
    spool: &Path,
    options: &ReadOptions,
    progress: &mut dyn FnMut(ReadProgress),
) -> Result<DeviceList, CommandError> {
    let reads_input = path == Path::new("-") && std::io::stderr().is_terminal();
    // Dropped when the list is read.
    let _reading = reads_input.then(|| {
        let (reading, ended) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            if ended.recv_timeout(LONG_WAIT) == Err(RecvTimeoutError::Timeout) {
                print_note("reading the list from standard input until it ends: ctrl-c stops");
            }
        });
        reading
    });
    Ok(DeviceList::open_as(path, spool, options, progress)?)
}

/// Prints what is worth knowing about a list, on standard error.
pub(super) fn print_notices(list: &DeviceList, now: Timestamp) {
    let name = text::visible(list.name());
    for notice in notices(list, now) {
        print_note(format_args!("{name}: {notice}"));
    }
}

/// What is worth knowing about a list, at this time.
pub(super) fn notices(list: &DeviceList, now: Timestamp) -> Vec<String> {
    let of_time = match list.time() {
        None if list.is_empty() => None,
        None => Some(
            "no readable dates: ages are unknown, so that the warnings recent and old-list can't be given".to_owned(),
        ),
        Some(time) if time.duration_since(now) > SignedDuration::from_hours(24) => Some(format!(
            "its time, {}, is in the future: ages count from it, so that every device looks older \
             than it is; correct the clock or the date that is wrong",
            time.strftime("%Y-%m-%d")
        )),
        Some(_) => None,
    };
    let lines = list.notices().iter().map(ToString::to_string);
    lines.chain(of_time).collect()
}

/// Seconds as people read them: `2 min 5 s`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notices_of(text: &str) -> String {
        let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
        let now = "2026-11-23T10:00:00Z".parse().expect("a time");
        notices(&list, now).join("\n")
    }

    #[test]
    fn list_whose_time_is_unknown_or_in_the_future_says_so() {
        assert_eq!(notices_of("hwid,last seen\nh1,2026-11-20T10:00:00Z\n"), "");
        assert_eq!(
            notices_of("hwid,last seen\nh1,2026-11-24T09:00:00Z\n"),
            "",
            "clocks differ"
        );
        let future =
            notices_of("hwid,last seen\nh1,2031-01-01T00:00:00Z\nh2,2026-11-20T10:00:00Z\n");
        assert!(
            future.contains("its time, 2031-01-01, is in the future"),
            "{future}"
        );
        let unknown = notices_of("hwid\nh1\n");
        assert!(unknown.contains("recent and old-list can't"), "{unknown}");
        assert_eq!(notices_of("[]"), "", "of nothing there is nothing to know");
    }

    #[test]
    fn list_of_host_names_points_to_the_inventory() {
        let said = notices_of("LT-4411\nLT-2093\n");
        assert!(said.contains("inventory"), "{said}");
    }
}
