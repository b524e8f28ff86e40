//! The text of a source is readable from any offset, whatever its container.

use std::io::{Seek as _, SeekFrom, Write as _};

use proptest::prelude::*;

use super::reader::Whole;
use super::*;

fn all(source: &Source, offset: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    source
        .reader(offset)
        .read_to_end(&mut bytes)
        .expect("readable");
    bytes
}

fn packed(text: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text).expect("in memory");
    [
        ("plain", text.to_vec()),
        ("gzip", gzip.finish().expect("in memory")),
        ("zstd", zstd::encode_all(text, 1).expect("in memory")),
    ]
}

#[test]
fn byte_order_mark_says_more_than_the_encoding_of_the_options() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = ReadOptions {
        encoding: Some(encoding_rs::WINDOWS_1252),
        ..ReadOptions::default()
    };
    let text = "hostname\nB\u{fc}ro-1\n";
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let utf16: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    for (container, bytes) in packed(&utf16) {
        let path = directory.path().join(container);
        std::fs::write(&path, &bytes).expect("written");
        let opened = Source::open(&path, directory.path(), &options, &mut |_| {});
        let given = Source::from_memory("list", &bytes, &options);
        for source in [opened, given] {
            let source = source.expect("a source");
            let read = String::from_utf8(all(&source, 0)).expect("utf-8");
            assert_eq!(read.trim_start_matches('\u{feff}'), text, "{container}");
        }
    }
}

proptest! {
    // Each case writes files.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn reader_starts_at_any_offset(text in "[a-z,\né]{0,60}", at in any::<prop::sample::Index>()) {
        let directory = tempfile::tempdir().expect("a directory");
        let options = ReadOptions::default();
        let offset = at.index(text.len() + 2);
        let rest = text.as_bytes().get(offset..).unwrap_or_default();
        for (container, bytes) in packed(text.as_bytes()) {
            let path = directory.path().join(container);
            std::fs::write(&path, &bytes).expect("written");
            let opened = Source::open(&path, directory.path(), &options, &mut |_| {}).expect("a source");
            let given = Source::from_memory("list", &bytes, &options).expect("a source");
            for source in [opened, given] {
                prop_assert_eq!(source.container.to_string(), container);
                prop_assert_eq!(source.size(), text.len() as u64);
                prop_assert_eq!(all(&source, 0), text.as_bytes());
                prop_assert_eq!(all(&source, offset as u64), rest);
                prop_assert!(source.check_unchanged().is_ok() && !source.changed());
            }
        }
    }

    #[test]
    fn source_refuses_expansion_beyond_the_limit(length in 0_usize..3000, limit in 0_u64..3000) {
        let options = ReadOptions { max_expanded: limit, ..ReadOptions::default() };
        for (container, bytes) in packed(&vec![b'a'; length]) {
            let source = Source::from_memory("list", &bytes, &options);
            let fits = container == "plain" || length as u64 <= limit;
            prop_assert_eq!(source.is_ok(), fits, "{}", container);
        }
    }

    #[test]
    fn whole_seeks_like_a_slice(bytes in any::<Vec<u8>>(), steps in proptest::collection::vec((0_u8..3, -40_i64..40), 1..6)) {
        let source = Source {
            bytes: Bytes::Memory(bytes.clone().into()),
            ..Source::from_memory("list", b"", &ReadOptions::default()).expect("a source")
        };
        let (mut whole, mut slice) = (Whole { source: &source, offset: 0 }, io::Cursor::new(bytes));
        for (base, by) in steps {
            let to = match base {
                0 => SeekFrom::Start(by.unsigned_abs()),
                1 => SeekFrom::End(by),
                _ => SeekFrom::Current(by),
            };
            prop_assert_eq!(whole.seek(to).ok(), slice.seek(to).ok());
            let (mut one, mut other) = ([0; 3], [0; 3]);
            prop_assert_eq!(whole.read(&mut one).expect("in memory"), slice.read(&mut other).expect("in memory"));
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn source_never_panics(bytes in any::<Vec<u8>>(), magic in 0_usize..5) {
        let magic = [&b"\x1f\x8b\x08"[..], b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\xff\xfe", b""][magic];
        let bytes = [magic, &bytes].concat();
        if let Err(error) = Source::from_memory("list", &bytes, &ReadOptions::default()) {
            prop_assert!(!text::is_deceptive_text(&error.to_string()), "{error}");
        }
    }
}
