//! Requests about the rows of the table: show, filter, sort, mark, import, export.

use crate::query::Query;
use crate::text::visible;
use crate::tui::column::{Column, Sort, SortKey};
use crate::tui::dialogs::{ImportDialog, SaveFile};
use crate::tui::input::commands::{Command, View};
use crate::tui::plain::Dialogue;
use crate::tui::plain::commands::{CopyPart, FailurePlace, Rows};
use crate::tui::plain::console::Line;
use crate::tui::plain::error::LineError;
use crate::tui::plain::perform::{Step, press, run};
use crate::tui::request::{CopyRows, Request};
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;

impl Dialogue {
    pub(super) fn show(&mut self, number: Option<usize>) -> Result<(), LineError> {
        match (self.host.app.view, number) {
            (View::Devices, number) => {
                let last = self.host.app.context.list.rows.len();
                let number = number.unwrap_or(1);
                if number > last.max(1) {
                    return Err(LineError::NoRow { number, last });
                }
                self.print_rows(number - 1);
            }
            (View::Failures, Some(number)) => {
                let lines = self.group_lines(number)?;
                self.print_text(lines);
            }
            _ => self.print_view_again(),
        }
        Ok(())
    }

    pub(super) fn filter(&mut self, text: &str) -> Result<(), LineError> {
        let app = &self.host.app;
        if text.is_empty() {
            let current = app.devices.query.text();
            let said = match current {
                "" => "No filter is set. Type filter QUERY to set one.".to_owned(),
                current => format!(
                    "The filter is: {}. Type clear to clear it.",
                    visible(current)
                ),
            };
            self.say(&said);
            self.steps.push_back(Step::SayShown);
            return Ok(());
        }
        let query = self.query(text)?;
        self.in_view(View::Devices);
        self.steps.extend([
            Step::Request(Request::RememberFilter),
            Step::Request(Request::Filter(query)),
            Step::SayShown,
        ]);
        Ok(())
    }

    /// A query, or the filter of the configuration that has this name.
    pub(super) fn query(&self, text: &str) -> Result<Query, LineError> {
        let context = &self.host.app.context;
        let mut named = context.settings.filters.iter();
        if let Some((_, query)) = named.find(|(name, _)| name == text) {
            return Ok(query.clone());
        }
        let query = Query::parse(text)?;
        query.check(&context.list.devices, &DeviceStatusSnapshot::default())?;
        Ok(query)
    }

    pub(super) fn sort(&mut self, text: &str) -> Result<(), LineError> {
        let mut words = text
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .peekable();
        let mut sort = Sort::default();
        if text.is_empty() {
            let keys = self.host.app.devices.sort.keys.iter();
            let keys = keys.map(|key| {
                let column = key.column.as_ref();
                let name =
                    column.map_or("file order".into(), |column| column.heading().into_owned());
                if key.reversed {
                    format!("{name}, descending")
                } else {
                    name
                }
            });
            let keys: Vec<String> = keys.collect();
            let order = if keys.is_empty() {
                "file order".to_owned()
            } else {
                keys.join(", then ")
            };
            self.say(&format!("Sorted by {order}."));
            return Ok(());
        }
        while let Some(word) = words.next() {
            if word == "none" {
                continue;
            }
            let column = Some(self.column(word)?);
            let reversed = words
                .next_if(|word| matches!(*word, "desc" | "descending"))
                .is_some();
            sort.keys.push(SortKey { column, reversed });
        }
        self.in_view(View::Devices);
        self.steps
            .extend([Step::Request(Request::Sort(sort)), Step::SayShown]);
        Ok(())
    }

    pub(super) fn columns(&mut self, text: &str) -> Result<(), LineError> {
        let app = &self.host.app;
        if text.is_empty() {
            let shown: Vec<String> = app
                .devices
                .columns
                .shown()
                .iter()
                .map(|shown| visible(&shown.column.name()).into_owned())
                .collect();
            let all: Vec<String> = app
                .devices
                .columns
                .all()
                .iter()
                .map(|column| visible(&column.name()).into_owned())
                .collect();
            self.say(&format!("Printed columns: {}.", shown.join(", ")));
            self.say(&format!("All columns: {}.", all.join(", ")));
            return Ok(());
        }
        let names: Vec<&str> = text
            .split([' ', ','])
            .filter(|name| !name.is_empty())
            .collect();
        for name in &names {
            self.column(name)?;
        }
        let mut columns = Columns::from_names(names);
        columns.set_list(&self.host.app.context.list.devices);
        self.steps
            .push_back(Step::Request(Request::ShowColumns(columns)));
        Ok(())
    }

    /// The column of this name, if the list has it.
    pub(super) fn column(&self, name: &str) -> Result<Column, LineError> {
        let app = &self.host.app;
        Column::from_name(name)
            .and_then(|column| {
                app.devices
                    .columns
                    .in_list(&app.context.list.devices, column)
            })
            .ok_or_else(|| LineError::NoField(visible(name).into_owned()))
    }

