//! ```text
//! ┌ remove 137 devices ─────────────────────────────────────────────┐
//! │ tenant   gears.opswat.com (profile production)                   │
//! │ devices  137 · by HWID 130 · by MAC 7                            │
//! │ left out 12: 3 unusable: shared MAC · 9 in run 7k2m9x4c          │
//! │ calls    4 · about 0 s at 10 a minute                            │
//! │ warning  recent: 3 devices were seen within a day …              │
//! │ the exact list, from the top ↓                                   │
//! │   LT-4411  12ds44f5gacd52234                                     │
//! │ type 137 and press enter: 13▏                                    │
//! └─────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::action::Action;
use crate::text::{clip, counted, visible, wrap};
use crate::tui::app::App;
use crate::tui::dialogs::delete::plan::{self, Telling, fact};
use crate::tui::dialogs::delete::state::{Confirm, Dialog, Resume, TypedCount};
use crate::tui::dialogs::token::state::TokenEntry;
use crate::tui::widgets::panel::panel;

/// The exact list has a heading and at least a row on the screen.
const LIST_AT_LEAST: usize = 2;

pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, app: &App, dialog: &Dialog) {
    match dialog {
        Dialog::Action { devices } => render_action(frame, area, app, devices.len()),
        Dialog::Planning(_) => {
            let inner = panel(frame, area, app, "plan");
            frame.render_widget(Paragraph::new(" working out what would be sent…"), inner);
        }
        Dialog::Refused(why) => {
            let inner = panel(frame, area, app, "nothing can be sent");
            let text =
                Paragraph::new(crate::text::visible(why).into_owned()).wrap(Wrap { trim: true });
            frame.render_widget(text, inner);
        }
        Dialog::Confirm(confirm) => render_confirm(frame, area, app, confirm),
    }
}

fn render_action(frame: &mut Frame<'_>, area: Rect, app: &App, devices: usize) {
    let theme = app.facts.theme;
    let title = format!(
        "what is to be done to {}?",
        counted(devices as u64, "device")
    );
    let inner = panel(frame, area, app, &title);
    let mut lines = vec![Line::default()];
    for (key, action) in ["u", "a", "r"].into_iter().zip(Action::ALL) {
        lines.push(Line::from(vec![
            Span::styled(format!("  {key}  "), theme.warning()),
            Span::styled(action.word(), theme.strong()),
        ]));
        let width = usize::from(inner.width).saturating_sub(6);
        lines.extend(
            wrap(action.consequence(), width)
                .into_iter()
                .map(|line| Line::from(format!("     {line}"))),
        );
        lines.push(Line::default());
    }
    lines.push(Line::from(
        "  None of them can be undone. The next screen shows what would be sent, and asks.",
    ));
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}

fn render_confirm(frame: &mut Frame<'_>, area: Rect, app: &App, confirm: &Confirm) {
    let plan = &confirm.plan;
    let devices = counted(plan.devices.len() as u64, "device");
    let inner = panel(frame, area, app, &format!("{} {devices}", plan.action));
    let width = usize::from(inner.width);
    let mut bottom = vec![note_line(app, confirm, width)];
    bottom.extend(count_lines(app, plan.devices.len() as u64, &confirm.count));
    let room = usize::from(inner.height);
    let fits = |facts: &[Line<'_>]| facts.len() + bottom.len() + LIST_AT_LEAST <= room;
    let mut facts = plan::facts(app, confirm, width, Telling::Sentences);
    // Nothing that has to be known before confirming is ever cut off: it is told in fewer words.
    if !fits(&facts) {
        facts = plan::facts(app, confirm, width, Telling::Names);
    }
    if !fits(&facts) {
        let complains = confirm.count.complaint.is_some();
        bottom.remove(if complains { 0 } else { bottom.len() - 1 });
        let most = room.saturating_sub(bottom.len() + LIST_AT_LEAST);
        facts = plan::facts_in_short(app, confirm, width, most);
    }
    let height = |lines: &[Line<'_>]| u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let [top, list, below] = Layout::vertical([
        Constraint::Length(height(&facts)),
        Constraint::Fill(1),
        Constraint::Length(height(&bottom)),
    ])
    .areas(inner);
    frame.render_widget(Paragraph::new(facts), top);
    plan::render_list(frame, list, app, confirm);
    frame.render_widget(Paragraph::new(bottom), below);
}

