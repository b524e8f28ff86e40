//! Options that override the decisions of the list reader.

use std::fmt;

use encoding_rs::Encoding;

use super::Field;
use crate::list::fields::dates::DateOrder;
use crate::list::fields::headers::normalise;

/// Options for reading a list. By default the reader decides everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// What columns are read as; of several for one header the first counts.
    pub columns: Vec<ColumnAssignment>,
    /// How many of the first ones the command line gives: nothing takes precedence over them.
    pub given_columns: usize,
    /// The encoding of the text.
    pub encoding: Option<&'static Encoding>,
    /// The delimiter of a table's cells.
    pub delimiter: Option<u8>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The line of the header, from 1.
    pub header_row: Option<u64>,
    /// The order of day, month and year in dates such as `03/04/2026`.
    pub date_order: Option<DateOrder>,
    /// The maximum size in bytes to which a compressed list or a workbook may expand.
    pub max_expanded: u64,
    /// The maximum number of rows.
    pub max_rows: u64,
}

/// What the column with a header is read as, whatever its name means otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnAssignment {
    /// The header, or the path of JSON keys. Not safe to show.
    pub header: String,
    /// The field; none for a column that is read as no field.
    pub field: Option<Field>,
}

/// Stands for a field where a column is read as none.
pub const NO_FIELD: &str = "none";

impl ColumnAssignment {
    /// The name of the field, or `none`.
    pub fn field_name(&self) -> &'static str {
        self.field.map_or(NO_FIELD, Field::name)
    }

    /// The option of the command line that assigns the same, quoted for a shell and safe to show.
    pub fn option(&self) -> String {
        let text = self.to_string();
        let quoted = shlex::try_quote(&text).unwrap_or_default();
        format!("--column {}", crate::text::visible(&quoted))
    }
}

/// As `--column` takes it, without quotes. Not safe to show.
impl fmt::Display for ColumnAssignment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.field_name(), self.header)
    }
}

/// The default of `max_expanded`: 1 GiB.
pub const MAX_EXPANDED: u64 = 1 << 30;

/// The default of `max_rows`. A row that repeats a device takes 24 bytes of memory.
pub const MAX_ROWS: u64 = 10_000_000;

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            given_columns: 0,
            encoding: None,
            delimiter: None,
            sheet: None,
            header_row: None,
            date_order: None,
            max_expanded: MAX_EXPANDED,
            max_rows: MAX_ROWS,
        }
    }
}

/// An invalid option value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// Not the name of a field.
    #[error("unknown field '{name}': write one of {known}, or none", known = Field::ALL.map(Field::name).join(", "))]
    Field {
        /// The value, safe to show.
        name: String,
    },
    /// Not of the form `FIELD=HEADER`.
    #[error("'{text}' is not FIELD=HEADER: write hwid=\"Device identifier\"")]
    Column {
        /// The value, safe to show.
        text: String,
    },
    /// Not the name of an encoding.
    #[error("unknown encoding '{name}': write a name such as utf-8, windows-1252 or shift_jis")]
    Encoding {
        /// The value, safe to show.
        name: String,
    },
    /// Not one character that can separate cells.
    #[error("'{text}' is not a delimiter: write one ASCII character or tab")]
    Delimiter {
        /// The value, safe to show.
        text: String,
    },
}

impl ReadOptions {
    /// The same, with these assignments of the screen behind those of the command line and before those of
    /// the configuration.
    #[must_use]
    pub fn with_columns(&self, columns: &[ColumnAssignment]) -> Self {
        let mut options = self.clone();
        let given = self.given().len();
        options
            .columns
            .splice(given..given, columns.iter().cloned());
        options
    }

    /// The assignments of the command line.
    fn given(&self) -> &[ColumnAssignment] {
        let given = self.columns.get(..self.given_columns);
        given.unwrap_or(&self.columns)
    }

    /// The assignment of the command line over which this one has no effect, if there is one.
    pub fn given_instead(&self, column: &ColumnAssignment) -> Option<&ColumnAssignment> {
        let given = for_header(self.given(), &column.header)?;
        (given.field != column.field).then_some(given)
    }

    pub(super) fn assigned(&self, header: &str) -> Option<&ColumnAssignment> {
        for_header(&self.columns, header)
    }
}

/// The first assignment of the column with this header.
fn for_header<'a>(columns: &'a [ColumnAssignment], header: &str) -> Option<&'a ColumnAssignment> {
    let name = normalise(header);
    columns.iter().find(|given| {
        let given = &given.header;
        given == header || (!name.is_empty() && normalise(given) == name)
    })
}

/// Parses `FIELD=HEADER`.
pub fn parse_column(text: &str) -> Result<ColumnAssignment, OptionError> {
    let (field, header) = text
        .split_once('=')
        .filter(|(_, header)| !header.trim().is_empty())
        .ok_or_else(|| OptionError::Column {
            text: crate::text::visible(text).into_owned(),
        })?;
    Ok(ColumnAssignment {
        field: parse_field(field.trim())?,
        header: header.trim().to_owned(),
    })
}

