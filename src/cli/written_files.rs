//! Every file that the program writes, and what of people is in it: the table in `docs/security.md`. A test of
//! the whole program looks for each file of its state directory there.

/// A file that the program writes.
pub(super) struct WrittenFile {
    /// Its name; within the state directory unless it begins with another one. `*` stands for any text.
    pub(super) name: &'static str,
    pub(super) written: &'static str,
    pub(super) people: &'static str,
    /// How long it stays, and what `offboard forget` does with it.
    pub(super) stays: &'static str,
}

const fn file(
    name: &'static str,
    written: &'static str,
    people: &'static str,
    stays: &'static str,
) -> WrittenFile {
    WrittenFile {
        name,
        written,
        people,
        stays,
    }
}

/// All files. Those without a directory are in the state directory.
#[rustfmt::skip]
pub(super) const WRITTEN_FILES: [WrittenFile; 23] = [
    file("journal.db", "by each plan, call, outcome and hold", "names of devices and users; operators", "for ever; `forget` replaces names"),
    file("journal.db-wal", "while the journal is open, and after a kill", "as the journal", "`forget` merges it"),
    file("journal.db-shm", "while the journal is open, and after a kill", "nothing", "as long as the log"),
    file("journal.db.before-upgrade", "while an upgrade runs", "as the journal", "until the upgrade is complete"),
    file("journal.db.before-upgrade.part", "while an upgrade begins", "as the journal", "until it is complete"),
    file("journal.db.forgetting", "while `forget` runs", "as the journal", "until it is the journal; after a kill, until the next command"),
    file("journal.lock", "by each call", "nothing: the newest run and call", "for ever"),
    file("run-*.lock", "while a run is sent", "nothing: the newest call, a process and a time", "for ever"),
    file("names.key", "by the first `forget`", "nothing: the key of the hashes", "until you remove it"),
    file("lists/*.jsonl", "by `fetch`", "the tenant's inventory", "until the next fetch; `forget` names an old one"),
    file("lists/*.part", "while `fetch` runs", "a part of the inventory", "until the fetch is complete; `forget` removes an old one"),
    file("lists/*.lock", "while `fetch` runs", "nothing", "for ever"),
    file("columns/*.json", "by assigning columns with `i`", "nothing but the headers of lists", "until `D` drops the assignments"),
    file("screens/*.json", "when the screen is left", "host names of marked devices; filters", "until it is written again; `forget` removes an old one"),
    file("screens/views.lock", "when the screen is left", "nothing", "for ever"),
    file("away/*.json", "when a terminal is closed while a run is sent", "nothing: counts of the run", "until the next start has shown it"),
    file("copied.txt", "by `y` without a clipboard, and by `Y`", "what was copied", "until the next copy; `forget` removes an old one"),
    file("~/.config/offboard/config.toml", "by `init`, and by saving a filter with `F`, `S`", "nothing that you don't write into it", "yours"),
    file("the file of --log-file, and four older ones", "by `--log-file`", "operators, identifiers and messages", "yours"),
    file("the file of -o, --report or `e`, and `plan-RUN.json`", "by exports, reports, plans and `fetch -o`", "names of devices and users", "yours"),
    file("the file of `backup`", "by `backup`", "as the journal", "yours"),
    file(".offboard-* beside any of these files", "while it is written", "as the file", "until the file is complete; after a kill, until you remove it"),
    file("a temporary file without a name", "while a list is read that can't be read twice", "the list", "until the list is closed"),
];