    /// Goes to what was printed with this number: a row of the table, or a line of the open history.
    pub(super) fn go_to(&mut self, number: usize) -> Result<(), LineError> {
        let place = match self.host.app.view {
            View::Devices | View::Run => self.place_of_row(number)?,
            View::History => self.place_in_history(number)?,
            View::Failures => return Err(LineError::GroupNotDevice),
        };
        if self.host.app.view == View::Run {
            self.in_view(View::Devices);
        }
        self.steps.push_back(Step::Request(Request::GoTo(place)));
        Ok(())
    }

    /// Prints everything about a device, or about the failures of a run.
    pub(super) fn detail(&mut self, place: Option<FailurePlace>) -> Result<(), LineError> {
        match (self.host.app.view, place) {
            (View::Failures, Some(at)) if at.device.is_some() => {
                let ordinal = self.failure_ordinals(&[at])?.first().copied();
                let go = ordinal.map(Request::GoToFailure);
                self.steps.extend(go.map(Step::Request));
            }
            (View::Failures, _) => return Err(LineError::GroupNotDevice),
            (_, Some(at)) if at.device.is_some() => return Err(LineError::NotInFailures),
            (View::History, Some(at)) => {
                let run = self.run_numbered(at.group)?;
                self.on_printed_run(Command::Detail, run.to_string());
                return Ok(());
            }
            (_, Some(at)) => self.go_to(at.group)?,
            (View::Run, None) => self.in_view(View::Devices),
            (View::Devices | View::History, None) => {}
        }
        self.steps.push_back(run(Command::Detail));
        Ok(())
    }

    pub(super) fn mark(&mut self, rows: Rows, marked: bool) -> Result<(), LineError> {
        match rows {
            Rows::Shown => {
                self.in_view(View::Devices);
                let command = if marked {
                    Command::MarkShown
                } else {
                    Command::UnmarkShown
                };
                self.steps.push_back(run(command));
            }
            Rows::Numbers(ranges) => {
                let devices = self.devices_numbered(ranges)?;
                self.in_view(View::Devices);
                self.steps
                    .push_back(Step::Request(Request::Mark(devices, marked)));
            }
        }
        Ok(())
    }

    pub(super) fn import(&mut self, file: String) {
        if file.is_empty() {
            self.typed_text = Some(String::new());
            self.say(
                "Type or paste the names or identifiers of devices, one on each line. End with a line that holds only a dot.",
            );
            return;
        }
        self.in_view(View::Devices);
        let name_file = press(ImportDialog::file_key());
        self.steps
            .extend([run(Command::Import), name_file, Step::Fill(file)]);
    }

    /// A line of the text that names devices.
    pub(super) fn add_text(&mut self, line: Line) {
        let Some(mut text) = self.typed_text.take() else {
            return;
        };
        match line {
            Line::Text(line) if line != "." => {
                text.push_str(&line);
                text.push('\n');
                self.typed_text = Some(text);
            }
            Line::Text(_) | Line::End => {
                self.in_view(View::Devices);
                self.steps.extend([run(Command::Import), Step::Paste(text)]);
            }
        }
    }

    /// Writes what the open view shows to a new file; of the table the marked rows, else, or if `shown`,
    /// the shown ones.
    pub(super) fn export(&mut self, file: String, shown: bool) -> Result<(), LineError> {
        self.choose_all_failures()?;
        self.steps.push_back(run(Command::Export));
        let is_table = self.host.app.view == View::Devices;
        if shown && is_table && self.shows_marked_rows() {
            self.steps.push_back(press(SaveFile::other_rows_key()));
        }
        self.steps.push_back(Step::Fill(file));
        Ok(())
    }

    /// Copies a part of the rows of the table, or of the failures if these are open.
    pub(super) fn copy(&mut self, part: CopyPart) -> Result<(), LineError> {
        let marked = if self.host.app.view == View::Failures {
            self.choose_all_failures()?;
            true
        } else {
            self.in_view(View::Devices);
            self.shows_marked_rows()
        };
        let rows = if marked {
            CopyRows::Marked
        } else {
            CopyRows::UnderCursor
        };
        self.steps
            .push_back(Step::Request(Request::Copy(part, rows)));
        Ok(())
    }

    /// True if a marked row is among the shown ones, which hidden ones are not exported or copied with.
    fn shows_marked_rows(&self) -> bool {
        let list = &self.host.app.context.list;
        list.rows.iter().any(|&id| list.marks.contains(id))
    }

    /// Chooses all failures, if these are open.
    fn choose_all_failures(&mut self) -> Result<(), LineError> {
        if self.host.app.view == View::Failures {
            let all = Request::ChooseFailures(self.failure_ordinals(&[])?);
            self.steps.push_back(Step::Request(all));
        }
        Ok(())
    }
}
