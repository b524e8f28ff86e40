//! Forgetting: names of old runs and holds become hashes, in every place that has them.

mod columns;

use std::collections::BTreeSet;

use jiff::civil::date;

use super::*;
use crate::engine::lookup_verdict::{Finding, LookupAnswer, Presence};
use crate::list::{Field, RawRecord};
use crate::plan::{
    FullRecord, Hold, Keep, LeftOut, LeftOutReason, MatchedFrom, RecordWriter, Records, Warning,
};

/// Names of people and devices, which must be gone.
const NAMES: [&str; 7] = [
    "Lovelace",
    "lovelace",
    "LT-SECRET",
    "lt-secret",
    "grace.hopper",
    "nickname-of-ada",
    "sick leave",
];

/// A plan whose every text names somebody.
fn telling_plan(id: u8, hwid: &str) -> Plan {
    let mut plan = plan(id, &[hwid, "other"]);
    for (number, device) in (0..).zip(&mut plan.devices) {
        device.hostname = "LT-SECRET".to_owned();
        device.nickname = "nickname-of-ada".to_owned();
        device.user = "Ada.Lovelace@acme.example".to_owned();
        device.record = Some(number);
    }
    let mut writer = RecordWriter::default();
    for number in 0..2 {
        let text = format!(
            "{{\"hwid\":\"{hwid}\",\"n\":{number},\"Owner\":\"grace.hopper\",\"os\":\"Windows\"}}"
        );
        let record = FullRecord::of_rows(vec![RawRecord::Json { line: 1, text }]);
        writer.push(&record).expect("compressed");
    }
    plan.origin.records = Records {
        blocks: Some(writer.finish().expect("compressed")),
        ..Records::default()
    };
    plan.origin.query = Some("user:lovelace unseen>90d".to_owned());
    plan.origin.note = Some("CHG-1 for ada.lovelace, host lt-secret".to_owned());
    plan.origin.list_name = "of LT-SECRET.csv".to_owned();
    plan.origin.matched_from = Some(MatchedFrom {
        name: "ada.lovelace.txt".to_owned(),
        hash: "00ff".to_owned(),
    });
    plan.warnings = vec![Warning::Last {
        users: 1,
        hostnames: 1,
        example: "grace.hopper".to_owned(),
    }];
    plan.left_out = vec![LeftOut {
        hwid: None,
        mac: None,
        hostname: "LT-SECRET".to_owned(),
        line: 1,
        reason: LeftOutReason::Held(date(2026, 12, 31), "sick leave of Lovelace".to_owned()),
    }];
    plan
}

fn finish(fixture: &mut Fixture, plan: &Plan, ended: &str) {
    admit(&mut fixture.journal, plan);
    let answers = [Element::Deleted, Element::NotDeleted];
    one_call(&mut fixture.journal, &plan.id, &[0, 1], &answers);
    let journal = &mut fixture.journal;
    set_state(journal, &plan.id, RunState::Finished);
    let number = journal.number(&plan.id).expect("there");
    let connection = &journal.connection;
    connection
        .execute(
            "UPDATE runs SET ended_at = ?2, reason = 'status 400: LT-SECRET is locked' WHERE number = ?1",
            params![number, ended],
        )
        .expect("dated");
    connection
        .execute(
            "UPDATE calls SET words = 'LT-SECRET is offline' WHERE run = ?1",
            [number],
        )
        .expect("said");
    connection
        .execute(
            "INSERT INTO lookups (run, ordinal, looked_at, present, hostname) VALUES (?1, 0, '', 1, 'lt-secret')",
            [number],
        )
        .expect("looked up");
}

fn hold(fixture: &mut Fixture, hwid: &str, until: &str) {
    let hold = Hold {
        hwid: Some(Hwid::parse(hwid).expect("a hwid")),
        macs: vec![],
        hostname: "LT-SECRET".to_owned(),
        until: until.parse().expect("a day"),
        reason: "sick leave".to_owned(),
        owner: Some("grace.hopper".to_owned()),
    };
    let added = fixture
        .journal
        .add_holds(&target(), &[hold], &Operator::default());
    added.expect("added");
}

/// The names that any file of the state directory has.
fn names_in(directory: &Path) -> BTreeSet<&'static str> {
    let files = std::fs::read_dir(directory).expect("a directory");
    let mut found = BTreeSet::new();
    for file in files {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("readable");
        let has = |name: &&str| memchr::memmem::find(&bytes, name.as_bytes()).is_some();
        found.extend(NAMES.iter().copied().filter(has));
    }
    found
}

