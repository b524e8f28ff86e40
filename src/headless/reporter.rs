//! Prints the progress of a run: lines on standard error, JSON lines on standard output.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::exit::Exit;
use crate::domain::licences::RunLicences;
use crate::domain::outcome::{DeviceState, Doubt, Outcome, Tally};
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::engine::Report;
use crate::export::{self, Line};
use crate::headless::waits::{Waits, wait_line};
use crate::headless::{Ending, OutputOptions, Start};
use crate::plan::PlannedDevice;
use crate::platform::clock::{BootTime, Clock};
use crate::text;

/// A device's state, and the call that decided it.
#[derive(Clone, Copy)]
pub(super) struct DecidedState {
    pub(super) state: DeviceState,
    call: Option<u32>,
    http_status: Option<u16>,
}

pub(super) struct RunReporter {
    pub(super) run: RunId,
    pub(super) planned: Vec<PlannedDevice>,
    clock: Clock,
    pub(super) output: OutputOptions,
    bar: ProgressBar,
    pub(super) devices: Vec<DecidedState>,
    /// The number of the call in flight, and its devices by ordinal.
    in_flight: Option<(u32, Vec<u32>)>,
    /// The texts of printed notices: each is printed once.
    printed: HashSet<String>,
    waits: Waits,
    /// The account's licences before and after the run.
    pub(super) licences: RunLicences,
}

