//! What keys can do, and the names that the configuration and the command palette use for it.

/// A view of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Devices,
    /// The run, and what it waits for.
    Run,
    /// What was not accepted, grouped by reason.
    Failures,
    /// The runs of the journal.
    History,
}

/// What keys are for: the sections of the help, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Move the cursor.
    Move,
    /// Change what is shown.
    Look,
    /// Find devices.
    Find,
    /// Mark them.
    Mark,
    /// Do something with them.
    Act,
    /// Go elsewhere.
    Go,
}

impl Task {
    /// Every task, in the order of the help.
    pub const ALL: [Self; 6] = [
        Self::Move,
        Self::Look,
        Self::Find,
        Self::Mark,
        Self::Act,
        Self::Go,
    ];

    /// Its heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::Look => "look",
            Self::Find => "find",
            Self::Mark => "mark",
            Self::Act => "act",
            Self::Go => "go",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Up,
    Down,
    PageUp,
    PageDown,
    HalfPageUp,
    HalfPageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    Left,
    Right,
    FirstColumn,
    LastColumn,
    /// To the next marked row, or the next group.
    NextMark,
    /// To the previous marked row, or the previous group.
    PreviousMark,
    /// To the next device with the same host name or MAC address.
    Twin,
    /// How the list was read.
    ListInfo,
    /// Who confirmed the run, of which list, and what came of it.
    RunInfo,
    /// Filter to what the row has.
    LikeThis,
    /// Show or hide the overview.
    Overview,
    /// Give the keys to the panel beside the table.
    Panel,
    MarkedOnly,
    /// Mark or unmark, and move on.
    Mark,
    /// Begin or end a range.
    Range,
    MarkShown,
    UnmarkShown,
    /// Invert the marks of all shown.
    Invert,
    UnmarkAll,
    /// Undo the last change of marks.
    Undo,
    Redo,
    /// Choose the columns to sort by.
    Sort,
    /// Choose, order and size the columns.
    Columns,
    Reverse,
    /// Everything about the device.
    Detail,
    /// The rows of the device as the list of its run held them.
    Row,
    Filter,
    /// Copy something of the row.
    Copy,
    /// Uninstall, archive or remove.
    Delete,
    /// Exempt devices until a date.
    Hold,
    EndHold,
    /// Pause or resume the run.
    Pause,
    /// Stop the run after the call in flight.
    Stop,
    Devices,
    Run,
    Failures,
    /// Look devices up in the tenant.
    LookUp,
    /// The runs of the journal.
    History,
    ResumeRun,
    /// How devices and licences have changed.
    Trend,
    /// Give up what the run has not sent.
    CloseRun,
    /// Show what became of the run's accepted devices.
    Verify,
    /// Show which devices of the run the open list has.
    Compare,
    /// Send again what was not accepted.
    Retry,
    /// Send again by the other identifier.
    RetryOther,
    /// Write rows to a file.
    Export,
    /// Mark what a ticket names.
    Import,
    /// Match the list with the tenant's inventory, or go back from there.
    MatchInventory,
    /// The filters of the configuration.
    Filters,
    /// Read the tenant's inventory into a list.
    Fetch,
    /// Read the list again from its file.
    Reload,
    /// Restore the saved view that was offered, else read the list again.
    Restore,
    Messages,
    /// Run any command by its name.
    Palette,
    /// Every key.
    Help,
    /// Write what was copied last to a file.
    CopyToFile,
    /// Draw everything anew.
    Redraw,
    /// Listen to the mouse, or no longer.
    Mouse,
    /// Finish the call in flight, pause, suspend.
    Suspend,
    Back,
    /// Close the view, or leave.
    Quit,
}

/// The actions by their names, as the configuration and `:` have them.
pub const ACTIONS: &[(Command, &str)] = &[
    (Command::Up, "up"),
    (Command::Down, "down"),
    (Command::PageUp, "page-up"),
    (Command::PageDown, "page-down"),
    (Command::HalfPageUp, "half-page-up"),
    (Command::HalfPageDown, "half-page-down"),
    (Command::Top, "top"),
    (Command::Bottom, "bottom"),
    (Command::Left, "left"),
    (Command::Right, "right"),
    (Command::FirstColumn, "first-column"),
    (Command::LastColumn, "last-column"),
    (Command::NextMark, "next-mark"),
    (Command::PreviousMark, "previous-mark"),
    (Command::Twin, "twin"),
    (Command::MarkedOnly, "marked-only"),
    (Command::ListInfo, "list-info"),
    (Command::RunInfo, "run-info"),
    (Command::LikeThis, "like-this"),
    (Command::Overview, "overview"),
    (Command::Panel, "panel"),
    (Command::Mark, "mark"),
    (Command::Range, "range"),
    (Command::MarkShown, "mark-shown"),
    (Command::UnmarkShown, "unmark-shown"),
    (Command::Invert, "invert"),
    (Command::UnmarkAll, "unmark-all"),
    (Command::Undo, "undo"),
    (Command::Redo, "redo"),
    (Command::Sort, "sort"),
    (Command::Reverse, "reverse"),
    (Command::Columns, "columns"),
    (Command::Detail, "detail"),
    (Command::Row, "row"),
    (Command::Filter, "filter"),
    (Command::Filters, "filters"),
    (Command::Copy, "copy"),
    (Command::CopyToFile, "copy-to-file"),
    (Command::Import, "import"),
    (Command::MatchInventory, "match"),
    (Command::Fetch, "fetch"),
    (Command::Reload, "reload"),
    (Command::Restore, "restore"),
    (Command::Export, "export"),
    (Command::Delete, "delete"),
    (Command::Hold, "hold"),
    (Command::EndHold, "hold-end"),
    (Command::Pause, "pause"),
    (Command::Stop, "stop"),
    (Command::Retry, "retry"),
    (Command::RetryOther, "retry-other"),
    (Command::ResumeRun, "resume"),
    (Command::CloseRun, "close"),
    (Command::Trend, "trend"),
    (Command::Verify, "verify"),
    (Command::Compare, "compare"),
    (Command::LookUp, "why"),
    (Command::Devices, "devices"),
    (Command::Run, "run"),
    (Command::Failures, "failures"),
    (Command::History, "history"),
    (Command::Messages, "messages"),
    (Command::Help, "help"),
    (Command::Palette, "command"),
    (Command::Redraw, "redraw"),
    (Command::Mouse, "mouse"),
    (Command::Suspend, "suspend"),
    (Command::Quit, "quit"),
];
