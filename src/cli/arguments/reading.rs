//! The options of every command that reads a list.

use clap::Args;
use encoding_rs::Encoding;

use super::candidates;
use crate::list::{
    ColumnAssignment, DateOrder, ReadOptions, parse_column, parse_delimiter, parse_encoding,
};

/// The heading of these options in the help. A heading of the whole struct would be that of the options behind
/// it, too.
const HEADING: &str = "How the list is read";

/// Options that override what the reader detects.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Reading {
    /// Read this column as this field, as in hwid="Device identifier", or as none, as in none="Device ID";
    /// may be given several times
    #[arg(help_heading = HEADING, long = "column", value_name = "FIELD=HEADER", value_parser = parse_column, add = candidates::fields("="))]
    columns: Vec<ColumnAssignment>,
    /// The encoding of the text, such as windows-1252 (default: detected)
    #[arg(help_heading = HEADING, long, value_name = "NAME", value_parser = parse_encoding)]
    encoding: Option<&'static Encoding>,
    /// The delimiter between cells: one character, or tab
    #[arg(help_heading = HEADING, long, value_name = "CHARACTER", value_parser = parse_delimiter)]
    delimiter: Option<u8>,
    /// The sheet of a workbook (default: the first one with a table of devices)
    #[arg(help_heading = HEADING, long, value_name = "NAME")]
    sheet: Option<String>,
    /// The line of the header, from 1
    #[arg(help_heading = HEADING, long, value_name = "LINE", value_parser = clap::value_parser!(u64).range(1..))]
    header_row: Option<u64>,
    /// The order of day, month and year in dates such as 03/04/2026: dmy, mdy or ymd
    #[arg(help_heading = HEADING, long, value_name = "ORDER")]
    date_order: Option<DateOrder>,
}

impl Reading {
    /// These options, with those of `base` where they have none.
    pub(in crate::cli) fn over(&self, base: &ReadOptions) -> ReadOptions {
        let mut columns = self.columns.clone();
        columns.extend(base.columns.iter().cloned());
        ReadOptions {
            columns,
            given_columns: self.columns.len(),
            encoding: self.encoding.or(base.encoding),
            delimiter: self.delimiter.or(base.delimiter),
            sheet: self.sheet.clone().or_else(|| base.sheet.clone()),
            header_row: self.header_row.or(base.header_row),
            date_order: self.date_order.or(base.date_order),
            max_expanded: base.max_expanded,
            max_rows: base.max_rows,
        }
    }
}
