//! Rows of a machine that was renamed, and the rows without a HWID that are its.

use super::*;

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
