//! What is worth knowing about the list, and the reading report: the format, each column, the rows.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::list::{ColumnAssignment, ColumnReport, ReadingReport, ReadingTimes, ReportLine};
use crate::text::{clip, visible, width};
use crate::tui::context::Context;
use crate::tui::dialogs::list_info::{InfoKind, InfoLine, ListInfoDialog};
use crate::tui::widgets::age::ago;
use crate::tui::widgets::layout::body;
use crate::tui::widgets::match_offer;
use crate::tui::widgets::panel::{continues, side_panel, wrap_line};
use crate::tui::widgets::theme::Theme;
use crate::tui::widgets::time::time_on;

/// From this width on, what follows the columns stands beside them.
const WIDE: u16 = 116;

/// So many cells of samples are shown, even if the row is continued then.
const SHORTEST_SAMPLES: usize = 12;

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
    for ReportLine {
        text,
        column,
        samples,
    } in report.lines(Some(times))
    {
        lines.push(match column {
            Some(column) => InfoLine {
                kind: InfoKind::Column(column),
                is_doubtful: report.columns.get(column).is_some_and(is_doubtful),
                text,
                samples,
            },
            None => InfoLine::report(text),
        });
    }
    lines
}

/// The area of the report.
fn inside(context: &Context) -> Rect {
    body(context).inner(Margin::new(1, 1))
}

/// The cells of a row of text: the last one stays empty.
fn text_width(area: Rect) -> usize {
    usize::from(area.width).saturating_sub(1)
}

/// The areas of the columns, and of what stands beside them, if something does.
fn split(area: Rect, has_beside: bool) -> [Rect; 2] {
    let beside = if has_beside { area.width * 2 / 5 } else { 0 };
    Layout::horizontal([Constraint::Min(1), Constraint::Length(beside)]).areas(area)
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
            samples: 0..0,
        }
    }

    /// The text, with no more of its samples than there is room for beside the rest.
    fn fitted(&self, room: usize) -> Cow<'_, str> {
        let text = self.text.as_str();
        let samples = text.get(self.samples.clone()).unwrap_or_default();
        let for_samples = (room + width(samples)).saturating_sub(width(text));
        let cut = clip(samples, for_samples.max(SHORTEST_SAMPLES));
        if cut == samples {
            return text.into();
        }
        let before = text.get(..self.samples.start).unwrap_or_default();
        let after = text.get(self.samples.end..).unwrap_or_default();
        format!("{before}{cut}{after}").into()
    }

    fn report(text: String) -> Self {
        Self::new(InfoKind::Report, text)
    }

    /// As rows of the screen.
    fn rows(&self, theme: &Theme, width: usize) -> Vec<Line<'static>> {
        let text = self.fitted(width.saturating_sub(1));
        let indent = text.len() - text.trim_start_matches(' ').len();
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
        let text = visible(text.get(indent..).unwrap_or_default()).into_owned();
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
        let above = self.above(theme, text_width(inner));
        // The report has to stay in sight.
        let most = usize::from(inner.height) / 2;
        let rows = u16::try_from(above.len().min(most)).unwrap_or(u16::MAX);
        let [top, rest] =
            Layout::vertical([Constraint::Length(rows), Constraint::Min(1)]).areas(inner);
        frame.render_widget(Paragraph::new(above), top);
        if self.report.is_some() {
            let beside = self.beside(rest, theme);
            let [left, right] = split(rest, beside.is_some());
            frame.render_widget(Paragraph::new(beside.unwrap_or_default()), right);
            let hidden = self.draw_lines(frame, left, theme, self.main_lines(context));
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
        let inside = inside(context);
        let theme = &context.settings.theme;
        let [left, _] = split(inside, self.beside(inside, theme).is_some());
        let lines = self.lines.iter().take(line + 1);
        let rows = lines.map(|line| line.rows(theme, text_width(left)).len());
        rows.sum::<usize>() <= usize::from(inside.height)
    }

    /// How many lines the cursor moves through: not those that stand beside the others.
    pub(super) fn main_lines(&self, context: &Context) -> usize {
        let beside = self.beside(inside(context), &context.settings.theme);
        beside.map_or(self.lines.len(), |_| self.lines_with_columns())
    }

    /// How many lines there are up to the last column.
    fn lines_with_columns(&self) -> usize {
        let is_column = |line: &InfoLine| matches!(line.kind, InfoKind::Column(_));
        self.lines
            .iter()
            .rposition(is_column)
            .map_or(0, |at| at + 1)
    }

    /// The rows of what follows the columns (values that can't be used, warnings), if the area has room for
    /// them beside the columns.
    fn beside(&self, area: Rect, theme: &Theme) -> Option<Vec<Line<'static>>> {
        if area.width < WIDE {
            return None;
        }
        let [_, right] = split(area, true);
        let below = self.lines.get(self.lines_with_columns()..)?;
        let below = below.iter().skip_while(|line| line.text.is_empty());
        let rows: Vec<Line<'_>> = below
            .flat_map(|line| line.rows(theme, text_width(right)))
            .collect();
        (!rows.is_empty() && rows.len() <= usize::from(area.height)).then_some(rows)
    }

    /// Draws these many lines, as far as there is room around the cursor; returns how many rows are above and
    /// below.
    fn draw_lines(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        theme: &Theme,
        lines: usize,
    ) -> [usize; 2] {
        let room = usize::from(area.height);
        let width = text_width(area);
        let cursor = self.cursor.at.min(lines.saturating_sub(1));
        let mut rows: Vec<Line<'static>> = Vec::new();
        let mut current = 0..0;
        for (at, line) in self.lines.iter().take(lines).enumerate() {
            let begin = rows.len();
            let is_current = at == cursor;
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
