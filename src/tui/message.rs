//! What can happen to the app, as plain values.

use std::time::Duration;

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use crate::engine::Report;
use crate::platform::clock::Now;
use crate::runner::{News, Update};
use crate::tui::answer::Answer;
use crate::tui::request::Request;

#[derive(Debug)]
pub enum Message {
    Key(KeyEvent, Now),
    /// The plain dialogue requests something by its name.
    Request(Request, Now),
    /// The plain dialogue acts on the next part of a line that was typed. The keys that follow are neither
    /// a burst nor meant for a dialog that has closed.
    LineBegins(Now),
    /// Text was pasted; it matters only where a text is edited.
    Paste(String, Now),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// The mouse's wheel was turned, by rows; up is negative.
    Wheel(isize),
    /// The mouse was clicked at this place of the screen.
    Click(Position, Now),
    /// A frame was drawn of the state as it is; it isn't on the screen yet.
    Rendered,
    /// That frame was written; a terminal that was asked has yet to say that it has arrived.
    Written(Now),
    /// That frame is on the screen.
    Drawn(Now),
    /// The terminal said that the frame has arrived, which took as long.
    Arrived(Duration, Now),
    Tick(Now),
    Update(Update, Now),
    /// SIGINT, SIGTERM or SIGHUP, by its number.
    Signal(i32),
    /// SIGTSTP: somebody wants the process suspended.
    Suspend,
    Resumed(Now),
    /// What came of an effect.
    Answer(Answer),
}

impl Message {
    /// True for what changes the states of devices until something else happens: while a run sends, the
    /// overview isn't counted anew for each device.
    pub(in crate::tui) fn changes_states_for_long(&self) -> bool {
        match self {
            Self::Update(Update { news, .. }, _) => {
                matches!(news, News::Report(Report::State { .. }))
            }
            Self::Answer(answer) => matches!(
                answer,
                Answer::JournalStates(Ok(_)) | Answer::Held(Ok(Some(_)))
            ),
            _ => false,
        }
    }

    /// True for what may change the states of devices.
    pub(in crate::tui) fn changes_outcomes(&self) -> bool {
        match self {
            Self::Update(Update { news, .. }, _) => match news {
                News::Report(report) => matches!(
                    report,
                    Report::Sending { .. } | Report::Changed { .. } | Report::State { .. }
                ),
                News::Refused(_) | News::Failed(_) | News::Lookup(_) => true,
                News::Queued | News::Budget(_) | News::Fetch(_) | News::Licences(_) => false,
            },
            Self::Answer(answer) => matches!(
                answer,
                Answer::JournalStates(Ok(_))
                    | Answer::Held(Ok(Some(_)))
                    | Answer::Closed(_, Ok(_))
                    | Answer::NotStarted(..)
            ),
            _ => false,
        }
    }
}

impl From<Answer> for Message {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}
