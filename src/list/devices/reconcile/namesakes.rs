//! Entries that share a HWID but have different host names.

use super::names::hostname;
use crate::list::devices::build::Builder;
use crate::list::error::Full;
use crate::list::fields::hostname::same_host;
use crate::list::report::problem::Problem;

/// The maximum number of host names of one machine.
const MAX_NAMES: usize = 64;

/// Merges or rejects such entries. If each shares a MAC address with another of them, the machine was
/// renamed and they are one device. Otherwise several machines have the HWID, and all the entries are
/// unusable.
pub(super) fn resolve(builder: &mut Builder, keep: &mut [bool]) -> Result<(), Full> {
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

fn are_one_machine(builder: &Builder, members: &[u32]) -> bool {
    // A row without a name belongs to the named one, but can't connect two names: its addresses may
    // belong to either.
    let named: Vec<u32> = members
        .iter()
        .copied()
        .filter(|&index| !hostname(builder, index).is_empty())
        .collect();
    have_one_name(builder, &named) || are_connected(builder, &named)
}

fn have_one_name(builder: &Builder, named: &[u32]) -> bool {
    let mut pairs = named.iter().enumerate();
    named.len() <= MAX_NAMES
        && pairs.all(|(at, &one)| {
            let mut rest = named.iter().skip(at);
            rest.all(|&other| same_host(hostname(builder, one), hostname(builder, other)))
        })
}

/// True if a chain of shared addresses leads from the first entry to each other one.
fn are_connected(builder: &Builder, named: &[u32]) -> bool {
    let Some((&start, rest)) = named.split_first() else {
        return true;
    };
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
