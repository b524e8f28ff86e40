//! The full workflow as a dialogue of lines, for screen readers and terminals that can't draw.
//!
//! It is a second view of the same [`App`](crate::tui::app::App): a line that was typed becomes a
//! request or the keys of the open dialog, and what changes is printed. Plans, the confirmation and
//! runs are the app's, so that there is one of each. No escape sequence is ever printed.
//!
//! ```text
//! commands    a line -> what it requests
//! perform     requests -> steps of the app
//! devices     those about the rows of the table
//! questions   a dialog as text, its answer as keys
//! plan        what can be done with a plan
//! count       the number that confirms, key by key
//! printed     what numbers stand for
//! pages       rows, plans, failures and runs, a page at a time
//! news        what happened: messages and the progress of runs
//! spoken      what the screen draws, as text
//! console     the terminal
//! ```

mod commands;
mod console;
mod count;
mod devices;
mod error;
mod failures;
mod history;
mod news;
mod pages;
mod perform;
mod plan;
mod printed;
mod questions;
mod sentences;
mod spoken;

use std::collections::VecDeque;
use std::io::IsTerminal as _;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::text::{counted, grouped, visible};
use crate::tui::app::Countdown;
use crate::tui::app_host::{AppHost, ExitReason, SessionParts};
use crate::tui::away;
use crate::tui::input::commands::View;
use crate::tui::message::Message;
use crate::tui::plain::console::{Console, Input, Line, Mode};
use crate::tui::plain::news::News;
use crate::tui::plain::pages::Page;
use crate::tui::plain::perform::Step;
use crate::tui::plain::printed::Printed;
use crate::tui::plain::questions::Question;
use crate::tui::request::Request;
use crate::tui::terminal::{self, TuiError};

/// The size of the screen that the app believes in: a page of rows, and no panel beside the table.
const SIZE: (u16, u16) = (80, 24);
/// How often it is looked whether a number may be typed by now.
const TICK: Duration = Duration::from_millis(50);

/// The dialogue, and what it has printed.
struct Dialogue {
    host: AppHost,
    console: Console,
    ascii: bool,
    /// Lines that were typed and not yet handled.
    lines: VecDeque<Line>,
    /// What a request still does, once the last step of it is done.
    steps: VecDeque<Step>,
    /// The view whose content was printed last.
    printed_view: View,
    /// The question that was asked of the open dialog.
    question: Option<Question>,
    /// What the next empty line prints.
    page: Page,
    printed: Printed,
    news: News,
    /// Resolves when what was printed is on the terminal.
    flushed: Option<oneshot::Receiver<()>>,
    /// Several lines of text that are being typed for an import.
    typed_text: Option<String>,
    /// To leave was requested, because the input has ended.
    leaves: bool,
}

/// Runs the dialogue until it is left. `list_is_stdin` says that standard input held the list.
pub async fn run(mut session: SessionParts, list_is_stdin: bool) -> Result<ExitReason, TuiError> {
    let ascii = session.settings.theme.is_ascii();
    session.settings.theme = session.settings.theme.for_text();
    let console = Console::open(list_is_stdin)?;
    let mut dialogue = Dialogue {
        host: AppHost::new(session, SIZE),
        console,
        ascii,
        lines: VecDeque::new(),
        steps: VecDeque::new(),
        printed_view: View::Devices,
        question: None,
        page: Page::default(),
        printed: Printed::default(),
        news: News::default(),
        flushed: None,
        typed_text: None,
        leaves: false,
    };
    dialogue.greet();
    dialogue.host.begin(&mut dialogue.console);
    let result = dialogue.converse().await;
    dialogue.console.leave();
    result?;
    Ok(dialogue.host.finish().await)
}

/// The commands and what they do.
#[cfg(test)]
pub fn commands_for_documentation() -> Vec<(String, &'static str)> {
    let entries = commands::ENTRIES.iter().map(|entry| {
        let written = format!("{} {}", entry.word, entry.more);
        (written.trim_end().to_owned(), entry.help)
    });
    entries.collect()
}

