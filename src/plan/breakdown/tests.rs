//! The totals and outliers of plans.

use super::*;
use crate::list::DeviceId;
use crate::plan::build;
use crate::plan::tests::request;

fn list(rows: &str) -> DeviceList {
    // The newest date, which no test selects, is the list's time.
    let newest = "newest,ANCHOR,anchor,laptop,Sales,,pending,2026-11-23T10:00:00Z";
    let text = format!("hwid,hostname,user,type,group,os,status,last seen\n{rows}{newest}\n");
    DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list")
}

fn plan(list: &DeviceList, selection: &[usize]) -> Plan {
    let selection: Vec<DeviceId> = selection
        .iter()
        .copied()
        .map(DeviceId::from_index)
        .collect();
    build(&request(list, &selection))
}

/// Twenty laptops of one group, old enough, each with a user of its own.
fn usual_rows(count: usize) -> String {
    let rows: Vec<String> = (0..count)
        .map(|row| {
            format!(
                "h{row},LT-{row},user{row},laptop,Sales,Windows 11,pending,2026-07-01T10:00:00Z\n"
            )
        })
        .collect();
    rows.concat()
}

fn traits_of(breakdown: &Breakdown, place: usize) -> Vec<Peculiarity> {
    breakdown.rows[place].peculiarities.iter().collect()
}

#[test]
fn totals_count_every_device_once_and_sort_by_number() {
    let rows = "h0,a,,laptop,Sales,,pending,2026-11-23T09:00:00Z\n\
                h1,b,,desktop,Lab,,pending,2026-11-22T12:00:00Z\n\
                h2,c,,laptop,Lab,,compliant,2026-10-01T10:00:00Z\n\
                h3,d,,,,,pending,\n\
                h4,e,,laptop,Lab,,pending,2024-10-01T10:00:00Z\n";
    let list = list(rows);
    let breakdown = Breakdown::of(&plan(&list, &[0, 1, 2, 3, 4]), &list);
    let named = |shares: &[ValueCount]| -> Vec<(String, u64)> {
        shares
            .iter()
            .map(|share| (share.value.clone(), share.devices))
            .collect()
    };
    let owned = |text: &str, count| (text.to_owned(), count);
    assert_eq!(
        named(&breakdown.types),
        [owned("laptop", 3), owned("", 1), owned("desktop", 1)]
    );
    assert_eq!(
        named(&breakdown.groups),
        [owned("Lab", 3), owned("", 1), owned("Sales", 1)]
    );
    assert_eq!(
        breakdown.ages,
        [
            (AgeBand::Day, 2),
            (AgeBand::Quarter, 1),
            (AgeBand::Longer, 1),
            (AgeBand::Unknown, 1)
        ]
    );
    assert_eq!(
        (breakdown.by_hwid, breakdown.by_mac, breakdown.calls),
        (5, 0, 1)
    );
    assert_eq!(breakdown.rows[2].status, "compliant");
    assert!(breakdown.rows[1].is_within_a_day());
}

#[test]
fn outliers_are_what_nearly_all_others_are_not() {
    let odd = "x0,LT-190,x90,server,Sales,Windows 11,pending,2026-07-01T10:00:00Z\n\
               x1,SRV-7,x91,laptop,Sales,Windows 11,pending,2026-07-01T10:00:00Z\n\
               x2,,x92,laptop,Sales,Windows 11,pending,2026-07-01T10:00:00Z\n\
               x3,LT-193,x93,laptop,Lab,Windows Server 2022,pending,2026-11-20T10:00:00Z\n";
    let list = list(&format!("{}{odd}", usual_rows(96)));
    let all: Vec<usize> = (0..100).collect();
    let breakdown = Breakdown::of(&plan(&list, &all), &list);
    assert_eq!(
        traits_of(&breakdown, 96),
        [Peculiarity::OtherType, Peculiarity::Server]
    );
    assert_eq!(traits_of(&breakdown, 97), [Peculiarity::Server]);
    assert_eq!(traits_of(&breakdown, 98), [Peculiarity::NoHostname]);
    let recent = [
        Peculiarity::Recent,
        Peculiarity::OtherGroup,
        Peculiarity::Server,
    ];
    assert_eq!(traits_of(&breakdown, 99), recent);
    assert!((0..96).all(|place| traits_of(&breakdown, place).is_empty()));
    assert_eq!(breakdown.unusual_first[..5], [99, 96, 97, 98, 0]);
    let counts = [
        Peculiarity::Server,
        Peculiarity::OtherType,
        Peculiarity::Hidden,
    ];
    assert_eq!(counts.map(|wanted| breakdown.count(wanted)), [3, 1, 0]);
}

