//! Runs of the journal, asking why, and a token that died.

use crate::tui::dialogs::{Dialog, StoppedRuns};
use crate::tui::file_content::ExportContent;
use std::collections::HashMap;

use super::*;
use crate::domain::outcome::Tally;
use crate::engine::lookup_verdict::{Finding, LookupKey, Seen};
use crate::journal::{DeviceRecord, Found, FoundDevices, Operator as Person, RunRecord};
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
pub(crate) fn found(run: &RunRecord, record: DeviceRecord, ordinal: u32) -> Found {
    Found {
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
        self.app.open(StoppedRuns::new(vec![run.past.clone()]));
        run
    }

    pub(super) fn answer_recall(&mut self, run: &RecalledRun) {
        let Some(Effect::Recall(_, what)) = self.effects.last().cloned() else {
            panic!("{:?}", self.effects.last());
        };
        self.send(Message::Recalled(what, Ok(Box::new(run.clone()))));
    }

    pub(super) fn found(&mut self, ordinal: u32, seen: Seen, state: DeviceState) {
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
fn a_stopped_run_is_taken_up_by_the_count_of_what_is_left() {
    let mut operator = operator();
    let run = operator.announce();
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
fn where_nothing_may_be_sent_a_stopped_run_can_only_be_looked_at() {
    let mut operator = operator();
    let run = operator.announce();
    operator.app.context.info.forbidden = Some("read-only".to_owned());
    operator.press("r");
    assert!(operator.effects.is_empty());
    operator.press("v");
    assert!(matches!(
        operator.effects.last(),
        Some(Effect::Recall(_, Recall::Review))
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
    let run = operator.announce();
    let id = run.past.record.id;
    operator.press("X\u{1b}");
    assert!(operator.effects.is_empty());
    operator.announce();
    operator.press("Xy");
    assert_eq!(operator.effects.last(), Some(&Effect::Close(id)));
    operator.send(Message::Closed(id, Ok(2)));
    let status = operator.app.context.status.clone().unwrap_or_default();
    assert!(status.contains("2 devices not sent"), "{status}");
}

#[test]
fn open_history_is_read_again_while_a_run_is_open_and_the_cursor_follows_its_run() {
    let mut operator = operator();
    let mut open = stopped_run(&operator).past;
    open.state = RunState::Running;
    open.holder = Some("process 77".to_owned());
    let id = open.record.id;
    let reads = |operator: &Operator| {
        let effects = operator.effects.iter();
        effects.filter(|effect| **effect == Effect::History).count()
    };
    operator.press("H");
    operator.send(Message::History(Ok(vec![open.clone()])));
    operator.wait(2_900);
    assert_eq!(reads(&operator), 1);
    operator.wait(200);
    assert_eq!(reads(&operator), 2);
    let mut newer = open.clone();
    newer.record.id = RunId::from_bytes([9; 16]);
    open.state = RunState::Finished;
    newer.state = RunState::Finished;
    operator.send(Message::History(Ok(vec![newer, open])));
    let current = operator.app.history.current().expect("a run");
    assert_eq!(current.record.id, id);
    operator.wait(60_000);
    assert_eq!(reads(&operator), 2, "no run can change");
}

#[test]
fn resume_in_the_history_of_a_run_that_this_program_paused_says_which_key_resumes_it() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
    let id = operator.app.context.runs.focus().expect("a run").id;
    let mut run = stopped_run(&operator).past;
    run.record.id = id;
    run.holder = Some("process 1".to_owned());
    operator.press("H");
    operator.send(Message::History(Ok(vec![run])));
    operator.press("r");
    let status = operator.app.context.status.clone().unwrap_or_default();
    assert!(
        status.contains("is paused in this program · 2 shows it"),
        "{status}"
    );
}

#[test]
fn a_run_that_another_process_has_can_be_asked_to_stop() {
    let mut operator = operator();
    let mut run = stopped_run(&operator).past;
    run.holder = Some("process 77".to_owned());
    run.state = RunState::Running;
    let id = run.record.id;
    operator.press("H");
    assert_eq!(operator.effects.last(), Some(&Effect::History));
    operator.send(Message::History(Ok(vec![run])));
    assert_eq!(operator.effects.last(), Some(&Effect::Breakdown(id)));
    operator.press("r");
    let status = operator.app.context.status.clone().unwrap_or_default();
    assert!(status.contains("driven by process 77"), "{status}");
    operator.wait(300);
    operator.press("X");
    assert!(!matches!(operator.app.dialog, Some(Dialog::CloseRun(_))));
    let requested = |operator: &Operator| {
        let request = Effect::AskToStop(id);
        operator
            .effects
            .iter()
            .filter(|effect| **effect == request)
            .count()
    };
    operator.wait(300);
    operator.press("x");
    let status = operator.app.context.status.clone().unwrap_or_default();
    assert!(status.contains("to stop after its call?"), "{status}");
    operator.press("\u{1b}");
    assert_eq!(requested(&operator), 0, "the first x only asks");
    operator.press("xx");
    assert_eq!(requested(&operator), 1);
}

#[test]
fn devices_are_searched_in_all_runs_and_open_their_run() {
    let mut operator = operator();
    let run = stopped_run(&operator).past;
    let id = run.record.id;
    let device = found(&run.record, stopped_run(&operator).devices[1].clone(), 1);
    operator.press("H");
    operator.send(Message::History(Ok(vec![run])));
    operator.press("/lt-1\n");
    let asked = Effect::FindInRuns("lt-1".to_owned());
    assert_eq!(operator.effects.last(), Some(&asked));
    operator.send(Message::FoundInRuns(
        "older".to_owned(),
        Ok(FoundDevices::default()),
    ));
    operator.press("\n");
    assert_eq!(
        operator.effects.last(),
        Some(&asked),
        "nothing is found yet, whatever an older question found"
    );
    let found = FoundDevices {
        devices: vec![device],
        is_truncated: false,
    };
    operator.send(Message::FoundInRuns("lt-1".to_owned(), Ok(found)));
    operator.press("\n");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Recall(id, Recall::Review))
    );
    let recalled = Box::new(stopped_run(&operator));
    operator.send(Message::Recalled(Recall::Review, Ok(recalled)));
    assert_eq!(operator.app.view, View::Failures);
    let lines = operator.app.failure_lines();
    assert_eq!(
        lines.get(operator.app.failures.cursor),
        Some(&FailureLine::Device(1)),
        "on the device that was found"
    );
    let devices = lines
        .iter()
        .filter(|line| matches!(line, FailureLine::Device(_)));
    assert_eq!(devices.count(), 4, "the run's other devices, too");
    assert_eq!(
        lines.last(),
        Some(&FailureLine::Device(3)),
        "what isn't sent comes last"
    );
    operator.press("H/\u{8}\u{8}\u{8}\u{8}lt-1\n");
    operator.press("\u{1b}");
    assert!(operator.app.history.search.is_none(), "back to the runs");
    assert_eq!(operator.app.view, View::History);
    operator.press("e\n");
    let content = ExportContent::Run(id);
    let path = format!("run-{id}.html").into();
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Write { path, content })
    );
}

