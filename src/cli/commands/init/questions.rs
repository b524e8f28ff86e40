//! The questions that a first configuration needs, asked line by line on a terminal. No answer is a
//! secret: they say where it is.

use std::io::{BufRead, Write};

use super::settings::ProfileValues;
use crate::cli::CommandError;
use crate::text;

/// The tenant that most administrators have.
const TENANT: &str = "https://gears.opswat.com";
/// What must not be removed by mistake.
const PROTECT: &str = "type:server";
/// The answer that leaves a question with a default open.
const NONE: &str = "-";
/// What the shell would interpret, and nobody does here.
const SHELL: [&str; 8] = ["|", "||", "&", "&&", ";", "<", ">", ">>"];

/// Where a secret is.
#[derive(Clone, Copy)]
enum Place {
    Command,
    File,
    Variable,
}

/// A secret: the keys that say where it is, and defaults for their values.
struct Kind {
    what: &'static str,
    command: (&'static str, &'static str),
    file: (&'static str, &'static str),
    variable: (&'static str, &'static str),
}

const CLIENT_SECRET: Kind = Kind {
    what: "the secret",
    command: ("client_secret_command", "pass show opswat/offboard"),
    file: ("client_secret_file", "~/.config/offboard/client-secret"),
    variable: ("client_secret_env", "OFFBOARD_CLIENT_SECRET"),
};

const TOKEN: Kind = Kind {
    what: "the token",
    command: ("token_command", "pass show opswat/token"),
    file: ("token_file", "~/.config/offboard/token"),
    variable: ("token_env", "OFFBOARD_TOKEN"),
};

/// Asks on `output`, and reads the answers from `input`.
pub(super) struct Dialogue<'a> {
    /// Where answers come from, one per line.
    pub(super) input: &'a mut dyn BufRead,
    /// Where questions go.
    pub(super) output: &'a mut dyn Write,
}

