//! The pages of the documentation, and the blocks in them that are written from the code.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// If this variable is set, the tests write the blocks and the schemas instead of comparing them.
const UPDATE: &str = "OFFBOARD_UPDATE_DOCS";

/// Tests that run at once write blocks of the same page.
static WRITING: Mutex<()> = Mutex::new(());

/// A file of the repository.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The text of a page.
pub fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The pages for readers: the README and everything in `docs/`.
pub fn all() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned()];
    for entry in std::fs::read_dir(path("docs")).expect("docs/") {
        let file = entry.expect("an entry").path();
        if file.extension().is_some_and(|extension| extension == "md") {
            let name = file.file_name().expect("a name").display();
            pages.push(format!("docs/{name}"));
        }
    }
    pages.sort();
    pages
}

/// Adds the code of a folder, with every text that is broken across lines joined again.
pub fn collect_source(folder: &Path, source: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let file = entry.expect("an entry").path();
        if file.is_dir() {
            collect_source(&file, source);
        } else if file.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&file).expect("UTF-8");
            for line in text.lines() {
                match line.strip_suffix('\\') {
                    Some(broken) => source.push_str(broken.trim_start()),
                    None => source.push_str(&format!("{}\n", line.trim_start())),
                }
            }
        }
    }
}

/// Replaces a file at once: other tests read it meanwhile.
fn replace(name: &str, text: &str) {
    let new = path(&format!("{name}.new"));
    std::fs::write(&new, text).expect("written");
    std::fs::rename(new, path(name)).expect("renamed");
}

/// Fails unless the file holds `expected`.
pub fn check_file(name: &str, expected: &str) {
    if std::env::var_os(UPDATE).is_some() {
        replace(name, expected);
    }
    assert!(
        read(name) == expected,
        "{name} is not what the code says: run the tests with {UPDATE}=1 and read the change"
    );
}

/// Fails unless the page holds `expected` between `<!-- block -->` and `<!-- end of block -->`.
pub fn check_block(page: &str, block: &str, expected: &str) {
    let _writing = WRITING.lock();
    let text = read(page);
    let (begin, end) = (
        format!("<!-- {block} -->\n"),
        format!("<!-- end of {block} -->"),
    );
    let from = text
        .find(&begin)
        .unwrap_or_else(|| panic!("{page} has no {begin}"))
        + begin.len();
    let to = text
        .find(&end)
        .unwrap_or_else(|| panic!("{page} has no {end}"));
    let expected = format!("\n{}\n\n", expected.trim_end());
    if std::env::var_os(UPDATE).is_some() {
        let (before, after) = (&text[..from], &text[to..]);
        replace(page, &format!("{before}{expected}{after}"));
        return;
    }
    assert!(
        text[from..to] == expected,
        "{block} in {page} is not what the code says: run the tests with {UPDATE}=1\n{expected}"
    );
}

/// A table in Markdown.
pub fn table(headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(
        &headers
            .iter()
            .map(|&header| header.to_owned())
            .collect::<Vec<_>>(),
    );
    text.push_str(&format!("|{}\n", "---|".repeat(headers.len())));
    for row in rows {
        let row: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        text.push_str(&line(&row));
    }
    text
}

/// The command lines of a page's `sh` blocks that call the program, each as its words.
pub fn commands(page: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut in_shell = false;
    for line in page.lines() {
        if let Some(language) = line.strip_prefix("```") {
            in_shell = language == "sh";
        } else if in_shell && line.starts_with("offboard") {
            commands.extend(words(line));
        }
    }
    commands
}

/// The words of every call of the program in a line of shell.
fn words(line: &str) -> Vec<Vec<String>> {
    let mut calls = vec![vec![]];
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars().chain([' ']) {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, ' ' | ';' | '|' | '&' | '>') => {
                if let (Some(word), Some(call)) = (word.take(), calls.last_mut()) {
                    call.push(word);
                }
                if character != ' ' {
                    calls.push(vec![]);
                }
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    calls.retain(|call| call.first().is_some_and(|word| word == "offboard"));
    calls
}

#[test]
fn commands_of_a_page_are_split_as_a_shell_does() {
    let page = "```sh\noffboard plan l.json --where 'a b'  # c\noffboard stop R; offboard close R\n```\n\
                ```text\noffboard no\n```\n";
    let lines: Vec<String> = commands(page).iter().map(|words| words.join("_")).collect();
    assert_eq!(
        lines,
        [
            "offboard_plan_l.json_--where_a b",
            "offboard_stop_R",
            "offboard_close_R"
        ]
    );
}
