//! What is kept of a list's screen from one start to the next: marks, filter, order, columns and
//! cursor. Devices are named by their identifiers, so that a list that was read anew keeps them.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::app::App;
use super::columns::Columns;
use super::message::{Column, Effect, Sort, SortKey};
use super::search::Known;
use crate::device::MacAddress;
use crate::list::{DeviceId, DeviceList};
use crate::query::Query;

/// The version of the shape.
const VERSION: u32 = 1;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    offboard_screen: u32,
    /// When it was kept.
    pub at: Timestamp,
    /// The marked devices.
    pub marks: Vec<Name>,
    /// The filter.
    pub filter: String,
    sort: Vec<Key>,
    columns: Vec<String>,
    cursor: Option<Name>,
    /// Filters that were in force before, oldest first.
    filters: Vec<String>,
}

/// A device by its identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    #[serde(skip_serializing_if = "Option::is_none")]
    hwid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    hostname: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    /// Empty for the list's own order.
    column: String,
    reversed: bool,
}

impl Kept {
    /// True when it says the same, whenever it was kept.
    pub fn is_as(&self, other: &Self) -> bool {
        let same_time = Self {
            at: other.at,
            ..self.clone()
        };
        same_time == *other
    }

    /// Reads what was kept; none if it is of another version or no such thing.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let kept: Self = serde_json::from_slice(bytes).ok()?;
        (kept.offboard_screen == VERSION).then_some(kept)
    }

    /// True if there is nothing worth being offered back.
    pub fn is_plain(&self) -> bool {
        self.marks.is_empty() && self.filter.is_empty() && self.sort.is_empty()
    }

    /// The order, for people; empty for the list's own.
    pub fn order(&self) -> String {
        let names: Vec<&str> = self.sort.iter().map(|key| key.column.as_str()).collect();
        names.join(", ")
    }
}

impl Name {
    fn of(list: &DeviceList, id: DeviceId) -> Self {
        let device = list.device(id);
        let hwid = device.hwid().map(str::to_owned);
        let mac = match hwid {
            Some(_) => None,
            None => device.macs().next().map(|mac| mac.to_string()),
        };
        let hostname = if hwid.is_some() {
            String::new()
        } else {
            device.hostname().to_owned()
        };
        Self {
            hwid,
            mac,
            hostname,
        }
    }

    fn find(&self, list: &DeviceList) -> Option<DeviceId> {
        if let Some(hwid) = &self.hwid {
            return list.find_hwid(hwid);
        }
        let mac = MacAddress::parse(self.mac.as_deref()?).ok()?;
        let mut found = list.find_mac(mac);
        found.retain(|&id| {
            let device = list.device(id);
            device.hwid().is_none() && device.hostname() == self.hostname
        });
        match found.as_slice() {
            [id] => Some(*id),
            _ => None,
        }
    }
}

impl App {
    /// What is to be kept of the screen as it stands.
    pub fn keep(&self) -> Kept {
        let name = |id| Name::of(&self.list, id);
        let sort = self.table.sort.keys.iter().map(|key| Key {
            column: key.column.map_or("", Column::name).to_owned(),
            reversed: key.reversed,
        });
        Kept {
            offboard_screen: VERSION,
            at: self.now.wall,
            marks: self.marks.iter().map(name).collect(),
            filter: self.table.query.text().to_owned(),
            sort: sort.collect(),
            columns: self.table.columns.names(),
            cursor: self.current().map(name),
            filters: self.table.earlier.clone(),
        }
    }

    /// Takes back what was kept. What the list doesn't have any more is told.
    pub(super) fn take_back(&mut self, kept: Kept) -> Vec<Effect> {
        let found: HashSet<DeviceId> = kept
            .marks
            .iter()
            .filter_map(|name| name.find(&self.list))
            .filter(|&id| self.list.device(id).problem().is_none())
            .collect();
        let lost = kept.marks.len() - found.len();
        let mut ids: Vec<DeviceId> = found.into_iter().collect();
        ids.sort_unstable();
        self.marks.set(ids, true);
        let columns = Columns::from_names(kept.columns.iter().map(String::as_str));
        if !columns.shown().is_empty() {
            self.table.columns = columns;
        }
        self.table.sort = Sort {
            keys: kept
                .sort
                .iter()
                .filter_map(|key| {
                    let column = match key.column.as_str() {
                        "" => None,
                        name => Some(Column::from_name(name)?),
                    };
                    Some(SortKey {
                        column,
                        reversed: key.reversed,
                    })
                })
                .collect(),
        };
        self.table.earlier = kept.filters;
        if let Ok(query) = Query::parse(&kept.filter)
            && query.check(&self.list, &Known::default()).is_ok()
        {
            self.table.query = query;
        }
        let cursor = kept.cursor.and_then(|name| name.find(&self.list));
        if let Some(place) = cursor.and_then(|id| self.table.rows.iter().position(|&row| row == id))
        {
            self.table.cursor = place;
        }
        if lost > 0 {
            let lost = crate::text::counted(lost as u64, "marked device");
            self.status = Some(format!("{lost} not in this list any more"));
        }
        Vec::new()
    }
}