impl Dialogue<'_> {
    /// Asks all questions. An error if the input ends.
    pub(super) fn settings(&mut self) -> Result<ProfileValues, CommandError> {
        self.say(
            "Enter accepts the answer in brackets, ctrl-c ends without writing anything.\n\
             Never type a secret here: the configuration only names its place.\n",
        )?;
        let mut settings = ProfileValues::default();
        let tenant = self.ask("1/4 tenant, its address", Some(TENANT), |answer| {
            valid(&settings.with("base_url", answer), answer)
        })?;
        settings.set("base_url", tenant);
        self.credential(&mut settings)?;
        self.say(
            "\nProfiles with the same tenant and account share a rate limit; without an\n\
             account, all profiles of a tenant do.",
        )?;
        let account = self.ask("3/4 account (optional)", None, |answer| {
            if answer.is_empty() || answer == NONE {
                return Ok(None);
            }
            valid(&settings.with("account", answer), answer).map(Some)
        })?;
        if let Some(account) = account {
            settings.set("account", account);
        }
        self.say("\nDevices that match this query are never sent. - protects none.")?;
        let protect = self.ask("4/4 protect", Some(PROTECT), |answer| {
            if answer == NONE {
                return Ok(None);
            }
            valid(&settings.with("protect", vec![answer]), answer).map(Some)
        })?;
        if let Some(query) = protect {
            settings.set("protect", vec![query]);
        }
        Ok(settings)
    }

    /// Shows what is written to `path`, and waits for enter.
    pub(super) fn confirm(&mut self, lines: &str, path: &str) -> Result<(), CommandError> {
        self.say(&format!("\n{lines}"))?;
        let question = format!("Enter writes this, with comments, to {path}");
        self.ask(&question, None, |answer| match answer {
            "" | "y" | "yes" => Ok(()),
            _ => Err(AnswerError::Confirmation),
        })
    }

    fn credential(&mut self, settings: &mut ProfileValues) -> Result<(), CommandError> {
        self.say(
            "\nThe credential is a client key with a secret, from the console's OAuth portal,\nor a token.\n\
             \x20 1  the secret comes from a command, such as pass show opswat/offboard\n\
             \x20 2  the secret is in a file that only you can read\n\
             \x20 3  the secret is in an environment variable\n\
             \x20 4  a ready token in place of a client key",
        )?;
        let place = self.ask("2/4 credential", Some("1"), |answer| match answer {
            "4" => Ok(None),
            _ => place_of(answer, "1, 2, 3 or 4").map(Some),
        })?;
        if let Some(place) = place {
            let id = self.ask("    client key", None, |answer| match answer {
                "" => Err(AnswerError::NoClientKey),
                _ => Ok(answer.to_owned()),
            })?;
            settings.set("client_id", id);
            return self.source(&CLIENT_SECRET, place, settings);
        }
        let place = self.ask(
            "    token from a command (1), a file (2) or an environment variable (3)",
            Some("1"),
            |answer| place_of(answer, "1, 2 or 3"),
        )?;
        self.source(&TOKEN, place, settings)
    }

    fn source(
        &mut self,
        kind: &Kind,
        place: Place,
        to: &mut ProfileValues,
    ) -> Result<(), CommandError> {
        let what = kind.what;
        match place {
            Place::Command => {
                let (key, default) = kind.command;
                let question = format!("    command that prints {what}");
                let words = self.ask(&question, Some(default), |answer| {
                    let words = words(answer)?;
                    valid(&to.with(key, words.clone()), &words)
                })?;
                to.set(key, words);
            }
            Place::File => {
                let (key, default) = kind.file;
                let question = format!("    file that contains {what}");
                let file = self.ask(&question, Some(default), |answer| {
                    if !answer.starts_with('/') && !answer.starts_with("~/") {
                        return Err(AnswerError::RelativePath);
                    }
                    valid(&to.with(key, answer), answer)
                })?;
                to.set(key, file);
            }
            Place::Variable => {
                let (key, default) = kind.variable;
                let question = format!("    variable that contains {what}");
                let name = self.ask(&question, Some(default), |answer| {
                    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                    if !answer.bytes().all(is_of_name) {
                        return Err(AnswerError::VariableName);
                    }
                    valid(&to.with(key, answer), answer)
                })?;
                to.set(key, name);
            }
        }
        Ok(())
    }

    /// Asks until `check` accepts the answer, which is `default` for an empty line.
    fn ask<T>(
        &mut self,
        question: &str,
        default: Option<&str>,
        check: impl Fn(&str) -> Result<T, AnswerError>,
    ) -> Result<T, CommandError> {
        loop {
            let brackets = default.map(|default| format!(" [{default}]"));
            write!(self.output, "{question}{}: ", brackets.unwrap_or_default())?;
            self.output.flush()?;
            let mut line = Vec::new();
            if self.input.read_until(b'\n', &mut line)? == 0 {
                return Err(CommandError::usage(
                    "the input ended before the last answer: nothing was written",
                ));
            }
            let checked = match String::from_utf8(line) {
                Err(_) => Err(AnswerError::NotUtf8),
                Ok(line) => match line.trim() {
                    answer if answer.contains(char::is_control) => {
                        Err(AnswerError::ControlCharacter)
                    }
                    "" => check(default.unwrap_or_default()),
                    answer => check(answer),
                },
            };
            match checked {
                Ok(answer) => return Ok(answer),
                Err(problem) => {
                    self.say(&format!("    {}", text::visible(&problem.to_string())))?;
                }
            }
        }
    }

    fn say(&mut self, line: &str) -> Result<(), CommandError> {
        Ok(writeln!(self.output, "{line}")?)
    }
}

