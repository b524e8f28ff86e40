//! A number that confirms something and has to be typed by hand.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::text::{Line, Span};

use super::key_guard::KeyGuard;
use crate::platform::clock::BootTime;
use crate::tui::context::Context;

/// The time between the last digit and enter: hands take longer, a paste without its brackets
/// doesn't.
const PAUSE_BEFORE_ENTER: Duration = Duration::from_millis(60);
/// The longest number that anyone has to type.
const DIGITS: usize = 9;

/// The field. A paste never fills it.
#[derive(Clone, Debug)]
pub struct TypedCount {
    /// The digits typed.
    pub digits: String,
    /// What was wrong with the last try.
    pub error: Option<String>,
    /// What keeps keys out that were typed before the number could be read.
    pub guard: KeyGuard,
    last_key: Option<BootTime>,
}

impl Default for TypedCount {
    fn default() -> Self {
        Self {
            digits: String::new(),
            error: None,
            guard: KeyGuard::after_reading_time(),
            last_key: None,
        }
    }
}

impl TypedCount {
    /// The screen changed: the field is empty and has to be drawn again.
    pub fn reset(&mut self) {
        *self = Self {
            error: self.error.take(),
            ..Self::default()
        };
    }

    /// Text was pasted, which doesn't count.
    pub fn on_paste(&mut self, now: BootTime) {
        self.error = Some("pasted input is ignored: type the number".to_owned());
        self.guard.pasted(now);
    }

    /// Handles a digit, backspace or enter. Returns the number once enter confirms it.
    pub fn on_key(&mut self, key: &KeyEvent, now: BootTime) -> Option<u64> {
        match key.code {
            KeyCode::Char(digit) if digit.is_ascii_digit() => {
                if self.digits.len() < DIGITS {
                    self.digits.push(digit);
                }
                self.error = None;
                self.last_key = Some(now);
                None
            }
            KeyCode::Backspace => {
                self.digits.pop();
                self.error = None;
                None
            }
            KeyCode::Enter => self.enter(now),
            _ => None,
        }
    }

    /// `type 137 and press enter: 13▏`, and below it what was wrong with the last try.
    pub fn lines<'a>(&self, context: &Context, expected: u64) -> Vec<Line<'a>> {
        let theme = context.settings.theme;
        let field = if self.guard.is_open(context.now.boot) {
            format!("{}▏", self.digits)
        } else {
            "(wait)".to_owned()
        };
        let error = self.error.clone().unwrap_or_default();
        vec![
            Line::from(vec![
                Span::styled(
                    format!(" type {expected} and press enter: "),
                    theme.warning(),
                ),
                Span::styled(field, theme.strong()),
            ]),
            Line::from(Span::styled(format!(" {error}"), theme.bad())),
        ]
    }

    fn enter(&mut self, now: BootTime) -> Option<u64> {
        if self
            .last_key
            .is_some_and(|last| now.since(last) < PAUSE_BEFORE_ENTER)
        {
            self.error = Some("enter came too soon after typing: press it again".to_owned());
            self.last_key = Some(now);
            return None;
        }
        let number = self.digits.parse().ok();
        if number.is_none() {
            self.error = Some("type the number of devices first".to_owned());
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(count: &mut TypedCount, code: KeyCode, milliseconds: i64) -> Option<u64> {
        count.on_key(&KeyEvent::from(code), BootTime(milliseconds))
    }

    #[test]
    fn typed_count_ignores_enter_at_the_end_of_a_burst() {
        let mut count = TypedCount::default();
        for (index, digit) in (0..).zip("137".chars()) {
            press(&mut count, KeyCode::Char(digit), 1000 + index);
        }
        assert_eq!(press(&mut count, KeyCode::Enter, 1004), None);
        assert_eq!(count.digits, "137", "the digits stay");
        assert_eq!(press(&mut count, KeyCode::Enter, 1200), Some(137));
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
    }
}
