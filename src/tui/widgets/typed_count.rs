//! A number that confirms something and has to be typed by hand.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::{Line, Span};

use super::key_guard::KeyGuard;
use crate::platform::clock::BootTime;
use crate::tui::context::Context;

/// Enter counts only this long after any other key. A hand takes longer, a paste without its
/// brackets doesn't.
const PAUSE_BEFORE_ENTER: Duration = Duration::from_millis(80);
/// A number that is begun sooner than this after a letter that was a command doesn't count: a hand looks
/// at the screen in between, pasted text such as `s20` doesn't.
const PAUSE_BEFORE_NUMBER: Duration = Duration::from_millis(400);
/// The longest number that anyone has to type.
const DIGITS: usize = 9;

const PASTED: &str = "Pasting doesn't count: type the number.";
const NOT_A_NUMBER: &str = "Only digits count. Press backspace, then type the number.";
const TOO_SOON: &str = "That was too fast. Press backspace, then type the number.";
const EMPTY: &str = "Type the number of devices first.";

/// The field. A paste never fills it, whether or not the terminal marks it as one: any key but
/// digits and backspace voids the field until it is cleared.
#[derive(Clone, Debug)]
pub struct TypedCount {
    pub digits: String,
    /// What was wrong with the last try.
    pub error: Option<String>,
    /// What keeps keys out that were typed before the number could be read.
    pub guard: KeyGuard,
    /// Something else than the number was typed: nothing counts until the field is cleared.
    is_void: bool,
    last_key: Option<BootTime>,
    /// The last letter that was a command of the dialog.
    last_letter: Option<BootTime>,
}

impl Default for TypedCount {
    fn default() -> Self {
        Self {
            digits: String::new(),
            error: None,
            guard: KeyGuard::after_reading_time(),
            is_void: false,
            last_key: None,
            last_letter: None,
        }
    }
}

impl TypedCount {
    /// The screen changed: the field is empty and has to be drawn again. What was wrong with the number
    /// itself goes with it.
    pub fn reset(&mut self) {
        *self = Self {
            error: self.error.take().filter(|_| !self.is_void),
            ..Self::default()
        };
    }

    /// Text was pasted, which doesn't count.
    pub fn on_paste(&mut self, now: BootTime) {
        self.error = Some(PASTED.to_owned());
        self.guard.pasted(now);
    }

    /// Handles a key that the dialog has no other use for. Returns the number once enter confirms
    /// it.
    pub fn on_key(&mut self, key: &KeyEvent, now: BootTime) -> Option<u64> {
        let is_burst = self.is_burst(now);
        self.last_key = Some(now);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let is_plain = !control && !key.modifiers.contains(KeyModifiers::ALT);
        // Some terminals send ctrl-h for backspace.
        let is_backspace =
            key.code == KeyCode::Backspace || (control && key.code == KeyCode::Char('h'));
        match key.code {
            KeyCode::Char('u') if control => self.clear(),
            _ if is_backspace && self.is_void => self.clear(),
            _ if is_backspace => {
                self.digits.pop();
                self.error = None;
            }
            KeyCode::Char(digit) if is_plain && digit.is_ascii_digit() => {
                if self.digits.is_empty() && self.is_soon_after_letter(now) {
                    self.void(TOO_SOON);
                } else if !self.is_void && self.digits.len() < DIGITS {
                    self.digits.push(digit);
                    self.error = None;
                }
            }
            KeyCode::Enter if is_plain => return self.enter(is_burst),
            _ => self.void(NOT_A_NUMBER),
        }
        None
    }

    /// The dialog itself handled a key, which scrolls or changes to another field: it counts as
    /// typing, and voids a number that is typed already.
    pub fn on_other_key(&mut self, now: BootTime) {
        self.last_key = Some(now);
        if !self.digits.is_empty() {
            self.void(NOT_A_NUMBER);
        }
    }

