//! A ticket's list of devices, matched to the entries of a list.
//!
//! People paste what they have: bullets, quotes, commas, no-break spaces, the dashes of a word
//! processor. Each entry is cleaned, then looked for as HWID, MAC address and host name. What
//! several devices could mean is never chosen among.

mod clean;
mod names;

use std::collections::HashSet;

use crate::device::{Hwid, Identifier, IdentifierError, MacAddress};
use crate::list::{DeviceId, DeviceList};
use clean::{clean, trim};
use names::Names;

/// A pasted text, entry by entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// In the text's order.
    pub entries: Vec<Entry>,
}

/// One entry of a pasted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it was looked for, cleaned.
    pub text: String,
    /// What it means.
    pub meaning: Meaning,
}

/// What an entry means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// This device.
    Matched(DeviceId),
    /// One of these, the most recently seen first.
    Ambiguous(Vec<DeviceId>),
    /// The same as an earlier entry.
    Repeated,
    /// Neither an identifier nor a name; why.
    Invalid(String),
    /// Not in the list; as an identifier, if it is written like one.
    Missing(Option<Identifier>),
}

/// How many entries there are of each meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// One device.
    pub matched: usize,
    /// Several devices.
    pub ambiguous: usize,
    /// The same as an earlier entry.
    pub repeated: usize,
    /// No identifier and no name.
    pub invalid: usize,
    /// Not in the list.
    pub missing: usize,
}

impl Import {
    /// Cleans `text` and looks its entries up in `list`. Entries stand on lines of their own or
    /// between commas, semicolons and tabs; words of a line that isn't a name as a whole count
    /// each.
    pub fn read(text: &str, list: &DeviceList) -> Self {
        let cleaned = clean(text);
        let pieces: Vec<&str> = cleaned
            .split(['\n', ',', ';', '\t'])
            .map(trim)
            .filter(|piece| !piece.is_empty())
            .collect();
        let names = Names::of(list, &pieces);
        let mut seen = Seen::default();
        let mut import = Self::default();
        for piece in pieces {
            if piece.contains(' ') && !names.has(piece) {
                let words = piece.split(' ').map(trim).filter(|word| !word.is_empty());
                import
                    .entries
                    .extend(words.map(|word| seen.entry(word, list, &names)));
            } else {
                import.entries.push(seen.entry(piece, list, &names));
            }
        }
        import
    }

    /// How many entries there are of each meaning.
    pub fn counts(&self) -> ImportCounts {
        let mut counts = ImportCounts::default();
        for entry in &self.entries {
            match entry.meaning {
                Meaning::Matched(_) => counts.matched += 1,
                Meaning::Ambiguous(_) => counts.ambiguous += 1,
                Meaning::Repeated => counts.repeated += 1,
                Meaning::Invalid(_) => counts.invalid += 1,
                Meaning::Missing(_) => counts.missing += 1,
            }
        }
        counts
    }

    /// The devices that were matched.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.entries.iter().filter_map(|entry| match entry.meaning {
            Meaning::Matched(id) => Some(id),
            _ => None,
        })
    }

    /// The identifiers that the list doesn't have.
    pub fn missing_identifiers(&self) -> impl Iterator<Item = Identifier> + '_ {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.meaning {
                Meaning::Missing(identifier) => identifier.clone(),
                _ => None,
            })
    }

    /// What wasn't matched, a line each: it can be pasted again.
    pub fn unmatched(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            if !matches!(entry.meaning, Meaning::Matched(_) | Meaning::Repeated) {
                text.push_str(&entry.text);
                text.push('\n');
            }
        }
        text
    }
}

/// What earlier entries were.
#[derive(Default)]
struct Seen {
    devices: HashSet<DeviceId>,
    texts: HashSet<String>,
}

impl Seen {
    fn entry(&mut self, text: &str, list: &DeviceList, names: &Names) -> Entry {
        let mut meaning = meaning(text, list, names);
        let again = match &meaning {
            Meaning::Matched(id) => !self.devices.insert(*id),
            // An address is the same in every notation.
            _ => !self.texts.insert(
                MacAddress::parse(text).map_or_else(|_| text.to_lowercase(), |mac| mac.to_string()),
            ),
        };
        if again {
            meaning = Meaning::Repeated;
        }
        Entry {
            text: text.to_owned(),
            meaning,
        }
    }
}

