//! The messages between the engine and its driver, and the reports to front ends.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::action::Action;
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::rate_limit::{Budget, Cap, RateHeaders, WaitReason};
use crate::domain::run::{PauseReason, RunState, StopCause};
use crate::engine::batch_queue::Batch;
use crate::engine::response::{CallReport, NotSent};
use crate::plan::CallSizes;
use crate::platform::clock::BootTime;
use crate::text;

/// The settings of a run, fixed at its start.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// Decides what a repeated 0 means.
    pub action: Action,
    /// The sizes of batches and canaries.
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

/// What happened, from the driver to the engine.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run is open.
    Begin,
    /// The result of [`Command::LoadCredential`].
    Credential(CredentialKind),
    /// The result of [`Command::LoadCredential`]: none, or no connection, for this reason.
    NoCredential(String),
    /// The result of [`Command::TakeSlot`]: taken, durably.
    SlotTaken(TakenSlot),
    /// The result of [`Command::TakeSlot`]: none before this moment.
    SlotDenied {
        /// The earliest moment.
        at: BootTime,
        reason: WaitReason,
    },
    /// The last `Store…` command is durable.
    Stored,
    /// The result of [`Command::Send`].
    Called(CallReport),
    /// The result of [`Command::FetchToken`].
    Token(TokenReport),
    /// The moment of [`Command::Wait`] has come.
    Woken,
    /// A request of the operator, or a signal.
    Control(Control),
    /// A lookup decided the outcome of a device in doubt, durably.
    Settled(u32, Outcome),
}

/// What an operator or a signal requests of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// Finish the call in flight, then send nothing until resumed.
    Pause,
    /// Continue after a pause.
    Resume,
    /// Finish the call in flight, then end: the operator's request.
    Stop,
    /// The same for another cause.
    StopFor(StopCause),
}

impl Control {
    /// The cause of the stop that this requests, if it requests one.
    pub fn stop_cause(&self) -> Option<StopCause> {
        match self {
            Self::Pause | Self::Resume => None,
            Self::Stop => Some(StopCause::Operator),
            Self::StopFor(cause) => Some(cause.clone()),
        }
    }
}

/// Where the token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A ready token: it can't be renewed.
    Static,
    /// Client credentials, exchanged for tokens.
    Client,
}

/// The answer to a request for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotAnswer {
    /// A slot was taken.
    Taken(TakenSlot),
    /// None is free.
    Denied {
        /// When the next one may be free.
        at: BootTime,
        reason: WaitReason,
    },
}

/// A slot of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenSlot {
    /// Its number in the ledger.
    pub number: i64,
    /// When it counts as completed unless it was completed before.
    pub deadline: BootTime,
}

impl TakenSlot {
    /// True if a call that may take `timeout` could still be under way at the slot's deadline. The slot
    /// is free again a window after its deadline, so that such a call must not be sent.
    pub fn has_run_out(self, timeout: Duration, now: BootTime) -> bool {
        now + timeout > self.deadline
    }
}

/// The result of a token call, with its rate headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenReport {
    pub result: TokenResult,
    /// The answer's headers about the rate limit.
    pub rate: RateHeaders,
}

/// The result of a token call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenResult {
    /// A token, which the driver holds; it expires after this time, if the server says so.
    Granted(Option<Duration>),
    /// The credentials were refused; the server's message.
    Refused(String),
    /// Something other than a token endpoint answered, such as a gateway or a login page: its description.
    Unusable(String),
    /// 429.
    TooMany,
    /// Nothing reached the server.
    NotSent(NotSent),
    /// Anything else; a repeated call does no harm.
    Failed(String),
}

/// What the driver must do next.
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
    /// Commit the outcome of the call; answer with [`Event::Stored`].
    StoreOutcome(CallEnd),
    /// Get a token; answer with [`Event::Token`].
    FetchToken,
    /// Commit the end of a call that carried no device; answer with [`Event::Stored`].
    CompleteSlot(SlotEnd),
    /// Commit the run's state; answer with [`Event::Stored`].
    StoreState(RunState, Option<PauseReason>),
    /// Answer with [`Event::Woken`] at this moment, unless another event comes first.
    Wait(BootTime),
    /// Report to the front ends. What it reports is durable already.
    Report(Report),
    /// The run is over in this process.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotPurpose {
    /// A Delete Devices call.
    Delete,
    /// A token call.
    Token,
    /// A Device Details call, which the engine never makes.
    Lookup,
    /// Reading the inventory.
    Fetch,
    /// Reading the account's licences.
    Account,
}

/// A call that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The call's number in the run, from 1.
    pub call: u32,
    /// What it carries.
    pub batch: Batch,
    /// The slot it goes in.
    pub slot: TakenSlot,
}

/// The outcome of a call, to be stored in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEnd {
    /// The call's number in the run.
    pub call: u32,
    /// The slot, and the limit that the server named.
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
    /// The time by the server's clock, if the answer said it.
    pub server: Option<Timestamp>,
}

/// What a front end shows of a run.
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
        /// When the run continues.
        until: BootTime,
        reason: Waiting,
    },
    /// The run's state has changed, durably.
    State {
        /// The new state.
        state: RunState,
        /// Why, if it is paused.
        pause: Option<PauseReason>,
    },
    /// A line for the operator.
    Notice(RunNotice),
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
            Self::Slot(WaitReason::Budget) => "the rate limit is used up; next call",
            Self::Slot(WaitReason::ServerLimit) => "the server allows no more calls; next call",
            Self::Slot(WaitReason::TooMany) => "the server answered 429; next call",
            Self::Slot(WaitReason::UnknownWindow) => {
                "the calls of the last minute are unknown; next call"
            }
            Self::Retry(_) => "next try to connect",
            Self::Resend => "resending devices in doubt",
        })
    }
}

/// A line for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunNotice {
    /// The server counts more calls than we made.
    OtherClient,
    /// The answer was right but for its content type.
    OddContentType,
    /// Both halves of a refused batch passed: this is the size from now on.
    SmallerBatches(usize),
    /// The server answered 429.
    TooMany,
    /// A new token is requested after a 401.
    TokenRenewed,
    /// These devices of a call, by ordinal, are in doubt, and are resent once.
    WillResend(Vec<u32>),
    /// So many devices in doubt are not resent: the run has paused or ended.
    NotResent(usize),
    /// The network's or the server's message about a call that was not sent.
    Trouble(String),
}

impl fmt::Display for RunNotice {
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
                "the server refuses larger calls: {} per call from now on",
                devices(size)
            ),
            Self::TooMany => formatter.write_str("the server answered 429: waiting as it asks"),
            Self::TokenRenewed => {
                formatter.write_str("the token was refused (401): requesting a new one")
            }
            Self::NotResent(count) => write!(
                formatter,
                "{} in doubt not resent: look them up, or retry them",
                devices(count)
            ),
            Self::WillResend(ordinals) => write!(
                formatter,
                "{} in doubt: will be resent once, in a minute",
                devices(&ordinals.len())
            ),
            Self::Trouble(message) => write!(formatter, "not sent: {message}"),
        }
    }
}
