//! What the arguments of `hold add` and `hold end` name.

use std::collections::HashSet;
use std::path::Path;

use crate::cli::arguments::ids;
use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, inventory};
use crate::domain::device::{Hwid, Identifier, MacAddress};
use crate::import::{Entry, Import, ImportContent, MatchResult};
use crate::journal::HoldRecord;
use crate::list::{DeviceId, DeviceList};
use crate::plan::Hold;
use crate::text;

/// How many devices of a name are listed.
const LISTED_MAX: usize = 5;

/// What is to be held.
#[derive(Debug, Default)]
pub(super) struct HoldSelection {
    pub(super) holds: Vec<Hold>,
    /// Rows that have no identifier.
    pub(super) unidentified: u64,
    /// The accounts with several devices and what these are, line by line.
    pub(super) accounts: Vec<String>,
}

/// The holds of the named devices. Names are looked up in the profile's list, else in the last fetched
/// inventory; without either, only identifiers are taken. An account holds all its devices. Any other name that
/// matches none or several is refused: otherwise the intended device would look held and still be sent.
pub(super) fn holds(
    workspace: &Workspace,
    names: &[String],
    add_missing: bool,
    template: &Hold,
) -> Result<HoldSelection, CommandError> {
    let Some(path) = inventory::default_list(workspace) else {
        let identifiers = names.iter().map(|name| identifier(name));
        let holds = identifiers.map(|identifier| Ok(bare(template, identifier?)));
        return Ok(HoldSelection {
            holds: holds.collect::<Result<_, CommandError>>()?,
            ..HoldSelection::default()
        });
    };
    let list = inventory::open_named(workspace, &path)?;
    let import = Import::read(&names.join("\n"), &list);
    select(&list, &import, NEITHER, add_missing, template)
}

/// The holds of the devices that a file names, one for each row that has no identifier of its own: by the
/// same rules. None if the file can't be read so.
pub(super) fn of_file(
    workspace: &Workspace,
    file: &Path,
    add_missing: bool,
    template: &Hold,
) -> Result<Option<HoldSelection>, CommandError> {
    let Ok(content) = ImportContent::read(file, &workspace.state_dir, &workspace.reading) else {
        return Ok(None);
    };
    ids::check(workspace, &content)?;
    let Some(path) = inventory::default_list(workspace).filter(|path| path != file) else {
        return Err(CommandError::refused(format!(
            "nothing is held: {} has names without identifiers: read the inventory to match them with: `offboard fetch`",
            content.name()
        )));
    };
    let list = inventory::open_named(workspace, &path)?;
    let import = content.look_up(&list);
    select(&list, &import, NO_DEVICE, add_missing, template).map(Some)
}

/// What an argument is that names nothing.
const NEITHER: &str = "neither a file nor a device";
/// What a row is that names nothing.
const NO_DEVICE: &str = "no device";

fn select(
    list: &DeviceList,
    import: &Import,
    unknown: &str,
    add_missing: bool,
    template: &Hold,
) -> Result<HoldSelection, CommandError> {
    let entries = import.entries.iter();
    let problems: Vec<String> = entries
        .filter_map(|entry| problem(entry, list, unknown, add_missing))
        .collect();
    if !problems.is_empty() {
        let problems = text::first_of(problems.into_iter(), LISTED_MAX).join("; ");
        return Err(CommandError::usage(format!("nothing is held: {problems}")));
    }
    let accounts = import
        .entries
        .iter()
        .filter_map(|entry| match &entry.result {
            MatchResult::Several(ids) => Some(format!(
                "{} has {}",
                text::clip(&entry.text, 60),
                devices(ids, list)
            )),
            _ => None,
        });
    let mut selected = HoldSelection {
        accounts: accounts.collect(),
        ..HoldSelection::default()
    };
    let mut taken = HashSet::new();
    for (id, _) in import.selected(true).filter(|&(id, _)| taken.insert(id)) {
        match template.for_device(&list.device(id)) {
            Some(hold) => selected.holds.push(hold),
            None => selected.unidentified += 1,
        }
    }
    if add_missing {
        let missing = import.missing_identifiers();
        let missing = missing.map(|identifier| bare(template, identifier.clone()));
        selected.holds.extend(missing);
    }
    Ok(selected)
}

/// How many devices these are, and which.
fn devices(ids: &[DeviceId], list: &DeviceList) -> String {
    let names = ids
        .iter()
        .map(|&id| text::visible(&list.name_of(id)).into_owned());
    format!(
        "{} ({})",
        text::counted(ids.len() as u64, "device"),
        text::first_of(names, LISTED_MAX).join(", ")
    )
}

