//! The failures as lines of text, for the plain dialogue.

use ratatui::text::Line;

use crate::domain::device::IdentifierKind;
use crate::text::visible;
use crate::tui::context::Context;
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::failures::explanation::{self, LineSubject};
use crate::tui::screens::failures::lines::FailureLine;
use crate::tui::screens::failures::render::{lookup_text, seen_text};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::age::age;

/// Lines as long as they are: the terminal wraps them.
const ROOM: usize = 4096;

pub(in crate::tui) struct SpokenGroup {
    /// How its devices ended.
    pub(in crate::tui) name: String,
    /// What that means, why it happens and what helps.
    pub(in crate::tui) explanation: Vec<Line<'static>>,
    /// True if nothing is wrong with its devices.
    pub(in crate::tui) is_success: bool,
    /// Its devices, by ordinal.
    pub(in crate::tui) ordinals: Vec<u32>,
}

impl FailuresScreen {
    /// The groups in their order.
    pub(in crate::tui) fn spoken_groups(&self, context: &Context) -> Vec<SpokenGroup> {
        let Some(run) = self.run(&context.runs) else {
            return Vec::new();
        };
        let groups = self.groups(&context.runs);
        groups
            .map(|group| {
                let mut name = group.head.outcome.to_string();
                if let Some(verdict) = group.head.verdict {
                    name.push_str(&format!(", {verdict}"));
                }
                if group.head.kind == IdentifierKind::Mac {
                    name.push_str(", by MAC");
                }
                let subject = LineSubject::of(FailureLine::Group(group.head), run);
                let explained = |subject| explanation::full(context, run, subject, ROOM);
                SpokenGroup {
                    name,
                    // Its first line is the name.
                    explanation: subject.map_or_else(Vec::new, explained).split_off(1),
                    is_success: group.head.is_success(),
                    ordinals: group.ordinals.clone(),
                }
            })
            .collect()
    }
}

/// `WS-1074, fda7236bcfdf0d05, desktop, seen 113 d before, call 2`, and what lookups saw.
pub(in crate::tui) fn device(context: &Context, run: &RunView, ordinal: u32) -> String {
    let Some(device) = run.devices.get(ordinal as usize) else {
        return String::new();
    };
    let or = |text: &str, none: &str| match text {
        "" => none.to_owned(),
        text => visible(text).into_owned(),
    };
    let time = context.list.devices.time().unwrap_or(context.now.wall);
    let mut parts = vec![
        or(&device.hostname, "no host name"),
        device.identifier.to_string(),
        or(&device.device_type, "no type"),
        match device.last_seen {
            Some(seen) => format!("seen {} before", age(time, seen)),
            None => "last seen unknown".to_owned(),
        },
    ];
    if let Some(call) = run.last_call(ordinal) {
        parts.push(format!("call {}", call.call));
        if !call.message.is_empty() {
            parts.push(format!("the server said: {}", visible(&call.message)));
        }
    }
    let seen = seen_text(context, run, ordinal);
    parts.extend((!seen.is_empty()).then_some(seen));
    parts.join(", ")
}

/// How far the lookups of a run have come, if some are under way.
pub(in crate::tui) fn lookups(context: &Context, run: &RunView) -> Option<String> {
    let progress = context.runs.lookup_progress.as_ref();
    let progress = progress.filter(|progress| progress.run == run.id)?;
    Some(lookup_text(context, progress))
}
