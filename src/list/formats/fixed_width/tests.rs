use super::*;
use proptest::prelude::*;

type Table<'a> = (Vec<String>, Vec<Option<Vec<&'a str>>>);

fn table<'a>(lines: &[&'a str]) -> Option<Table<'a>> {
    let (layout, header) = FixedWidth::detect(lines)?;
    let rows = lines
        .iter()
        .skip(header + 1)
        .map(|line| layout.cells(line))
        .collect();
    Some((layout.headers().map(String::from).collect(), rows))
}

fn check(lines: &[&str], names: &[&str], rows: &[Option<&[&str]>]) {
    let (found, cells) = table(lines).expect("a table");
    assert_eq!(found, names);
    let cells: Vec<Option<&[&str]>> = cells
        .iter()
        .rev()
        .take(rows.len())
        .rev()
        .map(Option::as_deref)
        .collect();
    assert_eq!(cells, rows, "{lines:?}");
}

#[test]
fn detect_reads_tables_with_a_rule() {
    check(
        &[
            "",
            "Name    HWID         Last Seen",
            "----    ----         ---------",
            "LT-1    a1b2c3d4e5f6 2026-10-12 08:00",
            "LT-2                 2026-10-13 09:30",
        ],
        &["Name", "HWID", "Last Seen"],
        &[
            Some(&["LT-1", "a1b2c3d4e5f6", "2026-10-12 08:00"]),
            Some(&["LT-2", "", "2026-10-13 09:30"]),
        ],
    );
    check(
        &[
            "host       size",
            "---------- -----------",
            "LT-1                4096",
            "(1 rows affected)",
        ],
        &["host", "size"],
        &[Some(&["LT-1", "4096"]), None],
    );
    check(
        &[
            "host       size",
            "---------- -----------",
            "LT-1              4096",
            "LT-2       12",
        ],
        &["host", "size"],
        &[Some(&["LT-1", "4096"]), Some(&["LT-2", "12"])],
    );
    check(
        &[
            "Name         Length",
            "----         ------",
            "LONGNAME 12 1234567",
            "LONGNAME-99999999",
        ],
        &["Name", "Length"],
        &[Some(&["LONGNAME 12", "1234567"]), None],
    );
    check(
        &[
            "====  =====",
            "Name  HWID",
            "====  =====",
            "名前  a1…",
            "====  =====",
        ],
        &["Name", "HWID"],
        &[Some(&["名前", "a1…"]), Some(&["====", "====="])],
    );
}

#[test]
fn detect_reads_tables_without_a_rule() {
    check(
        &[
            "Exported today",
            "HOST NAME   HWID      AGE",
            "LT-1        a1b2      5d",
            "LT-2                  17d",
        ],
        &["HOST NAME", "HWID", "AGE"],
        &[Some(&["LT-1", "a1b2", "5d"]), Some(&["LT-2", "", "17d"])],
    );
    check(
        &[
            "計算機名    識別子",
            "東京端末    a1b2",
            "LT-1        c3d4",
            "LT-LONG-12345 e5f6",
        ],
        &["計算機名", "識別子"],
        &[Some(&["東京端末", "a1b2"]), Some(&["LT-1", "c3d4"]), None],
    );
    check(
        &["Name\t\tHWID", "LT-1\t\ta1b2", "LT-2-LONGER\tc3d4"],
        &["Name", "HWID"],
        &[Some(&["LT-1", "a1b2"]), Some(&["LT-2-LONGER", "c3d4"])],
    );
    check(
        &[
            "Name    Id      Version",
            "-----------------------",
            "LT-1    a1      1.0",
        ],
        &["Name", "Id", "Version"],
        &[Some(&["LT-1", "a1", "1.0"])],
    );
}

