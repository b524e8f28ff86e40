//! What an import matched, before anything is marked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::import::{Import, MatchResult, MatchRule};
use crate::list::DeviceId;
use crate::plan::MatchedFrom;
use crate::text::grouped;
use crate::tui::component::Response;
use crate::tui::context::Context;
use crate::tui::dialogs::import::text::ImportText;
use crate::tui::file_content::ExportContent;
use crate::tui::import_source::Matched;
use crate::tui::input::commands::Command;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, MOTION, Press, SPACE, command, hints, hints_where, key, letter,
};
use crate::tui::request::{DialogRequest, Request};
use crate::tui::screens::devices::marks::FoundBy;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;

/// What was matched.
#[derive(Clone, Debug)]
pub struct Report {
    /// Entry by entry.
    pub import: Import,
    has_unmatched: bool,
    /// What named the devices.
    pub from: Arc<MatchedFrom>,
    pub lines: Vec<ReportLine>,
    /// The devices that will be marked.
    pub chosen: HashSet<DeviceId>,
    /// The line under the cursor.
    pub cursor: ListCursor,
    /// The field that the text came from, for going back; none for a list that was matched with the
    /// inventory.
    pub before: Option<Box<ImportText>>,
    /// Of one that opens by itself.
    pub(super) guard: Option<KeyGuard>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportLine {
    /// An entry, by its place; of one that means one device, with the device.
    Entry(usize),
    /// One of several devices that the entry above could mean, or of the person above.
    Device(usize, DeviceId),
}

#[derive(Clone, Copy)]
enum ReportKey {
    Move,
    Choose,
    Mark,
    MarkAlone,
    Copy,
    Save,
    Back,
    Close,
}

#[rustfmt::skip]
const REPORT_KEYS: &[DialogKey<ReportKey>] = &[
    key("enter", ENTER, ReportKey::Mark, "mark", "add the chosen devices to the marks"),
    letter("R", ReportKey::MarkAlone, "replace marks", "replace the marks by the chosen devices"),
    key("space", SPACE, ReportKey::Choose, "choose", "choose a device, or all of a person"),
    letter("e", ReportKey::Save, "export unmatched", "export unmatched entries to a file"),
    letter("y", ReportKey::Copy, "copy unmatched", "copy unmatched entries"),
    key("", MOTION, ReportKey::Move, "", ""),
    key("esc", ESC, ReportKey::Back, "back", "back to the text"),
    key("", &[Press::Char('q')], ReportKey::Close, "", ""),
];

impl Report {
    /// What was matched is chosen, if it `may` be without a look at it; what is ambiguous and the
    /// devices of a person who has several never are by themselves.
    pub fn new(
        matched: Matched,
        before: Option<Box<ImportText>>,
        may: impl Fn(DeviceId) -> bool,
    ) -> Self {
        let Matched { import, from } = matched;
        let mut lines = Vec::new();
        for (index, entry) in import.entries.iter().enumerate() {
            lines.push(ReportLine::Entry(index));
            if let MatchResult::Several(ids) | MatchResult::Ambiguous(ids) = &entry.result {
                lines.extend(ids.iter().map(|&id| ReportLine::Device(index, id)));
            }
        }
        Self {
            chosen: import.devices().filter(|&id| may(id)).collect(),
            from: Arc::new(from),
            before,
            has_unmatched: !import.unmatched().is_empty(),
            import,
            lines,
            cursor: ListCursor::default(),
            guard: None,
        }
    }

    /// The same, which opens by itself: it takes no key that was typed before it was drawn.
    pub(super) fn guarded(self) -> Self {
        let guard = Some(KeyGuard::once_drawn());
        Self { guard, ..self }
    }

    /// How each of the chosen devices was found.
    pub fn found(&self) -> HashMap<DeviceId, FoundBy> {
        let mut found = HashMap::new();
        for entry in &self.import.entries {
            let ids = match &entry.result {
                MatchResult::Matched(id) => std::slice::from_ref(id),
                MatchResult::Several(ids) | MatchResult::Ambiguous(ids) => ids,
                _ => &[],
            };
            for &id in ids.iter().filter(|id| self.chosen.contains(id)) {
                found.entry(id).or_insert_with(|| FoundBy {
                    rule: entry.rule.unwrap_or(MatchRule::Hwid),
                    from: self.from.clone(),
                });
            }
        }
        found
    }

