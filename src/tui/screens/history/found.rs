//! The devices that a search in all runs found.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::outcome::DeviceState;
use crate::journal::FoundDevice;
use crate::text::{clip, counted, grouped, visible};
use crate::tui::context::Context;
use crate::tui::screens::history::HistoryScreen;
use crate::tui::screens::history::cells::{padded, split, when};
use crate::tui::screens::history::facts::{fact_lines, facts};
use crate::tui::screens::history::state::{PastRun, Search};
use crate::tui::widgets::panel::{empty, panel};

/// From this width on, times have their year and every column is shown.
const WIDE: usize = 100;
/// With fewer cells the action is left out: the run below says it, too.
const NARROW: usize = 70;

/// Draws the devices, and below them the one under the cursor with its run.
pub(super) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    screen: &HistoryScreen,
    context: &Context,
    search: &Search,
) {
    let theme = &context.settings.theme;
    let [list, below] = split(
        area,
        search.found.as_ref().map_or(0, |found| found.devices.len()),
    );
    let found = search.found.as_ref();
    let count = found.map_or(0, |found| found.devices.len() as u64);
    let title = title(search);
    let title = clip(&title, usize::from(list.width).saturating_sub(4)).into_owned();
    let inner = panel(frame, list, context, &title);
    if found.is_some() && count == 0 {
        let hint = "Part of a host name, a user or a HWID finds it; a MAC in any notation.";
        empty(frame, inner, context, "No device matches.", hint);
    }
    let width = usize::from(inner.width);
    let rows = usize::from(inner.height).saturating_sub(1);
    let top = (search.at + 1).saturating_sub(rows);
    let cells = time_cells(width);
    let action = if width < NARROW { "" } else { "action     " };
    let heading = format!(
        "   {:<8}  {:<cells$}  {action}{:<16} {:<22} {:<14} sent as",
        "run", "when (UTC)", "host name", "outcome", "user"
    );
    let heading = clip(&heading, width).into_owned();
    let mut lines = vec![Line::from(Span::styled(heading, theme.strong()))];
    let devices = found.iter().flat_map(|found| &found.devices);
    let shown = devices.enumerate().skip(top).take(rows);
    lines.extend(shown.map(|(place, device)| {
        let is_current = place == search.at;
        row(context, device, is_current, width)
    }));
    if count > 0 || found.is_none() {
        frame.render_widget(Paragraph::new(lines), inner);
    }
    let inner = panel(frame, below, context, "device and its run");
    let lines = device_lines(screen, context, usize::from(inner.width));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// How many devices were found, and by what.
fn title(search: &Search) -> String {
    let query = visible(&search.text);
    let Some(found) = &search.found else {
        return format!("searching all runs for \"{query}\"…");
    };
    let newest = if found.is_truncated {
        "the newest "
    } else {
        ""
    };
    let count = found.devices.len() as u64;
    let matches = if count == 1 { "match" } else { "matches" };
    format!(
        "{newest}{} {matches} for \"{query}\" in all runs",
        grouped(count)
    )
}

/// The cells of a time.
fn time_cells(width: usize) -> usize {
    if width >= WIDE { 16 } else { 11 }
}

/// A device that was found, in `width` cells.
fn row<'a>(context: &Context, device: &FoundDevice, is_current: bool, width: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let cursor = if is_current {
        theme.glyph("▌", ">")
    } else {
        " "
    };
    let planned = &device.record.device;
    let time = device.decided_at.unwrap_or(device.confirmed_at);
    let outcome = device.record.state.as_final_outcome();
    let state = DeviceState::Ended(outcome);
    let outcome = match outcome.reason() {
        "" => theme.state_text(state),
        reason => format!("{} {reason}", theme.sign(state)),
    };
    let action = if width < NARROW {
        String::new()
    } else {
        format!("{:<9}  ", device.action.as_str())
    };
    let before = format!(
        " {}  {}  {action}{} ",
        device.run,
        padded(
            &when(time, context.now.wall, width >= WIDE),
            time_cells(width)
        ),
        padded(&planned.hostname, 16),
    );
    let after = format!(
        " {} {}",
        padded(&planned.user, 14),
        visible(&planned.identifier.to_string()),
    );
    let room = width.saturating_sub(crate::text::width(&before) + 2);
    let outcome = padded(&outcome, room.min(22));
    let room = room.saturating_sub(22);
    let line = Line::from(vec![
        Span::styled(format!(" {cursor}"), theme.accent()),
        Span::raw(before),
        Span::styled(outcome, theme.state(state)),
        Span::raw(clip(&after, room).into_owned()),
    ]);
    if is_current {
        line.patch_style(theme.selection())
    } else {
        line
    }
}

/// All about the device under the cursor that the columns may have no room for, and its run.
fn device_lines<'a>(screen: &HistoryScreen, context: &Context, width: usize) -> Vec<Line<'a>> {
    let mut known = Vec::new();
    if let Some(found) = screen.current_device() {
        let planned = &found.record.device;
        let texts = [&planned.hostname, &planned.nickname, &planned.user];
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        let texts: Vec<_> = texts.map(|text| visible(text).into_owned()).collect();
        let identifier = planned.identifier.to_string();
        known.push(("device", texts.join(context.settings.theme.dot())));
        known.push(("sent as", visible(&identifier).into_owned()));
        known.push(("outcome", found.record.state.as_final_outcome().to_string()));
    }
    if let Some(run) = screen.current() {
        known.push(("run", one_line(context, run)));
        known.extend(facts(context, run));
    }
    fact_lines(context, known, width)
}

/// `today 22:06 · remove · 108 devices · finished`, for a run of which a device was found.
fn one_line(context: &Context, run: &PastRun) -> String {
    let record = &run.record;
    let dot = context.settings.theme.dot();
    let parts = [
        when(record.confirmed_at, context.now.wall, true),
        record.action.to_string(),
        counted(record.devices, "device"),
        run.state.as_str().to_owned(),
    ];
    clip(&parts.join(dot), 200).into_owned()
}
