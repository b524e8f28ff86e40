//! `q`: what happens to open runs, marks and a fetch when the program is left.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::text::counted;
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::input::dialog_keys::{
    DECLINE, DialogKey, Hint, Press, Section, command, hints, key,
};
use crate::tui::widgets::panel::message_panel;

/// Quit?
#[derive(Clone, Copy, Debug)]
pub struct QuitDialog;

#[derive(Clone, Copy)]
enum Command {
    Quit,
    QuitAndReplace,
    Wait,
    Stop,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key(
        "y",
        &[Press::Key(KeyCode::Char('y'))],
        Command::Quit,
        "",
        "quit",
    ),
    key(
        "k",
        &[Press::Key(KeyCode::Char('k'))],
        Command::QuitAndReplace,
        "",
        "quit and overwrite the saved view",
    ),
    key(
        "w",
        &[Press::Key(KeyCode::Char('w'))],
        Command::Wait,
        "",
        "while a run is active: quit when it ends",
    ),
    key(
        "s",
        &[Press::Key(KeyCode::Char('s'))],
        Command::Stop,
        "",
        "while a run is active: stop after this call and quit",
    ),
    key("esc", DECLINE, Command::Back, "back", ""),
];

impl QuitDialog {
    pub(super) const HELP: Section = Section {
        title: "quit (q)",
        hints: || hints(KEYS),
    };
}

impl Component for QuitDialog {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        let is_active = app.context.runs.is_active();
        match command(KEYS, key) {
            Some(Command::Stop) if is_active => Response::close().with(app.leave()),
            Some(Command::Quit) if !is_active => Response::close().with(app.leave()),
            Some(Command::QuitAndReplace) if !is_active && app.saved_view.offered.is_some() => {
                app.saved_view.offered = None;
                Response::close().with(app.leave())
            }
            Some(Command::Wait) if is_active => {
                app.shutdown.quit_when_runs_end();
                app.context.status = Some("leaving when the run ends".to_owned());
                Response::close()
            }
            Some(Command::Back) => {
                app.shutdown.stay();
                Response::close()
            }
            _ => Response::stay(),
        }
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        let mut lines = vec![Line::default()];
        match app.context.runs.open_run() {
            Some(run) if app.context.runs.is_active() => {
                let left = counted(run.tally.left, "device");
                lines.push(Line::from(format!(
                    "  Run {} is {}, {left} left.",
                    run.id,
                    run.state.as_str()
                )));
                lines.push(Line::default());
                lines.push(Line::from("  w    quit when the run ends"));
                lines.push(Line::from("  s    stop after this call and quit"));
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
                lines.extend(mark_lines(app));
                if app.context.runs.fetch_progress.is_some() {
                    lines.push(Line::from("  The fetch stops after this call;"));
                    lines.push(Line::from("  :fetch continues it within the hour."));
                }
                lines.push(Line::default());
                lines.push(Line::from("  y    quit"));
                if app.context.info.view_path.is_some() && app.saved_view.offered.is_some() {
                    lines.push(Line::from("  k    quit and overwrite the saved view"));
                }
            }
        }
        lines.push(Line::from("  esc  back"));
        message_panel(frame, area, app, "quit?", 56, lines);
    }
}

/// What becomes of the marks.
fn mark_lines(app: &App) -> Vec<Line<'static>> {
    if app.context.list.marks.is_empty() {
        return Vec::new();
    }
    let marked = counted(app.context.list.marks.len() as u64, "device");
    if app.context.info.view_path.is_none() {
        return vec![Line::from(format!("  {marked} marked: not saved."))];
    }
    if app.saved_view.offered.is_some() {
        return vec![
            Line::from(format!("  {marked} marked: not saved; the view that you")),
            Line::from("  postponed at the start stays saved."),
        ];
    }
    vec![Line::from(format!(
        "  {marked} marked: saved for the next start."
    ))]
}
