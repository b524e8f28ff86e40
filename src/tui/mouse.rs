//! What a click does: it presses the key that the footer names, opens a screen by its tab, sorts by a
//! heading, filters to a value of the overview, or moves the cursor.
//!
//! The mouse is off by default. While a dialog is open that can send, close a run or quit, it does nothing.

use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::dialogs::{Dialog, OverviewDialog};
use crate::tui::effect::Effect;
use crate::tui::input::commands::View;
use crate::tui::render::{detail_beside, footer_labels};
use crate::tui::request::Request;
use crate::tui::screens::devices::overview::{self, PanelLine};
use crate::tui::screens::devices::table;
use crate::tui::widgets::layout::{detail_width, regions};
use crate::tui::widgets::{footer, tabs};

impl App {
    pub(in crate::tui) fn click(&mut self, at: Position) -> Vec<Effect> {
        let is_for_keyboard = self
            .dialog
            .as_ref()
            .is_some_and(|dialog| dialog.component().is_for_keyboard());
        if self.context.is_too_small()
            || is_for_keyboard
            || !self.type_ahead.pause.accepts(self.context.now.boot)
        {
            return Vec::new();
        }
        let (columns, rows) = self.context.size;
        let screen = Rect::new(0, 0, columns, rows);
        let [header, body, _, footer] = regions(screen, &self.context);
        if footer.contains(at) {
            return self.click_footer(columns, at.x);
        }
        // Beside a panel the rest of the screen stays in reach; under any other dialog it doesn't.
        let is_panel = match &self.dialog {
            None => true,
            Some(Dialog::Overview(_)) => self.context.overview.is_open,
            Some(Dialog::DeviceDetail(_)) => detail_beside(self).is_some(),
            Some(_) => false,
        };
        if !is_panel {
            return Vec::new();
        }
        if at.y == header.y {
            return self.click_tab(header, at.x);
        }
        if self.view == View::Devices && body.contains(at) {
            return self.click_devices(body, at);
        }
        Vec::new()
    }

    fn click_footer(&mut self, columns: u16, column: u16) -> Vec<Effect> {
        let before = self.open_dialogs();
        let keys = footer::presses_at(&footer_labels(self), columns, column);
        let effects = keys.iter().flat_map(|key| self.key(key)).collect();
        if self.open_dialogs() != before {
            // The second click of a double click isn't meant for the keys that stand there now.
            self.type_ahead.pause.begin();
        }
        effects
    }

    fn click_tab(&mut self, header: Rect, column: u16) -> Vec<Effect> {
        let reviewed = self.reviewed_in_tabs();
        let Some(view) = tabs::view_at(header, &self.context, self.view, reviewed, column) else {
            return Vec::new();
        };
        if self.dialog.is_some() {
            self.close_dialog();
        }
        self.context.status = None;
        self.run_command(view.command())
    }

    fn click_devices(&mut self, body: Rect, at: Position) -> Vec<Effect> {
        let (table, panel) = self.panes(body);
        if let Some((area, cursor)) = panel
            && area.contains(at)
        {
            let line = overview::line_at(area, &self.context, cursor, at);
            let line = line.filter(|line| line.can_be_chosen());
            return line.map_or_else(Vec::new, |line| self.filter_to(line));
        }
        if !table.contains(at) {
            return Vec::new();
        }
        if matches!(self.dialog, Some(Dialog::Overview(_))) {
            self.close_dialog();
        }
        if at.y == table.y {
            let column = self.devices.heading_at(table.width, at.x - table.x);
            return column.map_or_else(Vec::new, |column| {
                let mut sort = self.devices.sort.clone();
                sort.choose(Some(column));
                self.on_request(Request::Sort(sort))
            });
        }
        self.devices.click(at.y, &mut self.context);
        self.follow_cursor()
    }

    /// Where the table is drawn, and the overview with the line that is under its cursor.
    fn panes(&self, body: Rect) -> (Rect, Option<(Rect, Option<usize>)>) {
        let context = &self.context;
        let columns = context.size.0;
        let detail = detail_beside(self).and_then(|_| detail_width(columns));
        let (table, overview) = table::panes(body, context, detail);
        match &self.dialog {
            Some(Dialog::Overview(dialog)) => {
                let cursor = dialog.current(context).map_or(0, |(place, _)| place);
                let area = OverviewDialog::area(body, context);
                (table, Some((area, Some(cursor))))
            }
            _ => (table, overview.map(|area| (area, None))),
        }
    }

    fn filter_to(&mut self, line: PanelLine) -> Vec<Effect> {
        let request = OverviewDialog::filter_to(&mut self.context, line);
        request.map_or_else(Vec::new, |request| self.on_request(request))
    }
}
