//! The documentation, compared with the code that it describes.

use std::collections::BTreeSet;

use clap::{CommandFactory, Parser};
use rusqlite::Connection;

use super::pages::{self, all, check_block, commands, path, read, table};
use crate::cli::commands::man::{ENVIRONMENT, FILES};
use crate::cli::written_files::WRITTEN_FILES;
use crate::cli::{Cli, Exit};
use crate::config::Config;
use crate::domain::action::Action;
use crate::domain::device::IdentifierKind;
use crate::domain::outcome::{Doubt, Failure, Outcome, OutcomeClass};
use crate::journal::Journal;
use crate::list::Field;
use crate::plan::Warning;
use crate::platform::clock::Clock;
use crate::query::{GRAMMAR, State};
use crate::simulator::FaultPlan;
use crate::tui::input::commands::{ACTIONS, View};
use crate::tui::input::keymap::KeyMap;

pub(super) fn code(text: &str) -> String {
    format!("`{text}`")
}

#[test]
fn readme_is_short_and_links_every_page() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 200, "{}", readme.lines().count());
    for line in readme.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
    for page in all().iter().filter(|page| *page != "README.md") {
        assert!(
            readme.contains(&format!("({page})")),
            "{page} is not linked"
        );
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#\s]+)(#[^)]*)?\)").expect("an expression");
    let mut pages = all();
    pages.extend(["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(str::to_owned));
    for page in pages {
        for found in link.captures_iter(&read(&page)) {
            let target = &found[1];
            if !target.contains("://") {
                let file = path(&page).with_file_name("").join(target);
                assert!(file.exists(), "{page} links to {target}");
            }
        }
    }
}

#[test]
fn commands_in_the_pages_parse() {
    let mut mentioned = String::new();
    let mut count = 0;
    for page in all() {
        let text = read(&page);
        for words in commands(&text) {
            count += 1;
            let parsed = Cli::try_parse_from(&words);
            let shown = words.join(" ");
            assert!(parsed.is_ok(), "{page}: {shown}: {:?}", parsed.err());
        }
        mentioned.push_str(&text);
    }
    assert!(count > 20, "only {count} commands were found");
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        assert!(mentioned.contains(&format!("offboard {name}")), "{name}");
    }
}

#[test]
fn options_of_every_command_are_documented() {
    fn check(command: &clap::Command, pages: &str) {
        for name in command.get_arguments().filter_map(clap::Arg::get_long) {
            let shown = pages.contains(&format!("--{name}"));
            assert!(shown, "{} --{name}", command.get_name());
        }
        for inner in command.get_subcommands() {
            check(inner, pages);
        }
    }
    let pages: Vec<String> = all().iter().map(|page| read(page)).collect();
    check(&Cli::command(), &pages.join("\n"));
}

#[test]
fn faults_of_the_simulated_tenant_are_documented() {
    let error = "nonsense".parse::<FaultPlan>().expect_err("no fault");
    let error = error.to_string();
    let (_, words) = error.split_once("one of ").expect("a list");
    let page = read("docs/operations.md");
    for word in words.split(", ") {
        assert!(page.contains(&format!("| `{word}` |")), "{word}");
    }
}

#[test]
fn exit_codes_are_documented() {
    let rows = Exit::table().map(|(number, meaning)| vec![number, meaning.to_owned()]);
    check_block(
        "docs/automation.md",
        "exit codes",
        &table(&["code", "meaning"], rows),
    );
}

#[test]
fn warnings_are_documented() {
    let page = read("docs/automation.md");
    for name in Warning::NAMES {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn outcomes_are_documented() {
    let failed = Failure::ALL.map(Outcome::Failed);
    let doubtful = Doubt::ALL.map(Outcome::InDoubt);
    let outcomes = [Outcome::Accepted, Outcome::Gone, Outcome::NotSent];
    let rows = outcomes
        .into_iter()
        .chain(failed)
        .chain(doubtful)
        .map(|outcome| {
            let meaning = outcome.meaning(IdentifierKind::Hwid, Action::Remove);
            let reason = match outcome.reason() {
                "" => String::new(),
                reason => code(reason),
            };
            let (class, help) = (outcome.class().as_str(), outcome.help());
            vec![code(class), reason, meaning.to_owned(), help.to_owned()]
        });
    let rows: Vec<Vec<String>> = rows.collect();
    let classes: BTreeSet<&String> = rows.iter().filter_map(|row| row.first()).collect();
    assert_eq!(classes.len(), OutcomeClass::ALL.len());
    let headers = ["outcome", "reason", "meaning", "what to do"];
    check_block(
        "docs/troubleshooting.md",
        "outcomes",
        &table(&headers, rows),
    );
}

#[test]
fn messages_in_troubleshooting_are_those_of_the_code() {
    let mut source = String::new();
    pages::collect_source(&path("src"), &mut source);
    let page = read("docs/troubleshooting.md");
    let tables = page
        .split_once("## Configuration and start")
        .expect("tables")
        .1;
    let tables = tables.split("## The screen").next().expect("tables");
    let rows = tables.lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let mut count = 0;
    for message in cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
        for part in message
            .split('…')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            assert!(source.contains(part), "no message says '{part}'");
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn query_language_is_documented() {
    let page = read("docs/queries.md");
    assert!(page.contains(&format!("```text\n{GRAMMAR}\n```")));
    for field in Field::ALL {
        assert!(
            page.contains(&format!("| `{}` |", field.name())),
            "{}",
            field.name()
        );
    }
    for state in State::ALL {
        assert!(
            page.contains(&format!("| `is:{}` |", state.as_str())),
            "{}",
            state.as_str()
        );
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Field::ALL.len() + State::ALL.len());
}

#[test]
fn keys_and_actions_are_documented() {
    let views = [
        (View::Devices, "devices"),
        (View::Run, "run"),
        (View::Failures, "failures"),
        (View::History, "history"),
    ];
    let keys = KeyMap::default();
    let rows = keys.keys().iter().map(|key| {
        let act = key.binding.command;
        let names: Vec<&str> = views
            .iter()
            .filter(|(view, _)| key.is_in(*view))
            .map(|(_, name)| *name)
            .collect();
        let places = if names.len() == views.len() {
            "all".to_owned()
        } else {
            names.join(", ")
        };
        let action = match act.name() {
            "" => String::new(),
            name => code(name),
        };
        vec![code(&key.name), action, places, key.binding.help.to_owned()]
    });
    let headers = ["key", "action", "views", "what it does"];
    check_block("docs/configuration.md", "keys", &table(&headers, rows));
    let names: Vec<&str> = ACTIONS.iter().map(|(_, name)| *name).collect();
    let names = names.join(" ");
    let example = unwrapped(crate::config::EXAMPLE);
    assert!(example.contains(&format!("Actions: {names}.")), "{names}");
}

#[test]
fn keys_of_dialogs_are_documented() {
    let mut text = String::new();
    for section in crate::tui::dialogs::SECTIONS {
        let hints = (section.hints)().into_iter();
        let rows = hints
            .filter(|hint| !hint.help.is_empty())
            .map(|hint| vec![code(hint.name), hint.help.to_owned()]);
        let rows: Vec<Vec<String>> = rows.collect();
        if !rows.is_empty() {
            let table = table(&["key", "what it does"], rows);
            text.push_str(&format!("#### {}\n\n{table}\n", section.title));
        }
    }
    check_block("docs/configuration.md", "keys of dialogs", &text);
}

#[test]
fn commands_of_the_dialogue_are_documented() {
    let commands = crate::tui::plain::commands_for_documentation().into_iter();
    let rows = commands.map(|(command, help)| vec![code(&command), help.to_owned()]);
    let table = table(&["command", "what it does"], rows);
    check_block("docs/operations.md", "commands of the dialogue", &table);
}

/// The text of comments without their line breaks.
fn unwrapped(text: &str) -> String {
    text.replace("\n# ", " ")
}

#[test]
fn columns_are_documented() {
    let fields = Field::ALL.map(Field::name).join(" ");
    let page = read("docs/configuration.md").replace('\n', " ");
    assert!(page.contains(&format!("`outcome {fields}`")), "{fields}");
    let example = unwrapped(crate::config::EXAMPLE);
    assert!(
        example.contains(&format!("of: outcome {fields};")),
        "{fields}"
    );
    assert!(example.contains(&format!("Fields: {fields}.")), "{fields}");
}

#[test]
fn configuration_keys_are_documented() {
    let page = read("docs/configuration.md");
    assert!(page.contains("| `default_profile` |"));
    for section in crate::config::keys::SECTIONS {
        for key in crate::config::keys::of(section) {
            assert!(page.contains(&format!("| `{key}` |")), "[{section}] {key}");
        }
    }
    // The examples of the page are read as a configuration.
    for block in page.split("```toml\n").skip(1) {
        let text = block.split("```").next().expect("a block");
        let parsed = Config::parse(text, &path("docs/configuration.md"));
        assert!(parsed.is_ok(), "{text}\n{:?}", parsed.err());
    }
}

#[test]
fn files_and_environment_are_documented() {
    let rows = |entries: &[(&str, &str)]| {
        let rows = entries
            .iter()
            .map(|(name, text)| vec![code(name), (*text).to_owned()]);
        rows.collect::<Vec<_>>()
    };
    check_block(
        "docs/operations.md",
        "files",
        &table(&["file", "content"], rows(&FILES)),
    );
    let environment = table(&["variable", "use"], rows(&ENVIRONMENT));
    check_block("docs/operations.md", "environment", &environment);
}

#[test]
fn written_files_are_documented() {
    let rows = WRITTEN_FILES.map(|file| {
        let is_path = !file.name.contains(' ');
        let name = if is_path {
            code(file.name)
        } else {
            file.name.to_owned()
        };
        let cells = [file.written, file.people, file.stays];
        std::iter::once(name)
            .chain(cells.map(str::to_owned))
            .collect::<Vec<_>>()
    });
    let headers = ["file", "written", "of people", "stays"];
    check_block("docs/security.md", "written files", &table(&headers, rows));
}

/// The pages name the same files of the state directory, one by one in `docs/security.md`.
#[test]
fn written_files_are_all_files_of_the_state_directory() {
    let mut count = 0;
    for (names, _) in FILES {
        for name in names.split(", ") {
            let name = name.trim_start_matches("~/.local/state/offboard/");
            if name.is_empty() || name.starts_with(['~', '/']) {
                continue;
            }
            let (directory, _) = name.rsplit_once('/').unwrap_or(("", name));
            let is_written = WRITTEN_FILES.iter().any(|file| match directory {
                "" => file.name == name.replace("RUN", "*"),
                directory => file.name.starts_with(&format!("{directory}/")),
            });
            assert!(is_written, "{name}");
            count += 1;
        }
    }
    assert!(count >= 11, "{count}");
}

#[test]
fn tables_of_the_journal_are_documented() {
    let page = read("docs/operations.md");
    let directory = tempfile::tempdir().expect("a directory");
    Journal::open(directory.path(), Clock::system()).expect("a journal");
    let database = Connection::open(directory.path().join("journal.db")).expect("a database");
    let query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut query = database.prepare(query).expect("a query");
    let names = query
        .query_map((), |row| row.get::<_, String>(0))
        .expect("names");
    let names: Vec<String> = names.collect::<Result<_, _>>().expect("names");
    let cells = page.lines().filter(|line| line.starts_with("| `"));
    let documented = cells.flat_map(|line| line.split('|').nth(1).unwrap_or_default().split(", "));
    let documented: BTreeSet<&str> = documented.map(str::trim).collect();
    for name in &names {
        assert!(documented.contains(&*code(name)), "{name}");
    }
    assert!(names.len() >= 20, "{names:?}");
}

#[test]
fn help_puts_only_the_reading_options_under_their_heading() {
    let heading = Some("How the list is read");
    let mut headed = BTreeSet::new();
    for command in Cli::command().get_subcommands() {
        for argument in command.get_arguments() {
            if argument.get_help_heading() == heading {
                headed.insert(argument.get_id().to_string());
            }
        }
    }
    let reading = [
        "columns",
        "encoding",
        "delimiter",
        "sheet",
        "header_row",
        "date_order",
    ];
    assert_eq!(headed, reading.map(str::to_owned).into());
}
