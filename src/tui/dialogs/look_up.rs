//! The question before devices are looked up in the tenant: what that costs.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::run::RunId;
use crate::engine::lookup_verdict::LookupKey;
use crate::runner::REFERENCE_CALLS;
use crate::text::counted;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{DialogKey, ENTER, Hint, Press, Section, command, hints, key};
use crate::tui::screens::failures::lookup_state::LookupProgress;
use crate::tui::screens::run::activity::time_to_end;
use crate::tui::widgets::panel::{PopupWidth, key_lines, message_panel};

/// What lookups cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUpPrompt {
    pub run: RunId,
    /// Which devices, by ordinal.
    pub devices: Vec<u32>,
    /// By which identifier.
    pub by: LookupKey,
    /// How long that takes at the least, in seconds.
    pub seconds: u64,
}

#[derive(Clone, Copy)]
enum Command {
    LookUp,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::LookUp, "look up", "look the devices up"),
    key("esc", &[Press::Key(KeyCode::Esc), Press::Char('q'), Press::Char('w')], Command::Back, "cancel", ""),
];

impl LookUpPrompt {
    pub(super) const HELP: Section = Section {
        title: "look devices up in the tenant (w)",
        hints: || hints(KEYS),
    };

    /// The question about these devices of a run.
    pub fn new(run: RunId, devices: Vec<u32>, by: LookupKey, context: &Context) -> Self {
        let seconds = context.seconds_for((devices.len() + REFERENCE_CALLS) as u64);
        Self {
            run,
            devices,
            by,
            seconds,
        }
    }

    /// Starts the lookups.
    fn begin(&self, context: &mut Context) -> Effect {
        context.runs.lookup_progress =
            Some(LookupProgress::new(self.run, self.devices.clone(), self.by));
        Effect::LookUp(self.run, self.devices.clone(), self.by)
    }
}

impl Component for LookUpPrompt {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::LookUp) => Response::close().with([self.begin(context)]),
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let count = self.devices.len() as u64;
        let calls = counted(count + REFERENCE_CALLS as u64, "call");
        let run = context.runs.focus().filter(|_| context.runs.is_active());
        let cost = match (run, self.seconds) {
            (Some(run), _) => match time_to_end(context, run) {
                Some(time) => format!("{calls}, starts when the run is done (in {time})."),
                None => format!("{calls}, starts when the run is done."),
            },
            (None, seconds) => {
                // A call takes about a second.
                let seconds = seconds.max(count + REFERENCE_CALLS as u64);
                format!("{calls}, about {}:{:02}.", seconds / 60, seconds % 60)
            }
        };
        let title = format!("Look up {}", counted(count, "device"));
        let mut lines = vec![
            Line::default(),
            Line::from("  Read-only: asks the tenant, changes nothing."),
        ];
        if self.by == LookupKey::AlternateIdentifier {
            lines.extend([
                Line::from("  The tenant is asked for their other identifier."),
                Line::from("  Those that are the same device go into a plan."),
            ]);
        }
        let controls = format!("  {REFERENCE_CALLS} ask for other devices, so that a 404 counts.");
        lines.extend([format!("  {cost}"), controls, String::new()].map(Line::from));
        lines.extend(key_lines(KEYS, |_| true));
        message_panel(frame, area, context, &title, PopupWidth::Medium, lines);
    }
}
