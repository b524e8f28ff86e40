use super::*;
use crate::domain::device::{Identifier, IdentifyBy};
use crate::query::{Matcher, NoStatus, Query};
use proptest::prelude::*;

fn csv(cells: &[&str]) -> String {
    let mut bytes = Vec::new();
    let row = cells.iter().map(ToString::to_string).collect();
    write_csv(&mut bytes, &["hwid", "hostname"], std::iter::once(row)).expect("written");
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn cell_that_a_spreadsheet_would_compute_gets_an_apostrophe() {
    assert_eq!(
        csv(&["h1", "=1+1"]),
        "offboard_csv,hwid,hostname\n1,h1,'=1+1\n"
    );
    assert_eq!(
        csv(&["h1", "'=1"]),
        "offboard_csv,hwid,hostname\n1,h1,''=1\n"
    );
    for first in ["+", "-", "@", "\t", "\r"] {
        assert!(
            csv(&["h1", &format!("{first}x")]).contains('\''),
            "{first:?}"
        );
    }
}

fn cells(list: &DeviceList) -> Vec<Vec<String>> {
    let table = ListTable::of(list, list.ids());
    list.ids().map(|id| table.cells(&list.device(id))).collect()
}

/// The values of each field, and of each other column by header.
type Contents = (Vec<Vec<String>>, Vec<(String, Vec<String>)>);

/// All that a list says of each device: its fields' values and MACs, then its other columns by
/// header.
fn contents(list: &DeviceList) -> Vec<Contents> {
    let contents = |id| {
        let device = list.device(id);
        let fields = Field::ALL.iter().map(|&field| {
            let mut values: Vec<String> = device.values(field).map(str::to_owned).collect();
            if values.is_empty() {
                values.push(device.text(field).into_owned());
            }
            values
        });
        // Columns with the same header are one.
        let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (column, values) in device.all_others() {
            let of_header = others.entry(list.header(column).to_owned()).or_default();
            of_header.extend(values.map(str::to_owned));
        }
        (fields.collect(), others.into_iter().collect())
    };
    list.ids().map(contents).collect()
}

/// The list, exported as CSV and as JSON, and opened again.
fn reopened(list: &DeviceList) -> [DeviceList; 2] {
    let table = ListTable::of(list, list.ids());
    let rows = list.ids().map(|id| table.cells(&list.device(id)));
    let mut csv = Vec::new();
    write_csv(&mut csv, &table.headers(), rows).expect("written");
    let objects = list
        .ids()
        .flat_map(|id| list_objects(list, &list.device(id)).expect("read"));
    let mut json = Vec::new();
    write_json(&mut json, objects).expect("written");
    [csv, json].map(|bytes| DeviceList::read_bytes("again", &bytes).expect("a list"))
}

/// What would be sent for each entry, or the words why nothing is; and all its addresses.
fn sent(list: &DeviceList, by: IdentifyBy) -> Vec<(Result<Identifier, String>, String)> {
    let sent = |id| list.identify(id, by).map_err(|problem| problem.to_string());
    let ids = list.ids();
    ids.map(|id| (sent(id), list.device(id).text(Field::Mac).into_owned()))
        .collect()
}

#[test]
fn row_that_cannot_be_used_stays_so_whatever_is_exported_of_it() {
    for text in [
        "hwid,mac\na b,00:0c:29:00:00:01\n",
        r#"[{"hwid":"a b","mac":"00:0c:29:00:00:01"}]"#,
        r#"[{"hwid":"a","hwid":"b"}]"#,
        r#"[{"hwid":7,"mac":"00:0c:29:00:00:01"}]"#,
        "{\"hwid\":\"a\"}\n{\"hwid\":\"b\",}\n7\n{}\n",
        "hwid,mac\na,00:0c:29:00:00:01\nb,00:0c:29:00:00:01\n,00:0c:29:00:00:01\n",
    ] {
        let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
        for again in reopened(&list) {
            let by = IdentifyBy::Auto;
            assert_eq!(sent(&again, by), sent(&list, by), "{text}");
        }
    }
}

#[test]
fn row_alone_is_not_usable_because_the_others_are_missing() {
    let text = "hwid,mac\na,00:0c:29:00:00:01\nb,00:0c:29:00:00:01\n,00:0c:29:00:00:01\n";
    let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
    let table = ListTable::of(&list, list.ids());
    let shared = list.ids().nth(2).map(|id| table.cells(&list.device(id)));
    let mut csv = Vec::new();
    write_csv(&mut csv, &table.headers(), shared.into_iter()).expect("written");
    let again = DeviceList::read_bytes("again", &csv).expect("a list");
    for by in [IdentifyBy::Auto, IdentifyBy::Hwid, IdentifyBy::Mac] {
        assert_eq!(sent(&again, by)[0].0, Err("shared MAC".to_owned()));
    }
}

#[test]
fn record_in_json_is_written_whole_and_shows_nothing_that_a_terminal_obeys() {
    let text = "[{\n \"mac\": \"00:0c:29:00:00:01\",\n \"mac\": \"00:0c:29:00:00:02\",\n \"hwid\": \"a\", \"host\": \"x\u{202e}\u{9b}\"}]";
    let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
    let id = list.ids().next().expect("a device");
    let objects = list_objects(&list, &list.device(id)).expect("read");
    let written = objects[0].get();
    assert_eq!(text::visible(written), written);
    let [_, again] = reopened(&list);
    assert_eq!(cells(&again), cells(&list));
}

#[test]
fn export_keeps_the_fields_and_the_other_columns() {
    for text in [
        "hwid,mac,hostname,Cost Centre,Room: east\na,00:0c:29:00:00:01,x,=7,12\nb,,y,,'1\n",
        "hwid;hostname;=1+1;Note\na;x;1;\"two\nlines\"\nb;y;2;-z\n",
        "Device name,Intune Device ID,Azure AD Device ID,Serial number,Managed by,Wi-Fi MAC\n\
         x,11111111-1111-1111-1111-111111111111,21111111-1111-1111-1111-111111111111,S1,Intune,000c29000001\n",
    ] {
        let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
        assert!(list.other_columns().next().is_some(), "{text}");
        for again in reopened(&list) {
            assert_eq!(contents(&again), contents(&list), "{text}");
            let by = IdentifyBy::Auto;
            assert_eq!(sent(&again, by), sent(&list, by), "{text}");
            for twice in reopened(&again) {
                assert_eq!(contents(&twice), contents(&list), "{text}");
            }
        }
    }
}

#[test]
fn foreign_column_never_reads_as_a_field() {
    let text = r#"[{"hostname":"x","mac":"00:0c:29:00:00:01","offboard_columns":{"hwid":"evil",
        "last_seen":"2020-01-01","group_values":"g","offboard_unusable":"u","'mac'":"m","Hwid":"h",
        "hwid\u200b":"z"}}]"#;
    let list = DeviceList::read_bytes("l.json", text.as_bytes()).expect("a list");
    let headers = ListTable::of(&list, list.ids()).headers();
    for header in [
        "hwid (list)",
        "last_seen (list)",
        "offboard_unusable (list)",
        "Hwid",
    ] {
        assert!(
            headers.iter().any(|own| own == header),
            "{header}: {headers:?}"
        );
    }
    for again in reopened(&list) {
        assert_eq!(contents(&again)[0].0, contents(&list)[0].0);
        assert_eq!(contents(&again)[0].1.len(), contents(&list)[0].1.len());
        assert_eq!(
            sent(&again, IdentifyBy::Auto),
            sent(&list, IdentifyBy::Auto)
        );
    }
}

