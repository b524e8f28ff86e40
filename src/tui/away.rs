//! What happened to a run after its terminal was closed: kept when that happens, and said at the next
//! start of the terminal UI.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::outcome::Tally;
use crate::domain::run::RunId;
use crate::text::{counted, grouped, visible};
use crate::tui::runs::Runs;
use crate::tui::screens::history::state::PastRun;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::time::is_same_day;

/// The version of the shape.
const VERSION: u32 = 1;

/// A run as it was on the screen when its terminal was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedTerminal {
    #[serde(rename = "offboard_closed_terminal")]
    version: u32,
    /// The name of the run.
    run: String,
    accepted: u64,
    failed: u64,
    gone: u64,
    in_doubt: u64,
}

impl ClosedTerminal {
    fn of(run: &RunView) -> Self {
        let Tally {
            accepted,
            failed,
            gone,
            in_doubt,
            ..
        } = run.tally;
        Self {
            version: VERSION,
            run: run.id.short(),
            accepted,
            failed,
            gone,
            in_doubt,
        }
    }

    /// The active runs of this process, as the operator saw them last.
    pub fn of_active(runs: &Runs) -> Vec<Self> {
        let active = runs.ours().filter(|run| run.state.is_active());
        active.map(Self::of).collect()
    }

    /// Reads what was kept; none if it is of another version or no such thing.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let kept: Self = serde_json::from_slice(bytes).ok()?;
        (kept.version == VERSION && RunId::is_short(&kept.run)).then_some(kept)
    }

    pub fn run(&self) -> &str {
        &self.run
    }

    /// What had been answered.
    fn tally(&self) -> Tally {
        Tally {
            accepted: self.accepted,
            failed: self.failed,
            gone: self.gone,
            in_doubt: self.in_doubt,
            left: 0,
        }
    }
}

/// A run whose terminal was closed, and what the journal says of it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwayRun {
    /// As it was seen last.
    pub closed: ClosedTerminal,
    pub past: PastRun,
}

impl AwayRun {
    pub fn id(&self) -> RunId {
        self.past.record.id
    }

    /// True if a process still sends it.
    pub fn is_sent(&self) -> bool {
        self.past.holder.is_some() && self.past.state.is_active()
    }

    /// `42 accepted, 1 failed`: what was answered since then.
    fn answered(&self) -> String {
        let then = self.closed.tally();
        let counts = self.past.record.tally.answered().into_iter();
        let counts: Vec<String> = counts
            .map(|(class, now)| (class, now.saturating_sub(then.of_class(class))))
            .filter(|(_, count)| *count > 0)
            .map(|(class, count)| format!("{} {}", grouped(count), class.label()))
            .collect();
        if counts.is_empty() {
            "nothing answered".to_owned()
        } else {
            counts.join(", ")
        }
    }

    /// `while you were away: 42 accepted, 1 failed · finished 22:31 UTC`.
    fn outline(&self, now: Timestamp, dot: &str) -> String {
        let ended = self.past.record.ended_at.map_or(String::new(), |ended| {
            let format = if is_same_day(ended, now) {
                " %H:%M UTC"
            } else {
                " %F %H:%M UTC"
            };
            ended.strftime(format).to_string()
        });
        let became = if self.is_sent() {
            "still being sent".to_owned()
        } else {
            format!("{}{ended}", self.past.state.as_str())
        };
        format!("while you were away: {}{dot}{became}", self.answered())
    }

    /// The same with what is left, and by whom it is sent or why it stopped; safe to show.
    pub fn sentence(&self, now: Timestamp, dot: &str) -> String {
        let outline = self.outline(now, dot);
        let record = &self.past.record;
        if !self.past.state.is_open() {
            return outline;
        }
        let why = if self.is_sent() {
            self.past.driver(now)
        } else {
            record.reason_without_advice().map(str::to_owned)
        };
        // The reason is last: a narrow screen cuts it.
        let why = why.map_or(String::new(), |why| format!("{dot}{}", visible(&why)));
        format!("{outline}{dot}{} left{why}", grouped(record.tally.left))
    }
}

/// What happened to this run, if its terminal was closed, without the reason.
pub fn about(away: &[AwayRun], run: RunId, now: Timestamp, dot: &str) -> Option<String> {
    let away = away.iter().find(|away| away.id() == run)?;
    Some(away.outline(now, dot))
}

