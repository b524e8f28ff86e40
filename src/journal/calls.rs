//! Calls: the intent before the network, the outcome after it.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};

use super::files::{self, NewestIntent};
use super::{Journal, JournalError, RunLock, at_path, budget, read};
use crate::domain::device::IdentifierKind;
use crate::domain::outcome::{DeviceState, Doubt, Outcome};
use crate::domain::run::RunId;
use crate::engine::response::{CallReport, CallResult, Element};
use crate::engine::{BatchOrigin, CallEnd, Intent};
use crate::platform::clock::BootTime;

/// A call as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Its number in the run, from 1.
    pub call: u32,
    /// Which identifiers it carried.
    pub kind: IdentifierKind,
    /// Where its batch came from.
    pub origin: CallOrigin,
    /// The devices that it carried, by ordinal, in the order sent.
    pub devices: Vec<u32>,
    /// When its intent was durable.
    pub intent_at: Timestamp,
    /// The same in the boot time of the boot of this name; none for calls of earlier versions.
    pub intent_boot: Option<(String, BootTime)>,
    /// When its outcome was; never, if the process ended between.
    pub ended_at: Option<Timestamp>,
    /// Its result; none if the process ended in between.
    pub verdict: Option<CallVerdict>,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The server's or the network's words, safe to show.
    pub message: String,
}

/// Where a call's batch came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOrigin {
    /// Devices that were never sent before.
    Fresh,
    /// A half of a batch that was refused as a whole.
    Half,
    /// Devices in doubt, sent once more.
    Resend,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallVerdict {
    /// It got its answer.
    Answered,
    /// It never went out.
    NotSent,
    /// It was refused as a whole.
    Refused,
    /// It got no trustworthy answer.
    InDoubt,
}

impl CallOrigin {
    const ALL: [Self; 3] = [Self::Fresh, Self::Half, Self::Resend];

    /// The word for it in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Half => "half",
            Self::Resend => "resend",
        }
    }

    fn of(origin: BatchOrigin) -> Self {
        match origin {
            BatchOrigin::Fresh => Self::Fresh,
            BatchOrigin::Half(_) => Self::Half,
            BatchOrigin::Resend => Self::Resend,
        }
    }

    fn from_name(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }
}

impl CallVerdict {
    const ALL: [Self; 4] = [Self::Answered, Self::NotSent, Self::Refused, Self::InDoubt];

    /// The word for it in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::InDoubt => "in_doubt",
        }
    }

    /// The label on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotSent => "not sent",
            Self::Refused => "refused",
            Self::InDoubt => "in doubt",
        }
    }

    fn from_name(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|verdict| verdict.as_str() == word)
    }
}

impl Journal {
    /// Stores what is about to be sent in the run that is held. From now on it may have been applied.
    pub fn store_intent(
        &mut self,
        held: &RunLock,
        intent: &Intent,
        body_hash: &str,
    ) -> Result<(), JournalError> {
        let run = held.run();
        let number = self.number(run)?;
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id().to_owned());
        let origin = CallOrigin::of(intent.batch.origin).as_str();
        let ordinals = json_list(&intent.batch.devices);
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO calls (run, call, kind, origin, ordinals, body_hash, slot, intent_at, boot,
                     intent_boot)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    number,
                    intent.call,
                    intent.batch.kind.as_str(),
                    origin,
                    ordinals,
                    body_hash,
                    intent.slot.number,
                    now.wall.to_string(),
                    boot_id,
                    now.boot.0,
                ],
            )
        })?;
        // After the intent is durable, so that no lock file knows more than a sound journal.
        let newest = NewestIntent {
            run: *run,
            call: intent.call,
        };
        held.store_newest_intent(newest)?;
        newest
            .write(&self.lock)
            .map_err(at_path(&files::lock_path(&self.directory)))
    }

    /// Stores what came of a call: the call, its devices and its slot, in one transaction.
    pub fn store_outcome(&mut self, run: &RunId, end: &CallEnd) -> Result<(), JournalError> {
        let number = self.number(run)?;
        let now = self.clock.now();
        let wall = now.wall.to_string();
        let boot_id = self.clock.boot_id().to_owned();
        let (verdict, elements) = verdict(&end.report);
        self.write(|transaction| {
            transaction.execute(
                "UPDATE calls SET ended_at = ?3, verdict = ?4, status = ?5, words = ?6, result = ?7
                 WHERE run = ?1 AND call = ?2",
                params![
                    number,
                    end.call,
                    wall,
                    verdict.as_str(),
                    end.report.status,
                    end.report.message,
                    elements
                ],
            )?;
            let mut update = transaction.prepare_cached(
                "UPDATE run_devices SET outcome = ?3, reason = ?4, call = ?5, decided_at = ?6
                 WHERE run = ?1 AND ordinal = ?2
                   AND (outcome IS NULL OR outcome = 'in_doubt')",
            )?;
            for &(ordinal, state) in &end.changes {
                let (outcome, reason, call, decided) = match state {
                    DeviceState::Ended(outcome) => (
                        Some(outcome.class().as_str()),
                        Some(outcome.reason()),
                        Some(end.call),
                        Some(wall.as_str()),
                    ),
                    DeviceState::Planned | DeviceState::Sending => (None, None, None, None),
                };
                update.execute(params![number, ordinal, outcome, reason, call, decided])?;
            }
            budget::complete(transaction, &end.slot, now, &boot_id)
        })
    }

    /// Marks the devices of intents without an outcome in doubt: their process died. The caller holds the run's lock, so no process is still waiting for an answer.
    pub(super) fn mark_interrupted_in_doubt(&mut self, run: &RunId) -> Result<(), JournalError> {
        let number = self.number(run)?;
        let open: i64 = self.query(|connection| {
            connection.query_row(
                "SELECT count(*) FROM calls WHERE run = ?1 AND ended_at IS NULL",
                [number],
                |row| row.get(0),
            )
        })?;
        if open == 0 {
            return Ok(());
        }
        let now = self.clock.now().wall.to_string();
        self.write(|transaction| interrupt(transaction, number, &now))
    }

    /// The calls of a run, in order.
    pub fn calls(&self, run: &RunId) -> Result<Vec<CallRecord>, JournalError> {
        let number = self.number(run)?;
        let rows = self.query(|connection| {
            connection
                .prepare_cached(
                    "SELECT call, ordinals, intent_at, ended_at, verdict, status, words, kind, origin,
                         boot, intent_boot
                     FROM calls WHERE run = ?1 ORDER BY call",
                )?
                .query_map([number], |row| Ok((row.get(0)?, call_record(row)?)))?
                .collect::<rusqlite::Result<Vec<(u32, _)>>>()
        })?;
        let records = rows.into_iter().map(|(call, record)| {
            record.ok_or_else(|| self.damaged(format!("call {call} of run {run} can't be read")))
        });
        records.collect()
    }
}

