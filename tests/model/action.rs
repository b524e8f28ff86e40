//! The steps that are taken.

use super::state::{CallIndex, Plan, RunIndex};

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Time goes on. What has not arrived by its deadline never does.
    Wait,
    /// The server gets a request, applies it and answers.
    Arrive(CallIndex),
    /// A process, by its place, does something.
    Do(usize, Move),
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// It dies, with all that it has in memory. Locks die with it. Before it has one, it may as well
    /// have given up.
    Crash,
    /// It builds a plan, from a list and from what the journal says.
    Build(Plan),
    /// It hands a plan over: the check and the confirmation are one transaction.
    Admit,
    /// It takes the lock of a run.
    Lock(RunIndex),
    /// It opens the run. What is in flight without an outcome is in doubt.
    Open,
    /// It takes a run up again: the check and the confirmation are one transaction.
    Resume,
    /// It gives up what a run has not sent.
    Close,
    /// It takes a slot for a call that changes nothing.
    LookUp,
    /// It takes a slot for its next call.
    TakeSlot(usize, bool),
    /// It stores the intent.
    StoreIntent,
    /// It sends the request.
    Send,
    /// Nothing went out, since the slot has run out. It stores that.
    StoreNotSent,
    /// It stores the answer.
    StoreAnswer,
    /// The connection broke: it stores that the device is in doubt.
    StoreDoubt,
    /// It stores that the run is finished, and drops the lock.
    Finish,
}
