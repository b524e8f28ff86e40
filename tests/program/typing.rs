//! Unintended keys: sequences that a slow line splits, type-ahead, a key that is stuck. None of them
//! changes a mark or confirms anything.

use std::time::Duration;

use super::terminal::{Terminal, requested_count};
use super::workbench::{Workbench, in_parallel};

/// What a slow line puts between two bytes of a sequence.
const GAP: Duration = Duration::from_millis(30);
/// Between two keys of a hand.
const HAND: Duration = Duration::from_millis(100);
/// Between two characters of a paste on a serial line, without the marks of a paste.
const SLOW_PASTE: Duration = Duration::from_millis(1);
/// What follows a paste without this much silence counts to it.
const SILENCE: Duration = Duration::from_millis(650);
/// So many screens take the cuts in turns.
const SCREENS: usize = 6;

fn bench() -> Workbench {
    Workbench::with(40)
}

fn screen(bench: &Workbench) -> Terminal {
    let terminal = Terminal::start(bench, &["devices.json"], 100, 30);
    terminal.wait_for(" shown");
    terminal
}

/// Screens with state directories of their own, so that none finds the saved view of another.
fn screens(benches: &[Workbench]) -> Vec<Terminal> {
    in_parallel(benches, screen)
}

/// Gives `sequence` to the screens, cut once, at each of its bytes in turn; looks at the screen
/// after each.
fn cut_everywhere(terminals: &mut [Terminal], sequence: &str, look: impl Fn(&Terminal, usize)) {
    let cuts: Vec<usize> = (1..sequence.len()).collect();
    for cuts in cuts.chunks(terminals.len()) {
        for (terminal, &cut) in terminals.iter_mut().zip(cuts) {
            terminal.press(&sequence[..cut]);
        }
        std::thread::sleep(GAP);
        for (terminal, &cut) in terminals.iter_mut().zip(cuts) {
            terminal.press(&sequence[cut..]);
        }
        std::thread::sleep(SILENCE);
        for (terminal, &cut) in terminals.iter().zip(cuts) {
            look(terminal, cut);
        }
    }
}

/// As the slowest line delivers it.
fn byte_by_byte(terminal: &mut Terminal, sequence: &str) {
    for end in 1..=sequence.len() {
        terminal.press(&sequence[end - 1..end]);
        std::thread::sleep(GAP);
    }
}

fn nothing_is_marked(terminal: &Terminal, cut: usize) {
    let screen = terminal.screen();
    let marked = screen.contains("●");
    // The list's own keys: neither a dialog nor another screen has come.
    let elsewhere = !screen.contains("space mark");
    assert!(!marked && !elsewhere, "cut at {cut}:\n{screen}");
}

#[test]
fn paste_that_is_cut_at_any_byte_presses_no_key_of_the_list() {
    let benches: Vec<Workbench> = (0..SCREENS).map(|_| bench()).collect();
    let mut terminals = screens(&benches);
    let paste = "\u{1b}[200~a d r\r\u{1b}[201~";
    cut_everywhere(&mut terminals, paste, nothing_is_marked);
    byte_by_byte(&mut terminals[0], paste);
    std::thread::sleep(SILENCE);
    nothing_is_marked(&terminals[0], paste.len());
    for (terminal, bench) in terminals.iter_mut().zip(&benches) {
        // It was listening all the while.
        terminal.press("a");
        terminal.wait_for("marked");
        assert!(bench.simulator.received().is_empty());
    }
}

#[test]
fn paste_that_is_cut_at_any_byte_confirms_nothing() {
    let benches: Vec<Workbench> = (0..SCREENS).map(|_| bench()).collect();
    let mut terminals = screens(&benches);
    let mut count = String::new();
    for terminal in &mut terminals {
        terminal.press("adr");
        count = requested_count(terminal);
    }
    let paste = format!("\u{1b}[200~{count}\r\u{1b}[201~");
    cut_everywhere(&mut terminals, &paste, |terminal, cut| {
        let screen = terminal.screen();
        assert!(screen.contains("press enter"), "cut at {cut}:\n{screen}");
    });
    byte_by_byte(&mut terminals[0], &paste);
    std::thread::sleep(SILENCE);
    terminals[0].wait_for("press enter");
    assert!(
        benches
            .iter()
            .all(|bench| bench.simulator.received().is_empty())
    );
    // By hand it counts.
    terminals[0].type_count(&count);
    terminals[0].wait_for("finished");
}

