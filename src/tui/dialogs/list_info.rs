//! `i`: how the list was read, and what an administrator should know about it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::{clip, visible, wrap};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{Hint, READING, Reading, Section, command, hints};
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::side_panel;

/// The reading report.
#[derive(Clone, Debug, Default)]
pub struct ListInfo {
    /// Its lines, once worked out.
    pub report: Option<Vec<String>>,
    top: ListCursor,
}

impl ListInfo {
    pub(super) const HELP: Section = Section {
        title: "how the list was read (i)",
        hints: || hints(READING),
    };

    fn lines(&self, context: &Context, width: usize) -> Vec<Line<'static>> {
        let theme = &context.settings.theme;
        let mut lines = Vec::new();
        for notice in &context.info.notices {
            let mut sign = "! ";
            for text in wrap(notice, width.saturating_sub(2)) {
                let text = format!("{sign}{text}");
                lines.push(Line::from(Span::styled(text, theme.warning())));
                sign = "  ";
            }
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        match &self.report {
            Some(report) => {
                let report = report.iter().map(|line| clip(line, width).into_owned());
                lines.extend(report.map(Line::from));
            }
            None => lines.push(Line::from(Span::styled("reading…", theme.dim()))),
        }
        lines
    }
}

impl Component for ListInfo {
    fn hints(&self) -> Vec<Hint> {
        hints(READING)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(READING, key) {
            Some(Reading::Scroll) => {
                let width = usize::from(context.size.0).saturating_sub(4);
                let rows = rows_on_screen(context, false);
                let last = self.lines(context, width).len().saturating_sub(rows) + 1;
                self.top.on_key(key, last);
                Response::stay()
            }
            Some(Reading::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let name = visible(context.list.devices.name()).into_owned();
        let title = format!("how {} was read", clip(&name, 40));
        let inner = side_panel(frame, area, context, &title, "esc closes", true);
        let lines = self.lines(context, usize::from(inner.width).saturating_sub(2));
        let shown = lines.into_iter().skip(self.top.at).map(|mut line| {
            line.spans.insert(0, Span::raw(" "));
            line
        });
        frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()), inner);
    }
}
