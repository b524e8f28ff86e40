//! What is refused before a parser holds it in memory, and what isn't.

use super::super::markup::{Markup, Records};
use super::xlsb::{record, sample as xlsb};
use super::*;

/// Measures these texts, each so many times, as one part.
fn markup(texts: &[(&str, usize)]) -> String {
    let mut markup = Markup::new();
    let verdict = texts
        .iter()
        .try_for_each(|(text, times)| markup.add(text.repeat(*times).as_bytes()));
    shown(verdict)
}

fn records(records: &[(Vec<u8>, usize)]) -> String {
    let mut walk = Records::default();
    let verdict = records
        .iter()
        .try_for_each(|(record, times)| walk.add(&record.repeat(*times)));
    shown(verdict)
}

fn shown(verdict: Result<(), WorkbookError>) -> String {
    verdict.map_or_else(|error| error.to_string(), |()| "fine".to_owned())
}

#[test]
fn cell_ends_with_its_tag_or_its_row() {
    let piece = format!("<t>{}</t>", "x".repeat(1 << 20));
    for (before, begin, end) in [
        ("<worksheet><row>", "<c r='A1'>", "</c>"),
        ("<x:worksheet><x:row>", "<x:c>", "</x:c>"),
        ("<sst>", "<si>", "</si>"),
        ("<table:table>", "<table:table-cell>", "</table:table-cell>"),
    ] {
        let open = [(before, 1), (begin, 1), (piece.as_str(), 5)];
        assert!(
            markup(&open).contains("a cell has more than 4 MiB"),
            "{begin}"
        );
        let closed = [(before, 1), (begin, 1), (end, 1), (piece.as_str(), 5)];
        assert_eq!(markup(&closed), "fine", "{begin}");
    }
    let empty = [("<worksheet><row><c/></row>", 1), (piece.as_str(), 5)];
    assert_eq!(markup(&empty), "fine");
}

#[test]
fn part_is_measured_as_what_it_is() {
    let piece = format!("{}<t/>", "x".repeat(1 << 20));
    let prolog = "<?xml version=\"1.0\"?><!-- A B --><workbook>";
    let piece = piece.as_str();
    for (texts, verdict) in [
        (&[(prolog, 1), (piece, 97)][..], "too many names"),
        (&[("<worksheet><manifest/>", 1), (piece, 97)], "fine"),
        (&[("<workbook>", 1), ("<t/>", 1_999_999)], "fine"),
        (&[("<workbook>", 1), ("<t/>", 2_000_000)], "too many names"),
        (&[("<sst>", 1), (piece, 90), ("<r/>", 300_000)], "fine"),
        (
            &[("<sst>", 1), (piece, 90), ("<si/>", 300_000)],
            "its texts need more than 96 MiB",
        ),
        (
            &[("<x:sst>", 1), (piece, 90), ("<x:si/>", 300_000)],
            "its texts need more than 96 MiB",
        ),
        (&[("<styleSheet><cellXfs>", 1), ("<xf/>", 140_000)], "fine"),
        (
            &[("<styleSheet><cellXfs>", 1), ("<xf/>", 140_001)],
            "too many cell formats",
        ),
        (&[("<styleSheet><fonts>", 1), ("<b/>", 140_001)], "fine"),
        (&[("<styleSheet><fonts>", 1), ("x", 4 << 10)], "fine"),
        (
            &[("<styleSheet><fonts>", 1), ("x", (4 << 10) + 1)],
            "a style has more than 4 KiB",
        ),
        // The mark that ends a text counts with it.
        (&[("<worksheet><c>", 1), ("x", (4 << 20) - 1)], "fine"),
        (
            &[("<worksheet><c>", 1), ("x", 4 << 20)],
            "a cell has more than 4 MiB",
        ),
        // 48 bytes, and 24 for each text.
        (
            &[("<sst                      uniqueCount=\"4194302\">", 1)],
            "fine",
        ),
        (
            &[("<sst                       uniqueCount=\"4194302\">", 1)],
            "its texts need more than 96 MiB",
        ),
    ] {
        let found = markup(texts);
        assert!(found.contains(verdict), "{verdict}: {found}");
    }
}

#[test]
fn records_are_told_apart_and_shared_texts_counted() {
    // Longer by far, if they were read as a header.
    let full = vec![0xff; 1 << 20];
    let text = record(0x13, &[]);
    // A type has two bytes at most.
    let two_bytes = [&[0x93, 0x83, 0x80, 0x80, 0x40][..], &full].concat();
    for (parts, verdict) in [
        (&[(record(0x14, &full), 90)][..], "fine"),
        (&[(two_bytes, 90)], "fine"),
        (
            &[(vec![0x14, 0x81, 0x80, 0x40], 1)],
            "a record has more than 1 MiB",
        ),
        (
            &[(vec![0x14, 0xff, 0xff, 0xff, 0xff], 1)],
            "a record has more than 1 MiB",
        ),
        (
            &[(record(0x14, &full), 80), (text.clone(), 250_000)],
            "fine",
        ),
        (
            &[(record(0x14, &full), 80), (text, 350_000)],
            "its texts need more than 96 MiB",
        ),
        (
            &[(record(0x14, &full), 80), (record(0x193, &[]), 350_000)],
            "fine",
        ),
    ] {
        let found = records(parts);
        assert!(found.contains(verdict), "{verdict}: {found}");
    }
}

/// The archive with another entry, which no record could begin with.
fn with_entry(file: Vec<u8>, name: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new_append(Cursor::new(file)).expect("an archive");
    archive
        .start_file(name, SimpleFileOptions::default())
        .expect("a name");
    archive.write_all(&[0xff; 64]).expect("in memory");
    archive.finish().expect("in memory").into_inner()
}

#[test]
fn only_parts_that_the_parser_reads_are_records() {
    for name in ["xl/persons.bin", "xl/worksheets/sheet9.bin"] {
        let message = error(&with_entry(xlsb(), name), LIMIT);
        assert!(
            message.contains("a record has more than 1 MiB"),
            "{message}"
        );
        assert!(read(&with_entry(sample(), name), None, LIMIT).is_ok());
    }
    for name in [
        "docProps/thumbnail.jpeg",
        "xl/vbaProject.bin",
        "xl/printerSettings/printerSettings1.bin",
    ] {
        assert!(
            read(&with_entry(xlsb(), name), None, LIMIT).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn documents_of_other_programs_are_no_workbooks() {
    for parts in [
        ["[Content_Types].xml", "word/document.xml"],
        ["xl/workbook.xml", "_rels/.rels"],
    ] {
        let parts = parts.map(|name| (name, &b"<a/>"[..]));
        assert!(error(&archive(&parts), LIMIT).contains("is not a workbook: unpack"));
    }
}

#[test]
fn archive_of_too_many_entries_is_refused() {
    // Entries at any place of the pieces that are read at once.
    for shift in 0..4 {
        let entries = |count| [ZIP, &b"    "[..shift], &b"PK\x01\x02".repeat(count)].concat();
        assert!(error(&entries(65_535), LIMIT).contains("damaged"));
        assert!(error(&entries(65_536), LIMIT).contains("more than 65,535 entries"));
    }
}
