//! The faults that the simulated tenant injects.
//!
//! A plan is written as `FAULT@CALL`, joined by commas: `500@3,reset-after@5` answers the third
//! delete call with a 500 and applies the fifth but resets its connection. `FAULT%SHARE` strikes
//! that share of all delete calls at random, by the seed: `no-answer%0.02`.

use std::fmt;
use std::str::FromStr;

/// A fault of one delete call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Closes the connection, nothing applied.
    ResetBefore,
    /// Applies, and closes the connection.
    ResetAfter,
    /// Applies, and never answers.
    NoAnswer,
    /// Answers with this status, nothing applied.
    Status(u16),
    /// Applies, and answers with 502.
    LostBehindGateway,
    /// Applies, and cuts the answer short.
    Truncated,
    /// Applies, and answers for one device too few.
    WrongLength,
    /// Applies, and answers the first device with 2.
    WrongElement,
    /// Answers 200 with a web page, nothing applied.
    WebPage,
    /// Answers 302, nothing applied.
    Redirect,
    /// Applies, and answers 200 without a result.
    NoResult,
    /// Applies, and answers as text.
    TextType,
    /// Ends all tokens, and answers 401.
    Revoke,
}

/// The names of the faults that are not a status.
const NAMES: [(&str, Fault); 12] = [
    ("reset-before", Fault::ResetBefore),
    ("reset-after", Fault::ResetAfter),
    ("no-answer", Fault::NoAnswer),
    ("lost-behind-gateway", Fault::LostBehindGateway),
    ("truncated", Fault::Truncated),
    ("wrong-length", Fault::WrongLength),
    ("wrong-element", Fault::WrongElement),
    ("web-page", Fault::WebPage),
    ("redirect", Fault::Redirect),
    ("no-result", Fault::NoResult),
    ("text-type", Fault::TextType),
    ("revoke", Fault::Revoke),
];

/// Which delete calls have which fault.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultPlan(Vec<(Fault, When)>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Call(u32),
    Share(f64),
}

impl Fault {
    /// True if the call is applied nevertheless.
    pub fn applies(self) -> bool {
        !matches!(
            self,
            Self::ResetBefore | Self::Status(_) | Self::WebPage | Self::Redirect | Self::Revoke
        )
    }
}

impl FaultPlan {
    /// The fault of the delete call with this number, from 1; `chance` between 0 and 1 decides on
    /// shares.
    pub fn fault(&self, call: u32, chance: f64) -> Option<Fault> {
        let mut below = 0.0;
        self.0.iter().find_map(|&(fault, when)| match when {
            When::Call(number) => (number == call).then_some(fault),
            When::Share(share) => {
                below += share;
                (chance < below).then_some(fault)
            }
        })
    }
}

/// Not a fault plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{given}' is not a fault: write FAULT@CALL or FAULT%SHARE, with FAULT a status or one of {}",
    names()
)]
pub struct ParseFaultError {
    given: String,
}

fn names() -> String {
    NAMES.map(|(name, _)| name).join(", ")
}

impl FromStr for FaultPlan {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn parse(part: &str) -> Result<(Fault, When), ParseFaultError> {
    let read = || {
        let (name, when) = if let Some((name, call)) = part.split_once('@') {
            (name, When::Call(call.parse().ok()?))
        } else {
            let (name, share) = part.split_once('%')?;
            let share: f64 = share.parse().ok()?;
            (
                name,
                When::Share(Some(share).filter(|share| (0.0..=1.0).contains(share))?),
            )
        };
        let fault = match name.parse() {
            Ok(status) if (400..600).contains(&status) => Fault::Status(status),
            _ => NAMES.iter().find(|&&(known, _)| known == name)?.1,
        };
        Some((fault, when))
    };
    read().ok_or_else(|| ParseFaultError {
        given: crate::text::visible(part).into_owned(),
    })
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(_, fault)| fault == self) {
            Some((name, _)) => formatter.write_str(name),
            None => match self {
                Self::Status(status) => write!(formatter, "{status}"),
                _ => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_plan_names_calls_and_shares() {
        let plan: FaultPlan = "500@3, reset-after@5,no-answer%0.5"
            .parse()
            .expect("a plan");
        assert_eq!(plan.fault(3, 0.9), Some(Fault::Status(500)));
        assert_eq!(plan.fault(5, 0.9), Some(Fault::ResetAfter));
        assert_eq!(plan.fault(4, 0.9), None);
        assert_eq!(plan.fault(4, 0.4), Some(Fault::NoAnswer));
        assert_eq!("".parse(), Ok(FaultPlan::default()));
    }

    #[test]
    fn fault_plan_refuses_other_text_with_the_allowed_names() {
        for text in ["500", "boom@1", "500@x", "no-answer%2", "200@1"] {
            let error = text.parse::<FaultPlan>().expect_err(text).to_string();
            assert!(error.contains("reset-before"), "{error}");
        }
    }

    #[test]
    fn fault_names_round_trip() {
        for (name, fault) in NAMES {
            assert_eq!(fault.to_string(), name);
        }
    }
}
