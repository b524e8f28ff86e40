//! The one place that changes the app. A message goes in, effects come out; nothing is read or
//! written on the way.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Leaving};
use super::message::{Effect, Message, Subject};
use super::mode::Mode;
use crate::engine::Report;
use crate::runner::{News, Update};
use crate::tui::dialogs::delete::state::Dialog;
use crate::tui::input::commands::{Act, View};
use crate::tui::widgets::path_field::paste_into;

#[cfg(test)]
pub(crate) mod tests;

impl App {
    /// Takes in what happened and says what to do about it.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let heard = tells_of_devices(&message);
        let mut effects = self.watched(heard, |app| {
            let mut effects = app.take(message);
            let starts = effects
                .iter()
                .any(|effect| matches!(effect, Effect::Start(_)));
            // Whether the list of a plan has changed is still to be asked of that very list.
            if !starts {
                effects.extend(app.arrive());
            }
            app.offer_kept_once();
            effects
        });
        if !matches!(self.mode, Mode::Browse) {
            // What was typed for the table isn't meant for a dialog that opened by itself.
            self.ahead.clear();
        }
        while let Some(ahead) = self.next_ahead() {
            effects.extend(self.watched(false, |app| app.obey_ahead(ahead)));
        }
        effects
    }

    /// Does something, then searches anew if it changed what the filter asks for.
    fn watched(&mut self, heard: bool, act: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        let marks = self.marks.changes();
        let mut effects = act(self);
        let outcomes = heard
            || effects
                .iter()
                .any(|effect| matches!(effect, Effect::Start(_) | Effect::Resume(..)));
        let marks = marks != self.marks.changes();
        effects.extend(self.search_if_asked(marks, outcomes));
        effects
    }

    fn take(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Key(key, now) => {
                self.now = now;
                self.key(&key)
            }
            Message::Paste(text, now) => {
                self.now = now;
                self.paste(&text)
            }
            Message::Resized(columns, rows) => {
                self.size = (columns, rows);
                self.disarm();
                self.keep_in_sight();
                Vec::new()
            }
            Message::Wheel(rows) => {
                if matches!(self.mode, Mode::Browse) {
                    self.move_by(rows);
                }
                Vec::new()
            }
            Message::Click(row) => {
                if matches!(self.mode, Mode::Browse) {
                    self.click(row);
                }
                Vec::new()
            }
            Message::Drawn(now) => {
                self.now = now;
                self.drawn();
                Vec::new()
            }
            Message::Tick(now) => {
                self.now = now;
                Vec::new()
            }
            Message::Update(update, now) => {
                self.now = now;
                self.hear(update)
            }
            Message::Found { generation, rows } => {
                if generation == self.generation {
                    self.table.found = generation;
                    self.show(rows);
                }
                Vec::new()
            }
            Message::Planned { asked, planned } => {
                self.planned(asked, planned);
                Vec::new()
            }
            Message::Failed(why) => {
                self.status = Some(why);
                Vec::new()
            }
            Message::Unheard(why) => {
                self.status = Some(why);
                if self.leaving == Leaving::AfterCall {
                    // The run goes on: it can be asked to stop once more, or ends by itself.
                    self.leaving = Leaving::AtRest;
                }
                self.rest()
            }
            Message::Signal(number) => self.signal(number),
            Message::Suspend => self.suspend(),
            Message::Resumed(now) => {
                self.now = now;
                self.disarm();
                Vec::new()
            }
            answer => self.answered(answer),
        }
    }

    /// What the world answered to an effect.
    fn answered(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Record(device, records) => {
                if let Mode::Detail(detail) = &mut self.mode
                    && detail.subject == Subject::Listed(device)
                {
                    detail.records = Some(records);
                }
            }
            Message::Outcomes(subject, outcomes) => {
                if let Mode::Detail(detail) = &mut self.mode
                    && detail.subject == subject
                {
                    detail.outcomes = Some(outcomes);
                }
            }
            Message::Explained(id, calls) => {
                if let Some(run) = self.runs.iter_mut().find(|run| run.id == id) {
                    run.explained = calls;
                }
            }
            Message::History(runs) => {
                self.show_history(runs);
            }
            Message::FoundInRuns(text, found) => {
                self.found_in_runs(&text, found);
            }
            Message::Earlier(Ok(earlier)) => self.earlier = Arc::new(earlier),
            Message::Earlier(Err(why)) => {
                self.status = Some(format!("earlier outcomes can't be read: {why}"));
            }
            Message::Recalled(what, run) => {
                self.recalled(what, run);
            }
            Message::Closed(run, closed) => return self.closed(run, closed),
            Message::IdsRead { asked, matched } => {
                self.ids_read(asked, matched);
            }
            Message::Wrote(wrote) => {
                self.wrote(wrote);
            }
            Message::Reloaded(read) => self.reloaded(read),
            Message::Told(what) => {
                self.status = Some(what);
            }
            _ => {}
        }
        Vec::new()
    }

    pub(in crate::tui) fn key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let with_control = key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let act = self.facts.keys.act(self.view, key);
        // In every mode, and however small the screen is.
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.interrupt();
        }
        let is_typed = matches!(key.code, KeyCode::Char(_)) && !with_control;
        if act == Some(Act::Suspend) && !is_typed {
            return self.suspend();
        }
        if self.is_too_small() {
            // What can't be read isn't acted upon.
            let leaves = matches!(self.mode, Mode::Browse) && self.view == View::Devices;
            return match act {
                Some(Act::Quit) if leaves => self.quit(),
                _ => Vec::new(),
            };
        }
        if with_control && self.mode.takes_plain_keys() {
            return Vec::new();
        }
        if self.is_unseen() {
            return Vec::new();
        }
        match &self.mode {
            Mode::Browse => self.view_key(key),
            Mode::Filter(_) => self.filter_key(key),
            Mode::Columns(_) => self.columns_key(key),
            Mode::Filters(_) => self.filters_key(key),
            Mode::Command(_) => self.command_key(key),
            Mode::Find(_) => self.find_key(key),
            Mode::Import(_) => self.import_key(key),
            Mode::Write(_) => self.write_key(key),
            Mode::Copy => self.copy_key(key),
            Mode::Detail(_) => self.detail_key(key),
            Mode::Help(_) => self.help_key(key),
            Mode::Delete(_) => self.delete_key(key),
            Mode::Resume(_) => self.resume_key(key),
            Mode::Token(_) => self.token_key(key),
            Mode::Why(_) => self.why_key(key),
            Mode::Fetch(_) => self.fetch_key(key),
            Mode::Fetched { .. } => self.fetched_key(key),
            Mode::Vanished { .. } => self.vanished_key(key),
            Mode::Announce(_) => self.announce_key(key),
            Mode::Notices => self.notices_key(key),
            Mode::Kept => self.kept_key(key),
            Mode::Close(_) => self.close_key(key),
            Mode::Quit => self.quit_key(key),
        }
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        let now = self.now.boot;
        match &mut self.mode {
            Mode::Filter(_) => {
                let line: String = text
                    .chars()
                    .filter(|&character| !crate::text::is_deceptive(character))
                    .collect();
                self.filter_text(&line)
            }
            Mode::Delete(dialog) => {
                match &mut **dialog {
                    Dialog::Confirm(confirm) if confirm.editing_note => {
                        paste_into(&mut confirm.note, text);
                    }
                    Dialog::Confirm(confirm) => confirm.count.pasted(now),
                    _ => {}
                }
                Vec::new()
            }
            Mode::Resume(resume) => {
                resume.count.pasted(now);
                Vec::new()
            }
            Mode::Import(_) => {
                self.import_paste(text);
                Vec::new()
            }
            Mode::Write(prompt) => {
                paste_into(&mut prompt.path, text);
                Vec::new()
            }
            Mode::Find(input) => {
                paste_into(input, text);
                Vec::new()
            }
            Mode::Token(_) => {
                self.paste_token(text);
                Vec::new()
            }
            // Elsewhere a paste is no key presses.
            _ => Vec::new(),
        }
    }

    /// True for a dialog that opened by itself, or ends something for good, and wasn't on the screen
    /// yet: what is pressed was meant for what was there before.
    fn is_unseen(&self) -> bool {
        let heeds = matches!(
            self.mode,
            Mode::Close(_) | Mode::Kept | Mode::Fetched { .. } | Mode::Vanished { .. }
        );
        heeds && self.drawn != Some(std::mem::discriminant(&self.mode))
    }

    fn drawn(&mut self) {
        if self.is_too_small() {
            return;
        }
        self.drawn = Some(std::mem::discriminant(&self.mode));
        let now = self.now.boot;
        match &mut self.mode {
            Mode::Delete(dialog) => {
                if let Some(count) = dialog.count() {
                    count.drawn(now);
                }
            }
            Mode::Resume(resume) => resume.count.drawn(now),
            Mode::Token(entry) => entry.drawn(now),
            _ => {}
        }
    }

    /// A screen that changed under the operator has to be drawn anew before it listens.
    fn disarm(&mut self) {
        self.drawn = None;
        match &mut self.mode {
            Mode::Delete(dialog) => {
                if let Some(count) = dialog.count() {
                    count.disarm();
                }
            }
            Mode::Resume(resume) => resume.count.disarm(),
            _ => {}
        }
    }
}

impl Mode {
    /// True where a letter is a choice, which the same letter with ctrl or alt is not.
    fn takes_plain_keys(&self) -> bool {
        match self {
            Self::Delete(dialog) => matches!(**dialog, Dialog::Action { .. }),
            Self::Filters(_)
            | Self::Columns(_)
            | Self::Copy
            | Self::Why(_)
            | Self::Notices
            | Self::Announce(_)
            | Self::Kept
            | Self::Close(_)
            | Self::Quit => true,
            _ => false,
        }
    }
}

/// True for what may change how devices stand.
fn tells_of_devices(message: &Message) -> bool {
    match message {
        Message::Update(Update { news, .. }, _) => match news {
            News::Report(report) => matches!(
                report,
                Report::Sending { .. } | Report::Changed { .. } | Report::State { .. }
            ),
            News::Refused(_) | News::Held(_) | News::Broken(_) | News::Lookup(_) => true,
            News::Queued | News::Budget(_) | News::Fetch(_) => false,
        },
        Message::Earlier(Ok(_)) | Message::Closed(_, Ok(_)) => true,
        _ => false,
    }
}
