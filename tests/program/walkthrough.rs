//! Runs `docs/walkthrough.md` from top to bottom. `OFFBOARD_UPDATE_DOCS=1 cargo test --test program
//! walkthrough` writes the answers of its commands anew, and draws its picture.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use offboard::simulator::{CLIENT_ID, CLIENT_SECRET, SimulatorSettings};
use regex::Regex;

use super::pictures::{self, UPDATE};
use super::terminal::Terminal;
use super::workbench::{Output, Workbench};

/// The window of the rate limit, which is awaited before each command: so none has to wait.
const WINDOW: Duration = Duration::from_millis(300);
/// Longer answers are cut in the page.
const LONGEST: usize = 22;
/// Stands for lines that the page leaves out.
const CUT: &str = "…";

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/walkthrough.md")
}

/// The tenant and the configuration that the page describes. None without OpenSSH, by which Ben approves.
fn bench() -> Option<Workbench> {
    let bench = Workbench::new(SimulatorSettings {
        devices: 400,
        seed: 3,
        wakes: 4,
        returns: 15,
        limit: 1000,
        ..SimulatorSettings::default()
    });
    let key = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "ben", "-f"])
        .arg(bench.path("ben"))
        .status();
    if key.is_err() {
        return None;
    }
    let public = std::fs::read_to_string(bench.path("ben.pub")).expect("a public key");
    bench.write("allowed_signers", &format!("ben@example.com {public}"));
    let text = std::fs::read_to_string(page()).expect("the page");
    let (_, rest) = text.split_once("```toml\n").expect("a configuration");
    let (config, _) = rest.split_once("```").expect("its end");
    let config = config
        .replace("http://127.0.0.1:8080", &bench.simulator.url())
        .replace("\"simulator-client\"", &format!("\"{CLIENT_ID}\""));
    bench.write("config.toml", &config);
    Some(bench)
}

/// Runs a line of the page; standard output and standard error are one, as on a terminal.
fn answer(bench: &Workbench, line: &str) -> String {
    std::thread::sleep(WINDOW);
    // The last days of the holds in the page will be over.
    let line = line.replace("--until 20", "--until 29");
    let words = shlex::split(&line).expect("words");
    let command: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let direct = bench.command(&command);
    let mut together = Command::new("sh");
    together
        .args(["-c", "exec \"$0\" \"$@\" 2>&1"])
        .arg(direct.get_program())
        .args(direct.get_args())
        .envs(
            direct
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("OFFBOARD_TEST_WINDOW_MS", WINDOW.as_millis().to_string())
        .env("OFFBOARD_SECRET", CLIENT_SECRET)
        .current_dir(bench.path(""));
    shown(bench, &Output::of(together).stdout)
}

/// The answer as the page has it: with the directories, address and days of the story, and without progress.
fn shown(bench: &Workbench, answer: &str) -> String {
    let directory = bench.path("").display().to_string();
    let answer = answer
        .replace(
            &bench.path("state").display().to_string(),
            "~/.local/state/offboard",
        )
        .replace(&directory, "")
        .replace(
            bench.simulator.url().trim_start_matches("http://"),
            "127.0.0.1:8080",
        );
    let patterns = [
        (r"until 29", "until 20"),
        (
            r"(?m)^(the rate limit is used up; next call at .*|\d+ devices read|run \w+: \d+ of .*)\n",
            "",
        ),
    ];
    replace_all(answer, &patterns)
}

fn replace_all(text: String, patterns: &[(&str, &str)]) -> String {
    patterns.iter().fold(text, |text, (pattern, with)| {
        let pattern = Regex::new(pattern).expect("an expression");
        pattern.replace_all(&text, *with).into_owned()
    })
}

/// Without what differs each time: times, ages, and the name of the run.
fn comparable(answer: &str) -> String {
    let run = Regex::new(r"run ([0-9a-z]{8})\b").expect("an expression");
    let answer = match run.captures(answer) {
        Some(found) => answer.replace(&found[1], "RUN"),
        None => answer.to_owned(),
    };
    let patterns = [
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?( UTC|Z)?", "TIME"),
        (r"\d{4}-\d\d-\d\d", "DATE"),
        (r"(\d+ (s|min|h) )+old", "AGE old"),
        (r" +", " "),
    ];
    replace_all(answer, &patterns)
}

/// The answer as the page has it, cut where it is long.
fn cut(answer: &str) -> String {
    let lines: Vec<&str> = answer.lines().collect();
    if lines.len() <= LONGEST {
        return answer.to_owned();
    }
    // What is said at the end matters most.
    let said = lines.iter().rposition(|line| line.starts_with("  "));
    let end = said.map_or(lines.len(), |at| at + 1);
    let mut kept = lines[..LONGEST - 4].to_vec();
    kept.push(CUT);
    kept.extend(&lines[end..]);
    kept.join("\n") + "\n"
}

#[test]
fn walkthrough_is_true() {
    let Some(bench) = bench() else { return };
    let update = std::env::var_os(UPDATE).is_some();
    let text = std::fs::read_to_string(page()).expect("the page");
    let mut written = String::new();
    let mut blocks = text.split("```console\n");
    written.push_str(blocks.next().expect("a beginning"));
    for block in blocks {
        let (session, rest) = block.split_once("```\n").expect("the end of a block");
        written.push_str("```console\n");
        for command in session.split("$ ").filter(|command| !command.is_empty()) {
            let (line, said) = command.split_once('\n').expect("a line");
            let answer = cut(&answer(&bench, line));
            if !update {
                assert_eq!(comparable(said), comparable(&answer), "$ {line}");
            }
            written.push_str(&format!("$ {line}\n{answer}"));
        }
        written.push_str("```\n");
        written.push_str(rest);
    }
    if update {
        std::fs::write(page(), written).expect("written");
        draw(&bench);
        for report in ["report.html", "report-2.html"] {
            let copy = std::env::temp_dir().join(format!("offboard-{report}"));
            std::fs::copy(bench.path(report), copy).expect("copied");
        }
    }
}

/// The screen with what has returned.
fn draw(bench: &Workbench) {
    let environment = [
        ("COLORTERM", "truecolor"),
        ("OFFBOARD_SECRET", CLIENT_SECRET),
    ];
    let mut terminal = Terminal::start_with(bench, &[], &environment, 120, 40);
    terminal.wait_for(" shown");
    terminal.press("/is:returned\r");
    terminal.wait_for("↩ returned");
    terminal.wait_quiet();
    pictures::draw(&terminal, "returned", "the devices that have returned");
}
