use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn ids(range: std::ops::Range<usize>) -> impl Iterator<Item = DeviceId> {
    range.map(DeviceId::from_index)
}

#[test]
fn changes_are_undone_and_redone_one_by_one() {
    let mut marks = Marks::new(100);
    marks.set(ids(0..70), true);
    marks.set(ids(60..80), true);
    assert_eq!(marks.len(), 80);
    assert_eq!(marks.undo(), Some(10));
    assert_eq!(marks.len(), 70);
    assert_eq!(marks.redo(), Some(10));
    assert_eq!((marks.len(), marks.redo()), (80, None));
}

#[test]
fn undo_does_not_bring_back_what_is_done() {
    let mut marks = Marks::new(10);
    marks.set(ids(0..5), true);
    marks.forget(&[DeviceId::from_index(1)]);
    assert_eq!(marks.len(), 4);
    marks.undo();
    assert!(marks.is_empty());
    marks.redo();
    assert!(!marks.contains(DeviceId::from_index(1)));
}

#[test]
fn change_of_nothing_but_what_is_done_is_none() {
    let mut marks = Marks::new(10);
    marks.set(ids(0..1), true);
    marks.set(ids(1..3), true);
    marks.forget(&[DeviceId::from_index(1), DeviceId::from_index(2)]);
    assert_eq!(marks.undo(), Some(1), "the change before it");
    assert!(marks.is_empty());
    assert_eq!(marks.undo(), None);
}

fn found(rule: MatchRule, ids: impl Iterator<Item = DeviceId>) -> HashMap<DeviceId, FoundBy> {
    let from = Arc::new(MatchedFrom {
        name: "leavers.csv".to_owned(),
        hash: String::new(),
    });
    let by = FoundBy { rule, from };
    ids.map(|id| (id, by.clone())).collect()
}

fn rules(marks: &Marks) -> Vec<(usize, Option<MatchRule>)> {
    let rule = |id| marks.found_by(id).map(|by| by.rule);
    marks.iter().map(|id| (id.index(), rule(id))).collect()
}

#[test]
fn marks_of_an_import_know_their_rule_until_they_are_unmarked() {
    const BY: Option<MatchRule> = Some(MatchRule::Serial);
    let mut marks = Marks::new(10);
    marks.set(ids(0..2), true);
    assert_eq!(marks.import(found(MatchRule::Serial, ids(1..4)), false), 2);
    let imported = [(0, None), (1, BY), (2, BY), (3, BY)];
    assert_eq!(rules(&marks), imported);
    marks.set(ids(2..3), false);
    assert_eq!(marks.found_by(DeviceId::from_index(2)), None);
    marks.set(ids(2..3), true);
    assert_eq!(rules(&marks), [(0, None), (1, BY), (2, None), (3, BY)]);
    marks.undo();
    marks.undo();
    assert_eq!(rules(&marks), imported, "taken back");
    marks.undo();
    assert_eq!(rules(&marks), [(0, None), (1, None)]);
    marks.redo();
    assert_eq!(rules(&marks), imported, "done again");
    assert_eq!(rules(&marks.snapshot()), imported);
    marks.forget(&[DeviceId::from_index(1)]);
    marks.undo();
    marks.redo();
    assert_eq!(rules(&marks), [(0, None), (2, BY), (3, BY)]);
}

#[test]
fn import_of_what_is_marked_alone_unmarks_the_rest() {
    let mut marks = Marks::new(10);
    marks.import(found(MatchRule::Mac, ids(0..3)), false);
    assert_eq!(marks.import(found(MatchRule::User, ids(2..4)), true), 1);
    let user = Some(MatchRule::User);
    assert_eq!(rules(&marks), [(2, user), (3, user)]);
    marks.undo();
    assert!(
        rules(&marks)
            .iter()
            .all(|(_, rule)| *rule == Some(MatchRule::Mac))
    );
    assert_eq!(marks.len(), 3);
}

proptest! {
    #[test]
    fn only_marked_devices_are_found_by_a_rule_and_undo_goes_back(
        steps in prop::collection::vec((0_u8..5, 0_usize..40, 0_usize..40), 0..40),
    ) {
        let mut marks = Marks::new(40);
        let mut before = vec![rules(&marks)];
        for (what, from, to) in steps {
            let changes = marks.undo.len();
            match what {
                0 => { marks.set(ids(from..to), true); }
                1 => { marks.set(ids(from..to), false); }
                2 => { marks.toggle(ids(from..to)); }
                3 => { marks.import(found(MatchRule::Serial, ids(from..to)), false); }
                _ => { marks.import(found(MatchRule::User, ids(from..to)), true); }
            }
            prop_assert!(marks.found.keys().all(|&id| marks.contains(id)));
            if marks.undo.len() > changes {
                before.push(rules(&marks));
            }
        }
        let last = rules(&marks);
        before.pop();
        let mut count = 0;
        while let Some(expected) = before.pop() {
            marks.undo();
            count += 1;
            prop_assert_eq!(rules(&marks), expected);
        }
        for _ in 0..count { marks.redo(); }
        prop_assert_eq!(rules(&marks), last);
    }

    #[test]
    fn marks_are_a_set(changes in prop::collection::vec((any::<bool>(), 0_usize..200, 0_usize..200), 0..30)) {
        let (mut marks, mut set) = (Marks::new(200), BTreeSet::new());
        for (marked, from, to) in changes {
            marks.set(ids(from..to), marked);
            for id in from..to { if marked { set.insert(id); } else { set.remove(&id); } }
            let now: Vec<usize> = marks.iter().map(DeviceId::index).collect();
            prop_assert_eq!(&now, &set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(marks.len(), set.len());
        }
        while marks.undo().is_some() {}
        prop_assert!(marks.is_empty());
    }
}
