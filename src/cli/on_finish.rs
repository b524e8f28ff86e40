//! `[run] on_finish`: the command that runs after each run of this process.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::workspace::{Workspace, test_window};
use crate::export::{self, Line};
use crate::platform::command::{ChildError, CommandLine, Terms, interrupted};

/// How long the command may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The command, and what it must not get.
#[derive(Clone, Debug)]
pub(super) struct OnFinish {
    command: CommandLine,
    hidden: Vec<String>,
}

/// What happened to the command.
#[derive(Debug, thiserror::Error)]
pub(super) enum OnFinishError {
    #[error("on_finish: {0}; the run is not affected")]
    Summary(#[from] io::Error),
    #[error("on_finish: {} {error}; the run is not affected", program.display())]
    Command { program: PathBuf, error: ChildError },
    /// A panic was reported by the panic hook.
    #[error("on_finish: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

impl OnFinish {
    /// The configured command.
    pub(super) fn of(workspace: &Workspace) -> Option<Self> {
        Some(Self {
            command: workspace.policy.on_finish.clone()?,
            hidden: workspace.secret_variables.clone(),
        })
    }

    /// Runs the command with the summary line on its standard input. An error changes nothing.
    pub(super) fn run(
        &self,
        summary: &Line,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), OnFinishError> {
        let mut input = Vec::new();
        export::write_line(&mut input, summary)?;
        let terms = Terms {
            // Half of what stands for a minute.
            limit: test_window().map_or(LIMIT, |minute| minute / 2),
            input: Some(&input),
            output: None,
            hidden: &self.hidden,
            own_group: true,
            is_cancelled,
        };
        let program = self.command.program.display();
        match self.command.run(terms) {
            Ok(_) => tracing::info!(%program, "on_finish ended"),
            Err(error) => {
                tracing::warn!(error = %format_args!("{program} {error}"), "on_finish failed");
                return Err(OnFinishError::Command {
                    program: self.command.program.clone(),
                    error,
                });
            }
        }
        Ok(())
    }

    /// The same, where a signal ends the command.
    pub(super) async fn run_until_signal(self, summary: Line) -> Result<(), OnFinishError> {
        let cancelled = Arc::new(AtomicBool::new(false));
        let flag = cancelled.clone();
        let mut command = tokio::task::spawn_blocking(move || {
            self.run(&summary, &|| flag.load(Ordering::Relaxed))
        });
        tokio::select! {
            ended = &mut command => return ended?,
            () = interrupted() => cancelled.store(true, Ordering::Relaxed),
        }
        command.await?
    }
}