impl RunReporter {
    pub(super) fn new(start: &Start, clock: Clock, output: OutputOptions) -> Self {
        let (run, planned, devices) = match start {
            Start::Plan(confirmed) => {
                let plan = confirmed.plan();
                let progress = DecidedState {
                    state: DeviceState::Planned,
                    call: None,
                    http_status: None,
                };
                (
                    plan.id,
                    plan.devices.clone(),
                    vec![progress; plan.devices.len()],
                )
            }
            Start::Resume {
                record, devices, ..
            } => {
                let progress = devices.iter().map(|device| DecidedState {
                    state: device.state,
                    call: device.call,
                    http_status: device.http_status,
                });
                let planned = devices.iter().map(|device| device.device.clone());
                (record.id, planned.collect(), progress.collect())
            }
        };
        let shown = std::io::stderr().is_terminal() && !output.quiet;
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
            output,
            bar,
            in_flight: None,
            printed: HashSet::new(),
            waits: Waits::default(),
            licences: RunLicences::default(),
        }
    }

    pub(super) fn tally(&self) -> Tally {
        Tally::of(self.devices.iter().map(|device| device.state))
    }

    pub(super) fn begin(
        &mut self,
        start: &Start,
        out: &mut (dyn Write + Send),
    ) -> std::io::Result<()> {
        self.write_start(start, out)?;
        let devices = text::counted(self.tally().left, "device");
        let (action, host) = match start {
            Start::Plan(confirmed) => {
                let plan = confirmed.plan();
                (plan.action, plan.target.host())
            }
            Start::Resume { record, .. } => (record.action, record.target.host()),
        };
        if !self.output.quiet {
            self.print(&format!("run {} · {action} {devices} · {host}", self.run));
            if let Start::Plan(confirmed) = start {
                let approvals = confirmed.plan().origin.approvals.iter();
                let names: Vec<&str> = approvals.map(|approval| approval.name.as_str()).collect();
                if !names.is_empty() {
                    self.print(&format!("approved by {}", names.join(", ")));
                }
            }
        }
        Ok(())
    }

    /// Writes the JSON lines that are known at the start: the plan, and devices with a final outcome of
    /// an earlier process.
    pub(super) fn write_start(
        &self,
        start: &Start,
        out: &mut (dyn Write + Send),
    ) -> std::io::Result<()> {
        if !self.output.jsonl {
            return Ok(());
        }
        match start {
            Start::Plan(confirmed) => {
                let plan = confirmed.plan();
                let recheck = confirmed.recheck();
                export::write_line(out, &Line::plan(plan, Some(plan.id.short()), recheck))?;
                for row in &plan.left_out {
                    export::write_line(out, &Line::left_out(row))?;
                }
                for dropped in recheck.iter().flat_map(|recheck| &recheck.dropped) {
                    export::write_line(out, &Line::left_out(&dropped.row()))?;
                }
            }
            Start::Resume {
                record, devices, ..
            } => {
                export::write_line(out, &Line::plan_of(record, devices))?;
                for (ordinal, &progress) in self.devices.iter().enumerate() {
                    if is_final(progress.state) {
                        self.write_device(ordinal, progress, out)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Handles a report. Returns the run's state once it has ended or paused.
    pub(super) fn on_report(
        &mut self,
        report: Report,
        out: &mut (dyn Write + Send),
    ) -> std::io::Result<Option<(RunState, Option<PauseReason>)>> {
        match report {
            Report::Sending { call, devices } => {
                self.bar.set_message(format!(
                    "sending {}",
                    text::counted(devices.len() as u64, "device")
                ));
                self.in_flight = Some((call, devices));
            }
            Report::Changed {
                call,
                status,
                devices,
            } => {
                self.in_flight = None;
                for &(ordinal, state) in &devices {
                    self.devices[ordinal as usize] = DecidedState {
                        state,
                        call: Some(call),
                        http_status: status,
                    };
                }
                let tally = self.tally();
                self.bar.set_position(tally.total() - tally.left);
                self.bar
                    .set_message(export::counts(Tally { left: 0, ..tally }));
                for (ordinal, state) in devices {
                    // Devices in doubt may still be resent: they are written at the end.
                    if is_final(state) {
                        self.write_device(ordinal as usize, self.devices[ordinal as usize], out)?;
                    }
                }
            }
            Report::Waiting { until, reason } => self.wait(&reason.to_string(), until),
            Report::State { state, pause } => {
                if state != RunState::Running {
                    return Ok(Some((state, pause)));
                }
            }
            Report::Notice(notice) => {
                let line = notice.to_string();
                if self.printed.insert(line.clone()) {
                    self.print(&line);
                }
            }
        }
        Ok(None)
    }

    /// Prints how far the run has come, and what it waits for, where no bar shows it.
    pub(super) fn print_progress(&mut self) {
        if self.bar_is_shown() || self.output.quiet {
            return;
        }
        let tally = self.tally();
        let done = tally.total() - tally.left;
        let line = format!(
            "run {}: {} of {} · {}{}",
            self.run,
            text::grouped(done),
            text::counted(tally.total(), "device"),
            export::counts(Tally { left: 0, ..tally }),
            self.waits.suffix(self.clock.now())
        );
        self.print(&line);
    }

    /// Prints a long wait, once, and when it ends.
    pub(super) fn wait(&mut self, reason: &str, until: BootTime) {
        let now = self.clock.now();
        let tally = Tally {
            left: 0,
            ..self.tally()
        };
        let counts = export::counts(tally);
        self.bar
            .set_message(format!("{counts} · {}", wait_line(reason, until, now)));
        let line = self.waits.announce(reason, until, now);
        if let Some(line) = line.filter(|_| !self.bar_is_shown() && !self.output.quiet) {
            self.print(&line);
        }
    }

    /// Prints how the run ended, and an error of standard output: `unwritten`, or a new one.
    pub(super) fn end(
        &mut self,
        ending: &Ending,
        out: &mut (dyn Write + Send),
        unwritten: Option<std::io::Error>,
    ) {
        let ended = self.write_end(ending, out);
        if let Some(error) = unwritten.or(ended.err()) {
            self.report_write_error(&error);
        }
    }

    fn write_end(&mut self, ending: &Ending, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
        self.bar.finish_and_clear();
        self.mark_interrupted();
        let tally = self.tally();
        let (state, reason) = state_and_reason(ending);
        for ordinal in 0..self.devices.len() {
            let progress = self.devices[ordinal];
            if !is_final(progress.state) {
                self.write_device(ordinal, progress, out)?;
            }
        }
        if self.output.jsonl {
            export::write_line(out, &self.summary(ending))?;
            out.flush()?;
        }
        if !self.output.quiet || ending.exit() != Exit::Accepted {
            let run = self.run;
            self.print(&format!("run {run} {state}: {}", export::counts(tally)));
            if let Some(licences) = self.licences.sentence("→") {
                self.print(&format!("licences: {licences}"));
            }
            if let Some(reason) = reason {
                self.print(&reason);
            }
            // An engine that failed has printed what the journal may lack.
            let is_recorded = !matches!(ending, Ending::EngineFailed(_));
            if is_recorded && tally.failed + tally.gone + tally.in_doubt > 0 {
                self.print(&format!(
                    "`offboard runs show {run}` lists the devices that were not accepted"
                ));
            }
        }
        Ok(())
    }

    /// The last line.
    pub(super) fn summary(&self, ending: &Ending) -> Line {
        let (state, reason) = state_and_reason(ending);
        let run = Some(self.run.short());
        Line::summary(run, state, self.tally(), reason, ending.exit()).with_licences(self.licences)
    }

    /// Marks the devices of a call without an outcome in doubt: it may have been applied.
    fn mark_interrupted(&mut self) {
        let Some((call, ordinals)) = self.in_flight.take() else {
            return;
        };
        for ordinal in ordinals {
            self.devices[ordinal as usize] = DecidedState {
                state: DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted)),
                call: Some(call),
                http_status: None,
            };
        }
    }

    fn report_write_error(&self, error: &std::io::Error) {
        self.print(&format!(
            "standard output can't be written ({error}): see `offboard runs show {}`",
            self.run
        ));
    }

    pub(super) fn write_device(
        &self,
        ordinal: usize,
        progress: DecidedState,
        out: &mut (dyn Write + Send),
    ) -> std::io::Result<()> {
        if !self.output.jsonl {
            return Ok(());
        }
        let device = &self.planned[ordinal];
        let sent = !matches!(
            progress.state,
            DeviceState::Planned | DeviceState::Ended(Outcome::NotSent)
        );
        let (call, http_status) = if sent {
            (progress.call, progress.http_status)
        } else {
            (None, None)
        };
        export::write_line(
            out,
            &Line::device(device, Some(progress.state), call, http_status),
        )
    }

    fn bar_is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Prints a line on standard error, above the bar. A closed standard error is ignored.
    pub(super) fn print(&self, line: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }
}

/// The run's state in the summary, and why it is not over.
fn state_and_reason(ending: &Ending) -> (&'static str, Option<String>) {
    match ending {
        Ending::RunEnded { state, pause, .. } => {
            (state.as_str(), pause.as_ref().map(PauseReason::with_advice))
        }
        Ending::Refused(refusal) => ("refused", Some(refusal.to_string())),
        Ending::EngineFailed(failure) => ("stopped", Some(failure.to_string())),
        Ending::Signalled(_) => (
            "stopped",
            Some("exited immediately at a second signal".to_owned()),
        ),
    }
}

/// True for a state that no later answer changes.
fn is_final(state: DeviceState) -> bool {
    matches!(state, DeviceState::Ended(outcome) if outcome.is_definite())
}
