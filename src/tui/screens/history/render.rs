//! ```text
//!   run       confirmed         action   devices  state     outcomes                    who
//! ▸ 7k2m9x4c  2026-11-23 10:14  remove       500  stopped   331 accepted · 6 failed …   anna · CHG-1042
//! ```
//!
//! and, below the list, who confirmed the run under the cursor, and of which list.

use crate::export::counts;
use crate::journal::RunRecord;
use crate::text::{clip, counted, grouped, visible};
use crate::tui::context::Context;
use crate::tui::screens::history::HistoryScreen;
use crate::tui::screens::history::state::{PastRun, Search};
use crate::tui::widgets::panel::panel;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

/// How many lines the details of the run under the cursor take, for most runs.
const ABOUT: usize = 8;

/// Draws the runs, or the devices that were searched.
pub fn render(frame: &mut Frame<'_>, area: Rect, screen: &HistoryScreen, context: &Context) {
    let theme = &context.settings.theme;
    let Some(runs) = screen.runs.as_ref().filter(|runs| !runs.is_empty()) else {
        let text = match &screen.runs {
            None => " reading the journal…",
            Some(_) => " No run yet.",
        };
        frame.render_widget(Paragraph::new(text).style(theme.dim()), area);
        return;
    };
    if let Some(search) = &screen.search {
        return render_found(frame, area, screen, context, search);
    }
    let width = usize::from(area.width);
    let message = screen.current().map(|run| fact_lines(context, about(run)));
    let [heading, list, about] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(height_of(message.as_deref().unwrap_or_default(), width)),
    ])
    .areas(area);
    let columns = format!(
        "  {:<9} {:<16}  {:<9} {:>7}  {:<8}  outcomes · who · note",
        "run", "confirmed (UTC)", "action", "devices", "state"
    );
    frame.render_widget(Paragraph::new(columns).style(theme.dim()), heading);
    let rows = usize::from(list.height);
    let top = (screen.at + 1).saturating_sub(rows);
    let shown = runs.iter().enumerate().skip(top).take(rows);
    let lines: Vec<Line<'_>> = shown
        .map(|(index, run)| line(context, run, index == screen.at, width))
        .collect();
    frame.render_widget(Paragraph::new(lines), list);
    let inner = panel(frame, about, context, "who, and what of");
    if let Some(lines) = message {
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
    }
}

/// The height of a panel with these lines, none of which is cut off; the same for most runs, so that
/// the list doesn't jump under the cursor.
fn height_of(lines: &[Line<'_>], width: usize) -> u16 {
    let inner = width.saturating_sub(2).max(1);
    let rows: usize = lines
        .iter()
        // Words that don't fit go to the next row whole.
        .map(|line| (line.width() + line.width() / 4).div_ceil(inner).max(1))
        .sum();
    u16::try_from(rows.max(ABOUT) + 2).unwrap_or(u16::MAX)
}

fn line<'a>(context: &Context, run: &PastRun, is_current: bool, width: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let record = &run.record;
    let cursor = if is_current {
        theme.glyph("▸", ">")
    } else {
        " "
    };
    let mut text = format!(
        "{cursor} {:<9} {}  {:<9} {:>7}  {:<8}  {} · {}",
        record.id,
        record.confirmed_at.strftime("%Y-%m-%d %H:%M"),
        record.action.as_str(),
        grouped(record.devices),
        run.state.as_str(),
        counts(record.tally),
        visible(&record.operator.os_user),
    );
    if let Some(note) = &record.note {
        text.push_str(&format!(" · {}", visible(note)));
    }
    let style = if is_current {
        theme.selection()
    } else if run.state.is_open() {
        theme.warning()
    } else {
        Style::new()
    };
    Line::from(clip(&text, width).into_owned()).style(style)
}

