//! Statuses and connections that stop a run or are waited for.

use super::*;

#[test]
fn refusing_statuses_pause_the_run_and_leave_its_devices_planned() {
    for status in [403, 404, 405, 406, 415, 418] {
        let mut world = world(&[HWID; 9], 50).script([Reply::Status(status)]);
        let message = "message".to_owned();
        assert_eq!(world.run(), paused(PauseReason::Status { status, message }));
        assert_eq!(world.engine.tally().left, 9);
        assert_eq!(world.resume(), finished());
        assert_eq!(world.engine.tally().accepted, 9);
    }
}

#[test]
fn connecting_is_tried_three_times() {
    let down = Reply::NotSent(NotSent::Unreachable("refused".to_owned()));
    let mut flaky = world(&[HWID; 3], 50).script([down.clone(), down.clone()]);
    assert_eq!(flaky.run(), finished());
    let mut dead = world(&[HWID; 3], 50);
    dead.afterwards = down;
    assert_eq!(
        dead.run(),
        paused(PauseReason::Unreachable("refused".to_owned()))
    );
    assert_eq!((dead.sent.len(), dead.engine.tally().left), (3, 3));
}

#[test]
fn bad_certificate_and_proxy_login_pause_immediately() {
    let reply = Reply::NotSent(NotSent::Certificate("expired".to_owned()));
    let mut certificate = world(&[HWID; 3], 50).script([reply]);
    assert_eq!(
        certificate.run(),
        paused(PauseReason::Certificate("expired".to_owned()))
    );
    let mut proxy = world(&[HWID; 3], 50).script([Reply::NotSent(NotSent::ProxyLogin)]);
    assert_eq!(proxy.run(), paused(PauseReason::ProxyLogin));
}

#[test]
fn status_429_fails_no_device_and_waits() {
    let mut world = world(&[HWID; 9], 50).script([Reply::Status(429), Reply::Status(429)]);
    let start = world.now.boot;
    assert_eq!(world.run(), finished());
    assert_eq!(world.engine.tally().accepted, 9);
    assert!(world.now.boot.since(start) >= Duration::from_secs(180));
}

#[test]
fn status_429_pauses_the_run_after_a_quarter_of_an_hour() {
    let mut world = world(&[HWID; 9], 50);
    world.afterwards = Reply::Status(429);
    let start = world.now.boot;
    assert_eq!(world.run(), paused(PauseReason::RateLimited));
    assert!(world.now.boot.since(start) >= Duration::from_secs(900));
    assert_eq!(world.engine.tally().left, 9);
}

#[test]
fn with_minute_scales_the_wait_for_the_next_try() {
    for (minute, waits) in [(60, 2000..2700), (6, 200..450)] {
        let unreachable = Reply::NotSent(NotSent::Unreachable("no".into()));
        let mut world = world(&[HWID; 5], 50).script([unreachable]);
        world.engine = world.engine.with_minute(Duration::from_secs(minute));
        assert_eq!(world.run(), finished());
        let slots = &world.ledger.slots;
        let waited = slots[1].taken.since(slots[0].taken).as_millis();
        assert!(waits.contains(&waited), "{waited} ms");
    }
}
