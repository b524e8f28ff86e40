//! A static token that expired: a new one is typed or pasted, and never shown.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use secrecy::zeroize::Zeroizing;

use crate::domain::run::{PauseReason, RunId};
use crate::secret::Secret;
use crate::text::counted;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Section, TEXT, command, hints, key,
};
use crate::tui::request::{DialogRequest, Request};
use crate::tui::widgets::fact::fact;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::{dialog_panel, height_of, paragraph};

/// Longer than any token, in bytes; a buffer that doesn't grow leaves no copy behind.
const CAPACITY: usize = 8192;
/// The most placeholders shown: enough to see that something arrived, too few to count it.
const SHOWN: usize = 40;

/// The field for the new token. Its text is wiped when it is dropped.
#[derive(Clone)]
pub struct TokenEntry {
    /// The run that waits for the token.
    run: RunId,
    /// How many devices the run has left.
    left: u64,
    error: Option<&'static str>,
    text: Zeroizing<String>,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Use,
    Back,
    Edit,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Use, "use it", "use the token that was typed or pasted"),
    key("esc", ESC, Command::Back, "back", ""),
    key("", TEXT, Command::Edit, "", ""),
];

impl TokenEntry {
    pub(super) const HELP: Section = Section {
        title: "a new token",
        hints: || hints(KEYS),
    };

    fn new(run: RunId, left: u64) -> Self {
        Self {
            run,
            left,
            error: None,
            text: Zeroizing::new(String::with_capacity(CAPACITY)),
            guard: KeyGuard::after_reading_time(),
        }
    }

    /// The field for the token of this run, if a new token is what it waits for.
    pub fn for_run(id: RunId, context: &Context) -> Option<Self> {
        let run = context.runs.find(id)?;
        let waits = context.settings.static_token
            && run.is_ours()
            && run.pause == Some(PauseReason::TokenRefused);
        waits.then(|| Self::new(id, run.tally.left))
    }

    /// Appends text. Line breaks and other control characters are not part of a token.
    fn add(&mut self, text: &str) {
        self.error = None;
        for character in text.chars().filter(|character| !character.is_control()) {
            if self.text.len() + character.len_utf8() <= CAPACITY {
                self.text.push(character);
            }
        }
    }

    fn edit(&mut self, key: &KeyEvent) {
        let modified = key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Backspace => {
                self.text.pop();
            }
            KeyCode::Char(character) if !modified => self.add(character.encode_utf8(&mut [0; 4])),
            _ => {}
        }
    }

    /// What waits for the token, and what happens with it.
    fn facts(&self, width: usize, context: &Context) -> Vec<Line<'static>> {
        let theme = &context.settings.theme;
        let mut lines = Vec::new();
        let mut add = |name: &str, value: &str| {
            lines.extend(fact(name, value, width, theme.dim(), Style::new()));
        };
        if let Some(target) = &context.settings.target {
            add("tenant", &target.label());
        }
        add("run", &self.run.to_string());
        add("left", &counted(self.left, "device"));
        add(
            "",
            "With a new token the run can be resumed. It is held in memory only; token_file in the \
             profile keeps one for later runs. Next you type the number left; the first call is small.",
        );
        lines
    }

    fn token(&self) -> Option<Secret> {
        let secret = Secret::new(self.text.trim().to_owned());
        (!secret.is_empty()).then_some(secret)
    }
}

impl Component for TokenEntry {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Use) => {
                if let Some(token) = self.token() {
                    return Response::close()
                        .with([Effect::UseToken(token)])
                        .request(Request::Open(DialogRequest::Resume(self.run)));
                }
                self.error = Some("type or paste the token first");
            }
            Some(Command::Back) => return Response::close(),
            Some(Command::Edit) | None => self.edit(key),
        }
        Response::stay()
    }

    // The only place where a paste counts towards sending.
    fn on_paste(&mut self, text: &str, _context: &mut Context) -> Response {
        self.add(text);
        Response::stay()
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn can_send(&self) -> bool {
        true
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn takes_secret(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let inner = dialog_panel(
            frame,
            area,
            context,
            "the token is invalid or expired (401)",
        );
        let error = self.error.map(|error| paragraph(error, inner.width));
        let error = error.unwrap_or_default();
        let mut lines = self.facts(usize::from(inner.width), context);
        let needed = height_of(&lines) + 1 + height_of(&error);
        if inner.height >= needed + 2 {
            lines.insert(0, Line::default());
            lines.push(Line::default());
        }
        // Whatever the height, the field shows.
        let [facts, entry, below] = Layout::vertical([
            Constraint::Max(height_of(&lines)),
            Constraint::Length(1),
            Constraint::Length(height_of(&error)),
        ])
        .areas(inner);
        frame.render_widget(Paragraph::new(lines), facts);
        let field = if self.guard.is_open(context.now.boot) {
            let length = self.text.chars().count().min(SHOWN);
            format!("{}▏", theme.glyph("•", "*").repeat(length))
        } else {
            "(wait)".to_owned()
        };
        let field = Line::from(vec![
            Span::styled(" type or paste a token: ", theme.warning()),
            Span::styled(field, theme.strong()),
        ]);
        frame.render_widget(field, entry);
        frame.render_widget(Paragraph::new(error).style(theme.danger()), below);
    }
}

impl fmt::Debug for TokenEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenEntry")
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}
