//! The reading report counts every row once and shows what the columns hold.

use proptest::prelude::*;

use super::*;

/// A cell of each of four columns: HWID, address, host name, note.
fn rows() -> impl Strategy<Value = Vec<[String; 4]>> {
    let row = [
        "a[1-4]b4||N/A|a/1".boxed(),
        "3c:52:82:00:00:0[1-3]||x".boxed(),
        "lt-[1-3]|".boxed(),
        "[a-cé\u{202e}\u{7}]{0,2}".boxed(),
    ];
    proptest::collection::vec(row, 0..40)
}

fn list(rows: &[[String; 4]]) -> DeviceList {
    let mut text = "HWID,MAC,Hostname,Note\n".to_owned();
    for row in rows {
        text += &row.join(",");
        text.push('\n');
    }
    DeviceList::read_bytes("list", text.as_bytes()).expect("a list")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn report_counts_every_row_once(rows in rows()) {
        let list = list(&rows);
        let report = list.report();
        let filled = rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty())).count() as u64;
        prop_assert_eq!(report.rows + report.skipped_count, filled);
        prop_assert_eq!(report.entries + report.merged, report.rows);
        let left_out: u64 = report.left_out.iter().map(|reason| reason.count).sum();
        prop_assert_eq!(report.by_hwid + report.by_mac + left_out, report.entries);
        prop_assert_eq!(report.can_be_planned(), list.counts().devices > 0);
        for reason in &report.left_out {
            prop_assert_eq!(reason.lines.len() as u64, reason.count.min(SHOWN_LINES as u64));
            prop_assert!(reason.lines.is_sorted());
        }
    }

    #[test]
    fn report_shows_samples_of_columns(rows in rows()) {
        let report = list(&rows).report();
        let headers: Vec<&str> = report.columns.iter().map(|column| column.header.as_str()).collect();
        prop_assert_eq!(headers, ["HWID", "MAC", "Hostname", "Note"]);
        prop_assume!(report.skipped_count == 0);
        for (at, column) in report.columns.iter().enumerate() {
            let values: Vec<_> = rows.iter()
                .map(|row| crate::list::fields::cells::clean(&row[at]).into_owned())
                .filter(|value| !value.is_empty())
                .collect();
            prop_assert_eq!(column.filled, values.len() as u64);
            prop_assert!(column.samples.len() <= 3);
            for sample in &column.samples {
                prop_assert!(values.iter().any(|value| clip(value, 40) == sample.as_str()), "{sample}");
            }
        }
    }

    #[test]
    fn report_is_safe_to_show(rows in rows()) {
        let report = list(&rows).report();
        let text = report.text();
        prop_assert!(text.starts_with(&report.headline()));
        for line in text.split('\n').chain(report.columns.iter().flat_map(|column| &column.samples).map(String::as_str)) {
            prop_assert!(!crate::text::is_deceptive_text(line), "{line:?}");
        }
    }

    #[test]
    fn report_counts_all_skipped_lines_and_lists_the_first(lines in proptest::collection::vec("[a-z\u{7}]{0,90}", 0..40)) {
        let mut findings = Findings::default();
        findings.skip_lines((1..).zip(lines.clone()).collect());
        prop_assert_eq!(findings.skipped_count, lines.len() as u64);
        prop_assert_eq!(findings.skipped.len(), lines.len().min(SHOWN_LINES));
        for (number, skipped) in (1..).zip(&findings.skipped) {
            prop_assert_eq!(skipped.line, number);
            prop_assert!(crate::text::width(&skipped.text) <= 60);
        }
    }
}

#[test]
fn report_counts_errors_of_a_spreadsheet() {
    let text = "HWID,Type,Room,Last seen\nh1,server,1,2026-01-02\nh2,#N/A,#REF!,#WERT!\nh3,laptop,#NV,2026-01-02\n";
    let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
    let report = list.report();
    let unreadable: Vec<u64> = report.columns.iter().map(|it| it.unreadable).collect();
    assert_eq!(unreadable, [0, 1, 2, 1]);
    let warning = "4 values are errors of a spreadsheet, such as #N/A, and count as unreadable (first in line 3): \
        a rule that reads one protects its device";
    assert!(report.warnings.iter().any(|it| it == warning), "{report:?}");
    let shown = list.ids().nth(1).map(|id| list.device(id).device_type());
    assert_eq!(shown, Some("#N/A"));
}

