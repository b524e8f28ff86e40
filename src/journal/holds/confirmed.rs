//! Which time has certainly come, so that a hold whose last day is over has ended.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use rusqlite::Connection;

use super::HoldStatus;
use crate::journal::read;
use crate::platform::clock::{BootTime, Now};

/// What is known of the time.
pub(super) struct ConfirmedTime {
    now: Now,
    boot_id: String,
    /// A moment that the server's clock has reached, if the server ever answered.
    server: Option<Timestamp>,
    /// It has answered in this boot.
    is_exact: bool,
}

impl ConfirmedTime {
    pub(super) fn read(
        connection: &Connection,
        account: i64,
        now: Now,
        boot_id: &str,
    ) -> rusqlite::Result<Self> {
        let mut confirmed = Self {
            now,
            boot_id: boot_id.to_owned(),
            server: None,
            is_exact: false,
        };
        let mut statement = connection
            .prepare_cached("SELECT boot, at, server FROM server_times WHERE account = ?1")?;
        let mut rows = statement.query([account])?;
        while let Some(row) = rows.next()? {
            let (boot, at): (String, i64) = (row.get(0)?, row.get(1)?);
            let reached = confirmed.reached_from(read::parsed(row, 2)?, &boot, BootTime(at));
            confirmed.server = confirmed.server.max(Some(reached));
            confirmed.is_exact |= boot == confirmed.boot_id;
        }
        Ok(confirmed)
    }

    /// The moment that is reached now by the boot time, after it was `then` at the boot time `at`. What
    /// another boot noted doesn't say how long ago it was.
    pub(super) fn reached_from(&self, then: Timestamp, boot: &str, at: BootTime) -> Timestamp {
        if boot != self.boot_id {
            return then;
        }
        then.checked_add(self.now.boot.since(at))
            .unwrap_or(Timestamp::MAX)
    }

    pub(super) fn status(&self, until: Date, since_added: Timestamp) -> HoldStatus {
        let end = until
            .tomorrow()
            .and_then(|day| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)))
            .unwrap_or(Timestamp::MAX);
        let since_added = Some(since_added).filter(|_| !self.is_exact);
        let confirmed = self.server.max(since_added);
        if self.now.wall < end {
            HoldStatus::InForce
        } else if confirmed.is_some_and(|confirmed| confirmed >= end) {
            HoldStatus::Expired
        } else {
            HoldStatus::Unconfirmed
        }
    }
}
