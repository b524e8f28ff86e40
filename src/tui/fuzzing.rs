//! Exposes the terminal UI's input to the fuzz targets; not for other use.
//!
//! A [`Keyboard`] is the app with the escape filter in front of it and a simulated clock. It answers
//! the app's requests from its list alone, without a journal or a tenant. The invariants are in
//! `fuzz/checks.rs`.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::config::{BaseTheme, Ui};
use crate::domain::action::Action;
use crate::domain::device::IdentifyBy;
use crate::domain::rate_limit::Budget;
use crate::domain::run::RunId;
use crate::domain::target::Target;
use crate::fetch::FetchDestination;
use crate::import::ImportContent;
use crate::list::{DeviceId, DeviceList, ReadOptions};
use crate::plan::protection::{Protection, Rules};
use crate::plan::{
    CallSizes, EarlierDevices, Guards, MatchedFrom, Plan, PlanRequest, build as build_plan,
};
use crate::platform::clock::{BootTime, Now};
use crate::tui::answer::{Answer, Planned};
use crate::tui::app::App;
use crate::tui::app_host::jobs::do_row_job;
use crate::tui::context::SessionConfig;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::import_source::{ImportSource, Matched};
use crate::tui::input::escape_filter::EscapeSequenceFilter;
use crate::tui::input::keymap::KeyMap;
use crate::tui::job::{Job, PlanSource};
use crate::tui::message::Message;
use crate::tui::opened_list::Opened;
use crate::tui::render::render;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::widgets::theme::{ColourDepth, Theme};

/// A key, as far as the fuzz targets press it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Character(char),
    /// A letter with ctrl.
    Control(char),
    /// A letter with alt.
    Alt(char),
    Enter,
    /// `esc`, or the first byte of a sequence that was split.
    Escape,
    Tab,
    Backspace,
    Up,
    Down,
    Left,
    Right,
    /// `pagedown`.
    PageDown,
    Home,
    End,
}

/// What happened to the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The escape filter gave it a key.
    Delivered(Key),
    /// It received a plan of these identifiers.
    Planned(Vec<String>),
    /// It started a run of these identifiers.
    Started(Vec<String>),
}

/// The app and its input.
#[derive(Debug)]
pub struct Keyboard {
    app: App,
    filter: EscapeSequenceFilter,
    now: Now,
    /// The same moment as the boot time zero.
    start: Instant,
    /// Pressed keys that the filter may still hold.
    happened: Vec<Happened>,
}

impl Keyboard {
    /// The app on a list, with a screen of this many columns and rows.
    pub fn new(list: &Arc<DeviceList>, size: (u16, u16)) -> Self {
        let now = Now {
            wall: wall(),
            boot: BootTime(1_000_000),
        };
        Self {
            app: app_on(list.clone(), size, now),
            filter: EscapeSequenceFilter::default(),
            now,
            start: Instant::now(),
            happened: Vec::new(),
        }
    }

    /// Presses a key now, and returns what happened since the last call.
    pub fn press(&mut self, key: Key) -> Vec<Happened> {
        let keys = self.filter.feed(key.event(), self.instant());
        self.deliver(keys);
        std::mem::take(&mut self.happened)
    }

    /// Pastes text with its brackets.
    pub fn paste(&mut self, text: &str) {
        self.filter.pasted(self.instant());
        self.send(Message::Paste(text.to_owned(), self.now));
    }

