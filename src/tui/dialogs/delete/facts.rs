//! The facts of a plan, above its exact list: what happens, to how many, how they are sent, what is
//! left out, and what is unusual.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::alerts;
use super::breakdown::{age_line, left_out_text, outlier_lines, share_lines};
use crate::domain::action::Action;
use crate::plan::CallSizes;
use crate::plan::breakdown::ValueCount;
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
/// With fewer lines, what happens takes no line of its own.
const ROOMY_FACTS: usize = 6;

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
    [sentences(context, confirm, widths[0]), shares, ages]
}

/// What happens, with names at the left, then the alerts.
pub(super) fn sentences<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
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
    for (index, reason) in left_out.iter().take(REASONS).enumerate() {
        let name = if index == 0 { "left out" } else { "" };
        add(name, &left_out_text(reason), Style::new());
    }
    if left_out.len() > REASONS {
        let more = counted((left_out.len() - REASONS) as u64, "more reason");
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

/// The same where there is little room, in at most `most` lines if that can be: the numbers and the
/// alerts always; the rest as far as it fits.
pub(super) fn in_short<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
    most: usize,
) -> Vec<Line<'a>> {
    let plan = &confirm.plan;
    let breakdown = &confirm.breakdown;
    let wrapped = |text: &str| -> Vec<Line<'a>> {
        let lines = wrap(text, room.saturating_sub(1)).into_iter();
        lines.map(|line| Line::from(format!(" {line}"))).collect()
    };
    let dot = context.settings.theme.dot();
    let target = format!("{} ({})", plan.target.host(), plan.target.profile);
    let consequence = format!("{}, no undo", in_few_words(plan.action));
    let left_out: u64 = breakdown.left_out.iter().map(|reason| reason.rows).sum();
    let (calls, time) = calls(context, confirm);
    let mut numbers = vec![sent_as(confirm), format!("{calls}, {time}")];
    numbers.extend((left_out > 0).then(|| format!("{} left out", grouped(left_out))));
    let repeated = plan.repeated;
    numbers.extend((repeated > 0).then(|| counted(repeated, "duplicate")));
    let devices = plan.devices.len() as u64;
    let day = confirm.day.filter(|day| day.sentence(devices).is_some());
    numbers.extend(day.map(|day| format!("24 h limit: {} left", grouped(day.left_after(devices)))));
    let reasons: Vec<String> = breakdown.left_out.iter().map(left_out_text).collect();
    let reasons = format!("left out: {}", reasons.join(dot));
    let groups = in_a_line(&breakdown.groups, "no group", room);
    let licences = licences(context).map(|licences| wrapped(&format!("licences {licences}")));
    let ages = format!("seen {}", ages_in_a_line(confirm));
    let types = in_a_line(&breakdown.types, "no type", room);
    let mut head = (wrapped(&target), wrapped(&consequence));
    let both = format!("{target}{dot}{consequence}");
    let short = format!("{target}{dot}{}", in_fewest_words(plan.action));
    if width(&both) < room {
        head = (wrapped(&both), Vec::new());
    } else if most < ROOMY_FACTS && width(&short) < room {
        head = (wrapped(&short), Vec::new());
    }
    let mut numbers = wrapped(&numbers.join(dot));
    let mut alerts = alerts::in_short(context, confirm, room);
    if head.0.len() + numbers.len() + alerts.len() > most {
        numbers = wrapped(&fewest_numbers(context, confirm, left_out));
        alerts = alerts::by_name(context, confirm, room);
    }
    // In the order on the screen, each with its importance; none for what always stays.
    let blocks: [(Option<u8>, Vec<Line<'a>>); 9] = [
        (None, head.0),
        (Some(0), head.1),
        (None, numbers),
        (
            Some(1),
            if left_out > 0 {
                wrapped(&reasons)
            } else {
                Vec::new()
            },
        ),
        (None, alerts),
        (Some(2), wrapped(&ages)),
        (Some(3), wrapped(&types)),
        (Some(4), wrapped(&groups)),
        (Some(5), licences.unwrap_or_default()),
    ];
    let always = blocks.iter().filter(|(rank, _)| rank.is_none());
    let mut free = most.saturating_sub(always.map(|(_, lines)| lines.len()).sum());
    let mut shown = [0_usize; 9];
    let mut ranks: Vec<usize> = (0..blocks.len()).collect();
    ranks.sort_by_key(|&at| blocks[at].0);
    for at in ranks {
        let (rank, lines) = &blocks[at];
        // Reasons are cut before they are left out: their number is shown above.
        let fits = match rank {
            None => lines.len(),
            Some(1) => lines.len().min(free),
            Some(_) if lines.len() <= free => lines.len(),
            Some(_) => 0,
        };
        shown[at] = fits;
        if rank.is_some() {
            free -= fits;
        }
    }
    let blocks = blocks.into_iter().zip(shown);
    blocks
        .flat_map(|((_, lines), shown)| cut(lines, shown, room))
        .collect()
}

