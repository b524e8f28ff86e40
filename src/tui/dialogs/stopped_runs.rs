//! At the start: runs that have devices left to send.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::{clip, counted, grouped, visible};
use crate::tui::away;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC_OR_Q, Hint, MOTION, Press, Section, command, hints, key, letter,
};
use crate::tui::request::{DialogRequest, Request};
use crate::tui::screens::history::recall::recall;
use crate::tui::screens::history::state::{PastRun, Recall};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{centred, panel};

/// The most runs that are shown at once.
const ROWS: usize = 8;

/// The stopped runs, newest first.
#[derive(Clone, Debug)]
pub struct StoppedRuns {
    runs: Vec<PastRun>,
    cursor: ListCursor,
}

#[derive(Clone, Copy)]
enum Command {
    Move,
    Resume,
    Review,
    Close,
    Later,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    letter("r", Command::Resume, "resume", "resume: you type the number left"),
    key("v", &[Press::Char('v'), Press::Key(KeyCode::Enter)], Command::Review, "review", "its devices and failures"),
    letter("X", Command::Close, "close", "close: the rest stays unsent, the record is kept"),
    key("esc", ESC_OR_Q, Command::Later, "decide later", "decide later"),
];

impl StoppedRuns {
    pub(super) const HELP: Section = Section {
        title: "unfinished runs, at the start",
        hints: || hints(KEYS),
    };

    /// About these runs, newest first.
    pub fn new(runs: Vec<PastRun>) -> Self {
        Self {
            runs,
            cursor: ListCursor::default(),
        }
    }
}

impl Component for StoppedRuns {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let Some(run) = self.runs.get(self.cursor.at) else {
            return Response::close();
        };
        match command(KEYS, key) {
            Some(Command::Move) => {
                self.cursor.on_key(key, self.runs.len());
                Response::stay()
            }
            // The dialog closes once the run was read from the journal.
            Some(Command::Resume) => Response::stay().with(recall(run, Recall::Resume, context)),
            Some(Command::Review) => Response::stay().with(recall(run, Recall::Review, context)),
            Some(Command::Close) => match run.close_refusal(context.now.wall) {
                Some(refusal) => {
                    context.status = Some(refusal);
                    Response::stay()
                }
                None => {
                    let (id, left) = (run.record.id, run.record.tally.left);
                    Response::close().request(Request::Open(DialogRequest::CloseRun(id, left)))
                }
            },
            Some(Command::Later) => {
                context.status = Some("4 lists unfinished runs".to_owned());
                Response::close().request(Request::Open(DialogRequest::SavedView))
            }
            None => Response::stay(),
        }
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let count = self.runs.len();
        let rows = count.min(ROWS);
        let about = |run: &PastRun| {
            let (now, dot) = (context.now.wall, theme.dot());
            away::about(&context.settings.away, run.record.id, now, dot)
        };
        let any_away = self.runs.iter().any(|run| about(run).is_some());
        let height = u16::try_from(rows + 9 + usize::from(any_away)).unwrap_or(u16::MAX);
        let title = counted(count as u64, "unfinished run");
        let inner = panel(frame, centred(area, 100, height), context, &title);
        let width = usize::from(inner.width);
        let mut lines = vec![Line::default()];
        let top = self.cursor.top(rows);
        for (index, run) in self.runs.iter().enumerate().skip(top).take(rows) {
            let line = Line::from(clip(&line_of(run), width).into_owned());
            lines.push(if index == self.cursor.at {
                line.style(theme.selection())
            } else {
                line
            });
        }
        let reason = self
            .runs
            .get(self.cursor.at)
            .and_then(|run| run.record.reason.as_ref())
            .map_or(String::new(), |reason| format!(" {}", visible(reason)));
        let away = self.runs.get(self.cursor.at);
        let away = away.and_then(about);
        if let Some(away) = away {
            lines.push(Line::from(clip(&format!(" {away}"), width).into_owned()));
        }
        lines.push(Line::from(Span::styled(
            clip(&reason, width).into_owned(),
            theme.warning(),
        )));
        lines.push(Line::default());
        let left = self
            .runs
            .get(self.cursor.at)
            .map(|run| run.record.tally.left);
        let hints = self.hints().into_iter().skip(1);
        lines.extend(hints.map(|hint| {
            let number = match (hint.name, left) {
                ("r", Some(left)) => format!(", {}", grouped(left)),
                _ => String::new(),
            };
            Line::from(format!("  {:<4} {}{number}", hint.name, hint.help))
        }));
        frame.render_widget(Paragraph::new(lines), inner);
    }
}

fn line_of(run: &PastRun) -> String {
    let record = &run.record;
    format!(
        " {}  {}  {} UTC  {} left of {}  {}",
        record.id,
        record.action,
        record.confirmed_at.strftime("%Y-%m-%d %H:%M"),
        grouped(record.tally.left),
        counted(record.devices, "device"),
        run.state.as_str(),
    )
}
