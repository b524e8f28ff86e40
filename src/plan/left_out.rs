//! Rows that a plan leaves out, and why.

use std::collections::BTreeMap;

use super::Hold;
use crate::domain::action::Action;
use crate::domain::device::MacAddress;
use crate::domain::run::RunId;
use crate::list::Problem;

/// A selected row that is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its hardware ID, if it has one.
    pub hwid: Option<String>,
    /// Its first MAC, if it has one.
    pub mac: Option<MacAddress>,
    /// As the list has it.
    pub hostname: String,
    /// The row's line in the list, from 1.
    pub line: u64,
    pub reason: LeftOutReason,
}

/// Why a selected row is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeftOutReason {
    /// It has no identifier that could be sent.
    #[error("unusable: {0}")]
    Unusable(Problem),
    /// A `protect` rule covers it, in this way.
    #[error("protected: {0}")]
    Protected(String),
    /// It is held until the end of this day, for this reason, safe to show.
    #[error("held until {0}: {1}")]
    Held(jiff::civil::Date, String),
    /// A run that isn't over has it.
    #[error("in run {0}")]
    InRun(RunId),
    /// A run has it in doubt.
    #[error("in doubt in run {0}")]
    InDoubt(RunId),
    /// An earlier run did this to it after the list was saved.
    #[error("{verb} earlier, by run {0}", verb = .1.past_participle())]
    RemovedEarlier(RunId, Action),
    /// By a newer list, it doesn't match the plan's query.
    #[error("not matched by the query any more")]
    NoMatch,
    /// A newer list doesn't have it.
    #[error("missing from the newer list")]
    Missing,
    /// By a newer list, its MAC address belongs to another device.
    #[error("its MAC address is another device's by the newer list")]
    OtherDevice,
    /// By a newer list, it was seen since the plan was made, at this time.
    #[error("seen since the plan, at {0:.0}")]
    SeenSince(jiff::Timestamp),
    /// The plan knew when it was last seen, and a newer list doesn't.
    #[error("last seen is unknown by the newer list")]
    SeenUnknown,
    /// The recorded text of a plan file.
    #[error("{text}")]
    Recorded {
        /// The kind of reason.
        kind: LeftOutKind,
        /// The complete reason, as text.
        text: String,
    },
}

/// How much of a hold's reason is shown, in cells.
const HOLD_REASON_LENGTH: usize = 200;

/// The kinds of reasons, by which rows that are left out are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOutKind {
    /// See [`LeftOutReason::Unusable`].
    Unusable,
    /// See [`LeftOutReason::Protected`].
    Protected,
    /// See [`LeftOutReason::Held`].
    Held,
    /// See [`LeftOutReason::InRun`].
    InRun,
    /// See [`LeftOutReason::InDoubt`].
    InDoubt,
    /// See [`LeftOutReason::RemovedEarlier`].
    RemovedEarlier,
    /// See [`LeftOutReason::NoMatch`].
    NoMatch,
    /// See [`LeftOutReason::Missing`].
    Missing,
    /// See [`LeftOutReason::OtherDevice`].
    OtherDevice,
    /// See [`LeftOutReason::SeenSince`].
    SeenSince,
    /// See [`LeftOutReason::SeenUnknown`].
    SeenUnknown,
}

/// How many rows were left out for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutCount {
    /// The kind of reason.
    pub kind: LeftOutKind,
    /// The complete reason, as text.
    pub reason: String,
    pub rows: u64,
}

impl LeftOutCount {
    /// Counts the reasons, in the order of their kinds.
    pub fn of<'a>(reasons: impl Iterator<Item = &'a LeftOutReason>) -> Vec<Self> {
        let mut counts: BTreeMap<(LeftOutKind, String), u64> = BTreeMap::new();
        for reason in reasons {
            *counts.entry((reason.kind(), reason.counted())).or_default() += 1;
        }
        counts
            .into_iter()
            .map(|((kind, reason), rows)| Self { kind, reason, rows })
            .collect()
    }
}

impl LeftOutKind {
    const ALL: [Self; 11] = [
        Self::Unusable,
        Self::Protected,
        Self::Held,
        Self::InRun,
        Self::InDoubt,
        Self::RemovedEarlier,
        Self::NoMatch,
        Self::Missing,
        Self::OtherDevice,
        Self::SeenSince,
        Self::SeenUnknown,
    ];

    /// Its name in a plan file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unusable => "unusable",
            Self::Protected => "protected",
            Self::Held => "held",
            Self::InRun => "in_run",
            Self::InDoubt => "in_doubt",
            Self::RemovedEarlier => "removed_earlier",
            Self::NoMatch => "no_match",
            Self::Missing => "missing",
            Self::OtherDevice => "other_device",
            Self::SeenSince => "seen_since",
            Self::SeenUnknown => "seen_unknown",
        }
    }

    /// The kind whose [name](Self::as_str) is `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl LeftOutReason {
    /// The reason of a device that is held.
    pub fn of_hold(hold: &Hold) -> Self {
        let reason = crate::text::clip(&hold.reason, HOLD_REASON_LENGTH);
        Self::Held(hold.until, reason.into_owned())
    }

    /// The reason as it is counted: without what is one device's own.
    fn counted(&self) -> String {
        match self {
            Self::SeenSince(_) => "seen since the plan".to_owned(),
            own => own.to_string(),
        }
    }

    /// The kind of reason.
    pub fn kind(&self) -> LeftOutKind {
        match self {
            Self::Unusable(_) => LeftOutKind::Unusable,
            Self::Protected(_) => LeftOutKind::Protected,
            Self::Held(..) => LeftOutKind::Held,
            Self::InRun(_) => LeftOutKind::InRun,
            Self::InDoubt(_) => LeftOutKind::InDoubt,
            Self::RemovedEarlier(..) => LeftOutKind::RemovedEarlier,
            Self::NoMatch => LeftOutKind::NoMatch,
            Self::Missing => LeftOutKind::Missing,
            Self::OtherDevice => LeftOutKind::OtherDevice,
            Self::SeenSince(_) => LeftOutKind::SeenSince,
            Self::SeenUnknown => LeftOutKind::SeenUnknown,
            Self::Recorded { kind, .. } => *kind,
        }
    }
}
