//! Splits delimited text, such as CSV, into records.
//!
//! `csv-core` splits the text, but accepts a quoted cell that continues after its closing quote and a
//! quote that is never closed. Both can merge several rows into one cell, so records with quotes are
//! checked in addition.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::memchr;

use super::row::Cells;
use super::window::Window;
use crate::list::error::ListError;

/// Splits records at one delimiter.
#[derive(Debug)]
pub(in crate::list) struct Delimited {
    delimiter: u8,
    reader: Box<Reader>,
}

impl Clone for Delimited {
    /// Builds a new reader: a clone of `csv-core`'s reader (0.1.13) loses its byte classes and reads
    /// nothing.
    fn clone(&self) -> Self {
        Self::new(self.delimiter)
    }
}

impl Delimited {
    pub fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            delimiter,
            reader: Box::new(reader),
        }
    }

    /// The delimiter of cells.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Splits the record that begins at index `at` of the window, which is not a line break. Returns
    /// the index of its end, without the rest of its line break.
    pub fn cut(
        &mut self,
        window: &mut Window<'_>,
        at: usize,
        cells: &mut Cells,
    ) -> Result<usize, ListError> {
        self.reader.reset();
        cells.clear();
        let mut end = at;
        let mut ended = false;
        loop {
            let input = window.bytes().get(end..).unwrap_or_default();
            if input.is_empty() && !ended {
                ended = !window.more()?;
                continue;
            }
            let (text, ends) = cells.room();
            let (result, read, written, cut) = self.reader.read_record(input, text, ends);
            end += read;
            cells.filled(written, cut);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => cells.grow_text(),
                ReadRecordResult::OutputEndsFull => cells.grow_ends(),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let record = window.bytes().get(at..end).unwrap_or_default();
        if memchr(b'"', record).is_some()
            && let Err((offset, reason)) = check_quotes(record, self.delimiter)
        {
            return Err(window.syntax(at + offset, reason));
        }
        Ok(end)
    }
}

/// Checks that each quoted cell ends with its quote. Returns the index of the error.
fn check_quotes(record: &[u8], delimiter: u8) -> Result<(), (usize, &'static str)> {
    let mut at = 0;
    loop {
        if record.get(at) == Some(&b'"') {
            let open = at;
            at = after_quoted(record, at).ok_or((
                open,
                "this quote is never closed: close it, or double a quote that belongs to the text",
            ))?;
            let end = record.get(at).copied();
            if end.is_some_and(|byte| byte != delimiter && !matches!(byte, b'\r' | b'\n')) {
                return Err((
                    at,
                    "a quoted cell goes on after its closing quote: is a quote left open in a row above? \
                     Double a quote that belongs to the text, or delete it",
                ));
            }
        }
        match record.get(at..).and_then(|rest| memchr(delimiter, rest)) {
            Some(next) => at += next + 1,
            None => return Ok(()),
        }
    }
}

/// True if every cell of the record, whose quotes were checked, is quoted.
pub(in crate::list) fn is_quoted_whole(record: &[u8]) -> bool {
    let mut at = 0;
    loop {
        match (record.get(at), after_quoted(record, at)) {
            (Some(b'"'), Some(end)) if end == record.len() => return true,
            (Some(b'"'), Some(end)) => at = end + 1,
            _ => return false,
        }
    }
}

/// The index after the quote that closes the one at `open`.
fn after_quoted(record: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += memchr(b'"', record.get(at..)?)? + 1;
        if record.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::formats::cutter::record_start;
    use proptest::prelude::*;

    const DELIMITERS: [u8; 4] = *b",;\t|";

    fn rows(text: &[u8], delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, ListError> {
        let mut window = Window::new("list", text, 0, |_| {});
        let mut cutter = Delimited::new(delimiter);
        let mut cells = Cells::default();
        let mut rows = Vec::new();
        loop {
            let start = record_start(&mut window, 0)?;
            window.consume(start);
            if window.peek(0)?.is_none() {
                return Ok(rows);
            }
            let length = cutter.cut(&mut window, 0, &mut cells)?;
            rows.push((
                window.line(),
                cells.record().texts().map(str::to_owned).collect(),
            ));
            window.consume(length);
        }
    }

    #[test]
    fn is_quoted_whole_if_every_cell_is() {
        for (record, is_quoted) in [
            (r#""a","b""#, true),
            (r#""a","b"",c","""#, true),
            (r#""a",x,"b""#, false),
            (r#"a,"b""#, false),
            ("", false),
        ] {
            assert_eq!(is_quoted_whole(record.as_bytes()), is_quoted, "{record}");
        }
    }

    #[test]
    fn quoted_cells_can_contain_delimiters_quotes_and_line_breaks() {
        let text = b"a,\"b,\"\"c\"\"\nd\",5\" disk\r\n,\"\",\r\nlast";
        let rows = rows(text, b',').expect("rows");
        assert_eq!(
            rows,
            [
                (1, vec!["a".into(), "b,\"c\"\nd".into(), "5\" disk".into()]),
                (3, vec![String::new(), String::new(), String::new()]),
                (4, vec!["last".into()]),
            ]
        );
    }

    #[test]
    fn row_can_have_any_number_of_long_cells() {
        let cells: Vec<String> = (0..500).map(|number| format!("{number:050}")).collect();
        let rows = rows(cells.join(",").as_bytes(), b',').expect("rows");
        assert_eq!(rows, [(1, cells)]);
    }

    #[test]
    fn carriage_return_ends_a_row() {
        let rows = rows(b"a,b\rc,d\r", b',').expect("rows");
        assert_eq!(rows.len(), 2);
    }

    proptest! {
        #[test]
        fn output_of_the_csv_crate_is_read_back(
            table in proptest::collection::vec(proptest::collection::vec("[ab\"',;\t\r\n é]{1,6}", 3), 1..6),
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
        fn delimited_never_panics(bytes in any::<Vec<u8>>()) {
            let _ = rows(&bytes, b',');
        }

        #[test]
        fn record_is_split_alike_from_its_offset(
            table in proptest::collection::vec(proptest::collection::vec("[ab\"',;\t\r\n é]{1,6}", 1..4), 1..6),
            delimiter in proptest::sample::select(&DELIMITERS[..]),
        ) {
            let mut writer = ::csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).expect("in memory");
            }
            let text = writer.into_inner().expect("in memory");
            let mut window = Window::new("list", text.as_slice(), 0, |_| {});
            let (mut cutter, mut cells) = (Delimited::new(delimiter), Cells::default());
            for row in &table {
                let start = record_start(&mut window, 0).expect("readable");
                window.consume(start);
                let at = usize::try_from(window.offset()).expect("small");
                let mut own = Window::new("list", &text[at..], window.offset(), |_| {});
                for window in [&mut own, &mut window] {
                    let length = cutter.cut(window, 0, &mut cells).expect("a record");
                    prop_assert_eq!(cells.record().texts().collect::<Vec<_>>(), row.iter().collect::<Vec<_>>());
                    window.consume(length);
                }
            }
            let end = record_start(&mut window, 0).expect("readable");
            prop_assert_eq!(window.offset() + end as u64, text.len() as u64);
        }
    }
}
