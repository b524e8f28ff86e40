//! The panel of the overview: what its lines are, and how they are drawn.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::facets::{Count, Facet};
use crate::text::{clip, grouped, width};
use crate::tui::context::Context;
use crate::tui::overview::Index;
use crate::tui::widgets::bar::Bar;
use crate::tui::widgets::panel::side_panel;
use crate::tui::widgets::theme::Role;

/// The most values of a field that are shown.
const MOST: usize = 8;

/// How many fields come before the suggestions.
const FIRST: usize = 4;

/// A line of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverviewLine {
    /// The heading of a facet.
    Heading(usize),
    /// A value of a facet.
    Value {
        /// The facet.
        facet: usize,
        /// Its value.
        value: usize,
    },
    /// How many values of a facet are not shown.
    More(usize),
    /// The heading of the suggestions.
    WorthALook,
    /// A suggestion.
    Suggestion(usize),
}

impl OverviewLine {
    fn is_heading(self) -> bool {
        matches!(self, Self::Heading(_) | Self::WorthALook)
    }

    /// True if the cursor stops at it.
    pub fn can_be_chosen(self) -> bool {
        matches!(self, Self::Value { .. } | Self::Suggestion(_))
    }
}

/// All lines, in order.
pub fn lines(context: &Context) -> Vec<OverviewLine> {
    let Some(index) = &context.overview.index else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    // A field with one value is of no use.
    let facets = index.facets.iter().enumerate();
    let facets: Vec<(usize, &Facet)> = facets.filter(|(_, facet)| facet.len() > 1).collect();
    let (first, rest) = facets.split_at(FIRST.min(facets.len()));
    for (place, facet) in first {
        facet_lines(&mut lines, *place, facet);
    }
    if !context.overview.counts.suggestions.is_empty() {
        lines.push(OverviewLine::WorthALook);
        let count = context.overview.counts.suggestions.len();
        lines.extend((0..count).map(OverviewLine::Suggestion));
    }
    for (place, facet) in rest {
        facet_lines(&mut lines, *place, facet);
    }
    lines
}

fn facet_lines(lines: &mut Vec<OverviewLine>, place: usize, facet: &Facet) {
    lines.push(OverviewLine::Heading(place));
    let top = facet.top(MOST);
    let values = top.values.iter().map(|&value| OverviewLine::Value {
        facet: place,
        value,
    });
    lines.extend(values);
    if top.more > 0 {
        lines.push(OverviewLine::More(place));
    }
}

/// Draws the panel; the line at `cursor`, among all lines, is highlighted if it has the keys.
pub fn render(frame: &mut Frame<'_>, area: Rect, context: &Context, cursor: Option<usize>) {
    let shown = grouped(context.list.rows.len() as u64);
    let rows = context.list.rows.len();
    let title = match (context.overview.is_counting(rows), area.width) {
        (true, _) => "counting…".to_owned(),
        (false, ..60) if context.overview.counts.all_marked => {
            format!("overview {}", context.settings.theme.glyph("●", "*"))
        }
        (false, ..60) => "overview".to_owned(),
        (false, _) => format!("overview of the {shown} shown"),
    };
    let hint = if cursor.is_some() {
        "esc back"
    } else {
        "tab · o hide"
    };
    let inner = side_panel(frame, area, context, &title, hint, cursor.is_some());
    let Some(index) = context.overview.index.clone() else {
        return;
    };
    let lines = lines(context);
    // A panel as wide as the screen has two columns.
    let columns = if inner.width >= 76 { 2 } else { 1 };
    let column_width = inner.width / columns;
    let rows = usize::from(inner.height);
    // A column may end a line early, so that a heading begins the next one.
    let capacity = rows.saturating_sub(1).max(1) * usize::from(columns);
    let top = cursor.map_or(0, |cursor| (cursor + 1).saturating_sub(capacity));
    let shown = lines.iter().enumerate().skip(top);
    for (column, chunk) in (0_u16..columns).zip(in_columns(shown, rows)) {
        let at = Rect {
            x: inner.x + column * column_width,
            width: column_width.saturating_sub(u16::from(columns > 1) * 2),
            ..inner
        };
        let drawn = chunk.into_iter().map(|(place, line)| {
            let drawn = draw(context, &index, *line, usize::from(at.width));
            if cursor == Some(place) {
                drawn.style(context.settings.theme.selection())
            } else {
                drawn
            }
        });
        frame.render_widget(Paragraph::new(drawn.collect::<Vec<_>>()), at);
    }
}

