//! Every shape of list, and how each fails.

use proptest::prelude::*;

use super::*;
use crate::list::Field;

const V2: &str = r#"[
  {"hwid":"12ds44f5gacd52234","hostname":"LT-4411","nickname":"","agent_version":"7.6.10",
   "last_seen":"2014-07-18T08:59:00Z","machine_type":"vm","country":"US","active":1,"total_issue":10,
   "user_info":{"username":"jdoe","domain":"CORP"},
   "os_info":{"family":"Windows","name":"Windows 10","version":"10.0.19045"},
   "group_name":"Sales",
   "network_info":[{"mac_addr":"00:1b:fc:37:cb:d3","ipv4_addr":"10.0.0.7","ipv6_addr":""},
                   {"mac_addr":"","ipv4_addr":""},
                   {"mac_addr":"00-0C-29-CD-C7-B2","ipv4_addr":"10.0.0.8"}]},
  {"hwid":"cd7323a67effe2ab53","network_info":[]},
  42
]"#;

#[test]
fn json_v2_answer_is_read() {
    let list = list(V2);
    assert_eq!(counts(&list), (2, 1, 0));
    let device = list.device(id(0));
    assert_eq!(device.hwid(), Some("12ds44f5gacd52234"));
    let macs: Vec<_> = device.macs().map(|mac| mac.to_string()).collect();
    assert_eq!(macs, ["00:1b:fc:37:cb:d3", "00:0c:29:cd:c7:b2"]);
    let shown: Vec<_> = Field::ALL
        .into_iter()
        .map(|field| device.text(field).into_owned())
        .collect();
    assert_eq!(
        shown,
        [
            "LT-4411",
            "",
            "12ds44f5gacd52234",
            "00:1b:fc:37:cb:d3 00:0c:29:cd:c7:b2",
            "",
            "",
            "CORP",
            "10.0.0.7",
            "Windows 10 10.0.19045",
            "vm",
            "",
            "",
            "Sales",
            "jdoe",
            "7.6.10",
            "10",
            "2014-07-18T08:59:00Z",
            "",
            "",
        ]
    );
    assert_eq!(list.time(), device.last_seen());
    assert_eq!(problems(&list), [(11, "not a JSON object".to_owned())]);
    let wrapped = super::list(format!(r#"{{"total":3,"results":{V2},"page":1}}"#));
    assert_eq!(counts(&wrapped), (2, 1, 0));
}

const V3: &str = concat!(
    r#"{"next_token":"t","devices":[{"device_id":"a1","device_name":"LT-1","host_name":"lt-1.corp","nickname":"Ann","#,
    r#""public_ip":"198.51.100.7","device_type":"laptop","severity":"warning","status":"non_compliant","#,
    r#""enrolled_at":1700000000,"last_seen":1793696340000,"agent_version":"7.6","group":{"id":"9","name":"Sales"},"#,
    r#""os_info":{"family":"Windows"},"user_info":{"username":"ann"},"mac_addresses":["00:0c:29:cd:c7:b2"]},"#,
    r#"{"device_id":"a2","device_name":"LT-2","group":"Ops","device_type":"server"}]}"#
);

#[test]
fn json_v3_answers_are_read() {
    let one = list(V3);
    assert_eq!(counts(&one), (2, 0, 0));
    let device = one.device(id(0));
    assert_eq!(device.hostname(), "lt-1.corp");
    assert_eq!(device.nickname(), "Ann");
    assert_eq!(device.group(), "Sales");
    assert_eq!(device.os(), "Windows");
    assert_eq!(device.user(), "ann");
    assert_eq!(device.macs().count(), 1);
    assert_eq!(device.text(Field::Seen), "2026-11-03T08:59:00Z");
    assert_eq!(device.text(Field::Enrolled), "2023-11-14T22:13:20Z");
    assert_eq!(one.device(id(1)).hostname(), "LT-2");
    let many = list(format!("{V3}\n{}\n", V3.replace("\"a", "\"b")));
    assert_eq!(counts(&many), (4, 0, 0));
    assert_eq!(many.device(id(3)).line(), 2);
}

#[test]
fn own_list_is_read() {
    let text = "{\"offboard_list\":1,\"tenant\":\"https://t.example\",\"account\":\"acme\",\
                \"fetched_at\":\"2026-11-03T08:59:00Z\",\"complete\":true}\n\
                {\"device_id\":\"a1\",\"last_seen\":\"2026-10-01T00:00:00Z\"}\n{\"device_id\":\"a2\"}\n";
    let ours = list(text);
    assert_eq!(counts(&ours), (2, 0, 0));
    assert_eq!(ours.tenant(), Some("https://t.example"));
    assert_eq!(ours.account(), Some("acme"));
    let time = ours.time().map(|time| time.to_string());
    assert_eq!(time.as_deref(), Some("2026-11-03T08:59:00Z"));
    assert!(ours.notices().is_empty());
    let incomplete = list(text.replace("true", "false"));
    assert_eq!(incomplete.notices(), [ListNotice::Incomplete]);
    let counted = |devices: u64| {
        let count = format!("\"complete\":true,\"devices\":{devices}");
        list(text.replace("\"complete\":true", &count))
    };
    assert!(counted(2).notices().is_empty());
    // A copy that was cut.
    assert_eq!(counted(3).notices(), [ListNotice::Incomplete]);
    let both = text.replace("\"complete\":true", "\"complete\":false,\"devices\":3");
    assert_eq!(list(both).notices(), [ListNotice::Incomplete]);
}

#[test]
fn broken_json_line_is_one_unusable_row() {
    let list = list(
        "{\"hwid\":\"a1\"}\n{\"hwid\":\"a2\"\n{\"hwid\":\"a3\"}\n{\"hwid\":\"a4\n\"x\"\n{\"hwid\":7}\n{\"hwid\":\"a5\"",
    );
    assert_eq!(counts(&list), (2, 5, 0));
    assert_eq!(
        problems(&list),
        [
            (2, "broken JSON".to_owned()),
            (4, "broken JSON".to_owned()),
            (5, "not a JSON object".to_owned()),
            (6, "HWID that is not a text".to_owned()),
            (7, "broken JSON".to_owned()),
        ]
    );
    assert!(list.find_hwid("a3").is_some());
    for id in list.ids() {
        assert_eq!(list.record(id).expect("a record").len(), 1);
    }
}

#[test]
fn contradicting_or_unidentified_rows_are_unusable() {
    let list = list(
        r#"[{"hwid":"a","hwid":"b"},{"hwid":"c","hwid":"c"},{"hostname":"x"},{"hwid":"a b"},
           {"mac":"01:00:5e:00:00:fb"},{"hwid":{"a":1}},{"hwid":["a","b"]},{"user":{"x":1}},{"hwid":"d",}]"#,
    );
    let reasons: Vec<_> = problems(&list)
        .into_iter()
        .map(|(_, reason)| reason)
        .collect();
    assert_eq!(
        reasons,
        [
            "two different HWIDs",
            "not matched: match it with the tenant's inventory",
            "HWID with a character that can't be sent",
            "multicast MAC address",
            "HWID that is not a text",
            "two different HWIDs",
            "no identifier",
            "broken JSON",
        ]
    );
    assert_eq!(list.counts().devices, 1);
    assert_eq!(list.device(id(2)).hostname(), "x");
}

#[test]
fn csv_is_read_in_every_dialect() {
    for (text, line) in [
        (
            "\u{feff}Device ID,Host Name,MAC Address,Last Seen\r\na1,\"LT,\r\n1\",000c.29cd.c7b2,2026-11-03 08:59\r\na2,,,\r\n",
            4,
        ),
        (
            "host;HWID;mac;last_seen\n\"LT,\r\n1\";a1;00-0C-29-CD-C7-B2;2026-11-03T08:59:00Z\n\n;a2;;\n;;;\n",
            5,
        ),
        (
            "HARDWARE-ID\tHostname\tmac\tSeen\na1\t\"LT,\r\n1\"\t000c29cdc7b2\t1793696340\na2\t\t\t",
            4,
        ),
    ] {
        let list = list(text);
        assert_eq!(counts(&list), (2, 0, 0), "{text}");
        let device = list.device(id(0));
        assert_eq!(device.hwid(), Some("a1"));
        assert_eq!(device.hostname(), "LT,\r\n1");
        assert_eq!(device.text(Field::Mac), "00:0c:29:cd:c7:b2");
        assert_eq!(device.text(Field::Seen), "2026-11-03T08:59:00Z");
        assert_eq!(list.device(id(1)).line(), line, "{text}");
    }
    // Twelve hex digits are a HWID in an HWID column.
    assert_eq!(
        list("hwid\n000c29cdc7b2\n").device(id(0)).hwid(),
        Some("000c29cdc7b2")
    );
}

#[test]
fn rows_with_wrong_number_of_cells_are_unusable() {
    let list = list("hwid,hostname\na1,x\na2\na3,x,y\na4,z\n");
    assert_eq!(counts(&list), (2, 2, 0));
    assert_eq!(
        problems(&list),
        [
            (3, "wrong number of cells".to_owned()),
            (4, "wrong number of cells".to_owned())
        ]
    );
}

#[test]
fn table_without_identifiers_names_its_headers() {
    let error = refusal("Colour,Room \u{1b}[2J\nred,12\n");
    assert!(error.contains("(Colour, Room \\u{1b}[2J)"), "{error}");
}

#[test]
fn own_exports_lose_one_apostrophe() {
    let ours = list("offboard_csv,hwid,hostname,user\n1,'-a1,'=cmd,''quoted\n");
    let device = ours.device(id(0));
    assert_eq!(device.hwid(), Some("-a1"));
    assert_eq!((device.hostname(), device.user()), ("=cmd", "'quoted"));
    let other = list("hwid,hostname\na1,'=cmd\n");
    assert_eq!(other.device(id(0)).hostname(), "=cmd");
}

#[test]
fn day_and_month_are_decided_per_column() {
    let seen = |text: &str| {
        let list = list(format!("hwid,last seen,enrolled\n{text}"));
        let shown: Vec<_> = list
            .ids()
            .map(|id| list.device(id).text(Field::Seen).into_owned())
            .collect();
        (shown, list.dates_undecided(Field::Seen))
    };
    let april = ["2026-04-03T00:00:00Z", "2026-04-13T00:00:00Z"].map(str::to_owned);
    assert_eq!(
        seen("a,03/04/2026,\nb,13/04/2026,\n"),
        (april.to_vec(), false)
    );
    assert_eq!(seen("a,4/3/2026,\nb,4/13/2026,\n"), (april.to_vec(), false));
    let unreadable = (vec![String::new(), String::new()], true);
    assert_eq!(seen("a,03/04/2026,\nb,05/04/2026,\n"), unreadable);
    assert_eq!(seen("a,13/04/2026,\nb,04/13/2026,\n"), unreadable);
    let list = list("hwid,seen\na,soon\nb,1/2/2026\nc,3/4/2026\nd,2026-01-01\n");
    let notices: Vec<String> = list.notices().iter().map(ToString::to_string).collect();
    let [ambiguous, unreadable] = &notices[..] else {
        panic!("{notices:?}");
    };
    let counted =
        "2 dates of 'last seen' are ambiguous in day and month (the first is 1/2/2026, line 3) and";
    assert!(ambiguous.starts_with(counted), "{ambiguous}");
    let counted = "1 date of 'last seen' can't be read (soon, line 2) and counts as unreadable";
    assert!(unreadable.starts_with(counted), "{unreadable}");
}

#[test]
fn bare_text_is_read() {
    let list = list("\n 12ds44f5gacd52234 \r\n000c29cdc7b2\n\n# spare\nff:ff:ff:ff:ff:ff\n");
    assert_eq!(counts(&list), (2, 1, 0));
    assert_eq!(list.device(id(0)).line(), 2);
    assert_eq!(list.device(id(1)).text(Field::Mac), "00:0c:29:cd:c7:b2");
    assert_eq!(list.device(id(1)).hwid(), None);
    assert!(list.notices().is_empty());
    let names = super::list("LT-4411\nLT-4412\n12ds44f5gacd52234\n");
    assert_eq!(names.notices(), [ListNotice::LooksLikeHostnames]);
    assert_eq!(names.device(id(0)).hostname(), "LT-4411");
    assert_eq!(names.device(id(2)).hwid(), Some("12ds44f5gacd52234"));
}

#[test]
fn list_without_rows_is_empty_and_a_text_without_anything_is_refused() {
    assert!(list("[]").is_empty());
    assert!(list("hwid,host\n").is_empty());
    assert!(refusal("").contains("list is empty"));
}

#[test]
fn compare_sorts_by_value_with_missing_last() {
    let list = list("hwid,host,issues,ip\na,b,10,10.0.0.10\nb,A,9,10.0.0.9\nc,,,\nd,É,2,x\n");
    let sorted = |field| {
        let mut ids: Vec<_> = list.ids().collect();
        ids.sort_by(|a, b| list.compare(field, *a, *b));
        ids.into_iter()
            .map(|id| list.device(id).text(Field::Hwid))
            .collect::<String>()
    };
    assert_eq!(sorted(Field::Hostname), "badc");
    assert_eq!(sorted(Field::Issues), "dbac");
    assert_eq!(sorted(Field::Ip), "badc");
    assert_eq!(sorted(Field::Seen), "abcd");
}

/// What a list is made of, so that generated ones get past the first byte.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(vec![
        "[",
        "]",
        "{",
        "}",
        ",",
        ";",
        "\t",
        ":",
        "\"",
        "\\",
        "'",
        "\n",
        "\r\n",
        "hwid",
        "\"hwid\"",
        "\"device_id\":",
        "\"devices\":",
        "mac",
        "Last Seen",
        "offboard_csv",
        "\"offboard_list\":1",
        "00:0c:29:cd:c7:b2",
        "\"a1\"",
        "1/2/2026",
        "5",
        "null",
        "é",
        "\u{feff}",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn read_bytes_never_panics(bytes in prop_oneof![pieces(), any::<Vec<u8>>()]) {
        let Ok(list) = DeviceList::read_bytes("list", &bytes) else {
            return Ok(());
        };
        let counts = list.counts();
        prop_assert_eq!(counts.devices + counts.unusable, list.len() as u64);
        let mut rows = 0;
        for id in list.ids() {
            let device = list.device(id);
            // Every entry either can be sent or says why not, and every row is found again.
            prop_assert_eq!(list.identify(id, IdentifyBy::Auto).err(), device.problem().copied());
            let record = list.record(id).expect("a record");
            prop_assert_eq!(record.len(), device.repeats() as usize + 1);
            rows += record.len() as u64;
        }
        prop_assert_eq!(rows, list.len() as u64 + counts.repeated);
    }

    #[test]
    fn texts_round_trip(host in any::<String>(), user in any::<String>()) {
        // A text of signs alone says that there is no name.
        let (host, user) = (format!("x{host}y"), format!("x{user}y"));
        let row = serde_json::json!({"hwid": "a1", "hostname": host, "user": user});
        let list = list(format!("[{row}]"));
        let device = list.device(id(0));
        prop_assert_eq!(device.hostname(), host.replace('\0', " "));
        prop_assert_eq!(device.user(), user.replace('\0', " "));
    }
}
