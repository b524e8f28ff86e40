use super::*;

fn key(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// Feeds characters, `\x1b` as `Esc`, a millisecond apart, and returns what comes out.
fn fed(text: &str) -> String {
    fed_at_pace(&mut EscapeSequenceFilter::default(), text, 1)
}

/// The same at this many milliseconds between two characters. Whatever is held for as long as
/// that is released.
fn fed_at_pace(keys: &mut EscapeSequenceFilter, text: &str, pace: u64) -> String {
    fed_from(keys, &mut Instant::now(), text, pace)
}

fn fed_from(keys: &mut EscapeSequenceFilter, now: &mut Instant, text: &str, pace: u64) -> String {
    let mut out = String::new();
    let mut add = |key: KeyEvent| {
        out.push(match key.code {
            KeyCode::Char(character) => character,
            _ => '^',
        });
    };
    for character in text.chars() {
        let code = if character == '\u{1b}' {
            KeyCode::Esc
        } else {
            KeyCode::Char(character)
        };
        keys.feed(key(code), *now).into_iter().for_each(&mut add);
        *now += Duration::from_millis(pace);
        keys.release(*now).into_iter().for_each(&mut add);
    }
    out
}

#[test]
fn sequence_that_is_split_slowly_acts_as_no_letter() {
    for pace in [50, 200, 500, 1500] {
        for sequence in ["[B", "[1;2B", "[15~", "[[A", "OP", "OB"] {
            let mut keys = EscapeSequenceFilter::default();
            let split = format!("\u{1b}{sequence}");
            let first = fed_at_pace(&mut keys, &split, pace);
            assert!(first.is_empty() || first == "^", "{pace} {split:?} {first}");
            if pace * 4 < 2000 {
                let second = fed_at_pace(&mut keys, &format!("{split}j"), pace);
                assert_eq!(
                    second, "j",
                    "{pace} {split:?}: the line is known to be slow"
                );
            }
        }
    }
}

/// Whatever is typed around it, and however the line splits it.
#[test]
fn reply_is_recognized_and_presses_no_key_however_it_is_split() {
    let gaps = [0_u64, 1, 99, 101, 500, 1_900];
    let parts = ["\u{1b}", "[", "0", "n"];
    for before in ["", "7", "ad", "\u{1b}"] {
        for pattern in 0..gaps.len().pow(3) {
            let mut keys = EscapeSequenceFilter::default();
            let mut now = Instant::now();
            keys.expect_reply(now);
            let mut out = fed_from(&mut keys, &mut now, before, 1);
            let mut rest = pattern;
            for part in parts {
                out.push_str(&fed_from(
                    &mut keys,
                    &mut now,
                    part,
                    gaps[rest % gaps.len()],
                ));
                rest /= gaps.len();
            }
            assert!(keys.take_reply(), "{before:?} {pattern}");
            assert!(!keys.take_reply(), "once");
            out.push_str(&fed_from(&mut keys, &mut now, "3q", 300));
            let wanted = format!("{}3q", before.replace('\u{1b}', "^"));
            assert_eq!(out, wanted, "{before:?} {pattern}");
        }
    }
}

#[test]
fn escape_is_held_for_a_reply_only_while_one_may_come() {
    let mut keys = EscapeSequenceFilter::default();
    let now = Instant::now();
    keys.expect_reply(now);
    keys.feed(key(KeyCode::Esc), now);
    assert_eq!(keys.waits(now), Some(LONGEST_HOLD));
    let later = now + REPLY;
    assert_eq!(keys.release(later).map(|key| key.code), Some(KeyCode::Esc));
    keys.feed(key(KeyCode::Esc), later);
    assert_eq!(keys.waits(later), Some(HOLD));
}

#[test]
fn escape_by_hand_keeps_the_next_letter() {
    for pace in [100, 150, 400] {
        let mut keys = EscapeSequenceFilter::default();
        assert_eq!(fed_at_pace(&mut keys, "\u{1b}jB", pace), "^jB");
        assert_eq!(fed_at_pace(&mut keys, "\u{1b}Oj", pace), "^Oj");
    }
    let mut keys = EscapeSequenceFilter::default();
    assert_eq!(fed_at_pace(&mut keys, "\u{1b}O", 2500), "^O");
}

#[test]
fn split_sequence_is_thrown_away_whole() {
    assert_eq!(fed("a\u{1b}[Bb"), "ab");
    assert_eq!(fed("\u{1b}[1;5Cx"), "x");
    assert_eq!(fed("\u{1b}OPx"), "x");
}

#[test]
fn escape_before_another_key_is_an_escape() {
    assert_eq!(fed("\u{1b}q"), "^q");
    assert_eq!(fed("\u{1b}\u{1b}q"), "^^q");
}

#[test]
fn paste_whose_beginning_was_split_presses_no_keys() {
    assert_eq!(fed("\u{1b}[200~137\rq\u{1b}[201~x"), "x");
    assert_eq!(fed("\u{1b}[200~a\u{1b}[Bb\u{1b}[201~x"), "x");
}

#[test]
fn text_behind_a_paste_without_silence_presses_no_keys() {
    let (mut keys, mut now) = (EscapeSequenceFilter::default(), Instant::now());
    keys.pasted(now);
    for character in "ad\ry".chars() {
        now += Duration::from_millis(400);
        assert!(keys.feed(key(KeyCode::Char(character)), now).is_empty());
    }
    now += SILENCE;
    assert_eq!(keys.feed(key(KeyCode::Char('j')), now).len(), 1);
}

#[test]
fn lone_escape_is_released_after_a_moment() {
    let mut keys = EscapeSequenceFilter::default();
    let now = Instant::now();
    assert!(keys.feed(key(KeyCode::Esc), now).is_empty());
    assert_eq!(keys.waits(now), Some(HOLD));
    assert_eq!(keys.release(now + HOLD / 2), None);
    let later = now + HOLD;
    assert_eq!(keys.waits(later), Some(Duration::ZERO));
    assert_eq!(keys.release(later).map(|key| key.code), Some(KeyCode::Esc));
    assert_eq!(keys.waits(later), None);
}
