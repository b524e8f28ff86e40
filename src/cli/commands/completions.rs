//! `offboard completions`: prints the completions of a shell. The printed script asks the program
//! itself for candidates, which answers here.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::env::{EnvCompleter, Shells};
use clap_complete::{CompleteEnv, Shell};

use crate::cli::{Cli, CommandError, Exit};

/// The variable by which the script of a shell asks; it holds the shell's name.
const VARIABLE: &str = "_OFFBOARD_COMPLETE";

#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the script of a shell, which calls `offboard` by its name.
pub(in crate::cli) fn run(args: &CompletionsArgs) -> Result<Exit, CommandError> {
    let mut text = Vec::new();
    completer(args.shell)?
        .write_registration(VARIABLE, "offboard", "offboard", "offboard", &mut text)?;
    std::io::stdout().write_all(&text)?;
    Ok(Exit::Accepted)
}

fn completer(shell: Shell) -> Result<&'static dyn EnvCompleter, CommandError> {
    const SHELLS: Shells<'static> = Shells::builtins();
    let name = shell.to_string();
    let found = SHELLS
        .0
        .iter()
        .copied()
        .find(|completer| completer.is(&name));
    found.ok_or_else(|| CommandError::internal(format!("no completions for {name}")))
}

/// Prints the candidates if a shell asks for them. True if it did.
pub(in crate::cli) fn answer() -> bool {
    if std::env::var_os(VARIABLE).is_none() {
        return false;
    }
    let directory = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .completer("offboard")
        .try_complete(std::env::args_os(), directory.as_deref());
    // A shell shows no errors of completions: without candidates, nothing is completed.
    asked.unwrap_or(true)
}
