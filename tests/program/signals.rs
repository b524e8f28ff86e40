//! Signals, and terminals that go away or misbehave.

use std::time::{Duration, Instant};

use offboard::simulator::SimulatorSettings;
use portable_pty::CommandBuilder;
use rustix::process::Signal;

use super::terminal::{Terminal, requested_count};
use super::workbench::{Workbench, ended, signal, wait_until};

fn bench(latency: Duration) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices: 300,
        latency,
        ..SimulatorSettings::default()
    })
}

/// Starts a run of everything on the screen and waits until its first call is answered.
pub fn start_run(terminal: &mut Terminal) -> String {
    terminal.wait_for(" shown");
    terminal.press("adr");
    let count = terminal.confirm();
    terminal.wait("a first answer", has_accepted);
    count
}

/// Some devices were accepted; how many by the time that one looks is anybody's guess.
fn has_accepted(screen: &str) -> bool {
    screen.match_indices(" accepted").any(|(at, _)| {
        let number = screen[..at].rsplit(' ').next().unwrap_or_default();
        number.parse::<u32>().is_ok_and(|number| number > 0)
    })
}

/// The screen on the workbench's list, started by this line of a shell.
fn in_shell(bench: &Workbench, line: &str) -> CommandBuilder {
    let plain = bench.command(&["devices.json"]);
    let mut command = CommandBuilder::new("bash");
    command.args(["-c", line]);
    command.arg(plain.get_program());
    command.args(plain.get_args());
    command.cwd(bench.path("."));
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env("TERM", "xterm-256color");
    command
}

/// Processor time that a process has used, in clock ticks of 10 ms.
fn processor_time(process: rustix::process::Pid) -> u64 {
    let path = format!("/proc/{}/stat", process.as_raw_nonzero());
    let text = std::fs::read_to_string(path).expect("a process");
    // After the name in parentheses: user and system time are the 12th and 13th fields.
    let after = text.rsplit(')').next().expect("fields");
    let fields: Vec<&str> = after.split_whitespace().collect();
    fields[11].parse::<u64>().expect("ticks") + fields[12].parse::<u64>().expect("ticks")
}

#[test]
fn dropped_connection_finishes_the_call_in_flight_and_stops_the_run() {
    let bench = bench(Duration::from_millis(300));
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    start_run(&mut terminal);
    terminal.hang_up();
    wait_until("end", || terminal.has_ended());
    let runs = bench.run(&["runs"]).stdout;
    assert!(runs.contains("stopped"), "{runs}");
    assert!(
        !runs.contains("in doubt"),
        "the call in flight was finished: {runs}"
    );
}

#[test]
fn on_hangup_finish_continues_without_a_screen() {
    let bench = bench(Duration::from_millis(100));
    bench.configure_run("on_hangup = \"finish\"");
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    let count = start_run(&mut terminal);
    terminal.hang_up();
    wait_until("end", || terminal.has_ended());
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    assert!(runs.contains("\"state\":\"finished\""), "{runs}");
    assert_eq!(bench.sends().len().to_string(), count);
}

/// `nohup` and `sudo` have SIGHUP ignored; the library's reader would then spin on the dead terminal.
#[test]
fn terminal_that_vanishes_while_sighup_is_ignored_costs_no_processor_time() {
    let bench = bench(Duration::from_secs(3));
    let command = in_shell(&bench, "trap '' HUP; exec \"$0\" \"$@\"");
    let mut terminal = Terminal::spawn(command, 120, 40);
    terminal.wait_for(" shown");
    terminal.press("adr");
    terminal.confirm();
    wait_until("call in flight", || !bench.simulator.received().is_empty());
    terminal.hang_up();
    let before = processor_time(terminal.process());
    std::thread::sleep(Duration::from_millis(1500));
    assert!(!terminal.has_ended(), "it waits for the call in flight");
    let used = processor_time(terminal.process()) - before;
    // A spinning reader would have used all of the 150 ticks.
    assert!(used < 30, "{used} ticks of 10 ms in 1.5 s");
    wait_until("end", || terminal.has_ended());
    let runs = bench.run(&["runs"]).stdout;
    assert!(runs.contains("stopped"), "{runs}");
}

