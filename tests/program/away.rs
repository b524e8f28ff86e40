//! What the next start says of a run whose terminal was closed.

use std::time::Duration;

use offboard::simulator::SimulatorSettings;

use super::signals::start_run;
use super::terminal::Terminal;
use super::workbench::{Workbench, in_parallel, wait_until};

const AWAY: &str = "while you were away: ";

/// The run stops, or goes on to its end, as `on_hangup` says.
#[test]
fn next_start_says_once_what_happened_after_the_terminal_was_closed() {
    in_parallel(&[false, true], |&finishes| {
        let bench = Workbench::new(SimulatorSettings {
            devices: 60,
            latency: Duration::from_millis(700),
            ..SimulatorSettings::default()
        });
        if finishes {
            bench.configure_run("on_hangup = \"finish\"");
        }
        let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
        start_run(&mut terminal);
        terminal.hang_up();
        wait_until("end", || terminal.has_ended());
        let kept = || {
            bench
                .path("state/away")
                .read_dir()
                .map_or(0, Iterator::count)
        };
        assert_eq!(kept(), 1);

        let arguments: &[&str] = &["devices.json"];
        let mut terminal = Terminal::start(&bench, arguments, 120, 40);
        let screen = terminal.wait_for(AWAY);
        let line = screen
            .split(AWAY)
            .nth(1)
            .and_then(|rest| rest.lines().next());
        let line = line.expect("a line");
        assert!(line.contains(" accepted"), "{line}");
        assert_eq!(screen.matches(AWAY).count(), 1, "{screen}");
        if finishes {
            assert!(line.contains("finished "), "{line}");
        } else {
            assert!(line.contains("stopped "), "{line}");
            assert!(line.contains(" left"), "{line}");
            assert_eq!(screen.matches("(SIGHUP)").count(), 1, "{screen}");
            // The run is announced when that has been read.
            terminal.press("j");
            let screen = terminal.wait_for("1 run stopped with ");
            assert!(!screen.contains(AWAY), "{screen}");
        }
        terminal.leave("q");
        assert_eq!(kept(), 0, "it was shown");

        let terminal = Terminal::start(&bench, arguments, 120, 40);
        let screen = terminal.wait_for(" shown");
        assert!(!screen.contains(AWAY), "once: {screen}");
        terminal.leave("q");
    });
}
