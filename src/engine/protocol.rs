//! What the step machine and its driver say to each other, and what front ends hear.

use std::fmt;
use std::time::Duration;

use crate::domain::action::Action;
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::rate_limit::{Budget, Cap, RateHeaders, WaitReason};
use crate::domain::run::{PauseReason, RunState};
use crate::engine::batch_queue::Batch;
use crate::engine::response::{CallReport, NotSent};
use crate::plan::CallSizes;
use crate::platform::clock::BootTime;
use crate::text;

/// What a run is told once, at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is done; decides what a repeated 0 means.
    pub action: Action,
    /// How the calls are cut.
    pub sizes: CallSizes,
    /// The rate limit, for waits that the server asks for.
    pub budget: Budget,
    /// How long a call may take from its send.
    pub request_timeout: Duration,
    /// Resend what is in doubt by HWID once.
    pub resend_once: bool,
    /// For the jitter of back-offs.
    pub seed: u64,
    /// How many calls the run has made before, in other processes.
    pub calls_before: u32,
}

/// What the driver tells the machine.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run is open; go on.
    Begin,
    /// What became of [`Command::LoadCredential`].
    Credential(Result<CredentialKind, String>),
    /// What became of [`Command::TakeSlot`]: taken, durably.
    SlotTaken(TakenSlot),
    /// What became of [`Command::TakeSlot`]: not before this moment.
    SlotDenied {
        /// The earliest moment.
        at: BootTime,
        /// What makes it wait.
        reason: WaitReason,
    },
    /// The last `Store…` command is durable.
    Stored,
    /// What became of [`Command::Send`].
    Called(CallReport),
    /// What became of [`Command::FetchToken`].
    Token(TokenReport),
    /// The moment of [`Command::Wait`] has come.
    Woken,
    /// The operator or a signal.
    Control(Control),
    /// A lookup settled a device that was in doubt, durably.
    Settled(u32, Outcome),
}

/// What an operator or a signal asks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Finish the call in flight, then send nothing until resumed.
    Pause,
    /// Go on.
    Resume,
    /// Finish the call in flight, then end.
    Stop,
}

/// Where the token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A ready token: it can't be renewed.
    Static,
    /// Client credentials, exchanged for tokens.
    Client,
}

/// A slot of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenSlot {
    /// Its number in the ledger.
    pub number: i64,
    /// When it counts as completed if nothing is heard of it.
    pub deadline: BootTime,
}

impl TakenSlot {
    /// True if a call that may take `timeout` could still be under way when the slot's time is up: it
    /// frees a window after its deadline, so that such a call must not go.
    pub fn has_run_out(self, timeout: Duration, now: BootTime) -> bool {
        now + timeout > self.deadline
    }
}

/// What a token call led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenReport {
    /// What came of it.
    pub result: TokenResult,
    /// What the headers say of the rate limit.
    pub rate: RateHeaders,
}

/// What a token call led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenResult {
    /// A token, which the driver keeps; it expires after this time, if the server says so.
    Granted(Option<Duration>),
    /// The credentials were refused; the server's words.
    Refused(String),
    /// 429.
    TooMany,
    /// Nothing reached the server.
    NotSent(NotSent),
    /// Anything else; asking again can't do harm.
    Failed(String),
}

/// What the machine tells the driver.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Read the credential; answer with [`Event::Credential`].
    LoadCredential,
    /// Take a slot durably; answer with [`Event::SlotTaken`] or [`Event::SlotDenied`].
    TakeSlot(SlotPurpose),
    /// Commit the intent; answer with [`Event::Stored`].
    StoreIntent(Intent),
    /// Send the call whose intent was stored last; answer with [`Event::Called`].
    Send,
    /// Commit what came of the call; answer with [`Event::Stored`].
    StoreOutcome(CallEnd),
    /// Get a token; answer with [`Event::Token`].
    FetchToken,
    /// Commit the end of a call that carried no device; answer with [`Event::Stored`].
    CompleteSlot(SlotEnd),
    /// Commit the run's state; answer with [`Event::Stored`].
    StoreState(RunState, Option<PauseReason>),
    /// Answer with [`Event::Woken`] at this moment, unless another event comes first.
    Wait(BootTime),
    /// Tell the front ends. Never sent before what it tells of is durable.
    Report(Report),
    /// The run is over in this process.
    End,
}

