//! ```text
//!  offboard  production · gears.opswat.com   [1 Devices]  2 Run  3 Failures  4 History      calls ▕██████░░▏ 6 of 10 left
//!  devices.json  12,408 devices · 3 rows unusable · saved 12 min ago              212 shown · ● 137 marked · 5 hidden
//!  / unseen>90d status:out_of_license_usage                                              Marked 107 more, 137 in all
//! ```
//!
//! and, while the filter is edited and has a mistake, a line that points at it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::{Query, QueryError};
use crate::text::{clip, counted, grouped, visible, width};
use crate::tui::context::Context;
use crate::tui::input::commands::{Command, View};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::age::{ago, is_present};
use crate::tui::widgets::layout::spread;
use crate::tui::widgets::match_offer;
use crate::tui::widgets::tabs::{self, WIDE};
use crate::tui::widgets::text_field::TextField;

/// The cells of a filter that makes room for a message, which is read once.
const CUT_QUERY: usize = 12;

/// The filter as the header shows it.
#[derive(Clone, Copy, Debug)]
pub enum FilterState<'a> {
    InForce(&'a Query),
    /// It is edited, and may have a mistake.
    Edited(&'a TextField, Option<&'a QueryError>),
}

/// What the header shows besides the context.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct Header<'a> {
    pub view: View,
    /// The run whose failures are counted.
    pub reviewed: Option<&'a RunView>,
    pub filter: FilterState<'a>,
    /// Only marked devices are shown, of those that it matches.
    pub marked_only: bool,
}

impl Header<'_> {
    /// Draws the three lines, and the one for a mistake in the filter.
    pub(in crate::tui) fn render(self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let mut lines = vec![
            tabs::line(area, context, self.view, self.reviewed),
            list_line(area, context, self.view),
            filter_line(area, context, self),
        ];
        if let FilterState::Edited(field, Some(error)) = self.filter {
            lines.push(error_line(area, context, field, error));
        }
        frame.render_widget(Paragraph::new(lines), area);
        if let FilterState::Edited(input, _) = self.filter {
            let [before, _] = input.shown(filter_room(area));
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

fn list_line(area: Rect, context: &Context, view: View) -> Line<'_> {
    let right = counts(area, context);
    let taken: usize = right.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(taken + 2);
    let name = context.list.devices.name();
    let name = name.rsplit('/').next().unwrap_or(name);
    let facts = list_facts(context, view, area, room, width(name));
    let taken: usize = facts.iter().map(Span::width).sum();
    let for_name = room.saturating_sub(taken + 3).clamp(SHORTEST_NAME, 30);
    let mut left = vec![Span::raw(format!(" {}  ", clip(name, for_name)))];
    left.extend(facts);
    spread(area, left, right)
}

/// How many devices are shown and marked, and how many marks can't be seen or won't be sent.
fn counts<'a>(area: Rect, context: &Context) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let list = &context.list;
    let shown = format!("{} shown", grouped(list.rows.len() as u64));
    let mut spans = vec![Span::raw(shown)];
    if list.marks.is_empty() {
        return spans;
    }
    let (protected, held) = (list.protected_marks, list.held_marks);
    let sent = grouped(list.plannable_marks() as u64);
    let sign = theme.glyph("●", "*");
    let word = if area.width >= WIDE { " marked" } else { "" };
    spans.push(Span::styled(theme.dot(), theme.dim()));
    spans.push(Span::styled(format!("{sign} {sent}{word}"), theme.mark()));
    if protected > 0 {
        let protected = format!(" + {} protected", grouped(protected as u64));
        spans.push(Span::styled(protected, theme.warning()));
    }
    if held > 0 {
        let held = format!(" + {} held", grouped(held as u64));
        spans.push(Span::styled(held, theme.warning()));
    }
    if list.hidden_marks > 0 {
        let hidden = grouped(list.hidden_marks as u64);
        let hidden = if area.width >= WIDE {
            format!("{}{hidden} hidden", theme.dot())
        } else {
            format!(" ({hidden} hidden)")
        };
        spans.push(Span::styled(hidden, theme.warning()));
    }
    spans
}

/// A list's name is cut to this before a fact about it is left out.
const SHORTEST_NAME: usize = 8;

/// The cells that are kept free for the rows shown and the marks.
const FOR_COUNTS: usize = 46;

