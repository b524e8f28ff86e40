//! The calls for licences before and after a run.

use super::*;

#[test]
fn licences_after_a_run_come_before_the_lookups_of_another_that_wait() {
    let settings = SimulatorSettings {
        latency: Duration::from_millis(30),
        ..SimulatorSettings::default()
    };
    let mut bench = bench_of(settings, true);
    let first = bench.plan(1, &bench.hwids[..20]);
    let second = bench.plan(2, &bench.hwids[20..23]);
    let is_settled = |news: &News| matches!(news, News::Licences(LicenceNews::Settled(_)));
    bench.driver.run(first).expect("accepted");
    bench.wait(1, is_settled);
    let looked_up = RunId::from_bytes([1; 16]);
    let by = LookupKey::SentIdentifier;
    let lookups = bench
        .driver
        .look_up(looked_up, (0..20).collect(), by, vec![]);
    lookups.expect("accepted");
    bench.driver.run(second).expect("accepted");
    bench.wait(2, is_settled);
    let calls = bench.simulator.received();
    let details = |call: &&crate::simulator::Received| call.path.contains("/v2.5/devices/");
    let made = calls.iter().filter(details).count();
    assert!(made < 20, "{made} of 20 lookups went before it: {calls:?}");
}

#[test]
fn stop_during_a_call_for_licences_that_hangs_comes_before_the_first_delete_call() {
    let settings = SimulatorSettings {
        account: AccountAnswer::Never,
        ..SimulatorSettings::default()
    };
    let mut bench = bench_of(settings, true);
    let (first, _) = bench.two_plans();
    bench.driver.run(first).expect("accepted");
    let begun = std::time::Instant::now();
    while !bench
        .simulator
        .received()
        .iter()
        .any(|call| call.path.ends_with("/account"))
    {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "no call for licences"
        );
        std::thread::yield_now();
    }
    bench.driver.control(Control::Stop).expect("accepted");
    bench.wait(1, |news| {
        let News::Report(Report::State { state, .. }) = news else {
            return false;
        };
        matches!(state, RunState::Stopped | RunState::Finished)
    });
    assert_eq!((bench.deletes(), bench.record(1).tally.left), (0, 3));
    // Its slot is free again a window after a few seconds, and not only after the longest call.
    let database = rusqlite::Connection::open(journal(bench.directory.path()).path());
    let sql = "SELECT deadline - taken FROM slots WHERE purpose = 'account'";
    let lifetime: i64 = database
        .and_then(|database| database.query_row(sql, [], |row| row.get(0)))
        .expect("the slot");
    assert_eq!(lifetime, 8_000);
}
