//! When the next frame may be drawn: no faster than the line takes frames.
//!
//! A terminal takes some kilobytes into buffers before a write to it blocks, so that the last frame
//! may be written long before it is on the screen. How fast the line is shows between two writes
//! that blocked: the buffers were full after both, so what was written meanwhile has gone through.

use std::time::{Duration, Instant};

/// No more than 30 frames a second.
pub(super) const FRAME: Duration = Duration::from_millis(33);
/// A write that takes as long has waited for the line.
const BLOCKED: Duration = Duration::from_millis(50);
/// A write that takes longer shows that the line is slow.
const SLOW: Duration = Duration::from_millis(200);
/// How long a line counts as slow after such a write.
const SLOW_FOR: Duration = Duration::from_secs(300);
/// Two blocked writes further apart say nothing about the line: it may have been idle between them.
const MEASURED_WITHIN: Duration = Duration::from_secs(2);
/// No buffer of a terminal is smaller. Fewer bytes can't have filled it: the machine was busy.
const SMALLEST_BUFFER: u64 = 4096;
/// A line isn't taken for slower, in bytes a second: a busy machine looks like a slow line.
const SLOWEST: u64 = 8000;
/// After this much time without a blocked write the line is taken for a quarter faster.
const FASTER_AFTER: Duration = Duration::from_secs(5);
/// A frame waits at most this long for what was written before it.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// What may be under way on the line when the next frame is drawn, in milliseconds.
const UNDER_WAY: u64 = 100;

#[derive(Debug)]
pub(super) struct Pacing {
    /// When the last frame was begun.
    begun: Option<Instant>,
    /// Bytes a second; none until the line has held up frames.
    rate: Option<u64>,
    /// When the rate was measured, or raised.
    rated: Instant,
    /// What was under way at this moment, in bytes.
    backlog: (u64, Instant),
    /// When a write ended that blocked, and the bytes that were written since.
    blocked: Option<(Instant, u64)>,
    slow_since: Option<Instant>,
}

impl Pacing {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            begun: None,
            rate: None,
            rated: now,
            backlog: (0, now),
            blocked: None,
            slow_since: None,
        }
    }

    pub(super) fn begin(&mut self, now: Instant) {
        self.begun = Some(now);
    }

    /// A frame of so many bytes was written, which took so long.
    pub(super) fn flushed(&mut self, bytes: usize, took: Duration, now: Instant) {
        let bytes = bytes as u64;
        self.backlog = (self.backlog_at(now) + bytes, now);
        if let Some((_, since)) = &mut self.blocked {
            *since += bytes;
        }
        if took > SLOW {
            self.slow_since = Some(now);
        }
        if took < BLOCKED {
            if now.saturating_duration_since(self.rated) >= FASTER_AFTER {
                self.rate = self.rate.map(|rate| rate + rate / 4);
                self.rated = now;
            }
            return;
        }
        if let Some((then, since)) = self.blocked {
            let span = now.saturating_duration_since(then);
            let milliseconds = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
            if span <= MEASURED_WITHIN && since >= SMALLEST_BUFFER {
                let rate = since.saturating_mul(1000) / milliseconds;
                // Less than it seems to take, so that its buffers empty.
                self.rate = Some((rate / 4 * 3).max(SLOWEST));
                // The buffers are full; how large they are isn't known.
                self.backlog = (since.max(rate), now);
            }
        }
        self.blocked = Some((now, 0));
        self.rated = now;
    }

    /// How long the next frame has to wait.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let since_frame = self
            .begun
            .map_or(FRAME, |begun| now.saturating_duration_since(begun));
        let frame = FRAME.saturating_sub(since_frame);
        let Some(rate) = self.rate else { return frame };
        let (backlog, then) = self.backlog;
        let above = backlog.saturating_sub(rate * UNDER_WAY / 1000);
        let drained = Duration::from_millis(above.saturating_mul(1000) / rate.max(1));
        let since_flush = now.saturating_duration_since(then);
        frame.max(drained.min(LONGEST_WAIT).saturating_sub(since_flush))
    }

    /// True if the line was seen to be slow.
    pub(super) fn is_slow(&self, now: Instant) -> bool {
        self.slow_since
            .is_some_and(|since| now.saturating_duration_since(since) < SLOW_FOR)
    }

    /// What is under way at a moment, in bytes.
    fn backlog_at(&self, now: Instant) -> u64 {
        let (backlog, then) = self.backlog;
        let Some(rate) = self.rate else { return 0 };
        let span = now.saturating_duration_since(then).as_millis();
        let drained = rate.saturating_mul(u64::try_from(span).unwrap_or(u64::MAX)) / 1000;
        backlog.saturating_sub(drained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of so many bytes a second behind a buffer of so many, and a key that is held down.
    /// Returns how many frames of 5 kB are drawn in ten seconds, and how much was in the buffer on
    /// average in the last five.
    fn held_down(rate: u64, buffer: u64) -> (usize, u64) {
        let step = Duration::from_millis(1);
        let begun = Instant::now();
        let mut pacing = Pacing::new(begun);
        let (mut frames, mut filled, mut sum) = (0, 0_u64, 0);
        // The rest of the frame that is being written, and when that was begun.
        let mut writing: Option<(u64, Instant)> = None;
        for millisecond in 0..10_000_u32 {
            let now = begun + step * millisecond;
            if millisecond.is_multiple_of(100) {
                filled = filled.saturating_sub(rate / 10);
            }
            if let Some((rest, since)) = &mut writing {
                let taken = (*rest).min(buffer - filled);
                filled += taken;
                *rest -= taken;
                if *rest == 0 {
                    let since = *since;
                    writing = None;
                    pacing.flushed(5000, now.saturating_duration_since(since), now);
                }
            }
            if writing.is_none() && pacing.wait(now).is_zero() {
                pacing.begin(now);
                frames += 1;
                writing = Some((5000, now));
            }
            if millisecond >= 5000 {
                sum += filled;
            }
        }
        (frames, sum / 5000)
    }

    #[test]
    fn fast_line_gets_thirty_frames_a_second() {
        let (frames, _) = held_down(10_000_000, 65_536);
        assert!((290..=310).contains(&frames), "{frames}");
    }

    #[test]
    fn slow_line_gets_as_many_frames_as_it_takes() {
        for rate in [10_000, 20_000, 60_000] {
            let (frames, _) = held_down(rate, 16_384);
            let taken = usize::try_from(rate * 10 / 5000).expect("a small number");
            assert!(
                (taken / 2..=taken + 4).contains(&frames),
                "{frames} at {rate} B/s"
            );
        }
    }

    #[test]
    fn buffers_of_a_slow_line_are_not_kept_full() {
        let (_, filled) = held_down(20_000, 20_480);
        assert!(filled < 10_000, "{filled} bytes are under way");
    }

    #[test]
    fn single_slow_write_holds_nothing_up() {
        let now = Instant::now();
        let mut pacing = Pacing::new(now);
        pacing.begin(now);
        let later = now + Duration::from_secs(1);
        pacing.flushed(300, Duration::from_secs(1), later);
        assert!(pacing.wait(later).is_zero());
        assert!(pacing.is_slow(later));
        assert!(!pacing.is_slow(later + SLOW_FOR));
    }

    #[test]
    fn busy_machine_is_not_taken_for_a_slow_line() {
        let mut now = Instant::now();
        let mut pacing = Pacing::new(now);
        for _ in 0..5 {
            pacing.begin(now);
            now += Duration::from_millis(100);
            pacing.flushed(285, Duration::from_millis(60), now);
        }
        assert!(pacing.wait(now).is_zero());
    }
}
