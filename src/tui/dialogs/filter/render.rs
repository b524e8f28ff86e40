//! ```text
//!  / unseen>60d status:un
//!              ┌ tab completes ─────── 2 ┐
//!              │ status:unknown       10 │
//!              │ status:unmanaged      3 │
//!              └─────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::{grouped, width};
use crate::tui::context::Context;
use crate::tui::dialogs::filter::FilterLine;
use crate::tui::dialogs::filter::offer::{Candidate, Offer};
use crate::tui::screens::devices::search::MatchCount;
use crate::tui::widgets::header;
use crate::tui::widgets::panel::{beside_cursor_row, side_panel};

/// The cells of the narrowest and of the widest list.
const WIDTHS: std::ops::RangeInclusive<usize> = 28..=60;

/// Shown in place of a count that isn't known yet.
const COUNTING: &str = "counting…";

/// Draws the candidates below the word: at the top of the body of the screen, beside the row under the cursor,
/// or at the bottom while no row is shown.
pub(super) fn render(
    frame: &mut Frame<'_>,
    body: Rect,
    context: &Context,
    line: &FilterLine,
    offer: &Offer,
) {
    let window = offer.window();
    let shown = offer.candidates.get(window.clone()).unwrap_or_default();
    let names = shown.iter().map(|candidate| width(&candidate.name)).max();
    // The borders, a space at either side, and the count.
    let needed = names.unwrap_or(0) + 4 + 2 + width(COUNTING);
    let needed = needed.clamp(*WIDTHS.start(), *WIDTHS.end());
    let size = u16::try_from(needed).unwrap_or(u16::MAX).min(body.width);
    let at = header::filter_column(body, &line.field, offer.before_word());
    let height = u16::try_from(shown.len() + 2).unwrap_or(u16::MAX);
    let height = height.min(body.height);
    // Without rows, what says which term is to blame stands at the top.
    let has_rows = !context.list.rows.is_empty();
    let place = Rect {
        x: body.x + at.min(body.width - size),
        y: if has_rows {
            body.y
        } else {
            body.bottom() - height
        },
        width: size,
        height,
    };
    let area = beside_cursor_row(place, body, context);
    let all = offer.candidates.len();
    let places = if all > shown.len() {
        format!("{}–{} of {all}", window.start + 1, window.end)
    } else {
        all.to_string()
    };
    let inner = side_panel(frame, area, context, "tab completes", &places, false);
    let lines = window.zip(shown).map(|(place, candidate)| {
        let text = row(context, line, offer, candidate, usize::from(inner.width));
        if offer.at == Some(place) {
            text.style(context.settings.theme.selection())
        } else {
            text
        }
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), inner);
}

fn row(
    context: &Context,
    line: &FilterLine,
    offer: &Offer,
    candidate: &Candidate,
    room: usize,
) -> Line<'static> {
    let theme = &context.settings.theme;
    let (note, style) = match &candidate.query {
        None => (String::new(), Style::new()),
        Some(query) => match line.count_of(query) {
            MatchCount::Known(count) => (grouped(count), Style::new()),
            MatchCount::Invalid => (theme.glyph("—", "-").to_owned(), theme.dim()),
            MatchCount::Counting => (COUNTING.to_owned(), theme.dim()),
        },
    };
    let kind = if candidate.is_filter {
        "saved filter"
    } else {
        ""
    };
    let for_name = room.saturating_sub(width(&note) + width(kind) + 3);
    let (name, typed) = offer.shown(candidate, for_name);
    let gap = " ".repeat(room.saturating_sub(width(&name) + width(kind) + width(&note) + 3));
    let split = name
        .char_indices()
        .nth(typed)
        .map_or(name.len(), |(at, _)| at);
    let (typed, rest) = name.split_at(split);
    Line::from(vec![
        Span::raw(" "),
        Span::styled(typed.to_owned(), theme.matched()),
        Span::raw(rest.to_owned()),
        Span::raw(gap),
        Span::styled(kind, theme.dim()),
        Span::styled(format!(" {note} "), style),
    ])
}
