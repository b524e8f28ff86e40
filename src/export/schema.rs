//! The JSON Schema of everything that is printed as JSON, derived from the types that are printed.
//!
//! `docs/schema/` holds the result. The tests of the whole program check every line against it.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::{ExplanationLine, FoundLine, Line, OverviewLine, RunLine, TrendLine, VerificationLine};
use crate::domain::action::Action;
use crate::domain::outcome::{Doubt, Failure, Outcome, OutcomeClass};
use crate::domain::run::RunState;
use crate::import::MatchRule;
use crate::list::ReadingReport;
use crate::plan::Warning;
use crate::verification::VerifiedState;

/// A JSON line of any command.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is of use")]
enum AnyLine<'a> {
    /// `plan`, `run`, `resume`, `runs show`, `runs export`.
    Event(Box<Line>),
    /// `runs`.
    Run(Box<RunLine>),
    /// `runs find`.
    Found(Box<FoundLine<'a>>),
    /// `runs trend`.
    Trend(Box<TrendLine>),
    /// `overview`.
    Overview(Box<OverviewLine>),
    /// `explain`.
    Explanation(Box<ExplanationLine>),
    /// `verify`.
    Verification(Box<VerificationLine>),
}

pub(super) fn actions() -> Value {
    json!(Action::ALL.map(Action::as_str))
}

pub(super) fn warnings() -> Value {
    json!({ "type": "string", "enum": Warning::NAMES })
}

pub(super) fn outcomes() -> Value {
    let ended = OutcomeClass::ALL.map(OutcomeClass::as_str);
    json!(["planned"].into_iter().chain(ended).collect::<Vec<_>>())
}

pub(super) fn reasons() -> Value {
    let failed = Failure::ALL.map(Outcome::Failed);
    let doubtful = Doubt::ALL.map(Outcome::InDoubt);
    let reasons = failed.into_iter().chain(doubtful).map(Outcome::reason);
    json!(reasons.map(Some).chain([None]).collect::<Vec<_>>())
}

pub(super) fn rules() -> Value {
    let rules = MatchRule::ALL.map(MatchRule::as_str).into_iter();
    json!(rules.map(Some).chain([None]).collect::<Vec<_>>())
}

pub(super) fn verified_states() -> Value {
    json!(VerifiedState::ALL.map(VerifiedState::as_str))
}

pub(super) fn run_states() -> Value {
    json!(RunState::ALL.map(RunState::as_str))
}

pub(super) fn states() -> Value {
    let states = RunState::ALL.map(RunState::as_str).into_iter();
    json!(states.chain(["planned", "refused"]).collect::<Vec<_>>())
}

fn derived<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema: Schema = settings.into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    value["title"] = json!(title);
    value
}

/// The schema of every JSON line.
pub(crate) fn lines() -> Value {
    derived::<AnyLine<'static>>("A JSON line of offboard")
}

/// The schema of what `inspect --output json` prints.
pub(crate) fn report() -> Value {
    derived::<ReadingReport>("The reading report of offboard inspect")
}
