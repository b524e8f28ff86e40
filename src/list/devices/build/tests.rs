//! Rows are counted, found again by HWID, and never lost.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::list::fields::headers::Alias;
use crate::list::fields::hostname::same_host;
use crate::list::report::problem::DateFault;
use crate::list::{DateOrder, DeviceList};

/// A row: its HWID, host name and the last byte of its address, each 0 for none.
type Row = (u8, u8, u8);

fn built(rows: &[Row]) -> Builder {
    let mut builder = Builder::default();
    for (number, (hwid, host, mac)) in (0..).zip(rows) {
        let mut put = |meaning, text: String| builder.draft.put(Alias::best(meaning), &text);
        if *hwid > 0 {
            // One that can't be sent among them.
            put(
                Meaning::Hwid,
                if *hwid == 4 {
                    "h/4".to_owned()
                } else {
                    format!("h{hwid}")
                },
            );
        }
        if *host > 0 {
            put(Meaning::Text(Field::Hostname), format!("lt-{host}"));
        }
        if *mac > 0 {
            put(Meaning::Mac, format!("3c:52:82:00:00:{mac:02x}"));
        }
        let location = RowLocation {
            offset: number * 10,
            line: number + 1,
        };
        builder.add(location).expect("room");
    }
    builder
}

proptest! {
    #[test]
    fn builder_adds_or_merges_every_row(rows in proptest::collection::vec((0_u8..5, 0_u8..3, 0_u8..3), 0..20)) {
        let builder = built(&rows);
        prop_assert_eq!(builder.rows(), rows.len() as u64);
        let mut locations: Vec<u64> = builder.folded.iter().map(|row| row.location.line).collect();
        locations.extend((0..).take(builder.store.len()).map(|index| builder.store.line(index)));
        locations.sort_unstable();
        prop_assert_eq!(locations, (1..=rows.len() as u64).collect::<Vec<_>>());
        for row in &builder.folded {
            let hwid = builder.store.block(row.into).text(Field::Hwid);
            let at = usize::try_from(row.location.line - 1).expect("small");
            prop_assert_eq!(hwid, format!("h{}", rows[at].0));
        }
    }

    #[test]
    fn hwid_index_finds_every_inserted_hwid(rows in proptest::collection::vec((0_u8..5, 0_u8..3, 0_u8..3), 0..20)) {
        let builder = built(&rows);
        for number in 0..6_u8 {
            let hwid = format!("h{number}");
            let found = builder.by_hwid.find(&builder.store, &hwid);
            let is_given = (1..4).contains(&number) && rows.iter().any(|row| row.0 == number);
            prop_assert_eq!(found.is_some(), is_given, "{}", hwid);
            if let Some(index) = found {
                prop_assert_eq!(builder.store.block(index).text(Field::Hwid), hwid);
            }
        }
        let claimed = builder.claims.iter().filter(|(_, hwid)| &**hwid == "h/4").count();
        prop_assert_eq!(claimed, rows.iter().filter(|row| row.0 == 4).count());
    }

    #[test]
    fn merged_device_has_all_addresses_of_its_rows(rows in proptest::collection::vec((1_u8..3, Just(1_u8), 0_u8..5), 0..20)) {
        let builder = built(&rows);
        for index in (0..).take(builder.store.len()) {
            let hwid = builder.store.block(index).text(Field::Hwid);
            let macs: BTreeSet<u8> = builder.own_macs(index).map(|mac| mac.octets()[5]).collect();
            let given: BTreeSet<u8> = rows.iter()
                .filter(|(own, _, mac)| format!("h{own}") == hwid && *mac > 0)
                .map(|row| row.2)
                .collect();
            prop_assert_eq!(macs, given);
        }
    }

    #[test]
    fn same_host_is_symmetric(
        one in "[aA]{1,2}(\\.x)?(\\.y)?|10\\.0",
        other in "[aA]{1,2}(\\.x)?(\\.y)?|10\\.0",
    ) {
        prop_assert!(same_host(&one, &one) && same_name(&one, &one.to_uppercase()));
        prop_assert_eq!(same_host(&one, &other), same_host(&other, &one));
        prop_assert!(!same_name(&one, &other) || same_host(&one, &other));
    }
}

/// The dates of a file that can't be used, by what is wrong with them, and which devices have one.
fn faults(text: &str) -> (Vec<(DateFault, u64)>, Vec<bool>) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("list.csv");
    std::fs::write(&path, text).expect("written");
    let list = DeviceList::open(&path, &mut |_| {}).expect("a list");
    let notices = list.notices().iter().filter_map(|notice| match notice {
        ListNotice::Dates { fault, dates, .. } => Some((*fault, dates.count)),
        _ => None,
    });
    let seen = list.ids().map(|id| list.device(id).last_seen().is_some());
    (notices.collect(), seen.collect())
}

/// `#N/A` alone would say that the device was never seen.
#[test]
fn date_that_is_an_error_of_a_spreadsheet_is_unreadable() {
    let (faults, seen) = faults("hwid,last seen\na1,#N/A\na2,2026-01-02\n");
    assert_eq!(faults, [(DateFault::Unreadable, 1)]);
    assert_eq!(seen, [false, true]);
}

#[test]
fn date_in_the_future_is_not_used_once_its_order_is_known() {
    let text = "hwid,last seen\na1,03/04/2097\na2,13/04/2026\n";
    let (faults, seen) = faults(text);
    assert_eq!(faults, [(DateFault::Future, 1)]);
    assert_eq!(seen, [false, true]);
}

#[test]
fn dates_that_are_in_the_future_with_the_year_in_front_are_counted() {
    let Date::Open(open) = Date::parse("30/05/26") else {
        panic!("the year may be in front, or the day");
    };
    let year_first = open.resolve(DateOrder::YearFirst).expect("a date");
    let counted = |horizon| {
        let seen = Role::Known(Alias::best(Meaning::Seen));
        let mut builder = Builder {
            columns: vec![Column::new("seen", seen)],
            horizon,
            ..Builder::default()
        };
        builder.put_date(ColumnId::from_number(0), Date::Open(open), "30/05/26");
        builder.columns[0].future_by_year
    };
    assert_eq!(counted(Seconds(year_first.0 - 1)), 1);
    assert_eq!(counted(year_first), 0);
}

#[test]
fn date_that_the_given_order_does_not_allow_is_unreadable() {
    let options = ReadOptions {
        date_order: Some(DateOrder::MonthFirst),
        ..ReadOptions::default()
    };
    let text = b"hwid,last seen\na1,13/04/2026\n";
    let list = DeviceList::read_bytes_as("list", text, &options).expect("a list");
    let columns = list.report().columns.into_iter();
    let found: Vec<_> = columns.map(|it| (it.date_order, it.unreadable)).collect();
    assert_eq!(found, [(None, 0), (Some("mdy"), 1)]);
}
