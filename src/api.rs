//! The tenant's API: all network access to the tenant is here.
//!
//! The access token travels in the URL, so no error of the HTTP library leaves this module with
//! its URL, and whatever the server says is searched for every secret of this process before it
//! leaves. The HTTP library follows, retries and reuses nothing: one call here is one request on the
//! wire.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Proxy, Response, Url, header, redirect, retry};
use sha2::{Digest, Sha256};

use crate::config::ClientCredentials;
use crate::domain::action::Action;
use crate::domain::device::Identifier;
use crate::engine::TokenReport;
use crate::engine::response::{BODY_LIMIT, Body, HttpAnswer, NoAnswer, NotSent};
use crate::secret::{Redactor, Secret};
use crate::text::hex;

mod account;
mod details;
mod devices;
mod place;
mod rate_headers;
mod token;
mod transport;
mod wire;

pub use devices::{PAGE, Page, PageAnswer, PageResult};
use transport::no_answer;

/// How long an answer that has arrived by its deadline may take to be read.
const ARRIVED: Duration = Duration::from_millis(100);

/// How the tenant is reached.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// The tenant's origin.
    pub base_url: Url,
    /// The only proxy that is used; the environment's are not.
    pub proxy: Option<Url>,
    /// Certificates in PEM, trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// For name lookup, connection and TLS together.
    pub connect_timeout: Duration,
    /// From the send to the last byte of the answer.
    pub request_timeout: Duration,
    /// Nothing that changes the tenant is sent.
    pub read_only: bool,
}

/// Sends calls, one at a time.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    settings: ClientSettings,
    redactor: Redactor,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The CA file can't be read.
    #[error("ca_file {path}: {reason}")]
    CaFile { path: PathBuf, reason: String },
    /// The proxy's address isn't one.
    #[error("proxy: {0}")]
    Proxy(String),
    /// The HTTP library refused to start.
    #[error("the HTTP client can't start: {0}")]
    Start(String),
}

/// The profile is read-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this session is read-only: nothing is deleted (read_only in the profile, or --read-only)")]
pub struct ReadOnlySession;

/// A Delete Devices call, ready to go: the bytes whose hash is journaled are the bytes sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedDelete {
    body: Vec<u8>,
    devices: usize,
}

impl PreparedDelete {
    /// SHA-256 of the body, in hexadecimal.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(&self.body))
    }

    /// The bytes that are sent.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How many devices it carries.
    pub fn devices(&self) -> usize {
        self.devices
    }
}

