//! Choosing an action and confirming a plan.

use super::*;
use crate::list::DeviceList;
use crate::plan::breakdown::SelectionOrigin;
use crate::plan::{Breakdown, LeftOut, LeftOutReason};
use crate::tui::dialogs::{Confirmation, DeleteDialog};

#[test]
fn choosing_an_action() {
    every_screen("action", |operator| {
        operator.press("/sales\nad");
    });
}

#[test]
fn confirming_a_plan() {
    every_screen("plan", |operator| {
        operator.press("/sales\na\u{1b}/finance\nadr");
        operator.wait(600);
        operator.press("7\n");
    });
}

/// Warnings lose their sentences before the screen omits why rows are left out, or what the action does.
#[test]
fn plan_that_leaves_much_out_says_why_at_80x24() {
    let mut rows = vec!["hwid,hostname,mac,last seen".to_owned()];
    rows.extend((0..22).map(|row| format!("h{row},lt-{row},,2026-11-20T10:00:00Z")));
    rows.push("h1,lt-1,,".to_owned());
    for size in [(80, 24), (80, 22), (60, 15)] {
        let mut operator = operator_on(&rows.join("\n"), size);
        operator.press("/lt-1\na\u{1b}/lt-2\na/lt-1\nUa\u{1b}a/lt-1\ndr");
        let Some(Dialog::Delete(dialog)) = &mut operator.app.dialog else {
            panic!("no dialog")
        };
        let DeleteDialog::Confirm(confirm) = &mut **dialog else {
            panic!("no plan")
        };
        let reasons = [
            LeftOutReason::InRun(RunId::from_bytes([7; 16])),
            LeftOutReason::InDoubt(RunId::from_bytes([9; 16])),
            LeftOutReason::Protected("type unknown".to_owned()),
            LeftOutReason::Protected("group:\"Domain controllers\"".to_owned()),
            LeftOutReason::Unusable(crate::list::Problem::SharedMac),
        ];
        confirm.plan.left_out = reasons
            .into_iter()
            .map(|reason| LeftOut {
                hwid: None,
                mac: None,
                hostname: String::new(),
                line: 1,
                reason,
            })
            .collect();
        break_down(confirm, &operator.app.context.list.devices);
        operator.wait(600);
        insta::assert_snapshot!(
            format!("plan_with_reasons_{}x{}", size.0, size.1),
            shown(&operator.app)
        );
    }
}

/// The plan was changed behind its dialog.
fn break_down(confirm: &mut Confirmation, list: &DeviceList) {
    confirm.breakdown = Breakdown::of(&confirm.plan, list);
    let hidden = confirm.hidden.clone();
    let selected = |_| SelectionOrigin::Filter;
    confirm.breakdown.note_selection(&hidden, selected);
}

/// They were marked by hand: marks of shown rows leave them out.
#[test]
fn confirmation_counts_what_an_earlier_run_removed() {
    for (size, said) in [
        ((120, 40), "1 device was sent earlier"),
        ((60, 15), "1 sent earlier"),
    ] {
        let mut operator = operator(size);
        operator.press("/sales\na\u{1b}dr");
        operator.wait(600);
        assert!(!shown(&operator.app).contains("sent earlier"));
        let Some(Dialog::Delete(dialog)) = &mut operator.app.dialog else {
            panic!("no dialog")
        };
        let DeleteDialog::Confirm(confirm) = &mut **dialog else {
            panic!("no plan")
        };
        confirm.plan.devices[0].removed_by = Some(RunId::from_bytes([7; 16]));
        break_down(confirm, &operator.app.context.list.devices);
        let screen = shown(&operator.app);
        assert!(screen.contains(said), "{screen}");
    }
}

/// Every warning's name and every number is shown however small the screen is.
#[test]
fn confirming_on_the_smallest_screen() {
    let mut operator = operator((60, 15));
    operator.press("/sales\na\u{1b}/finance\nadr");
    operator.wait(600);
    operator.press("7\n");
    let screen = shown(&operator.app);
    for word in [
        "gears.opswat.com",
        "37 HWID, 1 MAC",
        "3 calls, 0:03",
        "21 hidden",
        "20 recent",
        "old-list",
        "last of 3",
        "LT-1112",
        "You typed 7; the plan has 38. Nothing was sent.",
    ] {
        assert!(screen.contains(word), "{word} in\n{screen}");
    }
}

/// One laptop of many was seen an hour before the list was saved, one is a server, one has no name.
#[test]
fn confirming_a_plan_with_outliers() {
    let mut rows = vec!["hwid,hostname,type,os,status,group,user,last seen".to_owned()];
    rows.extend((0..60).map(|row| {
        let group = ["Sales", "Lab", "Finance", "Field"][row % 4];
        format!(
            "1c2167121e90{row:04},LT-{row},laptop,Windows 11,out_of_license_usage,{group},u{row},2026-0{}-03T10:00:00Z",
            row % 8 + 1
        )
    }));
    rows.push(
        "0c19f7e2d4b8a611,WS-1290,desktop,Windows 11,compliant,Sales,kim,2026-11-23T09:00:00Z"
            .to_owned(),
    );
    rows.push(
        "0c19f7e2d4b8a612,SRVX-2,laptop,Windows Server 2022,pending,Sales,,2026-02-03T10:00:00Z"
            .to_owned(),
    );
    rows.push(
        "0c19f7e2d4b8a613,,laptop,Windows 11,unknown,Domain controllers,,2025-02-03T10:00:00Z"
            .to_owned(),
    );
    let outliers = |operator: &mut Operator| {
        open_list(operator, &rows.join("\n"));
        operator.press("/unseen>1d\na\u{1b}/ws-\n \u{1b}/lt- or srv\ndr");
        operator.wait(600);
        operator.press("\tCHG-1042\u{1b}");
    };
    every_screen("plan_outliers", outliers);
    every_screen("plan_breakdown", |operator| {
        outliers(operator);
        operator.press("b");
    });
}

#[test]
fn field_that_does_not_listen_yet_says_so() {
    let mut operator = operator((80, 24));
    operator.press("/sales\nadr");
    operator.wait(100);
    assert!(shown(&operator.app).contains("Type 21 and press enter to send:  wait…"));
    operator.wait(500);
    assert!(shown(&operator.app).contains("Type 21 and press enter to send:  ▏"));
}
