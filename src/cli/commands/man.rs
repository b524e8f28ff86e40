//! `offboard man`: prints the manual pages.

mod sections;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::StyledStr;
use clap::{Args, CommandFactory};
use clap_mangen::Man;

use self::sections::{unfilled_tables, write_section, write_synopsis};
use crate::cli::{Cli, CommandError, Exit};

/// The environment variables that the program reads, each with its use.
pub(in crate::cli) const ENVIRONMENT: [(&str, &str); 11] = [
    (
        "HOME",
        "The home directory: used for the default paths below, and for ~ in the configuration.",
    ),
    (
        "XDG_CONFIG_HOME",
        "The configuration directory, instead of ~/.config.",
    ),
    (
        "XDG_STATE_HOME",
        "The parent of the state directory, instead of ~/.local/state.",
    ),
    (
        "NO_COLOR",
        "If it is set and not empty, colours are disabled.",
    ),
    (
        "TERM",
        "The terminal type. The terminal UI does not start if it is empty or dumb.",
    ),
    (
        "COLORFGBG",
        "The colours that some terminals announce. On a light background the theme \"auto\" is \"light\".",
    ),
    (
        "LC_ALL, LC_CTYPE, LANG",
        "The locale. If it is not UTF-8, only ASCII is drawn.",
    ),
    (
        "TMPDIR",
        "The directory of temporary copies of lists that inspect reads from a pipe, instead of /tmp.",
    ),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "Trusted certificates, instead of the system's.",
    ),
    (
        "SUDO_USER, SSH_CONNECTION",
        "Recorded in the journal as part of the operator who confirmed a run.",
    ),
    (
        "NAME",
        "Any variable named by client_secret_env or token_env provides that secret.",
    ),
];

/// The files of the program, each with its content.
pub(in crate::cli) const FILES: [(&str, &str); 13] = [
    (
        "~/.config/offboard/config.toml",
        "The configuration. It must not be writable by others. --config names another file.",
    ),
    (
        "~/.local/state/offboard/",
        "The state directory, accessible to its owner only, on a local disk. --state-dir names another directory.",
    ),
    (
        "~/.local/state/offboard/journal.db",
        "The journal, an SQLite database: every plan, call and outcome. Only `offboard forget` takes names out of it.",
    ),
    (
        "~/.local/state/offboard/journal.db-wal, journal.db-shm",
        "Parts of the journal while a process has it open, or after a process was killed. Never remove them.",
    ),
    (
        "~/.local/state/offboard/journal.db.before-upgrade",
        "A copy of the journal while a newer version upgrades it.",
    ),
    (
        "~/.local/state/offboard/journal.db.forgetting",
        "The new journal while `offboard forget` builds it.",
    ),
    (
        "~/.local/state/offboard/names.key",
        "The key of the hashes that stand for names which were forgotten.",
    ),
    (
        "~/.local/state/offboard/journal.lock, run-RUN.lock",
        "Locks, with the newest call of all runs and of each run. A run's lock names the process that holds it or held it last.",
    ),
    (
        "~/.local/state/offboard/lists/PROFILE.jsonl",
        "The last fetched inventory. PROFILE.part is an unfinished fetch; PROFILE.lock is its lock.",
    ),
    (
        "~/.local/state/offboard/columns/",
        "What columns were assigned to on the screen, for each set of headers, applied when such a list is opened on the screen.",
    ),
    (
        "~/.local/state/offboard/screens/",
        "Marks, filters, sort order, columns and cursor of each opened list, offered at the next start. While that offer stays open, new marks are saved as well: the newer view is offered first, then the earlier one, of four at most.",
    ),
    (
        "~/.local/state/offboard/away/",
        "The counts of a run at the moment its terminal was closed, until the next start has said what happened meanwhile.",
    ),
    (
        "~/.local/state/offboard/copied.txt",
        "What the terminal UI copied last and could not put on the clipboard, or what `Y` wrote.",
    ),
];

