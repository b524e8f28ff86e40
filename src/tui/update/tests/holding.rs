//! Holds are added and ended on the screen, and those of other processes are shown.

use super::*;
use crate::journal::HoldsOfDevices;
use crate::plan::Hold;
use crate::tui::dialogs::Dialog;
use crate::tui::job::Job;

fn id(index: usize) -> DeviceId {
    DeviceId::from_index(index)
}

/// The holds of these devices, as the journal has them after `ended` were ended.
fn held(devices: &[usize], ended: i64) -> HeldDevices {
    let held = devices
        .iter()
        .map(|&index| (id(index), "held until 2026-12-31: on leave".to_owned()));
    HeldDevices {
        version: crate::journal::HoldsVersion::for_tests(ended),
        devices: held.collect(),
    }
}

#[test]
fn hold_asks_for_date_and_reason_and_shows_the_held_device() {
    let mut operator = operator();
    operator.press(":hold\n");
    assert!(matches!(operator.app.dialog, Some(Dialog::Hold(_))));
    operator.press("tomorrow\n");
    let shown = operator.screen();
    assert!(shown.contains("until is not a date"), "{shown}");
    operator.press(&"\u{8}".repeat(8));
    operator.press("2026-12-31\n");
    let shown = operator.screen();
    assert!(shown.contains("reason is empty"), "{shown}");
    operator.press("on leave\tbob\n");
    let Some(Effect::Job(Job::Hold { devices, hold })) = operator.effects.last().cloned() else {
        panic!("{:?}", operator.effects.last())
    };
    assert_eq!(devices, [id(0)], "the row under the cursor");
    assert_eq!(
        (hold.until.to_string(), &*hold.reason, hold.owner.as_deref()),
        ("2026-12-31".to_owned(), "on leave", Some("bob"))
    );
    operator.held = Some(held(&[0], 0));
    operator.send(Answer::HoldsChanged(Ok("held 1 device".to_owned())));
    assert!(operator.app.dialog.is_none());
    assert!(operator.app.context.list.protection.held(id(0)).is_some());
}

#[test]
fn hold_is_of_the_marked_rows_and_an_error_stays_in_the_dialog() {
    let mut operator = operator();
    operator.press("  :hold\n2026-12-31\taudit\n");
    let Some(Effect::Job(Job::Hold { devices, .. })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    assert_eq!(devices, &[id(0), id(1)]);
    let error = anyhow::anyhow!("the disk is full").into();
    operator.send(Answer::HoldsChanged(Err(error)));
    let shown = operator.screen();
    assert!(shown.contains("the disk is full"), "{shown}");
}

#[test]
fn delete_counts_only_marked_devices_that_a_plan_can_have() {
    let mut operator = operator();
    operator.held = Some(held(&[0], 0));
    operator.press("   ");
    operator.wait(6_000);
    operator.press("k");
    let shown = operator.screen();
    assert!(shown.contains("+ 1 held"), "{shown}");
    assert!(shown.contains("d delete 1…"), "{shown}");
    operator.press("d");
    let shown = operator.screen();
    assert!(shown.contains("What should happen to 1 device?"), "{shown}");
    assert!(shown.contains("Left out of the marked: 1 held."), "{shown}");
    operator.press("\u{1b}Ugg ");
    let shown = operator.screen();
    assert!(shown.contains("● 0 marked + 1 held"), "{shown}");
    assert!(!shown.contains("d delete"), "{shown}");
}

#[test]
fn delete_on_a_held_row_opens_no_dialog_and_says_why() {
    let mut operator = operator();
    operator.held = Some(held(&[0], 0));
    operator.wait(6_000);
    operator.press("jk");
    operator.press("d");
    assert!(operator.app.dialog.is_none());
    let status = operator.status();
    assert!(status.contains(" is held: "), "{status}");
    operator.wait(600);
    operator.press("jd");
    assert!(operator.app.dialog.is_some(), "{}", operator.screen());
}

#[test]
fn holds_are_looked_at_when_a_plan_is_built_and_not_at_each_key() {
    let mut operator = operator();
    operator.press("jjjjjjjjjj");
    assert_eq!(operator.looks_at_holds, 1, "once in five seconds");
    operator.press("dr");
    assert_eq!(operator.looks_at_holds, 2, "a plan was built");
    operator.press("\u{1b}");
    operator.wait(6_000);
    assert_eq!(operator.looks_at_holds, 2, "nothing while nobody is there");
    operator.press("k");
    assert_eq!(operator.looks_at_holds, 3);
    // Other processes use the same rate limit, too.
    assert_eq!(operator.budget_reports, 3);
}

#[test]
fn hold_of_another_process_is_shown_and_found_and_its_end_too() {
    let mut operator = operator();
    operator.press("/is:held\n");
    assert!(operator.app.context.list.rows.is_empty());
    operator.wait(6_000);
    operator.held = Some(held(&[1, 3], 0));
    operator.press("g");
    assert_eq!(*operator.app.context.list.rows, [id(1), id(3)]);
    operator.press("a");
    assert_eq!(operator.app.context.list.held_marks, 2);
    operator.wait(6_000);
    operator.held = Some(held(&[3], 1));
    operator.press("g");
    assert_eq!(*operator.app.context.list.rows, [id(3)]);
    assert_eq!(operator.app.context.list.held_marks, 1);
}

/// The hold of a device.
fn hold(hwid: &str, until: &str) -> Hold {
    Hold {
        hwid: crate::domain::device::Hwid::parse(hwid).ok(),
        macs: Vec::new(),
        hostname: format!("LT-{hwid}"),
        until: until.parse().expect("a date"),
        reason: "on leave".to_owned(),
        owner: None,
    }
}

#[test]
fn hold_end_lists_every_hold_and_ends_those_that_were_shown() {
    let mut operator = operator();
    operator.held = Some(held(&[1], 0));
    operator.press("ga:hold-end\n");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::ReadHoldsOf(vec![id(1)]))),
        "of the marked devices, the held ones"
    );
    let own: Vec<Hold> = (0..60)
        .map(|number| hold(&format!("h{number}"), "2026-12-31"))
        .collect();
    let holds = HoldsOfDevices::for_tests(own, vec![hold("other", "2027-01-31")]);
    operator.send(Answer::HoldsToEnd(Ok(Box::new(holds.clone()))));
    let shown = operator.screen();
    assert!(shown.contains("End 60 holds of these?"), "{shown}");
    assert!(
        shown.contains("LT-h0 (h0): held until 2026-12-31"),
        "{shown}"
    );
    assert!(!shown.contains("LT-other"), "{shown}");
    operator.wait(600);
    operator.press("G");
    let shown = operator.screen();
    assert!(shown.contains("LT-h59 (h59)"), "{shown}");
    assert!(
        shown.contains("not ended, belongs to another device: LT-other (other)"),
        "{shown}"
    );
    operator.press("y");
    let end = Effect::Job(Job::EndHolds(Box::new(holds)));
    assert!(
        operator.effects.contains(&end),
        "{:?}",
        operator.effects.last()
    );
}

