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
fn man_pages_have_the_sections_that_belong_to_all_commands() {
    for page in [page(None), page(Some("run")), page(Some("runs-find"))] {
        for section in [
            ".SH \"EXIT STATUS\"",
            ".SH ENVIRONMENT",
            ".SH FILES",
            ".SH EXAMPLES",
        ] {
            assert!(page.contains(section), "{section}\n{page}");
        }
        for (number, meaning) in Exit::table() {
            let entry = format!("\\fB{number}\\fR\n{meaning}");
            assert!(page.contains(&entry), "{meaning}");
        }
    }
}

#[test]
fn man_pages_show_each_way_of_using_a_command() {
    let page = page(Some("run"));
    let (_, synopsis) = page.split_once(".SH SYNOPSIS\n").expect("a synopsis");
    let (synopsis, _) = synopsis.split_once(".SH ").expect("more");
    let lines: Vec<&str> = synopsis
        .lines()
        .filter(|line| !line.starts_with('.'))
        .collect();
    assert_eq!(lines.len(), 2, "{synopsis}");
    assert!(lines[0].starts_with("offboard run [LIST]"), "{synopsis}");
    assert!(lines[1].contains("<FILE>"), "{synopsis}");
}

#[test]
fn man_page_of_every_command_can_be_written_and_has_an_example() {
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        let page = page(Some(name));
        assert!(page.contains(&format!("offboard\\-{name}")), "{page}");
        let line = format!("offboard {name} ");
        assert!(examples(&line).next().is_some(), "{name} has no example");
    }
    assert!(write_command("nonsense", &mut Vec::new()).is_err());
    assert!(write_command("runs-nonsense", &mut Vec::new()).is_err());
}

#[test]
fn man_examples_parse() {
    use clap::Parser;
    for (line, _) in EXAMPLES {
        let words = line.split(' ').map(|word| word.trim_matches('\''));
        Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

#[test]
fn tables_of_options_are_not_filled() {
    let page =
        unfilled_tables(".TP\nA sentence\nthat goes on.\n\nword  text\n       more\n\nEnd.\n");
    assert_eq!(
        page,
        ".TP\nA sentence\nthat goes on.\n\n.nf\nword  text\n       more\n.fi\n\nEnd.\n"
    );
}