/// Command lines that show the main uses, of every command.
pub(in crate::cli) const EXAMPLES: [(&str, &str); 30] = [
    (
        "offboard --demo",
        "Try the program on a simulated tenant; it makes no other connection.",
    ),
    (
        "offboard devices.json",
        "Open a saved list in the terminal UI: mark with space, plan with d, list all keys with ?.",
    ),
    (
        "offboard init",
        "Write a commented configuration: interactive on a terminal, else to fill in.",
    ),
    (
        "offboard doctor",
        "Check the setup; each problem comes with its remedy.",
    ),
    (
        "offboard approve plan.json --expect-count 12",
        "Sign a plan of 12 devices as a second person.",
    ),
    (
        "offboard hold add devices.json --where user:ann --until 2026-12-31 --reason 'on leave'",
        "Exempt a person's devices until the end of a day.",
    ),
    (
        "offboard forget --before 2025-01-01 --dry-run",
        "Say of how many runs and holds the names would be replaced by hashes.",
    ),
    (
        "offboard backup /backup/journal.db",
        "Copy the journal, also while runs are being sent.",
    ),
    (
        "offboard fetch",
        "Read the tenant's inventory into a list; offboard opens it if no list is given.",
    ),
    (
        "offboard inspect export.xlsx",
        "Show how the export of another system is read.",
    ),
    (
        "offboard overview devices.json --where unseen>90d",
        "Count the devices by last seen, status, type, group and more, and suggest queries.",
    ),
    (
        "offboard explain devices.json LT-1003 --where unseen>90d",
        "Show why a device is, or isn't, selected, protected and planned.",
    ),
    (
        "offboard plan devices.json --action archive --where 'unseen>180d' -o plan.json",
        "Save a plan to a file. Nothing is sent.",
    ),
    (
        "offboard plan leavers.csv --action remove --match --all-devices",
        "Plan the devices of the persons in another system's list.",
    ),
    (
        "offboard run --plan plan.json --report report.md",
        "Send the plan, once, and write a report.",
    ),
    (
        "offboard run devices.json --action remove --ids ticket.txt --expect-count 12",
        "Remove the 12 devices named in a ticket.",
    ),
    (
        "offboard profiles",
        "List the configured tenants; * marks the default.",
    ),
    ("offboard resume", "List the runs that can be resumed."),
    (
        "offboard resume last --expect-count 42",
        "Resume the newest run, which has 42 devices left.",
    ),
    (
        "offboard resume last --verify",
        "Look up the devices in doubt. Nothing is sent.",
    ),
    (
        "offboard verify last --fetch",
        "Fetch the inventory, and show what became of the newest run's accepted devices.",
    ),
    (
        "offboard verify last --lookup -o verified.txt",
        "Look up each accepted device of the newest run, and write the result to a file.",
    ),
    (
        "offboard stop 7k2m9x4c",
        "Ask the process that holds a run to stop after the current call.",
    ),
    (
        "offboard close 7k2m9x4c",
        "Close a run without sending its remaining devices.",
    ),
    (
        "offboard runs find LT-4411",
        "Show what happened to a device in all runs.",
    ),
    (
        "offboard runs export last --format markdown -o CHG-1042.md",
        "Write the report of the newest run.",
    ),
    (
        "offboard simulate --port 8080 --write-list devices.json",
        "Serve a simulated tenant and write a list of its devices.",
    ),
    (
        "offboard completions bash",
        "Print the completions for bash.",
    ),
    ("offboard man run", "Print the manual page of run."),
    (
        "offboard man --dir man1",
        "Write the manual pages of the program and of all commands to a directory.",
    ),
];

