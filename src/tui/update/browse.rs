//! Moving, marking, filtering, sorting, looking closer.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::list::DeviceId;
use crate::outcome::DeviceState;
use crate::query::Query;
use crate::text;
use crate::tui::app::{App, Cursor, Detail, FailureLine, Mode};
use crate::tui::keys::{Act, View};
use crate::tui::message::{Column, Effect, Sort};
use crate::tui::view;

impl App {
    pub(super) fn act(&mut self, act: Act) -> Vec<Effect> {
        match act {
            Act::Up => self.move_by(-1),
            Act::Down => self.move_by(1),
            Act::PageUp => self.move_by(-self.page()),
            Act::PageDown => self.move_by(self.page()),
            Act::Top => self.move_by(isize::MIN),
            Act::Bottom => self.move_by(isize::MAX),
            Act::Left => self.table.scrolled = self.table.scrolled.saturating_sub(1),
            Act::Right => {
                let last = self.facts.columns.len().saturating_sub(1);
                self.table.scrolled = (self.table.scrolled + 1).min(last);
            }
            Act::Mark => self.mark(),
            Act::Range => self.range(),
            Act::MarkShown => self.mark_shown(),
            Act::UnmarkShown => {
                let rows = self.table.rows.clone();
                self.change_marks(|marks| marks.set(rows, false), "unmarked");
            }
            Act::Invert => {
                let rows: Vec<DeviceId> = self.shown_markable().collect();
                self.change_marks(|marks| marks.toggle(rows), "turned around");
            }
            Act::UnmarkAll => {
                let marked: Vec<DeviceId> = self.marks.iter().collect();
                self.change_marks(|marks| marks.set(marked, false), "unmarked");
            }
            Act::Undo => self.change_back(true),
            Act::Redo => self.change_back(false),
            Act::Sort => self.mode = Mode::Sort(0),
            Act::Reverse => {
                self.table.sort.reversed = !self.table.sort.reversed;
                self.table.range = None;
                return self.search();
            }
            Act::Detail => return self.detail(),
            Act::Filter => {
                self.mode = Mode::Filter {
                    input: Input::new(self.table.query.text().to_owned()),
                    before: self.table.query.clone(),
                    error: None,
                };
            }
            Act::Copy => self.mode = Mode::Copy,
            Act::Delete => return self.delete(),
            Act::Pause => return self.pause(),
            Act::Stop => return self.stop(),
            Act::Devices => self.view = View::Devices,
            Act::Run => self.view = View::Run,
            Act::Failures => {
                self.view = View::Failures;
                self.failures = Cursor::default();
                return self
                    .run()
                    .map(|run| Effect::Explain(run.id))
                    .into_iter()
                    .collect();
            }
            Act::Help => self.mode = Mode::Help(Cursor::default()),
            Act::Suspend => return self.suspend(),
            Act::Back => return self.back(),
            Act::Quit => return self.quit(),
        }
        Vec::new()
    }

    fn page(&self) -> isize {
        isize::try_from(view::rows_on_screen(self))
            .unwrap_or(1)
            .max(1)
    }

    fn move_by(&mut self, rows: isize) {
        let (cursor, count) = match self.view {
            View::Failures => {
                let count = self.failure_lines().len();
                (&mut self.failures.at, count)
            }
            _ => (&mut self.table.cursor, self.table.rows.len()),
        };
        *cursor = cursor
            .saturating_add_signed(rows)
            .min(count.saturating_sub(1));
        self.keep_in_sight();
    }

    /// Scrolls so that the cursor is on the screen.
    pub(super) fn keep_in_sight(&mut self) {
        let rows = view::rows_on_screen(self).max(1);
        let table = &mut self.table;
        table.cursor = table.cursor.min(table.rows.len().saturating_sub(1));
        if table.cursor < table.top {
            table.top = table.cursor;
        } else if table.cursor >= table.top + rows {
            table.top = table.cursor + 1 - rows;
        }
        table.top = table.top.min(table.rows.len().saturating_sub(rows));
    }

    fn is_markable(&self, id: DeviceId) -> bool {
        self.list.device(id).problem().is_none()
    }

    fn shown_markable(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.table
            .rows
            .iter()
            .copied()
            .filter(|&id| self.is_markable(id))
    }

    /// `space`: ends a range, else marks or unmarks the row and moves on.
    fn mark(&mut self) {
        if self.table.range.is_some() {
            return self.range();
        }
        let Some(id) = self.current() else { return };
        if let Some(problem) = self.list.device(id).problem() {
            self.status = Some(format!("this row can't be marked: {problem}"));
        } else {
            self.marks.toggle([id]);
            self.count_hidden();
        }
        self.move_by(1);
    }

