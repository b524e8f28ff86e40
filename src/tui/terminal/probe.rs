//! Whether a frame has reached the terminal: a question that is written behind it, which the terminal
//! answers when it has come that far.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Asks for the terminal's status. Every terminal since the VT100 answers `CSI 0n`.
pub(super) const QUESTION: &[u8] = b"\x1b[5n";
/// A reply isn't waited for any longer.
const LONGEST: Duration = Duration::from_secs(3);

/// See the module. A terminal that once didn't answer isn't asked again, unless the answer comes late.
#[derive(Debug, Default)]
pub(in crate::tui) struct Probe {
    /// Questions without a reply so far. Only the last reply is about the last frame.
    asked: u32,
    /// When the last question was written.
    written: Option<Instant>,
    /// The terminal didn't answer.
    is_silent: bool,
    reads_bytes: Arc<AtomicBool>,
}

impl Probe {
    /// True while a reply is awaited: every byte is read as a key of its own.
    pub(in crate::tui) fn reads_bytes(&self) -> Arc<AtomicBool> {
        self.reads_bytes.clone()
    }

    /// A question is to be written. False if the terminal isn't asked.
    pub(super) fn ask(&mut self) -> bool {
        if self.is_silent {
            return false;
        }
        self.asked += 1;
        self.written = None;
        self.reads_bytes.store(true, Ordering::SeqCst);
        true
    }

    /// Everything up to the question was handed to the line.
    pub(super) fn written(&mut self, now: Instant) {
        if self.is_pending() {
            self.written.get_or_insert(now);
        }
    }

    /// True while a reply is awaited.
    pub(in crate::tui) fn is_pending(&self) -> bool {
        self.asked > 0
    }

    /// How long it is still awaited.
    pub(in crate::tui) fn wait(&self, now: Instant) -> Option<Duration> {
        let written = self.written.filter(|_| self.is_pending())?;
        Some(LONGEST.saturating_sub(now.saturating_duration_since(written)))
    }

    /// The terminal replied. Returns how long the last frame was under way, if this is about it.
    pub(in crate::tui) fn replied(&mut self, now: Instant) -> Option<Duration> {
        self.is_silent = false;
        self.asked = self.asked.checked_sub(1)?;
        if self.is_pending() {
            return None;
        }
        self.reads_bytes.store(false, Ordering::SeqCst);
        let written = self.written.take();
        Some(written.map_or(Duration::ZERO, |written| {
            now.saturating_duration_since(written)
        }))
    }

    /// Gives up if the reply is overdue. True if it was.
    pub(in crate::tui) fn give_up(&mut self, now: Instant) -> bool {
        let is_overdue = self.wait(now) == Some(Duration::ZERO);
        if is_overdue {
            self.asked = 0;
            self.written = None;
            self.is_silent = true;
            self.reads_bytes.store(false, Ordering::SeqCst);
        }
        is_overdue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probe_measures_from_the_moment_the_frame_was_written() {
        let now = Instant::now();
        let mut probe = Probe::default();
        assert!(probe.ask());
        assert_eq!(
            probe.wait(now),
            None,
            "a slow line doesn't count as silence"
        );
        probe.written(now);
        assert!(probe.reads_bytes().load(Ordering::SeqCst));
        let took = Duration::from_millis(900);
        assert_eq!(probe.replied(now + took), Some(took));
        assert!(!probe.is_pending());
        assert!(!probe.reads_bytes().load(Ordering::SeqCst));
    }

    #[test]
    fn reply_to_an_earlier_frame_proves_nothing_of_the_last_one() {
        let now = Instant::now();
        let mut probe = Probe::default();
        assert!(probe.ask() && probe.ask());
        probe.written(now);
        assert_eq!(probe.replied(now), None);
        assert!(probe.is_pending());
        assert_eq!(probe.replied(now), Some(Duration::ZERO));
    }

    #[test]
    fn terminal_that_does_not_answer_is_waited_for_once() {
        let now = Instant::now();
        let mut probe = Probe::default();
        assert!(probe.ask());
        probe.written(now);
        assert!(!probe.give_up(now + Duration::from_millis(2999)));
        assert!(probe.give_up(now + LONGEST));
        assert!(!probe.is_pending() && !probe.ask());
        assert_eq!(probe.replied(now + LONGEST * 2), None, "late");
        assert!(probe.ask(), "it does answer");
    }
}
