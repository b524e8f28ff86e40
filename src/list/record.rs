//! Reads a device's rows again from the source, for the detail view and exports.

use super::build::RowLocation;
use super::error::ListError;
use super::json;
use super::shape::Shape;
use super::window::Window;
use super::{DeviceId, DeviceList};

/// One complete row of the source. Its texts are not safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawRecord {
    /// A JSON value.
    Json {
        /// The line on which it begins, from 1.
        line: u64,
        /// The source text.
        text: String,
    },
    /// A row of a table.
    Cells {
        /// The line on which it begins, from 1.
        line: u64,
        /// Header and cell; a surplus cell has an empty header.
        cells: Vec<(String, String)>,
    },
    /// A line of a bare list.
    Line {
        /// The line, from 1.
        line: u64,
        /// The trimmed text.
        text: String,
    },
}

impl DeviceList {
    /// All rows of the device, in the order of the file, read again from the source. Fails if the
    /// source has changed.
    pub fn record(&self, id: DeviceId) -> Result<Vec<RawRecord>, ListError> {
        if id.index() >= self.len() {
            return Ok(Vec::new());
        }
        self.source.check_unchanged()?;
        let first = RowLocation {
            offset: self.store.block(id.0).offset(),
            line: self.store.line(id.0),
        };
        let mut locations: Vec<RowLocation> = std::iter::once(first)
            .chain(self.folded_rows(id).iter().map(|row| row.location))
            .collect();
        locations.sort_unstable();
        locations
            .into_iter()
            .map(|location| self.row(location))
            .collect()
    }

    /// The lines of all rows of the device, in the order of the file, from 1.
    pub fn lines(&self, id: DeviceId) -> Vec<u64> {
        let folded = self.folded_rows(id).iter().map(|row| row.location.line);
        let mut lines: Vec<u64> = std::iter::once(self.device(id).line())
            .chain(folded)
            .collect();
        lines.sort_unstable();
        lines
    }

    fn row(&self, location: RowLocation) -> Result<RawRecord, ListError> {
        let line = location.line;
        let reader = self.source.reader(location.offset);
        let mut window = Window::on_row(self.source.name(), reader, location.offset);
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
        fn record_returns_rows_as_written(
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
