//! What the detail says about why a device is, or isn't, selected, protected and planned.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::list::{DeviceId, Field};
use crate::plan::LeftOutReason;
use crate::plan::explain::{Explanation, Fate, RuleVerdict, Twin};
use crate::query::{Node, Part};
use crate::text::{counted, visible};
use crate::tui::context::Context;
use crate::tui::dialogs::device_detail::DeviceDetail;
use crate::tui::widgets::age::{age, before};
use crate::tui::widgets::theme::Theme;

/// The most twins that are listed.
const TWINS: usize = 5;

impl DeviceDetail {
    pub(super) fn explanation_lines(&self, context: &Context) -> Vec<Line<'static>> {
        let theme = &context.settings.theme;
        match &self.explanation {
            Some(Ok(explanation)) => {
                let mut lines = twins(context, explanation);
                lines.extend(protection(theme, explanation));
                lines.extend(query(theme, explanation));
                let is_marked = context.list.marks.contains(explanation.device);
                lines.extend(fate(theme, &explanation.fate, is_marked));
                lines
            }
            // Without a configuration nothing is planned or protected.
            Some(Err(_)) | None => Vec::new(),
        }
    }
}

fn twins(context: &Context, explanation: &Explanation) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let list = &context.list.devices;
    let mut lines = Vec::new();
    if explanation.twins.is_empty() {
        return lines;
    }
    // Two devices may share both.
    let mut twins: Vec<(DeviceId, Vec<&str>)> = Vec::new();
    let mut shared: Vec<&str> = Vec::new();
    for Twin { device, field } in &explanation.twins {
        let name = match field {
            Field::Hostname => "host name",
            Field::Mac => "MAC",
            other => other.heading(),
        };
        if !shared.contains(&name) {
            shared.push(name);
        }
        match twins.iter_mut().find(|(known, _)| known == device) {
            Some((_, fields)) => fields.push(name),
            None => twins.push((*device, vec![name])),
        }
    }
    let count = counted(twins.len() as u64, "other device");
    let sign = theme.glyph("!", "!");
    lines.push(Line::default());
    lines.push(Line::from(Span::styled(
        format!("{sign} shares its {} with {count}", shared.join(" or ")),
        theme.warning(),
    )));
    for (device, fields) in twins.iter().take(TWINS) {
        let twin = list.device(*device);
        let seen = match (twin.last_seen(), list.time()) {
            (Some(seen), Some(time)) => format!("seen {}", before(time, context.now.wall, seen)),
            _ => "never seen".to_owned(),
        };
        let identifier = twin.hwid().map_or_else(
            || {
                twin.macs()
                    .next()
                    .map_or(String::new(), |mac| mac.to_string())
            },
            str::to_owned,
        );
        let name = visible(twin.hostname()).into_owned();
        let by = if shared.len() > 1 {
            format!("  ({})", fields.join(", "))
        } else {
            String::new()
        };
        lines.push(Line::from(format!(
            "{} {name}  {}  {seen}{by}",
            theme.glyph("▸", ">"),
            visible(&identifier),
        )));
    }
    let own = list.device(explanation.device).last_seen();
    let newest = explanation
        .twins
        .iter()
        .filter_map(|twin| list.device(twin.device).last_seen())
        .max();
    if let (Some(own), Some(newest)) = (own, newest) {
        let verdict = if own < newest {
            format!("  this one is older: seen {} earlier", age(newest, own))
        } else {
            "  this one was seen last".to_owned()
        };
        lines.push(Line::from(Span::styled(verdict, theme.dim())));
    }
    lines
}

fn protection(theme: &Theme, explanation: &Explanation) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    match &explanation.protected {
        Some(reason) => lines.push(Line::from(Span::styled(
            format!("{} protected: {reason}", theme.glyph("◆", "P")),
            theme.warning(),
        ))),
        None if explanation.rules.is_empty() => {
            lines.push(labelled(
                theme,
                "protection",
                "none: the profile has no rules",
            ));
        }
        None => lines.push(labelled(theme, "protection", "none: no rule matches it")),
    }
    for rule in &explanation.rules {
        let text = visible(&rule.rule).into_owned();
        match &rule.verdict {
            RuleVerdict::Matches => lines.push(answer(theme, Some(true), &text, 1)),
            RuleVerdict::Uncertain(reason) => {
                lines.push(answer(theme, None, &format!("{text}: {reason}"), 1));
            }
            RuleVerdict::No => {}
        }
    }
    lines
}

