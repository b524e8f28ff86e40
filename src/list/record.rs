//! Reads a device's rows again from the source, for the detail view and exports.

use super::error::ListError;
use crate::list::devices::build::RowLocation;
use crate::list::formats::cutter::Cutter;
use crate::list::formats::json;
use crate::list::formats::shape::Shape;
use crate::list::formats::window::Window;
use crate::list::{DeviceId, DeviceList};

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

/// Reads the rows of many devices of a list again.
#[derive(Debug)]
pub struct RawRecordReader<'l> {
    list: &'l DeviceList,
    /// Made once: that costs more than a row. None without a table.
    cutter: Option<Cutter>,
}

impl RawRecordReader<'_> {
    /// All rows of the device, in the order of the file, read again from the source. Fails if the
    /// source has changed.
    pub fn read(&mut self, id: DeviceId) -> Result<Vec<RawRecord>, ListError> {
        let list = self.list;
        if id.index() >= list.len() {
            return Ok(Vec::new());
        }
        list.source.check_unchanged()?;
        let first = RowLocation {
            offset: list.store.block(id.0).offset(),
            line: list.store.line(id.0),
        };
        let mut locations: Vec<RowLocation> = std::iter::once(first)
            .chain(list.folded_rows(id).iter().map(|row| row.location))
            .collect();
        locations.sort_unstable();
        locations
            .into_iter()
            .map(|location| self.row(location))
            .collect()
    }

    fn row(&mut self, location: RowLocation) -> Result<RawRecord, ListError> {
        let (list, line) = (self.list, location.line);
        Ok(match (&list.shape, &mut self.cutter) {
            (Shape::Table(table), Some(cutter)) => RawRecord::Cells {
                line,
                cells: table.record(cutter, &mut list.window(location))?,
            },
            (Shape::Json, _) => {
                let text = match json::row_text(&mut list.window(location).without_lines()) {
                    // A broken line of JSON lines is shown as it is.
                    Err(ListError::Syntax { .. }) => list.line(location)?.trim_end().to_owned(),
                    text => text?,
                };
                RawRecord::Json { line, text }
            }
            (Shape::Bare | Shape::Table(_), _) => RawRecord::Line {
                line,
                text: list.line(location)?.trim().to_owned(),
            },
        })
    }
}

impl DeviceList {
    /// All rows of the device, as [`RawRecordReader`] reads them.
    pub fn record(&self, id: DeviceId) -> Result<Vec<RawRecord>, ListError> {
        self.records().read(id)
    }

    /// A reader of the rows of many devices.
    pub fn records(&self) -> RawRecordReader<'_> {
        let cutter = match &self.shape {
            Shape::Table(table) => Some(table.cutter().clone()),
            Shape::Json | Shape::Bare => None,
        };
        RawRecordReader { list: self, cutter }
    }

    /// The line at this place, with its line break.
    fn line(&self, location: RowLocation) -> Result<String, ListError> {
        let mut window = self.window(location);
        let length = window.line_length()?;
        let bytes = window.bytes().get(..length).unwrap_or_default();
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn window(&self, location: RowLocation) -> Window<'_> {
        let reader = self.source.reader(location.offset);
        Window::on_row(self.source.name(), reader, location.offset)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn device_has_the_lines_of_all_its_rows() {
        let text = b"hwid,host\na1,LT-1\na2,LT-2\na1,LT-1\n";
        let list = DeviceList::read_bytes("list", text).expect("a list");
        assert_eq!(list.lines(DeviceId::from_index(0)), [2, 4]);
        let beyond = list.record(DeviceId::from_index(2)).expect("no record");
        assert!(beyond.is_empty());
    }

    #[test]
    fn row_within_a_long_line_is_read_without_the_rest() {
        let text = format!(
            "{{\"hwid\":\"h1\"}},{{\"note\":\"{}\"}}",
            "x".repeat(1 << 20)
        );
        let mut rest = text.as_bytes();
        let mut window = Window::on_row("list", &mut rest, 0).without_lines();
        assert_eq!(
            json::row_text(&mut window).expect("a row"),
            "{\"hwid\":\"h1\"}"
        );
        drop(window);
        assert!(
            text.len() - rest.len() < 10_000,
            "{}",
            text.len() - rest.len()
        );
    }

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
