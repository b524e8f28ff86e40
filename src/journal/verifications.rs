//! Verifications: what a later inventory, or a lookup, has of the devices that the cloud accepted.
//!
//! A verification is evaluated outside the write and stored in one transaction, which is given up if
//! another process has stored one meanwhile. So it is stored as a whole or not at all, and storing it
//! again changes nothing.

mod accepted;
mod read;
mod store;

use jiff::Timestamp;
use rusqlite::params;

use super::{Journal, JournalError, Operator, known_account};
use crate::domain::run::RunId;
use crate::domain::target::Target;
use crate::engine::lookup_verdict::LookupAnswer;
use crate::import::MatchRule;
use crate::list::DeviceList;
use crate::platform::failpoint;
use crate::verification::{
    Evidence, EvidenceSource, Verified, VerifiedCounts, VerifiedState, Verifier,
};

use accepted::AcceptedRun;
pub use read::VerifiedEntry;
use store::VerificationChanges;

/// How many devices are looked for in the inventory in one pass over it.
const DEVICES_AT_ONCE: usize = 50_000;

/// What became of the accepted devices of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunVerification {
    /// The accepted devices by state.
    pub counts: VerifiedCounts,
    /// The newest look at the tenant that covers the run.
    pub evidence: Evidence,
    /// When the program evaluated it, by this host's clock.
    pub verified_at: Timestamp,
}

impl RunVerification {
    /// The same with this number of accepted devices: those that were accepted later are unknown.
    pub(super) fn with_accepted(mut self, accepted: u64) -> Self {
        let known = self.counts.total() - self.counts.unknown;
        self.counts.unknown = accepted.saturating_sub(known);
        self
    }
}

/// What a verification was about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// The runs that it covers, oldest first.
    pub covered: Vec<RunId>,
    /// The runs about which it proves nothing: the devices of these were accepted later.
    pub too_old_for: Vec<RunId>,
    /// The runs that were verified by newer evidence, which stays.
    pub superseded_for: Vec<RunId>,
}

/// Which runs a verification is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct VerificationScope {
    account: i64,
    /// One run; none for all of the account.
    run: Option<i64>,
}

impl Journal {
    /// Evaluates the runs of the account, or one of them, by a complete inventory, and stores what it
    /// shows of their accepted devices.
    ///
    /// # Errors
    ///
    /// If the journal can't be read or written. Nothing is stored then.
    pub fn verify_by_inventory(
        &mut self,
        target: &Target,
        only: Option<&RunId>,
        (inventory, evidence): (&DeviceList, &Evidence),
        operator: &Operator,
    ) -> Result<Verification, JournalError> {
        self.check_whole()?;
        let account = self.query(|connection| known_account(connection, target))?;
        let Some(account) = account else {
            return Ok(Verification::default());
        };
        let run = only.map(|run| self.number(run)).transpose()?;
        let scope = VerificationScope { account, run };
        loop {
            let newest = self.newest_verification(account)?;
            let (verification, changes) = self.evaluate(scope, inventory, evidence)?;
            failpoint::reach("verification-evaluated");
            if self.store_verification(scope, newest, evidence, &changes, operator)? {
                failpoint::reach("verification-stored");
                return Ok(verification);
            }
            // Another process has stored a verification: the states that this one changes may be
            // others now.
        }
    }

    /// What the inventory shows, and what that changes.
    fn evaluate(
        &self,
        scope: VerificationScope,
        inventory: &DeviceList,
        evidence: &Evidence,
    ) -> Result<(Verification, Vec<VerificationChanges>), JournalError> {
        let mut verification = Verification::default();
        let mut changes = Vec::new();
        let mut batch: Vec<AcceptedRun> = Vec::new();
        let mut numbers = self.accepted_runs(scope)?.into_iter().peekable();
        while let Some(number) = numbers.next() {
            let mut run = self.read_accepted(number)?;
            run.cover(evidence);
            if run.is_superseded {
                verification.superseded_for.push(run.id);
            } else if run.through_call == 0 {
                verification.too_old_for.push(run.id);
            } else {
                verification.covered.push(run.id);
                batch.push(run);
            }
            let devices: usize = batch.iter().map(|run| run.devices.len()).sum();
            if devices >= DEVICES_AT_ONCE || numbers.peek().is_none() {
                let accepted = batch.iter().flat_map(AcceptedRun::accepted);
                let verifier = Verifier::over(inventory, accepted);
                changes.extend(batch.drain(..).map(|run| run.by_inventory(&verifier)));
            }
        }
        Ok((verification, changes))
    }

    /// Stores what lookups of a run's accepted devices saw. Those of other devices are ignored.
    ///
    /// # Errors
    ///
    /// If the journal can't be read or written. Nothing is stored then.
    pub fn verify_by_lookups(
        &mut self,
        target: &Target,
        run: &RunId,
        lookups: &[(u32, Timestamp, LookupAnswer)],
        operator: &Operator,
    ) -> Result<(), JournalError> {
        self.check_whole()?;
        let account = self.query(|connection| known_account(connection, target))?;
        let newest_lookup = lookups.iter().map(|(_, at, _)| *at).max();
        let (Some(account), Some(time)) = (account, newest_lookup) else {
            return Ok(());
        };
        let number = self.number(run)?;
        let scope = VerificationScope {
            account,
            run: Some(number),
        };
        let evidence = Evidence {
            source: EvidenceSource::Lookup,
            time,
        };
        loop {
            let newest = self.newest_verification(account)?;
            let changes = self.read_accepted(number)?.by_lookups(lookups);
            if self.store_verification(scope, newest, &evidence, &[changes], operator)? {
                return Ok(());
            }
        }
    }

    fn newest_verification(&self, account: i64) -> Result<i64, JournalError> {
        self.query(|connection| store::newest(connection, account))
    }

    /// The runs with accepted devices, oldest first. A run whose names were forgotten is not verified by
    /// inventories again: its devices would be recognised wrongly without them. Lookups ask by identifier.
    fn accepted_runs(&self, scope: VerificationScope) -> Result<Vec<i64>, JournalError> {
        self.query(|connection| {
            connection
                .prepare_cached(
                    "SELECT r.number FROM runs r JOIN outcome_counts o ON o.run = r.number
                     WHERE r.account = ?1 AND r.confirmed_at IS NOT NULL AND o.outcome = 'accepted'
                         AND o.devices > 0 AND r.forgotten IS NULL AND (?2 IS NULL OR r.number = ?2)
                     ORDER BY r.number",
                )?
                .query_map(params![scope.account, scope.run], |row| row.get(0))?
                .collect()
        })
    }
}
