//! Confirms that a paused or stopped run is resumed, by the number of devices that are left.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::action::Action;
use crate::domain::run::{RunId, RunState, behind_state};
use crate::export::counts;
use crate::text::{counted, grouped, visible};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Press, Section, TEXT, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::widgets::fact::fact;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::dialog_panel;
use crate::tui::widgets::typed_count::TypedCount;

/// Why a run paused or stopped, and the number left to type.
#[derive(Clone, Debug)]
pub struct ResumeDialog {
    run: RunId,
    left: u64,
    action: Action,
    count: TypedCount,
}

#[derive(Clone, Copy)]
enum Command {
    Confirm,
    Type,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("0-9", &[Press::Digit], Command::Type, "", "number of devices left"),
    key("enter", ENTER, Command::Confirm, "resume", "resume the run"),
    key("esc", ESC, Command::Back, "cancel", ""),
    key("", TEXT, Command::Type, "", ""),
];

impl ResumeDialog {
    pub(super) const HELP: Section = Section {
        title: "resume a run",
        hints: || hints(KEYS),
    };

    /// Asks for the number of devices that a run has left, if there is such a run.
    pub fn for_run(id: RunId, context: &Context) -> Option<Self> {
        let run = context.runs.find(id)?;
        Some(Self {
            run: run.id,
            left: run.tally.left,
            action: run.action,
            count: TypedCount::default(),
        })
    }

    /// How many devices are left, which is the number to type.
    pub(in crate::tui) fn left(&self) -> u64 {
        self.left
    }

    fn confirm(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let Some(typed) = self.count.on_key(key, context.now.boot) else {
            return Response::stay();
        };
        if typed == self.left {
            return Response::close().request(Request::Resume(self.run, self.left));
        }
        let left = match self.left {
            1 => "1 device is".to_owned(),
            left => format!("{} devices are", grouped(left)),
        };
        self.count.error = Some(format!("You typed {typed}; {left} left. Nothing was sent."));
        Response::stay()
    }
}

impl Component for ResumeDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Confirm) => self.confirm(key, context),
            Some(Command::Back) => Response::close(),
            Some(Command::Type) | None => {
                self.count.on_key(key, context.now.boot);
                Response::stay()
            }
        }
    }

    fn on_paste(&mut self, _text: &str, context: &mut Context) -> Response {
        self.count.on_paste(context.now.boot);
        Response::stay()
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.count.guard)
    }

    fn on_interrupted(&mut self) {
        self.count.reset();
    }

    fn can_send(&self) -> bool {
        true
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn typed_count(&self) -> Option<&TypedCount> {
        Some(&self.count)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let inner = dialog_panel(frame, area, context, &format!("Resume run {}", self.run));
        let run = context.runs.find(self.run);
        let width = usize::from(inner.width);
        let mut lines = Vec::new();
        if inner.height > 10 {
            lines.push(Line::default());
        }
        let mut add = |name: &str, value: &str, style: Style| {
            lines.extend(fact(name, value, width, theme.dim(), style));
        };
        if let Some(target) = &context.settings.target {
            add("tenant", &target.label(), Style::new());
        }
        let left = format!("{} {}", self.action, counted(self.left, "device"));
        add("left", &left, Style::new());
        if let Some(tally) = run
            .map(|run| run.tally)
            .filter(|tally| tally.left < tally.total())
        {
            let of = counted(tally.total(), "device");
            add(
                "so far",
                &format!("{} of {of}", counts(tally)),
                Style::new(),
            );
        }
        if let Some(run) = run.filter(|run| run.tally.in_doubt > 0) {
            let devices = counted(run.tally.in_doubt, "device");
            add(
                "in doubt",
                &format!("{devices}, not sent again by this"),
                Style::new(),
            );
        }
        let name = if run.is_some_and(|run| run.state == RunState::Stopped) {
            "stopped"
        } else {
            "paused"
        };
        if let Some(pause) = run.and_then(|run| run.pause.as_ref()) {
            let reason = pause.to_string();
            add(name, behind_state(name, &reason), theme.warning());
            add("", pause.advice(), Style::new());
        } else if let Some(reason) = run.and_then(|run| run.reason.as_ref()) {
            add(name, behind_state(name, &visible(reason)), theme.warning());
        }
        // However long the reason is, the field is on the screen.
        let mut field = vec![self.count.prompt(context, self.left, "resume", true)];
        field.extend(self.count.error_line(context));
        let height = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
        let gap = u16::from(inner.height > 10);
        let [facts, field_area] = Layout::vertical([
            Constraint::Max(height(lines.len()) + gap),
            Constraint::Min(height(field.len())),
        ])
        .areas(inner);
        frame.render_widget(Paragraph::new(lines), facts);
        frame.render_widget(Paragraph::new(field).wrap(Wrap { trim: false }), field_area);
    }
}
