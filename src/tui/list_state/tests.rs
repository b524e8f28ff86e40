use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::outcome::Failure;
use crate::plan::build;
use crate::tui::fuzzing::request;
use crate::tui::update::tests::archived;

/// Even devices have a HWID, odd ones a MAC and a host name.
fn list_of(devices: &[u8]) -> Arc<DeviceList> {
    let row = |&number: &u8| match number % 2 {
        0 => format!("h{number},,\n"),
        _ => format!(",00:0c:29:00:00:{number:02x},LT-{number}\n"),
    };
    let rows: String = devices.iter().map(row).collect();
    let text = format!("hwid,mac,hostname\n{rows}");
    let list = DeviceList::read_bytes("l.csv", text.as_bytes());
    Arc::new(list.expect("a list"))
}

fn state_of(devices: &[u8], removed: &BTreeSet<u8>) -> ListState {
    let ids = (0..).map(DeviceId::from_index).zip(devices);
    let removed = ids.filter(|(_, number)| removed.contains(number));
    let removed = removed.map(|(id, _)| (id, archived()));
    ListState::new(list_of(devices), Arc::default(), removed.collect())
}

/// What names a device in every list.
fn name(list: &ListState, id: DeviceId) -> String {
    list.devices.name_of(id)
}

fn names(list: &ListState, ids: impl IntoIterator<Item = DeviceId>) -> BTreeSet<String> {
    ids.into_iter().map(|id| name(list, id)).collect()
}

fn run_on(list: &mut ListState, devices: &[DeviceId], states: &[u8]) -> RunView {
    let plan = build(&request(&list.devices, devices, Action::Remove));
    let mut run = RunView::new(&plan);
    run.state = RunState::Stopped;
    for (state, kind) in run.states.iter_mut().zip(states.iter().cycle()) {
        *state = match kind {
            0 => DeviceState::Planned,
            1 => DeviceState::Ended(Outcome::Accepted),
            _ => DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
        };
    }
    list.rebuild_session_states(std::slice::from_ref(&run));
    run
}

