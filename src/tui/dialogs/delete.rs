//! `d`: chooses an action, shows the plan, and confirms it by the number of its devices.

mod confirmation;
mod plan;
mod render;

use std::collections::HashSet;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::Dialog;
use crate::domain::action::Action;
use crate::domain::target::Refusal;
use crate::list::DeviceId;
use crate::plan::{LeftOutReason, MatchedFrom, Plan};
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::effect::{Effect, PlanSource};
use crate::tui::input::dialog_keys::{
    DISMISS, DialogKey, ESC, ESC_OR_Q, Hint, Press, Section, command, hints, key,
};
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::typed_count::TypedCount;

pub use confirmation::Confirmation;

/// The steps from marked devices to a confirmed plan.
#[derive(Clone, Debug)]
pub enum DeleteDialog {
    /// Which action? None is preselected.
    Action {
        /// The devices it is for.
        devices: Vec<DeviceId>,
    },
    /// The plan is being built.
    Planning(Box<Planning>),
    /// What will be sent, and the number to type.
    Confirm(Box<Confirmation>),
    /// Nothing can be sent: the reason and the remedy.
    Refused(String),
}

/// A plan that is being built.
#[derive(Clone, Debug)]
pub struct Planning {
    /// Which request it answers.
    asked: u64,
    /// What it is made of.
    wanted: PlanSource,
    /// The note for the record so far.
    note: TextField,
}

#[derive(Clone, Copy)]
enum ActionKey {
    Choose(Action),
    Back,
}

const ACTION_KEYS: &[DialogKey<ActionKey>] = &[
    key(
        "u",
        &[Press::Key(KeyCode::Char('u'))],
        ActionKey::Choose(Action::Uninstall),
        "uninstall",
        "uninstall: shows the plan, sends nothing",
    ),
    key(
        "a",
        &[Press::Key(KeyCode::Char('a'))],
        ActionKey::Choose(Action::Archive),
        "archive",
        "archive: shows the plan, sends nothing",
    ),
    key(
        "r",
        &[Press::Key(KeyCode::Char('r'))],
        ActionKey::Choose(Action::Remove),
        "remove",
        "remove: shows the plan, sends nothing",
    ),
    key("esc", ESC_OR_Q, ActionKey::Back, "back", ""),
];

const PLANNING_KEYS: &[DialogKey<()>] = &[key("esc", ESC, (), "back", "")];

const REFUSED_KEYS: &[DialogKey<()>] = &[key("esc", DISMISS, (), "back", "")];

impl DeleteDialog {
    pub(super) const HELP: Section = Section {
        title: "uninstall, archive or remove (d)",
        hints: || [hints(ACTION_KEYS), Confirmation::help()].concat(),
    };

    fn on_action_key(devices: &mut Vec<DeviceId>, key: &KeyEvent, app: &mut App) -> Response {
        match command(ACTION_KEYS, key) {
            Some(ActionKey::Choose(action)) => {
                let devices = std::mem::take(devices);
                Response::close().with(app.plan(action, PlanSource::Selection(devices)))
            }
            Some(ActionKey::Back) => Response::close(),
            None => Response::stay(),
        }
    }
}

impl Component for DeleteDialog {
    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Action { .. } => hints(ACTION_KEYS),
            Self::Planning(_) => hints(PLANNING_KEYS),
            Self::Refused(_) => hints(REFUSED_KEYS),
            Self::Confirm(confirm) => confirm.hints(),
        }
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        let closes = match self {
            Self::Action { devices } => return Self::on_action_key(devices, key, app),
            Self::Confirm(confirm) => return confirm.on_key(key, app),
            Self::Planning(_) => command(PLANNING_KEYS, key).is_some(),
            Self::Refused(_) => command(REFUSED_KEYS, key).is_some(),
        };
        if closes {
            Response::close()
        } else {
            Response::stay()
        }
    }

    fn on_paste(&mut self, text: &str, app: &mut App) -> Response {
        match self {
            Self::Confirm(confirm) if confirm.editing_note => confirm.note.on_paste(text),
            Self::Confirm(confirm) => confirm.count.on_paste(app.context.now.boot),
            Self::Action { .. } | Self::Planning(_) | Self::Refused(_) => {}
        }
        Response::stay()
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        match self {
            Self::Confirm(confirm) => Some(&mut confirm.count.guard),
            Self::Action { .. } | Self::Planning(_) | Self::Refused(_) => None,
        }
    }

    fn on_interrupted(&mut self) {
        if let Self::Confirm(confirm) = self {
            confirm.count.reset();
        }
    }

    fn can_send(&self) -> bool {
        true
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        self.draw(frame, area, app);
    }
}

impl App {
    /// `d`: on the marked devices, or on the row under the cursor when none is.
    pub(in crate::tui) fn delete(&mut self) -> Vec<Effect> {
        let devices: Vec<DeviceId> = if self.context.list.marks.is_empty() {
            self.current().into_iter().collect()
        } else {
            self.context.list.marks.iter().collect()
        };
        if devices.is_empty() {
            self.context.status =
                Some("nothing is marked, and there is no row under the cursor".to_owned());
            return Vec::new();
        }
        self.open(match self.context.refusal() {
            Some(reason) => DeleteDialog::Refused(reason),
            None => DeleteDialog::Action { devices },
        });
        Vec::new()
    }

