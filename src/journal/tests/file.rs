//! The database itself: its version, its modes, its failures.

use super::*;

#[test]
fn newer_journal_is_read_and_never_written() {
    let mut fixture = fixture();
    let plan = plan(1, &["a1"]);
    admit(&mut fixture.journal, &plan);
    fixture
        .journal
        .connection
        .pragma_update(None, "user_version", 99)
        .expect("updated");
    let mut newer = Journal::open(&fixture.path, fixture.clock.clone()).expect("readable");
    assert_eq!(newer.runs().expect("readable").len(), 1);
    let error = newer
        .store_state(&plan.id, RunState::Running, None)
        .expect_err("newer");
    assert!(
        matches!(error, JournalError::Newer { found: 99, .. }),
        "{error}"
    );
}

#[test]
fn writes_are_refused_after_a_failed_write() {
    let mut fixture = fixture();
    let pages: i64 = fixture
        .journal
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("pages");
    fixture
        .journal
        .connection
        .pragma_update(None, "max_page_count", pages)
        .expect("a full disk");
    let hwids: Vec<String> = (0..500).map(|number| format!("h{number}")).collect();
    let plan = plan(1, &hwids.iter().map(String::as_str).collect::<Vec<_>>());
    let confirmed = plan.confirm(500).expect("confirmed");
    let error = fixture
        .journal
        .admit(&confirmed, &Operator::default(), &policy())
        .expect_err("full");
    assert!(error.to_string().contains("full"), "{error}");
    fixture
        .journal
        .connection
        .pragma_update(None, "max_page_count", 1_000_000)
        .expect("room again");
    let error = fixture
        .journal
        .admit(&confirmed, &Operator::default(), &policy())
        .expect_err("poisoned");
    assert!(matches!(error, JournalError::Poisoned));
}

#[test]
fn journal_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1"]));
    for entry in std::fs::read_dir(&fixture.path).expect("readable") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn open_succeeds_for_processes_that_create_the_journal_together() {
    let directory = tempfile::tempdir().expect("a directory");
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Journal::open(directory.path(), Clock::system()).map(|_| ())))
            .collect();
        for thread in opened {
            thread.join().expect("no panic").expect("opened");
        }
    });
}
