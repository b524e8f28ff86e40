//! `enter` on a row: everything that is known of a device, in a panel that follows the cursor of the
//! table; again over the whole screen.

mod explanation;
mod facts;
mod render;
mod rows;

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::run::RunId;
use crate::journal::{FoundDevice, StoredRecord};
use crate::list::{DeviceId, RawRecord};
use crate::plan::PlannedDevice;
use crate::plan::explain::Explanation;
use crate::platform::clock::BootTime;
use crate::query::Query;
use crate::tui::answer::Answer;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::identity::{DeviceRef, Identity};
use crate::tui::input::commands as input;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC_OR_Q, Hint, MOTION, SPACE, Section, command, hints, hints_where, key,
    letter,
};
use crate::tui::job::{Job, RunJob};
use crate::tui::request::Request;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;

/// The panel follows when the cursor has rested for this long: drawn anew for each row of a held key, it
/// would hold the table up on a slow line.
const REST: Duration = Duration::from_millis(120);

/// The device, and what was read of it so far.
#[derive(Debug)]
pub struct DeviceDetail {
    pub subject: DeviceRef,
    /// Its rows as the list has them, once read.
    records: Option<Result<Vec<RawRecord>, BackendError>>,
    /// Its rows as the run has them, once read, of a device of a run.
    full_record: Option<Result<StoredRecord, BackendError>>,
    /// The device of a run that was found in all runs.
    found: Option<Box<FoundDevice>>,
    /// Its outcomes in all runs of the journal, once read.
    outcomes: Option<Result<Vec<FoundDevice>, BackendError>>,
    /// Why it is, or isn't, selected, protected and planned, once worked out.
    pub explanation: Option<Result<Box<Explanation>, BackendError>>,
    /// The first line shown.
    pub scroll: ListCursor,
    /// What it shows is being read, of this device or of one that was shown before.
    is_reading: bool,
    /// When it shows the device under the cursor.
    follows: Option<BootTime>,
    place: Place,
    /// With its rows as the list has them.
    is_raw: bool,
}

/// Where it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Beside the table, whose cursor it follows.
    BesideTable,
    /// Over the table, under whose cursor its device is.
    OverTable,
    /// Over another screen: what acts on the table has no meaning here.
    OverScreen,
}

#[derive(Clone, Copy)]
enum Command {
    Move,
    Mark,
    Twin,
    Copy,
    LikeThis,
    Raw,
    Full,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "next device", "next device; full screen: scroll"),
    key("space", SPACE, Command::Mark, "mark", "mark or unmark the device"),
    key("enter", ENTER, Command::Full, "full screen", "toggle full screen, where ↑↓ scroll"),
    letter("t", Command::Twin, "twin", "next device with this host name or MAC"),
    letter("y", Command::Copy, "copy", "copy…"),
    letter("=", Command::LikeThis, "like this", "filter by one of its values…"),
    letter("J", Command::Raw, "raw rows", "show its rows as the list has them"),
    key("esc", ESC_OR_Q, Command::Back, "back", ""),
];

impl DeviceDetail {
    pub(super) const HELP: Section = Section {
        title: "a device's detail (enter)",
        hints: || hints(KEYS),
    };

    /// The detail of the device under the cursor of the table, and the effects that read what it shows.
    pub fn beside_table(device: DeviceId, context: &Context, query: &Query) -> (Self, [Effect; 3]) {
        let mut detail = Self::new(DeviceRef::Listed(device), Place::BesideTable);
        let effects = detail.read(device, context, query);
        (detail, effects)
    }

    fn read(&mut self, device: DeviceId, context: &Context, query: &Query) -> [Effect; 3] {
        self.is_reading = true;
        let entry = context.list.devices.device(device);
        let identity = Identity {
            hwid: entry.sent_hwid(),
            macs: entry.macs().collect(),
        };
        [
            Effect::Runs(RunJob::Outcomes(DeviceRef::Listed(device), identity)),
            Effect::Job(Job::Record(device)),
            Effect::Job(Job::ExplainDevice {
                device,
                query: query.clone(),
                known: Arc::new(DeviceStatusSnapshot::for_query(&context.list, query, false)),
            }),
        ]
    }

