//! `I`: marks what a ticket or another system's list names, after showing what it matches.

pub mod render;
pub mod state;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea as textarea;
use tui_input::backend::crossterm::EventHandler;

use crate::import::Meaning;
use crate::list::DeviceId;
use crate::text;
use crate::tui::app::App;
use crate::tui::dialogs::import::state::{Ids, Matched, ReportLine};
use crate::tui::dialogs::import::state::{ImportDialog, Report};
use crate::tui::dialogs::save_file::job::Content;
use crate::tui::message::Effect;
use crate::tui::mode::Mode;

impl App {
    pub(in crate::tui) fn open_import(&mut self) {
        self.mode = Mode::Import(Box::default());
    }

    pub(in crate::tui) fn import_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Import(dialog) = &mut self.mode else {
            return Vec::new();
        };
        match &mut **dialog {
            ImportDialog::Text { .. } => self.import_text_key(key),
            ImportDialog::Report(_) => self.report_key(key),
        }
    }

    /// Text was pasted into the field.
    pub(in crate::tui) fn import_paste(&mut self, pasted: &str) {
        let Mode::Import(dialog) = &mut self.mode else {
            return;
        };
        let ImportDialog::Text {
            area,
            path,
            in_path,
            asked: None,
            ..
        } = &mut **dialog
        else {
            return;
        };
        // What a terminal would obey or hide is no part of an identifier or a name.
        let clean = pasted.replace("\r\n", "\n").replace('\r', "\n");
        if *in_path {
            for character in clean.chars().filter(|&c| !text::is_deceptive(c)) {
                path.handle(tui_input::InputRequest::InsertChar(character));
            }
        } else {
            let kept: String = clean
                .chars()
                .filter(|&c| matches!(c, '\n' | '\t') || !text::is_deceptive(c))
                .collect();
            area.insert_str(kept);
        }
    }

    fn import_text_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Import(dialog) = &mut self.mode else {
            return Vec::new();
        };
        let ImportDialog::Text {
            area,
            path,
            in_path,
            asked,
            ..
        } = &mut **dialog
        else {
            return Vec::new();
        };
        if asked.is_some() {
            if key.code == KeyCode::Esc {
                *asked = None;
            }
            return Vec::new();
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Tab => *in_path = !*in_path,
            KeyCode::Enter if *in_path => {
                let path = path.value().trim();
                if !path.is_empty() {
                    let ids = Ids::File(path.into());
                    return self.look_up(ids);
                }
            }
            KeyCode::Char('d') if control => {
                let ids = Ids::Pasted(area.lines().join("\n"));
                return self.look_up(ids);
            }
            _ if *in_path => {
                path.handle_event(&Event::Key(*key));
            }
            _ => {
                area.input(typed(key));
            }
        }
        Vec::new()
    }

    /// Has it read and looked up; the answer to an earlier question doesn't count any more.
    fn look_up(&mut self, ids: Ids) -> Vec<Effect> {
        self.asked += 1;
        if let Mode::Import(dialog) = &mut self.mode
            && let ImportDialog::Text {
                asked, complaint, ..
            } = &mut **dialog
        {
            *asked = Some(self.asked);
            *complaint = None;
        }
        let asked = self.asked;
        vec![Effect::ReadIds { asked, ids }]
    }

    /// What was named is looked up, or can't be read.
    pub(in crate::tui) fn ids_read(&mut self, answered: u64, read: Result<Box<Matched>, String>) {
        let Mode::Import(dialog) = &mut self.mode else {
            return;
        };
        let ImportDialog::Text {
            asked, complaint, ..
        } = &mut **dialog
        else {
            return;
        };
        if *asked != Some(answered) {
            return;
        }
        *asked = None;
        let matched = match read {
            Ok(matched) if matched.import.entries.is_empty() => {
                *complaint = Some("there is nothing in it".to_owned());
                return;
            }
            Ok(matched) => *matched,
            Err(why) => {
                *complaint = Some(why);
                return;
            }
        };
        let Mode::Import(before) = std::mem::replace(&mut self.mode, Mode::Browse) else {
            return;
        };
        let report = Report::new(matched, *before, |id| self.is_markable(id));
        self.mode = Mode::Import(Box::new(ImportDialog::Report(report)));
    }

    fn report_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Import(dialog) = &mut self.mode else {
            return Vec::new();
        };
        let ImportDialog::Report(report) = &mut **dialog else {
            return Vec::new();
        };
        let last = report.lines.len().saturating_sub(1);
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => report.at = (report.at + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => report.at = report.at.saturating_sub(1),
            KeyCode::PageDown => report.at = (report.at + 10).min(last),
            KeyCode::PageUp => report.at = report.at.saturating_sub(10),
            KeyCode::Char(' ') => self.choose(),
            // That nothing is chosen stands above the entries.
            KeyCode::Enter if !report.chosen.is_empty() => self.mark_imported(false),
            KeyCode::Char('R') if !report.chosen.is_empty() => self.mark_imported(true),
            KeyCode::Char('y') => {
                let unmatched = report.import.unmatched();
                if !unmatched.is_empty() {
                    return vec![Effect::Copy(unmatched)];
                }
            }
            KeyCode::Char('e') => {
                let unmatched = report.import.unmatched();
                if !unmatched.is_empty() {
                    self.ask_where_to_write(vec![Content::Unmatched(unmatched)], "unmatched.txt");
                }
            }
            KeyCode::Esc => {
                let before = report.before.clone();
                self.mode = Mode::Import(before);
            }
            KeyCode::Char('q') => self.mode = Mode::Browse,
            _ => {}
        }
        Vec::new()
    }

    /// `space`: chooses the device of the line, or all devices of the person, or takes that back,
    /// and moves on.
    fn choose(&mut self) {
        let Mode::Import(dialog) = &self.mode else {
            return;
        };
        let ImportDialog::Report(report) = &**dialog else {
            return;
        };
        let is_usable = |id: &DeviceId| self.list.device(*id).problem().is_none();
        let (turned, further) = match report.under_cursor() {
            Some((_, Some(id))) => (vec![id], 1),
            Some((Meaning::Several(ids), None)) => {
                let may: Vec<DeviceId> = ids
                    .iter()
                    .copied()
                    .filter(|&id| self.is_markable(id))
                    .collect();
                let mut missing = may.clone();
                missing.retain(|id| !report.chosen.contains(id));
                (
                    if missing.is_empty() { may } else { missing },
                    1 + ids.len(),
                )
            }
            Some(_) => (Vec::new(), 1),
            None => return,
        };
        let turned: Vec<DeviceId> = turned.into_iter().filter(is_usable).collect();
        let Mode::Import(dialog) = &mut self.mode else {
            return;
        };
        let ImportDialog::Report(report) = &mut **dialog else {
            return;
        };
        for id in turned {
            if !report.chosen.remove(&id) {
                report.chosen.insert(id);
            }
        }
        report.at = (report.at + further).min(report.lines.len().saturating_sub(1));
    }

    fn mark_imported(&mut self, replace: bool) {
        let Mode::Import(dialog) = std::mem::replace(&mut self.mode, Mode::Browse) else {
            return;
        };
        let ImportDialog::Report(report) = *dialog else {
            return;
        };
        let mut found = report.found();
        found.retain(|&id, _| self.list.device(id).problem().is_none());
        let count = found.len() as u64;
        let are_all = replace || self.marks.is_empty();
        self.marks.import(found, replace);
        self.imported.alone = are_all.then(|| self.marks.changes());
        self.count_hidden();
        let hidden = if self.hidden_marks > 0 {
            format!(" · {} hidden by the filter", self.hidden_marks)
        } else {
            String::new()
        };
        self.status = Some(format!("{} marked{hidden}", text::counted(count, "device")));
    }
}

