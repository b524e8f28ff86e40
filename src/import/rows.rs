//! Matches the rows of another system's list.

use super::join::{Join, LookupValues};
use super::{EarlierEntries, Entry, Import, InvalidEntry, MatchResult, Row, people, result_of};
use crate::domain::device::{Hwid, Identifier};
use crate::list::{Device, DeviceId, DeviceList, Field, Problem, RawRecord};

impl Import {
    /// Looks up each row of `list` in `inventory`. A list of persons is joined by user, any other
    /// by the identifiers and names of its devices.
    pub fn of_list(list: &DeviceList, inventory: &DeviceList) -> Self {
        Self::of_rows(list, inventory, list.is_people())
    }

    pub(super) fn of_rows(list: &DeviceList, inventory: &DeviceList, is_people: bool) -> Self {
        let mut seen = EarlierEntries::default();
        let entries = look_up_rows(list, inventory, is_people);
        Self {
            entries: entries.into_iter().map(|entry| seen.check(entry)).collect(),
            is_people,
            comments: 0,
        }
    }
}

/// Looks up each entry of `list` in `inventory`. Unlike in an [`Import`], every row of a device is
/// matched with it, not only the first.
pub fn match_rows(list: &DeviceList, inventory: &DeviceList) -> Vec<Entry> {
    look_up_rows(list, inventory, list.is_people())
}

fn look_up_rows(list: &DeviceList, inventory: &DeviceList, is_people: bool) -> Vec<Entry> {
    let clues = |id: DeviceId| {
        let device = list.device(id);
        match device.problem() {
            Some(problem) if is_misread(problem) => LookupValues::default(),
            _ if is_people => people::clues(&device),
            _ => LookupValues::of_device(&device),
        }
    };
    let join = Join::over(inventory, list.ids().map(clues));
    let entries = list
        .ids()
        .map(|id| entry(&join, &list.device(id), &clues(id), is_people));
    entries.collect()
}

impl LookupValues {
    /// All identifiers and names of a device. Its user is left out: a person can have several
    /// devices.
    pub fn of_device(device: &Device<'_>) -> Self {
        let values = |field| device.values(field).map(str::to_owned).collect();
        Self {
            hwid: device.hwid().map(str::to_owned),
            macs: device.macs().collect(),
            serials: values(Field::Serial),
            hostnames: values(Field::Hostname),
            nicknames: values(Field::Nickname),
            ..Self::default()
        }
    }
}

/// True for a bare list of one identifier per line, which is better read as a text.
pub fn is_bare(list: &DeviceList) -> bool {
    let first = list.ids().next();
    let record = first.and_then(|id| list.record(id).ok());
    record.is_some_and(|rows| matches!(rows.first(), Some(RawRecord::Line { .. })))
}

fn entry(join: &Join<'_>, device: &Device<'_>, clues: &LookupValues, is_people: bool) -> Entry {
    let found = result_of(join.find(clues));
    let (result, rule) = match found {
        Some((result, rule)) => (result, Some(rule)),
        None => (not_found(device, clues, is_people), None),
    };
    Entry {
        text: label(device),
        row: Some(Row {
            id: device.id(),
            line: device.line(),
        }),
        result,
        rule,
    }
}

fn not_found(device: &Device<'_>, clues: &LookupValues, is_people: bool) -> MatchResult {
    match device.problem() {
        Some(problem) if is_misread(problem) => MatchResult::Invalid((*problem).into()),
        _ if is_people && !clues.can_find_person() => MatchResult::Invalid(InvalidEntry::NoPerson),
        _ if !is_people && !clues.can_find_device() => MatchResult::Invalid(InvalidEntry::NoDevice),
        _ => MatchResult::Missing(identifier(device)),
    }
}

/// The identifier that would be sent for a device that the inventory lacks.
fn identifier(device: &Device<'_>) -> Option<Identifier> {
    if let Some(hwid) = device.hwid() {
        return Hwid::parse(hwid).ok().map(Identifier::Hwid);
    }
    if device.problem().is_some() {
        return None;
    }
    let mut macs = device.macs().filter(|mac| !mac.is_known_constant());
    match (macs.next(), macs.next()) {
        (Some(mac), None) => Some(Identifier::Mac(mac)),
        _ => None,
    }
}

/// True if no cell of the row can be trusted; other problems concern the identifier only.
fn is_misread(problem: &Problem) -> bool {
    match problem {
        Problem::HwidNotText
        | Problem::TwoHwids
        | Problem::TooManyMacs
        | Problem::NotAnObject
        | Problem::BrokenJson
        | Problem::Commented
        | Problem::WrongCells => true,
        Problem::Exported(problem) => is_misread(problem),
        _ => false,
    }
}

