//! The exit codes of the program, from which `--help`, the manual page and `docs/automation.md` are
//! generated.

use super::outcome::Tally;
use super::run::RunState;

/// The result of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every device was accepted, or there was none to send; the command succeeded.
    Accepted,
    /// An internal or I/O error.
    Internal,
    /// Wrong usage or configuration, or a file that is not a device list.
    Usage,
    /// Nothing is left to send, but not every device was accepted.
    Failed,
    /// Some devices are in doubt.
    InDoubt,
    /// Stopped or paused with devices left.
    Resumable,
    /// Another process holds a lock that is needed.
    Locked,
    /// Refused by a safety rule; nothing was sent.
    Refused,
    /// A second signal of this number ended it without waiting for the call in flight.
    Signal(i32),
}

impl Exit {
    /// All except [`Signal`](Self::Signal), by number.
    pub const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Internal,
        Self::Usage,
        Self::Failed,
        Self::InDoubt,
        Self::Resumable,
        Self::Locked,
        Self::Refused,
    ];

    /// The exit code.
    pub fn number(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::InDoubt => 4,
            Self::Resumable => 5,
            Self::Locked => 6,
            Self::Refused => 7,
            Self::Signal(number) => 128_u8.saturating_add(u8::try_from(number).unwrap_or(0)),
        }
    }

    /// The meaning, for the help and the documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Accepted => "every device was accepted, or there was none to send",
            Self::Internal => "internal or I/O error",
            Self::Usage => "wrong usage or configuration, or not a device list",
            Self::Failed => "finished, some failed or gone; or closed, some not sent",
            Self::InDoubt => "some devices are in doubt",
            Self::Resumable => "stopped or paused; can be resumed",
            Self::Locked => "locked by another process",
            Self::Refused => "refused by a safety rule; nothing was sent",
            Self::Signal(_) => "ended at once by a second signal n",
        }
    }

    /// The code of a run. In doubt takes precedence over resumable, and resumable over failed. A closed
    /// run is not resumable.
    pub fn of_run(state: RunState, tally: Tally) -> Self {
        if tally.in_doubt > 0 {
            Self::InDoubt
        } else if tally.left_in(state) > 0 {
            Self::Resumable
        } else if tally.failed > 0 || tally.gone > 0 || tally.left > 0 {
            Self::Failed
        } else {
            Self::Accepted
        }
    }

    /// Number and meaning of every code, by number.
    pub fn table() -> impl Iterator<Item = (String, &'static str)> {
        let numbered = Self::ALL.map(|exit| (exit.number().to_string(), exit.meaning()));
        let signal = ("128+n".to_owned(), Self::Signal(0).meaning());
        numbered.into_iter().chain([signal])
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_numbers_follow_the_order_of_all() {
        for (number, exit) in (0..).zip(Exit::ALL) {
            assert_eq!(exit.number(), number);
        }
        assert_eq!(Exit::Signal(15).number(), 143);
        assert_eq!(Exit::Signal(-1).number(), 128);
    }

    #[test]
    fn exit_of_a_run_ranks_doubt_over_resumable_over_failed() {
        let code_of = |state, accepted, failed, gone, in_doubt, left| {
            let tally = Tally {
                accepted,
                failed,
                gone,
                in_doubt,
                left,
            };
            Exit::of_run(state, tally)
        };
        let (stopped, closed) = (RunState::Stopped, RunState::Closed);
        assert_eq!(code_of(stopped, 1, 1, 1, 1, 1), Exit::InDoubt);
        assert_eq!(code_of(stopped, 1, 1, 1, 0, 1), Exit::Resumable);
        assert_eq!(code_of(stopped, 1, 0, 1, 0, 0), Exit::Failed);
        assert_eq!(code_of(stopped, 1, 1, 0, 0, 0), Exit::Failed);
        assert_eq!(code_of(stopped, 1, 0, 0, 0, 0), Exit::Accepted);
        assert_eq!(code_of(closed, 1, 0, 0, 0, 1), Exit::Failed);
        assert_eq!(code_of(closed, 1, 0, 0, 1, 1), Exit::InDoubt);
    }
}
