//! The number of devices can be typed half a second after the plan has reached the terminal.

use std::time::{Duration, Instant};

use super::replies::Reply;
use super::terminal::{Terminal, requested_count};
use super::workbench::Workbench;

const QUESTION: &str = "\u{1b}[5n";
/// The field, once it listens.
const LISTENS: &str = "press enter to send:  ▏";

/// The screen with the plan of one device, on a terminal that answers so; and when it was requested.
fn planned(bench: &Workbench, reply: Reply) -> (Terminal, Instant) {
    let mut terminal = Terminal::start(bench, &["devices.json"], 120, 40);
    terminal.reply(reply);
    terminal.wait_for(" shown");
    terminal.wait_quiet();
    assert_eq!(terminal.count_written(QUESTION), 0, "only for a plan");
    let asked = plan(&mut terminal);
    (terminal, asked)
}

fn plan(terminal: &mut Terminal) -> Instant {
    terminal.press("d");
    terminal.wait_for("What should happen to");
    let asked = Instant::now();
    terminal.press("r");
    terminal.wait_for("wait…");
    asked
}

fn bench() -> Workbench {
    Workbench::with(20)
}

#[test]
fn plan_is_confirmed_half_a_second_after_it_reached_a_slow_terminal() {
    let bench = bench();
    let (mut terminal, asked) = planned(&bench, Reply::After(Duration::from_millis(900)));
    // Typed for what isn't on the screen yet.
    terminal.press("11");
    let screen = terminal.wait_for(LISTENS);
    assert!(asked.elapsed() >= Duration::from_millis(1400), "{screen}");
    assert!(
        screen.contains("link 0.9 s") || screen.contains("link 1."),
        "{screen}"
    );
    terminal.wait_quiet();
    assert_eq!(
        terminal.count_written(QUESTION),
        1,
        "one for each plan, none while idle"
    );
    terminal.type_count(&requested_count(&terminal));
    terminal.wait_for("finished");
    assert_eq!(bench.sends().len(), 1);
}

#[test]
fn fast_reply_needs_no_more_than_half_a_second_and_no_word_in_the_header() {
    let bench = bench();
    let (mut terminal, asked) = planned(&bench, Reply::AtOnce);
    let screen = terminal.wait_for(LISTENS);
    assert!(asked.elapsed() >= Duration::from_millis(500));
    assert!(!screen.contains("link "), "{screen}");
    terminal.press_while("\u{1b}", LISTENS);
    terminal.leave("q");
}

/// Split at every byte, on its way before the field listens and after it was given up.
#[test]
fn split_reply_types_nothing_and_closes_nothing() {
    for pace in [150, 1000] {
        let bench = bench();
        let (mut terminal, _) = planned(&bench, Reply::Split(Duration::from_millis(pace)));
        terminal.wait_for(LISTENS);
        std::thread::sleep(Duration::from_millis(pace * 2));
        let screen = terminal.screen();
        assert!(screen.contains(LISTENS), "{screen}");
        assert!(!screen.contains("doesn't count"), "{screen}");
        terminal.type_count(&requested_count(&terminal));
        terminal.wait_for("finished");
    }
}

#[test]
fn terminal_that_never_answers_is_waited_for_twice() {
    let bench = bench();
    let (mut terminal, mut asked) = planned(&bench, Reply::Never);
    for _ in 0..2 {
        terminal.wait_for(LISTENS);
        assert!(asked.elapsed() >= Duration::from_millis(3500));
        terminal.press_while("\u{1b}", LISTENS);
        asked = plan(&mut terminal);
    }
    terminal.wait_for(LISTENS);
    assert!(asked.elapsed() < Duration::from_millis(3000));
    assert_eq!(terminal.count_written(QUESTION), 2);
    // In every mode, whatever is awaited.
    terminal.press("\u{3}");
    terminal.wait_for("leave?");
    terminal.press("\u{3}");
    assert_eq!(terminal.exit_code(), 130);
}

#[test]
fn ctrl_c_acts_while_the_reply_is_awaited() {
    let bench = bench();
    let (mut terminal, asked) = planned(&bench, Reply::Never);
    terminal.press("\u{3}\u{3}");
    terminal.wait_until_given_back();
    assert!(asked.elapsed() < Duration::from_secs(3));
    assert_eq!(terminal.exit_code(), 130);
}

/// The library reads 1024 bytes at once, and keeps what they hold of a sequence.
#[test]
fn sequence_that_the_buffer_cuts_presses_no_key() {
    let bench = bench();
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("a");
    terminal.wait_for("20 marked");
    // Its tail alone would remove the marks, as `A`.
    terminal.press(&format!("{}\u{1b}[A", "j".repeat(1023)));
    terminal.wait_quiet();
    terminal.press("k");
    terminal.wait_quiet();
    let screen = terminal.screen();
    assert!(screen.contains("20 marked"), "{screen}");
    terminal.leave("qy");
}
