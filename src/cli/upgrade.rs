//! Opens the journal, and shows that one of an older version is being upgraded.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::journal::{Journal, JournalError, UpgradeProgress};
use crate::platform::clock::Clock;

/// The time after which something is shown, and between two changes of it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Opens the journal of a state directory. A longer upgrade is shown on standard error: on a terminal how
/// far it is, else only that it takes place. It happens before anything else is on the screen.
pub(super) fn open_journal(directory: &Path, clock: &Clock) -> Result<Journal, JournalError> {
    let is_terminal = std::io::stderr().is_terminal();
    let mut drawn = Instant::now();
    let mut is_shown = false;
    let mut show = |UpgradeProgress { done, total }| {
        if drawn.elapsed() < PATIENCE || (is_shown && !is_terminal) {
            return;
        }
        drawn = Instant::now();
        is_shown = true;
        // Nobody may be looking.
        let _ = if is_terminal {
            let percent = done * 100 / total.max(1);
            write!(std::io::stderr(), "\rupgrading the journal: {percent} % ")
        } else {
            writeln!(std::io::stderr(), "upgrading the journal")
        };
    };
    let journal = Journal::open_with_progress(directory, clock.clone(), &mut show);
    if is_shown && is_terminal {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    journal
}
