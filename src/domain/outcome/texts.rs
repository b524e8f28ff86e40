//! What is said of each outcome: one entry for each of them.

use super::{Doubt, Failure, Outcome};
use crate::domain::action::Action;
use crate::domain::device::IdentifierKind;

/// The texts about an outcome.
pub(super) struct Texts {
    /// The reason as a short phrase; empty if the class is enough. The journal stores it.
    pub(super) reason: &'static str,
    /// What it means, in a sentence.
    pub(super) meaning: fn(IdentifierKind, Action) -> &'static str,
    /// What the administrator can do, in a sentence.
    pub(super) help: &'static str,
}

const LOOK_UP: &str =
    "Look the device up in the console before sending it again: it may already have been applied.";
const CHECK_PROXY: &str = "Check base_url and proxy: something other than the tenant answered. Then look the device up in the console.";

impl Outcome {
    pub(super) fn texts(self) -> Texts {
        match self {
            Self::Accepted => Texts {
                reason: "",
                meaning: |_, _| "The cloud accepted the request. Whether the agent is gone is not known.",
                help: "Nothing to do.",
            },
            Self::Gone => Texts {
                reason: "",
                meaning: |_, _| "The record is absent, perhaps by an earlier attempt whose answer was lost.",
                help: "Nothing to do, unless the record comes back with the next report of its agent.",
            },
            Self::NotSent => Texts {
                reason: "",
                meaning: |_, _| "The run stopped before this device was sent.",
                help: "Resume the run unless it is closed, or plan the rest again.",
            },
            Self::Failed(failure) => failure.texts(),
            Self::InDoubt(doubt) => doubt.texts(),
        }
    }
}

impl Failure {
    fn texts(self) -> Texts {
        match self {
            Self::NotFound => Texts {
                reason: "not found",
                meaning: |kind, _| match kind {
                    IdentifierKind::Hwid => {
                        "The cloud answered 0: no device of this tenant has this HWID."
                    }
                    IdentifierKind::Mac => {
                        "The cloud answered 0: no device of this tenant reports this MAC, or it isn't valid there."
                    }
                },
                help: "Look it up in the console: already removed, another tenant, or enrolled again under a new HWID.",
            },
            Self::Refused => Texts {
                reason: "refused",
                meaning: |_, _| "The server refused the request for this device alone.",
                help: "Read the server's message below; correct the identifier in the list and plan it again.",
            },
            Self::StillThere => Texts {
                reason: "still there",
                meaning: |_, _| "A lookup after the call still found the device.",
                help: "Plan it again.",
            },
        }
    }
}

impl Doubt {
    fn texts(self) -> Texts {
        match self {
            Self::NoAnswer => Texts {
                reason: "no answer",
                meaning: |_, _| "The request went out and no whole answer came back: it may have been applied.",
                help: LOOK_UP,
            },
            Self::ServerError => Texts {
                reason: "server error",
                meaning: |_, _| "The server failed while it had the request: it may have been applied.",
                help: LOOK_UP,
            },
            Self::Redirected => Texts {
                reason: "redirected",
                meaning: |_, _| "The server pointed elsewhere, which is never followed: it may have been applied.",
                help: CHECK_PROXY,
            },
            Self::UnreadableAnswer => Texts {
                reason: "unreadable answer",
                meaning: |_, _| "The answer can't be trusted: it may have been applied.",
                help: LOOK_UP,
            },
            Self::WebPage => Texts {
                reason: "a web page answered",
                meaning: |_, _| "A web page came in place of an answer (a proxy or a portal?): it may have been applied.",
                help: CHECK_PROXY,
            },
            Self::WrongLength => Texts {
                reason: "answer of the wrong length",
                meaning: |_, _| "The response has a different number of results than devices sent, so none can be matched: it may have been applied.",
                help: LOOK_UP,
            },
            Self::WrongElement => Texts {
                reason: "neither 0 nor 1",
                meaning: |_, _| "The answer for this device is neither 0 nor 1: it may have been applied.",
                help: LOOK_UP,
            },
            Self::Interrupted => Texts {
                reason: "interrupted",
                meaning: |_, _| "The program ended while the request was on its way: it may have been applied.",
                help: LOOK_UP,
            },
            Self::RepeatAnsweredZero => Texts {
                reason: "answered 0 after a lost answer",
                meaning: |_, action| match action {
                    Action::Uninstall => {
                        "The repeat answered 0, which doesn't show whether the first attempt was applied: the record stays in either case."
                    }
                    Action::Archive | Action::Remove => {
                        "The repeat answered 0, which doesn't show whether the first attempt was applied."
                    }
                },
                help: LOOK_UP,
            },
        }
    }
}
