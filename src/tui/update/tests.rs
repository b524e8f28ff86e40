//! Keys in, state and effects out.

use crate::plan::Removal;
use crate::tui::dialogs::{Confirmation, DeleteDialog, Dialog};
use crate::tui::error::BackendError;
use crate::tui::import_source::ImportSource;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::action::Action;
use crate::domain::outcome::{DeviceState, Doubt, Failure, Outcome};
use crate::domain::rate_limit::BudgetStatus;
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::domain::target::Target;
use crate::engine::{Control, Report};
use crate::fetch::FetchDestination;
use crate::import::ImportContent;
use crate::list::{DeviceId, DeviceList, Field, ReadOptions};
use crate::platform::clock::{BootTime, Now};
use crate::runner::{News, Update};
use crate::tui::answer::{Answer, HeldDevices};
use crate::tui::app::App;
use crate::tui::call_detail::CallDetail;
use crate::tui::column::Column;
use crate::tui::effect::Effect;
use crate::tui::fuzzing::{self, wall};
use crate::tui::input::commands::View;
use crate::tui::input::keymap::KeyMap;
use crate::tui::job::{Job, PlanSource, RowJob, RunJob};
use crate::tui::message::Message;
use crate::tui::opened_list::Opened;
use crate::tui::screens::failures::lines::FailureLine;
use crate::tui::screens::run::groups::FailureGroup;

mod announcing;
mod arriving;
mod browsing;
mod columns;
mod confirming;
mod copying;
mod failures;
pub(crate) mod fetching;
mod filtering;
mod history;
mod holding;
mod importing;
mod keys;
mod leaving;
mod marking;
mod messages;
mod mouse;
mod observing;
mod opened_run;
mod other_identifier;
mod panels;
mod previewing;
mod rechecking;
mod retrying;
pub(crate) mod reviewing;
mod run_ends;
mod run_view;
mod running;
mod saved_view;
mod saving_filters;
mod typed_ahead;
pub(crate) mod verifying;

const LIST: &str = "hwid,mac,hostname,os,status,group,last seen\n\
    h1,00:0c:29:cd:c7:b2,LT-1,Windows 11,compliant,Sales,2026-11-20T10:00:00Z\n\
    h2,00:0c:29:00:00:02,LT-2,Windows 10,pending,Finance,2026-08-01T10:00:00Z\n\
    ,,NAMELESS,Windows 10,pending,Finance,2026-08-01T10:00:00Z\n\
    h4,00:0c:29:00:00:04,SRV-4,Windows 10,compliant,Sales,2026-07-01T10:00:00Z\n\
    h5,00:0c:29:00:00:05,LT-5,Windows 11,compliant,Lab,2026-06-01T10:00:00Z\n";

/// The app, with a world that answers its effects at once.
pub(crate) struct Operator {
    pub(crate) app: App,
    pub(crate) effects: Vec<Effect>,
    /// Plans are computed only on request.
    plans_late: bool,
    /// Rows are found only on request.
    searches_late: bool,
    pub(crate) counts_late: bool,
    late: Vec<Answer>,
    /// What the journal has of the run's calls.
    pub(crate) calls: Vec<CallDetail>,
    /// How the holds are when they are looked at next, and how often they were.
    held: Option<HeldDevices>,
    looks_at_holds: usize,
    /// How often the budget was asked for.
    budget_reports: usize,
    pub(crate) now: Now,
}

/// What an earlier run did to a device of the list.
pub(crate) fn archived() -> Removal {
    Removal {
        run: RunId::from_bytes([7; 16]),
        action: Action::Archive,
    }
}

pub(crate) fn operator() -> Operator {
    operator_on(LIST, (120, 40))
}

pub(crate) fn operator_on(list: &str, size: (u16, u16)) -> Operator {
    let list = DeviceList::read_bytes("devices.csv", list.as_bytes()).expect("a list");
    let now = Now {
        wall: wall(),
        boot: BootTime(1_000_000),
    };
    let mut app = fuzzing::app_on(Arc::new(list), size, now);
    app.context.runs.budget_status = Some(BudgetStatus {
        others: 0,
        limit: 10,
        left: 10,
        next: None,
    });
    Operator {
        app,
        effects: vec![],
        plans_late: false,
        searches_late: false,
        counts_late: false,
        late: vec![],
        calls: vec![],
        held: None,
        looks_at_holds: 0,
        budget_reports: 0,
        now,
    }
}

fn target() -> Target {
    Target {
        tenant: "https://gears.opswat.com".to_owned(),
        account: None,
        profile: "production".to_owned(),
    }
}

impl Operator {
    /// The message line; empty without a message.
    pub(crate) fn status(&self) -> String {
        self.app.context.status.clone().unwrap_or_default()
    }

