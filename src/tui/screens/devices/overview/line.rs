//! One line of the overview's panel.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{MOST, PanelLine};
use crate::query::facets::{Count, Facet};
use crate::text::{clip, grouped, width};
use crate::tui::context::Context;
use crate::tui::overview::Index;
use crate::tui::widgets::bar::Bar;
use crate::tui::widgets::sparkline::sparkline;
use crate::tui::widgets::theme::Role;

/// The fewest and the most cells of a value's name, and those of its bar.
const LABEL: [usize; 2] = [14, 24];
const BAR: usize = 8;

/// The cells of a value's name, in a line of `room` cells.
fn label_width(context: &Context, room: usize) -> usize {
    let all = width(&grouped(context.list.devices.len() as u64));
    let [least, most] = LABEL;
    room.saturating_sub(BAR + 2 * all + 4).clamp(least, most)
}

pub(super) fn draw<'a>(context: &Context, index: &Index, line: PanelLine, room: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let facet = |place: usize| index.facets.iter().nth(place);
    match line {
        PanelLine::Heading(place) => {
            let histogram = facet(place).and_then(Facet::histogram);
            let heading = facet(place).map_or("", Facet::heading);
            let first = place == 0;
            let is_all = context.list.rows.len() == context.list.devices.len();
            let right = if first && !is_all { "shown/all" } else { "" };
            // Of the whole list, so that one sees what the filter cuts away.
            let bars = histogram.map_or(String::new(), |totals| {
                let bars = sparkline(theme, totals.iter().map(|total| u64::from(*total)));
                format!("  {bars}")
            });
            spread(
                room,
                vec![
                    Span::styled(format!(" {}", clip(heading, room / 2)), theme.strong()),
                    Span::styled(bars, theme.role(Role::Bar)),
                ],
                Span::styled(right.to_owned(), theme.dim()),
            )
        }
        PanelLine::Value {
            facet: place,
            value,
        } => match facet(place) {
            Some(facet) => value_line(context, facet, place, value, room),
            None => Line::default(),
        },
        PanelLine::More(place) => {
            let more = facet(place).map_or(0, |facet| facet.top(MOST).more);
            let text = format!(" {} more", grouped(more as u64));
            Line::from(Span::styled(text, theme.dim()))
        }
        PanelLine::WorthALook => Line::from(Span::styled(" worth a look", theme.strong())),
        PanelLine::Suggestion(place) => {
            let found = context.overview.counts.suggestions.get(place);
            let (heading, shown) = found.map_or(("", 0), |found| (found.heading, found.shown));
            let heading = theme.in_ascii(heading);
            let sign = theme.glyph("›", ">");
            let count = grouped(u64::from(shown));
            // The name gives way, not the number.
            let name = clip(&heading, room.saturating_sub(width(&count) + 5)).into_owned();
            spread(
                room,
                vec![Span::styled(format!(" {sign} {name}"), theme.accent())],
                Span::raw(count),
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
    let label_cells = label_width(context, room);
    let label = clip(facet.label(value), label_cells).into_owned();
    let pad = " ".repeat(label_cells.saturating_sub(width(&label)));
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
        // The slash is written with the number: a style of its own costs more than both.
        format!("{}/", grouped(u64::from(count.shown)))
    };
    let bar = Bar::new(u64::from(most), BAR).part(u64::from(count.shown), theme.role(Role::Bar));
    let mut spans = vec![Span::styled(format!(" {label}{pad} "), style)];
    spans.extend(bar.spans(theme));
    // The title says it once if all are marked: to colour every bar is a third of what that writes.
    if !context.overview.counts.all_marked
        && let Some(bar) = spans.get_mut(1)
    {
        let (marked, rest) = split_bar(&bar.content, count);
        let parts = [
            Span::styled(marked, theme.mark()),
            Span::styled(rest, bar.style),
        ];
        spans.splice(1..2, parts);
    }
    let used = label_cells + 2 + BAR;
    let numbers = width(&shown) + width(&total);
    let mut gap = room.saturating_sub(used + numbers + 1);
    // Without colours the marked part of a bar looks like the rest.
    if theme.is_mono() && count.marked > 0 && !context.overview.counts.all_marked {
        let marked = format!(
            "{}{}",
            theme.glyph("●", "*"),
            grouped(u64::from(count.marked))
        );
        if let Some(rest) = gap.checked_sub(width(&marked) + 1) {
            gap = 1;
            spans.push(Span::raw(" ".repeat(rest)));
            spans.push(Span::styled(marked, theme.mark()));
        }
    }
    spans.push(Span::raw(" ".repeat(gap)));
    spans.push(Span::raw(shown));
    spans.push(Span::styled(total, theme.dim()));
    Line::from(spans)
}

/// The cells of a bar for the marked rows, to the nearest one, and the others. A value that isn't marked
/// whole doesn't look so.
fn split_bar(bar: &str, count: Count) -> (String, String) {
    let cells = bar.chars().count() as u64;
    let (shown, marked) = (u64::from(count.shown), u64::from(count.marked));
    let nearest = (2 * marked * cells + shown).checked_div(2 * shown);
    let most = if marked < shown {
        cells.saturating_sub(1)
    } else {
        cells
    };
    let nearest = nearest.unwrap_or(0).min(most);
    let at = bar
        .char_indices()
        .nth(usize::try_from(nearest).unwrap_or(0));
    let (marked, rest) = bar.split_at(at.map_or(bar.len(), |(at, _)| at));
    (marked.to_owned(), rest.to_owned())
}

fn spread<'a>(room: usize, left: Vec<Span<'a>>, right: Span<'a>) -> Line<'a> {
    let mut line = Line::from(left);
    let gap = room.saturating_sub(line.width() + right.width() + 1);
    line.push_span(Span::raw(" ".repeat(gap)));
    line.push_span(right);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_share_of_a_bar_is_to_the_nearest_cell() {
        for (bar, marked, shown, expected) in [
            ("██", 1, 300, ""),
            ("████████", 150, 300, "████"),
            ("████████", 299, 300, "███████"),
            ("███▌", 300, 300, "███▌"),
            ("▏", 1, 2, ""),
            ("", 0, 0, ""),
        ] {
            let (part, rest) = split_bar(bar, Count { shown, marked });
            assert_eq!(part, expected, "{marked} of {shown}");
            assert_eq!(format!("{part}{rest}"), bar);
        }
    }
}
