//! Requests about the rows of the table: show, filter, sort, mark, import, export.

use crossterm::event::KeyCode;

use crate::list::DeviceId;
use crate::query::Query;
use crate::text::visible;
use crate::tui::column::{Column, Sort, SortKey};
use crate::tui::input::commands::{Command, View};
use crate::tui::plain::Dialogue;
use crate::tui::plain::commands::Rows;
use crate::tui::plain::console::Line;
use crate::tui::plain::perform::{Step, press, run};
use crate::tui::request::Request;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;

impl Dialogue {
    pub(super) fn show(&mut self, number: Option<usize>) -> Result<(), String> {
        match (self.host.app.view, number) {
            (View::Devices, number) => {
                let rows = self.host.app.context.list.rows.len();
                let from = number.unwrap_or(1) - 1;
                if number.is_some() && from >= rows {
                    return Err(format!("there is no row {}", from + 1));
                }
                self.print_rows(from);
            }
            (View::Failures, Some(number)) => {
                let lines = self.group_lines(number)?;
                self.print_text(lines);
            }
            (View::Run, _) => {
                let lines = self.status_lines();
                self.print_text(lines);
            }
            _ => self.print_view_again(),
        }
        Ok(())
    }

    pub(super) fn filter(&mut self, text: &str) -> Result<(), String> {
        let app = &self.host.app;
        if text.is_empty() {
            let current = app.devices.query.text();
            let said = match current {
                "" => "No filter is in force: filter QUERY sets one.".to_owned(),
                current => format!("The filter is: {}. clear clears it.", visible(current)),
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
    pub(super) fn query(&self, text: &str) -> Result<Query, String> {
        let context = &self.host.app.context;
        let mut named = context.settings.filters.iter();
        if let Some((_, query)) = named.find(|(name, _)| name == text) {
            return Ok(query.clone());
        }
        let checked = Query::parse(text).and_then(|query| {
            let known = DeviceStatusSnapshot::default();
            query.check(&context.list.devices, &known)?;
            Ok(query)
        });
        checked.map_err(|error| error.to_string())
    }

    pub(super) fn sort(&mut self, text: &str) -> Result<(), String> {
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

    pub(super) fn columns(&mut self, text: &str) -> Result<(), String> {
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
            self.say(&format!("Printed: {}.", shown.join(", ")));
            self.say(&format!("All: {}.", all.join(", ")));
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
    pub(super) fn column(&self, name: &str) -> Result<Column, String> {
        let app = &self.host.app;
        Column::from_name(name)
            .and_then(|column| {
                app.devices
                    .columns
                    .in_list(&app.context.list.devices, column)
            })
            .ok_or_else(|| format!("there is no field {}: columns prints all", visible(name)))
    }

    pub(super) fn go_to(&self, number: usize) -> Result<Step, String> {
        let app = &self.host.app;
        let count = match app.view {
            View::History => app.history.runs.as_ref().map_or(0, Vec::len),
            _ => app.context.list.rows.len(),
        };
        if number > count {
            return Err(format!("there is no row {number}: the last is {count}"));
        }
        Ok(Step::Request(Request::GoTo(number - 1)))
    }

    pub(super) fn mark(&mut self, rows: Rows, marked: bool) -> Result<(), String> {
        self.in_view(View::Devices);
        match rows {
            Rows::Shown => {
                let command = if marked {
                    Command::MarkShown
                } else {
                    Command::UnmarkShown
                };
                self.steps.push_back(run(command));
            }
            Rows::Numbers(ranges) => {
                let rows = &self.host.app.context.list.rows;
                let mut devices: Vec<DeviceId> = Vec::new();
                for range in ranges {
                    let (from, to) = (*range.start() - 1, *range.end());
                    let of_range = rows.get(from..to).ok_or_else(|| {
                        format!("there is no row {to}: the last is {}", rows.len())
                    })?;
                    devices.extend(of_range);
                }
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
                "Type or paste what names devices, a line each. A line with a dot alone ends it.",
            );
            return;
        }
        self.in_view(View::Devices);
        self.steps
            .extend([run(Command::Import), press(KeyCode::Tab), Step::Fill(file)]);
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

    pub(super) fn export(&mut self, file: String, shown: bool) {
        self.steps.push_back(run(Command::Export));
        if shown && !self.host.app.context.list.marks.is_empty() {
            self.steps.push_back(press(KeyCode::Tab));
        }
        self.steps.push_back(Step::Fill(file));
    }
}
