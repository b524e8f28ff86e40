//! The worker's way to the simulated tenants: a call waits here until the world takes it up, and again
//! until the world has its answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use offboard::api::{Client, PageAnswer, PageResult, PreparedDelete, ReadOnlySession};
use offboard::domain::action::Action;
use offboard::domain::device::Identifier;
use offboard::domain::rate_limit::RateHeaders;
use offboard::engine::TokenReport;
use offboard::engine::account_response::AccountResult;
use offboard::engine::lookup_response::LookupReport;
use offboard::engine::response::{HttpAnswer, NoAnswer};
use offboard::runner::{ClientCredentials, Transport};
use offboard::secret::Secret;

/// What a process sends.
#[derive(Clone, Debug)]
pub enum Message {
    /// Delete Devices: the token and the bytes.
    Delete(String, Vec<u8>),
    Token,
    Lookup(String, Identifier),
    Page(String),
}

/// What a process gets back.
pub enum Returned {
    Delete(Result<HttpAnswer, NoAnswer>),
    Token(TokenReport, Option<Secret>),
    Lookup(LookupReport),
    Page(PageResult, RateHeaders),
}

/// A process's end of the network. It has one call at a time.
#[derive(Clone)]
pub struct Wire {
    /// It only makes request bodies.
    client: Arc<Client>,
    call: Arc<Mutex<Call>>,
}

#[derive(Default)]
struct Call {
    sent: Option<Message>,
    returned: Option<Returned>,
}

impl Wire {
    pub fn new(client: Arc<Client>) -> Self {
        Self {
            client,
            call: Arc::default(),
        }
    }

    /// What the process has sent since this was asked last.
    pub fn take_sent(&self) -> Option<Message> {
        let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        call.sent.take()
    }

    /// The answer is there; the process sees it when it is polled.
    pub fn give_back(&self, with: Returned) {
        let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        call.returned = Some(with);
    }

    async fn exchange(&self, message: Message) -> Returned {
        {
            let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
            assert!(call.sent.is_none(), "a second call in flight");
            *call = Call {
                sent: Some(message),
                returned: None,
            };
        }
        std::future::poll_fn(|_| {
            let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
            call.returned.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

impl Transport for Wire {
    fn prepare_delete(
        &self,
        action: Action,
        identifiers: &[Identifier],
    ) -> Result<PreparedDelete, ReadOnlySession> {
        self.client.prepare_delete(action, identifiers)
    }

    async fn delete(
        &self,
        token: &Secret,
        prepared: &PreparedDelete,
    ) -> Result<HttpAnswer, NoAnswer> {
        let message = Message::Delete(token.expose().to_owned(), prepared.body().to_vec());
        match self.exchange(message).await {
            Returned::Delete(answer) => answer,
            _ => panic!("another call came back than was made"),
        }
    }

    async fn fetch_token(&self, _: &ClientCredentials) -> (TokenReport, Option<Secret>) {
        match self.exchange(Message::Token).await {
            Returned::Token(report, token) => (report, token),
            _ => panic!("another call came back than was made"),
        }
    }

    async fn details(&self, token: &Secret, identifier: &Identifier) -> LookupReport {
        let message = Message::Lookup(token.expose().to_owned(), identifier.clone());
        match self.exchange(message).await {
            Returned::Lookup(report) => report,
            _ => panic!("another call came back than was made"),
        }
    }

    /// A call that the worlds don't have: their processes read no licences.
    async fn account(&self, _: &Secret) -> (AccountResult, RateHeaders) {
        std::future::pending().await
    }

    async fn page(
        &self,
        token: &Secret,
        _: Option<&str>,
        _: Option<u32>,
    ) -> (PageResult, RateHeaders) {
        match self
            .exchange(Message::Page(token.expose().to_owned()))
            .await
        {
            Returned::Page(result, rate) => (result, rate),
            _ => panic!("another call came back than was made"),
        }
    }
}

/// What an answer to a call for a page of the inventory says; the world asks for its status only.
pub fn page(answer: Result<HttpAnswer, NoAnswer>) -> Returned {
    let (result, rate) = match answer {
        Err(NoAnswer::NotSent(reason)) => (PageResult::NotSent(reason), RateHeaders::default()),
        Err(NoAnswer::Lost(message)) => (PageResult::Unclear(message), RateHeaders::default()),
        Ok(answer) => {
            let result = match answer.status {
                200 => PageResult::Read(PageAnswer::Beyond),
                401 => PageResult::Unauthorized,
                429 => PageResult::TooMany,
                status => PageResult::Unclear(status.to_string()),
            };
            (result, answer.rate)
        }
    };
    Returned::Page(result, rate)
}
