use proptest::prelude::*;

use super::*;
use crate::domain::device::{Hwid, Identifier, MacAddress};
use crate::domain::outcome::{DeviceState, Doubt, Failure, Outcome};
use crate::list::ReadOptions;
use crate::plan::PlannedDevice;

fn device(hwid: &str, mac: &str, hostname: &str, user: &str, outcome: Outcome) -> DeviceRecord {
    let hwid = Hwid::parse(hwid).expect("an HWID");
    DeviceRecord {
        device: PlannedDevice {
            macs: vec![MacAddress::parse(mac).expect("a MAC")],
            hostname: hostname.to_owned(),
            user: user.to_owned(),
            serial: format!("PF-{hostname}"),
            ..PlannedDevice::bare(Identifier::Hwid(hwid))
        },
        state: DeviceState::Ended(outcome),
        call: Some(2),
        http_status: Some(200),
        finding: None,
        verified: None,
    }
}

/// Six devices; two have one name, and two one user.
fn run() -> Vec<DeviceRecord> {
    let failed = Outcome::Failed(Failure::NotFound);
    vec![
        device(
            "h000",
            "00:0c:29:00:00:10",
            "LT-0",
            "ada",
            Outcome::Accepted,
        ),
        device("h001", "00:0c:29:00:00:11", "LT-1", "bob", failed),
        device(
            "h002",
            "00:0c:29:00:00:12",
            "LT-2",
            "eve",
            Outcome::InDoubt(Doubt::NoAnswer),
        ),
        device("h003", "00:0c:29:00:00:13", "LT-3", "dan", Outcome::NotSent),
        device(
            "h004",
            "00:0c:29:00:00:14",
            "LT-4",
            "max",
            Outcome::Accepted,
        ),
        device("h005", "00:0c:29:00:00:15", "LT-4", "max", failed),
    ]
}

fn merged_as(bytes: &[u8], options: &ReadOptions) -> Result<Merged, MergeError> {
    merged_with(bytes, options, &run(), RunState::Finished, false)
}

fn merged_with(
    bytes: &[u8],
    options: &ReadOptions,
    records: &[DeviceRecord],
    state: RunState,
    is_forgotten: bool,
) -> Result<Merged, MergeError> {
    let list = DeviceList::read_bytes_as("ticket.csv", bytes, options).expect("a list");
    let at = "2026-11-27T14:40:05.25Z".parse().ok();
    let decided: Vec<Decided<'_>> = records
        .iter()
        .map(|record| {
            let is_sent = record.state != DeviceState::Ended(Outcome::NotSent);
            Decided {
                record,
                at: at.filter(|_| is_sent),
            }
        })
        .collect();
    let run = MergedRun {
        id: RunId::from_bytes([0; 16]),
        state,
        is_forgotten,
        devices: &decided,
    };
    merge(bytes, &list, run)
}

fn merged(text: &str) -> String {
    let merged = merged_as(text.as_bytes(), &ReadOptions::default()).expect("merged");
    String::from_utf8(merged.bytes).expect("UTF-8")
}

#[test]
fn merge_appends_the_outcome_by_identifier_and_by_name() {
    let text = "Asset;Hostname;MAC\r\n\
        1;LT-0;\r\n\
        2;;00-0C-29-00-00-11\r\n\
        3;lt-2.corp.example;\r\n\
        4;LT-3;\r\n\
        5;LT-4;\r\n\
        6;LT-9;\r\n\
        7;;\r\n\
        \r\n\
        Total;7;\r\n";
    let expected = "Asset;Hostname;MAC;outcome;reason;call;time;run\r\n\
        1;LT-0;;accepted;;2;2026-11-27T14:40:05Z;00000000\r\n\
        2;;00-0C-29-00-00-11;failed;not found;2;2026-11-27T14:40:05Z;00000000\r\n\
        3;lt-2.corp.example;;in_doubt;no answer;2;2026-11-27T14:40:05Z;00000000\r\n\
        4;LT-3;;not_sent;;2;;00000000\r\n\
        5;LT-4;;;ambiguous: 2 devices of the run;;;\r\n\
        6;LT-9;;;not in run 00000000;;;\r\n\
        7;;;;no value names a device;;;\r\n\
        \r\n\
        Total;7;\r\n";
    assert_eq!(merged(text), expected);
    let counted = merged_as(text.as_bytes(), &ReadOptions::default()).expect("merged");
    assert_eq!(
        (counted.matched, counted.ambiguous, counted.others),
        (4, 1, 2)
    );
}

