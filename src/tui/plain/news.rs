//! What happened since the last line: the app's messages, and the progress of runs.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::run::{RunId, RunState};
use crate::export;
use crate::text::visible;
use crate::tui::context::Context;
use crate::tui::plain::Dialogue;
use crate::tui::screens::run::activity::{Length, activity};
use crate::tui::screens::run::state::RunView;

/// A run that goes on as before is reported no more often.
const PROGRESS: Duration = Duration::from_secs(10);

/// What was said of each run.
#[derive(Debug, Default)]
pub(super) struct News {
    said: HashMap<RunId, Said>,
    /// Lookups were under way.
    looked_up: bool,
}

#[derive(Debug)]
struct Said {
    state: RunState,
    calls: u32,
    notices: usize,
    at: Instant,
}

impl Dialogue {
    /// Prints what happened.
    pub(super) fn say_news(&mut self) {
        let mut lines = Vec::new();
        if let Some(status) = self.host.app.take_status() {
            lines.push(super::spoken::line_of(&status));
        }
        let context = &self.host.app.context;
        lines.extend(self.news.of_runs(context, Instant::now()));
        let looks_up = context.runs.lookup_progress.is_some();
        if std::mem::replace(&mut self.news.looked_up, looks_up) && !looks_up {
            lines.push("The look-up has ended. Type failures to print the results.".to_owned());
        }
        self.say_all(&lines);
    }
}

impl News {
    /// A line for each run of this process that has come further.
    fn of_runs(&mut self, context: &Context, now: Instant) -> Vec<String> {
        let mut lines = Vec::new();
        for run in context.runs.views.iter().filter(|run| run.is_ours()) {
            let said = self.said.entry(run.id).or_insert(Said {
                state: RunState::Queued,
                calls: 0,
                notices: 0,
                at: now,
            });
            let new_notices = run.notices.get(said.notices..).unwrap_or_default();
            lines.extend(
                new_notices
                    .iter()
                    .map(|notice| format!("run {}: {}", run.id, visible(notice))),
            );
            said.notices = run.notices.len();
            let changed = said.state != run.state;
            let is_due = run.calls != said.calls && now.duration_since(said.at) >= PROGRESS;
            if changed || is_due {
                (said.state, said.calls, said.at) = (run.state, run.calls, now);
                lines.push(progress(context, run));
            }
        }
        lines
    }
}

/// `run vag4p68w, remove: 78 accepted; 6 failed; sending call 6 of 7`.
pub(super) fn progress(context: &Context, run: &RunView) -> String {
    let activity = activity(context, run, Length::Medium);
    let counts = export::counts(run.tally);
    let line = format!("run {}, {}: {counts} · {activity}", run.id, run.action);
    let reason = run.pause.as_ref().map(ToString::to_string);
    let reason = reason.or_else(|| run.reason.clone());
    let rests = matches!(run.state, RunState::Paused | RunState::Stopped);
    let line = match reason.filter(|_| rests) {
        Some(reason) => format!("{line} · {}", visible(&reason)),
        None => line,
    };
    super::spoken::line_of(&line)
}
