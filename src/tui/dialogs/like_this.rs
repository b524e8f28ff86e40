//! `=`: filters to what the row under the cursor has, or excludes it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::list::{DeviceId, Field};
use crate::query::term_for;
use crate::text::{clip, width};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC_OR_Q, Hint, Section, command, hints, key, letter,
};
use crate::tui::request::{Request, TermPlace};
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, popup};

/// The values of the row.
#[derive(Clone, Debug)]
pub struct LikeThis {
    values: Vec<(Field, String)>,
    excludes: bool,
}

#[derive(Clone, Copy)]
enum Command {
    Field(Field),
    Exclude,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    letter("h", Command::Field(Field::Hostname), "", "same host name"),
    letter("s", Command::Field(Field::Status), "", "same status"),
    letter("t", Command::Field(Field::Type), "", "same type"),
    letter("g", Command::Field(Field::Group), "", "same group"),
    letter("u", Command::Field(Field::User), "", "same user"),
    letter("o", Command::Field(Field::Os), "", "same OS"),
    letter("-", Command::Exclude, "exclude", "exclude the value instead"),
    key("esc", ESC_OR_Q, Command::Back, "back", ""),
];

impl LikeThis {
    pub(super) const HELP: Section = Section {
        title: "like this (=)",
        hints: || hints(KEYS),
    };

    /// The values of this device.
    pub fn new(device: DeviceId, context: &Context) -> Self {
        let device = context.list.devices.device(device);
        let fields = KEYS.iter().filter_map(|entry| match entry.command {
            Command::Field(field) => Some(field),
            _ => None,
        });
        Self {
            values: fields
                .map(|field| (field, device.text(field).into_owned()))
                .collect(),
            excludes: false,
        }
    }

    fn term(&self, field: Field) -> Option<String> {
        let (_, value) = self.values.iter().find(|(known, _)| *known == field)?;
        let term = term_for(field, value)?;
        Some(if self.excludes {
            format!("-{term}")
        } else {
            term
        })
    }
}

impl Component for LikeThis {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Field(field)) => match self.term(field) {
                Some(term) => Response::close().request(Request::AddTerm(term, TermPlace::Last)),
                None => {
                    let heading = field.heading();
                    context.status = Some(format!("No filter can hold this {heading}"));
                    Response::stay()
                }
            },
            Some(Command::Exclude) => {
                self.excludes = !self.excludes;
                Response::stay()
            }
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let title = if self.excludes {
            "filter: not like this"
        } else {
            "filter: like this"
        };
        let height = u16::try_from(self.values.len() + 2).unwrap_or(u16::MAX);
        let inner = dialog_panel(
            frame,
            popup(area, context, PopupWidth::Small, height),
            context,
            title,
        );
        let keys = KEYS
            .iter()
            .filter(|entry| matches!(entry.command, Command::Field(_)));
        let lines = keys.zip(&self.values).map(|(entry, (field, value))| {
            let heading = field.heading();
            let pad = " ".repeat(12_usize.saturating_sub(width(heading)));
            let value = if value.is_empty() {
                theme.glyph("—", "-")
            } else {
                value
            };
            let room = usize::from(inner.width).saturating_sub(19);
            Line::from(vec![
                Span::styled(format!("  {}  ", entry.name), theme.accent()),
                Span::styled(format!("{heading}{pad} "), theme.dim()),
                Span::raw(clip(value, room).into_owned()),
            ])
        });
        frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), inner);
    }
}
