//! The budget's ledger. Reading it and taking a slot are one transaction, so that all processes on
//! a state directory share one budget.

use std::time::Duration;

use rusqlite::{Connection, Transaction, params};

use super::{Journal, JournalError, account_number, known_account};
use crate::domain::rate_limit::{self, Budget, Cap, CapSource, Ledger, NextCall, Slot, WaitReason};
use crate::domain::target::Target;
use crate::engine::{SlotEnd, SlotPurpose, TakenSlot};
use crate::platform::clock::{BootTime, Now};

impl Journal {
    /// Takes a slot for a call that may last `lifetime`, or says when one may be taken.
    pub fn take_slot(
        &mut self,
        target: &Target,
        budget: &Budget,
        purpose: SlotPurpose,
        lifetime: Duration,
    ) -> Result<Result<TakenSlot, (BootTime, WaitReason)>, JournalError> {
        let clock = self.clock.clone();
        self.write(|transaction| {
            // Within the transaction: a time read before it may be older than another process's
            // slot, which would then seem to lie in the future.
            let (now, boot_id) = (clock.now(), clock.boot_id());
            let account = account_number(transaction, target)?;
            let (ledger, unknown) = read(transaction, account, boot_id, budget, now)?;
            if let Some(cap) = unknown {
                forget_unknown(transaction, account, boot_id, cap, now)?;
            }
            if let NextCall::At { at, reason } = rate_limit::next_call(&ledger, budget, now.boot) {
                return Ok(Err((at, reason)));
            }
            forget(transaction, account, budget, now)?;
            let deadline = now.boot + lifetime;
            transaction.execute(
                "INSERT INTO slots (account, boot, taken, deadline, purpose) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![account, boot_id, now.boot.0, deadline.0, match purpose {
                    SlotPurpose::Delete => "delete",
                    SlotPurpose::Token => "token",
                    SlotPurpose::Lookup => "lookup",
                    SlotPurpose::Fetch => "fetch",
                }],
            )?;
            Ok(Ok(TakenSlot { number: transaction.last_insert_rowid(), deadline }))
        })
    }

    /// Notes that a slot's call has completed, and what the answer said of the limit.
    pub fn complete_slot(&mut self, end: &SlotEnd) -> Result<(), JournalError> {
        let clock = self.clock.clone();
        self.write(|transaction| complete(transaction, end, clock.now(), clock.boot_id()))
    }

    /// The slots and caps of the account, for show; nothing is written. Whoever takes a slot reads
    /// them for itself.
    pub fn ledger(&self, target: &Target, budget: &Budget) -> Result<Ledger, JournalError> {
        let read = || {
            let account = known_account(&self.connection, target)?;
            let (now, boot_id) = (self.clock.now(), self.clock.boot_id());
            match account {
                Some(account) => Ok(read(&self.connection, account, boot_id, budget, now)?.0),
                None => Ok(Ledger::default()),
            }
        };
        read().map_err(|source| self.database(source))
    }
}

/// Completes a slot within the transaction that stores what came of its call.
pub(super) fn complete(
    transaction: &Transaction<'_>,
    end: &SlotEnd,
    now: Now,
    boot_id: &str,
) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE slots SET completed = ?2 WHERE number = ?1 AND completed IS NULL",
        params![end.number, now.boot.0],
    )?;
    let Some(cap) = end.cap else { return Ok(()) };
    transaction.execute(
        "INSERT INTO caps (account, source, left, after_slot, boot, until)
         SELECT account, ?2, ?3, ?4, ?5, ?6 FROM slots WHERE number = ?1
         ON CONFLICT (account, source) DO UPDATE SET
             left = excluded.left, after_slot = excluded.after_slot,
             boot = excluded.boot, until = excluded.until
         -- Headers only tighten: a limit that holds for longer and leaves no more stays.
         WHERE caps.boot <> excluded.boot OR caps.until <= ?7
            OR caps.until <= excluded.until OR caps.left > excluded.left",
        params![
            end.number,
            source_word(cap.source),
            cap.left,
            cap.after,
            boot_id,
            cap.until.0,
            now.boot.0
        ],
    )?;
    Ok(())
}

