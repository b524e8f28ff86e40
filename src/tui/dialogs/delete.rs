//! `d`: chooses an action, shows the plan, and confirms it by the number of its devices.

mod alerts;
mod breakdown;
mod columns;
mod confirmation;
mod facts;
mod keys;
mod list;
mod nothing_to_send;
mod render;
mod search;
mod selection;
mod short_facts;
mod spoken;

use std::collections::HashSet;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::action::Action;
use crate::domain::target::{DayUse, PlanRefusal};
use crate::list::DeviceId;
use crate::plan::{ConfirmedPlan, is_recheck_due};
use crate::query::Query;
use crate::tui::answer::{Answer, Planned};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::file_content::ExportContent;
use crate::tui::input::dialog_keys::{
    DISMISS, DialogKey, ESC, ESC_OR_Q, Hint, Section, command, hints, key, key_of, letter,
};
use crate::tui::job::{Job, PlanSource};
use crate::tui::request::{DialogRequest, Request};
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::typed_count::TypedCount;

pub use confirmation::Confirmation;
use confirmation::Step;
pub use keys::ConfirmKey;
use nothing_to_send::nothing_to_send;
use selection::{note_matches, selected_by};

/// The steps from marked devices to a confirmed plan.
#[derive(Clone, Debug)]
pub enum DeleteDialog {
    /// Which action? None is preselected.
    Action {
        /// The row that it is for; none for the marked devices, of which a run that goes on may take some.
        row: Option<DeviceId>,
    },
    /// The plan is being built.
    Planning(Box<Planning>),
    /// What will be sent, and the number to type.
    Confirm(Box<Confirmation>),
    /// It was confirmed, is old, and is compared with the inventory.
    Rechecking(Box<ConfirmedPlan>),
    /// Nothing can be sent: the reason and the remedy.
    Refused(String),
    /// The plan needs approvals and was written to a file: what to do with it.
    Written(String),
}

/// A plan that is being built.
#[derive(Clone, Debug)]
pub struct Planning {
    request_id: u64,
    /// What it is made of.
    source: PlanSource,
    /// The note for the record so far.
    note: TextField,
}

#[derive(Clone, Copy, PartialEq)]
enum ActionKey {
    Choose(Action),
    Back,
}

#[rustfmt::skip]
const ACTION_KEYS: &[DialogKey<ActionKey>] = &[
    letter("u", ActionKey::Choose(Action::Uninstall), "uninstall", "uninstall: shows the plan, sends nothing"),
    letter("a", ActionKey::Choose(Action::Archive), "archive", "archive: shows the plan, sends nothing"),
    letter("r", ActionKey::Choose(Action::Remove), "remove", "remove: shows the plan, sends nothing"),
    key("esc", ESC_OR_Q, ActionKey::Back, "back", ""),
];

/// The actions with the names of their keys.
fn actions() -> impl Iterator<Item = (&'static str, Action)> {
    ACTION_KEYS.iter().filter_map(|key| match key.command {
        ActionKey::Choose(action) => Some((key.name, action)),
        ActionKey::Back => None,
    })
}

const RECHECKING_KEYS: &[DialogKey<()>] = &[key("esc", ESC, (), "back, send nothing", "")];

const PLANNING_KEYS: &[DialogKey<()>] = &[key("esc", ESC, (), "back", "")];

const REFUSED_KEYS: &[DialogKey<()>] = &[key("esc", DISMISS, (), "back", "")];

impl DeleteDialog {
    pub(super) const HELP: Section = Section {
        title: "uninstall, archive or remove (d)",
        hints: || [hints(ACTION_KEYS), Confirmation::help()].concat(),
    };

    /// Requests a plan. The answer to an earlier request doesn't count any more: it may be for
    /// another action.
    pub fn planning(action: Action, source: PlanSource, context: &mut Context) -> (Self, Effect) {
        Self::planning_with_note(action, source, TextField::default(), context)
    }

