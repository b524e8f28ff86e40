//! Rows of a machine that was renamed, and the rows without a HWID that are its.

use super::*;
use crate::list::Field;

#[test]
fn row_without_hwid_is_merged_by_any_name_of_the_device() {
    let rows = [
        "a1,LT-1,3c:52:82:00:00:02\n",
        "a1,lt-2,3c:52:82:00:00:02\n",
        ",LT-1,3c:52:82:00:00:02\n",
    ];
    for order in [[0, 1, 2], [1, 0, 2], [2, 0, 1], [2, 1, 0]] {
        let text = format!("hwid,hostname,mac\n{}", order.map(|row| rows[row]).concat());
        let list = list(&text);
        assert_eq!(counts(&list), (1, 0, 2), "{text}");
        assert_eq!(
            identified(&list, IdentifyBy::Mac),
            [Ok("3c:52:82:00:00:02".to_owned())],
            "{text}"
        );
    }
}

#[test]
fn row_with_another_name_is_not_merged() {
    let text = "hwid,hostname,mac\na1,LT-1,3c:52:82:00:00:02\na1,lt-2,3c:52:82:00:00:02\n\
                ,LT-3,3c:52:82:00:00:02\n";
    let list = list(text);
    assert_eq!(problems(&list), [(4, "shared MAC".to_owned())]);
}

#[test]
fn row_with_several_addresses_of_a_device_is_merged() {
    let list = list(
        "hwid,hostname,mac\na1,LT-1,3c:52:82:00:00:01 3c:52:82:00:00:02\n\
         ,LT-1,3c:52:82:00:00:01 3c:52:82:00:00:02\n",
    );
    assert_eq!(counts(&list), (1, 0, 1));
}

/// Two machines with one HWID, as clones of a disk have: nobody knows which one is meant.
#[test]
fn hwid_of_several_machines_names_none() {
    let list = list(
        "hwid,hostname,mac\na1,LT-1,3c:52:82:00:00:01\na1,LT-2,3c:52:82:00:00:02\n\
         a1,,3c:52:82:00:00:01\n",
    );
    assert_eq!(list.counts().devices, 0);
    for id in list.ids() {
        assert_eq!(list.device(id).problem(), Some(&Problem::Contradicting));
    }
}

/// The device may be any of them.
#[test]
fn rows_of_two_machines_are_not_merged_into_a_device_without_a_name() {
    let list = list(
        "hwid,hostname,mac\na1,,3c:52:82:00:00:01 3c:52:82:00:00:02\n,LT-1,3c:52:82:00:00:01\n\
         ,LT-2,3c:52:82:00:00:02\n",
    );
    assert_eq!(counts(&list), (1, 2, 0));
    assert_eq!(list.device(id(0)).hostname(), "");
}

#[test]
fn device_tells_in_which_fields_its_rows_differ() {
    let list = list(
        "hwid,hostname,group,enrolled\na1,LT-1,Sales,03/04/2026\na1,LT-1,Servers,13/04/2026\n\
         b2,LT-2,Sales,03/04/2026\nb2,LT-2,Sales,03/04/2026\n",
    );
    let differing = |at| {
        let device = list.device(id(at));
        [Field::Hostname, Field::Group, Field::Enrolled].map(|field| device.differs(field))
    };
    assert_eq!(counts(&list), (2, 0, 2));
    assert_eq!(differing(0), [false, true, true]);
    assert_eq!(differing(1), [false; 3]);
    // The first one that is known.
    assert_eq!(
        list.device(id(0)).text(Field::Enrolled),
        "2026-04-03T00:00:00Z"
    );
}
