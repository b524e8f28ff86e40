//! `:hold`: exempts the marked devices, or the one under the cursor, until a date.
//!
//! ```text
//! ┌ hold 3 devices ───────────────────────────────────┐
//! │ Left out of plans until the end of that day, UTC. │
//! │ until:  2026-12-31                                │
//! │ reason: on leave                                  │
//! │ owner:                                            │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use jiff::civil::Date;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::list::DeviceId;
use crate::plan::{Hold, HoldError};
use crate::text::{counted, visible};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Press, Section, TEXT, command, hints, key,
};
use crate::tui::job::Job;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, paragraph, popup};
use crate::tui::widgets::text_field::TextField;

/// The fields, in order; their labels are equally wide.
const LABELS: [&str; 3] = [" until:  ", " reason: ", " owner:  "];

/// A hold that is being written.
#[derive(Debug)]
pub struct HoldDialog {
    /// The devices it is for; never empty.
    devices: Vec<DeviceId>,
    /// How many of them are held already.
    held: usize,
    /// How many other devices share an identifier with them, and are held too.
    along: usize,
    /// Until, reason, owner.
    fields: [TextField; 3],
    /// The field that receives the keys.
    edited: usize,
    /// What is wrong.
    error: Option<String>,
    /// True while the hold is being stored.
    is_storing: bool,
}

#[derive(Clone, Copy)]
enum Command {
    Hold,
    Next,
    Previous,
    Back,
    Edit,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Hold, "hold", "hold the devices"),
    key("tab", &[Press::Key(KeyCode::Tab), Press::Key(KeyCode::Down)], Command::Next, "next field", "to the next field"),
    key("", &[Press::Key(KeyCode::BackTab), Press::Key(KeyCode::Up)], Command::Previous, "", ""),
    key("esc", ESC, Command::Back, "back", ""),
    key("", TEXT, Command::Edit, "", ""),
];

#[derive(Debug, thiserror::Error)]
enum FieldError {
    #[error("until is not a date: write it as in 2026-12-31")]
    Until,
    #[error(transparent)]
    Hold(#[from] HoldError),
}

impl HoldDialog {
    pub(super) const HELP: Section = Section {
        title: "hold devices (:hold)",
        hints: || hints(KEYS),
    };

    /// Asks until when and why these devices are held.
    pub fn new(devices: Vec<DeviceId>, context: &Context) -> Self {
        let protection = &context.list.protection;
        let held = devices.iter();
        Self {
            held: held.filter(|&&id| protection.held(id).is_some()).count(),
            along: context.list.devices.held_along(&devices),
            devices,
            fields: std::array::from_fn(|_| TextField::default()),
            edited: 0,
            error: None,
            is_storing: false,
        }
    }

    pub fn is_storing(&self) -> bool {
        self.is_storing
    }

    /// The hold couldn't be stored.
    pub fn on_error(&mut self, reason: &str) {
        self.is_storing = false;
        self.error = Some(visible(reason).into_owned());
    }

    fn template(&mut self, now: Timestamp) -> Result<Hold, FieldError> {
        let [until, reason, owner] = &self.fields;
        let until: Date = until.text().parse().map_err(|_| {
            self.edited = 0;
            FieldError::Until
        })?;
        Hold::template(until, reason.text(), Some(owner.text()), now).map_err(|error| {
            self.edited = usize::from(error == HoldError::NoReason);
            error.into()
        })
    }

    fn store(&mut self, now: Timestamp) -> Response {
        if self.is_storing {
            return Response::stay();
        }
        match self.template(now) {
            Ok(hold) => {
                self.is_storing = true;
                let devices = self.devices.clone();
                Response::stay().with([Effect::Job(Job::Hold { devices, hold })])
            }
            Err(error) => {
                self.error = Some(error.to_string());
                Response::stay()
            }
        }
    }
}

impl Component for HoldDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let fields = self.fields.len();
        match command(KEYS, key) {
            Some(Command::Hold) => return self.store(context.now.wall),
            Some(Command::Next) => self.edited = (self.edited + 1) % fields,
            Some(Command::Previous) => self.edited = (self.edited + fields - 1) % fields,
            Some(Command::Back) => return Response::close(),
            Some(Command::Edit) | None => {
                self.error = None;
                self.fields[self.edited].on_key(key);
            }
        }
        Response::stay()
    }

    fn on_paste(&mut self, text: &str, _context: &mut Context) -> Response {
        self.error = None;
        self.fields[self.edited].on_paste(text);
        Response::stay()
    }

    fn on_interrupted_work(&mut self, reason: &str) {
        if self.is_storing {
            self.on_error(reason);
        }
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let devices = counted(self.devices.len() as u64, "device");
        let title = format!("hold {devices}");
        let height = 9 + u16::from(self.along > 0);
        let inner = dialog_panel(
            frame,
            popup(area, context, PopupWidth::Medium, height),
            context,
            &title,
        );
        let [above, until, reason, owner, below] = Layout::vertical([
            Constraint::Length(1 + u16::from(self.along > 0)),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Min(1),
        ])
        .areas(inner);
        let what = " Left out of plans until the end of that day, UTC.";
        let mut lines = vec![Line::from(what).style(theme.dim())];
        if self.along > 0 {
            let others = counted(self.along as u64, "other device");
            let along = format!(" ! Also holds {others} with the same identifier.");
            lines.push(Line::from(along).style(theme.warning()));
        }
        frame.render_widget(Paragraph::new(lines), above);
        let areas = [until, reason, owner].into_iter().enumerate();
        for (place, area) in areas {
            let field = &self.fields[place];
            field.render(frame, area, context, LABELS[place], place == self.edited);
        }
        let (text, style) = match &self.error {
            Some(error) => (error.clone(), theme.danger()),
            None if self.held > 0 => (
                format!(
                    "{} of them held already: the hold that ends last counts",
                    self.held
                ),
                theme.dim(),
            ),
            None => (
                "write the day as in 2026-12-31; the owner is optional".to_owned(),
                theme.dim(),
            ),
        };
        let lines = paragraph(&text, below.width);
        frame.render_widget(Paragraph::new(lines).style(style), below);
    }
}
