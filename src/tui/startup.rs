//! What is shown at the start, one dialog after the other: notices about the list, runs that
//! stopped earlier, and whether to restore the saved view of this list.

use crate::tui::app::App;
use crate::tui::dialogs::{Notices, RestoreView, StoppedRuns};
use crate::tui::effect::Effect;
use crate::tui::input::commands::View;

impl App {
    /// What comes first: a single notice that fits is shown in the footer.
    pub(in crate::tui) fn begin(&mut self) {
        self.announce_stopped_runs();
        let fits_footer = match self.context.info.notices.as_slice() {
            [] => return,
            [only] => {
                let room = usize::from(self.context.size.0).saturating_sub(2);
                self.dialog.is_none() && crate::text::width(only) <= room
            }
            _ => false,
        };
        if fits_footer {
            self.context.status = self.context.info.notices.first().cloned();
        } else {
            self.open(Notices);
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

    /// What comes after the announcement of stopped runs.
    pub(in crate::tui) fn offer_saved_view(&mut self) {
        if let Some(saved) = &self.saved_view.offered {
            let dialog = RestoreView::new(saved, &self.context);
            self.saved_view.was_shown = true;
            self.open(dialog);
        }
    }

    /// Shows the offer once, when the devices are shown and no dialog is.
    pub(in crate::tui) fn offer_saved_view_once(&mut self) {
        let at_the_table = self.dialog.is_none() && self.view == View::Devices;
        if at_the_table && !self.saved_view.was_shown && self.saved_view.offered.is_some() {
            self.offer_saved_view();
        }
    }

    /// Restores the saved view that was offered.
    pub(in crate::tui) fn restore_offered_view(&mut self) -> Vec<Effect> {
        let Some(saved) = self.saved_view.offered.take() else {
            return Vec::new();
        };
        self.devices.restore(&saved, &mut self.context);
        vec![self.devices.search(&self.context.list)]
    }
}
