//! The menu of fields to which a column may be assigned, with what each would recognise of it.

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::list::{ColumnAssignment, DeviceList, Field, NO_FIELD};
use crate::text::{clip, visible};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC_OR_Q, Hint, MOTION, command, hints, key,
};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, popup, scrolling};

/// The fields, and the cursor.
#[derive(Clone, Debug)]
pub struct FieldMenu {
    header: String,
    /// None is first: the column is read as no field.
    choices: Vec<(Option<Field>, String)>,
    cursor: ListCursor,
}

/// What a key came to.
pub enum Choice {
    Stay,
    Close,
    Assign(ColumnAssignment),
}

#[derive(Clone, Copy)]
enum Command {
    Move,
    Assign,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    key("enter", ENTER, Command::Assign, "assign, read again", "assign it"),
    key("esc", ESC_OR_Q, Command::Back, "back", ""),
];

impl FieldMenu {
    /// The fields for the column with this header. The cursor begins at what the column is read as.
    pub fn new(header: String, list: &DeviceList) -> Self {
        let found = list.recognise(&header);
        let recognised = |field: Field| match found.of(field) {
            (0, 0) => "no value to look at".to_owned(),
            _ if kind(field).is_none() => "any text".to_owned(),
            (some, all) => format!("{some} of {all} samples"),
        };
        let fields = Field::ALL.iter().map(|&field| {
            let text = format!(
                "{:<9} {:<18} {}",
                field.name(),
                recognised(field),
                if found.field == Some(field) {
                    "as it is read now"
                } else {
                    kind(field).unwrap_or_default()
                }
            );
            (Some(field), text)
        });
        let none = (None, format!("{NO_FIELD:<9} not read as a field"));
        let choices: Vec<_> = std::iter::once(none).chain(fields).collect();
        let now = choices.iter().position(|(field, _)| *field == found.field);
        Self {
            header,
            choices,
            cursor: ListCursor::at(now.unwrap_or(0)),
        }
    }

    /// The line of a field.
    #[cfg(test)]
    pub fn place_of(&self, field: Option<Field>) -> Option<usize> {
        self.choices.iter().position(|(choice, _)| *choice == field)
    }

    pub fn hints() -> Vec<Hint> {
        hints(KEYS)
    }

    pub fn on_key(&mut self, key: &KeyEvent) -> Choice {
        match command(KEYS, key) {
            Some(Command::Move) => self.cursor.on_key(key, self.choices.len()),
            Some(Command::Assign) => {
                if let Some((field, _)) = self.choices.get(self.cursor.at) {
                    return Choice::Assign(ColumnAssignment {
                        header: self.header.clone(),
                        field: *field,
                    });
                }
            }
            Some(Command::Back) => return Choice::Close,
            None => {}
        }
        Choice::Stay
    }

    pub fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let height = u16::try_from(self.choices.len() + 2).unwrap_or(u16::MAX);
        let title = format!("read {} as", clip(&visible(&self.header), 40));
        let height = scrolling(context, height);
        let area = popup(area, context, PopupWidth::Medium, height);
        let inner = dialog_panel(frame, area, context, &title);
        let lines = self.choices.iter().map(|(_, text)| format!(" {text}"));
        let lines: Vec<String> = lines.collect();
        render_menu(frame, area, inner, context, &lines, self.cursor);
    }
}

/// What a field takes; none if any text.
fn kind(field: Field) -> Option<&'static str> {
    match field {
        Field::Hwid => Some("could be hardware IDs"),
        Field::Mac => Some("are MAC addresses"),
        Field::Seen | Field::Enrolled => Some("are dates"),
        Field::Issues => Some("are numbers"),
        _ => None,
    }
}

/// The assignments as a table of the configuration.
pub fn as_configuration(columns: &[ColumnAssignment]) -> String {
    let mut headers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for column in columns {
        headers
            .entry(column.field_name())
            .or_default()
            .push(&column.header);
    }
    let mut table = toml::Table::new();
    for (field, headers) in headers {
        let value = match &headers[..] {
            [only] => toml::Value::from(*only),
            several => toml::Value::from(several.to_vec()),
        };
        table.insert(field.to_owned(), value);
    }
    format!("[lists.columns]\n{table}").trim_end().to_owned()
}
