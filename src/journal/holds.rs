//! Holds: added, ended, and read for plans and admission.
//!
//! Nothing shortens a hold but its end by the operator. It has expired when its last day is over by the
//! wall clock *and* by a second clock: the server's, as its last answer had it, or the boot time since the
//! hold was added or that answer arrived. So neither a clock that is set forward nor one that goes back ends it.
//! Where the server has answered in this boot, its clock alone counts: the other rests on the wall clock.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use rusqlite::{Connection, Row, params};

use super::{Journal, JournalError, Operator, account_number, known_account, operator, read};
use crate::domain::device::Identifier;
use crate::domain::target::Target;
use crate::plan::{Hold, Holds, ListIdentifiers};
use crate::platform::clock::{BootTime, Now};

mod confirmed;
mod end;

use confirmed::ConfirmedTime;
pub use end::{EndedHolds, HoldsOfDevices};

/// A hold in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRecord {
    /// What was added.
    pub hold: Hold,
    /// When, by this host's clock.
    pub added_at: Timestamp,
    /// Who added it.
    pub operator: Operator,
    /// When it was ended early, if it was.
    pub ended_at: Option<Timestamp>,
    /// Whether it is in force now.
    pub status: HoldStatus,
}

/// What changes whenever a hold is added or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldsVersion(i64, i64);

#[cfg(test)]
impl HoldsVersion {
    /// A version after this many ends of holds.
    pub fn for_tests(ended: i64) -> Self {
        Self(1, ended)
    }
}

/// Whether a hold is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldStatus {
    /// Its devices are left out.
    InForce,
    /// Its last day is over by this computer's clock alone: its devices are left out.
    Unconfirmed,
    /// Its last day is over.
    Expired,
    /// It was ended early.
    Ended,
}

impl HoldStatus {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Unconfirmed => "unconfirmed",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }

    /// True if devices are left out for it.
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::InForce | Self::Unconfirmed)
    }
}

/// The columns of a hold, in the order in which [`record`] reads them.
const COLUMNS: &str =
    "h.number, h.hwid, h.macs, h.hostname, h.until, h.reason, h.owner, h.added_at, h.boot,
     h.added_boot, h.os_user, h.login_uid, h.sudo_user, h.ssh_connection, h.host, e.ended_at
     FROM holds h LEFT JOIN hold_ends e ON e.hold = h.number";

impl Journal {
    /// Adds holds of the account, all or none of them.
    pub fn add_holds(
        &mut self,
        target: &Target,
        holds: &[Hold],
        operator: &Operator,
    ) -> Result<(), JournalError> {
        self.check()?;
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id().to_owned());
        self.write(|transaction| {
            let account = account_number(transaction, target)?;
            let mut identifier = transaction.prepare(
                "INSERT OR IGNORE INTO hold_identifiers (account, identifier, kind, hold)
                 VALUES (?1, ?2, ?3, ?4)",
            )?;
            for hold in holds {
                let macs: Vec<String> = hold.macs.iter().map(ToString::to_string).collect();
                let columns = "account, hwid, macs, hostname, until, reason, owner, added_at, boot, added_boot";
                let values = params![
                    account,
                    hold.hwid.as_ref().map(crate::domain::device::Hwid::as_str),
                    macs.join(" "),
                    hold.hostname,
                    hold.until.to_string(),
                    hold.reason,
                    hold.owner,
                    now.wall.to_string(),
                    boot_id,
                    now.boot.0,
                ];
                let number = operator::insert(transaction, "holds", columns, values, operator)?;
                for key in hold.keys() {
                    let kind = key.kind().as_str();
                    identifier.execute(params![account, key.to_string(), kind, number])?;
                }
            }
            Ok(())
        })
    }

    /// All holds of the account that ever were, the oldest first.
    pub fn holds(&self, target: &Target) -> Result<Vec<HoldRecord>, JournalError> {
        let numbered = self.numbered_holds(target)?;
        Ok(numbered.into_iter().map(|(_, record)| record).collect())
    }

    fn numbered_holds(&self, target: &Target) -> Result<Vec<(i64, HoldRecord)>, JournalError> {
        self.check_whole()?;
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id());
        self.query(|connection| {
            let Some(account) = known_account(connection, target)? else {
                return Ok(Vec::new());
            };
            let confirmed = ConfirmedTime::read(connection, account, now, boot_id)?;
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} WHERE h.account = ?1 ORDER BY h.number"
            ))?;
            statement
                .query_map([account], |row| record(row, &confirmed))?
                .collect()
        })
    }

    /// The holds of the account that are in force, for devices of a list.
    pub fn holds_in_force(&self, target: &Target) -> Result<Holds, JournalError> {
        let mut holds = Holds::default();
        for record in self.holds(target)? {
            if record.status.is_in_force() {
                holds.insert(record.hold);
            }
        }
        Ok(holds)
    }

    /// Changes whenever a hold is added or ended, by any process.
    pub fn holds_version(&self) -> Result<HoldsVersion, JournalError> {
        self.query(version)
    }

    /// The devices of a list that are held: why, for each.
    pub fn held(
        &self,
        target: &Target,
        list: &crate::list::DeviceList,
    ) -> Result<std::collections::HashMap<crate::list::DeviceId, String>, JournalError> {
        let holds = self.holds_in_force(target)?;
        if holds.is_empty() {
            return Ok(std::collections::HashMap::new());
        }
        let held = list.ids().filter_map(|id| {
            let identifiers = ListIdentifiers::of(list.device(id));
            let hold = holds.of(identifiers.candidate())?;
            Some((id, crate::plan::LeftOutReason::of_hold(hold).to_string()))
        });
        Ok(held.collect())
    }
}

