//! The header is found among the first rows, and every row below it is read or reported.

use proptest::prelude::*;

use super::*;
use crate::list::DeviceList;
use crate::list::formats::delimited::Delimited;
use crate::list::formats::fixed_width::FixedWidth;
use crate::list::formats::pipes::PipeTable;

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
    let macs: Vec<String> = list.ids().map(|id| list.name_of(id)).collect();
    assert_eq!(
        macs,
        [1, 2, 3, 4].map(|last| format!("3c:52:82:00:00:0{last}"))
    );
    let lines: Vec<u64> = list.ids().map(|id| list.device(id).line()).collect();
    assert_eq!(lines, [1, 5, 6, 6]);
    assert_eq!(list.report().shape, Cutter::Leases.name());
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

/// HWIDs and host names of the entries.
fn devices(list: &DeviceList) -> Vec<(&str, &str)> {
    let devices = list.ids().map(|id| list.device(id));
    devices
        .map(|device| (device.hwid().unwrap_or_default(), device.hostname()))
        .collect()
}

fn read(text: &str) -> DeviceList {
    DeviceList::read_bytes("list", text.as_bytes())
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn footer_has_one_cell_only_in_a_table_of_several_columns() {
    for (text, rows, skipped) in [
        ("hwid,hostname,note\na1,LT-1,x\n(3 rows affected),,\n", 1, 1),
        ("hwid,hostname,note\na1,LT-1,x\n(3 rows affected)\n", 1, 1),
        ("hwid,hostname,note\na1,LT-1,x\n,,\nCreated by ann\n", 1, 1),
        // Rows of devices, though the first cell or the blank row above looks like that of a footer.
        ("hostname,hwid,note\nLT-1,a1,x\n12 devices,a2,x\n", 2, 0),
        ("hostname,hwid,note\nLT-1,a1,x\n,,\nLT-2,a2\n", 2, 0),
        ("hostname,hwid,note\nLT-1,a1,x\n,,\nLT-2,,\n", 2, 0),
        ("hostname\nLT-1\n12 devices\n", 2, 0),
        ("hwid,hostname,note\na1,LT-1,x\n\nCreated by ann\n", 1, 1),
        ("hwid,hostname,note\na1,LT-1,x\nCreated by ann\n", 2, 0),
        (
            "hwid,hostname,note\na1,LT-1,\"x\"\n\nCreated by ann\n",
            1,
            1,
        ),
    ] {
        for line_break in ["\n", "\r\n", "\r"] {
            let text = text.replace('\n', line_break);
            let report = read(&text).report();
            assert_eq!(
                (report.rows, report.skipped_count),
                (rows, skipped),
                "{text:?}"
            );
        }
    }
}

/// Its whole text would be the first cell.
#[test]
fn line_without_bars_is_no_row_of_a_drawn_table() {
    for table in [
        "| HWID | Hostname |\n|---|---|\n| a1 | LT-1 |\n",
        "| HWID | Hostname | Note |\n|---|---|---|\n| a1 | LT-1 | x |\n",
        "HWID | Hostname\n-----+-----\na1 | LT-1\n",
    ] {
        let list = read(&format!("{table}done\n"));
        let problem = list.ids().nth(1).and_then(|id| list.device(id).problem());
        assert_eq!(problem, Some(&Problem::WrongCells), "{table}");
        assert_eq!(list.counts().devices, 1, "{table}");
    }
    // The last cells may be missing in outer bars.
    let list = read("| HWID | Hostname | Note |\n|---|---|---|\n| a1 | LT-1 |\n| a2 |\n");
    assert_eq!(devices(&list), [("a1", "LT-1"), ("a2", "")]);
}

#[test]
fn device_ids_of_the_own_system_are_hardware_ids_in_any_notation() {
    let id = "51de0051-7c1e-4f0a-9d81-00155d0510f3";
    let list = read(&format!("device_id,host_name,nickname\n{id},LT-1,x\n"));
    assert_eq!(devices(&list), [(id, "LT-1")]);
    let list = read(&format!("device_id,host_name\na1,LT-0\n{id},LT-1\n"));
    assert_eq!(
        devices(&list),
        [("", "LT-0"), ("", "LT-1")],
        "of another system"
    );
}

/// A workbook's mark of a number that its cell shows otherwise.
#[test]
fn only_a_sheet_marks_formatted_numbers() {
    let list = read(&format!("hwid,hostname\na1,LT-1{SHOWN_OTHERWISE}\n"));
    let hostname = format!("LT-1{SHOWN_OTHERWISE}");
    assert_eq!(devices(&list), [("a1", hostname.as_str())]);
}

#[test]
fn header_row_decides_which_line_is_the_header() {
    let options = ReadOptions {
        header_row: Some(3),
        ..ReadOptions::default()
    };
    let text = "HWID,Hostname\nOld,New\nHostname,HWID\nLT-1,a1\n";
    let list = DeviceList::read_bytes_as("list", text.as_bytes(), &options).expect("a list");
    assert_eq!(devices(&list), [("a1", "LT-1")]);
    assert_eq!(list.report().header_line, Some(3));
}

#[test]
fn header_with_one_field_is_the_first_row_as_wide_as_the_next() {
    for (text, line, rows) in [
        ("Hostname,Mood\nA,x\nSerial,y\nB,z\n", 1, 3),
        ("Hostname,x\nHWID,Colour,Mood\na1,red,good\n", 2, 1),
        ("Device list\nHostname\nLT-1\n", 2, 1),
        ("#devices\nHostname\nLT-1\n", 2, 1),
    ] {
        let report = read(text).report();
        assert_eq!(
            (report.header_line, report.rows),
            (Some(line), rows),
            "{text}"
        );
    }
    for text in [
        // A bare list that has the name of a field in it.
        "a1b305c1\nHostname\na1b305c2\n",
        "Serial\nplease remove these devices\n",
    ] {
        let error = DeviceList::read_bytes("list", text.as_bytes()).expect_err("not a list");
        assert!(
            matches!(error, ListError::NotAList { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn names_of_machines_and_persons_are_not_a_header() {
    for text in [
        "PC-0013\nPC-0014\n",
        "host-013\nhost-014\n",
        "user13\nuser14\n",
        "Computer1\nComputer2\n",
        "Serial1,mac2\nSerial2,mac3\n",
        "mac1\nmac2\n",
    ] {
        let list = DeviceList::read_bytes("list", text.as_bytes());
        let header = list.ok().and_then(|list| list.report().header_line);
        assert_eq!(header, None, "{text}");
    }
    for text in [
        "MAC 1,MAC 2\n00:0c:29:00:00:01,\n,000c29000002\n",
        "mac address 1\n00:0c:29:00:00:01\n00:0c:29:00:00:02\n",
    ] {
        let list = read(text);
        assert_eq!(list.report().header_line, Some(1), "{text}");
        assert_eq!(list.len(), 2, "{text}");
    }
    // One of several columns has a number, and one of many devices.
    let list = read(
        "Hostname,MAC 0,MAC 12,MAC 013,MAC 100\nLT-1,00:0c:29:00:00:01,00:0c:29:00:00:02,00:0c:29:00:00:03,00:0c:29:00:00:04\n",
    );
    let device = list.ids().next().map(|id| list.device(id));
    assert_eq!(device.map(|device| device.macs().count()), Some(2));
}

#[test]
fn header_is_one_of_the_first_50_rows() {
    for (titles, is_found) in [(49, true), (50, false)] {
        let text = "a title\n".repeat(titles) + "HWID,Hostname\n";
        assert_eq!(detected(&text, b',').is_some(), is_found);
    }
}

#[test]
fn syntax_error_of_the_first_line_is_reported() {
    let text = "\"hwid\"x,hostname\na1,LT-1\n";
    let error = DeviceList::read_bytes("list", text.as_bytes()).expect_err("a mistake");
    assert!(
        matches!(error, ListError::Syntax { line: 1, .. }),
        "{error}"
    );
}
