//! The styles of a screen: a letter for the role of each cell, apart from the text, so that a
//! change of colours shows as such and one of words doesn't.

use ratatui::style::Color;

use super::*;
use crate::tui::widgets::theme::Role;

/// The roles and their letters. A cell on the row under the cursor has the capital letter, `_` if it
/// has no role of its own.
const LETTERS: [(Role, char); 15] = [
    (Role::Strong, 's'),
    (Role::Dim, 'd'),
    (Role::Faint, 'f'),
    (Role::Accent, 'a'),
    (Role::Mark, 'm'),
    (Role::Match, 'u'),
    (Role::Success, 'g'),
    (Role::Warning, 'w'),
    (Role::Danger, 'x'),
    (Role::Badge, 'b'),
    (Role::Doubt, 'q'),
    (Role::Progress, 'p'),
    (Role::Old, 'o'),
    (Role::VeryOld, 'v'),
    (Role::Bar, 'h'),
];

/// The colour that stands for the role with this place in [`LETTERS`], as no palette has it.
fn colour(place: usize) -> Color {
    Color::Rgb(1, 1, u8::try_from(place).expect("few roles"))
}

/// The background of the row under the cursor.
const CURSOR_ROW: Color = Color::Rgb(2, 2, 2);

/// A theme in which each role has a colour of its own.
pub(super) fn distinct_theme() -> Theme {
    let theme = Theme::new(BaseTheme::Dark, ColourDepth::TrueColour, false);
    let roles = LETTERS.iter().enumerate();
    let theme = roles.fold(theme, |theme, (place, (role, _))| {
        theme.recoloured(*role, colour(place))
    });
    theme.recoloured(Role::Selection, CURSOR_ROW)
}

/// The letters of the screen, without what has no role at the ends of lines.
pub(super) fn letters(app: &App) -> String {
    let (width, height) = app.context.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    let drawn = terminal.draw(|frame| render(frame, app)).expect("drawn");
    let letter = |x: u16, y: u16| {
        let cell = &drawn.buffer[(x, y)];
        let is_selected = cell.bg == CURSOR_ROW;
        let of_colour = |searched: Color| {
            let mut roles = LETTERS.iter().enumerate();
            roles
                .find(|(place, _)| colour(*place) == searched)
                .map(|(_, (_, letter))| *letter)
        };
        // A badge is known by its background.
        match of_colour(cell.bg).or_else(|| of_colour(cell.fg)) {
            Some(letter) if is_selected => letter.to_ascii_uppercase(),
            // The colour of a blank isn't seen, its underline is.
            Some(letter)
                if cell.symbol() != " " || cell.modifier.contains(Modifier::UNDERLINED) =>
            {
                letter
            }
            None if cell.fg != Color::Reset && cell.symbol() != " " => '?',
            _ if is_selected => '_',
            _ => ' ',
        }
    };
    let rows = (0..height).map(|y| {
        let row: String = (0..width).map(|x| letter(x, y)).collect();
        row.trim_end().to_owned()
    });
    let letters = rows.collect::<Vec<_>>().join("\n");
    assert!(
        !letters.contains('?'),
        "a colour that no role has:\n{letters}"
    );
    letters
}

#[test]
fn title_of_a_panel_has_nothing_of_the_style_of_its_border() {
    let mut operator = operator((120, 40));
    operator.app.context.settings.theme = Theme::new(BaseTheme::Dark, ColourDepth::Basic, false);
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    let drawn = terminal.draw(|frame| render(frame, &operator.app));
    let buffer = drawn.expect("drawn").buffer.clone();
    // The overview, which hasn't the keys.
    let mut cells = (0..40).flat_map(|y| (0..120).map(move |x| (x, y)));
    let corner = cells.find(|&at| buffer[at].symbol() == "┌");
    let (left, row) = corner.expect("a panel");
    let style = |x: u16| buffer[(x, row)].modifier;
    assert!(style(left).contains(Modifier::DIM), "the border");
    let title = (left + 1..left + 20).filter(|&x| buffer[(x, row)].symbol() != "─");
    let title: Vec<u16> = title.collect();
    assert!(title.len() > 10);
    for x in title {
        assert!(!style(x).contains(Modifier::DIM), "{x}");
    }
}
