//! Keys that were typed before the rows they are meant for.
//!
//! A changed filter or order applies at once; its rows arrive a moment later. What acts on rows
//! must not take the old ones for the new ones: such a key waits until they are on the screen, and
//! whatever is typed behind it waits too, in its order.

use std::collections::VecDeque;

use crossterm::event::KeyEvent;

use crate::tui::input::commands::Command;
use crate::tui::widgets::key_guard::KeyPause;

/// What was typed before the screen showed what it is meant for: it waits, or is dropped.
#[derive(Debug, Default)]
pub struct TypeAhead {
    queue: VecDeque<QueuedInput>,
    /// The first of two keys, which waits for the second.
    pub first_key: Option<KeyEvent>,
    /// Drops keys for a moment after a dialog closed by itself or refused.
    pub pause: KeyPause,
}

impl TypeAhead {
    /// Puts an input behind those that wait.
    pub fn push(&mut self, input: QueuedInput) {
        self.queue.push_back(input);
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The input that has waited longest.
    pub fn first(&self) -> Option<QueuedInput> {
        self.queue.front().copied()
    }

    /// Takes the input that has waited longest.
    pub fn take_first(&mut self) -> Option<QueuedInput> {
        self.queue.pop_front()
    }

    pub fn clear(&mut self) {
        self.first_key = None;
        self.queue.clear();
    }
}

/// A key or a command that waits for rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuedInput {
    Key(KeyEvent),
    /// A command by its name.
    Command(Command),
}

impl Command {
    /// True if it opens a dialog, so that the keys behind it are meant for the dialog.
    pub(in crate::tui) fn opens_dialog(self) -> bool {
        matches!(
            self,
            Self::Sort
                | Self::Columns
                | Self::Filter
                | Self::Filters
                | Self::LikeThis
                | Self::RunInfo
                | Self::Copy
                | Self::Export
                | Self::Import
                | Self::Delete
                | Self::Hold
                | Self::EndHold
                | Self::Fetch
                | Self::LookUp
                | Self::Retry
                | Self::RetryOther
                | Self::ResumeRun
                | Self::CloseRun
        )
    }

    /// True if it depends on which rows are shown, or where the cursor is among them.
    pub(in crate::tui) fn is_about_rows(self) -> bool {
        matches!(
            self,
            Self::Up
                | Self::Down
                | Self::PageUp
                | Self::PageDown
                | Self::HalfPageUp
                | Self::HalfPageDown
                | Self::NextMark
                | Self::PreviousMark
                | Self::Twin
                | Self::LikeThis
                | Self::Top
                | Self::Bottom
                | Self::Mark
                | Self::Range
                | Self::MarkShown
                | Self::UnmarkShown
                | Self::Invert
                | Self::Detail
                | Self::Copy
                | Self::Export
                | Self::Delete
                | Self::Hold
                | Self::EndHold
        )
    }
}