/// Whatever the screen is at when its terminal goes: were keys read on its own thread, some of these
/// would find it within the read that never ends.
#[test]
fn terminal_may_vanish_at_any_moment() {
    let bench = bench(Duration::ZERO);
    let line = "trap '' HUP; exec \"$0\" \"$@\"";
    for moment in 0..25 {
        let mut terminal = Terminal::spawn(in_shell(&bench, line), 120, 40);
        terminal.wait_for(" shown");
        terminal.press("j");
        std::thread::sleep(Duration::from_micros(moment * 100));
        terminal.hang_up();
        wait_until("end", || terminal.has_ended());
    }
}

#[test]
fn second_signal_exits_immediately_and_leaves_the_call_in_doubt() {
    let bench = bench(Duration::from_secs(2));
    // No call for a token, which would take as long.
    bench.configure_token(&bench.simulator.token());
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("adr");
    let count = terminal.confirm();
    bench.wait_for_calls(1);
    terminal.signal(Signal::TERM);
    terminal.wait_for("leaving after the call in flight");
    let begun = Instant::now();
    terminal.signal(Signal::TERM);
    terminal.wait_until_given_back();
    assert_eq!(terminal.exit_code(), 128 + 15);
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "it didn't wait for the call"
    );
    let rest = bench.left();
    assert_eq!(
        rest.parse::<u64>().expect("a number") + 5,
        count.parse::<u64>().expect("a number"),
        "the canary is in doubt, the rest is left"
    );
}

#[test]
fn ctrl_c_asks_and_a_second_one_exits_immediately() {
    let bench = bench(Duration::ZERO);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("\u{3}");
    terminal.wait_for("leave?");
    terminal.press("\u{3}");
    terminal.wait_until_given_back();
    assert_eq!(terminal.exit_code(), 130);
}

#[test]
fn ctrl_z_finishes_the_call_pauses_and_restores_the_terminal() {
    suspends_and_goes_on(|terminal| terminal.press("\u{1a}"));
}

#[test]
fn sigtstp_from_elsewhere_suspends_as_ctrl_z_does() {
    suspends_and_goes_on(|terminal| {
        let shell = terminal.process().as_raw_nonzero();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        let child = children.expect("a child").trim().parse().expect("one");
        let child = rustix::process::Pid::from_raw(child).expect("a process");
        rustix::process::kill_process(child, Signal::TSTP).expect("signalled");
    });
}

fn suspends_and_goes_on(suspend: impl FnOnce(&mut Terminal)) {
    let bench = bench(Duration::from_millis(300));
    // Only a shell with job control can have a process stopped.
    let mut terminal = Terminal::spawn(
        in_shell(
            &bench,
            "set -m; \"$0\" \"$@\"; echo stopped here; read -r answer; fg",
        ),
        120,
        40,
    );
    start_run(&mut terminal);
    suspend(&mut terminal);
    terminal.wait_until_given_back();
    terminal.wait_for("stopped here");
    let screen = terminal.screen();
    assert!(screen.contains("fg continues it"), "{screen}");
    assert!(screen.contains("(remove) paused:"), "{screen}");
    let calls = bench.deletes().len();
    assert!(
        bench.deletes().iter().all(|call| call.status == Some(200)),
        "the call in flight was answered"
    );
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(bench.deletes().len(), calls, "nothing is sent meanwhile");
    terminal.press("\r");
    terminal.wait_for("paused");
    // `p` paused nothing here: suspending did, and `p` goes on with it as with its own pause.
    let sent = bench.sizes().len();
    terminal.press("p");
    terminal.wait("the run's end", |screen| screen.contains("finished"));
    assert_eq!(bench.sizes()[sent], 5, "a canary again");
    terminal.press("U");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 3);
}

