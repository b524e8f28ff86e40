//! Rows, plans and long texts, a page at a time.

use std::collections::VecDeque;
use std::ops::Range;

use crate::list::DeviceId;
use crate::text::{counted, grouped};
use crate::tui::dialogs::Dialog;
use crate::tui::input::commands::{Command, View};
use crate::tui::plain::error::LineError;
use crate::tui::plain::perform::{Step, run};
use crate::tui::plain::sentences::{NO_RUN, or_none};
use crate::tui::plain::{Dialogue, spoken};
use crate::tui::request::Request;
use crate::tui::screens::devices::table;
use crate::tui::screens::run::calls::past_calls;

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
        self.print_view_again();
        true
    }

    pub(super) fn print_view_again(&mut self) {
        self.printed_view = self.host.app.view;
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
            self.say(if filter {
                "No rows are shown. Type clear to clear the filter."
            } else {
                "No rows are shown."
            });
            return;
        }
        self.say(&heading);
        self.number_rows();
        self.page = Page::Rows(from);
        self.more(false);
    }

    /// Prints devices of the plan from this number on.
    pub(super) fn print_plan(&mut self, number: usize) {
        self.page = Page::Plan(number - 1);
        self.more(false);
    }

    /// Prints the next page, or all that is left.
    pub(super) fn more(&mut self, all: bool) {
        match std::mem::take(&mut self.page) {
            Page::Nothing => {
                self.say("There is nothing more to print. Type help for the commands.");
            }
            Page::Rows(from) => match self.numbered_rows() {
                Ok(rows) => {
                    let (places, count) = (page(from, ROWS, rows.len(), all), rows.len());
                    let numbered = (1..).zip(&*rows).skip(places.start).take(places.len());
                    let lines: Vec<String> =
                        numbered.map(|(number, &id)| self.row(number, id)).collect();
                    self.say_all(&lines);
                    self.page_ended("Row", places.clone(), count, Page::Rows(places.end));
                }
                Err(error) => self.say(&error.to_string()),
            },
            Page::Plan(from) => {
                let Some(Dialog::Delete(dialog)) = &self.host.app.dialog else {
                    return;
                };
                let Some(confirm) = dialog.open_confirmation() else {
                    return;
                };
                let count = confirm.plan.devices.len();
                let places = page(from, ROWS, count, all);
                let lines: Vec<String> = places
                    .clone()
                    .filter_map(|place| confirm.spoken_device(place))
                    .collect();
                self.say_all(&lines);
                self.page_ended("Device", places.clone(), count, Page::Plan(places.end));
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
                    let left = counted(rest.len() as u64, "more line");
                    self.say(&format!("{left}. Press enter for more, or type all."));
                    self.page = Page::Text(rest);
                }
            }
        }
    }

    /// Says which of `count` rows or devices were printed, and keeps what is next.
    fn page_ended(&mut self, noun: &str, places: Range<usize>, count: usize, next: Page) {
        let printed = range_text(noun, &places, count);
        if places.end < count {
            self.say(&format!("{printed} Press enter for more, or type all."));
            self.page = next;
        } else {
            self.say(&printed);
        }
    }

    /// `12: LT-1003, 17f2f687775cea1c, compliant, Lab, 146 d, marked`.
    pub(super) fn row(&self, number: usize, id: DeviceId) -> String {
        let app = &self.host.app;
        let context = &app.context;
        let mut parts: Vec<String> = app
            .devices
            .columns
            .shown()
            .iter()
            .map(|shown| table::text_of(context, &shown.column, id))
            .map(|text| or_none(&text))
            .collect();
        let flags = table::flags(context, id);
        parts.extend(flags.into_iter().map(str::to_owned));
        let at = if Some(id) == app.current() {
            ", current"
        } else {
            ""
        };
        // Without separators: that is how it is typed.
        format!("{number}: {}{at}", parts.join(", "))
    }

    /// The run in focus, as its screen shows it.
    /// Prints the devices of a call of the shown run.
    pub(super) fn call(&mut self, number: usize) -> Result<(), LineError> {
        let shown = self.host.app.runs().shown().ok_or(LineError::NoRun)?;
        let has_number = |place: usize| {
            shown.call_details.get(place).map(|call| call.call as usize) == Some(number)
        };
        let line = past_calls(shown).position(has_number);
        let go = Request::GoTo(line.ok_or(LineError::NoCall(number))?);
        self.in_view(View::Run);
        self.steps.extend([Step::Request(go), run(Command::Detail)]);
        Ok(())
    }

    pub(super) fn status_lines(&self) -> Vec<String> {
        let context = &self.host.app.context;
        if context.runs.focus().is_none() {
            return vec![NO_RUN.to_owned()];
        }
        spoken::drawn(60, |frame| {
            crate::tui::screens::run::render::render(frame, frame.area(), context);
        })
    }
}

/// The places of a page that begins at `from`; without `all` it has at most `most`.
fn page(from: usize, most: usize, count: usize, all: bool) -> Range<usize> {
    let from = from.min(count);
    let to = if all { count } else { count.min(from + most) };
    from..to
}

/// `Rows 1 to 20 of 300.`
fn range_text(noun: &str, places: &Range<usize>, count: usize) -> String {
    let number = |place: usize| grouped(place as u64);
    let (last, count) = (number(places.end), number(count));
    match places.len() {
        0 => format!("{noun}s in all: {count}. There are no more."),
        1 => format!("{noun} {last} of {count}."),
        _ => format!("{noun}s {} to {last} of {count}.", number(places.start + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_never_ends_before_it_begins() {
        let text = |from, count, all| range_text("Row", &page(from, ROWS, count, all), count);
        assert_eq!(text(0, 300, false), "Rows 1 to 20 of 300.");
        assert_eq!(text(20, 300, true), "Rows 21 to 300 of 300.");
        assert_eq!(text(20, 21, false), "Row 21 of 21.");
        assert_eq!(text(20, 5, false), "Rows in all: 5. There are no more.");
    }
}
