//! Runs, failures and the history, and what is shown of devices that were sent.

use super::*;
use crate::domain::outcome::Tally;
use crate::journal::{ResumeRecord, RunBreakdown};
use crate::tui::screens::history::state::DescribedRun;
use crate::tui::update::tests::verifying::{history_of, verified};

#[test]
fn messages_of_the_server_are_shown_and_made_safe() {
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
fn table_while_a_run_goes_on() {
    every_screen("running", waiting);
}

#[test]
fn the_run() {
    every_screen("run", |operator| {
        waiting(operator);
        operator.press("2");
    });
}

#[test]
fn paused_run() {
    every_screen("paused", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
        operator.press("2");
    });
}

#[test]
fn taking_a_paused_run_up() {
    every_screen("resume", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
        operator.press("p");
        operator.wait(600);
    });
}

#[test]
fn failures() {
    every_screen("failures", |operator| {
        run(operator);
        operator.press("fj");
    });
}

#[test]
fn popup_leaves_the_row_under_the_cursor_in_sight() {
    for (size, view) in [
        ((120, 40), "f"),
        ((80, 40), "f"),
        ((120, 40), "H"),
        ((80, 40), "H"),
    ] {
        let mut operator = operator(size);
        run(&mut operator);
        operator.press(view);
        if view == "H" {
            let runs = (0..6).map(|_| stopped_run(&operator).past);
            let runs = runs.collect();
            operator.send(Answer::History(Ok(runs)));
        }
        for _ in 0..4 {
            operator.press("j");
            let screen = shown(&operator.app);
            let current = screen.lines().position(|line| line.contains('▌'));
            let current = current.expect("a cursor");
            let row = screen.lines().nth(current);
            operator.press(":");
            let popup = shown(&operator.app);
            assert!(popup.contains("actions"), "{popup}");
            assert_eq!(popup.lines().nth(current), row, "{popup}");
            operator.press("\u{1b}");
        }
    }
}

#[test]
fn stopped_runs_at_the_start() {
    every_screen("announcement", |operator| {
        operator.announce();
    });
}

/// The failures of a run that was opened from the history, with its accepted devices unfolded.
#[test]
fn failures_of_an_opened_run() {
    every_screen("opened_run", |operator| {
        let mut run = stopped_run(operator);
        let accepted = crate::domain::outcome::DeviceState::Ended(Outcome::Accepted);
        run.devices[2].state = accepted;
        operator.press("H");
        operator.send(Answer::History(Ok(vec![run.past.clone()])));
        operator.press("\n");
        let what = crate::tui::screens::history::state::Recall::Review;
        operator.send(Answer::Recalled(what, Ok(Box::new(run))));
        operator.press("G\njj");
    });
}

#[test]
fn history() {
    every_screen("history", |operator| {
        let mut running = stopped_run(operator).past;
        running.state = RunState::Running;
        running.holder = Some("process 4711 since 2026-11-23T09:58:00.123Z".to_owned());
        running.record.reason = None;
        let DescribedRun { past, counts, .. } = finished(operator);
        let id = past.record.id;
        let stopped = stopped_run(operator).past;
        operator.press("H");
        operator.send(Answer::History(Ok(vec![running, stopped, past])));
        operator.press("jj");
        operator.send(Answer::Breakdown(id, Ok(counts)));
    });
}

/// A large run of two weeks ago.
fn finished(operator: &mut Operator) -> DescribedRun {
    let mut past = stopped_run(operator).past;
    past.state = RunState::Finished;
    past.record.id = RunId::from_bytes([11; 16]);
    past.record.confirmed_at = "2026-11-06T16:45:00Z".parse().expect("a time");
    past.record.started_at = "2026-11-06T16:45:02Z".parse().ok();
    past.record.ended_at = "2026-11-06T16:46:05Z".parse().ok();
    past.record.list_time = "2026-11-06T16:33:00Z".parse().ok();
    past.record.query = Some("marked with the filter: unseen>60d".to_owned());
    past.record.reason = None;
    past.record.devices = 310;
    past.record.tally = Tally {
        accepted: 306,
        failed: 3,
        in_doubt: 1,
        ..Tally::default()
    };
    past.record.warnings = Some(vec!["1 device was seen in the last 24 h".to_owned()]);
    past.record.left_out = 23;
    let groups = [
        "Sales",
        "Lab",
        "Finance",
        "Field",
        "Domain controllers",
        "Support",
        "",
    ];
    let groups = groups.into_iter().zip([120, 80, 40, 30, 20, 15, 5]);
    let counts = RunBreakdown {
        outcomes: vec![
            (Outcome::Accepted, 306),
            (Outcome::Failed(Failure::NotFound), 3),
            (Outcome::InDoubt(Doubt::NoAnswer), 1),
        ],
        groups: groups
            .map(|(name, count)| (name.to_owned(), count))
            .collect(),
    };
    let resumes = vec![ResumeRecord {
        at: "2026-11-06T16:45:40Z".parse().expect("a time"),
        devices: 250,
        operator: past.record.operator.clone(),
    }];
    DescribedRun {
        past,
        counts,
        resumes,
    }
}

