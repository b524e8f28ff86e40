//! The facts of a plan, above its exact list: what happens, to how many, how they are sent, what is
//! left out, and what is unusual.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::alerts;
use super::breakdown::{age_line, left_out_text, outlier_lines, share_lines};
use crate::domain::action::Action;
use crate::plan::CallSizes;
use crate::text::{clip, counted, grouped, visible, width, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::Confirmation;
use crate::tui::widgets::age::ago;

/// The width of the names of facts.
const NAME: usize = 15;
/// Its non-breaking space keeps it on one line.
const NO_UNDO: &str = "No\u{a0}undo.";
/// The most reasons for leaving out that are shown beside the list; the breakdown has all.
const REASONS: usize = 4;
/// The most types and groups that are shown beside the list.
const TYPES: usize = 3;
const GROUPS: usize = 5;

/// The facts in three columns, with `widths` cells each.
pub(super) fn in_columns<'a>(
    context: &Context,
    confirm: &Confirmation,
    widths: [usize; 3],
) -> [Vec<Line<'a>>; 3] {
    let theme = &context.settings.theme;
    let heading = |text: &'static str| Line::from(Span::styled(text, theme.strong()));
    let breakdown = &confirm.breakdown;
    let mut shares = vec![heading("by type")];
    shares.extend(share_lines(context, &breakdown.types, TYPES, widths[1]));
    shares.extend([Line::default(), heading("by group")]);
    shares.extend(share_lines(context, &breakdown.groups, GROUPS, widths[1]));
    let mut ages = vec![heading("by last seen")];
    let most = breakdown.ages.iter().map(|(_, devices)| *devices).max();
    ages.extend(
        breakdown
            .ages
            .iter()
            .map(|&(band, devices)| age_line(context, band, devices, most.unwrap_or(0), widths[2])),
    );
    let outliers = outlier_lines(context, confirm, widths[2]);
    if !outliers.is_empty() {
        ages.extend([Line::default(), heading("outliers")]);
        ages.extend(outliers);
    }
    [
        sentences(context, confirm, widths[0], REASONS),
        shares,
        ages,
    ]
}

/// What happens, with names at the left and at most as many `reasons` for leaving devices out, then the
/// alerts.
pub(super) fn sentences<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
    reasons: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let plan = &confirm.plan;
    let devices = counted(plan.devices.len() as u64, "device");
    let target = format!(" from {} ({})", plan.target.host(), plan.target.profile);
    let verb = verb(plan.action);
    let target = clip(
        &target,
        room.saturating_sub(width(verb) + width(&devices) + 2),
    );
    let mut lines = vec![
        Line::from(vec![
            Span::styled(
                format!(" {verb} {devices}"),
                theme.danger().patch(theme.strong()),
            ),
            Span::raw(target.into_owned()),
        ]),
        Line::default(),
    ];
    let mut add = |name: &str, value: &str, style: Style| {
        for (index, text) in wrap(value, room.saturating_sub(NAME + 1))
            .into_iter()
            .enumerate()
        {
            let name = if index == 0 { name } else { "" };
            let mut spans = vec![Span::styled(format!(" {name:<NAME$}"), theme.dim())];
            // What can't be undone is emphasised.
            match text.strip_suffix(NO_UNDO) {
                Some(text) => spans.extend([
                    Span::styled(text.to_owned(), style),
                    Span::styled("No undo.", theme.danger().patch(theme.strong())),
                ]),
                None => spans.push(Span::styled(text, style)),
            }
            lines.push(Line::from(spans));
        }
    };
    let consequence = format!("{} {NO_UNDO}", plan.action.consequence());
    add("what happens", &consequence, Style::new());
    add("sent as", &sent_as(confirm), Style::new());
    let (calls, time) = calls(context, confirm);
    let calls = match batches(context, confirm) {
        Some(batches) => format!("{calls} {batches}{}{time}", theme.dot()),
        None => format!("{calls}, {time}"),
    };
    add("calls", &calls, Style::new());
    let devices = plan.devices.len() as u64;
    if let Some(day) = confirm.day.and_then(|day| day.sentence(devices)) {
        add("per day", &day, Style::new());
    }
    let left_out = &confirm.breakdown.left_out;
    for (index, reason) in left_out.iter().take(reasons).enumerate() {
        let name = if index == 0 { "left out" } else { "" };
        add(name, &left_out_text(reason), Style::new());
    }
    if (1..left_out.len()).contains(&reasons) {
        let more = counted((left_out.len() - reasons) as u64, "more reason");
        add("", &format!("{more} (b)"), Style::new());
    }
    if let Some(matched) = &confirm.matched {
        add("ticket", matched, Style::new());
    }
    add("list", &list(context, confirm), Style::new());
    if let Some(licences) = licences(context) {
        add("licences", &licences, Style::new());
    }
    let alerts = alerts::sentences(context, confirm, room);
    if !alerts.is_empty() {
        lines.push(Line::default());
        lines.extend(alerts);
    }
    lines
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Uninstall => "Uninstall",
        Action::Archive => "Archive",
        Action::Remove => "Remove",
    }
}

