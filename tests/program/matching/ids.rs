//! Identifiers and rows that `--ids` reads.

use std::io::Write;
use std::process::Stdio;

use super::{bench, matched, pairs, plan};
use crate::program::workbench::Output;

#[test]
fn ids_comments_select_nothing() {
    let bench = bench();
    bench.write(
        "ids.txt",
        "# remove these, not LT-2\n; LT-3\n// aaaa00000000000000a3\n\
         PF-0001 # not LT-2, LT-3\n",
    );
    let ids = plan(&bench, "whole.jsonl", &["--ids", "ids.txt"]);
    ids.exits(0);
    assert_eq!(matched(&ids), pairs(&[(0, "serial")]));
    ids.says("0 missing · 4 comments");
    bench.write("rows.csv", "hostname,serial\n#LT-2,PF-0002\nLT-3,PF-0003\n");
    let rows = plan(&bench, "whole.jsonl", &["--ids", "rows.csv"]);
    rows.exits(7);
    assert_eq!(matched(&rows), pairs(&[(2, "serial")]));
    rows.says("begins like a comment");
}

#[test]
fn ids_reads_lists_of_any_shape_from_a_file_and_stdin() {
    let bench = bench();
    let csv = "Serial Number,mac,hostname\nPF-0001,,\n,,LT-2\n";
    bench.write("ids.csv", csv);
    bench.write(
        "ids.json",
        "[{\"mac\":\"\",\"serial\":\"PF-0001\"},{\"hostname\":\"LT-2\"}]",
    );
    let expected = pairs(&[(0, "serial"), (1, "hostname")]);
    for name in ["ids.csv", "ids.json"] {
        let planned = plan(&bench, "whole.jsonl", &["--ids", name]);
        assert_eq!(planned.code, Some(0), "{name}: {}", planned.stderr);
        assert_eq!(matched(&planned), expected, "{name}");
        assert_eq!(planned.event("ids")["matched"], 2);
    }
    let mut child = bench
        .command(&[
            "plan",
            "whole.jsonl",
            "--action",
            "remove",
            "--output",
            "jsonl",
            "--ids",
            "-",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut input = child.stdin.take().expect("standard input");
    input.write_all(csv.as_bytes()).expect("written");
    drop(input);
    let piped = Output::read(&child.wait_with_output().expect("it ends"));
    assert_eq!(matched(&piped), expected, "{}", piped.stderr);
    bench.write("cut.json", "[{\"hwid\": \"aaaa00000000000000a0\",\n");
    let cut = plan(
        &bench,
        "whole.jsonl",
        &["--ids", "cut.json", "--skip-missing"],
    );
    assert_eq!(
        cut.code,
        Some(2),
        "of a list that breaks off nothing: {}",
        cut.stderr
    );
}
