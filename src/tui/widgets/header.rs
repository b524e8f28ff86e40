//! ```text
//!  offboard  production · gears.opswat.com   [1 Devices]  2 Run  3 Failures  4 History      calls ▕██████░░▏ 6 of 10 left
//!  devices.json  12,408 devices · 3 rows unusable · saved 12 min ago              212 shown · ● 137 marked · 5 hidden
//!  / unseen>90d status:out_of_license_usage                                              Marked 107 more, 137 in all
//! ```
//!
//! and, while the filter is edited and has a mistake, a line that points at it. On a low screen without a
//! filter, the second and the third line are one:
//!
//! ```text
//!  devices.json  saved 12 min ago                                     212 shown · ● 137   6/10 calls left
//! ```
//!
//! A message has the place of the list's facts in it, or the whole line if it needs that.

mod list_line;
mod subject;

pub(in crate::tui) use subject::HeaderSubject;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::{Query, QueryError};
use crate::text::{clip, width};
use crate::tui::context::{Context, HEADER_ROWS};
use crate::tui::input::commands::{Command, View};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::layout::spread;
use crate::tui::widgets::match_offer;
use crate::tui::widgets::tabs::{self, WIDE};
use crate::tui::widgets::text_field::TextField;

/// With fewer rows, the screen has no row to spare for a filter that isn't there.
const LOW: u16 = 30;

/// The cells of a filter that makes room for a message, which is read once.
const CUT_QUERY: usize = 12;

/// The filter as the header shows it.
#[derive(Clone, Copy, Debug)]
pub enum FilterState<'a> {
    InForce(&'a Query),
    Edited {
        field: &'a TextField,
        /// Its mistake.
        error: Option<&'a QueryError>,
        /// Why it isn't applied yet: its end is missing.
        hint: Option<&'a str>,
    },
}

/// What the header shows besides the context.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct Header<'a> {
    pub view: View,
    /// What the second line is about.
    pub subject: HeaderSubject<'a>,
    /// The run whose failures are counted.
    pub reviewed: Option<&'a RunView>,
    pub filter: FilterState<'a>,
    /// Only marked devices are shown, of those that it matches.
    pub marked_only: bool,
}

impl Header<'_> {
    /// How many rows it takes.
    pub(in crate::tui) fn rows(self, context: &Context) -> u16 {
        let has_mistake = matches!(self.filter, FilterState::Edited { error: Some(_), .. });
        HEADER_ROWS + u16::from(has_mistake) - u16::from(self.is_merged(context))
    }

    /// True if the list and the filter share a line. A message doesn't part them: it comes and goes, and the
    /// table would jump.
    fn is_merged(self, context: &Context) -> bool {
        let shows_all = match self.filter {
            FilterState::Edited { .. } => false,
            FilterState::InForce(query) => {
                self.view != View::Devices || (query.is_empty() && !self.marked_only)
            }
        };
        let is_announced = context.open_runs.newest().is_some()
            || (self.view == View::Devices && match_offer::in_header(context).is_some());
        context.size.1 < LOW && shows_all && !is_announced
    }

    /// Draws its lines.
    pub(in crate::tui) fn render(self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let mut lines = vec![tabs::line(area, context, self.view, self.reviewed)];
        if self.is_merged(context) {
            lines.push(list_line::shared(area, context, self));
        } else {
            lines.push(list_line::own(area, context, self));
            lines.push(filter_line(area, context, self));
        }
        if let FilterState::Edited {
            field,
            error: Some(error),
            ..
        } = self.filter
        {
            lines.push(error_line(area, context, field, error));
        }
        frame.render_widget(Paragraph::new(lines), area);
        if let FilterState::Edited { field, .. } = self.filter {
            let [before, _] = field.shown(filter_room(area));
            let column = PROMPT.len() + width(&before);
            let column = u16::try_from(column)
                .unwrap_or(u16::MAX)
                .min(area.width.saturating_sub(1));
            frame.set_cursor_position((area.x + column, area.y + 2));
        }
    }
}

/// Before the filter while it is edited.
const PROMPT: &str = " / ";

/// The cells for the filter while it is edited, without its cursor.
fn filter_room(area: Rect) -> usize {
    usize::from(area.width).saturating_sub(PROMPT.len() + 1)
}

