//! The view of a list that is saved from one start to the next: marks, filter, order, columns and
//! cursor. Devices are named by their identifiers, so that a list that is read again has the same
//! view.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::device::MacAddress;
use crate::import::MatchRule;
use crate::list::{DeviceId, DeviceList};
use crate::plan::MatchedFrom;
use crate::tui::column::{Column, Sort, SortKey};
use crate::tui::list_state::ListState;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::marks::FoundBy;

/// The version of the shape.
const VERSION: u32 = 1;
/// So many earlier views are kept with a view. Older ones are dropped.
const MAX_EARLIER: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedView {
    offboard_screen: u32,
    pub at: Timestamp,
    pub marks: Vec<DeviceKey>,
    /// What named those that an import found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    matched_from: Vec<Source>,
    pub filter: String,
    sort: Vec<Key>,
    columns: Vec<String>,
    /// The device under the cursor.
    pub cursor: Option<DeviceKey>,
    /// Earlier filters, oldest first.
    pub filters: Vec<String>,
    /// Views of earlier sessions that were neither restored nor discarded, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<SavedView>,
}

/// A device by its identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceKey {
    #[serde(skip_serializing_if = "Option::is_none")]
    hwid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    hostname: String,
    /// How an import found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<Found>,
}

/// How an import found a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    by: String,
    /// The place of what named it in `matched_from`.
    from: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    name: String,
    hash: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    /// Empty for the list's own order.
    column: String,
    reversed: bool,
}

/// What a view holds of the table.
#[derive(Clone, Copy, Debug)]
pub struct TableView<'a> {
    pub filter: &'a str,
    pub sort: &'a Sort,
    pub columns: &'a Columns,
    /// The device under the cursor.
    pub cursor: Option<DeviceId>,
    /// Earlier filters, oldest first.
    pub earlier_filters: &'a [String],
}

impl SavedView {
    /// The view of this list and table at this time.
    pub fn new(list: &ListState, table: TableView<'_>, at: Timestamp) -> Self {
        let key = |id| DeviceKey::of(&list.devices, id);
        let mut matched_from: Vec<Arc<MatchedFrom>> = Vec::new();
        let marked = |id| DeviceKey {
            found: list.marks.found_by(id).map(|by| {
                let place = matched_from.iter().position(|known| *known == by.from);
                Found {
                    by: by.rule.as_str().to_owned(),
                    from: place.unwrap_or_else(|| {
                        matched_from.push(by.from.clone());
                        matched_from.len() - 1
                    }),
                }
            }),
            ..key(id)
        };
        let marks = list.marks.iter().map(marked).collect();
        let sort = table.sort.keys.iter().map(|key| Key {
            column: key
                .column
                .as_ref()
                .map_or_else(String::new, |column| column.name().into_owned()),
            reversed: key.reversed,
        });
        Self {
            offboard_screen: VERSION,
            at,
            marks,
            matched_from: matched_from
                .iter()
                .map(|from| Source {
                    name: from.name.clone(),
                    hash: from.hash.clone(),
                })
                .collect(),
            filter: table.filter.to_owned(),
            sort: sort.collect(),
            columns: table.columns.names(),
            cursor: table.cursor.map(key),
            filters: table.earlier_filters.to_vec(),
            earlier: Vec::new(),
        }
    }

    /// The view with the latest of `earlier`, which are sorted newest first.
    pub fn with_earlier(self, earlier: &[Self]) -> Self {
        Self {
            earlier: earlier.iter().take(MAX_EARLIER).cloned().collect(),
            ..self
        }
    }

