//! What each shape of list reads as, and what must hold of any of them.

mod folding;
mod invariants;
mod mistakes;
mod protected;
mod refusals;
mod renaming;
mod roles;
mod shapes;
mod sources;

use crate::domain::device::{Identifier, IdentifyBy};
use crate::list::{DeviceId, DeviceList, ListNotice, Problem};

fn list(text: impl AsRef<[u8]>) -> DeviceList {
    DeviceList::read_bytes("list", text.as_ref()).expect("a list")
}

/// Why `text` is not a list.
fn refusal(text: impl AsRef<[u8]>) -> String {
    DeviceList::read_bytes("list", text.as_ref())
        .expect_err("no list")
        .to_string()
}

/// Devices, unusable and repeated rows.
fn counts(list: &DeviceList) -> (u64, u64, u64) {
    let counts = list.counts();
    (counts.devices, counts.unusable, counts.repeated)
}

/// The entry at `index`.
fn id(index: usize) -> DeviceId {
    DeviceId::from_index(index)
}

/// What is sent for each entry, or why nothing is.
fn identified(list: &DeviceList, by: IdentifyBy) -> Vec<Result<String, Problem>> {
    list.ids()
        .map(|id| list.identify(id, by).map(|it: Identifier| it.to_string()))
        .collect()
}

/// The reasons of the unusable entries, with their lines.
fn problems(list: &DeviceList) -> Vec<(u64, String)> {
    list.ids()
        .map(|id| list.device(id))
        .filter_map(|device| Some((device.line(), device.problem()?.to_string())))
        .collect()
}
