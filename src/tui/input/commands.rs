//! What keys can do, and the names that the configuration and the command palette use for it.

/// A view of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The table.
    Devices,
    /// The run, and what it waits for.
    Run,
    /// What was not accepted, grouped by reason.
    Failures,
    /// The runs of the journal.
    History,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// Mark or unmark, and move on.
    Mark,
    /// Begin or end a range.
    Range,
    /// Mark all shown.
    MarkShown,
    /// Unmark all shown.
    UnmarkShown,
    /// Turn the marks of all shown around.
    Invert,
    /// Unmark everything.
    UnmarkAll,
    /// Take the last change of marks back.
    Undo,
    /// Do it again.
    Redo,
    /// Choose the columns to sort by.
    Sort,
    /// Choose, order and size the columns.
    Columns,
    /// Turn the order around.
    Reverse,
    /// Everything about the device.
    Detail,
    /// Filter.
    Filter,
    /// Copy something of the row.
    Copy,
    /// Uninstall, archive or remove.
    Delete,
    /// Pause the run, or go on.
    Pause,
    /// Stop the run after the call in flight.
    Stop,
    /// The devices.
    Devices,
    /// The run.
    Run,
    /// The failures.
    Failures,
    /// Ask the tenant why.
    Why,
    /// The runs of the journal.
    History,
    /// Take the run up again.
    ResumeRun,
    /// Give up what the run has not sent.
    CloseRun,
    /// Send again what was not accepted.
    Retry,
    /// Send again by the other identifier.
    RetryOther,
    /// Write rows to a file.
    Export,
    /// Mark what a ticket names.
    Import,
    /// The filters of the configuration.
    Filters,
    /// Read the tenant's inventory into a list.
    Fetch,
    /// Read the list again from its file.
    Reload,
    /// Do anything by its name.
    Command,
    /// Every key.
    Help,
    /// Finish the call in flight, pause, suspend.
    Suspend,
    /// One step back.
    Back,
    /// Close the view, or leave.
    Quit,
}

/// The actions by their names, as the configuration and `:` have them.
pub const ACTIONS: &[(Act, &str)] = &[
    (Act::Up, "up"),
    (Act::Down, "down"),
    (Act::PageUp, "page-up"),
    (Act::PageDown, "page-down"),
    (Act::Top, "top"),
    (Act::Bottom, "bottom"),
    (Act::Left, "left"),
    (Act::Right, "right"),
    (Act::Mark, "mark"),
    (Act::Range, "range"),
    (Act::MarkShown, "mark-shown"),
    (Act::UnmarkShown, "unmark-shown"),
    (Act::Invert, "invert"),
    (Act::UnmarkAll, "unmark-all"),
    (Act::Undo, "undo"),
    (Act::Redo, "redo"),
    (Act::Sort, "sort"),
    (Act::Reverse, "reverse"),
    (Act::Columns, "columns"),
    (Act::Detail, "detail"),
    (Act::Filter, "filter"),
    (Act::Filters, "filters"),
    (Act::Copy, "copy"),
    (Act::Import, "import"),
    (Act::Fetch, "fetch"),
    (Act::Reload, "reload"),
    (Act::Export, "export"),
    (Act::Delete, "delete"),
    (Act::Pause, "pause"),
    (Act::Stop, "stop"),
    (Act::Retry, "retry"),
    (Act::RetryOther, "retry-other"),
    (Act::Why, "why"),
    (Act::Devices, "devices"),
    (Act::Run, "run"),
    (Act::Failures, "failures"),
    (Act::History, "history"),
    (Act::Help, "help"),
    (Act::Command, "command"),
    (Act::Suspend, "suspend"),
    (Act::Quit, "quit"),
];