#[test]
fn arrow_that_is_cut_at_any_byte_leaves_the_dialog_open() {
    let bench = bench();
    let mut terminal = screen(&bench);
    for arrow in ["\u{1b}[B", "\u{1b}OB", "\u{1b}[1;2B"] {
        byte_by_byte(&mut terminal, arrow);
        std::thread::sleep(GAP * 5);
        nothing_is_marked(&terminal, arrow.len());
    }
    terminal.press("adr");
    let count = requested_count(&terminal);
    for arrow in ["\u{1b}[B", "\u{1b}OB", "\u{1b}[1;2B"] {
        for cut in 1..arrow.len() {
            terminal.press(&arrow[..cut]);
            std::thread::sleep(GAP);
            terminal.press(&arrow[cut..]);
            std::thread::sleep(GAP * 5);
            let screen = terminal.screen();
            assert!(
                screen.contains("press enter"),
                "{arrow:?} at {cut}:\n{screen}"
            );
        }
    }
    assert!(bench.simulator.received().is_empty());
    terminal.press("\u{1b}");
    terminal.wait("the dialog closed", |screen| {
        !screen.contains(&format!("Type {count}"))
    });
}

#[test]
fn type_ahead_into_the_confirmation_sends_nothing() {
    let bench = bench();
    let mut terminal = screen(&bench);
    let count = bench.count();
    terminal.press(&format!("adr{count}\r"));
    // While the dialog is drawn and doesn't listen yet, too.
    for _ in 0..4 {
        std::thread::sleep(Duration::from_millis(80));
        terminal.press(&format!("{count}\r"));
    }
    std::thread::sleep(SILENCE);
    assert!(bench.simulator.received().is_empty());
    assert_eq!(
        requested_count(&terminal),
        count,
        "the confirmation is still open"
    );
    assert!(bench.run(&["runs"]).stdout.is_empty());
}

#[test]
fn arrow_that_is_split_for_longer_than_an_escape_acts_as_no_letter() {
    let arrows = ["\u{1b}[A", "\u{1b}OA", "\u{1b}[1;2A", "\u{1b}[[A"];
    let gaps = [220, 450].map(Duration::from_millis);
    let cases: Vec<_> = gaps
        .into_iter()
        .flat_map(|gap| arrows.map(|arrow| (gap, arrow)))
        .collect();
    in_parallel(&cases, |&(gap, arrow)| {
        let bench = bench();
        let mut terminal = screen(&bench);
        // `A` unmarks, `D` and `B` would be letters too.
        terminal.press("a");
        let marked = |screen: &str| screen.contains("● 4");
        terminal.wait("marks", marked);
        terminal.press_slowly(arrow, gap);
        std::thread::sleep(gap);
        let screen = terminal.screen();
        assert!(marked(&screen), "{arrow:?} at {gap:?}:\n{screen}");
        terminal.press("A");
        terminal.wait("no marks", |screen| !marked(screen));
    });
}

#[test]
fn slow_paste_without_marks_confirms_nothing_and_a_hand_does() {
    let bench = bench();
    let mut terminal = screen(&bench);
    terminal.press("adr");
    let count = requested_count(&terminal);
    let pasted = [
        format!("s{count}\r"),
        format!("{count} devices of the leavers, as agreed with the service desk today\r"),
        format!("leavers: {count}\r"),
        format!("{count}\r\r"),
    ];
    for pasted in pasted {
        terminal.press_slowly(&pasted, SLOW_PASTE);
        terminal.wait_for(":  doesn't count");
        // The end of the next line, which some terminals send after a pause.
        std::thread::sleep(SILENCE);
        terminal.press("\r");
        terminal.wait_for("Press backspace");
        terminal.press("\u{7f}");
        terminal.wait("a cleared field", |screen| {
            !screen.contains(":  doesn't count") && screen.contains("press enter to ")
        });
    }
    assert!(bench.simulator.received().is_empty());
    std::thread::sleep(HAND);
    terminal.press_slowly(&format!("{count}\r"), HAND);
    terminal.wait_for("finished");
}

#[test]
fn burst_in_the_table_goes_no_further_than_the_dialog() {
    in_parallel(&[SLOW_PASTE, HAND], |&pace| {
        let bench = bench();
        let mut terminal = screen(&bench);
        let count = bench.count();
        terminal.press_slowly(&format!("adr{count}\r{count}\r{count}\r"), pace);
        std::thread::sleep(SILENCE);
        assert_eq!(
            requested_count(&terminal),
            count,
            "the confirmation is still open"
        );
        assert!(bench.simulator.received().is_empty());
    });
}

#[test]
fn enter_key_that_is_stuck_confirms_nothing() {
    let bench = bench();
    let mut terminal = screen(&bench);
    terminal.press("adr");
    let stuck = |terminal: &mut Terminal| {
        for _ in 0..25 {
            terminal.press("\r");
            std::thread::sleep(GAP);
        }
    };
    // From before the dialog is there until long after it listens.
    stuck(&mut terminal);
    let count = requested_count(&terminal);
    stuck(&mut terminal);
    // The number with the key still stuck: nobody types like that.
    terminal.press(&format!("{count}\r"));
    stuck(&mut terminal);
    assert!(bench.simulator.received().is_empty());
    assert!(bench.run(&["runs"]).stdout.is_empty());
}
