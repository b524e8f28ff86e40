//! The fuzz targets' corpus, through the same checks, each file also cut short and with a byte
//! changed.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

#[path = "../fuzz/checks.rs"]
mod checks;

use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut files = 0;
    for entry in std::fs::read_dir(&directory).expect("a corpus").flatten() {
        let bytes = std::fs::read(entry.path()).expect("readable");
        check(&bytes);
        // A file of kilobytes is cut at fewer places.
        let step = (bytes.len() / 64).max(1);
        for at in (0..bytes.len()).step_by(step) {
            check(&bytes[..at]);
            let mut changed = bytes.clone();
            changed[at] ^= 0x55;
            check(&changed);
        }
        files += 1;
    }
    assert!(files >= 5, "{target} has {files} files");
}

#[test]
fn lists() {
    replay("list", checks::list);
}

#[test]
fn queries() {
    replay("query", checks::query);
}

#[test]
fn answers() {
    replay("answer", checks::answer);
}

#[test]
fn texts() {
    replay("text", checks::text);
}

#[test]
fn pasted_lists() {
    replay("ids", checks::ids);
}
