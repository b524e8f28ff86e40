//! `offboard man`: the manual pages.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{Cli, Exit, Failure};

/// The variables of the environment that the program reads, and what for.
pub(super) const ENVIRONMENT: [(&str, &str); 10] = [
    (
        "HOME",
        "The home directory: the default places below, and ~ in the configuration.",
    ),
    (
        "XDG_CONFIG_HOME",
        "The directory of the configuration, in place of ~/.config.",
    ),
    (
        "XDG_STATE_HOME",
        "The directory of the state directory, in place of ~/.local/state.",
    ),
    (
        "NO_COLOR",
        "If it is set and not empty, nothing is coloured.",
    ),
    (
        "TERM",
        "The terminal. The screen does not start if it is empty or dumb.",
    ),
    (
        "LC_ALL, LC_CTYPE, LANG",
        "The locale. Doctor says if it is not UTF-8.",
    ),
    (
        "TMPDIR",
        "The directory of temporary copies of lists that inspect reads from a pipe, in place of /tmp.",
    ),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "Trusted certificates that are used in place of the system's.",
    ),
    (
        "SUDO_USER, SSH_CONNECTION",
        "Recorded in the journal as a part of who confirmed a run.",
    ),
    (
        "NAME",
        "Any variable that client_secret_env or token_env names holds that secret.",
    ),
];

/// The files of the program, and what each holds.
pub(super) const FILES: [(&str, &str); 7] = [
    (
        "~/.config/offboard/config.toml",
        "The configuration. Only its owner may be able to change it. --config names another one.",
    ),
    (
        "~/.local/state/offboard/",
        "The state directory, for its owner only, on a local disk. --state-dir names another one.",
    ),
    (
        "~/.local/state/offboard/journal.db",
        "The journal, an SQLite database: every plan, call and outcome. Nothing is deleted from it.",
    ),
    (
        "~/.local/state/offboard/journal.db-wal, journal.db-shm",
        "Parts of the journal while a process has it open, or after one was killed. Never remove them.",
    ),
    (
        "~/.local/state/offboard/journal.lock, run-RUN.lock",
        "Locks. The lock of a run names the process that holds it, or held it last.",
    ),
    (
        "~/.local/state/offboard/lists/PROFILE.jsonl",
        "The inventory that fetch read last. PROFILE.part beside it is an unfinished fetch; PROFILE.lock is its lock.",
    ),
    (
        "~/.local/state/offboard/screens/",
        "Marks, filters, order, columns and cursor of each list that was open, for the next start.",
    ),
];

/// Command lines that show the main uses.
pub(super) const EXAMPLES: [(&str, &str); 8] = [
    (
        "offboard --demo",
        "Try everything on a simulated tenant; nothing else is reached.",
    ),
    (
        "offboard devices.json",
        "Open a saved list on the screen: mark with space, plan with d, all keys with ?.",
    ),
    (
        "offboard inspect export.xlsx",
        "Show how the export of another system is read.",
    ),
    ("offboard fetch", "Read the tenant's inventory into a list."),
    (
        "offboard plan devices.json --action archive --where 'unseen>180d' -o plan.json",
        "Freeze a plan in a file. Nothing is sent.",
    ),
    (
        "offboard run --plan plan.json --report report.md",
        "Send the plan, once, and write a report.",
    ),
    (
        "offboard resume last --expect-count 42",
        "Continue a stopped or paused run of which 42 devices are left.",
    ),
    (
        "offboard resume last --verify",
        "Look up the devices in doubt. Nothing is sent.",
    ),
];

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The page of this command, such as run; else the page of the program
    command: Option<String>,
}

/// Prints a manual page.
pub(super) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    match &args.command {
        None => write_program(&mut text)?,
        Some(name) => write_command(name, &mut text)?,
    }
    std::io::stdout().write_all(&text)?;
    Ok(Exit::Accepted)
}

/// Writes the page of the program, with the sections that belong to all commands.
fn write_program(out: &mut dyn Write) -> std::io::Result<()> {
    let man = Man::new(Cli::command());
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    man.render_subcommands_section(out)?;
    let codes: Vec<(String, &str)> = Exit::table().collect();
    let codes = codes.iter().map(|(number, text)| (number.as_str(), *text));
    write_section("EXIT STATUS", codes, out)?;
    write_section("ENVIRONMENT", ENVIRONMENT, out)?;
    write_section("FILES", FILES, out)?;
    write_section("EXAMPLES", EXAMPLES, out)?;
    man.render_version_section(out)
}

/// Writes the page of one command.
fn write_command(name: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let mut program = Cli::command();
    // Options of every command belong to its page, too.
    program.build();
    let Some(command) = program.find_subcommand(name) else {
        let known: Vec<&str> = program
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let name = crate::text::visible(name);
        return Err(Failure::usage(format!(
            "no command '{name}': there is {}",
            known.join(", ")
        )));
    };
    let page = command.clone().version(env!("CARGO_PKG_VERSION"));
    Man::new(page)
        .title(format!("offboard-{name}"))
        .render(out)?;
    Ok(())
}

/// Writes a section of terms, each with its text.
fn write_section<'t>(
    name: &str,
    entries: impl IntoIterator<Item = (&'t str, &'t str)>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [name]);
    for (term, text) in entries {
        roff.control("TP", []);
        roff.text([bold(term)]);
        roff.text([roman(text)]);
    }
    roff.to_writer(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: Option<&str>) -> String {
        let mut text = Vec::new();
        match name {
            None => write_program(&mut text).expect("written"),
            Some(name) => write_command(name, &mut text).expect("written"),
        }
        String::from_utf8(text).expect("UTF-8")
    }

    #[test]
    fn man_page_has_the_sections_that_belong_to_all_commands() {
        let page = page(None);
        for section in [
            ".SH \"EXIT STATUS\"",
            ".SH ENVIRONMENT",
            ".SH FILES",
            ".SH EXAMPLES",
        ] {
            assert!(page.contains(section), "{section}\n{page}");
        }
        for (number, meaning) in Exit::table() {
            assert!(
                page.contains(&format!("\\fB{number}\\fR\n{meaning}")),
                "{meaning}"
            );
        }
    }

    #[test]
    fn man_page_of_every_command_can_be_written() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let page = page(Some(name));
            assert!(page.contains(&format!("offboard\\-{name}")), "{page}");
        }
        assert!(write_command("nonsense", &mut Vec::new()).is_err());
    }

    #[test]
    fn man_examples_parse() {
        use clap::Parser;
        for (line, _) in EXAMPLES {
            let words = line.split(' ').map(|word| word.trim_matches('\''));
            Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
}
