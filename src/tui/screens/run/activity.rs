//! What a run does or waits for, in a few words.

use std::time::Duration;

use crate::domain::rate_limit::WaitReason;
use crate::domain::run::{PauseReason, RunState, StopCause};
use crate::engine::Waiting;
use crate::text::grouped;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::duration::{clock, step_up, whole_seconds};

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tui) enum Length {
    /// A few cells.
    Short,
    /// Without the keys.
    Medium,
    /// With the keys that do something about it.
    Long,
}

/// What the run does or waits for.
pub(in crate::tui) fn activity(context: &Context, run: &RunView, length: Length) -> String {
    let short = length == Length::Short;
    // A broken engine does nothing any more.
    let has_keys = length == Length::Long && run.is_ours() && !context.runs.is_broken();
    let left = grouped(run.tally.left);
    match (run.state, run.waiting) {
        (RunState::Running, Some((_, Waiting::Resend))) => {
            let wait = clock(until_next(context, run));
            match (short, run.resends.len()) {
                (true, _) => format!("resend {wait}"),
                (false, 0) => format!("resends what is in doubt in {wait}"),
                (false, resends) => {
                    format!("resends {} in doubt in {wait}", grouped(resends as u64))
                }
            }
        }
        (RunState::Running, Some((_, reason))) => {
            let seconds = until_next(context, run).as_secs();
            if short {
                format!("next {seconds} s")
            } else {
                format!("{} in {seconds} s", next(reason))
            }
        }
        // What another process does at the moment isn't known.
        (RunState::Running, None) if !run.is_ours() && short => "elsewhere".to_owned(),
        (RunState::Running, None) if !run.is_ours() => "driven by another process".to_owned(),
        (RunState::Running, None) if run.in_flight.is_empty() && run.calls == 0 => {
            "starting".to_owned()
        }
        (RunState::Running, None) if run.in_flight.is_empty() => "between calls".to_owned(),
        (RunState::Running, None) => sending(run, short),
        (RunState::Queued, _) if short => "queued".to_owned(),
        (RunState::Queued, _) => "queued, starts after the run before it".to_owned(),
        (RunState::Paused, _) if short => "paused".to_owned(),
        (RunState::Paused, _) => {
            let by = match run.pause {
                Some(PauseReason::Operator) => "paused by you",
                _ => "paused",
            };
            let (resume, stop) = (context.key(Command::Pause), context.key(Command::Stop));
            let keys = if has_keys {
                format!(" · {resume} resumes · {stop} stops")
            } else {
                String::new()
            };
            format!("{by} · {left} left{keys}")
        }
        (RunState::Stopped, _) if short => "stopped".to_owned(),
        (RunState::Stopped, _) => {
            let keys = if has_keys {
                format!(" · {} resumes", context.key(Command::Pause))
            } else {
                String::new()
            };
            let by = match run.pause {
                Some(PauseReason::Stopped(StopCause::Operator)) => "stopped by you",
                _ => "stopped",
            };
            format!("{by} · {left} not sent{keys}")
        }
        (RunState::Closed, _) if !short && run.tally.left > 0 => {
            format!("closed · {left} not sent")
        }
        (RunState::Finished, _) if !short => match time_spent(context, run) {
            Some(spent) => format!("finished in {}", clock(spent)),
            None => "finished".to_owned(),
        },
        (state, _) => state.as_str().to_owned(),
    }
}

fn sending(run: &RunView, short: bool) -> String {
    let call = run.calls;
    let all = call as usize + run.calls_to_come();
    if short {
        format!("call {call}/{all}")
    } else {
        format!("sending call {call} of {all}")
    }
}

/// What comes after the wait, and why there is one if that is unusual.
fn next(reason: Waiting) -> &'static str {
    match reason {
        Waiting::Slot(WaitReason::Budget | WaitReason::UnknownWindow) => "next call",
        Waiting::Slot(WaitReason::TooMany) => "answered 429 · next call",
        Waiting::Slot(WaitReason::ServerLimit) => "server limit · next call",
        Waiting::Retry(_) => "no connection · next try",
        Waiting::Resend => "resend",
    }
}

/// How long the run waits yet, in whole seconds.
fn until_next(context: &Context, run: &RunView) -> Duration {
    let wait = run
        .waiting
        .map_or(Duration::ZERO, |(until, _)| until.since(context.now.boot));
    Duration::from_secs(whole_seconds(wait))
}

/// How long the run has been sending, or was.
pub(in crate::tui) fn time_spent(context: &Context, run: &RunView) -> Option<Duration> {
    let end = run.ended_at.unwrap_or(context.now.wall);
    end.duration_since(run.started_at?).try_into().ok()
}

/// The estimated time until the run ends, or until its next resend. `None` unless it continues automatically.
pub(in crate::tui) fn time_to_end(context: &Context, run: &RunView) -> Option<String> {
    let resends = matches!(run.waiting, Some((_, Waiting::Resend)));
    if resends && run.state == RunState::Running {
        return Some(clock(until_next(context, run)));
    }
    time_to_go(context, run)
}

/// About how long the calls that are left take; none unless the run goes on by itself.
pub(in crate::tui) fn time_to_go(context: &Context, run: &RunView) -> Option<String> {
    let is_resend = matches!(run.waiting, Some((_, Waiting::Resend)));
    if run.state != RunState::Running || is_resend {
        return None;
    }
    let calls_left = run.calls_to_come() as u64;
    let next = until_next(context, run);
    if calls_left == 0 && next.is_zero() {
        return None;
    }
    let time = context.time_for(calls_left, next);
    if !time.is_zero() {
        return Some(clock(time));
    }
    // The limit lets all of them go at once: what counts is how long answers take.
    let typical = run.call_log.typical().unwrap_or(Duration::from_secs(1));
    let answers = typical.saturating_mul(u32::try_from(calls_left).unwrap_or(u32::MAX));
    Some(clock(step_up(answers.max(Duration::from_secs(1)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusual_wait_says_what_it_is_for() {
        for (reason, said) in [
            (Waiting::Slot(WaitReason::Budget), "next call"),
            (
                Waiting::Slot(WaitReason::TooMany),
                "answered 429 · next call",
            ),
            (Waiting::Retry(2), "no connection · next try"),
        ] {
            assert_eq!(next(reason), said);
        }
    }
}