    /// `v`: begins a range at the cursor, or marks from where it began to the cursor.
    fn range(&mut self) {
        let Some(anchor) = self.table.range.take() else {
            self.table.range = self.current();
            return;
        };
        let Some(start) = self.table.rows.iter().position(|&id| id == anchor) else {
            return;
        };
        let (from, to) = (start.min(self.table.cursor), start.max(self.table.cursor));
        let rows = self.table.rows[from..=to].to_vec();
        self.mark_these(&rows);
    }

    fn mark_shown(&mut self) {
        let rows = std::mem::take(&mut self.table.rows);
        self.mark_these(&rows);
        self.table.rows = rows;
        self.count_hidden();
    }

    fn mark_these(&mut self, rows: &[DeviceId]) {
        let markable: Vec<DeviceId> = rows
            .iter()
            .copied()
            .filter(|&id| self.is_markable(id))
            .collect();
        let skipped = rows.len() - markable.len();
        let changed = self.marks.set(markable, true);
        self.count_hidden();
        let mut status = format!("{} marked", text::counted(changed as u64, "device"));
        if skipped > 0 {
            status.push_str(&format!(
                " · {} unusable, left out",
                text::grouped(skipped as u64)
            ));
        }
        self.status = Some(status);
    }

    fn change_marks(
        &mut self,
        change: impl FnOnce(&mut crate::tui::selection::Marks) -> usize,
        what: &str,
    ) {
        let changed = change(&mut self.marks);
        self.count_hidden();
        self.status = Some(format!("{} {what}", text::counted(changed as u64, "mark")));
    }

    fn change_back(&mut self, undo: bool) {
        let changed = if undo {
            self.marks.undo()
        } else {
            self.marks.redo()
        };
        self.count_hidden();
        let what = if undo { "taken back" } else { "done again" };
        self.status = Some(changed.map_or_else(
            || format!("nothing to be {what}"),
            |changed| format!("{} {what}", text::counted(changed as u64, "mark")),
        ));
    }

    /// Counts the marked devices that the filter hides.
    pub(super) fn count_hidden(&mut self) {
        let shown = self
            .table
            .rows
            .iter()
            .filter(|&&id| self.marks.contains(id))
            .count();
        self.hidden_marks = self.marks.len() - shown;
    }

    /// Takes in what a search found. The cursor stays on its device if it is still shown.
    pub(super) fn show(&mut self, rows: Vec<DeviceId>) {
        let current = self.current();
        let place = current.and_then(|id| rows.iter().position(|&row| row == id));
        self.table.rows = rows;
        self.table.cursor = place.unwrap_or(0);
        self.keep_in_sight();
        self.count_hidden();
    }

    pub(super) fn search(&mut self) -> Vec<Effect> {
        self.generation += 1;
        let ranks = match self.table.sort.column {
            Some(Column::Outcome) => self
                .states
                .iter()
                .map(|(&id, &state)| (id, rank(state)))
                .collect(),
            _ => Vec::new(),
        };
        vec![Effect::Search {
            generation: self.generation,
            query: self.table.query.clone(),
            sort: self.table.sort,
            ranks,
        }]
    }

