//! The budget's ledger. Reading it and taking a slot are one transaction, so that all processes on
//! a state directory share one budget.

use std::time::Duration;

use rusqlite::{Transaction, params};

use super::{Journal, JournalError, account_number, known_account};
use crate::domain::rate_limit::{self, Budget, Ledger, NextCall};
use crate::domain::target::Target;
use crate::engine::{SlotAnswer, SlotEnd, SlotPurpose, TakenSlot};
use crate::platform::clock::Now;

mod ledger;

use ledger::Observer;

impl Journal {
    /// Takes a slot for a call that may last `lifetime`, or says when one may be taken.
    pub fn take_slot(
        &mut self,
        target: &Target,
        budget: &Budget,
        purpose: SlotPurpose,
        lifetime: Duration,
    ) -> Result<SlotAnswer, JournalError> {
        let clock = self.clock.clone();
        self.write(|transaction| {
            // Within the transaction: a time read before it may be older than another process's
            // slot, which would then seem to lie in the future.
            let observer = Observer::of(&clock);
            let now = observer.now.boot;
            let account = account_number(transaction, target)?;
            let (ledger, first_seen) = ledger::read(transaction, account, observer, budget)?;
            first_seen.remember(transaction)?;
            if let NextCall::At { at, reason } = rate_limit::next_call(&ledger, budget, now) {
                return Ok(SlotAnswer::Denied { at, reason });
            }
            ledger::forget(transaction, account, observer, budget)?;
            let deadline = now + lifetime;
            transaction.execute(
                "INSERT INTO slots (account, boot, taken, deadline, clock_offset, purpose, process)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    account,
                    observer.boot,
                    now.0,
                    deadline.0,
                    observer.clock_offset(),
                    match purpose {
                        SlotPurpose::Delete => "delete",
                        SlotPurpose::Token => "token",
                        SlotPurpose::Lookup => "lookup",
                        SlotPurpose::Fetch => "fetch",
                        SlotPurpose::Account => "account",
                    },
                    std::process::id()
                ],
            )?;
            Ok(SlotAnswer::Taken(TakenSlot {
                number: transaction.last_insert_rowid(),
                deadline,
            }))
        })
    }

    /// Notes that a slot's call has completed, and what the answer said of the limit.
    pub fn complete_slot(&mut self, end: &SlotEnd) -> Result<(), JournalError> {
        let clock = self.clock.clone();
        self.write(|transaction| complete(transaction, end, clock.now(), clock.boot_id()))
    }

    /// The slots and caps of the account, for show. Whoever takes a slot reads them for itself.
    pub fn ledger(&mut self, target: &Target, budget: &Budget) -> Result<Ledger, JournalError> {
        let clock = self.clock.clone();
        let read = self.query(|connection| {
            known_account(connection, target)?
                .map(|account| ledger::read(connection, account, Observer::of(&clock), budget))
                .transpose()
        })?;
        let Some((ledger, first_seen)) = read else {
            return Ok(Ledger::default());
        };
        if first_seen.has_new() {
            // What isn't remembered would seem to be of this moment, now and at each later look.
            self.write(|transaction| first_seen.remember(transaction))?;
        }
        Ok(ledger)
    }

    /// How many other processes of this boot have taken a call of the account that still counts, for
    /// show.
    pub fn others_in_window(&self, target: &Target, budget: &Budget) -> Result<u64, JournalError> {
        let since = self.clock.now().boot - budget.recovery();
        self.query(|connection| {
            let Some(account) = known_account(connection, target)? else {
                return Ok(0);
            };
            connection
                .prepare_cached(
                    "SELECT count(DISTINCT process) FROM slots
                     WHERE account = ?1 AND boot = ?2 AND process <> ?3
                         AND coalesce(completed, deadline) >= ?4",
                )?
                .query_row(
                    params![account, self.clock.boot_id(), std::process::id(), since.0],
                    |row| row.get(0),
                )
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
    if let Some(server) = end.server {
        transaction.execute(
            "INSERT INTO server_times (account, boot, at, server)
             SELECT account, ?2, ?3, ?4 FROM slots WHERE number = ?1
             ON CONFLICT (account, boot) DO UPDATE SET at = excluded.at, server = excluded.server",
            params![end.number, boot_id, now.boot.0, server.to_string()],
        )?;
    }
    let Some(cap) = end.cap else { return Ok(()) };
    transaction.execute(
        "INSERT INTO caps (account, boot, source, left, after_slot, until, wait)
         SELECT account, ?5, ?2, ?3, ?4, ?6, ?8 FROM slots WHERE number = ?1
         ON CONFLICT (account, boot, source) DO UPDATE SET
             left = excluded.left, after_slot = excluded.after_slot,
             until = excluded.until, wait = excluded.wait
         -- Headers only tighten: a limit that holds for longer and leaves no more stays.
         WHERE caps.until <= ?7 OR caps.until <= excluded.until OR caps.left > excluded.left",
        params![
            end.number,
            ledger::source_word(cap.source),
            cap.left,
            cap.after,
            boot_id,
            cap.until.0,
            now.boot.0,
            cap.until.0.saturating_sub(now.boot.0),
        ],
    )?;
    Ok(())
}
