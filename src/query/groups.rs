//! Devices that share a value, over a whole list, for `dup:` and `stale:`.

use std::hash::{BuildHasher, Hasher};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::key::{Columns, JoinedList, Key};
use super::needle;
use super::normal::normal;
use crate::domain::device::MacAddress;
use crate::list::{Device, DeviceId, DeviceList, Field, is_default_name, is_placeholder};

/// Which devices of a list share a field's value.
pub(super) struct Groups {
    pub key: Key,
    shared: Vec<bool>,
    stale: Vec<bool>,
}

impl Groups {
    /// Indexes the whole list. Unusable rows are ignored because they may belong to any device; a
    /// missing value, `localhost` and addresses that drivers hard-code form no group. A column that
    /// `list` lacks is read from the joined list.
    pub fn of(list: &DeviceList, key: &Key, joined: Option<&JoinedList<'_>>) -> Self {
        let members = Members::of(list, key, joined);
        let mut found = Self {
            key: key.clone(),
            shared: vec![false; list.len()],
            stale: vec![false; list.len()],
        };
        for (id, group) in members.places {
            let Some(group) = members.groups.get(group).filter(|group| group.count > 1) else {
                continue;
            };
            if let Some(shared) = found.shared.get_mut(id.index()) {
                *shared = true;
            }
            if let Some(stale) = found.stale.get_mut(id.index()) {
                *stale |= group.has_one_newest() && seen(&list.device(id)) != group.newest;
            }
        }
        found
    }

    /// True if another device has the same value.
    pub fn is_shared(&self, id: DeviceId) -> bool {
        self.shared.get(id.index()).copied().unwrap_or(false)
    }

    /// True if another device with the same value was seen more recently.
    pub fn is_stale(&self, id: DeviceId) -> bool {
        self.stale.get(id.index()).copied().unwrap_or(false)
    }
}

/// The other devices that share a value with the device, in list order, as [`Groups`] finds them.
pub(super) fn others(
    list: &DeviceList,
    key: &Key,
    joined: Option<&JoinedList<'_>>,
    id: DeviceId,
) -> Vec<DeviceId> {
    let members = Members::of(list, key, joined);
    let places = members.places.iter();
    let own: Vec<usize> = places
        .filter(|(of, _)| *of == id)
        .map(|(_, group)| *group)
        .collect();
    let places = members.places.iter();
    let mut others: Vec<DeviceId> = places
        .filter(|(of, group)| *of != id && own.contains(group))
        .map(|(of, _)| *of)
        .collect();
    others.dedup();
    others
}

/// The groups of two or more devices that share a value, all of which `is_selected` accepts: the first
/// device of each.
pub(super) fn whole(
    list: &DeviceList,
    key: &Key,
    is_selected: &dyn Fn(DeviceId) -> bool,
) -> Vec<DeviceId> {
    let members = Members::of(list, key, None);
    let mut first: Vec<Option<DeviceId>> = vec![None; members.groups.len()];
    let mut selected = vec![0; members.groups.len()];
    for &(id, group) in &members.places {
        if let (Some(first), Some(selected)) = (first.get_mut(group), selected.get_mut(group)) {
            first.get_or_insert(id);
            *selected += u32::from(is_selected(id));
        }
    }
    let groups = members.groups.iter().zip(selected).zip(first);
    groups
        .filter(|((group, selected), _)| group.count > 1 && group.count == *selected)
        .filter_map(|(_, first)| first)
        .collect()
}

/// The devices with the same value.
struct Group<'a> {
    value: Value<'a>,
    count: u32,
    newest: Option<i64>,
    at_newest: u32,
    is_undated: bool,
}

impl Group<'_> {
    fn add(&mut self, seen: Option<i64>) {
        self.count += 1;
        self.is_undated |= seen.is_none();
        if seen > self.newest {
            self.newest = seen;
            self.at_newest = 1;
        } else if seen == self.newest {
            self.at_newest += 1;
        }
    }

    /// If a date is missing or several devices have the newest one, no device can be called stale.
    fn has_one_newest(&self) -> bool {
        !self.is_undated && self.at_newest == 1
    }
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Text(&'a str),
    Mac(MacAddress),
}

impl<'a> Value<'a> {
    /// The values of the device's field that can form a group.
    fn all_of(device: &Device<'a>, key: &Key, columns: &Columns) -> Vec<Self> {
        if *key == Key::Field(Field::Mac) {
            let own = device.macs().filter(|mac| !mac.is_known_constant());
            return own.map(Self::Mac).collect();
        }
        let names = matches!(key, Key::Field(Field::Hostname | Field::Nickname));
        let texts = columns.texts(device).into_iter();
        texts
            .filter(|text| !names || is_distinctive_name(text))
            .map(Self::Text)
            .collect()
    }

    fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => needle::same(a, b),
            (Self::Mac(a), Self::Mac(b)) => a == b,
            _ => false,
        }
    }

    fn hash(self, builder: &DefaultHashBuilder) -> u64 {
        let mut hasher = builder.build_hasher();
        match self {
            Self::Text(text) => needle::hash(text, &mut hasher),
            Self::Mac(mac) => hasher.write(&mac.octets()),
        }
        hasher.finish()
    }
}

/// All groups, and the groups of each device.
#[derive(Default)]
struct Members<'a> {
    groups: Vec<Group<'a>>,
    places: Vec<(DeviceId, usize)>,
}

impl<'a> Members<'a> {
    fn of(list: &'a DeviceList, key: &Key, joined: Option<&JoinedList<'a>>) -> Self {
        let columns = Columns::of_either(key, list, joined);
        let builder = DefaultHashBuilder::default();
        let mut index: HashTable<usize> = HashTable::new();
        let mut members = Self::default();
        let devices = list.ids().map(|id| list.device(id));
        for device in devices.filter(|device| device.problem().is_none()) {
            let seen = seen(&device);
            let Some(holder) = columns.holder(&device, joined) else {
                continue;
            };
            for value in Value::all_of(&holder, key, &columns) {
                let groups = &mut members.groups;
                let entry = index.entry(
                    value.hash(&builder),
                    |&place| groups[place].value.is_same(value),
                    |&place| groups[place].value.hash(&builder),
                );
                let place = match entry {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(vacant) => *vacant.insert(groups.len()).get(),
                };
                if place == groups.len() {
                    groups.push(Group {
                        value,
                        count: 0,
                        newest: None,
                        at_newest: 0,
                        is_undated: false,
                    });
                }
                // Rows of one device may spell its name differently.
                let own = members.places.iter().rev();
                let mut own = own.take_while(|(id, _)| *id == device.id());
                if own.any(|&(_, known)| known == place) {
                    continue;
                }
                groups[place].add(seen);
                members.places.push((device.id(), place));
            }
        }
        members
    }
}

/// True for a name that one machine has: false for an empty one, a placeholder or a factory default.
pub fn is_distinctive_name(text: &str) -> bool {
    let text = normal(text);
    let first = text.split('.').next().unwrap_or_default();
    let is_of_many = |name: &str| is_placeholder(name) || is_default_name(name);
    !text.is_empty() && !is_of_many(first) && !is_of_many(&text)
}

fn seen(device: &Device<'_>) -> Option<i64> {
    device.last_seen().map(jiff::Timestamp::as_second)
}
