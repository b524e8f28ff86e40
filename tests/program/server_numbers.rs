//! The numbers that a server names: of its rate limit, of a wait, of a token's lifetime.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::hostile::{Answer, SECRET, bench};
use super::workbench::{DELETE, Output, WINDOW, ended_in_time, in_parallel, start};

const TOKEN_CALL: &str = "/o/oauth/token";
const YEARS: i64 = 5 * 365 * 24 * 3600;

#[test]
fn invalid_rate_headers_delay_a_run_by_at_most_its_own_window() {
    let now = Timestamp::now();
    let (milliseconds, seconds) = (now.as_millisecond(), now.as_second());
    let reset = |time: i64| format!("X-RateLimit-Reset-Time: {time}");
    let soon = http_date(now + SignedDuration::from_secs(30));
    let headers = [
        vec![reset(milliseconds + 30_000)],
        vec![reset(seconds + 7200)],
        vec![reset(i64::MAX)],
        vec![reset(-1)],
        vec!["Retry-After: 30000".to_owned()],
        vec!["Retry-After: 86400".to_owned()],
        vec![
            format!("Retry-After: {soon}"),
            "Date: Thu, 01 Jan 1970 00:00:00 GMT".to_owned(),
        ],
    ];
    in_parallel(&headers, |headers| {
        let sent = headers.clone();
        let bench = bench(SECRET, move |request| {
            let answer = match request.path.as_str() {
                TOKEN_CALL => Answer::token("t0ken"),
                _ => Answer::accepted(request),
            };
            sent.iter()
                .fold(answer.with("X-RateLimit-Remaining: 0"), Answer::with)
        });
        bench.write("two.txt", "00:0c:29:11:22:33\nhwid-2\n");
        let mut command = bench.command(&["run", "two.txt", "--action", "remove", "--all"]);
        command.args(["--allow", "most", "--expect-count", "2"]);
        let run = ended_in_time(start(command));
        assert_eq!(run.code, Some(0), "{headers:?}: {}", run.stderr);
    });
}

/// A date as HTTP has it.
fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// An answer of 429, made `now` by the server's clock.
type Refusal = fn(now: Timestamp) -> Answer;

fn wait_until(time: Timestamp) -> Answer {
    Answer::new(429, "busy").with(format!("Retry-After: {}", http_date(time)))
}

/// How long a run waits after a 429 before it sends the same call again, and how it ends. The server's
/// clock is off by this many seconds.
fn wait_after(refusal: Refusal, clock_error: i64) -> (Duration, Output) {
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let seen = arrivals.clone();
    let bench = bench(SECRET, move |request| {
        if request.path == TOKEN_CALL {
            return Answer::token("t0ken");
        }
        let mut seen = seen.lock().expect("arrivals");
        seen.push(Instant::now());
        if seen.len() > 1 {
            return Answer::accepted(request);
        }
        let now = Timestamp::now() + SignedDuration::from_secs(clock_error);
        refusal(now).with(format!("Date: {}", http_date(now)))
    });
    bench.write("one.txt", "00:0c:29:11:22:33\n");
    let mut command = bench.command(&["run", "one.txt", "--action", "remove", "--all"]);
    command.args(["--expect-count", "1", "--output", "jsonl"]);
    let run = ended_in_time(start(command));
    let arrivals = arrivals.lock().expect("arrivals");
    assert_eq!(arrivals.len(), 2, "{}", run.stderr);
    (arrivals[1] - arrivals[0], run)
}

#[test]
fn retry_after_as_a_date_is_obeyed_by_the_servers_clock() {
    const ASKED: SignedDuration = SignedDuration::from_secs(4);
    let http = |now: Timestamp| wait_until(now + ASKED);
    // The form of 1985, and that of C's asctime.
    let rfc850 = |now: Timestamp| {
        let date = (now + ASKED).strftime("%A, %d-%b-%y %H:%M:%S GMT");
        Answer::new(429, "busy").with(format!("Retry-After: {date}"))
    };
    let asctime = |now: Timestamp| {
        let date = (now + ASKED).strftime("%a %b %e %H:%M:%S %Y");
        Answer::new(429, "busy").with(format!("Retry-After: {date}"))
    };
    // The stricter of two counts.
    let two = |now: Timestamp| {
        wait_until(now + SignedDuration::from_secs(1))
            .with(format!("Retry-After: {}", http_date(now + ASKED)))
    };
    let cases: [(Refusal, i64); 6] = [
        (http, 0),
        (http, -YEARS),
        (http, YEARS),
        (two, 0),
        (rfc850, -3600),
        (asctime, 3600),
    ];
    in_parallel(&cases, |&(refusal, clock_error)| {
        let (waited, run) = wait_after(refusal, clock_error);
        assert_eq!(run.code, Some(0), "{clock_error}: {}", run.stderr);
        let asked = Duration::from_secs(4);
        assert!(waited >= asked, "{clock_error}: {waited:?}");
        assert!(waited < asked * 5, "{clock_error}: {waited:?}");
        let said = run.stderr.contains("429; next call at ");
        assert!(said, "{clock_error}: {}", run.stderr);
    });
}

