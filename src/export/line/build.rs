//! Makes the lines of plans, outcomes and records.

use super::{LicenceLine, Line, OldestLine};
use crate::domain::device::{Identifier, IdentifierKind};
use crate::domain::exit::Exit;
use crate::domain::licences::{Licences, RunLicences};
use crate::domain::outcome::{DeviceState, Outcome, Tally};
use crate::domain::run::RunState;
use crate::export::full_records;
use crate::export::recheck::RecheckLine;
use crate::import::{ImportCounts, PeopleCounts};
use crate::journal::{DeviceRecord, RunRecord, StoredRecord};
use crate::plan::{LeftOut, LeftOutKind, Plan, PlannedDevice, Recheck, Warning};

impl Line {
    /// The line of a plan; `run` is its name once it is confirmed, and `recheck` what dropped devices from
    /// it since then.
    pub fn plan(plan: &Plan, run: Option<String>, recheck: Option<&Recheck>) -> Self {
        Self::Plan {
            run,
            tenant: plan.target.tenant.clone(),
            profile: plan.target.profile.clone(),
            action: plan.action.as_str(),
            devices: plan.devices.len(),
            by_hwid: plan.count_by(IdentifierKind::Hwid),
            by_mac: plan.count_by(IdentifierKind::Mac),
            unusable: plan.left_out_as(LeftOutKind::Unusable),
            protected: plan.left_out_as(LeftOutKind::Protected),
            held: plan.left_out_as(LeftOutKind::Held),
            repeated: plan.repeated,
            oldest: plan.oldest.map(|oldest| OldestLine {
                asked: oldest.asked.get(),
                of: oldest.of,
                without_last_seen: oldest.undated,
            }),
            calls: plan.calls(),
            licences: None,
            warnings: plan.warnings.iter().map(Warning::name).collect(),
            recheck: recheck.map(RecheckLine::from),
            hash: plan.hash(),
        }
    }

    /// The plan line of a resumed run.
    pub fn plan_of(run: &RunRecord, devices: &[DeviceRecord]) -> Self {
        let by = |kind| {
            let kinds = devices.iter().map(|record| record.device.identifier.kind());
            kinds.filter(|&other| other == kind).count()
        };
        let (by_hwid, by_mac) = (by(IdentifierKind::Hwid), by(IdentifierKind::Mac));
        let left_out = |kind| {
            let counts = run.left_out_reasons.iter().flatten();
            let rows: u64 = counts
                .filter(|count| count.kind == kind)
                .map(|count| count.rows)
                .sum();
            usize::try_from(rows).unwrap_or(usize::MAX)
        };
        let warnings = run.warnings.iter().flatten();
        Self::Plan {
            run: Some(run.id.short()),
            tenant: run.target.tenant.clone(),
            profile: run.target.profile.clone(),
            action: run.action.as_str(),
            devices: devices.len(),
            by_hwid,
            by_mac,
            unusable: left_out(LeftOutKind::Unusable),
            protected: left_out(LeftOutKind::Protected),
            held: left_out(LeftOutKind::Held),
            repeated: run.repeated,
            oldest: None,
            calls: run.sizes.calls(by_hwid) + run.sizes.calls(by_mac),
            licences: None,
            warnings: warnings
                .filter_map(|warning| Warning::name_in(warning))
                .collect(),
            recheck: run.recheck.as_ref().map(RecheckLine::from),
            hash: run.hash.clone(),
        }
    }

    /// The line with the result of `--ids`.
    pub fn ids(counts: ImportCounts, people: Option<PeopleCounts>) -> Self {
        Self::Ids {
            matched: counts.matched + counts.several,
            ambiguous: counts.ambiguous,
            repeated: counts.repeated,
            invalid: counts.invalid,
            missing: counts.missing,
            people,
        }
    }

    /// The line with the result of `--match`.
    pub fn matched(counts: ImportCounts, people: Option<PeopleCounts>) -> Self {
        Self::Match {
            matched: counts.matched + counts.several,
            ambiguous: counts.ambiguous,
            repeated: counts.repeated,
            invalid: counts.invalid,
            missing: counts.missing,
            people,
        }
    }

