//! How long a line of text waits for another key before the screen follows it.

use std::time::Duration;

use crate::platform::clock::BootTime;

/// The shortest wait.
const SHORTEST: Duration = Duration::from_millis(120);
/// Whoever takes longer for a key looks at the screen in between.
const SLOWEST: Duration = Duration::from_millis(400);

/// The pace of the keys of one line. A redraw of the table is dear on a slow line, and useless between two
/// keys of a word: the wait is longer than the pace, so that it ends when the word does.
#[derive(Clone, Copy, Debug)]
pub struct TypingPause {
    last: BootTime,
    pace: Duration,
}

impl TypingPause {
    /// Of a line that opens now, by a key.
    pub fn begin(now: BootTime) -> Self {
        Self {
            last: now,
            pace: Duration::ZERO,
        }
    }

    /// A key came: returns when the screen follows, unless another key comes first.
    pub fn after_key(&mut self, now: BootTime) -> BootTime {
        let gap = now.since(std::mem::replace(&mut self.last, now));
        self.pace = if gap > SLOWEST {
            Duration::ZERO
        } else {
            // Hands are uneven: one quick key doesn't make a quick hand.
            gap.max(self.pace * 3 / 4)
        };
        now + SHORTEST.max(self.pace * 3 / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(gaps: &[u64]) -> Vec<u128> {
        let mut now = BootTime(1_000_000);
        let mut pause = TypingPause::begin(now);
        let waits = gaps.iter().map(|&gap| {
            now = now + Duration::from_millis(gap);
            pause.after_key(now).since(now).as_millis()
        });
        waits.collect()
    }

    #[test]
    fn wait_outlasts_the_pace_of_the_keys() {
        assert_eq!(waits(&[0, 60, 60]), [120, 120, 120]);
        assert_eq!(waits(&[0, 300, 300]), [120, 450, 450]);
        assert_eq!(waits(&[0, 300, 100, 250]), [120, 450, 337, 375], "uneven");
    }

    #[test]
    fn wait_is_short_after_a_rest() {
        assert_eq!(waits(&[0, 300, 401, 50]), [120, 450, 120, 120]);
    }
}
