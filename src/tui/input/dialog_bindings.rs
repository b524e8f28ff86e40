//! The keys that the configuration can't change: those of every view, and of each dialog, for the
//! help. What a dialog answers to stands in its own file.

/// The keys of a dialog.
pub struct Section {
    /// Where they count.
    pub title: &'static str,
    /// Each with what it does.
    pub keys: &'static [(&'static str, &'static str)],
}

/// In the order in which the help tells them.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "always",
        keys: &[(
            "ctrl-c",
            "the quit dialog; a second within 2 s leaves at once",
        )],
    },
    Section {
        title: "while the filter is edited (/)",
        keys: &[
            ("enter", "keep the filter"),
            (
                "tab",
                "what could stand here, one after the other; shift-tab back",
            ),
            ("↑ ↓", "an earlier filter, a later one"),
            ("esc", "the filter as it was before"),
        ],
    },
    Section {
        title: "the columns (s, c)",
        keys: &[
            ("enter", "sort by this column; again turns the order around"),
            ("s", "sort by this one too, then downwards, then not"),
            ("space", "show or hide it"),
            ("J K", "move it down, up"),
            ("< >", "make it narrower, wider"),
        ],
    },
    Section {
        title: "a ticket's list (I)",
        keys: &[
            ("ctrl-d", "match what was typed or pasted"),
            ("tab", "name a file instead; enter reads it"),
            ("space", "choose the device, or all of a person, or not"),
            ("enter", "mark what is chosen, beside what is marked"),
            ("R", "mark what is chosen alone"),
            ("y", "copy what was not matched"),
            ("e", "write what was not matched to a file"),
            ("esc", "one step back: entries, text"),
        ],
    },
    Section {
        title: "what is to be done (d)",
        keys: &[
            (
                "u a r",
                "uninstall, archive, remove: shows the plan, sends nothing",
            ),
            ("0-9", "the number of devices; enter sends"),
            ("D", "drop the marked devices that the filter hides"),
            ("tab", "a note for the record; enter or tab ends it"),
            ("↑ ↓", "scroll the exact list; PgUp, PgDn"),
        ],
    },
    Section {
        title: "a run taken up, a token asked for",
        keys: &[
            ("0-9", "the number of devices left; enter goes on"),
            ("enter", "use the token that was typed or pasted"),
        ],
    },
    Section {
        title: "filters by name (F), actions by name (:), a file to write (e)",
        keys: &[
            ("↑ ↓", "move"),
            ("enter", "do it"),
            (
                "tab",
                "complete the name; the other rows that can be written",
            ),
        ],
    },
    Section {
        title: "copying (y)",
        keys: &[("h m n l", "the HWID, the MAC, the name, the whole row")],
    },
    Section {
        title: "a row's detail, the help",
        keys: &[
            ("↑ ↓", "scroll; PgUp, PgDn, and g to the top of a detail"),
            ("/", "search the keys"),
        ],
    },
    Section {
        title: "at the start",
        keys: &[
            ("r v c", "resume, review or close a run that stopped"),
            ("enter", "take the screen back as you left it"),
            ("n", "start fresh, and forget it"),
        ],
    },
    Section {
        title: "leaving (q)",
        keys: &[
            ("y", "leave"),
            (
                "k",
                "leave and keep these marks in place of those put off at the start",
            ),
            ("w", "with a run open: leave when it has come to rest"),
            ("s", "with a run open: stop after this call, and leave"),
        ],
    },
    Section {
        title: "every dialog",
        keys: &[("esc", "one step back")],
    },
];
