//! The line that announces stopped runs at the start. It stays until the history has shown them.

use crate::domain::run::RunId;
use crate::text::{counted, grouped, width};
use crate::tui::screens::history::state::PastRun;

/// So many runs are announced with the devices of each; more of them with the devices of all.
const COUNTED_ONE_BY_ONE: usize = 3;

/// The runs that had stopped at the start, until the history has shown them.
#[derive(Clone, Debug, Default)]
pub struct StoppedRuns {
    /// The newest one.
    newest: Option<RunId>,
    /// How many devices each has not sent, the newest run's first.
    left: Vec<u64>,
}

impl StoppedRuns {
    /// Announces these, newest first.
    pub fn of(runs: &[PastRun]) -> Self {
        Self {
            newest: runs.first().map(|run| run.record.id),
            left: runs.iter().map(|run| run.record.tally.left).collect(),
        }
    }

    /// The newest of them; none once they were shown.
    pub fn newest(&self) -> Option<RunId> {
        self.newest
    }

    /// The announcement in at most `room` cells where that is possible; `key` opens the history.
    pub fn line(&self, key: &str, room: usize) -> Option<String> {
        self.newest?;
        let count = self.left.len() as u64;
        let it = if count == 1 { "it" } else { "them" };
        let runs = counted(count, "run");
        let total: u64 = self.left.iter().sum();
        let of_all = format!("{runs} stopped with {} not sent", counted(total, "device"));
        let of_each = match self.left.as_slice() {
            [first @ .., last] if !first.is_empty() && count <= COUNTED_ONE_BY_ONE as u64 => {
                let first: Vec<String> = first.iter().map(|left| grouped(*left)).collect();
                let last = counted(*last, "device");
                format!(
                    "{runs} stopped with {} and {last} not sent",
                    first.join(", ")
                )
            }
            _ => of_all.clone(),
        };
        let with_key = |said: &str| format!("{said} · {key} shows {it}");
        let fits = |line: &String| width(line) <= room;
        // Without any, what is left of them is in doubt.
        let longer = [of_each, of_all].into_iter().filter(|_| total > 0);
        let mut longer = longer.map(|said| with_key(&said));
        let shortest = || with_key(&counted(count, "stopped run"));
        Some(longer.find(fits).unwrap_or_else(shortest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(left: &[u64]) -> StoppedRuns {
        StoppedRuns {
            newest: Some(RunId::from_bytes([9; 16])),
            left: left.to_vec(),
        }
    }

    #[test]
    fn line_says_how_many_runs_stopped_with_how_many_devices() {
        let line = |left: &[u64], room| stopped(left).line("4", room).expect("a line");
        assert_eq!(
            line(&[1], 80),
            "1 run stopped with 1 device not sent · 4 shows it"
        );
        assert_eq!(
            line(&[15, 1182, 7], 80),
            "3 runs stopped with 15, 1,182 and 7 devices not sent · 4 shows them"
        );
        assert_eq!(
            line(&[15, 1182, 7], 60),
            "3 runs stopped with 1,204 devices not sent · 4 shows them"
        );
        assert_eq!(
            line(&[1, 2, 3, 4], 80),
            "4 runs stopped with 10 devices not sent · 4 shows them"
        );
        for room in [40, 5] {
            assert_eq!(line(&[15], room), "1 stopped run · 4 shows it", "{room}");
        }
        assert_eq!(line(&[0], 80), "1 stopped run · 4 shows it");
        assert_eq!(StoppedRuns::of(&[]).line("4", 80), None);
    }
}
