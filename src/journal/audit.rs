//! What auditors ask of the journal: who took a run up again, and where a device occurs.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::{Journal, JournalError, Operator, read};
use crate::device::{Hwid, MacAddress};
use crate::plan::Target;
use crate::run::RunId;

/// More than anybody reads.
const MOST: u64 = 10_000;

/// A run was taken up again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeRecord {
    /// When.
    pub at: Timestamp,
    /// How many devices were left, as its operator told.
    pub devices: u64,
    /// Who.
    pub operator: Operator,
}

/// A device in a run, found by its name, its user or an identifier. The texts are as the list had
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The run, by its short name.
    pub run: String,
    /// What was done.
    pub action: String,
    /// What was sent.
    pub identifier: String,
    /// Its HWID, if it had one.
    pub hwid: Option<String>,
    /// All its MACs, separated by spaces.
    pub macs: String,
    /// As the list had it.
    pub hostname: String,
    /// As the list had it.
    pub user: String,
    /// The outcome's class; none while it is left to send.
    pub outcome: Option<String>,
    /// The outcome's reason; may be empty.
    pub reason: String,
    /// When it was decided.
    pub decided_at: Option<String>,
    /// The status of the call that decided.
    pub status: Option<u16>,
}

const FOUND: &str =
    "SELECT r.short, r.action, d.identifier, d.hwid, d.macs, d.hostname, d.user_name,
        d.outcome, coalesce(d.reason, ''), d.decided_at,
        (SELECT c.status FROM calls c WHERE c.run = d.run AND c.call = d.call)
    FROM run_devices d JOIN runs r ON r.number = d.run
    WHERE r.confirmed_at IS NOT NULL";

impl Journal {
    /// When a run was taken up again, oldest first.
    pub fn resumes(&self, id: &RunId) -> Result<Vec<ResumeRecord>, JournalError> {
        let number = self.number(id)?;
        let mut statement = self
            .connection
            .prepare(
                "SELECT resumed_at, devices, os_user, login_uid, sudo_user, ssh_connection, host
                 FROM resumes WHERE run = ?1 ORDER BY resumed_at",
            )
            .map_err(|source| self.database(source))?;
        let rows = statement
            .query_map([number], |row| {
                Ok(ResumeRecord {
                    at: read::parsed(row, 0)?,
                    devices: row.get(1)?,
                    operator: Operator {
                        os_user: row.get(2)?,
                        login_uid: row.get(3)?,
                        sudo_user: row.get(4)?,
                        ssh_connection: row.get(5)?,
                        host: row.get(6)?,
                    },
                })
            })
            .map_err(|source| self.database(source))?;
        rows.collect::<rusqlite::Result<_>>()
            .map_err(|source| self.database(source))
    }

    /// The devices of all runs whose host name, nickname, user or identifier holds `text`, whatever
    /// its case; a MAC address in any notation. Newest run first.
    pub fn find(&self, text: &str) -> Result<Vec<Found>, JournalError> {
        let pattern = format!("%{}%", escaped(text));
        let mac =
            MacAddress::parse(text).map_or_else(|_| pattern.clone(), |mac| format!("%{mac}%"));
        let sql = format!(
            "{FOUND} AND (d.hostname LIKE ?1 ESCAPE '\\' OR d.nickname LIKE ?1 ESCAPE '\\'
                OR d.user_name LIKE ?1 ESCAPE '\\' OR d.identifier LIKE ?1 ESCAPE '\\'
                OR d.hwid LIKE ?1 ESCAPE '\\' OR d.macs LIKE ?2 ESCAPE '\\')
             ORDER BY r.number DESC, d.ordinal LIMIT {MOST}"
        );
        self.read_found(&sql, params![pattern, mac])
    }

    /// What became of a device with one of these identifiers in the account's runs, newest first.
    pub fn outcomes_of(
        &self,
        target: &Target,
        hwid: Option<&Hwid>,
        macs: &[MacAddress],
    ) -> Result<Vec<Found>, JournalError> {
        let sql = format!(
            "{FOUND} AND r.account = (SELECT id FROM accounts WHERE tenant = ?1 AND account = ?2)
             AND (d.run, d.ordinal) IN (SELECT i.run, i.ordinal FROM identifiers i
                 WHERE i.account = r.account AND i.kind = ?3 AND i.identifier = ?4)
             ORDER BY r.number DESC, d.ordinal LIMIT {MOST}"
        );
        let account = target.account.as_deref().unwrap_or_default();
        let identifiers = hwid
            .map(|hwid| ("hwid", hwid.to_string()))
            .into_iter()
            .chain(macs.iter().map(|mac| ("mac", mac.to_string())));
        let mut found: Vec<Found> = Vec::new();
        for (kind, identifier) in identifiers {
            let more = self.read_found(&sql, params![target.tenant, account, kind, identifier])?;
            for one in more {
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
        Ok(found)
    }

    fn read_found(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Found>, JournalError> {
        let mut statement = self
            .connection
            .prepare_cached(sql)
            .map_err(|source| self.database(source))?;
        let rows = statement
            .query_map(parameters, found)
            .map_err(|source| self.database(source))?;
        rows.collect::<rusqlite::Result<_>>()
            .map_err(|source| self.database(source))
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found {
        run: row.get(0)?,
        action: row.get(1)?,
        identifier: row.get(2)?,
        hwid: row.get(3)?,
        macs: row.get(4)?,
        hostname: row.get(5)?,
        user: row.get(6)?,
        outcome: row.get(7)?,
        reason: row.get(8)?,
        decided_at: row.get(9)?,
        status: row.get(10)?,
    })
}

/// Text in a pattern of LIKE that means itself.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}
