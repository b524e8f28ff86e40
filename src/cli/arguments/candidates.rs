//! What a shell completes beyond the command line itself: profiles, runs and the words of a query.
//!
//! The configuration and the journal are those that the unfinished command line names. Nothing is
//! created, printed or connected to: what can't be read has no candidates.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::config::{Config, expand_home};
use crate::domain::action::Action;
use crate::domain::run::RunState;
use crate::journal::Journal;
use crate::list::{DeviceList, Field};
use crate::platform::clock::Clock;
use crate::platform::state_dir;
use crate::query;

/// How many runs are offered, from the newest.
const RUNS: usize = 8;

/// Completes the name of a profile.
pub(in crate::cli) fn profiles() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let config = Config::load(option("--config").as_deref()).ok().flatten();
        let profiles = config.map(|config| config.profiles).unwrap_or_default();
        let candidates = profiles.iter().map(|(name, profile)| {
            let host = profile.target(name).host().to_owned();
            (name.clone(), host)
        });
        // A name that a shell would have to quote is left to the user.
        let is_plain = |name: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            name.bytes().all(is_plain)
        };
        beginning_with(current, candidates.filter(|(name, _)| is_plain(name)))
    })
}

/// Completes the name of a run: `last`, and the newest ones.
pub(in crate::cli) fn runs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| newest_runs(current, |_| true).unwrap_or_default())
}

/// Completes the name of a run with devices that may still be sent.
pub(in crate::cli) fn open_runs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        newest_runs(current, RunState::is_open).unwrap_or_default()
    })
}

/// The newest runs in one of these states, and `last` if it is one of them; none without a journal.
fn newest_runs(
    current: &OsStr,
    is_wanted: fn(RunState) -> bool,
) -> Option<Vec<CompletionCandidate>> {
    let directory = state_dir::place(option("--state-dir").as_deref())?;
    if !directory.join("journal.db").exists() {
        return None;
    }
    let runs = Journal::open(&directory, Clock::system())
        .ok()?
        .runs()
        .ok()?;
    let last = runs.first().filter(|last| is_wanted(last.state));
    let last = last.map(|_| ("last".to_owned(), "the newest run".to_owned()));
    let runs = runs.iter().filter(|run| is_wanted(run.state)).take(RUNS);
    let described = runs.map(|run| {
        let about = format!("{} · {}", run.action.as_str(), run.state.as_str());
        (run.id.to_string(), about)
    });
    Some(beginning_with(current, last.into_iter().chain(described)))
}

/// Completes the last word of a query: fields, and states after `is:`. The values of a list would need
/// the list to be read.
pub(in crate::cli) fn query() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let (Some(current), Ok(list)) = (current.to_str(), DeviceList::read_bytes("", b"[]"))
        else {
            return Vec::new();
        };
        let Some(completion) = query::complete(current, &list) else {
            return Vec::new();
        };
        let before = current.get(..completion.start).unwrap_or_default();
        let candidates = completion.candidates.iter().map(|candidate| {
            // Outside of quotes, a shell would redirect the output.
            let safe = candidate.trim_end_matches(['<', '>', '=']);
            CompletionCandidate::new(format!("{before}{safe}"))
        });
        candidates.collect()
    })
}

/// Completes the name of an action.
pub(in crate::cli) fn actions() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let actions = Action::ALL.iter();
        beginning_with(
            current,
            actions.map(|action| (action.as_str().to_owned(), action.consequence().to_owned())),
        )
    })
}

/// Completes the name of a field, with `after` behind it.
pub(in crate::cli) fn fields(after: &'static str) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let fields = Field::ALL.iter();
        beginning_with(
            current,
            fields.map(|field| {
                (
                    format!("{}{after}", field.name()),
                    field.heading().to_owned(),
                )
            }),
        )
    })
}

fn beginning_with(
    current: &OsStr,
    candidates: impl Iterator<Item = (String, String)>,
) -> Vec<CompletionCandidate> {
    let current = current.to_str().unwrap_or_default();
    candidates
        .filter(|(value, _)| value.starts_with(current))
        .map(|(value, about)| CompletionCandidate::new(value).help(Some(about.into())))
        .collect()
}

/// The value of a path option in the unfinished command line, in which `~` is not expanded yet.
fn option(name: &str) -> Option<PathBuf> {
    value_of(name, std::env::args_os()).map(|value| expand_home(PathBuf::from(value)))
}

fn value_of(name: &str, arguments: impl IntoIterator<Item = OsString>) -> Option<OsString> {
    let mut arguments = arguments.into_iter();
    let found = arguments.find_map(|argument| {
        let rest = argument.to_str()?.strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with('=')).then(|| rest.trim_start_matches('=').to_owned())
    })?;
    if !found.is_empty() {
        return Some(found.into());
    }
    // bash splits a word at `=`.
    arguments.find(|argument| argument != "=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(query: &str) -> Vec<String> {
        let candidates = super::query().complete(OsStr::new(query));
        let values = candidates.iter().map(CompletionCandidate::get_value);
        values
            .map(|value| value.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn query_completes_its_last_word_without_what_a_shell_interprets() {
        assert_eq!(completed("stat"), ["status:"]);
        assert_eq!(
            completed("unseen>90d -sta"),
            ["unseen>90d -status:", "unseen>90d -stale:"]
        );
        assert_eq!(completed("uns"), ["unseen"]);
        assert_eq!(completed("is:fa"), ["is:failed"]);
        assert!(completed("xyz").is_empty());
    }

    #[test]
    fn fields_and_actions_are_completed() {
        let completed = |completer: ArgValueCompleter, current: &str| -> Vec<OsString> {
            let candidates = completer.complete(OsStr::new(current));
            let values = candidates.iter().map(CompletionCandidate::get_value);
            values.map(OsStr::to_owned).collect()
        };
        assert_eq!(completed(fields("="), "hos"), ["hostname="]);
        assert_eq!(completed(fields(""), "").len(), Field::ALL.len());
        assert_eq!(completed(actions(), "arch"), ["archive"]);
    }

    #[test]
    fn option_is_found_in_every_form() {
        for line in [
            "offboard -- offboard --config c.toml stop",
            "offboard -- offboard --config=c.toml stop",
            "offboard -- offboard --config = c.toml stop",
        ] {
            let words = line.split(' ').map(OsString::from);
            assert_eq!(value_of("--config", words), Some("c.toml".into()), "{line}");
        }
        let words = ["offboard", "--configure", "x"].map(OsString::from);
        assert_eq!(value_of("--config", words), None);
    }
}