#[test]
fn forgotten_names_are_in_no_file_and_identifiers_and_outcomes_stay() {
    let mut fixture = fixture();
    let (old, again) = (telling_plan(1, "h1"), telling_plan(2, "h2"));
    finish(&mut fixture, &old, "2026-01-31T23:59:59.5Z");
    finish(&mut fixture, &again, "2025-06-01T10:00:00Z");
    hold(&mut fixture, "h7", "2026-11-24");
    fixture
        .journal
        .end_holds(&target(), &[by_hwid("h7")], &Operator::default())
        .expect("stored");
    fixture
        .journal
        .connection
        .execute("UPDATE hold_ends SET ended_at = '2026-01-02T00:00:00Z'", [])
        .expect("dated");
    assert_eq!(names_in(&fixture.path).len(), NAMES.len(), "before");
    let before: Vec<_> = fixture.journal.devices(&old.id).expect("devices");
    let operator = Operator {
        os_user: "root".to_owned(),
        ..Operator::default()
    };
    let forgotten = fixture
        .journal
        .forget(date(2026, 2, 1), &operator)
        .expect("forgotten");
    assert_eq!(
        (forgotten.runs, forgotten.devices, forgotten.holds),
        (2, 4, 1)
    );
    assert_eq!(names_in(&fixture.path), BTreeSet::new());

    let journal = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    journal.check().expect("sound");
    let after = journal.devices(&old.id).expect("devices");
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.state, after.state);
        assert_eq!(before.device.identifier, after.device.identifier);
        assert_eq!(before.device.macs, after.device.macs);
        assert_eq!(before.device.group, after.device.group);
        assert!(after.device.hostname.starts_with("hash-"), "{after:?}");
    }
    let other = journal.devices(&again.id).expect("devices");
    assert_eq!(
        after[0].device.user, other[0].device.user,
        "equal names stay equal"
    );
    assert_ne!(after[0].device.user, after[0].device.hostname);
    let run = journal.run("last").expect("a run");
    assert_eq!(run.hash, again.hash());
    let query = run.query.expect("a query");
    assert!(query.ends_with(" unseen>90d"), "{query}");
    let note = run.note.expect("a note");
    assert!(note.starts_with("CHG-1 for hash-"), "{note}");
    assert_eq!(
        run.warnings.expect("warnings")[0].split(": ").next(),
        Some("last")
    );
    assert!(journal.forgotten_at(&old.id).expect("read").is_some());
    let record = journal.full_record(&old.id, 1).expect("read");
    let StoredRecord::Rows(record) = record else {
        panic!("{record:?}")
    };
    let json = record.rows[0].json.as_ref().expect("JSON").get();
    assert!(
        json.contains("\"Windows\"") && json.contains("\"h1\""),
        "{json}"
    );
    let found = journal
        .find(&after[0].device.hostname)
        .expect("read")
        .devices;
    assert_eq!(found.len(), 4);
    assert_eq!(journal.find("h1").expect("read").devices.len(), 1);
    let recorded: (String, String, u64) = journal
        .connection
        .query_row(
            "SELECT os_user, before_day, devices FROM forgets",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .expect("recorded");
    assert_eq!(recorded, ("root".to_owned(), "2026-02-01".to_owned(), 4));
    let nothing = journal
        .forget(date(2026, 2, 1), &operator)
        .expect("nothing");
    assert!(nothing.is_nothing());
}

#[test]
fn runs_that_are_open_or_ended_later_and_holds_in_force_are_not_forgotten() {
    let mut fixture = fixture();
    finish(&mut fixture, &telling_plan(1, "h1"), "2026-02-01T00:00:00Z");
    let open = telling_plan(2, "h2");
    admit(&mut fixture.journal, &open);
    fixture
        .journal
        .store_state(&open.id, RunState::Stopped, None)
        .expect("stored");
    fixture
        .journal
        .connection
        .execute(
            "UPDATE runs SET ended_at = '2025-01-01T00:00:00Z' WHERE state = 'stopped'",
            [],
        )
        .expect("dated");
    hold(&mut fixture, "h7", "2026-12-31");
    let forgotten = fixture.journal.forgettable(date(2026, 2, 1)).expect("read");
    assert!(forgotten.is_nothing(), "{forgotten:?}");
    let forgotten = fixture.journal.forgettable(date(2026, 2, 2)).expect("read");
    assert_eq!((forgotten.runs, forgotten.holds), (1, 0));
}

