//! Finds where cells can be appended to the rows of a delimited list, in the bytes of its file.
//!
//! Everything else in the file stays as it is, byte for byte: a byte order mark, blank lines, titles,
//! totals, the quoting, the encoding and the line breaks.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::cutter::{Cutter, record_start};
use super::delimited::{Delimited, is_quoted_whole};
use super::row::Cells;
use super::shape::{Shape, take_separator_line};
use super::window::Window;
use crate::list::DeviceList;
use crate::list::error::ListError;
use crate::list::input::container::Container;

/// The rows of a delimited list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEnds {
    /// The delimiter of cells.
    pub delimiter: char,
    /// True if every cell of the first row is quoted.
    pub is_quoted: bool,
    /// The header, if the list has one.
    pub header: Option<RowEnd>,
    /// The rows below it, in the order of the file: devices, totals, repeated headers.
    pub rows: Vec<RowEnd>,
    encoding: &'static Encoding,
}

/// The end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowEnd {
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The number of its cells.
    pub cells: usize,
    /// The position after its last cell and before its line break, in bytes of the file.
    pub at: usize,
}

/// Why cells can't be appended to the rows of a list.
#[derive(Debug, thiserror::Error)]
pub enum NoRowEnds {
    /// Another format.
    #[error("{name} is {what}, not delimited text: save it as CSV")]
    Shape {
        name: Box<str>,
        /// Its format or container.
        what: String,
    },
    /// An encoding in which ASCII text can't be inserted anywhere.
    #[error(
        "{name} is in {encoding}, to which nothing can be appended row by row: save it as UTF-8"
    )]
    Encoding {
        name: Box<str>,
        encoding: &'static str,
    },
    /// Bytes that the encoding doesn't have.
    #[error("{name} has bytes that are not {encoding}: save it as UTF-8, or name its --encoding")]
    Damaged {
        name: Box<str>,
        encoding: &'static str,
    },
    /// The list can't be read again.
    #[error(transparent)]
    List(#[from] ListError),
}

impl RowEnds {
    /// ASCII text in the encoding of the file.
    pub fn encoded(&self, text: &str) -> Vec<u8> {
        if self.encoding == UTF_16LE {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else if self.encoding == UTF_16BE {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        } else {
            self.encoding.encode(text).0.into_owned()
        }
    }
}

impl DeviceList {
    /// The ends of this list's rows in `bytes`, the content of its file.
    pub fn row_ends(&self, bytes: &[u8]) -> Result<RowEnds, NoRowEnds> {
        let name = || Box::from(self.name());
        let shape = |what: &str| NoRowEnds::Shape {
            name: name(),
            what: what.to_owned(),
        };
        if self.source.container != Container::Plain {
            return Err(shape(&self.source.container.to_string()));
        }
        let Shape::Table(table) = &self.shape else {
            return Err(shape(self.findings.shape));
        };
        let Cutter::Delimited(cutter) = table.cutter() else {
            return Err(shape(table.cutter().name()));
        };
        let encoding = self.source.encoding.unwrap_or(UTF_8);
        let is_utf16 = encoding == UTF_16LE || encoding == UTF_16BE;
        if !is_utf16 && !encoding.is_ascii_compatible() {
            let encoding = encoding.name();
            return Err(NoRowEnds::Encoding {
                name: name(),
                encoding,
            });
        }
        let (mark, is_quoted, mut ends) = self.text_ends(&mut cutter.clone())?;
        let at = self.source.encoding.map(|encoding| {
            let text_ends = ends.iter().map(|end| end.at - mark);
            file_positions(bytes, encoding, text_ends).ok_or(NoRowEnds::Damaged {
                name: name(),
                encoding: encoding.name(),
            })
        });
        if let Some(at) = at.transpose()? {
            for (end, at) in ends.iter_mut().zip(at) {
                end.at = at;
            }
        }
        let header = self.findings.header_line;
        let is_header = |end: &RowEnd| Some(end.line) == header;
        Ok(RowEnds {
            delimiter: char::from(cutter.delimiter()),
            is_quoted,
            header: ends.iter().copied().find(is_header),
            rows: ends
                .into_iter()
                .filter(|end| header.is_none_or(|line| end.line > line))
                .collect(),
            encoding,
        })
    }