/// What of the ledger can't be placed in time: another boot's slots, and those that lie in the
/// future, as after a clock that went back.
const UNKNOWN_SLOTS: &str =
    "account = ?1 AND (boot <> ?2 OR taken > ?3 OR coalesce(completed > ?3, 0))";
const UNKNOWN_CAPS: &str = "account = ?1 AND boot <> ?2";

/// The account's ledger in terms of this boot. What can't be placed in time makes the window full,
/// once: the cap that says so is given beside it too, to be stored.
fn read(
    connection: &Connection,
    account: i64,
    boot_id: &str,
    budget: &Budget,
    now: Now,
) -> rusqlite::Result<(Ledger, Option<Cap>)> {
    let here = params![account, boot_id, now.boot.0];
    let unknown: i64 = connection
        .prepare_cached(&format!(
            "SELECT (SELECT count(*) FROM slots WHERE {UNKNOWN_SLOTS})
                  + (SELECT count(*) FROM caps WHERE {UNKNOWN_CAPS})"
        ))?
        .query_row(here, |row| row.get(0))?;
    let slots = connection
        .prepare_cached(&format!(
            "SELECT number, taken, deadline, completed FROM slots
             WHERE account = ?1 AND NOT ({UNKNOWN_SLOTS}) ORDER BY number"
        ))?
        .query_map(here, |row| {
            Ok(Slot {
                number: row.get(0)?,
                taken: BootTime(row.get(1)?),
                deadline: BootTime(row.get(2)?),
                completed: row.get::<_, Option<i64>>(3)?.map(BootTime),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut caps: Vec<Cap> = connection
        .prepare_cached(&format!(
            "SELECT source, left, after_slot, until FROM caps
             WHERE account = ?1 AND NOT ({UNKNOWN_CAPS})"
        ))?
        .query_map(params![account, boot_id], |row| {
            Ok(Cap {
                source: source(row.get_ref(0)?.as_str()?),
                left: row.get(1)?,
                after: row.get(2)?,
                until: BootTime(row.get(3)?),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let cap = if unknown > 0 {
        Some(Cap {
            source: CapSource::Unknown,
            left: 0,
            after: connection.query_row(
                "SELECT coalesce(max(number), 0) FROM slots",
                [],
                |row| row.get(0),
            )?,
            until: now.boot + budget.recovery(),
        })
    } else {
        None
    };
    caps.extend(cap);
    Ok((Ledger { slots, caps }, cap))
}

/// Puts the cap of a window that is taken as full in place of what made it so.
fn forget_unknown(
    transaction: &Transaction<'_>,
    account: i64,
    boot_id: &str,
    cap: Cap,
    now: Now,
) -> rusqlite::Result<()> {
    transaction.execute(
        &format!("DELETE FROM slots WHERE {UNKNOWN_SLOTS}"),
        params![account, boot_id, now.boot.0],
    )?;
    transaction.execute(
        &format!("DELETE FROM caps WHERE {UNKNOWN_CAPS}"),
        params![account, boot_id],
    )?;
    transaction.execute(
        "INSERT OR REPLACE INTO caps (account, source, left, after_slot, boot, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            account,
            source_word(cap.source),
            cap.left,
            cap.after,
            boot_id,
            cap.until.0
        ],
    )?;
    Ok(())
}

/// Drops slots that have been free for long. None that a cap may still have to count is dropped.
fn forget(
    transaction: &Transaction<'_>,
    account: i64,
    budget: &Budget,
    now: Now,
) -> rusqlite::Result<()> {
    const LONGEST_CAP: Duration = Duration::from_secs(2 * 3600);
    let before = now.boot - budget.recovery() - LONGEST_CAP;
    transaction.execute(
        "DELETE FROM slots WHERE account = ?1 AND coalesce(completed, deadline) < ?2",
        params![account, before.0],
    )?;
    Ok(())
}

fn source_word(source: CapSource) -> &'static str {
    match source {
        CapSource::Remaining => "remaining",
        CapSource::TooMany => "too_many",
        CapSource::Unknown => "unknown",
    }
}

fn source(word: &str) -> CapSource {
    match word {
        "remaining" => CapSource::Remaining,
        "too_many" => CapSource::TooMany,
        _ => CapSource::Unknown,
    }
}