pub(super) fn sent_as(confirm: &Confirmation) -> String {
    format!(
        "{} by HWID, {} by MAC",
        grouped(confirm.breakdown.by_hwid),
        grouped(confirm.breakdown.by_mac)
    )
}

/// How many calls, and how long they take with what is left of the rate limit.
pub(super) fn calls(context: &Context, confirm: &Confirmation) -> (String, String) {
    let budget = &context.settings.budget;
    let status = context.runs.budget_status;
    let left = status.map_or(budget.calls.get(), |status| status.left);
    // The first call of a session requests a token first.
    let requests_token = !context.settings.static_token && !context.runs.has_token;
    let left = left.saturating_sub(u32::from(requests_token));
    let calls = confirm.breakdown.calls;
    let waits = confirm.plan.duration(budget, left).as_secs();
    let count = counted(calls, "call");
    let clock = |seconds: u64| format!("{}:{:02}", seconds / 60, seconds % 60);
    if waits == 0 {
        // A call takes about a second.
        (count, format!("about {}", clock(calls)))
    } else {
        (count, format!("at least {}", clock(waits)))
    }
}

/// How the devices are shared between the calls, unless one call has all.
fn batches(context: &Context, confirm: &Confirmation) -> Option<String> {
    let CallSizes { batch, canary } = confirm.plan.sizes;
    let canary = canary.min(batch);
    let kinds = [confirm.breakdown.by_hwid, confirm.breakdown.by_mac];
    let has_canary = kinds.iter().any(|&devices| devices > canary as u64);
    let most = context.settings.theme.glyph("≤", "<=");
    has_canary.then(|| format!("of {most} {batch}, canary of {canary}"))
}

/// The list's name, time and merged rows.
fn list(context: &Context, confirm: &Confirmation) -> String {
    let origin = &confirm.plan.origin;
    let name = origin.list_name.rsplit('/').next().unwrap_or_default();
    let mut facts = vec![visible(name).into_owned()];
    facts.push(match origin.list_time {
        Some(time) => format!(
            "as of {} ({})",
            time.strftime("%Y-%m-%d"),
            ago(context.now.wall, time)
        ),
        None => "of unknown time".to_owned(),
    });
    if confirm.plan.repeated > 0 {
        let rows = counted(confirm.plan.repeated, "duplicate row");
        facts.push(format!("{rows} merged"));
    }
    facts.join(context.settings.theme.dot())
}

/// The account's licences, and how old their number is.
pub(super) fn licences(context: &Context) -> Option<String> {
    let licences = context.licences?;
    let measured = ago(context.now.wall, licences.measured_at);
    Some(format!("{licences}, measured {measured}"))
}
