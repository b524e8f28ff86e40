//! Opens a workbook of any kind, and visits the cells of a sheet.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use calamine::{
    DataRef, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use super::SHOWN_OTHERWISE;
use super::archive::damaged;
use super::cell;
use super::error::{WorkbookError, WorkbookKind};
use super::ods::Ods;
use super::sheet::{EachCell, SheetName};

/// An open workbook.
pub(super) struct Book<R: Read + Seek> {
    sheets: Vec<SheetName>,
    format: Format<R>,
}

enum Format<R: Read + Seek> {
    Xlsx(Box<Xlsx<BufReader<R>>>),
    Xlsb(Box<Xlsb<BufReader<R>>>),
    Xls(Box<Xls<BufReader<R>>>),
    Ods(Ods<BufReader<R>>),
}

/// Opens a workbook with one of calamine's parsers.
macro_rules! open {
    ($format:ident, $input:expr) => {{
        let book = $format::new($input)?;
        let sheets = names(book.sheets_metadata());
        (sheets, Format::$format(Box::new(book)))
    }};
}

impl<R: Read + Seek> Book<R> {
    /// Opens a workbook whose parts were measured; `limit` is in bytes of a sheet's text.
    pub fn open(kind: WorkbookKind, mut input: R, limit: u64) -> Result<Self, WorkbookError> {
        input
            .seek(SeekFrom::Start(0))
            .map_err(WorkbookError::Read)?;
        let input = BufReader::new(input);
        guarded(|| {
            let (sheets, format) = match kind {
                WorkbookKind::Xlsx => open!(Xlsx, input),
                WorkbookKind::Xlsb => open!(Xlsb, input),
                WorkbookKind::Xls => open!(Xls, input),
                WorkbookKind::Ods => {
                    let (book, sheets) = Ods::open(input, limit)?;
                    (sheets, Format::Ods(book))
                }
            };
            Ok(Self { sheets, format })
        })
    }

    /// The sheets with cells, in the workbook's order.
    pub fn sheets(&self) -> &[SheetName] {
        &self.sheets
    }

    /// The hidden rows of the sheet that was visited last, if the parser tells.
    pub fn hidden_rows(&self) -> Option<u64> {
        match &self.format {
            Format::Ods(book) => Some(book.hidden_rows),
            Format::Xlsx(_) | Format::Xlsb(_) | Format::Xls(_) => None,
        }
    }

    /// Visits the cells of the sheet at `index` until `each` breaks.
    pub fn visit(&mut self, index: usize, each: EachCell<'_>) -> Result<(), WorkbookError> {
        let name = self.sheets.get(index).map_or("", |sheet| &sheet.name);
        guarded(|| match &mut self.format {
            Format::Xlsx(book) => visit_formatted(book.worksheet_cells_reader(name)?, each),
            Format::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(name)?;
                while let Some(cell) = cells.next_cell()? {
                    let (row, column) = cell.get_position();
                    if each(row, column, &cell::text(cell.get_value()))?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Format::Xls(book) => visit_range(&book.worksheet_range(name)?, each),
            Format::Ods(book) => book.visit(index, each),
        })
    }
}

/// Visits the cells of an `.xlsx` sheet, and marks the numbers that their cells show otherwise.
fn visit_formatted<R: Read + Seek>(
    mut cells: calamine::XlsxCellReader<'_, R>,
    each: EachCell<'_>,
) -> Result<(), WorkbookError> {
    let codes: Vec<Option<String>> = cells
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref())
        .map(|format| format.map(|format| format.format_code.clone()))
        .collect();
    let mut last_row = 0;
    loop {
        let next = match cells.next_cell_with_style_id() {
            // The reader doesn't tell where the cell is, so that its row can't be kept as unreadable.
            Err(XlsxError::CellError(value)) => {
                return Err(WorkbookError::ErrorValue {
                    value,
                    row: last_row + 1,
                });
            }
            next => next?,
        };
        let Some((cell, style)) = next else {
            break;
        };
        let (row, column) = cell.get_position();
        last_row = row;
        let mut text = cell::text(cell.get_value());
        let is_number = matches!(cell.get_value(), DataRef::Int(_) | DataRef::Float(_));
        if is_number
            && let Some(Some(code)) = codes.get(style)
            && !cell::is_shown_as_stored(code, &text)
        {
            text.to_mut().push(SHOWN_OTHERWISE);
        }
        if each(row, column, &text)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn visit_range(
    range: &calamine::Range<calamine::Data>,
    each: EachCell<'_>,
) -> Result<(), WorkbookError> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, value) in range.used_cells() {
        let row = first_row.saturating_add(u32::try_from(row).unwrap_or(u32::MAX));
        let column = first_column.saturating_add(u32::try_from(column).unwrap_or(u32::MAX));
        let value = cell::borrowed(value);
        if each(row, column, &cell::text(&value))? == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

fn names(sheets: &[calamine::Sheet]) -> Vec<SheetName> {
    sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| SheetName {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
        })
        .collect()
}

/// Runs a parser. The parsers of the binary formats index into the data without checks, and
/// panic on some damaged files.
pub(super) fn guarded<T>(
    parse: impl FnOnce() -> Result<T, WorkbookError>,
) -> Result<T, WorkbookError> {
    crate::platform::panics::catch(parse)
        .unwrap_or_else(|| Err(damaged("its content can't be parsed")))
}

/// Turns the errors of calamine's parsers into ours.
macro_rules! from_calamine {
    ($($error:ident),*) => {$(
        impl From<$error> for WorkbookError {
            fn from(error: $error) -> Self {
                match error {
                    $error::Password => Self::Encrypted,
                    other => damaged(&other),
                }
            }
        }
    )*};
}

from_calamine!(XlsxError, XlsbError, XlsError);