/// Parses the name of a field, or `none`.
pub fn parse_field(name: &str) -> Result<Option<Field>, OptionError> {
    if name == NO_FIELD {
        return Ok(None);
    }
    let field = Field::from_name(name).ok_or_else(|| OptionError::Field {
        name: crate::text::visible(name).into_owned(),
    })?;
    Ok(Some(field))
}

/// Parses the name of an encoding, as in the WHATWG standard.
pub fn parse_encoding(name: &str) -> Result<&'static Encoding, OptionError> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| OptionError::Encoding {
        name: crate::text::visible(name).into_owned(),
    })
}

/// Parses one ASCII character, or `tab`.
pub fn parse_delimiter(text: &str) -> Result<u8, OptionError> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte]
            if byte.is_ascii()
                && !byte.is_ascii_alphanumeric()
                && !matches!(byte, b'"' | b'\n' | b'\r') =>
        {
            Ok(*byte)
        }
        _ => Err(OptionError::Delimiter {
            text: crate::text::visible(text).into_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hwid(header: &str) -> ColumnAssignment {
        ColumnAssignment {
            header: header.to_owned(),
            field: Some(Field::Hwid),
        }
    }

    #[test]
    fn options_errors_list_allowed_values() {
        assert_eq!(parse_column("hwid=Geräte-ID"), Ok(hwid("Geräte-ID")));
        let ignored = parse_column("none=Serial").expect("an assignment");
        assert_eq!((ignored.field, ignored.header.as_str()), (None, "Serial"));
        assert_eq!(ignored.to_string(), "none=Serial");
        let error = parse_column("hardware=ID")
            .expect_err("no field")
            .to_string();
        assert!(
            error.contains("unknown field 'hardware'") && error.contains("hwid"),
            "{error}"
        );
        assert!(parse_column("hwid").is_err() && parse_column("hwid= ").is_err());
        assert_eq!(parse_delimiter("tab"), Ok(b'\t'));
        assert_eq!(parse_delimiter("|"), Ok(b'|'));
        for text in ["\"", "\n", "x", "7", "ä", "||", ""] {
            assert!(parse_delimiter(text).is_err(), "{text:?}");
        }
        assert_eq!(hwid("My ID").option(), "--column 'hwid=My ID'");
        assert!(parse_delimiter(";;").is_err() && parse_delimiter("a").is_err());
        assert_eq!(parse_encoding("latin1"), Ok(encoding_rs::WINDOWS_1252));
        assert!(parse_encoding("klingon").is_err());
    }

    #[test]
    fn assigned_ignores_case() {
        let options = ReadOptions {
            columns: vec![hwid("geräte id")],
            ..ReadOptions::default()
        };
        assert_eq!(options.assigned("Geräte-ID"), options.columns.first());
        assert_eq!(options.assigned("Serial"), None);
    }

    #[test]
    fn command_line_takes_precedence_over_the_screen_and_that_over_the_configuration() {
        let column = |text: &str| parse_column(text).expect("an assignment");
        let options = ReadOptions {
            columns: vec![
                column("hostname=Kiste"),
                column("user=Kiste"),
                column("group=Wer"),
            ],
            given_columns: 1,
            ..ReadOptions::default()
        };
        let screen = [column("serial=kiste"), column("asset=Wer")];
        let read = options.with_columns(&screen);
        assert_eq!(read.assigned("Kiste"), Some(&column("hostname=Kiste")));
        assert_eq!(read.assigned("Wer"), Some(&column("asset=Wer")));
        let instead = options.given_instead(&screen[0]);
        assert_eq!(instead, Some(&column("hostname=Kiste")));
        assert_eq!(options.given_instead(&screen[1]), None);
        assert_eq!(options.given_instead(&column("hostname=Kiste")), None);
    }

    proptest! {
        #[test]
        fn parse_column_round_trips(field in proptest::sample::select(&Field::ALL[..]), header in "[^ \t\r\n].{0,12}[^ \t\r\n]") {
            prop_assume!(header.trim() == header);
            let read = parse_column(&format!("{} = {header}", field.name())).expect("a mapping");
            let expected = ColumnAssignment { field: Some(field), header: header.clone() };
            prop_assert_eq!(&read, &expected);
            let options = ReadOptions { columns: vec![read], ..ReadOptions::default() };
            prop_assert_eq!(options.assigned(&header), Some(&expected));
        }

        #[test]
        fn option_errors_are_safe_to_show(text in any::<String>()) {
            let refusals = [
                parse_column(&text).err(),
                parse_field(&text).err(),
                parse_encoding(&text).err(),
                parse_delimiter(&text).err(),
            ];
            for refusal in refusals.into_iter().flatten() {
                prop_assert!(!crate::text::is_deceptive_text(&refusal.to_string()), "{refusal:?}");
            }
        }
    }
}