#[test]
fn cells_contain_whole_words() {
    let (layout, _) =
        FixedWidth::detect(&["Name      HWID      User", "--------- --------- -----"])
            .expect("a table");
    for line in [
        "LT-1 a1b2c3d4e5f6a7b8 anna",
        "LT-123456789 a1b2 anna",
        "Total of 3 devices",
        "a1b2c3d4e5f6a7b8a1b2c3d4e5f6a7b8",
    ] {
        assert_eq!(layout.cells(line), None, "{line}");
    }
    assert_eq!(
        layout.cells("LT-12345678  a1b2  anna"),
        Some(vec!["LT-12345678", "a1b2", "anna"])
    );
    assert_eq!(
        layout.cells("LT-1      a1b2...   anna"),
        Some(vec!["LT-1", "a1b2...", "anna"])
    );
}

#[test]
fn detect_rejects_other_text() {
    let texts = [
        "Hi team.  Please remove the laptops.\nThey are old.  Thanks a lot.\nRegards",
        "Oct 12 08:00:00 host  sshd[12]: started\nOct 12 08:00:01 host  sshd[12]: stopped",
        "2026-10-12  INFO  started\n2026-10-12  INFO  stopped",
        "From:     anna@example.org\nSubject:  devices\nDate:     today",
        "[main]\nname  = LT-1\nhwid  = a1b2",
        "<tr>  <td>LT-1</td>\n<tr>  <td>a1</td>",
        "Title\n-----\n\nSome text.",
        "Some text\n- - -\nmore text",
        "A list  of things that\nis prose with  two blanks\nnot in one  column",
        "-- \nAnna Example  IT\nPhone  +49 30 12",
        "    fn main() {  // code\n    }  // end",
        "HWID\na1b2c3d4\na1b2c3d5",
        "---- ----\n---- ----",
    ];
    for text in texts {
        assert_eq!(table(&text.lines().collect::<Vec<_>>()), None, "{text}");
    }
}

#[test]
fn header_without_a_rule_is_above_rows_that_fill_most_columns() {
    for (lines, found) in [
        (&["A1    B1", "x     y"][..], true),
        // Half of the lines are aligned.
        (&["A1    B1", "x     y", "some prose of it."], false),
        // Half of the columns have text.
        (
            &["A1    B1    C1    D1", "12345 67890", "12345 67890"],
            false,
        ),
        (
            &["A1    B1    C1    D1    E1", "12345 67890", "12345 67890"],
            false,
        ),
        (
            &["A1    B1    C1    D1    E1    F1", "x     y     z     a"],
            true,
        ),
    ] {
        assert_eq!(FixedWidth::detect(lines).is_some(), found, "{lines:?}");
    }
}

#[test]
fn line_that_is_too_long_is_no_row() {
    let (layout, _) = FixedWidth::detect(&["Name  HWID", "----  ----"]).expect("a table");
    let longest = ["LT-1  a1b2", &" ".repeat(LONGEST_LINE - 10)].concat();
    assert_eq!(layout.cells(&longest), Some(vec!["LT-1", "a1b2"]));
    assert_eq!(layout.cells(&format!("{longest} ")), None);
}

#[test]
fn rule_of_single_dashes_is_none() {
    assert_eq!(FixedWidth::detect(&["a b c", "- - -", "x y z"]), None);
}

/// Else a value would move into the column before.
#[test]
fn cells_stay_below_their_names() {
    let lines = [
        "Name    HWID    User",
        "----    ----    ----",
        "        a1b2    ann     extra",
        "LT-1  x",
    ];
    check(
        &lines,
        &["Name", "HWID", "User"],
        &[
            Some(&["", "a1b2", "ann     extra"]),
            Some(&["LT-1  x", "", ""]),
        ],
    );
    let lines = ["Name    HWID", "----    ----", "LT-1  ab", "LT-1   a"];
    check(
        &lines,
        &["Name", "HWID"],
        &[Some(&["LT-1  ab", ""]), Some(&["LT-1   a", ""])],
    );
}

