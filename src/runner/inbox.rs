//! What front ends ask of the worker, in order.

use std::collections::VecDeque;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use crate::domain::device::Identifier;
use crate::domain::run::RunId;
use crate::engine::lookup_verdict::LookupKey;
use crate::engine::{Control, Engine, Event};
use crate::fetch::FetchDestination;
use crate::plan::ConfirmedPlan;
use crate::platform::clock::Clock;
use crate::secret::Secret;

/// What a front end asks.
pub(super) enum Request {
    Run(Box<ConfirmedPlan>),
    /// A run of the journal, and the number of devices left that its operator typed.
    Resume(RunId, u64),
    Control(Control),
    /// Devices of a run, by ordinal.
    LookUp {
        run: RunId,
        devices: Vec<u32>,
        by: LookupKey,
        controls: Vec<Identifier>,
    },
    CancelLookups,
    Fetch(FetchDestination),
    CancelFetch,
    Probe,
    /// In place of the configured credential, until the process ends.
    Token(Secret),
}

/// What was asked and not yet taken in.
pub(super) struct Inbox {
    requests: mpsc::Receiver<Request>,
    /// What came while an answer was awaited: nothing may stand between the answer and its record.
    deferred: VecDeque<Request>,
}

impl Inbox {
    pub(super) fn new(requests: mpsc::Receiver<Request>) -> Self {
        Self {
            requests,
            deferred: VecDeque::new(),
        }
    }

    /// What came meanwhile, in order.
    pub(super) fn next_waiting(&mut self) -> Result<Request, TryRecvError> {
        match self.deferred.pop_front() {
            Some(request) => Ok(request),
            None => self.requests.try_recv(),
        }
    }

    /// The next request, once [`Self::next_waiting`] has none; none when the front end is gone.
    pub(super) async fn receive(&mut self) -> Option<Request> {
        self.requests.recv().await
    }

    /// What came while the last answer was awaited.
    pub(super) fn next_deferred(&mut self) -> Option<Request> {
        self.deferred.pop_front()
    }

    /// True if nothing more can come.
    pub(super) fn is_over(&self) -> bool {
        self.requests.is_closed() && self.requests.is_empty()
    }

    /// Waits for `call`, passing controls to the machine meanwhile; other requests are taken in
    /// once what came of it is stored.
    pub(super) async fn hear<A>(
        &mut self,
        call: impl Future<Output = A>,
        machine: &mut Engine,
        clock: &Clock,
    ) -> A {
        let mut open = true;
        tokio::pin!(call);
        loop {
            tokio::select! {
                biased;
                done = &mut call => return done,
                request = self.requests.recv(), if open => {
                    let control = match request {
                        Some(Request::Control(control)) => control,
                        Some(request) => {
                            self.deferred.push_back(request);
                            continue;
                        }
                        None => {
                            open = false;
                            Control::Stop
                        }
                    };
                    note(machine, control, clock);
                }
            }
        }
    }
}

/// Tells a machine of a control between two of its steps, where it only takes note.
pub(super) fn note(machine: &mut Engine, control: Control, clock: &Clock) {
    let commands = machine.step(Event::Control(control), clock.now());
    debug_assert!(commands.is_empty(), "between two steps: {commands:?}");
}
