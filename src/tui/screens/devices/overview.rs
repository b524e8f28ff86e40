//! The panel of the overview: what its lines are, and how they are drawn.

mod line;

use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::widgets::Paragraph;

use crate::query::facets::Facet;
use crate::text::grouped;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::overview::Index;
use crate::tui::widgets::layout::{body, panel_width};
use crate::tui::widgets::panel::{continues, paragraph, side_panel};

/// The most values of a field that are shown.
const MOST: usize = 8;

/// The most fields that come before the suggestions, and the most suggestions.
const FIRST: usize = 4;
const SUGGESTIONS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelLine {
    /// The heading of a facet.
    Heading(usize),
    /// A value of a facet.
    Value {
        facet: usize,
        value: usize,
    },
    /// How many values of a facet are not shown.
    More(usize),
    /// The heading of the suggestions.
    WorthALook,
    Suggestion(usize),
}

impl PanelLine {
    fn is_heading(self) -> bool {
        matches!(self, Self::Heading(_) | Self::WorthALook)
    }

    /// True if the cursor stops at it.
    pub fn can_be_chosen(self) -> bool {
        matches!(self, Self::Value { .. } | Self::Suggestion(_))
    }
}

/// All lines, in order.
pub fn lines(context: &Context) -> Vec<PanelLine> {
    let Some(index) = &context.overview.index else {
        return Vec::new();
    };
    // A field with one value is of no use.
    let facets = index.facets.iter().enumerate();
    let has_several = |facet: &Facet| {
        let mut totals = facet.totals().iter().filter(|total| **total > 0);
        totals.nth(1).is_some()
    };
    let facets = facets.filter(|(_, facet)| has_several(facet));
    let facets: Vec<Vec<PanelLine>> = facets
        .map(|(place, facet)| facet_lines(place, facet))
        .collect();
    // The suggestions are seen without scrolling, however many a filter leaves: else lines would move. Where
    // not even the first field fits above them, they come first.
    let room = Shape::of(context).lines().saturating_sub(SUGGESTIONS + 1);
    let mut used = 0;
    let fits = |lines: &&Vec<PanelLine>| {
        used += lines.len();
        used <= room
    };
    let first = facets.iter().take(FIRST).take_while(fits).count();
    let (first, rest) = facets.split_at(first);
    let mut lines = first.concat();
    let suggestions = context.overview.counts.suggestions.len();
    if suggestions > 0 {
        lines.push(PanelLine::WorthALook);
        lines.extend((0..suggestions).map(PanelLine::Suggestion));
    }
    lines.extend(rest.iter().flatten());
    lines
}

fn facet_lines(place: usize, facet: &Facet) -> Vec<PanelLine> {
    let top = facet.top(MOST);
    let values = top.values.into_iter();
    let values = values.map(|value| PanelLine::Value {
        facet: place,
        value,
    });
    let mut lines = vec![PanelLine::Heading(place)];
    lines.extend(values);
    if top.more > 0 {
        lines.push(PanelLine::More(place));
    }
    lines
}

/// How many lines the panel has room for.
#[derive(Clone, Copy)]
struct Shape {
    columns: u16,
    rows: usize,
}

impl Shape {
    fn of(context: &Context) -> Self {
        let body = body(context);
        let width = panel_width(context.size.0).unwrap_or(body.width);
        Self::inside(Rect { width, ..body }.inner(Margin::new(1, 1)))
    }

    /// A panel as wide as the screen has two columns.
    fn inside(inner: Rect) -> Self {
        Self {
            columns: if inner.width >= 76 { 2 } else { 1 },
            rows: usize::from(inner.height),
        }
    }

    /// A column may end a line early, so that a heading begins the next one.
    fn lines(self) -> usize {
        let columns = usize::from(self.columns);
        (self.rows * columns).saturating_sub(columns - 1).max(1)
    }
}

/// Why there is nothing to count, and what to do.
fn nothing(index: &Index) -> String {
    let undecided = index.facets.iter().find(|facet| facet.is_undecided());
    match undecided {
        Some(facet) => format!(
            "Nothing to count: some dates of {} are ambiguous (day or month?), so that it can't be filtered by. \
             Give --date-order dmy or mdy.",
            facet.heading()
        ),
        None => "Nothing to count: no field has more than one value.".to_owned(),
    }
}

/// Draws the panel; the line at `cursor`, among all lines, is highlighted if it has the keys. Its own keys
/// are named if they are the table's, which is `with_keys`.
pub fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    cursor: Option<usize>,
    with_keys: bool,
) {
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
    let keys = &context.settings.keys;
    let hint = if cursor.is_some() {
        "esc back".to_owned()
    } else if with_keys {
        let [panel, hide] =
            [Command::Panel, Command::Overview].map(|command| keys.name_of(command));
        format!("{panel} · {hide} hide")
    } else {
        String::new()
    };
    let inner = side_panel(frame, area, context, &title, &hint, cursor.is_some());
    let Some(index) = context.overview.index.clone() else {
        return;
    };
    let lines = lines(context);
    if lines.is_empty() {
        let text = paragraph(&nothing(&index), inner.width);
        frame.render_widget(Paragraph::new(text), inner);
        return;
    }
    let top = first_line(inner, cursor);
    let mut below = lines.len() - top;
    for (at, chunk) in in_columns(inner, &lines, top) {
        below -= chunk.len();
        let drawn = chunk.into_iter().map(|(place, line)| {
            let drawn = line::draw(context, &index, line, usize::from(at.width));
            if cursor == Some(place) {
                drawn.style(context.settings.theme.selection())
            } else {
                drawn
            }
        });
        frame.render_widget(Paragraph::new(drawn.collect::<Vec<_>>()), at);
    }
    continues(frame, area, context, [top, below]);
}

/// The line that a panel of this `area` shows at this place of the screen.
pub(in crate::tui) fn line_at(
    area: Rect,
    context: &Context,
    cursor: Option<usize>,
    at: Position,
) -> Option<PanelLine> {
    let inner = area.inner(Margin::new(1, 1));
    let columns = in_columns(inner, &lines(context), first_line(inner, cursor));
    let (column, lines) = columns
        .into_iter()
        .find(|(column, _)| column.contains(at))?;
    let line = lines.get(usize::from(at.y - column.y));
    line.map(|(_, line)| *line)
}

/// The first line that is shown, so that the one at `cursor` is.
fn first_line(inner: Rect, cursor: Option<usize>) -> usize {
    let rows = Shape::inside(inner).lines();
    cursor.map_or(0, |cursor| (cursor + 1).saturating_sub(rows))
}

/// The lines from `top` on that are shown, with their places among all, in each column of the panel. A heading
/// begins the next column rather than end one.
fn in_columns(
    inner: Rect,
    lines: &[PanelLine],
    top: usize,
) -> Vec<(Rect, Vec<(usize, PanelLine)>)> {
    let shape = Shape::inside(inner);
    let mut chunks = vec![Vec::new()];
    for (place, line) in lines.iter().enumerate().skip(top) {
        let full = chunks.last().map_or(0, Vec::len);
        if full >= shape.rows || full + 1 == shape.rows && line.is_heading() {
            chunks.push(Vec::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push((place, *line));
        }
    }
    let columns = if chunks.len() > 1 { shape.columns } else { 1 };
    let width = inner.width / columns;
    let areas = (0..columns).map(|column| Rect {
        x: inner.x + column * width,
        width: width - u16::from(columns > 1),
        ..inner
    });
    areas.zip(chunks).collect()
}