    pub(crate) fn send(&mut self, message: impl Into<Message>) {
        for effect in self.app.update(message.into()) {
            if let Effect::Job(Job::ReadHolds { .. }) = effect {
                self.looks_at_holds += 1;
                let held = self.held.take();
                self.send(Answer::Held(Ok(held)));
                continue;
            }
            if effect == Effect::ReportBudget {
                self.budget_reports += 1;
                continue;
            }
            let is_late_count =
                self.counts_late && matches!(effect, Effect::Rows(RowJob::CountQueries { .. }));
            let is_count = matches!(
                effect,
                Effect::Rows(
                    RowJob::Count { .. } | RowJob::CountQueries { .. } | RowJob::Complete(_)
                )
            );
            if is_late_count || !is_count {
                self.effects.push(effect.clone());
            }
            if is_late_count {
                continue;
            }
            if let Effect::Runs(RunJob::Explain(run)) = effect {
                self.send(Answer::Explained(run, self.calls.clone()));
                continue;
            }
            let Some(answer) = fuzzing::answer(&self.app, effect) else {
                continue;
            };
            let is_late = match &answer {
                Answer::Found { .. } => self.searches_late,
                Answer::Planned { .. } => self.plans_late,
                _ => false,
            };
            if is_late {
                self.late.push(answer);
            } else {
                self.send(answer);
            }
        }
    }

    /// The file that was requested last has this text, or can't be read.
    pub(crate) fn reads(&mut self, read: Result<&[u8], &str>) {
        let (request_id, path) = self
            .effects
            .iter()
            .rev()
            .find_map(|effect| match effect {
                Effect::Job(Job::ReadIds {
                    request_id,
                    ids: ImportSource::File(path),
                }) => Some((*request_id, path.display().to_string())),
                _ => None,
            })
            .expect("a file was requested");
        let options = ReadOptions::default();
        let named = read
            .map_err(|error| BackendError::Command(anyhow::Error::msg(error.to_owned())))
            .and_then(|bytes| Ok(ImportContent::of_bytes(&path, bytes, &options)?));
        let matched = fuzzing::matched(&self.app, named);
        self.send(Answer::IdsRead {
            request_id,
            matched,
        });
    }

    /// A frame is drawn and this much time passes.
    pub(crate) fn wait(&mut self, milliseconds: u64) {
        self.send(Message::Rendered);
        self.send(Message::Drawn(self.now));
        let span = Duration::from_millis(milliseconds);
        self.now.boot = self.now.boot + span;
        self.now.wall += span;
        self.send(Message::Tick(self.now));
    }

    fn catch_up(&mut self) {
        while !self.late.is_empty() {
            for message in std::mem::take(&mut self.late) {
                self.send(message);
            }
        }
    }

    fn code(&mut self, code: KeyCode) {
        self.now.boot = self.now.boot + Duration::from_millis(100);
        // Between two keys of a hand the screen is drawn; where a count is typed, `wait` draws it.
        if !self.app.is_confirming() {
            self.send(Message::Rendered);
            self.send(Message::Drawn(self.now));
        }
        self.code_at_once(code);
    }

    /// A key that comes in one burst with what came before.
    fn code_at_once(&mut self, code: KeyCode) {
        self.send(Message::Key(
            KeyEvent::new(code, KeyModifiers::NONE),
            self.now,
        ));
    }

    pub(crate) fn control(&mut self, character: char) {
        self.now.boot = self.now.boot + Duration::from_millis(100);
        let key = KeyEvent::new(KeyCode::Char(character), KeyModifiers::CONTROL);
        self.send(Message::Key(key, self.now));
    }

    /// Presses keys at a hand's pace: `\n` is enter, `\u{1b}` esc, `\t` tab.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for character in keys.chars() {
            self.code(match character {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                '\u{8}' => KeyCode::Backspace,
                character => KeyCode::Char(character),
            });
        }
        self
    }

    /// The open list, as it is opened without a saved view.
    pub(crate) fn opened(&self) -> Opened {
        let (list, info) = (&self.app.context.list, &self.app.context.info);
        Opened {
            list: list.devices.clone(),
            path: info.path.clone(),
            view_path: info.view_path.clone(),
            saved_view: None,
            protection: list.protection.clone(),
            holds_version: self.app.context.holds.version,
            removed: HashMap::new(),
            forbidden: info.forbidden.clone(),
            notices: vec![],
            assigned: info.assigned.clone(),
        }
    }

    /// The program starts anew on this list.
    pub(crate) fn start_on(&mut self, opened: Opened) {
        let facts = self.app.context.settings.clone();
        self.app = App::new(opened, facts, self.now, self.app.context.size);
    }
}
