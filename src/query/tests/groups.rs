//! `dup:` and `stale:`.

use super::{SomeStates, select_in};
use crate::import::Import;
use crate::list::DeviceList;
use crate::query::{JoinedList, Matcher, Query};

fn select(rows: &str, query: &str) -> Vec<String> {
    let text = format!("hwid,mac,hostname,user,last seen\n{rows}");
    let list = DeviceList::read_bytes("list.csv", text.as_bytes()).expect("a list");
    select_in(&list, query)
}

#[test]
fn stale_matches_old_hardware_id_of_reimaged_device() {
    let rows = "old,,LT-1,,2026-01-01\nnew,,lt-1,,2026-02-01\nolder,,Lt-1,,2025-01-01\nother,,LT-2,,2024-01-01\n";
    assert_eq!(select(rows, "dup:hostname"), ["old", "new", "older"]);
    assert_eq!(select(rows, "stale:hostname"), ["old", "older"]);
    assert_eq!(select(rows, "-stale:hostname"), ["new", "other"]);
    assert_eq!(select(rows, "-dup:hostname"), ["other"]);
}

#[test]
fn dup_considers_the_whole_list() {
    let rows = "old,,LT-1,eve,2026-01-01\nnew,,LT-1,bob,2026-02-01\n";
    assert_eq!(select(rows, "stale:hostname user:eve"), ["old"]);
    assert_eq!(select(rows, "stale:hostname user:bob"), [""; 0]);
}

#[test]
fn dup_ignores_folded_rows() {
    let rows = "h1,00:0c:29:00:00:01,LT-1,,2026-01-01\nh1,00:0c:29:00:00:02,LT-1,,2026-02-01\n";
    assert_eq!(select(rows, "dup:hostname"), [""; 0]);
    assert_eq!(select(rows, "stale:hostname"), [""; 0]);
}

#[test]
fn dup_counts_a_device_once_whose_rows_spell_its_name_differently() {
    let rows = "h1,00:0c:29:00:00:01,LT-1,,2026-01-01\nh1,00:0c:29:00:00:02,lt-1,,2026-01-01\n";
    assert_eq!(select(rows, "dup:hostname"), [""; 0]);
    let rows = format!("{rows}h2,,LT-1,,2025-01-01\n");
    assert_eq!(select(&rows, "dup:hostname"), ["h1", "h2"]);
    assert_eq!(select(&rows, "stale:hostname"), ["h2"]);
}

#[test]
fn dup_ignores_missing_names_and_localhost() {
    let rows = "h1,,,,2026-01-01\nh2,,,,2026-02-01\nh3,,localhost,,2026-01-01\nh4,,LOCALHOST,,2026-02-01\n\
                h5,,localhost.localdomain,,2026-01-01\nh6,,localhost.localdomain,,2026-02-01\n";
    assert_eq!(select(rows, "dup:hostname"), [""; 0]);
    assert_eq!(select(rows, "stale:hostname"), [""; 0]);
    // A missing name is not a unique name.
    assert_eq!(select(rows, "-dup:hostname"), ["h3", "h4", "h5", "h6"]);
}

#[test]
fn stale_needs_a_single_newest_device() {
    let undated = "h1,,LT-1,,2026-01-01\nh2,,LT-1,,2026-02-01\nh3,,LT-1,,\n";
    assert_eq!(select(undated, "dup:hostname"), ["h1", "h2", "h3"]);
    assert_eq!(select(undated, "stale:hostname"), [""; 0]);
    let tie = "h1,,LT-1,,2026-01-01\nh2,,LT-1,,2026-02-01\nh3,,LT-1,,2026-02-01\n";
    assert_eq!(select(tie, "stale:hostname"), [""; 0]);
    let lower_tie = "h1,,LT-1,,2026-01-01\nh2,,LT-1,,2026-01-01\nh3,,LT-1,,2026-02-01\n";
    assert_eq!(select(lower_tie, "stale:hostname"), ["h1", "h2"]);
}

#[test]
fn dup_ignores_unusable_rows() {
    let rows = "h1,,LT-1,,2026-01-01\n,,LT-1,,2026-02-01\n";
    assert_eq!(select(rows, "dup:hostname"), [""; 0]);
    assert_eq!(select(rows, "stale:hostname"), [""; 0]);
}

#[test]
fn dup_compares_all_macs_except_known_constants() {
    let rows = "h1,00:0c:29:00:00:01 00:0c:29:00:00:02,,,2026-01-01\nh2,00:0c:29:00:00:03,,,2026-02-01\n\
                h3,00:0c:29:00:00:02 00:0c:29:00:00:04,,,2026-03-01\n\
                h4,02:00:4c:4f:4f:50,,,2026-01-01\nh5,02:00:4c:4f:4f:50,,,2026-02-01\n";
    assert_eq!(select(rows, "dup:mac"), ["h1", "h3"]);
    assert_eq!(select(rows, "stale:mac"), ["h1"]);
}

#[test]
fn dup_reads_columns_of_joined_list() {
    let read = |text: &str| DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
    let inventory = read(
        "hwid,serial,hostname,last seen\n\
         h1,PF-0001,LT-1,2026-01-01\nh2,PF-0002,LT-2,2026-02-01\n\
         h3,PF-0003,LT-3,2026-03-01\nh4,PF-0004,LT-4,2026-04-01\n",
    );
    let assets = read(
        "Serial number,Ticket,Desk\n\
         PF-0001,CHG-1,a\nPF-0002,chg-1,b\nPF-0003,CHG-2,\n",
    );
    let import = Import::of_list(&assets, &inventory);
    let joined = JoinedList {
        list: &assets,
        rows: import.rows().collect(),
    };
    let select = |text: &str| {
        let query = Query::parse(text).expect("a query");
        let matcher = Matcher::with_joined(&query, &inventory, &SomeStates, &joined);
        let found = matcher.expect("a matcher").select();
        let hwids = found
            .into_iter()
            .map(|id| inventory.device(id).hwid().unwrap_or("-"));
        hwids.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(select("dup:@\"Ticket\""), ["h1", "h2"]);
    assert_eq!(
        select("stale:@\"Ticket\""),
        ["h1"],
        "seen as the inventory says"
    );
    // A device without a joined row, or with an empty cell in it, is neither.
    assert_eq!(select("-dup:@\"Ticket\""), ["h3"]);
    assert_eq!(select("-dup:@\"Desk\""), ["h1", "h2"]);
    assert_eq!(select("dup:hostname"), [""; 0]);
}
