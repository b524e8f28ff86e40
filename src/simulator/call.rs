//! What all endpoints have in common: their parameters, the token, and errors.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;

pub(super) type Parameters = Query<HashMap<String, String>>;

pub(super) fn error(status: StatusCode, message: &str) -> Response {
    (status, axum::Json(json!({ "error": message }))).into_response()
}

/// True if the URL carries a valid token. A token in a header doesn't count.
pub(super) fn authorized(shared: &Shared, parameters: &HashMap<String, String>) -> bool {
    let state = shared.lock();
    let token = parameters.get("access_token").map_or("", String::as_str);
    state.tokens.holds(token, state.started.elapsed())
}

pub(super) fn unauthorized() -> Response {
    error(StatusCode::UNAUTHORIZED, "the token is invalid or expired")
}
