//! Queued runs and lookups, with a real journal and the simulated tenant.

mod licences;
mod lookups;

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::{Credential, Driver, LicenceNews, LookupNews, News, Setup, Update};
use crate::api;
use crate::domain::action::Action;
use crate::domain::device::{Hwid, Identifier, IdentifyBy, MacAddress};
use crate::domain::outcome::{DeviceState, Failure, Outcome};
use crate::domain::rate_limit::Budget;
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::domain::target::{Policy, Target};
use crate::engine::lookup_verdict::{LookupAnswer, LookupKey};
use crate::engine::{Control, Report, SlotAnswer, SlotPurpose};
use crate::journal::{Journal, JournalError, Operator, RunRecord};
use crate::plan::{CallSizes, ConfirmedPlan, Origin, Plan, PlannedDevice};
use crate::platform::clock::Clock;
use crate::secret::Secret;
use crate::simulator::{AccountAnswer, Fleet, Shape, Simulator, SimulatorSettings};

struct Bench {
    directory: tempfile::TempDir,
    simulator: Simulator,
    hwids: Vec<String>,
    /// A computer of the tenant: its HWID and its only MAC.
    machine: (String, MacAddress),
    driver: Driver,
    updates: mpsc::Receiver<Update>,
}

fn bench(latency: Duration) -> Bench {
    bench_with(latency, None)
}

fn bench_with(latency: Duration, max_list: Option<usize>) -> Bench {
    let settings = SimulatorSettings {
        latency,
        max_list,
        ..SimulatorSettings::default()
    };
    bench_of(settings, false)
}

fn bench_of(settings: SimulatorSettings, licences: bool) -> Bench {
    let settings = SimulatorSettings {
        devices: 60,
        window: Duration::from_secs(1),
        limit: 100,
        ..settings
    };
    let fleet = Fleet::generate(settings.seed, settings.devices, settings.now);
    let simulator = Simulator::start_with(settings, &fleet).expect("a simulator");
    let directory = tempfile::tempdir().expect("a directory");
    let token = Secret::new(simulator.token());
    let setup = Setup {
        journal: journal(directory.path()),
        clock: Clock::system(),
        target: target(&simulator),
        api: api::ClientSettings {
            base_url: simulator.url().parse().expect("a URL"),
            proxy: None,
            ca_file: None,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            read_only: false,
        },
        credential: Arc::new(move || Ok(Credential::Token(token.clone()))),
        reference_devices: Arc::new(Vec::new),
        budget: Budget::per_minute(NonZeroU32::new(100).expect("positive")),
        policy: policy(),
        licences,
        resend_once: true,
        minute: None,
        operator: Operator::default(),
    };
    let (driver, updates) = Driver::start(setup).expect("a thread");
    let list: Vec<serde_json::Value> =
        serde_json::from_str(&fleet.list(Shape::V2)).expect("a list");
    let machine = list.iter().find_map(|device| {
        let hwid = device["hwid"].as_str()?.to_owned();
        let adapters = device["network_info"].as_array()?;
        let mac = MacAddress::parse(adapters.first()?["mac_addr"].as_str()?).ok()?;
        let known = fleet.known_hwids().contains(&hwid);
        (known && adapters.len() == 1).then_some((hwid, mac))
    });
    Bench {
        machine: machine.expect("a machine with one adapter"),
        hwids: fleet.known_hwids(),
        directory,
        simulator,
        driver,
        updates,
    }
}

fn journal(directory: &Path) -> Journal {
    Journal::open(directory, Clock::system()).expect("a journal")
}

fn target(simulator: &Simulator) -> Target {
    Target {
        tenant: simulator.url(),
        account: None,
        profile: "lab".to_owned(),
    }
}

impl Bench {
    fn plan(&self, id: u8, hwids: &[String]) -> ConfirmedPlan {
        let plan = self.plan_of(id, hwids);
        plan.confirm(hwids.len() as u64).expect("confirmed")
    }

    fn plan_of(&self, id: u8, hwids: &[String]) -> Plan {
        let devices = hwids.iter().map(|text| {
            let hwid = Hwid::parse(text).expect("a HWID");
            PlannedDevice::bare(Identifier::Hwid(hwid))
        });
        Plan {
            id: RunId::from_bytes([id; 16]),
            target: target(&self.simulator),
            action: Action::Remove,
            identify_by: IdentifyBy::Auto,
            devices: devices.collect(),
            sources: vec![],
            left_out: vec![],
            repeated: 0,
            oldest: None,
            warnings: vec![],
            sizes: CallSizes {
                batch: 50,
                canary: 5,
            },
            origin: Origin::default(),
        }
    }

