//! Whether a frame has reached the terminal: a question that is written behind it, which the terminal
//! answers when it has come that far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Asks for the terminal's status. Every terminal since the VT100 answers `CSI 0n`.
pub(super) const QUESTION: &[u8] = b"\x1b[5n";
/// What the terminal answers.
const REPLY: &[u8] = b"\x1b[0n";
/// A reply isn't waited for any longer.
const LONGEST: Duration = Duration::from_secs(3);
/// How many questions in a row a terminal leaves unanswered that isn't asked again. One proves nothing: a
/// line may stall, and a reply that comes late is read by nobody.
const SILENT_MAX: u32 = 2;

/// How long giving the terminal back waits for a reply, on a line that hasn't shown that it takes longer.
const SHORT_WAIT: Duration = Duration::from_millis(200);
/// How long it waits at most.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// What the thread that reads has to know of the questions.
#[derive(Debug, Default)]
pub(in crate::tui) struct Replies {
    reads_bytes: AtomicBool,
    /// Questions whose reply that thread hasn't read.
    unread: Mutex<u32>,
    was_read: Condvar,
}

impl Replies {
    /// True while a reply is awaited: every byte is read as a key of its own.
    pub(super) fn reads_bytes(&self) -> bool {
        self.reads_bytes.load(Ordering::SeqCst)
    }

    /// True if a reply is still to be read from the terminal.
    pub(super) fn are_unread(&self) -> bool {
        *self.unread.lock().unwrap_or_else(PoisonError::into_inner) > 0
    }

    /// This byte was read; `last` are those before it that may begin a reply.
    pub(super) fn read(&self, last: &mut Vec<u8>, byte: u8) {
        last.push(byte);
        if last == REPLY {
            let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
            *unread = unread.saturating_sub(1);
            self.was_read.notify_all();
            last.clear();
        } else if !REPLY.starts_with(last) {
            last.clear();
            last.extend(Some(byte).filter(|byte| REPLY.first() == Some(byte)));
        }
    }

    fn change(&self, change: impl FnOnce(u32) -> u32) {
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        *unread = change(*unread);
    }

    /// Waits until all are read, but no longer than this. True if they are.
    fn wait(&self, longest: Duration) -> bool {
        let unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        let (unread, _) = self
            .was_read
            .wait_timeout_while(unread, longest, |unread| *unread > 0)
            .unwrap_or_else(PoisonError::into_inner);
        *unread == 0
    }
}

/// See the module. A terminal that leaves two questions in a row unanswered isn't asked again.
#[derive(Debug, Default)]
pub(in crate::tui) struct FrameProbe {
    /// Questions without a reply so far. Only the last reply is about the last frame.
    asked: u32,
    /// When the last question was written.
    written: Option<Instant>,
    /// How many questions in a row were given up.
    given_up: u32,
    /// How long the last frame with a reply was under way.
    took: Duration,
    replies: Arc<Replies>,
}

impl FrameProbe {
    /// For the thread that reads.
    pub(in crate::tui) fn replies(&self) -> Arc<Replies> {
        self.replies.clone()
    }

    fn read_bytes(&self, reads_bytes: bool) {
        self.replies
            .reads_bytes
            .store(reads_bytes, Ordering::SeqCst);
    }

    /// A question is to be written. False if the terminal isn't asked.
    pub(super) fn ask(&mut self) -> bool {
        if self.given_up >= SILENT_MAX {
            return false;
        }
        self.asked += 1;
        self.written = None;
        self.replies.change(|unread| unread + 1);
        self.read_bytes(true);
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
        self.given_up = 0;
        self.asked = self.asked.checked_sub(1)?;
        if self.is_pending() {
            return None;
        }
        self.read_bytes(false);
        let written = self.written.take();
        self.took = written.map_or(Duration::ZERO, |written| {
            now.saturating_duration_since(written)
        });
        Some(self.took)
    }

