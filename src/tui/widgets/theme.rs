//! Colours and glyphs. An outcome is a word and a glyph, never a colour alone.

mod palette;
mod roles;

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::config::BaseTheme;
use crate::domain::outcome::{DeviceState, OutcomeClass, StateClass};

pub use palette::ColourDepth;
pub use roles::Role;

/// Colours and glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    styles: palette::Styles,
    depth: ColourDepth,
    ascii: bool,
}

impl Theme {
    /// One of the program's own themes, in as many colours as the terminal has; with `ascii`, glyphs
    /// of ASCII only.
    pub fn new(base: BaseTheme, depth: ColourDepth, ascii: bool) -> Self {
        Self {
            styles: palette::styles(base, depth),
            depth,
            ascii,
        }
    }

    /// True if it has no colours.
    pub fn is_mono(&self) -> bool {
        self.styles.iter().all(|style| style.fg.is_none())
    }

    /// The same with another colour for a role.
    #[must_use]
    pub fn recoloured(mut self, role: Role, colour: Color) -> Self {
        palette::recolour(&mut self.styles, role, colour, self.depth);
        self
    }

    /// The same with the glyphs that text without borders, bars and signs is made of.
    #[must_use]
    pub fn for_text(self) -> Self {
        Self {
            ascii: false,
            ..self
        }
    }

    pub fn role(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// What matters less: labels, units, earlier runs.
    pub fn dim(&self) -> Style {
        self.role(Role::Dim)
    }

    /// Borders.
    pub fn faint(&self) -> Style {
        self.role(Role::Faint)
    }

    /// Headings, keys, the tenant.
    pub fn strong(&self) -> Style {
        self.role(Role::Strong)
    }

    /// What has the keys.
    pub fn accent(&self) -> Style {
        self.role(Role::Accent)
    }

    /// The part of a text that a search matched.
    pub fn matched(&self) -> Style {
        self.role(Role::Match)
    }

    /// Accepted, compliant.
    pub fn success(&self) -> Style {
        self.role(Role::Success)
    }

    /// Failed, not compliant.
    pub fn danger(&self) -> Style {
        self.role(Role::Danger)
    }

    pub fn doubt(&self) -> Style {
        self.role(Role::Doubt)
    }

    /// Something to look at.
    pub fn warning(&self) -> Style {
        self.role(Role::Warning)
    }

    pub fn mark(&self) -> Style {
        self.role(Role::Mark)
    }

    /// The row under the cursor.
    pub fn selection(&self) -> Style {
        self.role(Role::Selection)
    }

    /// The colour of a value of the status field. The commonest value, a device without a licence,
    /// stays plain: it is what one filters for.
    pub fn status(&self, value: &str) -> Style {
        match value.to_ascii_lowercase().as_str() {
            "compliant" => self.success(),
            "non_compliant" => self.danger(),
            "pending" => self.accent().remove_modifier(Modifier::BOLD),
            "unknown" => self.dim(),
            _ => Style::new(),
        }
    }

    /// The colour of a value of the severity field.
    pub fn severity(&self, value: &str) -> Style {
        match value.to_ascii_lowercase().as_str() {
            "critical" => self.danger(),
            "warning" => self.warning(),
            "no_issues" => self.dim(),
            _ => Style::new(),
        }
    }

    /// The colour of an age in days: the older, the likelier a candidate.
    pub fn age(&self, days: i64) -> Style {
        match days {
            180.. => self.role(Role::VeryOld),
            90..180 => self.role(Role::Old),
            _ => Style::new(),
        }
    }

    /// How a device's state looks.
    pub fn state(&self, state: impl Into<StateClass>) -> Style {
        match state.into() {
            StateClass::Planned => self.dim(),
            StateClass::Sending => self.role(Role::Progress),
            StateClass::Ended(class) => match class {
                OutcomeClass::Accepted => self.success(),
                OutcomeClass::Failed => self.danger(),
                OutcomeClass::InDoubt => self.doubt(),
                OutcomeClass::Gone | OutcomeClass::NotSent => self.dim(),
            },
        }
    }

    /// A device's state as a glyph.
    pub fn sign(&self, state: impl Into<StateClass>) -> &'static str {
        let (glyph, ascii) = match state.into() {
            StateClass::Planned => ("·", "."),
            StateClass::Sending => ("○", "o"),
            StateClass::Ended(class) => match class {
                OutcomeClass::Accepted => ("✓", "+"),
                OutcomeClass::Failed => ("✗", "x"),
                OutcomeClass::Gone => ("∅", "0"),
                OutcomeClass::InDoubt => ("?", "?"),
                OutcomeClass::NotSent => ("–", "-"),
            },
        };
        self.glyph(glyph, ascii)
    }

    /// A device's state as a glyph and a word.
    pub fn state_text(&self, state: DeviceState) -> String {
        let word = match state {
            DeviceState::Planned => "planned",
            DeviceState::Sending if self.ascii => "sending",
            DeviceState::Sending => "sending…",
            DeviceState::Ended(outcome) => match outcome.class() {
                OutcomeClass::Failed => outcome.reason(),
                class => class.label(),
            },
        };
        format!("{} {word}", self.sign(state))
    }

    /// A heading of ours as this terminal can show it.
    pub fn in_ascii(&self, heading: &str) -> String {
        if self.is_ascii() {
            heading.replace('≥', ">=")
        } else {
            heading.to_owned()
        }
    }

    /// True where only ASCII characters may be drawn.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    pub fn glyph(&self, glyph: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { glyph }
    }

    /// The direction of an order.
    pub fn arrow(&self, reversed: bool) -> &'static str {
        if reversed {
            self.glyph(" ↓", " v")
        } else {
            self.glyph(" ↑", " ^")
        }
    }

    /// A gauge of `width` cells, `part` of `whole` full.
    pub fn gauge(&self, part: u64, whole: u64, width: usize) -> String {
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
    pub fn border(&self) -> border::Set<'static> {
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
    pub fn dot(&self) -> &'static str {
        self.glyph(" · ", " - ")
    }
}