impl Dialogue {
    /// What the header of the screen says, and how to go on.
    fn greet(&mut self) {
        let context = &self.host.app.context;
        let mut lines = Vec::new();
        lines.push(match &context.settings.target {
            Some(target) => format!(
                "offboard on {}, profile {}{}{}. Type help for the commands, quit to leave.",
                visible(target.host()),
                visible(&target.profile),
                if context.settings.demo { ", simulated" } else { "" },
                if context.settings.read_only { ", read-only" } else { "" },
            ),
            None => "offboard without a configuration: nothing can be sent. Type help for the commands, quit to leave."
                .to_owned(),
        });
        let list = &context.list.devices;
        let name = list.name().rsplit('/').next().unwrap_or_default();
        let counts = list.counts();
        let mut facts = format!("{}: {}", visible(name), counted(counts.devices, "device"));
        if counts.unusable > 0 {
            facts.push_str(&format!(", {} unusable", grouped(counts.unusable)));
        }
        if let Some(time) = list.time() {
            let ago = crate::tui::widgets::age::ago(context.now.wall, time);
            let date = time.strftime("%Y-%m-%d");
            facts.push_str(&format!(", as of {date} ({ago})"));
        }
        lines.push(format!("{facts}."));
        lines.extend(context.info.forbidden.clone());
        lines.extend(context.info.notices.iter().cloned());
        let now = context.now.wall;
        let open = &context.settings.open_runs;
        if !open.is_empty() {
            let count = counted(open.len() as u64, "unfinished run");
            lines.push(format!(
                "{count}. Type history to list them, resume RUN to resume one."
            ));
            for run in open {
                lines.push(history::line(run, now));
                let (away, dot) = (&context.settings.away, context.settings.theme.dot());
                let about = away::about(away, run.record.id, now, dot);
                lines.extend(about.map(|line| spoken::line_of(&line)));
            }
        }
        self.say_all(&lines);
        // The screen's first message may be one of the notices, or about a stopped run: both were printed.
        let status = self.host.app.take_status();
        let context = &self.host.app.context;
        let (away, dot) = (&context.settings.away, context.settings.theme.dot());
        let said = away::first_line(away, &[], now, dot);
        let is_new = |status: &String| !context.info.notices.contains(status);
        let status = status.filter(is_new).and_then(|status| {
            if said.as_ref() == Some(&status) {
                away::first_line(away, &context.settings.open_runs, now, dot)
            } else {
                Some(status)
            }
        });
        if let Some(status) = status {
            self.say(&spoken::line_of(&status));
        }
        self.dismiss_greetings();
    }

    fn say(&mut self, line: &str) {
        if self.ascii {
            self.console.print(&spoken::in_ascii(line));
        } else {
            self.console.print(line);
        }
    }

    fn say_all(&mut self, lines: &[String]) {
        for line in lines {
            self.say(line);
        }
    }

    /// Hands a message to the app, and says what it said.
    fn handle(&mut self, message: Message) {
        self.host.handle(message, &mut self.console);
        self.say_news();
    }

