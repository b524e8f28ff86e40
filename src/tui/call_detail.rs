//! A call of a run, as the run and the failures show it.

use std::time::Duration;

use jiff::Timestamp;

use crate::journal::CallOrigin;

/// A call of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDetail {
    /// Its number in the run.
    pub call: u32,
    /// Where its batch came from.
    pub origin: CallOrigin,
    /// When its intent was durable.
    pub at: Timestamp,
    /// From then to its outcome.
    pub took: Option<Duration>,
    pub status: Option<u16>,
    /// The server's or the network's message.
    pub message: String,
    /// What it carried, by ordinal in the plan.
    pub devices: Vec<u32>,
}

impl CallDetail {
    /// The call in a few words: its number, what the server answered, and when it was sent.
    pub fn summary(&self) -> String {
        let status = self
            .status
            .map_or("no answer".to_owned(), |status| format!("status {status}"));
        format!(
            "call {} · {status} · {} UTC",
            self.call,
            self.at.strftime("%H:%M:%S")
        )
    }
}
