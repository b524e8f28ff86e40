//! The one place that changes the app. A message goes in, effects come out; nothing is read or
//! written on the way.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::App;
use crate::engine::Report;
use crate::runner::{News, Update};
use crate::tui::component::Response;
use crate::tui::dialogs::{Dialog, QuitDialog};
use crate::tui::effect::Effect;
use crate::tui::identity::Subject;
use crate::tui::input::commands::{Command, View};
use crate::tui::message::Message;

const LEAVING: &str = "leaving after the call in flight";

#[cfg(test)]
pub(crate) mod tests;

impl App {
    /// Takes in what happened and says what to do about it.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let outcomes_changed = changes_outcomes(&message);
        let mut effects = self.with_search_refresh(outcomes_changed, |app| {
            let mut effects = app.handle_message(message);
            let starts = effects
                .iter()
                .any(|effect| matches!(effect, Effect::Start(_)));
            // Whether the list of a plan has changed is still to be asked of that very list.
            if !starts {
                effects.extend(app.apply_pending_list());
            }
            app.offer_saved_view_once();
            effects
        });
        if self.dialog.is_some() {
            // What was typed for the table isn't meant for a dialog that opened by itself.
            self.queued_input.clear();
        }
        while let Some(input) = self.next_queued() {
            effects.extend(self.with_search_refresh(false, |app| app.dispatch_queued(input)));
        }
        effects
    }

    /// Does something, then searches anew if it changed what the filter asks for.
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
        effects.extend(self.search_if_asked(marks, outcomes));
        effects
    }

    fn handle_message(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Key(key, now) => {
                self.context.now = now;
                self.key(&key)
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
            Message::Click(row) => {
                if self.dialog.is_none() {
                    self.click(row);
                }
                Vec::new()
            }
            Message::Drawn(now) => {
                self.context.now = now;
                self.drawn();
                Vec::new()
            }
            Message::Tick(now) => {
                self.context.now = now;
                Vec::new()
            }
            Message::Update(update, now) => {
                self.context.now = now;
                self.on_engine_update(update)
            }
            Message::Found { search_id, rows } => {
                if search_id == self.devices.search_id {
                    self.devices.shown_search_id = search_id;
                    self.show(rows);
                }
                Vec::new()
            }
            Message::Planned { asked, planned } => {
                self.planned(asked, planned);
                Vec::new()
            }
            Message::Failed(reason) => {
                self.context.status = Some(reason);
                Vec::new()
            }
            Message::ControlRejected(reason) => {
                self.context.status = Some(reason);
                self.shutdown.on_control_rejected();
                self.on_runs_idle()
            }
            Message::Signal(number) => self.signal(number),
            Message::Suspend => self.suspend(),
            Message::Resumed(now) => {
                self.context.now = now;
                self.disarm();
                Vec::new()
            }
            answer => self.handle_response(answer),
        }
    }

    /// What the world answered to an effect.
    fn handle_response(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Record(device, records) => {
                if let Some(Dialog::DeviceDetail(detail)) = &mut self.dialog
                    && detail.subject == Subject::Listed(device)
                {
                    detail.records = Some(records);
                }
            }
            Message::Outcomes(subject, outcomes) => {
                if let Some(Dialog::DeviceDetail(detail)) = &mut self.dialog
                    && detail.subject == subject
                {
                    detail.outcomes = Some(outcomes);
                }
            }
            Message::Explained(id, calls) => {
                if let Some(run) = self.context.runs.find_mut(id) {
                    run.call_details = calls;
                }
            }
            Message::History(runs) => {
                self.show_history(runs);
            }
            Message::FoundInRuns(text, found) => {
                self.found_in_runs(&text, found);
            }
            Message::JournalStates(Ok(earlier)) => {
                self.context.list.journal_states = Arc::new(earlier);
            }
            Message::JournalStates(Err(reason)) => {
                self.context.status = Some(format!("earlier outcomes can't be read: {reason}"));
            }
            Message::Recalled(what, run) => {
                self.recalled(what, run);
            }
            Message::Closed(run, closed) => return self.closed(run, closed),
            Message::IdsRead { asked, matched } => {
                self.import_read(asked, matched);
            }
            Message::Wrote(wrote) => {
                self.file_written(wrote);
            }
            Message::Reloaded(read) => self.reloaded(read),
            Message::StopRequested(what) => {
                self.context.status = Some(what);
            }
            _ => {}
        }
        Vec::new()
    }

    pub(in crate::tui) fn key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let with_control = key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let act = self.context.settings.keys.command(self.view, key);
        // In every mode, and however small the screen is.
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.interrupt();
        }
        let is_typed = matches!(key.code, KeyCode::Char(_)) && !with_control;
        if act == Some(Command::Suspend) && !is_typed {
            return self.suspend();
        }
        if self.context.is_too_small() {
            // What can't be read isn't acted upon.
            let leaves = self.dialog.is_none() && self.view == View::Devices;
            return match act {
                Some(Command::Quit) if leaves => self.quit(),
                _ => Vec::new(),
            };
        }
        match self.dialog.take() {
            None => self.view_key(key),
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
        let response = component.on_key(key, self);
        self.follow(dialog, response)
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        // The views have no text field: there a paste is no key presses.
        let Some(mut dialog) = self.dialog.take() else {
            return Vec::new();
        };
        let response = dialog.component_mut().on_paste(text, self);
        self.follow(dialog, response)
    }

    /// Keeps or closes the dialog that has answered. One that opened another dialog closes.
    fn follow(&mut self, dialog: Dialog, response: Response) -> Vec<Effect> {
        if response.stays {
            self.dialog = Some(dialog);
        }
        // The line with a mistake in the filter takes a row from the table.
        self.keep_in_sight();
        response.effects
    }

    fn drawn(&mut self) {
        let now = self.context.now.boot;
        if self.context.is_too_small() {
            return;
        }
        if let Some(dialog) = &mut self.dialog
            && let Some(guard) = dialog.component_mut().guard()
        {
            guard.drawn(now);
        }
    }

    /// ctrl-c.
    fn interrupt(&mut self) -> Vec<Effect> {
        let abort = self.shutdown.on_interrupt(self.context.now.boot);
        if abort.is_none() {
            self.open(QuitDialog);
        }
        abort.into_iter().collect()
    }

    fn signal(&mut self, number: i32) -> Vec<Effect> {
        let is_active = self.context.runs.is_active();
        let finish_on_hangup = self.context.settings.finish_on_hangup;
        let effects = self.shutdown.on_signal(number, finish_on_hangup, is_active);
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

    /// `q`: closes the screen; leaves from the devices, and asks when something is open.
    pub(in crate::tui) fn quit(&mut self) -> Vec<Effect> {
        if self.view != View::Devices {
            self.view = View::Devices;
            return Vec::new();
        }
        let runs = &self.context.runs;
        let is_open = runs.open_run().is_some() || runs.fetch_progress.is_some();
        if is_open || !self.context.list.marks.is_empty() {
            self.open(QuitDialog);
            return Vec::new();
        }
        self.leave()
    }

    /// The screen changed under the operator: a dialog has to be drawn again before it accepts keys.
    fn disarm(&mut self) {
        if let Some(dialog) = &mut self.dialog {
            dialog.component_mut().on_interrupted();
        }
    }
}

/// True for what may change how devices stand.
fn changes_outcomes(message: &Message) -> bool {
    match message {
        Message::Update(Update { news, .. }, _) => match news {
            News::Report(report) => matches!(
                report,
                Report::Sending { .. } | Report::Changed { .. } | Report::State { .. }
            ),
            News::Refused(_) | News::Held(_) | News::Broken(_) | News::Lookup(_) => true,
            News::Queued | News::Budget(_) | News::Fetch(_) => false,
        },
        Message::JournalStates(Ok(_)) | Message::Closed(_, Ok(_)) => true,
        _ => false,
    }
}