#[test]
fn run_info() {
    every_screen("run_info", |operator| {
        let described = finished(operator);
        let id = described.past.record.id;
        operator.press("H");
        operator.send(Answer::History(Ok(vec![described.past.clone()])));
        operator.press("i");
        operator.send(Answer::RunDescribed(id, Ok(Box::new(described))));
    });
}

#[test]
fn devices_searched_in_all_runs() {
    every_screen("found_in_runs", |operator| {
        let run = stopped_run(operator);
        let device = |ordinal: u32, hostname: &str| {
            let mut record = run.devices[ordinal as usize].clone();
            record.device.hostname = hostname.to_owned();
            record.device.user = "anna".to_owned();
            found(&run.past.record, record, ordinal)
        };
        let devices = vec![device(0, "LT-4411"), device(2, "LT-\u{202e}2093")];
        operator.press("H");
        operator.send(Answer::History(Ok(vec![run.past])));
        operator.press("/lt-\n");
        let found = FoundDevices {
            devices,
            is_truncated: true,
        };
        operator.send(Answer::FoundInRuns("lt-".to_owned(), Ok(found)));
        operator.press("j");
    });
}

#[test]
fn giving_the_rest_of_a_run_up() {
    every_screen("close", |operator| {
        operator.announce_and_open();
        operator.press("X");
    });
}

#[test]
fn asking_why() {
    every_screen("why", |operator| {
        run(operator);
        operator.press("fw");
    });
}

#[test]
fn what_lookups_saw() {
    every_screen("looked_up", |operator| {
        run(operator);
        operator.press("fw\n");
        let at = operator.app.context.now.wall;
        for (ordinal, seen, outcome) in [
            (1, LookupAnswer::Absent, Outcome::Failed(Failure::NotFound)),
            (
                4,
                LookupAnswer::Present(Presence {
                    hwid: None,
                    hostname: "LT-4411".to_owned(),
                    last_seen: Some(at),
                    enrolled: None,
                }),
                Outcome::Failed(Failure::NotFound),
            ),
        ] {
            operator.news(News::Lookup(LookupNews::Called(LookupCalls {
                made: 3,
                left: 1,
                unconfirmed: 0,
            })));
            operator.news(News::Lookup(LookupNews::Seen {
                ordinal,
                by: crate::engine::lookup_verdict::LookupKey::SentIdentifier,
                finding: Finding { at, seen },
                state: crate::domain::outcome::DeviceState::Ended(outcome),
            }));
        }
        operator.press("j");
    });
}

#[test]
fn token_that_died() {
    every_screen("token", |operator| {
        operator.app.context.settings.static_token = true;
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TokenRefused));
        operator.wait(600);
        operator.press("secret");
    });
}

#[test]
fn everything_about_a_device() {
    every_screen("detail", |operator| {
        run(operator);
        operator.press("fj\n");
    });
}

#[test]
fn leaving_while_a_run_goes_on() {
    every_screen("quit", |operator| {
        run(operator);
        operator.press("q");
    });
}

#[test]
fn countdown_never_shows_less_than_nothing() {
    let mut operator = operator((120, 40));
    run(&mut operator);
    operator.news(News::Budget(BudgetStatus {
        others: 0,
        limit: 10,
        left: 0,
        next: Some(BootTime(0)),
    }));
    assert!(shown(&operator.app).contains("next in 0 s"));
}

/// The history of a run whose accepted devices were verified.
#[test]
fn accepted_devices_of_a_run_after_a_verification() {
    every_screen("verified", |operator| {
        let id = history_of(operator, 54);
        operator.press("V");
        operator.send(Answer::Verified(Ok(Box::new(verified(id)))));
    });
}
