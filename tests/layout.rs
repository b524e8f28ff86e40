//! The layout of the crate that `src/lib.rs` draws: which room may import which.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// The rooms, from the ground up. A room may import rooms of lower floors only.
const FLOORS: &[&[&str]] = &[
    &["secret", "text"],
    &["platform"],
    &["domain"],
    &["list"],
    &["query"],
    &["import"],
    &["plan"],
    &["engine"],
    &["verification"],
    &["config", "simulator"],
    &["api", "journal"],
    &["export", "fetch"],
    &["runner"],
    &["headless", "tui"],
    &["cli"],
    &["fuzzing", "main"],
];

/// The rooms that do no input and output. `list` and `import` read files.
const PURE: &[&str] = &["domain", "query", "plan", "engine", "verification"];

/// A module by its path below `crate`, such as `["tui", "app"]`.
type Module = Vec<String>;

/// The imports of every module outside its tests.
static IMPORTS: LazyLock<BTreeMap<Module, BTreeSet<Module>>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, "rs", &mut files);
    let modules: BTreeMap<Module, PathBuf> = files
        .into_iter()
        .map(|file| {
            (
                module_of(file.strip_prefix(&root).expect("below src")),
                file,
            )
        })
        .filter(|(module, _)| !module.iter().any(|name| name == "tests" || name == "lib"))
        .collect();
    modules
        .iter()
        .map(|(module, file)| {
            let source = fs::read_to_string(file).expect("a source file");
            let source = shipped(&source);
            let mut imports: BTreeSet<Module> = paths(&source, module)
                .into_iter()
                .chain(used_children(&source, module))
                .filter_map(|path| longest_module(path, &modules))
                .collect();
            imports.remove(module);
            (module.clone(), imports)
        })
        .collect()
});

fn collect(directory: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, ending, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            files.push(path);
        }
    }
}

fn module_of(file: &Path) -> Module {
    file.with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect()
}