#[test]
fn pastes_of_all_kinds_change_no_mark_and_confirm_nothing() {
    let bench = bench(Duration::ZERO);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    // Keys in a paste, and line breaks.
    terminal.press("\u{1b}[200~a d r\r\n137\r\n\u{1b}[201~");
    // The end marker inside: what comes after it is keys to any program; here `G` and `g` only.
    terminal.press("\u{1b}[200~aa\u{1b}[201~Gg\u{1b}[201~");
    // What follows a paste without a moment of silence is thrown away.
    terminal.wait_out_paste();
    terminal.press("j");
    std::thread::sleep(Duration::from_millis(100));
    let screen = terminal.screen();
    assert!(!screen.contains("●"), "{screen}");
    assert!(!screen.contains("press enter"), "{screen}");
    terminal.press("d");
    terminal.wait_for("What should happen to");
    terminal.press("r");
    let count = requested_count(&terminal);
    // The end marker inside a paste, with the number and enter after it.
    terminal.press(&format!("\u{1b}[200~x\u{1b}[201~{count}\r\u{1b}[201~"));
    terminal.wait_out_paste();
    assert!(bench.simulator.received().is_empty());
    // A paste without an end swallows what follows, and sends nothing.
    terminal.press(&format!("\u{1b}[200~{count}\r{count}\r"));
    terminal.wait_out_paste();
    assert!(bench.simulator.received().is_empty());
    terminal.signal(Signal::TERM);
    terminal.wait_until_given_back();
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn screen_of_one_cell_confirms_nothing_and_comes_back() {
    let bench = bench(Duration::ZERO);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("dr");
    let count = requested_count(&terminal);
    terminal.resize(1, 1);
    std::thread::sleep(Duration::from_millis(700));
    for key in [count.as_str(), "\r"] {
        terminal.press(key);
        std::thread::sleep(Duration::from_millis(100));
    }
    terminal.resize(80, 24);
    assert_eq!(requested_count(&terminal), count, "asked anew");
    assert!(bench.simulator.received().is_empty());
    terminal.press("\u{1b}");
    terminal.wait("the dialog closed", |screen| {
        !screen.contains("press enter")
    });
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn screen_that_was_stopped_is_repainted_and_confirms_again() {
    let bench = bench(Duration::ZERO);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("dr");
    let count = requested_count(&terminal);
    terminal.press(&count);
    terminal.wait_for(&format!("press enter to send:  {count}"));
    terminal.signal(Signal::STOP);
    std::thread::sleep(Duration::from_millis(100));
    // Of a hand that hasn't noticed, and once more when it goes on.
    terminal.press("\r");
    std::thread::sleep(Duration::from_millis(200));
    terminal.signal(Signal::CONT);
    terminal.press("\r");
    terminal.wait_written("terminal taken over again", |text| {
        text.matches("\u{1b}[?1049h").count() == 2
    });
    assert_eq!(requested_count(&terminal), count, "asked anew");
    let screen = terminal.screen();
    assert!(
        !screen.contains(&format!("press enter to send:  {count}")),
        "{screen}"
    );
    assert!(screen.contains("devices.json"), "painted whole:\n{screen}");
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn closed_standard_output_stops_the_run_after_its_call() {
    let bench = bench(Duration::from_millis(50));
    let mut child = bench.start_all();
    bench.wait_for_calls(1);
    drop(child.stdout.take());
    let output = ended(child);
    output.exits(5);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    let runs = bench.run(&["runs"]).stdout;
    assert!(
        runs.contains("stopped") && !runs.contains("in doubt"),
        "{runs}"
    );
}

/// An answer that arrived while the process was stopped is read, though its deadline has passed.
#[test]
fn answer_that_arrived_during_a_stop_is_read_before_the_deadline_is_checked() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 40,
        latency: Duration::from_millis(600),
        ..SimulatorSettings::default()
    });
    bench.configure("request_timeout = \"2s\"");
    let child = bench.start_all();
    // It has arrived, and is answered in a while.
    bench.wait_for_calls(1);
    signal(&child, Signal::STOP);
    // Longer than the deadline.
    std::thread::sleep(Duration::from_millis(2500));
    signal(&child, Signal::CONT);
    let output = ended(child);
    let summary = output.event("summary");
    assert_eq!(summary["in_doubt"], 0, "{}", output.stderr);
    let sends = bench.sends();
    assert!(
        sends.values().all(|&times| times == 1),
        "nothing was resent"
    );
    assert_eq!(summary["state"], "finished", "{}", output.stderr);
}
