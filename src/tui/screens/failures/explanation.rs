//! What an outcome means, why it happens, what helps, and what doesn't.

use std::time::Duration;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::device::IdentifierKind;
use crate::domain::outcome::{DeviceState, Doubt, Failure, Outcome};
use crate::domain::run::RunState;
use crate::engine::lookup_verdict::{self, Finding, LookupKey};
use crate::plan::PlannedDevice;
use crate::runner::REFERENCE_CALLS;
use crate::text::{self, counted, visible, wrap};
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::screens::failures::lines::FailureLine;
use crate::tui::screens::run::groups::GroupKey;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::duration::{clock, took};

#[derive(Clone, Copy, Debug)]
pub(super) struct LineSubject {
    /// How the devices ended.
    pub outcome: Outcome,
    /// What they were sent by.
    kind: IdentifierKind,
    count: usize,
    /// The only one, by its ordinal, unless a group is explained.
    device: Option<u32>,
    group: Option<GroupKey>,
}

impl LineSubject {
    /// What a line is about.
    pub(super) fn of(line: FailureLine, run: &RunView) -> Option<Self> {
        match line {
            FailureLine::Group(group) => Some(Self {
                outcome: group.outcome,
                kind: group.kind,
                count: group.count,
                device: None,
                group: Some(group.key()),
            }),
            FailureLine::Device(ordinal) => Some(Self {
                outcome: run.states.get(ordinal as usize)?.as_final_outcome(),
                kind: run.devices.get(ordinal as usize)?.identifier.kind(),
                count: 1,
                device: Some(ordinal),
                group: None,
            }),
        }
    }

    /// The devices, by their ordinals.
    fn ordinals(self, run: &RunView) -> Vec<u32> {
        let Some(key) = self.group else {
            return self.device.into_iter().collect();
        };
        let group = run.groups.iter().find(|group| group.head.key() == key);
        group.map_or_else(Vec::new, |group| group.ordinals.clone())
    }

    /// True if the run resends all of them once, without a key.
    fn is_resent(self, run: &RunView) -> bool {
        let ordinals = self.ordinals(run);
        !ordinals.is_empty() && run.count_resent(&ordinals) == ordinals.len()
    }

    /// The meaning, in a sentence or two.
    fn meaning(self, run: &RunView) -> String {
        let meaning = self.outcome.meaning(self.kind, run.action);
        match self.outcome {
            Outcome::Failed(Failure::NotFound | Failure::Refused) => {
                format!("{meaning} Nothing was deleted.")
            }
            _ => meaning.to_owned(),
        }
    }