    /// Gives up if the reply is overdue. True if it was.
    pub(in crate::tui) fn give_up(&mut self, now: Instant) -> bool {
        let is_overdue = self.wait(now) == Some(Duration::ZERO);
        if is_overdue {
            self.asked = 0;
            self.written = None;
            self.given_up += 1;
            self.replies.change(|_| 0);
            self.read_bytes(false);
        }
        is_overdue
    }

    /// Waits until a reply that is under way has been read: one that came after the terminal was given
    /// back would be typed into the shell. False if it has not come.
    pub(super) fn wait_for_reply(&self) -> bool {
        let has_come = self.replies.wait(self.longest_wait());
        self.replies.change(|_| 0);
        has_come
    }

    fn longest_wait(&self) -> Duration {
        self.took.clamp(SHORT_WAIT, LONG_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probe_measures_from_the_moment_the_frame_was_written() {
        let now = Instant::now();
        let mut probe = FrameProbe::default();
        assert!(probe.ask());
        assert_eq!(
            probe.wait(now),
            None,
            "a slow line doesn't count as silence"
        );
        probe.written(now);
        assert!(probe.replies().reads_bytes());
        let took = Duration::from_millis(900);
        assert_eq!(probe.replied(now + took), Some(took));
        assert!(!probe.is_pending());
        assert!(!probe.replies().reads_bytes());
    }

    #[test]
    fn reply_to_an_earlier_frame_proves_nothing_of_the_last_one() {
        let now = Instant::now();
        let mut probe = FrameProbe::default();
        assert!(probe.ask() && probe.ask());
        probe.written(now);
        assert_eq!(probe.replied(now), None);
        assert!(probe.is_pending());
        assert_eq!(probe.replied(now), Some(Duration::ZERO));
    }

    /// Asks, and gives up after the longest wait.
    fn give_up(probe: &mut FrameProbe, now: Instant) {
        assert!(probe.ask());
        probe.written(now);
        assert!(!probe.give_up(now + Duration::from_millis(2999)));
        assert!(probe.give_up(now + LONGEST));
        assert!(!probe.is_pending());
        assert!(!probe.replies().reads_bytes());
    }

    #[test]
    fn terminal_that_leaves_two_questions_in_a_row_unanswered_is_not_asked_again() {
        let now = Instant::now();
        let mut probe = FrameProbe::default();
        give_up(&mut probe, now);
        give_up(&mut probe, now);
        assert!(!probe.ask());
    }

    fn read(replies: &Replies, bytes: &[u8]) {
        let mut last = Vec::new();
        for &byte in bytes {
            replies.read(&mut last, byte);
        }
    }

    #[test]
    fn leaving_waits_until_every_reply_is_read() {
        let mut probe = FrameProbe::default();
        assert!(probe.wait_for_reply(), "nothing was asked");
        assert!(probe.ask() && probe.ask());
        let replies = probe.replies();
        read(&replies, b"j\x1b[A\x1b\x1b[0n");
        assert!(replies.are_unread());
        read(&replies, b"\x1b[0n");
        assert!(probe.wait_for_reply());
        assert!(probe.ask());
        assert!(!probe.wait_for_reply(), "it never comes");
        assert!(probe.wait_for_reply(), "it is no longer waited for");
    }

    #[test]
    fn leaving_waits_longer_on_a_slow_line() {
        let now = Instant::now();
        let mut probe = FrameProbe::default();
        for (took, longest) in [(50, 200), (400, 400), (2500, 1000)] {
            assert!(probe.ask());
            probe.written(now);
            probe.replied(now + Duration::from_millis(took));
            assert_eq!(probe.longest_wait(), Duration::from_millis(longest));
        }
    }

    #[test]
    fn one_stall_of_the_line_is_forgiven() {
        let now = Instant::now();
        let mut probe = FrameProbe::default();
        for _ in 0..3 {
            give_up(&mut probe, now);
            assert!(probe.ask(), "it is asked again");
            probe.written(now);
            assert_eq!(probe.replied(now), Some(Duration::ZERO));
        }
    }
}
