//! `[run] on_finish`: the command that runs after each run of this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::workspace::{Workspace, test_window};
use crate::export::{self, Line};
use crate::platform::command::{CommandLine, Terms};

/// How long the command may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The command, and what it must not get.
#[derive(Clone, Debug)]
pub(super) struct OnFinish {
    command: CommandLine,
    hidden: Vec<String>,
}

impl OnFinish {
    /// The configured command.
    pub(super) fn of(workspace: &Workspace) -> Option<Self> {
        Some(Self {
            command: workspace.policy.on_finish.clone()?,
            hidden: workspace.secret_variables.clone(),
        })
    }

    /// Runs the command with the summary line on its standard input. An error says what happened, and
    /// changes nothing.
    pub(super) fn run(
        &self,
        summary: &Line,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let mut input = Vec::new();
        let program = self.command.program.display();
        let written = export::write_line(&mut input, summary).map_err(|error| error.to_string());
        let ended = written.and_then(|()| {
            let terms = Terms {
                // Half of what stands for a minute.
                limit: test_window().map_or(LIMIT, |minute| minute / 2),
                input: Some(&input),
                output: None,
                hidden: &self.hidden,
                own_group: true,
                is_cancelled,
            };
            let ended = self.command.run(terms).map(drop);
            ended.map_err(|error| format!("{program} {error}"))
        });
        match &ended {
            Ok(()) => tracing::info!(%program, "on_finish ended"),
            Err(error) => tracing::warn!(error, "on_finish failed"),
        }
        ended.map_err(|error| format!("on_finish: {error}; the run is not affected"))
    }

    /// The same, where a signal ends the command.
    pub(super) async fn run_until_signal(self, summary: Line) -> Result<(), String> {
        let cancelled = Arc::new(AtomicBool::new(false));
        let flag = cancelled.clone();
        let mut command = tokio::task::spawn_blocking(move || {
            self.run(&summary, &|| flag.load(Ordering::Relaxed))
        });
        let signals = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let signals = signals.map(signal);
        if let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals {
            tokio::select! {
                ended = &mut command => return flat(ended),
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            cancelled.store(true, Ordering::Relaxed);
        }
        flat(command.await)
    }
}

/// A panic was reported by the panic hook.
fn flat(ended: Result<Result<(), String>, tokio::task::JoinError>) -> Result<(), String> {
    ended.unwrap_or_else(|error| Err(format!("on_finish: {error}")))
}
