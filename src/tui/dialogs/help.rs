//! Every key, from the table that also answers them, those of each dialog, and the filter language;
//! searchable.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::GRAMMAR;
use crate::text::visible;
use crate::tui::app::App;
use crate::tui::input::dialog_bindings::SECTIONS;
use crate::tui::mode::{Help, Mode};
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::panel::panel;

pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, app: &App, help: &Help) {
    let theme = app.facts.theme;
    let wanted = visible(&help.wanted);
    let title = match (help.typing, help.wanted.is_empty()) {
        (true, _) => format!("keys with: {wanted}▏"),
        (false, false) => format!("keys with: {wanted}"),
        (false, true) => "every key".to_owned(),
    };
    let inner = panel(frame, area, app, &title);
    let lines = lines(app, &help.wanted);
    if lines.is_empty() {
        let text = Paragraph::new(" no key says that; esc shows all").style(theme.dim());
        frame.render_widget(text, inner);
        return;
    }
    let height = usize::from(inner.height);
    let top = help.top.min(lines.len().saturating_sub(height));
    let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(height).collect();
    frame.render_widget(Paragraph::new(shown), inner);
}

/// How far the help that is open can be scrolled.
pub fn last_line(app: &App) -> usize {
    let Mode::Help(help) = &app.mode else {
        return 0;
    };
    // The panel has a border above and below.
    let height = rows_on_screen(app).saturating_sub(1);
    lines(app, &help.wanted).len().saturating_sub(height)
}

/// The lines that hold `wanted`, whatever its case.
fn lines(app: &App, wanted: &str) -> Vec<Line<'static>> {
    let theme = app.facts.theme;
    let wanted = wanted.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    let mut lines: Vec<Line<'static>> = app
        .facts
        .keys
        .keys()
        .iter()
        .filter(|key| has(key.binding.help) || has(&key.name))
        .map(|key| {
            Line::from(vec![
                Span::styled(format!(" {:>7}  ", key.name), theme.strong()),
                Span::raw(key.binding.help),
            ])
        })
        .collect();
    for section in SECTIONS {
        let keys: Vec<_> = section
            .keys
            .iter()
            .filter(|(key, help)| has(key) || has(help) || has(section.title))
            .collect();
        if keys.is_empty() {
            continue;
        }
        lines.push(Line::default());
        lines.push(Line::from(Span::styled(
            format!(" {}", section.title),
            theme.strong(),
        )));
        lines.extend(keys.into_iter().map(|(key, help)| {
            Line::from(vec![
                Span::styled(format!(" {key:>7}  "), theme.strong()),
                Span::raw(*help),
            ])
        }));
    }
    let grammar: Vec<&str> = GRAMMAR.lines().filter(|line| has(line)).collect();
    if !grammar.is_empty() {
        lines.push(Line::default());
        lines.push(Line::from(Span::styled(
            " the filter, opened with /",
            theme.strong(),
        )));
        lines.extend(
            grammar
                .into_iter()
                .map(|line| Line::from(format!(" {line}"))),
        );
    }
    lines
}