/// Why an answer is asked for again.
#[derive(Debug, thiserror::Error)]
enum AnswerError {
    #[error("the answer is not UTF-8: type it again")]
    NotUtf8,
    #[error("the answer has a control character (an arrow key?)")]
    ControlCharacter,
    #[error("press enter to write it, ctrl-c to leave everything as it is")]
    Confirmation,
    #[error("type {0}")]
    Choice(&'static str),
    #[error("the client key is missing: the OAuth portal shows it")]
    NoClientKey,
    #[error("give the whole path: it begins with / or ~/")]
    RelativePath,
    #[error("a name has letters, digits and _ only: give the variable's name, not its value")]
    VariableName,
    #[error("a quote or a backslash is not closed")]
    OpenQuote,
    #[error("the command runs without a shell: write sh -c '…' for pipes and the like")]
    NoShell,
    /// The configuration with it isn't valid, for this reason.
    #[error("{0}")]
    Setting(String),
}

/// The answer, if these settings with it are valid.
fn valid<T: ToOwned + ?Sized>(
    settings: &ProfileValues,
    answer: &T,
) -> Result<T::Owned, AnswerError> {
    match settings.problem() {
        Some(problem) => Err(AnswerError::Setting(problem)),
        None => Ok(answer.to_owned()),
    }
}

fn place_of(answer: &str, numbers: &'static str) -> Result<Place, AnswerError> {
    match answer {
        "1" => Ok(Place::Command),
        "2" => Ok(Place::File),
        "3" => Ok(Place::Variable),
        _ => Err(AnswerError::Choice(numbers)),
    }
}

/// The words of a command, as a shell splits them.
fn words(command: &str) -> Result<Vec<String>, AnswerError> {
    let words = shlex::split(command).ok_or(AnswerError::OpenQuote)?;
    let is_of_shell = |word: &str| SHELL.contains(&word) || word.contains("$(");
    if !command.contains(['"', '\'']) && words.iter().any(|word| is_of_shell(word)) {
        return Err(AnswerError::NoShell);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings after these answers, and everything that was shown.
    fn dialogue(answers: &[&str]) -> (Result<String, String>, String) {
        let answers = format!("{}\n", answers.join("\n"));
        let mut output = Vec::new();
        let settings = Dialogue {
            input: &mut answers.as_bytes(),
            output: &mut output,
        }
        .settings();
        let settings = settings
            .map(|settings| settings.lines("p"))
            .map_err(|failure| failure.message());
        (settings, String::from_utf8(output).expect("UTF-8"))
    }

    #[test]
    fn answers_of_every_source_become_its_keys() {
        for (answers, lines) in [
            (
                &["", "", "key", "", "", ""][..],
                "base_url = \"https://gears.opswat.com\"\nclient_id = \"key\"\n\
                 client_secret_command = [\"pass\", \"show\", \"opswat/offboard\"]\n\
                 protect = [\"type:server\"]",
            ),
            (
                &["https://a.example", "2", "key", "/s/secret", "acme", "-"],
                "base_url = \"https://a.example\"\nclient_id = \"key\"\n\
                 client_secret_file = \"/s/secret\"\naccount = \"acme\"",
            ),
            (
                &["", "3", "key", "", "-", "group:\"Domain controllers\""],
                "base_url = \"https://gears.opswat.com\"\nclient_id = \"key\"\n\
                 client_secret_env = \"OFFBOARD_CLIENT_SECRET\"\n\
                 protect = ['group:\"Domain controllers\"']",
            ),
            (
                &["", "4", "1", "sh -c 'a b | head -1'", "", "-"],
                "base_url = \"https://gears.opswat.com\"\n\
                 token_command = [\"sh\", \"-c\", \"a b | head -1\"]",
            ),
        ] {
            let (settings, shown) = dialogue(answers);
            assert_eq!(settings, Ok(format!("[profiles.p]\n{lines}\n")), "{shown}");
        }
    }

    #[test]
    fn wrong_answers_are_explained_and_asked_again() {
        let (settings, shown) = dialogue(&[
            "http://a.example",
            "https://a.example/console",
            "",
            "5",
            "1",
            "",
            "key",
            "pass show x | head -1",
            "pass 'show",
            "\u{1b}[A",
            "pass show x",
            " ",
            "srv",
            "is:failed",
            "type:",
            "type:laptop",
        ]);
        for problem in [
            "must be https",
            "bare address",
            "type 1, 2, 3 or 4",
            "client key is missing",
            "without a shell",
            "not closed",
            "an arrow key?",
            "name a field",
            "protect can't use is:failed",
        ] {
            assert!(shown.contains(problem), "{problem}: {shown}");
        }
        assert!(!shown.contains('\u{1b}'), "{shown}");
        let settings = settings.expect("settings");
        assert!(
            settings.contains("protect = [\"type:laptop\"]"),
            "{settings}"
        );
        let (_, shown) = dialogue(&["", "2", "key", "secret", "", "4", "3", "a-b"]);
        assert!(shown.contains("begins with / or ~/"), "{shown}");
        let (_, shown) = dialogue(&["", "4", "3", "s3cr-t"]);
        assert!(
            shown.contains("not its value") && !shown.contains("s3cr"),
            "{shown}"
        );
    }

    #[test]
    fn input_that_ends_gives_no_settings() {
        let (settings, _) = dialogue(&["", "2"]);
        assert!(settings.expect_err("ended").contains("nothing was written"));
    }
}
