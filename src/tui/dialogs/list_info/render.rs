//! The reading report: notices, what was assigned here, the format, each column, the rows.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::list::ColumnAssignment;
use crate::text::{clip, visible, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::list_info::ListInfo;
use crate::tui::widgets::match_offer;
use crate::tui::widgets::panel::side_panel;

impl ListInfo {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let name = visible(context.list.devices.name()).into_owned();
        let title = format!("how {} was read", clip(&name, 40));
        let inner = side_panel(frame, area, context, &title, "esc closes", true);
        let width = usize::from(inner.width).saturating_sub(2);
        let above = self.above(context, width);
        // The report has to stay in sight.
        let most = usize::from(inner.height) / 2;
        let rows = u16::try_from(above.len().min(most)).unwrap_or(u16::MAX);
        let [top, rest] =
            Layout::vertical([Constraint::Length(rows), Constraint::Min(1)]).areas(inner);
        frame.render_widget(Paragraph::new(above), top);
        let rows = usize::from(rest.height);
        let lines: Vec<Line<'_>> = match &self.report {
            None if self.error.is_some() => Vec::new(),
            None => vec![Line::from(Span::styled(" reading…", theme.dim()))],
            Some(_) => {
                let lines = &self.lines;
                // The cursor keeps a few lines of what follows in sight.
                let first = (self.cursor.at + rows / 4 + 1).saturating_sub(rows);
                let first = first.min(lines.len().saturating_sub(rows));
                let shown = lines.iter().enumerate().skip(first).take(rows);
                let shown = shown.map(|(at, (text, _))| {
                    let line = Line::from(format!(" {:<width$} ", clip(text, width)));
                    if at == self.cursor.at {
                        line.style(theme.selection())
                    } else {
                        line
                    }
                });
                shown.collect()
            }
        };
        frame.render_widget(Paragraph::new(lines), rest);
        if let Some(menu) = &self.menu {
            menu.render(frame, area, context);
        }
    }

    /// The lines above the report.
    fn above(&self, context: &Context, width: usize) -> Vec<Line<'static>> {
        let theme = &context.settings.theme;
        let mut lines = Vec::new();
        let mut add = |sign: &str, text: &str, style| {
            let mut sign = format!(" {sign} ");
            for text in wrap(text, width.saturating_sub(2)) {
                lines.push(Line::from(Span::styled(format!("{sign}{text}"), style)));
                "   ".clone_into(&mut sign);
            }
        };
        if let Some(error) = &self.error {
            add(theme.glyph("✗", "x"), error, theme.danger());
        }
        if self.is_reading {
            add(" ", "reading the list again…", theme.dim());
        }
        for notice in &context.info.notices {
            add("!", notice, theme.warning());
        }
        if let Some(offer) = match_offer::text(context) {
            add(theme.glyph("›", ">"), &offer, theme.accent());
        }
        if !context.info.assigned.is_empty() {
            let assigned = context.info.assigned.iter();
            let options: Vec<String> = assigned.map(ColumnAssignment::option).collect();
            let options = options.join(" ");
            let text = format!("assigned here, and remembered for these headers: {options}");
            add(theme.glyph("●", "*"), &text, theme.mark());
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines
    }
}
