//! Places where a test makes the program die or panic. A release build has none of them.
//!
//! A debug build reads `OFFBOARD_FAILPOINT`, written as `POINT=kill` or `POINT=panic`, with `@N` for
//! the N-th time that the point is reached: `intent-stored=kill@2`.

/// The program has come to `point`.
///
/// # Panics
///
/// Where the failpoint says so.
#[cfg(debug_assertions)]
pub fn reach(point: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static REACHED: AtomicU32 = AtomicU32::new(0);

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
    let reached = REACHED.fetch_add(1, Ordering::SeqCst) + 1;
    if time.parse() != Ok(reached) {
        return;
    }
    assert!(what != "panic", "the failpoint {point}");
    let this = rustix::process::getpid();
    // SIGKILL leaves no time for anything, as a loss of power wouldn't.
    let _ = rustix::process::kill_process(this, rustix::process::Signal::KILL);
}

/// The program has come to `_point`, which is nothing special here.
#[cfg(not(debug_assertions))]
#[inline]
pub fn reach(_point: &str) {}
