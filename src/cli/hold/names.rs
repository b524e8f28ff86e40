//! What the arguments of `hold add` and `hold end` name.

use super::super::workspace::Workspace;
use super::super::{Failure, inventory};
use crate::domain::device::{Hwid, Identifier, MacAddress};
use crate::import::{Entry, Import, Meaning};
use crate::journal::HoldRecord;
use crate::list::DeviceList;
use crate::plan::Hold;
use crate::text;

/// How many devices of an ambiguous name are listed.
const LISTED_MAX: usize = 5;

/// The holds of the named devices, and how many of their rows have no identifier. Names are looked up in the
/// profile's list, else in the last fetched inventory; without either, only identifiers are taken. A name
/// that means nothing, or several devices, is refused: its device would seem held, and be sent.
pub(super) fn holds(
    workspace: &Workspace,
    names: &[String],
    add_missing: bool,
    template: &Hold,
) -> Result<(Vec<Hold>, u64), Failure> {
    let Some(path) = inventory::default_list(workspace) else {
        let identifiers = names.iter().map(|name| identifier(name));
        let holds = identifiers.map(|identifier| Ok(bare(template, identifier?)));
        return Ok((holds.collect::<Result<_, Failure>>()?, 0));
    };
    let list = inventory::named(workspace, &path)?;
    let import = Import::read(&names.join("\n"), &list);
    let entries = import.entries.iter();
    let problems: Vec<String> = entries
        .filter_map(|entry| problem(entry, &list, add_missing))
        .collect();
    if !problems.is_empty() {
        let problems = problems.join("; ");
        return Err(Failure::usage(format!("nothing is held: {problems}")));
    }
    let mut unidentified = 0;
    let mut holds = Vec::new();
    for (id, _) in import.selected(true) {
        match template.for_device(&list.device(id)) {
            Some(hold) => holds.push(hold),
            None => unidentified += 1,
        }
    }
    if add_missing {
        let missing = import.missing_identifiers();
        holds.extend(missing.map(|identifier| bare(template, identifier.clone())));
    }
    Ok((holds, unidentified))
}

/// Why nothing can be held for an entry, with the remedy.
fn problem(entry: &Entry, list: &DeviceList, add_missing: bool) -> Option<String> {
    let shown = text::clip(&entry.text, 60);
    match &entry.meaning {
        Meaning::Matched(_) | Meaning::Several(_) | Meaning::Repeated => None,
        Meaning::Missing(Some(_)) if add_missing => None,
        Meaning::Ambiguous(ids) => {
            let mut devices: Vec<String> = ids
                .iter()
                .take(LISTED_MAX)
                .map(|&id| text::visible(&list.named(id)).into_owned())
                .collect();
            if let Some(more) = ids.len().checked_sub(LISTED_MAX).filter(|&more| more > 0) {
                devices.push(format!("and {more} more"));
            }
            Some(format!(
                "{shown} names {} ({}): give their hardware IDs",
                text::counted(ids.len() as u64, "device"),
                devices.join(", ")
            ))
        }
        Meaning::Invalid(reason) => Some(format!("{shown} is {reason}")),
        Meaning::Missing(identifier) => {
            let remedy = match identifier {
                Some(_) => ", or hold the identifier as it is with --add-missing",
                None => "",
            };
            Some(format!(
                "{shown} is neither a file nor a device of {}: check it, read the inventory with `offboard fetch`{remedy}",
                list.name()
            ))
        }
    }
}

/// A hold of nothing but an identifier.
fn bare(template: &Hold, identifier: Identifier) -> Hold {
    let (hwid, macs) = match identifier {
        Identifier::Hwid(hwid) => (Some(hwid), Vec::new()),
        Identifier::Mac(mac) => (None, vec![mac]),
    };
    Hold {
        hwid,
        macs,
        ..template.clone()
    }
}

/// A MAC address, or what can't be anything but a hardware ID.
fn identifier(name: &str) -> Result<Identifier, Failure> {
    let shown = text::clip(name, 60);
    if let Ok(mac) = MacAddress::parse(name) {
        if mac.is_known_constant() {
            return Err(Failure::usage(format!(
                "{shown} is the address of many computers: give another identifier of the device"
            )));
        }
        return Ok(Identifier::Mac(mac));
    }
    match Hwid::parse(name) {
        Ok(hwid) if Hwid::is_distinctive(name) => Ok(Identifier::Hwid(hwid)),
        _ => Err(Failure::usage(format!(
            "{shown} is neither a file nor a hardware ID or MAC address, and there is no inventory to look a \
             name up in: read it with `offboard fetch`"
        ))),
    }
}

/// By what to end the holds in force that a name means: an identifier, or the host name of one device.
pub(super) fn held(records: &[HoldRecord], name: &str) -> Result<Vec<Identifier>, Failure> {
    let mac = MacAddress::parse(name).map(Identifier::Mac);
    let hwid = Hwid::parse(name).map(Identifier::Hwid);
    let identifiers: Vec<Identifier> = [mac.ok(), hwid.ok()]
        .into_iter()
        .flatten()
        .map(|identifier| identifier.normal_form())
        .collect();
    let holds = || {
        let in_force = records.iter().filter(|record| record.standing.holds());
        in_force.map(|record| &record.hold)
    };
    let named = identifiers
        .iter()
        .find(|&identifier| holds().any(|hold| hold.keys().any(|key| key == *identifier)));
    if let Some(identifier) = named {
        return Ok(vec![identifier.clone()]);
    }
    let shown = text::clip(name, 60);
    let of_name: Vec<&Hold> = holds()
        .filter(|hold| !name.is_empty() && hold.hostname.eq_ignore_ascii_case(name))
        .collect();
    let Some(first) = of_name.first() else {
        return Err(Failure::usage(format!(
            "{shown} is not held, and no hold was ended: see `offboard hold list`"
        )));
    };
    if of_name.iter().any(|hold| hold.hwid != first.hwid) {
        return Err(Failure::usage(format!(
            "{shown} is the name of several held devices, and no hold was ended: give a hardware ID of `offboard hold list`"
        )));
    }
    Ok(first.keys().take(1).collect())
}
