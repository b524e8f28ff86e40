//! Bordered areas over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use crate::text::{self, visible, width, wrap};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::DialogKey;
use crate::tui::widgets::theme::{Role, Theme};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum PopupWidth {
    /// A menu.
    Small,
    /// A question, or a field.
    Medium,
    /// A table.
    Large,
}

impl PopupWidth {
    /// In cells.
    pub(in crate::tui) fn cells(self, area: Rect) -> u16 {
        let cells = match self {
            Self::Small => 48,
            Self::Medium => 72,
            Self::Large => area.width.saturating_sub(4).min(110),
        };
        cells.min(area.width)
    }
}

/// The rows of a popup whose content scrolls: at most three quarters of the screen's.
pub(in crate::tui) fn scrolling(context: &Context, height: u16) -> u16 {
    height.min(context.size.1 * 3 / 4)
}

/// The row of the screen where popups begin, counted from 0.
const POPUP_ROW: u16 = 4;

/// Where a popup is, in the body of the screen: from [`POPUP_ROW`] on if it fits there, but not over the row
/// under the cursor if it fits below or above that.
pub(in crate::tui) fn popup(area: Rect, context: &Context, width: PopupWidth, height: u16) -> Rect {
    let width = width.cells(area);
    let height = height.min(area.height);
    let first = POPUP_ROW.max(area.y).min(area.bottom() - height);
    let place = Rect::new(area.x + (area.width - width) / 2, first, width, height);
    beside_cursor_row(place, area, context)
}

/// `place` within `area`, moved below the row under the cursor or above it, if it would hide that and fits
/// there.
pub(in crate::tui) fn beside_cursor_row(place: Rect, area: Rect, context: &Context) -> Rect {
    let rows = place.y..place.bottom();
    let y = match context.cursor_row.filter(|row| rows.contains(row)) {
        Some(row) if row + place.height < area.bottom() => row + 1,
        Some(row) if area.y + place.height <= row => row - place.height,
        _ => place.y,
    };
    Rect { y, ..place }
}

/// Text as wrapped lines for an area of this width, with a margin of one column on both sides.
pub(in crate::tui) fn paragraph(text: &str, width: u16) -> Vec<Line<'static>> {
    wrap(text, usize::from(width).saturating_sub(2))
        .into_iter()
        .map(|line| Line::from(format!(" {line}")))
        .collect()
}

