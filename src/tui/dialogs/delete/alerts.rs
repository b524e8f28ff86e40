//! What must be known before a plan is confirmed: hidden devices, devices that a run removed, and the
//! warnings. Each is a line with `!`; a warning begins with its name, which `--allow` takes.

use std::collections::HashSet;

use ratatui::text::{Line, Span};

use crate::domain::device::MacAddress;
use crate::domain::outcome::{DeviceState, OutcomeClass};
use crate::domain::run::RunId;
use crate::plan::{Plan, Warning};
use crate::text::{clip, counted, grouped, width, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::Confirmation;

/// A line with `!`.
struct Alert {
    sentence: String,
    /// In a few words.
    short: String,
    /// In as few words as possible, with its name.
    shortest: String,
    /// The name of the warning, if it is one.
    name: Option<&'static str>,
}

impl Alert {
    /// What a warning begins with, as on the command line.
    fn prefix(&self) -> String {
        self.name
            .map_or_else(String::new, |name| format!("{name}: "))
    }
}

/// Every alert in a sentence, wrapped to `room` cells.
pub(super) fn sentences<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut lines = Vec::new();
    for alert in alerts(confirm) {
        let text = format!("{}{}", alert.prefix(), alert.sentence);
        for (index, text) in wrap(&text, room.saturating_sub(4)).into_iter().enumerate() {
            let sign = if index == 0 { " ! " } else { "   " };
            lines.push(Line::from(Span::styled(
                format!("{sign}{text}"),
                theme.warning(),
            )));
        }
    }
    lines
}

/// Every alert in a few words, as many on a line as fit into `room` cells.
pub(super) fn in_short<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut lines: Vec<String> = Vec::new();
    for alert in alerts(confirm) {
        let text = format!("! {}{}", alert.prefix(), alert.short);
        let text = clip(&text, room.saturating_sub(1));
        match lines.last_mut() {
            Some(line) if width(line) + 2 + width(&text) < room => {
                line.push_str(&format!("  {text}"));
            }
            _ => lines.push(text.into_owned()),
        }
    }
    let lines = lines.into_iter();
    lines
        .map(|line| Line::from(Span::styled(format!(" {line}"), theme.warning())))
        .collect()
}

/// Every alert by its name and number, in as few lines of `room` cells as possible.
pub(super) fn by_name<'a>(context: &Context, confirm: &Confirmation, room: usize) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let alerts = alerts(confirm);
    if alerts.is_empty() {
        return Vec::new();
    }
    let texts: Vec<String> = alerts.into_iter().map(|alert| alert.shortest).collect();
    let text = texts.join(theme.dot());
    wrap(&text, room.saturating_sub(4))
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let sign = if index == 0 { " ! " } else { "   " };
            Line::from(Span::styled(format!("{sign}{text}"), theme.warning()))
        })
        .collect()
}

fn alerts(confirm: &Confirmation) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let hidden = confirm.hidden.len() as u64;
    if hidden > 0 {
        let (is, them) = if hidden == 1 {
            ("is", "it")
        } else {
            ("are", "them")
        };
        alerts.push(Alert {
            sentence: format!(
                "{} {is} hidden by the filter: D drops {them}",
                counted(hidden, "marked device")
            ),
            short: format!("{} hidden by the filter (D drops)", grouped(hidden)),
            shortest: format!("{} hidden, D drops", grouped(hidden)),
            name: None,
        });
    }
    let in_doubt = confirm.in_doubt;
    if in_doubt > 0 {
        let is = if in_doubt == 1 { "is" } else { "are" };
        let number = grouped(in_doubt);
        alerts.push(Alert {
            sentence: format!(
                "{} {is} in doubt: the earlier call may have worked, as a look-up can show",
                counted(in_doubt, "device")
            ),
            short: format!("{number} in doubt: the earlier call may have worked"),
            shortest: format!("{number} in doubt"),
            name: None,
        });
    }
    let removed = confirm.breakdown.removed_earlier;
    if removed > 0 {
        let was = if removed == 1 { "was" } else { "were" };
        let devices = counted(removed, "device");
        alerts.push(Alert {
            sentence: format!("{devices} {was} sent earlier, by a run that ended after the list's time, or less than ten minutes before"),
            short: format!("{} sent earlier", grouped(removed)),
            shortest: format!("{} sent earlier", grouped(removed)),
            name: None,
        });
    }
    let warnings = confirm.plan.warnings.iter();
    alerts.extend(warnings.map(|warning| {
        let [sentence, short, shortest] = in_words(warning);
        Alert {
            sentence,
            short,
            shortest,
            name: Some(warning.name()),
        }
    }));
    alerts
}

