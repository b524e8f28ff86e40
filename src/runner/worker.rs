//! Processes the front end's requests, one run after the other.

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use super::admission::QueuedRuns;
use super::failure::EngineFailure;
use super::inbox::{DriverRequest, Inbox};
use super::inventory::Reader;
use super::licences::LicencesAfter;
use super::lookups::{Lookups, Own};
use super::rate_limited::ReadStep;
use super::run::{ActiveRun, NextStep};
use super::session::Session;
use super::setup::Setup;
use super::transport::{Connect, Transport};
use super::update::{News, Update};
use crate::domain::run::{RunState, StopCause};
use crate::engine::{Control, Event};
use crate::journal::JournalError;

/// The task that sends calls. It owns the connection to the journal and the transport.
pub struct Worker<T> {
    session: Session<T>,
    inbox: Inbox,
    queue: QueuedRuns,
    lookups: Lookups,
    licences: LicencesAfter,
    reader: Reader,
}

impl<T: Transport> Worker<T> {
    pub(super) fn new(
        setup: Setup,
        connect: Connect<T>,
        inbox: Inbox,
        outbox: mpsc::Sender<Update>,
    ) -> Self {
        Self {
            session: Session::new(setup, connect, outbox),
            inbox,
            queue: QueuedRuns::default(),
            lookups: Lookups::default(),
            licences: LicencesAfter::default(),
            reader: Reader::default(),
        }
    }

    /// Serves until the front end is gone, or the journal fails.
    pub async fn serve(mut self) {
        loop {
            if !self.queue.is_empty() {
                // Nothing delays the next run.
                self.licences.end(&self.session).await;
            }
            let Some(queued) = self.queue.pop() else {
                match self.next_request().await {
                    Ok(Some(request)) => self.handle(request).await,
                    Ok(None) => return,
                    Err(error) => {
                        let failed = News::Failed(error.into());
                        self.session.send_news(None, failed).await;
                        return;
                    }
                }
                continue;
            };
            let run = queued.run;
            let turn = match ActiveRun::open(&mut self.session, queued).await {
                Some(active) => self.drive(active).await,
                None => Ok(()),
            };
            if let Err(failure) = turn {
                self.session
                    .send_news(Some(run), News::Failed(failure))
                    .await;
                return;
            }
        }
    }

    /// The next request; none when the front end is gone. Makes read-only calls meanwhile, and reports
    /// slots that become free.
    async fn next_request(&mut self) -> Result<Option<DriverRequest>, JournalError> {
        loop {
            match self.inbox.next_waiting() {
                Ok(request) => return Ok(Some(request)),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => {}
            }
            let read = match self.read(None).await? {
                ReadStep::Again => continue,
                ReadStep::Later(moment) => Some(moment),
                ReadStep::Idle => None,
            };
            let status = self.session.report_budget().await;
            let frees = status.and_then(|status| status.next);
            let Some(next) = read.into_iter().chain(frees).min() else {
                return Ok(self.inbox.receive().await);
            };
            tokio::select! {
                biased;
                request = self.inbox.receive() => return Ok(request),
                () = self.session.setup.clock.sleep_until(Some(next)) => {}
            }
        }
    }

    /// Handles a request that is not a control of a run.
    async fn handle(&mut self, request: DriverRequest) {
        let session = &mut self.session;
        match request {
            DriverRequest::Run(plan) => self.queue.admit(session, &plan).await,
            DriverRequest::Resume(run, expected_count) => {
                self.queue.readmit(session, run, expected_count).await;
            }
            DriverRequest::LookUp {
                run,
                devices,
                by,
                reference_devices,
            } => {
                let devices = (run, &devices[..], by);
                self.lookups
                    .request(session, devices, reference_devices)
                    .await;
            }
            DriverRequest::CancelLookups => self.lookups.cancel(session).await,
            DriverRequest::Fetch(destination) => self.reader.begin(session, destination).await,
            DriverRequest::CancelFetch => self.reader.cancel(session).await,
            // It is reported before the next request is awaited.
            DriverRequest::ReportBudget => {}
            DriverRequest::Probe => self.reader.begin_probe(),
            DriverRequest::Token(token) => session.replace_credential(token),
            // Of a run that is over.
            DriverRequest::Control(_) => self.licences.end(session).await,
        }
    }

    /// One step of read-only work: licences first, one call that completes a run's report, then lookups, then
    /// the inventory. `active` is the run that this process has open.
    async fn read(&mut self, active: Option<&mut ActiveRun>) -> Result<ReadStep, JournalError> {
        let own = Own {
            queue: &self.queue,
            open: active.map(|active| (&active.run, &mut active.engine)),
        };
        let (session, inbox) = (&mut self.session, &mut self.inbox);
        match self.licences.step(session, inbox).await {
            ReadStep::Idle => {}
            turn => return Ok(turn),
        }
        match self.lookups.look_up(session, own).await? {
            ReadStep::Idle => self.reader.step(session, inbox).await,
            turn => Ok(turn),
        }
    }