/// The lines in columns of `rows` lines. A heading begins the next column rather than end one.
fn in_columns<'a>(
    lines: impl Iterator<Item = (usize, &'a OverviewLine)>,
    rows: usize,
) -> Vec<Vec<(usize, &'a OverviewLine)>> {
    let mut columns = vec![Vec::new()];
    for (place, line) in lines {
        let full = columns.last().map_or(0, Vec::len);
        if full >= rows || full + 1 == rows && line.is_heading() {
            columns.push(Vec::new());
        }
        if let Some(column) = columns.last_mut() {
            column.push((place, line));
        }
    }
    columns
}

/// The cells of a value's name, and those of its bar.
const LABEL: usize = 14;
const BAR: usize = 8;

fn draw<'a>(context: &Context, index: &Index, line: OverviewLine, room: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let facet = |place: usize| index.facets.iter().nth(place);
    match line {
        OverviewLine::Heading(place) => {
            let heading = facet(place).map_or("", Facet::heading);
            let first = place == 0;
            let is_all = context.list.rows.len() == context.list.devices.len();
            let right = if first && !is_all { "shown/all" } else { "" };
            spread(
                room,
                Span::styled(format!(" {}", clip(heading, room / 2)), theme.strong()),
                Span::styled(right.to_owned(), theme.dim()),
            )
        }
        OverviewLine::Value {
            facet: place,
            value,
        } => match facet(place) {
            Some(facet) => value_line(context, facet, place, value, room),
            None => Line::default(),
        },
        OverviewLine::More(place) => {
            let more = facet(place).map_or(0, |facet| facet.top(MOST).more);
            let text = format!(" {} more", grouped(more as u64));
            Line::from(Span::styled(text, theme.dim()))
        }
        OverviewLine::WorthALook => Line::from(Span::styled(" worth a look", theme.strong())),
        OverviewLine::Suggestion(place) => {
            let found = context.overview.counts.suggestions.get(place);
            let (heading, shown) = found.map_or(("", 0), |found| (found.heading, found.shown));
            let heading = theme.in_ascii(heading);
            let sign = theme.glyph("›", ">");
            spread(
                room,
                Span::styled(format!(" {sign} {heading}"), theme.accent()),
                Span::raw(grouped(u64::from(shown))),
            )
        }
    }
}

fn value_line<'a>(
    context: &Context,
    facet: &Facet,
    place: usize,
    value: usize,
    room: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
    let counts = context.overview.counts.values.get(place);
    let counts = counts.map_or(&[][..], Vec::as_slice);
    let count = counts.get(value).copied().unwrap_or(Count {
        shown: 0,
        marked: 0,
    });
    let most = counts.iter().map(|count| count.shown).max().unwrap_or(0);
    let label = clip(facet.label(value), LABEL).into_owned();
    let pad = " ".repeat(LABEL.saturating_sub(width(&label)));
    let style = match facet.key() {
        crate::query::Key::Field(crate::list::Field::Status) => theme.status(facet.label(value)),
        crate::query::Key::Field(crate::list::Field::Severity) => {
            theme.severity(facet.label(value))
        }
        _ => Style::new(),
    };
    let total = grouped(u64::from(facet.total(value)));
    // Without a filter both numbers are the same.
    let is_all = context.list.rows.len() == context.list.devices.len();
    let shown = if is_all {
        String::new()
    } else {
        grouped(u64::from(count.shown))
    };
    let total = if is_all { total } else { format!("/{total}") };
    let unmarked = u64::from(count.shown - count.marked.min(count.shown));
    let plain = theme.role(Role::Bar);
    let bar = Bar::new(u64::from(most), BAR);
    // The title says it once: to colour every bar is a third of what marking all writes.
    let bar = if context.overview.counts.all_marked {
        bar.part(u64::from(count.shown), plain)
    } else {
        bar.part(u64::from(count.marked), theme.mark())
            .part(unmarked, plain)
    };
    let mut spans = vec![Span::styled(format!(" {label}{pad} "), style)];
    spans.extend(bar.spans(theme));
    let used = LABEL + 2 + BAR;
    let numbers = width(&shown) + width(&total);
    spans.push(Span::raw(
        " ".repeat(room.saturating_sub(used + numbers + 1)),
    ));
    spans.push(Span::raw(shown));
    spans.push(Span::styled(total, theme.dim()));
    Line::from(spans)
}

fn spread<'a>(room: usize, left: Span<'a>, right: Span<'a>) -> Line<'a> {
    let gap = room.saturating_sub(left.width() + right.width() + 1);
    Line::from(vec![left, Span::raw(" ".repeat(gap)), right])
}
