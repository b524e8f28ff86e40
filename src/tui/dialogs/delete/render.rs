//! The action menu and the confirmation of a plan.
//!
//! ```text
//! ┌ remove 137 devices ────────────────────────────────────────────── esc back, nothing is sent ┐
//! │ facts of the plan                          by type              by last seen               │
//! │ warnings with !                            by group             outliers                   │
//! │─────────────────────────────────────────────────────────────────────────────────────────────│
//! │ the exact list, the most unusual devices first                                              │
//! │─────────────────────────────────────────────────────────────────────────────────────────────│
//! │ note                                                                                        │
//! │ Type 137 and press enter to send:  13▏                                                      │
//! └─────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use super::{breakdown, facts, list, short_facts};
use crate::list::DeviceId;
use crate::text::{clip, counted, grouped, visible, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::{Confirmation, DeleteDialog};
use crate::tui::widgets::layout::{body, spread};
use crate::tui::widgets::panel::{danger_panel, dialog_panel, paragraph};

/// From this size on, the facts are in three columns.
const WIDE: u16 = 98;
const HIGH: u16 = 24;
/// From this height on, lines separate facts, list and question.
const ROOMY: u16 = 16;
/// The exact list has at least a row and a line that says which part of it is shown.
const LIST_AT_LEAST: usize = 2;
/// Where there is room, it has some more.
const LIST_BETTER: usize = 8;
/// The cells of the two columns at the right.
const SHARES: u16 = 24;
const AGES: u16 = 32;

impl DeleteDialog {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        match self {
            Self::Action { row } => render_action(frame, area, context, *row),
            Self::Planning(_) => {
                let inner = dialog_panel(frame, area, context, "plan");
                frame.render_widget(Paragraph::new("\n Building the plan…"), inner);
            }
            Self::Rechecking(plan) => {
                let inner = dialog_panel(frame, area, context, "recheck");
                let devices = counted(plan.plan().devices.len() as u64, "device");
                let text = format!(
                    "The plan of {devices} was made more than an hour ago. It is compared with the inventory, \
                     which is fetched if it is older than an hour. Devices that are missing, held or protected by \
                     now, that don't match the filter any more, or that were seen since the plan are dropped; \
                     the others are sent."
                );
                let mut lines = vec![Line::default()];
                lines.extend(paragraph(&text, inner.width));
                lines.extend([
                    Line::default(),
                    Line::from(" esc goes back; nothing is sent."),
                ]);
                frame.render_widget(Paragraph::new(lines), inner);
            }
            Self::Refused(text) | Self::Written(text) => {
                let title = match self {
                    Self::Written(_) => "nothing was sent: the plan must be approved",
                    _ => "nothing can be sent",
                };
                let inner = dialog_panel(frame, area, context, title);
                let mut lines = vec![Line::default()];
                lines.extend(paragraph(&visible(text), inner.width));
                frame.render_widget(Paragraph::new(lines), inner);
            }
            Self::Confirm(confirm) => render_confirm(frame, area, context, confirm),
        }
    }
}

