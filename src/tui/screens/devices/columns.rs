//! The table's columns: which are shown, in which order, how wide.

use std::sync::Arc;

use crate::list::{ColumnId, ColumnRef, Device, DeviceList, Field};
use crate::tui::column::{COMPUTED, Column};

/// The least and the most width of a column, in cells.
const WIDTHS: std::ops::RangeInclusive<u16> = 4..=80;

/// A column that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub column: Column,
    /// In cells, if the operator chose a width; else its content decides.
    pub width: Option<u16>,
}

/// The columns that are shown, in order; at least one of them is in every list. Those that the open
/// list lacks are not shown, and come back with a list that has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    chosen: Vec<Shown>,
    /// The headers of the list's columns that are not fields, each once.
    of_list: Vec<Arc<str>>,
}

/// The list's columns that are not fields and have exactly this header.
pub(in crate::tui) fn with_header(list: &DeviceList, header: &str) -> Vec<ColumnId> {
    let columns = list.other_columns();
    columns
        .filter(|&column| list.header(column) == header)
        .collect()
}

/// The first value that the device has in these columns; empty when it has none.
pub(in crate::tui) fn first_value<'a>(device: &Device<'a>, columns: &[ColumnId]) -> &'a str {
    let mut values = columns.iter().map(|&column| device.other(column));
    values.find(|value| !value.is_empty()).unwrap_or_default()
}

