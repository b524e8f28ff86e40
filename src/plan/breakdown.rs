//! What a plan consists of, for the person who confirms it: totals by type, group and age, and the
//! devices that are unlike the rest.
//!
//! It is computed once, when the plan is made. The order in which it lists devices is for the eye: a
//! plan is sent in its own order, whatever is shown.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::{LeftOutCount, Plan, PlannedDevice};
use crate::domain::device::IdentifierKind;
use crate::list::DeviceList;
use crate::query::AgeBand;

mod server;
#[cfg(test)]
mod tests;
mod whole;

use server::looks_like_a_server;
use whole::WholeRecords;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Devices seen less than this long before the list's time are probably in use.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A value that this share of the plan has, in percent, makes the others unusual.
const USUAL: u64 = 95;

/// The totals of a plan, and what is unusual about each of its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// How many devices are sent by their hardware ID.
    pub by_hwid: u64,
    /// How many devices are sent by a MAC address.
    pub by_mac: u64,
    /// How many calls it takes.
    pub calls: u64,
    /// How many devices an earlier run removed after the list's time.
    pub removed_earlier: u64,
    /// What is left out, counted by reason.
    pub left_out: Vec<LeftOutCount>,
    /// How many devices have each type, the commonest first.
    pub types: Vec<ValueCount>,
    /// How many devices are in each group, the largest first.
    pub groups: Vec<ValueCount>,
    /// How many devices were last seen how long ago; bands without a device are left out.
    pub ages: Vec<(AgeBand, u64)>,
    /// What is known of each device, in the plan's order.
    pub rows: Vec<PlanRow>,
    /// The places of the devices in the plan, the most unusual first.
    pub unusual_first: Vec<u32>,
    /// How many devices have each peculiarity, in the order of [`Peculiarity::ALL`].
    counts: [u64; Peculiarity::ALL.len()],
}

/// How many devices of a plan have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueCount {
    /// The value as the list has it; empty if it has none.
    pub value: String,
    pub devices: u64,
}

/// What the review of a plan shows of a device beside the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanRow {
    /// Its status, as the list has it.
    pub status: String,
    /// How long before the list's time it was last seen; less than zero for later.
    pub unseen: Option<SignedDuration>,
    /// What is unusual about it.
    pub peculiarities: Peculiarities,
    /// How it came into the plan.
    pub selected: SelectionOrigin,
}

/// How a device came into a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelectionOrigin {
    /// It was marked by itself.
    #[default]
    ByHand,
    /// It was marked in a range of rows.
    Range,
    /// The marks of all rows shown were inverted.
    Inverted,
    /// It was marked with all rows that a filter showed.
    Filter,
    /// It was marked with all rows of the list.
    All,
    /// A ticket or another list named it.
    Ticket,
    /// Its mark was restored from an earlier session.
    Restored,
    /// Nothing was marked, and it was under the cursor.
    Cursor,
    /// An earlier run didn't succeed with it.
    Retry,
}

/// A property that makes a device unlike the rest of its plan; the most unusual first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peculiarity {
    /// Seen less than a week before the list's time.
    Recent,
    /// Marked, and hidden by the filter.
    Hidden,
    /// Marked by hand, unlike most of the plan.
    ByHand,
    /// Of another type than nearly all.
    OtherType,
    /// In another group than nearly all.
    OtherGroup,
    /// Its name, type or system looks like a server's.
    Server,
    /// It has no host name.
    NoHostname,
    /// The plan has every record of its user.
    WholeUser,
    /// The plan has every record of its host name.
    WholeHostname,
}

impl Peculiarity {
    /// All peculiarities, the most unusual first.
    pub const ALL: [Self; 9] = [
        Self::Recent,
        Self::Hidden,
        Self::ByHand,
        Self::OtherType,
        Self::OtherGroup,
        Self::Server,
        Self::NoHostname,
        Self::WholeUser,
        Self::WholeHostname,
    ];

    /// A more unusual peculiarity has a higher bit, so that the numbers sort by it.
    fn bit(self) -> u16 {
        0x8000 >> self as u16
    }
}

/// A set of peculiarities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peculiarities(u16);

impl Peculiarities {
    /// True if the peculiarity is in the set.
    pub fn has(self, wanted: Peculiarity) -> bool {
        self.0 & wanted.bit() != 0
    }

    /// The peculiarities of the set, the most unusual first.
    pub fn iter(self) -> impl Iterator<Item = Peculiarity> {
        Peculiarity::ALL.into_iter().filter(move |&it| self.has(it))
    }

    fn set(&mut self, changed: Peculiarity, on: bool) {
        if on {
            self.0 |= changed.bit();
        } else {
            self.0 &= !changed.bit();
        }
    }
}

impl PlanRow {
    /// True if it was seen less than a day before the list's time.
    pub fn is_within_a_day(&self) -> bool {
        self.unseen.is_some_and(|unseen| unseen < DAY)
    }
}

