//! The commands of the dialogue, with what the help says of them.

/// A command, for the help.
pub(in crate::tui::plain) struct Entry {
    pub(in crate::tui::plain) word: &'static str,
    pub(in crate::tui::plain) more: &'static str,
    pub(in crate::tui::plain) help: &'static str,
}

const fn entry(word: &'static str, more: &'static str, help: &'static str) -> Entry {
    Entry { word, more, help }
}

/// The commands, in the order of the help.
pub(in crate::tui::plain) const ENTRIES: &[Entry] = &[
    entry(
        "show",
        "[NUMBER]",
        "print the rows from this number on; an empty line prints the next page",
    ),
    entry(
        "filter",
        "QUERY | NAME",
        "show only the rows that match a query or a saved filter; without one, print the current filter",
    ),
    entry(
        "filters",
        "",
        "list saved, recent and suggested filters, and apply one",
    ),
    entry(
        "clear",
        "",
        "go back to the devices; there, clear the filter",
    ),
    entry(
        "sort",
        "FIELD [desc] …",
        "sort by these fields; sort none restores the order of the file",
    ),
    entry(
        "columns",
        "FIELD …",
        "choose the fields that are printed; without a field, list all fields",
    ),
    entry("go", "NUMBER", "make a row or a run the current one"),
    entry(
        "detail",
        "[NUMBER]",
        "print everything about a device, and whether a plan includes it; in the failures, write detail 2.1",
    ),
    entry(
        "overview",
        "",
        "count the shown rows by status, type, group and last seen",
    ),
    entry(
        "list-info",
        "[drop]",
        "print how the list was read, or drop what columns were assigned to on the screen and read it again",
    ),
    entry(
        "mark",
        "all | NUMBER [FROM-TO …]",
        "mark all shown rows, or the rows with these numbers",
    ),
    entry(
        "unmark",
        "all | NUMBER [FROM-TO …]",
        "unmark all rows, or the rows with these numbers",
    ),
    entry("invert", "", "invert the marks of the shown rows"),
    entry("undo", "", "undo the last change of marks; redo repeats it"),
    entry(
        "marked-only",
        "",
        "show only marked rows; again, show all rows",
    ),
    entry(
        "import",
        "[FILE]",
        "mark the devices that a file names; without a file, type or paste their names",
    ),
    entry(
        "hold",
        "",
        "exempt the marked devices, else the current one, from plans until a date",
    ),
    entry(
        "hold-end",
        "",
        "end the holds of the marked devices, else of the current one",
    ),
    entry(
        "plan",
        "uninstall | archive | remove",
        "print what would be sent for the marked devices, then ask for confirmation",
    ),
    entry("status", "", "print the progress of the run"),
    entry(
        "call",
        "NUMBER",
        "print the devices of a call of the run, and what the call left each of them",
    ),
    entry(
        "pause",
        "",
        "pause the run after the call in flight; again, resume it",
    ),
    entry("stop", "", "stop the run after the call in flight"),
    entry(
        "failures",
        "",
        "print the devices that were not accepted, by reason",
    ),
    entry(
        "retry",
        "[GROUP[.DEVICE] …]",
        "plan the failures again that a retry can help",
    ),
    entry(
        "look-up",
        "[GROUP[.DEVICE] …]",
        "look the failures up in the tenant; this sends no deletion",
    ),
    entry(
        "retry-other",
        "[GROUP[.DEVICE] …]",
        "plan the failures again by their other identifier, once they were looked up",
    ),
    entry("history", "", "print the runs in the journal"),
    entry(
        "open",
        "NUMBER | RUN",
        "print the devices of a run that were not accepted, by reason",
    ),
    entry(
        "run-info",
        "",
        "print all details of the run in the journal; in the history, of the current one",
    ),
    entry("resume", "NUMBER | RUN", "resume a stopped run"),
    entry(
        "close",
        "NUMBER | RUN",
        "close a stopped run: its unsent devices are never sent, its record stays",
    ),
    entry(
        "verify",
        "NUMBER | RUN",
        "check the accepted devices of a run against the last fetched inventory",
    ),
    entry(
        "trend",
        "",
        "print how the numbers of devices and licences have changed",
    ),
    entry("find", "TEXT", "find devices in all runs"),
    entry(
        "export",
        "[shown] FILE",
        "write rows to a new .csv or .json file: the marked ones, else the shown ones; in the failures all failures, in the history the current run",
    ),
    entry(
        "copy",
        "hwid | mac | name | row",
        "write a part of the marked rows, else of the current one, to a file; in the failures, of all failures",
    ),
    entry(
        "fetch",
        "[cancel]",
        "read the tenant's inventory into a list, or stop reading it",
    ),
    entry(
        "restore",
        "",
        "restore the marks and the filter of the last session; without saved ones, read the list again",
    ),
    entry("reload", "", "read the list again"),
    entry("messages", "", "print earlier messages"),
    entry(
        "help",
        "[TEXT]",
        "print the commands, or those that contain a text",
    ),
    entry(
        "quit",
        "",
        "leave; asks first when a run is open or rows are marked",
    ),
];

/// Other words for the same.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("list", "show"),
    ("ls", "show"),
    ("rows", "show"),
    ("where", "filter"),
    ("columns-shown", "columns"),
    ("explain", "detail"),
    ("info", "list-info"),
    ("delete", "plan"),
    ("run", "status"),
    ("lookup", "look-up"),
    ("why", "look-up"),
    ("runs", "history"),
    ("save", "export"),
    ("back", "clear"),
    ("exit", "quit"),
    ("?", "help"),
];
