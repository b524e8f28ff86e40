//! The ID and state of a run.

use std::fmt;
use std::str::FromStr;

/// The ID of a run: 128 random bits, shown as eight characters that are practically unique across
/// hosts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId([u8; 16]);

/// Crockford's base 32 in lower case, without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl RunId {
    /// The length of the short form in characters.
    pub const SHORT_LENGTH: usize = 8;

    /// Generates an ID from the system's random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The ID with these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Rebuilds one from 32 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::text::from_hex(text).map(Self)
    }

    /// All 128 bits.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// True if the text could be the short form of an ID.
    pub fn is_short(text: &str) -> bool {
        text.len() == Self::SHORT_LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte))
    }

    /// The short form of eight characters.
    pub fn short(&self) -> String {
        let bits = self.0[..5]
            .iter()
            .fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
        (0..Self::SHORT_LENGTH)
            .rev()
            .map(|place| char::from(ALPHABET[(bits >> (place * 5) & 31) as usize]))
            .collect()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.short())
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RunId({})", self.short())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Confirmed, waiting for another run.
    Queued,
    /// Sending.
    Running,
    /// Waiting for the operator, with devices left.
    Paused,
    /// Ended with devices left; can be resumed.
    Stopped,
    /// Nothing left to send.
    Finished,
    /// Closed by the operator without sending the rest.
    Closed,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Paused,
        Self::Stopped,
        Self::Finished,
        Self::Closed,
    ];

    /// The name in the journal, in JSON and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
            Self::Closed => "closed",
        }
    }

    /// The state if no process holds the run: the stored one may be that of a process that died.
    #[must_use]
    pub fn without_holder(self) -> Self {
        match self {
            Self::Queued | Self::Running => Self::Stopped,
            rests => rests,
        }
    }

    /// True while it sends, or will without being resumed.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// True while devices may still be sent.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Finished | Self::Closed)
    }
}

/// A text that is not a run state; occurs only in a journal of another version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown run state '{0}'")]
pub struct UnknownState(String);

impl FromStr for RunState {
    type Err = UnknownState;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownState(word.to_owned()))
    }
}

/// Who or what stopped a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopCause {
    /// The operator, on the screen.
    #[error("stopped by the operator")]
    Operator,
    /// SIGINT.
    #[error("stopped with ctrl-c (SIGINT)")]
    Interrupt,
    /// SIGTERM, or another signal.
    #[error("stopped by a signal (SIGTERM)")]
    Terminate,
    /// SIGHUP.
    #[error("the terminal was closed (SIGHUP)")]
    Hangup,
    /// Another process asked for it, in the name of this operator if that is known.
    #[error("stopped with `offboard stop`{}", .0.as_ref().map(|by| format!(" by {by}")).unwrap_or_default())]
    Requested(Option<String>),
    /// Standard output can't be written.
    #[error("standard output could not be written")]
    Output,
    /// The program that sent it left.
    #[error("the program that was sending it was quit")]
    Left,
    /// It waited for a run that was stopped or paused.
    #[error("it waited for another run, which stopped or paused")]
    Queue,
}

impl StopCause {
    /// The cause of a stop by the signal with this number.
    pub fn of_signal(number: i32) -> Self {
        match number {
            1 => Self::Hangup,
            2 => Self::Interrupt,
            _ => Self::Terminate,
        }
    }
}