    /// The detail of a device of the list over another screen than the table, and the effects likewise.
    pub fn of_listed(device: DeviceId, context: &Context) -> (Self, [Effect; 3]) {
        let mut detail = Self::new(DeviceRef::Listed(device), Place::OverScreen);
        let effects = detail.read(device, context, &Query::default());
        (detail, effects)
    }

    /// True if it is drawn beside a table.
    pub fn is_beside_table(&self) -> bool {
        self.place == Place::BesideTable
    }

    /// Shows another device in place of a listed one. Returns the effects that read what it shows;
    /// none while another one is being read, so that a held key doesn't pile up work.
    pub fn follow(
        &mut self,
        device: DeviceId,
        context: &Context,
        query: &Query,
    ) -> Option<[Effect; 3]> {
        if self.subject == DeviceRef::Listed(device) || self.place == Place::OverScreen {
            return None;
        }
        *self = Self {
            is_raw: self.is_raw,
            is_reading: self.is_reading,
            ..Self::new(DeviceRef::Listed(device), self.place)
        };
        (!self.is_reading).then(|| self.read(device, context, query))
    }

    /// A device was explained, which is read last. Returns the effects that read the shown device, if
    /// that is another one by now.
    fn on_explained(
        &mut self,
        device: DeviceId,
        explanation: Result<Box<Explanation>, BackendError>,
        context: &Context,
        query: &Query,
    ) -> Option<[Effect; 3]> {
        self.is_reading = false;
        match self.subject {
            DeviceRef::Listed(shown) if shown == device => {
                self.explanation = Some(explanation);
                None
            }
            DeviceRef::Listed(shown) => Some(self.read(shown, context, query)),
            DeviceRef::OfRun(..) => None,
        }
    }

    /// The detail of a device of a run, as the open list has it if it does, and the effects that read
    /// what it shows.
    pub fn of_run(run: &RunView, ordinal: u32, context: &Context) -> Option<(Self, Vec<Effect>)> {
        if let Some(Some(device)) = run.sources.get(ordinal as usize) {
            let (detail, effects) = Self::of_listed(*device, context);
            return Some((detail, effects.to_vec()));
        }
        let device = run.devices.get(ordinal as usize)?;
        let (detail, effects) = Self::planned(run.id, ordinal, device);
        Some((detail, effects.to_vec()))
    }

    /// The detail with its rows of a device that was found in all runs, and the effects likewise.
    pub fn of_found(found: &FoundDevice) -> (Self, [Effect; 2]) {
        let (mut detail, effects) = Self::planned(found.run, found.ordinal, &found.record.device);
        detail.is_raw = true;
        detail.found = Some(Box::new(found.clone()));
        (detail, effects)
    }

    fn planned(run: RunId, ordinal: u32, device: &PlannedDevice) -> (Self, [Effect; 2]) {
        let subject = DeviceRef::OfRun(run, ordinal);
        let identity = Identity {
            hwid: device.hwid.clone(),
            macs: device.macs.clone(),
        };
        let effects = [
            Effect::Runs(RunJob::Outcomes(subject, identity)),
            Effect::Runs(RunJob::FullRecord(run, ordinal)),
        ];
        (Self::new(subject, Place::OverScreen), effects)
    }

    /// Nothing has been read of the device yet.
    fn new(subject: DeviceRef, place: Place) -> Self {
        Self {
            subject,
            records: None,
            full_record: None,
            found: None,
            outcomes: None,
            explanation: None,
            scroll: ListCursor::default(),
            is_reading: false,
            follows: None,
            place,
            is_raw: false,
        }
    }
}

