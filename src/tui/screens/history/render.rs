//! ```text
//! ┌ history ──────────────────────────────────────────────────────────────────────┐
//! │   run       when (UTC)   action    devices  result              note          │
//! │ ▌ vag4p68w  today 22:06  remove        108  ✓ 101 ✗ 6 ∅ 1       CHG-1042      │
//! └───────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! and, below the list, everything about the run under the cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::run::RunState;
use crate::text::{clip, grouped, visible};
use crate::tui::context::Context;
use crate::tui::screens::history::HistoryScreen;
use crate::tui::screens::history::cells::{counts, padded, split, when};
use crate::tui::screens::history::detail;
use crate::tui::screens::history::found;
use crate::tui::screens::history::state::PastRun;
use crate::tui::screens::run::render::{NO_RUNS, how_to_start};
use crate::tui::widgets::layout::{body, row_in_panel};
use crate::tui::widgets::panel::{empty, panel};
use crate::tui::widgets::run_bar::{bar, run_parts};

/// From this width on there is a bar for each run, and who confirmed it.
const WIDE: usize = 100;
/// How wide the bar is.
const BAR: usize = 10;
/// With fewer cells the note is left out.
const NARROW: usize = 64;

/// Draws the runs, or the devices that were searched.
pub fn render(frame: &mut Frame<'_>, area: Rect, screen: &HistoryScreen, context: &Context) {
    let runs = match &screen.runs {
        None => {
            empty(frame, area, context, "Reading the journal…", "");
            return;
        }
        Some(runs) if runs.is_empty() => {
            empty(frame, area, context, NO_RUNS, &how_to_start(context));
            return;
        }
        Some(runs) => runs,
    };
    if let Some(search) = &screen.search {
        found::render(frame, area, screen, context, search);
        return;
    }
    let [list, below] = split(area, runs.len());
    let inner = panel(frame, list, context, "history");
    let width = usize::from(inner.width);
    let rows = usize::from(inner.height).saturating_sub(1);
    let top = (screen.at + 1).saturating_sub(rows);
    let shown = || runs.iter().enumerate().skip(top).take(rows);
    let columns = Columns::new(context, shown().map(|(_, run)| run), width);
    let mut lines = vec![columns.heading(context)];
    lines.extend(shown().map(|(place, run)| columns.line(context, run, place == screen.at)));
    frame.render_widget(Paragraph::new(lines), inner);
    if let Some(run) = screen.current() {
        let counts = screen.counted.as_ref();
        let counts = counts.filter(|(id, _)| *id == run.record.id);
        let counts = counts.and_then(|(_, counts)| counts.as_ref());
        detail::render(frame, below, context, run, counts, screen.detail);
    }
}

impl HistoryScreen {
    /// The row of the screen with the cursor.
    pub fn cursor_row(&self, context: &Context) -> Option<u16> {
        let (lines, cursor) = match &self.search {
            Some(search) => (search.found.as_ref()?.devices.len(), search.at),
            None => (self.runs.as_ref()?.len(), self.at),
        };
        let [list, _] = split(body(context), lines);
        row_in_panel(list, cursor, 1).filter(|_| lines > 0)
    }

    /// How many lines of the details of the run under the cursor have no room.
    pub(super) fn hidden(&self, context: &Context) -> usize {
        let [_, below] = split(body(context), self.runs.as_ref().map_or(0, Vec::len));
        let run = self.current();
        run.map_or(0, |run| detail::hidden(below, context, run))
    }
}

/// How the table shares its width.
#[derive(Clone, Copy, Debug)]
struct Columns {
    width: usize,
    /// The cells of the counts.
    counts: usize,
}

impl Columns {
    fn new<'a>(context: &Context, shown: impl Iterator<Item = &'a PastRun>, width: usize) -> Self {
        let cells = |run: &PastRun| -> usize {
            let counts = counts(context, run);
            counts.iter().map(Span::width).sum()
        };
        Self {
            width,
            counts: shown.map(cells).max().unwrap_or(0).max("result".len()),
        }
    }

    /// There is room for a bar for each run, and who confirmed it.
    fn is_wide(self) -> bool {
        self.width >= WIDE
    }

    /// There is no room for the number of devices, which the counts add up to, and the note.
    fn is_narrow(self) -> bool {
        self.width < NARROW
    }

    fn when(self) -> usize {
        if self.is_wide() { 16 } else { 11 }
    }

    fn heading<'a>(self, context: &Context) -> Line<'a> {
        let when = self.when();
        let mut text = format!(
            "   {:<8}  {:<when$}  {:<9}  ",
            "run", "when (UTC)", "action"
        );
        if self.is_wide() {
            text.push_str(&format!("{:<10}  ", "who"));
        }
        if !self.is_narrow() {
            text.push_str(&format!("{:>7}  ", "devices"));
        }
        let bar = if self.is_wide() { BAR + 1 } else { 0 };
        let result = bar + self.counts;
        text.push_str(&format!("{:<result$}", "result"));
        if !self.is_narrow() {
            text.push_str("  note");
        }
        Line::from(Span::styled(text, context.settings.theme.strong()))
    }

    fn line<'a>(self, context: &Context, run: &PastRun, is_current: bool) -> Line<'a> {
        let theme = &context.settings.theme;
        let record = &run.record;
        let cursor = if is_current {
            theme.glyph("▌", ">")
        } else {
            " "
        };
        let mut text = format!(
            " {}  {:<width$}  {:<9}  ",
            record.id,
            when(record.confirmed_at, context.now.wall, self.is_wide()),
            record.action.as_str(),
            width = self.when(),
        );
        if self.is_wide() {
            text.push_str(&padded(&record.operator.os_user, 10));
            text.push_str("  ");
        }
        if !self.is_narrow() {
            text.push_str(&format!("{:>7}  ", grouped(record.devices)));
        }
        let mut spans = vec![
            Span::styled(format!(" {cursor}"), theme.accent()),
            Span::raw(text),
        ];
        if self.is_wide() {
            let parts = run_parts(theme, record.tally, 0);
            spans.extend(bar(theme, &parts, record.tally.total(), BAR));
            spans.push(Span::raw(" "));
        }
        let counts = counts(context, run);
        let used: usize = counts.iter().map(Span::width).sum();
        spans.extend(counts);
        if !self.is_narrow() {
            let gap = (self.counts + 2).saturating_sub(used);
            spans.push(Span::raw(" ".repeat(gap)));
            let used: usize = spans.iter().map(Span::width).sum();
            spans.push(note(context, run, self.width.saturating_sub(used + 1)));
        }
        let line = Line::from(spans);
        if is_current {
            line.patch_style(theme.selection())
        } else {
            line
        }
    }
}

/// What can be done with a run that isn't over, then its note.
fn note<'a>(context: &Context, run: &PastRun, room: usize) -> Span<'a> {
    let theme = &context.settings.theme;
    let state = match run.state {
        state if run.holder.is_some() => Some(state.as_str()),
        RunState::Finished => None,
        RunState::Closed => Some("closed"),
        state if run.record.tally.left_in(state) == 0 => Some("nothing left to send"),
        _ => Some("can resume"),
    };
    let note = run.record.note.as_ref();
    let note = note.map(|note| visible(note).into_owned());
    let parts: Vec<String> = state.map(str::to_owned).into_iter().chain(note).collect();
    let style = if run.state.is_open() {
        theme.warning()
    } else {
        theme.dim()
    };
    let text = parts.join(theme.dot());
    Span::styled(clip(&text, room).into_owned(), style)
}
