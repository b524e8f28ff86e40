//! Reads a credential from an environment variable, a file or a command, when the first call is due.
//! No message contains it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::permissions::{self, Rule, TrustedReadError};
use crate::platform::command::{ChildError, CommandLine, Terms};
use crate::secret::Secret;

/// How long a command may take.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(10);
/// The largest secret, in bytes.
const SIZE_LIMIT: u64 = 64 * 1024;

/// A credential, read.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A ready token.
    Token(Secret),
    /// Client credentials, to be exchanged for tokens.
    Client(ClientCredentials),
}

/// A client key and its secret, from the console's OAuth portal.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// The public part.
    pub client_id: String,
    /// The secret part.
    pub client_secret: Secret,
}

/// Which credential a profile has, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSetting {
    /// A ready token.
    Token(SecretSource),
    /// Client credentials, to be exchanged for tokens.
    Client {
        /// The public part.
        client_id: String,
        /// Where the secret part is.
        client_secret: SecretSource,
    },
}

impl CredentialSetting {
    /// Where its secret is.
    pub fn source(&self) -> &SecretSource {
        match self {
            Self::Token(source) => source,
            Self::Client { client_secret, .. } => client_secret,
        }
    }

    /// True for a ready token, which can't be renewed.
    pub fn is_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In the environment variable of this name.
    Variable(String),
    /// In this file.
    File(PathBuf),
    /// On the standard output of this command, run without a shell.
    Command(CommandLine),
}

/// What to do about a profile without a credential.
pub const NO_CREDENTIAL: &str =
    "the profile names no credential: add client_id with client_secret_file, or token_file";

/// Why a secret can't be read. The error never contains the command's output.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The profile has none.
    #[error("{NO_CREDENTIAL}")]
    None,
    /// The variable isn't set, or isn't text.
    #[error("the environment variable {0} is not set")]
    Variable(String),
    /// The file can't be read.
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file isn't private.
    #[error("{path}: {problem}")]
    Permissions {
        path: PathBuf,
        /// What is wrong, with the remedy.
        problem: permissions::PermissionProblem,
    },
    /// The command can't be run, failed, or took too long.
    #[error("the command {program} {error}")]
    Command {
        program: PathBuf,
        /// What happened.
        error: ChildError,
    },
    /// It isn't text, is empty, or has several lines.
    #[error("{0} must contain exactly one line of text")]
    Content(String),
    /// More than 64 KiB.
    #[error("{0} is larger than 64 KiB")]
    TooLarge(String),
}

impl CredentialSetting {
    /// Reads the credential.
    pub fn load(&self) -> Result<Credential, CredentialError> {
        Ok(match self {
            Self::Token(source) => Credential::Token(source.read(COMMAND_LIMIT)?),
            Self::Client {
                client_id,
                client_secret,
            } => Credential::Client(ClientCredentials {
                client_id: client_id.clone(),
                client_secret: client_secret.read(COMMAND_LIMIT)?,
            }),
        })
    }
}

impl SecretSource {
    /// Reads the secret; a command may take as long as `limit`.
    pub fn read(&self, limit: Duration) -> Result<Secret, CredentialError> {
        match self {
            Self::Variable(name) => {
                let value =
                    std::env::var(name).map_err(|_| CredentialError::Variable(name.clone()))?;
                one_line(
                    value.into_bytes(),
                    &format!("the environment variable {name}"),
                )
            }
            Self::File(path) => one_line(read_file(path)?, &path.display().to_string()),
            Self::Command(command) => {
                let source = format!("the output of {}", command.program.display());
                one_line(run(command, limit)?, &source)
            }
        }
    }
}

fn one_line(bytes: Vec<u8>, source: &str) -> Result<Secret, CredentialError> {
    if is_too_large(&bytes) {
        return Err(CredentialError::TooLarge(source.to_owned()));
    }
    let secret = String::from_utf8(bytes)
        .map(Secret::new)
        .map_err(|_| CredentialError::Content(source.to_owned()))?;
    if secret.is_empty() || secret.expose().contains(char::is_control) {
        return Err(CredentialError::Content(source.to_owned()));
    }
    Ok(secret)
}

