//! Assigns rows without a HWID to devices after all rows have been read.
//!
//! A CSV may have a device's adapter rows before the row with its HWID, so this can't be done row
//! by row. Rows without a HWID that share a MAC address are one device, unless their host names or
//! types differ: two laptops behind one dock report the dock's address, which then identifies
//! neither. If exactly one device with a HWID has one of the addresses, the rows belong to it; if
//! several devices or an unusable row have it, the owner is unknown. Addresses that drivers hard-code
//! are ignored.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use super::build::Builder;
use super::error::Full;
use super::field::Field;
use super::hostname::{has_domain, same_host, same_name, same_short_name};
use super::problem::Problem;
use super::values;

/// Assigns the rows without a HWID. The result does not depend on the order of rows, except for
/// which row of a device is its first.
pub(super) fn reconcile(builder: &mut Builder) -> Result<(), Full> {
    let nameless = nameless(builder);
    if nameless.is_empty() && builder.namesakes.is_empty() {
        return Ok(());
    }
    let mut keep = vec![true; builder.store.len()];
    resolve_namesakes(builder, &mut keep)?;
    let mut groups = Groups::new(builder, &nameless);
    groups.find_owners(builder, &keep);
    groups.find_mixed(builder, &nameless);
    groups.find_lent(builder, &nameless);
    for member in 0..nameless.len() {
        let leader = groups.leader(member);
        let into = match groups.owner[leader] {
            _ if groups.lent[leader] => continue,
            Owner::One(device) => device,
            _ if leader == member || groups.mixed[leader] => continue,
            _ => nameless[leader],
        };
        let from = nameless[member];
        builder.fold(from, into)?;
        keep[from as usize] = false;
    }
    for (member, &index) in nameless.iter().enumerate() {
        if keep[index as usize] {
            let leader = groups.leader(member);
            let shared = groups.owner[leader] == Owner::Several
                || groups.mixed[leader]
                || groups.lent[leader];
            let problem = match builder.own_macs(index).count() {
                _ if shared => Some(Problem::SharedMac),
                0 => Some(Problem::SharedMac),
                1 => None,
                _ => Some(Problem::SeveralMacs),
            };
            if let Some(problem) = problem {
                builder.problems.entry(index).or_insert(problem);
            }
        }
    }
    drop_folded(builder, &keep);
    Ok(())
}

/// Merges or rejects entries that share a HWID but have different host names. If each shares a MAC
/// address with another of them, the machine was renamed and they are one device. Otherwise several
/// machines have the HWID, and all the entries are unusable.
fn resolve_namesakes(builder: &mut Builder, keep: &mut [bool]) -> Result<(), Full> {
    for (first, others) in std::mem::take(&mut builder.namesakes) {
        let mut members = vec![first];
        members.extend(others);
        if are_one_machine(builder, &members) {
            for &from in members.iter().skip(1) {
                builder.fold(from, first)?;
                keep[from as usize] = false;
            }
        } else {
            let problem = Problem::Contradicting;
            builder
                .problems
                .extend(members.into_iter().map(|index| (index, problem)));
        }
    }
    Ok(())
}

/// The maximum number of host names of one machine.
const MAX_NAMES: usize = 64;

fn are_one_machine(builder: &Builder, members: &[u32]) -> bool {
    // A row without a name belongs to the named one, but can't connect two names: its addresses may
    // belong to either.
    let named: Vec<u32> = members
        .iter()
        .copied()
        .filter(|&index| !builder.store.block(index).text(Field::Hostname).is_empty())
        .collect();
    let Some((&start, rest)) = named.split_first() else {
        return true;
    };
    let name = |index: u32| builder.store.block(index).text(Field::Hostname);
    let mut pairs = named.iter().enumerate().take(MAX_NAMES);
    let is_one_name = named.len() <= MAX_NAMES
        && pairs.all(|(at, &one)| {
            named
                .iter()
                .skip(at)
                .all(|&other| same_host(name(one), name(other)))
        });
    if is_one_name {
        return true;
    }
    let mut macs: Vec<_> = builder.own_macs(start).collect();
    let mut apart = rest.to_vec();
    loop {
        let joined = apart
            .iter()
            .position(|&index| builder.own_macs(index).any(|mac| macs.contains(&mac)));
        match joined {
            Some(at) => macs.extend(builder.own_macs(apart.swap_remove(at))),
            None => return apart.is_empty(),
        }
    }
}

/// The usable rows without a HWID.
fn nameless(builder: &Builder) -> Vec<u32> {
    (0..)
        .take(builder.store.len())
        .filter(|index| {
            !builder.problems.contains_key(index)
                && builder.store.block(*index).text(Field::Hwid).is_empty()
        })
        .collect()
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
    let differing = std::mem::take(&mut builder.differing);
    builder.differing = differing
        .into_iter()
        .map(|(index, differing)| (renumber(index), differing))
        .collect();
    let unreadable = std::mem::take(&mut builder.unreadable);
    builder.unreadable = unreadable
        .into_iter()
        .map(|(index, fields)| (renumber(index), fields))
        .collect();
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

/// The devices with a HWID that have an address of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Nobody,
    One(u32),
    Several,
}

