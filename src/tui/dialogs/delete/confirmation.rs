//! The confirmation of a plan: what will be sent, a note, and the number to type.

use std::collections::HashSet;

use crossterm::event::KeyEvent;

use super::columns::Widths;
use super::keys::{
    BREAKDOWN_KEYS, BreakdownKey, CONFIRM_KEYS, ConfirmKey, NOTE_KEYS, NoteKey, SEARCH_KEYS,
};
use super::search::ListSearch;
use super::{alerts, breakdown, render};
use crate::domain::target::DayUse;
use crate::list::DeviceId;
use crate::plan::breakdown::{Breakdown, Peculiarity, PlanRow, SelectionOrigin};
use crate::plan::{ConfirmedPlan, Plan};
use crate::text::grouped;
use crate::tui::answer::Planned;
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{Hint, command, hints, hints_where};
use crate::tui::job::PlanSource;
use crate::tui::screens::devices::marks::MarkedBy;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::typed_count::TypedCount;

/// What will be sent, and the number to type.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Exactly what is shown is what is sent.
    pub plan: Plan,
    /// Its totals and outliers.
    pub breakdown: Breakdown,
    /// What the account may send in a day, and has sent, if that is known.
    pub(super) day: Option<DayUse>,
    /// What it was made of.
    pub source: PlanSource,
    /// Marked devices that the filter hides, by ordinal in the plan.
    pub hidden: Vec<u32>,
    /// How many of the devices the run that is retried has in doubt.
    pub(super) in_doubt: u64,
    /// The number typed so far.
    pub count: TypedCount,
    /// A note for the record.
    pub note: TextField,
    /// True while the note receives the keys.
    pub editing_note: bool,
    /// The first device shown of the exact list.
    pub scroll: ListCursor,
    /// True if the list is shown in the order in which it is sent, not the most unusual first.
    pub in_file_order: bool,
    /// What is searched for in the list.
    pub(super) search: ListSearch,
    /// The first line shown of the breakdown, while that takes the whole dialog.
    pub full_breakdown: Option<ListCursor>,
    /// What an import named the devices in, and how many each rule found.
    pub(super) matched: Option<String>,
    /// What enter does once the number is typed.
    act: &'static str,
    /// How wide the columns of the exact list have to be.
    pub(super) widths: Widths,
}

/// What a key leads to.
#[derive(Debug)]
pub(super) enum Step {
    /// The confirmation stays.
    Stay,
    /// Nothing is sent.
    Back,
    /// The plan was confirmed.
    Start(Box<ConfirmedPlan>),
    /// The plan is to be saved to a file.
    Save(Box<Plan>),
    /// These devices are planned instead.
    PlanAgain(Vec<DeviceId>),
}

impl Confirmation {
    /// The confirmation of a plan that was made of `source`.
    pub(super) fn new(
        planned: Planned,
        source: PlanSource,
        note: TextField,
        shown: &HashSet<DeviceId>,
        context: &Context,
    ) -> Self {
        let Planned {
            plan,
            mut breakdown,
            day,
        } = planned;
        let hidden = match &source {
            PlanSource::Selection(_) => (0_u32..)
                .zip(&plan.sources)
                .filter(|(_, source)| source.is_some_and(|id| !shown.contains(&id)))
                .map(|(ordinal, _)| ordinal)
                .collect(),
            // They were chosen in the failures: it doesn't matter what the table shows.
            PlanSource::Retry(..) => Vec::new(),
        };
        breakdown.note_selection(&hidden, |place| {
            let id = plan.sources.get(place).copied().flatten();
            selected(&source, id, context)
        });
        let in_doubt = match &source {
            PlanSource::Selection(_) => 0,
            PlanSource::Retry(run, _) => alerts::in_doubt(&plan, *run, context),
        };
        let matched = matched(&plan);
        let act = if plan.origin.approvals.len() < context.settings.approvals {
            "write it for approval"
        } else {
            "send"
        };
        let widths = Widths::measure(plan.devices.iter().zip(&breakdown.rows));
        Self {
            plan,
            breakdown,
            day,
            source,
            hidden,
            in_doubt,
            count: TypedCount::default(),
            note,
            editing_note: false,
            scroll: ListCursor::default(),
            in_file_order: false,
            search: ListSearch::default(),
            full_breakdown: None,
            matched,
            act,
            widths,
        }
    }

