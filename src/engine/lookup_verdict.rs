//! What a Device Details lookup saw of a device, and what may be concluded from it.
//!
//! A lookup changes nothing in the tenant. It settles a device that is in doubt only where no other
//! reading is left: an absent record is gone; a record that is still there long after the call was
//! not removed by it. Anything else leaves the doubt, and says what was seen.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::action::Action;
use crate::domain::device::{Hwid, Identifier, IdentifierKind};
use crate::domain::outcome::{Failure, Outcome};
use crate::plan::PlannedDevice;
use crate::platform::clock::{BootTime, Now};
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
    pub seen: LookupAnswer,
}

/// What a lookup saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupAnswer {
    /// The tenant has no such device.
    Absent,
    /// It has this one.
    Present(Presence),
}

/// What Device Details returns of a device, as far as it matters here. The texts are the server's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    pub hwid: Option<String>,
    /// Its name.
    pub hostname: String,
    /// When it last reported.
    pub last_seen: Option<Timestamp>,
    /// When it was enrolled.
    pub enrolled: Option<Timestamp>,
}

/// By which of its identifiers a device of a run is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LookupKey {
    /// The one that was sent: what is seen may settle its outcome.
    SentIdentifier,
    /// The one that was not: what is seen only says whether it may be sent instead.
    AlternateIdentifier,
}

impl LookupKey {
    /// What is asked for, if the device has it. A device without an HWID is asked for by the MAC
    /// that was sent, and the answer names the HWID.
    pub fn identifier(self, device: &PlannedDevice) -> Option<Identifier> {
        match (self, &device.identifier) {
            (Self::SentIdentifier, sent) => Some(sent.clone()),
            (Self::AlternateIdentifier, Identifier::Hwid(_)) => {
                let mut own = device.macs.iter().filter(|mac| !mac.is_known_constant());
                match (own.next(), own.next()) {
                    (Some(&only), None) => Some(Identifier::Mac(only)),
                    _ => None,
                }
            }
            (Self::AlternateIdentifier, Identifier::Mac(sent)) => Some(match &device.hwid {
                Some(hwid) => Identifier::Hwid(hwid.clone()),
                None => Identifier::Mac(*sent),
            }),
        }
    }
}

/// Why a device may not be sent again by its other identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The tenant has no record of it.
    #[error("not in this tenant either")]
    Absent,
    /// The identifier names another device by now.
    #[error("{identifier} now belongs to {name}{seen}")]
    OtherDevice {
        identifier: &'static str,
        /// The other device, safe to show.
        name: String,
        /// When it was seen, behind a comma; empty if that isn't known.
        seen: String,
    },
    /// Only one identifier is known.
    #[error("it has no other identifier")]
    NoOtherIdentifier,
    /// The record has no HWID to send.
    #[error("the tenant names no HWID for it")]
    NoHwid,
}

/// The identifier by which a device may be sent again after a lookup by the [other](LookupKey::AlternateIdentifier) one,
/// if it may. A reimaged machine keeps its MAC, which then names a live device: only a record
/// with the HWID that was confirmed, or the host name of a row that had no HWID, is the same device.
pub fn offer(device: &PlannedDevice, finding: &Finding) -> Result<Identifier, OfferError> {
    let LookupAnswer::Present(presence) = &finding.seen else {
        return Err(OfferError::Absent);
    };
    let belongs = || {
        let identifier = LookupKey::AlternateIdentifier
            .identifier(device)
            .map_or("it", |asked| match asked.kind() {
                IdentifierKind::Hwid => "this HWID",
                IdentifierKind::Mac => "this MAC",
            });
        let name = match presence.hostname.as_str() {
            "" => "a device without a name".to_owned(),
            name => visible(name).into_owned(),
        };
        let seen = presence.last_seen.map_or(String::new(), |seen| {
            let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
            if day(seen) == day(finding.at) {
                ", seen today".to_owned()
            } else {
                format!(", last seen {}", day(seen))
            }
        });
        OfferError::OtherDevice {
            identifier,
            name,
            seen,
        }
    };
    match &device.hwid {
        Some(confirmed)
            if presence
                .hwid
                .as_ref()
                .is_some_and(|seen| confirmed.is(seen)) =>
        {
            LookupKey::AlternateIdentifier
                .identifier(device)
                .ok_or(OfferError::NoOtherIdentifier)
        }
        Some(_) => Err(belongs()),
        None => {
            let same = !device.hostname.is_empty()
                && device.hostname.eq_ignore_ascii_case(&presence.hostname);
            if !same {
                return Err(belongs());
            }
            let hwid = presence
                .hwid
                .as_deref()
                .and_then(|hwid| Hwid::parse(hwid).ok());
            hwid.map(Identifier::Hwid).ok_or(OfferError::NoHwid)
        }
    }
}

/// What a lookup by the sent identifier came to, for grouping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LookupVerdict {
    /// The tenant has no such device.
    Absent,
    /// It has the one that was confirmed, as far as that is known.
    There,
    /// It has another one under this identifier.
    Another,
}

