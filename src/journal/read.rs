//! Reads columns. Unreadable identifiers and outcomes must be errors: a device whose identifiers were dropped could
//! be sent again.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use crate::domain::device::{Hwid, MacAddress};
use crate::domain::outcome::Outcome;
use crate::journal::Operator;

/// True if host names that the tenant reports of a run's devices may be stored: its own names weren't
/// forgotten, and are kept. A run without any host name was either confirmed with a `keep` that doesn't name
/// them, or was planned from identifiers alone.
pub(super) fn keeps_hostnames(connection: &Connection, run: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT forgotten IS NULL
                 AND EXISTS (SELECT 1 FROM run_devices WHERE run = number AND hostname <> '')
             FROM runs WHERE number = ?1",
        )?
        .query_row([run], |row| row.get(0))
}

/// An HWID, if the column isn't null.
pub(super) fn hwid(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Hwid>> {
    row.get_ref(column)?
        .as_str_or_null()?
        .map(|text| Hwid::parse(text).map_err(|error| unreadable(column, &error)))
        .transpose()
}

/// An operator, in this column and the four that follow it.
pub(super) fn operator(row: &Row<'_>, column: usize) -> rusqlite::Result<Operator> {
    Ok(Operator {
        os_user: row.get(column)?,
        login_uid: row.get(column + 1)?,
        sudo_user: row.get(column + 2)?,
        ssh_connection: row.get(column + 3)?,
        host: row.get(column + 4)?,
    })
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

/// The same; none if the column is null.
pub(super) fn parsed_or_null<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>>
where
    T: FromStr<Err: Display>,
{
    match row.get_ref(column)?.as_str_or_null()? {
        Some(_) => parsed(row, column).map(Some),
        None => Ok(None),
    }
}

pub(super) fn unreadable(column: usize, error: &dyn Display) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.to_string().into())
}

/// A time, if the column isn't null and can be read.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row
        .get_ref(column)?
        .as_str_or_null()?
        .and_then(|text| text.parse().ok()))
}
