//! Assigns rows without a HWID to devices after all rows have been read.
//!
//! A CSV may have a device's adapter rows before the row with its HWID, so this can't be done row
//! by row. Rows without a HWID that share a MAC address are one device, unless their host names or
//! types differ: two laptops behind one dock report the dock's address, which then identifies
//! neither. If exactly one device with a HWID has one of the addresses, the rows belong to it; if
//! several devices or an unusable row have it, the owner is unknown. Addresses that drivers hard-code
//! are ignored.

mod groups;
mod names;
mod namesakes;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use super::build::Builder;
use crate::list::error::Full;
use crate::list::fields::field::Field;
use crate::list::fields::hostname::same_name;
use crate::list::report::problem::Problem;
use groups::{Groups, Owner};
use names::{Names, is_name_of};

/// What the rows of a group are.
#[derive(Clone, Copy)]
enum GroupResult {
    /// Rows of this device, which has a HWID.
    PartOf(u32),
    /// A device of its own.
    OwnDevice,
    /// One device, but not known which.
    OfUnknownOwner,
    /// Several devices with the same addresses.
    SeveralDevices,
}

/// Assigns the rows without a HWID. The result does not depend on the order of rows, except for
/// which row of a device is its first.
pub(in crate::list) fn reconcile(builder: &mut Builder) -> Result<(), Full> {
    let rows = rows_without_hwid(builder);
    if rows.is_empty() && builder.namesakes.is_empty() {
        return Ok(());
    }
    let mut keep = vec![true; builder.store.len()];
    namesakes::resolve(builder, &mut keep)?;
    let groups = Groups::by_address(builder, &rows);
    let fates = fates(builder, &rows, &groups, &keep);
    for (&row, &leader) in rows.iter().zip(&groups.leaders) {
        let first = rows[leader];
        let into = match fates[leader] {
            GroupResult::PartOf(device) => device,
            GroupResult::OwnDevice | GroupResult::OfUnknownOwner if row != first => first,
            _ => continue,
        };
        builder.fold(row, into)?;
        keep[row as usize] = false;
    }
    for (&row, &leader) in rows.iter().zip(&groups.leaders) {
        let problem = match (fates[leader], builder.own_macs(row).count()) {
            _ if !keep[row as usize] => continue,
            (GroupResult::OwnDevice, 1) => continue,
            (GroupResult::OwnDevice, 2..) => Problem::SeveralMacs,
            // Without an address of its own it has one that drivers hard-code.
            _ => Problem::SharedMac,
        };
        builder.problems.entry(row).or_insert(problem);
    }
    drop_folded(builder, &keep);
    Ok(())
}

/// The usable rows without a HWID.
fn rows_without_hwid(builder: &Builder) -> Vec<u32> {
    (0..)
        .take(builder.store.len())
        .filter(|&index| !builder.problems.contains_key(&index) && !has_hwid(builder, index))
        .collect()
}

fn has_hwid(builder: &Builder, index: u32) -> bool {
    !builder.store.block(index).text(Field::Hwid).is_empty()
}

/// The fate of each group, at its leader.
fn fates(builder: &Builder, rows: &[u32], groups: &Groups, keep: &[bool]) -> Vec<GroupResult> {
    let owners = groups.owners(builder, keep);
    let contradictory = contradictory(builder, rows, groups);
    let contested = contested(builder, rows, groups, &owners, &contradictory);
    let groups = owners.into_iter().zip(contradictory);
    groups
        .map(|(owner, is_contradictory)| match owner {
            Owner::One(device) if !contested.contains(&device) => GroupResult::PartOf(device),
            Owner::One(_) => GroupResult::SeveralDevices,
            _ if is_contradictory => GroupResult::SeveralDevices,
            Owner::Nobody => GroupResult::OwnDevice,
            Owner::Several => GroupResult::OfUnknownOwner,
        })
        .collect()
}

/// True at the leader of a group whose rows have different host names or types; missing ones are ignored.
fn contradictory(builder: &Builder, rows: &[u32], groups: &Groups) -> Vec<bool> {
    let kind = |row: u32| builder.store.block(row).text(Field::Type);
    let mut differ = vec![false; rows.len()];
    let mut names = vec![Names::default(); rows.len()];
    let mut rows_with_kind = vec![None; rows.len()];
    for (&row, &leader) in rows.iter().zip(&groups.leaders) {
        differ[leader] |= !names[leader].admit(builder, row);
        if !kind(row).is_empty() {
            let first = *rows_with_kind[leader].get_or_insert(row);
            differ[leader] |= !same_name(kind(first), kind(row));
        }
    }
    differ
}

/// The devices whose addresses rows with another host name have. If two groups with different names
/// match one device, neither is merged into it.
fn contested(
    builder: &Builder,
    rows: &[u32],
    groups: &Groups,
    owners: &[Owner],
    contradictory: &[bool],
) -> HashSet<u32> {
    let mut names: HashMap<u32, Names> = HashMap::new();
    let mut contested = HashSet::new();
    for (&row, &leader) in rows.iter().zip(&groups.leaders) {
        let Owner::One(device) = owners[leader] else {
            continue;
        };
        let agrees = names.entry(device).or_default().admit(builder, row);
        if contradictory[leader] || !agrees || !is_name_of(builder, row, device) {
            contested.insert(device);
        }
    }
    contested
}

/// Removes merged entries and renumbers the rest.
fn drop_folded(builder: &mut Builder, keep: &[bool]) {
    if keep.iter().all(|keep| *keep) {
        return;
    }
    let mut next = 0;
    let new: Vec<u32> = keep
        .iter()
        .map(|keep| {
            let number = next;
            next += u32::from(*keep);
            number
        })
        .collect();
    let renumber = |index: u32| new.get(index as usize).copied().unwrap_or(index);
    builder.store.retain(keep);
    builder.by_hwid.renumber(renumber);
    let problems = std::mem::take(&mut builder.problems);
    builder.problems = problems
        .into_iter()
        .filter(|(index, _)| keep.get(*index as usize).copied().unwrap_or(false))
        .map(|(index, problem)| (renumber(index), problem))
        .collect();
    for fields in [&mut builder.differing, &mut builder.unreadable] {
        *fields = std::mem::take(fields)
            .into_iter()
            .map(|(index, fields)| (renumber(index), fields))
            .collect();
    }
    for row in &mut builder.folded {
        // Follow the entry that the row was merged into.
        while let Some(into) = builder.moved.get(&row.into) {
            row.into = *into;
        }
        row.into = renumber(row.into);
    }
    for (index, _) in &mut builder.claims {
        *index = renumber(*index);
    }
}
