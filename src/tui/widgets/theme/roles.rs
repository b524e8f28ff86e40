//! What colours mean: one row per role, with its colours for each palette and each terminal.
//!
//! Status text is always a word too: a role never carries meaning alone.

use ratatui::style::{Color, Modifier};

/// A colour as each kind of terminal gets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    pub rgb: (u8, u8, u8),
    /// Of the 256 indexed colours.
    pub indexed: u8,
    /// Of the terminal's own 16 colours; none for its default colour.
    pub basic: Option<Color>,
}

const fn tone(rgb: u32, indexed: u8, basic: Color) -> Tone {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Tone {
        rgb: (red, green, blue),
        indexed,
        basic: Some(basic),
    }
}

/// A colour that the 16 colours have no counterpart for.
const fn faint(rgb: u32, indexed: u8) -> Tone {
    Tone {
        basic: None,
        ..tone(rgb, indexed, Color::Reset)
    }
}

/// A role in one palette.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colours {
    pub foreground: Option<Tone>,
    pub background: Option<Tone>,
}

const PLAIN: Colours = Colours {
    foreground: None,
    background: None,
};

const fn text(foreground: Tone) -> Colours {
    Colours {
        foreground: Some(foreground),
        background: None,
    }
}

const fn ground(background: Tone) -> Colours {
    Colours {
        foreground: None,
        background: Some(background),
    }
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Headings, keys, the tenant.
    Strong,
    /// Labels, units, earlier runs.
    Dim,
    /// Borders and the empty part of gauges.
    Faint,
    /// What has the keys: the open tab, the focused border, the cursor's bar.
    Accent,
    /// The background of the row under the cursor.
    Selection,
    /// Marked rows.
    Mark,
    /// The part of a cell that a search matched.
    Match,
    /// Accepted, compliant.
    Success,
    /// Something to look at: warnings, protected rows, a spent rate limit.
    Warning,
    /// Failed, not compliant; in a plan: recently seen.
    Danger,
    /// The title of what can't be undone.
    Badge,
    Doubt,
    /// What is being sent.
    Progress,
    /// Not seen for 90 days.
    Old,
    /// Not seen for 180 days.
    VeryOld,
    /// Bars of the overview.
    Bar,
}

/// A role, its name in the configuration and its colours.
#[derive(Debug)]
pub(super) struct RoleRow {
    pub role: Role,
    pub name: &'static str,
    pub dark: Colours,
    pub light: Colours,
    /// In every palette.
    pub always: Modifier,
    /// With the terminal's own 16 colours.
    pub basic: Modifier,
    /// Without colours.
    pub mono: Modifier,
}

const NONE: Modifier = Modifier::empty();
const BOLD: Modifier = Modifier::BOLD;
const DIM: Modifier = Modifier::DIM;
const REVERSED: Modifier = Modifier::REVERSED;
const UNDERLINED: Modifier = Modifier::UNDERLINED;

const fn row(
    role: Role,
    name: &'static str,
    dark: Colours,
    light: Colours,
    always: Modifier,
    basic: Modifier,
    mono: Modifier,
) -> RoleRow {
    RoleRow {
        role,
        name,
        dark,
        light,
        always,
        basic,
        mono,
    }
}

/// Every role, in the order of [`Role`].
#[rustfmt::skip]
pub(super) const ROLES: [RoleRow; 16] = [
    row(Role::Strong, "strong", PLAIN, PLAIN, BOLD, NONE, NONE),
    row(Role::Dim, "dim", text(faint(0x0091_98a1, 246)), text(faint(0x0059_636e, 241)), NONE, DIM, NONE),
    row(Role::Faint, "faint", text(faint(0x0056_5e69, 240)), text(faint(0x008c_959f, 246)), NONE, DIM, NONE),
    row(Role::Accent, "accent", text(tone(0x006c_b6ff, 75, Color::LightBlue)), text(tone(0x0005_50ae, 25, Color::Blue)), NONE, NONE, BOLD),
    row(Role::Selection, "selection", ground(faint(0x002c_3a4d, 237)), ground(faint(0x00d6_e6f7, 189)), NONE, REVERSED, REVERSED),
    row(Role::Mark, "mark", text(tone(0x0039_d0d8, 80, Color::Cyan)), text(tone(0x000a_6c74, 23, Color::Cyan)), NONE, NONE, BOLD),
    row(Role::Match, "match", text(tone(0x00ff_d866, 221, Color::Yellow)), text(tone(0x007a_3e00, 94, Color::Yellow)), UNDERLINED, NONE, NONE),
    row(Role::Success, "success", text(tone(0x0057_d364, 77, Color::Green)), text(tone(0x0011_6329, 22, Color::Green)), NONE, NONE, NONE),
    row(Role::Warning, "warning", text(tone(0x00e3_b341, 179, Color::Yellow)), text(tone(0x007d_4e00, 94, Color::Yellow)), NONE, NONE, BOLD),
    row(Role::Danger, "danger", text(tone(0x00ff_7b72, 210, Color::LightRed)), text(tone(0x00b3_101a, 124, Color::Red)), NONE, NONE, BOLD),
    row(
        Role::Badge, "badge",
        Colours { foreground: Some(tone(0x0016_181d, 233, Color::Black)), background: Some(tone(0x00ff_7b72, 210, Color::Red)) },
        Colours { foreground: Some(tone(0x00ff_ffff, 231, Color::White)), background: Some(tone(0x00b3_101a, 124, Color::Red)) },
        BOLD, NONE, REVERSED,
    ),
    row(Role::Doubt, "doubt", text(tone(0x00d2_a8ff, 183, Color::LightMagenta)), text(tone(0x006f_28c9, 92, Color::Magenta)), NONE, NONE, BOLD),
    row(Role::Progress, "progress", text(tone(0x006c_b6ff, 75, Color::LightBlue)), text(tone(0x0005_50ae, 25, Color::Blue)), NONE, NONE, NONE),
    row(Role::Old, "old", text(tone(0x00e3_b341, 179, Color::Yellow)), text(tone(0x007d_4e00, 94, Color::Yellow)), NONE, NONE, NONE),
    row(Role::VeryOld, "very-old", text(tone(0x00ff_9f5a, 215, Color::Yellow)), text(tone(0x00a3_3b00, 88, Color::Yellow)), NONE, BOLD, BOLD),
    row(Role::Bar, "bar", text(tone(0x006c_b6ff, 75, Color::LightBlue)), text(tone(0x0005_50ae, 25, Color::Blue)), NONE, NONE, NONE),
];

