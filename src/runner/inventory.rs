//! Reading the tenant: its inventory into a list, or one device to see whether it answers. After
//! runs and lookups, one call at a time, in the budget.

use jiff::Timestamp;

use crate::api::PageAnswer;
use crate::engine::SlotPurpose;
use crate::fetch::{FetchDestination, FetchError, Inventory};
use crate::journal::JournalError;
use crate::runner::rate_limited::{Admitted, Pace, Turn};
use crate::runner::worker::Worker;
use crate::runner::{FetchNews, News, Probe};

/// What is being read.
#[derive(Debug)]
pub(super) struct Fetching {
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

impl Worker {
    /// Begins to read the inventory, or goes on where an earlier fetch stopped.
    pub(super) async fn begin_fetch(&mut self, place: FetchDestination) {
        if self.fetching.is_some() {
            // The front ends don't ask for it: one list is written at a time.
            let busy = FetchError::Busy(self.setup.target.profile.clone());
            return self.tell_fetch(FetchNews::Ended(Err(busy))).await;
        }
        let now = self.setup.clock.now().wall;
        match Inventory::open(place, self.setup.target.clone(), now) {
            Ok(inventory) => {
                if inventory.devices() > 0 {
                    self.tell_fetch(FetchNews::Resumed(inventory.devices()))
                        .await;
                }
                self.fetching = Some(Fetching {
                    what: What::Inventory(Box::new(inventory)),
                    pace: Pace::default(),
                });
            }
            Err(error) => self.tell_fetch(FetchNews::Ended(Err(error))).await,
        }
    }

    /// Reads one device, once.
    pub(super) fn begin_probe(&mut self) {
        self.fetching = Some(Fetching {
            what: What::Probe,
            pace: Pace::short(),
        });
    }

    /// Reads no more; what was read is kept.
    pub(super) async fn cancel_fetch(&mut self) {
        if let Some(fetching) = self.fetching.take() {
            let stopped = FetchError::Stopped(fetching.devices());
            // Another process may go on from there as soon as it is told.
            drop(fetching);
            self.tell_fetch(FetchNews::Ended(Err(stopped))).await;
        }
    }

    /// Makes one step: a token call, or a page.
    pub(super) async fn fetch_on(&mut self) -> Result<Turn, JournalError> {
        let Some(mut fetching) = self.fetching.take() else {
            return Ok(Turn::Idle);
        };
        if let What::Inventory(inventory) = fetching.what {
            if inventory.is_complete() {
                let ended = inventory.publish();
                self.tell_fetch(FetchNews::Ended(ended)).await;
                return Ok(Turn::Again);
            }
            fetching.what = What::Inventory(inventory);
        }
        let admitted = self
            .admit_reading(&mut fetching.pace, SlotPurpose::Fetch)
            .await?;
        let (news, turn) = match admitted {
            Admitted::Go(slot, client, token) => {
                let (after, limit) = match &fetching.what {
                    What::Inventory(inventory) => (inventory.next(), None),
                    What::Probe => (None, Some(1)),
                };
                let (result, rate) = client.page(&token, after, limit).await;
                match self.judge_reading(&mut fetching.pace, slot, result, &rate)? {
                    Ok(None) => (None, Turn::Again),
                    Ok(Some(answer)) => {
                        return Ok(self.fetched(fetching, answer, rate.date).await);
                    }
                    Err(words) => return Ok(self.give_fetch_up(fetching, words).await),
                }
            }
            Admitted::GiveUp(words) if self.credential.is_none() => {
                self.tell_fetch(FetchNews::Ended(Err(FetchError::Credential(words))))
                    .await;
                return Ok(Turn::Again);
            }
            Admitted::GiveUp(words) => return Ok(self.give_fetch_up(fetching, words).await),
            Admitted::Again => (None, Turn::Again),
            Admitted::Retry(at) | Admitted::Slot(at) => {
                (Some(FetchNews::Waiting(at)), Turn::Later(at))
            }
            Admitted::Run(at) => (Some(FetchNews::Yielding), Turn::Later(at)),
        };
        self.fetching = Some(fetching);
        if let Some(news) = news {
            self.tell_fetch(news).await;
        }
        Ok(turn)
    }

    async fn fetched(
        &mut self,
        fetching: Fetching,
        answer: PageAnswer,
        date: Option<Timestamp>,
    ) -> Turn {
        let now = self.setup.clock.now().wall;
        let news = match fetching.what {
            What::Inventory(mut inventory) => match inventory.take(answer, now) {
                Ok(()) => {
                    let devices = inventory.devices();
                    self.fetching = Some(Fetching {
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
        self.tell_fetch(news).await;
        Turn::Again
    }

    async fn give_fetch_up(&mut self, fetching: Fetching, words: String) -> Turn {
        let devices = fetching.devices();
        drop(fetching);
        let trouble = FetchError::Failed {
            message: words,
            devices,
        };
        self.tell_fetch(FetchNews::Ended(Err(trouble))).await;
        Turn::Again
    }

    async fn tell_fetch(&self, news: FetchNews) {
        self.tell(None, News::Fetch(news)).await;
    }
}
