//! `q`: what happens to open runs, marks and a fetch when the program is left.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::run::RunState;
use crate::text::counted;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DECLINE, DialogKey, Hint, Section, command, hints, hints_where, key, letter,
};
use crate::tui::request::Request;
use crate::tui::widgets::panel::{PopupWidth, key_lines, message_panel};

#[derive(Clone, Copy, Debug)]
pub struct QuitDialog {
    /// A saved view was offered, and neither restored nor discarded.
    has_offered_view: bool,
}

#[derive(Clone, Copy)]
enum Command {
    Quit,
    QuitAndDiscard,
    Wait,
    Stop,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    letter("y", Command::Quit, "leave", "leave"),
    letter("k", Command::QuitAndDiscard, "leave and forget the postponed view", "leave and forget the postponed view"),
    letter("w", Command::Wait, "leave when the run ends", "leave when the run ends"),
    letter("s", Command::Stop, "stop after this call and leave", "stop after this call and leave"),
    key("esc", DECLINE, Command::Back, "stay", ""),
];

impl QuitDialog {
    pub(super) const HELP: Section = Section {
        title: "quit (q)",
        hints: || hints(KEYS),
    };

    /// `has_offered_view` if a saved view was offered, and neither restored nor discarded.
    pub fn new(has_offered_view: bool) -> Self {
        Self { has_offered_view }
    }
}

impl Component for QuitDialog {
    fn footer(&self, context: &Context) -> Vec<Hint> {
        hints_where(KEYS, |command, _| self.does(command, context))
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key).filter(|command| self.does(*command, context)) {
            Some(Command::Stop | Command::Quit) => Response::close().request(Request::Quit),
            Some(Command::QuitAndDiscard) => Response::close()
                .request(Request::DiscardSavedView)
                .request(Request::Quit),
            Some(Command::Wait) => {
                context.status = Some("Leaving when the run ends".to_owned());
                Response::close().request(Request::QuitWhenRunsEnd)
            }
            Some(Command::Back) => Response::close().request(Request::Stay),
            None => Response::stay(),
        }
    }

    fn is_for_keyboard(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let mut lines = vec![Line::default()];
        match context.runs.open_run() {
            Some(run) if context.runs.is_active() => {
                let left = counted(run.tally.left, "device");
                lines.push(Line::from(format!(
                    "  Run {} is {}, {left} left.",
                    run.id,
                    run.state.as_str()
                )));
                if !run.resends.is_empty() {
                    let resends = counted(run.resends.len() as u64, "device");
                    lines.push(Line::from(format!("  {resends} in doubt to be resent.")));
                }
                let queued = context.runs.views.iter();
                let queued = queued.filter(|run| run.state == RunState::Queued).count();
                if queued > 0 {
                    let runs = counted(queued as u64, "queued run");
                    lines.push(Line::from(format!("  {runs} behind it.")));
                }
                lines.extend(self.mark_lines(context));
                lines.push(Line::default());
            }
            open => {
                if let Some(run) = open {
                    let left = counted(run.tally.left, "device");
                    lines.push(Line::from(format!(
                        "  Run {} stays {}, {left} left.",
                        run.id,
                        run.state.as_str()
                    )));
                }
                lines.extend(self.mark_lines(context));
                if context.runs.fetch_progress.is_some() {
                    lines.push(Line::from("  The fetch stops after this call;"));
                    lines.push(Line::from("  :fetch continues it within the hour."));
                }
                lines.push(Line::default());
            }
        }
        lines.extend(key_lines(KEYS, |command| self.does(command, context)));
        message_panel(frame, area, context, "leave?", PopupWidth::Medium, lines);
    }
}

impl QuitDialog {
    /// True if this does something now.
    fn does(self, command: Command, context: &Context) -> bool {
        match command {
            Command::Wait | Command::Stop => context.runs.is_active(),
            Command::Quit => !context.runs.is_active(),
            Command::QuitAndDiscard => !context.runs.is_active() && self.has_offered_view,
            Command::Back => true,
        }
    }

    /// What becomes of the marks.
    fn mark_lines(self, context: &Context) -> Vec<Line<'static>> {
        if context.list.marks.is_empty() {
            return Vec::new();
        }
        let marks = counted(context.list.marks.len() as u64, "mark");
        if context.info.view_path.is_none() {
            let are = if context.list.marks.len() == 1 {
                "is"
            } else {
                "are"
            };
            return vec![Line::from(format!("  {marks} {are} lost when you leave."))];
        }
        let mut lines = vec![Line::from(format!("  {marks} saved for the next start."))];
        if self.has_offered_view {
            lines.push(Line::from(
                "  The view that you postponed stays saved, too.",
            ));
        }
        lines
    }
}
