//! How an account's devices and licences have changed, and which runs were sent meanwhile.

use jiff::Timestamp;

use super::action::Action;

/// The most points of a trend after its first: of more fetches the last in each of as many spans of time.
pub const MOST_POINTS: usize = 1000;

/// What the fetches of an account counted, and its runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// Oldest first.
    pub points: Vec<TrendPoint>,
    /// How many fetches there are.
    pub fetches: u64,
    /// Oldest first.
    pub runs: Vec<TrendRun>,
}

/// What a fetch counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendPoint {
    /// When it began.
    pub at: Timestamp,
    pub devices: u64,
    /// Those that were not seen for more than 90 days.
    pub unseen: u64,
    /// Licences used and allowed, if they were measured.
    pub licences: Option<(u64, u64)>,
}

/// A run, on the axis of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendRun {
    /// When it was confirmed.
    pub at: Timestamp,
    pub action: Action,
    /// How many devices were accepted.
    pub accepted: u64,
}

/// Takes points in any number, and keeps the first of all, with which changes begin, and the last of each
/// span of time.
#[derive(Debug)]
pub struct TrendBuilder {
    begin: i64,
    /// Seconds, at least 1.
    length: i64,
    first: Option<TrendPoint>,
    buckets: Vec<Option<TrendPoint>>,
    fetches: u64,
}

impl TrendBuilder {
    /// For points between these times.
    pub fn new(begin: Timestamp, end: Timestamp) -> Self {
        let begin = begin.as_second();
        Self {
            begin,
            length: end.as_second().saturating_sub(begin).max(1),
            first: None,
            buckets: vec![None; MOST_POINTS],
            fetches: 0,
        }
    }

    pub fn add(&mut self, point: TrendPoint) {
        self.fetches += 1;
        if self.first.is_none_or(|first| point.at < first.at) {
            self.first = Some(point);
        }
        let place = place(point.at, self.begin, self.length, self.buckets.len());
        let bucket = &mut self.buckets[place];
        if bucket.is_none_or(|before| before.at <= point.at) {
            *bucket = Some(point);
        }
    }

    /// The trend of the points that were added, and these runs.
    pub fn finish(self, mut runs: Vec<TrendRun>) -> Trend {
        runs.sort_by_key(|run| run.at);
        let kept: Vec<TrendPoint> = self.buckets.into_iter().flatten().collect();
        let first = self.first.filter(|first| kept.first() != Some(first));
        Trend {
            points: first.into_iter().chain(kept).collect(),
            fetches: self.fetches,
            runs,
        }
    }
}

impl Trend {
    /// The first and the last moment; none without a fetch.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = (self.points.first()?.at, self.points.last()?.at);
        let runs = self.runs.iter().map(|run| run.at);
        let last = runs.fold(last, std::cmp::Ord::max);
        Some((first, last))
    }
}

/// In which of `count` spans between `begin` and `begin + length`, in seconds, a moment is.
pub fn place(at: Timestamp, begin: i64, length: i64, count: usize) -> usize {
    let last = count.saturating_sub(1);
    let since = at.as_second().saturating_sub(begin).clamp(0, length);
    let steps = i64::try_from(last).unwrap_or(i64::MAX);
    let place = i128::from(since) * i128::from(steps) / i128::from(length.max(1));
    usize::try_from(place).unwrap_or(last).min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn point(second: i64, devices: u64) -> TrendPoint {
        TrendPoint {
            at: at(second),
            devices,
            unseen: 0,
            licences: None,
        }
    }

    #[test]
    fn builder_keeps_the_first_and_the_last_of_each_span_however_many_there_are() {
        let mut builder = TrendBuilder::new(at(0), at(99_999));
        for second in 0..100_000 {
            builder.add(point(second, second.unsigned_abs()));
        }
        let trend = builder.finish(Vec::new());
        assert_eq!(
            (trend.points.len(), trend.fetches),
            (MOST_POINTS + 1, 100_000)
        );
        assert_eq!(trend.points.last().map(|point| point.devices), Some(99_999));
        assert!(trend.points.is_sorted_by_key(|point| point.at));
    }

    #[test]
    fn builder_keeps_two_fetches_of_one_second() {
        let mut builder = TrendBuilder::new(at(7), at(7));
        builder.add(point(7, 96));
        builder.add(point(7, 40));
        let devices: Vec<u64> = builder
            .finish(Vec::new())
            .points
            .iter()
            .map(|point| point.devices)
            .collect();
        assert_eq!(devices, [96, 40]);
    }

    #[test]
    fn place_is_within_the_spans_for_any_time() {
        assert_eq!(place(at(50), 0, 100, 11), 5);
        assert_eq!(place(at(100), 0, 100, 11), 10);
        for second in [-5, 0, 5000, 253_402_207_200] {
            assert!(place(at(second), 0, 100, 11) < 11);
            assert_eq!(place(at(second), 0, 0, 1), 0);
        }
    }

    #[test]
    fn span_has_runs_after_the_last_fetch() {
        let mut builder = TrendBuilder::new(at(10), at(20));
        builder.add(point(10, 1));
        builder.add(point(20, 1));
        let run = TrendRun {
            at: at(30),
            action: Action::Remove,
            accepted: 1,
        };
        assert_eq!(builder.finish(vec![run]).span(), Some((at(10), at(30))));
        assert_eq!(Trend::default().span(), None);
    }
}