    /// Changes the terminal's size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.send(Message::Resized(columns, rows));
    }

    /// Draws a frame, which reaches the terminal at once.
    pub fn draw(&mut self) {
        let (columns, rows) = self.app.context.size;
        self.send(Message::Rendered);
        let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, rows));
        let Ok(_) = terminal.draw(|frame| render(frame, &self.app));
        self.send(Message::Drawn(self.now));
    }

    /// Lets this much time pass.
    pub fn wait(&mut self, milliseconds: u64) {
        let span = Duration::from_millis(milliseconds);
        self.now.boot = self.now.boot + span;
        self.now.wall += span;
        let released = self.filter.release(self.instant());
        self.deliver(released.into_iter().collect());
        self.send(Message::Tick(self.now));
    }

    fn instant(&self) -> Instant {
        self.start + Duration::from_millis(u64::try_from(self.now.boot.0).unwrap_or_default())
    }

    fn deliver(&mut self, keys: Vec<KeyEvent>) {
        for key in keys {
            self.happened.extend(Key::of(key).map(Happened::Delivered));
            self.send(Message::Key(key, self.now));
        }
    }

    fn send(&mut self, message: Message) {
        let mut messages = vec![message];
        while let Some(message) = messages.pop() {
            for effect in self.app.update(message) {
                if let Effect::Start(confirmed) = &effect {
                    self.happened
                        .push(Happened::Started(identifiers(confirmed.plan())));
                }
                let answer = answer(&self.app, effect);
                if let Some(Answer::Planned {
                    planned: Ok(planned),
                    ..
                }) = &answer
                {
                    self.happened
                        .push(Happened::Planned(identifiers(&planned.plan)));
                }
                messages.extend(answer.map(Message::from));
            }
        }
    }
}

impl Key {
    fn event(self) -> KeyEvent {
        let (code, modifiers) = match self {
            Self::Character(character) => (KeyCode::Char(character), KeyModifiers::NONE),
            Self::Control(letter) => (KeyCode::Char(letter), KeyModifiers::CONTROL),
            Self::Alt(letter) => (KeyCode::Char(letter), KeyModifiers::ALT),
            Self::Enter => (KeyCode::Enter, KeyModifiers::NONE),
            Self::Escape => (KeyCode::Esc, KeyModifiers::NONE),
            Self::Tab => (KeyCode::Tab, KeyModifiers::NONE),
            Self::Backspace => (KeyCode::Backspace, KeyModifiers::NONE),
            Self::Up => (KeyCode::Up, KeyModifiers::NONE),
            Self::Down => (KeyCode::Down, KeyModifiers::NONE),
            Self::Left => (KeyCode::Left, KeyModifiers::NONE),
            Self::Right => (KeyCode::Right, KeyModifiers::NONE),
            Self::PageDown => (KeyCode::PageDown, KeyModifiers::NONE),
            Self::Home => (KeyCode::Home, KeyModifiers::NONE),
            Self::End => (KeyCode::End, KeyModifiers::NONE),
        };
        KeyEvent::new(code, modifiers)
    }

    fn of(event: KeyEvent) -> Option<Self> {
        let key = match event.code {
            KeyCode::Char(letter) if event.modifiers == KeyModifiers::CONTROL => {
                Self::Control(letter)
            }
            KeyCode::Char(letter) if event.modifiers == KeyModifiers::ALT => Self::Alt(letter),
            KeyCode::Char(character) => Self::Character(character),
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Escape,
            KeyCode::Tab => Self::Tab,
            KeyCode::Backspace => Self::Backspace,
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::Left => Self::Left,
            KeyCode::Right => Self::Right,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            _ => return None,
        };
        Some(key)
    }
}

fn identifiers(plan: &Plan) -> Vec<String> {
    let devices = plan.devices.iter();
    devices
        .map(|device| device.identifier.to_string())
        .collect()
}

/// The app on a list that can be sent.
pub(in crate::tui) fn app_on(list: Arc<DeviceList>, size: (u16, u16), now: Now) -> App {
    let columns = Ui::default().columns;
    let settings = SessionConfig {
        target: Some(TARGET.clone()),
        read_only: false,
        max_devices: 500,
        budget: Budget::per_minute(NonZeroU32::MIN.saturating_add(9)),
        demo: false,
        finish_on_hangup: false,
        licences: None,
        static_token: false,
        approvals: 0,
        open_runs: vec![],
        away: vec![],
        columns: Columns::from_names(columns.iter().map(String::as_str)),
        keys: KeyMap::default(),
        filters: vec![],
        fetch: Ok(FetchDestination::default_for(
            "/state".as_ref(),
            "production",
        )),
        theme: Theme::new(BaseTheme::Mono, ColourDepth::None, false),
    };
    let opened = Opened {
        list,
        path: Some("/lists/devices.csv".into()),
        view_path: Some("/state/screens/devices.json".into()),
        saved_view: None,
        protection: Arc::default(),
        holds_version: None,
        removed: HashMap::new(),
        forbidden: None,
        notices: vec![],
        assigned: vec![],
    };
    App::new(opened, settings, now, size)
}