/// Of the entries that are left out: line, name and value.
fn left_out(text: &str) -> Vec<(u64, String, String)> {
    let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
    let reasons = list.report().left_out.into_iter();
    let rows = reasons.flat_map(|reason| reason.rows);
    let mut rows: Vec<_> = rows.map(|row| (row.line, row.name, row.value)).collect();
    rows.sort();
    rows
}

fn row(line: u64, name: &str, value: &str) -> (u64, String, String) {
    (line, name.to_owned(), value.to_owned())
}

#[test]
fn entry_that_is_left_out_has_its_line_its_name_and_the_value_that_was_the_cause() {
    let table = "Computer Name;HWID;MAC Address;Note\n\
                 LT-1;h1;;\n\
                 LT-2;;nomac;x\n\
                 LT-3;zz zz;;\n\
                 LT-4;zzzz\n\
                 LT-5;;;\n\
                 LT-\u{202e}6;;00:00:00:00:00:00;\n\
                 LT-7;;3c:52:82:00:00:01;\n\
                 LT-8;;3c:52:82:00:00:01;\n";
    assert_eq!(
        left_out(table),
        [
            row(3, "LT-2", "nomac"),
            row(4, "LT-3", "zz zz"),
            row(5, "LT-4", "LT-4;zzzz"),
            row(6, "LT-5", ""),
            row(7, "LT-\\u{202e}6", "00:00:00:00:00:00"),
            row(8, "LT-7", "3c:52:82:00:00:01"),
            row(9, "LT-8", "3c:52:82:00:00:01"),
        ]
    );
    let json = "[{\"hwid\":\"h1\",\"hostname\":\"a\"},\n{\"hwid\":12,\"hostname\":\"b\"}]";
    assert_eq!(left_out(json), [row(2, "b", "12")]);
    let json = "[{\"hwid\":\"h1\"},\n{\"hostname\":\"b\",\"mac\":[\"nomac\",null,\"none here\"]}]";
    assert_eq!(left_out(json), [row(2, "b", "nomac · none here")]);
    // What stands in the place of a block isn't the value of a key in that block.
    for block in ["\"laptop\"", "7"] {
        let json = format!(
            "[{{\"hostname\":\"a\",\"device\":{{\"mac\":\"3c:52:82:00:00:01\"}}}},\n\
             {{\"hostname\":\"b\",\"device\":{block},\"mac\":\"nomac\"}}]"
        );
        assert_eq!(left_out(&json), [row(2, "b", "nomac")], "{block}");
    }
}

#[test]
fn text_lists_what_is_left_out_by_line_with_name_and_value() {
    let text = |text: &str| {
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        list.report().text()
    };
    let named = text("hwid,hostname\nh1,a\nz z,LT-2\nz/z,\n,LT-4\n");
    for lines in [
        "\n  line 3  LT-2  z z\n  line 4        z/z\n",
        "\n  line 5  LT-4\n",
        "2 left out: HWID with a character that can't be sent (line 3, 4)\n",
    ] {
        assert!(named.contains(lines), "{named}");
    }
    assert!(!named.contains("more"), "{named}");
    let nameless = text("hwid,note\nh1,a\nz z,\nz/z,\n");
    assert!(
        nameless.contains("\n  line 3  z z\n  line 4  z/z\n"),
        "{nameless}"
    );
    let bare = text("hwid,note\nh1,a\n,x\n,y\n");
    assert!(bare.contains(" (line 3, 4)\n"), "{bare}");
    let rows = "z z,\n".repeat(SHOWN_LINES + 2);
    let many = text(&format!("hwid,note\nh1,a\n{rows}"));
    assert!(many.contains("\n  and 2 more\n"), "{many}");
    let rows = ",x\n".repeat(SHOWN_LINES + 2);
    let many = text(&format!("hwid,note\nh1,a\n{rows}"));
    assert!(many.contains(" (line 3, 4, 5 …)\n"), "{many}");
}

#[test]
fn missing_are_deciding_fields_that_no_entry_has() {
    let missing = |text: &str| {
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        list.report().missing
    };
    assert_eq!(
        missing("hwid,hostname,group,last seen,os\nh1,a,,yesterday,\n"),
        ["mac", "type", "status", "group", "os", "user"],
        "a last seen that can't be read is in the file"
    );
    assert_eq!(missing("hwid,hostname\nh1,\n")[0], "hostname");
    let text = "hwid\nh1\n";
    let report = DeviceList::read_bytes("list", text.as_bytes())
        .expect("a list")
        .report();
    assert!(
        report.text().contains("Not in the file: hostname, mac, "),
        "{}",
        report.text()
    );
    assert_eq!(report.size, text.len() as u64);
}