/// What a slot is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotPurpose {
    /// A Delete Devices call.
    Delete,
    /// A token call.
    Token,
    /// A Device Details call. The step machine asks for none.
    Lookup,
    /// Reading the inventory.
    Fetch,
}

/// What is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The call's number in the run, from 1.
    pub call: u32,
    /// What it carries.
    pub batch: Batch,
    /// The slot it goes in.
    pub slot: TakenSlot,
}

/// What came of a call, to be stored in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEnd {
    /// The call's number in the run.
    pub call: u32,
    /// The slot, and what the server said of the limit.
    pub slot: SlotEnd,
    /// The answer or the lack of one.
    pub report: CallReport,
    /// Each device's new state, by ordinal.
    pub changes: Vec<(u32, DeviceState)>,
}

/// A slot whose call has completed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlotEnd {
    /// Its number in the ledger.
    pub number: i64,
    /// A limit that the answer named.
    pub cap: Option<Cap>,
}

/// What the machine tells the front ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// These devices are in the call in flight.
    Sending {
        /// The call's number in the run.
        call: u32,
        /// By ordinal.
        devices: Vec<u32>,
    },
    /// These devices have a new state, and it is durable.
    Changed {
        /// The call's number in the run.
        call: u32,
        /// The answer's status, if one came.
        status: Option<u16>,
        /// By ordinal.
        devices: Vec<(u32, DeviceState)>,
    },
    /// Nothing is sent until then.
    Waiting {
        /// When it goes on.
        until: BootTime,
        /// What it waits for.
        reason: Waiting,
    },
    /// The run's state has changed, durably.
    State {
        /// The new state.
        state: RunState,
        /// Why, if it is paused.
        pause: Option<PauseReason>,
    },
    /// Something worth a line.
    Notice(Notice),
}

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The budget, ours or the server's.
    Slot(WaitReason),
    /// The next try to connect; the number of tries so far.
    Retry(u32),
    /// The moment when devices in doubt may be resent.
    Resend,
}

impl fmt::Display for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Slot(WaitReason::Budget) => "next call",
            Self::Slot(WaitReason::ServerLimit) => "no calls left, the server says; next call",
            Self::Slot(WaitReason::TooMany) => "the server answered 429; next call",
            Self::Slot(WaitReason::UnknownWindow) => {
                "the last minute's calls aren't known; next call"
            }
            Self::Retry(_) => "next try to connect",
            Self::Resend => "resending what is in doubt",
        })
    }
}

/// Something worth a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The server counts more calls than we made.
    OtherClient,
    /// The answer was right but for its content type.
    OddContentType,
    /// Both halves of a refused batch passed: this is the size from now on.
    SmallerBatches(usize),
    /// The server answered 429.
    TooMany,
    /// A new token is asked for after a 401.
    TokenRenewed,
    /// Devices of a call are in doubt, and are resent once.
    WillResend(usize),
    /// The network's or the server's words about a call that didn't go through.
    Trouble(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let devices = |count: &usize| text::counted(*count as u64, "device");
        match self {
            Self::OtherClient => formatter.write_str(
                "the server counts more calls than this program made: another client uses the account",
            ),
            Self::OddContentType => {
                formatter.write_str("the server's answers have an unusual content type")
            }
            Self::SmallerBatches(size) => write!(
                formatter,
                "the server refuses larger calls: {} a call from now on",
                devices(size)
            ),
            Self::TooMany => formatter.write_str("the server answered 429: waiting as it asks"),
            Self::TokenRenewed => {
                formatter.write_str("the token was refused (401): asking for a new one")
            }
            Self::WillResend(count) => {
                write!(formatter, "{} in doubt, to be resent once in a minute", devices(count))
            }
            Self::Trouble(message) => write!(formatter, "not sent: {message}"),
        }
    }
}
