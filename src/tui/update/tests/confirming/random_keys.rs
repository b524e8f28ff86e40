//! Whatever keys, pastes and signals come in whatever order, nothing starts but by the typed count.

use proptest::prelude::*;

use crate::tui::effect::Effect;
use crate::tui::message::Message;
use crate::tui::update::tests::operator;

proptest! {
    /// Whatever is pressed and pasted: nothing starts unless the count was typed, on a screen that
    /// had been drawn for half a second, with no paste in between.
    #[test]
    fn start_takes_nothing_but_the_typed_count(
        keys in prop::collection::vec(
            prop::sample::select(vec![
                "a", "d", "r", "u", " ", "\n", "\u{1b}", "1", "2", "3", "5", "D", "s", "b", "g", "P", "j", "/", "n", "x", "p", "q", "f", "\t", "\u{8}",
                "PASTE", "RESIZE", "WAIT",
            ]),
            0..60,
        ),
    ) {
        // The list has four usable devices, and 4 is never typed; other counts come from marking
        // fewer. So whatever starts must have as many devices as were typed.
        let mut operator = operator();
        let mut typed = String::new();
        for key in keys {
            let before = operator.effects.len();
            let is_text = operator.app.dialog.as_ref().is_some_and(|dialog| dialog.component().takes_text());
            match key {
                "PASTE" => { operator.send(Message::Paste("4\n".to_owned(), operator.now)); }
                "RESIZE" => { operator.send(Message::Resized(100, 30)); typed.clear(); }
                "WAIT" => operator.wait(600),
                key => { operator.press(key); }
            }
            match key {
                _ if is_text => {}
                "1" | "2" | "3" | "5" => typed.push_str(key),
                "\u{8}" => { typed.pop(); }
                _ => {}
            }
            for effect in &operator.effects[before..] {
                if let Effect::Start(plan) = effect {
                    prop_assert_eq!(key, "\n");
                    let count = plan.plan().devices.len().to_string();
                    prop_assert!(typed.ends_with(&count), "typed {:?}, started {}", typed, count);
                }
            }
        }
    }

    /// Pastes, clicks, signals, resizes and keys on a screen that listens: without a typed digit
    /// nothing starts.
    #[test]
    fn without_a_typed_digit_nothing_starts(
        keys in prop::collection::vec(
            prop::sample::select(vec![
                "a", "d", "r", "u", " ", "v", "i", "\n", "\u{1b}", "D", "P", "b", "g", "j", "/", "s", "S", "x", "p", "q", "y", "w", "n", "?",
                "\t", "\u{8}", "PASTE", "RESIZE", "WAIT", "STOPPED", "CLICK", "CTRL-Z", "CTRL-C", "TERM",
            ]),
            0..80,
        ),
    ) {
        let mut operator = operator();
        operator.press("adr");
        for key in keys {
            match key {
                "PASTE" => operator.send(Message::Paste("4\n".to_owned(), operator.now)),
                "RESIZE" => operator.send(Message::Resized(60, 15)),
                "WAIT" => operator.wait(600),
                "STOPPED" => operator.send(Message::Resumed(operator.now)),
                "CLICK" => operator.click(10, 5),
                "CTRL-Z" => operator.control('z'),
                "CTRL-C" => operator.control('c'),
                "TERM" => operator.send(Message::Signal(15)),
                key => { operator.press(key); }
            }
        }
        prop_assert!(operator.started().is_none());
    }

    /// Whatever is typed on a screen that was never drawn starts nothing.
    #[test]
    fn on_an_undrawn_screen_nothing_starts(
        keys in prop::collection::vec(
            prop::sample::select(vec!["4", "1", "\n", "\u{1b}", "a", "d", "r", "\t", "\u{8}", "D", "PASTE", "TICK"]),
            0..60,
        ),
    ) {
        let mut operator = operator();
        operator.press("adr");
        for key in keys {
            match key {
                "PASTE" => operator.send(Message::Paste("4\n".to_owned(), operator.now)),
                "TICK" => operator.send(Message::Tick(operator.now)),
                key => { operator.press(key); }
            }
        }
        prop_assert!(operator.started().is_none());
    }
}