    async fn converse(&mut self) -> Result<(), TuiError> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut suspend = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
        let is_terminal = std::io::stdin().is_terminal();
        let mut resumed = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
        let mut gone = is_terminal.then(terminal::watch).transpose()?;
        while !self.host.has_ended {
            if self.go_on() {
                continue;
            }
            let wait = (self.host.app.counts_down() == Some(Countdown::Dialog)).then_some(TICK);
            let autosave = self.host.autosave_wait();
            tokio::select! {
                biased;
                _ = interrupt.recv() => self.signal(SignalKind::interrupt()),
                _ = terminate.recv() => self.signal(SignalKind::terminate()),
                _ = hangup.recv() => self.hang_up(),
                Some(()) = next_of(&mut gone) => self.hang_up(),
                _ = suspend.recv() => self.handle(Message::Suspend),
                _ = resumed.recv() => self.on_resumed(),
                () = resolved(&mut self.flushed) => self.on_flushed(),
                input = self.console.next(), if self.console.is_alive() => self.on_input(input),
                message = self.host.next() => {
                    if let Some(message) = message {
                        self.handle(message);
                    }
                }
                () = sleep(autosave) => self.host.save_view(),
                () = sleep(wait) => {
                    let now = self.host.clock.now();
                    self.handle(Message::Tick(now));
                }
            }
        }
        Ok(())
    }

    /// Does what is next once nothing is under way: a step, a question, a line, else the prompt. True
    /// if there may be more to do.
    fn go_on(&mut self) -> bool {
        if self.host.awaits_answers() || self.flushed.is_some() || !self.console.is_alive() {
            return false;
        }
        if let Some(step) = self.steps.pop_front() {
            self.take_step(step);
            return true;
        }
        if self.ask() {
            return true;
        }
        if self.question.is_none() && self.print_view() {
            return true;
        }
        if !self.accepts_input() {
            return false;
        }
        // Keys are handled as they arrive.
        if self.console.mode() != Mode::Keys {
            if let Some(line) = self.lines.pop_front() {
                self.on_line(line);
                return true;
            }
            if self.console.has_ended() && self.on_end_of_pipe() {
                return true;
            }
        }
        self.prompt();
        false
    }

    fn on_input(&mut self, input: Input) {
        match input {
            Input::Bytes(bytes, arrived) if self.console.mode() == Mode::Keys => {
                self.on_keys(&bytes, arrived);
            }
            Input::Bytes(bytes, _) => {
                let lines = self.console.lines(&bytes);
                self.lines.extend(lines);
            }
            Input::End => {
                let lines = self.console.end();
                self.lines.extend(lines);
            }
            Input::Gone => self.hang_up(),
        }
    }

    fn on_line(&mut self, line: Line) {
        if line != Line::End {
            self.console.line_ended();
        }
        match (line, self.question.is_some(), self.typed_text.is_some()) {
            (line, true, _) => self.answer(line),
            (line, false, true) => self.add_text(line),
            (Line::Text(text), false, false) => self.perform_line(&text),
            (Line::End, false, false) => self.end_of_input(),
        }
    }

    fn prompt(&mut self) {
        if let Some(digits) = self.digits().filter(|_| self.console.mode() == Mode::Keys) {
            self.console.prompt(&format!("number> {digits}"));
            return;
        }
        let prompt = match (&self.question, &self.typed_text) {
            (Some(question), _) => question.prompt(),
            (None, Some(_)) => "text> ",
            (None, None) => match self.host.app.view {
                View::Devices => "> ",
                View::Run => "run> ",
                View::Failures => "failures> ",
                View::History => "history> ",
            },
        };
        self.console.prompt(prompt);
    }

    fn signal(&mut self, kind: SignalKind) {
        self.handle(Message::Signal(kind.as_raw_value()));
    }

    /// The terminal is gone: nothing more is read from it or written to it.
    fn hang_up(&mut self) {
        self.console.detach();
        self.signal(SignalKind::hangup());
    }

    /// A pipe has ended: what is asked is cancelled, once for each question, then the program is left.
    /// True if something was done.
    fn on_end_of_pipe(&mut self) -> bool {
        let asks =
            self.typed_text.is_some() || self.question.as_mut().is_some_and(Question::is_first_end);
        if asks {
            self.on_line(Line::End);
        } else if !std::mem::replace(&mut self.leaves, true) {
            self.end_of_input();
        } else {
            return false;
        }
        true
    }

    /// The end of a pipe leaves after the call in flight; ctrl-d at a terminal asks as `quit` does.
    fn end_of_input(&mut self) {
        if self.console.is_terminal() {
            self.perform_line("quit");
        } else {
            let now = self.host.clock.now();
            self.handle(Message::Request(Request::Quit, now));
        }
    }
}

/// How many of the rows are marked and shown, for after a change.
fn shown_of(dialogue: &Dialogue) -> String {
    let list = &dialogue.host.app.context.list;
    let (shown, all) = (list.rows.len() as u64, list.devices.len() as u64);
    let marked = list.marks.len() as u64;
    format!(
        "{} of {} rows shown, {} marked.",
        grouped(shown),
        grouped(all),
        grouped(marked)
    )
}

async fn next_of(receiver: &mut Option<tokio::sync::mpsc::Receiver<()>>) -> Option<()> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => std::future::pending().await,
    }
}

/// Resolves with the receiver, which is gone then.
async fn resolved(receiver: &mut Option<oneshot::Receiver<()>>) {
    match receiver {
        Some(flushed) => drop(flushed.await),
        None => std::future::pending().await,
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