/// Why nothing can be held for an entry, with the remedy.
fn problem(entry: &Entry, list: &DeviceList, unknown: &str, add_missing: bool) -> Option<String> {
    let shown = text::clip(&entry.text, 60);
    match &entry.result {
        MatchResult::Matched(_) | MatchResult::Several(_) | MatchResult::Repeated => None,
        MatchResult::Missing(Some(_)) if add_missing => None,
        MatchResult::Ambiguous(ids) => Some(format!(
            "{shown} names {}: give their hardware IDs",
            devices(ids, list)
        )),
        MatchResult::Invalid(reason) => Some(format!("{shown} is {reason}")),
        MatchResult::Missing(identifier) => {
            let remedy = match identifier {
                Some(_) => ", or hold the identifier as it is with --add-missing",
                None => "",
            };
            Some(format!(
                "{shown} is {unknown} of {}: check it, read the inventory with `offboard fetch`{remedy}",
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
fn identifier(name: &str) -> Result<Identifier, CommandError> {
    let shown = text::clip(name, 60);
    if let Ok(mac) = MacAddress::parse(name) {
        if mac.is_known_constant() {
            return Err(CommandError::usage(format!(
                "{shown} is the address of many computers: give another identifier of the device"
            )));
        }
        return Ok(Identifier::Mac(mac));
    }
    match Hwid::parse(name) {
        Ok(hwid) if Hwid::is_distinctive(name) => Ok(Identifier::Hwid(hwid)),
        _ => Err(CommandError::usage(format!(
            "{shown} is neither a file nor a hardware ID or MAC address, and there is no inventory to look a \
             name up in: read it with `offboard fetch`"
        ))),
    }
}

/// By what to end the holds in force that a name means: an identifier, or the host name of one device.
pub(super) fn held(records: &[HoldRecord], name: &str) -> Result<Vec<Identifier>, CommandError> {
    let mac = MacAddress::parse(name).map(Identifier::Mac);
    let hwid = Hwid::parse(name).map(Identifier::Hwid);
    let identifiers: Vec<Identifier> = [mac.ok(), hwid.ok()]
        .into_iter()
        .flatten()
        .map(|identifier| identifier.normal_form())
        .collect();
    let holds = || {
        let in_force = records.iter().filter(|record| record.status.is_in_force());
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
        return Err(not_held(&shown));
    };
    // Without a HWID, a device is known by its addresses.
    let is_same = |hold: &&Hold| match &first.hwid {
        Some(_) => hold.hwid == first.hwid,
        None => hold.keys().eq(first.keys()),
    };
    if !of_name.iter().all(is_same) {
        return Err(CommandError::usage(format!(
            "{shown} is the name of several held devices, and no hold was ended: give a hardware ID or MAC address of `offboard hold list`"
        )));
    }
    Ok(first.keys().take(1).collect())
}

pub(super) fn not_held(shown: &str) -> CommandError {
    CommandError::usage(format!(
        "{shown} is not held, and no hold was ended: see `offboard hold list`"
    ))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::journal::{HoldStatus, Operator};

    const LIST: &str = r#"[
        {"hwid": "a111111111111111", "hostname": "LT-1", "user": "ann@corp.example"},
        {"hwid": "a122222222222222", "hostname": "LT-2", "user": "ann@corp.example"},
        {"hwid": "a133333333333333", "hostname": "LT-3", "user": "bob@corp.example"},
        {"hwid": "a144444444444444", "hostname": "LT-3", "user": "eve@corp.example"}
    ]"#;

    fn template() -> Hold {
        let until = "2999-12-31".parse().expect("a date");
        Hold::template(until, "on leave", None, Timestamp::UNIX_EPOCH).expect("a hold")
    }

    fn selected(names: &[&str]) -> Result<HoldSelection, String> {
        let list = DeviceList::read_bytes("lab.json", LIST.as_bytes()).expect("a list");
        let import = Import::read(&names.join("\n"), &list);
        let selected = select(&list, &import, NEITHER, false, &template());
        selected.map_err(|failure| failure.message())
    }

    fn hostnames(selected: &HoldSelection) -> Vec<&str> {
        let holds = selected.holds.iter();
        holds.map(|hold| hold.hostname.as_str()).collect()
    }

    #[test]
    fn account_holds_all_of_its_devices_and_says_which() {
        let of_ann = selected(&["ann@corp.example", "LT-1"]).expect("holds");
        assert_eq!(hostnames(&of_ann), ["LT-1", "LT-2"], "each once");
        assert_eq!(
            of_ann.accounts,
            ["ann@corp.example has 2 devices (LT-1 a111111111111111, LT-2 a122222222222222)"]
        );
        let of_bob = selected(&["bob@corp.example"]).expect("holds");
        assert_eq!((of_bob.holds.len(), of_bob.accounts.len()), (1, 0));
    }

    #[test]
    fn host_name_of_several_devices_is_refused() {
        let refused = selected(&["LT-1", "LT-3"]).expect_err("ambiguous");
        assert!(
            refused.contains("nothing is held: LT-3 names 2 devices"),
            "{refused}"
        );
    }

    fn record(hwid: Option<&str>, macs: &[&str]) -> HoldRecord {
        let macs = macs.iter();
        HoldRecord {
            hold: Hold {
                hwid: hwid.map(|hwid| Hwid::parse(hwid).expect("a HWID")),
                macs: macs
                    .map(|mac| MacAddress::parse(mac).expect("an address"))
                    .collect(),
                hostname: "LT-1".to_owned(),
                ..template()
            },
            added_at: Timestamp::UNIX_EPOCH,
            operator: Operator::default(),
            ended_at: None,
            status: HoldStatus::InForce,
        }
    }

    #[test]
    fn host_name_of_several_held_devices_ends_no_hold() {
        let one = record(None, &["00:0c:29:cd:c7:b2"]);
        let other = record(None, &["00:0c:29:cd:c7:b3"]);
        let known = record(Some("a111111111111111"), &["00:0c:29:cd:c7:b2"]);
        let moved = record(Some("a111111111111111"), &[]);
        for records in [
            [one.clone(), other.clone()],
            [one.clone(), known.clone()],
            [known.clone(), other],
        ] {
            let refused = held(&records, "LT-1").expect_err("several").message();
            assert!(refused.contains("several held devices"), "{refused}");
        }
        for records in [[one.clone(), one], [known, moved]] {
            let keys = held(&records, "lt-1").expect("one device");
            assert_eq!(keys.first(), records[0].hold.keys().next().as_ref());
        }
    }
}