/// A short description of the row, not safe to show.
fn label(device: &Device<'_>) -> String {
    let mac = || device.macs().next().map(|mac| mac.to_string());
    let texts = [Field::Hostname, Field::Hwid].map(|field| device.text(field).into_owned());
    let more = [Field::Nickname, Field::Serial, Field::User];
    let more = more.map(|field| device.text(field).into_owned());
    let named = texts.into_iter().find(|text| !text.is_empty());
    named
        .or_else(mac)
        .or_else(|| more.into_iter().find(|text| !text.is_empty()))
        .or_else(|| device.others().next().map(|(_, text)| text.to_owned()))
        .unwrap_or_else(|| format!("line {}", device.line()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::MatchRule;

    const INVENTORY: &str = "hwid,mac,serial,hostname,nickname,user,last seen\n\
        h0,00:0c:29:00:00:01,PF-0001,LT-1,,ada,\n\
        h1,00:0c:29:00:00:02,PF-0002,LT-2,Counter,ada,\n\
        h2,00:0c:29:00:00:03,PF-0003,LT-3,,bob,\n\
        h3,00:0c:29:00:00:04,PF-0004,LT-3,,eve,2026-01-01T00:00:00Z\n";

    fn list(text: &str) -> DeviceList {
        DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list")
    }

    fn outcomes(text: &str) -> Vec<String> {
        let import = Import::of_list(&list(text), &list(INVENTORY));
        let words = import.entries.iter().map(|entry| {
            let rule = entry.rule.map_or("-", MatchRule::as_str);
            let what = match &entry.result {
                MatchResult::Matched(id) => format!("= {}", id.index()),
                MatchResult::Several(ids) => format!("all {}", ids.len()),
                MatchResult::Ambiguous(ids) => format!("{}?", ids.len()),
                MatchResult::Repeated => "again".to_owned(),
                MatchResult::Invalid(_) => "invalid".to_owned(),
                MatchResult::Missing(Some(identifier)) => format!("missing {identifier}"),
                MatchResult::Missing(None) => "missing".to_owned(),
            };
            let line = entry.row.map_or(0, |row| row.line);
            format!("{line} {} {what} {rule}", entry.text)
        });
        words.collect()
    }

    #[test]
    fn of_list_applies_the_first_rule_that_finds_something() {
        assert_eq!(
            outcomes(
                "hwid,mac,serial,hostname,nickname,user\n\
                 H0,,,,,\n\
                 x9,00-0C-29-00-00-02,,,,\n\
                 ,,PF-0003,LT-1,,\n\
                 ,,,LT-3,,\n\
                 ,,,LT-9,,\n\
                 x8,,,,,\n\
                 ,00:0c:29:00:00:99,,,,\n\
                 ,,,,,ada\n\
                 ,,,lt-2.corp.example,,\n"
            ),
            [
                "2 H0 = 0 hwid",
                "3 x9 = 1 mac",
                "4 LT-1 = 2 serial",
                "5 LT-3 2? hostname",
                "6 LT-9 missing -",
                "7 x8 missing x8 -",
                "8 00:0c:29:00:00:99 missing 00:0c:29:00:00:99 -",
                "9 ada invalid -",
                "10 lt-2.corp.example again hostname",
            ]
        );
    }

    #[test]
    fn of_list_rejects_misread_rows() {
        let text = "[{\"hwid\":\"h0\",\"id\":1},7,{\"hwid\":[\"h1\",\"h2\"]}]";
        let outcomes = outcomes(text);
        assert!(outcomes[0].ends_with("= 0 hwid"), "{outcomes:?}");
        assert!(
            outcomes[1].ends_with("invalid -") && outcomes[2].ends_with("invalid -"),
            "{outcomes:?}"
        );
    }

    #[test]
    fn of_list_rejects_commented_rows_and_keeps_other_cells() {
        for text in [
            "hwid,hostname\n#h0,LT-1\nh1,LT-2\n",
            "hostname,serial\n# LT-1,PF-0001\nLT-2,PF-0002\n",
            "mac;hostname\n//00:0c:29:00:00:01;LT-1\n;LT-2\n",
            "hostname,serial\n;LT-1,PF-0001\nLT-2,\n",
        ] {
            let outcomes = outcomes(text);
            assert!(outcomes[0].ends_with("invalid -"), "{outcomes:?}");
            assert!(outcomes[1].contains("= 1 "), "{outcomes:?}");
        }
        for text in [
            "Asset tag,hostname\n#1042,LT-1\n",
            "hostname,asset\nLT-1,#1042\n",
            "hostname,serial\n#N/A,PF-0001\n",
        ] {
            assert!(outcomes(text)[0].contains("= 0 "), "{text}");
        }
    }

    #[test]
    fn is_bare_is_false_for_tables() {
        assert!(is_bare(&list("h000\nh001\n")));
        assert!(!is_bare(&list("hwid\nh0\n")));
        assert!(!is_bare(&list("[{\"hwid\":\"h0\"}]")));
        assert!(!is_bare(&list("[]")));
    }
}
