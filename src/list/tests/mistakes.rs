//! The whole text of every mistake in a list's text, of what is not a list, and of the options.

use std::collections::BTreeSet;

use super::refusals::{A_LIST_IS, refused};
use crate::list::{
    DeviceList, ListError, OptionError, parse_column, parse_delimiter, parse_encoding,
};

#[test]
fn syntax_errors_name_position_and_remedy() {
    let deep = "[".repeat(129);
    for (text, expected) in [
        (
            "[] x",
            "1, column 4: text after the end of the JSON: delete it, or save the list again",
        ),
        (
            "{1}",
            "1, column 2: expected a key in quotes or }: save the list again",
        ),
        (
            "{\"a\" 1}",
            "1, column 6: expected : after a key: save the list again",
        ),
        (
            "{\"devices\"\n:[1] 5}",
            "2, column 6: expected , or } after a value: save the list again",
        ),
        (
            "[\n{\"hwid\":\"a\"}\n{}]",
            "3, column 1: expected , or ] after a device: save the list again",
        ),
        (
            "[{\"hwid\":\"a\"}",
            "1, column 14: the list breaks off here: save it again",
        ),
        (
            "[{\"hwid\":\"a\"},\n {\"hwid\":",
            "2, column 10: the list breaks off here: save it again",
        ),
        (
            "{\"devices\":[1}",
            "1, column 14: expected , or ] after a device: save the list again",
        ),
        ("[1,]", "1, column 4: expected a value: save the list again"),
        (
            "[\"a\n\"]",
            "1, column 2: this text has no closing quote: close it, or save the list again",
        ),
        (
            &deep,
            "1, column 129: more than 127 brackets are open: save the devices with fewer levels",
        ),
        (
            "[[}]",
            "1, column 3: this bracket closes none that is open: delete it, or save the list again",
        ),
        (
            "{\"x\":[{\"hwid\":\"a\"}],\"y\":[{\"hwid\":\"b\"}]}",
            "1, column 25: a second array of objects: save the devices alone, or under the key devices \
             with no other array",
        ),
        (
            "{\"devices\":[{\"hwid\":\"a\"}],\"excluded\":[{\"hwid\":\"b\"}]}",
            "1, column 38: a second array of objects: save the devices alone, or under the key devices \
             with no other array",
        ),
        (
            "{\"excluded\":[{\"hwid\":\"b\"}],\"devices\":[{\"hwid\":\"a\"}]}",
            "1, column 38: a second array of objects: save the devices alone, or under the key devices \
             with no other array",
        ),
        (
            "{\"data\":{\"items\":[{\"hwid\":\"a\"}]},\"included\":[{\"hwid\":\"b\"}]}",
            "1, column 45: a second array of objects: save the devices alone, or under the key devices \
             with no other array",
        ),
        (
            "{\"offboard_list\":\"1\"}",
            "1, column 1: this header of a fetched list can't be read: fetch it again",
        ),
        (
            "hwid,host\na,\"b",
            "2, column 3: this quote is never closed: close it, or double a quote that belongs to the text",
        ),
        (
            "hwid,host\na,\"b,2\nc,\"d\n",
            "3, column 4: a quoted cell goes on after its closing quote: is a quote left open in a row \
             above? Double a quote that belongs to the text, or delete it",
        ),
        (
            "hwid,host\na,\"b\"c\n",
            "2, column 6: a quoted cell goes on after its closing quote: is a quote left open in a row \
             above? Double a quote that belongs to the text, or delete it",
        ),
    ] {
        let error = refused(text.as_bytes());
        assert!(matches!(error, ListError::Syntax { .. }), "{text}: {error}");
        assert_eq!(
            error.to_string(),
            format!("list, line {expected}"),
            "{text}"
        );
    }
}

