//! Unpacks the chosen sheet of a workbook.

use super::Source;
use super::reader::Whole;
use crate::list::ReadOptions;
use crate::list::error::ListError;
use crate::list::formats::table::find_header;
use crate::list::formats::workbook::{self, WorkbookError};
use crate::list::input::container::Container;

impl Source {
    pub(super) fn unpack_sheet(&mut self, options: &ReadOptions) -> Result<(), ListError> {
        let rank =
            |rows: &[Vec<String>]| find_header(rows, options).map_or(0, |header| header.known);
        let mut text = self.new_text()?;
        let whole = Whole {
            source: &*self,
            offset: 0,
        };
        let sheet = workbook::write_delimited(
            whole,
            options.sheet.as_deref(),
            options.max_expanded,
            &rank,
            &mut text,
        );
        let sheet = sheet.map_err(|source| match source {
            WorkbookError::Write(source) => self.cant_write(source),
            source => ListError::Workbook {
                name: self.name.clone(),
                source,
            },
        })?;
        self.container = Container::Workbook {
            sheet: sheet.name,
            others: sheet.others,
        };
        self.is_hidden_sheet = sheet.hidden;
        self.hidden_rows = sheet.hidden_rows;
        if let Some(row) = sheet.cut_after_row {
            self.cut = Some(format!("the sheet's rows after row {row} were not read"));
        } else if sheet.columns_cut {
            self.cut = Some("the sheet's columns after the 2,000th were not read".to_owned());
        }
        self.replace_with(text)
    }
}