impl Component for DeviceDetail {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints_where(KEYS, |command, hint| {
            match command {
                Command::Move if self.place != Place::BesideTable => hint.footer = "scroll",
                Command::Full if self.place == Place::OverTable => hint.footer = "beside the table",
                _ => {}
            }
            self.accepts(command)
        })
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let command = command(KEYS, key).filter(|&command| self.accepts(command));
        let is_beside_table = self.is_beside_table();
        let follows = &mut self.follows;
        let mut screen = |command| {
            *follows = Some(context.now.boot + REST);
            Response::stay().request(Request::OnScreen(command))
        };
        match command {
            Some(Command::Move) if is_beside_table => match motion(key) {
                Some(motion) => screen(motion),
                None => Response::stay(),
            },
            Some(Command::Move) => {
                // The borders, and a space at either side.
                let columns = self.columns(context, context.size.0.saturating_sub(4));
                let lines = columns.iter().map(|(_, lines)| lines.len()).max();
                let page = rows_on_screen(context);
                self.scroll.on_key_by(key, lines.unwrap_or(0), page);
                Response::stay()
            }
            Some(Command::Mark) => screen(input::Command::Mark),
            Some(Command::Twin) => screen(input::Command::Twin),
            Some(Command::Copy) => screen(input::Command::Copy),
            Some(Command::LikeThis) => screen(input::Command::LikeThis),
            Some(Command::Raw) => {
                self.is_raw = !self.is_raw;
                // In sight, however much is above them.
                self.scroll = if self.is_raw {
                    ListCursor::at(self.lines_above_rows(context))
                } else {
                    ListCursor::default()
                };
                self.follow_at_once()
            }
            Some(Command::Full) => {
                self.place = if is_beside_table {
                    Place::OverTable
                } else {
                    Place::BesideTable
                };
                self.scroll = ListCursor::default();
                self.follow_at_once()
            }
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn due(&self) -> Option<BootTime> {
        self.follows
    }

    fn on_due(&mut self, _: &mut Context) -> Response {
        self.follow_at_once()
    }

    fn on_interrupted_work(&mut self, _: &str) {
        // The next device is read again.
        self.is_reading = false;
    }

    fn covers_screen(&self) -> bool {
        !self.is_beside_table()
    }

    fn only_informs(&self) -> bool {
        true
    }

    fn offers_help(&self) -> bool {
        true
    }

    fn on_answer(
        &mut self,
        answer: Answer,
        context: &Context,
        query: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        let of = |run, ordinal| DeviceRef::OfRun(run, ordinal);
        match answer {
            Answer::Record(device, records) if self.subject == DeviceRef::Listed(device) => {
                self.records = Some(records);
            }
            Answer::FullRecord(run, ordinal, record) if self.subject == of(run, ordinal) => {
                self.full_record = Some(record);
            }
            Answer::Outcomes(subject, outcomes) if self.subject == subject => {
                self.outcomes = Some(outcomes);
            }
            Answer::DeviceExplained(device, explanation) => {
                let next = self.on_explained(device, explanation, context, query);
                return Ok(next.into_iter().flatten().collect());
            }
            answer => return Err(Box::new(answer)),
        }
        Ok(Vec::new())
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        self.draw(frame, area, context);
    }
}

impl DeviceDetail {
    /// Shows the device under the cursor, if that has moved.
    fn follow_at_once(&mut self) -> Response {
        match self.follows.take() {
            Some(_) => Response::stay().request(Request::FollowCursor),
            None => Response::stay(),
        }
    }

    /// True if a command does something here.
    fn accepts(&self, command: Command) -> bool {
        match command {
            Command::Move | Command::Raw | Command::Back => true,
            Command::Mark | Command::Twin | Command::Copy | Command::LikeThis | Command::Full => {
                self.place != Place::OverScreen
            }
        }
    }
}

/// What a motion key does to the cursor of the table.
fn motion(key: &KeyEvent) -> Option<input::Command> {
    let has_control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('f') if has_control => input::Command::PageDown,
        KeyCode::Char('b') if has_control => input::Command::PageUp,
        KeyCode::Char('d') if has_control => input::Command::HalfPageDown,
        KeyCode::Char('u') if has_control => input::Command::HalfPageUp,
        _ if has_control => return None,
        KeyCode::Up | KeyCode::Char('k') => input::Command::Up,
        KeyCode::Down | KeyCode::Char('j') => input::Command::Down,
        KeyCode::PageUp => input::Command::PageUp,
        KeyCode::PageDown => input::Command::PageDown,
        KeyCode::Home | KeyCode::Char('g') => input::Command::Top,
        KeyCode::End | KeyCode::Char('G') => input::Command::Bottom,
        _ => return None,
    })
}
