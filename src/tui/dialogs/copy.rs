//! `y`: copies from the marked rows that are shown, or else from the row under the cursor.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::list::Field;
use crate::text::{counted, visible};
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::effect::Effect;
use crate::tui::input::commands::View;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC, Hint, Press, Section, TEXT, command, hints, key,
};

/// The most bytes that terminals accept for the clipboard.
const MOST: usize = 70_000;

/// What is copied of each row? The footer is all that shows of this menu.
#[derive(Clone, Copy, Debug)]
pub struct CopyMenu;

/// What is copied of each row.
#[derive(Clone, Copy)]
enum Part {
    Hwid,
    Mac,
    Name,
    Row,
}

const KEYS: &[DialogKey<Option<Part>>] = &[
    key(
        "h",
        &[Press::Key(KeyCode::Char('h'))],
        Some(Part::Hwid),
        "HWID",
        "copy the HWID",
    ),
    key(
        "m",
        &[Press::Key(KeyCode::Char('m'))],
        Some(Part::Mac),
        "MAC",
        "copy the MAC address",
    ),
    key(
        "n",
        &[Press::Key(KeyCode::Char('n'))],
        Some(Part::Name),
        "name",
        "copy the host name",
    ),
    key(
        "l",
        &[Press::Key(KeyCode::Char('l'))],
        Some(Part::Row),
        "row",
        "copy the whole row",
    ),
    key("esc", ESC, None, "back", ""),
    // Any other key closes the menu too.
    key("", TEXT, None, "", ""),
];

impl CopyMenu {
    pub(super) const HELP: Section = Section {
        title: "copy (y)",
        hints: || hints(KEYS),
    };
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Hwid => "HWID",
            Self::Mac => "MAC",
            Self::Name => "name",
            Self::Row => "row",
        }
    }
}

impl Component for CopyMenu {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        match command(KEYS, key).flatten() {
            Some(part) => Response::close().with(app.copy(part)),
            None => Response::close(),
        }
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _app: &App) {}
}

impl App {
    fn copy(&mut self, part: Part) -> Option<Effect> {
        let mut copied = match self.view {
            View::Failures => self.failed_parts(part),
            _ => self.listed_parts(part),
        };
        copied.retain(|text| !text.is_empty());
        let name = part.name();
        let text = copied.join("\n");
        let (status, effect) = match copied.len() {
            0 => (format!("there is no {name} to copy"), None),
            _ if text.len() > MOST => (
                "too much for the clipboard: save it to a file (e)".to_owned(),
                None,
            ),
            1 => (format!("{name} copied"), Some(Effect::Copy(text))),
            many => (
                format!("{} copied", counted(many as u64, name)),
                Some(Effect::Copy(text)),
            ),
        };
        self.context.status = Some(status);
        effect
    }

    // Identifiers hold nothing deceptive. What else is pasted into a shell some day must not hold a
    // line break of its own either.
    fn listed_parts(&self, part: Part) -> Vec<String> {
        let marked = self.marked_shown();
        let rows = if marked.is_empty() {
            self.current().into_iter().collect()
        } else {
            marked
        };
        let copied = rows.into_iter().map(|id| {
            let device = self.context.list.devices.device(id);
            match part {
                Part::Hwid => device.hwid().unwrap_or_default().to_owned(),
                Part::Mac => device
                    .macs()
                    .next()
                    .map_or(String::new(), |mac| mac.to_string()),
                Part::Name => visible(device.hostname()).into_owned(),
                Part::Row => {
                    let fields = Field::ALL
                        .iter()
                        .map(|&field| visible(&device.text(field)).into_owned());
                    fields.collect::<Vec<_>>().join("\t")
                }
            }
        });
        copied.collect()
    }

    fn failed_parts(&self, part: Part) -> Vec<String> {
        let Some(run) = self.reviewed() else {
            return Vec::new();
        };
        let chosen = self.chosen_failures();
        let devices = chosen
            .iter()
            .filter_map(|&ordinal| run.devices.get(ordinal as usize));
        let copied = devices.map(|device| {
            let hwid = device
                .hwid
                .as_ref()
                .map_or(String::new(), ToString::to_string);
            let mac = device
                .macs
                .first()
                .map_or(String::new(), ToString::to_string);
            let name = visible(&device.hostname).into_owned();
            match part {
                Part::Hwid => hwid,
                Part::Mac => mac,
                Part::Name => name,
                Part::Row => {
                    let texts = [
                        &device.nickname,
                        &device.user,
                        &device.device_type,
                        &device.group,
                    ];
                    let texts = texts.map(|text| visible(text).into_owned());
                    [vec![name, hwid, mac], texts.to_vec()].concat().join("\t")
                }
            }
        });
        copied.collect()
    }
}