/// Devices searched in all runs.
fn render_found(
    frame: &mut Frame<'_>,
    area: Rect,
    screen: &HistoryScreen,
    context: &Context,
    search: &Search,
) {
    let theme = &context.settings.theme;
    let about = found_lines(screen, context);
    let height = height_of(&about, usize::from(area.width));
    let [message, heading, list, detail] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(height),
    ])
    .areas(area);
    let inner = panel(frame, detail, context, "the device, and its run");
    frame.render_widget(Paragraph::new(about).wrap(Wrap { trim: false }), inner);
    let query = visible(&search.text);
    let count = match &search.found {
        None => format!(" searching all runs for \"{query}\" …"),
        Some(found) => format!(
            " {}{} with \"{query}\" in a name, the user or an identifier, in all runs",
            if found.is_truncated {
                "the newest "
            } else {
                ""
            },
            counted(found.devices.len() as u64, "device")
        ),
    };
    let width = usize::from(area.width);
    let text = clip(&count, width).into_owned();
    frame.render_widget(Paragraph::new(text).style(theme.strong()), message);
    let columns = format!(
        "  {:<9} {:<16}  {:<9}  {:<16} {:<22} {:<14} sent as",
        "run", "when (UTC)", "action", "hostname", "outcome", "user"
    );
    frame.render_widget(Paragraph::new(columns).style(theme.dim()), heading);
    let rows = usize::from(list.height);
    let top = (search.at + 1).saturating_sub(rows);
    let found = search.found.iter().flat_map(|found| &found.devices);
    let shown = found.enumerate().skip(top).take(rows);
    let lines: Vec<Line<'_>> = shown
        .map(|(index, device)| {
            let is_current = index == search.at;
            let cursor = if is_current {
                theme.glyph("▸", ">")
            } else {
                " "
            };
            let planned = &device.record.device;
            let time = device.decided_at.unwrap_or(device.confirmed_at);
            let text = format!(
                "{cursor} {:<9} {}  {:<9}  {} {} {} {}",
                device.run,
                time.strftime("%Y-%m-%d %H:%M"),
                device.action.as_str(),
                padded(&planned.hostname, 16),
                padded(&device.record.state.as_final_outcome().to_string(), 22),
                padded(&planned.user, 14),
                visible(&planned.identifier.to_string()),
            );
            let line = Line::from(clip(&text, width).into_owned());
            if is_current {
                line.style(theme.selection())
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), list);
}

/// All about the device under the cursor that the columns may have no room for, and its run.
fn found_lines(screen: &HistoryScreen, context: &Context) -> Vec<Line<'static>> {
    let mut facts = Vec::new();
    if let Some(found) = screen.current_device() {
        let planned = &found.record.device;
        let texts = [&planned.hostname, &planned.nickname, &planned.user];
        let known: Vec<_> = texts
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| visible(text).into_owned())
            .collect();
        let identifier = planned.identifier.to_string();
        facts.push(("device", known.join(" · ")));
        facts.push(("sent as", visible(&identifier).into_owned()));
        facts.push(("outcome", found.record.state.as_final_outcome().to_string()));
    }
    facts.extend(screen.current().map(about).unwrap_or_default());
    fact_lines(context, facts)
}

/// Text of others in a column of this width.
fn padded(text: &str, width: usize) -> String {
    let shown = visible(text);
    let shown = clip(&shown, width);
    let missing = width.saturating_sub(crate::text::width(&shown));
    format!("{shown}{}", " ".repeat(missing))
}

fn about(run: &PastRun) -> Vec<(&'static str, String)> {
    let record = &run.record;
    let tenant = format!(
        "{} (profile {})",
        record.target.host(),
        visible(&record.target.profile)
    );
    let by = visible(&record.operator.to_string()).into_owned();
    let mut facts = vec![("tenant", tenant), ("by", by), ("times", times(record))];
    let list = Some(record.list_name.clone());
    for (name, value) in [
        ("list", &list),
        ("query", &record.query),
        ("note", &record.note),
        ("reason", &record.reason),
        ("held by", &run.holder),
    ] {
        if let Some(value) = value {
            facts.push((name, visible(value).into_owned()));
        }
    }
    facts
}

fn fact_lines(context: &Context, facts: Vec<(&'static str, String)>) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    facts
        .into_iter()
        .map(|(name, value)| {
            Line::from(vec![
                Span::styled(format!(" {name:<8} "), theme.dim()),
                Span::raw(value),
            ])
        })
        .collect()
}

fn times(record: &RunRecord) -> String {
    let time = |what: &str, time: Option<Timestamp>| {
        time.map(|time| format!(" · {what} {}", time.strftime("%Y-%m-%d %H:%M:%S")))
            .unwrap_or_default()
    };
    format!(
        "confirmed {}{}{} UTC · {}",
        record.confirmed_at.strftime("%Y-%m-%d %H:%M:%S"),
        time("started", record.started_at),
        time("ended", record.ended_at),
        counted(u64::from(record.calls), "call"),
    )
}
