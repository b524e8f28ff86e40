//! Logs the worker's steps with their durations, and the updates to the front end.

use std::time::Duration;

use super::update::{FetchNews, LookupNews, News, ReadingWait};
use crate::domain::outcome::Tally;
use crate::domain::rate_limit::WaitReason;
use crate::domain::run::RunId;
use crate::engine::{Command, Event, Report, SlotPurpose, TokenResult};
use crate::platform::clock::{BootTime, Now};

/// Logs a step of a run and its result.
pub(super) fn step(run: RunId, command: &'static str, event: &Event, took: Duration) {
    let took_ms = took.as_millis();
    let result = match event {
        Event::SlotTaken(slot) => format!("slot {}", slot.number),
        Event::SlotDenied { reason, .. } => format!("denied: {}", reason_of(*reason)),
        Event::Called(report) => match report.status {
            Some(status) => format!("status {status}"),
            None => format!("no answer: {}", report.message),
        },
        Event::Token(report) => match &report.result {
            TokenResult::Granted(lifetime) => {
                format!(
                    "granted for {:?} s",
                    lifetime.map(|lifetime| lifetime.as_secs())
                )
            }
            other => format!("{other:?}"),
        },
        Event::Credential(kind) => format!("{kind:?}"),
        Event::NoCredential(reason) => reason.clone(),
        _ => "done".to_owned(),
    };
    tracing::debug!(%run, command, result, took_ms, "step");
}

pub(super) fn name(command: &Command) -> &'static str {
    match command {
        Command::LoadCredential => "load credential",
        Command::TakeSlot(SlotPurpose::Token) => "take slot for a token",
        Command::TakeSlot(_) => "take slot",
        Command::StoreIntent(_) => "store intent",
        Command::Send => "send",
        Command::StoreOutcome(_) => "store outcome",
        Command::FetchToken => "fetch token",
        Command::CompleteSlot(_) => "complete slot",
        Command::StoreState(..) => "store state",
        Command::Report(_) => "report",
        Command::Wait(_) => "wait",
        Command::End => "end",
    }
}

/// Logs an update to the front end.
pub(super) fn news(run: Option<RunId>, news: &News, now: Now) {
    let run = run.map_or_else(|| "none".to_owned(), |run| run.to_string());
    match news {
        News::Report(report) => self::report(&run, report, now),
        News::Lookup(LookupNews::Seen { ordinal, state, .. }) => {
            tracing::info!(run, ordinal, ?state, "device looked up");
        }
        News::Lookup(LookupNews::Waiting(wait)) | News::Fetch(FetchNews::Waiting(wait)) => {
            let ReadingWait { until, next } = wait;
            let wait_ms = until.since(now.boot).as_millis();
            tracing::info!(run, wait_ms, until = %at(*until, now), next, "read-only call waits");
        }
        News::Lookup(other) => tracing::info!(run, news = ?other, "lookups"),
        News::Fetch(other) => tracing::info!(news = ?other, "reading the inventory"),
        News::Licences(news) => tracing::debug!(run, ?news, "licences"),
        News::Queued => tracing::info!(run, "run queued"),
        News::Budget(budget) => {
            tracing::trace!(left = budget.left, limit = budget.limit, "budget");
        }
        News::Refused(refusal) => tracing::warn!(run, reason = refusal.to_string(), "run refused"),
        News::Failed(failure) => tracing::error!(run, %failure, "the engine failed"),
    }
}

fn report(run: &str, report: &Report, now: Now) {
    match report {
        Report::Sending { call, devices } => {
            tracing::info!(run, call, devices = devices.len(), "sending");
        }
        Report::Changed {
            call,
            status,
            devices,
        } => {
            let tally = Tally::of(devices.iter().map(|&(_, state)| state));
            let Tally {
                accepted,
                failed,
                gone,
                in_doubt,
                ..
            } = tally;
            tracing::info!(
                run,
                call,
                status,
                accepted,
                failed,
                gone,
                in_doubt,
                "outcomes stored"
            );
        }
        Report::Waiting { until, reason } => {
            let wait_ms = until.since(now.boot).as_millis();
            let reason = reason.to_string();
            tracing::info!(run, reason, wait_ms, until = %at(*until, now), "run waits");
        }
        Report::State { state, pause } => {
            let pause = pause.as_ref().map(ToString::to_string);
            tracing::info!(run, state = state.as_str(), pause, "run changed its state");
        }
        Report::Notice(notice) => tracing::info!(run, notice = notice.to_string(), "notice"),
    }
}

/// A future moment as wall-clock time.
fn at(until: BootTime, now: Now) -> jiff::Timestamp {
    now.wall + until.since(now.boot)
}

fn reason_of(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Budget => "rate limit",
        WaitReason::ServerLimit => "the server allows no more calls",
        WaitReason::TooMany => "429",
        WaitReason::UnknownWindow => "the calls of the last minute are unknown",
    }
}
