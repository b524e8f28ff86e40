//! Reads the journal by itself, past the program's own code.

use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;
use offboard::domain::device::IdentifierKind;
use offboard::domain::outcome::{DeviceState, Outcome, Tally};
use offboard::domain::run::RunId;
use offboard::domain::target::Target;
use offboard::plan::CallSizes;
use offboard::text::hex;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

pub struct Auditor(Connection);

/// A call as its row has it.
pub struct Call {
    /// From 1.
    pub number: u32,
    pub kind: IdentifierKind,
    pub is_resend: bool,
    pub devices: Vec<u32>,
    pub slot: i64,
    /// None until it is over.
    pub verdict: Option<String>,
}

/// A run as its row has it.
pub struct Row {
    pub state: String,
    pub reason: Option<String>,
    pub devices: usize,
    pub hash: String,
    pub resumes: u32,
}

/// The recheck of a run as its rows have it.
pub struct StoredRecheck {
    pub planned_hash: String,
    pub dropped: Vec<u32>,
}

impl Auditor {
    pub fn open(directory: &Path) -> Self {
        Self(Connection::open(directory.join("journal.db")).expect("the journal"))
    }

    /// A run that was confirmed.
    pub fn run(&self, id: &RunId) -> Option<Row> {
        self.0
            .prepare_cached(
                "SELECT state, reason, devices, hash, (SELECT count(*) FROM resumes WHERE run = number)
                 FROM runs WHERE id = ?1 AND confirmed_at IS NOT NULL",
            )
            .expect("a query")
            .query_row([id.bytes()], |row| {
                Ok(Row {
                    state: row.get(0)?,
                    reason: row.get(1)?,
                    devices: row.get(2)?,
                    hash: row.get(3)?,
                    resumes: row.get(4)?,
                })
            })
            .optional()
            .expect("a row")
    }

    pub fn states(&self, id: &RunId) -> Vec<DeviceState> {
        let mut statement = self
            .0
            .prepare_cached(
                "SELECT outcome, reason FROM run_devices
                 WHERE run = (SELECT number FROM runs WHERE id = ?1) ORDER BY ordinal",
            )
            .expect("a query");
        let rows = statement.query_map([id.bytes()], |row| {
            let Some(class) = row.get_ref(0)?.as_str_or_null()? else {
                return Ok(DeviceState::Planned);
            };
            let reason = row.get_ref(1)?.as_str_or_null()?.unwrap_or_default();
            let outcome = Outcome::from_parts(class, reason).expect("an outcome");
            Ok(DeviceState::Ended(outcome))
        });
        rows.and_then(Iterator::collect).expect("the devices")
    }

