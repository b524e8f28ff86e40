//! The rate limit: a number of calls in any window, reported in the headers of every answer.

use std::collections::VecDeque;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct RateLimit {
    limit: u32,
    window: Duration,
    arrivals: VecDeque<Duration>,
}

/// What the headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RemainingCalls {
    pub(super) allowed: bool,
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds until a call more is left than now.
    pub(super) reset: u64,
}

impl RateLimit {
    pub(super) fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit,
            window,
            arrivals: VecDeque::new(),
        }
    }

    /// Counts a call that arrives at `now`, since the start. A refused call isn't counted.
    pub(super) fn arrive(&mut self, now: Duration) -> RemainingCalls {
        while self
            .arrivals
            .front()
            .is_some_and(|&arrival| arrival + self.window <= now)
        {
            self.arrivals.pop_front();
        }
        let allowed = self.arrivals.len() < self.limit as usize;
        if allowed {
            self.arrivals.push_back(now);
        }
        let used = u32::try_from(self.arrivals.len()).unwrap_or(u32::MAX);
        let reset = self.arrivals.front().map_or(Duration::ZERO, |&oldest| {
            (oldest + self.window).saturating_sub(now)
        });
        RemainingCalls {
            allowed,
            limit: self.limit,
            remaining: self.limit.saturating_sub(used),
            reset: reset.as_secs() + u64::from(reset.subsec_nanos() > 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_holds_in_any_window() {
        let mut limit = RateLimit::new(2, Duration::from_secs(60));
        let at = Duration::from_secs;
        assert_eq!(limit.arrive(at(0)).remaining, 1);
        assert_eq!(limit.arrive(at(30)).remaining, 0);
        let refused = limit.arrive(at(59));
        assert_eq!((refused.allowed, refused.reset), (false, 1));
        assert!(limit.arrive(at(60)).allowed);
        assert!(!limit.arrive(at(61)).allowed);
        assert!(limit.arrive(at(90)).allowed);
    }
}