/// Rows without a HWID, grouped by shared addresses: a union-find over their positions.
struct Groups {
    parent: Vec<usize>,
    owner: Vec<Owner>,
    /// By leader: true if the rows have different host names or types and are several devices.
    mixed: Vec<bool>,
    /// By leader: true if the device with its addresses has another host name.
    lent: Vec<bool>,
    /// Each address with one of its rows, sorted by address.
    macs: Vec<([u8; 6], u32)>,
}

impl Groups {
    fn new(builder: &Builder, nameless: &[u32]) -> Self {
        let mut macs = Vec::new();
        for (member, &index) in (0..).zip(nameless) {
            macs.extend(builder.own_macs(index).map(|mac| (mac.octets(), member)));
        }
        macs.sort_unstable();
        let mut groups = Self {
            parent: (0..nameless.len()).collect(),
            owner: vec![Owner::Nobody; nameless.len()],
            mixed: vec![false; nameless.len()],
            lent: vec![false; nameless.len()],
            macs: Vec::new(),
        };
        for pair in macs.windows(2) {
            if let [(mac, one), (same, other)] = pair
                && mac == same
            {
                groups.join(*one as usize, *other as usize);
            }
        }
        macs.dedup_by_key(|(mac, _)| *mac);
        groups.macs = macs;
        groups
    }

    /// Looks up the addresses of all other devices.
    fn find_owners(&mut self, builder: &Builder, keep: &[bool]) {
        for index in (0..)
            .take(builder.store.len())
            .filter(|&index| keep[index as usize])
        {
            let unusable = builder.problems.contains_key(&index);
            let named = !builder.store.block(index).text(Field::Hwid).is_empty();
            if !unusable && !named {
                continue;
            }
            for mac in builder.own_macs(index) {
                let Ok(at) = self
                    .macs
                    .binary_search_by_key(&mac.octets(), |(mac, _)| *mac)
                else {
                    continue;
                };
                let leader = self.leader(self.macs[at].1 as usize);
                self.owner[leader] = match self.owner[leader] {
                    // An unusable row may belong to this device or another one.
                    _ if unusable => Owner::Several,
                    Owner::Nobody => Owner::One(index),
                    Owner::One(same) if same == index => Owner::One(same),
                    _ => Owner::Several,
                };
            }
        }
    }

    /// Compares host names and types of each group's rows; missing values are ignored.
    fn find_mixed(&mut self, builder: &Builder, nameless: &[u32]) {
        let kind = |index: u32| builder.store.block(index).text(Field::Type);
        // By leader: the group's names, and a row with the group's type.
        let mut names = vec![Names::default(); nameless.len()];
        let mut kinds = vec![None; nameless.len()];
        for (member, &index) in nameless.iter().enumerate() {
            let leader = self.leader(member);
            self.mixed[leader] |= !names[leader].admit(builder, index);
            if !kind(index).is_empty() {
                let first = *kinds[leader].get_or_insert(index);
                self.mixed[leader] |= !same_name(kind(first), kind(index));
            }
        }
    }

    /// Finds the groups whose addresses belong to a device with another host name. If two groups with
    /// different names match one device, neither is merged into it.
    fn find_lent(&mut self, builder: &Builder, nameless: &[u32]) {
        let mut names: HashMap<u32, Names> = HashMap::new();
        let mut claimed: Vec<(usize, u32)> = Vec::new();
        let mut contested: HashSet<u32> = HashSet::new();
        for (member, &index) in nameless.iter().enumerate() {
            let leader = self.leader(member);
            let Owner::One(device) = self.owner[leader] else {
                continue;
            };
            claimed.push((leader, device));
            let agree = names.entry(device).or_default().admit(builder, index);
            if self.mixed[leader] || !agree || !is_name_of(builder, index, device) {
                contested.insert(device);
            }
        }
        for (leader, device) in claimed {
            self.lent[leader] |= contested.contains(&device);
        }
    }

    fn leader(&mut self, member: usize) -> usize {
        let mut at = member;
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    /// The earlier row leads, so that a device keeps the position of its first row.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.leader(one), self.leader(other));
        self.parent[one.max(other)] = one.min(other);
    }
}

/// A full and a short host name that represent all names of a group: a name agrees with all of them
/// if it agrees with these two.
#[derive(Clone, Copy, Debug, Default)]
struct Names {
    full: Option<u32>,
    short: Option<u32>,
}

impl Names {
    /// Adds the host name of row `index`; false if it contradicts an earlier name.
    fn admit(&mut self, builder: &Builder, index: u32) -> bool {
        let name = |index: u32| builder.store.block(index).text(Field::Hostname);
        if name(index).is_empty() {
            return true;
        }
        let place = if has_domain(name(index)) {
            &mut self.full
        } else {
            &mut self.short
        };
        place.get_or_insert(index);
        let mut known = [self.full, self.short].into_iter().flatten();
        known.all(|known| same_host(name(known), name(index)))
    }
}

/// True if `device` has the host name of row `index`, or if one of them has none. A renamed machine
/// has several names.
fn is_name_of(builder: &Builder, index: u32, device: u32) -> bool {
    let name = builder.store.block(index).text(Field::Hostname);
    let names = builder.store.block(device).all_values(Field::Hostname);
    if name.is_empty() || names.is_empty() {
        return true;
    }
    let mut alike = values::all(names)
        .filter(|known| same_short_name(known, name))
        .peekable();
    alike.peek().is_some() && alike.all(|known| same_host(known, name))
}
