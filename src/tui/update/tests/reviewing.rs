//! Runs of the journal, asking why, and a token that died.

use crate::tui::dialogs::Dialog;
use crate::tui::job::RunJob;
use std::collections::HashMap;

use super::*;
use crate::domain::outcome::Tally;
use crate::engine::lookup_verdict::{Finding, LookupAnswer, LookupKey};
use crate::journal::{DeviceRecord, FoundDevice, Operator as Person, RunRecord};
use crate::runner::LookupNews;
use crate::tui::screens::history::state::{PastRun, Recall, RecalledRun};

/// A run of the list's four devices that stopped after its first one.
pub(crate) fn stopped_run(operator: &Operator) -> RecalledRun {
    let mut plan = fuzzing::plan(
        &operator.app,
        Action::Remove,
        &PlanSource::Selection(operator.app.context.list.devices.ids().collect()),
    );
    plan.id = RunId::from_bytes([9; 16]);
    let states = [
        DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
        DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted)),
        DeviceState::Planned,
        DeviceState::Planned,
    ];
    let devices = plan.devices.into_iter().zip(states);
    let devices: Vec<DeviceRecord> = devices
        .map(|(device, state)| DeviceRecord {
            device,
            state,
            call: None,
            http_status: None,
            finding: None,
            verified: None,
        })
        .collect();
    let record = RunRecord {
        rules_hash: String::new(),
        verification: None,
        list_hash: String::new(),
        list_time: None,
        started_at: None,
        id: plan.id,
        target: target(),
        action: Action::Remove,
        devices: devices.len() as u64,
        tally: Tally::of(devices.iter().map(|device| device.state)),
        state: RunState::Paused,
        reason: Some("the tenant can't be reached. Check the network.".to_owned()),
        closed_by: None,
        list_name: "devices.csv".to_owned(),
        query: None,
        note: Some("CHG-1042".to_owned()),
        operator: Person {
            os_user: "anna".to_owned(),
            login_uid: None,
            sudo_user: None,
            ssh_connection: Some("10.0.0.7 50210 10.0.0.1 22".to_owned()),
            host: "jump-1".to_owned(),
        },
        hash: String::new(),
        confirmed_at: "2026-11-23T09:14:00Z".parse().expect("a time"),
        ended_at: None,
        calls: 1,
        sizes: plan.sizes,
        repeated: 0,
        left_out: 0,
        left_out_reasons: Some(vec![]),
        warnings: Some(vec![]),
        matched_from: None,
        approvals: vec![],
        licences: crate::domain::licences::RunLicences::default(),
        recheck: None,
    };
    RecalledRun {
        past: PastRun {
            record,
            state: RunState::Paused,
            holder: None,
        },
        devices,
        calls: vec![],
        findings: HashMap::new(),
    }
}

/// A device of the run, as a search finds it.
pub(crate) fn found(run: &RunRecord, record: DeviceRecord, ordinal: u32) -> FoundDevice {
    FoundDevice {
        run: run.id,
        target: run.target.clone(),
        action: run.action,
        confirmed_at: run.confirmed_at,
        operator: run.operator.os_user.clone(),
        note: run.note.clone(),
        ordinal,
        record,
        decided_at: None,
    }
}

impl Operator {
    /// As at a start after the run stopped.
    pub(crate) fn announce(&mut self) -> RecalledRun {
        let run = stopped_run(self);
        self.app.context.settings.open_runs = vec![run.past.clone()];
        self.start_on(self.opened());
        run
    }

    /// The same, and the announced run is shown by the history.
    pub(crate) fn announce_and_open(&mut self) -> RecalledRun {
        let run = self.announce();
        self.press("4");
        self.send(Answer::History(Ok(vec![run.past.clone()])));
        self.effects.clear();
        run
    }

    pub(super) fn answer_recall(&mut self, run: &RecalledRun) {
        let Some(Effect::Runs(RunJob::Recall(_, what))) = self.effects.last().cloned() else {
            panic!("{:?}", self.effects.last());
        };
        self.send(Answer::Recalled(what, Ok(Box::new(run.clone()))));
    }

    pub(super) fn found(&mut self, ordinal: u32, seen: LookupAnswer, state: DeviceState) {
        let finding = Finding {
            at: self.now.wall,
            seen,
        };
        self.news(News::Lookup(LookupNews::Seen {
            ordinal,
            by: LookupKey::SentIdentifier,
            finding,
            state,
        }));
    }
}