    fn planning_with_note(
        action: Action,
        source: PlanSource,
        note: TextField,
        context: &mut Context,
    ) -> (Self, Effect) {
        let request_id = context.next_request_id();
        let planning = Planning {
            request_id,
            source: source.clone(),
            note,
        };
        let effect = Effect::Job(Job::Plan {
            request_id,
            action,
            source,
        });
        (Self::Planning(Box::new(planning)), effect)
    }

    /// The plan was built, or the reason why there is none arrived. The answer to an older request is
    /// dropped.
    fn on_planned(
        &mut self,
        request_id: u64,
        planned: Result<Box<Planned>, BackendError>,
        context: &Context,
    ) {
        let Self::Planning(planning) = self else {
            return;
        };
        if planning.request_id != request_id {
            return;
        }
        let Planning { source, note, .. } = (**planning).clone();
        *self = match planned {
            Ok(mut planned) => {
                let shown = context.list.shown();
                if planned.plan.origin.query.is_none() {
                    let marks = &context.list.marks;
                    let alone = context.list.imported_at == Some(marks.changes());
                    let (selected, criterion) = selected_by(marks, alone);
                    planned.plan.origin.query = Some(selected.to_string());
                    planned.plan.origin.criterion = criterion;
                }
                if let PlanSource::Selection(_) = &source {
                    note_matches(context, &mut planned.plan);
                }
                Self::confirmation(*planned, source, note, &shown, context)
            }
            Err(error) => Self::Refused(error.to_string()),
        };
    }

    /// The step for a plan that was built.
    fn confirmation(
        planned: Planned,
        source: PlanSource,
        note: TextField,
        shown: &HashSet<DeviceId>,
        context: &Context,
    ) -> Self {
        let devices = planned.plan.devices.len() as u64;
        if devices == 0 {
            return Self::Refused(nothing_to_send(&planned.plan));
        }
        let most = context.settings.max_devices;
        if devices > most {
            let refusal = PlanRefusal::TooMany { devices, most };
            return Self::Refused(format!("{refusal}. Nothing was sent; the marks stay."));
        }
        if let Some(DayUse { sent, most }) = planned.day
            && sent.saturating_add(devices) > most
        {
            let refusal = PlanRefusal::TooManyInADay {
                devices,
                sent,
                most,
            };
            return Self::Refused(format!("{refusal}. Nothing was sent; the marks stay."));
        }
        Self::Confirm(Box::new(Confirmation::new(
            planned, source, note, shown, context,
        )))
    }

    /// The plan that is being confirmed, if one is.
    pub(in crate::tui) fn open_confirmation(&self) -> Option<&Confirmation> {
        match self {
            Self::Confirm(confirm) => Some(confirm),
            Self::Action { .. }
            | Self::Planning(_)
            | Self::Rechecking(_)
            | Self::Refused(_)
            | Self::Written(_) => None,
        }
    }

    /// What is pressed to choose an action. `None` unless it is to be chosen.
    pub(in crate::tui) fn action_key(&self, action: Action) -> Option<KeyEvent> {
        let is_menu = matches!(self, Self::Action { .. });
        is_menu
            .then(|| key_of(ACTION_KEYS, ActionKey::Choose(action)))
            .flatten()
    }

