//! `i`: how the list was read, and what an administrator should know about it. A column can be
//! assigned to a field, and the list is read again with it.

mod assign;
mod render;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::list::{ColumnAssignment, ReadingReport};
use crate::query::Query;
use crate::text::visible;
use crate::tui::answer::Answer;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::dialogs::list_info::assign::FieldMenu;
use crate::tui::effect::Effect;
use crate::tui::file_content::ExportContent;
use crate::tui::input::commands::Command as ScreenCommand;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC_OR_Q, Hint, MOTION, Section, command, hints, hints_where, key, letter,
};
use crate::tui::job::Job;
use crate::tui::request::{DialogRequest, Request};
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::match_offer;

/// The reading report.
#[derive(Clone, Debug, Default)]
pub struct ListInfoDialog {
    report: Option<Box<ReadingReport>>,
    /// What is worth knowing about the list, and the lines of the report.
    lines: Vec<InfoLine>,
    /// Why the list is not read as it was requested last.
    error: Option<String>,
    /// The list is being read again.
    is_reading: bool,
    /// Among the lines.
    cursor: ListCursor,
    /// The column that had it before the list was read again.
    column_before: Option<usize>,
    /// The fields to which the column may be assigned.
    menu: Option<FieldMenu>,
}

/// A line that the cursor can be on. It may take several rows of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct InfoLine {
    kind: InfoKind,
    /// Of a column that is not used, or only partly read.
    is_doubtful: bool,
    text: String,
    /// The bytes of the text with samples, which are cut to fit.
    samples: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InfoKind {
    /// What an administrator should know before acting on the list.
    Notice,
    /// What could be done about it.
    Offer,
    /// What was assigned on the screen.
    Assigned,
    Report,
    /// Of the report, about the column with this number.
    Column(usize),
}

#[derive(Clone, Copy)]
enum Command {
    Move,
    /// Assigns the column under the cursor to a field; elsewhere shows the rows that are left out.
    Enter,
    Export,
    Drop,
    Copy,
    Match,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    key("enter", ENTER, Command::Enter, "assign a field", "assign the column to a field, or to none; elsewhere show the rows left out"),
    letter("e", Command::Export, "export left out", "export the rows that are left out"),
    letter("D", Command::Drop, "drop assignments", "drop the assignments of columns"),
    letter("y", Command::Copy, "copy for [lists]", "copy the assignments as [lists.columns]"),
    letter("M", Command::Match, "match", "match the list with the inventory"),
    key("esc", ESC_OR_Q, Command::Back, "back", ""),
];

impl ListInfoDialog {
    pub(super) const HELP: Section = Section {
        title: "how the list was read (i)",
        hints: || hints(KEYS),
    };

    /// The report was made. The cursor begins at the first column, or at the top where the notices fill
    /// the screen.
    fn on_described(&mut self, report: Box<ReadingReport>, context: &Context) {
        let is_first = self.report.is_none();
        self.lines = render::lines(&report, context);
        let before = self.column_before.take();
        let column = self.lines.iter().position(|line| match line.kind {
            InfoKind::Column(column) => before.is_none_or(|before| before == column),
            _ => false,
        });
        if before.is_some() {
            self.cursor = ListCursor::at(column.unwrap_or(0));
        } else if is_first && !self.is_reading {
            let in_sight = column.filter(|&column| self.is_on_first_page(column, context));
            self.cursor = ListCursor::at(in_sight.unwrap_or(0));
        }
        self.cursor.at = self.cursor.at.min(self.lines.len().saturating_sub(1));
        self.is_reading = false;
        self.report = Some(report);
    }

    /// The list was read again as requested; its report follows.
    pub fn on_read(&mut self) {
        self.column_before = self.column().or(self.column_before);
        self.report = None;
        self.lines.clear();
        self.error = None;
    }

    /// The list stays as it was read.
    pub fn on_error(&mut self, reason: &str) {
        self.is_reading = false;
        self.error = Some(format!("not read so: {}", visible(reason)));
    }

    /// True if rows are left out.
    fn leaves_out(&self) -> bool {
        let report = self.report.as_ref();
        report.is_some_and(|report| !report.left_out.is_empty())
    }

    /// The number of the column under the cursor.
    fn column(&self) -> Option<usize> {
        match self.lines.get(self.cursor.at)?.kind {
            InfoKind::Column(column) => Some(column),
            _ => None,
        }
    }

