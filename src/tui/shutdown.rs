//! Ways out: `q`, ctrl-c, signals, and a terminal that goes away.

use std::time::Duration;

use crate::engine::Control;
use crate::tui::app::{App, Leaving};
use crate::tui::dialogs::QuitDialog;
use crate::tui::input::commands::View;
use crate::tui::message::Effect;

/// A second SIGINT within this time leaves at once.
const SECOND_INTERRUPT: Duration = Duration::from_secs(2);

impl App {
    pub(in crate::tui) fn interrupt(&mut self) -> Vec<Effect> {
        const SIGINT: i32 = 2;
        let now = self.now.boot;
        if self
            .interrupted
            .is_some_and(|first| now.since(first) < SECOND_INTERRUPT)
        {
            return vec![Effect::Abort(SIGINT)];
        }
        self.interrupted = Some(now);
        self.open(QuitDialog);
        Vec::new()
    }

    pub(in crate::tui) fn signal(&mut self, number: i32) -> Vec<Effect> {
        const SIGHUP: i32 = 1;
        if number == SIGHUP {
            // A terminal that goes away may be told of more than once: by the kernel, the shell and
            // the watch on the terminal. It never leaves at once.
            if self.facts.finish_on_hangup && self.leaving != Leaving::AfterCall {
                self.leaving = Leaving::AtRest;
                return self.rest();
            }
            return self.leave();
        }
        if self.signalled {
            return vec![Effect::Abort(number)];
        }
        self.signalled = true;
        self.leave()
    }

    /// Leaves: after the call in flight, if a run is active.
    pub(in crate::tui) fn leave(&mut self) -> Vec<Effect> {
        let asked = std::mem::replace(&mut self.leaving, Leaving::AfterCall);
        if !self.is_active() {
            return vec![Effect::Quit];
        }
        self.status = Some("leaving after the call in flight".to_owned());
        if asked == Leaving::AfterCall {
            return Vec::new();
        }
        vec![Effect::Control(Control::Stop)]
    }

    /// `q`: closes the view; leaves from the devices, and asks when something is open.
    pub(in crate::tui) fn quit(&mut self) -> Vec<Effect> {
        if self.view != View::Devices {
            self.view = View::Devices;
            return Vec::new();
        }
        if self.open_run().is_some() || self.reading.is_some() || !self.list.marks.is_empty() {
            self.open(QuitDialog);
            return Vec::new();
        }
        self.leave()
    }

    /// Leaves when the runs have ended by themselves.
    pub(in crate::tui) fn leave_at_rest(&mut self) {
        self.leaving = Leaving::AtRest;
        self.status = Some("leaving when the run ends".to_owned());
    }

    /// The operator stays after all.
    pub(in crate::tui) fn stay(&mut self) {
        self.leaving = Leaving::No;
        self.signalled = false;
    }
}
