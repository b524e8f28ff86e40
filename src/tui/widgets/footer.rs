//! ```text
//!  space mark  v range  a all  / filter  d delete…  f failures  ? help  q quit
//! ```
//!
//! or, for a moment, what just happened.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::{clip, width};
use crate::tui::app::App;
use crate::tui::dialogs::delete::state::Dialog;
use crate::tui::dialogs::import::state::ImportDialog;
use crate::tui::mode::Mode;

pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let theme = app.facts.theme;
    let browsing = matches!(app.mode, Mode::Browse);
    if let Some(status) = app.status.as_ref().filter(|_| browsing) {
        let shown = clip(status, usize::from(area.width).saturating_sub(2)).into_owned();
        frame.render_widget(
            Paragraph::new(format!(" {shown}")).style(theme.warning()),
            area,
        );
        return;
    }
    let bindings: Vec<(&str, &str)> = if browsing {
        let keys = app.facts.keys.footer(app.view);
        keys.map(|key| (key.name.as_ref(), key.binding.footer.unwrap_or_default()))
            .collect()
    } else {
        hints(&app.mode).to_vec()
    };
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    // Help and quit stay, whatever else must go.
    let last: usize = bindings
        .iter()
        .rev()
        .take(2)
        .map(|(key, word)| width(key) + width(word) + 3)
        .sum();
    for (index, (key, word)) in bindings.iter().enumerate() {
        let wanted = width(key) + width(word) + 3;
        let is_last = index + 2 >= bindings.len();
        if !is_last && used + wanted + last > usize::from(area.width) {
            continue;
        }
        used += wanted;
        spans.push(Span::styled((*key).to_owned(), theme.strong()));
        spans.push(Span::styled(format!(" {word}  "), theme.dim()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// The keys of a dialog.
fn hints(mode: &Mode) -> &'static [(&'static str, &'static str)] {
    match mode {
        Mode::Browse => &[],
        Mode::Filter(_) => &[
            ("enter", "keep"),
            ("tab", "complete"),
            ("↑↓", "earlier"),
            ("esc", "as before"),
        ],
        Mode::Columns(_) => &[
            ("enter", "sort by"),
            ("s", "and by"),
            ("space", "show"),
            ("J K", "order"),
            ("< >", "width"),
            ("↑↓", "move"),
            ("esc", "back"),
        ],
        Mode::Filters(_) => &[("↑↓", "move"), ("enter", "filter"), ("esc", "back")],
        Mode::Command(_) => &[
            ("enter", "do it"),
            ("tab", "complete"),
            ("↑↓", "move"),
            ("esc", "back"),
        ],
        Mode::Find(_) => &[("enter", "search"), ("esc", "back")],
        Mode::Write(_) => &[("enter", "write"), ("esc", "back")],
        Mode::Import(dialog) => match &**dialog {
            ImportDialog::Text { asked: Some(_), .. } => &[("esc", "don't wait")],
            ImportDialog::Text { in_path: true, .. } => {
                &[("enter", "read it"), ("tab", "the text"), ("esc", "back")]
            }
            ImportDialog::Text { .. } => {
                &[("ctrl-d", "match it"), ("tab", "a file"), ("esc", "back")]
            }
            ImportDialog::Report(_) => &[
                ("enter", "mark them"),
                ("R", "these alone"),
                ("space", "choose"),
                ("e", "write the rest"),
                ("y", "copy the rest"),
                ("esc", "back"),
            ],
        },
        Mode::Copy => &[
            ("h", "HWID"),
            ("m", "MAC"),
            ("n", "name"),
            ("l", "row"),
            ("esc", "back"),
        ],
        Mode::Detail(_) | Mode::Vanished { .. } => &[("↑↓", "scroll"), ("esc", "back")],
        Mode::Help(help) if help.typing => &[("enter", "keep"), ("esc", "all keys")],
        Mode::Help(_) => &[("↑↓", "scroll"), ("/", "search"), ("esc", "back")],
        Mode::Quit => &[("esc", "back")],
        Mode::Why(_) => &[("enter", "look up"), ("esc", "back")],
        Mode::Fetch(_) => &[("enter", "read it"), ("esc", "back")],
        Mode::Fetched { .. } => &[("enter", "open it"), ("esc", "stay here")],
        Mode::Announce(_) => &[
            ("↑↓", "move"),
            ("r", "resume"),
            ("v", "review"),
            ("c", "close"),
            ("esc", "later"),
        ],
        Mode::Notices => &[("enter", "go on")],
        Mode::Kept => &[
            ("enter", "take it back"),
            ("n", "start fresh"),
            ("esc", "not now"),
        ],
        Mode::Close(_) => &[("y", "close it"), ("esc", "back")],
        Mode::Token(_) => &[("enter", "use it"), ("esc", "back")],
        Mode::Resume(_) => &[("enter", "go on"), ("esc", "back")],
        Mode::Delete(dialog) => match &**dialog {
            Dialog::Action { .. } => &[
                ("u", "uninstall"),
                ("a", "archive"),
                ("r", "remove"),
                ("esc", "back"),
            ],
            Dialog::Confirm(confirm) if confirm.editing_note => &[("tab", "back to the number")],
            Dialog::Confirm(_) => &[
                ("↑↓", "the list"),
                ("tab", "note"),
                ("enter", "send"),
                ("esc", "back"),
            ],
            Dialog::Planning(_) | Dialog::Refused(_) => &[("esc", "back")],
        },
    }
}