    /// What was dropped from a run by a recheck, if there was one.
    pub fn recheck(&self, id: &RunId) -> Option<StoredRecheck> {
        self.0
            .prepare_cached(
                "SELECT c.planned_hash, (SELECT json_group_array(ordinal ORDER BY ordinal)
                     FROM dropped_devices d WHERE d.run = c.run)
                 FROM rechecks c WHERE c.run = (SELECT number FROM runs WHERE id = ?1)",
            )
            .expect("a query")
            .query_row([id.bytes()], |row| {
                let dropped: String = row.get(1)?;
                Ok(StoredRecheck {
                    planned_hash: row.get(0)?,
                    dropped: serde_json::from_str(&dropped).expect("a list"),
                })
            })
            .optional()
            .expect("a row")
    }

    /// How many holds there ever were.
    pub fn holds(&self) -> usize {
        let count = self
            .0
            .query_row("SELECT count(*) FROM holds", [], |row| row.get(0));
        count.expect("a row")
    }

    /// The holds that were ended, by their place among all, from 0.
    pub fn ended_holds(&self) -> HashSet<usize> {
        let mut statement = self
            .0
            .prepare_cached("SELECT hold - 1 FROM hold_ends")
            .expect("a query");
        let rows = statement.query_map([], |row| row.get(0));
        rows.and_then(Iterator::collect).expect("the holds")
    }

    /// True if the tenant has sent its time in this boot.
    pub fn knows_server_time(&self, target: &Target, boot: &str) -> bool {
        self.0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM server_times s JOIN accounts a ON a.id = s.account
                     WHERE a.tenant = ?1 AND a.account IS ?2 AND s.boot = ?3)",
            )
            .expect("a query")
            .query_row(params![target.tenant, target.account, boot], |row| {
                row.get(0)
            })
            .expect("a row")
    }

    /// How many rows all verifications have.
    pub fn verification_rows(&self) -> [u64; 3] {
        ["verifications", "verified_runs", "verified_devices"].map(|table| {
            self.0
                .prepare_cached(&format!("SELECT count(*) FROM {table}"))
                .expect("a query")
                .query_row([], |row| row.get(0))
                .expect("a row")
        })
    }

    /// When the journal says that a device's outcome was decided.
    pub fn decided_at(&self, id: &RunId, ordinal: u32) -> Option<Timestamp> {
        let text: Option<String> = self
            .0
            .prepare_cached(
                "SELECT decided_at FROM run_devices
                 WHERE run = (SELECT number FROM runs WHERE id = ?1) AND ordinal = ?2",
            )
            .expect("a query")
            .query_row(params![id.bytes(), ordinal], |row| row.get(0))
            .expect("a row");
        text.map(|text| text.parse().expect("a time"))
    }

    /// A run's calls, in order.
    pub fn calls(&self, id: &RunId) -> Vec<Call> {
        let mut statement = self
            .0
            .prepare_cached(
                "SELECT call, kind, origin, ordinals, slot, verdict FROM calls
                 WHERE run = (SELECT number FROM runs WHERE id = ?1) ORDER BY call",
            )
            .expect("a query");
        let rows = statement.query_map([id.bytes()], |row| {
            let (kind, origin): (String, String) = (row.get(1)?, row.get(2)?);
            let ordinals: String = row.get(3)?;
            Ok(Call {
                number: row.get(0)?,
                kind: [IdentifierKind::Hwid, IdentifierKind::Mac]
                    .into_iter()
                    .find(|known| known.as_str() == kind)
                    .expect("a kind"),
                is_resend: origin == "resend",
                devices: serde_json::from_str(&ordinals).expect("a list"),
                slot: row.get(4)?,
                verdict: row.get(5)?,
            })
        });
        rows.and_then(Iterator::collect).expect("the calls")
    }

    /// How its calls are cut from now on.
    pub fn sizes(&self, id: &RunId) -> CallSizes {
        self.0
            .query_row(
                "SELECT batch, canary FROM runs WHERE id = ?1",
                [id.bytes()],
                |row| {
                    Ok(CallSizes {
                        batch: row.get(0)?,
                        canary: row.get(1)?,
                    })
                },
            )
            .expect("a row")
    }

    /// How many of its devices are left to send.
    pub fn left(&self, id: &RunId) -> u64 {
        Tally::of(self.states(id)).left
    }

    /// The slot that was taken last, by anybody.
    pub fn newest_slot(&self) -> Option<i64> {
        self.0
            .prepare_cached("SELECT max(number) FROM slots")
            .expect("a query")
            .query_row([], |row| row.get(0))
            .expect("a row")
    }

    /// Bytes on the wire are those of a durable intent that has no end yet.
    pub fn check_body(&self, id: &RunId, call: u32, body: &[u8]) {
        let stored: Option<String> = self
            .0
            .query_row(
                "SELECT body_hash FROM calls WHERE call = ?2
                 AND run = (SELECT number FROM runs WHERE id = ?1)",
                params![id.bytes(), call],
                |row| row.get(0),
            )
            .optional()
            .expect("a row");
        let sent = hex(&Sha256::digest(body));
        assert_eq!(stored, Some(sent), "bytes that no durable intent has");
    }

    /// What a call carries was not removed by another run since its plan was built, as far as the
    /// plan knew the journal. Slots are numbered in order, whatever the clocks do.
    pub fn check_removed(&self, id: &RunId, call: u32) {
        let removed: Option<String> = self
            .0
            .prepare_cached(
                "SELECT f.short || ' removed ' || e.identifier FROM runs r
                 JOIN calls c ON c.run = r.number AND c.call = ?2, json_each(c.ordinals) AS sent
                 JOIN run_devices d ON d.run = r.number AND d.ordinal = sent.value
                 JOIN run_devices e ON e.run <> d.run AND e.kind = d.kind
                     AND lower(e.identifier) = lower(d.identifier)
                 JOIN runs f ON f.number = e.run AND f.account = r.account
                 JOIN calls g ON g.run = e.run AND g.call = e.call
                 WHERE r.id = ?1 AND e.outcome IN ('accepted', 'gone') AND g.slot > r.known_slot
                     AND g.slot < c.slot
                     -- What one of the two has in doubt, the other may send as its retry.
                     AND coalesce(r.retry_of <> f.id, 1) AND coalesce(f.retry_of <> r.id, 1) LIMIT 1",
            )
            .expect("a query")
            .query_row(params![id.bytes(), call], |row| row.get(0))
            .optional()
            .expect("a row");
        assert_eq!(removed, None, "sent again after a removal");
    }

    /// True if a later call of another run got a definite answer about what was sent of a device.
    pub fn is_answered_later(&self, id: &RunId, ordinal: usize) -> bool {
        self.0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM runs r
                     JOIN run_devices d ON d.run = r.number AND d.ordinal = ?2
                     JOIN calls c ON c.run = d.run AND c.call = d.call
                     JOIN run_devices e ON e.kind = d.kind
                         AND lower(e.identifier) = lower(d.identifier)
                     JOIN runs f ON f.number = e.run AND f.account = r.account
                     JOIN calls g ON g.run = e.run AND g.call = e.call
                     WHERE r.id = ?1 AND g.slot > c.slot AND (e.outcome IN ('accepted', 'gone')
                         OR e.outcome = 'failed' AND e.reason = 'not found'))",
            )
            .expect("a query")
            .query_row(params![id.bytes(), ordinal], |row| row.get(0))
            .expect("a row")
    }

    /// True if a run was planned after another.
    pub fn is_later(&self, id: &RunId, than: &RunId) -> bool {
        self.0
            .query_row(
                "SELECT (SELECT number FROM runs WHERE id = ?1) > (SELECT number FROM runs WHERE id = ?2)",
                params![id.bytes(), than.bytes()],
                |row| row.get(0),
            )
            .expect("a row")
    }

    /// A slot's boot, its deadline, and when it completed.
    pub fn slot(&self, number: i64) -> Option<(String, i64, Option<i64>)> {
        self.0
            .prepare_cached("SELECT boot, deadline, completed FROM slots WHERE number = ?1")
            .expect("a query")
            .query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
            .expect("a row")
    }
}
