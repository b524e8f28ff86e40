//! ```text
//! ┌ whose devices they are ────────────────────────────────┐
//! │ 4 persons · 2 with one device · 1 with several · 1 …   │
//! │ 2 devices chosen                                       │
//! │   person             devices device                    │
//! │ ● ada@corp.example         1 LT-4411  12ds44f… by user │
//! │ ? bob@corp.example         2 none chosen: space …      │
//! │                              LT-2     29cdc7b… by user │
//! │                              LT-3     7a2f113… by user │
//! │ ✗ eve@corp.example         0 no device (line 5)        │
//! └────────────────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::import::{Entry, MatchResult, MatchRule};
use crate::list::DeviceId;
use crate::plan::Removal;
use crate::text::{clip, clip_middle, counted, grouped, visible, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::import::report::{Report, ReportLine};
use crate::tui::widgets::age::age;
use crate::tui::widgets::panel::dialog_panel;

pub(super) fn render_report(frame: &mut Frame<'_>, area: Rect, context: &Context, report: &Report) {
    let theme = &context.settings.theme;
    let title = if report.import.is_people {
        "persons and their devices"
    } else {
        "matches"
    };
    let inner = dialog_panel(frame, area, context, title);
    let room = usize::from(inner.width);
    let table = Table::new(room, report.import.is_people);
    let mut lines: Vec<Line<'_>> = wrap(&counts(report).join(theme.dot()), room.saturating_sub(1))
        .into_iter()
        .map(|line| Line::from(format!(" {line}")).style(theme.strong()))
        .collect();
    lines.push(Line::from(format!(" {}", chosen(context, report))).style(theme.dim()));
    if let Some(heading) = table.heading() {
        lines.push(Line::from(heading).style(theme.dim()));
    }
    let shown = usize::from(inner.height).saturating_sub(lines.len());
    let top = report.cursor.top(shown);
    for (index, line) in report.lines.iter().enumerate().skip(top).take(shown) {
        let text = match *line {
            ReportLine::Entry(entry) => match report.import.entries.get(entry) {
                Some(entry) => entry_line(context, report, &table, entry),
                None => continue,
            },
            ReportLine::Device(entry, id) => {
                let rule = report
                    .import
                    .entries
                    .get(entry)
                    .and_then(|entry| entry.rule);
                let glyph = mark(context, report.chosen.contains(&id));
                let device = table.device(context, id, rule);
                format!("{}{glyph} {device}", " ".repeat(table.indent()))
            }
        };
        let line = Line::from(format!("{:<room$}", clip(&text, room)));
        lines.push(if index == report.cursor.at {
            line.style(theme.selection())
        } else {
            line
        });
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// How many entries there are of each kind; of persons, how many have devices.
pub(super) fn counts(report: &Report) -> Vec<String> {
    let counts = report.import.counts();
    let (mut message, rest) = match report.import.people() {
        Some(people) => (
            vec![counted(people.persons as u64, "person")],
            vec![
                (people.with_one, "with one device"),
                (people.with_several, "with several"),
                (people.ambiguous, "ambiguous"),
                (people.without, "without"),
            ],
        ),
        None => (
            Vec::new(),
            vec![
                (counts.matched, "matched"),
                (counts.several, "with several devices"),
                (counts.ambiguous, "ambiguous"),
                (counts.missing, "missing"),
            ],
        ),
    };
    let said = |(count, what): (usize, &str)| {
        (count > 0).then(|| format!("{} {what}", grouped(count as u64)))
    };
    message.extend(rest.into_iter().filter_map(said));
    let duplicates = counts.repeated as u64;
    message.extend((duplicates > 0).then(|| counted(duplicates, "duplicate")));
    message.extend(said((counts.invalid, "invalid")));
    message
}

/// What the keys would mark, and what they leave.
fn chosen(context: &Context, report: &Report) -> String {
    let dot = context.settings.theme.dot();
    let mut message = format!("{} chosen", counted(report.chosen.len() as u64, "device"));
    let devices = report.import.devices();
    let left_out = devices.filter(|id| !report.chosen.contains(id)).count();
    if left_out > 0 {
        let left_out = grouped(left_out as u64);
        message.push_str(&format!("{dot}{left_out} matched and not chosen"));
    }
    if !context.list.marks.is_empty() && !report.chosen.is_empty() {
        let marked = grouped(context.list.marks.len() as u64);
        message.push_str(&format!(
            "{dot}enter adds them to the {marked} marked, R replaces those"
        ));
    }
    message
}

/// From so many cells on there is room for the group.
const MIDDLE: usize = 70;

/// The columns of the report.
pub(super) struct Table {
    label: usize,
    /// The number of devices; none but for persons.
    count: usize,
    host: usize,
    /// HWID or MAC; zero if it does not fit.
    id: usize,
    /// Zero if it does not fit.
    group: usize,
    is_wide: bool,
}

impl Table {
    fn new(room: usize, is_people: bool) -> Self {
        let (label, count, host, id, group) = match (room >= 100, is_people) {
            (true, false) => (26, 0, 16, 18, 12),
            (true, true) => (32, 7, 16, 18, 12),
            // Both ends of an identifier, and the age, tell twins apart.
            (false, false) if room >= MIDDLE => (16, 0, 15, 9, 10),
            (false, false) => (13, 0, 12, 9, 0),
            (false, true) => (22, 7, 15, 0, 10),
        };
        Self {
            label,
            count,
            host,
            id,
            group,
            is_wide: room >= 100,
        }
    }

    pub(super) fn beside_text() -> Self {
        Self {
            label: 20,
            count: 0,
            host: 15,
            id: 0,
            group: 8,
            is_wide: false,
        }
    }

    fn heading(&self) -> Option<String> {
        (self.count > 0).then(|| {
            let (label, count) = (self.label, self.count);
            format!("   {:<label$} {:>count$} device", "person", "devices")
        })
    }

    /// The column of the mark of a device that has a line of its own.
    fn indent(&self) -> usize {
        let count = if self.count > 0 { self.count + 1 } else { 0 };
        3 + self.label + 1 + count - 2
    }

    /// An entry without what it means; with the number of its devices, if that is known.
    fn entry(&self, glyph: &str, text: &str, devices: Option<usize>) -> String {
        let (label, count) = (self.label, self.count);
        let entry = format!(" {glyph} {:<label$}", clip(&visible(text), label));
        if count == 0 {
            return entry;
        }
        let devices = devices.map_or(String::new(), |devices| grouped(devices as u64));
        format!("{entry} {devices:>count$}")
    }

    /// A device, and the rule that found it.
    fn device(&self, context: &Context, id: DeviceId, rule: Option<MatchRule>) -> String {
        let device = context.list.devices.device(id);
        let (host, group) = (self.host, self.group);
        let mut text = format!("{:<host$} ", clip(&visible(device.hostname()), host));
        if self.id > 0 {
            let mac = || device.macs().next().map(|mac| mac.to_string());
            let shown = device.hwid().map(str::to_owned).or_else(mac);
            let width = self.id;
            text.push_str(&format!(
                "{:<width$} ",
                clip_middle(&shown.unwrap_or_default(), width)
            ));
        }
        if group > 0 {
            let shown = clip(&visible(device.group()), group).into_owned();
            text.push_str(&format!("{shown:<group$} "));
        }
        let rule = rule.map_or(String::new(), |rule| rule.to_string());
        match (device.problem(), context.list.removed.get(&id)) {
            (Some(problem), _) => text.push_str(&format!("can't be marked: {problem}")),
            (_, Some(Removal { run, action })) => text.push_str(&format!(
                "{} by run {} {rule}",
                action.past_participle(),
                run.short()
            )),
            _ if self.is_wide => {
                text.push_str(&format!("{:<17} {rule}", seen(context, id, "seen ")));
            }
            _ => text.push_str(&format!("{:<9} {rule}", seen(context, id, ""))),
        }
        text
    }
}

fn mark(context: &Context, chosen: bool) -> &'static str {
    if chosen {
        context.settings.theme.glyph("●", "*")
    } else {
        " "
    }
}

pub(super) fn entry_line(
    context: &Context,
    report: &Report,
    table: &Table,
    entry: &Entry,
) -> String {
    let place = match entry.row {
        Some(row) => format!(" (line {})", grouped(row.line)),
        None => String::new(),
    };
    let missing = context.settings.theme.glyph("✗", "x");
    let (glyph, devices, what) = match &entry.result {
        MatchResult::Matched(id) => (
            mark(context, report.chosen.contains(id)),
            Some(1),
            table.device(context, *id, entry.rule),
        ),
        MatchResult::Several(ids) => {
            let chosen = chosen_of(report, ids);
            let glyph = match chosen {
                0 => "?",
                _ if chosen == ids.len() => mark(context, true),
                _ => context.settings.theme.glyph("◐", "+"),
            };
            let mut what = chosen_words(chosen, ids.len());
            if chosen == 0 {
                what.push_str(": space chooses all of them");
            }
            if !report.import.is_people {
                what = format!("{}, {what}", counted(ids.len() as u64, "device"));
            }
            (glyph, Some(ids.len()), what)
        }
        MatchResult::Ambiguous(ids) => {
            let chosen = chosen_of(report, ids);
            let glyph = if chosen == 0 {
                "?"
            } else {
                mark(context, true)
            };
            let reason = if report.import.is_people {
                "ambiguous account".to_owned()
            } else {
                ambiguous(entry, ids.len())
            };
            let what = format!("{reason}, {}", chosen_words(chosen, ids.len()));
            (glyph, Some(ids.len()), what)
        }
        MatchResult::Repeated => (" ", None, duplicate_of(report, entry)),
        MatchResult::Invalid(reason) => ("!", None, format!("{reason}{place}")),
        MatchResult::Missing(_) if report.import.is_people => {
            (missing, Some(0), format!("no device{place}"))
        }
        MatchResult::Missing(_) => (missing, Some(0), format!("not in this list{place}")),
    };
    format!("{} {what}", table.entry(glyph, &entry.text, devices))
}

/// Which entry has the same text, by its line where it has one.
fn duplicate_of(report: &Report, entry: &Entry) -> String {
    let same = |other: &&Entry| {
        other.result != MatchResult::Repeated && other.text.eq_ignore_ascii_case(&entry.text)
    };
    let first = report.import.entries.iter().find(same);
    match first.and_then(|first| first.row.as_ref()) {
        Some(row) => format!("duplicate of line {}", grouped(row.line)),
        None => "duplicate of an earlier line".to_owned(),
    }
}

fn chosen_of(report: &Report, ids: &[DeviceId]) -> usize {
    ids.iter().filter(|id| report.chosen.contains(id)).count()
}

fn chosen_words(chosen: usize, of: usize) -> String {
    match chosen {
        0 => "none chosen".to_owned(),
        _ if chosen == of => "all chosen".to_owned(),
        _ => format!(
            "{} of {} chosen",
            grouped(chosen as u64),
            grouped(of as u64)
        ),
    }
}

/// Why an entry means no device in particular.
fn ambiguous(entry: &Entry, devices: usize) -> String {
    let devices = counted(devices as u64, "device");
    let what = match entry.rule {
        Some(MatchRule::Hwid) => "this HWID",
        Some(MatchRule::Mac) => "this MAC",
        Some(MatchRule::Serial) => "this serial number",
        Some(MatchRule::User) => return format!("{devices} of more than one account"),
        _ => "this name",
    };
    format!("{devices} have {what}")
}

fn seen(context: &Context, id: DeviceId, prefix: &str) -> String {
    match (
        context.list.devices.device(id).last_seen(),
        context.list.devices.time(),
    ) {
        (Some(seen), Some(time)) => format!("{prefix}{} ago", age(time, seen)),
        _ if prefix.is_empty() => "unknown".to_owned(),
        _ => "last seen unknown".to_owned(),
    }
}