/// `row` is what the action is for; without it, it is for the marked devices.
fn render_action(frame: &mut Frame<'_>, area: Rect, context: &Context, row: Option<DeviceId>) {
    let list = &context.list;
    let only = match row {
        None if list.marks.len() == 1 => list.marks.iter().next(),
        row => row,
    };
    let (plannable, protected, held) = match row {
        Some(_) => (1, 0, 0),
        None => (
            list.plannable_marks(),
            list.protected_marks,
            list.held_marks,
        ),
    };
    let what = match only.filter(|_| plannable == 1) {
        Some(id) => visible(&list.devices.name_of(id)).into_owned(),
        None => counted(plannable as u64, "device"),
    };
    let title = format!("What should happen to {what}?");
    let mut below = vec![
        "None of these can be undone.".to_owned(),
        "Next you see exactly what will be sent; nothing is sent before you confirm.".to_owned(),
    ];
    if protected + held > 0 {
        let counts = [(protected, "protected"), (held, "held")].into_iter();
        let counts: Vec<String> = counts
            .filter(|&(count, _)| count > 0)
            .map(|(count, what)| format!("{} {what}", grouped(count as u64)))
            .collect();
        below.insert(0, format!("Left out of the marked: {}.", counts.join(", ")));
    }
    let inner = dialog_panel(frame, area, context, &title);
    let width = usize::from(inner.width);
    let mut lines = action_lines(context, width, &below);
    if lines.len() > usize::from(inner.height) {
        lines = short_action_lines(context, inner, &below);
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// The actions and their consequences in a few lines, and of the sentences below them those that fit.
fn short_action_lines<'a>(context: &Context, area: Rect, below: &[String]) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    for (key, action) in super::actions() {
        let name = format!("{action}: ");
        let text = format!("{name}{}", action.consequence());
        for (index, text) in wrap(&text, width.saturating_sub(5)).into_iter().enumerate() {
            let rest = text.strip_prefix(&name).filter(|_| index == 0);
            lines.push(match rest {
                Some(rest) => Line::from(vec![
                    Span::styled(format!(" {key}  "), theme.accent()),
                    Span::styled(name.clone(), theme.strong()),
                    Span::raw(rest.to_owned()),
                ]),
                None => Line::from(format!("    {text}")),
            });
        }
    }
    for text in below {
        let text = wrap(text, width.saturating_sub(2));
        if lines.len() + text.len() <= usize::from(area.height) {
            lines.extend(text.into_iter().map(|line| Line::from(format!(" {line}"))));
        }
    }
    lines
}

fn action_lines<'a>(context: &Context, width: usize, below: &[String]) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut lines = vec![Line::default()];
    for (key, action) in super::actions() {
        lines.push(Line::from(vec![
            Span::styled(format!("  {key}  "), theme.accent()),
            Span::styled(action.as_str(), theme.strong()),
        ]));
        let consequence = wrap(action.consequence(), width.saturating_sub(6));
        let consequence = consequence.into_iter();
        lines.extend(consequence.map(|line| Line::from(format!("     {line}"))));
        lines.push(Line::default());
    }
    for text in below {
        let text = wrap(text, width.saturating_sub(3)).into_iter();
        lines.extend(text.map(|line| Line::from(format!("  {line}"))));
    }
    lines
}

/// The parts of the confirmation.
struct Parts<'a> {
    facts: Facts<'a>,
    /// The height of the facts.
    height: u16,
    /// How high the exact list is.
    list: u16,
    has_rules: bool,
    bottom: Vec<Line<'a>>,
}