#[test]
fn type_that_many_have_is_not_unusual() {
    let others = "x0,a,,desktop,Sales,,pending,2026-07-01T10:00:00Z\n\
                  x1,b,,desktop,Sales,,pending,2026-07-01T10:00:00Z\n";
    let other_types = |usual: usize| {
        let list = list(&format!("{}{others}", usual_rows(usual)));
        let all: Vec<usize> = (0..usual + 2).collect();
        Breakdown::of(&plan(&list, &all), &list).count(Peculiarity::OtherType)
    };
    assert_eq!(other_types(37), 0, "less than 95 of 100");
    assert_eq!(other_types(38), 2);
}

#[test]
fn every_record_of_a_user_or_host_name_is_an_outlier() {
    let rows = "h0,LT-1,bob,laptop,Sales,,pending,2026-07-01T10:00:00Z\n\
                h1,lt-1,ann,laptop,Sales,,pending,2026-07-01T10:00:00Z\n\
                h2,LT-2,BOB,laptop,Sales,,pending,2026-07-01T10:00:00Z\n\
                h3,LT-3,eve,laptop,Sales,,pending,2026-07-01T10:00:00Z\n\
                h4,LT-4,eve,laptop,Sales,,pending,2026-07-01T10:00:00Z\n\
                h5,localhost,,laptop,Sales,,pending,2026-07-01T10:00:00Z\n\
                h6,localhost,,laptop,Sales,,pending,2026-07-01T10:00:00Z\n";
    let list = list(rows);
    let breakdown = Breakdown::of(&plan(&list, &[0, 1, 2, 3, 5, 6]), &list);
    assert_eq!(
        traits_of(&breakdown, 0),
        [Peculiarity::WholeUser, Peculiarity::WholeHostname]
    );
    assert_eq!(traits_of(&breakdown, 1), [Peculiarity::WholeHostname]);
    assert_eq!(traits_of(&breakdown, 2), [Peculiarity::WholeUser]);
    assert_eq!(traits_of(&breakdown, 3), [], "eve keeps a record");
    assert_eq!(traits_of(&breakdown, 4), [], "no name of one machine");
}

#[test]
fn hidden_devices_and_those_marked_by_hand_come_next() {
    let list = list(&usual_rows(6));
    let mut breakdown = Breakdown::of(&plan(&list, &[0, 1, 2, 3, 4, 5]), &list);
    let selected = |place| match place {
        3 | 4 => SelectionOrigin::ByHand,
        _ => SelectionOrigin::Filter,
    };
    breakdown.note_selection(&[4, 5], selected);
    assert_eq!(
        traits_of(&breakdown, 4),
        [Peculiarity::Hidden, Peculiarity::ByHand]
    );
    assert_eq!(breakdown.unusual_first, [4, 5, 3, 0, 1, 2]);
    breakdown.note_selection(&[], |place| match place {
        0..3 => SelectionOrigin::ByHand,
        _ => SelectionOrigin::Filter,
    });
    assert_eq!(breakdown.count(Peculiarity::ByHand), 0, "half of them are");
    breakdown.note_selection(&[], |_| SelectionOrigin::ByHand);
    assert_eq!(breakdown.count(Peculiarity::ByHand), 0, "all of them are");
    assert_eq!(breakdown.unusual_first, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn of_the_recent_the_most_recent_comes_first() {
    let rows = "h0,a,,laptop,Sales,,pending,2026-11-18T10:00:00Z\n\
                h1,b,,laptop,Sales,,pending,2026-11-20T10:00:00Z\n\
                h2,c,,laptop,Sales,,pending,2026-11-10T10:00:00Z\n\
                h3,SRV-1,,laptop,Sales,,pending,2026-11-17T10:00:00Z\n";
    let list = list(rows);
    let breakdown = Breakdown::of(&plan(&list, &[0, 1, 2, 3]), &list);
    assert_eq!(breakdown.unusual_first, [1, 0, 3, 2]);
    let day = "h0,a,,laptop,Sales,,pending,2026-11-22T10:00:00Z\n\
               h1,b,,laptop,Sales,,pending,2026-11-22T10:00:01Z\n\
               h2,c,,laptop,Sales,,pending,2026-11-16T10:00:00Z\n";
    let list = self::list(day);
    let breakdown = Breakdown::of(&plan(&list, &[0, 1, 2]), &list);
    let within_a_day = breakdown.rows.iter().map(PlanRow::is_within_a_day);
    assert_eq!(within_a_day.collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(
        breakdown.count(Peculiarity::Recent),
        2,
        "not after seven whole days"
    );
}

#[test]
fn plan_of_ten_thousand_is_broken_down_in_a_moment() {
    let list = list(&usual_rows(10_000));
    let all: Vec<usize> = (0..10_000).collect();
    let plan = plan(&list, &all);
    let begin = std::time::Instant::now();
    let mut breakdown = Breakdown::of(&plan, &list);
    breakdown.note_selection(&[], |_| SelectionOrigin::All);
    // A debug build takes a fraction of this; a quadratic search takes far longer.
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
    assert_eq!(breakdown.rows.len(), 10_000);
}
