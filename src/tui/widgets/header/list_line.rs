//! The header's line about the list, and the one that messages share with it on a low screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::text::{clip, counted, grouped, visible, width};
use crate::tui::context::Context;
use crate::tui::input::commands::{Command, View};
use crate::tui::widgets::age::{ago, is_present};
use crate::tui::widgets::header::{Header, subject};
use crate::tui::widgets::layout::spread;
use crate::tui::widgets::tabs::{self, WIDE};

/// The line of its own.
pub(super) fn own<'a>(area: Rect, context: &'a Context, header: Header<'a>) -> Line<'a> {
    match subject::parts(header.subject, context, usize::from(area.width)) {
        Some([left, right]) => spread(area, left, right),
        None => beside(area, context, header.view, counts(area, context)),
    }
}

/// The line that messages share.
pub(super) fn shared<'a>(area: Rect, context: &'a Context, header: Header<'a>) -> Line<'a> {
    let theme = &context.settings.theme;
    let parts = subject::parts(header.subject, context, usize::from(area.width));
    let (about, counts) = match parts {
        Some([left, right]) => (Some(left), right),
        None => (None, counts(area, context)),
    };
    let taken: usize = counts.iter().map(Span::width).sum();
    let columns = usize::from(area.width);
    if let Some(message) = &context.status {
        let is_long = taken + width(message) + 4 > columns;
        let counts = if is_long { Vec::new() } else { counts };
        let message = clip(message, columns.saturating_sub(3));
        let message = Span::styled(format!(" {message}"), theme.warning());
        return spread(area, vec![message], counts);
    }
    let calls = tabs::calls_left_short(context).filter(|calls| {
        let age = list_time(context, false).map_or(0, |time| width(&time));
        let about = about
            .as_ref()
            .map(|about| about.iter().map(Span::width).sum());
        let left = about.unwrap_or(SHORTEST_NAME + age + 3);
        area.width < WIDE && left + taken + calls.width() + 5 <= columns
    });
    let mut right = counts;
    right.extend(
        calls
            .into_iter()
            .flat_map(|calls| [Span::raw("   "), calls]),
    );
    match about {
        Some(left) => spread(area, left, right),
        None => beside(area, context, header.view, right),
    }
}

/// What list is open, and `right` at the right end.
fn beside<'a>(area: Rect, context: &Context, view: View, right: Vec<Span<'a>>) -> Line<'a> {
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
    let all = counted(counts.devices, "device");
    let mut facts = [
        Some(all),
        (counts.unusable > 0).then(|| format!("{} unusable", grouped(counts.unusable))),
        repeated.as_ref().map(|_| merged),
        list_time(context, true),
    ];
    let is_old = list.time();
    let is_old = is_old.is_some_and(|time| !is_present(time, context.now.wall));
    // The newest date of a list gives way first, unless it warns of an old list.
    let is_guessed = !is_old && list.fetched_at().is_none();
    let time = if is_guessed { 3 } else { 2 };
    // The number of devices goes before that of unusable rows where the counts beside it say it, too.
    let [sooner, later] = if list.len() == context.list.rows.len() {
        [0, 1]
    } else {
        [1, 0]
    };
    for (at, shorter) in [
        (2, repeated),
        (2, None),
        // What the date says, too.
        (3, list_time(context, false)),
        (time, None),
        (sooner, None),
        (later, None),
    ] {
        let left: Vec<&str> = facts.iter().flatten().map(String::as_str).collect();
        // What marks add at the right doesn't take the longer words away again.
        let (name, room) = match shorter {
            Some(_) if at == 2 => (name, usize::from(area.width).saturating_sub(FOR_COUNTS)),
            _ => (name.min(SHORTEST_NAME), room),
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
