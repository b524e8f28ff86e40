//! Drops keys that were typed before an operator could have read what they act on.

use std::time::Duration;

use crate::platform::clock::BootTime;

/// How long a dialog that can send is on the screen before it accepts keys, and how long the
/// silence after a paste has to last.
const READING_TIME: Duration = Duration::from_millis(500);

/// How long keys are dropped once it can be seen that a dialog closed by itself or refused.
const PAUSE: Duration = Duration::from_millis(300);

/// Accepts keys only after the dialog was drawn, and was on the screen for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyGuard {
    delay: Duration,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In no frame yet.
    Undrawn,
    /// In a frame that isn't on the screen yet.
    Rendered,
    /// On the screen; keys are dropped until this moment. With a delay, each key extends it: what was
    /// typed ahead ends with a silence.
    Until(BootTime),
    /// Text was pasted; keys are dropped until it has been quiet up to this moment, and each key
    /// extends the silence.
    Quiet(BootTime),
}

impl KeyGuard {
    /// Keys are accepted as soon as the dialog was drawn once.
    pub fn once_drawn() -> Self {
        Self {
            delay: Duration::ZERO,
            state: State::Undrawn,
        }
    }

    /// Keys are accepted half a second after the dialog was drawn.
    pub fn after_reading_time() -> Self {
        Self {
            delay: READING_TIME,
            state: State::Undrawn,
        }
    }

    /// True if the dialog has to be read for a moment.
    pub fn has_delay(&self) -> bool {
        self.delay > Duration::ZERO
    }

    /// True if no frame shows the dialog yet.
    pub fn is_undrawn(&self) -> bool {
        self.state == State::Undrawn
    }

    /// The dialog is part of a frame.
    pub fn rendered(&mut self) {
        if self.state == State::Undrawn {
            self.state = State::Rendered;
        }
    }

    /// The frame that was rendered last is on the screen. It says nothing of a dialog that was
    /// opened or reset after it. A second frame changes nothing.
    pub fn drawn(&mut self, now: BootTime) {
        if self.state == State::Rendered {
            self.state = State::Until(now + self.delay);
        }
    }

    /// The dialog has to be drawn again before it accepts keys.
    pub fn reset(&mut self) {
        self.state = State::Undrawn;
    }

    /// Text was pasted: what follows without a pause belongs to it.
    pub fn pasted(&mut self, now: BootTime) {
        if !matches!(self.state, State::Undrawn | State::Rendered) {
            self.state = State::Quiet(now + READING_TIME);
        }
    }

    /// True if a key at this moment is accepted. One that isn't extends the silence that is waited
    /// for.
    pub fn accepts(&mut self, now: BootTime) -> bool {
        let accepts = self.is_open(now);
        match self.state {
            State::Quiet(moment) if accepts => self.state = State::Until(moment),
            State::Quiet(_) => self.state = State::Quiet(now + READING_TIME),
            State::Until(_) if !accepts => self.state = State::Until(now + self.delay),
            State::Undrawn | State::Rendered | State::Until(_) => {}
        }
        accepts
    }

    /// True if a key at this moment would be accepted.
    pub fn is_open(&self, now: BootTime) -> bool {
        match self.state {
            State::Undrawn | State::Rendered => false,
            State::Until(moment) | State::Quiet(moment) => now >= moment,
        }
    }

    /// True while it opens by itself in a moment.
    pub fn is_waiting(&self, now: BootTime) -> bool {
        self.has_delay() && !self.is_open(now)
    }
}

/// Drops what was typed for a dialog that closed by itself or that refused, so that it doesn't reach
/// what is below: in `d a`, with `d` refused, the `a` would mark every row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyPause(Pause);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pause {
    #[default]
    None,
    /// Begun, and not on the screen yet.
    Undrawn,
    /// Keys are dropped until this moment.
    Until(BootTime),
}

impl KeyPause {
    /// Keys are dropped from now on, until the screen has shown for a moment what happened.
    pub fn begin(&mut self) {
        self.0 = Pause::Undrawn;
    }

    /// What happened is on the screen. A second frame changes nothing.
    pub fn drawn(&mut self, now: BootTime) {
        if self.0 == Pause::Undrawn {
            self.0 = Pause::Until(now + PAUSE);
        }
    }

    /// True if a key at this moment is accepted.
    pub fn accepts(&mut self, now: BootTime) -> bool {
        match self.0 {
            Pause::None => true,
            Pause::Undrawn => false,
            Pause::Until(moment) if now < moment => false,
            Pause::Until(_) => {
                self.0 = Pause::None;
                true
            }
        }
    }

    /// True while keys may be dropped.
    pub fn is_active(&self) -> bool {
        self.0 != Pause::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: i64) -> BootTime {
        BootTime(milliseconds)
    }

    #[test]
    fn key_guard_opens_half_a_second_after_the_dialog_was_drawn() {
        let mut guard = KeyGuard::after_reading_time();
        assert!(!guard.accepts(at(10_000)), "not drawn");
        guard.rendered();
        guard.drawn(at(10_000));
        assert!(!guard.is_open(at(10_499)));
        assert!(guard.accepts(at(10_500)));
        guard.rendered();
        guard.drawn(at(11_000));
        assert!(guard.accepts(at(11_000)), "a second frame changes nothing");
        guard.reset();
        assert!(!guard.accepts(at(20_000)));
    }

    #[test]
    fn key_guard_waits_for_silence_after_what_was_typed_ahead() {
        let mut guard = KeyGuard::after_reading_time();
        guard.rendered();
        guard.drawn(at(0));
        for moment in (0..5000).step_by(100) {
            assert!(!guard.accepts(at(moment)), "{moment}");
        }
        assert!(guard.accepts(at(5400)));
    }

    #[test]
    fn key_guard_waits_for_silence_after_a_paste() {
        let mut guard = KeyGuard::after_reading_time();
        guard.rendered();
        guard.drawn(at(0));
        assert!(guard.accepts(at(600)));
        guard.pasted(at(1000));
        for moment in [1100, 1500, 1900] {
            assert!(!guard.accepts(at(moment)));
        }
        assert!(guard.accepts(at(2400)));
        assert!(guard.accepts(at(2401)));
    }

    #[test]
    fn key_pause_ends_a_moment_after_what_happened_is_drawn() {
        let mut pause = KeyPause::default();
        assert!(pause.accepts(at(0)), "nothing happened");
        pause.begin();
        assert!(!pause.accepts(at(5000)), "not drawn");
        pause.drawn(at(5000));
        pause.drawn(at(5200));
        assert!(!pause.accepts(at(5299)));
        assert!(pause.accepts(at(5300)), "keys don't extend it");
        assert!(!pause.is_active());
    }

    #[test]
    fn key_guard_once_drawn_needs_a_frame_and_no_time() {
        let mut guard = KeyGuard::once_drawn();
        assert!(!guard.accepts(at(5)));
        guard.rendered();
        guard.drawn(at(6));
        assert!(guard.accepts(at(6)));
    }

    #[test]
    fn frame_that_was_rendered_before_the_dialog_shows_nothing_of_it() {
        let mut guard = KeyGuard::after_reading_time();
        guard.drawn(at(0));
        assert!(!guard.accepts(at(10_000)));
        guard.rendered();
        guard.reset();
        guard.drawn(at(10_000));
        assert!(!guard.accepts(at(20_000)), "reset while it was written");
        guard.rendered();
        guard.drawn(at(20_000));
        assert!(guard.accepts(at(20_500)));
    }
}