impl Breakdown {
    /// Computes the breakdown of a plan; `list` is the open list, whose entries the plan's sources
    /// name. Takes time proportional to the list.
    pub fn of(plan: &Plan, list: &DeviceList) -> Self {
        let whole = WholeRecords::of(plan, list);
        let types = shares(plan, |device| &device.device_type);
        let groups = shares(plan, |device| &device.group);
        let usual_type = usual(&types, plan.devices.len());
        let usual_group = usual(&groups, plan.devices.len());
        let mut rows = Vec::with_capacity(plan.devices.len());
        for (device, source) in plan.devices.iter().zip(&plan.sources) {
            let listed = source.map(|id| list.device(id));
            let os = listed.as_ref().map_or("", |listed| listed.os());
            let status = listed.as_ref().map_or("", |listed| listed.status());
            let times = plan.origin.list_time.zip(device.last_seen);
            let unseen = times.map(|(time, seen)| time.duration_since(seen));
            let mut peculiarities = Peculiarities::default();
            for (unusual, on) in [
                (
                    Peculiarity::Recent,
                    unseen.is_some_and(|unseen| unseen < RECENT),
                ),
                (
                    Peculiarity::OtherType,
                    usual_type.is_some_and(|usual| usual != device.device_type),
                ),
                (
                    Peculiarity::OtherGroup,
                    usual_group.is_some_and(|usual| usual != device.group),
                ),
                (Peculiarity::Server, looks_like_a_server(device, os)),
                (Peculiarity::NoHostname, device.hostname.trim().is_empty()),
                (Peculiarity::WholeUser, whole.has_user(&device.user)),
                (
                    Peculiarity::WholeHostname,
                    whole.has_hostname(&device.hostname),
                ),
            ] {
                peculiarities.set(unusual, on);
            }
            rows.push(PlanRow {
                status: status.to_owned(),
                unseen,
                peculiarities,
                selected: SelectionOrigin::default(),
            });
        }
        let removed = plan.devices.iter().filter(|it| it.removed_by.is_some());
        let mut breakdown = Self {
            by_hwid: plan.count_by(IdentifierKind::Hwid) as u64,
            by_mac: plan.count_by(IdentifierKind::Mac) as u64,
            calls: plan.calls() as u64,
            removed_earlier: removed.count() as u64,
            left_out: plan.left_out_counts(),
            ages: ages(&rows),
            types,
            groups,
            rows,
            unusual_first: Vec::new(),
            counts: [0; 9],
        };
        breakdown.sort();
        breakdown
    }

    /// Adds how each device, by its place in the plan, was selected, and which of them the filter
    /// hides.
    pub fn note_selection(&mut self, hidden: &[u32], selected: impl Fn(usize) -> SelectionOrigin) {
        for (place, row) in self.rows.iter_mut().enumerate() {
            row.selected = selected(place);
            row.peculiarities.set(Peculiarity::Hidden, false);
        }
        for &place in hidden {
            if let Some(row) = self.rows.get_mut(place as usize) {
                row.peculiarities.set(Peculiarity::Hidden, true);
            }
        }
        let by_hand = |row: &PlanRow| row.selected == SelectionOrigin::ByHand;
        let marked = self.rows.iter().filter(|row| by_hand(row)).count();
        // Where most are marked by hand, that is not unusual.
        let is_unusual = marked * 2 < self.rows.len();
        for row in &mut self.rows {
            row.peculiarities
                .set(Peculiarity::ByHand, is_unusual && by_hand(row));
        }
        self.sort();
    }

    /// How many devices have a peculiarity.
    pub fn count(&self, wanted: Peculiarity) -> u64 {
        self.counts.get(wanted as usize).copied().unwrap_or(0)
    }

    /// Counts the peculiarities, and sorts by them.
    fn sort(&mut self) {
        self.counts = Peculiarity::ALL.map(|wanted| {
            let rows = self.rows.iter();
            rows.filter(|row| row.peculiarities.has(wanted)).count() as u64
        });
        let places = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..places).collect();
        // The sort is stable: equals stay in the plan's order.
        order.sort_by_key(|&place| {
            let row = self.rows.get(place as usize);
            let peculiarities = row.map_or_else(Peculiarities::default, |row| row.peculiarities);
            let unseen = row.and_then(|row| row.unseen);
            let recent = unseen.filter(|_| peculiarities.has(Peculiarity::Recent));
            // Of those seen recently, the most recent first, whatever else they are.
            (
                std::cmp::Reverse(peculiarities.has(Peculiarity::Recent)),
                recent,
                std::cmp::Reverse(peculiarities),
            )
        });
        self.unusual_first = order;
    }
}

/// How many devices have each value, the commonest first.
fn shares<'a>(plan: &'a Plan, value: impl Fn(&'a PlannedDevice) -> &'a String) -> Vec<ValueCount> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for device in &plan.devices {
        *counts.entry(value(device)).or_default() += 1;
    }
    let mut shares: Vec<ValueCount> = counts
        .into_iter()
        .map(|(value, devices)| ValueCount {
            value: value.to_owned(),
            devices,
        })
        .collect();
    shares.sort_by(|a, b| b.devices.cmp(&a.devices).then(a.value.cmp(&b.value)));
    shares
}

/// The value that nearly all of `devices` have.
fn usual(shares: &[ValueCount], devices: usize) -> Option<&str> {
    let first = shares.first()?;
    (first.devices * 100 >= devices as u64 * USUAL).then_some(first.value.as_str())
}

fn ages(rows: &[PlanRow]) -> Vec<(AgeBand, u64)> {
    let mut counts: HashMap<AgeBand, u64> = HashMap::new();
    for row in rows {
        *counts
            .entry(row.unseen.map_or(AgeBand::Unknown, AgeBand::of))
            .or_default() += 1;
    }
    let mut ages: Vec<(AgeBand, u64)> = counts.into_iter().collect();
    ages.sort_unstable();
    ages
}
