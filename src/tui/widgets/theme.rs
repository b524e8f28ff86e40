//! Colours and glyphs. An outcome is a word and a glyph, never a colour alone.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::config;
use crate::domain::outcome::{DeviceState, OutcomeClass};

/// Colours and glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    colours: config::Theme,
    ascii: bool,
}

impl Theme {
    /// With these colours, and ASCII characters only if so.
    pub fn new(colours: config::Theme, ascii: bool) -> Self {
        Self { colours, ascii }
    }

    fn colour(self, dark: Color, light: Color) -> Style {
        match self.colours {
            config::Theme::Dark => Style::new().fg(dark),
            config::Theme::Light => Style::new().fg(light),
            config::Theme::Mono => Style::new(),
        }
    }

    /// What matters less.
    pub fn dim(self) -> Style {
        match self.colours {
            config::Theme::Mono => Style::new(),
            _ => Style::new().fg(Color::DarkGray),
        }
    }

    /// What matters more.
    #[expect(
        clippy::unused_self,
        reason = "all roles have one signature, so that a theme can change any"
    )]
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Something good.
    pub fn good(self) -> Style {
        self.colour(Color::Green, Color::Green)
    }

    /// Something bad.
    pub fn bad(self) -> Style {
        self.colour(Color::LightRed, Color::Red)
    }

    /// Something to look at.
    pub fn warning(self) -> Style {
        self.colour(Color::Yellow, Color::Magenta)
            .add_modifier(Modifier::BOLD)
    }

    /// What is marked.
    pub fn marked(self) -> Style {
        self.colour(Color::Cyan, Color::Blue)
    }

    /// The row under the cursor.
    #[expect(
        clippy::unused_self,
        reason = "all roles have one signature, so that a theme can change any"
    )]
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// How a device's state looks.
    pub fn state(self, state: DeviceState) -> Style {
        match state {
            DeviceState::Planned => self.dim(),
            DeviceState::Sending => self.marked(),
            DeviceState::Ended(outcome) => match outcome.class() {
                OutcomeClass::Accepted => self.good(),
                OutcomeClass::Failed => self.bad(),
                OutcomeClass::Gone | OutcomeClass::InDoubt => self.warning(),
                OutcomeClass::NotSent => self.dim(),
            },
        }
    }

    /// A device's state as a glyph and a word.
    pub fn state_text(self, state: DeviceState) -> String {
        let (glyph, ascii, message) = match state {
            DeviceState::Planned => ("·", ".", "planned".to_owned()),
            DeviceState::Sending => (
                "○",
                "o",
                if self.ascii { "sending" } else { "sending…" }.to_owned(),
            ),
            DeviceState::Ended(outcome) => {
                let (glyph, ascii) = match outcome.class() {
                    OutcomeClass::Accepted => ("✓", "+"),
                    OutcomeClass::Failed => ("✗", "x"),
                    OutcomeClass::Gone => ("∅", "0"),
                    OutcomeClass::InDoubt => ("?", "?"),
                    OutcomeClass::NotSent => ("–", "-"),
                };
                let message = match outcome.class() {
                    OutcomeClass::Failed => outcome.reason().to_owned(),
                    class => class.label().to_owned(),
                };
                (glyph, ascii, message)
            }
        };
        format!("{} {message}", if self.ascii { ascii } else { glyph })
    }

    /// True where only ASCII characters may be drawn.
    pub fn is_ascii(self) -> bool {
        self.ascii
    }

    /// One of two glyphs.
    pub fn glyph(self, glyph: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { glyph }
    }

    /// The direction of an order.
    pub fn arrow(self, reversed: bool) -> &'static str {
        if reversed {
            self.glyph(" ↓", " v")
        } else {
            self.glyph(" ↑", " ^")
        }
    }

    /// A gauge of `width` cells, `part` of `whole` full.
    pub fn gauge(self, part: u64, whole: u64, width: usize) -> String {
        let full = (part.min(whole) * width as u64)
            .checked_div(whole)
            .unwrap_or(0);
        let full = usize::try_from(full).unwrap_or(width);
        let (left, on, off, right) = if self.ascii {
            ("[", "#", ".", "]")
        } else {
            ("▕", "█", "░", "▏")
        };
        format!(
            "{left}{}{}{right}",
            on.repeat(full),
            off.repeat(width - full)
        )
    }

    /// The lines around a panel.
    pub fn border(self) -> border::Set<'static> {
        if !self.ascii {
            return border::PLAIN;
        }
        border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        }
    }

    /// The dot between two facts on a line.
    pub fn dot(self) -> &'static str {
        self.glyph(" · ", " - ")
    }
}
