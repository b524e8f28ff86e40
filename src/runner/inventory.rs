//! Reads the tenant's inventory into a list, or one device as a probe: after runs and lookups, one
//! call at a time, within the budget.

use std::path::Path;

use jiff::Timestamp;

use crate::api::PageAnswer;
use crate::engine::SlotPurpose;
use crate::engine::retry_policy::ReadFailure;
use crate::fetch::{FetchDestination, FetchError, InventoryFetch};
use crate::journal::JournalError;
use crate::list::DeviceList;
use crate::platform::failpoint;
use crate::query::ListTotals;
use crate::runner::inbox::Inbox;
use crate::runner::rate_limited::{ReadEnd, ReadPermit, ReadRetry, ReadStep};
use crate::runner::session::Session;
use crate::runner::setup::Setup;
use crate::runner::transport::Transport;
use crate::runner::update::{FetchNews, News, ProbeResult};

/// The fetch or probe under way, if there is one.
#[derive(Debug, Default)]
pub(super) struct Reader(Option<Fetching>);

#[derive(Debug)]
struct Fetching {
    target: ReadTarget,
    retry: ReadRetry,
}

#[derive(Debug)]
enum ReadTarget {
    Inventory(Box<InventoryFetch>),
    Probe,
}

impl Fetching {
    fn devices(&self) -> u64 {
        match &self.target {
            ReadTarget::Inventory(inventory) => inventory.devices(),
            ReadTarget::Probe => 0,
        }
    }
}

impl Reader {
    /// Begins to read the inventory, or continues where an earlier fetch stopped.
    pub(super) async fn begin<T: Transport>(
        &mut self,
        session: &Session<T>,
        destination: FetchDestination,
    ) {
        if self.0.is_some() {
            // The front ends don't request it: one list is written at a time.
            let busy = FetchError::Busy(session.setup.target.profile.clone());
            return report(session, FetchNews::Ended(Err(busy))).await;
        }
        let now = session.now().wall;
        match InventoryFetch::open(destination, session.setup.target.clone(), now) {
            Ok(inventory) => {
                if inventory.devices() > 0 {
                    report(session, FetchNews::Resumed(inventory.devices())).await;
                }
                self.0 = Some(Fetching {
                    target: ReadTarget::Inventory(Box::new(inventory)),
                    retry: ReadRetry::default(),
                });
            }
            Err(error) => report(session, FetchNews::Ended(Err(error))).await,
        }
    }

    /// Reads one device, once.
    pub(super) fn begin_probe(&mut self) {
        self.0 = Some(Fetching {
            target: ReadTarget::Probe,
            retry: ReadRetry::single_attempt(),
        });
    }

    /// Ends the fetch; the next one continues from there.
    pub(super) async fn cancel<T: Transport>(&mut self, session: &Session<T>) {
        if let Some(fetching) = self.0.take() {
            let stopped = FetchError::Stopped(fetching.devices());
            // Another process may continue the fetch as soon as this is reported.
            drop(fetching);
            report(session, FetchNews::Ended(Err(stopped))).await;
        }
    }

