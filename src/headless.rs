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
use crate::engine::{Control, Notice, Report, Waiting};
use crate::export::{self, Line};
use crate::outcome::{DeviceState, Outcome, Tally};
use crate::pacer::WaitReason;
use crate::plan::{ConfirmedPlan, Plan};
use crate::run::{PauseReason, RunState};
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

/// Follows a run to its end. `out` takes the JSON lines.
pub async fn follow(
    driver: Driver,
    mut updates: mpsc::Receiver<Update>,
    plan: ConfirmedPlan,
    clock: Clock,
    telling: Telling,
    out: &mut (dyn Write + Send),
) -> std::io::Result<Ending> {
    let mut signals = Signals::new()?;
    let mut teller = Teller::new(plan.plan().clone(), clock, telling);
    teller.begin(out)?;
    if driver.run(plan).is_err() {
        return Ok(Ending::Broken("the engine has stopped".to_owned()));
    }
    let mut asked = false;
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
            News::Report(report) => {
                if let Some((state, pause)) = teller.hear(report, out)? {
                    break Ending::Rested {
                        state,
                        tally: teller.tally(),
                        pause,
                    };
                }
            }
            News::Queued | News::Budget(_) => {}
            News::Refused(why) => break Ending::Refused(why),
            News::Broken(what) => break Ending::Broken(what),
        }
    };
    if !matches!(ending, Ending::Killed(_)) {
        drop(updates);
        driver.finish();
    }
    teller.end(&ending, out)?;
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
    plan: Plan,
    clock: Clock,
    telling: Telling,
    bar: ProgressBar,
    devices: Vec<Told>,
    /// Notices that are worth telling once, by their words.
    told: HashSet<String>,
}

impl Teller {
    fn new(plan: Plan, clock: Clock, telling: Telling) -> Self {
        let planned = Told {
            state: DeviceState::Planned,
            call: None,
            status: None,
        };
        let shown = std::io::stderr().is_terminal() && !telling.quiet;
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(plan.devices.len() as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} · {wide_msg}") {
            bar.set_style(style);
        }
        Self {
            devices: vec![planned; plan.devices.len()],
            plan,
            clock,
            telling,
            bar,
            told: HashSet::new(),
        }
    }

    fn tally(&self) -> Tally {
        Tally::of(self.devices.iter().map(|device| device.state))
    }

    fn begin(&mut self, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
        let plan = &self.plan;
        if self.telling.jsonl {
            export::write_line(out, &Line::plan(plan, Some(plan.id.short())))?;
            for row in &plan.left_out {
                export::write_line(out, &Line::left_out(row))?;
            }
        }
        if !self.telling.quiet {
            let devices = text::counted(plan.devices.len() as u64, "device");
            let calls = text::counted(plan.calls() as u64, "call");
            self.say(&format!(
                "run {} · {} {devices} · {} · {calls}",
                plan.id,
                plan.action,
                plan.target.host()
            ));
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
                for (ordinal, state) in devices {
                    let told = Told {
                        state,
                        call: Some(call),
                        status,
                    };
                    self.devices[ordinal as usize] = told;
                    // What is in doubt may still be resent: it is told at the end.
                    if matches!(state, DeviceState::Ended(outcome) if outcome.is_definite()) {
                        self.tell_device(ordinal as usize, told, out)?;
                    }
                }
                let tally = self.tally();
                self.bar.set_position(tally.total() - tally.left);
                self.bar
                    .set_message(export::counts(Tally { left: 0, ..tally }));
            }
            Report::Waiting { until, why } => {
                let wait = until.since(self.clock.now().boot);
                let why = waiting(why);
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
                let line = notice_line(&notice);
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
            let run = Some(self.plan.id.short());
            let line = Line::summary(run, state, tally, reason.clone(), ending.exit_code());
            export::write_line(out, &line)?;
            out.flush()?;
        }
        if !self.telling.quiet || ending.exit_code() != 0 {
            let run = self.plan.id;
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
        let device = &self.plan.devices[ordinal];
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

fn waiting(why: Waiting) -> &'static str {
    match why {
        Waiting::Slot(WaitReason::Budget) => "next call when the budget allows",
        Waiting::Slot(WaitReason::ServerLimit) => "the server says that no calls are left",
        Waiting::Slot(WaitReason::TooMany) => "the server answered 429",
        Waiting::Slot(WaitReason::UnknownWindow) => "the budget's last minute is unknown",
        Waiting::Retry(_) => "trying to connect again",
        Waiting::Resend => "resending what is in doubt",
    }
}

fn notice_line(notice: &Notice) -> String {
    match notice {
        Notice::OtherClient => {
            "the server counts more calls than this program made: another client uses the account"
                .to_owned()
        }
        Notice::OddContentType => "the server's answers have an unusual content type".to_owned(),
        Notice::SmallerBatches(size) => {
            format!(
                "the server refuses larger calls: {} a call from now on",
                text::counted(*size as u64, "device")
            )
        }
        Notice::TooMany => "the server answered 429: waiting as it asks".to_owned(),
        Notice::TokenRenewed => "the token was refused (401): asking for a new one".to_owned(),
        Notice::WillResend(devices) => {
            format!(
                "{} in doubt, resent once in a minute",
                text::counted(*devices as u64, "device")
            )
        }
        Notice::Trouble(words) => format!("not sent: {words}"),
    }
}