    /// Why it happens, the commonest cause first.
    fn causes(self) -> &'static [&'static str] {
        match self.outcome {
            Outcome::Failed(Failure::NotFound) => match self.kind {
                IdentifierKind::Hwid => &[
                    "someone already removed it",
                    "the machine was reimaged and enrolled again under a new HWID",
                    "the list belongs to another tenant",
                ],
                IdentifierKind::Mac => &[
                    "someone already removed it",
                    "the device reports another MAC by now",
                    "the list belongs to another tenant",
                ],
            },
            Outcome::Failed(Failure::Refused) => {
                &["the identifier isn't one that the server accepts"]
            }
            Outcome::Failed(Failure::StillThere) => &["the call was lost before it had an effect"],
            Outcome::InDoubt(doubt) => match doubt {
                Doubt::NoAnswer => &["the connection broke", "the server took too long"],
                Doubt::ServerError => &["the server had a fault of its own"],
                Doubt::Redirected | Doubt::WebPage => {
                    &["a proxy or a portal answered in place of the tenant"]
                }
                Doubt::UnreadableAnswer | Doubt::WrongLength | Doubt::WrongElement => {
                    &["the server's answer differs from its documentation"]
                }
                Doubt::Interrupted => &["the program or its host stopped during the call"],
                Doubt::RepeatAnsweredZero => &["the first attempt may have removed it"],
            },
            Outcome::Accepted | Outcome::Gone | Outcome::NotSent => &[],
        }
    }

    /// The keys that help, then what does not help.
    fn keys<'a>(self, context: &'a Context, run: &RunView) -> Vec<KeyHelp<'a>> {
        if !matches!(self.outcome, Outcome::Failed(_) | Outcome::InDoubt(_)) {
            return Vec::new();
        }
        let calls = (self.count + REFERENCE_CALLS) as u64;
        let typical = run.call_log.typical().unwrap_or(Duration::from_secs(1));
        let answers = typical.saturating_mul(u32::try_from(calls).unwrap_or(u32::MAX));
        let time = Duration::from_secs(context.seconds_for(calls)) + answers;
        let time = clock(time.max(Duration::from_secs(1)));
        let calls = counted(calls, "call");
        let other = match self.kind {
            IdentifierKind::Hwid => "MAC",
            IdentifierKind::Mac => "HWID",
        };
        let is_open = run.is_ours() && run.state.is_open();
        let help = |command, long: String, short: String, helps| KeyHelp {
            key: context.key(command),
            long,
            short,
            helps,
        };
        let later = if run.is_ours() && run.state == RunState::Stopped {
            Some("once the run is resumed or closed in the history")
        } else if is_open {
            Some("when the run has finished")
        } else {
            None
        };
        let retry = if self.outcome.retry_helps() {
            help(
                Command::Retry,
                format!("retry, {}", later.unwrap_or("after you confirm")),
                "retry".to_owned(),
                true,
            )
        } else {
            let long = "retrying does not help: same answer again";
            help(
                Command::Retry,
                long.to_owned(),
                "does not help".to_owned(),
                false,
            )
        };
        let ordinals = self.ordinals(run);
        let mut devices = ordinals
            .iter()
            .filter_map(|&ordinal| run.devices.get(ordinal as usize));
        let has_other =
            devices.any(|device| LookupKey::AlternateIdentifier.identifier(device).is_some());
        let instead = if has_other {
            let when = later.map_or_else(
                || " (looks it up first)".to_owned(),
                |when| format!(", {when}"),
            );
            let long = format!("send by {other} instead{when}");
            help(
                Command::RetryOther,
                long,
                format!("by {other} instead"),
                true,
            )
        } else {
            let long = "no second identifier to try".to_owned();
            help(
                Command::RetryOther,
                long,
                "has no second identifier".to_owned(),
                false,
            )
        };
        let is_known = |ordinal| run.findings.contains_key(ordinal);
        let what = if ordinals.iter().all(is_known) {
            "look it up again"
        } else {
            "look it up"
        };
        let look_up = help(
            Command::LookUp,
            format!("{what}: {calls}, about {time}"),
            format!("{what} ({calls}, {time})"),
            true,
        );
        let mut keys = vec![look_up, instead, retry];
        keys.sort_by_key(|help| !help.helps);
        keys
    }

    /// What helps beside the keys.
    fn advice(self, run: &RunView) -> &'static str {
        match self.outcome {
            Outcome::InDoubt(_) if self.is_resent(run) => {
                "The run resends it once automatically. If it is in doubt after that, look it up."
            }
            // The keys look it up without the console.
            Outcome::Failed(Failure::NotFound) => "",
            outcome => outcome.help(),
        }
    }
}

struct KeyHelp<'a> {
    key: &'a str,
    long: String,
    short: String,
    helps: bool,
}

/// Every part under a heading of its own.
pub(super) fn full<'a>(
    context: &Context,
    run: &RunView,
    subject: LineSubject,
    width: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let state = DeviceState::Ended(subject.outcome);
    let mut lines = vec![Line::from(Span::styled(
        format!(" {}", theme.state_text(state)),
        theme.state(state).patch(theme.strong()),
    ))];
    let mut section = |heading: &str, body: Vec<Line<'a>>| {
        if !body.is_empty() {
            lines.push(Line::default());
            lines.push(Line::from(Span::styled(
                format!(" {heading}"),
                theme.strong(),
            )));
            lines.extend(body);
        }
    };
    section(
        "What it means",
        paragraph(&subject.meaning(run), width, Style::new()),
    );
    let dot = theme.glyph("·", "-");
    let causes = subject.causes().iter();
    let causes = causes.flat_map(|cause| hanging(dot, cause, width, Style::new()));
    section("Why it happens", causes.collect());
    let mut helps = paragraph(subject.advice(run), width, Style::new());
    for help in subject.keys(context, run) {
        let style = if help.helps {
            Style::new()
        } else {
            theme.dim()
        };
        helps.extend(hanging(help.key, &help.long, width, style));
    }
    section("What helps", helps);
    if let Some(ordinal) = subject.device {
        let facts = device(context, run, ordinal, subject.outcome).into_iter();
        let facts = facts.flat_map(|fact| paragraph(&fact, width, Style::new()));
        section("This device", facts.collect());
    }
    lines
}

