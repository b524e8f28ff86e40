//! Reconciling depends on what rows say and not on their places.

use proptest::prelude::*;

use super::*;
use crate::domain::device::MacAddress;
use crate::list::devices::build::RowLocation;
use crate::list::fields::headers::{Alias, Meaning};

const HOSTS: [&str; 5] = [
    "lt-1",
    "lt-2",
    "lt-1.lab.example",
    "LT-1.corp.example",
    "lt-2.lab.example",
];

/// A row: its HWID, host name and addresses; 0 is none.
type Row = (u8, u8, Vec<u8>);

fn reconciled(rows: &[Row]) -> Builder {
    let mut builder = Builder::default();
    for (number, (hwid, host, macs)) in (0..).zip(rows) {
        let mut put = |meaning, text: String| builder.draft.put(Alias::best(meaning), &text);
        if *hwid > 0 {
            put(Meaning::Hwid, format!("h{hwid}"));
        }
        if *host > 0 {
            put(
                Meaning::Text(Field::Hostname),
                HOSTS[usize::from(*host) - 1].to_owned(),
            );
        }
        let macs: Vec<String> = macs
            .iter()
            .map(|last| format!("3c:52:82:00:00:{last:02x}"))
            .collect();
        if !macs.is_empty() {
            put(Meaning::Mac, macs.join(" "));
        }
        let location = RowLocation {
            offset: number,
            line: number + 1,
        };
        builder.add(location).expect("room");
    }
    reconcile(&mut builder).expect("room");
    builder
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0_u8..4, 0_u8..6, proptest::collection::vec(0_u8..5, 0..3));
    proptest::collection::vec(row, 0..9)
}

/// What each entry is: its HWID, its addresses, and why it can't be used.
fn entries(builder: &Builder) -> Vec<(String, Vec<[u8; 6]>, Option<String>)> {
    let entry = |index| {
        let mut macs: Vec<_> = builder.own_macs(index).map(MacAddress::octets).collect();
        macs.sort_unstable();
        let problem = builder.problems.get(&index).map(ToString::to_string);
        (
            builder.store.block(index).text(Field::Hwid).to_owned(),
            macs,
            problem,
        )
    };
    let mut entries: Vec<_> = (0..).take(builder.store.len()).map(entry).collect();
    entries.sort();
    entries
}

#[test]
fn merged_row_follows_its_entry() {
    // The second and third row are one entry, which then is the first's.
    let rows = [
        (3, 0, vec![]),
        (3, 2, vec![]),
        (3, 2, vec![]),
        (1, 0, vec![]),
    ];
    let builder = reconciled(&rows);
    let folded: Vec<_> = builder
        .folded
        .iter()
        .map(|row| (row.into, row.location.line))
        .collect();
    assert_eq!(folded, [(0, 3), (0, 2)]);
}

#[test]
fn adapter_rows_of_a_renamed_machine_are_merged() {
    let rows = [(2, 1, vec![2, 1]), (2, 2, vec![1, 0]), (0, 2, vec![3, 0])];
    for order in [[0, 1, 2], [1, 2, 0], [2, 1, 0]] {
        let builder = reconciled(&order.map(|at: usize| rows[at].clone()));
        assert_eq!(
            (builder.store.len(), builder.problems.len()),
            (1, 0),
            "{order:?}"
        );
    }
}

#[test]
fn rows_of_one_host_in_two_spellings_are_merged_without_a_shared_address() {
    let builder = reconciled(&[(2, 1, vec![1]), (2, 3, vec![2])]);
    assert_eq!(builder.store.len(), 1);
}

proptest! {
    #[test]
    fn reconcile_is_independent_of_row_order(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        prop_assert_eq!(entries(&reconciled(&rows)), entries(&reconciled(&shuffled)));
    }

    #[test]
    fn reconcile_keeps_all_rows_and_valid_indices(rows in rows()) {
        let builder = reconciled(&rows);
        let count = u32::try_from(builder.store.len()).expect("small");
        prop_assert_eq!(builder.rows(), rows.len() as u64);
        prop_assert!(builder.folded.iter().all(|row| row.into < count));
        prop_assert!(builder.problems.keys().chain(builder.differing.keys()).all(|index| *index < count));
        prop_assert!(builder.claims.iter().all(|(index, _)| *index < count));
        for index in 0..count {
            let hwid = builder.store.block(index).text(Field::Hwid);
            if !hwid.is_empty() && !builder.problems.contains_key(&index) {
                prop_assert_eq!(builder.by_hwid.find(&builder.store, hwid), Some(index));
            }
        }
    }

    #[test]
    fn mac_identifies_a_device_only_if_unshared(rows in rows()) {
        let builder = reconciled(&rows);
        let all = (0..).take(builder.store.len());
        for index in all.clone().filter(|index| !builder.problems.contains_key(index)) {
            if builder.store.block(index).text(Field::Hwid).is_empty() {
                let own: Vec<_> = builder.own_macs(index).collect();
                prop_assert_eq!(own.len(), 1);
                let having = all.clone().filter(|other| builder.own_macs(*other).any(|mac| own.contains(&mac)));
                prop_assert_eq!(having.count(), 1);
            }
        }
    }
}
