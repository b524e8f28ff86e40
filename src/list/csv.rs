//! Lists in CSV, from a console, a database or a spreadsheet.
//!
//! Rows are cut here rather than by the `csv` crate, because each needs its exact line and offset,
//! whatever its line breaks, and because the file is hashed in the same pass.

use memchr::{memchr, memchr2};

use super::ColumnId;
use super::build::{Builder, ListColumn, Place, too_large};
use super::columns::{Block, Meaning};
use super::error::ListError;
use super::problem::Problem;
use super::window::Window;
use crate::text;

/// What may stand between two cells.
const DELIMITERS: [u8; 3] = *b",;\t";
/// How much of the headers an error shows, in columns.
const SHOWN_HEADERS: usize = 200;

/// How a file's rows are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    delimiter: u8,
    headers: Vec<String>,
    columns: Vec<Option<Meaning>>,
    /// One of our own exports: cells that a spreadsheet would compute have a `'` in front.
    ours: bool,
}

impl Layout {
    /// Takes the window's first row as a header; none when it is no table but a bare list.
    /// Moves past the header.
    pub fn detect(window: &mut Window<'_>) -> Result<Option<Self>, ListError> {
        let mut best: Option<(Self, usize)> = None;
        for delimiter in DELIMITERS {
            let (headers, length) = row(window, delimiter)?;
            let layout = Self::new(delimiter, headers);
            if best
                .as_ref()
                .is_none_or(|(other, _)| layout.rank() > other.rank())
            {
                best = Some((layout, length));
            }
        }
        let Some((layout, length)) = best else {
            return Ok(None);
        };
        if layout
            .columns
            .iter()
            .flatten()
            .any(|column| column.identifies())
        {
            window.consume(length);
            return Ok(Some(layout));
        }
        if layout.headers.len() == 1 {
            return Ok(None);
        }
        let headers = layout.headers.join(", ");
        Err(ListError::NoIdentifierColumn {
            name: window.name().into(),
            headers: text::clip(&headers, SHOWN_HEADERS).into(),
        })
    }

    fn new(delimiter: u8, headers: Vec<String>) -> Self {
        let columns: Vec<_> = headers
            .iter()
            .map(|header| Meaning::of(Block::Row, header.trim()))
            .collect();
        Self {
            delimiter,
            ours: columns.contains(&Some(Meaning::Marker)),
            headers,
            columns,
        }
    }

    /// The more columns are known, the likelier the delimiter; then the more there are.
    fn rank(&self) -> (usize, usize) {
        (self.columns.iter().flatten().count(), self.headers.len())
    }

    /// Reads all rows behind the header.
    pub fn read(&self, window: &mut Window<'_>, builder: &mut Builder) -> Result<(), ListError> {
        builder.columns = self
            .headers
            .iter()
            .zip(&self.columns)
            .map(|(header, meaning)| ListColumn {
                header: header.trim().to_owned(),
                field: meaning.and_then(Meaning::field),
            })
            .collect();
        let mut cells = Cells::default();
        while window.peek(0)?.is_some() {
            let length = cells.read(window, self.delimiter)?;
            let place = Place {
                offset: window.offset(),
                line: window.line(),
            };
            if !cells.is_blank() {
                if cells.count() == self.columns.len() {
                    self.put(&cells, builder);
                } else {
                    builder.draft.problem = Some(Problem::WrongCells);
                }
                builder.add(place).map_err(|_| too_large(window.name()))?;
            }
            window.consume(length);
        }
        Ok(())
    }

    /// The cells, by header, of the row that begins at the window's start.
    pub fn record(&self, window: &mut Window<'_>) -> Result<Vec<(String, String)>, ListError> {
        let (cells, _) = row(window, self.delimiter)?;
        let count = cells.len().max(self.headers.len());
        let cell = |index: usize| {
            let header = self.headers.get(index).cloned().unwrap_or_default();
            let cell = cells.get(index).map_or("", |cell| self.unescaped(cell));
            (header, cell.to_owned())
        };
        Ok((0..count).map(cell).collect())
    }

    /// Bytes held.
    pub fn memory_use(&self) -> usize {
        self.headers.iter().map(String::capacity).sum::<usize>()
    }

    fn put(&self, cells: &Cells, builder: &mut Builder) {
        for (index, meaning) in self.columns.iter().enumerate() {
            let cell = String::from_utf8_lossy(cells.get(index));
            match *meaning {
                Some(meaning) => builder.draft.put(meaning, self.unescaped(&cell)),
                None if cell.trim().is_empty() => {}
                None => {
                    let column = ColumnId::from_number(index as u64);
                    builder
                        .draft
                        .put_column(column, self.unescaped(&cell).trim());
                }
            }
        }
    }

    fn unescaped<'c>(&self, cell: &'c str) -> &'c str {
        if self.ours {
            cell.strip_prefix('\'').unwrap_or(cell)
        } else {
            cell
        }
    }
}

