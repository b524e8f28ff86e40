//! Lookups of devices of runs.

use super::*;

/// Runs a plan of one device to its end.
fn run_one(bench: &mut Bench, plan: &Plan) {
    let confirmed = plan.confirm(1).expect("confirmed");
    bench.driver.run(confirmed).expect("accepted");
    bench.wait_for_state(1, RunState::Finished);
}

/// What a lookup of the only device of run 1 saw, and the device's state after it.
fn look_up(bench: &mut Bench, by: LookupKey) -> (LookupAnswer, DeviceState) {
    let run = RunId::from_bytes([1; 16]);
    let reference_devices = bench
        .hwids
        .iter()
        .map(|hwid| Hwid::parse(hwid).expect("a HWID"));
    let reference_devices = reference_devices.map(Identifier::Hwid).collect();
    bench
        .driver
        .look_up(run, vec![0], by, reference_devices)
        .expect("accepted");
    loop {
        let update = bench
            .updates
            .blocking_recv()
            .expect("an update of the engine");
        if let News::Lookup(LookupNews::Seen { finding, state, .. }) = update.news {
            return (finding.seen, state);
        }
    }
}

#[test]
fn lookup_by_the_alternate_identifier_decides_nothing() {
    let mut bench = bench(Duration::ZERO);
    let (hwid, mac) = bench.machine.clone();
    // A reimaged computer: its old HWID is unknown, and its MAC has a new one.
    let mut plan = bench.plan_of(1, &["reimaged-long-ago".to_owned()]);
    plan.devices[0].macs = vec![mac];
    run_one(&mut bench, &plan);
    let failed = DeviceState::Ended(Outcome::Failed(Failure::NotFound));
    let (seen, state) = look_up(&mut bench, LookupKey::AlternateIdentifier);
    assert!(matches!(seen, LookupAnswer::Present(presence) if presence.hwid == Some(hwid)));
    assert_eq!(state, failed);
    let (seen, state) = look_up(&mut bench, LookupKey::SentIdentifier);
    assert_eq!((seen, state), (LookupAnswer::Absent, failed));
    let run = RunId::from_bytes([1; 16]);
    let findings = journal(bench.directory.path()).findings(&run);
    let findings = findings.expect("readable");
    assert_eq!(findings[&0].seen, LookupAnswer::Absent, "of what was sent");
    let lookups = journal(bench.directory.path()).lookups(&run);
    let lookups = lookups.expect("readable").into_iter();
    let used: Vec<Option<String>> = lookups.map(|lookup| lookup.alternate_identifier).collect();
    assert_eq!(used, [Some(mac.to_string()), None], "both are reported");
}

#[test]
fn lookups_refuse_runs_of_another_tenant() {
    let mut bench = bench(Duration::ZERO);
    let mut plan = bench.plan_of(1, &["elsewhere".to_owned()]);
    plan.target.tenant = "https://other.example".to_owned();
    let confirmed = plan.confirm(1).expect("confirmed");
    journal(bench.directory.path())
        .admit(&confirmed, &Operator::default(), &policy())
        .expect("stored");
    bench
        .driver
        .look_up(plan.id, vec![0], LookupKey::SentIdentifier, vec![])
        .expect("accepted");
    bench.wait(1, |news| {
        matches!(news, News::Lookup(LookupNews::Ended(Some(reason))) if reason.to_string().contains("other.example"))
    });
    assert!(bench.simulator.received().is_empty(), "no call was made");
}

#[test]
fn lookups_of_a_run_that_has_nothing_to_ask_do_not_disturb_those_of_another() {
    let mut bench = bench(Duration::from_millis(300));
    let [first, second] = [(1, "unknown-1"), (2, "unknown-2")]
        .map(|(id, hwid)| bench.plan_of(id, &[hwid.to_owned()]));
    for plan in [&first, &second] {
        journal(bench.directory.path())
            .admit(
                &plan.confirm(1).expect("confirmed"),
                &Operator::default(),
                &policy(),
            )
            .expect("stored");
    }
    let control = Hwid::parse(&bench.hwids[0]).expect("a HWID");
    let reference_devices = vec![Identifier::Hwid(control)];
    let requested = bench.driver.look_up(
        first.id,
        vec![0],
        LookupKey::SentIdentifier,
        reference_devices,
    );
    requested.expect("accepted");
    while bench.simulator.received().is_empty() {
        std::thread::yield_now();
    }
    // It comes during the call for a reference device before it. The device has no other identifier.
    let by = LookupKey::AlternateIdentifier;
    let requested = bench.driver.look_up(second.id, vec![0], by, vec![]);
    requested.expect("accepted");
    let mut news = Vec::new();
    let mut called = Vec::new();
    while news.last() != Some(&(2, LookupNews::Ended(None))) {
        let update = bench.updates.blocking_recv().expect("an update");
        if let (Some(run), News::Lookup(lookup)) = (update.run, update.news) {
            match lookup {
                LookupNews::Called(calls) => called.push((calls.to_string(), calls.unconfirmed)),
                lookup => news.push((run.bytes()[0], lookup)),
            }
        }
    }
    assert!(
        matches!(
            &news[..],
            [
                (1, LookupNews::Seen { finding, .. }),
                (1, LookupNews::Ended(None)),
                _
            ] if finding.seen == LookupAnswer::Absent
        ),
        "{news:?}"
    );
    let called: Vec<_> = called
        .iter()
        .map(|(made, unconfirmed)| (&made[..], *unconfirmed))
        .collect();
    assert_eq!(
        called,
        [
            ("1 of 3 calls", 0),
            ("2 of 3 calls", 1),
            ("3 of 3 calls", 0)
        ],
        "each call is reported, not only those with a verdict"
    );
    assert_eq!(
        bench.simulator.received().len(),
        3,
        "one device, a reference device before and after"
    );
}
