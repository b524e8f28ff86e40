//! Tokens end: those of client credentials are renewed before that, a ready one is asked for anew. And
//! after whatever put the credential in question, the first call is a small one.

use std::time::Duration;

use offboard::simulator::SimulatorSettings;
use rustix::process::Signal;

use super::terminal::{Terminal, requested_count};
use super::workbench::{DELETE, Workbench, ended, signal};

fn bench(devices: usize, faults: &str, latency: Duration) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices,
        faults: faults.parse().expect("a plan"),
        latency,
        ..SimulatorSettings::default()
    })
}

#[test]
fn token_is_renewed_before_it_expires_by_one_call_at_a_time() {
    const LIFETIME: Duration = Duration::from_secs(2);
    let bench = Workbench::new(SimulatorSettings {
        devices: 200,
        token_lifetime: LIFETIME,
        ..SimulatorSettings::default()
    });
    bench.configure("batch_size = 5");
    bench.write("some.txt", &bench.known_hwids()[..125].join("\n"));
    let run = bench.run_of("some.txt", "125", &[]);
    run.exits(0);
    let received = bench.simulator.received();
    assert!(
        received.iter().all(|call| call.status == Some(200)),
        "no call met a dead token"
    );
    let tokens: Vec<Duration> = received
        .iter()
        .filter(|call| call.path != DELETE)
        .map(|call| call.at)
        .collect();
    let last = received.last().expect("a call").at;
    assert!(last > LIFETIME, "the first token was dead by {last:?}");
    assert!(tokens.len() >= 2, "{tokens:?}");
    for pair in tokens.windows(2) {
        assert!(pair[1] >= pair[0] + LIFETIME / 2, "{tokens:?}");
    }
}

#[test]
fn status_401_is_answered_with_one_new_token_and_one_resend() {
    let bench = bench(120, "revoke@3", Duration::ZERO);
    let run = bench.run_of("devices.json", &bench.count(), &[]);
    run.finished();
    let calls: Vec<(bool, Option<u16>)> = bench
        .simulator
        .received()
        .iter()
        .map(|call| (call.path == DELETE, call.status))
        .collect();
    let (token, answered) = ((false, Some(200)), (true, Some(200)));
    assert_eq!(
        calls[..6],
        [
            token,
            answered,
            answered,
            (true, Some(401)),
            token,
            answered
        ]
    );
    assert!(calls[6..].iter().all(|&call| call == answered));
    assert!(bench.sends().values().all(|&sends| sends == 1));
}

#[test]
fn new_token_in_place_of_an_expired_one_is_tried_on_a_canary() {
    let bench = bench(120, "revoke@3", Duration::ZERO);
    bench.configure_token(&bench.simulator.token());
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("adr");
    terminal.confirm();
    terminal.wait("a field that listens", |screen| {
        screen.contains("type or paste a token") && !screen.contains("(wait)")
    });
    assert_eq!(bench.sizes(), [5, 50], "the third call met the 401");
    let token = bench.simulator.token();
    terminal.press(&format!("\u{1b}[200~{token}\u{1b}[201~"));
    terminal.wait_for("•••");
    terminal.wait_out_paste();
    terminal.press("\r");
    terminal.wait_for("Resume run");
    terminal.confirm();
    terminal.wait_for("finished");
    assert_eq!(bench.sizes()[..3], [5, 50, 5]);
    terminal.press("U");
    terminal.press("q");
    terminal.exit_code();
}

#[test]
fn first_call_after_a_stop_is_a_canary_again() {
    let bench = bench(120, "", Duration::from_millis(300));
    let child = bench.start_all();
    // While the second call is in flight.
    bench.wait_for_calls(2);
    signal(&child, Signal::TERM);
    let stopped = ended(child);
    stopped.exits(5);
    assert_eq!(bench.sizes(), [5, 50]);
    let resumed = bench.resume(&bench.left());
    resumed.finished();
    assert_eq!(bench.sizes()[2], 5);
    assert!(bench.sends().values().all(|&sends| sends == 1));
}

#[test]
fn expired_token_is_replaced_by_a_masked_one_and_the_run_continues() {
    let bench = Workbench::with(40);
    let config = bench.config();
    let config: Vec<&str> = config
        .lines()
        .filter(|line| !line.starts_with("client_"))
        .collect();
    bench.write("canary", "canary-9f2e-dead");
    bench.write(
        "config.toml",
        &config.join("\n").replace(
            "[limits]",
            &format!("token_file = {:?}\n[limits]", bench.path("canary")),
        ),
    );
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("adr");
    let count = terminal.confirm();
    let screen = terminal.wait("a field that listens", |screen| {
        screen.contains("type or paste a token") && !screen.contains("(wait)")
    });
    assert!(screen.contains(&format!("{count} devices")), "{screen}");
    // The only place where a paste counts.
    let token = bench.simulator.token();
    terminal.press(&format!("\u{1b}[200~{token}\n\u{1b}[201~"));
    terminal.wait_for("•••");
    terminal.wait_out_paste();
    terminal.press("\r");
    terminal.wait_for("Resume run");
    assert_eq!(requested_count(&terminal), count);
    terminal.type_count(&count);
    terminal.wait_for("finished");
    // After a new credential the first call is a canary again.
    let first = bench
        .deletes()
        .into_iter()
        .find(|call| call.status == Some(200));
    let first = first.and_then(|call| call.delete).expect("a call");
    assert_eq!(first.identifiers.len(), 5);
    terminal.press("U");
    terminal.press("q");
    terminal.exit_code();
}

#[test]
fn headless_run_with_an_expired_token_exits_5_with_the_remedy() {
    let bench = Workbench::with(10);
    let url = bench.simulator.url();
    bench.write("canary", "canary-9f2e-dead");
    bench.write(
        "config.toml",
        &format!(
            "[profiles.lab]\nbase_url = \"{url}\"\ntoken_file = {:?}\n",
            bench.path("canary")
        ),
    );
    bench.write("one.txt", "hwid\na1\na2\n");
    let run = bench.run(&[
        "run",
        "one.txt",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "2",
    ]);
    run.exits(5);
    run.says("Provide a valid token");
}
