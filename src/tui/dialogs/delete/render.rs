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
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::action::Action;
use crate::text::{clip, counted, visible, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::plan::{self, Detail};
use crate::tui::dialogs::delete::{Confirmation, DeleteDialog};
use crate::tui::widgets::panel::panel;

/// The exact list has a heading and at least a row on the screen.
const LIST_AT_LEAST: usize = 2;

impl DeleteDialog {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        match self {
            Self::Action { devices } => render_action(frame, area, context, devices.len()),
            Self::Planning(_) => {
                let inner = panel(frame, area, context, "plan");
                frame.render_widget(Paragraph::new(" building the plan…"), inner);
            }
            Self::Refused(reason) => {
                let inner = panel(frame, area, context, "nothing can be sent");
                let text = Paragraph::new(visible(reason).into_owned()).wrap(Wrap { trim: true });
                frame.render_widget(text, inner);
            }
            Self::Confirm(confirm) => render_confirm(frame, area, context, confirm),
        }
    }
}

fn render_action(frame: &mut Frame<'_>, area: Rect, context: &Context, devices: usize) {
    let theme = &context.settings.theme;
    let title = format!("choose an action for {}", counted(devices as u64, "device"));
    let inner = panel(frame, area, context, &title);
    let mut lines = vec![Line::default()];
    for (key, action) in ["u", "a", "r"].into_iter().zip(Action::ALL) {
        lines.push(Line::from(vec![
            Span::styled(format!("  {key}  "), theme.warning()),
            Span::styled(action.as_str(), theme.strong()),
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
        "  These actions can't be undone. Next: review and confirm.",
    ));
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}

fn render_confirm(frame: &mut Frame<'_>, area: Rect, context: &Context, confirm: &Confirmation) {
    let plan = &confirm.plan;
    let devices = counted(plan.devices.len() as u64, "device");
    let inner = panel(frame, area, context, &format!("{} {devices}", plan.action));
    let width = usize::from(inner.width);
    let mut bottom = vec![note_line(context, confirm, width)];
    bottom.extend(confirm.count.lines(context, plan.devices.len() as u64));
    let room = usize::from(inner.height);
    let fits = |facts: &[Line<'_>]| facts.len() + bottom.len() + LIST_AT_LEAST <= room;
    let mut facts = plan::facts(context, confirm, width, Detail::Sentences);
    // Nothing that has to be known before confirming is cut off: it is shortened.
    if !fits(&facts) {
        facts = plan::facts(context, confirm, width, Detail::Names);
    }
    if !fits(&facts) {
        let complains = confirm.count.error.is_some();
        bottom.remove(if complains { 0 } else { bottom.len() - 1 });
        let most = room.saturating_sub(bottom.len() + LIST_AT_LEAST);
        facts = plan::facts_in_short(context, confirm, width, most);
    }
    let height = |lines: &[Line<'_>]| u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let [top, list, below] = Layout::vertical([
        Constraint::Length(height(&facts)),
        Constraint::Fill(1),
        Constraint::Length(height(&bottom)),
    ])
    .areas(inner);
    frame.render_widget(Paragraph::new(facts), top);
    plan::render_list(frame, list, context, confirm);
    frame.render_widget(Paragraph::new(bottom), below);
}

fn note_line<'a>(context: &Context, confirm: &Confirmation, width: usize) -> Line<'a> {
    let note = confirm.note.value();
    let text = if note.is_empty() && !confirm.editing_note {
        "(tab: a ticket's number, for the record)".to_owned()
    } else {
        let cursor = if confirm.editing_note { "▏" } else { "" };
        format!("{}{cursor}", clip(note, width.saturating_sub(12)))
    };
    Line::from(Span::styled(
        format!(" note     {text}"),
        context.settings.theme.dim(),
    ))
}
