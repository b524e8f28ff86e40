//! The line about a fetch that is under way.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::api::PAGE;
use crate::text::{clip, counted, grouped, width};
use crate::tui::context::Context;
use crate::tui::fetch_progress::{FetchProgress, Waiting};
use crate::tui::widgets::sparkline::clock;

/// Draws `reading the inventory · 400 of about 1,000 devices · page 9 · next call 5 s · esc: stop`.
pub(in crate::tui) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    fetch: &FetchProgress,
) {
    let theme = &context.settings.theme;
    let devices = if fetch.expected > 0 {
        format!(
            "{} of about {} devices",
            grouped(fetch.devices),
            grouped(fetch.expected)
        )
    } else {
        counted(fetch.devices, "device")
    };
    let read = fetch.devices.div_ceil(u64::from(PAGE));
    let next = if context.runs.is_active() || fetch.waiting == Some(Waiting::Run) {
        "waiting for a run".to_owned()
    } else {
        let (wait, call) = match &fetch.waiting {
            Some(Waiting::Until(wait)) => (wait.until.since(context.now.boot), &*wait.next),
            _ => (Duration::ZERO, ""),
        };
        let mut next = match wait.as_millis().div_ceil(1000) {
            0 => "reading".to_owned(),
            seconds => format!("{call} {seconds} s"),
        };
        let left = fetch.expected.saturating_sub(fetch.devices);
        if left > 0 {
            let calls = left.div_ceil(u64::from(PAGE));
            next.push_str(&format!(" · ETA {}", clock(context.time_for(calls, wait))));
        }
        next
    };
    // What can be done about it stays, whatever else must be cut.
    let end = format!(" · {next} · esc: stop");
    let room = usize::from(area.width).saturating_sub(4);
    let what = format!("reading the inventory · {devices} · page {}", read + 1);
    let text = format!("{}{end}", clip(&what, room.saturating_sub(width(&end))));
    let shown = clip(&text, room).into_owned();
    let line = theme.glyph("─", "-");
    let rest = line.repeat(room.saturating_sub(width(&shown)) + 1);
    let spans = vec![
        Span::styled(format!("{line} "), theme.dim()),
        Span::styled(shown, theme.strong()),
        Span::styled(format!(" {rest}"), theme.dim()),
    ];
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
