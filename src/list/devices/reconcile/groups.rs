//! Groups rows without a HWID by the addresses that they share.

use super::has_hwid;
use crate::list::devices::build::Builder;

/// The devices with a HWID that have an address of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Nobody,
    One(u32),
    Several,
}

/// The groups of rows, each known by its leader: the place of its first row.
pub(super) struct Groups {
    /// The leader of each row.
    pub leaders: Vec<usize>,
    /// The leader of each address, sorted by address.
    by_mac: Vec<([u8; 6], usize)>,
}

impl Groups {
    pub fn by_address(builder: &Builder, rows: &[u32]) -> Self {
        let mut macs = Vec::new();
        for (place, &row) in rows.iter().enumerate() {
            macs.extend(builder.own_macs(row).map(|mac| (mac.octets(), place)));
        }
        macs.sort_unstable();
        let mut leaders: Vec<usize> = (0..rows.len()).collect();
        for pair in macs.windows(2) {
            if let [(mac, one), (same, other)] = pair
                && mac == same
            {
                join(&mut leaders, *one, *other);
            }
        }
        // Whatever leads a row comes before it, and has its own leader already.
        for place in 0..leaders.len() {
            leaders[place] = leaders[leaders[place]];
        }
        macs.dedup_by_key(|(mac, _)| *mac);
        for (_, place) in &mut macs {
            *place = leaders[*place];
        }
        Self {
            leaders,
            by_mac: macs,
        }
    }

    /// The owner of each group, at its leader.
    pub fn owners(&self, builder: &Builder, keep: &[bool]) -> Vec<Owner> {
        let mut owners = vec![Owner::Nobody; self.leaders.len()];
        let entries = (0..).take(builder.store.len());
        for index in entries.filter(|&index| keep[index as usize]) {
            let is_unusable = builder.problems.contains_key(&index);
            if !is_unusable && !has_hwid(builder, index) {
                continue;
            }
            for mac in builder.own_macs(index) {
                let found = self
                    .by_mac
                    .binary_search_by_key(&mac.octets(), |(mac, _)| *mac);
                let Ok(at) = found else { continue };
                let owner = &mut owners[self.by_mac[at].1];
                *owner = match *owner {
                    // An unusable row may belong to this device or another one.
                    _ if is_unusable => Owner::Several,
                    Owner::Nobody => Owner::One(index),
                    Owner::One(same) if same == index => Owner::One(same),
                    _ => Owner::Several,
                };
            }
        }
        owners
    }
}

/// Joins the groups of two rows. The earlier row leads, so that a device keeps the position of its first row.
fn join(leaders: &mut [usize], one: usize, other: usize) {
    let (one, other) = (leader(leaders, one), leader(leaders, other));
    leaders[one.max(other)] = one.min(other);
}

fn leader(leaders: &mut [usize], mut place: usize) -> usize {
    while leaders[place] != place {
        // Halves the way for the next look.
        leaders[place] = leaders[leaders[place]];
        place = leaders[place];
    }
    place
}
