//! What happened since the last line: the app's messages, and the progress of runs.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::run::{PauseReason, RunId, RunState, StopCause};
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
    /// The licences that the run used and freed, once it is over.
    licences: Option<String>,
    at: Instant,
}

impl Dialogue {
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
        for run in context.runs.ours() {
            let said = self.said.entry(run.id).or_insert(Said {
                state: RunState::Queued,
                calls: 0,
                notices: 0,
                licences: None,
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
            // They are measured a moment after the end.
            let arrow = context.settings.theme.glyph("→", "->");
            let licences = run.licences.sentence(arrow);
            let licences = licences.filter(|_| !run.state.is_open());
            if licences.is_some() && said.licences != licences {
                said.licences.clone_from(&licences);
                lines.extend(
                    licences.map(|measured| format!("run {}: licences {measured}", run.id)),
                );
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
    // What the operator did, the activity says.
    let reason = match &run.pause {
        Some(PauseReason::Operator | PauseReason::Stopped(StopCause::Operator)) => None,
        Some(pause) => Some(pause.to_string()),
        None => run.reason.clone(),
    };
    let rests = matches!(run.state, RunState::Paused | RunState::Stopped);
    let line = match reason.filter(|_| rests) {
        Some(reason) => format!("{line} · {}", visible(&reason)),
        None => line,
    };
    super::spoken::line_of(&line)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::licences::{Licences, RunLicences};
    use crate::domain::outcome::Outcome;
    use crate::tui::update::tests::operator;

    #[test]
    fn progress_says_once_that_the_operator_stopped_the_run() {
        let mut operator = operator();
        operator.start_run();
        let stopped = PauseReason::Stopped(StopCause::Operator);
        for (state, pause, said) in [
            (RunState::Stopped, stopped, "stopped by you"),
            (RunState::Paused, PauseReason::Operator, "paused by you"),
        ] {
            operator.state(state, Some(pause));
            let context = &operator.app.context;
            let run = context.runs.views.last().expect("a run");
            let line = progress(context, run);
            assert!(line.contains(said), "{line}");
            assert!(!line.contains("by the operator"), "{line}");
        }
        let pause = PauseReason::TwoInDoubt;
        operator.state(RunState::Paused, Some(pause.clone()));
        let context = &operator.app.context;
        let line = progress(context, context.runs.views.last().expect("a run"));
        assert!(line.contains(&pause.to_string()), "{line}");
    }

    #[test]
    fn licences_are_said_once_after_the_end_of_the_run() {
        let mut operator = operator();
        operator.start_run();
        let mut news = News::default();
        let now = Instant::now();
        news.of_runs(&operator.app.context, now);
        let licences = |used| {
            Some(Licences {
                used,
                allowed: 500,
                measured_at: Timestamp::UNIX_EPOCH,
            })
        };
        let run = operator.app.context.runs.views.last_mut().expect("a run");
        run.licences = RunLicences {
            before: licences(120),
            after: licences(100),
        };
        let said = news.of_runs(&operator.app.context, now);
        assert!(
            said.iter().all(|line| !line.contains("licences")),
            "{said:?}"
        );
        operator.outcomes(1, &[(0, Outcome::Accepted)]);
        let run = operator.app.context.runs.views.last_mut().expect("a run");
        run.state = RunState::Finished;
        let said = news.of_runs(&operator.app.context, now);
        let about = said
            .iter()
            .filter(|line| line.contains("licences 120 → 100 of 500"));
        assert_eq!(about.count(), 1, "{said:?}");
        assert!(news.of_runs(&operator.app.context, now).is_empty());
    }
}
