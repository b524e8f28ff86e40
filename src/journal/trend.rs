//! What fetches counted, over time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::read::time;
use super::{Journal, JournalError, account_number, known_account, read};
use crate::domain::licences::Licences;
use crate::domain::target::Target;
use crate::domain::trend::{Trend, TrendBuilder, TrendPoint, TrendRun};
use crate::query::{AgeBand, ListTotals};

/// A measurement of licences that is older than this isn't one of the fetch.
const LICENCES_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// What a fetch counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchTotals {
    /// When it began.
    pub fetched_at: Timestamp,
    /// SHA-256 of the list.
    pub list_hash: String,
    /// The counts.
    pub totals: ListTotals,
    /// The account's licences, if they were measured.
    pub licences: Option<Licences>,
}

impl Journal {
    /// Adds what a complete fetch of the account counted, with the licences that were measured meanwhile.
    pub fn record_fetch(
        &mut self,
        target: &Target,
        fetched_at: Timestamp,
        list_hash: &str,
        totals: &ListTotals,
    ) -> Result<(), JournalError> {
        let since = fetched_at - LICENCES_WITHIN;
        let by_age: BTreeMap<&str, u64> = totals
            .by_age
            .iter()
            .map(|(band, devices)| (band.as_str(), *devices))
            .collect();
        self.write(|transaction| {
            let account = account_number(transaction, target)?;
            let newest: Option<(i64, Option<Timestamp>)> = transaction
                .query_row(
                    "SELECT number, measured_at FROM licences
                     WHERE account = ?1 ORDER BY number DESC LIMIT 1",
                    [account],
                    |row| Ok((row.get(0)?, time(row, 1)?)),
                )
                .optional()?;
            let licences = newest.filter(|(_, at)| at.is_some_and(|at| at >= since));
            transaction.execute(
                "INSERT INTO fetch_totals (account, profile, fetched_at, list_hash, devices, unseen_90,
                     by_status, by_type, by_age, licences)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    account,
                    target.profile,
                    fetched_at.to_string(),
                    list_hash,
                    totals.devices,
                    totals.unseen_over_90_days(),
                    json(&totals.by_status),
                    json(&totals.by_type),
                    json(&by_age),
                    licences.map(|(number, _)| number),
                ],
            )
        })?;
        Ok(())
    }

    /// The accounts that have a fetch, each with the profile of its newest one.
    pub fn fetched_targets(&self) -> Result<Vec<Target>, JournalError> {
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT a.tenant, a.account, f.profile, max(f.number) FROM fetch_totals f
                 JOIN accounts a ON a.id = f.account GROUP BY f.account ORDER BY f.account",
            )?;
            let targets = statement.query_map([], |row| {
                let account: String = row.get(1)?;
                Ok(Target {
                    tenant: row.get(0)?,
                    account: (!account.is_empty()).then_some(account),
                    profile: row.get(2)?,
                })
            })?;
            targets.collect::<rusqlite::Result<Vec<_>>>()
        })
    }

    /// What the account's fetches counted since a time, and its runs since then. Takes memory for a
    /// bounded number of points.
    pub fn trend(&self, target: &Target, since: Option<Timestamp>) -> Result<Trend, JournalError> {
        self.check_whole()?;
        self.query(|connection| {
            let Some(account) = known_account(connection, target)? else {
                return Ok(Trend::default());
            };
            let newest = self.end_of_fetches(account, "DESC")?;
            let (Some(oldest), Some(newest)) = (self.end_of_fetches(account, "ASC")?, newest)
            else {
                return Ok(Trend::default());
            };
            let begin = since.map_or(oldest, |since| since.max(oldest));
            let mut builder = TrendBuilder::new(begin, newest);
            self.each_fetch(
                account,
                "f.devices, f.unseen_90, l.used, l.allowed",
                |row| {
                    let point = TrendPoint {
                        at: read::parsed(row, 0)?,
                        devices: row.get(1)?,
                        unseen: row.get(2)?,
                        licences: row.get::<_, Option<u64>>(3)?.zip(row.get(4)?),
                    };
                    if point.at >= begin {
                        builder.add(point);
                    }
                    Ok(())
                },
            )?;
            let mut runs = connection.prepare_cached(
                "SELECT confirmed_at, action, coalesce((SELECT c.devices FROM outcome_counts c
                     WHERE c.run = runs.number AND c.outcome = 'accepted'), 0)
                 FROM runs WHERE account = ?1 AND confirmed_at IS NOT NULL",
            )?;
            let runs = runs.query_map([account], |row| {
                Ok(TrendRun {
                    at: read::parsed(row, 0)?,
                    action: read::parsed(row, 1)?,
                    accepted: row.get(2)?,
                })
            })?;
            let mut runs: Vec<TrendRun> = runs.collect::<rusqlite::Result<_>>()?;
            runs.retain(|run| run.at >= begin);
            Ok(builder.finish(runs))
        })
    }

    /// Passes on what each of the account's fetches since a time counted, in the order of the fetches.
    /// `take` returns false to end.
    pub fn fetch_totals(
        &self,
        target: &Target,
        since: Option<Timestamp>,
        take: &mut dyn FnMut(FetchTotals) -> bool,
    ) -> Result<(), JournalError> {
        let mut goes_on = true;
        self.query(|connection| {
            let Some(account) = known_account(connection, target)? else {
                return Ok(());
            };
            let columns = "f.list_hash, f.devices, f.by_status, f.by_type, f.by_age,
                 l.measured_at, l.used, l.allowed";
            self.each_fetch(account, columns, |row| {
                let fetch = fetch_totals(row)?;
                if goes_on && since.is_none_or(|since| fetch.fetched_at >= since) {
                    goes_on = take(fetch);
                }
                Ok(())
            })
        })
    }

    fn end_of_fetches(&self, account: i64, order: &str) -> rusqlite::Result<Option<Timestamp>> {
        let sql = format!(
            "SELECT fetched_at FROM fetch_totals WHERE account = ?1 ORDER BY number {order} LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let end = statement.query_row([account], |row| read::parsed(row, 0));
        end.optional()
    }

    fn each_fetch(
        &self,
        account: i64,
        columns: &str,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT f.fetched_at, {columns} FROM fetch_totals f
             LEFT JOIN licences l ON l.number = f.licences WHERE f.account = ?1 ORDER BY f.number"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([account])?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
        Ok(())
    }
}