fn meaning(text: &str, list: &DeviceList, names: &Names) -> Meaning {
    if let Some(id) = list.find_hwid(text) {
        return Meaning::Matched(id);
    }
    let mac = MacAddress::parse(text);
    if let Ok(mac) = mac {
        if mac.is_known_constant() {
            return Meaning::Invalid(
                "an address that a VPN or virtual adapter gives to many machines".to_owned(),
            );
        }
        let found = list.find_mac(mac);
        if !found.is_empty() {
            return among(found, list);
        }
    }
    let found = names.find(text);
    if !found.is_empty() {
        return among(found, list);
    }
    match mac {
        Ok(mac) => return Meaning::Missing(Some(Identifier::Mac(mac))),
        Err(
            why @ (IdentifierError::ZeroMac
            | IdentifierError::BroadcastMac
            | IdentifierError::MulticastMac),
        ) => return Meaning::Invalid(why.to_string()),
        Err(_) => {}
    }
    if !text.chars().all(is_of_a_name) {
        return Meaning::Invalid("neither an identifier nor a host name".to_owned());
    }
    let hwid = Hwid::parse(text).ok().filter(|_| is_hwid_shaped(text));
    Meaning::Missing(hwid.map(Identifier::Hwid))
}

fn among(mut found: Vec<DeviceId>, list: &DeviceList) -> Meaning {
    match found.as_slice() {
        [id] => Meaning::Matched(*id),
        _ => {
            found.sort_by_key(|&id| std::cmp::Reverse(list.device(id).last_seen()));
            Meaning::Ambiguous(found)
        }
    }
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | ':')
}

/// Fewer characters than this are no HWID by their looks; a host name of Windows has at most 15.
const SHORTEST_HWID: usize = 16;

