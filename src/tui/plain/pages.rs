//! Rows, plans and long texts, a page at a time.

use std::collections::VecDeque;

use crate::text::grouped;
use crate::tui::dialogs::Dialog;
use crate::tui::input::commands::View;
use crate::tui::plain::{Dialogue, spoken};
use crate::tui::screens::devices::table;

/// The rows of a page.
const ROWS: usize = 20;
/// The lines of a page of text.
const LINES: usize = 40;

/// What the next empty line prints.
#[derive(Debug, Default)]
pub(super) enum Page {
    /// Nothing is left.
    #[default]
    Nothing,
    /// Rows of the table, from this place on.
    Rows(usize),
    /// Devices of the plan, from this place on.
    Plan(usize),
    /// The rest of a text.
    Text(VecDeque<String>),
}

impl Dialogue {
    /// Prints the open view, if another one was printed last.
    pub(super) fn print_view(&mut self) -> bool {
        let view = self.host.app.view;
        if view == self.printed_view {
            return false;
        }
        self.printed_view = view;
        self.print_view_again();
        true
    }

    /// Prints the open view.
    pub(super) fn print_view_again(&mut self) {
        let lines = match self.host.app.view {
            View::Devices => vec![super::shown_of(self)],
            View::Run => self.status_lines(),
            View::Failures => self.failure_lines(),
            View::History => self.history_lines(),
        };
        self.print_text(lines);
    }

    /// Prints a text, as far as it fits on a page.
    pub(super) fn print_text(&mut self, lines: Vec<String>) {
        self.page = Page::Text(lines.into());
        self.more(false);
    }

    /// Prints rows from this place on.
    pub(super) fn print_rows(&mut self, from: usize) {
        let context = &self.host.app.context;
        let names: Vec<String> = self
            .host
            .app
            .devices
            .columns
            .shown()
            .iter()
            .map(|shown| shown.column.heading().into_owned())
            .collect();
        let heading = format!("number: {}", names.join(", "));
        if context.list.rows.is_empty() {
            let filter = !self.host.app.devices.query.is_empty();
            let remedy = if filter {
                ": clear clears the filter"
            } else {
                ""
            };
            self.say(&format!("No row is shown{remedy}."));
            return;
        }
        self.say(&heading);
        self.page = Page::Rows(from);
        self.more(false);
    }

    /// Prints the next page, or all that is left.
    pub(super) fn more(&mut self, all: bool) {
        match std::mem::take(&mut self.page) {
            Page::Nothing => self.say("Nothing more to print: help prints the commands."),
            Page::Rows(from) => {
                let count = self.host.app.context.list.rows.len();
                let to = if all { count } else { count.min(from + ROWS) };
                let lines: Vec<String> = (from..to).filter_map(|place| self.row(place)).collect();
                self.say_all(&lines);
                self.page_ended("rows", from, to, count, Page::Rows(to));
            }
            Page::Plan(from) => {
                let Some(Dialog::Delete(dialog)) = &self.host.app.dialog else {
                    return;
                };
                let Some(confirm) = dialog.open_confirmation() else {
                    return;
                };
                let count = confirm.plan.devices.len();
                let to = if all { count } else { count.min(from + ROWS) };
                let lines: Vec<String> = (from..to)
                    .filter_map(|place| confirm.spoken_device(place))
                    .collect();
                self.say_all(&lines);
                self.page_ended("devices", from, to, count, Page::Plan(to));
            }
            Page::Text(mut lines) => {
                let count = if all {
                    lines.len()
                } else {
                    lines.len().min(LINES)
                };
                let rest = lines.split_off(count);
                self.say_all(lines.make_contiguous());
                if !rest.is_empty() {
                    let left = grouped(rest.len() as u64);
                    self.say(&format!("{left} lines more: press enter, or type all."));
                    self.page = Page::Text(rest);
                }
            }
        }
    }

    fn page_ended(&mut self, what: &str, from: usize, to: usize, count: usize, next: Page) {
        let number = |place: usize| grouped(place as u64);
        let place = format!(
            "{} {} to {} of {}.",
            what,
            number(from + 1),
            number(to),
            number(count)
        );
        if to < count {
            self.say(&format!("{place} Press enter for more, or type all."));
            self.page = next;
        } else {
            self.say(&place);
        }
    }

    /// `12: LT-1003, 17f2f687775cea1c, compliant, Lab, 146 d, marked`.
    fn row(&self, place: usize) -> Option<String> {
        let app = &self.host.app;
        let context = &app.context;
        let id = *context.list.rows.get(place)?;
        let mut parts: Vec<String> = app
            .devices
            .columns
            .shown()
            .iter()
            .map(|shown| table::text_of(context, &shown.column, id))
            .map(|text| super::failures::or_none(&text))
            .collect();
        let flags = table::flags(context, id);
        parts.extend(flags.into_iter().map(str::to_owned));
        let at = if place == app.devices.cursor {
            ", current"
        } else {
            ""
        };
        let number = grouped(place as u64 + 1);
        Some(format!("{number}: {}{at}", parts.join(", ")))
    }

    /// The run in focus, as its screen shows it.
    pub(super) fn status_lines(&self) -> Vec<String> {
        let context = &self.host.app.context;
        spoken::drawn(60, |frame| {
            crate::tui::screens::run::render::render(frame, frame.area(), context);
        })
    }
}