#[test]
fn merge_says_why_a_row_is_not_found_or_not_sent_yet() {
    let text = "hwid,hostname\nh003,\n,LT-0\n";
    let reasons = |records: &[DeviceRecord], state, is_forgotten| {
        let options = ReadOptions::default();
        let merged = merged_with(text.as_bytes(), &options, records, state, is_forgotten);
        let merged = String::from_utf8(merged.expect("merged").bytes).expect("UTF-8");
        let rows = merged.lines().skip(1);
        rows.map(|row| row.split(',').nth(3).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let mut records = run();
    assert_eq!(reasons(&records, RunState::Closed, false), ["", ""]);
    assert_eq!(
        reasons(&records, RunState::Paused, false),
        ["the run is paused", ""]
    );
    for record in &mut records {
        record.device.hostname = "hash-0011223344556677".to_owned();
    }
    assert_eq!(
        reasons(&records, RunState::Closed, true),
        ["", "not found in run 00000000: its names were forgotten"]
    );
    for record in &mut records {
        record.device.hostname.clear();
    }
    assert_eq!(
        reasons(&records, RunState::Closed, false),
        ["", "not found in run 00000000: it has no host names"]
    );
}

#[test]
fn merge_matches_every_row_of_a_device() {
    assert_eq!(
        merged("hwid,note\nh000,a\nH001,b\nh000,c\n"),
        "hwid,note,outcome,reason,call,time,run\n\
         h000,a,accepted,,2,2026-11-27T14:40:05Z,00000000\n\
         H001,b,failed,not found,2,2026-11-27T14:40:05Z,00000000\n\
         h000,c,accepted,,2,2026-11-27T14:40:05Z,00000000\n"
    );
}

#[test]
fn merge_says_when_the_row_has_another_hwid() {
    assert_eq!(
        merged("hwid,hostname\nx999,LT-0\n"),
        "hwid,hostname,outcome,reason,call,time,run\n\
         x999,LT-0,accepted,\"matched by hostname, sent with another HWID\",2,2026-11-27T14:40:05Z,00000000\n"
    );
}

#[test]
fn merge_matches_by_serial_number() {
    assert_eq!(
        merged("Serial number,Site\nPF-LT-1,Bern\n"),
        "Serial number,Site,outcome,reason,call,time,run\n\
         PF-LT-1,Bern,failed,not found,2,2026-11-27T14:40:05Z,00000000\n"
    );
}

#[test]
fn merge_counts_the_devices_of_a_person() {
    assert_eq!(
        merged("Name,E-Mail\nAda,ada@corp.example\nMax,max@corp.example\n"),
        "Name,E-Mail,outcome,reason,call,time,run\n\
         Ada,ada@corp.example,accepted,,2,2026-11-27T14:40:05Z,00000000\n\
         Max,max@corp.example,,\"2 devices: 1 accepted, 1 failed\",,2026-11-27T14:40:05Z,00000000\n"
    );
}

#[test]
fn merge_quotes_like_the_file_and_numbers_columns_that_exist() {
    let text = "\"hostname\",\"Outcome\",\"run\"\n\"LT-0\",\"open\",\"\"\n\"LT-9\",\"\",\"\"";
    assert_eq!(
        merged(text),
        "\"hostname\",\"Outcome\",\"run\",\"outcome_2\",\"reason\",\"call\",\"time\",\"run_2\"\n\
         \"LT-0\",\"open\",\"\",\"accepted\",\"\",\"2\",\"2026-11-27T14:40:05Z\",\"00000000\"\n\
         \"LT-9\",\"\",\"\",\"\",\"not in run 00000000\",\"\",\"\",\"\""
    );
    let again = merged(&merged("hostname,x\nLT-0,1\n"));
    assert!(
        again.starts_with("hostname,x,outcome,reason,call,time,run,outcome_2,"),
        "{again}"
    );
}

#[test]
fn merge_fills_up_shorter_rows() {
    assert_eq!(
        merged("hostname,user\nLT-0,ada,,\nLT-1,bob\nLT-2\n"),
        "hostname,user,,,outcome,reason,call,time,run\n\
         LT-0,ada,,,accepted,,2,2026-11-27T14:40:05Z,00000000\n\
         LT-1,bob,,,failed,not found,2,2026-11-27T14:40:05Z,00000000\n\
         LT-2,,,,,wrong number of cells,,,\n"
    );
}

#[test]
fn merge_keeps_encoding_and_byte_order_mark() {
    let text = "Gerät;Hostname\r\nä;LT-0\r\nü;LT-9\r\n";
    let expected = "Gerät;Hostname;outcome;reason;call;time;run\r\n\
        ä;LT-0;accepted;;2;2026-11-27T14:40:05Z;00000000\r\n\
        ü;LT-9;;not in run 00000000;;;\r\n";
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("\u{feff}{text}");
        text.encode_utf16().flat_map(order).collect()
    };
    let latin = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let mark = |text: &str| format!("\u{feff}{text}").into_bytes();
    for (bytes, expected) in [
        (
            utf16(text, u16::to_le_bytes),
            utf16(expected, u16::to_le_bytes),
        ),
        (
            utf16(text, u16::to_be_bytes),
            utf16(expected, u16::to_be_bytes),
        ),
        (latin(text), latin(expected)),
        (mark(text), mark(expected)),
    ] {
        let merged = merged_as(&bytes, &ReadOptions::default()).expect("merged");
        assert!(
            merged.bytes == expected,
            "{}",
            String::from_utf8_lossy(&merged.bytes)
        );
    }
}

proptest! {
    #[test]
    fn merge_only_adds_bytes(
        rows in proptest::collection::vec(
            ("(LT-[0-9]|h00[0-9])?", "[a-zé日]{0,3}", "[a-z \"',;|\t\n\r]{0,6}"), 1..8),
        delimiter in proptest::sample::select(&b",;\t|"[..]),
        quotes in proptest::sample::select(vec![
            csv::QuoteStyle::Necessary, csv::QuoteStyle::Always, csv::QuoteStyle::NonNumeric]),
        encoding in proptest::sample::select(vec![
            encoding_rs::UTF_8, encoding_rs::UTF_16LE, encoding_rs::SHIFT_JIS, encoding_rs::GB18030]),
        crlf in any::<bool>(),
        final_break in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(quotes)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        writer.write_record(["hostname", "Büro", "note"].map(|name| match encoding {
            _ if encoding == encoding_rs::SHIFT_JIS => name.replace('ü', "部"),
            _ => name.to_owned(),
        })).expect("in memory");
        for (name, place, note) in &rows {
            let place = if encoding == encoding_rs::SHIFT_JIS { place.replace('é', "部") } else { place.clone() };
            writer.write_record([name, &place, note]).expect("in memory");
        }
        let text = String::from_utf8(writer.into_inner().expect("in memory")).expect("UTF-8");
        let text = if final_break { &text } else { text.trim_end_matches(['\r', '\n']) };
        let bytes: Vec<u8> = if encoding == encoding_rs::UTF_16LE {
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            encoding.encode(text).0.into_owned()
        };
        let options = ReadOptions {
            encoding: (encoding != encoding_rs::UTF_16LE).then_some(encoding),
            delimiter: Some(delimiter),
            ..ReadOptions::default()
        };
        let Ok(list) = DeviceList::read_bytes_as("ticket.csv", &bytes, &options) else {
            return Ok(());
        };
        let ends = list.row_ends(&bytes).expect("delimited");
        let columns = column_names(&list);
        let added: HashMap<u64, Added> = ends
            .rows
            .iter()
            .map(|end| (end.line, Added { reason: format!("line {}", end.line), ..Added::default() }))
            .collect();
        let (appended, ranges) = append(&bytes, &ends, &columns, &added);
        prop_assert_eq!(without(&appended, &ranges), bytes.clone());
        prop_assert_eq!(ranges.len(), ends.rows.len() + 1);
        let merged = merged_as(&bytes, &options).expect("merged");
        // Our own reader finds the old columns as they were, and the new ones beside them.
        let read = DeviceList::read_bytes_as("merged.csv", &merged.bytes, &options).expect("a list");
        prop_assert_eq!(read.len(), list.len());
        for (before, after) in list.ids().zip(read.ids()) {
            prop_assert_eq!(list.device(before).line(), read.device(after).line());
            let cells = |list: &DeviceList, id| match list.record(id).expect("readable").swap_remove(0) {
                crate::list::RawRecord::Cells { cells, .. } => cells,
                other => panic!("{other:?}"),
            };
            let (before, after) = (cells(&list, before), cells(&read, after));
            prop_assert_eq!(&after[..before.len()], &before[..]);
        }
    }
}
