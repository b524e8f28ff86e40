//! What the environment says about the terminal.

use std::env::var;

use crate::tui::widgets::theme::ColourDepth;

/// How many colours may be used: none if the user says so, else as many as the terminal announces.
pub(super) fn colour_depth(no_color: bool) -> ColourDepth {
    let variable = |name: &str| var(name).unwrap_or_default();
    if no_color || !variable("NO_COLOR").is_empty() {
        return ColourDepth::None;
    }
    ColourDepth::announced(&variable("TERM"), &variable("COLORTERM"))
}

/// True if the locale's characters are UTF-8.
pub(super) fn is_utf8() -> bool {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"].map(|name| var(name).unwrap_or_default());
    is_utf8_locale(&variables)
}

/// True if only ASCII is to be drawn: as the user says, else as the locale does.
pub(super) fn uses_ascii(flag: bool, setting: Option<bool>) -> bool {
    flag || setting.unwrap_or_else(|| !is_utf8())
}

/// True if the terminal announces a light background.
pub(super) fn has_light_background() -> bool {
    is_light(&var("COLORFGBG").unwrap_or_default())
}

/// The first of them that is set counts.
fn is_utf8_locale(variables: &[String]) -> bool {
    let locale = variables.iter().find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// The last number of `0;15` is the background: of the 16 colours, these are light.
fn is_light(foreground_and_background: &str) -> bool {
    let background = foreground_and_background.rsplit(';').next();
    background
        .and_then(|background| background.parse().ok())
        .is_some_and(|background: u8| matches!(background, 7 | 9..=15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locale_is_utf8_if_the_first_that_is_set_says_so() {
        let is_utf8 = |variables: [&str; 3]| is_utf8_locale(&variables.map(str::to_owned));
        assert!(is_utf8(["", "", "de_CH.UTF-8"]));
        assert!(is_utf8(["C.utf8", "POSIX", ""]));
        assert!(!is_utf8(["C", "", "en_US.UTF-8"]));
        assert!(!is_utf8(["", "de_DE.ISO-8859-1", ""]));
        assert!(!is_utf8(["", "", ""]));
    }

    #[test]
    fn background_is_light_if_the_terminal_says_so() {
        for light in ["0;15", "0;default;15", "12;7"] {
            assert!(is_light(light), "{light}");
        }
        for other in ["15;0", "7;8", "0;default", "0;99", ""] {
            assert!(!is_light(other), "{other}");
        }
    }
}
