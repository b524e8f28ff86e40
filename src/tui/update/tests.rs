//! Keys in, state and effects out.

use crate::tui::dialogs::{Confirmation, DeleteDialog, Dialog};
use crate::tui::error::BackendError;
use crate::tui::import_source::{ImportSource, Matched};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::config::BaseTheme;
use crate::domain::action::Action;
use crate::domain::device::IdentifyBy;
use crate::domain::outcome::{DeviceState, Doubt, Failure, Outcome};
use crate::domain::rate_limit::{Budget, BudgetStatus};
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::domain::target::Target;
use crate::engine::{Control, Report};
use crate::fetch::FetchDestination;
use crate::import::Named;
use crate::list::{DeviceId, DeviceList, Field, ReadOptions};
use crate::plan::MatchedFrom;
use crate::plan::protection::{Protection, Rules};
use crate::plan::{CallSizes, EarlierDevices, PlanRequest, build};
use crate::platform::clock::{BootTime, Now};
use crate::runner::{News, Update};
use crate::tui::app::App;
use crate::tui::call_detail::CallDetail;
use crate::tui::column::Column;
use crate::tui::context::SessionConfig;
use crate::tui::effect::{Effect, PlanSource};
use crate::tui::input::commands::View;
use crate::tui::input::keymap::KeyMap;
use crate::tui::message::{Message, Planned};
use crate::tui::opened::Opened;
use crate::tui::overview::Index;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::search;
use crate::tui::screens::failures::lines::FailureLine;
use crate::tui::screens::run::groups::FailureGroup;
use crate::tui::widgets::theme::{ColourDepth, Theme};

mod browsing;
mod columns;
mod confirming;
mod failures;
pub(crate) mod fetching;
mod importing;
mod leaving;
mod observing;
mod panels;
mod retrying;
pub(crate) mod reviewing;
mod running;
mod saved_view;
mod typed_ahead;

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
    /// Plans are worked out only when told so.
    plans_late: bool,
    /// Rows are found only when told so.
    searches_late: bool,
    /// Filters are never counted.
    pub(crate) counts_late: bool,
    late: Vec<Message>,
    /// What the journal has of the run's calls.
    pub(crate) calls: Vec<CallDetail>,
    pub(crate) now: Now,
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
    let columns = crate::config::Ui::default().columns;
    let facts = SessionConfig {
        target: Some(target()),
        read_only: false,
        max_devices: 500,
        budget: Budget::per_minute(NonZeroU32::new(10).expect("positive")),
        demo: false,
        finish_on_hangup: false,
        licences: None,
        static_token: false,
        stopped_runs: vec![],
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
        list: Arc::new(list),
        path: Some("/lists/devices.csv".into()),
        view_path: Some("/state/screens/devices.json".into()),
        saved_view: None,
        protection: Arc::default(),
        removed: HashMap::new(),
        forbidden: None,
        notices: vec![],
    };
    let mut app = App::new(opened, facts, now, size);
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
        now,
    }
}

/// A request for a plan that sends these devices to [`target`].
pub(crate) fn request<'a>(
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
        bare: &[],
        again: &[],
        rules: &RULES,
        protection: &PROTECTION,
        earlier: &EARLIER,
        list_time: list.time(),
        skip_removed: false,
        retried: &[],
        now: wall(),
        guards: crate::plan::Guards::default(),
        last_planned: None,
        oldest: None,
        query: None,
        note: None,
    }
}

static TARGET: LazyLock<Target> = LazyLock::new(target);
static RULES: LazyLock<Rules> = LazyLock::new(Rules::default);
static PROTECTION: LazyLock<Protection> = LazyLock::new(Protection::default);
static EARLIER: LazyLock<EarlierDevices> = LazyLock::new(EarlierDevices::default);

fn wall() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().expect("a time")
}

fn target() -> Target {
    Target {
        tenant: "https://gears.opswat.com".to_owned(),
        account: None,
        profile: "production".to_owned(),
    }
}