/// What the first line says: of the newest run that isn't among the `announced` ones.
pub(in crate::tui) fn first_line(
    away: &[AwayRun],
    announced: &[PastRun],
    now: Timestamp,
    dot: &str,
) -> Option<String> {
    let is_announced = |away: &&AwayRun| announced.iter().any(|run| run.record.id == away.id());
    let mut others = away.iter().filter(|away| !is_announced(away));
    let newest = others.next()?.sentence(now, dot);
    let more = others.count() as u64;
    Some(if more > 0 {
        format!(
            "{newest}{dot}and {}: see the history",
            counted(more, "earlier run")
        )
    } else {
        newest
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::{PauseReason, RunState, StopCause};
    use crate::tui::update::tests::operator;
    use crate::tui::update::tests::reviewing::stopped_run;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// A run with 2 accepted devices at the moment its terminal was closed.
    fn away(change: impl FnOnce(&mut PastRun)) -> AwayRun {
        let mut past = stopped_run(&operator()).past;
        past.record.reason = None;
        past.record.ended_at = Some(at("2026-11-23T22:31:10Z"));
        past.record.tally = Tally {
            accepted: 44,
            failed: 1,
            left: 0,
            ..Tally::default()
        };
        past.state = RunState::Finished;
        change(&mut past);
        let closed = ClosedTerminal {
            version: VERSION,
            run: past.record.id.short(),
            accepted: 2,
            failed: 0,
            gone: 0,
            in_doubt: 0,
        };
        AwayRun { closed, past }
    }

    fn sentence(change: impl FnOnce(&mut PastRun)) -> String {
        away(change).sentence(at("2026-11-23T23:00:00Z"), " · ")
    }

    #[test]
    fn sentence_counts_what_was_answered_since_the_terminal_was_closed() {
        assert_eq!(
            sentence(|_| {}),
            "while you were away: 42 accepted, 1 failed · finished 22:31 UTC"
        );
        let earlier = away(|_| {}).sentence(at("2026-11-24T09:00:00Z"), " - ");
        assert!(
            earlier.ends_with("- finished 2026-11-23 22:31 UTC"),
            "{earlier}"
        );
    }

    #[test]
    fn sentence_says_why_a_run_stopped_and_what_is_left() {
        let stopped = sentence(|past| {
            past.state = RunState::Stopped;
            past.record.reason = Some(format!(
                "{}. Resume it.",
                PauseReason::Stopped(StopCause::Hangup)
            ));
            past.record.tally = Tally {
                accepted: 2,
                left: 48,
                ..Tally::default()
            };
        });
        assert_eq!(
            stopped,
            "while you were away: nothing answered · stopped 22:31 UTC · 48 left · the terminal was closed \
             (SIGHUP)"
        );
    }

    #[test]
    fn sentence_names_the_process_that_still_sends_the_run() {
        let sent = sentence(|past| {
            past.state = RunState::Running;
            past.holder = Some("process 4711 since 2026-11-23T22:00:00Z".to_owned());
            past.record.tally.left = 7;
        });
        assert_eq!(
            sent,
            "while you were away: 42 accepted, 1 failed · still being sent · 7 left · driven by process 4711 \
             since 22:00:00"
        );
    }

    #[test]
    fn first_line_says_it_and_a_stopped_run_is_announced_beside_it() {
        for size in [(120, 40), (80, 24)] {
            let mut operator = operator();
            operator.app.context.size = size;
            operator.app.context.settings.away = vec![away(|_| {})];
            operator.app.begin();
            let said = operator.app.context.status.clone().expect("a line");
            assert!(
                said.starts_with("while you were away: 42 accepted"),
                "{said}"
            );
            operator.app.context.status = None;
            let stopped = away(|past| {
                past.state = RunState::Stopped;
                past.record.tally.left = 5;
            });
            operator.app.context.settings.open_runs = vec![stopped.past.clone()];
            operator.app.context.settings.away = vec![stopped];
            operator.app.begin();
            let shown = crate::tui::render::tests::shown;
            let screen = shown(&operator.app);
            assert!(
                screen.contains("while you were away: 42 accepted"),
                "{screen}"
            );
            operator.press("j");
            let screen = shown(&operator.app);
            assert!(screen.contains("1 run stopped with 5 devices"), "{screen}");
        }
    }

    #[test]
    fn read_returns_what_was_kept_and_nothing_else() {
        let closed = away(|_| {}).closed;
        let bytes = serde_json::to_vec(&closed).expect("a text");
        assert_eq!(ClosedTerminal::read(&bytes), Some(closed));
        let text = String::from_utf8(bytes).expect("text");
        for other in ["last", "../../x"] {
            let short = away(|_| {}).closed.run;
            assert_eq!(
                ClosedTerminal::read(text.replace(&short, other).as_bytes()),
                None
            );
        }
        assert_eq!(
            ClosedTerminal::read(text.replace(":1,", ":2,").as_bytes()),
            None
        );
    }
}
