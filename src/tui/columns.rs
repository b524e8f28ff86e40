//! The table's columns: which are shown, in which order, how wide.

use super::message::Column;
use crate::list::Field;

/// The least and the most width of a column, in cells.
const WIDTHS: std::ops::RangeInclusive<u16> = 4..=80;

/// A column that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub column: Column,
    /// In cells.
    pub width: u16,
}

/// The columns that are shown, in order; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(Vec<Shown>);

impl Columns {
    /// These, each written `name` or `name:width`; names that there are not are left out.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let shown = names.into_iter().filter_map(|text| {
            let (name, width) = text.split_once(':').unwrap_or((text, ""));
            let column = Column::from_name(name)?;
            let width = width.parse().unwrap_or_else(|_| usual_width(column));
            Some(Shown {
                column,
                width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            })
        });
        Self(shown.collect())
    }

    /// Written as [`from_names`](Self::from_names) reads them.
    pub fn names(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|shown| format!("{}:{}", shown.column.name(), shown.width))
            .collect()
    }

    /// Those that are shown, in order.
    pub fn shown(&self) -> &[Shown] {
        &self.0
    }

    /// All columns: those that are shown, in order, then the others.
    pub fn all(&self) -> Vec<Column> {
        let mut all: Vec<Column> = self.0.iter().map(|shown| shown.column).collect();
        let fields = Field::ALL.iter().copied().map(Column::Field);
        for column in std::iter::once(Column::Outcome).chain(fields) {
            if !all.contains(&column) {
                all.push(column);
            }
        }
        all
    }

    /// True if the column is shown.
    pub fn shows(&self, column: Column) -> bool {
        self.0.iter().any(|shown| shown.column == column)
    }

    /// Shows or hides a column; the last one stays.
    pub fn toggle(&mut self, column: Column) {
        if !self.shows(column) {
            self.0.push(Shown {
                column,
                width: usual_width(column),
            });
        } else if self.0.len() > 1 {
            self.0.retain(|shown| shown.column != column);
        }
    }

    /// Moves a shown column by one place.
    pub fn shift(&mut self, column: Column, later: bool) {
        let Some(at) = self.0.iter().position(|shown| shown.column == column) else {
            return;
        };
        let to = if later { at + 1 } else { at.wrapping_sub(1) };
        if to < self.0.len() {
            self.0.swap(at, to);
        }
    }

    /// Makes a shown column wider or narrower by a cell.
    pub fn resize(&mut self, column: Column, wider: bool) {
        for shown in &mut self.0 {
            if shown.column == column {
                let width = if wider {
                    shown.width + 1
                } else {
                    shown.width.saturating_sub(1)
                };
                shown.width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
            }
        }
    }
}

fn usual_width(column: Column) -> u16 {
    match column {
        Column::Field(
            Field::Hostname | Field::Nickname | Field::Ip | Field::User | Field::Serial,
        ) => 15,
        Column::Field(Field::Hwid | Field::Mac) => 17,
        Column::Outcome | Column::Field(Field::Status | Field::Group) => 14,
        Column::Field(Field::Os | Field::Agent | Field::Asset | Field::Domain | Field::Source) => {
            10
        }
        Column::Field(Field::Type | Field::Severity | Field::Seen | Field::Enrolled) => 9,
        Column::Field(Field::Issues) => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_written_as_they_are_read() {
        let columns = Columns::from_names(["outcome", "hostname:30", "nonsense"]);
        assert_eq!(columns.names(), ["outcome:14", "hostname:30"]);
        let names = columns.names();
        assert_eq!(
            Columns::from_names(names.iter().map(String::as_str)),
            columns
        );
    }

    #[test]
    fn they_are_chosen_ordered_and_sized() {
        let hostname = Column::Field(Field::Hostname);
        let mut columns = Columns::from_names(["outcome", "hostname"]);
        columns.shift(hostname, false);
        columns.resize(hostname, true);
        assert_eq!(columns.names(), ["hostname:16", "outcome:14"]);
        columns.shift(hostname, false);
        columns.toggle(hostname);
        columns.toggle(Column::Outcome);
        assert_eq!(columns.names(), ["outcome:14"], "the last one stays");
        assert_eq!(columns.all().len(), Field::ALL.len() + 1);
    }
}
