//! What is worth knowing about the list, and the reading report: the format, each column, the rows.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::list::{ColumnAssignment, ColumnReport, ReadingReport, ReadingTimes};
use crate::text::{clip, visible};
use crate::tui::context::Context;
use crate::tui::dialogs::list_info::{InfoKind, InfoLine, ListInfoDialog};
use crate::tui::widgets::age::ago;
use crate::tui::widgets::layout::body;
use crate::tui::widgets::match_offer;
use crate::tui::widgets::panel::{continues, side_panel, wrap_line};
use crate::tui::widgets::theme::Theme;
use crate::tui::widgets::time::time_on;

/// All lines: what is worth knowing first.
pub(super) fn lines(report: &ReadingReport, context: &Context) -> Vec<InfoLine> {
    let mut lines = Vec::new();
    let mut add = |kind, text: String| lines.push(InfoLine::new(kind, text));
    for notice in &context.info.notices {
        add(InfoKind::Notice, notice.clone());
    }
    if let Some(offer) = match_offer::text(context) {
        add(InfoKind::Offer, offer);
    }
    if !context.info.assigned.is_empty() {
        let assigned = context.info.assigned.iter();
        let options: Vec<String> = assigned.map(ColumnAssignment::option).collect();
        let options = options.join(" ");
        let text = format!("assigned here, and remembered for these headers: {options}");
        add(InfoKind::Assigned, text);
    }
    if !lines.is_empty() {
        lines.push(InfoLine::report(String::new()));
    }
    let read_at = read_at(context.info.read_at, context.now.wall);
    let about_list_time = about_list_time(context);
    let times = ReadingTimes {
        read_at: &read_at,
        about_list_time: &about_list_time,
    };
    for (text, column) in report.lines(times) {
        lines.push(match column {
            Some(column) => InfoLine {
                kind: InfoKind::Column(column),
                is_doubtful: report.columns.get(column).is_some_and(is_doubtful),
                text,
            },
            None => InfoLine::report(text),
        });
    }
    lines
}

/// Where the list's time comes from, and its age.
fn about_list_time(context: &Context) -> String {
    let list = &context.list.devices;
    let Some(time) = list.time() else {
        return String::new();
    };
    let source = if list.fetched_at().is_some() {
        "read from the tenant"
    } else {
        "the newest date in it"
    };
    format!(", {source}, {}", ago(context.now.wall, time))
}

/// True for a column that is not used, or whose values are only partly read.
fn is_doubtful(column: &ColumnReport) -> bool {
    column.field.is_none() || column.unreadable > 0
}

/// When the list was read, with the day unless it is today.
fn read_at(at: Timestamp, now: Timestamp) -> String {
    format!("{} UTC", time_on(now, at))
}

impl InfoLine {
    fn new(kind: InfoKind, text: String) -> Self {
        Self {
            kind,
            is_doubtful: false,
            text,
        }
    }

    fn report(text: String) -> Self {
        Self::new(InfoKind::Report, text)
    }

    /// As rows of the screen.
    fn rows(&self, theme: &Theme, width: usize) -> Vec<Line<'static>> {
        let indent = self.text.len() - self.text.trim_start_matches(' ').len();
        let (sign, style) = match self.kind {
            InfoKind::Notice => (" ! ".to_owned(), theme.warning()),
            InfoKind::Offer => (format!(" {} ", theme.glyph("›", ">")), theme.accent()),
            InfoKind::Assigned => (format!(" {} ", theme.glyph("●", "*")), theme.mark()),
            InfoKind::Column(_) if self.is_doubtful => (
                format!(" !{}", " ".repeat(indent.saturating_sub(1))),
                theme.warning(),
            ),
            InfoKind::Report | InfoKind::Column(_) => (" ".repeat(indent + 1), Style::new()),
        };
        let text = visible(self.text.get(indent..).unwrap_or_default()).into_owned();
        let line = [Span::styled(sign, style), Span::styled(text, style)];
        wrap_line(&Line::from_iter(line), width)
    }
}

impl ListInfoDialog {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let name = visible(context.list.devices.name()).into_owned();
        let title = format!("how {} was read", clip(&name, 40));
        let inner = side_panel(frame, area, context, &title, "esc closes", true);
        let width = usize::from(inner.width).saturating_sub(1);
        let above = self.above(theme, width);
        // The report has to stay in sight.
        let most = usize::from(inner.height) / 2;
        let rows = u16::try_from(above.len().min(most)).unwrap_or(u16::MAX);
        let [top, rest] =
            Layout::vertical([Constraint::Length(rows), Constraint::Min(1)]).areas(inner);
        frame.render_widget(Paragraph::new(above), top);
        if self.report.is_some() {
            let hidden = self.draw_lines(frame, rest, theme, width);
            continues(frame, area, context, hidden);
        } else if self.error.is_none() {
            let reading = Line::from(Span::styled(" reading…", theme.dim()));
            frame.render_widget(Paragraph::new(reading), rest);
        }
        if let Some(menu) = &self.menu {
            menu.render(frame, area, context);
        }
    }

    /// True if the line is drawn without scrolling.
    pub(super) fn is_on_first_page(&self, line: usize, context: &Context) -> bool {
        let inside = body(context).inner(Margin::new(1, 1));
        let width = usize::from(inside.width).saturating_sub(1);
        let lines = self.lines.iter().take(line + 1);
        let rows = lines.map(|line| line.rows(&context.settings.theme, width).len());
        rows.sum::<usize>() <= usize::from(inside.height)
    }

    /// Draws the lines around the cursor; returns how many rows are above and below them.
    fn draw_lines(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        theme: &Theme,
        width: usize,
    ) -> [usize; 2] {
        let room = usize::from(area.height);
        let mut rows: Vec<Line<'static>> = Vec::new();
        let mut current = 0..0;
        for (at, line) in self.lines.iter().enumerate() {
            let begin = rows.len();
            let is_current = at == self.cursor.at;
            rows.extend(line.rows(theme, width).into_iter().map(|row| {
                if is_current {
                    let pad = " ".repeat((width + 1).saturating_sub(row.width()));
                    let spans = row.spans.into_iter().chain([Span::raw(pad)]);
                    spans.collect::<Line<'_>>().style(theme.selection())
                } else {
                    row
                }
            }));
            if is_current {
                current = begin..rows.len();
            }
        }
        // Beyond the first page the cursor keeps a few rows of what follows in sight.
        let first = if current.end <= room {
            0
        } else {
            let first = (current.end + room / 4).saturating_sub(room);
            let last = rows.len().saturating_sub(room);
            first.min(last).min(current.start)
        };
        let below = rows.len().saturating_sub(first + room);
        let shown: Vec<Line<'_>> = rows.into_iter().skip(first).take(room).collect();
        frame.render_widget(Paragraph::new(shown), area);
        [first, below]
    }

    /// The rows that stay above the others: what became of a request.
    fn above(&self, theme: &Theme, width: usize) -> Vec<Line<'static>> {
        let mut rows = Vec::new();
        let mut add = |sign: &str, text: &str, style| {
            let line = [
                Span::styled(format!(" {sign} "), style),
                Span::styled(text.to_owned(), style),
            ];
            rows.extend(wrap_line(&Line::from_iter(line), width));
        };
        if let Some(error) = &self.error {
            add(theme.glyph("✗", "x"), error, theme.danger());
        }
        if self.is_reading {
            add(" ", "reading the list again…", theme.dim());
        }
        if !rows.is_empty() {
            rows.push(Line::default());
        }
        rows
    }
}