    /// Has a plan worked out. The answer to an earlier question doesn't count any more: it may be
    /// for another action.
    pub(in crate::tui) fn plan(&mut self, action: Action, wanted: PlanSource) -> Vec<Effect> {
        self.plan_noted(action, wanted, TextField::default())
    }

    pub(super) fn plan_noted(
        &mut self,
        action: Action,
        wanted: PlanSource,
        note: TextField,
    ) -> Vec<Effect> {
        self.context.plan_request_id += 1;
        let asked = self.context.plan_request_id;
        let planning = Planning {
            asked,
            wanted: wanted.clone(),
            note,
        };
        self.open(DeleteDialog::Planning(Box::new(planning)));
        vec![Effect::Plan {
            asked,
            action,
            wanted,
        }]
    }

    /// The dialog's plan came, or why there is none.
    pub(in crate::tui) fn planned(&mut self, asked: u64, planned: Result<Box<Plan>, String>) {
        let Some(Dialog::Delete(dialog)) = &self.dialog else {
            return;
        };
        let DeleteDialog::Planning(planning) = &**dialog else {
            return;
        };
        if planning.asked != asked {
            return;
        }
        let Planning { wanted, note, .. } = (**planning).clone();
        let dialog = match planned {
            Ok(mut plan) => {
                let query = &mut plan.origin.query;
                query.get_or_insert_with(|| self.selected_by());
                if let PlanSource::Selection(_) = &wanted {
                    self.note_matches(&mut plan);
                }
                self.confirmation(*plan, wanted, note)
            }
            Err(reason) => DeleteDialog::Refused(reason),
        };
        self.open(dialog);
    }

    /// What selected the devices, for the record.
    fn selected_by(&self) -> String {
        if self.context.list.marks.is_empty() {
            return "the row under the cursor".to_owned();
        }
        let found: Vec<_> = self
            .context
            .list
            .marks
            .iter()
            .map(|id| self.context.list.marks.found_by(id))
            .collect();
        let sources = found.iter().flatten().map(|by| &*by.from);
        if let Some(from) = MatchedFrom::together(sources) {
            let alone = self.context.list.imported_at == Some(self.context.list.marks.changes());
            let rest = if alone && found.iter().all(Option::is_some) {
                ""
            } else {
                ", and by hand"
            };
            return format!("marked from {}{rest}", from.name);
        }
        match self.devices.query.text().trim() {
            "" => "marked by hand".to_owned(),
            filter => format!("marked with the filter: {filter}"),
        }
    }

    /// Notes how an import found the devices of a plan that is made of marks.
    fn note_matches(&self, plan: &mut Plan) {
        let found = |id| self.context.list.marks.found_by(id);
        let planned = plan.sources.iter().flatten();
        let sources = planned.filter_map(|&id| found(id)).map(|by| &*by.from);
        if let Some(from) = MatchedFrom::together(sources) {
            plan.note_matches(from, |id| found(id).map(|by| by.rule));
        }
    }

    /// The dialog for a plan that was worked out.
    fn confirmation(&self, plan: Plan, wanted: PlanSource, note: TextField) -> DeleteDialog {
        let count = plan.devices.len() as u64;
        if count == 0 {
            return DeleteDialog::Refused(nothing_to_send(&plan));
        }
        let most = self.context.settings.max_devices;
        if count > most {
            let devices = count;
            let refusal = Refusal::TooMany { devices, most };
            return DeleteDialog::Refused(format!("{refusal}. Nothing was sent; the marks stay."));
        }
        let hidden = match &wanted {
            PlanSource::Selection(_) => {
                let shown: HashSet<DeviceId> = self.context.list.rows.iter().copied().collect();
                (0_u32..)
                    .zip(&plan.sources)
                    .filter(|(_, source)| source.is_some_and(|id| !shown.contains(&id)))
                    .map(|(ordinal, _)| ordinal)
                    .collect()
            }
            // They were chosen in the failures; what the table shows is no matter.
            PlanSource::Retry(..) => Vec::new(),
        };
        DeleteDialog::Confirm(Box::new(Confirmation {
            plan,
            wanted,
            hidden,
            count: TypedCount::default(),
            note,
            editing_note: false,
            scroll: ListCursor::default(),
        }))
    }
}

fn nothing_to_send(plan: &Plan) -> String {
    let mut reasons: Vec<String> = plan
        .left_out
        .iter()
        .map(|row| match &row.reason {
            LeftOutReason::Unusable(problem) => problem.to_string(),
            held => held.to_string(),
        })
        .collect();
    reasons.sort();
    reasons.dedup();
    format!(
        "None of the devices can be sent: {}. The marks stay.",
        reasons.join("; ")
    )
}
