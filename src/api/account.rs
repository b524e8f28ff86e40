//! Account Details v3.1: how many licences are used.

use reqwest::header;

use super::Client;
use crate::domain::rate_limit::RateHeaders;
use crate::engine::account_response::{self, AccountResult};
use crate::secret::Secret;

impl Client {
    /// Reads the account (`GET /o/api/v3.1/account`). A read-only call.
    pub async fn account(&self, token: &Secret) -> (AccountResult, RateHeaders) {
        let mut url = self.url("o/api/v3.1/account");
        url.query_pairs_mut()
            .append_pair("access_token", token.expose());
        let request = self
            .http
            .get(url)
            .header(header::ACCEPT, "application/json");
        account_response::read(self.send(request, token).await)
    }
}
