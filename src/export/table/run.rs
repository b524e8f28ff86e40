//! The devices of a run as rows of a table and as JSON objects.

use serde_json::{Map, Value, json};

use super::{put, put_macs};
use crate::domain::outcome::DeviceState;
use crate::import::MatchRule;
use crate::journal::DeviceRecord;
use crate::plan::PlannedDevice;

/// The headers of a table of a run's devices.
pub const RUN_HEADERS: [&str; 14] = [
    "hwid",
    "mac",
    "hostname",
    "nickname",
    "user",
    "type",
    "group",
    "status",
    "last_seen",
    "outcome",
    "reason",
    "call",
    "http_status",
    "matched_by",
];

/// The cells of a run's device, in the order of [`RUN_HEADERS`].
pub fn run_cells(record: &DeviceRecord) -> Vec<String> {
    let device = &record.device;
    let macs: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
    let (outcome, reason) = outcome_texts(record.state);
    vec![
        device
            .hwid
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        macs.join(" "),
        device.hostname.clone(),
        device.nickname.clone(),
        device.user.clone(),
        device.device_type.clone(),
        device.group.clone(),
        device.status.clone(),
        device
            .last_seen
            .map(|seen| seen.to_string())
            .unwrap_or_default(),
        outcome.to_owned(),
        reason.to_owned(),
        record.call.map(|call| call.to_string()).unwrap_or_default(),
        record
            .http_status
            .map(|status| status.to_string())
            .unwrap_or_default(),
        matched_by(device).to_owned(),
    ]
}

/// A run's device as a JSON object of a list.
pub fn run_object(record: &DeviceRecord) -> Value {
    let device = &record.device;
    let (outcome, reason) = outcome_texts(record.state);
    let mut object = Map::new();
    let hwid = device.hwid.as_ref().map(ToString::to_string);
    put(&mut object, "hwid", hwid.as_deref().unwrap_or_default());
    put(&mut object, "hostname", &device.hostname);
    put(&mut object, "nickname", &device.nickname);
    put(&mut object, "user", &device.user);
    put(&mut object, "type", &device.device_type);
    put(&mut object, "group", &device.group);
    put(&mut object, "status", &device.status);
    let seen = device.last_seen.map(|seen| seen.to_string());
    put(
        &mut object,
        "last_seen",
        seen.as_deref().unwrap_or_default(),
    );
    put_macs(&mut object, device.macs.iter().map(ToString::to_string));
    put(&mut object, "outcome", outcome);
    put(&mut object, "reason", reason);
    object.insert("call".to_owned(), json!(record.call));
    object.insert("http_status".to_owned(), json!(record.http_status));
    put(&mut object, "matched_by", matched_by(device));
    Value::Object(object)
}

/// The rule that matched the device with an entry of another list; may be empty.
fn matched_by(device: &PlannedDevice) -> &'static str {
    device.matched_by.map_or("", MatchRule::as_str)
}

fn outcome_texts(state: DeviceState) -> (&'static str, &'static str) {
    let outcome = state.as_final_outcome();
    (outcome.class().as_str(), outcome.reason())
}
