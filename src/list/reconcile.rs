//! Which rows without a HWID are devices of their own, once everything has been read.
//!
//! A CSV may have a device's adapter rows before the row with its HWID, so this can't be done row
//! by row. Rows without a HWID that share a MAC address are one device, unless their host names or
//! types say otherwise: two laptops behind one dock report the dock's address, which then is
//! neither's. If exactly one HWID of the list has one of its addresses it is that device; if several
//! have, or a row that can't be used has, nothing says whose it is. Addresses that drivers hard-code
//! never decide.

use super::build::Builder;
use super::field::Field;
use super::problem::Problem;
use super::store::Full;

/// Settles the rows without a HWID. Nothing here depends on the order of rows, but for which row
/// of a device counts as its first.
pub(super) fn reconcile(builder: &mut Builder) -> Result<(), Full> {
    let nameless = nameless(builder);
    if nameless.is_empty() {
        return Ok(());
    }
    let mut groups = Groups::new(builder, &nameless);
    groups.find_owners(builder);
    groups.find_mixed(builder, &nameless);
    let mut keep = vec![true; builder.store.len()];
    for member in 0..nameless.len() {
        let leader = groups.leader(member);
        let into = match groups.owner[leader] {
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
            let shared = groups.owner[leader] == Owner::Several || groups.mixed[leader];
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
    fn find_owners(&mut self, builder: &Builder) {
        for index in (0..).take(builder.store.len()) {
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
            let mut said = vec![None; nameless.len()];
            for member in (0..nameless.len()).filter(|&member| !text(member).is_empty()) {
                let leader = self.leader(member);
                let first = *said[leader].get_or_insert(member);
                self.mixed[leader] |= !same(text(first), text(member));
            }
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

/// True if the two differ in nothing but case.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}
