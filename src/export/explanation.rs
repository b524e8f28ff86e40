//! The JSON of `offboard explain`.

use serde::Serialize;

#[cfg(test)]
use super::schema;
use crate::journal::VerifiedEntry;
use crate::list::DeviceList;
use crate::plan::explain::{Explanation, Fate, RuleVerdict, Twin};
use crate::plan::{EarlierState, Warning};
use crate::query::{Node, Part};

/// Why a device is, or isn't, planned.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct ExplanationLine {
    /// What becomes of the device.
    #[cfg_attr(test, schemars(extend("enum" = ["planned", "left_out", "not_selected"])))]
    result: &'static str,
    /// Why it is left out.
    reason: Option<String>,
    /// Its hardware ID.
    hwid: Option<String>,
    /// Its MAC addresses.
    macs: Vec<String>,
    /// Its host name.
    hostname: String,
    /// Its line in the list, from 1.
    line: u64,
    /// Why the row is unusable, if it is.
    problem: Option<String>,
    /// The identifier that would be sent.
    identifier: Option<String>,
    /// Why it is that identifier, or why there is none.
    identifier_reason: String,
    /// The query; null without `--where`.
    query: Option<NodeObject>,
    /// Why it is protected, if it is.
    protected: Option<String>,
    /// The `protect` rules.
    rules: Vec<RuleObject>,
    /// The devices that share its host name or a MAC address.
    twins: Vec<TwinObject>,
    /// What earlier runs did with it, the oldest call first.
    earlier: Vec<EarlierObject>,
    /// What a verification found: that this is the record of a device which an earlier run removed.
    verified: Option<VerifiedObject>,
    /// The warnings of a plan that the device contributes to.
    warnings: Vec<&'static str>,
}

/// What a verification found of the record of an accepted device.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct VerifiedObject {
    /// `still_there`, or `returned`.
    #[cfg_attr(test, schemars(extend("enum" = schema::verified_states())))]
    state: &'static str,
    /// The short name of the run that the device was accepted in.
    run: String,
    /// The value that the record and the device have in common.
    #[cfg_attr(test, schemars(extend("enum" = schema::rules())))]
    recognised_by: &'static str,
}

/// A part of a query.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct NodeObject {
    /// How the parts are combined; `term` for a term.
    #[cfg_attr(test, schemars(extend("enum" = ["all", "and", "or", "not", "term"])))]
    part: &'static str,
    /// The answer; null if a missing value leaves it open.
    answer: Option<bool>,
    /// The term as it is written; null for other parts.
    term: Option<String>,
    /// What decided the term; null for other parts.
    fact: Option<String>,
    /// The parts, in the order written.
    parts: Vec<NodeObject>,
}

/// A `protect` rule.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct RuleObject {
    /// The rule.
    rule: String,
    /// Whether it protects the device.
    #[cfg_attr(test, schemars(extend("enum" = ["matches", "uncertain", "no"])))]
    verdict: &'static str,
    /// Which value is not certain.
    uncertain: Option<String>,
    /// The terms of the rule.
    query: NodeObject,
}

/// A device that shares a value.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct TwinObject {
    /// The shared field.
    #[cfg_attr(test, schemars(extend("enum" = ["hostname", "mac"])))]
    field: &'static str,
    /// Its hardware ID.
    hwid: Option<String>,
    /// Its host name.
    hostname: String,
    /// Its line in the list, from 1.
    line: u64,
    /// When it was last seen.
    last_seen: Option<String>,
}

/// What an earlier run did.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct EarlierObject {
    /// The run's short name.
    run: String,
    /// Its action.
    action: &'static str,
    /// The identifier that it sent, or will send.
    sent: String,
    /// The state of the device in that run.
    #[cfg_attr(test, schemars(extend("enum" = ["open", "in_doubt", "removed", "not_found"])))]
    standing: &'static str,
    /// When that was decided.
    decided_at: Option<String>,
}

