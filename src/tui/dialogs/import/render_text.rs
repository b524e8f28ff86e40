//! Draws the text of an import, and what it matches so far.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Padding, Paragraph};

use crate::text::clip;
use crate::tui::context::Context;
use crate::tui::dialogs::import::render::{Table, counts, entry_line};
use crate::tui::dialogs::import::report::Report;
use crate::tui::dialogs::import::text::ImportText;
use crate::tui::widgets::panel::dialog_panel;

/// From this width on, the matches are beside the text.
const PREVIEWED: u16 = 100;

pub(super) fn render_text(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    source: &ImportText,
    matches: Option<&Report>,
) {
    let theme = &context.settings.theme;
    let inner = dialog_panel(frame, area, context, "Mark devices from a ticket");
    let [hint, body, file, below] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(inner);
    let (body, beside) = if body.width >= PREVIEWED {
        let columns = [Constraint::Percentage(40), Constraint::Fill(1)];
        let [text, beside] = Layout::horizontal(columns).areas(body);
        (text, Some(beside))
    } else {
        (body, None)
    };
    let names = " Paste names, HWIDs, MACs, serials, accounts, or a table.";
    let lines = vec![
        match beside {
            Some(_) => Line::from(format!("{names} Matches appear on the right.")),
            None => Line::from(names),
        },
        Line::from(" ctrl-d shows what they match; nothing is marked before. tab: read a file."),
    ];
    frame.render_widget(Paragraph::new(lines).style(theme.dim()), hint);
    let mut text = source.area.clone();
    text.set_cursor_line_style(Style::new());
    text.set_cursor_style(if source.in_path {
        Style::new()
    } else {
        Style::new().add_modifier(Modifier::REVERSED)
    });
    frame.render_widget(&text, body);
    source
        .path
        .render(frame, file, context, " file: ", source.in_path);
    if source.request_id.is_some() {
        let line = Paragraph::new(" Reading and matching…");
        frame.render_widget(line.style(theme.dim()), below);
    } else if let Some(error) = &source.error {
        let line = format!(" {}", clip(error, usize::from(below.width)));
        frame.render_widget(Paragraph::new(line).style(theme.danger()), below);
    } else if let (Some(report), None) = (matches, beside) {
        let line = format!(" {}", counts(report).join(theme.dot()));
        frame.render_widget(Paragraph::new(line).style(theme.strong()), below);
    }
    if let (Some(report), Some(area)) = (matches, beside) {
        render_preview(frame, area, context, report);
    }
}

/// The last entries of what the text matches so far, since what is pasted last is looked at.
fn render_preview(frame: &mut Frame<'_>, area: Rect, context: &Context, report: &Report) {
    let theme = &context.settings.theme;
    let room = usize::from(area.width).saturating_sub(2);
    let table = Table::beside_text();
    let counted = clip(&counts(report).join(theme.dot()), room).into_owned();
    let mut lines = vec![Line::from(counted).style(theme.strong())];
    let shown = usize::from(area.height).saturating_sub(lines.len());
    let entries = &report.import.entries;
    let last = entries.len().saturating_sub(shown);
    lines.extend(entries.iter().skip(last).map(|entry| {
        let line = entry_line(context, report, &table, entry);
        Line::from(clip(&line, room).into_owned())
    }));
    let block = Block::new()
        .borders(Borders::LEFT)
        .border_set(theme.border())
        .border_style(theme.faint())
        .padding(Padding::left(1));
    frame.render_widget(Paragraph::new(lines).block(block), area);
}
