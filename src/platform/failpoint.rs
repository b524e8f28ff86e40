//! Places where a test makes the program die or panic. A release build has none of them.
//!
//! A debug build reads `OFFBOARD_FAILPOINT`, written as `POINT=kill` or `POINT=panic`, with `@N` for
//! the N-th time that the point is reached: `intent-stored=kill@2`. With `@/FILE` it is any time once
//! that file is there. A test in the same process can also make a write of its thread fail, hold what it
//! polls between two steps, and have another process do something at a point.

use std::fmt::Debug;
#[cfg(debug_assertions)]
use std::task::Poll;

/// What becomes of the next write of this thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NextWrite {
    /// It is written.
    #[default]
    Sound,
    /// It fails, and nothing is on the disk.
    Fails,
    /// It fails, and is on the disk all the same: the confirmation was lost, not the data.
    FailsWritten,
}

/// A point, and what happens there.
#[cfg(debug_assertions)]
type AtPoint = (&'static str, Box<dyn FnOnce()>);

#[cfg(debug_assertions)]
thread_local! {
    /// How many writes are sound before it, and what then becomes of one.
    static NEXT_WRITE: std::cell::Cell<(u32, NextWrite)> =
        const { std::cell::Cell::new((0, NextWrite::Sound)) };
    /// That the next step is held, and that one is.
    static HOLD: std::cell::Cell<(bool, bool)> = const { std::cell::Cell::new((false, false)) };
    /// What happens at a point, once.
    static AT_POINT: std::cell::RefCell<Option<AtPoint>> = const { std::cell::RefCell::new(None) };
}

/// Has `what` happen when this thread next comes to `point`: what another process does at that moment.
#[cfg(debug_assertions)]
pub fn on_reach(point: &'static str, what: impl FnOnce() + 'static) {
    AT_POINT.set(Some((point, Box::new(what))));
}

/// Takes it back. True if this thread has not come to that point.
#[cfg(debug_assertions)]
pub fn cancel_point() -> bool {
    AT_POINT.take().is_some()
}

#[cfg(debug_assertions)]
fn happen_at(point: &str) {
    let is_here = AT_POINT.with_borrow(|at| at.as_ref().is_some_and(|(name, _)| *name == point));
    if is_here && let Some((_, what)) = AT_POINT.take() {
        what();
    }
}

/// Suspends the next task that this thread polls at its next `between_steps` point. Polling again resumes it,
/// dropping it simulates a kill.
#[cfg(debug_assertions)]
pub fn hold_next_step() {
    HOLD.set((true, false));
}

/// True if what was polled since [`hold_next_step`] is held. Nothing is held any more after that.
#[cfg(debug_assertions)]
pub fn is_held() -> bool {
    let (_, held) = HOLD.replace((false, false));
    held
}

/// Where a test can suspend the task: one step is durable, and the next not begun.
#[cfg(debug_assertions)]
pub(crate) async fn between_steps() {
    let mut passed = false;
    std::future::poll_fn(|_| {
        if passed || !HOLD.get().0 {
            return Poll::Ready(());
        }
        passed = true;
        HOLD.set((false, true));
        Poll::Pending
    })
    .await;
}

/// Nothing holds the steps of a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub(crate) fn between_steps() -> std::future::Ready<()> {
    std::future::ready(())
}

/// Decides what becomes of the write of this thread that comes after `sound` others.
#[cfg(debug_assertions)]
pub fn decide_write(sound: u32, next: NextWrite) {
    NEXT_WRITE.set((sound, next));
}

/// Takes the decision back. True if no write has met it.
#[cfg(debug_assertions)]
pub fn take_back_write() -> bool {
    NEXT_WRITE.replace((0, NextWrite::Sound)) != (0, NextWrite::Sound)
}

/// A release build's writes fail by themselves only.
#[cfg(not(debug_assertions))]
pub fn decide_write(_sound: u32, _next: NextWrite) {}

/// What becomes of the write that is under way.
#[cfg(debug_assertions)]
pub(crate) fn this_write() -> NextWrite {
    match NEXT_WRITE.get() {
        (0, next) => {
            NEXT_WRITE.set((0, NextWrite::Sound));
            next
        }
        (sound, next) => {
            NEXT_WRITE.set((sound - 1, next));
            NextWrite::Sound
        }
    }
}

/// A release build's writes fail by themselves only.
#[cfg(not(debug_assertions))]
#[inline]
pub(crate) fn this_write() -> NextWrite {
    NextWrite::Sound
}

/// Execution has reached `point`.
///
/// # Panics
///
/// Where the failpoint says so.
#[inline]
pub fn reach(point: &str) {
    reach_with(point, &());
}

/// Execution has reached `point`, with this at hand: a panic prints it, as that of a careless
/// `unwrap` would.
///
/// # Panics
///
/// Where the failpoint says so.
#[cfg(debug_assertions)]
pub fn reach_with(point: &str, at_hand: &dyn Debug) {
    happen_at(point);
    let Ok(wanted) = std::env::var("OFFBOARD_FAILPOINT") else {
        return;
    };
    let Some((name, what)) = wanted.split_once('=') else {
        return;
    };
    if name != point {
        return;
    }
    let (what, time) = what.split_once('@').unwrap_or((what, "1"));
    if !is_time(time) {
        return;
    }
    assert!(what != "panic", "the failpoint {point}, at {at_hand:?}");
    let this = rustix::process::getpid();
    // SIGKILL leaves no time for anything, as a loss of power wouldn't.
    let _ = rustix::process::kill_process(this, rustix::process::Signal::KILL);
}

/// True at the time that a failpoint names; asked once each time that it is reached.
#[cfg(debug_assertions)]
fn is_time(time: &str) -> bool {
    use std::sync::atomic::{AtomicU32, Ordering};
    static REACHED: AtomicU32 = AtomicU32::new(0);

    let reached = REACHED.fetch_add(1, Ordering::SeqCst) + 1;
    if time.starts_with('/') {
        return std::path::Path::new(time).exists();
    }
    time.parse() == Ok(reached)
}

/// Execution has reached `_point`, which does nothing here.
#[cfg(not(debug_assertions))]
#[inline]
pub fn reach_with(_point: &str, _at_hand: &dyn Debug) {}