/// Answers an effect from the open list alone. None for what only a journal, a file or the engine
/// could answer.
pub(in crate::tui) fn answer(app: &App, effect: Effect) -> Option<Answer> {
    let list = &app.context.list.devices;
    match effect {
        Effect::Rows(job) => Some(do_row_job(job, list)),
        Effect::Job(Job::Plan {
            request_id,
            action,
            source,
        }) => Some(Answer::Planned {
            request_id,
            planned: Ok(Box::new(Planned::new(plan(app, action, &source), list))),
        }),
        Effect::Job(Job::ReadIds {
            request_id,
            ids: ids @ ImportSource::Pasted(_),
        }) => Some(Answer::IdsRead {
            request_id,
            matched: matched(app, ids.read("/".as_ref(), &ReadOptions::default())),
        }),
        Effect::Job(Job::Record(device)) => Some(Answer::Record(
            device,
            list.record(device).map_err(BackendError::from),
        )),
        _ => None,
    }
}

/// What was read, looked up in the open list.
pub(in crate::tui) fn matched(
    app: &App,
    read: Result<ImportContent, BackendError>,
) -> Result<Box<Matched>, BackendError> {
    let named = read?;
    Ok(Box::new(Matched {
        import: named.look_up(&app.context.list.devices),
        from: MatchedFrom::of(&named),
    }))
}

pub(in crate::tui) fn plan(app: &App, action: Action, source: &PlanSource) -> Plan {
    let (selection, again, retried) = match source {
        PlanSource::Selection(devices) => (&devices[..], &[][..], vec![]),
        PlanSource::Retry(run, devices) => (&[][..], &devices[..], vec![*run]),
    };
    let list = &app.context.list;
    build_plan(&PlanRequest {
        retry_targets: again,
        retried_runs: &retried,
        protection: &list.protection,
        ..request(&list.devices, selection, action)
    })
}

/// A request for a plan that sends these devices to a tenant of no earlier runs.
pub(in crate::tui) fn request<'a>(
    list: &'a DeviceList,
    selection: &'a [DeviceId],
    action: Action,
) -> PlanRequest<'a> {
    PlanRequest {
        id: RunId::from_bytes([7; 16]),
        list,
        selection,
        action,
        identify_by: IdentifyBy::Auto,
        target: &TARGET,
        sizes: CallSizes {
            batch: 50,
            canary: 5,
        },
        bare_identifiers: &[],
        retry_targets: &[],
        rules: &RULES,
        protection: &PROTECTION,
        earlier: &EARLIER,
        list_time: list.time(),
        skip_removed: false,
        retried_runs: &[],
        now: wall(),
        guards: Guards::default(),
        last_planned: None,
        oldest: None,
        query: None,
        criterion: &crate::plan::Criterion::None,
        note: None,
    }
}

static TARGET: LazyLock<Target> = LazyLock::new(|| Target {
    tenant: "https://gears.opswat.com".to_owned(),
    account: None,
    profile: "production".to_owned(),
});
static RULES: LazyLock<Rules> = LazyLock::new(Rules::default);
static PROTECTION: LazyLock<Protection> = LazyLock::new(Protection::default);
static EARLIER: LazyLock<EarlierDevices> = LazyLock::new(EarlierDevices::default);

/// 2026-11-23 10:00 UTC.
pub(in crate::tui) fn wall() -> Timestamp {
    Timestamp::from_second(1_795_428_000).unwrap_or_default()
}
