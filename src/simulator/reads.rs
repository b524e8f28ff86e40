//! The endpoints that read, in the versions that public clients call.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shares};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::call::{Parameters, authorized, error, unauthorized};
use super::{AccountAnswer, Shared, Tenant};

/// Get Devices in numbered pages. A URL has `v3` for v3.0.
const PAGED: [&str; 5] = ["v3", "v3.0", "v3.1", "v3.2", "v3.3"];
/// Get Devices with the token of the next page.
const CURSOR: [&str; 4] = ["v3.4", "v3.5", "v3.6", "v3.7"];
/// Device Details of one device.
const ONE_DEVICE: [&str; 7] = ["v2", "v2.0", "v2.1", "v2.2", "v2.3", "v2.4", "v2.5"];
/// Device Details of a list of devices.
const DETAILS: [&str; 8] = [
    "v3.1", "v3.2", "v3.3", "v3.4", "v3.5", "v3.6", "v3.7", "v3.8",
];

/// The most devices that one call returns.
const MOST: u64 = 50;

pub(super) fn router() -> Router<Shared> {
    let mut router = Router::new()
        .route("/o/api/v3/device_info", post(information))
        .route("/o/api/v3.1/account", get(account))
        .route("/o/api/v3.2/account", post(account));
    for version in PAGED {
        router = router.route(&format!("/o/api/{version}/devices"), post(numbered_page));
    }
    for version in CURSOR {
        router = router.route(&format!("/o/api/{version}/devices"), post(next_page));
    }
    for version in ONE_DEVICE {
        router = router.route(
            &format!("/o/api/{version}/devices/{{value}}"),
            get(one_device),
        );
    }
    for version in DETAILS {
        router = router.route(&format!("/o/api/{version}/devices/detail"), post(details));
    }
    router
}

/// Device Details v2 to v2.5.
async fn one_device(
    Shares(shared): Shares<Shared>,
    Path(value): Path<String>,
    Query(parameters): Parameters,
) -> Response {
    if !authorized(&shared, &parameters) {
        return unauthorized();
    }
    let by_mac = match parameters.get("opt").map(String::as_str) {
        Some("1") => true,
        Some("0") | None => false,
        Some(_) => return error(StatusCode::BAD_REQUEST, "opt must be 0 or 1"),
    };
    let mut shared = shared.lock();
    shared.reenrol_due();
    let device = shared.tenant.details(&value, by_mac);
    match device.filter(|_| !shared.settings.hides_details) {
        Some(device) => axum::Json(device).into_response(),
        None => error(StatusCode::NOT_FOUND, "no such device"),
    }
}

/// Get Devices v3.4 to v3.7.
async fn next_page(
    Shares(shared): Shares<Shared>,
    Query(parameters): Parameters,
    body: Bytes,
) -> Response {
    read(&shared, &parameters, &body, |asked| {
        let limit = limit(asked, 20)?;
        let from = match asked.get("token").and_then(Value::as_str) {
            None | Some("") => 0,
            Some(token) => token
                .strip_prefix("page-")
                .and_then(|from| from.parse().ok())
                .ok_or_else(|| bad_request("the token is unknown"))?,
        };
        let mut shared = shared.lock();
        if from == 0 {
            shared.begin_read();
        }
        let (devices, next) = shared.tenant.page(from, limit);
        let next = next.map_or(String::new(), |next| format!("page-{next}"));
        Ok(json!({ "next_token": next, "devices": devices }))
    })
}

/// Get Devices v3.0 to v3.3: a bare array. Without a limit, one device.
async fn numbered_page(
    Shares(shared): Shares<Shared>,
    Query(parameters): Parameters,
    body: Bytes,
) -> Response {
    read(&shared, &parameters, &body, |asked| {
        let limit = limit(asked, 1)?;
        let page = match asked.get("page") {
            None => 1,
            Some(page) => page
                .as_u64()
                .filter(|&page| page > 0)
                .ok_or_else(|| bad_request("page must be 1 or more"))?,
        };
        let page = usize::try_from(page).unwrap_or(usize::MAX);
        let mut shared = shared.lock();
        if page == 1 {
            shared.begin_read();
        }
        let devices = shared.tenant.numbered_page(page, limit);
        let devices = devices.ok_or((
            StatusCode::PAYLOAD_TOO_LARGE,
            "the page is beyond the last one",
        ))?;
        Ok(Value::Array(devices))
    })
}

