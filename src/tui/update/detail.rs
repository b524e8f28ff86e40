//! Looking closer at a row, and copying from it.

use crossterm::event::{KeyCode, KeyEvent};

use crate::list::DeviceId;
use crate::text::visible;
use crate::tui::app::{App, Detail, FailureLine, Help, Mode};
use crate::tui::keys::View;
use crate::tui::message::Effect;
use crate::tui::view;

impl App {
    pub(super) fn help_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Help(help) = &mut self.mode else {
            return Vec::new();
        };
        if help.typing {
            match key.code {
                KeyCode::Char(character) if !character.is_control() => help.wanted.push(character),
                KeyCode::Backspace => {
                    help.wanted.pop();
                }
                KeyCode::Enter => help.typing = false,
                KeyCode::Esc => *help = Help::default(),
                _ => {}
            }
            help.top = 0;
            return Vec::new();
        }
        match key.code {
            KeyCode::Char('/') => help.typing = true,
            KeyCode::Down | KeyCode::Char('j') => help.top += 1,
            KeyCode::Up | KeyCode::Char('k') => help.top = help.top.saturating_sub(1),
            KeyCode::PageDown => help.top += 10,
            KeyCode::PageUp => help.top = help.top.saturating_sub(10),
            KeyCode::Esc if !help.wanted.is_empty() => *help = Help::default(),
            KeyCode::Esc | KeyCode::Char('q' | '?') | KeyCode::Enter => {
                self.mode = Mode::Browse;
                return Vec::new();
            }
            _ => {}
        }
        let last = view::last_help_line(self);
        if let Mode::Help(help) = &mut self.mode {
            help.top = help.top.min(last);
        }
        Vec::new()
    }

    pub(super) fn detail(&mut self) -> Vec<Effect> {
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
            outcomes: None,
            scroll: 0,
        });
        let mut effects = vec![Effect::Record(device), Effect::Outcomes(device)];
        effects.extend(self.reviewed().map(|run| Effect::Explain(run.id)));
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

    pub(super) fn copy_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        self.mode = Mode::Browse;
        let id = match self.view {
            View::Failures => self.failed_device(),
            _ => self.current(),
        };
        let Some(id) = id else { return Vec::new() };
        let device = self.list.device(id);
        // Identifiers hold nothing deceptive. What else is pasted into a shell some day must not
        // hold a line break either.
        let (what, copied) = match key.code {
            KeyCode::Char('h') => ("HWID", device.hwid().unwrap_or_default().to_owned()),
            KeyCode::Char('m') => (
                "MAC",
                device
                    .macs()
                    .next()
                    .map_or(String::new(), |mac| mac.to_string()),
            ),
            KeyCode::Char('n') => ("name", visible(device.hostname()).into_owned()),
            KeyCode::Char('l') => {
                let fields = crate::list::Field::ALL
                    .iter()
                    .map(|&field| visible(&device.text(field)).into_owned());
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
    pub(super) fn failed_device(&self) -> Option<DeviceId> {
        match self.failure_lines().get(self.failures.at)? {
            FailureLine::Device(ordinal) => *self.reviewed()?.sources.get(*ordinal as usize)?,
            FailureLine::Group(..) => None,
        }
    }
}
