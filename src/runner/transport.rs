//! The worker's interface to the network.

use crate::api::{Client, ClientError, PageResult, PreparedDelete, ReadOnlySession};
use crate::config::ClientCredentials;
use crate::domain::action::Action;
use crate::domain::device::Identifier;
use crate::domain::rate_limit::RateHeaders;
use crate::engine::TokenReport;
use crate::engine::account_response::AccountResult;
use crate::engine::lookup_response::LookupReport;
use crate::engine::response::{HttpAnswer, NoAnswer};
use crate::secret::Secret;

/// The requests to the tenant: by [`Client`] in the program, by a simulated network in tests. Each call
/// is one request, and nothing is sent before its future is polled.
pub trait Transport {
    /// Makes the bytes of a Delete Devices call.
    fn prepare_delete(
        &self,
        action: Action,
        identifiers: &[Identifier],
    ) -> Result<PreparedDelete, ReadOnlySession>;

    /// Sends a Delete Devices call.
    fn delete(
        &self,
        token: &Secret,
        prepared: &PreparedDelete,
    ) -> impl Future<Output = Result<HttpAnswer, NoAnswer>>;

    /// Exchanges client credentials for a token, which is not part of the report.
    fn fetch_token(
        &self,
        credentials: &ClientCredentials,
    ) -> impl Future<Output = (TokenReport, Option<Secret>)>;

    /// Looks a device up.
    fn details(
        &self,
        token: &Secret,
        identifier: &Identifier,
    ) -> impl Future<Output = LookupReport>;

    /// Reads the account's licences.
    fn account(&self, token: &Secret) -> impl Future<Output = (AccountResult, RateHeaders)>;

    /// Reads the page of the inventory that comes `after` another, or the first.
    fn page(
        &self,
        token: &Secret,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> impl Future<Output = (PageResult, RateHeaders)>;
}

/// Makes the transport when the first call is due.
pub type Connect<T> = Box<dyn Fn() -> Result<T, ClientError> + Send>;

impl Transport for Client {
    fn prepare_delete(
        &self,
        action: Action,
        identifiers: &[Identifier],
    ) -> Result<PreparedDelete, ReadOnlySession> {
        self.prepare_delete(action, identifiers)
    }

    fn delete(
        &self,
        token: &Secret,
        prepared: &PreparedDelete,
    ) -> impl Future<Output = Result<HttpAnswer, NoAnswer>> {
        self.delete(token, prepared)
    }

    fn fetch_token(
        &self,
        credentials: &ClientCredentials,
    ) -> impl Future<Output = (TokenReport, Option<Secret>)> {
        self.fetch_token(credentials)
    }

    fn details(
        &self,
        token: &Secret,
        identifier: &Identifier,
    ) -> impl Future<Output = LookupReport> {
        self.details(token, identifier)
    }

    fn account(&self, token: &Secret) -> impl Future<Output = (AccountResult, RateHeaders)> {
        self.account(token)
    }

    fn page(
        &self,
        token: &Secret,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> impl Future<Output = (PageResult, RateHeaders)> {
        self.page(token, after, limit)
    }
}
