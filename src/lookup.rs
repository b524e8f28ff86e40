//! What a Device Details lookup saw of a device, and what may be concluded from it.
//!
//! A lookup changes nothing in the tenant. It settles a device that is in doubt only where no other
//! reading is left: an absent record is gone; a record that is still there long after the call was
//! not removed by it. Anything else leaves the doubt, and says what was seen.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::action::Action;
use crate::device::Hwid;
use crate::outcome::{Failure, Outcome};
use crate::text::visible;

/// How long after its call's deadline a record that is still there proves that the call didn't
/// remove it: before, the removal may be on its way.
pub const SETTLED_AFTER: Duration = Duration::from_secs(600);

/// What a lookup saw, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// When the answer came.
    pub at: Timestamp,
    /// What it said.
    pub seen: Seen,
}

/// What a lookup saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The tenant has no such device.
    Absent,
    /// It has this one.
    Present(Presence),
}

/// A device as Device Details tells it, as far as it matters here. The texts are the server's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Its HWID.
    pub hwid: Option<String>,
    /// Its name.
    pub hostname: String,
    /// When it last reported.
    pub last_seen: Option<Timestamp>,
    /// When it was enrolled.
    pub enrolled: Option<Timestamp>,
}

/// What is to be settled: a device of a run, and its last attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What was asked for.
    pub action: Action,
    /// The HWID that was confirmed, if the device had one.
    pub hwid: Option<Hwid>,
    /// When the attempt's intent was durable.
    pub intent: Timestamp,
    /// When the attempt's answer was due at the latest.
    pub deadline: Timestamp,
}

impl Question {
    /// The outcome after `finding`. Only one in doubt can change.
    pub fn conclude(&self, outcome: Outcome, finding: &Finding) -> Outcome {
        if !matches!(outcome, Outcome::InDoubt(_)) {
            return outcome;
        }
        match &finding.seen {
            Seen::Absent => Outcome::Gone,
            Seen::Present(presence) if self.was_not_removed(presence, finding.at) => {
                Outcome::Failed(Failure::StillThere)
            }
            Seen::Present(_) => outcome,
        }
    }

    /// True when this record can only be the one that was to be removed, and still is there.
    fn was_not_removed(&self, presence: &Presence, now: Timestamp) -> bool {
        let same = match (&self.hwid, &presence.hwid) {
            (Some(confirmed), Some(seen)) => confirmed.as_str() == seen,
            _ => false,
        };
        // One that was enrolled since may have come back after a removal that worked.
        let older = presence
            .enrolled
            .is_some_and(|enrolled| enrolled < self.intent);
        let settled = now.duration_since(self.deadline)
            >= jiff::SignedDuration::try_from(SETTLED_AFTER).unwrap_or_default();
        self.action == Action::Remove && same && older && settled
    }
}

impl Seen {
    /// What it says about a device that ended so, in a sentence without its full stop.
    pub fn about(&self, outcome: Outcome) -> String {
        match (self, outcome) {
            (Self::Present(_), Outcome::InDoubt(_)) => {
                format!("{self}: came back, or never removed")
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Seen {
    /// `not in this tenant`, or `there, as LT-4411, last seen 2026-11-20 08:14 UTC`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Present(presence) = self else {
            return formatter.write_str("not in this tenant");
        };
        formatter.write_str("there")?;
        if !presence.hostname.is_empty() {
            write!(formatter, ", as {}", visible(&presence.hostname))?;
        }
        match presence.last_seen {
            Some(seen) => write!(
                formatter,
                ", last seen {}",
                seen.strftime("%Y-%m-%d %H:%M UTC")
            ),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Doubt;

    const DOUBT: Outcome = Outcome::InDoubt(Doubt::NoAnswer);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
    }

    fn question(action: Action) -> Question {
        Question {
            action,
            hwid: Some(Hwid::parse("12ds44f5").expect("an HWID")),
            intent: at(0),
            deadline: at(60),
        }
    }

    fn present(hwid: &str, enrolled: Option<i64>) -> Seen {
        Seen::Present(Presence {
            hwid: Some(hwid.to_owned()),
            hostname: "LT-4411".to_owned(),
            last_seen: Some(at(-5000)),
            enrolled: enrolled.map(at),
        })
    }

    fn conclude(action: Action, seen: Seen, seconds: i64) -> Outcome {
        let finding = Finding {
            at: at(seconds),
            seen,
        };
        question(action).conclude(DOUBT, &finding)
    }

    #[test]
    fn an_absent_record_is_gone() {
        for action in Action::ALL {
            assert_eq!(conclude(action, Seen::Absent, 61), Outcome::Gone);
        }
    }

    #[test]
    fn a_record_still_there_failed_only_where_nothing_else_is_left() {
        let still = Outcome::Failed(Failure::StillThere);
        let old = || present("12ds44f5", Some(-1));
        assert_eq!(conclude(Action::Remove, old(), 660), still);
        assert_eq!(conclude(Action::Remove, old(), 659), DOUBT, "too early");
        assert_eq!(conclude(Action::Archive, old(), 9000), DOUBT);
        assert_eq!(conclude(Action::Uninstall, old(), 9000), DOUBT);
        let other = present("another", Some(-1));
        assert_eq!(conclude(Action::Remove, other, 9000), DOUBT);
        let enrolled_again = present("12ds44f5", Some(0));
        assert_eq!(conclude(Action::Remove, enrolled_again, 9000), DOUBT);
        let unknown = present("12ds44f5", None);
        assert_eq!(conclude(Action::Remove, unknown, 9000), DOUBT);
    }

    #[test]
    fn a_definite_outcome_stays() {
        let finding = Finding {
            at: at(9000),
            seen: Seen::Absent,
        };
        for outcome in [
            Outcome::Accepted,
            Outcome::Gone,
            Outcome::Failed(Failure::NotFound),
        ] {
            let question = question(Action::Remove);
            assert_eq!(question.conclude(outcome, &finding), outcome);
        }
    }

    #[test]
    fn what_was_seen_is_told_in_words() {
        let there = present("12ds44f5", None);
        assert_eq!(
            there.about(DOUBT),
            "there, as LT-4411, last seen 2023-11-14 20:50 UTC: came back, or never removed"
        );
        assert_eq!(
            Seen::Absent.about(Outcome::Failed(Failure::NotFound)),
            "not in this tenant"
        );
    }
}
