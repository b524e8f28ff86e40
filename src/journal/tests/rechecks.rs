//! A recheck is stored with its run; a plan that was never confirmed gives way to another recheck.

use super::*;
use crate::plan::{ConfirmedPlan, Dropped, LeftOutReason, Recheck};

fn rechecked(plan: &Plan, ordinals: &[u32]) -> ConfirmedPlan {
    let dropped = ordinals.iter().map(|&ordinal| Dropped {
        ordinal,
        device: plan.devices[ordinal as usize].clone(),
        reason: LeftOutReason::Missing,
    });
    let recheck = Recheck {
        at: "2026-11-23T12:00:00Z".parse().expect("a time"),
        list_name: "inventory.jsonl".to_owned(),
        list_hash: "00ff".to_owned(),
        list_time: Some("2026-11-23T11:30:00Z".parse().expect("a time")),
        planned_devices: plan.devices.len() as u64,
        planned_hash: plan.hash(),
        dropped: dropped.collect(),
    };
    let count = plan.devices.len() as u64;
    let confirmed = plan.confirm(count).expect("the count of the plan");
    confirmed.rechecked(recheck).expect("some are left")
}

fn admit_confirmed(journal: &mut Journal, confirmed: &ConfirmedPlan) -> Admission {
    journal
        .admit(confirmed, &Operator::default(), &policy())
        .expect("admitted or not")
}

#[test]
fn recheck_is_stored_with_its_run_and_what_it_dropped() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2", "h3"]);
    let confirmed = rechecked(&plan, &[1]);
    let admission = admit_confirmed(&mut fixture.journal, &confirmed);
    assert_eq!(admission, Admission::Admitted);
    let run = fixture.journal.run("last").expect("the run");
    assert_eq!(run.devices, 2);
    assert_eq!(run.hash, confirmed.plan().hash());
    let recheck = run.recheck.expect("stored");
    assert_eq!(recheck.planned_hash, plan.hash());
    assert_eq!(
        recheck.sentence(),
        "rechecked against inventory.jsonl of 2026-11-23T11:30:00Z: 1 of 3 devices dropped: 1 missing from \
         the newer list"
    );
    let dropped = fixture.journal.dropped(&plan.id).expect("read");
    assert_eq!(dropped.len(), 1);
    assert_eq!(dropped[0].ordinal, 1);
    assert_eq!(dropped[0].device.identifier, plan.devices[1].identifier);
    assert_eq!(dropped[0].reason.to_string(), "missing from the newer list");
    // A plan is used once, rechecked or not.
    let whole = plan.confirm(3).expect("the count");
    for again in [confirmed, whole, rechecked(&plan, &[0])] {
        let admission = admit_confirmed(&mut fixture.journal, &again);
        assert_eq!(admission, Admission::Used);
    }
}

#[test]
fn plan_that_was_stored_and_not_confirmed_gives_way_to_another_recheck() {
    let mut fixture = fixture();
    let journal = &mut fixture.journal;
    let blocking = plan(9, &["h1"]);
    admit(journal, &blocking);
    let plan = plan(1, &["h1", "h2", "h3"]);
    let whole = plan.confirm(3).expect("the count");
    let refused = admit_confirmed(journal, &whole);
    assert!(matches!(refused, Admission::Conflicts(_)), "{refused:?}");
    let refused = admit_confirmed(journal, &rechecked(&plan, &[2]));
    assert!(matches!(refused, Admission::Conflicts(_)), "{refused:?}");
    let admission = admit_confirmed(journal, &rechecked(&plan, &[0]));
    assert_eq!(admission, Admission::Admitted);
    let devices = journal.devices(&plan.id).expect("read");
    let sent: Vec<String> = devices
        .iter()
        .map(|record| record.device.identifier.to_string())
        .collect();
    assert_eq!(sent, ["h2", "h3"]);
    assert_eq!(journal.dropped(&plan.id).expect("read").len(), 1);
    let lock = journal.lock_run(&plan.id).expect("free");
    journal
        .open_run(&plan.id, &lock)
        .expect("its hash is right");
    // Nothing of the earlier attempts is left behind in any table, as if this had been the only one.
    let mut only = super::fixture();
    admit(&mut only.journal, &blocking);
    admit_confirmed(&mut only.journal, &rechecked(&plan, &[0]));
    let tables: Vec<String> = journal
        .connection
        .prepare(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.name = 'run'",
        )
        .and_then(|mut tables| tables.query_map([], |row| row.get(0))?.collect())
        .expect("read");
    assert!(tables.len() >= 6, "{tables:?}");
    for table in tables {
        let rows = |journal: &Journal| -> i64 {
            let sql = format!("SELECT count(*) FROM {table}");
            let rows = journal.connection.query_row(&sql, [], |row| row.get(0));
            rows.expect("read")
        };
        assert_eq!(rows(journal), rows(&only.journal), "{table}");
    }
}

#[test]
fn plan_whose_other_recheck_another_process_stored_meanwhile_is_not_confirmed() {
    let mut fixture = fixture();
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let plan = plan(1, &["h1", "h2", "h3"]);
    let (mine, others) = (rechecked(&plan, &[0]), rechecked(&plan, &[]));
    let operator = Operator::default();
    let store = |journal: &mut Journal, confirmed: &ConfirmedPlan| {
        let number = journal.store_plan(confirmed, &operator).expect("stored");
        number.expect("it wasn't confirmed")
    };
    let number = store(&mut fixture.journal, &mine);
    assert_eq!(
        store(&mut other, &others),
        number,
        "the number is given again"
    );
    let confirm = |journal: &mut Journal, confirmed: &ConfirmedPlan| {
        let admission = journal.confirm_stored(number, confirmed.plan(), &policy());
        admission.expect("admitted or not")
    };
    // This process dropped a device that is stored now.
    assert_eq!(confirm(&mut fixture.journal, &mine), Admission::Used);
    assert!(fixture.journal.confirmed(&plan.id).expect("read").is_none());
    assert_eq!(confirm(&mut other, &others), Admission::Admitted);
    assert_eq!(confirm(&mut other, &others), Admission::Used);
    let run = fixture.journal.run("last").expect("the run");
    assert_eq!(run.hash, others.plan().hash());
}