/// With fewer cells for them, the facts leave out what the date says too.
const NARROW: usize = 46;

/// Facts about the list. Where there is no room for all, its age stays: what is planned from an
/// old list is planned from old data.
fn list_facts<'a>(
    context: &Context,
    view: View,
    area: Rect,
    room: usize,
    name: usize,
) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let list = &context.list.devices;
    let counts = list.counts();
    let repeated = (counts.repeated > 0).then(|| counted(counts.repeated, "duplicate"));
    let merged = counted(counts.repeated, "duplicate row");
    let explains = if Command::ListInfo.is_in(view) {
        format!(" ({} explains)", context.key(Command::ListInfo))
    } else {
        String::new()
    };
    let merged = format!("{merged} merged{explains}");
    // Rows are what the table shows, and what is counted there.
    let all = if counts.unusable > 0 {
        counted(list.len() as u64, "row")
    } else {
        counted(counts.devices, "device")
    };
    let mut facts = [
        Some(all),
        (counts.unusable > 0).then(|| format!("{} unusable", grouped(counts.unusable))),
        repeated.as_ref().map(|_| merged),
        list_time(context, room >= NARROW),
    ];
    let is_old = list.time();
    let is_old = is_old.is_some_and(|time| !is_present(time, context.now.wall));
    // The newest date of a list gives way first, unless it warns of an old list.
    let is_guessed = !is_old && list.fetched_at().is_none();
    let time = if is_guessed { 3 } else { 2 };
    for (at, shorter) in [(2, repeated), (2, None), (time, None), (1, None), (0, None)] {
        let left: Vec<&str> = facts.iter().flatten().map(String::as_str).collect();
        // What marks add at the right doesn't take the longer words away again.
        let (name, room) = match shorter {
            Some(_) => (name, usize::from(area.width).saturating_sub(FOR_COUNTS)),
            None => (name.min(SHORTEST_NAME), room),
        };
        // A space before the name, two behind it.
        if width(&left.join(theme.dot())) + name + 3 <= room {
            break;
        }
        facts[at] = shorter;
    }
    let time = facts[3].take();
    let mut spans: Vec<Span<'_>> = Vec::new();
    let styled = facts.into_iter().flatten().map(|fact| (fact, theme.dim()));
    let time_style = if is_old { theme.warning() } else { theme.dim() };
    for (fact, style) in styled.chain(time.map(|time| (time, time_style))) {
        if !spans.is_empty() {
            spans.push(Span::styled(theme.dot(), theme.dim()));
        }
        spans.push(Span::styled(fact, style));
    }
    spans
}

/// From when the list is, and which tenant's it is if that isn't the one that is sent to. A time
/// that was only found in the list is never called its saving.
fn list_time(context: &Context, with_age: bool) -> Option<String> {
    let list = &context.list.devices;
    let time = list.time().map(|time| {
        let ago = ago(context.now.wall, time);
        let day = time.strftime("%Y-%m-%d");
        if !is_present(time, context.now.wall) {
            let ago = if with_age {
                format!(" ({ago})")
            } else {
                String::new()
            };
            format!("ages as of {day}{ago}")
        } else if list.fetched_at().is_some() {
            format!("saved {ago}")
        } else {
            format!("newest date {ago}")
        }
    });
    let sent_to = context
        .settings
        .target
        .as_ref()
        .map(|target| &target.tenant);
    let tenant = list.tenant();
    let tenant = tenant.filter(|tenant| sent_to.is_none_or(|sent_to| sent_to != tenant));
    let tenant = tenant.map(|tenant| format!("of {}", visible(host(tenant))));
    let parts: Vec<String> = time.into_iter().chain(tenant).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// An origin without its scheme.
fn host(tenant: &str) -> &str {
    tenant.split_once("://").map_or(tenant, |(_, host)| host)
}

/// The filter while it is edited, scrolled to its cursor.
fn edited_line(area: Rect, input: &TextField) -> Line<'static> {
    let [before, after] = input.shown(filter_room(area));
    Line::from(format!("{PROMPT}{before}{after}"))
}

/// What decides which rows are shown, beside the last message.
fn filter_line<'a>(area: Rect, context: &'a Context, header: Header<'_>) -> Line<'a> {
    let theme = &context.settings.theme;
    let room = usize::from(area.width);
    let query = match header.filter {
        FilterState::Edited(input, _) => return edited_line(area, input),
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
