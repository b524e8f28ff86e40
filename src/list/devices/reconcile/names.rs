//! Compares host names of rows that may be one device.

use crate::list::devices::build::Builder;
use crate::list::fields::field::Field;
use crate::list::fields::hostname::{has_domain, same_host, same_short_name};
use crate::list::fields::values;

/// A full and a short host name that represent all names of a group: a name agrees with all of them
/// if it agrees with these two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names {
    full: Option<u32>,
    short: Option<u32>,
}

impl Names {
    /// Adds the host name of row `index`; false if it contradicts an earlier name.
    pub fn admit(&mut self, builder: &Builder, index: u32) -> bool {
        let name = hostname(builder, index);
        if name.is_empty() {
            return true;
        }
        let place = if has_domain(name) {
            &mut self.full
        } else {
            &mut self.short
        };
        place.get_or_insert(index);
        let mut known = [self.full, self.short].into_iter().flatten();
        known.all(|known| same_host(hostname(builder, known), name))
    }
}

/// True if `device` has the host name of row `index`, or if one of them has none. A renamed machine
/// has several names.
pub(super) fn is_name_of(builder: &Builder, index: u32, device: u32) -> bool {
    let name = hostname(builder, index);
    let names = builder.store.block(device).all_values(Field::Hostname);
    if name.is_empty() || names.is_empty() {
        return true;
    }
    let mut alike = values::all(names)
        .filter(|known| same_short_name(known, name))
        .peekable();
    alike.peek().is_some() && alike.all(|known| same_host(known, name))
}

/// The first host name of an entry.
pub(super) fn hostname(builder: &Builder, index: u32) -> &str {
    builder.store.block(index).text(Field::Hostname)
}