    /// What the line under the cursor is about: the result of its entry, and the device, if the
    /// line is one device's.
    fn under_cursor(&self) -> Option<(&MatchResult, Option<DeviceId>)> {
        let (index, device) = match *self.lines.get(self.cursor.at)? {
            ReportLine::Entry(index) => (index, None),
            ReportLine::Device(index, id) => (index, Some(id)),
        };
        let result = &self.import.entries.get(index)?.result;
        let device = match result {
            MatchResult::Matched(id) => Some(*id),
            _ => device,
        };
        Some((result, device))
    }

    /// The keys, for the footer and the help.
    pub(super) fn help() -> Vec<Hint> {
        hints(REPORT_KEYS)
    }

    /// Those that act now.
    pub(super) fn hints(&self) -> Vec<Hint> {
        let any_chosen = !self.chosen.is_empty();
        hints_where(REPORT_KEYS, |key, hint| match key {
            ReportKey::Mark => {
                hint.count = Some(self.chosen.len());
                any_chosen
            }
            ReportKey::MarkAlone => any_chosen,
            ReportKey::Save | ReportKey::Copy => self.has_unmatched,
            _ => true,
        })
    }

    /// True for the key that goes back to the text.
    pub(super) fn is_back(key: &KeyEvent) -> bool {
        matches!(command(REPORT_KEYS, key), Some(ReportKey::Back))
    }

    pub(super) fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(REPORT_KEYS, key) {
            Some(ReportKey::Move) => {
                let page = rows_on_screen(context);
                self.cursor.on_key_by(key, self.lines.len(), page);
            }
            Some(ReportKey::Choose) => self.choose(context),
            // The report says it if nothing is chosen.
            Some(ReportKey::Mark | ReportKey::MarkAlone) if self.chosen.is_empty() => {}
            Some(ReportKey::Mark) => return self.mark(false, context),
            Some(ReportKey::MarkAlone) => return self.mark(true, context),
            Some(ReportKey::Copy) => {
                let unmatched = self.import.unmatched();
                if !unmatched.is_empty() {
                    let copy = context.copy("unmatched entries", unmatched);
                    return Response::stay().with([copy]);
                }
            }
            Some(ReportKey::Save) => {
                let unmatched = self.import.unmatched();
                if !unmatched.is_empty() {
                    let rest = ExportContent::Unmatched(unmatched);
                    let request = DialogRequest::SaveFile(rest, "unmatched.txt");
                    return Response::stay().request(Request::Open(request));
                }
            }
            Some(ReportKey::Close) => return Response::close(),
            // The dialog goes back.
            Some(ReportKey::Back) | None => {}
        }
        Response::stay()
    }

    /// Marks the chosen devices, in place of the marked ones or beside them, and closes the report. An `a` that
    /// was typed for it must not mark every row.
    fn mark(&self, replace: bool, context: &mut Context) -> Response {
        let list = &mut context.list;
        let mut found = self.found();
        found.retain(|&id, _| list.devices.device(id).problem().is_none());
        let count = found.len() as u64;
        let are_all = replace || list.marks.is_empty();
        let before = if replace { 0 } else { list.marks.len() };
        list.marks.import(found, replace);
        let total = list.marks.len();
        list.imported_at = are_all.then(|| list.marks.changes());
        list.count_hidden();
        let hidden = if list.hidden_marks > 0 {
            format!(" · {} hidden by the filter", list.hidden_marks)
        } else {
            String::new()
        };
        let only = context.key(Command::MarkedOnly);
        let marked = if before == 0 {
            format!("Marked {}", grouped(count))
        } else {
            let more = grouped((total - before) as u64);
            format!("Marked {more} more, {} in all", grouped(total as u64))
        };
        context.status = Some(format!("{marked}{hidden} · {only} shows only marked ones"));
        Response::close().request(Request::DropKeys)
    }

    /// Chooses the device of the line, or all devices of the person, or takes that back, and moves
    /// on.
    fn choose(&mut self, context: &Context) {
        let is_usable = |id: &DeviceId| context.list.devices.device(*id).problem().is_none();
        let (toggled, lines) = match self.under_cursor() {
            Some((_, Some(id))) => (vec![id], 1),
            Some((MatchResult::Several(ids), None)) => {
                let all: Vec<DeviceId> = ids
                    .iter()
                    .copied()
                    .filter(|&id| context.list.is_markable(id))
                    .collect();
                let mut missing = all.clone();
                missing.retain(|id| !self.chosen.contains(id));
                let toggled = if missing.is_empty() { all } else { missing };
                (toggled, 1 + ids.len())
            }
            Some(_) => (Vec::new(), 1),
            None => return,
        };
        for id in toggled.into_iter().filter(is_usable) {
            if !self.chosen.remove(&id) {
                self.chosen.insert(id);
            }
        }
        self.cursor.at = (self.cursor.at + lines).min(self.lines.len().saturating_sub(1));
    }
}
