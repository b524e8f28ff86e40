//! Which colours a terminal has, and the style of each role in them.

use anstyle::{AnsiColor, RgbColor};
use anstyle_lossy::palette::VGA;
use ratatui::style::{Color, Style};

use super::roles::{Colours, ROLES, Role, RoleRow, Tone};
use crate::config::BaseTheme;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourDepth {
    /// None, as `NO_COLOR` requests.
    None,
    /// The terminal's own 16.
    Basic,
    Indexed,
    /// 24 bits.
    TrueColour,
}

impl ColourDepth {
    /// The depth that these values of `TERM` and `COLORTERM` announce. A terminal that announces
    /// nothing gets the 16 colours that all have.
    pub fn announced(term: &str, colorterm: &str) -> Self {
        if term == "dumb" {
            Self::None
        } else if matches!(colorterm, "truecolor" | "24bit") || term.ends_with("-direct") {
            Self::TrueColour
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Basic
        }
    }

    /// The nearest colour that the terminal shows.
    pub(super) fn nearest(self, colour: Color) -> Option<Color> {
        let Color::Rgb(red, green, blue) = colour else {
            return match (self, colour) {
                (Self::None, _) => None,
                (Self::Basic, Color::Indexed(index)) => {
                    let index = anstyle::Ansi256Color(index);
                    Some(basic(anstyle_lossy::xterm_to_ansi(index, VGA)))
                }
                _ => Some(colour),
            };
        };
        let rgb = RgbColor(red, green, blue);
        match self {
            Self::None => None,
            Self::Basic => Some(basic(anstyle_lossy::rgb_to_ansi(rgb, VGA))),
            Self::Indexed => Some(Color::Indexed(anstyle_lossy::rgb_to_xterm(rgb).0)),
            Self::TrueColour => Some(colour),
        }
    }

    fn of_tone(self, tone: Tone) -> Option<Color> {
        let (red, green, blue) = tone.rgb;
        match self {
            Self::None => None,
            Self::Basic => tone.basic,
            Self::Indexed => Some(Color::Indexed(tone.indexed)),
            Self::TrueColour => Some(Color::Rgb(red, green, blue)),
        }
    }
}

fn basic(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::Red,
        AnsiColor::Green => Color::Green,
        AnsiColor::Yellow => Color::Yellow,
        AnsiColor::Blue => Color::Blue,
        AnsiColor::Magenta => Color::Magenta,
        AnsiColor::Cyan => Color::Cyan,
        AnsiColor::White | AnsiColor::BrightBlack => Color::Gray,
        AnsiColor::BrightRed => Color::LightRed,
        AnsiColor::BrightGreen => Color::LightGreen,
        AnsiColor::BrightYellow => Color::LightYellow,
        AnsiColor::BrightBlue => Color::LightBlue,
        AnsiColor::BrightMagenta => Color::LightMagenta,
        AnsiColor::BrightCyan => Color::LightCyan,
        AnsiColor::BrightWhite => Color::White,
    }
}

/// The style of every role, in the order of [`Role`].
pub(super) type Styles = [Style; ROLES.len()];

/// The styles of a theme that the program brings.
pub(super) fn styles(base: BaseTheme, depth: ColourDepth) -> Styles {
    std::array::from_fn(|place| {
        let row = &ROLES[place];
        match base {
            BaseTheme::Dark => style(row, row.dark, depth),
            BaseTheme::Light => style(row, row.light, depth),
            BaseTheme::Mono => style(row, row.dark, ColourDepth::None),
        }
    })
}

fn style(row: &RoleRow, colours: Colours, depth: ColourDepth) -> Style {
    let mut style = Style::new().add_modifier(row.always);
    match depth {
        ColourDepth::None => return style.add_modifier(row.mono),
        ColourDepth::Basic => style = style.add_modifier(row.basic),
        ColourDepth::Indexed | ColourDepth::TrueColour => {}
    }
    if let Some(colour) = colours.foreground.and_then(|tone| depth.of_tone(tone)) {
        style = style.fg(colour);
    }
    if let Some(colour) = colours.background.and_then(|tone| depth.of_tone(tone)) {
        style = style.bg(colour);
    }
    style
}

/// Gives a role a colour of the configuration.
pub(super) fn recolour(styles: &mut Styles, role: Role, colour: Color, depth: ColourDepth) {
    let Some(colour) = depth.nearest(colour) else {
        return;
    };
    let style = &mut styles[role as usize];
    *style = if role.is_ground() || role == Role::Badge {
        style.bg(colour)
    } else {
        style.fg(colour)
    };
    if role.is_ground() {
        // The 16 colours show the row under the cursor in reverse video instead.
        *style = style.remove_modifier(ratatui::style::Modifier::REVERSED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_follows_term_and_colorterm() {
        for (term, colorterm, depth) in [
            ("xterm-256color", "truecolor", ColourDepth::TrueColour),
            ("xterm", "24bit", ColourDepth::TrueColour),
            ("xterm-256color", "", ColourDepth::Indexed),
            ("tmux-256color", "yes", ColourDepth::Indexed),
            ("xterm-direct", "", ColourDepth::TrueColour),
            ("screen", "", ColourDepth::Basic),
            ("linux", "", ColourDepth::Basic),
            ("rxvt-88color", "", ColourDepth::Basic),
            ("", "", ColourDepth::Basic),
            ("dumb", "truecolor", ColourDepth::None),
        ] {
            assert_eq!(
                ColourDepth::announced(term, colorterm),
                depth,
                "{term} {colorterm}"
            );
        }
    }

    #[test]
    fn styles_use_no_more_colours_than_the_terminal_has() {
        for base in [BaseTheme::Dark, BaseTheme::Light, BaseTheme::Mono] {
            for depth in [
                ColourDepth::None,
                ColourDepth::Basic,
                ColourDepth::Indexed,
                ColourDepth::TrueColour,
            ] {
                let mut styles = styles(base, depth);
                recolour(&mut styles, Role::Accent, Color::Rgb(1, 200, 3), depth);
                recolour(&mut styles, Role::Mark, Color::Indexed(200), depth);
                for colour in styles
                    .iter()
                    .flat_map(|style| [style.fg, style.bg])
                    .flatten()
                {
                    let fits = match colour {
                        Color::Rgb(..) => depth == ColourDepth::TrueColour,
                        Color::Indexed(_) => {
                            matches!(depth, ColourDepth::Indexed | ColourDepth::TrueColour)
                        }
                        _ => depth == ColourDepth::Basic,
                    };
                    assert!(fits, "{base:?} {depth:?}: {colour:?}");
                }
            }
        }
    }
}