#[test]
fn reading_that_can_send_fewer_devices_is_worse() {
    let report = |text: &str| {
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        list.report()
    };
    let (none, one) = (report("hwid,host\n,LT-1\n"), report("hwid,host\na1,LT-1\n"));
    let two = report("hwid,host\na1,LT-1\na2,LT-2\n");
    assert!(!none.can_be_planned() && one.can_be_planned());
    assert!(one.check_not_worse_than(&one).is_ok() && two.check_not_worse_than(&one).is_ok());
    assert!(one.check_not_worse_than(&two).is_err() && none.check_not_worse_than(&one).is_err());
    let by_mac = report("hwid,host,mac\na1,LT-1,\n,LT-2,3c:52:82:00:00:01\n");
    assert!(
        by_mac.check_not_worse_than(&two).is_ok() && one.check_not_worse_than(&by_mac).is_err()
    );
    let three = report("hwid,host\na1,LT-1\nz z,LT-2\nz/z,LT-3\n,LT-4\n");
    let worse = three.check_not_worse_than(&two).expect_err("worse");
    let reason = &three
        .left_out
        .iter()
        .max_by_key(|it| it.count)
        .expect("a reason")
        .reason;
    assert_eq!(
        worse.to_string(),
        format!("only 1 device could be sent, 2 before: 2 left out, {reason}")
    );
    let (one, two) = (report("hwid\na1\n"), report("hwid\na1\na2\n"));
    let worse = one.check_not_worse_than(&two).expect_err("worse");
    assert_eq!(worse.to_string(), "only 1 device could be sent, 2 before");
}

#[test]
fn ambiguous_dates_count_as_unreadable_in_their_column() {
    let unreadable = |dates: [&str; 3]| {
        let [first, second, third] = dates;
        let list = format!("hwid,last seen\nh1,{first}\nh2,{second}\nh3,{third}\n");
        let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
        list.report().columns[1].unreadable
    };
    assert_eq!(unreadable(["yesterday", "01/02/2026", "2026-01-01"]), 2);
    assert_eq!(
        unreadable(["25/02/2026", "01/02/2026", "2026-01-01"]),
        0,
        "the day is first"
    );
    assert_eq!(
        unreadable(["2106-02-07T06:28:15Z", "2106-02-07T06:28:14Z", ""]),
        1,
        "the last second marks a time that can't be read"
    );
}

#[test]
fn form_names_what_is_not_usual() {
    let form = |bytes: &[u8]| {
        let list = DeviceList::read_bytes("list", bytes).expect("a list");
        list.form()
    };
    assert_eq!(form(b"hwid,host\na1,LT-1\n"), "CSV");
    assert_eq!(form(b"hwid,host\na1,B\xfcro\n"), "CSV, windows-1252");
}

#[test]
fn column_has_a_header_or_a_value_and_a_remark_if_it_is_doubtful() {
    let columns = |text: &str| {
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        list.report().columns
    };
    let filled: Vec<u64> = columns("hwid,,,host,room\na1,x,,LT-1,\n")
        .iter()
        .map(|column| column.filled)
        .collect();
    assert_eq!(filled, [1, 1, 1, 0]);
    let remarks: Vec<_> = columns("Device ID,Host\n12ds44f5gacd52234,LT-1\n")
        .into_iter()
        .map(|column| column.remark)
        .collect();
    let remark = "taken for the hardware ID: no other column is one".to_owned();
    assert_eq!(remarks, [Some(remark), None]);
}

#[test]
fn text_counts_the_skipped_lines_that_it_does_not_show_and_says_what_remains() {
    let report = |text: &str| {
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        list.report()
    };
    let mut one = report("hwid\na1\n");
    assert!(!one.text().contains("more lines"));
    one.skipped_count = 22;
    assert!(one.text().contains("and 22 more lines\n"));
    let unmatched = report("hwid,host\n,LT-1\n").text();
    assert!(
        unmatched.contains("`offboard plan LIST --match`"),
        "{unmatched}"
    );
    let nameless = report("hwid,note\n,x\n").text();
    assert!(
        nameless.ends_with("\nnothing of this list can be sent\n"),
        "{nameless}"
    );
}