    fn on_action_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let Self::Action { row } = *self else {
            return Response::stay();
        };
        match command(ACTION_KEYS, key) {
            Some(ActionKey::Choose(action)) => {
                let devices: Vec<DeviceId> = match row {
                    Some(row) => vec![row],
                    None => context.list.marks.iter().collect(),
                };
                if devices.is_empty() {
                    context.status = Some("Nothing is marked any more".to_owned());
                    return Response::close();
                }
                let source = PlanSource::Selection(devices);
                let (planning, effect) = Self::planning(action, source, context);
                *self = planning;
                Response::stay().with([effect])
            }
            Some(ActionKey::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn on_confirm_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let Self::Confirm(confirm) = self else {
            return Response::stay();
        };
        match confirm.on_key(key, context) {
            Step::Stay => Response::stay(),
            Step::Back => Response::close(),
            Step::Start(plan) if is_recheck_due(plan.plan(), context.now.wall) => {
                let recheck = Effect::Job(Job::Recheck {
                    plan: plan.clone(),
                    fetched: false,
                });
                *self = Self::Rechecking(plan);
                Response::stay().with([recheck])
            }
            Step::Start(plan) => Response::close().request(Request::Start(plan)),
            Step::Save(plan) => {
                let file = ExportContent::Plan(plan);
                let request = DialogRequest::SaveFile(file, "plan.json");
                Response::stay().request(Request::Open(request))
            }
            Step::PlanAgain(devices) => {
                let (action, note) = (confirm.plan.action, confirm.note.clone());
                let source = PlanSource::Selection(devices);
                let (planning, effect) = Self::planning_with_note(action, source, note, context);
                *self = planning;
                Response::stay().with([effect])
            }
        }
    }
}

impl Component for DeleteDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        match self {
            Self::Action { .. } => hints(ACTION_KEYS),
            Self::Planning(_) => hints(PLANNING_KEYS),
            Self::Rechecking(_) => hints(RECHECKING_KEYS),
            Self::Refused(_) | Self::Written(_) => hints(REFUSED_KEYS),
            Self::Confirm(confirm) => confirm.hints(),
        }
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let closes = match self {
            Self::Action { .. } => return self.on_action_key(key, context),
            Self::Confirm(_) => return self.on_confirm_key(key, context),
            Self::Planning(_) => command(PLANNING_KEYS, key).is_some(),
            Self::Rechecking(_) => command(RECHECKING_KEYS, key).is_some(),
            Self::Refused(_) | Self::Written(_) => command(REFUSED_KEYS, key).is_some(),
        };
        if closes {
            let fetches =
                matches!(self, Self::Rechecking(_)) && context.runs.fetch_progress.is_some();
            Response::close().with(fetches.then_some(Effect::CancelFetch))
        } else {
            Response::stay()
        }
    }

    fn on_paste(&mut self, text: &str, context: &mut Context) -> Response {
        match self {
            Self::Confirm(confirm) if confirm.editing_note => confirm.note.on_paste(text),
            Self::Confirm(confirm) if confirm.search.is_typed => {
                confirm.on_search_paste(text, context);
            }
            Self::Confirm(confirm) => confirm.count.on_paste(context.now.boot),
            Self::Action { .. }
            | Self::Planning(_)
            | Self::Rechecking(_)
            | Self::Refused(_)
            | Self::Written(_) => {}
        }
        Response::stay()
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        match self {
            Self::Confirm(confirm) => Some(&mut confirm.count.guard),
            Self::Action { .. }
            | Self::Planning(_)
            | Self::Rechecking(_)
            | Self::Refused(_)
            | Self::Written(_) => None,
        }
    }

    fn on_interrupted(&mut self) {
        if let Self::Confirm(confirm) = self {
            confirm.count.reset();
        }
    }

    fn on_line_begins(&mut self) {
        if let Self::Confirm(confirm) = self {
            confirm.count.forget_pace();
        }
    }

    fn can_send(&self) -> bool {
        true
    }

    fn refuses(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Written(_))
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn typed_count(&self) -> Option<&TypedCount> {
        self.open_confirmation().map(|confirm| &confirm.count)
    }

    fn takes_text(&self) -> bool {
        self.open_confirmation()
            .is_some_and(|confirm| confirm.editing_note || confirm.search.is_typed)
    }

    fn on_answer(
        &mut self,
        answer: Answer,
        context: &Context,
        _: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        let Answer::Planned {
            request_id,
            planned,
        } = answer
        else {
            return Err(Box::new(answer));
        };
        self.on_planned(request_id, planned, context);
        Ok(Vec::new())
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        self.draw(frame, area, context);
    }
}
