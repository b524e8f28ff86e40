//! The dialogs that end in sending: choosing an action, confirming a plan, taking a run up.

pub mod plan;
pub mod render;
pub mod state;

use std::collections::HashSet;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::domain::target::Refusal;
use crate::list::DeviceId;
use crate::plan::{LeftOutReason, MatchedFrom, Plan};
use crate::text;
use crate::tui::app::App;
use crate::tui::dialogs::delete::state::{Confirm, Dialog, Planning, Resume, Typed, TypedCount};
use crate::tui::message::{Effect, Wanted};
use crate::tui::mode::Mode;

impl App {
    /// `d`: on the marked devices, or on the row under the cursor when none is.
    pub(in crate::tui) fn delete(&mut self) -> Vec<Effect> {
        let devices: Vec<DeviceId> = if self.marks.is_empty() {
            self.current().into_iter().collect()
        } else {
            self.marks.iter().collect()
        };
        if devices.is_empty() {
            self.status =
                Some("nothing is marked, and there is no row under the cursor".to_owned());
            return Vec::new();
        }
        let dialog = match self.refusal() {
            Some(why) => Dialog::Refused(why),
            None => Dialog::Action { devices },
        };
        self.mode = Mode::Delete(Box::new(dialog));
        Vec::new()
    }

    /// Why nothing can be sent, if so.
    pub(in crate::tui) fn refusal(&self) -> Option<String> {
        let broken = self.broken.as_ref().map(|broken| {
            format!("Nothing can be sent any more: {broken}. Leave, and start the program again.")
        });
        broken.or_else(|| self.facts.forbidden.clone())
    }

