//! ```text
//! ┌ not accepted · 7 of 108 ─────────────── run vag4p68w · remove · finished ┐
//! │      host name  sent as           type     last seen  call               │
//! │ ▾ ✗ not found                               6 devices                    │
//! │ ▌  ● WS-1074    fda7236bcfdf0d05  desktop      113 d     2               │
//! └──────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! and, beside or below it, what the line under the cursor means and what helps.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::outcome::{DeviceState, Outcome};
use crate::text::{clip, clip_middle, counted, grouped, visible};
use crate::tui::context::Context;
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::failures::explanation::{self, LineSubject, alternate_summary};
use crate::tui::screens::failures::lines::FailureLine;
use crate::tui::screens::failures::lookup_state::LookupProgress;
use crate::tui::screens::run::groups::FailureGroup;
use crate::tui::screens::run::render::{NO_RUNS, how_to_start};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::age::age;
use crate::tui::widgets::duration::whole_seconds;
use crate::tui::widgets::layout::{body, row_in_panel};
use crate::tui::widgets::panel::{empty, panel};

/// From this width on the explanation is beside the list.
const BESIDE: u16 = 110;
/// How wide it is then.
const EXPLANATION: u16 = 51;
/// How high it is below the list.
const BELOW: u16 = 8;

/// The cells of a row before the host name: cursor, fold and mark.
const GUTTER: usize = 5;
/// The widths of host name, identifier, type, last seen and call.
const COLUMNS: [usize; 5] = [16, 16, 8, 9, 5];
/// With fewer cells, the type is left out.
const NARROW: usize = 66;

/// Draws the failures, and what the one under the cursor means.
pub fn render(frame: &mut Frame<'_>, area: Rect, screen: &FailuresScreen, context: &Context) {
    let Some(run) = screen.run(&context.runs) else {
        empty(frame, area, context, NO_RUNS, &how_to_start(context));
        return;
    };
    if !screen.has_lines(&context.runs) {
        let sign = context
            .settings
            .theme
            .sign(DeviceState::Ended(Outcome::Accepted));
        let title = format!("{sign} Nothing failed, nothing is in doubt.");
        empty(frame, area, context, &title, "");
        return;
    }
    let beside = area.width >= BESIDE;
    let [list, explanation] = split(area);
    render_list(frame, list, screen, context, run);
    let line = screen.line_at(screen.cursor, &context.runs);
    let subject = line.and_then(|line| LineSubject::of(line, run));
    let title = match subject {
        Some(subject) if !beside => group_name(context, subject.outcome),
        _ => "explanation".to_owned(),
    };
    let inner = panel(frame, explanation, context, &title);
    if let Some(subject) = subject {
        let width = usize::from(inner.width);
        let text = if beside {
            explanation::full(context, run, subject, width)
        } else {
            explanation::short(context, run, subject, width)
        };
        frame.render_widget(Paragraph::new(text), inner);
    }
}

/// The list, and the explanation beside or below it.
fn split(area: Rect) -> [Rect; 2] {
    if area.width >= BESIDE {
        Layout::horizontal([Constraint::Min(40), Constraint::Length(EXPLANATION)]).spacing(1)
    } else {
        let below = BELOW.min((area.height * 2 / 5).max(5));
        Layout::vertical([Constraint::Min(4), Constraint::Length(below)])
    }
    .areas(area)
}

/// A heading isn't worth one of three lines.
fn has_heading(list: Rect) -> bool {
    list.height > 5
}

impl FailuresScreen {
    /// The row of the screen with the cursor.
    pub fn cursor_row(&self, context: &Context) -> Option<u16> {
        if !self.has_lines(&context.runs) {
            return None;
        }
        let [list, _] = split(body(context));
        row_in_panel(list, self.cursor, u16::from(has_heading(list)))
    }
}

