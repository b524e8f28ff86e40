//! What goes over the line to the terminal: whole frames, and no more of them than it takes.

use std::time::{Duration, Instant};

use offboard::simulator::SimulatorSettings;

use super::terminal::Terminal;
use super::workbench::Workbench;

const BEGIN: &str = "\u{1b}[?2026h";
const END: &str = "\u{1b}[?2026l";
const CLEAR: &str = "\u{1b}[2J";
const LEAVE: &str = "\u{1b}[?1049l";

fn bench(devices: usize) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices,
        ..SimulatorSettings::default()
    })
}

/// The text that a terminal would show: without control sequences, and without titles and the like.
fn without_sequences(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = match part.as_bytes().first() {
            Some(b'[') => {
                let end = part[1..].find(|letter: char| ('\u{40}'..='\u{7e}').contains(&letter));
                end.map_or("", |end| &part[end + 2..])
            }
            // It ends with a bell, or with the escape that begins the next part.
            Some(b']') => part.split_once('\u{7}').map_or("", |(_, rest)| rest),
            // A single letter.
            _ => part.get(1..).unwrap_or_default(),
        };
        shown.push_str(rest);
    }
    shown
}

#[test]
fn frame_is_one_synchronized_update() {
    let bench = bench(20);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("jjj ");
    terminal.wait_for("● 1");
    terminal.quit();
    terminal.wait_until_given_back();
    let frames = terminal.count_written(BEGIN);
    assert!(frames >= 2, "{frames}");
    assert_eq!(frames, terminal.count_written(END));
    // Outside of one only small changes are written, of less than 256 bytes for each of the six keys.
    let written = String::from_utf8(terminal.written()).expect("text");
    let (on_screen, _) = written.split_once(LEAVE).expect("the screen was left");
    let outside: String = on_screen
        .split(BEGIN)
        .map(|part| part.rsplit(END).next().unwrap_or_default())
        .collect();
    let text = without_sequences(&outside);
    assert!(!text.contains(" shown"), "{outside:?}");
    assert!(text.len() < 6 * 256, "{outside:?}");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn held_key_on_a_slow_line_skips_frames() {
    let bench = bench(600);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    // From the last row of the screen on each step scrolls the table.
    terminal.press("\u{1b}[6~");
    terminal.slow_down(20_000);
    let before = terminal.count_written(BEGIN);
    let keys = 120;
    for _ in 0..keys {
        terminal.press("j");
        std::thread::sleep(Duration::from_millis(20));
    }
    // All keys have counted once what the last one does is on the screen.
    terminal.press(" ");
    terminal.wait_for("● 1");
    let frames = terminal.count_written(BEGIN) - before;
    assert!(frames < keys / 2, "{frames} frames for {keys} keys");
}

#[test]
fn ctrl_l_draws_the_screen_anew_in_one_piece() {
    let bench = bench(20);
    let mut terminal = Terminal::opened(&bench, 120, 40);
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
    let mut terminal = Terminal::opened(&bench, 120, 40);
    assert_eq!(terminal.count_written(REPORTS), 0);
    terminal.press(":mouse\r");
    terminal.wait_for("Mouse on");
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
    terminal.wait_for("What should happen");
    let off = "\u{1b}[?1006l\u{1b}[?1000l";
    assert_eq!(terminal.count_written(off), 1);
}

#[test]
fn copied_text_goes_to_the_clipboard_or_to_a_private_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = bench(20);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("yn");
    terminal.wait_for("clipboard");
    terminal.wait_written("a clipboard", |text| text.contains("\u{1b}]52;c;"));
    let path = bench.path("state/copied.txt");
    assert!(!path.exists());
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    // The console has no clipboard, and would print the sequences.
    let variables = [("TERM", "linux")];
    let mut console = Terminal::start_with(&bench, &["devices.json"], &variables, 120, 40);
    console.wait_for(" shown");
    console.press("yn");
    console.wait_for("copied.txt written");
    let written = String::from_utf8(console.written()).expect("text");
    assert!(!written.contains("\u{1b}]"), "{written:?}");
    let mode = path.metadata().expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    console.press("q");
    assert_eq!(console.exit_code(), 0);
}

#[test]
fn window_title_and_progress_follow_the_run_and_are_given_back() {
    let bench = bench(60);
    let variables = [("WT_SESSION", "1")];
    let mut terminal = Terminal::start_with(&bench, &["devices.json"], &variables, 120, 40);
    terminal.wait_for(" shown");
    let title = "\u{1b}]2;offboard\u{7}";
    terminal.wait_written("the title", |text| text.contains(title));
    terminal.press("jjjkkk");
    terminal.press("adr");
    terminal.confirm();
    terminal.wait_for("finished");
    terminal.wait_written("the title at the end", |text| {
        text.contains("\u{1b}]2;offboard · 100 %")
    });
    assert_eq!(terminal.count_written(title), 1, "only when it changes");
    let percents = terminal.count_written("\u{1b}]9;4;1;");
    assert!(percents >= 1);
    // Without those that end a title or progress.
    let text = String::from_utf8(terminal.written()).expect("text");
    let bells = |text: &str| {
        let mut outside = text.split("\u{1b}]");
        let first = outside.next().unwrap_or_default().matches('\u{7}').count();
        let rest = outside.map(|part| part.matches('\u{7}').count() - 1);
        first + rest.sum::<usize>()
    };
    assert_eq!(bells(&text), 1, "once, at the end of the run");
    terminal.quit();
    terminal.wait_until_given_back();
    terminal.wait_written("the title given back", |text| {
        text.contains("\u{1b}[22;2t") && text.contains("\u{1b}[23;2t")
    });
    assert!(terminal.count_written("\u{1b}]9;4;0\u{7}") >= 1);
}

#[test]
fn scrollback_keeps_a_summary_of_the_session() {
    let bench = bench(20);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("  q");
    terminal.wait_for("leave?");
    terminal.press("y");
    terminal.wait_for("2 marks saved: offered when the list is opened again");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn bell_is_silent_if_the_configuration_says_so() {
    let bench = bench(20);
    let path = bench.path("config.toml");
    let config = std::fs::read_to_string(&path).expect("a configuration");
    bench.write("config.toml", &format!("{config}\n[ui]\nbell = false\n"));
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("adr");
    terminal.confirm();
    terminal.wait_for("finished");
    terminal.wait_written("the title at the end", |text| {
        text.contains("\u{1b}]2;offboard · 100 %")
    });
    let text = String::from_utf8(terminal.written()).expect("text");
    let titles = text.matches("\u{1b}]2;").count();
    assert_eq!(text.matches('\u{7}').count(), titles);
}

#[test]
fn storm_of_new_sizes_is_drawn_once() {
    let bench = bench(20);
    let mut terminal = Terminal::opened(&bench, 120, 40);
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
