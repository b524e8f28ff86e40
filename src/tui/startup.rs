//! What is shown at the start, one dialog after the other: notices about the list, runs that
//! stopped earlier, and whether to restore the saved view of this list.

use crate::text::{clip, counted, visible, width};
use crate::tui::app::App;
use crate::tui::away;
use crate::tui::context::Context;
use crate::tui::dialogs::{Notices, StoppedRuns};
use crate::tui::effect::Effect;
use crate::tui::input::commands::View;
use crate::tui::saved_view::SavedView;
use crate::tui::widgets::age::ago;

impl App {
    /// What comes first: a single notice that fits is shown as a message.
    pub(in crate::tui) fn begin(&mut self) {
        let settings = &self.context.settings;
        let (now, dot) = (self.context.now.wall, settings.theme.dot());
        let line = away::first_line(&settings.away, &settings.stopped_runs, now, dot);
        if let Some(line) = line {
            self.context.keep_message(line.clone());
            self.context.status = Some(line);
            if !self.context.info.notices.is_empty() {
                self.open(Notices);
            } else if !self.context.settings.stopped_runs.is_empty() {
                self.announce_stopped_runs();
            }
            return;
        }
        let room = usize::from(self.context.size.0).saturating_sub(4);
        match self.context.info.notices.as_slice() {
            [] => self.announce_stopped_runs(),
            [only] if width(only) <= room => {
                // The saved view is offered once this message has gone.
                self.context.status = Some(only.clone());
                if !self.context.settings.stopped_runs.is_empty() {
                    self.announce_stopped_runs();
                }
            }
            _ => self.open(Notices),
        }
    }

    /// What comes after the notices about the list.
    pub(in crate::tui) fn announce_stopped_runs(&mut self) {
        if self.context.settings.stopped_runs.is_empty() {
            self.offer_saved_view();
        } else {
            self.open(StoppedRuns::new(self.context.settings.stopped_runs.clone()));
        }
    }

    /// What comes after the announcement of stopped runs: a line that offers the saved view.
    pub(in crate::tui) fn offer_saved_view(&mut self) {
        if let Some(saved) = &self.pending.saved_view.offered {
            let ago = ago(self.context.now.wall, saved.at);
            let facts = facts(saved, &self.context).join(", ");
            self.context.status = Some(format!("R restores {facts} · left {ago}"));
            self.pending.saved_view.was_shown = true;
        }
    }

    /// Shows the offer once, when the devices are shown, no dialog is and nothing else is said.
    pub(in crate::tui) fn offer_saved_view_once(&mut self) {
        let at_the_table = self.dialog.is_none() && self.view == View::Devices;
        if at_the_table && !self.pending.saved_view.was_shown && self.context.status.is_none() {
            self.offer_saved_view();
        }
    }

    /// `R`: restores the saved view that was offered; without an offer the list is read again.
    pub(in crate::tui) fn restore_or_reload(&mut self) -> Vec<Effect> {
        let Some(saved) = self.pending.saved_view.offered.take() else {
            return self.reload();
        };
        self.devices.restore(&saved, &mut self.context);
        if self.context.status.is_none() {
            let marked = counted(self.context.list.marks.len() as u64, "device");
            self.context.status = Some(format!("Restored: {marked} marked"));
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
