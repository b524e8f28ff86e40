//! `x`: a run is stopped only if `x` is pressed again.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::run::{RunId, RunState};
use crate::engine::Control;
use crate::text::counted;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC, Hint, Section, TEXT, command, hints, key, letter,
};
use crate::tui::job::RunJob;
use crate::tui::widgets::key_guard::KeyGuard;

/// Stop after this call? The message line asks, and the footer shows the keys.
#[derive(Clone, Debug)]
pub struct StopRun {
    /// The run of another process that is to be requested to stop; none for one of this process.
    other: Option<RunId>,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Stop,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    letter("x", Command::Stop, "again: stop", "stop, after the call in flight if there is one"),
    key("esc", ESC, Command::Back, "don't stop", ""),
    // Any other key doesn't stop it, either.
    key("", TEXT, Command::Back, "", ""),
];

/// True if the run in focus waits for an answer.
fn has_call_in_flight(context: &Context) -> bool {
    let run = context.runs.focus();
    run.is_some_and(|run| run.state == RunState::Running && !run.in_flight.is_empty())
}

impl StopRun {
    pub(super) const HELP: Section = Section {
        title: "stop a run (x)",
        hints: || hints(KEYS),
    };

    /// The question about the run that this process sends.
    pub fn of_this_process(context: &mut Context) -> Self {
        let mut question = if has_call_in_flight(context) {
            "Stop after this call?".to_owned()
        } else {
            "Stop the run?".to_owned()
        };
        let resends = context
            .runs
            .focus()
            .map_or(0, |run| run.resends.len() as u64);
        if resends > 0 {
            let devices = counted(resends, "device");
            question.push_str(&format!(" Then {devices} in doubt won't be resent."));
        }
        Self::asking(question, None, context)
    }

    /// The question about a run that another process sends.
    pub fn of_another_process(run: RunId, context: &mut Context) -> Self {
        let question = format!("Request run {run} to stop after its call?");
        Self::asking(question, Some(run), context)
    }

    fn asking(question: String, other: Option<RunId>, context: &mut Context) -> Self {
        context.status = Some(question);
        Self {
            other,
            guard: KeyGuard::once_drawn(),
        }
    }
}

impl Component for StopRun {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        context.status = None;
        match (command(KEYS, key), self.other) {
            (Some(Command::Stop), None) => {
                let stopping = "Stopping after the call in flight".to_owned();
                context.status = has_call_in_flight(context).then_some(stopping);
                Response::close().with([Effect::Control(Control::Stop)])
            }
            (Some(Command::Stop), Some(run)) => {
                Response::close().with([Effect::Runs(RunJob::AskToStop(run))])
            }
            (Some(Command::Back) | None, _) => Response::close(),
        }
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        // A key that is held down doesn't answer the question that it has asked.
        Some(&mut self.guard)
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _context: &Context) {}
}