fn version(connection: &Connection) -> rusqlite::Result<HoldsVersion> {
    connection.query_row(
        "SELECT (SELECT coalesce(max(number), 0) FROM holds), (SELECT count(*) FROM hold_ends)",
        [],
        |row| Ok(HoldsVersion(row.get(0)?, row.get(1)?)),
    )
}

/// The holds in force that have one of `keys`, which belong to `devices` devices. If there are fewer holds
/// than that, all are read.
pub(super) fn in_force(
    connection: &Connection,
    account: i64,
    devices: usize,
    keys: &[Identifier],
    now: Now,
    boot_id: &str,
) -> rusqlite::Result<Holds> {
    let mut holds = Holds::default();
    let known: usize = connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM holds WHERE account = ?1 LIMIT ?2)")?
        .query_row(params![account, devices + 1], |row| row.get(0))?;
    if known == 0 {
        return Ok(holds);
    }
    let confirmed = ConfirmedTime::read(connection, account, now, boot_id)?;
    if known <= devices {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} WHERE h.account = ?1 AND e.hold IS NULL"
        ))?;
        let mut rows = statement.query([account])?;
        while let Some(row) = rows.next()? {
            let (_, record) = record(row, &confirmed)?;
            if record.status.is_in_force() {
                holds.insert(record.hold);
            }
        }
        return Ok(holds);
    }
    let mut read = HashSet::new();
    for key in keys {
        for (number, hold) in numbered_of_key(connection, account, key, &confirmed)? {
            if read.insert(number) {
                holds.insert(hold);
            }
        }
    }
    Ok(holds)
}

fn numbered_of_key(
    connection: &Connection,
    account: i64,
    key: &Identifier,
    confirmed: &ConfirmedTime,
) -> rusqlite::Result<Vec<(i64, Hold)>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} JOIN hold_identifiers i ON i.hold = h.number
         WHERE i.account = ?1 AND i.identifier = ?2 AND i.kind = ?3 AND e.hold IS NULL"
    ))?;
    let mut rows = statement.query(params![account, key.to_string(), key.kind().as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (number, record) = record(row, confirmed)?;
        if record.status.is_in_force() {
            found.push((number, record.hold));
        }
    }
    Ok(found)
}

/// The holds of all accounts that were over before this day and have their names, by number.
pub(super) fn over_before(
    connection: &Connection,
    before: Date,
    now: Now,
    boot_id: &str,
) -> rusqlite::Result<Vec<i64>> {
    let accounts: Vec<i64> = connection
        .prepare("SELECT DISTINCT account FROM holds WHERE forgotten IS NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut over = Vec::new();
    for account in accounts {
        let confirmed = ConfirmedTime::read(connection, account, now, boot_id)?;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} WHERE h.account = ?1 AND h.forgotten IS NULL"
        ))?;
        let mut rows = statement.query([account])?;
        while let Some(row) = rows.next()? {
            let (number, record) = record(row, &confirmed)?;
            let until = record.hold.until;
            let last = record.ended_at.map_or(until, |ended| {
                Offset::UTC.to_datetime(ended).date().min(until)
            });
            if !record.status.is_in_force() && last < before {
                over.push(number);
            }
        }
    }
    Ok(over)
}

/// A hold with its number.
fn record(row: &Row<'_>, confirmed: &ConfirmedTime) -> rusqlite::Result<(i64, HoldRecord)> {
    let until: Date = read::parsed(row, 4)?;
    let added_at: Timestamp = read::parsed(row, 7)?;
    let ended_at: Option<Timestamp> = read::parsed_or_null(row, 15)?;
    let (boot, added_boot): (String, i64) = (row.get(8)?, row.get(9)?);
    let since_added = confirmed.reached_from(added_at, &boot, BootTime(added_boot));
    let hold = Hold {
        hwid: read::hwid(row, 1)?,
        macs: read::macs(row, 2)?,
        hostname: row.get(3)?,
        until,
        reason: row.get(5)?,
        owner: row.get(6)?,
    };
    let record = HoldRecord {
        status: if ended_at.is_some() {
            HoldStatus::Ended
        } else {
            confirmed.status(until, since_added)
        },
        hold,
        added_at,
        operator: read::operator(row, 10)?,
        ended_at,
    };
    Ok((row.get(0)?, record))
}
