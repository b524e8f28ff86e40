//! A run without a screen: progress on standard error, one JSON line a device on request.
//!
//! It never prompts. The same engine and journal as behind the screen do the work; this only
//! listens, passes signals on, and works out the exit code.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::engine::driver::{Driver, News, Update};
use crate::engine::{Control, Report};
use crate::export::{self, Line};
use crate::journal::{DeviceRecord, RunRecord};
use crate::outcome::{DeviceState, Outcome, Tally};
use crate::plan::{ConfirmedPlan, PlannedDevice};
use crate::run::{PauseReason, RunId, RunState};
use crate::text;

/// How a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    /// One JSON line a device on standard output, instead of a summary in words.
    pub jsonl: bool,
    /// Problems only.
    pub quiet: bool,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The run came to rest; the exit code follows from its counts.
    Rested {
        /// Where it stands.
        state: RunState,
        /// How its devices stand.
        tally: Tally,
        /// Why it is paused.
        pause: Option<PauseReason>,
    },
    /// It couldn't start; nothing was sent.
    Refused(String),
    /// The journal failed.
    Broken(String),
    /// A second signal: out at once.
    Killed(i32),
}

/// What is followed: a new run, or one that is taken up again.
#[derive(Clone, Debug)]
pub enum Start {
    /// A plan, confirmed.
    Plan(Box<ConfirmedPlan>),
    /// A run of the journal.
    Resume {
        /// What the history shows of it.
        record: Box<RunRecord>,
        /// Its devices.
        devices: Vec<DeviceRecord>,
        /// The number of devices left that was told.
        told: u64,
    },
}

/// Follows a run to its end. `out` takes the JSON lines.
pub async fn follow(
    driver: Driver,
    mut updates: mpsc::Receiver<Update>,
    start: Start,
    clock: Clock,
    telling: Telling,
    out: &mut (dyn Write + Send),
) -> std::io::Result<Ending> {
    let mut signals = Signals::new()?;
    let mut teller = Teller::new(&start, clock, telling);
    // Nothing is sent for a reader that isn't there.
    teller.begin(&start, out)?;
    let handed_over = match start {
        Start::Plan(plan) => driver.run(*plan),
        Start::Resume { record, told, .. } => driver.resume(record.id, told),
    };
    if handed_over.is_err() {
        return Ok(Ending::Broken("the engine has stopped".to_owned()));
    }
    let mut asked = false;
    let mut unwritten = None;
    let ending = loop {
        let update = tokio::select! {
            biased;
            number = signals.next() => {
                if asked {
                    break Ending::Killed(number);
                }
                asked = true;
                teller.say("stopping after the call in flight; once more to leave at once");
                // An engine that has ended says so through its updates.
                let _ = driver.control(Control::Stop);
                continue;
            }
            update = updates.recv() => update,
        };
        let Some(Update { news, .. }) = update else {
            break Ending::Broken(
                "the engine ended without a word: see `offboard runs`".to_owned(),
            );
        };
        match news {
            News::Report(report) => match teller.hear(report, out) {
                Ok(None) => {}
                Ok(Some((state, pause))) => {
                    break Ending::Rested {
                        state,
                        tally: teller.tally(),
                        pause,
                    };
                }
                Err(error) => {
                    // The call in flight is finished and journaled, whoever reads of it.
                    unwritten.get_or_insert(error);
                    let _ = driver.control(Control::Stop);
                }
            },
            News::Queued | News::Budget(_) => {}
            News::Refused(why) => break Ending::Refused(why),
            News::Broken(what) => break Ending::Broken(what),
        }
    };
    if !matches!(ending, Ending::Killed(_)) {
        drop(updates);
        driver.finish();
    }
    if let Err(error) = teller.end(&ending, out) {
        unwritten.get_or_insert(error);
    }
    if let Some(error) = unwritten {
        teller.say(&format!(
            "standard output can't be written ({error}): see `offboard runs show {}`",
            teller.run
        ));
    }
    Ok(ending)
}

impl Ending {
    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Rested { tally, .. } => export::exit_code(*tally),
            Self::Refused(_) => 7,
            Self::Broken(_) => 1,
            Self::Killed(number) => 128_u8.saturating_add(u8::try_from(*number).unwrap_or(0)),
        }
    }
}

/// The signals that ask to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next one's number.
    async fn next(&mut self) -> i32 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.hangup.recv() => SignalKind::hangup(),
        };
        kind.as_raw_value()
    }
}

/// Where a device stands, and by which call.
#[derive(Clone, Copy)]
struct Told {
    state: DeviceState,
    call: Option<u32>,
    status: Option<u16>,
}

struct Teller {
    run: RunId,
    planned: Vec<PlannedDevice>,
    clock: Clock,
    telling: Telling,
    bar: ProgressBar,
    devices: Vec<Told>,
    /// Notices that are worth telling once, by their words.
    told: HashSet<String>,
}