impl Operator {
    pub(crate) fn tell(&mut self, message: Message) {
        for effect in self.app.update(message) {
            self.effects.push(effect.clone());
            match effect {
                Effect::Search {
                    search_id,
                    query,
                    sort,
                    known,
                } => {
                    let rows =
                        search::search(&self.app.context.list.devices, &query, &sort, &known);
                    let found = Message::Found { search_id, rows };
                    if self.searches_late {
                        self.late.push(found);
                    } else {
                        self.tell(found);
                    }
                }
                Effect::Count {
                    counted,
                    index,
                    rows,
                    known,
                } => {
                    let list = &self.app.context.list.devices;
                    let index = index.unwrap_or_else(|| Arc::new(Index::of(list, &*known)));
                    let counts = index.count(&rows, &known.marks);
                    self.effects.pop();
                    self.tell(Message::Counted {
                        counted,
                        index,
                        counts,
                    });
                }
                Effect::Complete(before) => {
                    let list = &self.app.context.list.devices;
                    let found = crate::query::complete(&before, list);
                    let values = found.map_or_else(Vec::new, |found| found.candidates);
                    self.effects.pop();
                    self.tell(Message::Completed(before, values));
                }
                Effect::CountQueries {
                    queries,
                    among_marked,
                    known,
                } => {
                    let list = &self.app.context.list.devices;
                    let counts = search::count_matches(list, &queries, among_marked, &known);
                    if !self.counts_late {
                        self.effects.pop();
                        self.tell(Message::QueriesCounted(counts));
                    }
                }
                Effect::Plan {
                    request_id,
                    action,
                    source,
                } => {
                    let plan = self.plan(action, &source);
                    let planned = Planned::new(plan, &self.app.context.list.devices);
                    let planned = Ok(Box::new(planned));
                    if self.plans_late {
                        self.late.push(Message::Planned {
                            request_id,
                            planned,
                        });
                    } else {
                        self.tell(Message::Planned {
                            request_id,
                            planned,
                        });
                    }
                }
                Effect::ReadIds {
                    request_id,
                    ids: ids @ ImportSource::Pasted(_),
                } => {
                    let matched = self.matched(ids.read("/".as_ref(), &ReadOptions::default()));
                    self.tell(Message::IdsRead {
                        request_id,
                        matched,
                    });
                }
                Effect::Explain(run) => {
                    self.tell(Message::Explained(run, self.calls.clone()));
                }
                Effect::Record(device) => {
                    let records = self
                        .app
                        .context
                        .list
                        .devices
                        .record(device)
                        .map_err(BackendError::from);
                    self.tell(Message::Record(device, records));
                }
                _ => {}
            }
        }
    }

    /// What was read, looked up in the list.
    fn matched(&self, read: Result<Named, BackendError>) -> Result<Box<Matched>, BackendError> {
        let named = read?;
        Ok(Box::new(Matched {
            import: named.look_up(&self.app.context.list.devices),
            from: MatchedFrom::of(&named),
        }))
    }

    /// The file that was requested last has this text, or can't be read.
    pub(crate) fn reads(&mut self, read: Result<&[u8], &str>) {
        let (request_id, path) = self
            .effects
            .iter()
            .rev()
            .find_map(|effect| match effect {
                Effect::ReadIds {
                    request_id,
                    ids: ImportSource::File(path),
                } => Some((*request_id, path.display().to_string())),
                _ => None,
            })
            .expect("a file was requested");
        let options = ReadOptions::default();
        let named = read
            .map_err(str::to_owned)
            .and_then(|bytes| Named::of_bytes(&path, bytes, &options))
            .map_err(BackendError::Import);
        let matched = self.matched(named);
        self.tell(Message::IdsRead {
            request_id,
            matched,
        });
    }

    fn plan(&self, action: Action, source: &PlanSource) -> crate::plan::Plan {
        let (selection, again, retried) = match source {
            PlanSource::Selection(devices) => (&devices[..], &[][..], vec![]),
            PlanSource::Retry(run, devices) => (&[][..], &devices[..], vec![*run]),
        };
        let again = PlanRequest {
            again,
            retried: &retried,
            protection: &self.app.context.list.protection,
            ..request(&self.app.context.list.devices, selection, action)
        };
        build(&again)
    }

    /// A frame is drawn and this much time passes.
    pub(crate) fn wait(&mut self, milliseconds: u64) {
        self.tell(Message::Rendered);
        self.tell(Message::Drawn(self.now));
        let span = Duration::from_millis(milliseconds);
        self.now.boot = self.now.boot + span;
        self.now.wall += span;
        self.tell(Message::Tick(self.now));
    }

    /// What was late comes.
    fn catch_up(&mut self) {
        while !self.late.is_empty() {
            for message in std::mem::take(&mut self.late) {
                self.tell(message);
            }
        }
    }

    fn code(&mut self, code: KeyCode) {
        self.now.boot = self.now.boot + Duration::from_millis(100);
        // Between two keys of a hand the screen is drawn; where a count is typed, `wait` draws it.
        if !self.app.is_confirming() {
            self.tell(Message::Rendered);
            self.tell(Message::Drawn(self.now));
        }
        self.code_at_once(code);
    }

    /// A key that comes in one burst with what came before.
    fn code_at_once(&mut self, code: KeyCode) {
        self.tell(Message::Key(
            KeyEvent::new(code, KeyModifiers::NONE),
            self.now,
        ));
    }

    pub(crate) fn control(&mut self, character: char) {
        self.now.boot = self.now.boot + Duration::from_millis(100);
        let key = KeyEvent::new(KeyCode::Char(character), KeyModifiers::CONTROL);
        self.tell(Message::Key(key, self.now));
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
            removed: HashMap::new(),
            forbidden: info.forbidden.clone(),
            notices: vec![],
        }
    }

    /// The program starts anew on this list.
    pub(crate) fn start_on(&mut self, opened: Opened) {
        let facts = self.app.context.settings.clone();
        self.app = App::new(opened, facts, self.now, self.app.context.size);
    }
}