    /// When it and its earlier views were saved.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> {
        std::iter::once(self.at).chain(self.earlier.iter().map(|view| view.at))
    }

    /// It and its earlier views, each alone, that have marks and were saved at none of these times.
    pub fn unknown_to(self, known: &[Timestamp]) -> Vec<Self> {
        let alone = Self {
            earlier: Vec::new(),
            ..self.clone()
        };
        let views = std::iter::once(alone).chain(self.earlier);
        views
            .filter(|view| !view.marks.is_empty() && !known.contains(&view.at))
            .collect()
    }

    /// The view with those of other processes, newest first, as views of earlier sessions. One without marks
    /// comes after them.
    pub fn beside(self, others: &[Self]) -> Self {
        let others = others.iter().filter(|other| !self.same_content(other));
        let mut others: Vec<Self> = others.cloned().collect();
        if self.marks.is_empty() && !others.is_empty() {
            let first = others.remove(0);
            others.extend(self.earlier);
            return first.with_earlier(&others);
        }
        others.extend(self.earlier.iter().cloned());
        self.with_earlier(&others)
    }

    /// True when it says the same, whenever it was saved.
    pub fn same_content(&self, other: &Self) -> bool {
        let same_time = Self {
            at: other.at,
            ..self.clone()
        };
        same_time == *other
    }

    /// Reads what was saved; none if it is of another version or no such thing.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let saved: Self = serde_json::from_slice(bytes).ok()?;
        (saved.offboard_screen == VERSION).then_some(saved)
    }

    /// True if the view is the one of a first start with these columns, so that offering it
    /// is of no use.
    pub fn is_default(&self, list: &DeviceList, columns: &Columns) -> bool {
        self.marks.is_empty()
            && self.filter.is_empty()
            && self.sort.is_empty()
            && !self.has_other_columns(columns)
            && self.place(list).is_none()
    }

    /// True if its columns aren't these.
    pub fn has_other_columns(&self, columns: &Columns) -> bool {
        // That of outcomes comes by itself.
        let chosen = |names: &[String]| -> Vec<String> {
            let names = names.iter().filter(|name| name.as_str() != "outcome");
            names.cloned().collect()
        };
        chosen(&self.columns) != chosen(&columns.names())
    }

    /// The device under the cursor, if the list has it and it isn't the first.
    pub fn place(&self, list: &DeviceList) -> Option<DeviceId> {
        let place = self.cursor.as_ref()?.find(list)?;
        (place.index() > 0).then_some(place)
    }

    /// The marked devices that the list has and that can be marked, and how each was found.
    pub fn found(&self, list: &DeviceList) -> HashMap<DeviceId, Option<FoundBy>> {
        let from = self.matched_from.iter().map(|source| {
            Arc::new(MatchedFrom {
                // What was written by hand into the file must not reach the terminal.
                name: crate::text::visible(&source.name).into_owned(),
                hash: crate::text::visible(&source.hash).into_owned(),
            })
        });
        let from: Vec<Arc<MatchedFrom>> = from.collect();
        let by = |found: &Found| {
            Some(FoundBy {
                rule: MatchRule::from_name(&found.by)?,
                from: from.get(found.from)?.clone(),
            })
        };
        let named = self.marks.iter().filter_map(|name| {
            let id = name.find(list)?;
            let usable = list.device(id).problem().is_none();
            usable.then(|| (id, name.found.as_ref().and_then(by)))
        });
        named.collect()
    }

    /// The columns, as far as they can be read; without a list.
    pub fn columns(&self) -> Columns {
        Columns::from_names(self.columns.iter().map(String::as_str))
    }

    /// The order, as far as `columns` and their list have what it names.
    pub fn sort(&self, columns: &Columns, list: &DeviceList) -> Sort {
        let keys = self.sort.iter().filter_map(|key| {
            let column = match key.column.as_str() {
                "" => None,
                name => Some(columns.in_list(list, Column::from_name(name)?)?),
            };
            Some(SortKey {
                column,
                reversed: key.reversed,
            })
        });
        Sort {
            keys: keys.collect(),
        }
    }

    /// The columns of the order, not safe to show; empty in list order.
    pub fn order(&self) -> String {
        let names: Vec<&str> = self.sort.iter().map(|key| key.column.as_str()).collect();
        names.join(", ")
    }
}

/// The views that were saved of the open list, until the operator restores or discards them.
#[derive(Debug)]
pub struct SavedViewOffer {
    /// Newest first. One is offered at a time.
    views: Vec<SavedView>,
    /// The offer was shown. The operator may have postponed the answer.
    pub was_shown: bool,
}

impl SavedViewOffer {
    /// Offers `saved` and the views that it holds unless they are the default view.
    pub fn new(saved: Option<SavedView>, list: &DeviceList, columns: &Columns) -> Self {
        let mut views = Vec::new();
        if let Some(mut saved) = saved {
            let earlier = std::mem::take(&mut saved.earlier);
            views.push(saved);
            views.extend(earlier);
        }
        views.retain(|view| !view.is_default(list, columns));
        Self {
            views,
            was_shown: false,
        }
    }

    /// The view that is offered.
    pub fn offered(&self) -> Option<&SavedView> {
        self.views.first()
    }

    /// Takes the view that was shown as an offer. The one before it is offered next.
    pub fn take_shown(&mut self) -> Option<SavedView> {
        let is_open = self.was_shown && !self.views.is_empty();
        self.was_shown = false;
        is_open.then(|| self.views.remove(0))
    }

    pub fn discard(&mut self) {
        self.views.clear();
    }

    /// What to save while `view` is the open one: a view with marks goes before those that are still
    /// offered. Without marks it isn't worth another question at the next start.
    pub fn to_save(&self, view: SavedView) -> SavedView {
        match self.views.split_first() {
            Some((offered, earlier)) if view.marks.is_empty() => {
                offered.clone().with_earlier(earlier)
            }
            _ => view.with_earlier(&self.views),
        }
    }
}

impl DeviceKey {
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
            found: None,
        }
    }

    pub(in crate::tui) fn find(&self, list: &DeviceList) -> Option<DeviceId> {
        let mac = self
            .mac
            .as_deref()
            .and_then(|mac| MacAddress::parse(mac).ok());
        list.find_known(self.hwid.as_deref(), mac, &self.hostname)
    }
}
