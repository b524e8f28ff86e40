//! Reads an account's ledger as the clock of this boot would have written it.
//!
//! Boot times can be compared within one boot only. What another boot stored, or this one before its
//! clock was restored or set, is *foreign*: it is placed at the moment at which this boot first saw it,
//! which is remembered, so that it counts for one window, once. Where machines have no boot ID each
//! process is a boot of its own, and two that live at the same time count each other's slots so.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use rusqlite::{Connection, Transaction, params};

use crate::domain::rate_limit::{Budget, Cap, CapSource, Ledger, Slot};
use crate::platform::clock::{BootTime, Clock, Now};

/// How much the wall clock may drift against the boot time, in milliseconds, before the boot counts
/// as another one.
const CLOCK_DRIFT: i64 = 30_000;
/// How long a slot is remembered after its call: longer than any cap that may have to count it.
const LONGEST_CAP: Duration = Duration::from_secs(2 * 3600);
/// The name of a row of `caps` in `first_seen`.
const CAP_NAME: &str = "boot || ' ' || source || ' ' || after_slot";

/// The boot that reads the ledger, and when.
#[derive(Clone, Copy)]
pub(super) struct Observer<'a> {
    pub boot: &'a str,
    pub now: Now,
}

impl<'a> Observer<'a> {
    pub fn of(clock: &'a Clock) -> Self {
        Self {
            boot: clock.boot_id(),
            now: clock.now(),
        }
    }

    /// The wall clock minus the boot time, in milliseconds.
    pub fn clock_offset(self) -> i64 {
        let wall = self.now.wall.as_millisecond();
        wall.saturating_sub(self.now.boot.0)
    }

    /// Names the clock that a slot was taken by, if it isn't the observer's, or was set since.
    fn foreign_clock(self, stored: &StoredSlot) -> Option<String> {
        if stored.boot != self.boot {
            return Some(stored.boot.clone());
        }
        let is_ahead = |time: BootTime| time > self.now.boot;
        if is_ahead(stored.slot.taken) || stored.slot.completed.is_some_and(is_ahead) {
            return Some(format!("{}, ahead", self.boot));
        }
        let drift = self.clock_offset().saturating_sub(stored.clock_offset?);
        (drift.saturating_abs() > CLOCK_DRIFT).then(|| format!("{}, {} s", self.boot, drift / 1000))
    }
}

/// The account's ledger, and when the observer first saw what is foreign in it.
pub(super) fn read<'a>(
    connection: &Connection,
    account: i64,
    observer: Observer<'a>,
    budget: &Budget,
) -> rusqlite::Result<(Ledger, FirstSeen<'a>)> {
    let mut first_seen = FirstSeen::read(connection, observer)?;
    let mut slots = Vec::new();
    let mut full_until = BTreeSet::new();
    for stored in stored_slots(connection, account)? {
        match observer.foreign_clock(&stored) {
            None => slots.push(stored.slot),
            Some(clock) => {
                // What it stored last may be lost, as where a machine was restored: a clock that is seen
                // for the first time makes the window full once.
                full_until.insert(first_seen.at("boot", clock) + budget.recovery());
                slots.push(first_seen.placed(stored.slot));
            }
        }
    }
    let mut caps: Vec<Cap> = full_until.into_iter().map(full_window).collect();
    caps.extend(stored_caps(connection, account, observer, &mut first_seen)?);
    Ok((Ledger { slots, caps }, first_seen))
}

/// A row of the slots.
struct StoredSlot {
    slot: Slot,
    boot: String,
    clock_offset: Option<i64>,
}

fn stored_slots(connection: &Connection, account: i64) -> rusqlite::Result<Vec<StoredSlot>> {
    connection
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
        .collect()
}

fn stored_caps(
    connection: &Connection,
    account: i64,
    observer: Observer<'_>,
    first_seen: &mut FirstSeen<'_>,
) -> rusqlite::Result<Vec<Cap>> {
    connection
        .prepare_cached(&format!(
            "SELECT source, left, after_slot, until, wait, boot = ?2, {CAP_NAME} FROM caps
             WHERE account = ?1"
        ))?
        .query_map(params![account, observer.boot], |row| {
            let until = if row.get(5)? {
                BootTime(row.get(3)?)
            } else {
                // Negative where the cap was over when it was stored.
                let wait = row.get::<_, i64>(4)?.max(0).unsigned_abs();
                first_seen.at("cap", row.get(6)?) + Duration::from_millis(wait)
            };
            Ok(Cap {
                source: source(row.get_ref(0)?.as_str()?),
                left: row.get(1)?,
                after: row.get(2)?,
                until,
            })
        })?
        .collect()
}

