//! Ways out: `q`, ctrl-c, signals, suspension, and a terminal that goes away.

use std::time::Duration;

use crate::domain::run::StopCause;
use crate::engine::Control;
use crate::platform::clock::BootTime;
use crate::tui::effect::Effect;

/// A second ctrl-c within this time exits immediately.
const SECOND_INTERRUPT: Duration = Duration::from_secs(2);
const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;

/// Whether the program is about to be suspended or left, and what that waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shutdown {
    phase: Phase,
    /// When ctrl-c was pressed last.
    interrupted_at: Option<BootTime>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// Suspends once the run is paused; then leaves, if that was requested before.
    Suspending(Option<Quit>),
    Quitting(Quit),
    /// Exits immediately with 128 and this signal's number.
    Aborted(i32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quit {
    when: QuitWhen,
    cause: Cause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QuitWhen {
    /// The runs have ended by themselves.
    RunsEnd,
    /// The call in flight has finished; nothing is sent after it.
    CallEnds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Operator,
    /// Another signal exits immediately.
    Signal,
}

impl Shutdown {
    /// ctrl-c: the first opens the quit dialog, the second within two seconds exits immediately. None
    /// for the first.
    pub fn on_interrupt(&mut self, now: BootTime) -> Option<Effect> {
        let is_second = self
            .interrupted_at
            .is_some_and(|first| now.since(first) < SECOND_INTERRUPT);
        if is_second {
            return Some(self.abort(SIGINT));
        }
        self.interrupted_at = Some(now);
        None
    }

    /// SIGINT, SIGTERM or SIGHUP. With `finish_on_hangup`, SIGHUP leaves when the runs end.
    pub fn on_signal(
        &mut self,
        number: i32,
        finish_on_hangup: bool,
        is_active: bool,
    ) -> Vec<Effect> {
        let mut effects = self.leave_at_signal(number, finish_on_hangup, is_active);
        for effect in &mut effects {
            // The journal keeps why a run stopped.
            if let Effect::Control(control @ Control::Stop) = effect {
                *control = Control::StopFor(StopCause::of_signal(number));
            }
        }
        effects
    }

    fn leave_at_signal(
        &mut self,
        number: i32,
        finish_on_hangup: bool,
        is_active: bool,
    ) -> Vec<Effect> {
        let cause = self.quit_requested().map(|quit| quit.cause);
        if number == SIGHUP {
            // The kernel, the shell and the watch on the terminal may each report that the terminal
            // went away, so that a repeated SIGHUP must not exit immediately.
            let cause = cause.unwrap_or(Cause::Operator);
            if finish_on_hangup && !self.stops_after_call() {
                self.phase = Phase::Quitting(Quit {
                    when: QuitWhen::RunsEnd,
                    cause,
                });
                return self.on_runs_idle(is_active);
            }
            return self.quit_by(cause, is_active);
        }
        if cause == Some(Cause::Signal) {
            return vec![self.abort(number)];
        }
        self.quit_by(Cause::Signal, is_active)
    }

    /// Leaves: after the call in flight, if a run is active.
    pub fn quit(&mut self, is_active: bool) -> Vec<Effect> {
        let cause = self.quit_requested().map(|quit| quit.cause);
        self.quit_by(cause.unwrap_or(Cause::Operator), is_active)
    }

    fn quit_by(&mut self, cause: Cause, is_active: bool) -> Vec<Effect> {
        let is_stopping = self.stops_after_call();
        self.phase = Phase::Quitting(Quit {
            when: QuitWhen::CallEnds,
            cause,
        });
        match (is_active, is_stopping) {
            (false, _) => vec![Effect::Quit],
            (true, true) => Vec::new(),
            (true, false) => vec![Effect::Control(Control::Stop)],
        }
    }

    /// Leaves when the runs have ended by themselves.
    pub fn quit_when_runs_end(&mut self) {
        let cause = self.quit_requested().map(|quit| quit.cause);
        self.phase = Phase::Quitting(Quit {
            when: QuitWhen::RunsEnd,
            cause: cause.unwrap_or(Cause::Operator),
        });
    }

    /// The operator stays after all.
    pub fn stay(&mut self) {
        self.phase = match self.phase {
            Phase::Suspending(_) => Phase::Suspending(None),
            Phase::Open | Phase::Quitting(_) => Phase::Open,
            aborted @ Phase::Aborted(_) => aborted,
        };
    }

    /// Suspends: after the call in flight, which leaves the run paused, if a run is active.
    pub fn suspend(&mut self, is_active: bool) -> Vec<Effect> {
        if !is_active {
            return vec![Effect::Suspend];
        }
        self.phase = Phase::Suspending(self.quit_requested());
        vec![Effect::Control(Control::Pause)]
    }

    /// The engine didn't take a control. The run continues: it can be stopped once more, or ends
    /// as planned.
    pub fn on_control_rejected(&mut self) {
        if let Phase::Quitting(quit) | Phase::Suspending(Some(quit)) = &mut self.phase {
            quit.when = QuitWhen::RunsEnd;
        }
    }

    /// What waited until no run was active.
    pub fn on_runs_idle(&mut self, is_active: bool) -> Vec<Effect> {
        if is_active {
            return Vec::new();
        }
        match self.phase {
            Phase::Open | Phase::Aborted(_) => Vec::new(),
            Phase::Quitting(_) => vec![Effect::Quit],
            Phase::Suspending(Some(quit)) => {
                self.phase = Phase::Quitting(quit);
                vec![Effect::Suspend, Effect::Quit]
            }
            Phase::Suspending(None) => {
                self.phase = Phase::Open;
                vec![Effect::Suspend]
            }
        }
    }

    /// The signal that ended the program immediately.
    pub fn aborted_by(&self) -> Option<i32> {
        match self.phase {
            Phase::Aborted(number) => Some(number),
            Phase::Open | Phase::Suspending(_) | Phase::Quitting(_) => None,
        }
    }

    fn abort(&mut self, number: i32) -> Effect {
        self.phase = Phase::Aborted(number);
        Effect::Abort
    }

    fn quit_requested(&self) -> Option<Quit> {
        match self.phase {
            Phase::Quitting(quit) => Some(quit),
            Phase::Suspending(quit) => quit,
            Phase::Open | Phase::Aborted(_) => None,
        }
    }

    /// True if nothing is sent after the call in flight.
    pub fn stops_after_call(&self) -> bool {
        self.quit_requested()
            .is_some_and(|quit| quit.when == QuitWhen::CallEnds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGTERM: i32 = 15;
    const STOP: Effect = Effect::Control(Control::Stop);
    const STOP_FOR_SIGNAL: Effect = Effect::Control(Control::StopFor(StopCause::Terminate));
    const PAUSE: Effect = Effect::Control(Control::Pause);

    fn at(seconds: u64) -> BootTime {
        BootTime(0) + Duration::from_secs(seconds)
    }

    #[test]
    fn interrupt_exits_on_the_second_within_two_seconds_only() {
        let mut shutdown = Shutdown::default();
        assert_eq!(shutdown.on_interrupt(at(10)), None);
        assert_eq!(shutdown.on_interrupt(at(12)), None, "too late");
        assert_eq!(shutdown.aborted_by(), None);
        assert_eq!(shutdown.on_interrupt(at(13)), Some(Effect::Abort));
        assert_eq!(shutdown.aborted_by(), Some(SIGINT));
    }

    #[test]
    fn signal_stops_once_and_exits_on_the_second() {
        for number in [SIGINT, SIGTERM] {
            let mut shutdown = Shutdown::default();
            let stop = Effect::Control(Control::StopFor(StopCause::of_signal(number)));
            assert_eq!(shutdown.on_signal(number, false, true), [stop]);
            let second = shutdown.on_signal(number, false, true);
            assert_eq!(second, [Effect::Abort]);
            let mut idle = Shutdown::default();
            assert_eq!(idle.on_signal(number, false, false), [Effect::Quit]);
        }
    }

    #[test]
    fn signal_after_q_is_a_first_signal_and_stops_no_second_time() {
        let mut shutdown = Shutdown::default();
        assert_eq!(shutdown.quit(true), [STOP]);
        assert_eq!(shutdown.on_signal(SIGTERM, false, true), []);
        let second = shutdown.on_signal(SIGTERM, false, true);
        assert_eq!(second, [Effect::Abort]);
    }

    #[test]
    fn hangup_stops_or_lets_the_runs_end_and_never_exits_immediately() {
        let mut stops = Shutdown::default();
        let stop = Effect::Control(Control::StopFor(StopCause::Hangup));
        assert_eq!(stops.on_signal(SIGHUP, false, true), [stop]);
        assert_eq!(stops.on_signal(SIGHUP, false, true), []);
        assert_eq!(stops.on_runs_idle(false), [Effect::Quit]);

        let mut finishes = Shutdown::default();
        assert_eq!(finishes.on_signal(SIGHUP, true, true), []);
        assert_eq!(finishes.on_signal(SIGHUP, true, true), []);
        assert_eq!(finishes.on_runs_idle(true), []);
        assert_eq!(finishes.on_runs_idle(false), [Effect::Quit]);
        let mut idle = Shutdown::default();
        assert_eq!(idle.on_signal(SIGHUP, true, false), [Effect::Quit]);
    }

    #[test]
    fn hangup_does_not_take_back_a_stop() {
        let mut shutdown = Shutdown::default();
        assert_eq!(shutdown.quit(true), [STOP]);
        assert_eq!(shutdown.on_signal(SIGHUP, true, true), []);
        assert!(shutdown.stops_after_call());
    }

    #[test]
    fn suspend_pauses_an_active_run_first() {
        let mut shutdown = Shutdown::default();
        assert_eq!(shutdown.suspend(false), [Effect::Suspend]);
        assert_eq!(shutdown.suspend(true), [PAUSE]);
        assert_eq!(shutdown.on_runs_idle(true), []);
        assert_eq!(shutdown.on_runs_idle(false), [Effect::Suspend]);
        assert_eq!(shutdown.on_runs_idle(false), [], "once");
    }

    #[test]
    fn suspend_keeps_a_requested_quit_and_a_signal_overrides_it() {
        let mut shutdown = Shutdown::default();
        shutdown.quit_when_runs_end();
        assert_eq!(shutdown.suspend(true), [PAUSE]);
        let mut signalled = shutdown;
        let idle = shutdown.on_runs_idle(false);
        assert_eq!(idle, [Effect::Suspend, Effect::Quit]);
        assert_eq!(signalled.on_signal(SIGTERM, false, true), [STOP_FOR_SIGNAL]);
        assert_eq!(signalled.on_runs_idle(false), [Effect::Quit]);
    }

    #[test]
    fn quit_dialog_waits_stops_or_goes_back() {
        let mut waits = Shutdown::default();
        waits.quit_when_runs_end();
        assert_eq!(waits.on_runs_idle(true), []);
        assert_eq!(waits.on_runs_idle(false), [Effect::Quit]);
        let mut stops = waits;
        assert_eq!(stops.quit(true), [STOP]);
        let mut back = stops;
        back.stay();
        assert_eq!(back.on_runs_idle(false), []);
        let first = back.on_signal(SIGTERM, false, true);
        assert_eq!(first, [STOP_FOR_SIGNAL], "a new request");
    }

    #[test]
    fn rejected_control_leaves_when_the_runs_end_and_can_be_repeated() {
        let mut shutdown = Shutdown::default();
        assert_eq!(shutdown.on_signal(SIGTERM, false, true), [STOP_FOR_SIGNAL]);
        shutdown.on_control_rejected();
        assert_eq!(shutdown.on_runs_idle(true), []);
        let mut again = shutdown;
        assert_eq!(again.quit(true), [STOP]);
        assert_eq!(shutdown.on_runs_idle(false), [Effect::Quit]);
        let mut open = Shutdown::default();
        open.on_control_rejected();
        assert_eq!(open.on_runs_idle(false), []);
    }
}