/// A styled line wrapped between words for an area of this width; what doesn't fit continues behind a
/// short label, if the line begins with one.
pub(in crate::tui) fn wrap_line(line: &Line<'_>, width: usize) -> Vec<Line<'static>> {
    const LABEL: usize = 12;
    let label = line.spans.first().filter(|_| line.spans.len() > 1);
    let label = label.map_or(0, Span::width);
    let indent = if label <= LABEL { label } else { 0 };
    let mut lines = Vec::new();
    let (mut current, mut used) = (Vec::new(), 0);
    // After which cell of the current line it can be broken.
    let mut space = None;
    for grapheme in line.styled_graphemes(Style::new()) {
        let cells = text::width(grapheme.symbol);
        if used + cells > width && used > indent {
            let rest = current.split_off(space.take().unwrap_or(current.len()));
            lines.push(Line::from(std::mem::take(&mut current)));
            current.push(Span::raw(" ".repeat(indent)));
            current.extend(rest);
            used = current.iter().map(Span::width).sum();
            if grapheme.symbol == " " && used == indent {
                continue;
            }
        }
        current.push(Span::styled(grapheme.symbol.to_owned(), grapheme.style));
        used += cells;
        if grapheme.symbol == " " && used > indent {
            space = Some(current.len());
        }
    }
    lines.push(Line::from(current));
    lines
}

/// How many rows these lines take.
pub(in crate::tui) fn height_of(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

/// A bordered area of a dialog, which has the keys.
pub(in crate::tui) fn dialog_panel(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    title: &str,
) -> Rect {
    side_panel(frame, area, context, title, "", true)
}

/// A bordered area of a screen.
pub(in crate::tui) fn panel(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    title: &str,
) -> Rect {
    let theme = &context.settings.theme;
    let title = Span::styled(format!(" {title} "), theme.strong());
    bordered(frame, area, theme, theme.faint(), [title.into()])
}

/// A bordered area beside the table, with what can be done about it. It is accentuated while it has
/// the keys.
pub(in crate::tui) fn side_panel(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    title: &str,
    hint: &str,
    has_keys: bool,
) -> Rect {
    let theme = &context.settings.theme;
    let (border, heading) = if has_keys {
        (theme.accent(), theme.accent().patch(theme.strong()))
    } else {
        (theme.faint(), theme.accent())
    };
    let title = Span::styled(format!(" {title} "), heading);
    bordered(
        frame,
        area,
        theme,
        border,
        [title.into(), right(theme, hint)],
    )
}

/// A panel for what can't be undone: its title is a badge. `hint` is at the right of the title.
pub(in crate::tui) fn danger_panel(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    title: &str,
    hint: &str,
) -> Rect {
    let theme = &context.settings.theme;
    let title = Span::styled(format!(" {title} "), theme.role(Role::Badge));
    let titles = [title.into(), right(theme, hint)];
    bordered(frame, area, theme, theme.accent(), titles)
}

/// A hint at the right end of the upper border.
fn right<'a>(theme: &Theme, hint: &str) -> Line<'a> {
    if hint.is_empty() {
        return Line::default();
    }
    Line::from(Span::styled(format!(" {hint} "), theme.dim())).right_aligned()
}

/// Says in the lower border of a panel how many of its lines are above and below what it shows.
pub(in crate::tui) fn continues(
    frame: &mut Frame<'_>,
    panel: Rect,
    context: &Context,
    [above, below]: [usize; 2],
) {
    let parts = [(above, "↑"), (below, "↓")].into_iter();
    let parts: Vec<String> = parts
        .filter(|(lines, _)| *lines > 0)
        .map(|(lines, sign)| format!("{sign} {} more", text::grouped(lines as u64)))
        .collect();
    if parts.is_empty() {
        return;
    }
    let text = format!(" {} ", parts.join("  "));
    let size = u16::try_from(width(&text)).unwrap_or(u16::MAX);
    let at = Rect {
        x: panel.right().saturating_sub(size + 1).max(panel.x),
        y: panel.bottom().saturating_sub(1),
        width: size.min(panel.width),
        height: 1,
    };
    let style = context.settings.theme.dim();
    frame.render_widget(Span::styled(text, style), at.intersection(panel));
}

/// Clears the area and draws a border with titles around it. Returns the area inside.
fn bordered<'a>(
    frame: &mut Frame<'_>,
    area: Rect,
    theme: &Theme,
    border: Style,
    titles: impl IntoIterator<Item = Line<'a>>,
) -> Rect {
    let block = Block::bordered()
        .border_set(theme.border())
        .border_style(border);
    // A title has nothing of the line that it is drawn over.
    let titles = titles.into_iter().map(|mut title| {
        for span in &mut title.spans {
            span.style = Style::reset().patch(span.style);
        }
        title
    });
    let block = titles.fold(block, Block::title);
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    inner
}

/// A popup around lines of text; as high as they need.
pub(in crate::tui) fn message_panel(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    title: &str,
    width: PopupWidth,
    lines: Vec<Line<'_>>,
) {
    let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX);
    let inner = dialog_panel(frame, popup(area, context, width, height), context, title);
    frame.render_widget(
        Paragraph::new(lines).style(context.settings.theme.strong()),
        inner,
    );
}

/// The keys of a dialog in its text, those whose command is `shown`: each with its label of the footer,
/// or what the help says if it has none.
pub(in crate::tui) fn key_lines<C: Copy>(
    keys: &[DialogKey<C>],
    shown: impl Fn(C) -> bool,
) -> Vec<Line<'static>> {
    let keys = keys.iter().filter(|key| shown(key.command));
    let longest = keys.clone().map(|key| width(key.name)).max().unwrap_or(0);
    keys.map(|key| {
        let label = match key.footer {
            "" => key.help,
            footer => footer,
        };
        let pad = " ".repeat(longest - width(key.name));
        Line::from(format!("  {}{pad}  {label}", key.name))
    })
    .collect()
}

/// What is shown in place of rows where there are none: why, and what to do.
pub(in crate::tui) fn empty(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    title: &str,
    hint: &str,
) {
    let theme = &context.settings.theme;
    let lines = vec![
        Line::from(Span::styled(title.to_owned(), theme.strong())),
        Line::from(Span::styled(hint.to_owned(), theme.dim())),
    ];
    let height = area.height.min(2);
    let area = Rect {
        y: area.y + (area.height - height) / 2,
        height,
        ..area
    };
    frame.render_widget(Paragraph::new(lines).centered(), area);
}

/// A path, cut at its beginning if it is long: its end says more.
pub(in crate::tui) fn path_tail(path: &std::path::Path) -> String {
    const ROOM: usize = 64;
    let shown = path.display().to_string();
    let shown = visible(&shown);
    if width(&shown) <= ROOM {
        return shown.into_owned();
    }
    let skipped = shown.chars().count().saturating_sub(ROOM - 1);
    format!("…{}", shown.chars().skip(skipped).collect::<String>())
}
