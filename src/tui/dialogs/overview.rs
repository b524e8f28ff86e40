//! `tab` or `o`: the overview has the keys. Its lines narrow the filter or mark their devices.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::list::DeviceId;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, Hint, MOTION, Press, SPACE, Section, command, hints, hints_where, key, letter,
};
use crate::tui::overview::AddedTerm;
use crate::tui::request::{Request, TermPlace};
use crate::tui::screens::devices::overview::{PanelLine, lines, render};
use crate::tui::widgets::layout::{beside_table, panel_width};
use crate::tui::widgets::list_cursor::ListCursor;

/// The line under the cursor, among those that can be chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct OverviewDialog {
    cursor: ListCursor,
    /// What it was moved to: the lines change with the filter.
    line: Option<PanelLine>,
}

#[derive(Clone, Copy)]
enum Command {
    Move,
    Filter,
    Exclude,
    Add,
    Mark,
    Hide,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    key("enter", ENTER, Command::Filter, "filter to it", "filter to the value"),
    letter("-", Command::Exclude, "exclude it", "exclude the value"),
    key("space", SPACE, Command::Mark, "mark its devices", "mark the shown devices with the value"),
    letter("+", Command::Add, "add it", "add the value to the last one"),
    letter("o", Command::Hide, "hide", "hide the overview"),
    key("esc", &[Press::Key(KeyCode::Esc), Press::Key(KeyCode::Tab), Press::Char('q')], Command::Back, "back", ""),
];

impl OverviewDialog {
    pub(super) const HELP: Section = Section {
        title: "overview (o, tab)",
        hints: || hints(KEYS),
    };

    /// The lines that can be chosen, with their places among all.
    fn choices(context: &Context) -> Vec<(usize, PanelLine)> {
        let lines = lines(context).into_iter().enumerate();
        lines.filter(|(_, line)| line.can_be_chosen()).collect()
    }

    /// The line under the cursor, and its place among all.
    pub(in crate::tui) fn current(self, context: &Context) -> Option<(usize, PanelLine)> {
        let choices = Self::choices(context);
        let last = choices.len().checked_sub(1)?;
        let same = choices.iter().find(|(_, line)| Some(*line) == self.line);
        same.or_else(|| choices.get(self.cursor.at.min(last)))
            .copied()
    }

    /// Filters to what the line counts.
    pub(in crate::tui) fn filter_to(context: &mut Context, line: PanelLine) -> Option<Request> {
        filter(context, line, false)
    }

    /// Where it is drawn, of the body of the screen.
    pub(in crate::tui) fn area(body: Rect, context: &Context) -> Rect {
        beside_table(body, panel_width(context.size.0).unwrap_or(body.width))
    }

    fn move_cursor(&mut self, key: &KeyEvent, context: &Context) {
        let choices = Self::choices(context);
        let current = self.current(context);
        let at = choices.iter().position(|choice| Some(*choice) == current);
        self.cursor.at = at.unwrap_or(0);
        self.cursor.on_key(key, choices.len());
        self.line = choices.get(self.cursor.at).map(|(_, line)| *line);
    }
}

/// The term that selects what the line counts.
fn term(context: &Context, line: PanelLine) -> Option<String> {
    let overview = &context.overview;
    match line {
        PanelLine::Value { facet, value } => {
            let index = overview.index.as_ref()?;
            index.facets.iter().nth(facet)?.query(value)
        }
        PanelLine::Suggestion(place) => {
            let found = overview.counts.suggestions.get(place)?;
            Some(found.query.clone())
        }
        _ => None,
    }
}

/// The term that leaves out what the line counts.
fn exclusion(context: &Context, line: PanelLine) -> Option<String> {
    match line {
        PanelLine::Value { facet, value } => {
            let index = context.overview.index.as_ref()?;
            index.facets.iter().nth(facet)?.exclusion(value)
        }
        line => Some(format!("-({})", term(context, line)?)),
    }
}

/// Filters to the value, or to it and those of the same field that the panel chose last.
fn filter(context: &mut Context, line: PanelLine, adds: bool) -> Option<Request> {
    let PanelLine::Value { facet, value } = line else {
        return Some(Request::AddTerm(term(context, line)?, TermPlace::Last));
    };
    let last = context.overview.added.take();
    let last = last.filter(|added| adds && added.facet == facet && !added.values.contains(&value));
    let mut values = last.map_or(Vec::new(), |added| added.values);
    values.push(value);
    let index = context.overview.index.as_ref()?;
    let text = index.facets.iter().nth(facet)?.query_any(&values)?;
    context.overview.added = Some(AddedTerm { facet, values });
    Some(Request::AddTerm(text, TermPlace::OfField))
}

/// Leaves out what the line counts. If all shown devices have it, the filter is turned round.
fn exclude(context: &Context, line: PanelLine) -> Option<Request> {
    let term = exclusion(context, line)?;
    let all_have_it = rows(context, line)?.len() == context.list.rows.len();
    let place = if all_have_it {
        TermPlace::Opposite
    } else {
        TermPlace::Last
    };
    Some(Request::AddTerm(term, place))
}

/// The shown devices that the line counts.
fn rows(context: &Context, line: PanelLine) -> Option<Vec<DeviceId>> {
    let overview = &context.overview;
    let index = overview.index.as_ref()?;
    let rows = context.list.rows.iter().copied();
    Some(match line {
        PanelLine::Value { facet, value } => {
            let facet = index.facets.iter().nth(facet)?;
            rows.filter(|&id| facet.has(id, value)).collect()
        }
        PanelLine::Suggestion(place) => {
            let query = &overview.counts.suggestions.get(place)?.query;
            rows.filter(|&id| index.suggestions.has(id, query))
                .collect()
        }
        _ => return None,
    })
}

/// Marks the shown devices that the line counts.
fn mark(context: &mut Context, line: PanelLine) -> Option<Request> {
    let rows = rows(context, line)?;
    if rows.is_empty() {
        context.status = Some("No row shown has it".to_owned());
        return None;
    }
    Some(Request::MarkByTerm(rows, term(context, line)?))
}

impl Component for OverviewDialog {
    fn footer(&self, context: &Context) -> Vec<Hint> {
        let is_empty = Self::choices(context).is_empty();
        hints_where(KEYS, |command, _| {
            !is_empty || matches!(command, Command::Hide | Command::Back)
        })
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let line = self.current(context).map(|(_, line)| line);
        self.line = line;
        match (command(KEYS, key), line) {
            (Some(Command::Move), _) => {
                self.move_cursor(key, context);
            }
            (Some(Command::Filter), Some(line)) => {
                if let Some(request) = filter(context, line, false) {
                    return Response::stay().request(request);
                }
            }
            (Some(Command::Add), Some(line)) => {
                if let Some(request) = filter(context, line, true) {
                    return Response::stay().request(request);
                }
            }
            (Some(Command::Exclude), Some(line)) => {
                if let Some(request) = exclude(context, line) {
                    return Response::stay().request(request);
                }
            }
            (Some(Command::Mark), Some(line)) => {
                if let Some(request) = mark(context, line) {
                    return Response::stay().request(request);
                }
            }
            (Some(Command::Hide), _) => {
                context.overview.is_open = false;
                return Response::close();
            }
            (Some(Command::Back), _) => return Response::close(),
            (Some(_), None) | (None, _) => {}
        }
        Response::stay()
    }

    fn only_informs(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let cursor = self.current(context).map(|(place, _)| place);
        let area = Self::area(area, context);
        render(frame, area, context, Some(cursor.unwrap_or(0)), false);
    }
}