impl Client {
    /// A client for these settings. Certificates are read now, and not before.
    pub fn new(settings: ClientSettings) -> Result<Self, ClientError> {
        let start = |error: reqwest::Error| ClientError::Start(error.without_url().to_string());
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("offboard/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .no_proxy()
            // A connection that is reused may be closed under the request, which then looks like a
            // lost answer.
            .pool_max_idle_per_host(0)
            .https_only(settings.base_url.scheme() == "https")
            .connect_timeout(settings.connect_timeout.min(settings.request_timeout / 2));
        if let Some(proxy) = &settings.proxy {
            let proxy = Proxy::all(proxy.clone())
                .map_err(|error| ClientError::Proxy(error.without_url().to_string()))?;
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &settings.ca_file {
            let unreadable = |reason: String| ClientError::CaFile {
                path: path.clone(),
                reason,
            };
            let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
            let certificates = Certificate::from_pem_bundle(&pem)
                .map_err(|error| unreadable(error.without_url().to_string()))?;
            if certificates.is_empty() {
                return Err(unreadable("holds no certificate in PEM".to_owned()));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(Self {
            http: builder.build().map_err(start)?,
            settings,
            redactor: Redactor::default(),
        })
    }

    /// How long a call may take.
    pub fn request_timeout(&self) -> Duration {
        self.settings.request_timeout
    }

    /// Makes the body of a Delete Devices v2.0 call (`POST /o/api/v2/devices/delete`). The
    /// identifiers are of one kind: a call never carries both lists.
    pub fn prepare_delete(
        &self,
        action: Action,
        identifiers: &[Identifier],
    ) -> Result<PreparedDelete, ReadOnlySession> {
        if self.settings.read_only {
            return Err(ReadOnlySession);
        }
        Ok(PreparedDelete {
            body: wire::delete_body(action, identifiers),
            devices: identifiers.len(),
        })
    }

    /// Sends a Delete Devices v2.0 call.
    pub async fn delete(
        &self,
        token: &Secret,
        prepared: &PreparedDelete,
    ) -> Result<HttpAnswer, NoAnswer> {
        let mut url = self.url("o/api/v2/devices/delete");
        url.query_pairs_mut()
            .append_pair("access_token", token.expose());
        let request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(prepared.body.clone());
        self.send(request, token).await
    }

    /// Exchanges client credentials for a token (`POST /o/oauth/token`), in the form body only.
    pub async fn fetch_token(
        &self,
        credentials: &ClientCredentials,
    ) -> (TokenReport, Option<Secret>) {
        let form = [
            ("client_id", credentials.client_id.as_str()),
            ("client_secret", credentials.client_secret.expose()),
            ("grant_type", "client_credentials"),
        ];
        let request = self
            .http
            .post(self.url("o/oauth/token"))
            .header(header::ACCEPT, "application/json")
            .form(&form);
        self.redactor
            .learn_login(&credentials.client_id, &credentials.client_secret);
        // As it came: the server may grant the token that it granted before.
        let answer = self.exchange(request, BODY_LIMIT).await;
        let (report, token) = token::read(answer, &self.redactor);
        if let Some(token) = &token {
            self.redactor.learn(token);
        }
        (report, token)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.settings.base_url.clone();
        url.set_path(path);
        url
    }

    /// One request, one answer of usual length.
    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        token: &Secret,
    ) -> Result<HttpAnswer, NoAnswer> {
        self.send_for(request, token, BODY_LIMIT).await
    }

    /// One request, one answer of at most `limit` bytes, in which all secrets are masked.
    async fn send_for(
        &self,
        request: reqwest::RequestBuilder,
        token: &Secret,
        limit: usize,
    ) -> Result<HttpAnswer, NoAnswer> {
        self.redactor.learn(token);
        let mut answer = self.exchange(request, limit).await?;
        if let Body::Whole(bytes) = &mut answer.body {
            *bytes = self.redactor.redact(std::mem::take(bytes));
        }
        Ok(answer)
    }

    /// One request, one answer of at most `limit` bytes. Only its body may hold a secret. Our own
    /// deadline looks at what has arrived before it gives up, which the HTTP library's doesn't.
    async fn exchange(
        &self,
        request: reqwest::RequestBuilder,
        limit: usize,
    ) -> Result<HttpAnswer, NoAnswer> {
        let request = request.build().map_err(no_answer)?;
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let place = place::describe(request.url(), self.settings.proxy.as_ref());
        let begun = Instant::now();
        let result = self.perform(request, limit).await;
        let result = result.map_err(|silence| located(silence, &place));
        let took_ms = begun.elapsed().as_millis();
        match &result {
            Ok(answer) => {
                let rate = &answer.rate;
                let (status, left, reset) = (answer.status, rate.remaining, rate.reset);
                let bytes = match &answer.body {
                    Body::Whole(bytes) => Some(bytes.len()),
                    Body::Broken | Body::TooLarge => None,
                };
                tracing::info!(%method, path, status, bytes, left, reset, took_ms, "call answered");
            }
            Err(silence) => tracing::warn!(%method, path, ?silence, took_ms, "call not answered"),
        }
        result
    }

    async fn perform(
        &self,
        request: reqwest::Request,
        limit: usize,
    ) -> Result<HttpAnswer, NoAnswer> {
        let exchange = async {
            let response = self.http.execute(request).await;
            let response = response.map_err(|error| self.masked(no_answer(error)))?;
            Ok(self.read_answer(response, limit).await)
        };
        tokio::pin!(exchange);
        let deadline = tokio::time::sleep(self.settings.request_timeout);
        let in_time = tokio::select! {
            biased;
            result = &mut exchange => return result,
            // After a stop of the process both are due. The connection is read by a task of its own,
            // so that what has arrived gets a moment to come through.
            () = deadline => tokio::time::timeout(ARRIVED, exchange).await,
        };
        match in_time {
            Ok(result) => result,
            Err(_) => Err(NoAnswer::Lost(format!(
                "no whole answer within {} s",
                self.settings.request_timeout.as_secs_f32()
            ))),
        }
    }

    /// What the network says may be the server's own text, such as a name in its certificate.
    fn masked(&self, silence: NoAnswer) -> NoAnswer {
        let mask = |text| self.redactor.redact_text(text);
        match silence {
            NoAnswer::NotSent(NotSent::Unreachable(said)) => {
                NoAnswer::NotSent(NotSent::Unreachable(mask(said)))
            }
            NoAnswer::NotSent(NotSent::Certificate(said)) => {
                NoAnswer::NotSent(NotSent::Certificate(mask(said)))
            }
            NoAnswer::Lost(said) => NoAnswer::Lost(mask(said)),
            silent @ NoAnswer::NotSent(NotSent::ProxyLogin | NotSent::SlotExpired) => silent,
        }
    }

    async fn read_answer(&self, mut response: Response, limit: usize) -> HttpAnswer {
        let text = |name: header::HeaderName| -> Option<String> {
            let value = response.headers().get(name)?.to_str().ok()?;
            let value = self.redactor.redact_text(value.to_owned());
            let value = value.split(';').next().unwrap_or_default();
            Some(value.trim().to_ascii_lowercase())
        };
        let content_type = text(header::CONTENT_TYPE);
        let encoding = text(header::CONTENT_ENCODING)
            .filter(|encoding| !encoding.is_empty() && encoding != "identity");
        let rate = rate_headers::read(response.headers());
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        let body = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= limit => {
                    bytes.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => break Body::TooLarge,
                Ok(None) => break Body::Whole(bytes),
                Err(_) => break Body::Broken,
            }
        };
        HttpAnswer {
            status,
            content_type,
            encoding,
            rate,
            body,
        }
    }
}

/// Says where the call went.
fn located(silence: NoAnswer, place: &str) -> NoAnswer {
    let at = |said: String| format!("{place}: {said}");
    match silence {
        NoAnswer::NotSent(NotSent::Unreachable(said)) => {
            NoAnswer::NotSent(NotSent::Unreachable(at(said)))
        }
        NoAnswer::NotSent(NotSent::Certificate(said)) => {
            NoAnswer::NotSent(NotSent::Certificate(at(said)))
        }
        NoAnswer::Lost(said) => NoAnswer::Lost(at(said)),
        silent @ NoAnswer::NotSent(NotSent::ProxyLogin | NotSent::SlotExpired) => silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_client_prepares_nothing_that_changes_the_tenant() {
        let settings = ClientSettings {
            base_url: "http://127.0.0.1:9".parse().expect("a URL"),
            proxy: None,
            ca_file: None,
            connect_timeout: Duration::from_secs(1),
            request_timeout: Duration::from_secs(1),
            read_only: true,
        };
        let client = Client::new(settings).expect("a client");
        assert_eq!(
            client.prepare_delete(Action::Remove, &[]),
            Err(ReadOnlySession)
        );
    }
}
