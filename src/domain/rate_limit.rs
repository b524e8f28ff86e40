//! Rate limiter: a pure function of the ledger and the time.
//!
//! At most N calls may *arrive* in any window, whatever the latency. A call arrives at some moment
//! between its send and its completion, so a slot is taken before the send and frees one window
//! and a margin after the call has completed. A slot left open by a crash completes at its
//! deadline. The server's own headers can only make this stricter.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;

use crate::platform::clock::{BootTime, Now};

/// How many calls may arrive in which window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Calls in a window.
    pub calls: NonZeroU32,
    /// The window's length.
    pub window: Duration,
    /// Added to the window, for clocks that don't run alike.
    pub margin: Duration,
}

impl Budget {
    /// `calls` a minute, with a margin of one second.
    pub fn per_minute(calls: NonZeroU32) -> Self {
        Self {
            calls,
            window: Duration::from_secs(60),
            margin: Duration::from_secs(1),
        }
    }

    /// How long after its call's completion a slot is free again.
    pub fn recovery(&self) -> Duration {
        self.window + self.margin
    }
}

/// One call's place in the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Grows with each slot taken.
    pub number: i64,
    /// When the slot was taken.
    pub taken: BootTime,
    /// When the call is given up, and then counts as completed.
    pub deadline: BootTime,
    /// When the call completed, once it has.
    pub completed: Option<BootTime>,
}

/// A limit that the server named: at most `left` calls after slot `after`, until `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Calls left.
    pub left: u32,
    /// Slots up to this number were counted by the server already.
    pub after: i64,
    /// When the limit ends.
    pub until: BootTime,
    /// Which header or status named it.
    pub source: CapSource,
}

/// Where a [`Cap`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapSource {
    /// `X-RateLimit-Remaining`.
    Remaining,
    /// A 429.
    TooMany,
    /// A reboot, or a ledger that can't be trusted: the window is taken as full once.
    Unknown,
}

/// The slots and caps of one account, as the journal holds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// In the order in which they were taken.
    pub slots: Vec<Slot>,
    /// In any order.
    pub caps: Vec<Cap>,
}

/// The answer to "may the next call go?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextCall {
    /// Yes.
    Now,
    /// Not before `at`.
    At {
        /// The earliest moment.
        at: BootTime,
        /// What makes it wait.
        reason: WaitReason,
    },
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// Our own budget.
    Budget,
    /// The server said that no calls are left.
    ServerLimit,
    /// The server answered 429.
    TooMany,
    /// The state of the window isn't known, so it is taken as full.
    UnknownWindow,
}

/// What the budget leaves, for the gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetStatus {
    /// Calls in a window.
    pub limit: u32,
    /// Calls that may go now.
    pub left: u32,
    /// When more calls may go than now, unless all may.
    pub next: Option<BootTime>,
    /// The other processes on this state directory that have taken calls of the window.
    pub others: u64,
}

/// Says when the next call may go. Of several delays the longest counts, and of two that end together
/// the first: our own budget before a cap.
pub fn next_call(ledger: &Ledger, budget: &Budget, now: BootTime) -> NextCall {
    let mut answer = NextCall::Now;
    let mut delay = |at: BootTime, reason| {
        let sooner = matches!(answer, NextCall::At { at: before, .. } if at <= before);
        if !sooner {
            answer = NextCall::At { at, reason };
        }
    };
    let freed = taken(ledger, budget, now);
    let limit = budget.calls.get() as usize;
    if freed.len() >= limit {
        // Wait until this slot is free; then the count is below the limit.
        delay(freed[freed.len() - limit], WaitReason::Budget);
    }
    for cap in ledger.caps.iter().filter(|cap| cap.until > now) {
        let used = ledger
            .slots
            .iter()
            .filter(|slot| slot.number > cap.after)
            .count();
        if used >= cap.left as usize {
            delay(
                cap.until,
                match cap.source {
                    CapSource::Remaining => WaitReason::ServerLimit,
                    CapSource::TooMany => WaitReason::TooMany,
                    CapSource::Unknown => WaitReason::UnknownWindow,
                },
            );
        }
    }
    answer
}

/// Says what the budget leaves at `now`.
pub fn budget_status(ledger: &Ledger, budget: &Budget, now: BootTime) -> BudgetStatus {
    let freed = taken(ledger, budget, now);
    let limit = budget.calls.get();
    let own = limit.saturating_sub(u32::try_from(freed.len()).unwrap_or(u32::MAX));
    // After a change of the limit more slots can be taken than it has.
    let excess = freed.len().saturating_sub(limit as usize);
    let mut status = BudgetStatus {
        limit,
        left: own,
        next: freed.get(excess).copied(),
        others: 0,
    };
    for cap in ledger.caps.iter().filter(|cap| cap.until > now) {
        let used = ledger
            .slots
            .iter()
            .filter(|slot| slot.number > cap.after)
            .count();
        let left = cap
            .left
            .saturating_sub(u32::try_from(used).unwrap_or(u32::MAX));
        if left < status.left {
            status.left = left;
            status.next = Some(cap.until);
        } else if left == status.left && left < limit {
            status.next = status.next.max(Some(cap.until));
        }
    }
    status
}

