//! A plan as lines of text, for the plain dialogue: its facts without columns, and a device in a line.

use ratatui::text::Line;

use super::breakdown::{left_out_text, outlier_lines};
use super::list::reason;
use super::{facts, short_facts};
use crate::plan::breakdown::ValueCount;
use crate::text::{grouped, visible};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::Confirmation;
use crate::tui::widgets::age::age;

/// Lines as long as they are: the terminal wraps them.
const ROOM: usize = 4096;

impl Confirmation {
    /// What happens, the totals, what is left out, what is unusual, and what must be known.
    pub(in crate::tui) fn spoken_facts(&self, context: &Context) -> Vec<String> {
        let breakdown = &self.breakdown;
        let sentences = facts::sentences(context, self, ROOM, 0);
        let mut lines: Vec<String> = sentences.iter().map(spoken).collect();
        lines.push(String::new());
        lines.push(format!("By type: {}.", shares(&breakdown.types)));
        lines.push(format!("By group: {}.", shares(&breakdown.groups)));
        lines.push(format!(
            "By last seen: {}.",
            short_facts::ages_in_a_line(self)
        ));
        let outliers: Vec<String> = outlier_lines(context, self, ROOM)
            .iter()
            .map(spoken)
            .collect();
        if !outliers.is_empty() {
            lines.push(format!("Outliers: {}.", outliers.join("; ")));
        }
        if !breakdown.left_out.is_empty() {
            let reasons: Vec<String> = breakdown.left_out.iter().map(left_out_text).collect();
            lines.push(format!("Left out: {}.", reasons.join("; ")));
        }
        lines
    }

    /// `12: LT-1003, 17f2f687775cea1c, laptop, compliant, group Lab, seen 146 d before, by hand`.
    pub(in crate::tui) fn spoken_device(&self, place: usize) -> Option<String> {
        let ordinal = self.ordinal_at(place);
        let device = self.plan.devices.get(ordinal)?;
        let row = self.breakdown.rows.get(ordinal)?;
        let seen = self.plan.origin.list_time.zip(device.last_seen);
        let seen = match seen {
            Some((time, seen)) => format!("seen {} before", age(time, seen)),
            None => "last seen unknown".to_owned(),
        };
        let or = |text: &str, none: &str| match text {
            "" => none.to_owned(),
            text => visible(text).into_owned(),
        };
        Some(format!(
            "{}: {}, {}, {}, {}, {}, {seen}, {}",
            // Without separators: that is how it is typed.
            place + 1,
            or(&device.hostname, "no host name"),
            device.identifier,
            or(&device.device_type, "no type"),
            or(&row.status, "no status"),
            or(&device.group, "no group"),
            reason(device, row, ROOM)
        ))
    }
}

/// A line without what aligns it on the screen.
fn spoken(line: &Line<'_>) -> String {
    let text = line.to_string();
    let words: Vec<&str> = text
        .split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    words.join("  ").replace('\u{a0}', " ").replace(" · ", "; ")
}

/// Every value with its number.
fn shares(shares: &[ValueCount]) -> String {
    let shares = shares.iter().map(|share| {
        let name = match share.value.as_str() {
            "" => "none".into(),
            value => visible(value),
        };
        format!("{name} {}", grouped(share.devices))
    });
    shares.collect::<Vec<_>>().join(", ")
}