#[test]
fn a_run_of_another_tenant_is_only_looked_at() {
    let mut operator = operator();
    let mut run = operator.announce();
    run.past.record.target.tenant = "https://other.example".to_owned();
    run.past.state = RunState::Finished;
    operator.press("\u{1b}H");
    operator.send(Message::History(Ok(vec![run.past.clone()])));
    operator.press("\n");
    operator.answer_recall(&run);
    assert_eq!(operator.app.view, View::Failures);
    let asked = operator.effects.len();
    for key in ["w", "r", "O"] {
        operator.press(key);
        let status = operator.app.context.status.clone().unwrap_or_default();
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
    assert_eq!(operator.effects.last(), Some(&Effect::RecallNewest));
}

#[test]
fn a_run_is_not_closed_by_keys_that_came_before_the_question_was_seen() {
    let mut operator = operator();
    operator.announce();
    operator.press("X");
    operator.code_at_once(KeyCode::Char('y'));
    assert!(operator.effects.is_empty());
    assert!(matches!(operator.app.dialog, Some(Dialog::CloseRun(_))));
}

#[test]
fn what_was_kept_is_offered_after_a_stopped_run_was_reviewed_too() {
    let mut operator = operator();
    operator.press(" ");
    let saved = operator.app.view_to_save().expect("a screen to keep");
    let mut operator = self::operator();
    operator.app.pending.saved_view.offered = Some(saved);
    let run = operator.announce();
    operator.press("v");
    operator.answer_recall(&run);
    operator.wait(300);
    operator.press("q");
    let offered = |operator: &Operator| {
        let status = operator.app.context.status.as_deref();
        status.is_some_and(|status| status.starts_with("R restores"))
    };
    assert!(offered(&operator));
    operator.press("f1");
    assert!(!offered(&operator), "offered once");
}

#[test]
fn a_run_that_was_read_late_closes_no_dialog() {
    let mut operator = operator();
    let run = operator.announce();
    operator.press("v");
    let asked = operator.effects.last().cloned();
    operator.press("\u{1b}adr");
    operator.effects.extend(asked);
    operator.answer_recall(&run);
    assert!(matches!(operator.app.dialog, Some(Dialog::Delete(_))));
}