#[test]
fn retry_after_that_says_nothing_waits_for_the_own_window() {
    let past = |now: Timestamp| wait_until(now - SignedDuration::from_secs(YEARS));
    let no_day = |_| Answer::new(429, "busy").with("Retry-After: Fri, 31 Feb 2026 99:00:00 GMT");
    let negative = |_| Answer::new(429, "busy").with("Retry-After: -5");
    let huge = |_| Answer::new(429, "busy").with("Retry-After: 99999999999999999999");
    let empty = |_| Answer::new(429, "busy").with("Retry-After: ");
    let soon = |_| Answer::new(429, "busy").with("Retry-After: 0");
    let milliseconds = |now: Timestamp| {
        let reset = now.as_millisecond() + 30_000;
        Answer::new(429, "busy").with(format!("X-RateLimit-Reset-Time: {reset}"))
    };
    let next_day = |now: Timestamp| {
        let reset = now.as_second() + 86_400;
        Answer::new(429, "busy").with(format!("X-RateLimit-Reset-Time: {reset}"))
    };
    let cases: [(&str, Refusal); 8] = [
        ("past", past),
        ("no day", no_day),
        ("negative", negative),
        ("huge", huge),
        ("empty", empty),
        ("soon", soon),
        ("milliseconds", milliseconds),
        ("next day", next_day),
    ];
    in_parallel(&cases, |&(name, refusal)| {
        let (waited, run) = wait_after(refusal, 0);
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        assert!(waited >= WINDOW, "{name}: {waited:?}");
        assert!(waited < WINDOW * 10, "{name}: {waited:?}");
    });
}

/// A run whose tenant answers each token call with this, and how many delete calls it made.
fn run_with_token_answer(status: u16, answer: &str) -> (Output, usize) {
    let deletes = Arc::new(Mutex::new(0));
    let (counted, answer) = (deletes.clone(), answer.to_owned());
    let bench = bench(SECRET, move |request| match request.path.as_str() {
        TOKEN_CALL => Answer::new(status, answer.clone()),
        path => {
            assert_eq!(path, DELETE);
            *counted.lock().expect("a count") += 1;
            if request.query.contains("t0ken") {
                Answer::accepted(request)
            } else {
                Answer::new(401, "no such token")
            }
        }
    });
    bench.write("one.txt", "00:0c:29:11:22:33\n");
    let mut command = bench.command(&["run", "one.txt", "--action", "remove", "--all"]);
    command.args(["--expect-count", "1"]);
    let run = ended_in_time(start(command));
    let deletes = *deletes.lock().expect("a count");
    (run, deletes)
}

#[test]
fn token_is_used_whatever_its_lifetime_looks_like() {
    let lifetimes = [
        "\"3600\"",
        "\"soon\"",
        "\"\"",
        "3600.0",
        "0.001",
        "1e-9",
        "0",
        "-1",
        "1e999",
        "123456789012345678901234567890",
        "null",
        "true",
        "{}",
        "[3600]",
        "1, \"expires_in\": 60",
    ];
    in_parallel(&lifetimes, |lifetime| {
        let answer = format!(r#"{{"access_token": "t0ken", "expires_in": {lifetime}}}"#);
        let (run, deletes) = run_with_token_answer(200, &answer);
        assert_eq!(run.code, Some(0), "{lifetime}: {}", run.stderr);
        assert_eq!(deletes, 1, "{lifetime}: the token isn't renewed for it");
    });
}

#[test]
fn token_answer_without_a_token_says_what_is_wrong_with_it() {
    let answers = [
        ("{}", "holds no access_token"),
        (r#"{"expires_in": 3600}"#, "holds no access_token"),
        (r#"{"access_token": ""}"#, "empty or not a string"),
        (r#"{"access_token": null}"#, "empty or not a string"),
        (r#"{"access_token": ["t0ken"]}"#, "empty or not a string"),
        (r#"["t0ken"]"#, "is not a JSON object"),
        ("<html>t0ken</html>", "is not a JSON object"),
        ("", "is not a JSON object"),
    ];
    in_parallel(&answers, |(answer, why)| {
        let (run, deletes) = run_with_token_answer(200, answer);
        assert_eq!(run.code, Some(5), "{answer}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{answer}: {}", run.stderr);
        assert_eq!(deletes, 0, "{answer}");
        // Whatever it may be, it may be a token.
        assert!(!run.stderr.contains("t0ken"), "{answer}: {}", run.stderr);
    });
}

#[test]
fn token_in_an_answer_that_grants_none_is_not_shown() {
    let answers = [
        (201, r#"{"access_token": "t0ken"}"#),
        (302, "Moved to /callback#access_token=t0ken"),
        (
            403,
            "<pre>{&quot;access_token&quot;: &quot;t0ken&quot;}</pre>",
        ),
        (500, r#"{"debug": "{\"refresh_token\":\"t0ken\"}"}"#),
    ];
    in_parallel(&answers, |&(status, answer)| {
        let (run, deletes) = run_with_token_answer(status, answer);
        assert_eq!(run.code, Some(5), "{status}: {}", run.stderr);
        let said = format!("status {status}; its answer is not shown");
        assert!(run.stderr.contains(&said), "{status}: {}", run.stderr);
        assert!(!run.stderr.contains("t0ken"), "{status}: {}", run.stderr);
        assert_eq!(deletes, 0, "{status}");
    });
}
