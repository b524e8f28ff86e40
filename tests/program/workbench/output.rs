//! What a command left behind, checked against the schemas and searched for secrets.

use std::fmt;
use std::process::Command;
use std::sync::LazyLock;

use jsonschema::Validator;
use offboard::simulator::CLIENT_SECRET;
use serde_json::Value;

/// What a command left behind.
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Runs `command` to its end.
    pub fn of(mut command: Command) -> Self {
        Self::read(&command.output().expect("it runs"))
    }

    /// What a child left behind, searched.
    pub fn read(output: &std::process::Output) -> Self {
        search("standard output", &output.stdout);
        search("standard error", &output.stderr);
        check_json(&String::from_utf8_lossy(&output.stdout));
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// It ended with this code.
    #[track_caller]
    pub fn exits(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{self}");
    }

    /// Standard error has this text.
    #[track_caller]
    pub fn says(&self, text: &str) {
        assert!(self.stderr.contains(text), "without {text:?}:\n{self}");
    }

    /// Standard output has this text.
    #[track_caller]
    pub fn prints(&self, text: &str) {
        assert!(self.stdout.contains(text), "without {text:?}:\n{self}");
    }

    /// The run that it was about has finished.
    #[track_caller]
    pub fn finished(&self) {
        assert_eq!(self.event("summary")["state"], "finished", "{self}");
    }

    /// The JSON lines of this event.
    pub fn events(&self, event: &str) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a JSON line"))
            .filter(|line| line["event"] == event)
            .collect()
    }

    /// The only JSON line of this event.
    pub fn event(&self, event: &str) -> Value {
        let mut events = self.events(event);
        assert_eq!(events.len(), 1, "{}\n{}", self.stdout, self.stderr);
        events.remove(0)
    }
}

/// Both streams, for the message of a failed assertion.
impl fmt::Display for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n{}", self.stdout, self.stderr)
    }
}

/// What must never be written anywhere: the client secret, the tokens of the simulated tenant, and
/// what tests put in place of a secret.
pub fn search(what: &str, bytes: &[u8]) {
    for secret in [CLIENT_SECRET, "simulator-token", "canary-9f2e"] {
        let found = memchr::memmem::find(bytes, secret.as_bytes()).is_some();
        assert!(!found, "{secret} is in {what}");
    }
}

/// Every JSON line, and every reading report, is as the schemas in `docs/` describe it.
fn check_json(printed: &str) {
    static LINES: LazyLock<Validator> =
        LazyLock::new(|| validator(include_str!("../../../docs/schema/lines.schema.json")));
    static REPORT: LazyLock<Validator> =
        LazyLock::new(|| validator(include_str!("../../../docs/schema/inspect.schema.json")));
    let check = |validator: &Validator, value: &Value| {
        let errors: Vec<String> = validator
            .iter_errors(value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{value}\n{}", errors.join("\n"));
    };
    if let Some(report) = printed.strip_prefix("{\n") {
        let report = serde_json::from_str(&format!("{{{report}")).expect("a report");
        return check(&REPORT, &report);
    }
    // An export of devices as an array is a list, not lines.
    for line in printed.lines().take_while(|line| *line != "[") {
        // A process that was killed may leave half a line.
        if line.starts_with('{')
            && let Ok(value) = serde_json::from_str(line)
        {
            check(&LINES, &value);
        }
    }
}

fn validator(schema: &str) -> Validator {
    let schema = serde_json::from_str(schema).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}