    /// Two plans of three devices each.
    fn two_plans(&self) -> (ConfirmedPlan, ConfirmedPlan) {
        let plan = |id, devices| self.plan(id, devices);
        (plan(1, &self.hwids[..3]), plan(2, &self.hwids[3..6]))
    }

    /// Waits for this news of a run.
    fn wait(&mut self, id: u8, is: impl Fn(&News) -> bool) {
        let run = Some(RunId::from_bytes([id; 16]));
        loop {
            let update = self
                .updates
                .blocking_recv()
                .expect("an update of the engine");
            if update.run == run && is(&update.news) {
                return;
            }
        }
    }

    /// The calls left that the next report of the budget has.
    fn budget_left(&mut self) -> u32 {
        loop {
            let update = self.updates.blocking_recv();
            if let News::Budget(status) = update.expect("an update of the engine").news {
                return status.left;
            }
        }
    }

    fn wait_for_state(&mut self, id: u8, expected: RunState) {
        self.wait(
            id,
            |news| matches!(news, News::Report(Report::State { state, .. }) if *state == expected),
        );
    }

    fn record(&self, id: u8) -> RunRecord {
        let run = RunId::from_bytes([id; 16]);
        let record = journal(self.directory.path()).confirmed(&run);
        record.expect("readable").expect("confirmed")
    }

    fn deletes(&self) -> usize {
        let received = self.simulator.received();
        received.iter().filter(|call| call.delete.is_some()).count()
    }
}

fn is_sending(news: &News) -> bool {
    matches!(news, News::Report(Report::Sending { .. }))
}

#[test]
fn queued_run_cannot_be_closed_or_resumed_by_another_process() {
    // Long enough for what follows on a busy machine.
    let mut bench = bench(Duration::from_secs(1));
    let (first, second) = bench.two_plans();
    bench.driver.run(first).expect("accepted");
    bench.driver.run(second).expect("accepted");
    bench.wait(2, |news| *news == News::Queued);
    let mut elsewhere = journal(bench.directory.path());
    let queued = RunId::from_bytes([2; 16]);
    let closed = elsewhere.close_run(&queued, &Operator::default());
    assert!(matches!(closed, Err(JournalError::Held { .. })));
    let (state, holder) = elsewhere.run_status(&bench.record(2)).expect("readable");
    assert_eq!(state, RunState::Queued);
    assert!(holder.is_some());
    bench.wait_for_state(2, RunState::Finished);
    assert_eq!(bench.record(2).tally.accepted, 3);
}

#[test]
fn budget_is_reported_on_request_with_what_another_process_has_used() {
    let mut bench = bench(Duration::ZERO);
    assert_eq!(bench.budget_left(), 100);
    let slot = journal(bench.directory.path()).take_slot(
        &target(&bench.simulator),
        &Budget::per_minute(NonZeroU32::new(100).expect("positive")),
        SlotPurpose::Token,
        Duration::from_secs(65),
    );
    assert!(matches!(slot, Ok(SlotAnswer::Taken(_))));
    bench.driver.report_budget().expect("accepted");
    assert_eq!(bench.budget_left(), 99);
}

#[test]
fn stop_during_the_last_call_holds_the_queue() {
    let mut bench = bench(Duration::from_millis(300));
    let (first, second) = bench.two_plans();
    bench.driver.run(first).expect("accepted");
    bench.driver.run(second).expect("accepted");
    bench.wait(1, is_sending);
    bench.driver.control(Control::Stop).expect("accepted");
    bench.wait_for_state(1, RunState::Finished);
    bench.wait_for_state(2, RunState::Stopped);
    assert_eq!((bench.deletes(), bench.record(2).tally.left), (1, 3));
    // This process doesn't hold it any more, and its typed count starts it.
    bench
        .driver
        .resume(RunId::from_bytes([2; 16]), 3)
        .expect("accepted");
    bench.wait_for_state(2, RunState::Finished);
    assert_eq!(bench.record(2).tally.accepted, 3);
}