impl Columns {
    /// These, each written `name` or `name:width`; names that there are not are left out. Columns of
    /// a list are shown from [`set_list`](Self::set_list) on.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let shown = names.into_iter().filter_map(|text| {
            let (name, width) = crate::config::split_column(text);
            let column = Column::from_name(name)?;
            let width = width.and_then(|width| width.parse().ok());
            let limit = |width: u16| width.clamp(*WIDTHS.start(), *WIDTHS.end());
            Some(Shown {
                column,
                width: width.map(limit),
            })
        });
        Self {
            chosen: shown.collect(),
            of_list: Vec::new(),
        }
    }

    /// True if nothing was chosen.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// Takes the columns of this list in place of another's. Where it has none of those that were
    /// chosen, the names of the devices are shown.
    pub fn set_list(&mut self, list: &DeviceList) {
        self.of_list.clear();
        for column in list.other_columns() {
            let header = list.header(column);
            if self.of_list.iter().all(|known| **known != *header) {
                self.of_list.push(header.into());
            }
        }
        for mut shown in std::mem::take(&mut self.chosen) {
            if let Some(column) = self.in_list(list, shown.column.clone()) {
                shown.column = column;
            }
            if !self.chooses(&shown.column) {
                self.chosen.push(shown);
            }
        }
        if self.shown().is_empty() {
            for field in [Field::Hostname, Field::Hwid, Field::Mac] {
                self.toggle(&Column::Field(field));
            }
        }
    }

    /// The column as the list, which was [set](Self::set_list), writes it; none if the list lacks it.
    /// Case and white space of a header don't count.
    pub fn in_list(&self, list: &DeviceList, column: Column) -> Option<Column> {
        let Some(header) = column.header() else {
            return Some(column);
        };
        if self.has(&column) {
            return Some(column);
        }
        let found = list.find_columns(header);
        found.into_iter().find_map(|found| match found {
            ColumnRef::Other(other) => Some(Column::Other(list.header(other).into())),
            ColumnRef::Field(_) => None,
        })
    }

    /// True if the list has the column.
    fn has(&self, column: &Column) -> bool {
        let header = column.header();
        header.is_none_or(|header| self.of_list.contains(header))
    }

    fn chooses(&self, column: &Column) -> bool {
        self.chosen.iter().any(|shown| shown.column == *column)
    }

    /// Written as [`from_names`](Self::from_names) reads them.
    pub fn names(&self) -> Vec<String> {
        self.chosen
            .iter()
            .map(|shown| match shown.width {
                Some(width) => format!("{}:{width}", shown.column.name()),
                None => shown.column.name().into_owned(),
            })
            .collect()
    }

    /// Those that are shown, in order.
    pub fn shown(&self) -> Vec<&Shown> {
        let chosen = self.chosen.iter();
        chosen.filter(|shown| self.has(&shown.column)).collect()
    }

    /// All columns: those that are shown, in order, then the other fields, then the list's other
    /// columns.
    pub fn all(&self) -> Vec<Column> {
        let mut all: Vec<Column> = self
            .shown()
            .into_iter()
            .map(|shown| shown.column.clone())
            .collect();
        let fields = Field::ALL.iter().copied().map(Column::Field);
        let others = self.of_list.iter().cloned().map(Column::Other);
        let rest = COMPUTED.iter().cloned().chain(fields).chain(others);
        all.extend(rest.filter(|column| !self.chooses(column)));
        all
    }

    /// Shows or hides a column; the last one stays.
    pub fn toggle(&mut self, column: &Column) {
        if !self.chooses(column) {
            self.chosen.push(Shown {
                column: column.clone(),
                width: None,
            });
        } else if self.shown().len() > 1 {
            self.chosen.retain(|shown| shown.column != *column);
        }
    }

    /// Moves a shown column by one place among those that are shown.
    pub fn shift(&mut self, column: &Column, later: bool) {
        let chosen = self.chosen.iter().enumerate();
        let places: Vec<usize> = chosen
            .filter(|(_, shown)| self.has(&shown.column))
            .map(|(place, _)| place)
            .collect();
        let is_column = |&place: &usize| {
            let shown = self.chosen.get(place);
            shown.is_some_and(|shown| shown.column == *column)
        };
        let Some(at) = places.iter().position(is_column) else {
            return;
        };
        let to = if later { at + 1 } else { at.wrapping_sub(1) };
        if let (Some(&from), Some(&to)) = (places.get(at), places.get(to)) {
            self.chosen.swap(from, to);
        }
    }

    /// Shows the outcomes behind the host name, or in front if there is none, unless they are shown.
    /// True if they weren't.
    pub fn add_outcome(&mut self) -> bool {
        if self.chooses(&Column::Outcome) {
            return false;
        }
        let hostname = Column::Field(Field::Hostname);
        let place = self
            .chosen
            .iter()
            .position(|shown| shown.column == hostname);
        let outcome = Shown {
            column: Column::Outcome,
            width: None,
        };
        self.chosen.insert(place.map_or(0, |at| at + 1), outcome);
        true
    }

    /// Chooses the width of a shown column, in cells; without one its content decides.
    pub fn set_width(&mut self, column: &Column, width: Option<u16>) {
        for shown in &mut self.chosen {
            if shown.column == *column {
                shown.width = width.map(|width| width.clamp(*WIDTHS.start(), *WIDTHS.end()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_written_as_they_are_read() {
        let columns = Columns::from_names(["outcome", "hostname:30", "nonsense"]);
        assert_eq!(columns.names(), ["outcome", "hostname:30"]);
        let names = columns.names();
        assert_eq!(
            Columns::from_names(names.iter().map(String::as_str)),
            columns
        );
    }

    #[test]
    fn columns_are_chosen_ordered_and_sized() {
        let hostname = Column::Field(Field::Hostname);
        let mut columns = Columns::from_names(["outcome", "hostname"]);
        columns.shift(&hostname, false);
        columns.set_width(&hostname, Some(16));
        assert_eq!(columns.names(), ["hostname:16", "outcome"]);
        columns.set_width(&hostname, Some(200));
        assert_eq!(columns.names(), ["hostname:80", "outcome"]);
        columns.set_width(&hostname, None);
        columns.shift(&hostname, false);
        columns.toggle(&hostname);
        columns.toggle(&Column::Outcome);
        assert_eq!(columns.names(), ["outcome"], "the last one stays");
        assert_eq!(columns.all().len(), Field::ALL.len() + 1);
    }

    #[test]
    fn outcome_is_added_once_behind_the_host_name() {
        let mut columns = Columns::from_names(["hwid", "hostname", "os"]);
        assert!(columns.add_outcome());
        assert!(!columns.add_outcome());
        assert_eq!(columns.names(), ["hwid", "hostname", "outcome", "os"]);
    }

    fn of_list(names: &[&str], text: &str) -> Columns {
        let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
        let mut columns = Columns::from_names(names.iter().copied());
        columns.set_list(&list);
        columns
    }

    fn shown(columns: &Columns) -> Vec<String> {
        let shown = columns.shown().into_iter();
        shown
            .map(|shown| shown.column.name().into_owned())
            .collect()
    }

    #[test]
    fn other_columns_are_known_by_their_headers() {
        let text = "hwid,Room: east,Shelf\nh1,12,a\n";
        let names = ["@shelf:20", "hwid", "@Room: east", "@Gone:8", "@SHELF"];
        let columns = of_list(&names, text);
        assert_eq!(shown(&columns), ["@Shelf", "hwid", "@Room: east"]);
        let saved = columns.names();
        assert_eq!(
            saved,
            ["@Shelf:20", "hwid", "@Room: east", "@Gone:8"],
            "a column that the list lacks is kept for another list"
        );
        let again: Vec<&str> = saved.iter().map(String::as_str).collect();
        assert_eq!(of_list(&again, text), columns);
        assert_eq!(columns.all().len(), Field::ALL.len() + 3);
    }

    #[test]
    fn columns_that_the_list_lacks_are_passed_over() {
        let text = "hwid,Shelf\nh1,a\n";
        let shelf = Column::Other("Shelf".into());
        let mut columns = of_list(&["hwid", "@Gone", "@Shelf"], text);
        columns.shift(&shelf, false);
        assert_eq!(shown(&columns), ["@Shelf", "hwid"]);
        columns.toggle(&shelf);
        columns.toggle(&Column::Field(Field::Hwid));
        assert_eq!(shown(&columns), ["hwid"], "the last one stays");
        let columns = of_list(&["@Gone"], text);
        assert_eq!(shown(&columns), ["hostname", "hwid", "mac"]);
    }
}