impl Teller {
    fn new(start: &Start, clock: Clock, telling: Telling) -> Self {
        let (run, planned, devices) = match start {
            Start::Plan(confirmed) => {
                let plan = confirmed.plan();
                let told = Told {
                    state: DeviceState::Planned,
                    call: None,
                    status: None,
                };
                (
                    plan.id,
                    plan.devices.clone(),
                    vec![told; plan.devices.len()],
                )
            }
            Start::Resume {
                record, devices, ..
            } => {
                let told = devices.iter().map(|device| Told {
                    state: device.state,
                    call: device.call,
                    status: device.status,
                });
                let planned = devices.iter().map(|device| device.device.clone());
                (record.id, planned.collect(), told.collect())
            }
        };
        let shown = std::io::stderr().is_terminal() && !telling.quiet;
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(devices.len() as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} · {wide_msg}") {
            bar.set_style(style);
        }
        Self {
            run,
            planned,
            devices,
            clock,
            telling,
            bar,
            told: HashSet::new(),
        }
    }

    fn tally(&self) -> Tally {
        Tally::of(self.devices.iter().map(|device| device.state))
    }

    fn begin(&mut self, start: &Start, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
        let devices = text::counted(self.tally().left, "device");
        let (action, host) = match start {
            Start::Plan(confirmed) => {
                let plan = confirmed.plan();
                if self.telling.jsonl {
                    export::write_line(out, &Line::plan(plan, Some(plan.id.short())))?;
                    for row in &plan.left_out {
                        export::write_line(out, &Line::left_out(row))?;
                    }
                }
                (plan.action, plan.target.host())
            }
            Start::Resume { record, .. } => (record.action, record.target.host()),
        };
        if !self.telling.quiet {
            self.say(&format!("run {} · {action} {devices} · {host}", self.run));
        }
        Ok(())
    }

    /// Takes in a report; says when the run has come to rest.
    fn hear(
        &mut self,
        report: Report,
        out: &mut (dyn Write + Send),
    ) -> std::io::Result<Option<(RunState, Option<PauseReason>)>> {
        match report {
            Report::Sending { devices, .. } => {
                self.bar.set_message(format!(
                    "sending {}",
                    text::counted(devices.len() as u64, "device")
                ));
            }
            Report::Changed {
                call,
                status,
                devices,
            } => {
                for &(ordinal, state) in &devices {
                    self.devices[ordinal as usize] = Told {
                        state,
                        call: Some(call),
                        status,
                    };
                }
                let tally = self.tally();
                self.bar.set_position(tally.total() - tally.left);
                self.bar
                    .set_message(export::counts(Tally { left: 0, ..tally }));
                for (ordinal, state) in devices {
                    // What is in doubt may still be resent: it is told at the end.
                    if matches!(state, DeviceState::Ended(outcome) if outcome.is_definite()) {
                        self.tell_device(ordinal as usize, self.devices[ordinal as usize], out)?;
                    }
                }
            }
            Report::Waiting { until, why } => {
                let wait = until.since(self.clock.now().boot);
                let why = why.to_string();
                self.bar.set_message(format!(
                    "{} · {why}, {} s",
                    export::counts(Tally {
                        left: 0,
                        ..self.tally()
                    }),
                    wait.as_secs()
                ));
                if !self.bar_is_shown() && !self.telling.quiet && wait >= Duration::from_secs(120) {
                    self.say(&format!("{why}: waiting {} s", wait.as_secs()));
                }
            }
            Report::State { state, pause } => {
                if state != RunState::Running {
                    return Ok(Some((state, pause)));
                }
            }
            Report::Notice(notice) => {
                let line = notice.to_string();
                if self.told.insert(line.clone()) {
                    self.say(&line);
                }
            }
        }
        Ok(None)
    }

    fn end(&mut self, ending: &Ending, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
        self.bar.finish_and_clear();
        let tally = self.tally();
        let (state, reason) = match ending {
            Ending::Rested { state, pause, .. } => (
                state.word(),
                pause
                    .as_ref()
                    .map(|pause| format!("{pause}. {}", pause.advice())),
            ),
            Ending::Refused(why) => ("refused", Some(why.clone())),
            Ending::Broken(what) => ("stopped", Some(what.clone())),
            Ending::Killed(_) => (
                "stopped",
                Some("left at once on a second signal".to_owned()),
            ),
        };
        for ordinal in 0..self.devices.len() {
            let told = self.devices[ordinal];
            if !matches!(told.state, DeviceState::Ended(outcome) if outcome.is_definite()) {
                self.tell_device(ordinal, told, out)?;
            }
        }
        if self.telling.jsonl {
            let run = Some(self.run.short());
            let line = Line::summary(run, state, tally, reason.clone(), ending.exit_code());
            export::write_line(out, &line)?;
            out.flush()?;
        }
        if !self.telling.quiet || ending.exit_code() != 0 {
            let run = self.run;
            self.say(&format!("run {run} {state}: {}", export::counts(tally)));
            if let Some(reason) = reason {
                self.say(&reason);
            }
            if tally.failed + tally.gone + tally.in_doubt > 0 {
                self.say(&format!(
                    "`offboard runs show {run}` lists what was not accepted, and why"
                ));
            }
        }
        Ok(())
    }

    fn tell_device(
        &self,
        ordinal: usize,
        told: Told,
        out: &mut (dyn Write + Send),
    ) -> std::io::Result<()> {
        if !self.telling.jsonl {
            return Ok(());
        }
        let device = &self.planned[ordinal];
        let sent = !matches!(
            told.state,
            DeviceState::Planned | DeviceState::Ended(Outcome::NotSent)
        );
        let (call, status) = if sent {
            (told.call, told.status)
        } else {
            (None, None)
        };
        export::write_line(out, &Line::device(device, Some(told.state), call, status))
    }

    fn bar_is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// One line on standard error, above the bar. A closed standard error is no reason to stop.
    fn say(&self, line: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }
}