    /// Makes one step: a token call, or a page.
    pub(super) async fn step<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        inbox: &mut Inbox,
    ) -> Result<ReadStep, JournalError> {
        let Some(mut fetching) = self.0.take() else {
            return Ok(ReadStep::Idle);
        };
        if let ReadTarget::Inventory(inventory) = fetching.target {
            if inventory.is_complete() {
                let ended = inventory.publish();
                if let Ok((_, path)) = &ended {
                    session.read_licences_at_once(inbox).await;
                    session.record_fetch(path)?;
                }
                report(session, FetchNews::Ended(ended)).await;
                return Ok(ReadStep::Again);
            }
            fetching.target = ReadTarget::Inventory(inventory);
        }
        let admitted = session
            .admit_reading(&mut fetching.retry, SlotPurpose::Fetch)
            .await?;
        let (news, step) = match admitted {
            ReadPermit::Go(slot, transport, token) => {
                let (after, limit) = match &fetching.target {
                    ReadTarget::Inventory(inventory) => (inventory.next(), None),
                    ReadTarget::Probe => (None, Some(1)),
                };
                let (result, rate) = transport.page(&token, after, limit).await;
                failpoint::between_steps().await;
                match session.finish_reading(&mut fetching.retry, slot, result, &rate)? {
                    ReadEnd::Retry => (None, ReadStep::Again),
                    ReadEnd::Read(answer) => {
                        return Ok(self.on_page(session, fetching, answer, rate.date).await);
                    }
                    ReadEnd::GiveUp(reason) => return Ok(give_up(session, fetching, reason).await),
                }
            }
            ReadPermit::GiveUp(reason) if session.credential.is_none() => {
                report(
                    session,
                    FetchNews::Ended(Err(FetchError::Credential(reason))),
                )
                .await;
                return Ok(ReadStep::Again);
            }
            ReadPermit::GiveUp(reason) => return Ok(give_up(session, fetching, reason).await),
            ReadPermit::Again => (None, ReadStep::Again),
            ReadPermit::Later(wait) => {
                let step = ReadStep::Later(wait.until);
                (Some(FetchNews::Waiting(wait)), step)
            }
            ReadPermit::Run(at) => (Some(FetchNews::Yielding), ReadStep::Later(at)),
        };
        self.0 = Some(fetching);
        if let Some(news) = news {
            report(session, news).await;
        }
        Ok(step)
    }

    async fn on_page<T: Transport>(
        &mut self,
        session: &Session<T>,
        fetching: Fetching,
        answer: PageAnswer,
        date: Option<Timestamp>,
    ) -> ReadStep {
        let now = session.now().wall;
        let news = match fetching.target {
            ReadTarget::Inventory(mut inventory) => match inventory.take(answer, now, date) {
                Ok(()) => {
                    let devices = inventory.devices();
                    self.0 = Some(Fetching {
                        target: ReadTarget::Inventory(inventory),
                        retry: fetching.retry,
                    });
                    FetchNews::Read(devices)
                }
                Err(error) => FetchNews::Ended(Err(error)),
            },
            ReadTarget::Probe => match answer {
                PageAnswer::Page(_) | PageAnswer::Beyond => FetchNews::Probed(ProbeResult {
                    clock_off: date.map(|date| now.as_second() - date.as_second()),
                }),
                PageAnswer::Invalid(message) => FetchNews::Ended(Err(FetchError::Failed {
                    failure: ReadFailure::Failed(format!("status 400: {message}")),
                    devices: 0,
                })),
            },
        };
        report(session, news).await;
        ReadStep::Again
    }
}

impl<T: Transport> Session<T> {
    /// Adds what the fetched list counts to the journal.
    fn record_fetch(&mut self, path: &Path) -> Result<(), JournalError> {
        failpoint::reach("list-published");
        let list = match DeviceList::open(path, &mut |_| {}) {
            Ok(list) => list,
            Err(error) => {
                // Opening the list reports the same error.
                tracing::warn!(%error, "the fetched list can't be counted");
                return Ok(());
            }
        };
        let fetched_at = list.time().unwrap_or(self.now().wall);
        let Setup {
            journal, target, ..
        } = &mut self.setup;
        journal.record_fetch(target, fetched_at, list.hash(), &ListTotals::of(&list))
    }
}

async fn give_up<T: Transport>(
    session: &Session<T>,
    fetching: Fetching,
    failure: ReadFailure,
) -> ReadStep {
    let devices = fetching.devices();
    // Another process may continue the fetch as soon as this is reported.
    drop(fetching);
    let failed = FetchError::Failed { failure, devices };
    report(session, FetchNews::Ended(Err(failed))).await;
    ReadStep::Again
}

async fn report<T: Transport>(session: &Session<T>, news: FetchNews) {
    session.send_news(None, News::Fetch(news)).await;
}