#[test]
fn number_that_is_wider_than_its_name_ends_with_it() {
    let ruled = ["Name    Size    User", "----    ----    ----"];
    let (layout, _) = FixedWidth::detect(&ruled).expect("a table");
    let row = |line| layout.cells(line);
    assert_eq!(row("LT-12 123456"), Some(vec!["LT-12", "123456", ""]));
    for line in [
        "LT-12 12x456",
        "LT-12 1234567",
        "LT- 12345678",
        "LT-12 12345678901234",
    ] {
        assert_eq!(row(line), None, "{line}");
    }
    let unruled = ["Name    Size    User", "LT-1    12      ann"];
    let (layout, _) = FixedWidth::detect(&unruled).expect("a table");
    assert_eq!(layout.cells("LT-12 123456"), None);
}

#[test]
fn is_name_rejects_values_and_sentences() {
    for name in [
        "Name",
        "#",
        "Last-Seen",
        "IPv4",
        "Win32",
        "MAC 2",
        "Date of last contact",
        "Größe",
    ] {
        assert!(is_name(name), "{name}");
    }
    for value in [
        "LT-1",
        "10.0.0.1",
        "4096",
        "1st",
        "(none)",
        "A sentence of five words",
        "Regards,",
        "Total:",
        "ab123",
    ] {
        assert!(!is_name(value), "{value}");
    }
    assert!(is_name(&"x".repeat(120)) && !is_name(&"x".repeat(121)));
}

fn is_whole(line: &str, cell: &str) -> bool {
    let first = (cell.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
    let (before, after) = (line.get(..first), line.get(first + cell.len()..));
    before.is_some_and(|text| text.is_empty() || text.ends_with(char::is_whitespace))
        && after.is_some_and(|text| text.is_empty() || text.starts_with(char::is_whitespace))
}

proptest! {
    #[test]
    fn cells_of_any_text_are_complete(text in any::<String>(), below in prop::collection::vec("[a-c0-9 \t端\u{301}\u{3000}]{0,40}", 1..6)) {
        FixedWidth::detect(&text.lines().collect::<Vec<_>>());
        for head in [vec!["ab  cd   e", "--  ---- -"], vec!["ab  cd   e", "a   b    c"], vec!["端  b c", "--- -- -"]] {
            let (layout, _) = FixedWidth::detect(&head).expect("a table");
            for line in below.iter().map(String::as_str).chain(text.lines()) {
                let cells = layout.cells(line).unwrap_or_default();
                prop_assert!(cells.iter().all(|cell| cell.is_empty() || is_whole(line, cell)), "{line:?} {cells:?}");
                let parts: usize = cells.iter().map(|cell| cell.split_whitespace().count()).sum();
                prop_assert!(cells.is_empty() || parts == line.split_whitespace().count());
            }
        }
    }

    #[test]
    fn detect_reads_generated_tables(grid in (2_usize..6).prop_flat_map(|columns| prop::collection::vec(prop::collection::vec("[a-zä端0-9]{1,5}( [a-z0-9]{1,4})?", columns), 1..6)), gap in 2_usize..4) {
        let columns = grid.first().map_or(0, Vec::len);
        let names: Vec<String> = (0..columns).map(|column| format!("Name{column}")).collect();
        let pad = |cells: &[String]| cells.iter().map(|cell| {
            let width: usize = cell.chars().filter_map(UnicodeWidthChar::width).sum();
            format!("{cell}{}", " ".repeat(15 + gap - width))
        }).collect::<Vec<_>>().concat();
        let rule = vec!["-".repeat(15); columns].join(&" ".repeat(gap));
        let body: Vec<String> = grid.iter().map(|row| pad(row)).collect();
        for rule in [Some(rule), None] {
            let mut lines = vec![pad(&names)];
            lines.extend(rule);
            lines.extend(body.iter().cloned());
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let (found, rows) = table(&lines).expect("a table");
            prop_assert_eq!(&found, &names);
            let expected: Vec<Option<Vec<&str>>> = grid.iter().map(|row| Some(row.iter().map(String::as_str).collect())).collect();
            prop_assert!(rows.ends_with(&expected), "{rows:?}");
        }
    }
}
