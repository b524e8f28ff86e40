//! The waits of a command without a screen.

use std::time::Duration;

use crate::platform::clock::{BootTime, Now};

/// Waits longer than this are printed.
pub(crate) const LONG_WAIT: Duration = Duration::from_secs(2);

/// A wait, its end and its length: `next call at 14:03:22 UTC, in 47 s`.
pub(crate) fn wait_line(reason: &str, until: BootTime, now: Now) -> String {
    let wait = until.since(now.boot);
    let at = (now.wall + wait).strftime("%H:%M:%S");
    format!("{reason} at {at} UTC, in {} s", wait.as_secs())
}

/// The newest long wait.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    reason: String,
    until: BootTime,
}

impl Waits {
    /// Takes note of a wait. Its line, if it is long and was not announced before.
    pub(crate) fn announce(&mut self, reason: &str, until: BootTime, now: Now) -> Option<String> {
        // Another process that takes a slot moves the end a little.
        let is_known = until.since(self.until) <= LONG_WAIT;
        if is_known || until.since(now.boot) <= LONG_WAIT {
            return None;
        }
        self.until = until;
        reason.clone_into(&mut self.reason);
        Some(wait_line(reason, until, now))
    }

    /// What a line of progress ends with while a long wait lasts.
    pub(crate) fn suffix(&self, now: Now) -> String {
        if self.until.since(now.boot).is_zero() {
            return String::new();
        }
        format!(" · {}", wait_line(&self.reason, self.until, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::Clock;

    #[test]
    fn waits_are_announced_once_and_end_progress_lines_until_they_are_over() {
        let mut now = Clock::system().now();
        let until = |seconds: i64| BootTime(now.boot.0 + seconds * 1000);
        let (short, long, moved, later) = (until(2), until(40), until(41), until(80));
        let mut waits = Waits::default();
        assert_eq!(waits.suffix(now), "");
        assert_eq!(waits.announce("next call", short, now), None);
        let line = waits.announce("next call", long, now).unwrap();
        assert!(line.starts_with("next call at "), "{line}");
        assert!(line.ends_with(" UTC, in 40 s"), "{line}");
        assert_eq!(waits.announce("next call", moved, now), None);
        assert_eq!(waits.suffix(now), format!(" · {line}"));
        assert!(waits.announce("token", later, now).is_some());
        now.boot = later;
        assert_eq!(waits.suffix(now), "");
    }
}
