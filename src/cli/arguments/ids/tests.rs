use super::*;
use crate::import::Row;

fn inventory() -> DeviceList {
    let text = "hwid,hostname\nh0,LT-1\nh1,LT-2\nh2,LT-3\nh3,LT-4\n";
    DeviceList::read_bytes("inventory.csv", text.as_bytes()).expect("a list")
}

fn id(index: usize) -> DeviceId {
    DeviceId::from_index(index)
}

/// Persons with one device, with several, without any, and one whose account is ambiguous.
fn people() -> Entries {
    let entry = |text: &str, line: usize, result: MatchResult| Entry {
        text: text.to_owned(),
        row: Some(Row {
            id: id(line - 2),
            line: line as u64,
        }),
        rule: (!matches!(result, MatchResult::Missing(_))).then_some(MatchRule::User),
        result,
    };
    Entries {
        import: Import {
            entries: vec![
                entry("ada", 2, MatchResult::Matched(id(0))),
                entry("bob", 3, MatchResult::Several(vec![id(1), id(2)])),
                entry("eve", 4, MatchResult::Missing(None)),
                entry("carl", 5, MatchResult::Ambiguous(vec![id(3)])),
            ],
            is_people: true,
            comments: 0,
        },
        from: MatchedFrom {
            name: "leavers.csv".to_owned(),
            hash: String::new(),
        },
        option: EntriesOption::Match,
    }
}

#[test]
fn persons_are_told_with_their_devices() {
    assert_eq!(
        people().persons(&inventory()),
        "people: 4 persons · 1 with one device · 1 with several · 1 ambiguous · 1 without\n  \
         ada (line 2): 1 device: LT-1 h0\n  \
         bob (line 3): 2 devices: LT-2 h1, LT-3 h2\n  \
         eve (line 4): no device\n  \
         carl (line 5): ambiguous, could have 1 device: LT-4 h3\n"
    );
}

#[test]
fn several_devices_of_a_person_are_planned_only_when_asked_for_and_ambiguous_ones_never() {
    let mut entries = people();
    let all = Tolerance {
        all_devices: true,
        skip_missing: true,
        ..Tolerance::default()
    };
    let reason = entries.refusal(Tolerance::default()).expect("refused");
    for said in [
        "1 ambiguous",
        "(accept with --all-devices): bob",
        "1 not in the inventory",
    ] {
        assert!(reason.contains(said), "{reason}");
    }
    let reason = entries.refusal(all).expect("ambiguous is always refused");
    assert!(
        reason.contains("1 ambiguous") && !reason.contains("bob"),
        "{reason}"
    );
    entries.import.entries.pop();
    assert_eq!(entries.refusal(all), None);
    let planned = |tolerance| {
        let mut ids: Vec<usize> = entries
            .selected(tolerance)
            .keys()
            .map(|id| id.index())
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(planned(Tolerance::default()), [0]);
    assert_eq!(planned(all), [0, 1, 2]);
}
