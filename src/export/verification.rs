//! Verifications: as JSON lines, and as the facts that reports and lists show.

use serde::Serialize;

#[cfg(test)]
use super::schema;
use crate::domain::action::Action;
use crate::journal::{DeviceRecord, RunRecord, RunVerification};
use crate::text::counted;
use crate::verification::{EvidenceSource, Verified, VerifiedCounts, VerifiedState};

/// A line of `verify`. `event` names which.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub enum VerificationLine {
    /// An accepted device, and what became of it.
    Verified {
        /// The run's short name.
        run: String,
        /// The action.
        #[cfg_attr(test, schemars(extend("enum" = schema::actions())))]
        action: &'static str,
        /// HWID.
        hwid: Option<String>,
        /// The first MAC address.
        mac: Option<String>,
        /// Host name; may be empty.
        hostname: String,
        /// `gone`, `still_there`, `returned`, or `unknown` if it wasn't or can't be determined.
        #[cfg_attr(test, schemars(extend("enum" = schema::verified_states())))]
        state: &'static str,
        /// The value that the tenant's record and the device have in common; null without a record.
        #[cfg_attr(test, schemars(extend("enum" = schema::rules())))]
        recognised_by: Option<&'static str>,
        /// HWID of the tenant's record; another than `hwid` if the device returned under a new one.
        found_hwid: Option<String>,
        /// Host name of the tenant's record.
        found_hostname: Option<String>,
        /// When the tenant's record was last seen.
        last_seen: Option<String>,
        /// When the tenant's record was enrolled.
        enrolled: Option<String>,
    },
    /// A run, after its devices.
    Verification(VerificationFacts),
    /// The last line: the devices of all these runs.
    VerificationSummary {
        /// Runs with accepted devices.
        runs: u64,
        /// Their accepted devices.
        accepted: u64,
        /// Those that are gone.
        gone: u64,
        /// Those that are still there.
        still_there: u64,
        /// Those that have returned.
        returned: u64,
        /// Those whose state is unknown.
        unknown: u64,
        /// The exit code.
        exit: u8,
    },
}

/// What became of a run's accepted devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct VerificationFacts {
    /// The run's short name.
    run: String,
    /// The action.
    #[cfg_attr(test, schemars(extend("enum" = schema::actions())))]
    action: &'static str,
    /// Accepted devices.
    accepted: u64,
    /// Those that are gone.
    gone: u64,
    /// Those that are still there.
    still_there: u64,
    /// Those that have returned.
    returned: u64,
    /// Those whose state is unknown.
    unknown: u64,
    /// `inventory` or `lookup`; null if the run was never verified.
    #[cfg_attr(test, schemars(extend("enum" = ["inventory", "lookup", null])))]
    source: Option<&'static str>,
    /// When the fetch of the inventory began, or when the last lookup was answered.
    seen_at: Option<String>,
    /// SHA-256 of the inventory.
    inventory_hash: Option<String>,
    /// When that was evaluated.
    verified_at: Option<String>,
}

/// The verification of a run for people: its counts, and what they are based on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationText {
    /// `51 gone · 2 still there · 1 returned`.
    pub counts: String,
    /// `by the inventory of 2026-11-27 09:00 UTC (12,408 devices)`.
    pub basis: String,
    /// What the counts don't say, as sentences.
    pub notes: Vec<&'static str>,
}

/// The counts of a run's accepted devices: all of them unknown if it was never verified.
pub fn verified_counts(run: &RunRecord) -> VerifiedCounts {
    run.verification.as_ref().map_or(
        VerifiedCounts {
            unknown: run.tally.accepted,
            ..VerifiedCounts::default()
        },
        |verification| verification.counts,
    )
}

impl VerificationLine {
    /// The line of an accepted device.
    pub fn device(run: &RunRecord, record: &DeviceRecord) -> Self {
        let device = &record.device;
        let state = record
            .verified
            .as_ref()
            .map_or(VerifiedState::Unknown, |verified| verified.state);
        let sighting = record
            .verified
            .as_ref()
            .and_then(|verified| verified.sighting.as_ref());
        let time = |time: jiff::Timestamp| time.to_string();
        Self::Verified {
            run: run.id.short(),
            action: run.action.as_str(),
            hwid: device.hwid.as_ref().map(ToString::to_string),
            mac: device.macs.first().map(ToString::to_string),
            hostname: device.hostname.clone(),
            state: state.as_str(),
            recognised_by: sighting.map(|sighting| sighting.recognised_by.as_str()),
            found_hwid: sighting.and_then(|sighting| sighting.hwid.clone()),
            found_hostname: sighting.map(|sighting| sighting.hostname.clone()),
            last_seen: sighting.and_then(|sighting| sighting.last_seen).map(time),
            enrolled: sighting.and_then(|sighting| sighting.enrolled).map(time),
        }
    }