#[test]
fn not_a_list_describes_the_content() {
    let line = |number: usize| "a1b305c1\n".repeat(number - 1);
    for (text, at, seen) in [
        (
            "<!DOCTYPE html>\n",
            1,
            "a web page (a sign-in page saved as the list?)",
        ),
        ("<a/>", 1, "XML or HTML"),
        ("-----BEGIN CERTIFICATE-----\n", 1, "a key or certificate"),
        ("BEGIN:VCARD\nN:Doe;Jane\n", 1, "a contact or calendar file"),
        ("[server]\nport = 1\n", 1, "a settings file"),
        ("\"asd\"", 1, "a single JSON value"),
        ("Subject: leavers\n\nplease remove these\n", 1, "an e-mail"),
        ("see [1]\nand [2]\n", 1, "text: 'see [1]'"),
        ("please remove these", 1, "text: 'please remove these'"),
        ("08:59 boot failed\n09:01 up\n", 1, "a log"),
        (
            "08:59 boot\n09:01 up\n09:02 ok\nall is\nwell now\n",
            1,
            "a log",
        ),
        (
            "08:59 boot failed\nall is well\n",
            1,
            "text: '08:59 boot failed'",
        ),
        ("note: a b\nnote: c d\n", 1, "text: 'note: a b'"),
        ("Hi team,\nplease remove these\n", 1, "text: 'Hi team,'"),
        ("ab\ncd\n", 1, "lines that are not identifiers: 'ab'"),
        (
            "{\"error\": \"expired\"}",
            1,
            "JSON without devices; its keys are error",
        ),
        (
            &format!("{}then this one\n", line(3)),
            3,
            "one identifier per line but for 'then this one'",
        ),
        (
            &format!("{}then this one\n", line(5_000)),
            5_000,
            "identifiers up to this line, which is 'then this one'",
        ),
    ] {
        let expected =
            format!("list, line {at}: this is not a device list but {seen}: {A_LIST_IS}");
        assert_eq!(refused(text.as_bytes()).to_string(), expected);
    }
}

#[test]
fn option_errors_have_their_exact_texts() {
    let mut seen = BTreeSet::new();
    for (error, expected) in [
        (
            parse_column("colour=Red").expect_err("no field"),
            "unknown field 'colour': write one of hostname, nickname, hwid, ",
        ),
        (
            parse_column("hwid").expect_err("no header"),
            "'hwid' is not FIELD=HEADER: write hwid=\"Device identifier\"",
        ),
        (
            parse_encoding("klingon").expect_err("no encoding"),
            "unknown encoding 'klingon': write a name such as utf-8, windows-1252 or shift_jis",
        ),
        (
            parse_delimiter(";;").expect_err("two characters"),
            "';;' is not a delimiter: write one ASCII character or tab",
        ),
    ] {
        let shown = error.to_string();
        seen.insert(match error {
            OptionError::Field { .. } => 0,
            OptionError::Column { .. } => 1,
            OptionError::Encoding { .. } => 2,
            OptionError::Delimiter { .. } => 3,
        });
        // The names of all fields follow.
        let whole = shown == expected || expected.ends_with(", ") && shown.starts_with(expected);
        assert!(whole, "{shown}");
    }
    assert_eq!(seen, (0..4).collect());
}

#[test]
fn array_beside_the_devices_is_ignored_if_it_has_none() {
    let text = "{\"devices\":[{\"hwid\":\"a1\"}],\"links\":[{\"rel\":\"next\"}],\"errors\":[],\"pages\":[1]}";
    let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
    assert_eq!(list.len(), 1);
}

/// Two parts of a file with other columns: the identifiers of one are not those of the other.
#[test]
fn second_header_with_other_columns_is_an_error() {
    for text in [
        "Hostname,HWID\nA,a0\nHostname,Old HWID\nB,b1\n",
        "Hostname;HWID;Serial\nA;a0;s0\nHostname;Serial;HWID\nB;s1;a1\n",
        "HWID,Hostname\na0,A\nHostname,HWID\nB,a1\n",
        "Hostname,MAC Address\nA,00:0c:29:00:00:01\nMAC Address,Hostname\n00:0c:29:00:00:02,B\n",
        "Hostname,HWID\nA,a0\nIPv4 address,MAC\n10.0.0.1,00:0c:29:00:00:02\n",
        "Hostname,Type,User,Group,HWID\nA,x,y,z,a0\nType,Hostname,MAC Address,Mood,Colour\n",
    ] {
        let error = refused(text.as_bytes());
        assert!(
            matches!(error, ListError::SecondHeader { line: 3, .. }),
            "{text}: {error}"
        );
    }
    for text in [
        "Hostname,HWID\nA,a0\nHostname,HWID\nB,a1\n",
        "Hostname,User,HWID\nServer,Admin,\nPC,,a1\n",
        "Hostname,HWID,Type\nHost,a0,Server\nB,a1,Type\n",
        "Hostname,HWID\nA,a0\nDevice,\n",
        "Hostname,HWID\nA,a0\nHostname,\n",
        "Hostname,HWID\nA,a0\nMAC,\n",
        "Hostname,Room,Issues\nA,1,2\nHostname,2,3\n",
        "Hostname,Type,Group,HWID\nA,x,y,a0\nZed,Type,Group,\n",
        "Hostname,HWID,Type,User,Note\nA,a0,x,y,z\nZed,,Hostname,Type,lost\n",
    ] {
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        assert_eq!(list.len(), 2, "{text}");
    }
    let hosts = "LT-1\n".repeat(60);
    let error = refused(format!("Hostname\n{hosts}Hostname,MAC\n").as_bytes());
    assert!(
        matches!(error, ListError::SecondHeader { line: 62, .. }),
        "{error}"
    );
}