#[test]
fn hold_end_of_devices_that_only_another_devices_hold_covers_says_where_to_end_it() {
    let mut operator = operator();
    operator.held = Some(held(&[0], 0));
    operator.press("g:hold-end\n");
    let holds = HoldsOfDevices::for_tests(vec![], vec![hold("h9", "2026-12-31")]);
    operator.send(Answer::HoldsToEnd(Ok(Box::new(holds))));
    assert!(operator.app.dialog.is_none());
    let shown = operator.screen();
    assert!(
        shown.contains("The hold is of LT-h9 (h9), which has the same MAC: end it there"),
        "{shown}"
    );
}

#[test]
fn hold_end_asks_nothing_where_no_device_is_held() {
    let mut operator = operator();
    operator.held = Some(held(&[1], 0));
    operator.press("g:hold-end\n");
    assert!(operator.app.dialog.is_none(), "{:?}", operator.app.dialog);
    let shown = operator.screen();
    assert!(shown.contains("None of these devices is held"), "{shown}");
    let reads = |effect: &Effect| matches!(effect, Effect::Job(Job::ReadHoldsOf(_)));
    assert!(!operator.effects.iter().any(reads));
}

#[test]
fn holds_are_read_again_only_if_they_changed_since_the_list_was_opened() {
    let mut operator = operator();
    let version = Some(crate::journal::HoldsVersion::for_tests(7));
    let opened = Opened {
        holds_version: version,
        ..operator.opened()
    };
    operator.start_on(opened);
    let key = KeyEvent::from(KeyCode::Down);
    let effects = operator.app.update(Message::Key(key, operator.now));
    let known = Effect::Job(Job::ReadHolds { known: version });
    assert!(effects.contains(&known), "{effects:?}");
}

#[test]
fn hold_of_a_row_names_the_rows_that_share_an_identifier_with_it() {
    let list =
        "hwid,mac,hostname\nh1,3c:52:82:00:00:01,DOCK-1\nh2,3c:52:82:00:00:01,DOCK-2\nh3,,LT-3\n";
    let mut operator = operator_on(list, (80, 24));
    operator.press(":hold\n");
    let shown = operator.screen();
    let along = "! Also holds 1 other device with the same identifier.";
    assert!(shown.contains(along), "{shown}");
    operator.press("\u{1b}G:hold\n");
    let shown = operator.screen();
    assert!(!shown.contains("Also holds"), "{shown}");
}

#[test]
fn holds_that_were_ended_close_no_dialog_that_opened_meanwhile() {
    let mut operator = operator();
    operator.press(":hold\n");
    operator.press("2026");
    operator.send(Answer::HoldsChanged(Ok("ended 1 hold".to_owned())));
    assert!(matches!(operator.app.dialog, Some(Dialog::Hold(_))));
    let error = anyhow::anyhow!("the disk is full").into();
    operator.send(Answer::HoldsChanged(Err(error)));
    assert!(operator.status().contains("he disk is full"));
    assert!(!operator.screen().contains(" the disk is full"));
}
