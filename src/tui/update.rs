//! The one place that changes the app. A message goes in, effects come out; nothing is read or
//! written on the way.

use std::mem;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::App;
use crate::domain::run::StopCause;
use crate::tui::away::ClosedTerminal;
use crate::tui::component::Response;
use crate::tui::dialogs::{Dialog, HelpDialog, SECTIONS};
use crate::tui::effect::Effect;
use crate::tui::input::commands::{Command, View};
use crate::tui::message::Message;
use crate::tui::other_processes::looks_at_others;
use crate::tui::render;
use crate::tui::screens::run;
use crate::tui::widgets::key_guard::KeyPause;
use crate::tui::widgets::layout::rows_on_screen;

const LEAVING: &str = "leaving after the call in flight";
const SUSPENDING: &str = "suspending after the call in flight";

#[cfg(test)]
pub(crate) mod tests;

impl App {
    /// Changes the state by what happened. Returns the effects that follow.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let outcomes_changed = message.changes_outcomes();
        let states_changed = message.changes_states_for_long();
        let looks_at_others = looks_at_others(&message);
        let is_input = matches!(
            message,
            Message::Key(..) | Message::Click(..) | Message::Paste(..) | Message::Request(..)
        );
        let before = self.open_dialogs();
        let status = self.context.status.clone();
        let mut effects = self.with_search_refresh(outcomes_changed, |app| {
            let mut effects = app.handle_message(message);
            let starts = effects
                .iter()
                .any(|effect| matches!(effect, Effect::Start(_)));
            // A run is started only if the list of its plan is unchanged, which is checked next.
            if !starts {
                effects.extend(app.apply_pending_list());
            }
            app.offer_saved_view_once(is_input);
            let is_filter_typed = matches!(app.dialog, Some(Dialog::Filter(_)));
            app.devices.adapt_columns(is_filter_typed, &mut app.context);
            effects
        });
        self.pause_keys(before, is_input);
        if self.dialog.is_some() {
            // What was typed for the table isn't meant for a dialog that opened by itself.
            self.type_ahead.clear();
        }
        while let Some(input) = self.next_queued() {
            let before = self.open_dialogs();
            effects.extend(self.with_search_refresh(false, |app| app.dispatch_queued(input)));
            self.pause_keys(before, true);
        }
        if states_changed {
            self.context.overview.invalidate();
        }
        if let Some(is_due) = looks_at_others {
            effects.extend(self.look_at_others(is_due));
        }
        effects.extend(self.devices.count(&mut self.context));
        self.context.remember_message(status.as_ref());
        self.fit_header();
        self.context.cursor_row = self.cursor_row();
        effects
    }

    /// Begins to drop keys if a dialog closed by itself or refused. `before` is what was open.
    fn pause_keys(&mut self, before: (usize, bool), is_input: bool) {
        let after = self.open_dialogs();
        let closed_by_itself = !is_input && after.0 < before.0;
        let refused = after.1 && !before.1;
        if closed_by_itself || refused {
            self.type_ahead.pause.begin();
        }
        if self.type_ahead.pause.is_active() {
            self.type_ahead.clear();
        }
    }

    /// Does something, then searches again if the filter or the order depends on what it changed.
    fn with_search_refresh(
        &mut self,
        outcomes_changed: bool,
        change: impl FnOnce(&mut Self) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let marks = self.context.list.marks.changes();
        let mut effects = change(self);
        let outcomes = outcomes_changed
            || effects
                .iter()
                .any(|effect| matches!(effect, Effect::Start(_) | Effect::Resume(..)));
        let marks = marks != self.context.list.marks.changes();
        let search = self
            .devices
            .search_after_change(marks, outcomes, &self.context.list);
        effects.extend(search);
        effects
    }

    fn handle_message(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Key(key, now) => {
                self.context.now = now;
                self.key(&key)
            }
            Message::Request(request, now) => {
                self.context.now = now;
                self.on_request(request)
            }
            Message::LineBegins(now) => {
                self.context.now = now;
                self.type_ahead.pause = KeyPause::default();
                if let Some(dialog) = &mut self.dialog {
                    dialog.component_mut().on_line_begins();
                }
                Vec::new()
            }
            Message::Paste(text, now) => {
                self.context.now = now;
                self.paste(&text)
            }
            Message::Resized(columns, rows) => {
                self.context.size = (columns, rows);
                self.disarm();
                self.keep_in_sight();
                Vec::new()
            }
            Message::Wheel(rows) => {
                if self.dialog.is_none() {
                    self.move_by(rows);
                }
                Vec::new()
            }
            Message::Click(at, now) => {
                self.context.now = now;
                self.click(at)
            }
            Message::Rendered => self.on_rendered(),
            Message::Written(now) => self.on_frame_written(now),
            Message::Drawn(now) => self.on_drawn(now),
            Message::Arrived(took, now) => self.on_arrived(took, now),
            Message::Tick(now) => {
                self.context.now = now;
                self.context.drop_confirmation();
                let mut effects = self.dialog_when_due();
                effects.extend(self.history_when_due());
                effects.extend(self.shown_run_when_due());
                effects
            }
            Message::Update(update, now) => {
                self.context.now = now;
                self.on_engine_update(update)
            }
            Message::Signal(number) => self.signal(number),
            Message::Suspend => self.suspend(),
            Message::Resumed(now) => {
                if self.context.status.as_deref() == Some(SUSPENDING) {
                    self.context.status = None;
                }
                self.context.now = now;
                self.disarm();
                Vec::new()
            }
            Message::Answer(answer) => self.on_answer(answer),
        }
    }

    pub(in crate::tui) fn key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let with_control = key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let command = self.context.settings.keys.command(self.view, key);
        // In every mode, and however small the screen is.
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.interrupt();
        }
        let is_typed = matches!(key.code, KeyCode::Char(_)) && !with_control;
        if command == Some(Command::Suspend) && !is_typed {
            return self.suspend();
        }
        if command == Some(Command::Redraw) && !is_typed {
            return self.redraw();
        }
        if !self.type_ahead.pause.accepts(self.context.now.boot) {
            return Vec::new();
        }
        if self.context.is_too_small() {
            // What can't be read isn't acted upon.
            let leaves = self.dialog.is_none() && self.view == View::Devices;
            return match command {
                Some(Command::Quit) if leaves => self.quit(),
                _ => Vec::new(),
            };
        }
        match self.dialog.take() {
            None => self.screen_key(key),
            Some(dialog) => self.dialog_key(dialog, key),
        }
    }

    /// Hands a key to the open dialog, unless it was typed before the dialog could be read.
    fn dialog_key(&mut self, mut dialog: Dialog, key: &KeyEvent) -> Vec<Effect> {
        let now = self.context.now.boot;
        let component = dialog.component_mut();
        if component.guard().is_some_and(|guard| !guard.accepts(now)) {
            self.dialog = Some(dialog);
            return Vec::new();
        }
        let offers_help = component.offers_help() && self.covered_dialog.is_none();
        let command = self.context.settings.keys.command(self.view, key);
        if offers_help && command == Some(Command::Help) {
            self.dialog = Some(dialog);
            self.open_above(HelpDialog::new(self.view, SECTIONS));
            return Vec::new();
        }
        let said = self.context.status.clone();
        let response = component.on_key(key, &mut self.context);
        // What came while a dialog was open is for the screen below it, too.
        if response.stays && self.context.status == said {
            self.context.status = None;
        }
        self.follow(dialog, response)
    }

    /// Has the open dialog do what it put off until no key had come for a moment.
    fn dialog_when_due(&mut self) -> Vec<Effect> {
        let now = self.context.now.boot;
        let is_due = |dialog: &mut Dialog| dialog.component().due().is_some_and(|due| due <= now);
        let Some(mut dialog) = self.dialog.take_if(is_due) else {
            return Vec::new();
        };
        let response = dialog.component_mut().on_due(&mut self.context);
        self.follow(dialog, response)
    }

    /// Reads the shown history again while a run of this or another process is open.
    fn history_when_due(&mut self) -> Option<Effect> {
        let now = self.context.now.boot;
        let due = self.history_due()?;
        (now >= due).then(|| self.history.read(now))
    }

    /// Reads a run of the journal again that is shown while another process may send it.
    fn shown_run_when_due(&mut self) -> Option<Effect> {
        let due = self.shown_run_due()?;
        (self.context.now.boot >= due).then(|| self.read_shown_run())?
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        // The screens have no text field, and a paste is not a series of keys.
        let Some(mut dialog) = self.dialog.take() else {
            return Vec::new();
        };
        let response = dialog.component_mut().on_paste(text, &mut self.context);
        self.follow(dialog, response)
    }

    /// Keeps or closes the dialog that has answered, and fulfils its requests.
    fn follow(&mut self, dialog: Dialog, response: Response) -> Vec<Effect> {
        let Response {
            stays,
            mut effects,
            requests,
        } = response;
        if stays {
            self.dialog = Some(dialog);
        } else {
            self.close_dialog();
        }
        for request in requests {
            effects.extend(self.on_request(request));
        }
        // The line with a mistake in the filter takes a row from the table.
        self.keep_in_sight();
        effects
    }

    /// ctrl-c.
    fn interrupt(&mut self) -> Vec<Effect> {
        let abort = self.shutdown.on_interrupt(self.context.now.boot);
        if abort.is_none() {
            self.ask_to_quit();
        }
        abort.into_iter().collect()
    }

    fn signal(&mut self, number: i32) -> Vec<Effect> {
        let is_active = self.context.runs.is_active();
        let finish_on_hangup = self.context.settings.finish_on_hangup;
        let mut effects = self.shutdown.on_signal(number, finish_on_hangup, is_active);
        if StopCause::of_signal(number) == StopCause::Hangup && is_active {
            let runs = ClosedTerminal::of_active(&self.context.runs);
            effects.insert(0, Effect::KeepClosedTerminal(runs));
        }
        if self.shutdown.stops_after_call() && is_active {
            self.context.status = Some(LEAVING.to_owned());
        }
        effects
    }

    /// Leaves: after the call in flight, if a run is active.
    pub(in crate::tui) fn leave(&mut self) -> Vec<Effect> {
        let is_active = self.context.runs.is_active();
        if is_active {
            self.context.status = Some(LEAVING.to_owned());
        }
        self.shutdown.quit(is_active)
    }

    /// `ctrl-z`, unless another key has it: after the call in flight, which leaves the run paused.
    pub(in crate::tui) fn suspend(&mut self) -> Vec<Effect> {
        let is_active = self.context.runs.is_active();
        if let Some(refusal) = run::suspend_refusal(&self.context) {
            self.context.status = Some(refusal);
            return Vec::new();
        }
        if is_active {
            self.context.status = Some(SUSPENDING.to_owned());
        }
        self.shutdown.suspend(is_active)
    }

    /// `ctrl-l`: draws everything anew. What was typed in view of the old screen doesn't count.
    pub(in crate::tui) fn redraw(&mut self) -> Vec<Effect> {
        self.disarm();
        vec![Effect::Redraw]
    }

    /// Moves the cursor of the open screen to a row.
    pub(in crate::tui) fn go_to(&mut self, place: usize) {
        self.move_by(isize::MIN);
        self.move_by(isize::try_from(place).unwrap_or(isize::MAX));
    }

    /// Moves the cursor of the open screen, if it has one, by as many rows.
    fn move_by(&mut self, rows: isize) {
        match self.view {
            View::Failures => self.failures.move_by(rows, &self.context.runs),
            View::History if self.history.detail.is_some() => {
                self.history.scroll_detail(rows, &self.context);
            }
            View::History => self.history.move_by(rows),
            View::Devices => self.devices.move_by(rows, &mut self.context),
            View::Run => run::move_by(rows, &mut self.context.runs),
        }
    }

    /// Scrolls the table so that its cursor is on the screen.
    pub(in crate::tui) fn keep_in_sight(&mut self) {
        let rows = rows_on_screen(&self.context);
        self.devices.keep_in_sight(&self.context, rows);
    }

    /// Gives the header the rows that it needs. The rows of the table stay where they are on the screen, but its
    /// first row is never scrolled away.
    pub(super) fn fit_header(&mut self) {
        let rows = render::header(self).rows(&self.context);
        self.context.header_rows = rows;
        if self.view != View::Devices {
            return;
        }
        let before = mem::replace(&mut self.devices.header_rows, rows);
        if rows == before {
            return;
        }
        let top = &mut self.devices.top;
        if *top > 0 {
            *top = (*top + usize::from(rows)).saturating_sub(usize::from(before));
        }
        self.keep_in_sight();
    }

    /// The screen changed under the operator: a dialog has to be drawn again before it accepts keys, and
    /// the first of two keys doesn't count any more.
    fn disarm(&mut self) {
        self.type_ahead.first_key = None;
        if let Some(dialog) = &mut self.dialog {
            dialog.component_mut().on_interrupted();
        }
    }
}
