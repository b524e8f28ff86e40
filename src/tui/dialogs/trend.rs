//! `t` in the history: how devices and licences have changed, with the runs.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::trend::Trend;
use crate::export::{ChartPart, ChartStyle, FETCH_FIRST, NO_FETCH, chart};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{DISMISS, DialogKey, Hint, Section, command, hints, key};
use crate::tui::widgets::panel::{dialog_panel, empty};

/// The lines that aren't bars: three headings, the runs, the axis, the explanation.
const OTHER_LINES: usize = 6;

/// The trend, once read.
#[derive(Clone, Debug, Default)]
pub struct TrendDialog {
    /// What the fetches counted; none while it is being read.
    pub trend: Option<Trend>,
}

const KEYS: &[DialogKey<()>] = &[key("esc", DISMISS, (), "back", "back to the history")];

impl TrendDialog {
    pub(super) const HELP: Section = Section {
        title: "trend (t in the history)",
        hints: || hints(KEYS),
    };
}

impl Component for TrendDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(()) => Response::close(),
            None => Response::stay(),
        }
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn only_informs(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let Some(trend) = &self.trend else {
            return empty(frame, area, context, "Reading the journal…", "");
        };
        if trend.points.is_empty() {
            let remedy = format!("{FETCH_FIRST} :fetch reads the inventory.");
            return empty(frame, area, context, NO_FETCH, &remedy);
        }
        let inner = dialog_panel(frame, area, context, "trend");
        let bars = usize::from(inner.height).saturating_sub(OTHER_LINES) / 3;
        let style = ChartStyle {
            width: usize::from(inner.width).saturating_sub(1),
            rows: bars.clamp(1, 6),
            ascii: theme.is_ascii(),
        };
        let lines = chart(trend, style).into_iter().map(|(part, text)| {
            let style = match part {
                ChartPart::Heading => theme.strong(),
                ChartPart::Bars => theme.accent(),
                ChartPart::Runs => theme.warning(),
                ChartPart::Note => theme.dim(),
            };
            Line::from(Span::styled(text, style))
        });
        frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), inner);
    }
}