/// The first lines of a text; the last of them says that it goes on.
fn cut<'a>(lines: Vec<Line<'a>>, shown: usize, room: usize) -> Vec<Line<'a>> {
    let goes_on = shown < lines.len();
    let mut lines: Vec<Line<'a>> = lines.into_iter().take(shown).collect();
    if let Some(last) = lines.last_mut().filter(|_| goes_on) {
        let text: String = last.spans.iter().map(|span| &*span.content).collect();
        let text = clip(&text, room.saturating_sub(2));
        *last = Line::from(format!("{} …", text.trim_end_matches(['…', ' '])));
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

fn in_few_words(action: Action) -> &'static str {
    match action {
        Action::Uninstall => "agent uninstalls itself, record stays",
        Action::Archive => "agent uninstalls itself, record archived",
        Action::Remove => "agent uninstalls itself, record removed",
    }
}

fn in_fewest_words(action: Action) -> &'static str {
    match action {
        Action::Uninstall => "uninstalls itself, no undo",
        Action::Archive => "record archived, no undo",
        Action::Remove => "record removed, no undo",
    }
}

fn sent_as(confirm: &Confirmation) -> String {
    format!(
        "{} by HWID, {} by MAC",
        grouped(confirm.breakdown.by_hwid),
        grouped(confirm.breakdown.by_mac)
    )
}

/// The numbers for the smallest screens.
fn fewest_numbers(context: &Context, confirm: &Confirmation, left_out: u64) -> String {
    let breakdown = &confirm.breakdown;
    let (calls, time) = calls(context, confirm);
    let mut numbers = vec![
        format!(
            "{} HWID, {} MAC",
            grouped(breakdown.by_hwid),
            grouped(breakdown.by_mac)
        ),
        format!("{calls}, {}", time.replace("about ", "")),
    ];
    numbers.extend((left_out > 0).then(|| format!("{} left out", grouped(left_out))));
    let duplicates = confirm.plan.repeated;
    numbers.extend((duplicates > 0).then(|| counted(duplicates, "duplicate")));
    numbers.join(context.settings.theme.dot())
}

/// How many calls, and how long they take with what is left of the rate limit.
fn calls(context: &Context, confirm: &Confirmation) -> (String, String) {
    let budget = &context.settings.budget;
    let status = context.runs.budget_status;
    let left = status.map_or(budget.calls.get(), |status| status.left);
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
fn licences(context: &Context) -> Option<String> {
    let licences = context.licences?;
    let measured = ago(context.now.wall, licences.measured_at);
    Some(format!("{licences}, measured {measured}"))
}

/// As many values as fit on a line.
fn in_a_line(shares: &[ValueCount], none: &str, room: usize) -> String {
    let mut text = String::new();
    for (index, share) in shares.iter().enumerate() {
        let name = match share.value.as_str() {
            "" => none,
            value => value,
        };
        let part = format!("{} {}", clip(name, 20), grouped(share.devices));
        let rest = (shares.len() - index) as u64;
        let more = format!("{} more", grouped(rest));
        // Room stays for the number of those that don't fit.
        if width(&text) + width(&part) + width(&more) + 5 > room {
            text.push_str(&more);
            break;
        }
        text.push_str(&part);
        if index + 1 < shares.len() {
            text.push_str("  ");
        }
    }
    text
}

pub(super) fn ages_in_a_line(confirm: &Confirmation) -> String {
    let ages = confirm.breakdown.ages.iter();
    let ages: Vec<String> = ages
        .map(|&(band, devices)| {
            let sign = if band.is_recent() { "!" } else { "" };
            let band = band.as_str().replace(' ', "");
            format!("{band} {}{sign}", grouped(devices))
        })
        .collect();
    ages.join("  ")
}