    pub(super) fn filter_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Filter { input, before, .. } = &mut self.mode else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Enter => {
                self.mode = Mode::Browse;
                Vec::new()
            }
            KeyCode::Esc => {
                let before = before.clone();
                self.mode = Mode::Browse;
                self.filter_by(before)
            }
            _ => {
                input.handle_event(&Event::Key(*key));
                self.filter_changed()
            }
        }
    }

    /// Text that was pasted into the filter.
    pub(super) fn filter_text(&mut self, line: &str) -> Vec<Effect> {
        if let Mode::Filter { input, .. } = &mut self.mode {
            for character in line.chars() {
                input.handle(tui_input::InputRequest::InsertChar(character));
            }
        }
        self.filter_changed()
    }

    /// The line was edited: it is the filter if it parses, else the last good one stays in force.
    fn filter_changed(&mut self) -> Vec<Effect> {
        let Mode::Filter { input, error, .. } = &mut self.mode else {
            return Vec::new();
        };
        match Query::parse(input.value()) {
            Ok(query) => {
                *error = None;
                self.filter_by(query)
            }
            Err(mistake) => {
                *error = Some(mistake);
                Vec::new()
            }
        }
    }

    fn filter_by(&mut self, query: Query) -> Vec<Effect> {
        if query == self.table.query {
            return Vec::new();
        }
        self.table.query = query;
        self.table.range = None;
        self.search()
    }

    pub(super) fn sort_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Sort(at) = &mut self.mode else {
            return Vec::new();
        };
        // One line more than columns: the list's own order.
        let last = self.facts.columns.len();
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => *at = (*at + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => *at = at.saturating_sub(1),
            KeyCode::Esc | KeyCode::Char('q' | 's') => self.mode = Mode::Browse,
            KeyCode::Enter | KeyCode::Char(' ') => {
                let column = self.facts.columns.get(*at).copied();
                self.mode = Mode::Browse;
                self.table.sort = Sort {
                    column,
                    reversed: false,
                };
                self.table.range = None;
                return self.search();
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn copy_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        self.mode = Mode::Browse;
        let id = match self.view {
            View::Failures => self.failed_device(),
            _ => self.current(),
        };
        let Some(id) = id else { return Vec::new() };
        let device = self.list.device(id);
        let (what, copied) = match key.code {
            KeyCode::Char('h') => ("HWID", device.hwid().unwrap_or_default().to_owned()),
            KeyCode::Char('m') => (
                "MAC",
                device
                    .macs()
                    .next()
                    .map_or(String::new(), |mac| mac.to_string()),
            ),
            KeyCode::Char('n') => ("name", device.hostname().to_owned()),
            KeyCode::Char('l') => {
                let fields = crate::list::Field::ALL
                    .iter()
                    .map(|&field| device.text(field).into_owned());
                ("row", fields.collect::<Vec<_>>().join("\t"))
            }
            _ => return Vec::new(),
        };
        if copied.is_empty() {
            self.status = Some(format!("there is no {what} to copy"));
            return Vec::new();
        }
        self.status = Some(format!("{what} copied"));
        vec![Effect::Copy(copied)]
    }

    /// The list's entry of the failure under the cursor.
    fn failed_device(&self) -> Option<DeviceId> {
        match self.failure_lines().get(self.failures.at)? {
            FailureLine::Device(ordinal) => self.run()?.sources.get(*ordinal as usize).copied(),
            FailureLine::Group(..) => None,
        }
    }

    fn detail(&mut self) -> Vec<Effect> {
        let device = match self.view {
            View::Failures => self.failed_device(),
            _ => self.current(),
        };
        let Some(device) = device else {
            return Vec::new();
        };
        self.mode = Mode::Detail(Detail {
            device,
            records: None,
            scroll: 0,
        });
        let mut effects = vec![Effect::Record(device)];
        effects.extend(self.run().map(|run| Effect::Explain(run.id)));
        effects
    }

    pub(super) fn detail_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Detail(detail) = &mut self.mode else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => detail.scroll += 1,
            KeyCode::Up | KeyCode::Char('k') => detail.scroll = detail.scroll.saturating_sub(1),
            KeyCode::PageDown => detail.scroll += 10,
            KeyCode::PageUp => detail.scroll = detail.scroll.saturating_sub(10),
            KeyCode::Char('g') => detail.scroll = 0,
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => self.mode = Mode::Browse,
            _ => {}
        }
        let last = view::detail_lines(self).len().saturating_sub(1);
        if let Mode::Detail(detail) = &mut self.mode {
            detail.scroll = detail.scroll.min(last);
        }
        Vec::new()
    }

    /// `esc`: one step back.
    fn back(&mut self) -> Vec<Effect> {
        if self.view != View::Devices {
            self.view = View::Devices;
        } else if self.table.range.is_some() {
            self.table.range = None;
        } else if !self.table.query.is_empty() {
            return self.filter_by(Query::default());
        }
        Vec::new()
    }

    fn suspend(&mut self) -> Vec<Effect> {
        let running = self
            .open_run()
            .is_some_and(|run| run.state == crate::run::RunState::Running);
        if running {
            self.suspending = true;
            self.status = Some("suspending after the call in flight".to_owned());
            return vec![Effect::Control(crate::engine::Control::Pause)];
        }
        vec![Effect::Suspend]
    }
}

/// The order of outcomes in a sorted table: trouble first.
fn rank(state: DeviceState) -> u8 {
    use crate::outcome::Outcome;
    match state {
        DeviceState::Ended(Outcome::InDoubt(_)) => 0,
        DeviceState::Ended(Outcome::Failed(_)) => 1,
        DeviceState::Ended(Outcome::Gone) => 2,
        DeviceState::Sending => 3,
        DeviceState::Planned => 4,
        DeviceState::Ended(Outcome::NotSent) => 5,
        DeviceState::Ended(Outcome::Accepted) => 6,
    }
}

/// True for a key that types a character into a line.
pub(super) fn types(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_))
        && !key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}
