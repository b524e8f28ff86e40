//! Runs, failures and the history, and what is shown of devices that were sent.

use super::*;

#[test]
fn the_servers_words_are_told_and_made_safe() {
    let mut operator = operator((120, 40));
    run(&mut operator);
    operator.calls[0].message = "bad\u{1b}[2J gateway".to_owned();
    operator.press("fj");
    let screen = shown(&operator.app);
    assert!(
        screen.contains("the server said: bad\\u{1b}[2J gateway"),
        "{screen}"
    );
    operator.press("2");
    assert!(shown(&operator.app).contains("bad\\u{1b}[2J gateway"));
    operator.press("f\u{1b}");
}

#[test]
fn the_table_while_a_run_goes_on() {
    snapshot("running", waiting);
}

#[test]
fn the_run() {
    snapshot("run", |operator| {
        waiting(operator);
        operator.press("2");
    });
}

#[test]
fn a_paused_run() {
    snapshot("paused", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
        operator.press("2");
    });
}

#[test]
fn taking_a_paused_run_up() {
    snapshot("resume", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
        operator.press("p");
        operator.wait(600);
    });
}

#[test]
fn the_failures() {
    snapshot("failures", |operator| {
        run(operator);
        operator.press("fj");
    });
}

#[test]
fn stopped_runs_at_the_start() {
    snapshot("announcement", |operator| {
        operator.announce();
    });
}

#[test]
fn the_history() {
    snapshot("history", |operator| {
        let mut running = stopped_run(operator).past;
        running.state = RunState::Running;
        running.holder = Some("process 4711 since 2026-11-20T09:58:00Z".to_owned());
        running.record.reason = None;
        let stopped = stopped_run(operator).past;
        operator.press("H");
        operator.tell(Message::History(Ok(vec![running, stopped])));
        operator.press("j");
    });
}

#[test]
fn devices_searched_in_all_runs() {
    snapshot("found_in_runs", |operator| {
        let run = stopped_run(operator);
        let device = |ordinal: u32, hostname: &str| {
            let mut record = run.devices[ordinal as usize].clone();
            record.device.hostname = hostname.to_owned();
            record.device.user = "anna".to_owned();
            found(&run.past.record, record, ordinal)
        };
        let devices = vec![device(0, "LT-4411"), device(2, "LT-\u{202e}2093")];
        operator.press("H");
        operator.tell(Message::History(Ok(vec![run.past])));
        operator.press("/lt-\n");
        let found = FoundDevices {
            devices,
            is_truncated: true,
        };
        operator.tell(Message::FoundInRuns("lt-".to_owned(), Ok(found)));
        operator.press("j");
    });
}

#[test]
fn giving_the_rest_of_a_run_up() {
    snapshot("close", |operator| {
        operator.announce();
        operator.press("c");
    });
}

#[test]
fn asking_why() {
    snapshot("why", |operator| {
        run(operator);
        operator.press("fw");
    });
}

#[test]
fn what_lookups_saw() {
    snapshot("looked_up", |operator| {
        run(operator);
        operator.press("fw\n");
        let at = operator.app.context.now.wall;
        for (ordinal, seen, outcome) in [
            (1, Seen::Absent, Outcome::Failed(Failure::NotFound)),
            (
                4,
                Seen::Present(Presence {
                    hwid: None,
                    hostname: "LT-4411".to_owned(),
                    last_seen: Some(at),
                    enrolled: None,
                }),
                Outcome::Failed(Failure::NotFound),
            ),
        ] {
            operator.news(News::Lookup(LookupNews::Seen {
                ordinal,
                by: crate::engine::lookup_verdict::LookupKey::SentIdentifier,
                finding: Finding { at, seen },
                state: crate::domain::outcome::DeviceState::Ended(outcome),
                left: 1,
            }));
        }
        operator.press("j");
    });
}

#[test]
fn a_token_that_died() {
    snapshot("token", |operator| {
        operator.app.context.settings.static_token = true;
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TokenRefused));
        operator.wait(600);
        operator.press("secret");
    });
}

#[test]
fn everything_about_a_device() {
    snapshot("detail", |operator| {
        run(operator);
        operator.press("fj\n");
    });
}

#[test]
fn leaving_while_a_run_goes_on() {
    snapshot("quit", |operator| {
        run(operator);
        operator.press("q");
    });
}

#[test]
fn a_countdown_never_shows_less_than_nothing() {
    let mut operator = operator((120, 40));
    run(&mut operator);
    operator.news(News::Budget(BudgetStatus {
        limit: 10,
        left: 0,
        next: Some(BootTime(0)),
    }));
    assert!(shown(&operator.app).contains("next in 0 s"));
}
