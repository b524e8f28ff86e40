//! `I`: marks what a ticket names, after showing what it matches.

pub mod render;
pub mod state;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea as textarea;
use tui_input::backend::crossterm::EventHandler;

use crate::import::{Import, Meaning};
use crate::list::DeviceId;
use crate::text;
use crate::tui::app::App;
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
            ImportDialog::Report(report) if report.candidate.is_some() => {
                self.candidates_key(key);
                Vec::new()
            }
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
            complaint,
        } = &mut **dialog
        else {
            return Vec::new();
        };
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Tab => *in_path = !*in_path,
            KeyCode::Enter if *in_path => {
                *complaint = None;
                let path = path.value().trim();
                if !path.is_empty() {
                    return vec![Effect::ReadIds(path.into())];
                }
            }
            KeyCode::Char('d') if control => {
                let text = area.lines().join("\n");
                self.imported.matched = Some("a pasted list".to_owned());
                self.match_entries(&text);
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

    /// The file that was named is read, or can't be.
    pub(in crate::tui) fn ids_read(&mut self, read: Result<String, String>) {
        let Mode::Import(dialog) = &mut self.mode else {
            return;
        };
        match (read, &mut **dialog) {
            (Ok(text), ImportDialog::Text { path, .. }) => {
                self.imported.matched = Some(format!("the file {}", path.value().trim()));
                self.match_entries(&text);
            }
            (Err(why), ImportDialog::Text { complaint, .. }) => *complaint = Some(why),
            (_, ImportDialog::Report(_)) => {}
        }
    }

    fn match_entries(&mut self, text: &str) {
        let import = Import::read(text, &self.list);
        if import.entries.is_empty() {
            if let Mode::Import(dialog) = &mut self.mode
                && let ImportDialog::Text { complaint, .. } = &mut **dialog
            {
                *complaint = Some("there is nothing in it".to_owned());
            }
            return;
        }
        let Mode::Import(before) = std::mem::replace(&mut self.mode, Mode::Browse) else {
            return;
        };
        let report = Report::new(import, *before, |id| self.is_markable(id));
        self.mode = Mode::Import(Box::new(ImportDialog::Report(report)));
    }

    fn report_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Import(dialog) = &mut self.mode else {
            return Vec::new();
        };
        let ImportDialog::Report(report) = &mut **dialog else {
            return Vec::new();
        };
        if report.asking {
            match key.code {
                KeyCode::Char('a') => self.mark_imported(false),
                KeyCode::Char('r') => self.mark_imported(true),
                KeyCode::Esc => report.asking = false,
                _ => {}
            }
            return Vec::new();
        }
        let last = report.import.entries.len().saturating_sub(1);
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => report.at = (report.at + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => report.at = report.at.saturating_sub(1),
            KeyCode::PageDown => report.at = (report.at + 10).min(last),
            KeyCode::PageUp => report.at = report.at.saturating_sub(10),
            KeyCode::Char(' ') => {
                if let Some(&Meaning::Matched(id)) = report.meaning()
                    && self.list.device(id).problem().is_none()
                {
                    report.toggle(id);
                }
                report.at = (report.at + 1).min(last);
            }
            KeyCode::Enter => {
                if let Some(Meaning::Several(_) | Meaning::Ambiguous(_)) = report.meaning() {
                    report.candidate = Some(0);
                }
            }
            KeyCode::Char('m') => {
                if report.chosen.is_empty() {
                    // That nothing is chosen stands above the entries.
                } else if self.marks.is_empty() {
                    self.mark_imported(false);
                } else {
                    report.asking = true;
                }
            }
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

    fn candidates_key(&mut self, key: &KeyEvent) {
        let Mode::Import(dialog) = &mut self.mode else {
            return;
        };
        let ImportDialog::Report(report) = &mut **dialog else {
            return;
        };
        let candidates = report.candidates();
        let at = report.candidate.unwrap_or(0);
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => {
                report.candidate = Some((at + 1).min(candidates.len().saturating_sub(1)));
            }
            KeyCode::Up | KeyCode::Char('k') => report.candidate = Some(at.saturating_sub(1)),
            KeyCode::Char(' ') => {
                if let Some(&id) = candidates.get(at)
                    && self.list.device(id).problem().is_none()
                {
                    report.toggle(id);
                }
            }
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => report.candidate = None,
            _ => {}
        }
    }

    fn mark_imported(&mut self, replace: bool) {
        let Mode::Import(dialog) = std::mem::replace(&mut self.mode, Mode::Browse) else {
            return;
        };
        let ImportDialog::Report(report) = *dialog else {
            return;
        };
        let mut ids: Vec<DeviceId> = report
            .chosen
            .into_iter()
            .filter(|&id| self.list.device(id).problem().is_none())
            .collect();
        ids.sort_unstable();
        let count = ids.len() as u64;
        let are_all = replace || self.marks.is_empty();
        if replace {
            let other: Vec<DeviceId> = self
                .marks
                .iter()
                .filter(|id| ids.binary_search(id).is_err())
                .collect();
            let added = ids.into_iter().filter(|&id| !self.marks.contains(id));
            let turned: Vec<DeviceId> = other.into_iter().chain(added).collect();
            self.marks.toggle(turned);
        } else {
            self.marks.set(ids, true);
        }
        self.imported.marked = self.imported.matched.take();
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
    /// What the entry under the cursor means.
    pub fn meaning(&self) -> Option<&Meaning> {
        Some(&self.import.entries.get(self.at)?.meaning)
    }

    /// The devices that the entry under the cursor could mean.
    pub fn candidates(&self) -> Vec<DeviceId> {
        match self.meaning() {
            Some(Meaning::Several(devices) | Meaning::Ambiguous(devices)) => devices.clone(),
            _ => Vec::new(),
        }
    }

    fn toggle(&mut self, id: DeviceId) {
        if !self.chosen.remove(&id) {
            self.chosen.insert(id);
        }
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
