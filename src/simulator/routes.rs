//! The endpoints, as the published guide describes them.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State as Shares};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::call::{Parameters, authorized, error, unauthorized};
use super::limit::RemainingCalls;
use super::{CLIENT_ID, CLIENT_SECRET, Delete, Fault, Received, Shared, State, reads};
use crate::domain::action::Action;

pub(super) fn router(shared: Shared) -> Router {
    reads::router()
        .route("/o/oauth/token", get(token).post(token))
        .route("/o/api/v2/devices/delete", post(delete_devices))
        .route("/o/api/v2/devices/{value}/delete", post(delete_device))
        .route("/o/api/v2.2/devices/{value}/delete", post(delete_device))
        .fallback(|| async { error(StatusCode::NOT_FOUND, "no such path") })
        .method_not_allowed_fallback(|| async {
            error(StatusCode::METHOD_NOT_ALLOWED, "wrong method")
        })
        .layer(middleware::from_fn_with_state(shared.clone(), limit))
        .with_state(shared)
}

/// Counts every call, adds the limit to every answer, and records what was received.
async fn limit(Shares(shared): Shares<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let travel = {
        let mut state = shared.lock();
        state.sent += 1;
        if (1..=2).contains(&(state.sent % 20)) {
            state.settings.travel
        } else {
            Duration::ZERO
        }
    };
    if !travel.is_zero() {
        tokio::time::sleep(travel).await;
    }
    let (verdict, latency, place) = {
        let mut state = shared.lock();
        let at = state.started.elapsed();
        state.received.push(Received {
            at,
            path,
            status: None,
            delete: None,
        });
        let verdict = state.limit.arrive(at);
        (verdict, state.settings.latency, state.received.len() - 1)
    };
    let mut request = request;
    request.extensions_mut().insert(RequestIndex(place));
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let mut response = if verdict.allowed {
        next.run(request).await
    } else {
        error(StatusCode::TOO_MANY_REQUESTS, "over the rate limit")
    };
    add_limit_headers(response.headers_mut(), verdict);
    if response.extensions().get::<Withheld>().is_none() {
        shared.lock().received[place].status = Some(response.status().as_u16());
    }
    response
}

/// Where the call is in the record.
#[derive(Clone, Copy)]
struct RequestIndex(usize);

/// The answer never reaches the client whole.
#[derive(Clone, Copy)]
struct Withheld;

fn add_limit_headers(headers: &mut HeaderMap, verdict: RemainingCalls) {
    headers.insert("x-ratelimit-limit", HeaderValue::from(verdict.limit));
    headers.insert(
        "x-ratelimit-remaining",
        HeaderValue::from(verdict.remaining),
    );
    headers.insert("x-ratelimit-reset-time", HeaderValue::from(verdict.reset));
}

/// Public clients send the credentials as a query, with GET or POST, or as a form.
async fn token(Shares(shared): Shares<Shared>, Query(query): Parameters, body: Bytes) -> Response {
    let mut given = query;
    given.extend(form(&body));
    let is = |key: &str, value: &str| given.get(key).is_some_and(|given| given == value);
    if !is("grant_type", "client_credentials") {
        return error(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    if !is("client_id", CLIENT_ID) || !is("client_secret", CLIENT_SECRET) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let mut state = shared.lock();
    let now = state.started.elapsed();
    let answer = json!({
        "access_token": state.tokens.issue(now),
        "token_type": "bearer",
        "expires_in": state.tokens.lifetime().as_secs(),
    });
    axum::Json(answer).into_response()
}

/// A form body's fields.
fn form(body: &[u8]) -> HashMap<String, String> {
    let Ok(mut url) = reqwest::Url::parse("http://localhost/") else {
        return HashMap::new();
    };
    url.set_query(Some(&String::from_utf8_lossy(body)));
    url.query_pairs().into_owned().collect()
}

/// Delete Devices v2.0.
async fn delete_devices(
    Shares(shared): Shares<Shared>,
    Query(parameters): Parameters,
    axum::Extension(place): axum::Extension<RequestIndex>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = {
        let mut state = shared.lock();
        state.deletes += 1;
        let call = state.deletes;
        let chance = fastrand::Rng::with_seed(state.settings.seed ^ u64::from(call) << 20).f64();
        state.settings.faults.fault(call, chance)
    };
    if fault == Some(Fault::Revoke) {
        shared.lock().tokens.revoke_all();
    }
    if !authorized(&shared, &parameters) {
        return unauthorized();
    }
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    if !is_json {
        return error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be application/json",
        );
    }
    let asked = match read_delete(&body) {
        Ok(asked) => asked,
        Err(message) => return error(StatusCode::BAD_REQUEST, message),
    };
    let results = {
        let mut state = shared.lock();
        if state
            .settings
            .max_list
            .is_some_and(|longest| asked.identifiers.len() > longest)
        {
            state.received[place.0].delete = Some(asked.record(Vec::new()));
            return error(StatusCode::BAD_REQUEST, "the list is too long");
        }
        let applies = fault.is_none_or(Fault::applies);
        let results = if applies {
            asked.apply(&mut state)
        } else {
            Vec::new()
        };
        state.received[place.0].delete = Some(asked.record(results.clone()));
        results
    };
    match fault {
        None => answer(&results),
        Some(fault) => misbehave(fault, &results).await,
    }
}

struct DeleteRequest {
    opt: Option<i64>,
    action: Action,
    by_mac: bool,
    identifiers: Vec<String>,
}

impl DeleteRequest {
    fn apply(&self, state: &mut State) -> Vec<bool> {
        self.identifiers
            .iter()
            .map(|identifier| state.tenant.delete(identifier, self.by_mac, self.action))
            .collect()
    }

    fn record(&self, applied: Vec<bool>) -> Delete {
        Delete {
            opt: self.opt,
            list: if self.by_mac { "MAC_list" } else { "HWID_list" },
            identifiers: self.identifiers.clone(),
            applied,
        }
    }
}

fn read_delete(body: &[u8]) -> Result<DeleteRequest, &'static str> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "the JSON is invalid")?;
    let opt = match value.get("opt") {
        None => None,
        Some(opt) => Some(opt.as_i64().ok_or("opt must be an integer")?),
    };
    let action = action_of(opt)?;
    let (list, by_mac) = match (value.get("HWID_list"), value.get("MAC_list")) {
        (Some(list), None) => (list, false),
        (None, Some(list)) => (list, true),
        (Some(_), Some(_)) => return Err("HWID_list and MAC_list exclude each other"),
        (None, None) => return Err("HWID_list or MAC_list is missing"),
    };
    let identifiers: Option<Vec<String>> = list.as_array().and_then(|list| {
        list.iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect()
    });
    match identifiers {
        Some(identifiers) if !identifiers.is_empty() => Ok(DeleteRequest {
            opt,
            action,
            by_mac,
            identifiers,
        }),
        _ => Err("the list must hold strings, and at least one"),
    }
}