    /// The keys that act at the moment.
    pub(super) fn hints(&self) -> Vec<Hint> {
        if self.full_breakdown.is_some() {
            return hints(BREAKDOWN_KEYS);
        }
        if self.editing_note {
            return hints(NOTE_KEYS);
        }
        if self.search.is_typed {
            return hints(SEARCH_KEYS);
        }
        hints_where(CONFIRM_KEYS, |key, hint| match key {
            ConfirmKey::DropHidden => !self.hidden.is_empty(),
            ConfirmKey::FirstRecent => self.breakdown.count(Peculiarity::Recent) > 0,
            ConfirmKey::NextMatch | ConfirmKey::PreviousMatch => self.search.is_on(),
            ConfirmKey::Save => matches!(self.source, PlanSource::Selection(_)),
            ConfirmKey::Send => {
                hint.footer = self.act;
                true
            }
            _ => true,
        })
    }

    /// The keys for the help.
    pub(super) fn help() -> Vec<Hint> {
        hints(CONFIRM_KEYS)
    }

    /// The device, by its ordinal in the plan, at a place of the list that is shown.
    pub(in crate::tui) fn ordinal_at(&self, place: usize) -> usize {
        if self.in_file_order {
            return place;
        }
        let ordinal = self.breakdown.unusual_first.get(place);
        ordinal.map_or(place, |&ordinal| ordinal as usize)
    }

    pub(super) fn on_key(&mut self, key: &KeyEvent, context: &Context) -> Step {
        let now = context.now.boot;
        if self.full_breakdown.is_some() {
            self.on_breakdown_key(key, context);
            return Step::Stay;
        }
        if self.editing_note {
            self.count.on_other_key(now);
            match command(NOTE_KEYS, key) {
                Some(NoteKey::Keep) => self.editing_note = false,
                Some(NoteKey::Edit) | None => self.note.on_key(key),
            }
            return Step::Stay;
        }
        if self.search.is_typed {
            self.count.on_letter(now);
            self.on_search_key(key, context);
            return Step::Stay;
        }
        let is_burst = self.count.is_burst(now);
        let pressed = command(CONFIRM_KEYS, key).filter(|pressed| match pressed {
            ConfirmKey::Scroll | ConfirmKey::EditNote | ConfirmKey::Send | ConfirmKey::Back => true,
            // A letter within a burst is a part of pasted text, not a command.
            _ if is_burst => false,
            ConfirmKey::DropHidden => !self.hidden.is_empty(),
            ConfirmKey::NextMatch | ConfirmKey::PreviousMatch => self.search.is_on(),
            _ => true,
        });
        match pressed {
            Some(ConfirmKey::Scroll) => {
                self.count.on_other_key(now);
                self.scroll_by_key(key, context);
            }
            Some(ConfirmKey::EditNote) => {
                self.count.on_other_key(now);
                self.editing_note = true;
            }
            Some(ConfirmKey::DropHidden) => return self.drop_hidden(context),
            Some(ConfirmKey::Breakdown) => {
                self.count.reset();
                self.full_breakdown = Some(ListCursor::default());
            }
            Some(ConfirmKey::FileOrder) => {
                self.count.on_letter(now);
                self.in_file_order = !self.in_file_order;
                self.scroll = ListCursor::default();
            }
            Some(ConfirmKey::FirstRecent) => {
                self.count.on_letter(now);
                self.go_to_first_recent();
            }
            Some(ConfirmKey::Search) => {
                self.count.on_letter(now);
                self.search.is_typed = true;
            }
            Some(key @ (ConfirmKey::NextMatch | ConfirmKey::PreviousMatch)) => {
                self.count.on_letter(now);
                self.find_next(matches!(key, ConfirmKey::NextMatch), context);
            }
            Some(ConfirmKey::Save) => return self.save(),
            Some(ConfirmKey::Send) => return self.send(key, context),
            Some(ConfirmKey::Back) => return Step::Back,
            Some(ConfirmKey::Type) | None => {
                self.count.on_key(key, now);
            }
        }
        Step::Stay
    }