#[test]
fn plan_confirmed_during_the_last_call_is_held_after_a_stop() {
    let mut bench = bench(Duration::from_millis(300));
    let (first, second) = bench.two_plans();
    bench.driver.run(first).expect("accepted");
    bench.wait(1, is_sending);
    bench.driver.run(second).expect("accepted");
    bench.driver.control(Control::Stop).expect("accepted");
    bench.wait_for_state(1, RunState::Finished);
    bench.wait_for_state(2, RunState::Stopped);
    assert_eq!((bench.deletes(), bench.record(2).tally.left), (1, 3));
}

#[test]
fn paused_run_is_resumed_by_its_count_and_recorded() {
    let mut bench = bench(Duration::ZERO);
    let unknown: Vec<String> = (0..8).map(|number| format!("unknown-{number}")).collect();
    let plan = bench.plan(1, &unknown);
    bench.driver.run(plan).expect("accepted");
    bench.wait(1, |news| {
        let canary = Some(PauseReason::CanaryNotFound(5));
        matches!(news, News::Report(Report::State { pause, .. }) if *pause == canary)
    });
    let run = RunId::from_bytes([1; 16]);
    bench.driver.resume(run, 8).expect("accepted");
    bench.wait(1, |news| matches!(news, News::Refused(_)));
    assert_eq!(bench.deletes(), 1, "a wrong count sends nothing");
    bench.driver.resume(run, 3).expect("accepted");
    bench.wait_for_state(1, RunState::Finished);
    let resumes = journal(bench.directory.path()).resumes(&run);
    let resumes = resumes.expect("readable");
    assert_eq!(resumes.len(), 1);
    assert_eq!(resumes[0].devices, 3);
}

#[test]
fn requests_during_a_call_wait_until_its_outcome_is_stored() {
    let mut bench = bench(Duration::from_millis(300));
    let (first, second) = bench.two_plans();
    bench.driver.run(first).expect("accepted");
    bench.wait(1, is_sending);
    bench.driver.run(second).expect("accepted");
    // The first update about the second run comes after the outcome of the call in flight.
    let changed = loop {
        let update = bench
            .updates
            .blocking_recv()
            .expect("an update of the engine");
        if update.run == Some(RunId::from_bytes([2; 16])) {
            break false;
        }
        if matches!(update.news, News::Report(Report::Changed { .. })) {
            break true;
        }
    };
    assert!(changed);
    bench.wait_for_state(2, RunState::Finished);
}

#[test]
fn batch_size_found_by_halving_is_stored_with_the_run() {
    let mut bench = bench_with(Duration::ZERO, Some(8));
    let plan = bench.plan(1, &bench.hwids[..40]);
    bench.driver.run(plan).expect("accepted");
    bench.wait_for_state(1, RunState::Finished);
    let mut journal = journal(bench.directory.path());
    let run = RunId::from_bytes([1; 16]);
    let lock = journal.lock_run(&run).expect("free");
    let opened = journal.open_run(&run, &lock).expect("opened");
    let sizes = opened.record.sizes;
    assert!(sizes.batch <= 8, "{sizes:?}");
}

#[test]
fn outcome_that_cannot_be_stored_is_not_reported() {
    let mut bench = bench(Duration::ZERO);
    let path = journal(bench.directory.path()).path();
    rusqlite::Connection::open(path)
        .and_then(|database| {
            database.execute_batch(
                "CREATE TRIGGER no_outcome BEFORE UPDATE OF verdict ON calls
                 BEGIN SELECT RAISE(FAIL, 'no room for it'); END",
            )
        })
        .expect("a trigger");
    let (plan, _) = bench.two_plans();
    bench.driver.run(plan).expect("accepted");
    let mut changed = Vec::new();
    loop {
        match bench.updates.blocking_recv().expect("an update").news {
            News::Report(Report::Changed { devices, .. }) => changed.extend(devices),
            News::Failed(message) => {
                assert!(message.to_string().contains("no room for it"), "{message}");
                break;
            }
            _ => {}
        }
    }
    assert_eq!(changed, [], "reported before it was stored");
    assert_eq!(bench.deletes(), 1, "a call after the journal failed");
}

fn policy() -> Policy {
    Policy {
        rules_hash: String::new(),
        max_devices: 500,
        max_per_day: 2000,
        approvals: 0,
    }
}