#[test]
fn marking_one_row_counts_as_counting_all_anew_does() {
    let text = "hwid,hostname,type\nh0,a,server\nh1,b,laptop\nh2,c,laptop\n";
    let list = Arc::new(DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list"));
    let rule = crate::query::Query::parse("type:server").expect("a rule");
    let protection = crate::plan::protection::Rules::new(vec![rule]).apply(&list);
    let held = HashMap::from([(DeviceId::from_index(1), "held until then".to_owned())]);
    let protection = protection.expect("protection").with_held(held);
    let mut state = ListState::new(Arc::clone(&list), Arc::new(protection), HashMap::new());
    let counts = |state: &ListState| (state.hidden_marks, state.protected_marks, state.held_marks);
    for index in [0, 1, 2, 1, 0, 0] {
        state.toggle_shown(DeviceId::from_index(index));
        let counted = counts(&state);
        state.count_hidden();
        assert_eq!(counted, counts(&state), "after {index}");
    }
    assert_eq!(counts(&state), (0, 1, 0));
    assert_eq!((state.marks.len(), state.plannable_marks()), (2, 1));
}

#[test]
fn remap_of_columns_read_otherwise_moves_no_mark_to_another_row_of_a_line() {
    let read = |text: &str, column: &str| {
        let options = crate::list::ReadOptions {
            columns: vec![crate::list::parse_column(column).expect("a column")],
            ..crate::list::ReadOptions::default()
        };
        let list = DeviceList::read_bytes_as("l.json", text.as_bytes(), &options);
        ListState::new(
            Arc::new(list.expect("a list")),
            Arc::default(),
            HashMap::new(),
        )
    };
    let rows = [
        r#"{"id":"a0000000000000a1","tag":"b0000000000000b1","hostname":"one"}"#,
        r#"{"id":"a0000000000000a2","tag":"b0000000000000b2","hostname":"two"}"#,
    ];
    let of_lines = [
        (format!("[{}]", rows.join(",")), None),
        (format!("[{}]", rows.join(",\n")), Some("two")),
    ];
    for (text, expected) in of_lines {
        let mut old = read(&text, "hwid=id");
        old.marks.set([DeviceId::from_index(1)], true);
        let (new, lost) = old.remap(read(&text, "hwid=tag"), &mut []);
        let marked: Vec<&str> = new
            .marks
            .iter()
            .map(|id| new.devices.device(id).hostname())
            .collect();
        assert_eq!(marked, expected.into_iter().collect::<Vec<_>>());
        assert_eq!(lost.len(), usize::from(expected.is_none()), "{text}");
    }
}

proptest! {
    #[test]
    fn remap_keeps_everything_on_the_same_device_or_drops_it(
        before in Just((0_u8..20).collect::<Vec<_>>()).prop_shuffle(),
        after in Just((0_u8..30).collect::<Vec<_>>()).prop_shuffle(),
        (left, arrived) in (1_usize..20, 0_usize..30),
        marked in prop::collection::vec(any::<bool>(), 20),
        planned in prop::collection::vec(any::<bool>(), 20),
        states in prop::collection::vec(0_u8..3, 1..5),
        removed in prop::collection::btree_set(0_u8..30, 0..5),
        (pinned, range) in (0_usize..20, 0_usize..20),
    ) {
        let (before, after) = (&before[..left], &after[..arrived]);
        let mut old = state_of(before, &BTreeSet::new());
        let chosen = |flags: &[bool]| -> Vec<DeviceId> {
            old.devices.ids().filter(|id| flags[id.index()]).collect()
        };
        let (marked, planned) = (chosen(&marked), chosen(&planned));
        old.marks.set(marked.iter().copied(), true);
        old.pinned_device = old.devices.ids().nth(pinned);
        old.range_start = old.devices.ids().nth(range);
        let run = run_on(&mut old, &planned, &states);
        let mut runs = [run.clone()];

        let fresh = state_of(after, &removed);
        let journal = names(&fresh, fresh.removed.keys().copied());
        let (new, lost) = old.remap(fresh, &mut runs);

        let listed = names(&new, new.devices.ids());
        let still = |names: &BTreeSet<String>| -> BTreeSet<String> {
            names.intersection(&listed).cloned().collect()
        };
        let marks = names(&old, marked);
        let expected: BTreeSet<_> = still(&marks).difference(&journal).cloned().collect();
        prop_assert_eq!(names(&new, new.marks.iter()), expected);
        prop_assert_eq!(lost.into_iter().collect::<BTreeSet<_>>(), &marks - &listed);

        let place = |list: &ListState, id: Option<DeviceId>| names(list, id);
        prop_assert_eq!(place(&new, new.pinned_device), still(&place(&old, old.pinned_device)));
        prop_assert_eq!(place(&new, new.range_start), still(&place(&old, old.range_start)));

        let states = |list: &ListState| -> HashMap<String, DeviceState> {
            list.session_states.iter().map(|(&id, &state)| (name(list, id), state)).collect()
        };
        let mut expected = states(&old);
        expected.retain(|name, _| listed.contains(name));
        prop_assert_eq!(states(&new), expected);

        for (before, after) in run.sources.iter().zip(&runs[0].sources) {
            prop_assert_eq!(place(&new, *after), still(&place(&old, *before)));
        }
        let accepted = run.source_states();
        let accepted = accepted.filter(|(_, state)| *state == DeviceState::Ended(Outcome::Accepted));
        let gone = &still(&names(&old, accepted.map(|(id, _)| id))) | &journal;
        prop_assert_eq!(names(&new, new.removed.keys().copied()), gone);
        prop_assert_eq!(names(&new, new.rows.iter().copied()), listed);
    }
}
