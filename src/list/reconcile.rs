//! Which rows without a HWID are devices of their own, once everything has been read.
//!
//! A CSV may have a device's adapter rows before the row with its HWID, so this can't be done row
//! by row. Rows without a HWID that share a MAC address are one device, unless their host names or
//! types say otherwise: two laptops behind one dock report the dock's address, which then is
//! neither's. If exactly one HWID of the list has one of its addresses it is that device; if several
//! have, or a row that can't be used has, nothing says whose it is. Addresses that drivers hard-code
//! never decide.

use std::collections::{HashMap, HashSet};

use super::build::{Builder, HOSTNAME_SLOT, same_host, same_name};
use super::field::Field;
use super::problem::Problem;
use super::store::Full;
use super::values;

/// Settles the rows without a HWID. Nothing here depends on the order of rows, but for which row
/// of a device counts as its first.
pub(super) fn reconcile(builder: &mut Builder) -> Result<(), Full> {
    let nameless = nameless(builder);
    if nameless.is_empty() && builder.namesakes.is_empty() {
        return Ok(());
    }
    let mut keep = vec![true; builder.store.len()];
    settle_namesakes(builder, &mut keep)?;
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

/// Decides about entries that share a HWID and have different host names. If each shares a MAC
/// address with another of them, the machine was renamed and they are one device; otherwise the HWID
/// is on several machines, and none of them can be told from the others.
fn settle_namesakes(builder: &mut Builder, keep: &mut [bool]) -> Result<(), Full> {
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

/// No machine has had more names.
const MOST_NAMES: usize = 64;

fn are_one_machine(builder: &Builder, members: &[u32]) -> bool {
    // A row without a name is the named one's, but joins no two names: its addresses are nobody's
    // in particular.
    let named: Vec<u32> = members
        .iter()
        .copied()
        .filter(|&index| !builder.store.block(index).text(HOSTNAME_SLOT).is_empty())
        .collect();
    let Some((&start, rest)) = named.split_first() else {
        return true;
    };
    let name = |index: u32| builder.store.block(index).text(HOSTNAME_SLOT);
    let mut pairs = named.iter().enumerate().take(MOST_NAMES);
    let is_one_name = named.len() <= MOST_NAMES
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

/// The usable rows that have no HWID.
fn nameless(builder: &Builder) -> Vec<u32> {
    (0..)
        .take(builder.store.len())
        .filter(|index| {
            !builder.problems.contains_key(index) && builder.store.block(*index).text(0).is_empty()
        })
        .collect()
}

/// Removes what was folded away, and gives the rest their final numbers.
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
    for row in &mut builder.folded {
        row.into = renumber(row.into);
    }
    for (index, _) in &mut builder.claims {
        *index = renumber(*index);
    }
}

/// Which devices with a HWID have an address of a group.
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
    /// By leader: its rows have different host names or types, so that they are several devices.
    mixed: Vec<bool>,
    /// By leader: the device that has its addresses has another host name.
    lent: Vec<bool>,
    /// Each address with one of the rows that have it, sorted.
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

    /// Looks every other device's addresses up.
    fn find_owners(&mut self, builder: &Builder, keep: &[bool]) {
        for index in (0..)
            .take(builder.store.len())
            .filter(|&index| keep[index as usize])
        {
            let unusable = builder.problems.contains_key(&index);
            let named = !builder.store.block(index).text(0).is_empty();
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
                    // A row that can't be used may be this device or another one.
                    _ if unusable => Owner::Several,
                    Owner::Nobody => Owner::One(index),
                    Owner::One(same) if same == index => Owner::One(same),
                    _ => Owner::Several,
                };
            }
        }
    }

    /// Compares what the rows of each group say of themselves; a missing value says nothing.
    fn find_mixed(&mut self, builder: &Builder, nameless: &[u32]) {
        for slot in [Field::Hostname, Field::Type].map(Field::text_slot) {
            let text = |member: usize| {
                let block = builder.store.block(nameless[member]);
                slot.map_or("", |slot| block.text(slot))
            };
            // By leader: a member whose text stands for the group's.
            let mut first_of = vec![None; nameless.len()];
            for member in (0..nameless.len()).filter(|&member| !text(member).is_empty()) {
                let leader = self.leader(member);
                let first = *first_of[leader].get_or_insert(member);
                let is_same = if slot == Field::Hostname.text_slot() {
                    same_host(text(first), text(member))
                } else {
                    same_name(text(first), text(member))
                };
                self.mixed[leader] |= !is_same;
            }
        }
    }

    /// Finds the groups whose addresses a device with another host name has. Where two groups of
    /// different names claim one device, neither gets it.
    fn find_lent(&mut self, builder: &Builder, nameless: &[u32]) {
        let mut names: HashMap<u32, usize> = HashMap::new();
        let mut claimed: Vec<(usize, u32)> = Vec::new();
        let mut contested: HashSet<u32> = HashSet::new();
        for member in 0..nameless.len() {
            let leader = self.leader(member);
            let Owner::One(device) = self.owner[leader] else {
                continue;
            };
            claimed.push((leader, device));
            let first = *names.entry(device).or_insert(member);
            if self.mixed[leader]
                || differ_in_name(builder, nameless[member], device)
                || differ_in_name(builder, nameless[member], nameless[first])
            {
                contested.insert(device);
            }
            // A row without a name doesn't speak for the others.
            if builder
                .store
                .block(nameless[first])
                .text(HOSTNAME_SLOT)
                .is_empty()
            {
                names.insert(device, member);
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

    /// The earlier row leads, so that a device stands where its first row stood.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.leader(one), self.leader(other));
        self.parent[one.max(other)] = one.min(other);
    }
}

/// True if both have host names and none is the same: an address of the one is not lent to the
/// other. A machine that was renamed has several.
fn differ_in_name(builder: &Builder, one: u32, other: u32) -> bool {
    let names = |index: u32| values::all(builder.store.block(index).all_values(HOSTNAME_SLOT));
    let is_named = |index: u32| names(index).next().is_some();
    let share = || names(one).any(|name| names(other).any(|other| same_host(name, other)));
    is_named(one) && is_named(other) && !share()
}
