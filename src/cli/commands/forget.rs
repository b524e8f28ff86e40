//! `offboard forget`: replaces the names of devices and users in old records by hashes.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::cli::arguments::dates::parse_day;
use crate::cli::{CommandError, Exit, Global, print_note, upgrade};
use crate::journal::{Forgotten, Operator};
use crate::platform::clock::Clock;
use crate::platform::state_dir;
use crate::text::{counted, visible_path};

#[derive(Debug, Args)]
pub(in crate::cli) struct ForgetArgs {
    /// The first day that is kept, in UTC, such as 2026-01-31
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    before: Date,
    /// Show what would be forgotten, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command. It needs no configuration, and the journal for itself.
pub(in crate::cli) fn run(global: &Global, args: &ForgetArgs) -> Result<Exit, CommandError> {
    let clock = Clock::system();
    let today = Offset::UTC.to_datetime(clock.now().wall).date();
    if args.before > today {
        return Err(CommandError::usage(format!(
            "--before {} is in the future: give today's date, {today}, or an earlier one",
            args.before
        )));
    }
    let state_dir = state_dir::open(global.state_dir.as_deref())?;
    let journal = upgrade::open_journal(&state_dir, &clock)?;
    let before = args.before;
    // First what can fail without a change.
    let old = OldFiles::find(&state_dir, before)?;
    let forgotten = if args.dry_run {
        journal.forgettable(before)?
    } else {
        journal.forget(before, &Operator::current())?
    };
    let would = if args.dry_run {
        "would replace"
    } else {
        "replaced"
    };
    let mut out = std::io::stdout().lock();
    if forgotten.is_nothing() {
        writeln!(
            out,
            "no run and no hold with names was over before {before}"
        )?;
    } else {
        writeln!(out, "{would} the names of {}", counts(forgotten))?;
    }
    for path in &old.temporary {
        if args.dry_run {
            writeln!(out, "would remove {}", visible_path(path))?;
        } else if remove(path)? {
            writeln!(out, "removed {}", visible_path(path))?;
        }
    }
    out.flush()?;
    for path in &old.inventories {
        print_note(format_args!(
            "{} was fetched before {before} and has names: fetch again, or remove it",
            visible_path(path)
        ));
    }
    if !forgotten.is_nothing() && !args.dry_run {
        print_note("copies have the old names: backups, exports, reports, plan files and logs");
    }
    Ok(Exit::Accepted)
}

fn counts(forgotten: Forgotten) -> String {
    format!(
        "{} in {}, and of {}",
        counted(forgotten.devices, "device"),
        counted(forgotten.runs, "run"),
        counted(forgotten.holds, "hold")
    )
}

/// Removes a file. False if it is gone: a fetch that ends renames its part, a screen that is left its view.
fn remove(path: &Path) -> Result<bool, CommandError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(CommandError::internal(format!(
            "{}: {error}",
            visible_path(path)
        ))),
    }
}

/// Files of the state directory beside the journal that were last written before a day.
#[derive(Default)]
struct OldFiles {
    /// Saved views, the last copied text, unfinished fetches.
    temporary: Vec<PathBuf>,
    /// Fetched inventories.
    inventories: Vec<PathBuf>,
}

impl OldFiles {
    fn find(state_dir: &Path, before: Date) -> Result<Self, CommandError> {
        let end = Offset::UTC
            .to_timestamp(before.at(0, 0, 0, 0))
            .map_err(|error| CommandError::usage(format!("--before {before}: {error}")))?;
        let is_old = |path: &Path| {
            let modified = path.metadata().and_then(|metadata| metadata.modified());
            modified
                .ok()
                .and_then(|modified| Timestamp::try_from(modified).ok())
                .is_some_and(|modified| modified < end)
        };
        let mut old = Self::default();
        let copied = state_dir.join("copied.txt");
        let views = files_in(&state_dir.join("screens"))?;
        let lists = files_in(&state_dir.join("lists"))?;
        for path in views.into_iter().chain([copied]).chain(lists) {
            if !is_old(&path) {
                continue;
            }
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("jsonl") => old.inventories.push(path),
                Some("lock") => {}
                _ => old.temporary.push(path),
            }
        }
        Ok(old)
    }
}

/// The files of a directory, in order; none if it doesn't exist.
fn files_in(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<std::io::Result<_>>()?;
    paths.retain(|path| {
        path.symlink_metadata()
            .is_ok_and(|metadata| metadata.is_file())
    });
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_that_is_gone_meanwhile_is_no_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lab.part");
        std::fs::write(&path, "x").expect("written");
        assert!(remove(&path).expect("removed"));
        assert!(!remove(&path).expect("gone"));
        let error = remove(directory.path()).expect_err("a directory");
        assert!(error.message().starts_with(&visible_path(directory.path())));
    }
}