fn note_line<'a>(app: &App, confirm: &Confirm, width: usize) -> Line<'a> {
    let note = confirm.note.value();
    let text = if note.is_empty() && !confirm.editing_note {
        "(tab: a ticket's number, for the record)".to_owned()
    } else {
        let cursor = if confirm.editing_note { "▏" } else { "" };
        format!("{}{cursor}", clip(note, width.saturating_sub(12)))
    };
    Line::from(Span::styled(
        format!(" note     {text}"),
        app.facts.theme.dim(),
    ))
}

/// `type 137 and press enter`, and what was wrong with the last try.
fn count_lines<'a>(app: &App, wanted: u64, count: &TypedCount) -> Vec<Line<'a>> {
    let theme = app.facts.theme;
    let field = if count.listens(app.now.boot) {
        format!("{}▏", count.digits)
    } else {
        "(wait)".to_owned()
    };
    let question = Line::from(vec![
        Span::styled(format!(" type {wanted} and press enter: "), theme.warning()),
        Span::styled(field, theme.strong()),
    ]);
    let complaint = count.complaint.clone().unwrap_or_default();
    vec![
        question,
        Line::from(Span::styled(format!(" {complaint}"), theme.bad())),
    ]
}

pub(in crate::tui) fn render_resume(frame: &mut Frame<'_>, area: Rect, app: &App, resume: &Resume) {
    let theme = app.facts.theme;
    let inner = panel(frame, area, app, &format!("go on with run {}", resume.run));
    let run = app.runs.iter().find(|run| run.id == resume.run);
    let width = usize::from(inner.width);
    let mut lines = vec![Line::default()];
    let mut add = |name: &str, value: &str, style: Style| {
        lines.extend(fact(name, value, width, theme.dim(), style));
    };
    if let Some(target) = &app.facts.target {
        add(
            "tenant",
            &format!("{} (profile {})", target.host(), target.profile),
            Style::new(),
        );
    }
    let left = format!("{} {}", resume.action, counted(resume.left, "device"));
    add("left", &left, Style::new());
    if let Some(pause) = run.and_then(|run| run.pause.as_ref()) {
        add("paused", &pause.to_string(), theme.warning());
        add("", pause.advice(), Style::new());
    } else if let Some(reason) = run.and_then(|run| run.reason.as_ref()) {
        add("paused", &visible(reason), theme.warning());
    }
    if let Some(run) = run.filter(|run| run.tally.in_doubt > 0) {
        let in_doubt = format!(
            "{}: not sent again by this",
            counted(run.tally.in_doubt, "device")
        );
        add("in doubt", &in_doubt, Style::new());
    }
    lines.push(Line::default());
    lines.extend(count_lines(app, resume.left, &resume.count));
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}

/// A new token in place of one that died: its text is never shown.
pub(in crate::tui) fn render_token(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &App,
    entry: &TokenEntry,
) {
    let theme = app.facts.theme;
    let inner = panel(frame, area, app, "the token is invalid or expired (401)");
    let width = usize::from(inner.width);
    let mut lines = vec![Line::default()];
    let mut add = |name: &str, value: &str| {
        lines.extend(fact(name, value, width, theme.dim(), Style::new()));
    };
    if let Some(target) = &app.facts.target {
        let tenant = format!("{} (profile {})", target.host(), target.profile);
        add("tenant", &tenant);
    }
    add("run", &entry.run.to_string());
    add("left", &counted(entry.left, "device"));
    add(
        "",
        "A new token goes on with it. It is kept in memory only; then the number left is asked for, \
         and the first call is a small one.",
    );
    lines.push(Line::default());
    let field = if entry.listens(app.now.boot) {
        // Long enough to see that something came, too short to count it.
        format!("{}▏", theme.glyph("•", "*").repeat(entry.length().min(40)))
    } else {
        "(wait)".to_owned()
    };
    lines.push(Line::from(vec![
        Span::styled(" type or paste a token and press enter: ", theme.warning()),
        Span::styled(field, theme.strong()),
    ]));
    let complaint = entry.complaint.unwrap_or_default();
    lines.push(Line::from(Span::styled(
        format!(" {complaint}"),
        theme.bad(),
    )));
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}
