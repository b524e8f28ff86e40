//! `:hold-end`: ends the holds of the marked devices, or of the one under the cursor.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::list::DeviceId;
use crate::text::{clip, counted, grouped, visible};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DECLINE, DialogKey, Hint, Press, Section, command, hints, key,
};
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::message_panel;

/// How many devices are named.
const NAMED: usize = 5;
const WIDTH: u16 = 74;

/// End the holds of these devices?
#[derive(Clone, Debug)]
pub struct EndHold {
    /// The held ones of the devices; never empty.
    devices: Vec<DeviceId>,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    End,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key(
        "y",
        &[Press::Key(KeyCode::Char('y'))],
        Command::End,
        "end the holds",
        "end the holds; their record is kept",
    ),
    key("esc", DECLINE, Command::Back, "cancel", ""),
];

impl EndHold {
    pub(super) const HELP: Section = Section {
        title: "end holds (:hold-end)",
        hints: || hints(KEYS),
    };

    /// The question about those of `devices` that are held; none if no device is.
    pub fn new(mut devices: Vec<DeviceId>, context: &Context) -> Option<Self> {
        let protection = &context.list.protection;
        devices.retain(|&id| protection.held(id).is_some());
        (!devices.is_empty()).then(|| Self {
            devices,
            guard: KeyGuard::once_drawn(),
        })
    }
}

impl Component for EndHold {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::End) => {
                let devices = std::mem::take(&mut self.devices);
                Response::close().with([Effect::EndHolds(devices)])
            }
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let list = &context.list;
        let mut lines = vec![Line::default()];
        for &id in self.devices.iter().take(NAMED) {
            let name = list.devices.named(id);
            let reason = list.protection.held(id).unwrap_or("no longer held");
            let line = format!("  {}: {reason}", visible(&name));
            lines.push(Line::from(clip(&line, usize::from(WIDTH) - 4).into_owned()));
        }
        if let Some(more @ 1..) = self.devices.len().checked_sub(NAMED) {
            lines.push(Line::from(format!("  and {} more", grouped(more as u64))));
        }
        lines.push(Line::default());
        lines.push(Line::from(
            "  They can be planned again. The record is kept.",
        ));
        lines.push(Line::default());
        lines.push(Line::from("  y    end the holds"));
        lines.push(Line::from("  esc  cancel"));
        let devices = counted(self.devices.len() as u64, "device");
        let title = format!("End the holds of {devices}?");
        message_panel(frame, area, context, &title, WIDTH, lines);
    }
}
