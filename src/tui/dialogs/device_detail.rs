//! Looking closer: at a row, and at the keys.

pub mod render;

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::device::Hwid;
use crate::tui::app::App;
use crate::tui::dialogs::help;
use crate::tui::input::commands::View;
use crate::tui::message::{Effect, Identity, Subject};
use crate::tui::mode::{Detail, Help, Mode};
use crate::tui::screens::run::state::FailureLine;

impl App {
    pub(in crate::tui) fn help_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
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
        let last = help::last_line(self);
        if let Mode::Help(help) = &mut self.mode {
            help.top = help.top.min(last);
        }
        Vec::new()
    }

    pub(in crate::tui) fn detail(&mut self) -> Vec<Effect> {
        let subject = match self.view {
            View::Failures => self.failed_device(),
            _ => self.current().map(Subject::Listed),
        };
        let Some(subject) = subject else {
            if self.view == View::Failures {
                self.status = Some("go to a device: a group has no detail".to_owned());
            }
            return Vec::new();
        };
        let Some(identity) = self.identity(subject) else {
            return Vec::new();
        };
        self.mode = Mode::Detail(Detail {
            subject,
            records: None,
            outcomes: None,
            scroll: 0,
        });
        let mut effects = vec![Effect::Outcomes(subject, identity)];
        if let Subject::Listed(device) = subject {
            effects.push(Effect::Record(device));
        }
        effects.extend(self.reviewed().map(|run| Effect::Explain(run.id)));
        effects
    }

    /// The failure under the cursor: the list's entry of it, else what its run showed.
    fn failed_device(&self) -> Option<Subject> {
        let FailureLine::Device(ordinal) = *self.failure_lines().get(self.failures.at)? else {
            return None;
        };
        let run = self.reviewed()?;
        Some(match *run.sources.get(ordinal as usize)? {
            Some(device) => Subject::Listed(device),
            None => Subject::OfRun(run.id, ordinal),
        })
    }

    /// By what the journal knows a device.
    fn identity(&self, subject: Subject) -> Option<Identity> {
        match subject {
            Subject::Listed(id) => {
                let device = self.list.device(id);
                Some(Identity {
                    // The list keeps only HWIDs that can be sent.
                    hwid: device.hwid().and_then(|hwid| Hwid::parse(hwid).ok()),
                    macs: device.macs().collect(),
                })
            }
            Subject::OfRun(run, ordinal) => {
                let run = self.runs.iter().find(|known| known.id == run)?;
                let device = run.devices.get(ordinal as usize)?;
                Some(Identity {
                    hwid: device.hwid.clone(),
                    macs: device.macs.clone(),
                })
            }
        }
    }

    pub(in crate::tui) fn detail_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
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
        let last = render::lines(self).len().saturating_sub(1);
        if let Mode::Detail(detail) = &mut self.mode {
            detail.scroll = detail.scroll.min(last);
        }
        Vec::new()
    }
}
