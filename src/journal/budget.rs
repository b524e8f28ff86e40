//! The budget's ledger. Reading it and taking a slot are one transaction, so that all processes on
//! a state directory share one budget.

use std::time::Duration;

use rusqlite::{Transaction, params};

use super::{Journal, JournalError, account_number};
use crate::clock::{BootTime, Now};
use crate::engine::{SlotEnd, SlotPurpose, TakenSlot};
use crate::pacer::{self, Budget, Cap, CapSource, Ledger, NextCall, Slot, WaitReason};
use crate::plan::Target;

impl Journal {
    /// Takes a slot for a call that may last `lifetime`, or says when one may be taken.
    pub fn take_slot(
        &mut self,
        target: &Target,
        budget: &Budget,
        purpose: SlotPurpose,
        lifetime: Duration,
    ) -> Result<Result<TakenSlot, (BootTime, WaitReason)>, JournalError> {
        let now = self.clock.now();
        let boot_id = self.clock.boot_id().to_owned();
        self.write(|transaction| {
            let account = account_number(transaction, &target.tenant, target.account.as_deref())?;
            let ledger = read(transaction, account, &boot_id, budget, now)?;
            if let NextCall::At { at, why } = pacer::next_call(&ledger, budget, now.boot) {
                return Ok(Err((at, why)));
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
        let now = self.clock.now();
        let boot_id = self.clock.boot_id().to_owned();
        self.write(|transaction| complete(transaction, end, now, &boot_id))
    }

    /// The slots and caps of the account.
    pub fn ledger(&mut self, target: &Target, budget: &Budget) -> Result<Ledger, JournalError> {
        let now = self.clock.now();
        let boot_id = self.clock.boot_id().to_owned();
        self.write(|transaction| {
            let account = account_number(transaction, &target.tenant, target.account.as_deref())?;
            read(transaction, account, &boot_id, budget, now)
        })
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
             boot = excluded.boot, until = excluded.until",
        params![
            end.number,
            source_word(cap.source),
            cap.left,
            cap.after,
            boot_id,
            cap.until.0
        ],
    )?;
    Ok(())
}

/// The account's ledger in terms of this boot. What another boot left, or what lies in the future
/// as after a clock that went back, can't be placed in time: it makes the window full, once.
fn read(
    transaction: &Transaction<'_>,
    account: i64,
    boot_id: &str,
    budget: &Budget,
    now: Now,
) -> rusqlite::Result<Ledger> {
    let foreign: i64 = transaction.query_row(
        "SELECT (SELECT count(*) FROM slots WHERE account = ?1
                  AND (boot <> ?2 OR taken > ?3 OR completed > ?3))
              + (SELECT count(*) FROM caps WHERE account = ?1 AND boot <> ?2)",
        params![account, boot_id, now.boot.0],
        |row| row.get(0),
    )?;
    if foreign > 0 {
        transaction.execute(
            "DELETE FROM slots WHERE account = ?1
              AND (boot <> ?2 OR taken > ?3 OR completed > ?3)",
            params![account, boot_id, now.boot.0],
        )?;
        transaction.execute(
            "DELETE FROM caps WHERE account = ?1 AND boot <> ?2",
            params![account, boot_id],
        )?;
        let last: i64 =
            transaction.query_row("SELECT coalesce(max(number), 0) FROM slots", [], |row| {
                row.get(0)
            })?;
        transaction.execute(
            "INSERT OR REPLACE INTO caps (account, source, left, after_slot, boot, until)
             VALUES (?1, 'unknown', 0, ?2, ?3, ?4)",
            params![account, last, boot_id, (now.boot + budget.recovery()).0],
        )?;
    }
    let slots = transaction
        .prepare_cached(
            "SELECT number, taken, deadline, completed FROM slots WHERE account = ?1 ORDER BY number",
        )?
        .query_map([account], |row| {
            Ok(Slot {
                number: row.get(0)?,
                taken: BootTime(row.get(1)?),
                deadline: BootTime(row.get(2)?),
                completed: row.get::<_, Option<i64>>(3)?.map(BootTime),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let caps = transaction
        .prepare_cached("SELECT source, left, after_slot, until FROM caps WHERE account = ?1")?
        .query_map([account], |row| {
            Ok(Cap {
                source: source(row.get_ref(0)?.as_str()?),
                left: row.get(1)?,
                after: row.get(2)?,
                until: BootTime(row.get(3)?),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Ledger { slots, caps })
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
