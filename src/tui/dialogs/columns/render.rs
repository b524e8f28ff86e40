//! ```text
//! ┌ columns, and what rows are sorted by ┐
//! │ ▸ ✓ hostname                 15  ▲ 1 │
//! │   ✓ hwid                     17      │
//! │     agent                            │
//! │     @Cost Centre                     │
//! │     the list's own order             │
//! └──────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::text::{self, clip};
use crate::tui::app::App;
use crate::tui::widgets::panel::{centred, panel};

/// The width of a column's name, in cells.
const NAME: usize = 24;

pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, app: &App, at: usize) {
    let theme = app.facts.theme;
    let sort = &app.table.sort;
    let columns = &app.table.columns;
    let chosen = columns.shown();
    let mut lines: Vec<String> = columns
        .all()
        .into_iter()
        .map(|column| {
            let shown = chosen.iter().find(|shown| shown.column == column);
            let tick = if shown.is_some() {
                theme.glyph("✓", "+")
            } else {
                " "
            };
            let width = shown.map_or(String::new(), |shown| shown.width.to_string());
            let order = sort.key(&column).map_or(String::new(), |(place, key)| {
                let place = if sort.keys.len() > 1 {
                    (place + 1).to_string()
                } else {
                    String::new()
                };
                format!("{}{place}", theme.arrow(key.reversed))
            });
            let name = column.name();
            let name = clip(&name, NAME);
            // Padded by cells: a header may hold wide characters.
            let pad = " ".repeat(NAME.saturating_sub(text::width(&name)));
            format!(" {tick} {name}{pad} {width:>3} {order:<4}")
        })
        .collect();
    let own = match sort.keys.first() {
        None => theme.arrow(false),
        Some(key) if key.column.is_none() => theme.arrow(key.reversed),
        Some(_) => "",
    };
    lines.push(format!("   {:<24}     {own:<4}", "the list's own order"));
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inner = panel(frame, centred(area, 38, height), app, "columns and order");
    let rows = usize::from(inner.height);
    let top = (at + 1).saturating_sub(rows);
    let lines: Vec<Line<'_>> = lines
        .into_iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, text)| {
            let line = Line::from(text);
            if index == at {
                line.style(theme.cursor())
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}
