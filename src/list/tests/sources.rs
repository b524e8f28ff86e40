//! Files, compressed files, FIFOs, and what happens when they change.

use std::io::Write;
use std::path::Path;

use super::*;
use crate::list::{ListError, RawRecord, ReadOptions, parse_encoding};

const TEXT: &str = "hwid,host\na1,LT-1\na2,LT-2\na1,lt-1\n";

fn open(path: &Path) -> Result<DeviceList, ListError> {
    DeviceList::open(path, &mut |_| {})
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn compressed_file_reads_like_a_plain_one() {
    let directory = directory();
    let plain = directory.path().join("devices.csv");
    std::fs::write(&plain, TEXT).expect("written");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(TEXT.as_bytes()).expect("in memory");
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(TEXT.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let reference = open(&plain).expect("a list");
    for content in [
        gzip.finish().expect("in memory"),
        zstd::encode_all(TEXT.as_bytes(), 1).expect("in memory"),
        utf16,
    ] {
        let path = directory.path().join("devices.bin");
        std::fs::write(&path, &content).expect("written");
        let list =
            DeviceList::open_with_spool(&path, directory.path(), &mut |_| {}).expect("a list");
        assert_eq!(counts(&list), counts(&reference));
        let cells = |list: &DeviceList| match list.record(id(0)).expect("a record").as_slice() {
            [
                RawRecord::Cells { cells: one, .. },
                RawRecord::Cells {
                    line: 4,
                    cells: two,
                },
            ] => (one.clone(), two.clone()),
            other => panic!("{other:?}"),
        };
        assert_eq!(cells(&list), cells(&reference));
        assert!(!list.changed_since_read());
    }
    // The copies are gone from the directory at once.
    assert_eq!(
        std::fs::read_dir(directory.path())
            .expect("a directory")
            .count(),
        2
    );
}

#[test]
fn hash_is_of_the_text() {
    assert_eq!(
        list("abc1").hash(),
        "dbfcfd0d87220f629339bd3adcf452d083fde3246625fb3a93e314f833e20d37"
    );
}

#[test]
fn changed_file_is_detected_and_not_read_again() {
    let directory = directory();
    let path = directory.path().join("devices.csv");
    std::fs::write(&path, TEXT).expect("written");
    let list = open(&path).expect("a list");
    assert!(!list.changed_since_read());
    // Replaced by another file: what was opened can still be read.
    let other = directory.path().join("other");
    std::fs::write(&other, "hwid,host\nb1,x\n").expect("written");
    std::fs::rename(&other, &path).expect("renamed");
    assert!(list.changed_since_read());
    assert_eq!(list.record(id(1)).expect("the old record").len(), 1);
    // Changed in place: it can't.
    let list = open(&path).expect("a list");
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(b"b2,y\n"))
        .expect("appended");
    assert!(list.changed_since_read());
    assert!(matches!(list.record(id(0)), Err(ListError::Changed { .. })));
    std::fs::remove_file(&path).expect("removed");
    assert!(list.changed_since_read());
}

#[test]
fn fifo_is_read_to_its_end() {
    let directory = directory();
    let path = directory.path().join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).expect("a fifo");
    let writer = std::thread::spawn({
        let path = path.clone();
        move || std::fs::write(path, TEXT)
    });
    let list = DeviceList::open_with_spool(&path, directory.path(), &mut |_| {}).expect("a list");
    writer.join().expect("no panic").expect("written");
    assert_eq!(counts(&list), (2, 0, 1));
    assert_eq!(list.record(id(0)).expect("a record").len(), 2);
    assert!(!list.changed_since_read());
}

#[test]
fn name_of_a_file_is_safe_to_show_in_an_error() {
    let error = open(&directory().path().join("none\u{1b}"))
        .expect_err("nothing")
        .to_string();
    assert!(
        error.starts_with("can't open ") && error.contains("none\\u{1b}:"),
        "{error}"
    );
}

#[test]
fn progress_ends_at_the_file_size() {
    let directory = directory();
    let path = directory.path().join("devices.txt");
    std::fs::write(&path, "12ds44f5gacd52234\n".repeat(100_000)).expect("written");
    let mut steps = Vec::new();
    let list =
        DeviceList::open(&path, &mut |progress| steps.push(progress.bytes_read)).expect("a list");
    assert_eq!(counts(&list), (1, 0, 99_999));
    assert!(steps.is_sorted() && steps.len() > 1);
    assert_eq!(steps.last(), Some(&1_800_000));
}

#[test]
fn damaged_characters_are_counted() {
    let mut text = format!("hwid,host\na1,{}", "Büro".repeat(200)).into_bytes();
    text.extend(b"\xff\n");
    let damaged = |list: &DeviceList| {
        let notices = list.notices().iter();
        notices
            .filter(|notice| matches!(notice, ListNotice::DamagedCharacters { count: 1 }))
            .count()
    };
    assert_eq!(damaged(&list(&text)), 1);
    assert_eq!(damaged(&list(TEXT)), 0);
}

/// `fetch` writes UTF-8, whatever the operator says about the other lists.
#[test]
fn fetched_list_keeps_its_encoding() {
    let options = ReadOptions {
        encoding: parse_encoding("windows-1252").ok(),
        ..ReadOptions::default()
    };
    let host = |text: &str| {
        let list = DeviceList::read_bytes_as("list", text.as_bytes(), &options).expect("a list");
        list.device(id(0)).hostname().to_owned()
    };
    let row = "{\"hwid\":\"a1\",\"hostname\":\"Büro\"}\n";
    let header = "{\"offboard_list\":1,\"complete\":true}\n";
    assert_eq!(host(&format!("{header}{row}")), "Büro");
    assert_eq!(host(row), "BÃ¼ro");
}
