//! Device Details v2.5: looks up one device.

use reqwest::header;

use super::Client;
use crate::domain::device::{Identifier, IdentifierKind};
use crate::engine::lookup_response::{self, LookupReport};
use crate::secret::Secret;

impl Client {
    /// Looks a device up (`GET /o/api/v2.5/devices/{value}`). A read-only call.
    pub async fn details(&self, token: &Secret, identifier: &Identifier) -> LookupReport {
        let mut url = self.url("o/api/v2.5/devices");
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(&identifier.to_string());
        }
        let kind = match identifier.kind() {
            IdentifierKind::Hwid => "0",
            IdentifierKind::Mac => "1",
        };
        url.query_pairs_mut()
            .append_pair("opt", kind)
            .append_pair("access_token", token.expose());
        let request = self
            .http
            .get(url)
            .header(header::ACCEPT, "application/json");
        lookup_response::read(self.send(request, token).await)
    }
}