fn fetch_totals(row: &Row<'_>) -> rusqlite::Result<FetchTotals> {
    let counts = |column: usize| -> rusqlite::Result<BTreeMap<String, u64>> {
        let text = row.get_ref(column)?.as_str()?;
        serde_json::from_str(text).map_err(|error| read::unreadable(column, &error))
    };
    let by_age = counts(5)?;
    let all = AgeBand::KNOWN.into_iter().chain([AgeBand::Unknown]);
    let by_age = all.filter_map(|band| Some((band, *by_age.get(band.as_str())?)));
    let licences = time(row, 6)?.zip(row.get::<_, Option<u64>>(7)?.zip(row.get(8)?));
    Ok(FetchTotals {
        fetched_at: read::parsed(row, 0)?,
        list_hash: row.get(1)?,
        totals: ListTotals {
            devices: row.get(2)?,
            by_status: counts(3)?,
            by_type: counts(4)?,
            by_age: by_age.collect(),
        },
        licences: licences.map(|(measured_at, (used, allowed))| Licences {
            used,
            allowed,
            measured_at,
        }),
    })
}

/// Counts as a JSON object.
fn json(counts: &impl serde::Serialize) -> String {
    // Texts and numbers can always be written as JSON.
    serde_json::to_string(counts).unwrap_or_default()
}