fn full_window(until: BootTime) -> Cap {
    Cap {
        source: CapSource::Unknown,
        left: 0,
        after: i64::MAX,
        until,
    }
}

/// The moments at which the observer first saw what is foreign, by its kind and name.
pub(super) struct FirstSeen<'a> {
    observer: Observer<'a>,
    moments: HashMap<(String, String), BootTime>,
    /// What it sees now for the first time.
    new: Vec<(String, String)>,
}

impl<'a> FirstSeen<'a> {
    fn read(connection: &Connection, observer: Observer<'a>) -> rusqlite::Result<Self> {
        let moments = connection
            .prepare_cached("SELECT kind, name, at FROM first_seen WHERE observer = ?1")?
            .query_map([observer.boot], |row| {
                Ok(((row.get(0)?, row.get(1)?), BootTime(row.get(2)?)))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            observer,
            moments,
            new: Vec::new(),
        })
    }

    /// When this was seen first: at an earlier look, or now. A moment that lies ahead is one of before
    /// the clock went back.
    fn at(&mut self, kind: &str, name: String) -> BootTime {
        let now = self.observer.now.boot;
        let key = (kind.to_owned(), name);
        match self.moments.get(&key) {
            Some(&at) if at <= now => at,
            _ => {
                self.new.push(key.clone());
                self.moments.insert(key, now);
                now
            }
        }
    }

    /// A foreign slot as if it had been taken when it was first seen.
    fn placed(&mut self, slot: Slot) -> Slot {
        let number = slot.number.to_string();
        let taken = self.at("slot", number.clone());
        Slot {
            number: slot.number,
            taken,
            deadline: taken + slot.deadline.since(slot.taken),
            completed: slot.completed.map(|_| self.at("completion", number)),
        }
    }

    /// True if there is something to remember.
    pub fn has_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// Stores what was seen for the first time.
    pub fn remember(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let Observer { boot, now } = self.observer;
        let mut insert = transaction.prepare_cached(
            "INSERT OR REPLACE INTO first_seen (observer, kind, name, at) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (kind, name) in &self.new {
            insert.execute(params![boot, kind, name, now.boot.0])?;
        }
        Ok(())
    }
}

/// Drops slots and caps that have been free for long. None that may still have to be counted is
/// dropped, whoever took it.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    account: i64,
    observer: Observer<'_>,
    budget: &Budget,
) -> rusqlite::Result<()> {
    let before = observer.now.boot - budget.recovery() - LONGEST_CAP;
    let here = params![account, observer.boot, before.0];
    transaction.execute(
        "DELETE FROM slots WHERE account = ?1 AND CASE boot
             WHEN ?2 THEN coalesce(completed, deadline) < ?3
             ELSE EXISTS (SELECT 1 FROM first_seen WHERE observer = ?2 AND kind = 'slot'
                 AND name = CAST(slots.number AS TEXT) AND at < ?3)
         END",
        here,
    )?;
    let sql = format!(
        "DELETE FROM caps WHERE account = ?1 AND CASE boot
             WHEN ?2 THEN until < ?3
             ELSE EXISTS (SELECT 1 FROM first_seen WHERE observer = ?2 AND kind = 'cap'
                 AND name = {CAP_NAME} AND at < ?3)
         END"
    );
    transaction.execute(&sql, here)?;
    let sql = format!(
        "DELETE FROM first_seen WHERE CASE
             WHEN kind IN ('slot', 'completion') THEN
                 CAST(name AS INTEGER) NOT IN (SELECT number FROM slots)
             WHEN kind = 'cap' THEN name NOT IN (SELECT {CAP_NAME} FROM caps)
             -- As long as a boot has slots, whoever saw it must not take it for a new one.
             ELSE name NOT IN (SELECT boot FROM slots) AND CASE observer
                 WHEN ?1 THEN at < ?2
                 ELSE observer NOT IN (SELECT boot FROM slots)
             END
         END"
    );
    transaction.execute(&sql, params![observer.boot, before.0])?;
    Ok(())
}

pub(super) fn source_word(source: CapSource) -> &'static str {
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