/// The reason why a run paused or stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PauseReason {
    /// It was stopped, and not paused.
    #[error("{0}")]
    Stopped(StopCause),
    /// Requested by the operator.
    #[error("paused by the operator")]
    Operator,
    /// Three attempts to connect failed, with the last error.
    #[error("the tenant can't be reached: {0}")]
    Unreachable(String),
    /// The server's certificate is not valid, with the error.
    #[error("the server's certificate is not valid: {0}")]
    Certificate(String),
    /// The proxy requires authentication.
    #[error("the proxy asks for a login (407)")]
    ProxyLogin,
    /// Two calls in a row ended in doubt.
    #[error("two calls in a row got no trustworthy answer")]
    TwoInDoubt,
    /// The token was refused, and a renewed one, too.
    #[error("the token is invalid or expired (401)")]
    TokenRefused,
    /// The token endpoint refused the credentials, with its message.
    #[error("the token endpoint refused the credentials: {0}")]
    CredentialsRefused(String),
    /// Something other than a token endpoint answered, with its status and message.
    #[error("no token from the token endpoint: {0}")]
    NoToken(String),
    /// The credential can't be read, or the HTTP client can't start, with the error.
    #[error("the connection can't be set up: {0}")]
    Setup(String),
    /// A status for which retrying doesn't help.
    #[error("the server answered {status}: {message}")]
    Status {
        status: u16,
        /// The beginning of the response body.
        message: String,
    },
    /// A redirection.
    #[error("the server redirected the call ({0}), which is never followed")]
    Redirected(u16),
    /// A web page with status 200.
    #[error("a web page answered in place of the tenant")]
    WebPage,
    /// Six refusals in a row with nothing accepted.
    #[error("six calls in a row were refused and nothing was accepted")]
    SixRefusals,
    /// All devices of the canary were answered with 0.
    #[error("none of the first {0} devices was found")]
    CanaryNotFound(u64),
    /// No success for 15 minutes of 429.
    #[error("the rate limit refused every call for 15 minutes")]
    RateLimited,
}

/// A reason of a pause or stop behind its state, which it may begin with: `by the operator` behind `paused`.
pub fn behind_state<'a>(state: &str, reason: &'a str) -> &'a str {
    let rest = reason.strip_prefix(state);
    rest.and_then(|rest| rest.strip_prefix(' '))
        .unwrap_or(reason)
}

impl PauseReason {
    /// The reason, and the next step as its last sentence.
    pub fn with_advice(&self) -> String {
        format!("{self}. {}", self.advice())
    }

    /// The next step, in one sentence: the last sentence of a text that also says the reason.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Operator | Self::Stopped(_) => "Resume when you are ready.",
            Self::Unreachable(_) => "Check the network, base_url and proxy, then resume.",
            Self::Certificate(_) => {
                "Check base_url, or name your corporate CA as ca_file; there is no bypass."
            }
            Self::ProxyLogin => "Use a proxy that needs no login, or none, then resume.",
            Self::TwoInDoubt => {
                "Check the tenant's console first: a resume sends only devices that were never sent."
            }
            Self::TokenRefused => "Provide a valid token, then resume.",
            Self::CredentialsRefused(_) => {
                "Check client_id, client secret and base_url, then resume."
            }
            Self::NoToken(_) => {
                "Check base_url and proxy (a gateway or a login page may have answered), then resume."
            }
            Self::Setup(_) => "Correct the configuration, then resume.",
            Self::Status { .. } => "Check base_url and the token's permissions, then resume.",
            Self::Redirected(_) => "Check base_url: it must be the tenant's own address.",
            Self::WebPage => "Check base_url and proxy: a proxy or portal answered?",
            Self::SixRefusals => {
                "Read the server's message in the failures, then resume or close the run."
            }
            Self::CanaryNotFound(_) => {
                "Wrong tenant, or wrong kind of identifier? Check before you resume."
            }
            Self::RateLimited => {
                "Another client may be using up the account's calls; resume later."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_id_is_the_first_forty_bits() {
        let id = RunId::from_bytes([0xff; 16]);
        assert_eq!(id.short(), "zzzzzzzz");
        let mut bytes = [0; 16];
        bytes[4] = 0b10_0001;
        assert_eq!(RunId::from_bytes(bytes).to_string(), "00000011");
    }

    #[test]
    fn reason_stands_behind_its_state_without_repeating_it() {
        for (state, reason, shown) in [
            ("paused", "paused by the operator", "by the operator"),
            (
                "stopped",
                "paused by the operator",
                "paused by the operator",
            ),
            ("stop", "stopped by the operator", "stopped by the operator"),
        ] {
            assert_eq!(behind_state(state, reason), shown);
        }
    }

    #[test]
    fn random_ids_differ() {
        let first = RunId::random().expect("randomness");
        let second = RunId::random().expect("randomness");
        assert_ne!(first, second);
    }

    #[test]
    fn state_words_parse_back() {
        for state in RunState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("done".parse::<RunState>().is_err());
    }
}
