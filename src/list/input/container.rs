//! What the text of a list is in.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::text::visible;

/// The container of a list's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Container {
    /// None: the file is the text.
    #[default]
    Plain,
    /// A file compressed with gzip.
    Gzip,
    /// A file compressed with Zstandard.
    Zstd,
    Workbook {
        /// The sheet that is read.
        sheet: String,
        /// The other sheets.
        others: Vec<String>,
    },
}

impl fmt::Display for Container {
    /// `plain`, or `workbook, sheet 'Devices' (not read: Notes)`; safe to show.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => formatter.write_str("plain"),
            Self::Gzip => formatter.write_str("gzip"),
            Self::Zstd => formatter.write_str("zstd"),
            Self::Workbook { sheet, others } => {
                write!(formatter, "workbook, sheet '{}'", visible(sheet))?;
                if others.is_empty() {
                    return Ok(());
                }
                let others: Vec<_> = others.iter().map(|name| visible(name)).collect();
                write!(formatter, " (not read: {})", others.join(", "))
            }
        }
    }
}

impl Serialize for Container {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