impl fmt::Display for LookupVerdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Absent => "not in this tenant",
            Self::There => "there",
            Self::Another => "the identifier is another device's now",
        })
    }
}

/// A device of a run whose outcome a lookup may decide, and its last attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupQuestion {
    /// What was to be done.
    pub action: Action,
    /// The HWID that was confirmed, if the device had one.
    pub hwid: Option<Hwid>,
    pub attempt: Attempt,
}

/// When a call was made, by the clocks that are known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When its intent was durable, by this host's wall clock.
    pub intent: Timestamp,
    /// The same in boot time, if it was in this boot.
    pub intent_boot: Option<BootTime>,
    /// How long after the intent its answer was due at the latest.
    pub lasted: Duration,
}

/// The moment of a lookup's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnsweredAt {
    /// By this host's clocks.
    pub now: Now,
    /// By the server's clock, if the answer says it.
    pub server: Option<Timestamp>,
}

impl Attempt {
    /// How long ago the intent was at least: a wall clock that jumped, or differs from the server's,
    /// must not make a removal seem older than it is.
    fn age(&self, at: AnsweredAt) -> SignedDuration {
        let by_wall = at.now.wall.duration_since(self.intent);
        let by_server = at.server.map(|server| server.duration_since(self.intent));
        let ages = [by_server, self.boot_age(at)];
        ages.into_iter().flatten().fold(by_wall, Ord::min)
    }

    fn boot_age(&self, at: AnsweredAt) -> Option<SignedDuration> {
        let age = at.now.boot.since(self.intent_boot?);
        SignedDuration::try_from(age).ok()
    }

    /// A time by the server's clock, which dates enrolments, before which the intent was not.
    fn earliest_intent_by_server(&self, at: AnsweredAt) -> Timestamp {
        let Some(server) = at.server else {
            // How far the clocks differ isn't known.
            return self.intent - SETTLED_AFTER;
        };
        let by_wall = at.now.wall.duration_since(self.intent);
        let age = self.boot_age(at).unwrap_or(by_wall);
        let by_age = server.checked_sub(age).unwrap_or(self.intent);
        by_age.min(self.intent)
    }
}

impl LookupQuestion {
    /// The outcome after `seen`, which was answered `at`. Only one in doubt can change.
    pub fn conclude(&self, outcome: Outcome, seen: &LookupAnswer, at: AnsweredAt) -> Outcome {
        if !matches!(outcome, Outcome::InDoubt(_)) {
            return outcome;
        }
        match seen {
            LookupAnswer::Absent => Outcome::Gone,
            LookupAnswer::Present(presence) if self.was_not_removed(presence, at) => {
                Outcome::Failed(Failure::StillThere)
            }
            LookupAnswer::Present(_) => outcome,
        }
    }

    /// True when this record can only be the one that was to be removed, and still is there.
    fn was_not_removed(&self, presence: &Presence, at: AnsweredAt) -> bool {
        let same = match (&self.hwid, &presence.hwid) {
            (Some(confirmed), Some(seen)) => confirmed.is(seen),
            _ => false,
        };
        // One that was enrolled since may have come back after a removal that worked.
        let older = presence
            .enrolled
            .is_some_and(|enrolled| enrolled < self.attempt.earliest_intent_by_server(at));
        let long_ago = SignedDuration::try_from(self.attempt.lasted + SETTLED_AFTER);
        let settled = long_ago.is_ok_and(|long_ago| self.attempt.age(at) >= long_ago);
        self.action == Action::Remove && same && older && settled
    }
}

impl LookupAnswer {
    /// True if the answer is about the device that was asked for. For a MAC address, any device counts.
    pub fn is_of(&self, asked: &Identifier) -> bool {
        let Self::Present(presence) = self else {
            return false;
        };
        let Identifier::Hwid(asked) = asked else {
            return true;
        };
        let seen = presence.hwid.as_ref();
        seen.is_some_and(|seen| asked.is(seen))
    }

    /// What it says of the device with the HWID that was confirmed, if one was.
    pub fn verdict(&self, confirmed: Option<&Hwid>) -> LookupVerdict {
        match (self, confirmed) {
            (Self::Absent, _) => LookupVerdict::Absent,
            (Self::Present(presence), Some(confirmed))
                if presence
                    .hwid
                    .as_deref()
                    .is_some_and(|seen| !confirmed.is(seen)) =>
            {
                LookupVerdict::Another
            }
            (Self::Present(_), _) => LookupVerdict::There,
        }
    }

    /// What it says about a device, with the HWID that was confirmed if one was, that ended so: a
    /// sentence without its full stop.
    pub fn about(&self, outcome: Outcome, confirmed: Option<&Hwid>) -> String {
        match (self.verdict(confirmed), outcome) {
            (LookupVerdict::Another, _) => format!("another device is {self}"),
            (LookupVerdict::There, Outcome::InDoubt(_)) => {
                format!("{self}: came back, or never removed")
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for LookupAnswer {
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
mod tests;
