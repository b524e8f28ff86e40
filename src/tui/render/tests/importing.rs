//! Persons of a list and their devices, and how marks came.

use super::*;

/// An inventory with users, and a list of persons from HR that is read from a file.
fn leavers(size: (u16, u16)) -> Operator {
    let inventory = "hwid,hostname,group,user,last seen\n\
        17f2f687775cea1c,LT-1003,Lab,CORP\\ada,2026-07-03T03:27:00Z\n\
        b3bca7248143924b,LT-1020,Sales,CORP\\bob,2026-11-19T09:00:00Z\n\
        2ae0b2bea62b1d58,WS-1290,Sales,bob@corp.example,2026-01-02T10:00:00Z\n\
        18e7d921772b4a26,MAC-1029,Field,CORP\\eve,2026-11-20T10:00:00Z\n\
        b6e3570f7c7b39dc,MAC-1047,Field,LAB\\eve,\n\
        9c1e22d04b8f4a60,LT-1050,Field,CORP\\ann,2026-10-01T10:00:00Z\n";
    let people = "Name,E-Mail\n\
        Ada Lovelace,ada@corp.example\n\
        Robert Ross,bob@corp.example\n\
        Eve Doe,eve@mail.example\n\
        Mallory Quite-Longnamed,mallory.quite-longnamed@corp.example\n\
        Ada L.,ada@corp.example\n\
        Ann Other,ann@corp.example\n\
        ,-\n";
    let mut operator = operator_on(inventory, size);
    operator.press("I\tleavers.csv\n");
    operator.reads(Ok(people.as_bytes()));
    operator
}

#[test]
fn persons_and_their_devices() {
    for size in SIZES {
        let mut operator = leavers(size);
        operator.press("jj ");
        insta::assert_snapshot!(
            format!("import_people_{}x{}", size.0, size.1),
            shown(&operator.app)
        );
        operator.press("\n");
        operator.wait(1000);
        operator.press("/-lt-1020\ndr");
        operator.wait(600);
        insta::assert_snapshot!(
            format!("plan_matched_{}x{}", size.0, size.1),
            shown(&operator.app)
        );
    }
}

#[test]
fn device_says_how_its_mark_came() {
    let mut operator = leavers((120, 40));
    operator.press("\n");
    operator.wait(1000);
    operator.press("\n");
    let screen = shown(&operator.app);
    assert!(
        screen.contains("● marked, by user from leavers.csv"),
        "{screen}"
    );
}