/// The name of a state in an earlier run.
pub fn standing(state: EarlierState) -> &'static str {
    match state {
        EarlierState::Open => "open",
        EarlierState::InDoubt => "in_doubt",
        EarlierState::Removed => "removed",
        EarlierState::NotFound => "not_found",
    }
}

impl ExplanationLine {
    /// The line of an explanation; `warnings` are those that the device contributes to.
    pub fn new(
        list: &DeviceList,
        explained: &Explanation,
        verified: Option<VerifiedEntry>,
        warnings: &[Warning],
    ) -> Self {
        let device = list.device(explained.device);
        let (result, reason) = match &explained.fate {
            Fate::Planned(_) => ("planned", None),
            Fate::LeftOut(reason) => ("left_out", Some(reason.to_string())),
            Fate::NotSelected => ("not_selected", None),
        };
        let identifier = explained.identifier.as_ref();
        let rules = explained.rules.iter().map(|rule| RuleObject {
            rule: rule.rule.clone(),
            verdict: match rule.verdict {
                RuleVerdict::Matches => "matches",
                RuleVerdict::Uncertain(_) => "uncertain",
                RuleVerdict::No => "no",
            },
            uncertain: match &rule.verdict {
                RuleVerdict::Uncertain(reason) => Some(reason.clone()),
                _ => None,
            },
            query: NodeObject::of(&rule.node),
        });
        let earlier = explained.earlier.iter().map(|earlier| EarlierObject {
            run: earlier.run.to_string(),
            action: earlier.action.as_str(),
            sent: earlier.sent.to_string(),
            standing: standing(earlier.state),
            decided_at: earlier.decided_at.map(|time| time.to_string()),
        });
        Self {
            result,
            reason,
            hwid: device.hwid().map(str::to_owned),
            macs: device.macs().map(|mac| mac.to_string()).collect(),
            hostname: device.hostname().to_owned(),
            line: device.line(),
            problem: explained.problem.map(|problem| problem.to_string()),
            identifier: identifier.ok().map(ToString::to_string),
            identifier_reason: match identifier {
                Ok(_) => explained.identifier_reason.unwrap_or_default().to_owned(),
                Err(problem) => problem.to_string(),
            },
            query: explained.query.as_ref().map(NodeObject::of),
            protected: explained.protected.clone(),
            rules: rules.collect(),
            twins: explained
                .twins
                .iter()
                .map(|twin| TwinObject::of(list, *twin))
                .collect(),
            earlier: earlier.collect(),
            verified: verified.map(|entry| VerifiedObject {
                state: entry.state.as_str(),
                run: entry.run.short(),
                recognised_by: entry.recognised_by.as_str(),
            }),
            warnings: warnings.iter().map(Warning::name).collect(),
        }
    }
}

impl NodeObject {
    fn of(node: &Node) -> Self {
        let (part, parts) = match &node.part {
            Part::All => ("all", &[][..]),
            Part::And(parts) => ("and", &parts[..]),
            Part::Or(parts) => ("or", &parts[..]),
            Part::Not(part) => ("not", std::slice::from_ref(&**part)),
            Part::Term { .. } => ("term", &[][..]),
        };
        let (term, fact) = match &node.part {
            Part::Term { text, fact } => (Some(text.clone()), Some(fact.to_string())),
            _ => (None, None),
        };
        Self {
            part,
            answer: node.answer,
            term,
            fact,
            parts: parts.iter().map(Self::of).collect(),
        }
    }
}

impl TwinObject {
    fn of(list: &DeviceList, twin: Twin) -> Self {
        let device = list.device(twin.device);
        Self {
            field: twin.field.name(),
            hwid: device.hwid().map(str::to_owned),
            hostname: device.hostname().to_owned(),
            line: device.line(),
            last_seen: device.last_seen().map(|time| time.to_string()),
        }
    }
}