fn read_file(path: &Path) -> Result<Vec<u8>, CredentialError> {
    permissions::read(path, Rule::Secret, SIZE_LIMIT + 1).map_err(|error| match error {
        TrustedReadError::Io(source) => CredentialError::File {
            path: path.to_owned(),
            source,
        },
        TrustedReadError::Problem(problem) => CredentialError::Permissions {
            path: path.to_owned(),
            problem,
        },
    })
}

/// Runs the command, which may ask for a passphrase on the terminal.
fn run(command: &CommandLine, limit: Duration) -> Result<Vec<u8>, CredentialError> {
    let terms = Terms {
        limit,
        input: None,
        output: Some(SIZE_LIMIT),
        hidden: &[],
        own_group: false,
        is_cancelled: &|| false,
    };
    command.run(terms).map_err(|error| match error {
        ChildError::TooLarge => {
            CredentialError::TooLarge(format!("the output of {}", command.program.display()))
        }
        error => CredentialError::Command {
            program: command.program.clone(),
            error,
        },
    })
}

/// True for more than a secret can be.
fn is_too_large(bytes: &[u8]) -> bool {
    bytes.len() as u64 > SIZE_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    const CANARY: &str = "canary-secret";

    fn command(script: &str) -> SecretSource {
        SecretSource::Command(CommandLine {
            program: PathBuf::from("/bin/sh"),
            arguments: vec!["-c".to_owned(), script.to_owned()],
        })
    }

    fn error(source: &SecretSource, limit: Duration) -> String {
        source.read(limit).expect_err("refused").to_string()
    }

    #[test]
    fn command_output_is_the_secret() {
        let secret = command(&format!("echo {CANARY}"))
            .read(COMMAND_LIMIT)
            .expect("a secret");
        assert_eq!(secret.expose(), CANARY);
    }

    #[test]
    fn command_that_hangs_is_killed_even_if_its_child_holds_the_pipe() {
        let start = Instant::now();
        let limit = Duration::from_millis(100);
        assert!(error(&command("sleep 20"), limit).contains("killed"));
        assert!(error(&command("sleep 20 & exit 0"), limit).contains("killed"));
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn errors_never_contain_the_output_of_a_command() {
        for script in [
            "echo canary-secret; echo canary-secret >&2; exit 3",
            "echo canary-secret; echo canary-secret",
            "yes canary-secret | head -c 100000",
            "printf 'canary-secret\\377'",
            "true",
        ] {
            let error = error(&command(script), COMMAND_LIMIT);
            assert!(!error.contains("canary"), "{error}");
        }
        let missing = SecretSource::Command(CommandLine {
            program: "/nowhere/pass".into(),
            arguments: vec![],
        });
        assert!(error(&missing, COMMAND_LIMIT).contains("can't be run"));
    }

    #[test]
    fn command_that_writes_too_much_is_refused_whether_it_ends_or_not() {
        let start = Instant::now();
        for script in ["yes canary-secret", "yes canary-secret | head -c 70000"] {
            let error = error(&command(script), COMMAND_LIMIT);
            assert!(error.contains("larger than 64 KiB"), "{script}: {error}");
        }
        assert!(start.elapsed() < COMMAND_LIMIT, "the command was awaited");
    }

    #[test]
    fn secret_file_must_be_private() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("token");
        std::fs::write(&path, format!("{CANARY}\n")).expect("written");
        let source = SecretSource::File(path.clone());
        let mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))
                .expect("changed");
        };
        mode(0o600);
        assert_eq!(
            source.read(COMMAND_LIMIT).expect("a secret").expose(),
            CANARY
        );
        mode(0o604);
        let error = error(&source, COMMAND_LIMIT);
        assert!(
            error.contains("chmod 600") && !error.contains(CANARY),
            "{error}"
        );
    }

    #[test]
    fn unset_variable_is_named() {
        let source = SecretSource::Variable("OFFBOARD_TEST_UNSET".to_owned());
        assert!(error(&source, COMMAND_LIMIT).contains("OFFBOARD_TEST_UNSET"));
    }
}
