//! `enter` on a row: everything that is known of a device.

mod render;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::device::Hwid;
use crate::journal::Found;
use crate::list::RawRecord;
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::effect::Effect;
use crate::tui::identity::{Identity, Subject};
use crate::tui::input::commands::View;
use crate::tui::input::dialog_keys::{
    DISMISS, DialogKey, Hint, MOTION, Section, command, hints, key,
};
use crate::tui::screens::run::state::FailureLine;
use crate::tui::widgets::list_cursor::ListCursor;

/// The device, and what was read of it so far.
#[derive(Clone, Debug)]
pub struct DeviceDetail {
    /// Which device.
    pub subject: Subject,
    /// Its rows as they stand in the list, once read.
    pub records: Option<Result<Vec<RawRecord>, String>>,
    /// Its outcomes in all runs of the journal, once read.
    pub outcomes: Option<Result<Vec<Found>, String>>,
    /// The first line shown.
    pub scroll: ListCursor,
}

#[derive(Clone, Copy)]
enum Command {
    Scroll,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key(
        "↑↓",
        MOTION,
        Command::Scroll,
        "scroll",
        "scroll; g to the top",
    ),
    key("esc", DISMISS, Command::Back, "back", ""),
];

impl DeviceDetail {
    pub(super) const HELP: Section = Section {
        title: "a device's detail (enter)",
        hints: || hints(KEYS),
    };
}

impl Component for DeviceDetail {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        match command(KEYS, key) {
            Some(Command::Scroll) => {
                let count = self.lines(app).len();
                self.scroll.on_key(key, count);
                Response::stay()
            }
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        self.draw(frame, area, app);
    }
}

impl App {
    pub(in crate::tui) fn detail(&mut self) -> Vec<Effect> {
        let subject = match self.view {
            View::Failures => self.failed_device(),
            _ => self.current().map(Subject::Listed),
        };
        let Some(subject) = subject else {
            if self.view == View::Failures {
                self.context.status = Some("go to a device: a group has no detail".to_owned());
            }
            return Vec::new();
        };
        let Some(identity) = self.identity(subject) else {
            return Vec::new();
        };
        self.open(DeviceDetail {
            subject,
            records: None,
            outcomes: None,
            scroll: ListCursor::default(),
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
        let FailureLine::Device(ordinal) = *self.failure_lines().get(self.failures.cursor)? else {
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
                let device = self.context.list.devices.device(id);
                Some(Identity {
                    // The list keeps only HWIDs that can be sent.
                    hwid: device.hwid().and_then(|hwid| Hwid::parse(hwid).ok()),
                    macs: device.macs().collect(),
                })
            }
            Subject::OfRun(run, ordinal) => {
                let run = self.context.runs.find(run)?;
                let device = run.devices.get(ordinal as usize)?;
                Some(Identity {
                    hwid: device.hwid.clone(),
                    macs: device.macs.clone(),
                })
            }
        }
    }
}
