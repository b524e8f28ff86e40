//! The requests of front ends to the worker, in order.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use crate::domain::device::Identifier;
use crate::domain::run::{RunId, StopCause};
use crate::engine::lookup_verdict::LookupKey;
use crate::engine::{Control, Engine, Event};
use crate::fetch::FetchDestination;
use crate::plan::ConfirmedPlan;
use crate::platform::clock::Clock;
use crate::secret::Secret;

/// A request of a front end.
pub(super) enum DriverRequest {
    Run(Box<ConfirmedPlan>),
    /// A run of the journal, and the number of devices left that its operator typed.
    Resume(RunId, u64),
    Control(Control),
    /// Devices of a run, by ordinal.
    LookUp {
        run: RunId,
        devices: Vec<u32>,
        by: LookupKey,
        reference_devices: Vec<Identifier>,
    },
    CancelLookups,
    Fetch(FetchDestination),
    CancelFetch,
    /// What other processes have used of the rate limit is reported, as before each wait.
    ReportBudget,
    Probe,
    /// In place of the configured credential, until the process ends.
    Token(Secret),
}

/// The requests that are not handled yet.
pub(super) struct Inbox {
    requests: mpsc::Receiver<DriverRequest>,
    /// Received while an answer was awaited, and handled once the answer is recorded.
    deferred: VecDeque<DriverRequest>,
}

impl Inbox {
    pub(super) fn new(requests: mpsc::Receiver<DriverRequest>) -> Self {
        Self {
            requests,
            deferred: VecDeque::new(),
        }
    }

    /// The next request that was received already.
    pub(super) fn next_waiting(&mut self) -> Result<DriverRequest, TryRecvError> {
        match self.deferred.pop_front() {
            Some(request) => Ok(request),
            None => self.requests.try_recv(),
        }
    }

    /// Waits for the next request, once [`Self::next_waiting`] has none; none when the front end is
    /// gone.
    pub(super) async fn receive(&mut self) -> Option<DriverRequest> {
        self.requests.recv().await
    }

    /// The next request that was received while the last answer was awaited.
    pub(super) fn next_deferred(&mut self) -> Option<DriverRequest> {
        self.deferred.pop_front()
    }

    /// True if no request can follow.
    pub(super) fn is_over(&self) -> bool {
        self.requests.is_closed() && self.requests.is_empty()
    }

    /// Waits for `call` and passes controls to the engine meanwhile, after `see`; other requests are
    /// handled once the call's outcome is stored.
    pub(super) async fn await_call<A>(
        &mut self,
        call: impl Future<Output = A>,
        engine: &mut Engine,
        clock: &Clock,
        mut see: impl FnMut(&Control),
    ) -> A {
        let mut open = true;
        tokio::pin!(call);
        loop {
            tokio::select! {
                biased;
                done = &mut call => return done,
                request = self.requests.recv(), if open => {
                    let control = match request {
                        Some(DriverRequest::Control(control)) => control,
                        Some(request) => {
                            self.deferred.push_back(request);
                            continue;
                        }
                        None => {
                            open = false;
                            Control::StopFor(StopCause::Left)
                        }
                    };
                    see(&control);
                    record_control(engine, control, clock);
                }
            }
        }
    }
}

impl Inbox {
    /// Waits for a call that only reads, for at most `limit`. None if it took longer or a request was
    /// received: the call is given up.
    pub(super) async fn await_reading<A>(
        &mut self,
        call: impl Future<Output = A>,
        limit: Duration,
    ) -> Option<A> {
        if !self.deferred.is_empty() {
            return None;
        }
        tokio::select! {
            biased;
            answer = call => Some(answer),
            request = self.requests.recv() => {
                self.deferred.extend(request);
                None
            }
            () = tokio::time::sleep(limit) => None,
        }
    }
}

/// Passes a control to an engine between two of its steps, where it only records it.
pub(super) fn record_control(engine: &mut Engine, control: Control, clock: &Clock) {
    let commands = engine.step(Event::Control(control), clock.now());
    debug_assert!(commands.is_empty(), "between two steps: {commands:?}");
}
