//! A device's rows as the source has them, read again for the detail view and exports.

use super::build::Place;
use super::error::ListError;
use super::json;
use super::shape::Shape;
use super::window::Window;
use super::{DeviceId, DeviceList};

/// One row of the source, whole. Its texts are not safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawRecord {
    /// A JSON value, as it is written.
    Json {
        /// Where it begins, from 1.
        line: u64,
        /// Its text.
        text: String,
    },
    /// A row of a table.
    Cells {
        /// Where it begins, from 1.
        line: u64,
        /// Header and cell; a cell too many has no header.
        cells: Vec<(String, String)>,
    },
    /// A line of a bare list.
    Line {
        /// Which, from 1.
        line: u64,
        /// Its text, trimmed.
        text: String,
    },
}

impl DeviceList {
    /// All rows that were folded into the device, in the order of the file, read from the source.
    /// Fails when it has changed since it was read.
    pub fn record(&self, id: DeviceId) -> Result<Vec<RawRecord>, ListError> {
        if id.index() >= self.len() {
            return Ok(Vec::new());
        }
        self.source.check_unchanged()?;
        let first = Place {
            offset: self.store.block(id.0).offset(),
            line: self.store.line(id.0),
        };
        let mut places: Vec<Place> = std::iter::once(first)
            .chain(self.folded_rows(id).iter().map(|row| row.place))
            .collect();
        places.sort_unstable();
        places.into_iter().map(|place| self.row(place)).collect()
    }

    fn row(&self, place: Place) -> Result<RawRecord, ListError> {
        let line = place.line;
        let reader = self.source.reader(place.offset);
        let mut window = Window::new(self.source.name(), reader, place.offset, |_| {});
        Ok(match &self.shape {
            Shape::Json => RawRecord::Json {
                line,
                text: json::row_text(&mut window)?,
            },
            Shape::Table(table) => RawRecord::Cells {
                line,
                cells: table.record(&mut window)?,
            },
            Shape::Bare => {
                let length = window.line_length()?;
                let bytes = window.bytes().get(..length).unwrap_or_default();
                RawRecord::Line {
                    line,
                    text: String::from_utf8_lossy(bytes).trim().to_owned(),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_row_is_read_again_as_it_was_written(
            rows in proptest::collection::vec((0_u8..4, "[a-z,\"\né ]{0,8}"), 1..12),
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["hwid", "note"]).expect("in memory");
            for (hwid, note) in &rows {
                writer.write_record([&format!("h{hwid}"), note]).expect("in memory");
            }
            let text = writer.into_inner().expect("in memory");
            let list = DeviceList::read_bytes("list", &text).expect("a list");
            let mut found = Vec::new();
            for id in list.ids() {
                let mut last = 0;
                for row in list.record(id).expect("a record") {
                    let RawRecord::Cells { line, cells } = row else { panic!("{row:?}") };
                    prop_assert!(line > last, "in the order of the file");
                    last = line;
                    found.push((line, cells));
                }
            }
            found.sort();
            let found: Vec<_> = found.into_iter().map(|(_, cells)| cells).collect();
            let cell = |header: &str, cell: &str| (header.to_owned(), cell.to_owned());
            let given: Vec<_> = rows.iter()
                .map(|(hwid, note)| vec![cell("hwid", &format!("h{hwid}")), cell("note", note)])
                .collect();
            prop_assert_eq!(found, given);
        }
    }
}