    pub(in crate::tui) fn delete_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let now = self.now.boot;
        let Mode::Delete(dialog) = &mut self.mode else {
            return Vec::new();
        };
        match &mut **dialog {
            Dialog::Action { devices } => {
                let action = match key.code {
                    KeyCode::Char('u') => Action::Uninstall,
                    KeyCode::Char('a') => Action::Archive,
                    KeyCode::Char('r') => Action::Remove,
                    KeyCode::Esc | KeyCode::Char('q') => {
                        self.mode = Mode::Browse;
                        return Vec::new();
                    }
                    _ => return Vec::new(),
                };
                let devices = std::mem::take(devices);
                self.plan(action, Wanted::Devices(devices))
            }
            Dialog::Planning(_) => {
                if key.code == KeyCode::Esc {
                    self.mode = Mode::Browse;
                }
                Vec::new()
            }
            Dialog::Refused(_) => {
                if matches!(key.code, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q')) {
                    self.mode = Mode::Browse;
                }
                Vec::new()
            }
            Dialog::Confirm(confirm) => {
                if !confirm.count.hears(now) {
                    return Vec::new();
                }
                self.confirm_key(key)
            }
        }
    }

    fn confirm_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let now = self.now.boot;
        let Mode::Delete(dialog) = &mut self.mode else {
            return Vec::new();
        };
        let Dialog::Confirm(confirm) = &mut **dialog else {
            return Vec::new();
        };
        if confirm.editing_note {
            match key.code {
                KeyCode::Tab | KeyCode::Enter => confirm.editing_note = false,
                KeyCode::Esc => {
                    confirm.editing_note = false;
                    confirm.note = Input::default();
                }
                _ => {
                    confirm.note.handle_event(&Event::Key(*key));
                }
            }
            return Vec::new();
        }
        match key.code {
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Tab => confirm.editing_note = true,
            KeyCode::Backspace => confirm.count.backspace(),
            KeyCode::Char(digit) if digit.is_ascii_digit() && types(key) => {
                confirm.count.digit(digit, now);
            }
            KeyCode::Char('D') if !confirm.hidden.is_empty() => return self.drop_hidden(),
            KeyCode::Down => {
                confirm.scroll =
                    (confirm.scroll + 1).min(confirm.plan.devices.len().saturating_sub(1));
            }
            KeyCode::Up => confirm.scroll = confirm.scroll.saturating_sub(1),
            KeyCode::PageDown => {
                confirm.scroll =
                    (confirm.scroll + 10).min(confirm.plan.devices.len().saturating_sub(1));
            }
            KeyCode::PageUp => confirm.scroll = confirm.scroll.saturating_sub(10),
            KeyCode::Enter => return self.confirm_entered(),
            _ => {}
        }
        Vec::new()
    }

    fn confirm_entered(&mut self) -> Vec<Effect> {
        let now = self.now.boot;
        let Mode::Delete(dialog) = &mut self.mode else {
            return Vec::new();
        };
        let Dialog::Confirm(confirm) = &mut **dialog else {
            return Vec::new();
        };
        let Typed::Count(told) = confirm.count.enter(now) else {
            return Vec::new();
        };
        let note = confirm.note.value().trim();
        confirm.plan.origin.note = (!note.is_empty()).then(|| note.to_owned());
        match confirm.plan.confirm(told) {
            Err(wrong) => {
                confirm.count.complaint = Some(format!("{wrong}: nothing was sent"));
                Vec::new()
            }
            Ok(confirmed) => {
                self.mode = Mode::Browse;
                self.begin_run(confirmed.plan());
                vec![Effect::Start(Box::new(confirmed))]
            }
        }
    }

    /// `D`: plans the same without the marked devices that the filter hides. Their marks stay, and so
    /// does the note.
    fn drop_hidden(&mut self) -> Vec<Effect> {
        let Mode::Delete(dialog) = &mut self.mode else {
            return Vec::new();
        };
        let Dialog::Confirm(confirm) = &mut **dialog else {
            return Vec::new();
        };
        let Wanted::Devices(devices) = &confirm.wanted else {
            return Vec::new();
        };
        let shown: HashSet<DeviceId> = self.table.rows.iter().copied().collect();
        let kept: Vec<DeviceId> = devices
            .iter()
            .copied()
            .filter(|id| shown.contains(id))
            .collect();
        if kept.is_empty() {
            confirm.count.complaint =
                Some("all of them are hidden: nothing would be left".to_owned());
            return Vec::new();
        }
        let (action, note) = (confirm.plan.action, confirm.note.clone());
        self.plan_noted(action, Wanted::Devices(kept), note)
    }

    /// Has a plan worked out. The answer to an earlier question doesn't count any more: it may be
    /// for another action.
    pub(in crate::tui) fn plan(&mut self, action: Action, wanted: Wanted) -> Vec<Effect> {
        self.plan_noted(action, wanted, Input::default())
    }

    fn plan_noted(&mut self, action: Action, wanted: Wanted, note: Input) -> Vec<Effect> {
        self.asked += 1;
        let asked = self.asked;
        let planning = Planning {
            asked,
            wanted: wanted.clone(),
            note,
        };
        self.mode = Mode::Delete(Box::new(Dialog::Planning(Box::new(planning))));
        vec![Effect::Plan {
            asked,
            action,
            wanted,
        }]
    }

    /// The dialog's plan came, or why there is none.
    pub(in crate::tui) fn planned(&mut self, asked: u64, planned: Result<Box<Plan>, String>) {
        let Mode::Delete(dialog) = &self.mode else {
            return;
        };
        let Dialog::Planning(planning) = &**dialog else {
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
                if let Wanted::Devices(_) = &wanted {
                    self.note_matches(&mut plan);
                }
                self.confirmation(*plan, wanted, note)
            }
            Err(why) => Dialog::Refused(why),
        };
        self.mode = Mode::Delete(Box::new(dialog));
    }

    /// What selected the devices, for the record.
    fn selected_by(&self) -> String {
        if self.marks.is_empty() {
            return "the row under the cursor".to_owned();
        }
        let found: Vec<_> = self
            .marks
            .iter()
            .map(|id| self.marks.found_by(id))
            .collect();
        let sources = found.iter().flatten().map(|by| &*by.from);
        if let Some(from) = MatchedFrom::together(sources) {
            let alone = self.imported.alone == Some(self.marks.changes());
            let rest = if alone && found.iter().all(Option::is_some) {
                ""
            } else {
                ", and by hand"
            };
            return format!("marked from {}{rest}", from.name);
        }
        match self.table.query.text().trim() {
            "" => "marked by hand".to_owned(),
            filter => format!("marked with the filter: {filter}"),
        }
    }

    /// Notes how an import found the devices of a plan that is made of marks.
    fn note_matches(&self, plan: &mut Plan) {
        let found = |id| self.marks.found_by(id);
        let planned = plan.sources.iter().flatten();
        let sources = planned.filter_map(|&id| found(id)).map(|by| &*by.from);
        if let Some(from) = MatchedFrom::together(sources) {
            plan.note_matches(from, |id| found(id).map(|by| by.rule));
        }
    }

    /// The dialog for a plan that was worked out.
    fn confirmation(&self, plan: Plan, wanted: Wanted, note: Input) -> Dialog {
        let count = plan.devices.len() as u64;
        if count == 0 {
            return Dialog::Refused(nothing_to_send(&plan));
        }
        let most = self.facts.max_devices;
        if count > most {
            let devices = count;
            let refusal = Refusal::TooMany { devices, most };
            return Dialog::Refused(format!("{refusal}. Nothing was sent; the marks stay."));
        }
        let hidden = match &wanted {
            Wanted::Devices(_) => {
                let shown: HashSet<DeviceId> = self.table.rows.iter().copied().collect();
                (0_u32..)
                    .zip(&plan.sources)
                    .filter(|(_, source)| source.is_some_and(|id| !shown.contains(&id)))
                    .map(|(ordinal, _)| ordinal)
                    .collect()
            }
            // They were chosen in the failures; what the table shows is no matter.
            Wanted::Again(..) => Vec::new(),
        };
        Dialog::Confirm(Box::new(Confirm {
            plan,
            wanted,
            hidden,
            count: TypedCount::default(),
            note,
            editing_note: false,
            scroll: 0,
        }))
    }

    /// Opens the dialog that takes a paused or stopped run up.
    pub(in crate::tui) fn ask_to_resume(&mut self, id: RunId) {
        let Some(run) = self.runs.iter().find(|run| run.id == id) else {
            return;
        };
        self.mode = Mode::Resume(Box::new(Resume {
            run: run.id,
            left: run.tally.left,
            action: run.action,
            count: TypedCount::default(),
        }));
    }

    pub(in crate::tui) fn resume_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let now = self.now.boot;
        let Mode::Resume(resume) = &mut self.mode else {
            return Vec::new();
        };
        if !resume.count.hears(now) {
            return Vec::new();
        }
        match key.code {
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Backspace => resume.count.backspace(),
            KeyCode::Char(digit) if digit.is_ascii_digit() && types(key) => {
                resume.count.digit(digit, now);
            }
            KeyCode::Enter => {
                let Typed::Count(told) = resume.count.enter(now) else {
                    return Vec::new();
                };
                if told == resume.left {
                    let (id, left) = (resume.run, resume.left);
                    self.mode = Mode::Browse;
                    return self.take_up(id, left);
                }
                let left = text::counted(resume.left, "device");
                resume.count.complaint = Some(format!("{left} left, not {told}: nothing was sent"));
            }
            _ => {}
        }
        Vec::new()
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

/// True for a key that types a character into a line.
fn types(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_))
        && !key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}
