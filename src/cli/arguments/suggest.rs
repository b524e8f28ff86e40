//! The command that a mistyped first word may stand for.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory;

/// How alike two words must be, from 0 to 1, for one to be suggested in place of the other.
const ALIKE: f64 = 0.8;

/// The error for a first word that is neither a command nor a file, with the command that is
/// most like it. `None` for a word that is one of them, or that can only be meant as a file.
pub(in crate::cli) fn unknown_command_error(arguments: &[OsString]) -> Option<String> {
    let word = first_word(arguments)?;
    if word == "-" || word.contains(['/', '.']) || Path::new(word).exists() {
        return None;
    }
    let program = crate::cli::Cli::command();
    let names = || {
        program
            .get_subcommands()
            .map(clap::Command::get_name)
            .chain(["help"])
    };
    if names().any(|name| name == word) {
        return None;
    }
    let likeness = |name: &str| strsim::jaro_winkler(&word.to_lowercase(), name);
    let nearest = names()
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let shown = crate::text::visible(word);
    Some(match nearest {
        Some((_, name)) => {
            format!("'{shown}' is neither a file nor a command: did you mean `offboard {name}`?")
        }
        None => format!(
            "'{shown}' is neither a file nor a command: `offboard --help` lists the commands"
        ),
    })
}

/// The first argument that is neither an option nor the value of one.
fn first_word(arguments: &[OsString]) -> Option<&str> {
    let program = crate::cli::Cli::command();
    let takes_value = |option: &str| {
        program.get_arguments().any(|argument| {
            argument
                .get_long()
                .is_some_and(|long| option.strip_prefix("--") == Some(long))
                && argument.get_action().takes_values()
        })
    };
    let mut arguments = arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str());
    while let Some(argument) = arguments.next() {
        if argument == "-" || !argument.starts_with('-') {
            return Some(argument);
        }
        if takes_value(argument) {
            arguments.next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_command_gets_the_nearest_one_and_files_get_none() {
        let unknown_command_error = |line: &str| {
            let words = line.split(' ').map(OsString::from);
            unknown_command_error(&words.collect::<Vec<_>>())
        };
        for (line, command) in [
            ("offboard fecth", "fetch"),
            ("offboard --config c.toml fecth -o x", "fetch"),
            ("offboard --read-only Resum last", "resume"),
            ("offboard dcotor", "doctor"),
        ] {
            let said = unknown_command_error(line).unwrap_or_else(|| panic!("{line}"));
            let mean = format!("did you mean `offboard {command}`?");
            assert!(said.contains(&mean), "{line}: {said}");
        }
        let far = unknown_command_error("offboard xyzzy").expect("an error");
        assert!(far.contains("--help"), "{far}");
        for line in [
            "offboard",
            "offboard fetch",
            "offboard help",
            "offboard --demo",
            "offboard -",
            "offboard fecth.json",
            "offboard lists/fecth",
            "offboard src",
        ] {
            assert_eq!(unknown_command_error(line), None, "{line}");
        }
    }
}