/// What nobody could take for a host name: a UUID, a long hexadecimal number, or letters and digits
/// as thoroughly mixed as in the vendor's samples. In doubt it is none.
fn is_hwid_shaped(text: &str) -> bool {
    let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    if groups == [8, 4, 4, 4, 12] {
        return text.split('-').all(hexadecimal);
    }
    if text.len() < SHORTEST_HWID || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let turns = text
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    hexadecimal(text) || (digits * 3 >= text.len() && turns >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIST: &str = "hwid,hostname,mac,last seen\n\
        12ds44f5gacd52234,LT-4411,00:0c:29:cd:c7:b2,2026-01-01T00:00:00Z\n\
        cd7323a67effe2ab53,LT-4411,00:0c:29:cd:c7:b3,2026-05-01T00:00:00Z\n\
        aaaaaaaaaaaaaaaa1,srv-1.corp.example,00:0c:29:cd:c7:b4,\n\
        bbbbbbbbbbbbbbbb2,Front Desk,00:0c:29:cd:c7:b4,\n\
        cccccccccccccccc3,WS-7,,\n";

    fn list() -> DeviceList {
        DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list")
    }

    fn meanings(text: &str) -> Vec<String> {
        Import::read(text, &list())
            .entries
            .iter()
            .map(|entry| match &entry.meaning {
                Meaning::Matched(id) => format!("{} = {}", entry.text, id.index()),
                Meaning::Ambiguous(ids) => {
                    let ids: Vec<usize> = ids.iter().map(|id| id.index()).collect();
                    format!("{} in {ids:?}", entry.text)
                }
                Meaning::Repeated => format!("{} again", entry.text),
                Meaning::Invalid(_) => format!("{} invalid", entry.text),
                Meaning::Missing(Some(identifier)) => {
                    format!("{} missing {identifier}", entry.text)
                }
                Meaning::Missing(None) => format!("{} missing", entry.text),
            })
            .collect()
    }

    #[test]
    fn what_people_paste_is_cleaned() {
        let text = "• “12ds44f5gacd52234”,\n1. ws\u{2011}7\u{a0}\n- 00\u{2013}0c–29–cd–c7–b2\r\n\u{feff}Front\u{a0}Desk;";
        assert_eq!(
            meanings(text),
            [
                "12ds44f5gacd52234 = 0",
                "ws-7 = 4",
                "00-0c-29-cd-c7-b2 again",
                "Front Desk = 3"
            ]
        );
    }

    #[test]
    fn an_identifier_goes_before_a_name_and_a_domain_does_not_matter() {
        assert_eq!(meanings("CD7323A67EFFE2AB53"), ["CD7323A67EFFE2AB53 = 1"]);
        assert_eq!(meanings("SRV-1"), ["SRV-1 = 2"]);
        assert_eq!(meanings("ws-7.corp.example."), ["ws-7.corp.example = 4"]);
    }

    #[test]
    fn two_names_with_different_domains_are_two_machines() {
        let list = DeviceList::read_bytes(
            "l.csv",
            b"hwid,hostname\nh0,srv-1.corp.example\nh1,srv-2\nh2,srv-2.corp.example\nh3,srv-3\n",
        )
        .expect("a list");
        let meaning = |text: &str| Import::read(text, &list).entries[0].meaning.clone();
        let id = DeviceId::from_index;
        assert_eq!(meaning("srv-1.other.example"), Meaning::Missing(None));
        assert_eq!(meaning("SRV-1.corp.example"), Meaning::Matched(id(0)));
        assert_eq!(meaning("srv-1"), Meaning::Matched(id(0)));
        assert_eq!(meaning("srv-3.any.example"), Meaning::Matched(id(3)));
        assert_eq!(meaning("srv-2.corp.example"), Meaning::Matched(id(2)));
        assert_eq!(meaning("srv-2"), Meaning::Ambiguous(vec![id(1), id(2)]));
    }

    #[test]
    fn a_host_name_is_never_taken_for_a_hardware_id() {
        for hwid in [
            "12ds44f5gacd52234",
            "cd7323a67effe2ab53",
            "0123456789abcdef",
            "4c4c4544-0042-3510-8051-b4c04f564432",
        ] {
            assert!(is_hwid_shaped(hwid), "{hwid}");
        }
        for name in [
            "DESKTOP-4F7K2M9",
            "LAPTOP-0A1B2C3D4E5F",
            "WIN-0123456789AB",
            "chicagolaptop0001",
            "win10laptopchicago2",
            "000c29000001",
            "deadbeef",
            "4c4c4544-0042-3510-8051",
        ] {
            assert!(!is_hwid_shaped(name), "{name}");
        }
        assert_eq!(meanings("DESKTOP-4F7K2M9"), ["DESKTOP-4F7K2M9 missing"]);
    }

    #[test]
    fn an_address_is_one_in_every_notation_and_a_constant_names_no_machine() {
        assert_eq!(
            meanings("00:0c:29:00:00:01\n000c29000001\n000c.2900.0001\n00:05:9a:3c:7a:00"),
            [
                "00:0c:29:00:00:01 missing 00:0c:29:00:00:01",
                "000c29000001 again",
                "000c.2900.0001 again",
                "00:05:9a:3c:7a:00 invalid"
            ]
        );
    }

    #[test]
    fn lines_of_an_old_mac_are_lines() {
        assert_eq!(meanings("ws-7\rlt-9\r"), ["ws-7 = 4", "lt-9 missing"]);
    }

    #[test]
    fn what_several_devices_have_is_ambiguous_newest_first() {
        assert_eq!(meanings("lt-4411"), ["lt-4411 in [1, 0]"]);
        assert_eq!(meanings("000c29cdc7b4"), ["000c29cdc7b4 in [2, 3]"]);
    }

    #[test]
    fn what_is_not_there_is_missing_as_an_identifier_only_if_written_like_one() {
        assert_eq!(
            meanings("LT-9\nffffffffffffffff9\n00-0c-29-00-00-01\nff:ff:ff:ff:ff:ff\nwho@corp"),
            [
                "LT-9 missing",
                "ffffffffffffffff9 missing ffffffffffffffff9",
                "00-0c-29-00-00-01 missing 00:0c:29:00:00:01",
                "ff:ff:ff:ff:ff:ff invalid",
                "who@corp invalid"
            ]
        );
    }

    #[test]
    fn words_of_a_line_count_each_and_repeats_once() {
        assert_eq!(
            meanings("ws-7 WS-7\nlt-9 LT-9"),
            ["ws-7 = 4", "WS-7 again", "lt-9 missing", "LT-9 again"]
        );
        let import = Import::read("ws-7 lt-9 lt-4411", &list());
        assert_eq!(import.unmatched(), "lt-9\nlt-4411\n");
        let counts = import.counts();
        assert_eq!(
            (counts.matched, counts.missing, counts.ambiguous),
            (1, 1, 1)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_what_was_not_matched_is_not_matched_again(text in "\\PC{0,80}") {
            let import = Import::read(&text, &list());
            let again = Import::read(&import.unmatched(), &list());
            prop_assert_eq!(again.counts().matched, 0);
        }
    }
}