#[derive(Debug, Args)]
pub(in crate::cli) struct ManArgs {
    /// The command, such as run or runs-find; default: the page of the program
    command: Option<String>,
    /// Write the pages of the program and of all commands into this directory, as a package needs them
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Prints a manual page, or writes all of them.
pub(in crate::cli) fn run(args: &ManArgs) -> Result<Exit, CommandError> {
    if let Some(directory) = &args.dir {
        write_all(directory)?;
        return Ok(Exit::Accepted);
    }
    let mut text = Vec::new();
    match &args.command {
        None => write_program(&mut text)?,
        Some(name) => write_command(name, &mut text)?,
    }
    std::io::stdout().write_all(&text)?;
    Ok(Exit::Accepted)
}

/// Writes the page of the program and of every command into `directory`, which is created. Pages that
/// are there are replaced.
fn write_all(directory: &Path) -> Result<(), CommandError> {
    let failed = |path: &Path, error: std::io::Error| {
        CommandError::internal(format!("{}: {error}", path.display()))
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    let write = |name: &str, page: &[u8]| {
        let path = directory.join(format!("{name}.1"));
        std::fs::write(&path, page).map_err(|error| failed(&path, error))
    };
    let mut page = Vec::new();
    write_program(&mut page)?;
    write("offboard", &page)?;
    for name in names(&Cli::command(), "") {
        let mut page = Vec::new();
        write_command(&name, &mut page)?;
        write(&format!("offboard-{name}"), &page)?;
    }
    Ok(())
}

/// The names of all commands below `command`, such as `runs` and `runs-find`.
fn names(command: &clap::Command, before: &str) -> Vec<String> {
    let mut all = Vec::new();
    for inner in command.get_subcommands() {
        let name = format!("{before}{}", inner.get_name());
        all.extend(names(inner, &format!("{name}-")));
        all.push(name);
    }
    all
}

fn write_program(out: &mut dyn Write) -> std::io::Result<()> {
    let program = Cli::command().version(env!("CARGO_PKG_VERSION"));
    let usage = program.clone().render_usage();
    write_page(&Man::new(program), &usage, "offboard ", out)
}

/// Writes the page of a command, such as `run`, or `runs-find` for the subcommand `runs find`.
fn write_command(name: &str, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut program = Cli::command();
    // Adds the global options to each command.
    program.build();
    let mut command = &program;
    for word in name.split('-') {
        let Some(found) = command.find_subcommand(word) else {
            let known = program.get_subcommands().map(clap::Command::get_name);
            return Err(CommandError::usage(format!(
                "no command '{}': there is {}",
                crate::text::visible(name),
                known.collect::<Vec<_>>().join(", ")
            )));
        };
        command = found;
    }
    let page = command.clone().version(env!("CARGO_PKG_VERSION"));
    let usage = page.clone().render_usage();
    let man = Man::new(page)
        .title(format!("offboard-{name}"))
        .source(concat!("offboard ", env!("CARGO_PKG_VERSION")));
    let line = format!("offboard {} ", name.replace('-', " "));
    Ok(write_page(&man, &usage, &line, out)?)
}

/// Writes a page with the common sections and the examples that begin with `line`.
fn write_page(
    man: &Man,
    usage: &StyledStr,
    line: &str,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    man.render_title(out)?;
    man.render_name_section(out)?;
    write_synopsis(usage, out)?;
    man.render_description_section(out)?;
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    out.write_all(unfilled_tables(&String::from_utf8_lossy(&options)).as_bytes())?;
    man.render_subcommands_section(out)?;
    let codes: Vec<(String, &str)> = Exit::table().collect();
    let codes = codes.iter().map(|(number, text)| (number.as_str(), *text));
    write_section("EXIT STATUS", codes, out)?;
    write_section("ENVIRONMENT", ENVIRONMENT, out)?;
    write_section("FILES", FILES, out)?;
    write_section("EXAMPLES", examples(line), out)?;
    man.render_version_section(out)
}

fn examples(line: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    EXAMPLES
        .into_iter()
        .filter(move |(example, _)| format!("{example} ").starts_with(line))
}

#[cfg(test)]
mod tests;
