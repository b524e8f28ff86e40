//! Columns and what they are read as.

use super::*;
use crate::list::fields::dates::Date;
use crate::list::{ColumnAssignment, parse_column};
use proptest::prelude::*;

fn headers() -> impl Strategy<Value = Vec<String>> {
    let known = [
        "HWID",
        "Device ID",
        "id",
        "Name",
        "Display name",
        "Hostname",
        "MAC Address",
        "mac_2",
        "Serial",
        "User",
        "E-Mail",
        "Last Seen",
        "Group",
        "Compliance",
        "Managed by",
        "offboard_csv",
        "colour",
        "",
    ];
    let header = prop_oneof![
        4 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::collection::vec(header, 0..8)
}

fn roles(headers: &[String], options: &ReadOptions, flags: [bool; 2]) -> Vec<Role> {
    let roles = Roles {
        options,
        system: system_of(headers),
        foreign_device_ids: flags[0],
        ours: flags[1],
    };
    roles.of_headers(headers)
}

fn is_hwid(role: Role) -> bool {
    matches!(role, Role::Known(alias) if alias.meaning.field() == Some(Field::Hwid))
}

#[test]
fn roles_use_options_for_ambiguous_names() {
    let options = ReadOptions {
        columns: vec![parse_column("hostname=name").expect("an assignment")],
        ..ReadOptions::default()
    };
    let headers = ["Name".to_owned(), "User".to_owned()];
    let hostname = Role::Known(Alias::best(Meaning::of_field(Field::Hostname)));
    assert_eq!(
        roles(&headers, &options, [false; 2]).first(),
        Some(&hostname)
    );
}

#[test]
fn device_id_is_foreign_beside_a_hwid_or_a_better_device_id() {
    let is_foreign = |headers: [&str; 2]| {
        let headers = headers.map(str::to_owned);
        let roles = roles(&headers, &ReadOptions::default(), [false; 2]);
        [0, 1].map(|at| roles[at] == Role::ForeignId)
    };
    assert_eq!(is_foreign(["HWID", "Device ID"]), [false, true]);
    assert_eq!(is_foreign(["ID", "Device ID"]), [true, false]);
    // The rank of a name counts among the names of device IDs only.
    assert_eq!(is_foreign(["ID", "Hostname"]), [false, false]);
}

#[test]
fn dates_in_the_future_prove_that_no_year_is_in_front() {
    let Date::Open(open) = Date::parse("26/10/15") else {
        panic!("the year may be in front, or the day");
    };
    let order = |future_by_year, count| {
        let mut column = Column::new("seen", Role::Other);
        column.orders.narrow(open);
        column.future_by_year = future_by_year;
        column.open_dates.count = count;
        column.date_order(&ReadOptions::default())
    };
    for (future, count) in [(0, 1), (1, 1), (1, 20), (2, 41), (2, 100)] {
        assert_eq!(order(future, count), None, "{future} of {count}");
    }
    for (future, count) in [(2, 2), (2, 40), (5, 100)] {
        assert_eq!(
            order(future, count),
            Some(DateOrder::DayFirst),
            "{future} of {count}"
        );
    }
}

#[test]
fn note_truncates_long_samples() {
    let mut column = Column::new("note", Role::Other);
    let long = "x".repeat(LONGEST_SAMPLE + 1);
    // Of one row twice.
    for row in [0, 1, 1, 2] {
        column.note(&long, row);
    }
    assert_eq!((column.filled, column.samples.len()), (3, 1));
}

proptest! {
    #[test]
    fn roles_prefer_the_options(
        headers in headers(),
        field in proptest::sample::select(&Field::ALL[..]),
        at in any::<prop::sample::Index>(),
        flags in any::<[bool; 2]>(),
    ) {
        let given = if headers.is_empty() { String::new() } else { at.get(&headers).clone() };
        let options = ReadOptions { columns: vec![ColumnAssignment { field: Some(field), header: given.clone() }], ..ReadOptions::default() };
        let roles = roles(&headers, &options, flags);
        prop_assert_eq!(roles.len(), headers.len());
        for (header, role) in headers.iter().zip(&roles) {
            if *header == given {
                prop_assert_eq!(*role, Role::Known(Alias::best(Meaning::of_field(field))), "{}", header);
            }
        }
    }

    #[test]
    fn roles_use_device_ids_only_without_a_hwid_column(
        headers in headers(),
        flags in any::<[bool; 2]>(),
    ) {
        let roles = roles(&headers, &ReadOptions::default(), flags);
        let by_name = roles.iter().any(|role| matches!(role, Role::Known(alias) if alias.meaning == Meaning::Hwid));
        let by_id: HashSet<u16> = roles.iter().filter_map(|role| match role {
            Role::Known(alias) if alias.meaning == Meaning::DeviceId => Some(alias.rank),
            _ => None,
        }).collect();
        prop_assert!(by_id.len() + usize::from(by_name) <= 1, "{headers:?}");
        if flags == [true, false] && system_of(&headers).is_none() {
            prop_assert!(by_id.is_empty());
        }
        if flags[1] {
            let named = headers.iter().filter(|header| *header == "hwid").count();
            prop_assert_eq!(roles.iter().filter(|role| is_hwid(**role)).count(), named);
        }
    }

    #[test]
    fn note_collects_the_first_different_samples(values in proptest::collection::vec("[a-c]{1,2}|x{79,82}", 0..12)) {
        let mut column = Column::new("h", Role::Other);
        let mut different: Vec<&str> = Vec::new();
        for (row, value) in (0..).zip(&values) {
            column.note(value, row);
            let head = crate::text::head(value, LONGEST_SAMPLE);
            if !different.contains(&head) {
                different.push(head);
            }
        }
        different.truncate(SAMPLES);
        prop_assert_eq!(column.filled, values.len() as u64);
        prop_assert_eq!(column.samples, different);
    }
}