/// The same in a few lines.
pub(super) fn short<'a>(
    context: &Context,
    run: &RunView,
    subject: LineSubject,
    width: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut lines = paragraph(&subject.meaning(run), width, Style::new());
    let all = subject.keys(context, run);
    let line = |keys: Vec<&KeyHelp<'_>>| {
        let keys = keys
            .iter()
            .map(|help| format!("{} {}", help.key, help.short));
        keys.collect::<Vec<String>>().join(theme.dot())
    };
    // A key that doesn't help is left out where the line is cut: it would seem to be one that does.
    let mut keys = line(all.iter().collect());
    if text::width(&keys) + 2 > width {
        keys = line(all.iter().filter(|help| help.helps).collect());
    }
    if subject.is_resent(run) || keys.is_empty() {
        lines.extend(paragraph(subject.advice(run), width, theme.strong()));
    } else {
        lines.extend(paragraph(&keys, width, theme.strong()));
    }
    if let Some(ordinal) = subject.device {
        // What was learnt last says most.
        for fact in device(context, run, ordinal, subject.outcome)
            .into_iter()
            .rev()
        {
            lines.extend(paragraph(&fact, width, theme.dim()));
        }
    } else if !subject.causes().is_empty() {
        let causes = subject.causes().join(", or ");
        lines.extend(paragraph(&format!("Perhaps {causes}."), width, theme.dim()));
    }
    lines
}

/// What is known of one device: who has it, its last call, what lookups saw, the server's message.
fn device(context: &Context, run: &RunView, ordinal: u32, outcome: Outcome) -> Vec<String> {
    let Some(planned) = run.devices.get(ordinal as usize) else {
        return Vec::new();
    };
    let dot = context.settings.theme.dot();
    let identifier = planned.identifier.to_string();
    let texts = [
        &planned.hostname,
        &planned.user,
        &planned.group,
        &identifier,
    ];
    let known = texts.into_iter().filter(|text| !text.is_empty());
    let known: Vec<String> = known.map(|text| visible(text).into_owned()).collect();
    let mut facts = vec![known.join(dot)];
    let call = run.last_call(ordinal);
    if let Some(call) = call {
        let status = call.status;
        let status = status.map_or("no answer".to_owned(), |status| status.to_string());
        let at = call.at.strftime("%H:%M:%S");
        let mut text = format!("call {}{dot}{at} UTC{dot}{status}", call.call);
        if outcome == Outcome::Failed(Failure::NotFound) && call.message.is_empty() {
            text.push_str(&format!("{dot}said 0"));
        }
        if let Some(duration) = call.took {
            text.push_str(&format!("{dot}took {}", took(duration)));
        }
        facts.push(text);
    }
    let when = |finding: &Finding| finding.at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    if let Some(finding) = run.findings.get(&ordinal) {
        let seen = finding.seen.about(outcome, planned.hwid.as_ref());
        facts.push(format!("looked up {} UTC: {seen}", when(finding)));
    }
    if let Some(finding) = run.alternate_findings.get(&ordinal) {
        let seen = alternate_summary(context, planned, finding);
        facts.push(format!(
            "by its other identifier, {} UTC: {seen}",
            when(finding)
        ));
    }
    if let Some(call) = call.filter(|call| !call.message.is_empty()) {
        facts.push(format!("the server said: {}", visible(&call.message)));
    }
    facts
}

/// What a lookup by the other identifier leads to.
pub(super) fn alternate_summary(
    context: &Context,
    device: &PlannedDevice,
    finding: &Finding,
) -> String {
    let key = context.key(Command::RetryOther);
    match lookup_verdict::offer(device, finding) {
        Ok(identifier) => format!("the same device by {identifier}: {key} plans it"),
        Err(reason) => reason.to_string(),
    }
}

fn paragraph<'a>(text: &str, width: usize, style: Style) -> Vec<Line<'a>> {
    if text.is_empty() {
        return Vec::new();
    }
    let lines = wrap(text, width.saturating_sub(2)).into_iter();
    lines
        .map(|text| Line::from(Span::styled(format!(" {text}"), style)))
        .collect()
}

/// A text behind a key or a dot, with its lines under each other.
fn hanging<'a>(sign: &str, text: &str, width: usize, style: Style) -> Vec<Line<'a>> {
    let lines = wrap(text, width.saturating_sub(4)).into_iter().enumerate();
    lines
        .map(|(place, text)| {
            let sign = if place == 0 { sign } else { " " };
            Line::from(Span::styled(format!(" {sign} {text}"), style))
        })
        .collect()
}