    /// Opens the menu of fields for the column under the cursor.
    fn open_menu(&mut self, context: &mut Context) {
        let Some(header) = self.column().and_then(|column| self.header(column)) else {
            return;
        };
        if context.info.path.is_none() {
            let given = "give --column when it is opened";
            self.error = Some(format!("the list was not read from a file: {given}"));
            return;
        }
        self.error = None;
        self.menu = Some(FieldMenu::new(header, &context.list.devices));
    }

    /// The header of a column, as the list has it.
    fn header(&self, column: usize) -> Option<String> {
        let header = &self.report.as_ref()?.columns.get(column)?.raw_header;
        (!header.is_empty()).then(|| header.clone())
    }

    /// Reads the list again with these assignments.
    fn read_as(&mut self, columns: Vec<ColumnAssignment>, context: &Context) -> Response {
        let Some(path) = context.info.path.clone() else {
            return Response::stay();
        };
        self.is_reading = true;
        Response::stay().with([Effect::Job(Job::AssignColumns(path, columns))])
    }

    /// A key while the menu of fields is open.
    fn on_menu_key(&mut self, key: &KeyEvent, context: &Context) -> Response {
        let Some(menu) = &mut self.menu else {
            return Response::stay();
        };
        match menu.on_key(key) {
            assign::Choice::Stay => Response::stay(),
            assign::Choice::Close => {
                self.menu = None;
                Response::stay()
            }
            assign::Choice::Assign(assignment) => {
                self.menu = None;
                let others = context.info.assigned.iter();
                let others = others.filter(|other| other.header != assignment.header);
                let columns = std::iter::once(&assignment).chain(others);
                self.read_as(columns.cloned().collect(), context)
            }
        }
    }
}

impl Component for ListInfoDialog {
    fn on_interrupted_work(&mut self, reason: &str) {
        if self.is_reading {
            self.on_error(reason);
        } else if self.report.is_none() {
            self.error = Some(visible(reason).into_owned());
        }
    }

    fn footer(&self, context: &Context) -> Vec<Hint> {
        if self.menu.is_some() {
            return FieldMenu::hints();
        }
        hints_where(KEYS, |command, hint| match command {
            Command::Drop | Command::Copy => !context.info.assigned.is_empty(),
            Command::Enter if self.column().is_some() => context.info.path.is_some(),
            Command::Enter => {
                hint.footer = "show rows left out";
                self.leaves_out()
            }
            Command::Export => self.leaves_out(),
            Command::Match => match_offer::refusal(context).is_none(),
            _ => true,
        })
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        if self.menu.is_some() {
            return self.on_menu_key(key, context);
        }
        match command(KEYS, key) {
            Some(Command::Move) => {
                let lines = self.main_lines(context);
                self.cursor.on_key_by(key, lines, rows_on_screen(context));
            }
            // One reading at a time.
            Some(Command::Enter | Command::Drop | Command::Export) if self.is_reading => {}
            Some(Command::Enter) if self.column().is_some() => self.open_menu(context),
            Some(Command::Enter) if self.leaves_out() => {
                if let Ok(query) = Query::parse("is:unusable") {
                    let response = Response::close().request(Request::RememberFilter);
                    return response.request(Request::Filter(query));
                }
            }
            Some(Command::Export) if self.leaves_out() => {
                let devices = &context.list.devices;
                let left_out = devices
                    .ids()
                    .filter(|&id| devices.device(id).problem().is_some());
                let rows = ExportContent::Devices("left out", left_out.collect());
                let request = DialogRequest::SaveFile(rows, "left-out.csv");
                return Response::stay().request(Request::Open(request));
            }
            Some(Command::Drop) if context.info.assigned.is_empty() => {
                self.error = Some("nothing was assigned here".to_owned());
            }
            Some(Command::Drop) => return self.read_as(Vec::new(), context),
            Some(Command::Copy) if context.info.assigned.is_empty() => {
                self.error = Some("nothing was assigned here: enter assigns a column".to_owned());
            }
            Some(Command::Copy) => {
                let text = assign::as_configuration(&context.info.assigned);
                let copy = context.copy("lines for the configuration", text);
                return Response::stay().with([copy]);
            }
            Some(Command::Match) => {
                let command = ScreenCommand::MatchInventory;
                return Response::close().request(Request::RunCommand(command));
            }
            Some(Command::Back) => return Response::close(),
            Some(Command::Enter | Command::Export) | None => {}
        }
        Response::stay()
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn only_informs(&self) -> bool {
        true
    }

    fn on_answer(
        &mut self,
        answer: Answer,
        context: &Context,
        _: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        let Answer::ListDescribed(report) = answer else {
            return Err(Box::new(answer));
        };
        self.on_described(report, context);
        Ok(Vec::new())
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        self.draw(frame, area, context);
    }
}