/// Each term of the filter, and what decided it.
fn query(theme: &Theme, explanation: &Explanation) -> Vec<Line<'static>> {
    let Some(query) = &explanation.query else {
        return Vec::new();
    };
    let matches = query.answer == Some(true);
    let verdict = if matches {
        "the device matches"
    } else {
        "the device doesn't match"
    };
    let mut lines = vec![Line::default(), labelled(theme, "filter", verdict)];
    tree(theme, query, 1, &mut lines);
    lines
}

fn tree(theme: &Theme, node: &Node, depth: usize, lines: &mut Vec<Line<'static>>) {
    let (text, parts) = match &node.part {
        Part::All => (Some("everything".to_owned()), &[][..]),
        // The terms of a plain filter need no heading.
        Part::And(parts) if depth == 1 => (None, &parts[..]),
        Part::And(parts) => (Some("all of".to_owned()), &parts[..]),
        Part::Or(parts) => (Some("one of".to_owned()), &parts[..]),
        Part::Not(part) => (Some("not".to_owned()), std::slice::from_ref(&**part)),
        Part::Term { text, fact } => (Some(format!("{}: {fact}", visible(text))), &[][..]),
    };
    let below = depth + usize::from(text.is_some());
    if let Some(text) = text {
        lines.push(answer(theme, node.answer, &text, depth));
    }
    for part in parts {
        tree(theme, part, below, lines);
    }
}

fn fate(theme: &Theme, fate: &Fate, is_marked: bool) -> Vec<Line<'static>> {
    let (text, style) = match fate {
        Fate::Planned(identifier) => {
            let when = if is_marked { "" } else { " once marked" };
            let text = format!("would be sent as {identifier}{when}");
            (text, Style::new())
        }
        // Bulk marks leave it out; the operator's own mark doesn't.
        Fate::LeftOut(reason @ LeftOutReason::RemovedEarlier(..)) => (
            format!("{reason} · sent again only if marked by hand"),
            theme.warning(),
        ),
        Fate::LeftOut(reason) => (format!("would be left out: {reason}"), theme.warning()),
        Fate::NotSelected => return Vec::new(),
    };
    vec![Line::default(), Line::from(Span::styled(text, style))]
}

fn labelled(theme: &Theme, name: &str, value: &str) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{name:<11}"), theme.dim()),
        Span::raw(value.to_owned()),
    ])
}

fn answer(theme: &Theme, answer: Option<bool>, text: &str, depth: usize) -> Line<'static> {
    let (sign, style) = match answer {
        Some(true) => (theme.glyph("✓", "+"), theme.success()),
        Some(false) => (theme.glyph("✗", "x"), theme.danger()),
        None => ("?", theme.doubt()),
    };
    let indent = "  ".repeat(depth);
    Line::from(vec![
        Span::styled(format!("{indent}{sign} "), style),
        Span::raw(text.to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BaseTheme;
    use crate::tui::update::tests::archived;
    use crate::tui::widgets::theme::ColourDepth;

    #[test]
    fn fate_of_a_device_that_was_archived_earlier_says_how_it_is_sent_again() {
        let theme = Theme::new(BaseTheme::Mono, ColourDepth::None, false);
        let removal = archived();
        let reason = LeftOutReason::RemovedEarlier(removal.run, removal.action);
        let lines = fate(&theme, &Fate::LeftOut(reason), false);
        let text: String = lines.iter().map(ToString::to_string).collect();
        assert!(text.starts_with("archived earlier, by run "), "{text}");
        assert!(text.ends_with("only if marked by hand"), "{text}");
    }
}