enum Facts<'a> {
    Columns([Vec<Line<'a>>; 3]),
    Short(Vec<Line<'a>>),
}

impl<'a> Parts<'a> {
    /// Divides the inside of the panel. Nothing that has to be known before confirming is cut off:
    /// it is shortened.
    fn of(context: &Context, confirm: &Confirmation, inner: Rect) -> Self {
        let width = usize::from(inner.width);
        let room = usize::from(inner.height);
        let error = confirm.count.error_line(context);
        let count = confirm.plan.devices.len() as u64;
        let has_focus = !confirm.editing_note && !confirm.search.is_typed;
        let prompt = confirm
            .count
            .prompt(context, count, confirm.act(), has_focus);
        let note = note_line(context, confirm, inner);
        let has_rules = inner.height >= ROOMY;
        let bottom: Vec<Line<'a>> = match error {
            Some(error) if !has_rules => vec![prompt, error],
            Some(error) => vec![note, prompt, error],
            None => vec![note, prompt],
        };
        let rules = if has_rules { 2 } else { 0 };
        let free = room.saturating_sub(bottom.len() + rules);
        let columns = (inner.width >= WIDE && inner.height >= HIGH).then(|| {
            let left = inner.width - SHARES - AGES;
            let widths = [left, SHARES, AGES].map(|cells| usize::from(cells) - 2);
            facts::in_columns(context, confirm, widths)
        });
        let most = free.saturating_sub(LIST_BETTER);
        let columns = columns.filter(|[left, ..]| left.len() <= most);
        let (facts, height) = if let Some(columns) = columns {
            let highest = columns.iter().map(Vec::len).max().unwrap_or(0);
            (Facts::Columns(columns), highest.min(most))
        } else {
            // Where it is narrow, the list has about half of the room.
            let most = (free / 2).clamp(5, free.saturating_sub(LIST_AT_LEAST).max(5));
            let lines = short_facts::in_short(context, confirm, width, most);
            let height = lines.len().min(free.saturating_sub(1));
            (Facts::Short(lines), height)
        };
        Self {
            facts,
            height: cells(height),
            list: cells(free.saturating_sub(height)),
            has_rules,
            bottom,
        }
    }
}

fn cells(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}

impl Confirmation {
    /// How many devices of the exact list are on the screen.
    pub(super) fn list_rows(&self, context: &Context) -> usize {
        list::rows_in(Parts::of(context, self, inside(context)).list)
    }
}

/// What is within the borders of the dialog.
pub(super) fn inside(context: &Context) -> Rect {
    Block::bordered().inner(body(context))
}

fn render_confirm(frame: &mut Frame<'_>, area: Rect, context: &Context, confirm: &Confirmation) {
    let plan = &confirm.plan;
    let devices = counted(plan.devices.len() as u64, "device");
    let title = format!("{} {devices}", plan.action);
    let back = match (confirm.full_breakdown, area.width >= WIDE) {
        (Some(_), _) => "b back to the plan",
        (None, true) => "esc back, nothing is sent",
        (None, false) => "esc back",
    };
    let inner = danger_panel(frame, area, context, &title, back);
    if let Some(scroll) = confirm.full_breakdown {
        breakdown::render(frame, inner, context, confirm, scroll);
        return;
    }
    let parts = Parts::of(context, confirm, inner);
    let rule = u16::from(parts.has_rules);
    let [top, above, list, between, below] = Layout::vertical([
        Constraint::Length(parts.height),
        Constraint::Length(rule),
        Constraint::Length(parts.list),
        Constraint::Length(rule),
        Constraint::Length(cells(parts.bottom.len())),
    ])
    .areas(inner);
    match parts.facts {
        Facts::Short(lines) => frame.render_widget(Paragraph::new(lines), top),
        Facts::Columns(columns) => {
            let areas: [Rect; 3] = Layout::horizontal([
                Constraint::Fill(1),
                Constraint::Length(SHARES),
                Constraint::Length(AGES),
            ])
            .areas(top);
            for (lines, area) in columns.into_iter().zip(areas) {
                frame.render_widget(Paragraph::new(lines), area);
            }
        }
    }
    list::render(frame, list, context, confirm);
    let theme = &context.settings.theme;
    let line = theme.glyph("─", "-").repeat(usize::from(inner.width));
    for area in [above, between] {
        let line = Span::styled(line.clone(), theme.faint());
        frame.render_widget(Paragraph::new(Line::from(line)), area);
    }
    frame.render_widget(Paragraph::new(parts.bottom), below);
}

fn note_line<'a>(context: &Context, confirm: &Confirmation, area: Rect) -> Line<'a> {
    let theme = &context.settings.theme;
    let note = confirm.note.value();
    let room = usize::from(area.width).saturating_sub(30);
    let (text, style) = if confirm.editing_note {
        (confirm.note.with_cursor(room), theme.strong())
    } else if note.is_empty() {
        ("tab adds a ticket number".to_owned(), theme.dim())
    } else {
        (clip(note, room).into_owned(), theme.strong())
    };
    let hint = if confirm.editing_note {
        "esc back to the number"
    } else if note.is_empty() {
        ""
    } else {
        "tab changes it"
    };
    let name = if area.width >= WIDE {
        " ticket or note  "
    } else {
        " note  "
    };
    spread(
        area,
        vec![Span::styled(name, theme.dim()), Span::styled(text, style)],
        vec![Span::styled(hint, theme.dim())],
    )
}
