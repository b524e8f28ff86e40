//! The budget's ledger. Reading it and taking a slot are one transaction, so that all processes on
//! a state directory share one budget.
//!
//! Boot times can be compared within one boot only. What another boot stored, or this one before its
//! clock was restored or set, is *foreign*: it is placed at the moment at which this boot first saw it,
//! which is remembered, so that it counts for one window, once. Where machines have no boot ID each
//! process is a boot of its own, and two that live at the same time count each other's slots so.

use std::collections::HashMap;
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
            let seen = read(transaction, account, boot_id, budget, now)?;
            remember(transaction, boot_id, &seen)?;
            let ledger = seen.ledger;
            if let NextCall::At { at, reason } = rate_limit::next_call(&ledger, budget, now.boot) {
                return Ok(Err((at, reason)));
            }
            forget(transaction, account, boot_id, budget, now)?;
            let deadline = now.boot + lifetime;
            transaction.execute(
                "INSERT INTO slots (account, boot, taken, deadline, clock_offset, purpose, process)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    account,
                    boot_id,
                    now.boot.0,
                    deadline.0,
                    clock_offset(now),
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
            Ok(Ok(TakenSlot {
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
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id().to_owned());
        let seen = self.query(|connection| match known_account(connection, target)? {
            Some(account) => read(connection, account, &boot_id, budget, now),
            None => Ok(LedgerOfBoot::default()),
        })?;
        if !seen.new.is_empty() {
            // What isn't remembered would seem to be of this moment, now and at each later look.
            self.write(|transaction| remember(transaction, &boot_id, &seen))?;
        }
        Ok(seen.ledger)
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
            source_word(cap.source),
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

/// How much the wall clock may drift against the boot time, in milliseconds, before the boot counts
/// as another one.
const CLOCK_DRIFT: i64 = 30_000;
/// How long a slot is remembered after its call: longer than any cap that may have to count it.
const LONGEST_CAP: Duration = Duration::from_secs(2 * 3600);

/// The wall clock minus the boot time, in milliseconds.
fn clock_offset(now: Now) -> i64 {
    now.wall.as_millisecond().saturating_sub(now.boot.0)
}

/// A ledger, and what this boot sees for the first time.
#[derive(Default)]
struct LedgerOfBoot {
    ledger: Ledger,
    new: Vec<NewClock>,
}

/// What this boot sees for the first time: its kind and name, and the moment.
type NewClock = (&'static str, String, BootTime);

/// The moments at which one boot first saw what others stored.
struct FirstSeen {
    known: HashMap<(String, String), BootTime>,
    now: BootTime,
    new: Vec<NewClock>,
}

impl FirstSeen {
    fn read(connection: &Connection, observer: &str, now: BootTime) -> rusqlite::Result<Self> {
        let known = connection
            .prepare_cached("SELECT kind, name, at FROM first_seen WHERE observer = ?1")?
            .query_map([observer], |row| {
                Ok(((row.get(0)?, row.get(1)?), BootTime(row.get(2)?)))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            known,
            now,
            new: Vec::new(),
        })
    }

    /// When this was seen first: at an earlier look, or now. A moment that lies ahead is one of before
    /// the clock went back.
    fn at(&mut self, kind: &'static str, name: &impl ToString) -> BootTime {
        let name = name.to_string();
        match self.known.get(&(kind.to_owned(), name.clone())) {
            Some(&at) if at <= self.now => at,
            _ => {
                self.known.insert((kind.to_owned(), name.clone()), self.now);
                self.new.push((kind, name, self.now));
                self.now
            }
        }
    }
}

/// A row of the slots.
struct StoredSlot {
    slot: Slot,
    boot: String,
    clock_offset: Option<i64>,
}

impl StoredSlot {
    /// Names the clock that the slot was taken by, if it isn't the one of this boot as it goes now.
    fn foreign_clock(&self, boot_id: &str, now: Now) -> Option<String> {
        let is_ahead = |time: BootTime| time > now.boot;
        if self.boot != boot_id {
            return Some(self.boot.clone());
        }
        if is_ahead(self.slot.taken) || self.slot.completed.is_some_and(is_ahead) {
            return Some(format!("{boot_id}, ahead"));
        }
        let drift = clock_offset(now).saturating_sub(self.clock_offset?);
        (drift.saturating_abs() > CLOCK_DRIFT).then(|| format!("{boot_id}, {} s", drift / 1000))
    }
}

/// The account's ledger in terms of this boot. A clock that is seen for the first time makes the
/// window full once: what it stored last may be lost, as where a machine was restored.
fn read(
    connection: &Connection,
    account: i64,
    boot_id: &str,
    budget: &Budget,
    now: Now,
) -> rusqlite::Result<LedgerOfBoot> {
    let mut first_seen = FirstSeen::read(connection, boot_id, now.boot)?;
    let stored = connection
        .prepare_cached(
            "SELECT number, taken, deadline, completed, boot, clock_offset FROM slots
             WHERE account = ?1 ORDER BY number",
        )?
        .query_map([account], |row| {
            Ok(StoredSlot {
                slot: Slot {
                    number: row.get(0)?,
                    taken: BootTime(row.get(1)?),
                    deadline: BootTime(row.get(2)?),
                    completed: row.get::<_, Option<i64>>(3)?.map(BootTime),
                },
                boot: row.get(4)?,
                clock_offset: row.get(5)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut ledger = Ledger::default();
    for row in stored {
        let slot = row.slot;
        let Some(clock) = row.foreign_clock(boot_id, now) else {
            ledger.slots.push(slot);
            continue;
        };
        let full_until = first_seen.at("boot", &clock) + budget.recovery();
        ledger.caps.push(Cap {
            source: CapSource::Unknown,
            left: 0,
            after: i64::MAX,
            until: full_until,
        });
        let taken = first_seen.at("slot", &slot.number);
        ledger.slots.push(Slot {
            taken,
            deadline: taken + slot.deadline.since(slot.taken),
            completed: slot
                .completed
                .map(|_| first_seen.at("completion", &slot.number)),
            ..slot
        });
    }
    ledger.caps.sort_unstable_by_key(|cap| cap.until);
    ledger.caps.dedup();
    let mut statement = connection.prepare_cached(
        "SELECT source, left, after_slot, until, boot, wait FROM caps WHERE account = ?1",
    )?;
    let mut rows = statement.query([account])?;
    while let Some(row) = rows.next()? {
        let (word, boot): (String, String) = (row.get(0)?, row.get(4)?);
        let after = row.get(2)?;
        let until = if boot == boot_id {
            BootTime(row.get(3)?)
        } else {
            // Negative where the cap was over when it was stored.
            let wait = Duration::from_millis(row.get::<_, i64>(5)?.max(0).unsigned_abs());
            first_seen.at("cap", &format!("{boot} {word} {after}")) + wait
        };
        ledger.caps.push(Cap {
            source: source(&word),
            left: row.get(1)?,
            after,
            until,
        });
    }
    Ok(LedgerOfBoot {
        ledger,
        new: first_seen.new,
    })
}

/// Stores what this boot has seen for the first time.
fn remember(
    transaction: &Transaction<'_>,
    boot_id: &str,
    seen: &LedgerOfBoot,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO first_seen (observer, kind, name, at) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (kind, name, at) in &seen.new {
        insert.execute(params![boot_id, kind, name, at.0])?;
    }
    Ok(())
}

/// Drops slots and caps that have been free for long. None that may still have to be counted is
/// dropped, whoever took it.
fn forget(
    transaction: &Transaction<'_>,
    account: i64,
    boot_id: &str,
    budget: &Budget,
    now: Now,
) -> rusqlite::Result<()> {
    let before = now.boot - budget.recovery() - LONGEST_CAP;
    let here = params![account, boot_id, before.0];
    transaction.execute(
        "DELETE FROM slots WHERE account = ?1 AND CASE boot
             WHEN ?2 THEN coalesce(completed, deadline) < ?3
             ELSE EXISTS (SELECT 1 FROM first_seen WHERE observer = ?2 AND kind = 'slot'
                 AND name = CAST(slots.number AS TEXT) AND at < ?3)
         END",
        here,
    )?;
    transaction.execute(
        "DELETE FROM caps WHERE account = ?1 AND CASE boot
             WHEN ?2 THEN until < ?3
             ELSE EXISTS (SELECT 1 FROM first_seen WHERE observer = ?2 AND kind = 'cap'
                 AND name = boot || ' ' || source || ' ' || after_slot AND at < ?3)
         END",
        here,
    )?;
    transaction.execute(
        "DELETE FROM first_seen WHERE CASE
             WHEN kind IN ('slot', 'completion') THEN
                 CAST(name AS INTEGER) NOT IN (SELECT number FROM slots)
             WHEN kind = 'cap' THEN
                 name NOT IN (SELECT boot || ' ' || source || ' ' || after_slot FROM caps)
             -- As long as a boot has slots, whoever saw it must not take it for a new one.
             ELSE name NOT IN (SELECT boot FROM slots) AND CASE observer
                 WHEN ?1 THEN at < ?2
                 ELSE observer NOT IN (SELECT boot FROM slots)
             END
         END",
        params![boot_id, before.0],
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
