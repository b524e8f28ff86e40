//! The fuzz targets' corpus, through the same checks, each file also cut short and with a byte
//! changed; and what long runs of the targets reached, minimised by `.ci/fuzz`. Not in release
//! builds, which lack what the targets need of private modules.
#![cfg(debug_assertions)]
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

#[path = "../fuzz/checks.rs"]
mod checks;

use std::io::Read;
use std::path::Path;

/// Larger files are replayed whole only: each change of them costs a reading.
const MOST_CHANGED: usize = 4096;

/// Targets that only chain others: what they reach is in the archives of those.
const WITHOUT_MINIMISED: [&str; 5] = ["ids", "import", "options", "report", "text"];

fn replay(target: &str, check: fn(&[u8])) {
    replay_at(target, 64, check);
}

fn replay_at(target: &str, places: usize, check: fn(&[u8])) {
    let files = replay_files(&Path::new("fuzz/corpus").join(target), places, check);
    assert!(files >= 5, "{target} has {files} files");
    if !WITHOUT_MINIMISED.contains(&target) {
        replay_minimised(target, check);
    }
}

/// Checks the files of the target's archive as they are.
fn replay_minimised(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/minimised");
    let file = std::fs::File::open(folder.join(target).with_extension("zip")).expect("an archive");
    let mut archive = zip::ZipArchive::new(file).expect("an archive");
    assert!(!archive.is_empty(), "{target}");
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("readable");
        let passed = std::panic::catch_unwind(|| check(&bytes));
        assert!(passed.is_ok(), "{target}.zip: {:?}", entry.name());
    }
}

/// Checks the files of a folder, each also cut short and with a byte changed, at `places` places.
fn replay_files(folder: &Path, places: usize, check: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).expect("a corpus").flatten() {
        let bytes = std::fs::read(entry.path()).expect("readable");
        let passed = std::panic::catch_unwind(|| check_changed(&bytes, places, check));
        assert!(passed.is_ok(), "{}", entry.path().display());
        files += 1;
    }
    files
}

fn check_changed(bytes: &[u8], places: usize, check: fn(&[u8])) {
    check(bytes);
    if bytes.len() > MOST_CHANGED {
        return;
    }
    // A file of kilobytes is cut at fewer places.
    let step = (bytes.len() / places).max(1);
    for at in (0..bytes.len()).step_by(step) {
        check(&bytes[..at]);
        let mut changed = bytes.to_vec();
        changed[at] ^= 0x55;
        check(&changed);
    }
}

fn replay_lists(check: fn(&[u8])) {
    let files = replay_files(Path::new("tests/corpus/lists"), 8, check);
    assert!(files >= 60, "there are {files} lists");
}

/// A test for each target: its name, the folder of its corpus, and its check.
macro_rules! replay {
    ($($name:ident $target:literal $check:ident;)*) => {
        $(#[test]
        fn $name() {
            replay($target, checks::$check);
        })*
    };
}

replay! {
    lists "list" list;
    queries "query" query;
    answers "answer" answer;
    plan_files "plan" plan;
    configurations "config" config;
    texts "text" text;
    pasted_lists "ids" ids;
    rows_in_any_order "rows" rows;
}

#[test]
fn keys() {
    // Frames take their time in a debug build.
    replay_at("keys", 12, checks::keys);
}

#[test]
fn lists_of_many_systems() {
    replay_lists(checks::list);
}

#[test]
fn lists_read_as_the_operator_says() {
    replay("options", checks::options);
    // Each of a few choices of options for each list.
    replay_lists(|bytes| {
        for first in [
            *b"\x01\x02,\0\0\0\0\0",
            *b"\x0a\0;\x02\0\0\0\0",
            *b"\x74\0\0\0\x02\x01\x01\x02",
        ] {
            checks::options(&[&first[..], bytes].concat());
        }
    });
}

#[test]
fn reports() {
    replay("report", checks::report);
    replay_lists(checks::report);
}

#[test]
fn imported_lists() {
    replay("import", checks::import);
    replay_lists(checks::import);
}

/// Checks the lists of many systems as well, each behind these bytes that say how to take it.
fn replay_stage(target: &str, first: &[&[u8]], check: fn(&[u8])) {
    replay(target, check);
    for first in first {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/lists");
        for entry in std::fs::read_dir(folder).expect("lists").flatten() {
            let bytes = std::fs::read(entry.path()).expect("readable");
            let passed = std::panic::catch_unwind(|| check(&[first, bytes.as_slice()].concat()));
            assert!(
                passed.is_ok(),
                "{} behind {first:?}",
                entry.path().display()
            );
        }
    }
}

#[test]
fn containers() {
    replay_stage("container", &[b""], checks::container);
}

#[test]
fn encodings() {
    let first: Vec<[u8; 1]> = (0..10).map(|number| [number]).collect();
    let first: Vec<&[u8]> = first.iter().map(<[u8; 1]>::as_slice).collect();
    replay_stage("decode", &first, checks::decode);
}

#[test]
fn tables() {
    replay_stage(
        "table",
        &[b"0", b"1", b"2", b"3", b"4", b"5"],
        checks::table,
    );
}

#[test]
fn leases_and_neighbours() {
    replay_stage("leases", &[b""], checks::leases);
}

#[test]
fn json() {
    replay_stage("json", &[b""], checks::json);
}

#[test]
fn headers() {
    replay_stage("headers", &[b"\x00\x00", b"\x02\x01"], checks::headers);
}

#[test]
fn cells_and_dates() {
    replay_stage("cells", &[b""], checks::cells);
}

#[test]
fn workbooks() {
    replay_stage("workbook", &[b""], checks::workbook);
}
