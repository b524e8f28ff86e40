//! The header is found among the first rows, and every row below it is read or reported.

use proptest::prelude::*;

use super::*;
use crate::list::DeviceList;
use crate::list::delimited::Delimited;
use crate::list::fixed_width::FixedWidth;
use crate::list::pipes::PipeTable;

fn detected(text: &str, delimiter: u8) -> Option<(Table, Found)> {
    let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
    let cutter = Cutter::Delimited(Delimited::new(delimiter));
    Table::detect(&mut window, cutter, &ReadOptions::default()).expect("readable")
}

/// Rows of a table, among them what is not a device.
fn row() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "h[0-9]{1,2},lt-[0-9],[a-z]{0,3}",
        1 => Just("HWID,Hostname,Note".to_owned()),
        1 => Just("total,,12".to_owned()),
        1 => Just("(3 rows affected)".to_owned()),
        1 => Just(",,".to_owned()),
        1 => Just(String::new()),
        1 => "h[0-9],[a-z]{1,3}(,x,y,z)?",
        1 => "[a-z ]{1,9}",
    ]
}

fn is_blank(row: &str) -> bool {
    row.trim_matches([',', ' ']).is_empty()
}

#[test]
fn table_reads_several_leases_on_one_line() {
    let lease = |last: u8| {
        format!(
            "lease 10.0.0.{last} {{ starts epoch 1791806400; hardware ethernet 3c:52:82:00:00:0{last}; }}"
        )
    };
    let first = lease(1).replace("; ", ";\n").replace("{ ", "{\n");
    let text = format!("{first}\n{} # \n{} {}\n", lease(2), lease(3), lease(4));
    let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
    let macs: Vec<String> = list.ids().map(|id| list.named(id)).collect();
    assert_eq!(
        macs,
        [1, 2, 3, 4].map(|last| format!("3c:52:82:00:00:0{last}"))
    );
    let lines: Vec<u64> = list.ids().map(|id| list.device(id).line()).collect();
    assert_eq!(lines, [1, 5, 6, 6]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn find_header_returns_the_first_row_with_field_names(
        titles in proptest::collection::vec("[a-z]{1,6} [a-z]{1,6}|#[a-z ]{0,9}|", 0..60),
        delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
        rows in 0_usize..4,
    ) {
        let cut = char::from(delimiter).to_string();
        let mut lines = titles.clone();
        lines.push(["HWID", "Hostname", "Note"].join(&cut));
        lines.extend((0..rows).map(|row| [&format!("h{row}"), "lt", "x"].join(&cut)));
        let above: Vec<&String> = titles.iter().filter(|title| !title.trim().is_empty()).collect();
        let Some((table, found)) = detected(&lines.join("\n"), delimiter) else {
            prop_assert!(above.len() >= HEADER_ROWS);
            return Ok(());
        };
        prop_assert!(above.len() < HEADER_ROWS);
        prop_assert_eq!(table.headers(), ["HWID", "Hostname", "Note"]);
        prop_assert_eq!(found.line, titles.len() as u64 + 1);
        prop_assert_eq!(found.skipped.iter().map(|(_, text)| text).collect::<Vec<_>>(), above);
        let end = lines.iter().take(titles.len() + 1).map(|line| line.len() + 1).sum::<usize>();
        prop_assert!(found.end == end || found.end + 1 == end, "its line break may follow");
    }

    #[test]
    fn table_reads_or_skips_every_row(rows in proptest::collection::vec(row(), 0..30)) {
        let text = format!("HWID,Hostname,Note\n{}", rows.join("\n"));
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        let report = list.report();
        let filled = rows.iter().filter(|row| !is_blank(row)).count() as u64;
        prop_assert_eq!(report.header_line, Some(1));
        prop_assert_eq!(report.rows + report.skipped_count, filled);
        let devices = rows.iter().filter(|row| row.contains("lt-")).count() as u64;
        prop_assert!(report.rows >= devices, "no row of a device is skipped");
    }

    #[test]
    fn cells_round_trip(cells in proptest::collection::vec(any::<String>(), 0..9)) {
        let mut record = Cells::default();
        for _ in 0..2 {
            record.clear();
            for cell in &cells {
                record.push(cell);
            }
            let read = record.record();
            prop_assert_eq!(read.count(), cells.len());
            prop_assert_eq!(read.texts().collect::<Vec<_>>(), cells.iter().collect::<Vec<_>>());
            prop_assert_eq!(read.get(cells.len()), "");
        }
    }

    #[test]
    fn cutters_return_valid_positions(
        text in "(\\| ?|a1|---|  |lease 10\\.0\\.0\\.5 \\{|;|\\}|\"|é|\\n|,|ends never|10\\.0\\.0\\.1 dev e lladdr 3c:52:82:1:2:3 STALE){0,40}",
    ) {
        let lines = ["a | b | c", "--|---|--"];
        let (pipes, _) = PipeTable::detect(&lines).expect("a table");
        let (columns, _) = FixedWidth::detect(&["ab  cd", "--  --"]).expect("a table");
        for mut cutter in [
            Cutter::Pipes(pipes), Cutter::FixedWidth(columns), Cutter::Neighbours, Cutter::Leases, Cutter::Dnsmasq,
        ] {
            let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
            let mut cells = Cells::default();
            while window.peek(0).expect("readable").is_some() {
                let length = cutter.cut(&mut window, 0, &mut cells).expect("readable");
                prop_assert!(length > 0 && length <= window.bytes().len());
                let record = cells.record();
                prop_assert_eq!(record.texts().map(str::len).sum::<usize>(), record.text.len());
                window.consume(length);
            }
            prop_assert_eq!(window.offset(), text.len() as u64);
        }
    }
}

/// A row with anything but numbers beside the word is a device of that name.
#[test]
fn device_that_is_named_like_a_total_is_kept() {
    for (text, rows) in [
        (
            "hostname,mac\nLT-1,3c:52:82:00:00:01\nTotal,3c:52:82:00:00:02\n",
            2,
        ),
        ("hostname,issues\nLT-1,2\nTotal,12\n", 1),
        ("hostname\nLT-1\nTotal\n", 2),
        ("hostname\nLT-1\nTotal: 1\n", 1),
        ("hostname,issues\nLT-1,2\n合計,12\n", 1),
    ] {
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        assert_eq!(list.len(), rows, "{text}");
    }
}
