//! Output for other programs and for tickets: JSON lines, tables and a report.
//!
//! A headless run prints the same lines as an export of the run from the journal. Characters that a
//! terminal would interpret, hide or reorder are written as `\u` escapes, which JSON parsers decode.

mod columns;
mod explanation;
mod full_records;
mod history;
mod json;
mod merge;
mod overview;
mod people;
mod recheck;
mod report;
mod run;
#[cfg(test)]
pub(crate) mod schema;
mod table;
mod trend;
mod verification;

pub use columns::{RunColumn, write_columns};
pub use explanation::{ExplanationLine, standing};
pub use full_records::{FullExport, full_text};
pub use history::{FoundLine, RunLine};
pub use json::write_line;
use json::write_value;
pub use merge::{Decided, MergeError, merge};
pub use overview::OverviewLine;
pub use people::People;
pub use recheck::RecheckLine;
pub use report::{
    Document, PeriodReport, PeriodRun, RunReport, html, markdown, period_document, run_document,
};
pub use run::{RunFileError, RunFormat};
pub use table::{
    ListTable, RUN_HEADERS, known_object, list_objects, run_cells, run_object, write_csv,
    write_json,
};
pub use trend::{ChartPart, ChartStyle, FETCH_FIRST, NO_FETCH, TrendLine, chart};
pub use verification::{
    VerificationFacts, VerificationLine, VerificationText, not_gone, verified_counts,
};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::device::{Identifier, IdentifierKind};
use crate::domain::exit::Exit;
use crate::domain::licences::{Licences, RunLicences};
use crate::domain::outcome::{DeviceState, Outcome, OutcomeClass, Tally};
use crate::domain::run::RunState;
use crate::import::{ImportCounts, PeopleCounts};
use crate::journal::{DeviceRecord, RunRecord, StoredRecord};
use crate::plan::{LeftOut, LeftOutKind, Plan, PlannedDevice, Recheck, Warning};
use crate::text;

