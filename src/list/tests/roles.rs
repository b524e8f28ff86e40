//! Which field a column is read as, beside which others.

use super::*;

#[test]
fn name_is_a_persons_only_beside_columns_of_persons() {
    let names = |text: &str| {
        let list = list(text);
        let device = list.device(id(0));
        (device.hostname().to_owned(), device.user().to_owned())
    };
    let read = |hostname: &str, user: &str| (hostname.to_owned(), user.to_owned());
    assert_eq!(names("Name,Group\nLT-1,Sales\n"), read("LT-1", ""));
    assert_eq!(
        names("Name,Group,Serial\nLT-1,Sales,S1\n"),
        read("LT-1", "")
    );
    assert_eq!(
        names("Name,User,Serial\nLT-1,ann,S1\n"),
        read("LT-1", "ann")
    );
    assert_eq!(names("Name,Group,E-Mail\nAnn,Sales,\n"), read("", "Ann"));
    // In our own exports, only our own headers name fields.
    assert_eq!(
        names("offboard_csv,Name,user\n1,LT-1,ann\n"),
        read("", "ann")
    );
}

/// A protect rule or a filter may look for it.
#[test]
fn column_of_a_device_keeps_its_values() {
    let list = list("hwid,device\na1,LT-1\n");
    let column = list.other_columns().next().expect("a column");
    let values: Vec<_> = list.device(id(0)).other_values(column).collect();
    assert_eq!(
        (list.header(column), &values[..]),
        ("device", &["LT-1"][..])
    );
}

#[test]
fn marks_of_own_exports_are_no_columns() {
    let list = list("offboard_csv,hwid,room\n1,a1,12\n");
    assert_eq!(list.other_columns().count(), 1);
    assert_eq!(
        list.headers().collect::<Vec<_>>(),
        ["offboard_csv", "hwid", "room"]
    );
}