    /// Drives a run until it ends or the front end is gone.
    async fn drive(&mut self, mut active: ActiveRun) -> Result<(), EngineFailure> {
        loop {
            if active.is_about_to_call() {
                // The last moment before the next call begins.
                self.handle_pending(&mut active).await;
                active
                    .before_first_call(&mut self.session, &mut self.inbox)
                    .await;
                // A stop during that call comes before the first device is sent.
                self.handle_pending(&mut active).await;
            }
            match active.step(&mut self.session, &mut self.inbox).await? {
                NextStep::More => {}
                NextStep::Pause => self.hold_queue().await?,
                NextStep::End => break,
                NextStep::Nothing => {
                    let event = match self.idle(&mut active).await? {
                        Some(event) => event,
                        // The front end is gone. A paused run stays paused, with its reason.
                        None if active.state == RunState::Paused => break,
                        None => Event::Control(Control::StopFor(StopCause::Left)),
                    };
                    active.on_event(event, &self.session);
                }
            }
        }
        let holds_queue = !active.lets_next_start();
        let (run, is_over) = (active.run, active.is_over());
        let has_called = active.has_called();
        // Releases the run's lock.
        drop(active);
        if is_over {
            self.licences.begin(&self.session, run, has_called).await;
        }
        if holds_queue {
            self.hold_queue().await?;
        }
        Ok(())
    }

    /// Stops the queued runs after a stop or a pause: each starts again only by its typed count.
    async fn hold_queue(&mut self) -> Result<(), JournalError> {
        // Plans that were confirmed during the last call are queued too.
        while let Some(request) = self.inbox.next_deferred() {
            self.handle(request).await;
        }
        self.queue.hold(&mut self.session).await
    }

    /// Handles the requests that were received during the last step. The engine only records controls.
    async fn handle_pending(&mut self, active: &mut ActiveRun) {
        loop {
            let control = match self.inbox.next_waiting() {
                Ok(DriverRequest::Control(control)) => control,
                Ok(request) => {
                    self.handle(request).await;
                    continue;
                }
                // The front end is gone.
                Err(TryRecvError::Disconnected) => Control::StopFor(StopCause::Left),
                Err(TryRecvError::Empty) => return,
            };
            active.record_control(control, &self.session);
            if self.inbox.is_over() {
                return;
            }
        }
    }

    /// Waits for the engine's next event: a request, or the moment of its wait. None when the front end
    /// is gone. Read-only calls are made only while the run is paused.
    async fn idle(&mut self, active: &mut ActiveRun) -> Result<Option<Event>, JournalError> {
        loop {
            if let Some(stop) = active.requested_stop(&self.session)? {
                return Ok(Some(Event::Control(Control::StopFor(stop))));
            }
            if active
                .wake
                .is_some_and(|wake| wake <= self.session.now().boot)
            {
                return Ok(Some(Event::Woken));
            }
            let mut read = None;
            let mut request = match self.inbox.next_waiting() {
                // The front end is gone, and needs no result of a read-only call.
                Err(TryRecvError::Disconnected) => return Ok(None),
                waiting => waiting.ok(),
            };
            if request.is_none() && active.state == RunState::Paused {
                match self.read(Some(&mut *active)).await? {
                    ReadStep::Again => continue,
                    ReadStep::Later(moment) => read = Some(moment),
                    ReadStep::Idle => {}
                }
            }
            let status = self.session.report_budget().await;
            let frees = status.and_then(|status| status.next);
            let next = active.wake.into_iter().chain(frees).chain(read).min();
            if request.is_none() {
                request = tokio::select! {
                    biased;
                    request = self.inbox.receive() => request,
                    () = self.session.setup.clock.sleep_until(next) => continue,
                };
            }
            match request {
                Some(DriverRequest::Control(control)) => return Ok(Some(Event::Control(control))),
                Some(DriverRequest::Resume(id, expected_count)) if active.is_paused_run(id) => {
                    match self
                        .session
                        .check_resume_paused(&active.engine, id, expected_count)
                    {
                        Ok(()) => return Ok(Some(Event::Control(Control::Resume))),
                        Err(not_resumed) => {
                            self.session.send_news(Some(id), not_resumed.into()).await;
                        }
                    }
                }
                Some(request) => self.handle(request).await,
                None => return Ok(None),
            }
        }
    }
}
