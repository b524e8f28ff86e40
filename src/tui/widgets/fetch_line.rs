//! The line about a fetch that is under way.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::api::PAGE;
use crate::text::{clip, counted, grouped, width};
use crate::tui::context::Context;
use crate::tui::fetch_progress::{FetchProgress, FetchWait};
use crate::tui::widgets::duration::{clock, whole_seconds};

/// Draws `reading the inventory · 400 of about 1,000 devices · page 9 · next call 5 s · esc stops`.
pub(in crate::tui) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    fetch: &FetchProgress,
) {
    let theme = &context.settings.theme;
    let room = usize::from(area.width).saturating_sub(4);
    let shown = text(context, fetch, room);
    let line = theme.glyph("─", "-");
    let rest = line.repeat(room.saturating_sub(width(&shown)) + 1);
    let spans = vec![
        Span::styled(format!("{line} "), theme.dim()),
        Span::styled(shown, theme.strong()),
        Span::styled(format!(" {rest}"), theme.dim()),
    ];
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// What the line says in `room` cells. What can be done about it stays, whatever else must be cut.
fn text(context: &Context, fetch: &FetchProgress, room: usize) -> String {
    let read = grouped(fetch.devices);
    let (devices, of_about) = match fetch.expected {
        0 => (counted(fetch.devices, "device"), read.clone()),
        expected => (
            format!("{read} of about {}", counted(expected, "device")),
            format!("{read} of about {}", grouped(expected)),
        ),
    };
    let mut end = String::new();
    if context.runs.is_active() || fetch.waiting == Some(FetchWait::Run) {
        end.push_str(" · waiting for a run");
    } else {
        let (wait, call) = match &fetch.waiting {
            Some(FetchWait::Until(wait)) => (wait.until.since(context.now.boot), &*wait.next),
            _ => (Duration::ZERO, ""),
        };
        let seconds = whole_seconds(wait);
        if seconds > 0 {
            end.push_str(&format!(" · {call} {seconds} s"));
        }
        let left = fetch.expected.saturating_sub(fetch.devices);
        if left > 0 {
            let calls = left.div_ceil(u64::from(PAGE));
            end.push_str(&format!(" · ETA {}", clock(context.time_for(calls, wait))));
        }
    }
    end.push_str(" · esc stops");
    let page = fetch.devices.div_ceil(u64::from(PAGE)) + 1;
    let texts = [
        format!("reading the inventory · {devices} · page {page}"),
        format!("reading the inventory · {devices}"),
        format!("inventory · {of_about}"),
        format!("inventory · {read}"),
    ];
    let mut fitting = texts.iter().map(|text| format!("{text}{end}"));
    let fitting = fitting.find(|text| width(text) <= room);
    fitting.unwrap_or_else(|| clip(end.trim_start_matches(" · "), room).into_owned())
}
