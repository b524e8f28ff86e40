//! What is said at the start: notices about the list, what happened while the terminal was closed, open
//! runs, and whether to restore the saved view of this list.

use crate::text::{clip, counted, visible, width};
use crate::tui::app::App;
use crate::tui::away;
use crate::tui::context::Context;
use crate::tui::dialogs::Notices;
use crate::tui::effect::Effect;
use crate::tui::input::commands::{Command, View};
use crate::tui::open_runs::OpenRuns;
use crate::tui::saved_view::SavedView;
use crate::tui::widgets::age::ago;
use crate::tui::widgets::header;

impl App {
    /// What comes first. Open runs are announced beside it, or as soon as it has gone.
    pub(in crate::tui) fn begin(&mut self) {
        let context = &mut self.context;
        context.open_runs = OpenRuns::of(&context.settings.open_runs);
        let room = usize::from(context.size.0).saturating_sub(4);
        if let Some(line) = context.open_runs_line(usize::MAX) {
            context.keep_message(line);
        }
        let (now, dot) = (context.now.wall, context.settings.theme.dot());
        let away = away::first_line(&context.settings.away, &[], now, dot);
        if let Some(line) = away.clone() {
            context.keep_message(line.clone());
            context.status = Some(line);
        }
        match context.info.notices.as_slice() {
            [] => {}
            // A single notice that fits is shown as a message.
            [only] if width(only) <= room && away.is_none() => {
                context.status = Some(only.clone());
            }
            _ => self.open(Notices::default()),
        }
        self.offer_saved_view_once(false);
    }

    /// The history was read. Where it is shown, so are the runs that were announced.
    pub(in crate::tui) fn announced_runs_were_shown(&mut self) {
        if self.view == View::History && self.history.runs.is_some() {
            self.context.open_runs = OpenRuns::default();
        }
    }

    /// Offers the saved view once, when the devices are shown, no dialog is and nothing else is said.
    /// If the offer doesn't fit beside the announcement of open runs, it comes after the next key.
    pub(in crate::tui) fn offer_saved_view_once(&mut self, is_input: bool) {
        let at_the_table = self.dialog.is_none() && self.view == View::Devices;
        if !at_the_table || self.pending.saved_view.was_shown || self.context.status.is_some() {
            return;
        }
        let Some(saved) = self.pending.saved_view.offered() else {
            return;
        };
        let ago = ago(self.context.now.wall, saved.at);
        let key = self.context.key(Command::Restore);
        let mut facts = facts(saved, &self.context);
        let offer = |facts: &[String]| format!("{key} restores {} · left {ago}", facts.join(", "));
        let room = usize::from(self.context.size.0).saturating_sub(4);
        let fits = |offer: &str| {
            let beside = header::fits_beside_open_runs(&self.context, offer);
            width(offer) <= room && (is_input || beside)
        };
        while facts.len() > 1 && !fits(&offer(&facts)) {
            facts.pop();
        }
        let offer = offer(&facts);
        if is_input || fits(&offer) {
            self.context.status = Some(offer);
            self.pending.saved_view.was_shown = true;
        }
    }

    /// `R`: restores the saved view that was offered; without an offer the list is read again. An offer that
    /// there was no room for is shown first.
    pub(in crate::tui) fn restore_or_reload(&mut self) -> Vec<Effect> {
        self.context.status = None;
        self.offer_saved_view_once(true);
        if self.context.status.is_some() {
            return Vec::new();
        }
        let Some(saved) = self.pending.saved_view.take_shown() else {
            return self.reload();
        };
        self.devices.restore(&saved, &mut self.context);
        if self.context.status.is_none() {
            let facts = facts(&saved, &self.context);
            self.context
                .confirm(format!("Restored: {}", facts.join(", ")));
        }
        vec![self.devices.search(&self.context.list)]
    }
}

/// What the saved view holds, safe to show.
fn facts(saved: &SavedView, context: &Context) -> Vec<String> {
    let mut facts = Vec::new();
    if !saved.marks.is_empty() {
        facts.push(counted(saved.marks.len() as u64, "mark"));
    }
    if !saved.filter.is_empty() {
        facts.push(format!("filter {}", clip(&visible(&saved.filter), 44)));
    }
    if !saved.order().is_empty() {
        facts.push(format!("sorted by {}", clip(&saved.order(), 44)));
    }
    if saved.has_other_columns(&context.info.columns) {
        facts.push("other columns".to_owned());
    }
    if let Some(id) = saved.place(&context.list.devices) {
        let device = context.list.devices.device(id);
        let name = match device.hostname() {
            "" => device.hwid().unwrap_or("a row without a name"),
            name => name,
        };
        facts.push(format!("the cursor on {}", clip(&visible(name), 44)));
    }
    facts
}
