//! Sequences for the terminal beside what is drawn: the clipboard, the window's title, progress.

use std::env;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Saves the window's title on the terminal's stack, and takes it back from there.
pub(super) const SAVE_TITLE: &str = "\u{1b}[22;2t";
pub(super) const RESTORE_TITLE: &str = "\u{1b}[23;2t";
/// Ends a progress.
pub(super) const NO_PROGRESS: &str = "\u{1b}]9;4;0\u{7}";

/// The longest part of a sequence that GNU screen passes on, with room for its frame.
const SCREEN_PART: usize = 700;

/// What is between the program and the terminal's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Multiplexer {
    None,
    Tmux,
    Screen,
}

/// What the terminal takes, as far as the environment says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capabilities {
    multiplexer: Multiplexer,
    /// Sequences of an operating system's command (OSC) are not printed.
    takes_commands: bool,
    /// OSC 9;4 is progress, not a notification.
    shows_progress: bool,
}

impl Capabilities {
    /// Those of this process's terminal.
    pub(super) fn detect() -> Self {
        Self::of(|name| env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        let multiplexer = if is_set("TMUX") {
            Multiplexer::Tmux
        } else if term.starts_with("screen") && is_set("STY") {
            Multiplexer::Screen
        } else {
            Multiplexer::None
        };
        let program = variable("TERM_PROGRAM").unwrap_or_default();
        let vte = variable("VTE_VERSION").and_then(|version| version.parse::<u32>().ok());
        let knows_progress = is_set("WT_SESSION")
            || variable("ConEmuANSI").as_deref() == Some("ON")
            || ["ghostty", "WezTerm"].contains(&program.as_str())
            || ["xterm-ghostty", "wezterm"].contains(&term.as_str())
            || vte.is_some_and(|version| version >= 7900);
        Self {
            multiplexer,
            takes_commands: !["", "dumb", "linux"].contains(&term.as_str()),
            shows_progress: knows_progress && multiplexer == Multiplexer::None,
        }
    }

    /// True if the terminal has a title.
    pub(super) fn has_title(self) -> bool {
        self.takes_commands
    }

    /// Puts `text` on the terminal's clipboard; none if the terminal has none.
    pub(super) fn clipboard(self, text: &str) -> Option<String> {
        if !self.takes_commands {
            return None;
        }
        let sequence = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text));
        Some(match self.multiplexer {
            Multiplexer::None => sequence,
            // tmux takes the sequence itself, or passes it on, or both, as its options say
            // (`set-clipboard`, `allow-passthrough`).
            Multiplexer::Tmux => {
                let doubled = sequence.replace('\u{1b}', "\u{1b}\u{1b}");
                format!("{sequence}\u{1b}Ptmux;{doubled}\u{1b}\\")
            }
            Multiplexer::Screen => {
                // The sequence is ASCII.
                let parts = sequence.as_bytes().chunks(SCREEN_PART);
                let parts =
                    parts.map(|part| format!("\u{1b}P{}\u{1b}\\", String::from_utf8_lossy(part)));
                parts.collect()
            }
        })
    }

    /// Sets the window's title.
    pub(super) fn title(self, title: &str) -> Option<String> {
        let shown: String = title
            .chars()
            .filter(|character| !character.is_control())
            .collect();
        self.takes_commands
            .then(|| format!("\u{1b}]2;{shown}\u{7}"))
    }

    /// Shows progress in percent, or none any more.
    pub(super) fn progress(self, percent: Option<u8>) -> Option<String> {
        self.shows_progress.then(|| match percent {
            Some(percent) => format!("\u{1b}]9;4;1;{percent}\u{7}"),
            None => NO_PROGRESS.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capabilities(variables: &[(&str, &str)]) -> Capabilities {
        Capabilities::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn clipboard_is_wrapped_for_what_is_in_between() {
        let plain = capabilities(&[("TERM", "xterm-256color")]);
        let osc = "\u{1b}]52;c;aGk=\u{7}";
        assert_eq!(plain.clipboard("hi").as_deref(), Some(osc));
        let tmux = capabilities(&[
            ("TERM", "screen-256color"),
            ("TMUX", "/tmp/tmux-0/default,1,0"),
        ]);
        let wrapped = format!("{osc}\u{1b}Ptmux;\u{1b}{osc}\u{1b}\\");
        assert_eq!(tmux.clipboard("hi"), Some(wrapped));
        let screen = [("TERM", "screen"), ("STY", "1.tty")];
        let screen = capabilities(&screen)
            .clipboard(&"x".repeat(2000))
            .expect("a clipboard");
        let parts: Vec<&str> = screen.split_inclusive("\u{1b}\\").collect();
        assert_eq!(parts.len(), 4);
        let whole: String = parts
            .iter()
            .map(|part| {
                assert!(part.len() < 768, "{}", part.len());
                let part = part.strip_prefix("\u{1b}P").expect("a begin");
                part.strip_suffix("\u{1b}\\").expect("an end")
            })
            .collect();
        assert_eq!(Some(whole), plain.clipboard(&"x".repeat(2000)));
    }

    #[test]
    fn console_gets_nothing_that_it_would_print() {
        for term in ["linux", "dumb"] {
            let console = capabilities(&[("TERM", term), ("WT_SESSION", "")]);
            assert_eq!(console.clipboard("hi"), None, "{term}");
            assert_eq!(console.title("offboard"), None, "{term}");
            assert_eq!(console.progress(Some(1)), None, "{term}");
        }
    }

    #[test]
    fn progress_goes_only_to_terminals_that_show_it() {
        let terminal = capabilities(&[("TERM", "xterm-256color"), ("WT_SESSION", "1")]);
        assert_eq!(
            terminal.progress(Some(42)).as_deref(),
            Some("\u{1b}]9;4;1;42\u{7}")
        );
        assert_eq!(
            terminal.progress(None).as_deref(),
            Some("\u{1b}]9;4;0\u{7}")
        );
        let other = capabilities(&[("TERM", "xterm-256color")]);
        assert_eq!(other.progress(Some(42)), None);
    }

    #[test]
    fn title_holds_no_control_character() {
        let terminal = capabilities(&[("TERM", "xterm")]);
        let title = terminal.title("a\u{7}\u{1b}]0;b");
        assert_eq!(title.as_deref(), Some("\u{1b}]2;a]0;b\u{7}"));
    }
}
