//! Reads the journal by itself, past the program's own code, and holds it against the truth.

use std::path::Path;

use offboard::domain::action::Action;
use offboard::domain::device::IdentifierKind;
use offboard::domain::outcome::{DeviceState, Outcome, Tally};
use offboard::domain::run::RunId;
use offboard::plan::CallSizes;
use offboard::text::hex;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::world::World;

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
}

impl Auditor {
    pub fn open(directory: &Path) -> Self {
        Self(Connection::open(directory.join("journal.db")).expect("the journal"))
    }

    /// A run that was confirmed.
    pub fn run(&self, id: &RunId) -> Option<Row> {
        self.0
            .prepare_cached(
                "SELECT state, reason, devices FROM runs WHERE id = ?1 AND confirmed_at IS NOT NULL",
            )
            .expect("a query")
            .query_row([id.bytes()], |row| {
                Ok(Row {
                    state: row.get(0)?,
                    reason: row.get(1)?,
                    devices: row.get(2)?,
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
    fn is_answered_later(&self, id: &RunId, ordinal: usize) -> bool {
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
    fn is_later(&self, id: &RunId, than: &RunId) -> bool {
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

impl World {
    /// Looks at a run after something may have been written: the safety invariants.
    pub fn audit(&mut self, index: usize) {
        let run = &mut self.runs[index];
        let Some(row) = self.auditor.run(&run.id) else {
            assert!(!run.admitted, "a confirmed run is gone");
            return;
        };
        run.admitted = true;
        run.row_states.swap(0, 1);
        run.row_states[1].clone_from(&row.state);
        for call in self.auditor.calls(&run.id) {
            run.take_in(call);
        }
        let states = self.auditor.states(&run.id);
        let tally = Tally::of(states.iter().copied());
        assert_eq!(row.devices, run.plan.devices.len(), "the plan changed");
        assert_eq!(
            tally.total(),
            row.devices as u64,
            "counts that don't add up"
        );
        if row.state == "paused" {
            assert!(
                row.reason.is_some_and(|reason| reason.len() > 10),
                "a pause without a reason"
            );
            assert!(tally.left > 0, "a pause with nothing left to send");
        }
        if row.state == "finished" {
            assert_eq!(tally.left, 0, "finished with devices left");
        }
        let all_accepted = states
            .iter()
            .all(|&state| state == DeviceState::Ended(Outcome::Accepted));
        assert_eq!(
            offboard::domain::exit::Exit::of_run(row.state.parse().expect("a state"), tally)
                .number()
                == 0,
            all_accepted,
            "exit 0 is exactly when all is accepted"
        );
        run.is_quiet = !states.contains(&DeviceState::Planned);
        let missing = run.check(states);
        self.check_missing(index, &missing);
    }

    /// A device isn't reported as not found where an earlier run's lost answer may have removed it.
    fn check_missing(&self, index: usize, missing: &[u32]) {
        let run = &self.runs[index];
        for earlier in &self.runs {
            let removes = matches!(earlier.action, Action::Archive | Action::Remove);
            if missing.is_empty() || !removes || earlier.account != run.account {
                continue;
            }
            if !earlier.admitted || !self.auditor.is_later(&run.id, &earlier.id) {
                continue;
            }
            for &ordinal in missing {
                let identifier = run.identifier(ordinal);
                let mut theirs = earlier.plan.devices.iter().zip(&earlier.states);
                let doubt = theirs.any(|(device, state)| {
                    device.identifier == *identifier
                        && matches!(state, DeviceState::Ended(Outcome::InDoubt(_)))
                });
                assert!(
                    !doubt,
                    "{identifier} is reported as not found, and may have been removed"
                );
            }
        }
    }

    /// A call has reached a tenant: its slot is taken and not yet free.
    pub fn check_arrival(&mut self, account: usize, slot: i64, process: usize, call: u64) {
        let waiting = self.processes[process]
            .as_ref()
            .is_some_and(|process| process.call == Some(call));
        if let Some((boot, deadline, completed)) = self.auditor.slot(slot) {
            let same_boot = boot == self.clock.boot_id();
            assert!(
                !same_boot || !waiting || self.clock.now().boot.0 <= deadline,
                "a call that arrives after its slot's deadline"
            );
            assert!(
                completed.is_none() || !same_boot || !waiting,
                "a slot that frees while its call is on the way"
            );
        }
        let limit = self.budgets[account].calls.get() as usize;
        let before = &self.accounts[account].arrivals;
        if let Some(&first) = before
            .len()
            .checked_sub(limit)
            .and_then(|at| before.get(at))
        {
            assert!(
                self.now >= first + 60_000,
                "more than {limit} calls in a minute: {:?} and {}",
                &before[before.len() - limit..],
                self.now
            );
        }
    }

    /// No device of a plan that was just admitted is in another open run, or in doubt elsewhere.
    pub fn check_overlap(&self, index: usize) {
        let admitted = &self.runs[index];
        let retried = self
            .runs
            .iter()
            .find(|run| Some(run.id) == admitted.retry_of);
        for other in &self.runs {
            if other.id == admitted.id || other.account != admitted.account || !other.admitted {
                continue;
            }
            let row = self.auditor.run(&other.id).expect("a run");
            let open = !matches!(row.state.as_str(), "finished" | "closed");
            let states = self.auditor.states(&other.id);
            for (ordinal, (theirs, state)) in other.plan.devices.iter().zip(states).enumerate() {
                let holds = match state {
                    // Retrying a retry, the operator knows of the first run's doubt.
                    DeviceState::Ended(Outcome::InDoubt(_)) => {
                        retried.is_none_or(|retried| {
                            retried.id != other.id
                                && !(self.auditor.is_later(&retried.id, &other.id)
                                    && retried.has_in_doubt(theirs))
                        }) && !self.auditor.is_answered_later(&other.id, ordinal)
                    }
                    DeviceState::Ended(_) => false,
                    _ => open,
                };
                let shared = |ours: &&offboard::plan::PlannedDevice| {
                    let by_hwid = ours.hwid.is_some() && ours.hwid == theirs.hwid;
                    let either_bare = ours.hwid.is_none() || theirs.hwid.is_none();
                    let has = |mac: &_| theirs.macs.contains(mac);
                    let mut own = ours.macs.iter().filter(|mac| !mac.is_known_constant());
                    by_hwid || either_bare && own.any(has)
                };
                let ours = admitted.plan.devices.iter().find(shared);
                assert!(
                    !(holds && ours.is_some()),
                    "run {} (a retry of {:?}) was admitted with {:?}, which run {} ({}) has as {} and {state:?}",
                    admitted.id,
                    admitted.retry_of,
                    ours.map(|ours| (&ours.identifier, &ours.hwid, &ours.macs)),
                    other.id,
                    row.state,
                    theirs.identifier,
                );
            }
        }
    }
}