fn row(window: &mut Window<'_>, delimiter: u8) -> Result<(Vec<String>, usize), ListError> {
    let mut cells = Cells::default();
    let length = cells.read(window, delimiter)?;
    let texts = (0..cells.count())
        .map(|index| String::from_utf8_lossy(cells.get(index)).into_owned())
        .collect();
    Ok((texts, length))
}

/// The cells of one row, with their quotes taken off.
#[derive(Debug, Default)]
struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// What ended the bytes that were looked at.
enum Cut {
    /// The row, which is this long with its line break.
    Row(usize),
    /// Nothing: there may be more. The quote that is open, if one is.
    Short(Option<usize>),
}

impl Cells {
    /// Reads the row that begins at the window's start; returns its length.
    fn read(&mut self, window: &mut Window<'_>, delimiter: u8) -> Result<usize, ListError> {
        let mut ended = false;
        loop {
            match self.cut(window.bytes(), delimiter, ended) {
                Cut::Row(length) => return Ok(length),
                Cut::Short(Some(quote)) if ended => {
                    return Err(window.syntax(quote, "this quote is never closed"));
                }
                // Only a row across the end of a chunk is begun anew.
                Cut::Short(_) => ended = !window.more()?,
            }
        }
    }

    fn cut(&mut self, bytes: &[u8], delimiter: u8, ended: bool) -> Cut {
        self.text.clear();
        self.ends.clear();
        let mut at = 0;
        loop {
            if bytes.get(at) == Some(&b'"') {
                match self.quoted(bytes, at, ended) {
                    Some(after) => at = after,
                    None => return Cut::Short(Some(at)),
                }
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(length) = memchr2(delimiter, b'\n', rest) else {
                if !ended {
                    return Cut::Short(None);
                }
                self.end_cell(rest.strip_suffix(b"\r").unwrap_or(rest));
                return Cut::Row(bytes.len());
            };
            let cell = rest.get(..length).unwrap_or_default();
            at += length + 1;
            if rest.get(length) == Some(&b'\n') {
                self.end_cell(cell.strip_suffix(b"\r").unwrap_or(cell));
                return Cut::Row(at);
            }
            self.end_cell(cell);
        }
    }

    /// Takes what stands between the quote at `quote` and its fellow; returns the place after it.
    fn quoted(&mut self, bytes: &[u8], quote: usize, ended: bool) -> Option<usize> {
        let mut at = quote + 1;
        loop {
            let rest = bytes.get(at..)?;
            let length = memchr(b'"', rest)?;
            self.text.extend_from_slice(rest.get(..length)?);
            at += length + 1;
            match bytes.get(at) {
                Some(b'"') => {
                    self.text.push(b'"');
                    at += 1;
                }
                // The fellow of a last quote may be in the next chunk.
                None if !ended => return None,
                _ => return Some(at),
            }
        }
    }

    fn end_cell(&mut self, rest: &[u8]) {
        self.text.extend_from_slice(rest);
        self.ends.push(self.text.len());
    }

    fn count(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, index: usize) -> &[u8] {
        let start = match index {
            0 => 0,
            _ => self.ends.get(index - 1).copied().unwrap_or(0),
        };
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    /// An empty line, or a line of empty cells as spreadsheets leave behind, is no row.
    fn is_blank(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &[u8], delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, ListError> {
        let mut window = Window::new("list", text, 0, |_| {});
        let mut rows = Vec::new();
        while window.peek(0)?.is_some() {
            let (cells, length) = row(&mut window, delimiter)?;
            rows.push((window.line(), cells));
            window.consume(length);
        }
        Ok(rows)
    }

    #[test]
    fn quotes_may_hold_delimiters_quotes_and_line_breaks() {
        let text = b"a,\"b,\"\"c\"\"\nd\",5\" disk\r\n,\"\"x,\r\nlast";
        let rows = rows(text, b',').expect("rows");
        assert_eq!(
            rows,
            [
                (1, vec!["a".into(), "b,\"c\"\nd".into(), "5\" disk".into()]),
                (3, vec![String::new(), "x".into(), String::new()]),
                (4, vec!["last".into()]),
            ]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_is_pointed_at() {
        let error = rows(b"a,b\nc,\"d\ne", b',').expect_err("open");
        assert_eq!(
            error.to_string(),
            "list, line 2, column 3: this quote is never closed"
        );
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            table in proptest::collection::vec(proptest::collection::vec("[ab\"',;\t\r\n é]{0,6}", 3), 1..6),
            delimiter in proptest::sample::select(&DELIMITERS[..]),
            crlf in any::<bool>(),
        ) {
            let mut writer = ::csv::WriterBuilder::new()
                .delimiter(delimiter)
                .terminator(if crlf { ::csv::Terminator::CRLF } else { ::csv::Terminator::Any(b'\n') })
                .from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).expect("in memory");
            }
            let text = writer.into_inner().expect("in memory");
            let read: Vec<_> = rows(&text, delimiter).expect("rows").into_iter().map(|(_, row)| row).collect();
            prop_assert_eq!(read, table);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
            let _ = rows(&bytes, b',');
        }
    }
}