/// When each slot that is still taken at `now` frees, earliest first.
fn taken(ledger: &Ledger, budget: &Budget, now: BootTime) -> Vec<BootTime> {
    let mut freed: Vec<BootTime> = ledger
        .slots
        .iter()
        .map(|slot| slot.completed.unwrap_or(slot.deadline) + budget.recovery())
        .filter(|&freed| freed > now)
        .collect();
    freed.sort_unstable();
    freed
}

/// What an answer's headers say about the rate limit. Nothing in them is trusted to loosen it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// `X-RateLimit-Remaining`: calls left in the window.
    pub remaining: Option<u32>,
    /// `X-RateLimit-Reset-Time`: seconds until the reset, or an epoch second.
    pub reset: Option<i64>,
    /// `Retry-After`, in seconds from the answer.
    pub retry_after: Option<i64>,
    /// `Retry-After`, as a date of the server's clock.
    pub retry_at: Option<Timestamp>,
    /// `Date`: the server's clock, to which an epoch reset and `retry_at` are relative.
    pub date: Option<Timestamp>,
}

/// The shortest and the longest wait that headers can ask for.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Above it, a reset is an epoch second; up to an hour, it is a delta; between, it is noise.
const EPOCH_FROM: i64 = 1_000_000_000;

impl RateHeaders {
    /// How long these headers ask to wait, if they do. `Retry-After` wins over the reset.
    pub fn wait(&self, now: Now) -> Option<Duration> {
        let seconds = self.until_retry(now).or_else(|| self.until_reset(now))?;
        Some(wait_of(seconds))
    }

    /// The seconds that `Retry-After` names.
    fn until_retry(&self, now: Now) -> Option<i64> {
        self.retry_after
            .or_else(|| Some(self.until(self.retry_at?.as_second(), now)))
    }

    /// The seconds until the reset, if they can be those of a window.
    fn until_reset(&self, now: Now) -> Option<i64> {
        let seconds = match self.reset? {
            epoch if epoch > EPOCH_FROM => self.until(epoch, now),
            delta => Some(delta).filter(|&delta| delta >= 0)?,
        };
        is_of_a_window(seconds).then_some(seconds)
    }

    /// The seconds until an epoch second of the server's clock.
    fn until(&self, epoch: i64, now: Now) -> i64 {
        epoch.saturating_sub(self.date.unwrap_or(now.wall).as_second())
    }

    /// The cap that these headers make, for an answer to the call of slot `after`.
    ///
    /// Without a usable time, `Remaining` is taken to hold for one window. `Retry-After` alone allows no call
    /// until then.
    pub fn cap(&self, budget: &Budget, after: i64, now: Now) -> Option<Cap> {
        // On an accepted call, ignore a wait of hours (a 429's is honoured).
        let retry = self.until_retry(now).filter(|&wait| is_of_a_window(wait));
        let left = self.remaining.or(retry.map(|_| 0))?;
        let seconds = retry.or_else(|| self.until_reset(now));
        let wait = seconds.map_or(budget.window, wait_of);
        Some(Cap {
            left,
            after,
            until: now.boot + wait,
            source: CapSource::Remaining,
        })
    }
}

fn wait_of(seconds: i64) -> Duration {
    let wait = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    wait.clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

/// True for what can be the rest of a rate limit's window. None is as long as an hour: what is further
/// ahead is in milliseconds, of another clock, or noise.
fn is_of_a_window(seconds: i64) -> bool {
    i64::try_from(LONGEST_WAIT.as_secs()).is_ok_and(|longest| seconds <= longest)
}

/// The cap that a 429 makes: the window is full, and what the server says can only make the wait
/// longer. `streak` counts the 429s in a row, this one included; without a word from the server the
/// wait doubles with it, up to 15 minutes. `jitter` between 0 and 1 spreads clients that were
/// refused together.
pub fn cap_after_429(
    headers: &RateHeaders,
    budget: &Budget,
    after: i64,
    streak: u32,
    jitter: f64,
    now: Now,
) -> Cap {
    const LONGEST_BACKOFF: Duration = Duration::from_secs(900);
    let asked = headers.wait(now);
    let doubled = budget
        .window
        .saturating_mul(1 << streak.saturating_sub(1).min(4))
        .min(LONGEST_BACKOFF);
    let wait = asked.map_or(doubled, |asked| asked.max(budget.window));
    let spread = wait
        .mul_f64(0.1 * jitter.clamp(0.0, 1.0))
        .min(Duration::from_secs(10));
    Cap {
        left: 0,
        after,
        until: now.boot + wait + spread,
        source: CapSource::TooMany,
    }
}

#[cfg(test)]
mod tests;