/// The source without comments and without what follows `#[cfg(test)] mod tests {`.
fn shipped(source: &str) -> String {
    let end = source
        .find("#[cfg(test)]\nmod tests {")
        .unwrap_or(source.len());
    source[..end]
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// All paths from the crate's root or relative to `module`, each item of a braced list for itself.
fn paths(source: &str, module: &Module) -> Vec<Module> {
    static PATH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(crate|super)((?:::\w+)+)(?:::\{([^}]*)\})?").expect("an expression")
    });
    PATH.captures_iter(source)
        .flat_map(|found| {
            let mut base = Module::new();
            if &found[1] == "super" {
                base.extend_from_slice(&module[..module.len() - 1]);
            }
            for name in found[2].split("::").skip(1) {
                if name == "super" {
                    base.pop();
                } else {
                    base.push(name.to_owned());
                }
            }
            let items = found.get(3).map_or("self", |items| items.as_str());
            items
                .split(',')
                .map(|item| {
                    let mut path = base.clone();
                    path.extend(item.split("::").map(|name| name.trim().to_owned()));
                    path
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The modules that are declared in `module` and used by a path from there, such as `delete` by
/// `pub use delete::DeleteDialog;`.
fn used_children(source: &str, module: &Module) -> Vec<Module> {
    static DECLARED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^(?:pub(?:\([^)]*\))? )?mod (\w+);").expect("an expression")
    });
    DECLARED
        .captures_iter(source)
        .map(|found| found[1].to_owned())
        .filter(|name| {
            let path = format!("{name}::");
            source.match_indices(&path).any(|(at, _)| {
                let before = source[..at].chars().next_back();
                before.is_none_or(|before| !before.is_alphanumeric() && !"_:".contains(before))
            })
        })
        .map(|name| module.iter().cloned().chain([name]).collect())
        .collect()
}

fn longest_module(mut path: Module, modules: &BTreeMap<Module, PathBuf>) -> Option<Module> {
    while !path.is_empty() {
        if modules.contains_key(&path) {
            return Some(path);
        }
        path.pop();
    }
    None
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

#[test]
fn layout_imports_run_down_the_floors_only() {
    let mut wrong = Vec::new();
    for (module, imports) in &*IMPORTS {
        let Some(floor) = floor_of(&module[0]) else {
            wrong.push(format!("{} is on no floor", module.join("::")));
            continue;
        };
        for import in imports.iter().filter(|import| import[0] != module[0]) {
            if floor_of(&import[0]).is_none_or(|below| below >= floor) {
                wrong.push(format!(
                    "{} imports {}",
                    module.join("::"),
                    import.join("::")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let arrows: usize = IMPORTS.values().map(BTreeSet::len).sum();
    assert!(arrows > 500, "only {arrows} imports were found");
}

#[test]
fn layout_names_every_room() {
    let rooms: BTreeSet<&str> = IMPORTS.keys().map(|module| module[0].as_str()).collect();
    let floors: BTreeSet<&str> = FLOORS
        .iter()
        .flat_map(|floor| floor.iter().copied())
        .collect();
    assert_eq!(rooms, floors);
    let map = include_str!("../src/lib.rs");
    for room in rooms {
        assert!(
            map.contains(&format!("//! {room}.rs ")) || map.contains(&format!("//! {room}/ ")),
            "the map in lib.rs doesn't show {room}"
        );
    }
}

#[test]
fn layout_keeps_input_and_output_out_of_pure_rooms() {
    static OUTSIDE: LazyLock<Regex> = LazyLock::new(|| {
        let names = r"\b(std::(fs|env|net|process::Command|thread)|tokio|tempfile|reqwest|rusqlite|rustix)\b";
        Regex::new(names).expect("an expression")
    });
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut files = 0;
    for module in IMPORTS
        .keys()
        .filter(|module| PURE.contains(&module[0].as_str()))
    {
        let path = root.join("src").join(module.join("/")).with_extension("rs");
        let source = fs::read_to_string(&path).expect("a source file");
        let source = shipped(&source);
        let found: Vec<&str> = OUTSIDE
            .find_iter(&source)
            .map(|found| found.as_str())
            .collect();
        if !found.is_empty() {
            wrong.push(format!("{}: {}", module.join("::"), found.join(", ")));
        }
        files += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files > 50, "only {files} files were read");
}

#[test]
fn layout_has_a_test_for_each_stored_failure_of_a_property() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut stored = Vec::new();
    collect(&root.join("proptest-regressions"), "txt", &mut stored);
    for file in &stored {
        let below = file.strip_prefix(root.join("proptest-regressions"));
        let source = root
            .join("src")
            .join(below.expect("below it"))
            .with_extension("rs");
        let text = fs::read_to_string(&source);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        assert!(text.contains("proptest!"), "{}", source.display());
    }
    assert!(stored.len() > 5, "only {} were read", stored.len());
}

/// Files that `module` reaches by imports within its own room. What a file imports of the modules
/// that it is in doesn't count: it may use the types that those define.
fn reached(module: &Module) -> BTreeSet<&Module> {
    let mut reached = BTreeSet::new();
    let mut open = vec![module];
    while let Some(next) = open.pop() {
        let imports = IMPORTS.get(next).into_iter().flatten();
        let in_room = imports.filter(|import| import[0] == module[0]);
        for import in in_room.filter(|import| !next.starts_with(import)) {
            if reached.insert(import) {
                open.push(import);
            }
        }
    }
    reached
}

#[test]
fn layout_has_no_circle_of_files_within_a_room() {
    let mut rooms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for module in IMPORTS.keys() {
        if reached(module).contains(module) {
            let circles = rooms.entry(module[0].as_str()).or_default();
            circles.push(module.join("::"));
        }
    }
    assert!(rooms.is_empty(), "{rooms:#?}");
}