/// Device Details v3.1 to v3.8: those of the list that the tenant has.
async fn details(
    Shares(shared): Shares<Shared>,
    Query(parameters): Parameters,
    body: Bytes,
) -> Response {
    read_devices(&shared, &parameters, &body, Tenant::v3_details)
}

/// Device Information v3.0: those of the list that the tenant has.
async fn information(
    Shares(shared): Shares<Shared>,
    Query(parameters): Parameters,
    body: Bytes,
) -> Response {
    read_devices(&shared, &parameters, &body, Tenant::information)
}

/// Answers with what `describe` says of each device of the list that the tenant has.
fn read_devices(
    shared: &Shared,
    parameters: &HashMap<String, String>,
    body: &[u8],
    describe: impl Fn(&Tenant, &str) -> Option<Value>,
) -> Response {
    read(shared, parameters, body, |asked| {
        let ids = ids(asked)?;
        let state = shared.lock();
        let known = ids.iter().filter_map(|id| describe(&state.tenant, id));
        Ok(known.collect())
    })
}

/// Account Details v3.1 and v3.2.
async fn account(Shares(shared): Shares<Shared>, Query(parameters): Parameters) -> Response {
    if !authorized(&shared, &parameters) {
        return unauthorized();
    }
    let (answer, account) = {
        let state = shared.lock();
        (state.settings.account, state.tenant.account())
    };
    match answer {
        AccountAnswer::Account => axum::Json(account).into_response(),
        AccountAnswer::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
            error(status, "simulated")
        }
        AccountAnswer::WithoutLicences => {
            axum::Json(json!({ "name": account["name"] })).into_response()
        }
        AccountAnswer::Never => std::future::pending().await,
    }
}

/// Answers a call whose parameters are the JSON of its body. Clients in PHP send `[]` without any.
fn read(
    shared: &Shared,
    parameters: &HashMap<String, String>,
    body: &[u8],
    answer: impl FnOnce(&Value) -> Result<Value, Refusal>,
) -> Response {
    if !authorized(shared, parameters) {
        return unauthorized();
    }
    let Ok(asked) = serde_json::from_slice::<Value>(body) else {
        return error(StatusCode::BAD_REQUEST, "the JSON is invalid");
    };
    // An answer with devices that the filter excludes would mislead.
    if asked.get("filter").is_some() {
        return error(StatusCode::BAD_REQUEST, "filters are not simulated");
    }
    match answer(&asked) {
        Ok(answer) => axum::Json(answer).into_response(),
        Err((status, message)) => error(status, message),
    }
}

/// The status and the message of an error.
type Refusal = (StatusCode, &'static str);

fn bad_request(message: &'static str) -> Refusal {
    (StatusCode::BAD_REQUEST, message)
}

fn limit(asked: &Value, default: usize) -> Result<usize, Refusal> {
    let Some(limit) = asked.get("limit") else {
        return Ok(default);
    };
    match limit.as_u64() {
        Some(limit @ 1..=MOST) => Ok(usize::try_from(limit).unwrap_or(default)),
        Some(limit) if limit > MOST => Err((StatusCode::NOT_ACCEPTABLE, "limit is above 50")),
        _ => Err(bad_request("limit must be 1 to 50")),
    }
}

/// One device, or a list of them: hardware IDs, MAC addresses, or IDs that another system linked with
/// a device (`opt` 1). A device of the simulated tenant is linked with its hardware ID.
fn ids(asked: &Value) -> Result<Vec<String>, Refusal> {
    match asked.get("opt").map(Value::as_i64) {
        None | Some(Some(0 | 1)) => {}
        Some(_) => return Err(bad_request("opt must be 0 or 1")),
    }
    let ids = match asked.get("ids") {
        Some(Value::String(id)) => Some(vec![id.clone()]),
        Some(Value::Array(ids)) => ids
            .iter()
            .map(|id| id.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    };
    match ids {
        Some(ids) if !ids.is_empty() && ids.len() as u64 <= MOST => Ok(ids),
        _ => Err(bad_request("ids must hold 1 to 50 strings")),
    }
}