/// A warning in a sentence, in a few words, and in as few as possible.
fn in_words(warning: &Warning) -> [String; 3] {
    match warning {
        Warning::Recent { devices } => {
            let number = grouped(*devices);
            [
                format!(
                    "{} seen within 24 h of the list's time",
                    counted(*devices, "device")
                ),
                format!("{number} seen within 24 h of the list's time"),
                format!("{number} recent"),
            ]
        }
        Warning::OldList { age } => {
            let days = counted(age.as_secs() / 86_400, "day");
            [
                format!("the list is {days} old"),
                format!("list {days} old"),
                format!("old-list, {days}"),
            ]
        }
        Warning::Most { devices, of, .. } => {
            let percent = (devices * 100).checked_div(*of).unwrap_or(100);
            let part = format!("{} of {}", grouped(*devices), grouped(*of));
            [
                format!("{percent} % of the list: {part}"),
                format!("{percent} % of the list, {part}"),
                format!("most, {percent} %"),
            ]
        }
        Warning::New { devices, .. } => [
            warning.sentence(),
            format!("{} enrolled lately", grouped(*devices)),
            format!("{} new", grouped(*devices)),
        ],
        Warning::Shrunk {
            devices, expected, ..
        } => [
            warning.sentence(),
            format!(
                "{} of {} devices listed",
                grouped(*devices),
                grouped(*expected)
            ),
            format!("shrunk from {}", grouped(*expected)),
        ],
        Warning::Last {
            users, hostnames, ..
        } => [
            warning.sentence(),
            format!("all records of {}", counted(users + hostnames, "name")),
            format!("last of {}", grouped(users + hostnames)),
        ],
        Warning::NotInInventory { devices, .. } => [
            warning.sentence(),
            format!("{} not in the inventory", grouped(*devices)),
            format!("{} not-in-inventory", grouped(*devices)),
        ],
        Warning::RuleMatchesNone { rules, .. } => [
            warning.sentence(),
            format!("no device matches protect {}", rules.join(", ")),
            format!("{} rule-matches-none", grouped(rules.len() as u64)),
        ],
    }
}

/// How many devices of a retry are in doubt in the run that it retries. They are compared by what they
/// are: the plan has its own numbers, and may leave some of that run's devices out.
pub(super) fn in_doubt(plan: &Plan, run: RunId, context: &Context) -> u64 {
    let Some(run) = context.runs.find(run) else {
        return 0;
    };
    let is_in_doubt = |state: &DeviceState| matches!(state, DeviceState::Ended(outcome) if outcome.class() == OutcomeClass::InDoubt);
    let doubtful = run.devices.iter().zip(&run.states);
    let doubtful = doubtful.filter(|(_, state)| is_in_doubt(state));
    let mut hwids = HashSet::new();
    let mut macs: HashSet<MacAddress> = HashSet::new();
    for (device, _) in doubtful {
        match &device.hwid {
            Some(hwid) => drop(hwids.insert(hwid)),
            None => macs.extend(&device.macs),
        }
    }
    let planned = plan.devices.iter().filter(|device| match &device.hwid {
        Some(hwid) => hwids.contains(hwid),
        None => device.macs.iter().any(|mac| macs.contains(mac)),
    });
    planned.count() as u64
}