impl Report {
    /// What the line under the cursor is about: the meaning of its entry, and the device, if the
    /// line is one device's.
    fn under_cursor(&self) -> Option<(&Meaning, Option<DeviceId>)> {
        let (index, device) = match *self.lines.get(self.at)? {
            ReportLine::Entry(index) => (index, None),
            ReportLine::Device(index, id) => (index, Some(id)),
        };
        let meaning = &self.import.entries.get(index)?.meaning;
        let device = match meaning {
            Meaning::Matched(id) => Some(*id),
            _ => device,
        };
        Some((meaning, device))
    }
}

/// A key as the field takes it.
fn typed(key: &KeyEvent) -> textarea::Input {
    let code = match key.code {
        KeyCode::Char(character) => textarea::Key::Char(character),
        KeyCode::Backspace => textarea::Key::Backspace,
        KeyCode::Enter => textarea::Key::Enter,
        KeyCode::Left => textarea::Key::Left,
        KeyCode::Right => textarea::Key::Right,
        KeyCode::Up => textarea::Key::Up,
        KeyCode::Down => textarea::Key::Down,
        KeyCode::Delete => textarea::Key::Delete,
        KeyCode::Home => textarea::Key::Home,
        KeyCode::End => textarea::Key::End,
        KeyCode::PageUp => textarea::Key::PageUp,
        KeyCode::PageDown => textarea::Key::PageDown,
        _ => textarea::Key::Null,
    };
    textarea::Input {
        key: code,
        ctrl: key.modifiers.contains(KeyModifiers::CONTROL),
        alt: key.modifiers.contains(KeyModifiers::ALT),
        shift: key.modifiers.contains(KeyModifiers::SHIFT),
    }
}
