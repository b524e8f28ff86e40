//! A tenant that answers whatever a test says, and what the program makes of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::workbench::{Output, Workbench};

/// A request as far as a test looks at it.
pub struct Request {
    pub path: String,
    /// As it was sent, with its escapes.
    pub query: String,
    pub body: String,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    /// Whole lines, such as `Retry-After: 3`.
    pub headers: Vec<String>,
    pub body: String,
}

impl Answer {
    /// An answer without headers of its own.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The same with one more header line.
    pub fn with(mut self, header: impl Into<String>) -> Self {
        self.headers.push(header.into());
        self
    }

    /// A token that is valid for an hour.
    pub fn token(token: &str) -> Self {
        let body = serde_json::json!({ "access_token": token, "expires_in": 3600 });
        Self::new(200, body.to_string())
    }

    /// All devices of a delete call accepted.
    pub fn accepted(request: &Request) -> Self {
        let body: serde_json::Value = serde_json::from_str(&request.body).expect("a delete body");
        let list = body["HWID_list"].as_array().or(body["MAC_list"].as_array());
        let results = vec![1; list.expect("a list").len()];
        Self::new(200, serde_json::json!({ "result": results }).to_string())
    }
}

/// A workbench whose profile points to a tenant that answers like this, and has this client secret.
pub fn bench(
    secret: &str,
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Workbench {
    let bench = Workbench::with(5);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let answer = answer.clone();
            std::thread::spawn(move || serve(stream, &*answer));
        }
    });
    bench.write("secret", secret);
    bench.reconfigure(&bench.simulator.url(), &url);
    bench
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&Request) -> Answer) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0_usize);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let answer = answer(&Request {
        path: path.to_owned(),
        query: query.to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let headers: Vec<String> = answer
        .headers
        .iter()
        .map(|line| format!("{line}\r\n"))
        .collect();
    let headers = headers.concat();
    let text = format!(
        "HTTP/1.1 {} Whatever\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{}",
        answer.status,
        answer.body.len(),
        answer.body
    );
    // The program may be gone.
    let _ = stream.write_all(text.as_bytes());
}

pub const SECRET: &str = "client+hostile/secret=&9";
const TOKEN: &str = "token+hostile/granted=&7";

fn percent(text: &str) -> String {
    let escapes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    escapes.concat()
}

fn unicode(text: &str) -> String {
    let units = text.encode_utf16();
    let escapes: Vec<String> = units.map(|unit| format!("\\u{unit:04X}")).collect();
    escapes.concat()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('+', "&#43;")
        .replace('/', "&#x2F;")
        .replace('=', "&equals;")
}

fn form(text: &str) -> String {
    text.replace('&', "%26")
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3d")
}

/// The login of HTTP's basic authentication, as an intermediary logs it.
fn basic(text: &str) -> String {
    STANDARD.encode(format!("client:{text}"))
}

fn hexadecimal(text: &str) -> String {
    let digits: Vec<String> = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    digits.concat()
}

/// As the bytes of UTF-16.
fn wide(text: &str) -> String {
    text.chars()
        .flat_map(|character| [character, '\0'])
        .collect()
}

fn over_lines(text: &str) -> String {
    text.replace('/', "\r\n/")
}

fn go_json(text: &str) -> String {
    html(text).replace('&', "\\u0026")
}

/// Everything that the program writes for a tenant that answers this to all but token calls.
fn written_of(status: u16, page: &str) -> Vec<String> {
    let echoed = page.to_owned();
    let bench = bench(SECRET, move |request| match request.path.as_str() {
        "/o/oauth/token" => Answer::token(TOKEN),
        _ => {
            // A line break would end the header.
            let line = echoed.replace(char::is_control, "");
            Answer::new(status, echoed.clone()).with(format!("Content-Type: {line}"))
        }
    });
    // By MAC, so that nothing waits for a resend.
    bench.write("one.txt", "00:0c:29:11:22:33\n");
    let log = bench.path("log").display().to_string();
    let more = ["--report", "report.md", "--log-file", &log, "-vv"];
    let run = bench.run_of("one.txt", "1", &more);
    assert!(matches!(run.code, Some(3..=5)), "{}", run.stderr);
    let shown = bench.run(&["runs", "show", "last"]);
    bench.run(&["runs", "export", "last", "-o", "e.jsonl"]);
    let mut written = vec![run.stdout, run.stderr, shown.stdout];
    for file in bench.files() {
        let bytes = std::fs::read(file).expect("read");
        written.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    written
}

#[test]
fn secret_that_the_tenant_repeats_in_any_escape_is_written_nowhere() {
    let plain: fn(&str) -> String = str::to_owned;
    for (name, escape, status) in [
        ("plain", plain, 302),
        ("percent", percent, 403),
        ("unicode", unicode, 500),
        ("html", html, 404),
        ("form", form, 400),
        ("go", go_json, 200),
        ("basic", basic, 403),
        ("hexadecimal", hexadecimal, 500),
        ("wide", wide, 400),
        ("lines", over_lines, 404),
        ("upper case", str::to_uppercase, 403),
    ] {
        let page = format!("{} {}", escape(SECRET), escape(TOKEN));
        let written = written_of(status, &page);
        let masked = written.iter().filter(|text| text.contains("[secret]"));
        assert!(masked.count() > 1, "{name}: the message is recorded");
        for text in written {
            // JSON and our own escapes double them, and show what can't be printed.
            let text = text.replace('\\', "").replace("u{0}", "").to_lowercase();
            for secret in [escape(SECRET), escape(TOKEN), "hostile".to_owned()] {
                let secret = secret.replace(['\\', '\0'], "").to_lowercase();
                assert!(!text.contains(&secret), "{name}: {secret} in {text}");
            }
        }
    }
}

#[test]
fn token_that_is_granted_a_second_time_is_used() {
    let deletes = AtomicUsize::new(0);
    let bench = bench(SECRET, move |request| match request.path.as_str() {
        "/o/oauth/token" => Answer::token(TOKEN),
        _ if deletes.fetch_add(1, Ordering::SeqCst) == 0 => {
            Answer::new(401, format!("{TOKEN} has expired"))
        }
        _ if !request.query.contains("hostile%2Fgranted") => Answer::new(401, "another token"),
        _ => Answer::accepted(request),
    });
    bench.write("one.txt", "00:0c:29:11:22:33\n");
    let run = bench.run_of("one.txt", "1", &[]);
    assert_eq!(run.code, Some(0), "{}\n{}", run.stdout, run.stderr);
}

/// A tenant whose token endpoint answers 429 at first, with a wait of three seconds.
fn busy_bench() -> Workbench {
    late_bench(|| Answer::new(429, "busy").with("Retry-After: 3"))
}

/// A tenant whose token endpoint answers so at first.
fn late_bench(first: impl Fn() -> Answer + Send + Sync + 'static) -> Workbench {
    let tokens = AtomicUsize::new(0);
    bench(SECRET, move |request| match request.path.as_str() {
        "/o/oauth/token" if tokens.fetch_add(1, Ordering::SeqCst) == 0 => first(),
        "/o/oauth/token" => Answer::token(TOKEN),
        "/o/api/v3.7/devices" => Answer::new(200, r#"{"devices":[]}"#),
        _ => Answer::accepted(request),
    })
}

#[test]
fn wait_for_the_token_endpoint_is_printed_with_its_end() {
    let run = || {
        let bench = busy_bench();
        bench.write("one.txt", "00:0c:29:11:22:33\n");
        bench.run_of("one.txt", "1", &[])
    };
    let (run, fetched, failed) = std::thread::scope(|scope| {
        let fetched = scope.spawn(|| busy_bench().run(&["fetch"]));
        let failed = scope.spawn(|| {
            let bench = late_bench(|| Answer::new(503, "closed"));
            let mut fetch = bench.command(&["fetch"]);
            // The next try is after five seconds of a minute.
            fetch.env("OFFBOARD_TEST_WINDOW_MS", "40000");
            Output::of(fetch)
        });
        let fetched = fetched.join().expect("fetched");
        (run(), fetched, failed.join().expect("fetched"))
    });
    run.exits(0);
    let line = run.stderr.lines().find(|line| line.contains("429"));
    let line = line.expect("a line on the wait");
    let said = line.starts_with("the server answered 429; next call at ");
    assert!(said && line.contains(" UTC, in "), "{line}");
    let waiting = run.stderr.lines().filter(|line| {
        line.contains(": 0 of 1 device")
            && line.contains(" · the server answered 429; next call at ")
    });
    assert!(waiting.count() > 1, "{}", run.stderr);
    for (fetched, expected) in [
        (fetched, "the server answered 429; next call at "),
        (failed, "status 503: closed; next call at "),
    ] {
        fetched.exits(0);
        let said = fetched.stderr.contains(expected);
        assert!(said, "{expected}: {}", fetched.stderr);
    }
}

#[test]
fn log_has_every_step_of_a_run() {
    let bench = busy_bench();
    bench.write("one.txt", "00:0c:29:11:22:33\n");
    let log = bench.path("log").display().to_string();
    let run = bench.run_of("one.txt", "1", &["--log-file", &log, "-vv"]);
    run.exits(0);
    let log = std::fs::read_to_string(log).expect("a log");
    for (what, parts) in [
        ("the start", &["started", "command=\"run\""][..]),
        (
            "a token call",
            &["call answered", "path=\"/o/oauth/token\"", "status=429"],
        ),
        ("a wait", &["run waits", "429", "wait_ms=", "until="]),
        (
            "a delete call",
            &[
                "call answered",
                "/o/api/v2/devices/delete",
                "status=200",
                "took_ms=",
            ],
        ),
        (
            "the intent",
            &["step", "command=\"store intent\"", "took_ms="],
        ),
        ("the outcome", &["step", "command=\"store outcome\""]),
        ("what came of it", &["outcomes stored", "accepted=1"]),
        (
            "the state",
            &["run changed its state", "state=\"finished\""],
        ),
        ("the end", &["ended", "exit=0"]),
    ] {
        let is_there = |line: &str| parts.iter().all(|part| line.contains(part));
        assert!(log.lines().any(is_there), "{what} is missing in\n{log}");
    }
    assert!(
        !log.contains("access_token=") && !log.contains('?'),
        "{log}"
    );
}
