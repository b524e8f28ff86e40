use super::*;

fn cells(line: u64, cells: &[(&str, &str)]) -> RawRecord {
    let cells = cells
        .iter()
        .map(|(header, cell)| ((*header).to_owned(), (*cell).to_owned()));
    RawRecord::Cells {
        line,
        cells: cells.collect(),
    }
}

fn json(line: u64, text: &str) -> RawRecord {
    RawRecord::Json {
        line,
        text: text.to_owned(),
    }
}

fn written(records: &[FullRecord]) -> Arc<[RecordBlock]> {
    let mut writer = RecordWriter::default();
    for (number, record) in (0..).zip(records) {
        assert_eq!(writer.push(record).expect("compressed"), number);
    }
    writer.finish().expect("compressed")
}

#[test]
fn records_are_read_back_as_they_were_written() {
    let records = [
        FullRecord::of_rows(vec![
            json(3, "{\"a\": 1.50,\n \"a\": [\"\u{e9}\\n\"]}"),
            json(9, "{}"),
        ]),
        FullRecord::default(),
        FullRecord::of_rows(vec![cells(5, &[("User", "ada\n\"x\""), ("", "more")])]),
        FullRecord::of_rows(vec![RawRecord::Line {
            line: 7,
            text: "LT-1".to_owned(),
        }]),
        FullRecord::of_rows(vec![json(8, "{broken")]),
    ];
    let blocks = written(&records);
    assert_eq!(blocks.len(), 1);
    let mut reader = RecordReader::new(&blocks);
    for number in [4, 0, 2, 1, 3] {
        let read = reader.get(number).expect("readable").expect("there");
        assert_eq!(*read, records[number as usize], "{number}");
    }
    assert!(reader.get(5).expect("readable").is_none());
    let spelling = records[0].rows[0].json.as_ref().expect("JSON").get();
    assert!(spelling.contains("1.50"), "{spelling}");
    assert_eq!(records[4].rows[0].text.as_deref(), Some("{broken"));
    assert_ne!(records[2], records[3]);
}

#[test]
fn cells_are_kept_while_there_is_room_but_for_empty_ones_without_a_header() {
    let kept = |row| FullRecord::of_rows(vec![row]).rows.remove(0).cells;
    let owned = |header: &str, cell: &str| (header.to_owned(), cell.to_owned());
    assert_eq!(
        kept(cells(1, &[("Room", ""), ("", "more"), ("", "")])),
        Some(vec![owned("Room", ""), owned("", "more")])
    );
    let long = "x".repeat(LONGEST_RECORD);
    assert_eq!(
        kept(cells(1, &[("a", "short"), ("b", &long), ("c", "later")])),
        Some(vec![owned("a", "short"), owned("b", &long[7..])])
    );
}

#[test]
fn blocks_are_bounded_and_any_record_of_them_is_found() {
    let record = |number: usize| {
        let text = format!("{number} {}", "x".repeat(1000));
        FullRecord::of_rows(vec![RawRecord::Line { line: 1, text }])
    };
    let records: Vec<FullRecord> = (0..3_000).map(record).collect();
    let blocks = written(&records);
    assert!(blocks.len() > 2, "{}", blocks.len());
    let mut reader = RecordReader::new(&blocks);
    for number in [2_999, 0, 1_500] {
        let read = reader.get(number).expect("readable").expect("there");
        assert_eq!(*read, records[number as usize]);
    }
}

#[test]
fn record_that_is_too_long_is_cut_and_says_so() {
    let long = "\u{e9}".repeat(LONGEST_RECORD);
    let json_row = json(1, &format!("{{\"a\":\"{long}\"}}"));
    let cells_row = cells(1, &[("a", "short"), ("b", &long), ("c", "later")]);
    let line_row = RawRecord::Line {
        line: 1,
        text: long.clone(),
    };
    let empty = cells(1, &vec![("", ""); 1_000_000]);
    for (row, cut_from) in [
        (json_row, Some(2 * LONGEST_RECORD as u64 + 8)),
        (cells_row, Some(2 * LONGEST_RECORD as u64 + 10)),
        (line_row, Some(2 * LONGEST_RECORD as u64)),
        (empty, None),
    ] {
        let record = FullRecord::of_rows(vec![row]);
        assert_eq!(record.rows[0].cut_from, cut_from);
        let size = serde_json::to_string(&record).expect("JSON").len();
        assert!(size < 2 * LONGEST_RECORD, "{size}");
        let lines = record.rows[0].lines();
        let says = lines.iter().any(|(_, text)| text.starts_with("… cut"));
        assert_eq!(says, cut_from.is_some());
    }
    let many = |rows| FullRecord::of_rows((0..rows).map(|line| json(line, "{}")).collect()).rows;
    assert_eq!((many(200).len(), many(5_000).len()), (200, 201));
    let last = many(5_000).pop().and_then(|row| row.text);
    assert_eq!(last.as_deref(), Some("4800 more rows are not kept"));
    // The name of the field, quotes and braces take 8 bytes.
    for (length, is_cut) in [(LONGEST_RECORD - 8, false), (LONGEST_RECORD - 7, true)] {
        let fields = Map::from_iter([("a".to_owned(), Value::from("x".repeat(length)))]);
        let row = FullRecord::of_fields(Some(7), fields).rows.remove(0);
        assert_eq!((row.line, row.fields.is_none()), (Some(7), is_cut));
        assert_eq!(row.cut_from.is_some(), is_cut);
    }
}

#[test]
fn damage_of_a_block_is_an_error() {
    let whole = written(&[FullRecord::of_rows(vec![json(1, "{\"a\":1}")])]);
    let damaged = |change: &dyn Fn(&mut RecordBlock)| {
        let mut block = whole[0].clone();
        change(&mut block);
        block.read().is_err()
    };
    assert!(!damaged(&|_| {}));
    for at in 0..whole[0].data.len() {
        assert!(damaged(&|block| block.data[at] ^= 0x55), "byte {at}");
    }
    assert!(damaged(&|block| block.data.truncate(9)));
    assert!(damaged(&|block| block.count = 2));
    let bomb = zstd::bulk::compress(&vec![b' '; 64 << 20], 3).expect("compressed");
    assert!(damaged(&|block| block.data.clone_from(&bomb)));
}