/// The column of the screen where the edited filter has the text behind `before`.
pub(in crate::tui) fn filter_column(area: Rect, input: &TextField, before: &str) -> u16 {
    let column = (PROMPT.len() + width(before)).saturating_sub(input.scrolled(filter_room(area)));
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// What is wrong with the filter, under the place where it is.
fn error_line<'a>(
    area: Rect,
    context: &Context,
    input: &TextField,
    error: &QueryError,
) -> Line<'a> {
    let before: String = input.value().chars().take(error.column() - 1).collect();
    let place = usize::from(filter_column(area, input, &before));
    let room = usize::from(area.width);
    let explanation = error.explanation();
    // On the side of the mark that has more room.
    let text = if place < room / 2 {
        let message = clip(&explanation, room.saturating_sub(place + 2));
        format!("{}^ {message}", " ".repeat(place))
    } else {
        let message = clip(&explanation, place.saturating_sub(1));
        let start = place.saturating_sub(width(&message) + 1);
        format!("{}{message} ^", " ".repeat(start))
    };
    Line::from(Span::styled(
        clip(&text, room).into_owned(),
        context.settings.theme.danger(),
    ))
}

/// The filter while it is edited, scrolled to its cursor, and what it lacks, if there is room for that.
fn edited_line<'a>(
    area: Rect,
    context: &Context,
    field: &TextField,
    hint: Option<&'a str>,
) -> Line<'a> {
    let [before, after] = field.shown(filter_room(area));
    let text = format!("{PROMPT}{before}{after}");
    let room = usize::from(area.width).saturating_sub(width(&text) + 4);
    let hint = hint.filter(|hint| width(hint) <= room);
    let hint = hint.map(|hint| Span::styled(hint, context.settings.theme.dim()));
    spread(area, vec![Span::raw(text)], hint.into_iter().collect())
}

/// What decides which rows are shown, beside the last message.
fn filter_line<'a>(area: Rect, context: &'a Context, header: Header<'a>) -> Line<'a> {
    let theme = &context.settings.theme;
    let room = usize::from(area.width);
    let query = match header.filter {
        FilterState::Edited { field, hint, .. } => {
            return edited_line(area, context, field, hint);
        }
        FilterState::InForce(query) if header.view == View::Devices => query.text(),
        // It filters the devices only.
        FilterState::InForce(_) => "",
    };
    let key = context.key(Command::MarkedOnly);
    let only = match &context.status {
        _ if !header.marked_only || header.view != View::Devices => String::new(),
        None => format!(" marked only{}{key} shows all", theme.dot()),
        Some(_) => " marked only".to_owned(),
    };
    let text = if query.is_empty() {
        String::new()
    } else {
        let room = match &context.status {
            Some(message) => {
                let left = room.saturating_sub(width(message) + 4 + PROMPT.len());
                left.max(CUT_QUERY + width(&only)).min(room)
            }
            None => {
                let open = context.open_runs_line(0);
                room.saturating_sub(open.map_or(14, |line| width(&line) + 4))
            }
        };
        let query = clip(query, room.saturating_sub(width(&only)));
        format!("{PROMPT}{query}{}", if only.is_empty() { "" } else { " " })
    };
    let left = vec![
        Span::styled(text, theme.accent()),
        Span::styled(only, theme.mark()),
    ];
    let used: usize = left.iter().map(Span::width).sum();
    let offer = match_offer::in_header(context);
    let offer = offer.filter(|_| used == 0 && header.view == View::Devices);
    let message = said(context, room.saturating_sub(used + 4));
    let right = match offer {
        _ if !message.is_empty() => message,
        Some(offer) => {
            let offer = clip(&offer, room.saturating_sub(2)).into_owned();
            vec![Span::styled(offer, theme.accent())]
        }
        None if area.width < WIDE => tabs::calls_left_short(context).into_iter().collect(),
        None if used == 0 => Vec::new(),
        None => vec![Span::styled("esc clears", theme.dim())],
    };
    spread(area, left, right)
}

/// What happened last, and beside it, where both fit, the open runs: these stay, whatever happens.
fn said<'a>(context: &Context, room: usize) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let message = context.status.as_ref();
    let taken = message.map_or(0, |message| width(message) + width(theme.dot()));
    let open = context.open_runs_line(room.saturating_sub(taken));
    let open = open.filter(|line| message.is_none() || taken + width(line) <= room);
    let mut spans = Vec::new();
    for line in message.into_iter().chain(&open) {
        if !spans.is_empty() {
            spans.push(Span::styled(theme.dot(), theme.dim()));
        }
        spans.push(Span::styled(clip(line, room).into_owned(), theme.warning()));
    }
    spans
}

/// True if this message and the whole announcement of open runs are shown side by side without a filter,
/// or no run is announced.
pub(in crate::tui) fn fits_beside_open_runs(context: &Context, message: &str) -> bool {
    let room = usize::from(context.size.0).saturating_sub(4);
    let taken = width(message) + width(context.settings.theme.dot());
    let open = context.open_runs_line(room);
    open.is_none_or(|line| taken + width(&line) <= room)
}
