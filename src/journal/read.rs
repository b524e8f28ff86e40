//! Reads columns whose unreadable values must be errors: a device whose identifiers were dropped could
//! be sent again.

use std::fmt::Display;
use std::str::FromStr;

use rusqlite::Row;
use rusqlite::types::Type;

use crate::domain::device::{Hwid, MacAddress};
use crate::domain::outcome::Outcome;

/// An HWID, if the column isn't null.
pub(super) fn hwid(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Hwid>> {
    row.get_ref(column)?
        .as_str_or_null()?
        .map(|text| Hwid::parse(text).map_err(|error| unreadable(column, &error)))
        .transpose()
}

/// MAC addresses, which are separated by spaces.
pub(super) fn macs(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<MacAddress>> {
    row.get_ref(column)?
        .as_str()?
        .split_ascii_whitespace()
        .map(|mac| MacAddress::parse(mac).map_err(|error| unreadable(column, &error)))
        .collect()
}

/// An outcome from its class and its reason, the first two columns.
pub(super) fn outcome(row: &Row<'_>) -> rusqlite::Result<Outcome> {
    let class = row.get_ref(0)?.as_str()?;
    let reason = row.get_ref(1)?.as_str_or_null()?.unwrap_or_default();
    Outcome::from_parts(class, reason)
        .ok_or_else(|| unreadable(0, &"not an outcome of this program"))
}

/// Any value that is stored by its name.
pub(super) fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: Display>,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error| unreadable(column, &error))
}

pub(super) fn unreadable(column: usize, error: &dyn Display) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.to_string().into())
}