#[test]
fn stopped_run_is_taken_up_by_the_count_of_what_is_left() {
    let mut operator = operator();
    let run = operator.announce_and_open();
    operator.press("r");
    operator.answer_recall(&run);
    operator.wait(600);
    operator.press("4\n");
    assert!(
        !operator
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Resume(..))),
        "two are left, not all four"
    );
    operator.press("\u{8}2\n");
    let id = run.past.record.id;
    assert_eq!(operator.effects.last(), Some(&Effect::Resume(id, 2)));
    let taken = operator
        .app
        .context
        .runs
        .newest()
        .expect("a run of this process");
    assert_eq!(taken.id, id);
    assert_eq!(
        operator.app.context.list.session_states[&DeviceId::from_index(1)],
        DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted)),
        "its devices are found again in the list"
    );
}

#[test]
fn stopped_run_can_only_be_looked_at_where_nothing_may_be_sent() {
    let mut operator = operator();
    let run = operator.announce_and_open();
    operator.app.context.info.forbidden = Some("read-only".to_owned());
    operator.press("r");
    assert!(operator.effects.is_empty());
    operator.wait(400);
    operator.press("\n");
    assert!(matches!(
        operator.effects.last(),
        Some(Effect::Runs(RunJob::Recall(_, Recall::Review)))
    ));
    operator.answer_recall(&run);
    assert_eq!(operator.app.view, View::Failures);
    assert_eq!(
        operator.app.failure_lines().len(),
        7,
        "two groups of one, and one of two"
    );
    assert!(
        operator.app.context.runs.newest().is_none(),
        "it isn't of this process"
    );
}

#[test]
fn closing_asks_first() {
    let mut operator = operator();
    let run = operator.announce_and_open();
    let id = run.past.record.id;
    operator.press("X");
    let screen = operator.screen();
    assert!(screen.contains("1 device in doubt"), "{screen}");
    assert!(!screen.contains("belongs to"), "{screen}");
    operator.press("\u{1b}");
    assert!(operator.effects.is_empty());
    let target = operator
        .app
        .context
        .settings
        .target
        .as_mut()
        .expect("a target");
    target.account = Some("lab".to_owned());
    operator.announce_and_open();
    operator.press("X");
    let screen = operator.screen();
    assert!(
        screen.contains("belongs to https://gears.opswat.com"),
        "{screen}"
    );
    operator.press("\u{1b}");
    operator.announce_and_open();
    operator.press("Xy");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Runs(RunJob::Close(id)))
    );
    operator.send(Answer::Closed(id, Ok(2)));
    let status = operator.status();
    assert!(status.contains("2 devices not sent"), "{status}");
}

#[test]
fn run_of_another_tenant_is_only_looked_at() {
    let mut operator = operator();
    let mut run = operator.announce_and_open();
    run.past.record.target.tenant = "https://other.example".to_owned();
    run.past.state = RunState::Finished;
    operator.send(Answer::History(Ok(vec![run.past.clone()])));
    operator.press("\n");
    operator.answer_recall(&run);
    assert_eq!(operator.app.view, View::Failures);
    let asked = operator.effects.len();
    for key in ["w", "r", "O"] {
        operator.press(key);
        let status = operator.status();
        assert!(status.contains("https://other.example"), "{key}: {status}");
    }
    assert_eq!(
        operator.effects.len(),
        asked,
        "nothing is asked of this tenant"
    );
}

#[test]
fn after_a_restart_the_failures_are_those_of_the_newest_run() {
    let mut operator = operator();
    operator.press("f");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Runs(RunJob::RecallNewest))
    );
}

#[test]
fn run_is_not_closed_by_keys_that_came_before_the_question_was_seen() {
    let mut operator = operator();
    operator.announce_and_open();
    operator.press("X");
    operator.code_at_once(KeyCode::Char('y'));
    assert!(operator.effects.is_empty());
    assert!(matches!(operator.app.dialog, Some(Dialog::CloseRun(_))));
    operator.app.context.mouse = true;
    assert!(!operator.app.listens_to_mouse(), "it can't be undone");
}

#[test]
fn run_that_was_read_late_closes_no_dialog() {
    let mut operator = operator();
    let run = operator.announce_and_open();
    operator.press("\n");
    let asked = operator.effects.last().cloned();
    operator.press("\u{1b}adr");
    operator.effects.extend(asked);
    operator.answer_recall(&run);
    assert!(matches!(operator.app.dialog, Some(Dialog::Delete(_))));
}

#[test]
fn reason_of_a_stopped_run_is_not_called_a_pause() {
    let mut operator = operator();
    let mut run = operator.announce_and_open();
    run.past.state = RunState::Stopped;
    operator.press("r");
    operator.answer_recall(&run);
    let screen = operator.screen();
    let about = screen
        .lines()
        .find(|line| line.contains("can't be reached"));
    let about = about.unwrap_or_else(|| panic!("{screen}"));
    assert!(
        about.contains("stopped") && !about.contains("paused"),
        "{screen}"
    );
}