/// A line of a plan or a run. `event` names which.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub enum Line {
    /// What would be sent, or is sent.
    Plan {
        /// The run's short name; null in a plan that is not confirmed.
        run: Option<String>,
        /// The origin of the tenant's address.
        tenant: String,
        /// The profile of the configuration.
        profile: String,
        /// The action.
        #[cfg_attr(test, schemars(extend("enum" = schema::actions())))]
        action: &'static str,
        /// Devices that are sent.
        devices: usize,
        /// Devices that are sent by HWID.
        by_hwid: usize,
        /// Devices that are sent by MAC address.
        by_mac: usize,
        /// Selected rows that can't be sent.
        unusable: usize,
        /// Selected devices that a `protect` query keeps.
        protected: usize,
        /// Selected devices that a hold exempts.
        held: usize,
        /// Rows that were merged into another row of the same device.
        repeated: u64,
        /// The cut of `--oldest`; absent without it, and in a resumed run.
        #[serde(skip_serializing_if = "Option::is_none")]
        oldest: Option<OldestLine>,
        /// Calls that sending takes, without resends.
        calls: usize,
        /// The account's licences when they were measured last; absent if they are not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        licences: Option<LicenceLine>,
        /// Names of the warnings.
        #[cfg_attr(test, schemars(extend("items" = schema::warnings())))]
        warnings: Vec<&'static str>,
        /// The recheck before it was sent; absent without one.
        #[serde(skip_serializing_if = "Option::is_none")]
        recheck: Option<RecheckLine>,
        /// SHA-256 over the plan.
        hash: String,
    },
    /// How many devices a `protect` rule or a term of `--where` matches.
    Term {
        /// `protect` or `where`.
        #[cfg_attr(test, schemars(extend("enum" = ["protect", "where"])))]
        source: &'static str,
        /// The rule, or the word or field term with one value, as it was written.
        query: String,
        /// Devices of the list that it matches.
        devices: u64,
    },
    /// The result of `--ids`.
    Ids {
        /// Entries that name one device, or the devices of one person.
        matched: usize,
        /// Entries that could name several devices.
        ambiguous: usize,
        /// Entries that repeat an earlier one.
        repeated: usize,
        /// Entries that are neither an identifier nor a name.
        invalid: usize,
        /// Entries that the list doesn't have.
        missing: usize,
        /// Counts of persons, of a list of persons; null for any other.
        people: Option<People>,
    },
    /// The result of `--match`.
    Match {
        /// Rows that name one device, or the devices of one person.
        matched: usize,
        /// Rows that could name several devices.
        ambiguous: usize,
        /// Rows that repeat an earlier one.
        repeated: usize,
        /// Rows with nothing to match by.
        invalid: usize,
        /// Rows that the inventory doesn't have.
        missing: usize,
        /// Counts of persons, of a list of persons; null for any other.
        people: Option<People>,
    },
    /// A selected row that is not sent.
    LeftOut {
        /// HWID.
        hwid: Option<String>,
        /// First MAC address.
        mac: Option<String>,
        /// Host name; may be empty.
        hostname: String,
        /// Line in the list, from 1; 0 if it has none.
        line: u64,
        /// Why it is not sent.
        reason: String,
    },
    /// A device of the plan or the run.
    Device {
        /// HWID.
        hwid: Option<String>,
        /// The MAC address that is sent, else the first.
        mac: Option<String>,
        /// Host name; may be empty.
        hostname: String,
        /// The outcome; `planned` in a plan.
        #[cfg_attr(test, schemars(extend("enum" = schema::outcomes())))]
        outcome: &'static str,
        /// Why it failed or is in doubt.
        #[cfg_attr(test, schemars(extend("enum" = schema::reasons())))]
        reason: Option<&'static str>,
        /// Number of the call that decided, within the run.
        call: Option<u32>,
        /// HTTP status of that call.
        http_status: Option<u16>,
        /// User; may be empty.
        user: String,
        /// When it was last seen, as the list has it.
        last_seen: Option<String>,
        /// Type, such as laptop; may be empty.
        r#type: String,
        /// Group; may be empty.
        group: String,
        /// The device's own status, as the list has it; may be empty.
        status: String,
        /// The field by which it was matched with an entry of `--ids` or a row of `--match`.
        #[cfg_attr(test, schemars(extend("enum" = schema::rules())))]
        matched_by: Option<&'static str>,
    },
    /// The rows of a device as the list of its plan held them.
    Record {
        /// HWID.
        hwid: Option<String>,
        /// The MAC address that is sent, else the first.
        mac: Option<String>,
        /// Each with its `line`, and `json` or `cells` or `text` as the list held it, or `fields` as they
        /// were read; `cut_from` is the number of bytes of a row that is too long to be kept whole.
        #[cfg_attr(
            test,
            schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
        )]
        rows: Vec<Box<RawValue>>,
        /// Why there are no rows; null if there are.
        missing: Option<&'static str>,
    },
    /// The last line.
    Summary {
        /// The run's short name; null if nothing was confirmed.
        run: Option<String>,
        /// State of the run; `planned` or `refused` if there is none.
        #[cfg_attr(test, schemars(extend("enum" = schema::states())))]
        state: &'static str,
        /// Devices accepted.
        accepted: u64,
        /// Devices failed.
        failed: u64,
        /// Devices gone.
        gone: u64,
        /// Devices in doubt.
        in_doubt: u64,
        /// Devices not sent.
        not_sent: u64,
        /// Devices that a resume would send.
        left: u64,
        /// Why it was refused, or paused or stopped with the next step; absent if there is nothing to say.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The account's licences before the run's first call; absent if they were not measured.
        #[serde(skip_serializing_if = "Option::is_none")]
        licences_before: Option<LicenceLine>,
        /// The account's licences after the run's last call; absent if they were not measured.
        #[serde(skip_serializing_if = "Option::is_none")]
        licences_after: Option<LicenceLine>,
        /// The exit code.
        exit: u8,
    },
}

/// How `--oldest N` cut the selection.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct OldestLine {
    /// N.
    asked: u64,
    /// Devices that could have been taken.
    of: u64,
    /// How many of those have no last seen, so that they were not taken.
    without_last_seen: u64,
}

/// Licences of the account, as the tenant counts them.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct LicenceLine {
    /// Devices that use a licence.
    used: u64,
    /// Devices that may.
    allowed: u64,
    /// When the tenant said so.
    measured_at: String,
}

impl From<Licences> for LicenceLine {
    fn from(licences: Licences) -> Self {
        Self {
            used: licences.used,
            allowed: licences.allowed,
            measured_at: licences.measured_at.to_string(),
        }
    }
}

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
            unusable: plan.unusable(),
            protected: plan.protected(),
            held: plan.held(),
            repeated: plan.repeated,
            oldest: plan.oldest.map(|oldest| OldestLine {
                asked: oldest.asked.get(),
                of: oldest.of,
                without_last_seen: oldest.undated,
            }),
            calls: plan.calls(),
            licences: None,
            warnings: plan
                .warnings
                .iter()
                .map(crate::plan::Warning::name)
                .collect(),
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
            people: people.map(People::from),
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
            people: people.map(People::from),
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

/// The counts as text: `331 accepted · 6 failed · 3 in doubt`.
pub fn counts(tally: Tally) -> String {
    let count = |class| tally.of_class(class);
    OutcomeClass::ALL
        .into_iter()
        .filter(|&class| class == OutcomeClass::Accepted || count(class) > 0)
        .map(|class| format!("{} {}", text::grouped(count(class)), class.label()))
        .collect::<Vec<_>>()
        .join(" · ")
}

#[cfg(test)]
mod tests;