    /// The same for a letter, which may be the beginning of pasted text: a number that follows at once
    /// is void too.
    pub fn on_letter(&mut self, now: BootTime) {
        self.on_other_key(now);
        self.last_letter = Some(now);
    }

    /// The next key doesn't follow the last one: a line was typed in between.
    pub fn forget_pace(&mut self) {
        self.last_key = None;
        self.last_letter = None;
    }

    fn is_soon_after_letter(&self, now: BootTime) -> bool {
        self.last_letter
            .is_some_and(|last| now.since(last) < PAUSE_BEFORE_NUMBER)
    }

    /// True if a key at this moment follows another one faster than by hand.
    pub fn is_burst(&self, now: BootTime) -> bool {
        self.last_key
            .is_some_and(|last| now.since(last) < PAUSE_BEFORE_ENTER)
    }

    /// `Type 137 and press enter to send:  13▏`, where `act` is what enter does. The line is grey
    /// until the field listens; it has a cursor while it `has_focus`.
    pub fn prompt<'a>(
        &self,
        context: &Context,
        expected: u64,
        act: &str,
        has_focus: bool,
    ) -> Line<'a> {
        let theme = &context.settings.theme;
        let expected = expected.to_string();
        let after = format!(" and press enter to {act}:  ");
        if !self.guard.is_open(context.now.boot) {
            let waiting = format!(" Type {expected}{after}wait…");
            return Line::from(Span::styled(waiting, theme.dim()));
        }
        let (field, style) = if self.is_void {
            ("doesn't count".to_owned(), theme.danger())
        } else {
            let cursor = if has_focus { "▏" } else { "" };
            (format!("{}{cursor}", self.digits), theme.strong())
        };
        Line::from(vec![
            Span::styled(" Type ", theme.strong()),
            Span::styled(expected, theme.danger().patch(theme.strong())),
            Span::styled(after, theme.strong()),
            Span::styled(field, style),
        ])
    }

    /// What was wrong with the last try, if anything was.
    pub fn error_line<'a>(&self, context: &Context) -> Option<Line<'a>> {
        let error = self.error.as_ref()?;
        let danger = context.settings.theme.danger();
        Some(Line::from(Span::styled(format!(" {error}"), danger)))
    }

    fn enter(&mut self, is_burst: bool) -> Option<u64> {
        if self.is_void {
            return None;
        }
        if is_burst {
            // A second enter, of the next pasted line, must not confirm what the first did not.
            self.void(TOO_SOON);
            return None;
        }
        let number = self.digits.parse().ok();
        if number.is_none() {
            self.error = Some(EMPTY.to_owned());
        }
        number
    }

    fn void(&mut self, reason: &str) {
        self.is_void = true;
        self.error = Some(reason.to_owned());
    }

    fn clear(&mut self) {
        self.digits.clear();
        self.is_void = false;
        self.error = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(count: &mut TypedCount, code: KeyCode, milliseconds: i64) -> Option<u64> {
        count.on_key(&KeyEvent::from(code), BootTime(milliseconds))
    }

    /// Types characters at this pace, `\n` as enter, and returns what was confirmed.
    fn type_text(count: &mut TypedCount, text: &str, start: i64, pace: i64) -> Option<u64> {
        let mut confirmed = None;
        for (index, character) in (0..).zip(text.chars()) {
            let code = match character {
                '\n' => KeyCode::Enter,
                '\u{8}' => KeyCode::Backspace,
                character => KeyCode::Char(character),
            };
            confirmed = confirmed.or(press(count, code, start + index * pace));
        }
        confirmed
    }

    #[test]
    fn typed_count_takes_the_pace_of_a_hand_at_the_first_enter() {
        for pace in [80, 100, 250] {
            let mut count = TypedCount::default();
            assert_eq!(type_text(&mut count, "137\n", 1000, pace), Some(137));
        }
    }

    #[test]
    fn typed_count_is_void_after_a_burst_with_enter() {
        let mut count = TypedCount::default();
        assert_eq!(type_text(&mut count, "137\n", 1000, 1), None);
        // The next line of a paste that pauses after each line.
        assert_eq!(press(&mut count, KeyCode::Enter, 1200), None);
        assert_eq!(count.error.as_deref(), Some(TOO_SOON));
        assert_eq!(type_text(&mut count, "\u{8}137\n", 2000, 100), Some(137));
    }

    #[test]
    fn typed_count_is_void_after_any_key_but_digits() {
        let texts = [
            "20 devices of the leavers\n",
            "leavers: 20\n",
            "2\t0\n",
            "20.\n",
            "\u{8}x20\n",
        ];
        for (text, pace) in texts.iter().flat_map(|text| [(text, 1), (text, 100)]) {
            let mut count = TypedCount::default();
            assert_eq!(type_text(&mut count, text, 1000, pace), None, "{text:?}");
            assert_eq!(count.error.as_deref(), Some(NOT_A_NUMBER), "{text:?}");
            let later = 100_000;
            assert_eq!(type_text(&mut count, "20\n", later, 100), None, "{text:?}");
            let cleared = "\u{8}20\n";
            assert_eq!(type_text(&mut count, cleared, 2 * later, 100), Some(20));
        }
    }

    #[test]
    fn typed_count_is_void_after_a_key_with_ctrl_or_alt_except_ctrl_u() {
        for modifiers in [KeyModifiers::CONTROL, KeyModifiers::ALT] {
            let mut count = TypedCount::default();
            let digit = KeyEvent::new(KeyCode::Char('2'), modifiers);
            count.on_key(&digit, BootTime(0));
            assert_eq!(type_text(&mut count, "20\n", 1000, 100), None);
        }
        let mut count = TypedCount::default();
        type_text(&mut count, "99", 0, 100);
        let clear = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        count.on_key(&clear, BootTime(1000));
        assert_eq!(type_text(&mut count, "20\n", 2000, 100), Some(20));
    }

    #[test]
    fn typed_count_takes_keys_of_the_dialog_as_typing() {
        let mut count = TypedCount::default();
        count.on_other_key(BootTime(0));
        assert_eq!(type_text(&mut count, "20", 1000, 100), None);
        assert!(count.is_burst(BootTime(1179)), "digits are typing");
        assert!(!count.is_burst(BootTime(1180)));
        assert_eq!(press(&mut count, KeyCode::Enter, 1200), Some(20));
        count.on_other_key(BootTime(1300));
        assert_eq!(press(&mut count, KeyCode::Enter, 2000), None, "void");
    }

    #[test]
    fn typed_count_that_follows_a_letter_at_once_is_void() {
        for pace in [1, 100, 399] {
            let mut count = TypedCount::default();
            count.on_letter(BootTime(0));
            assert_eq!(type_text(&mut count, "20\n", pace, pace), None, "{pace}");
            assert_eq!(count.error.as_deref(), Some(TOO_SOON));
            let typed = type_text(&mut count, "\u{8}20\n", 5000, 100);
            assert_eq!(typed, Some(20), "{pace}");
        }
        let mut count = TypedCount::default();
        count.on_letter(BootTime(0));
        assert_eq!(type_text(&mut count, "20\n", 400, 100), Some(20));
    }

    #[test]
    fn typed_count_is_empty_after_a_reset_and_keeps_its_error() {
        let mut count = TypedCount::default();
        press(&mut count, KeyCode::Char('1'), 0);
        press(&mut count, KeyCode::Backspace, 1);
        assert_eq!(press(&mut count, KeyCode::Enter, 100), None);
        assert!(count.error.is_some());
        press(&mut count, KeyCode::Char('2'), 200);
        count.on_paste(BootTime(300));
        count.reset();
        assert_eq!(count.digits, "");
        assert!(count.error.is_some());
        press(&mut count, KeyCode::Char('x'), 400);
        assert_eq!(count.error.as_deref(), Some(NOT_A_NUMBER));
        count.reset();
        assert_eq!(count.error, None, "the field has no letter any more");
    }
}
