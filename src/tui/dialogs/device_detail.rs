//! `enter` on a row: everything that is known of a device.

mod render;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::device::Hwid;
use crate::journal::Found;
use crate::list::{DeviceId, DeviceList, RawRecord};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::identity::{Identity, Subject};
use crate::tui::input::dialog_keys::{
    DISMISS, DialogKey, Hint, MOTION, Section, command, hints, key,
};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::list_cursor::ListCursor;

/// The device, and what was read of it so far.
#[derive(Debug)]
pub struct DeviceDetail {
    /// Which device.
    pub subject: Subject,
    /// Its rows as the list has them, once read.
    pub records: Option<Result<Vec<RawRecord>, BackendError>>,
    /// Its outcomes in all runs of the journal, once read.
    pub outcomes: Option<Result<Vec<Found>, BackendError>>,
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

    /// The detail of a device of the list, and the effects that read what it shows.
    pub fn of_listed(device: DeviceId, list: &DeviceList) -> (Self, [Effect; 2]) {
        let subject = Subject::Listed(device);
        let entry = list.device(device);
        let identity = Identity {
            // The list keeps only HWIDs that can be sent.
            hwid: entry.hwid().and_then(|hwid| Hwid::parse(hwid).ok()),
            macs: entry.macs().collect(),
        };
        let effects = [Effect::Outcomes(subject, identity), Effect::Record(device)];
        (Self::new(subject), effects)
    }

    /// The detail of a device of a run that the list doesn't hold, and the effect that reads what it
    /// shows.
    pub fn of_run(run: &RunView, ordinal: u32) -> Option<(Self, Effect)> {
        let device = run.devices.get(ordinal as usize)?;
        let subject = Subject::OfRun(run.id, ordinal);
        let identity = Identity {
            hwid: device.hwid.clone(),
            macs: device.macs.clone(),
        };
        Some((Self::new(subject), Effect::Outcomes(subject, identity)))
    }

    /// Nothing has been read of the device yet.
    fn new(subject: Subject) -> Self {
        Self {
            subject,
            records: None,
            outcomes: None,
            scroll: ListCursor::default(),
        }
    }
}

impl Component for DeviceDetail {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Scroll) => {
                let count = self.lines(context).len();
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

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        self.draw(frame, area, context);
    }
}