    fn on_breakdown_key(&mut self, key: &KeyEvent, context: &Context) {
        match command(BREAKDOWN_KEYS, key) {
            Some(BreakdownKey::Scroll) => {
                let places = breakdown::places(render::inside(context), context, self);
                if let Some(scroll) = &mut self.full_breakdown {
                    scroll.on_key(key, places);
                }
            }
            Some(BreakdownKey::Back) => {
                self.full_breakdown = None;
                // The number is typed in view of the question, for half a second at least.
                self.count.reset();
            }
            None => {}
        }
    }

    fn scroll_by_key(&mut self, key: &KeyEvent, context: &Context) {
        let rows = self.list_rows(context);
        let places = (self.plan.devices.len() + 1).saturating_sub(rows);
        self.scroll.on_key(key, places);
    }

    /// Puts the first device that was seen within a day at the top, else within a week.
    fn go_to_first_recent(&mut self) {
        let rows = &self.breakdown.rows;
        let places = 0..self.plan.devices.len();
        let row_at = |place: usize| rows.get(self.ordinal_at(place));
        let within_day = places
            .clone()
            .find(|&place| row_at(place).is_some_and(PlanRow::is_within_a_day));
        let within_week = || {
            places.clone().find(|&place| {
                row_at(place).is_some_and(|row| row.peculiarities.has(Peculiarity::Recent))
            })
        };
        if let Some(place) = within_day.or_else(within_week) {
            self.scroll = ListCursor::at(place);
        }
    }

    /// The plan with the note that was typed.
    fn noted_plan(&self) -> Plan {
        let mut plan = self.plan.clone();
        let note = self.note.text();
        plan.origin.note = (!note.is_empty()).then(|| note.to_owned());
        plan
    }

    fn save(&mut self) -> Step {
        match self.source {
            PlanSource::Selection(_) => Step::Save(Box::new(self.noted_plan())),
            // Its file would not say of which run it is a retry.
            PlanSource::Retry(..) => {
                self.count.error = Some("A retry can't be saved: send it from here.".to_owned());
                Step::Stay
            }
        }
    }

    /// What enter does once the number is typed.
    pub(in crate::tui) fn act(&self) -> &'static str {
        self.act
    }

    fn send(&mut self, key: &KeyEvent, context: &Context) -> Step {
        let Some(typed) = self.count.on_key(key, context.now.boot) else {
            return Step::Stay;
        };
        match self.noted_plan().confirm(typed) {
            Err(error) => {
                self.count.error = Some(format!(
                    "You typed {}; the plan has {}. Nothing was sent.",
                    grouped(error.expected),
                    grouped(error.actual)
                ));
                Step::Stay
            }
            Ok(confirmed) => Step::Start(Box::new(confirmed)),
        }
    }

    /// Plans the same without the marked devices that the filter hides. Their marks stay, and so
    /// does the note.
    fn drop_hidden(&mut self, context: &Context) -> Step {
        let PlanSource::Selection(devices) = &self.source else {
            return Step::Stay;
        };
        let shown = context.list.shown();
        let left: Vec<DeviceId> = devices
            .iter()
            .copied()
            .filter(|id| shown.contains(id))
            .collect();
        if left.is_empty() {
            self.count.error = Some("All of them are hidden: none would be left.".to_owned());
            return Step::Stay;
        }
        Step::PlanAgain(left)
    }
}

/// What an import named the devices of a plan in, and how many each rule found.
fn matched(plan: &Plan) -> Option<String> {
    let from = plan.origin.matched_from.as_ref()?;
    Some(format!(
        "{}: {}",
        from.name,
        plan.matches_by_rule().join(", ")
    ))
}

/// How a device of the list came into a plan that was made of `source`.
fn selected(source: &PlanSource, id: Option<DeviceId>, context: &Context) -> SelectionOrigin {
    if let PlanSource::Retry(..) = source {
        return SelectionOrigin::Retry;
    }
    let marks = &context.list.marks;
    let Some(id) = id.filter(|&id| marks.contains(id)) else {
        return SelectionOrigin::Cursor;
    };
    if marks.found_by(id).is_some() {
        return SelectionOrigin::Ticket;
    }
    match marks.marked_by(id) {
        MarkedBy::Hand => SelectionOrigin::ByHand,
        MarkedBy::Range => SelectionOrigin::Range,
        MarkedBy::Filter(_) => SelectionOrigin::Filter,
        MarkedBy::All => SelectionOrigin::All,
        MarkedBy::Inverted => SelectionOrigin::Inverted,
        MarkedBy::SavedView => SelectionOrigin::Restored,
    }
}