    /// The length of the byte order mark in the decoded text, whether the header, else the first row,
    /// is quoted whole, and the ends of all rows in that text.
    fn text_ends(&self, cutter: &mut Delimited) -> Result<(usize, bool, Vec<RowEnd>), ListError> {
        let mut window = Window::new(self.source.name(), self.source.reader(0), 0, |_| {});
        window.skip_byte_order_mark()?;
        let offset = |window: &Window<'_>| usize::try_from(window.offset()).unwrap_or(usize::MAX);
        let mark = offset(&window);
        take_separator_line(&mut window)?;
        let mut cells = Cells::default();
        let mut ends = Vec::new();
        let mut is_quoted = None;
        loop {
            let start = record_start(&mut window, 0)?;
            window.consume(start);
            if window.peek(0)?.is_none() {
                return Ok((mark, is_quoted.unwrap_or(false), ends));
            }
            let length = cutter.cut(&mut window, 0, &mut cells)?;
            let record = window.bytes().get(..length).unwrap_or_default();
            let line_break = record.iter().rev();
            let line_break = line_break.take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let record = record
                .get(..length - line_break.count())
                .unwrap_or_default();
            let line = window.line();
            if self
                .findings
                .header_line
                .is_none_or(|header| line >= header)
            {
                is_quoted.get_or_insert_with(|| is_quoted_whole(record));
            }
            ends.push(RowEnd {
                line,
                cells: cells.record().count(),
                at: offset(&window).saturating_add(record.len()),
            });
            window.consume(length);
        }
    }
}

/// The positions in the file at which the decoded text has reached these lengths, which ascend; `None`
/// if a position is not between two characters.
fn file_positions(
    bytes: &[u8],
    encoding: &'static Encoding,
    lengths: impl Iterator<Item = usize>,
) -> Option<Vec<usize>> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = [0; 64];
    let (mut length, mut read) = (0, 0);
    let mut positions = Vec::new();
    for wanted in lengths {
        while length < wanted {
            let byte = bytes.get(read..=read)?;
            read += 1;
            let last = read == bytes.len();
            let (_, _, written, _) = decoder.decode_to_utf8(byte, &mut text, last);
            length += written;
        }
        if length != wanted {
            return None;
        }
        positions.push(read);
    }
    Some(positions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ReadOptions;
    use proptest::prelude::*;

    fn ends(bytes: &[u8], options: &ReadOptions) -> Result<RowEnds, NoRowEnds> {
        let list = DeviceList::read_bytes_as("ticket.csv", bytes, options).expect("a list");
        list.row_ends(bytes)
    }

    fn of(bytes: &[u8]) -> RowEnds {
        ends(bytes, &ReadOptions::default()).expect("delimited")
    }

    #[test]
    fn row_ends_are_before_line_breaks() {
        let text = "Leavers\r\n\r\nhostname;user\r\nLT-1;\"a\"\r\n\r\nLT-2;b";
        let found = of(text.as_bytes());
        let ends = |end: RowEnd| (end.line, end.cells, &text[..end.at]);
        assert_eq!(found.delimiter, ';');
        assert!(!found.is_quoted);
        let header = found.header.map(ends).expect("a header");
        assert_eq!(header, (3, 2, "Leavers\r\n\r\nhostname;user"));
        let rows: Vec<_> = found.rows.iter().map(|&end| ends(end)).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].2.ends_with("LT-1;\"a\"") && rows[1].2.ends_with("LT-2;b"));
        assert_eq!((rows[0].0, rows[1].0), (4, 6));
    }

    #[test]
    fn text_is_added_in_the_encoding_of_the_file() {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let text = "\u{feff}hostname,user\nLT-1,a\n";
            text.encode_utf16().flat_map(bytes).collect()
        };
        assert_eq!(of(&utf16(u16::to_le_bytes)).encoded(",x"), b",\0x\0");
        assert_eq!(of(&utf16(u16::to_be_bytes)).encoded(",x"), b"\0,\0x");
        assert_eq!(of(b"hostname,user\nLT-1,a\n").encoded(",x"), b",x");
    }

    #[test]
    fn row_ends_know_quoted_tables_separator_lines_and_old_macs() {
        assert!(of(b"\"hostname\",\"user\"\n\"LT-1\",\"a\"\n").is_quoted);
        assert!(!of(b"\"hostname\",user\n\"LT-1\",\"a\"\n").is_quoted);
        let found = of(b"sep=;\nhostname;user\nLT-1;a\n");
        assert_eq!(found.header.map(|end| (end.line, end.at)), Some((2, 19)));
        let found = of(b"hostname,user\rLT-1,a\rLT-2,b\r");
        assert_eq!(
            found.rows.iter().map(|end| end.at).collect::<Vec<_>>(),
            [20, 27]
        );
    }

    #[test]
    fn row_ends_are_refused_for_other_formats() {
        for (bytes, word) in [
            (&b"[{\"hwid\":\"h0\"}]"[..], "JSON"),
            (b"h000\nh001\n", "one identifier per line"),
            (b"| hwid | user |\n|---|---|\n| h0 | a |\n", "drawn with |"),
        ] {
            let error = ends(bytes, &ReadOptions::default()).expect_err("refused");
            let error = error.to_string();
            assert!(
                error.contains(word) && error.ends_with("save it as CSV"),
                "{error}"
            );
        }
        let packed = zstd::encode_all(&b"hwid,user\nh0,a\n"[..], 1).expect("packed");
        let error = ends(&packed, &ReadOptions::default()).expect_err("refused");
        assert!(error.to_string().contains("is zstd"), "{error}");
        let options = ReadOptions {
            encoding: Some(encoding_rs::ISO_2022_JP),
            ..ReadOptions::default()
        };
        let error = ends(b"hwid,user\nh0,a\n", &options).expect_err("refused");
        assert!(error.to_string().ends_with("save it as UTF-8"), "{error}");
    }

    #[test]
    fn file_positions_are_between_characters_only() {
        // A lead byte takes the line break after it along.
        let bytes = b"a\x81\nb";
        let positions =
            |length| file_positions(bytes, encoding_rs::SHIFT_JIS, [length].into_iter());
        assert_eq!(positions(1), Some(vec![1]));
        assert_eq!(positions(4), None);
        assert_eq!(positions(6), Some(vec![4]));
        assert_eq!(positions(7), None, "beyond the end");
        let cut_off = file_positions(b"a\x81", encoding_rs::SHIFT_JIS, [4].into_iter());
        assert_eq!(cut_off, Some(vec![2]));
    }

    proptest! {
        #[test]
        fn row_ends_are_the_same_in_every_encoding(
            rows in proptest::collection::vec(("[a-zé日]{1,5}", "[a-z\"é日,;\n]{0,5}"), 1..6),
            encoding in proptest::sample::select(vec![UTF_8, UTF_16LE, UTF_16BE]),
            mark in any::<bool>(),
            crlf in any::<bool>(),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
                .from_writer(Vec::new());
            writer.write_record(["hostname", "note"]).expect("in memory");
            for (name, note) in &rows {
                writer.write_record([name, note]).expect("in memory");
            }
            let text = String::from_utf8(writer.into_inner().expect("in memory")).expect("UTF-8");
            let mark = if mark || encoding != UTF_8 { "\u{feff}" } else { "" };
            let encoded = |text: &str| -> Vec<u8> {
                let units = text.encode_utf16();
                match encoding {
                    _ if encoding == UTF_16LE => units.flat_map(u16::to_le_bytes).collect(),
                    _ if encoding == UTF_16BE => units.flat_map(u16::to_be_bytes).collect(),
                    _ => text.as_bytes().to_vec(),
                }
            };
            let plain = of(text.as_bytes());
            let found = of(&encoded(&format!("{mark}{text}")));
            prop_assert_eq!(found.rows.len(), plain.rows.len());
            let pairs = plain.header.iter().zip(&found.header).chain(plain.rows.iter().zip(&found.rows));
            for (plain, found) in pairs {
                prop_assert_eq!((plain.line, plain.cells), (found.line, found.cells));
                let begin = format!("{mark}{}", &text[..plain.at]);
                prop_assert_eq!(encoded(&begin).len(), found.at);
            }
        }
    }
}