fn render_list(
    frame: &mut Frame<'_>,
    area: Rect,
    screen: &FailuresScreen,
    context: &Context,
    run: &RunView,
) {
    let theme = &context.settings.theme;
    let tally = run.tally;
    let title = format!(
        "not accepted{}{} of {}",
        theme.dot(),
        grouped(tally.not_accepted()),
        grouped(tally.total())
    );
    let inner = panel(frame, area, context, &title);
    let lookups = context.runs.lookup_progress.as_ref();
    let below = match lookups.filter(|lookups| lookups.run == run.id) {
        Some(lookups) => lookup_text(context, lookups),
        None if screen.marks.is_empty() => String::new(),
        None => format!(
            "{} {} marked",
            theme.glyph("●", "*"),
            grouped(screen.marks.len() as u64)
        ),
    };
    let width = usize::from(inner.width);
    let has_heading = has_heading(area);
    let rows = usize::from(inner.height).saturating_sub(usize::from(has_heading));
    let top = (screen.cursor + 1).saturating_sub(rows);
    let count = screen.line_count(&context.runs);
    let unseen = match count.saturating_sub(top + rows) {
        0 => String::new(),
        more => format!("{} {} more", theme.glyph("↓", "v"), grouped(more as u64)),
    };
    let below = [below, unseen];
    let below = below.iter().filter(|text| !text.is_empty());
    let below: Vec<&str> = below.map(String::as_str).collect();
    on_border(
        frame,
        area,
        area.bottom().saturating_sub(1),
        &below.join(theme.dot()),
        theme.accent(),
    );
    let shown = screen.lines_between(top, top + rows, &context.runs);
    let mut lines = Vec::new();
    if has_heading {
        lines.push(heading(context, width));
    }
    lines.extend(shown.into_iter().enumerate().map(|(row, line)| {
        let is_current = top + row == screen.cursor;
        let line = match line {
            FailureLine::Group(group) => group_line(context, screen, group, is_current, width),
            FailureLine::Device(ordinal) => {
                device_line(context, screen, run, ordinal, is_current, width)
            }
        };
        if is_current {
            line.patch_style(theme.selection())
        } else {
            line
        }
    }));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// `look-up 3 of 6 calls · 2 gone, 1 still there`, and what it waits for.
pub(super) fn lookup_text(context: &Context, lookups: &LookupProgress) -> String {
    let dot = context.settings.theme.dot();
    let mut text = format!("look-up {}", lookups.calls);
    let results = lookups.results();
    if !results.is_empty() {
        text.push_str(&format!("{dot}{results}"));
    }
    if context.runs.is_active() {
        text.push_str(&format!("{dot}after the run"));
    } else if lookups.yields {
        text.push_str(&format!("{dot}waits for another process"));
    } else if let Some(until) = lookups.until {
        let wait = whole_seconds(until.since(context.now.boot));
        text.push_str(&format!("{dot}next in {wait} s"));
    }
    text
}

/// Writes a text over the right end of a panel's border, if there is room beside its title.
fn on_border(frame: &mut Frame<'_>, area: Rect, row: u16, text: &str, style: Style) {
    let taken = if row == area.y { 32 } else { 6 };
    let text = clip(text, usize::from(area.width).saturating_sub(taken)).into_owned();
    let line = Line::from(Span::styled(format!(" {text} "), style));
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
    if text.is_empty() || width + 4 > area.width {
        return;
    }
    let place = Rect::new(area.right() - width - 2, row, width, 1);
    frame.render_widget(Paragraph::new(line), place.intersection(frame.area()));
}

fn heading<'a>(context: &Context, width: usize) -> Line<'a> {
    let [name, sent_as, kind, seen, call] = COLUMNS;
    let mut text = format!(
        "{:GUTTER$}{:<name$} {:<sent_as$} ",
        "", "host name", "sent as"
    );
    if width >= NARROW {
        text.push_str(&format!("{:<kind$} ", "type"));
    }
    text.push_str(&format!("{:>seen$} {:>call$}", "last seen", "call"));
    Line::from(Span::styled(text, context.settings.theme.dim()))
}

/// How a group is called.
fn group_name(context: &Context, outcome: Outcome) -> String {
    let theme = &context.settings.theme;
    match outcome {
        Outcome::InDoubt(_) => format!("? {outcome}"),
        _ => theme.state_text(DeviceState::Ended(outcome)),
    }
}

fn group_line<'a>(
    context: &Context,
    screen: &FailuresScreen,
    group: FailureGroup,
    is_current: bool,
    width: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
    let fold = if screen.is_folded(group) {
        theme.glyph("▸", ">")
    } else {
        theme.glyph("▾", "v")
    };
    let mut name = group_name(context, group.outcome);
    if let Some(verdict) = group.verdict {
        name.push_str(&format!("{}{verdict}", theme.dot()));
    }
    if group.kind == crate::domain::device::IdentifierKind::Mac {
        name.push_str(" (by MAC)");
    }
    let devices = counted(group.count as u64, "device");
    let room = width.saturating_sub(devices.len() + 6).min(44);
    let state = DeviceState::Ended(group.outcome);
    let name = clip(&name, room).into_owned();
    Line::from(vec![
        cursor(context, is_current),
        Span::raw(format!("{fold} ")),
        Span::styled(
            format!("{name:<room$}  "),
            theme.state(state).patch(theme.strong()),
        ),
        Span::raw(devices),
    ])
}

