//! A list in a few numbers, for comparing inventories over time.

use std::collections::BTreeMap;

use super::AgeBand;
use crate::list::DeviceList;

/// The most values of a field that are counted by name; the rest are counted together.
const MOST: usize = 40;
/// The most characters of a value.
const LONGEST: usize = 60;
/// The name under which further values are counted.
const OTHERS: &str = "(others)";

/// How many devices a list has, by status, type and last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListTotals {
    pub devices: u64,
    /// By status; the empty text for none.
    pub by_status: BTreeMap<String, u64>,
    /// By type; the empty text for none.
    pub by_type: BTreeMap<String, u64>,
    /// By the time since they were seen last, from the list's time.
    pub by_age: BTreeMap<AgeBand, u64>,
}

impl ListTotals {
    /// Counts the devices of a list.
    pub fn of(list: &DeviceList) -> Self {
        let mut totals = Self::default();
        let time = list.time();
        for id in list.ids() {
            let device = list.device(id);
            let age = time.zip(device.last_seen());
            let band = age.map_or(AgeBand::Unknown, |(time, seen)| {
                AgeBand::of(time.duration_since(seen))
            });
            totals.devices += 1;
            count(&mut totals.by_status, device.status());
            count(&mut totals.by_type, device.device_type());
            *totals.by_age.entry(band).or_default() += 1;
        }
        totals
    }

    /// Devices that were not seen for more than 90 days.
    pub fn unseen_over_90_days(&self) -> u64 {
        let old = [AgeBand::HalfYear, AgeBand::Year, AgeBand::Longer];
        old.iter().filter_map(|band| self.by_age.get(band)).sum()
    }
}

fn count(counts: &mut BTreeMap<String, u64>, value: &str) {
    let end = value.char_indices().nth(LONGEST);
    let value = end.map_or(value, |(end, _)| &value[..end]);
    if let Some(count) = counts.get_mut(value) {
        *count += 1;
        return;
    }
    let name = if counts.len() < MOST { value } else { OTHERS };
    *counts.entry(name.to_owned()).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> DeviceList {
        DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list")
    }

    #[test]
    fn totals_count_each_device_once_by_each_field() {
        let totals = ListTotals::of(&list(
            "hwid,type,status,last seen\n\
             h1,laptop,compliant,2026-11-27T10:00:00Z\n\
             h2,laptop,pending,2026-08-29T10:00:00Z\n\
             h3,server,compliant,2026-08-28T10:00:00Z\n\
             h4,,compliant,2020-01-01T00:00:00Z\n\
             h5,server,compliant,\n",
        ));
        assert_eq!(totals.devices, 5);
        let counts = |counts: &BTreeMap<String, u64>| format!("{counts:?}");
        assert_eq!(
            counts(&totals.by_type),
            r#"{"": 1, "laptop": 2, "server": 2}"#
        );
        assert_eq!(
            counts(&totals.by_status),
            r#"{"compliant": 4, "pending": 1}"#
        );
        assert_eq!(
            totals.by_age.get(&AgeBand::Quarter),
            Some(&1),
            "90 days are not over"
        );
        assert_eq!(totals.by_age.get(&AgeBand::Unknown), Some(&1));
        assert_eq!(totals.unseen_over_90_days(), 2);
        assert_eq!(totals.by_age.values().sum::<u64>(), 5);
    }

    #[test]
    fn totals_of_a_hostile_inventory_are_bounded() {
        let rows = (0..500).map(|n| format!("h{n},{n}{}\n", "x".repeat(1000)));
        let text = format!("hwid,status\n{}", rows.collect::<String>());
        let totals = ListTotals::of(&list(&text));
        assert_eq!(totals.by_status.len(), MOST + 1);
        assert_eq!(totals.by_status.values().sum::<u64>(), 500);
        assert!(
            totals
                .by_status
                .keys()
                .all(|name| name.chars().count() <= LONGEST)
        );
    }

    #[test]
    fn long_value_is_counted_under_its_beginning_beside_many_others() {
        let long = "x".repeat(LONGEST + 5);
        let mut counts = BTreeMap::new();
        count(&mut counts, &long);
        for name in 0..MOST {
            count(&mut counts, &name.to_string());
        }
        count(&mut counts, &long);
        assert_eq!(counts.get(&long[..LONGEST]), Some(&2));
        assert_eq!(counts.get(OTHERS), Some(&1));
    }
}
