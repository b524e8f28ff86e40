//! Runs the configured command after each run of this process, without blocking the screen.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::platform::command::interrupted;
use crate::tui::backend::Backend;
use crate::tui::error::BackendError;
use crate::tui::run_end::RunEnd;

/// How long is waited without saying so.
const UNMENTIONED: Duration = Duration::from_millis(300);

/// The commands that were run, and those that still are.
#[derive(Debug, Default)]
pub(super) struct Ends {
    tasks: Vec<JoinHandle<Option<String>>>,
    cancelled: Arc<AtomicBool>,
}

impl Ends {
    /// Runs the command for an end on a thread of its own, then calls `done` with the result.
    pub(super) fn notify(
        &mut self,
        end: RunEnd,
        done: impl FnOnce(Result<(), BackendError>) + Send + 'static,
        backend: &Arc<dyn Backend>,
    ) {
        let (backend, cancelled) = (backend.clone(), self.cancelled.clone());
        self.tasks.push(tokio::task::spawn_blocking(move || {
            let result = backend.notify_end(&end, &|| cancelled.load(Ordering::Relaxed));
            let failure = result.as_ref().err().map(ToString::to_string);
            done(result);
            failure
        }));
    }

    /// Waits for the commands, once the screen is closed. A signal ends them. Returns the failures, which
    /// may have been on the screen for a moment only.
    pub(super) async fn finish(self) -> Vec<String> {
        let Self { tasks, cancelled } = self;
        let all = async {
            let mut failures = Vec::new();
            for task in tasks {
                // A panic was reported by the panic hook.
                failures.extend(task.await.ok().flatten());
            }
            failures
        };
        tokio::pin!(all);
        if let Ok(failures) = tokio::time::timeout(UNMENTIONED, &mut all).await {
            return failures;
        }
        // Nobody may be looking.
        let _ = writeln!(
            std::io::stderr(),
            "waiting for the on_finish command; ctrl-c ends it"
        );
        tokio::select! {
            failures = &mut all => return failures,
            () = interrupted() => cancelled.store(true, Ordering::Relaxed),
        }
        all.await
    }
}