    /// The line of a row that is not sent.
    pub fn left_out(row: &LeftOut) -> Self {
        Self::LeftOut {
            hwid: row.hwid.clone(),
            mac: row.mac.map(|mac| mac.to_string()),
            hostname: row.hostname.clone(),
            line: row.line,
            reason: row.reason.to_string(),
        }
    }

    /// The line of a device with its state and the number and HTTP status of the call that decided. A
    /// device without an outcome is `planned` in a plan and `not_sent` in a run.
    pub fn device(
        device: &PlannedDevice,
        state: Option<DeviceState>,
        call: Option<u32>,
        http_status: Option<u16>,
    ) -> Self {
        let outcome = state.map(DeviceState::as_final_outcome);
        Self::Device {
            hwid: device.hwid.as_ref().map(ToString::to_string),
            mac: shown_mac(device),
            hostname: device.hostname.clone(),
            outcome: outcome.map_or("planned", |outcome| outcome.class().as_str()),
            reason: outcome
                .map(Outcome::reason)
                .filter(|reason| !reason.is_empty()),
            call,
            http_status,
            user: device.user.clone(),
            last_seen: device.last_seen.map(|seen| seen.to_string()),
            r#type: device.device_type.clone(),
            group: device.group.clone(),
            status: device.status.clone(),
            matched_by: device.matched_by.map(crate::import::MatchRule::as_str),
        }
    }

    /// The line of a device's full record.
    pub fn full_record(device: &PlannedDevice, record: &StoredRecord) -> Self {
        let rows = match record {
            StoredRecord::Rows(record) => full_records::spelt_rows(record),
            StoredRecord::NoRow | StoredRecord::NoRecords => Vec::new(),
        };
        Self::Record {
            hwid: device.hwid.as_ref().map(ToString::to_string),
            mac: shown_mac(device),
            missing: Some(record.missing()).filter(|_| rows.is_empty()),
            rows,
        }
    }

    /// The line of a device from the journal.
    pub fn recorded(record: &DeviceRecord) -> Self {
        Self::device(
            &record.device,
            Some(record.state),
            record.call,
            record.http_status,
        )
    }

    /// The last line of a run from the journal in this state.
    pub fn summary_of(run: &RunRecord, state: RunState) -> Self {
        let exit = Exit::of_run(state, run.tally);
        let reason = run.reason.clone();
        let mut line = Self::summary(
            Some(run.id.short()),
            state.as_str(),
            run.tally,
            reason,
            exit,
        );
        if let Self::Summary { left, .. } = &mut line {
            *left = run.tally.left_in(state);
        }
        line.with_licences(run.licences)
    }

    /// The last line of a plan or run. All devices that were not sent count as left.
    pub fn summary(
        run: Option<String>,
        state: &'static str,
        tally: Tally,
        reason: Option<String>,
        exit: Exit,
    ) -> Self {
        Self::Summary {
            run,
            state,
            accepted: tally.accepted,
            failed: tally.failed,
            gone: tally.gone,
            in_doubt: tally.in_doubt,
            not_sent: tally.left,
            left: tally.left,
            reason,
            licences_before: None,
            licences_after: None,
            exit: exit.number(),
        }
    }

    /// The line of a plan, with the licences that were measured last.
    #[must_use]
    pub fn with_last_licences(mut self, measured: Option<Licences>) -> Self {
        if let Self::Plan { licences, .. } = &mut self {
            *licences = measured.map(LicenceLine::from);
        }
        self
    }

    /// The last line of a run, with the licences before and after it.
    #[must_use]
    pub fn with_licences(mut self, measured: RunLicences) -> Self {
        if let Self::Summary {
            licences_before,
            licences_after,
            ..
        } = &mut self
        {
            *licences_before = measured.before.map(LicenceLine::from);
            *licences_after = measured.after.map(LicenceLine::from);
        }
        self
    }
}

/// The MAC address that is sent, else the first.
fn shown_mac(device: &PlannedDevice) -> Option<String> {
    let mac = match &device.identifier {
        Identifier::Mac(mac) => Some(mac),
        Identifier::Hwid(_) => device.macs.first(),
    };
    mac.map(ToString::to_string)
}
