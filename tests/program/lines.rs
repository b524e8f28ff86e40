//! What goes over the line to the terminal: whole frames, and no more of them than it takes.

use std::time::{Duration, Instant};

use offboard::simulator::Settings;

use super::terminal::Terminal;
use super::workbench::Workbench;

const BEGIN: &str = "\u{1b}[?2026h";
const END: &str = "\u{1b}[?2026l";
const CLEAR: &str = "\u{1b}[2J";

fn bench(devices: usize) -> Workbench {
    Workbench::new(Settings {
        devices,
        ..Settings::default()
    })
}

#[test]
fn frame_is_one_synchronized_update() {
    let bench = bench(20);
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for(" shown");
    terminal.press("jjj ");
    terminal.wait_for("marked 1");
    terminal.press("q");
    terminal.wait_for("quit?");
    terminal.press("y");
    terminal.wait_until_given_back();
    let frames = terminal.count_written(BEGIN);
    assert!(frames >= 3, "{frames}");
    assert_eq!(frames, terminal.count_written(END));
    // Nothing is drawn outside of one.
    let written = String::from_utf8(terminal.written()).expect("text");
    let outside: String = written
        .split(BEGIN)
        .map(|part| part.rsplit(END).next().unwrap_or_default())
        .collect();
    assert!(!outside.contains(" shown"), "{outside:?}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn held_key_on_a_slow_line_skips_frames() {
    let bench = bench(600);
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for(" shown");
    // From the last row of the screen on each step scrolls the table.
    terminal.press("\u{1b}[6~");
    terminal.slow_down(20_000);
    let before = terminal.count_written(BEGIN);
    let keys = 120;
    for _ in 0..keys {
        terminal.press("j");
        std::thread::sleep(Duration::from_millis(20));
    }
    // All keys have counted once a dialog that was opened after them is there.
    terminal.press(" ");
    terminal.wait_for("marked 1");
    let frames = terminal.count_written(BEGIN) - before;
    assert!(frames < keys / 2, "{frames} frames for {keys} keys");
}

#[test]
fn ctrl_l_draws_the_screen_anew_in_one_piece() {
    let bench = bench(20);
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for(" shown");
    let before = terminal.count_written(CLEAR);
    terminal.press("\u{c}");
    terminal.wait_written("the screen anew", |text| {
        let last = text.rsplit(CLEAR).next().unwrap_or_default();
        text.matches(CLEAR).count() > before && last.ends_with(END) && last.contains(" shown")
    });
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn mouse_is_off_unless_it_is_enabled_and_a_drag_marks_nothing() {
    const REPORTS: &str = "\u{1b}[?1000h";
    let bench = bench(20);
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for(" shown");
    assert_eq!(terminal.count_written(REPORTS), 0);
    terminal.press(":mouse\r");
    terminal.wait_for("mouse on");
    assert_eq!(terminal.count_written(REPORTS), 1);
    // Pressed in one row, moved and released in others.
    for report in ["0;10;6M", "32;10;8M", "32;10;9M", "0;10;9m"] {
        terminal.press(&format!("\u{1b}[<{report}"));
    }
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0, "marks would be asked about");
    // The cursor that was moved would be offered to be restored.
    let bench = self::bench(20);
    let mut terminal = Terminal::start(&bench, &["--mouse", "devices.json"], 120, 40);
    terminal.wait_for(" shown");
    assert_eq!(terminal.count_written(REPORTS), 1);
    terminal.press("d");
    terminal.wait_for("choose an action");
    let off = "\u{1b}[?1006l\u{1b}[?1000l";
    assert_eq!(terminal.count_written(off), 1);
}

#[test]
fn storm_of_new_sizes_is_drawn_once() {
    let bench = bench(20);
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for(" shown");
    let before = terminal.count_written(CLEAR);
    for width in 80..120 {
        terminal.resize(width, 30);
        std::thread::sleep(Duration::from_millis(10));
    }
    terminal.resize(100, 30);
    let begun = Instant::now();
    terminal.wait("the last size", |_| {
        begun.elapsed() > Duration::from_millis(500)
    });
    terminal.wait_for(" shown");
    let drawn = terminal.count_written(CLEAR) - before;
    // A busy machine may take a pause for the end of the storm.
    assert!((1..=6).contains(&drawn), "drawn {drawn} times");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}