/// Looks a run's first device up and verifies it: the tenant knows it by its name.
fn look_up(fixture: &mut Fixture, run: &RunId) {
    fixture.clock.advance(Duration::from_secs(60));
    let at = fixture.clock.now().wall;
    let seen = LookupAnswer::Present(Presence {
        hwid: Some("h1".to_owned()),
        hostname: "LT-SECRET".to_owned(),
        last_seen: Some(at),
        ..Presence::default()
    });
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let end = slot_end(slot.number);
    let finding = Finding {
        at,
        seen: seen.clone(),
    };
    let journal = &mut fixture.journal;
    journal
        .store_lookup(run, 0, None, &finding, &end, |outcome| outcome)
        .expect("stored");
    journal
        .verify_by_lookups(&target(), run, &[(0, at, seen)], &Operator::default())
        .expect("stored");
    let verified = journal.devices(run).expect("read").swap_remove(0).verified;
    assert!(verified.is_some_and(|verified| verified.sighting.is_some()));
}

#[test]
fn names_that_the_tenant_reports_of_a_forgotten_run_are_not_stored() {
    let mut fixture = fixture();
    let plan = telling_plan(1, "h1");
    finish(&mut fixture, &plan, "2026-01-01T00:00:00Z");
    let operator = Operator::default();
    let journal = fixture.journal;
    journal.forget(date(2026, 2, 1), &operator).expect("done");
    fixture.journal = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    look_up(&mut fixture, &plan.id);
    assert_eq!(names_in(&fixture.path), BTreeSet::new());
}

#[test]
fn names_that_are_not_kept_are_stored_of_no_lookup_verification_or_warning() {
    let mut fixture = fixture();
    let mut plan = plan(1, &["h1", "h2"]);
    plan.warnings = telling_plan(1, "h1").warnings;
    plan.devices[0].hostname = "LT-SECRET".to_owned();
    plan.origin.records.keep = Keep::Only {
        fields: vec![Field::User],
        headers: vec![],
    };
    admit(&mut fixture.journal, &plan);
    one_call(&mut fixture.journal, &plan.id, &[0], &[Element::Deleted]);
    look_up(&mut fixture, &plan.id);
    assert_eq!(names_in(&fixture.path), BTreeSet::new());
    let warnings = fixture.journal.run("last").expect("a run").warnings;
    assert_eq!(
        warnings.expect("warnings"),
        ["last: every device of 1 user and 1 host name is planned"]
    );
}

#[test]
fn plan_that_was_forgotten_before_it_was_confirmed_is_stored_again_with_its_names() {
    let mut fixture = fixture();
    // The first has one of the devices of the second.
    let (open, plan) = (plan(1, &["h1"]), telling_plan(2, "h1"));
    admit(&mut fixture.journal, &open);
    let confirmed = plan.clone().confirm(2).expect("confirmed");
    let operator = Operator::default();
    let admission = fixture.journal.admit(&confirmed, &operator, &policy());
    assert!(matches!(admission, Ok(Admission::Conflicts(_))));
    let journal = fixture.journal;
    journal.forget(date(2026, 12, 1), &operator).expect("done");
    fixture.journal = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    fixture
        .journal
        .store_state(&open.id, RunState::Closed, None)
        .expect("stored");
    let admission = fixture.journal.admit(&confirmed, &operator, &policy());
    assert_eq!(admission.expect("stored"), Admission::Admitted);
    assert_eq!(fixture.journal.forgotten_at(&plan.id).expect("read"), None);
    let devices = fixture.journal.devices(&plan.id).expect("devices");
    assert_eq!(devices[0].device.hostname, "LT-SECRET");
}

#[test]
fn forgetting_needs_the_journal_alone_and_removes_what_a_killed_one_left() {
    let mut fixture = fixture();
    finish(&mut fixture, &telling_plan(1, "h1"), "2026-01-01T00:00:00Z");
    let other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let error = fixture
        .journal
        .forget(date(2026, 2, 1), &Operator::default())
        .expect_err("in use");
    assert!(matches!(error, JournalError::InUse), "{error}");
    assert_eq!(
        names_in(&fixture.path).len(),
        NAMES.len(),
        "nothing was changed"
    );
    let part = fixture.path.join("journal.db.forgetting");
    std::fs::write(&part, "LT-SECRET").expect("written");
    drop(other);
    let journal = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert!(!part.exists());
    let forgotten = journal.forget(date(2026, 2, 1), &Operator::default());
    assert_eq!(forgotten.expect("forgotten").runs, 1);
}