/// A call; none for values that no version of this program writes.
fn call_record(row: &Row<'_>) -> rusqlite::Result<Option<CallRecord>> {
    let (Ok(devices), Some(intent_at), Some(kind), Some(origin)) = (
        serde_json::from_str(row.get_ref(1)?.as_str()?),
        read::time(row, 2)?,
        IdentifierKind::from_name(row.get_ref(7)?.as_str()?),
        CallOrigin::from_name(row.get_ref(8)?.as_str()?),
    ) else {
        return Ok(None);
    };
    let verdict = row.get_ref(4)?.as_str_or_null()?;
    let boot: Option<String> = row.get(9)?;
    Ok(Some(CallRecord {
        call: row.get(0)?,
        kind,
        origin,
        devices,
        intent_at,
        intent_boot: boot.zip(row.get::<_, Option<i64>>(10)?.map(BootTime)),
        ended_at: read::time(row, 3)?,
        verdict: verdict.and_then(CallVerdict::from_name),
        status: row.get(5)?,
        message: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
    }))
}

/// Marks the devices of a run's calls without an outcome in doubt.
pub(super) fn interrupt(
    transaction: &Transaction<'_>,
    number: i64,
    now: &str,
) -> rusqlite::Result<()> {
    let doubt = Outcome::InDoubt(Doubt::Interrupted);
    // A resend that was interrupted is the attempt that its devices' doubt is about now.
    transaction.execute(
        "UPDATE run_devices SET outcome = ?2, reason = ?3, decided_at = ?4, call = (
             SELECT max(calls.call) FROM calls, json_each(calls.ordinals) AS sent
             WHERE calls.run = ?1 AND calls.ended_at IS NULL AND sent.value = run_devices.ordinal)
         WHERE run = ?1 AND (outcome IS NULL OR outcome = 'in_doubt') AND ordinal IN (
             SELECT sent.value FROM calls, json_each(calls.ordinals) AS sent
             WHERE calls.run = ?1 AND calls.ended_at IS NULL)",
        params![number, doubt.class().as_str(), doubt.reason(), now],
    )?;
    transaction.execute(
        "UPDATE calls SET ended_at = ?2, verdict = 'in_doubt', words = ?3
         WHERE run = ?1 AND ended_at IS NULL",
        params![number, now, "the program ended before an answer was stored"],
    )?;
    Ok(())
}

fn verdict(report: &CallReport) -> (CallVerdict, Option<String>) {
    match &report.result {
        CallResult::Answered(elements) => {
            let elements: Vec<Option<u8>> = elements
                .iter()
                .map(|element| match element {
                    Element::Deleted => Some(1),
                    Element::NotDeleted => Some(0),
                    Element::Unreadable => None,
                })
                .collect();
            // Small integers and nulls can always be written as JSON.
            (CallVerdict::Answered, serde_json::to_string(&elements).ok())
        }
        CallResult::NotSent(_) => (CallVerdict::NotSent, None),
        CallResult::Refused(_) => (CallVerdict::Refused, None),
        CallResult::InDoubt(_) => (CallVerdict::InDoubt, None),
    }
}

fn json_list(ordinals: &[u32]) -> String {
    serde_json::to_string(ordinals).unwrap_or_default()
}
