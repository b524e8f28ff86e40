//! The dialogs in which something is confirmed: by typing the number of devices, on a screen that
//! was drawn before it listens, and never by a paste.

use std::time::Duration;

use tui_input::Input;

use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::list::DeviceId;
use crate::plan::Plan;
use crate::platform::clock::BootTime;
use crate::tui::message::Wanted;

/// How long a screen stands before it listens, and how long silence must last after a paste.
const ARMING: Duration = Duration::from_millis(500);
/// Between the last digit and enter: hands take longer, a paste without its marks doesn't.
const PAUSE_BEFORE_ENTER: Duration = Duration::from_millis(60);
/// The longest number that anyone has to type.
const DIGITS: usize = 9;

/// Choosing an action, seeing the plan, confirming it.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// Which action? None is preselected.
    Action {
        /// What it would be done to.
        devices: Vec<DeviceId>,
    },
    /// The plan is being worked out.
    Planning(Box<Planning>),
    /// What will be sent, and the number to type.
    Confirm(Box<Confirm>),
    /// It can't be sent; why, and what helps.
    Refused(String),
}

/// A plan that is being worked out.
#[derive(Clone, Debug)]
pub struct Planning {
    /// Which question it answers.
    pub asked: u64,
    /// What it is made of.
    pub wanted: Wanted,
    /// What was noted for the record so far.
    pub note: Input,
}

/// What will be sent, and the number to type.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// Exactly what is shown is what is sent.
    pub plan: Plan,
    /// What it was made of.
    pub wanted: Wanted,
    /// Marked devices that the filter hides, by ordinal in the plan.
    pub hidden: Vec<u32>,
    /// The number typed so far.
    pub count: TypedCount,
    /// A note for the record.
    pub note: Input,
    /// The note takes the keys.
    pub editing_note: bool,
    /// The first device shown of the exact list.
    pub scroll: usize,
}

/// Taking up a run that paused or stopped: its reason, and the number left to type.
#[derive(Clone, Debug)]
pub struct Resume {
    /// The run.
    pub run: RunId,
    /// How many devices are left.
    pub left: u64,
    /// What is done to them.
    pub action: Action,
    /// The number typed so far.
    pub count: TypedCount,
}

/// A number that has to be typed by hand.
#[derive(Clone, Debug, Default)]
pub struct TypedCount {
    /// The digits typed.
    pub digits: String,
    /// What was wrong with the last try.
    pub complaint: Option<String>,
    arming: Arming,
    last_key: Option<BootTime>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Arming {
    /// Not on the screen yet.
    #[default]
    Undrawn,
    /// On the screen; input is thrown away until then.
    Until(BootTime),
    /// After a paste, input is thrown away until this much silence has passed.
    Quiet(BootTime),
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing is confirmed.
    Nothing,
    /// This number was typed and enter pressed.
    Count(u64),
}

impl Dialog {
    /// True while it will listen by itself in a moment.
    pub fn is_arming(&self, now: BootTime) -> bool {
        matches!(self, Self::Confirm(confirm) if !confirm.count.listens(now))
    }

    /// The number being typed, if one is.
    pub fn count(&mut self) -> Option<&mut TypedCount> {
        match self {
            Self::Confirm(confirm) => Some(&mut confirm.count),
            _ => None,
        }
    }
}

impl Resume {
    /// True while it will listen by itself in a moment.
    pub fn is_arming(&self, now: BootTime) -> bool {
        !self.count.listens(now)
    }
}

impl TypedCount {
    /// The screen is drawn: from now it stands.
    pub fn drawn(&mut self, now: BootTime) {
        if self.arming == Arming::Undrawn {
            self.arming = Arming::Until(now + ARMING);
        }
    }

    /// The screen changed under the operator: it has to be drawn anew, and the field is empty.
    pub fn disarm(&mut self) {
        *self = Self {
            complaint: self.complaint.take(),
            ..Self::default()
        };
    }

    /// Something was pasted.
    pub fn pasted(&mut self, now: BootTime) {
        self.complaint = Some("a paste doesn't count: type the number".to_owned());
        if self.arming != Arming::Undrawn {
            self.arming = Arming::Quiet(now + ARMING);
        }
    }

    /// True if a key at this moment is heard. After a paste, a key that isn't extends the silence.
    pub fn hears(&mut self, now: BootTime) -> bool {
        match self.arming {
            Arming::Undrawn => false,
            Arming::Until(moment) => now >= moment,
            Arming::Quiet(moment) if now >= moment => {
                self.arming = Arming::Until(moment);
                true
            }
            Arming::Quiet(_) => {
                self.arming = Arming::Quiet(now + ARMING);
                false
            }
        }
    }

    /// True if it listens at this moment; for showing.
    pub fn listens(&self, now: BootTime) -> bool {
        match self.arming {
            Arming::Undrawn => false,
            Arming::Until(moment) | Arming::Quiet(moment) => now >= moment,
        }
    }

    /// A digit was typed.
    pub fn digit(&mut self, digit: char, now: BootTime) {
        if digit.is_ascii_digit() && self.digits.len() < DIGITS {
            self.digits.push(digit);
        }
        self.complaint = None;
        self.last_key = Some(now);
    }

    /// The last digit is taken back.
    pub fn backspace(&mut self) {
        self.digits.pop();
        self.complaint = None;
    }

    /// Enter was pressed.
    pub fn enter(&mut self, now: BootTime) -> Typed {
        if self
            .last_key
            .is_some_and(|last| now.since(last) < PAUSE_BEFORE_ENTER)
        {
            self.complaint =
                Some("that came too fast for a hand: press enter once more".to_owned());
            self.last_key = Some(now);
            return Typed::Nothing;
        }
        let Ok(number) = self.digits.parse() else {
            self.complaint = Some("type the number of devices first".to_owned());
            return Typed::Nothing;
        };
        Typed::Count(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> BootTime {
        BootTime(milliseconds)
    }

    #[test]
    fn it_listens_half_a_second_after_it_was_drawn() {
        let mut count = TypedCount::default();
        assert!(!count.hears(at(10_000)), "not drawn");
        count.drawn(at(10_000));
        assert!(!count.hears(at(10_499)));
        assert!(count.hears(at(10_500)));
        count.drawn(at(11_000));
        assert!(count.hears(at(11_000)), "a second frame doesn't disarm");
        count.disarm();
        assert!(!count.hears(at(20_000)));
    }

    #[test]
    fn after_a_paste_it_waits_for_silence() {
        let mut count = TypedCount::default();
        count.drawn(at(0));
        assert!(count.hears(at(600)));
        count.pasted(at(1000));
        for moment in [1100, 1500, 1900] {
            assert!(!count.hears(at(moment)));
        }
        assert!(count.hears(at(2400)));
        assert!(count.hears(at(2401)));
    }

    #[test]
    fn a_burst_that_ends_in_enter_confirms_nothing() {
        let mut count = TypedCount::default();
        for (index, digit) in (0..).zip("137".chars()) {
            count.digit(digit, at(1000 + index));
        }
        assert_eq!(count.enter(at(1004)), Typed::Nothing);
        assert_eq!(count.digits, "137", "the text is kept");
        assert_eq!(count.enter(at(1200)), Typed::Count(137));
    }
}
