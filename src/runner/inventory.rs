//! Reading the tenant: its inventory into a list, or one device to see whether it answers. After
//! runs and lookups, one call at a time, in the budget.

use jiff::Timestamp;

use crate::api::PageAnswer;
use crate::engine::SlotPurpose;
use crate::fetch::{FetchDestination, FetchError, Inventory};
use crate::journal::JournalError;
use crate::platform::failpoint;
use crate::runner::rate_limited::{Admitted, Pace, Turn};
use crate::runner::session::Session;
use crate::runner::transport::Transport;
use crate::runner::update::{FetchNews, News, Probe};

/// What is being read, if anything is: one list is written at a time.
#[derive(Debug, Default)]
pub(super) struct Reader(Option<Fetching>);

#[derive(Debug)]
struct Fetching {
    what: What,
    pace: Pace,
}

#[derive(Debug)]
enum What {
    Inventory(Box<Inventory>),
    Probe,
}

impl Fetching {
    fn devices(&self) -> u64 {
        match &self.what {
            What::Inventory(inventory) => inventory.devices(),
            What::Probe => 0,
        }
    }
}

impl Reader {
    /// Begins to read the inventory, or goes on where an earlier fetch stopped.
    pub(super) async fn begin<T: Transport>(
        &mut self,
        session: &Session<T>,
        place: FetchDestination,
    ) {
        if self.0.is_some() {
            // The front ends don't ask for it: one list is written at a time.
            let busy = FetchError::Busy(session.setup.target.profile.clone());
            return tell(session, FetchNews::Ended(Err(busy))).await;
        }
        let now = session.now().wall;
        match Inventory::open(place, session.setup.target.clone(), now) {
            Ok(inventory) => {
                if inventory.devices() > 0 {
                    tell(session, FetchNews::Resumed(inventory.devices())).await;
                }
                self.0 = Some(Fetching {
                    what: What::Inventory(Box::new(inventory)),
                    pace: Pace::default(),
                });
            }
            Err(error) => tell(session, FetchNews::Ended(Err(error))).await,
        }
    }

    /// Reads one device, once.
    pub(super) fn begin_probe(&mut self) {
        self.0 = Some(Fetching {
            what: What::Probe,
            pace: Pace::short(),
        });
    }

    /// Reads no more; what was read is kept.
    pub(super) async fn cancel<T: Transport>(&mut self, session: &Session<T>) {
        if let Some(fetching) = self.0.take() {
            let stopped = FetchError::Stopped(fetching.devices());
            // Another process may go on from there as soon as this is reported.
            drop(fetching);
            tell(session, FetchNews::Ended(Err(stopped))).await;
        }
    }

    /// Makes one step: a token call, or a page.
    pub(super) async fn fetch_on<T: Transport>(
        &mut self,
        session: &mut Session<T>,
    ) -> Result<Turn, JournalError> {
        let Some(mut fetching) = self.0.take() else {
            return Ok(Turn::Idle);
        };
        if let What::Inventory(inventory) = fetching.what {
            if inventory.is_complete() {
                let ended = inventory.publish();
                tell(session, FetchNews::Ended(ended)).await;
                return Ok(Turn::Again);
            }
            fetching.what = What::Inventory(inventory);
        }
        let admitted = session
            .admit_reading(&mut fetching.pace, SlotPurpose::Fetch)
            .await?;
        let (news, turn) = match admitted {
            Admitted::Go(slot, transport, token) => {
                let (after, limit) = match &fetching.what {
                    What::Inventory(inventory) => (inventory.next(), None),
                    What::Probe => (None, Some(1)),
                };
                let (result, rate) = transport.page(&token, after, limit).await;
                failpoint::between_steps().await;
                match session.judge_reading(&mut fetching.pace, slot, result, &rate)? {
                    Ok(None) => (None, Turn::Again),
                    Ok(Some(answer)) => {
                        return Ok(self.fetched(session, fetching, answer, rate.date).await);
                    }
                    Err(words) => return Ok(give_up(session, fetching, words).await),
                }
            }
            Admitted::GiveUp(words) if session.credential.is_none() => {
                tell(
                    session,
                    FetchNews::Ended(Err(FetchError::Credential(words))),
                )
                .await;
                return Ok(Turn::Again);
            }
            Admitted::GiveUp(words) => return Ok(give_up(session, fetching, words).await),
            Admitted::Again => (None, Turn::Again),
            Admitted::Retry(at) | Admitted::Slot(at) => {
                (Some(FetchNews::Waiting(at)), Turn::Later(at))
            }
            Admitted::Run(at) => (Some(FetchNews::Yielding), Turn::Later(at)),
        };
        self.0 = Some(fetching);
        if let Some(news) = news {
            tell(session, news).await;
        }
        Ok(turn)
    }

    async fn fetched<T: Transport>(
        &mut self,
        session: &Session<T>,
        fetching: Fetching,
        answer: PageAnswer,
        date: Option<Timestamp>,
    ) -> Turn {
        let now = session.now().wall;
        let news = match fetching.what {
            What::Inventory(mut inventory) => match inventory.take(answer, now) {
                Ok(()) => {
                    let devices = inventory.devices();
                    self.0 = Some(Fetching {
                        what: What::Inventory(inventory),
                        pace: fetching.pace,
                    });
                    FetchNews::Read(devices)
                }
                Err(error) => FetchNews::Ended(Err(error)),
            },
            What::Probe => match answer {
                PageAnswer::Page(_) | PageAnswer::Beyond => FetchNews::Probed(Probe {
                    clock_off: date.map(|date| now.as_second() - date.as_second()),
                }),
                PageAnswer::Invalid(words) => FetchNews::Ended(Err(FetchError::Failed {
                    message: format!("status 400: {words}"),
                    devices: 0,
                })),
            },
        };
        tell(session, news).await;
        Turn::Again
    }
}

async fn give_up<T: Transport>(session: &Session<T>, fetching: Fetching, words: String) -> Turn {
    let devices = fetching.devices();
    // Another process may go on from there as soon as this is reported.
    drop(fetching);
    let trouble = FetchError::Failed {
        message: words,
        devices,
    };
    tell(session, FetchNews::Ended(Err(trouble))).await;
    Turn::Again
}

async fn tell<T: Transport>(session: &Session<T>, news: FetchNews) {
    session.tell(None, News::Fetch(news)).await;
}
