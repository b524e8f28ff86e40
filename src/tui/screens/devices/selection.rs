//! What is done with the marked rows, or with the row under the cursor.

use std::collections::BTreeSet;

use crate::list::{DeviceId, Field};
use crate::text::{counted, visible};
use crate::tui::context::Context;
use crate::tui::dialogs::{CopyMenu, DeleteDialog, DeviceDetail, SaveFile};
use crate::tui::file_content::ExportContent;
use crate::tui::input::commands::Command;
use crate::tui::list_state::ListState;
use crate::tui::request::{CopyPart, CopyRows};
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::widgets::match_offer;

impl DevicesScreen {
    /// `d`: on the marked devices, or on the row under the cursor when none is marked.
    pub(super) fn delete(&self, context: &mut Context) -> ScreenResponse {
        let list = &context.list;
        let row = self.current(list).filter(|_| list.marks.is_empty());
        let refusal = match row {
            Some(row) => refusal_of(row, list),
            None if list.marks.is_empty() => {
                Some("Nothing is marked, and the table is empty".to_owned())
            }
            None if list.plannable_marks() == 0 => Some(unplannable(context)),
            None => None,
        };
        if refusal.is_some() {
            context.status = refusal;
            return ScreenResponse::default();
        }
        ScreenResponse::open(match context.refusal() {
            Some(reason) => DeleteDialog::Refused(reason),
            None => DeleteDialog::Action { row },
        })
    }

    /// `enter`: the detail of the device under the cursor.
    pub(super) fn detail(&self, context: &Context) -> ScreenResponse {
        match self.current(&context.list) {
            Some(device) => {
                let (dialog, effects) = DeviceDetail::beside_table(device, context, &self.query);
                ScreenResponse::open(dialog).with(effects)
            }
            None => ScreenResponse::default(),
        }
    }

    /// The marked rows that are shown, or the row under the cursor where none is.
    pub fn chosen_rows(&self, list: &ListState) -> Vec<DeviceId> {
        let marked = marked_rows(list);
        if marked.is_empty() {
            self.current(list).into_iter().collect()
        } else {
            marked
        }
    }

    /// What is copied of these rows.
    ///
    /// Identifiers hold nothing deceptive. Other texts, which may be pasted into a shell some day,
    /// must not hold a line break of their own either.
    pub fn copied(&self, part: CopyPart, rows: CopyRows, list: &ListState) -> Vec<String> {
        let rows = match rows {
            CopyRows::UnderCursor => self.current(list).into_iter().collect(),
            CopyRows::Marked => marked_rows(list),
        };
        let copied = rows.into_iter().map(|id| {
            let device = list.devices.device(id);
            match part {
                CopyPart::Hwid => device.hwid().unwrap_or_default().to_owned(),
                CopyPart::Mac => device
                    .macs()
                    .next()
                    .map_or(String::new(), |mac| mac.to_string()),
                CopyPart::Name => visible(device.hostname()).into_owned(),
                CopyPart::Row => {
                    let fields = Field::ALL
                        .iter()
                        .map(|&field| visible(&device.text(field)).into_owned());
                    fields.collect::<Vec<_>>().join("\t")
                }
            }
        });
        copied.collect()
    }
}

/// `y`: asks what is copied.
pub(super) fn copy(context: &mut Context) -> ScreenResponse {
    let marked = marked_rows(&context.list).len();
    ScreenResponse::open(CopyMenu::new(marked, context))
}

/// `e`: asks where the rows are to be written.
pub(super) fn export(list: &ListState) -> ScreenResponse {
    let mut contents = Vec::new();
    let marked = marked_rows(list);
    if !marked.is_empty() {
        contents.push(ExportContent::Devices("marked", marked));
    }
    contents.push(ExportContent::Devices("shown", list.rows.to_vec()));
    let all: Vec<DeviceId> = list.devices.ids().collect();
    if all.len() > list.rows.len() {
        contents.push(ExportContent::Devices("all", all));
    }
    ScreenResponse::open(SaveFile::new(contents, "devices.csv"))
}

/// The marked rows that are shown: hidden ones are only for `d`, which shows them.
fn marked_rows(list: &ListState) -> Vec<DeviceId> {
    let rows = list.rows.iter().copied();
    rows.filter(|&id| list.marks.contains(id)).collect()
}

/// Why none of the marked devices can be planned.
fn unplannable(context: &Context) -> String {
    let list = &context.list;
    let protection = &list.protection;
    let reasons = list.marks.iter();
    let reasons = reasons.filter_map(|id| protection.reason(id).or_else(|| protection.held(id)));
    let reasons: BTreeSet<&str> = reasons.collect();
    let first = visible(reasons.first().copied().unwrap_or_default());
    let others = if reasons.len() > 1 {
        ", and for other reasons"
    } else {
        ""
    };
    let lacks_values = reasons.iter().any(|reason| protection.is_unknown(reason));
    let remedy = if lacks_values && match_offer::refusal(context).is_none() {
        let key = context.key(Command::MatchInventory);
        format!(" · {key} looks it up in the inventory")
    } else {
        String::new()
    };
    let marked = counted(list.marks.len() as u64, "marked device");
    let are = match list.marks.len() {
        1 => "is",
        _ => "are all",
    };
    format!("{marked} {are} left out: {first}{others}{remedy}")
}

/// Why this row can't be sent, if so.
fn refusal_of(row: DeviceId, list: &ListState) -> Option<String> {
    let device = list.devices.device(row);
    if let Some(problem) = device.problem() {
        return Some(format!("This row can't be sent ({problem})"));
    }
    let name = list.devices.name_of(row);
    let name = visible(&name);
    let protected = list.protection.reason(row);
    let protected = protected.map(|rule| format!("{name} is protected: {}", visible(rule)));
    let held = list.protection.held(row);
    protected.or_else(|| held.map(|reason| format!("{name} is held: {}", visible(reason))))
}