#[test]
fn several_values_of_a_field_are_kept() {
    let text = "hwid,group,groups,Tag,Tag\na,g1,g2,t1,t2\nb,g1,,,\n";
    let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
    let groups = |list: &DeviceList| -> Vec<String> {
        let device = list.device(DeviceId::from_index(0));
        device.values(Field::Group).map(str::to_owned).collect()
    };
    assert_eq!(groups(&list), ["g1", "g2"]);
    for again in reopened(&list) {
        assert_eq!(groups(&again), ["g1", "g2"]);
        assert_eq!(
            contents(&again)[0].1,
            [("Tag".to_owned(), vec!["t1".to_owned(), "t2".to_owned()])]
        );
    }
}

#[test]
fn several_values_of_another_column_are_columns_of_its_name() {
    let text = r#"[{"hwid":"a","Tag":["t1","two\nlines",","]},{"hwid":"b","Room":7},{"hwid":"c","Tag":"t1"}]"#;
    let list = DeviceList::read_bytes("l.json", text.as_bytes()).expect("a list");
    let headers = ListTable::of(&list, list.ids()).headers();
    assert_eq!(headers[headers.len() - 4..], ["Tag", "Tag", "Tag", "Room"]);
    for again in reopened(&list) {
        assert_eq!(contents(&again), contents(&list));
        let query = Query::parse(r#"@"Tag":=two"#).expect("a query");
        let found = |list: &DeviceList| {
            let matcher = Matcher::new(&query, list, &NoStatus).expect("a matcher");
            matcher
                .select()
                .into_iter()
                .map(DeviceId::index)
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&again), found(&list));
        for twice in reopened(&again) {
            assert_eq!(contents(&twice), contents(&list));
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[=+@'\"-][=+@'\"a-]{0,4}",
        "[a-zäß€,;\n]{0,8}"
    ]
}

/// The headers that our reader knows in our own exports, some that clean to one, and any others.
fn header_text() -> impl Strategy<Value = String> {
    let own = Field::ALL.iter().map(|&field| header(field).to_owned());
    let own: Vec<String> = own
        .chain(["seen", "'mac'", "hw\u{200b}id", UNUSABLE, MARKER].map(str::to_owned))
        .collect();
    prop_oneof![prop::sample::select(own), text()]
}

proptest! {
    #[test]
    fn export_opens_as_the_same_devices(rows in prop::collection::vec((text(), text(), any::<bool>()), 1..8)) {
        let objects: Vec<Value> = rows.iter().enumerate().map(|(index, (name, group, mac))| {
            let mut object = json!({"hwid": format!("h{index}"), "hostname": name.trim(), "group": group.trim()});
            if *mac {
                object["network_info"] = json!([{"mac_addr": format!("00:0c:29:00:00:{index:02x}")}]);
            }
            object
        }).collect();
        let text = serde_json::to_string(&objects).expect("JSON");
        let list = DeviceList::read_bytes("l.json", text.as_bytes()).expect("a list");
        let mut bytes = Vec::new();
        write_csv(&mut bytes, &ListTable::of(&list, list.ids()).headers(), cells(&list).into_iter()).expect("written");
        let again = DeviceList::read_bytes("again.csv", &bytes).expect("a list");
        prop_assert_eq!(cells(&list), cells(&again));
        let objects = |list: &DeviceList| -> Vec<Box<RawValue>> {
            list.ids().flat_map(|id| list_objects(list, &list.device(id)).expect("read")).collect()
        };
        for list in [&list, &again] {
            let mut bytes = Vec::new();
            write_json(&mut bytes, objects(list).into_iter()).expect("written");
            let read = DeviceList::read_bytes("again.json", &bytes).expect("a list");
            prop_assert_eq!(cells(list), cells(&read));
        }
    }

    #[test]
    fn other_columns_are_exported_whole_and_never_as_fields(
        columns in prop::collection::vec((header_text(), prop::collection::vec(text(), 1..3)), 1..5),
    ) {
        let others: Map<String, Value> = columns.into_iter().map(|(header, values)| (header, json!(values))).collect();
        let rows = json!([{"hwid": "h1", "hostname": "x", "offboard_columns": others}, {"hwid": "h2", "mac": "00:0c:29:00:00:02"}]);
        let list = DeviceList::read_bytes("l.json", rows.to_string().as_bytes()).expect("a list");
        let (before, by) = (contents(&list), IdentifyBy::Auto);
        for again in reopened(&list) {
            let after = contents(&again);
            prop_assert_eq!(sent(&again, by), sent(&list, by));
            for (before, after) in before.iter().zip(&after) {
                prop_assert_eq!(&before.0, &after.0);
                let values = |others: &[(String, Vec<String>)]| {
                    let mut values: Vec<String> = others.iter().flat_map(|(_, values)| values.clone()).collect();
                    values.sort();
                    values
                };
                prop_assert_eq!(values(&before.1), values(&after.1));
            }
        }
    }
}
