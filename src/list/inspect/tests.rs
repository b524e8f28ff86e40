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
                .map(|row| crate::list::cells::clean(&row[at]).into_owned())
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