/// The action that `opt` requests; left out, it means remove.
fn action_of(opt: Option<i64>) -> Result<Action, &'static str> {
    u8::try_from(opt.unwrap_or(1))
        .ok()
        .and_then(Action::from_wire)
        .ok_or("opt must be 0, 1 or 2")
}

fn answer(results: &[bool]) -> Response {
    axum::Json(json!({ "result": numbers(results) })).into_response()
}

fn numbers(results: &[bool]) -> Vec<u8> {
    results.iter().map(|&applied| u8::from(applied)).collect()
}

async fn misbehave(fault: Fault, results: &[bool]) -> Response {
    let json = |value: Value| axum::Json(value).into_response();
    let mut numbers = numbers(results);
    match fault {
        Fault::ResetBefore | Fault::ResetAfter => withheld(broken_body(), 1),
        Fault::Truncated => withheld(broken_body(), 1000),
        Fault::NoAnswer => {
            // Longer than any client waits; the connection goes when the client does.
            tokio::time::sleep(Duration::from_secs(3600)).await;
            withheld(broken_body(), 1)
        }
        Fault::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            error(status, "simulated")
        }
        Fault::LostBehindGateway => error(StatusCode::BAD_GATEWAY, "the gateway lost the answer"),
        Fault::WrongLength => {
            numbers.pop();
            json(json!({ "result": numbers }))
        }
        Fault::WrongElement => {
            if let Some(first) = numbers.first_mut() {
                *first = 2;
            }
            json(json!({ "result": numbers }))
        }
        Fault::WebPage => {
            axum::response::Html("<html><title>Sign in</title></html>").into_response()
        }
        Fault::Redirect => (
            StatusCode::FOUND,
            [(header::LOCATION, "http://127.0.0.1:9/")],
        )
            .into_response(),
        Fault::NoResult => json(json!({ "message": "done" })),
        Fault::TextType => json!({ "result": numbers }).to_string().into_response(),
        Fault::Revoke => unauthorized(),
    }
}

/// A body that announces more than it holds, so that the connection breaks under the client.
fn withheld(body: Body, length: u64) -> Response {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response.extensions_mut().insert(Withheld);
    response
}

fn broken_body() -> Body {
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "simulated");
    Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(broken)]))
}

/// Delete Device v2.2, and v2: one device, with a message. `opt` is a parameter of the URL: one in the
/// body counts for nothing, as published, and left out it means remove.
async fn delete_device(
    Shares(shared): Shares<Shared>,
    Path(value): Path<String>,
    Query(parameters): Parameters,
    axum::Extension(place): axum::Extension<RequestIndex>,
) -> Response {
    if !authorized(&shared, &parameters) {
        return unauthorized();
    }
    let opt = parameters.get("opt").map(|opt| opt.parse::<i64>());
    let Ok(opt) = opt.transpose() else {
        return error(StatusCode::BAD_REQUEST, "opt must be an integer");
    };
    let action = match action_of(opt) {
        Ok(action) => action,
        Err(message) => return error(StatusCode::BAD_REQUEST, message),
    };
    let by_mac = crate::domain::device::MacAddress::parse(&value).is_ok();
    let asked = DeleteRequest {
        opt,
        action,
        by_mac,
        identifiers: vec![value],
    };
    let mut state = shared.lock();
    let applied = asked.apply(&mut state);
    state.received[place.0].delete = Some(asked.record(applied.clone()));
    if applied == [true] {
        axum::Json(json!({ "result": 1, "msg": "Device has been deleted" })).into_response()
    } else {
        error(StatusCode::NOT_FOUND, "no such device")
    }
}