fn device_line<'a>(
    context: &Context,
    screen: &FailuresScreen,
    run: &RunView,
    ordinal: u32,
    is_current: bool,
    width: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
    let Some(device) = run.devices.get(ordinal as usize) else {
        return Line::default();
    };
    let is_marked = screen.marks.contains(&ordinal);
    let mark = if is_marked {
        theme.glyph("●", "*")
    } else {
        " "
    };
    let marked = if is_marked {
        theme.mark()
    } else {
        Style::new()
    };
    let [name, sent_as, kind, seen, call] = COLUMNS;
    let hostname = padded(&clip(&device.hostname, name), name);
    let identifier = device.identifier.to_string();
    let mut text = padded(&clip_middle(&identifier, sent_as), sent_as);
    text.push(' ');
    if width >= NARROW {
        text.push_str(&padded(&clip(&device.device_type, kind), kind));
        text.push(' ');
    }
    let none = theme.glyph("—", "-");
    let last_seen = device.last_seen;
    let now = context.list.devices.time().unwrap_or(context.now.wall);
    let last_seen = last_seen.map_or(none.to_owned(), |at| age(now, at));
    let number = run
        .last_call(ordinal)
        .map_or(none.to_owned(), |call| call.call.to_string());
    text.push_str(&format!("{last_seen:>seen$} {number:>call$}"));
    let mut spans = vec![
        cursor(context, is_current),
        Span::styled(format!("  {mark} "), marked),
        Span::styled(format!("{hostname} "), marked),
        Span::raw(text),
    ];
    let used: usize = spans.iter().map(Span::width).sum();
    let room = width.saturating_sub(used + 2);
    if room >= 24 {
        let seen = clip(&seen_text(context, run, ordinal), room).into_owned();
        spans.push(Span::styled(format!("  {seen}"), theme.dim()));
    }
    Line::from(spans)
}

/// What lookups saw of the device.
pub(super) fn seen_text(context: &Context, run: &RunView, ordinal: u32) -> String {
    let Some(device) = run.devices.get(ordinal as usize) else {
        return String::new();
    };
    match (run.findings.get(&ordinal), run.states.get(ordinal as usize)) {
        (Some(finding), Some(DeviceState::Ended(outcome))) => {
            finding.seen.about(*outcome, device.hwid.as_ref())
        }
        _ => match run.alternate_findings.get(&ordinal) {
            Some(finding) => alternate_summary(context, device, finding),
            None => String::new(),
        },
    }
}

fn cursor<'a>(context: &Context, is_current: bool) -> Span<'a> {
    let theme = &context.settings.theme;
    let sign = if is_current {
        theme.glyph("▌", ">")
    } else {
        " "
    };
    Span::styled(sign, theme.accent())
}

/// A shortened text in a column of this width.
fn padded(text: &str, width: usize) -> String {
    let shown = visible(text);
    let missing = width.saturating_sub(crate::text::width(&shown));
    format!("{shown}{}", " ".repeat(missing))
}