    /// The last line.
    pub fn summary(runs: u64, counts: VerifiedCounts, exit: u8) -> Self {
        Self::VerificationSummary {
            runs,
            accepted: counts.total(),
            gone: counts.gone,
            still_there: counts.still_there,
            returned: counts.returned,
            unknown: counts.unknown,
            exit,
        }
    }
}

impl VerificationFacts {
    /// Those of a run.
    pub fn of(run: &RunRecord) -> Self {
        let verification = run.verification.as_ref();
        let evidence = verification.map(|verification| &verification.evidence);
        let counts = verified_counts(run);
        Self {
            run: run.id.short(),
            action: run.action.as_str(),
            accepted: run.tally.accepted,
            gone: counts.gone,
            still_there: counts.still_there,
            returned: counts.returned,
            unknown: counts.unknown,
            source: evidence.map(|evidence| evidence.source.as_str()),
            seen_at: evidence.map(|evidence| evidence.time.to_string()),
            inventory_hash: evidence.and_then(|evidence| match &evidence.source {
                EvidenceSource::Inventory { hash, .. } => Some(hash.clone()),
                EvidenceSource::Lookup => None,
            }),
            verified_at: verification.map(|verification| verification.verified_at.to_string()),
        }
    }
}

impl VerificationText {
    /// That of a run with accepted devices; none if it was never verified.
    pub fn of(run: &RunRecord) -> Option<Self> {
        let verification = run.verification.as_ref()?;
        Some(Self {
            counts: verification.counts.to_string(),
            basis: basis(verification),
            notes: notes(run, verification),
        })
    }

    /// Its counts and their basis.
    pub fn summary(&self) -> String {
        format!("{}, {}", self.counts, self.basis)
    }
}

fn basis(verification: &RunVerification) -> String {
    let time = verification.evidence.time.strftime("%Y-%m-%d %H:%M UTC");
    match &verification.evidence.source {
        EvidenceSource::Inventory { devices, .. } => {
            format!(
                "by the inventory of {time} ({})",
                counted(*devices, "device")
            )
        }
        EvidenceSource::Lookup => format!("by lookups, the last one at {time}"),
    }
}

/// How soon after a run its removals may still be under way.
const SETTLING: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

fn notes(run: &RunRecord, verification: &RunVerification) -> Vec<&'static str> {
    let counts = verification.counts;
    let present = counts.still_there + counts.returned;
    let mut notes = Vec::new();
    if run.action == Action::Uninstall {
        notes.push(
            "an uninstall keeps the record, so that its devices are still there; that one was not seen since \
             doesn't prove that its agent is gone",
        );
    }
    let is_early = run.ended_at.is_some_and(|ended| {
        let after = verification.evidence.time.duration_since(ended);
        !after.is_negative() && after < SETTLING
    });
    if is_early && present > 0 && run.action != Action::Uninstall {
        notes.push("the tenant was read within 10 minutes of the run, whose removals may have been under way: fetch again later, as with `offboard verify RUN --fetch`");
    }
    if counts.unknown > 0 {
        notes.push(
            "unknown: accepted after the tenant was read, or its MAC address doesn't identify one device",
        );
    }
    notes
}

/// The accepted devices of a run that are not gone, each with its state and what was found; those without
/// a verification are unknown.
pub fn not_gone(devices: &[DeviceRecord]) -> impl Iterator<Item = (&DeviceRecord, Verified)> {
    use crate::domain::outcome::{DeviceState, Outcome};
    let accepted = devices
        .iter()
        .filter(|record| record.state == DeviceState::Ended(Outcome::Accepted));
    accepted.filter_map(|record| {
        let verified = record.verified.clone();
        let verified = verified.unwrap_or_else(|| Verified::bare(VerifiedState::Unknown));
        (verified.state != VerifiedState::Gone).then_some((record, verified))
    })
}
