//! The facts of a plan where there is little room.

use ratatui::text::Line;

use super::alerts;
use super::breakdown::left_out_text;
use super::facts::{calls, licences, sent_as};
use crate::domain::action::Action;
use crate::plan::breakdown::ValueCount;
use crate::text::{clip, counted, grouped, width, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::Confirmation;

/// The rank of the reasons for leaving out.
const REASONS_RANK: u8 = 1;
/// The types take at least so many cells of a line.
const FOR_TYPES: usize = 24;
/// With fewer lines, what happens takes no line of its own.
const ROOMY_FACTS: usize = 6;

/// The facts in at most `most` lines if that can be: the numbers and the alerts always; the rest as far
/// as it fits.
pub(super) fn in_short<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
    most: usize,
) -> Vec<Line<'a>> {
    let breakdown = &confirm.breakdown;
    let wrapped = |text: &str| wrapped(text, room);
    let (target, consequence) = head_in_short(context, confirm, room, most);
    let mut numbers = wrapped(&numbers_in_short(context, confirm, false));
    let mut alerts = alerts::in_short(context, confirm, room);
    if target.len() + numbers.len() + alerts.len() > most {
        numbers = wrapped(&numbers_in_short(context, confirm, true));
        alerts = alerts::by_name(context, confirm, room);
    }
    let reasons: Vec<String> = breakdown.left_out.iter().map(left_out_text).collect();
    let reasons = reasons.join(context.settings.theme.dot());
    let reasons = (left_out(confirm) > 0).then(|| wrapped(&format!("left out: {reasons}")));
    let licences = licences(context).map(|licences| wrapped(&format!("licences {licences}")));
    let (ages, types) = ages_and_types(context, confirm, room);
    let groups = in_a_line(&breakdown.groups, "no group", room);
    let blocks = vec![
        (None, target),
        (Some(0), consequence),
        (None, numbers),
        (Some(REASONS_RANK), reasons.unwrap_or_default()),
        (None, alerts),
        (Some(2), wrapped(&ages)),
        (
            Some(3),
            types.map_or_else(Vec::new, |types| wrapped(&types)),
        ),
        (Some(4), wrapped(&groups)),
        (Some(5), licences.unwrap_or_default()),
    ];
    fitted(blocks, room, most)
}

fn wrapped<'a>(text: &str, room: usize) -> Vec<Line<'a>> {
    let lines = wrap(text, room.saturating_sub(1)).into_iter();
    lines.map(|line| Line::from(format!(" {line}"))).collect()
}

/// When the devices were seen and, if it doesn't fit on the same line, of which types they are.
fn ages_and_types(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
) -> (String, Option<String>) {
    let types = &confirm.breakdown.types;
    let ages = ages_in_a_line(confirm);
    let line = context.settings.theme.glyph("│", "|");
    let left = room.saturating_sub(width(&ages) + 5);
    if left < FOR_TYPES {
        let types = in_a_line(types, "no type", room);
        return (format!("seen {ages}"), Some(types));
    }
    let types = in_a_line(types, "no type", left);
    (format!("{types} {line} {ages}"), None)
}

/// Where the plan is sent, and what that does: on one line if both fit.
fn head_in_short<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
    most: usize,
) -> (Vec<Line<'a>>, Vec<Line<'a>>) {
    let plan = &confirm.plan;
    let dot = context.settings.theme.dot();
    let target = format!("{} ({})", plan.target.host(), plan.target.profile);
    let consequence = format!("{}, no undo", in_few_words(plan.action));
    let both = format!("{target}{dot}{consequence}");
    // The header names the profile, too.
    let without_profile = format!("{}{dot}{consequence}", plan.target.host());
    let short = format!("{target}{dot}{}", in_fewest_words(plan.action));
    if width(&both) < room {
        (wrapped(&both, room), Vec::new())
    } else if width(&without_profile) < room {
        (wrapped(&without_profile, room), Vec::new())
    } else if most < ROOMY_FACTS && width(&short) < room {
        (wrapped(&short, room), Vec::new())
    } else {
        (wrapped(&target, room), wrapped(&consequence, room))
    }
}

/// Blocks of lines in the order on the screen, each with its rank: the lower ranks stay longest as the
/// room shrinks, and what has none stays always.
type Blocks<'a> = Vec<(Option<u8>, Vec<Line<'a>>)>;

/// What of the blocks fits into `most` lines.
fn fitted(blocks: Blocks<'_>, room: usize, most: usize) -> Vec<Line<'_>> {
    let always = blocks.iter().filter(|(rank, _)| rank.is_none());
    let mut free = most.saturating_sub(always.map(|(_, lines)| lines.len()).sum());
    let mut shown = vec![0; blocks.len()];
    let mut ranks: Vec<usize> = (0..blocks.len()).collect();
    ranks.sort_by_key(|&at| blocks[at].0);
    for at in ranks {
        let (rank, lines) = &blocks[at];
        let fits = match *rank {
            None => lines.len(),
            // They are cut before they are left out: their number is shown above.
            Some(REASONS_RANK) => lines.len().min(free),
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

/// How many rows are left out.
fn left_out(confirm: &Confirmation) -> u64 {
    let reasons = confirm.breakdown.left_out.iter();
    reasons.map(|reason| reason.rows).sum()
}

/// The numbers on a line; on the smallest screens, the fewest of them.
fn numbers_in_short(context: &Context, confirm: &Confirmation, fewest: bool) -> String {
    let breakdown = &confirm.breakdown;
    let (calls, time) = calls(context, confirm);
    let mut numbers = if fewest {
        let (hwids, macs) = (grouped(breakdown.by_hwid), grouped(breakdown.by_mac));
        let time = time.replace("about ", "");
        vec![
            format!("{hwids} HWID, {macs} MAC"),
            format!("{calls}, {time}"),
        ]
    } else {
        vec![sent_as(confirm), format!("{calls}, {time}")]
    };
    let left_out = left_out(confirm);
    numbers.extend((left_out > 0).then(|| format!("{} left out", grouped(left_out))));
    let duplicates = confirm.plan.repeated;
    numbers.extend((duplicates > 0).then(|| counted(duplicates, "duplicate")));
    let devices = confirm.plan.devices.len() as u64;
    let day = confirm
        .day
        .filter(|day| !fewest && day.sentence(devices).is_some());
    numbers.extend(day.map(|day| format!("24 h limit: {} left", grouped(day.left_after(devices)))));
    numbers.join(context.settings.theme.dot())
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
