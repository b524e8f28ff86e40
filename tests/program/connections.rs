//! Several connections of one process to the journal, as the screen has them beside the engine's.

use std::num::NonZeroU32;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use offboard::domain::rate_limit::Budget;
use offboard::domain::target::Target;
use offboard::engine::{SlotAnswer, SlotPurpose};
use offboard::journal::Journal;
use offboard::platform::clock::Clock;
use offboard::simulator::SimulatorSettings;

use super::workbench::Workbench;

/// The system takes every lock of a process on a file away with the first descriptor of it that is
/// closed. Another process would then believe itself alone with the journal, and may remove the log
/// under the connections that are still open.
#[test]
fn closed_connection_leaves_the_locks_of_the_others() {
    let bench = Workbench::new(SimulatorSettings::default());
    assert_eq!(bench.run(&["runs"]).code, Some(0));
    let directory = bench.path("state");
    let open = || Journal::open(&directory, Clock::system()).expect("a journal");
    let target = Target {
        tenant: bench.simulator.url(),
        account: None,
        profile: "lab".to_owned(),
    };
    let budget = Budget::per_minute(NonZeroU32::new(10).expect("positive"));
    let mut engine = open();
    let take = |journal: &mut Journal| {
        let slot = journal.take_slot(
            &target,
            &budget,
            SlotPurpose::Delete,
            Duration::from_secs(9),
        );
        assert!(matches!(slot, Ok(SlotAnswer::Taken(_))));
    };
    take(&mut engine);
    let log = bench.path("state/journal.db-wal");
    let inode = |what: &str| {
        let metadata = std::fs::metadata(&log);
        metadata.unwrap_or_else(|_| panic!("no log {what}")).ino()
    };
    let before = inode("at first");
    for _ in 0..2 {
        drop(open());
        assert!(
            is_locked(&directory.join("journal.db")),
            "by the connection that is open"
        );
        // Another process comes and goes.
        assert_eq!(bench.run(&["runs"]).code, Some(0));
        assert_eq!(inode("under an open connection"), before);
        take(&mut engine);
    }
    drop(engine);
    let ledger = open().ledger(&target, &budget).expect("readable");
    assert_eq!(ledger.slots.len(), 3, "nothing that was written is gone");
}

/// True if this process has a lock on the file. The system's list may miss an entry if another process
/// changes its locks while it is read, so that it is read several times.
fn is_locked(path: &Path) -> bool {
    let inode = std::fs::metadata(path).expect("a file").ino();
    let (ours, file) = (std::process::id().to_string(), format!(":{inode}"));
    let is_ours = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.contains(&"POSIX")
            && fields.contains(&ours.as_str())
            && fields.iter().any(|field| field.ends_with(&file))
    };
    (0..20).any(|_| {
        let locks = std::fs::read_to_string("/proc/locks").expect("the system's locks");
        locks.lines().any(is_ours)
    })
}
