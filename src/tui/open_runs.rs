//! The line that announces the open runs at the start: those that stopped, and those that another process
//! sends. It stays until the history has shown them.

use crate::domain::run::RunId;
use crate::text::{counted, grouped, width};
use crate::tui::screens::history::state::PastRun;

/// So many runs are announced with the devices of each; more of them with the devices of all.
const COUNTED_ONE_BY_ONE: usize = 3;

/// The runs that were open at the start, until the history has shown them.
#[derive(Clone, Debug, Default)]
pub struct OpenRuns {
    newest: Option<RunId>,
    /// How many devices each stopped run has not sent, the newest run's first.
    left: Vec<u64>,
    /// How many runs other processes drive.
    driven: u64,
}

impl OpenRuns {
    /// Announces these, newest first.
    pub fn of(runs: &[PastRun]) -> Self {
        let stopped = runs.iter().filter(|run| run.holder.is_none());
        Self {
            newest: runs.first().map(|run| run.record.id),
            left: stopped.map(|run| run.record.tally.left).collect(),
            driven: runs.iter().filter(|run| run.holder.is_some()).count() as u64,
        }
    }

    /// The newest of them; none once they were shown.
    pub fn newest(&self) -> Option<RunId> {
        self.newest
    }

    /// The announcement in at most `room` cells where that is possible; `key` opens the history.
    pub fn line(&self, key: &str, room: usize) -> Option<String> {
        self.newest?;
        let is_one = self.left.len() as u64 + self.driven == 1;
        let it = if is_one { "it" } else { "them" };
        let texts = self.texts().into_iter();
        let mut lines = texts.map(|said| format!("{said} · {key} shows {it}"));
        let first = lines.next()?;
        let fits = |line: &String| width(line) <= room;
        Some(lines.fold(
            first,
            |line, shorter| if fits(&line) { line } else { shorter },
        ))
    }

    /// What there is to say, shorter and shorter.
    fn texts(&self) -> Vec<String> {
        let stopped = self.left.len() as u64;
        let (are, by) = match self.driven {
            1 => ("is", "driven by another process"),
            _ => ("are", "driven by other processes"),
        };
        if stopped == 0 {
            let runs = counted(self.driven, "run");
            return vec![
                format!("{runs} {are} {by}"),
                format!("{runs} driven elsewhere"),
            ];
        }
        let driven_too = match self.driven {
            0 => String::new(),
            driven => format!(", {} {by}", grouped(driven)),
        };
        let runs = counted(stopped, "run");
        let total: u64 = self.left.iter().sum();
        let mut texts = Vec::new();
        // Without any, what is left of them is in doubt.
        if total > 0
            && let [first @ .., last] = self.left.as_slice()
            && !first.is_empty()
            && first.len() < COUNTED_ONE_BY_ONE
        {
            let first: Vec<String> = first.iter().map(|left| grouped(*left)).collect();
            let (first, last) = (first.join(", "), counted(*last, "device"));
            texts.push(format!(
                "{runs} stopped with {first} and {last} not sent{driven_too}"
            ));
        }
        if total > 0 {
            let devices = counted(total, "device");
            texts.push(format!(
                "{runs} stopped with {devices} not sent{driven_too}"
            ));
        }
        texts.push(match self.driven {
            0 => counted(stopped, "stopped run"),
            driven => counted(stopped + driven, "open run"),
        });
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(left: &[u64]) -> OpenRuns {
        OpenRuns {
            newest: Some(RunId::from_bytes([9; 16])),
            left: left.to_vec(),
            driven: 0,
        }
    }

    #[test]
    fn line_says_how_many_runs_other_processes_drive() {
        let line = |left: &[u64], driven, room| {
            let runs = OpenRuns {
                driven,
                ..stopped(left)
            };
            runs.line("4", room).expect("a line")
        };
        assert_eq!(
            line(&[], 1, 80),
            "1 run is driven by another process · 4 shows it"
        );
        assert_eq!(
            line(&[], 2, 80),
            "2 runs are driven by other processes · 4 shows them"
        );
        assert_eq!(line(&[], 2, 40), "2 runs driven elsewhere · 4 shows them");
        assert_eq!(
            line(&[15], 1, 90),
            "1 run stopped with 15 devices not sent, 1 driven by another process · 4 shows them"
        );
        assert_eq!(line(&[15], 1, 60), "2 open runs · 4 shows them");
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
        assert_eq!(OpenRuns::of(&[]).line("4", 80), None);
    }
}