impl Role {
    /// The role that the configuration names so.
    pub fn from_name(name: &str) -> Option<Self> {
        let row = ROLES.iter().find(|row| row.name == name);
        row.map(|row| row.role)
    }

    /// Every name that the configuration may use.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ROLES.iter().map(|row| row.name)
    }

    /// True if the role colours the background, not the text.
    pub(super) fn is_ground(self) -> bool {
        self == Self::Selection
    }
}

#[cfg(test)]
mod tests {
    use anstyle::{Ansi256Color, RgbColor};
    use anstyle_lossy::palette::VGA;

    use super::*;

    type Rgb = (u8, u8, u8);

    const BLACK: Rgb = (0, 0, 0);
    const EDITOR_DARK: Rgb = (0x1e, 0x1e, 0x1e);
    const SOLARIZED_DARK: Rgb = (0, 0x2b, 0x36);
    const WHITE: Rgb = (0xff, 0xff, 0xff);
    const SOLARIZED_LIGHT: Rgb = (0xfd, 0xf6, 0xe3);

    /// WCAG 2.1, relative luminance and contrast ratio.
    fn contrast(one: Rgb, other: Rgb) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let luminance = |(red, green, blue): Rgb| {
            0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn of_index(index: u8) -> Rgb {
        let RgbColor(red, green, blue) = anstyle_lossy::xterm_to_rgb(Ansi256Color(index), VGA);
        (red, green, blue)
    }

    #[test]
    fn roles_stand_in_the_order_of_their_numbers() {
        for (place, row) in ROLES.iter().enumerate() {
            assert_eq!(row.role as usize, place, "{}", row.name);
            assert_eq!(Role::from_name(row.name), Some(row.role));
        }
    }

    #[test]
    fn text_is_readable_on_every_usual_background() {
        for row in &ROLES {
            let palettes = [
                (row.dark, [BLACK, EDITOR_DARK, SOLARIZED_DARK].as_slice()),
                (row.light, [WHITE, SOLARIZED_LIGHT].as_slice()),
            ];
            for (colours, terminals) in palettes {
                let Some(text) = colours.foreground.filter(|_| row.role != Role::Faint) else {
                    continue;
                };
                let own = colours.background.map(|tone| [tone.rgb]);
                for &ground in own.as_ref().map_or(terminals, |own| own.as_slice()) {
                    assert!(
                        contrast(text.rgb, ground) >= 4.5,
                        "{} on {ground:?}",
                        row.name
                    );
                }
                let own = colours.background.map(|tone| [of_index(tone.indexed)]);
                for &ground in own.as_ref().map_or(terminals, |own| own.as_slice()) {
                    let ratio = contrast(of_index(text.indexed), ground);
                    assert!(
                        ratio >= 4.5,
                        "{} in 256 colours on {ground:?}: {ratio}",
                        row.name
                    );
                }
            }
        }
    }

    #[test]
    fn no_role_uses_the_dark_grey_that_solarized_makes_invisible() {
        for row in &ROLES {
            for colours in [row.dark, row.light] {
                for tone in [colours.foreground, colours.background]
                    .into_iter()
                    .flatten()
                {
                    assert_ne!(tone.basic, Some(Color::DarkGray), "{}", row.name);
                }
            }
        }
    }
}
