//! `offboard backup`: a copy of the journal.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::{CommandError, Exit, Global, print_note, upgrade};
use crate::platform::clock::Clock;
use crate::platform::{file, state_dir};
use crate::text;

#[derive(Debug, Args)]
pub(in crate::cli) struct BackupArgs {
    /// The new file; it must not exist
    file: PathBuf,
}

/// Runs the command. It needs no configuration, and other processes may use the journal meanwhile.
pub(in crate::cli) fn run(global: &Global, args: &BackupArgs) -> Result<Exit, CommandError> {
    let state_dir = state_dir::open(global.state_dir.as_deref())?;
    let journal = upgrade::open_journal(&state_dir, &Clock::system())?;
    let runs = journal.runs()?;
    file::fill_new(&args.file, |path| {
        journal.copy_to(path).map_err(CommandError::from)
    })?;
    writeln!(
        std::io::stdout(),
        "wrote {}: {}",
        text::visible_path(&args.file),
        text::counted(runs.len() as u64, "run")
    )?;
    let open = runs.iter().filter(|run| run.state.is_open());
    let open: Vec<String> = open.map(|run| run.id.short()).collect();
    if !open.is_empty() {
        print_note(format_args!(
            "closed in the copy, because it doesn't know what is sent after this moment: {}. To go on from it, \
             fetch, and plan again",
            open.join(", ")
        ));
    }
    Ok(Exit::Accepted)
}
