//! Moving, marking, filtering, sorting, looking closer.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

use crate::list::DeviceId;
use crate::query::Query;
use crate::tui::app::{App, Cursor, Detail, FailureLine, Mode};
use crate::tui::keys::{Act, View};
use crate::tui::message::{Effect, Sort};
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

    pub(super) fn move_by(&mut self, rows: isize) {
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

/// True for a key that types a character into a line.
pub(super) fn types(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_))
        && !key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}
