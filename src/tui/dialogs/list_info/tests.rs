use std::sync::Arc;

use crate::import::ImportContent;
use crate::list::{ColumnAssignment, DeviceList, Field, ReadOptions, parse_column};
use crate::tui::answer::Answer;
use crate::tui::dialogs::list_info::ListInfoDialog;
use crate::tui::dialogs::{Dialog, ImportDialog};
use crate::tui::effect::Effect;
use crate::tui::import_source::Matched;
use crate::tui::job::Job;
use crate::tui::message::Message;
use crate::tui::opened_list::{Opened, Reloaded};
use crate::tui::update::tests::{Operator, operator_on};

const LIST: &str = "hwid,Kiste,When\nh1,LT-1,2026-11-20\nh2,LT-2,2026-11-19\nh3,LT-3,x\n";

fn on_list(list: &str) -> Operator {
    operator_on(list, (120, 40))
}

#[test]
fn columns_of_a_list_that_is_no_file_are_not_offered_for_assignment() {
    let mut operator = operator_on("hwid,hostname\nh1,LT-1\n", (120, 40));
    for (path, offered) in [(Some("list.csv".into()), true), (None, false)] {
        operator.app.context.info.path = path;
        operator.press("i");
        let report = operator.app.context.list.devices.report();
        operator.send(Answer::ListDescribed(Box::new(report)));
        assert_eq!(operator.screen().contains("assign a field"), offered);
        operator.press("\u{1b}");
    }
}

fn info(operator: &Operator) -> &ListInfoDialog {
    match &operator.app.dialog {
        Some(Dialog::ListInfo(info)) => info,
        other => panic!("{other:?}"),
    }
}

/// The report that was requested.
fn describe(operator: &mut Operator) {
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::DescribeList))
    );
    let report = operator.app.context.list.devices.report();
    operator.send(Answer::ListDescribed(Box::new(report)));
}

fn assignments(texts: &[&str]) -> Vec<ColumnAssignment> {
    let parsed = texts.iter().map(|text| parse_column(text));
    parsed.collect::<Result<_, _>>().expect("assignments")
}

fn requested(operator: &Operator) -> Vec<ColumnAssignment> {
    match operator.effects.last() {
        Some(Effect::Job(Job::AssignColumns(_, columns))) => columns.clone(),
        other => panic!("{other:?}"),
    }
}

/// The list is read as requested.
fn read(operator: &mut Operator, text: &str) {
    let assigned = requested(operator);
    let options = ReadOptions::default().with_columns(&assigned);
    let list = DeviceList::read_bytes_as("devices.csv", text.as_bytes(), &options);
    let opened = Opened {
        list: Arc::new(list.expect("a list")),
        assigned,
        ..operator.opened()
    };
    let reloaded = Reloaded::over(&operator.app.context.list.devices, opened);
    operator.send(Answer::Reassigned(Ok((Box::new(reloaded), None))));
}

/// Assigns the column in this line of the menu's fields, from the one above.
fn choose(operator: &mut Operator, field: Option<Field>) {
    operator.press("\ng");
    let menu = info(operator).menu.as_ref().expect("a menu");
    let place = menu.place_of(field).expect("a field");
    operator.press(&"j".repeat(place));
    operator.press("\n");
}

#[test]
fn column_is_assigned_and_marks_filter_and_cursor_stay() {
    let mut operator = on_list(LIST);
    operator.press("/hwid:h\nj i");
    assert_eq!(operator.marked().len(), 1);
    describe(&mut operator);
    let drops = |operator: &Operator| operator.screen().contains("D drop assignments");
    assert!(!drops(&operator), "nothing is assigned");
    operator.press("j");
    choose(&mut operator, Some(Field::Hostname));
    assert_eq!(requested(&operator), assignments(&["hostname=Kiste"]));
    read(&mut operator, LIST);
    describe(&mut operator);
    assert!(drops(&operator));
    assert_eq!(info(&operator).column(), Some(1), "on the same line");
    let list = &operator.app.context.list;
    let names: Vec<&str> = list
        .devices
        .ids()
        .map(|id| list.devices.device(id).hostname())
        .collect();
    assert_eq!(names, ["LT-1", "LT-2", "LT-3"]);
    assert_eq!(operator.marked(), [1]);
    assert_eq!(operator.app.devices.query.text(), "hwid:h");
    assert_eq!(operator.app.devices.cursor, 2);
    // Over the remark that it was assigned.
    operator.press("jj");
    choose(&mut operator, Some(Field::Seen));
    let both = ["seen=When", "hostname=Kiste"];
    assert_eq!(requested(&operator), assignments(&both), "the newest first");
    read(&mut operator, LIST);
    describe(&mut operator);
    operator.press("y");
    let copied = "[lists.columns]\nhostname = \"Kiste\"\nseen = \"When\"".to_owned();
    assert_eq!(operator.effects.last(), Some(&Effect::Copy(copied)));
    choose(&mut operator, None);
    let ignored = ["none=When", "hostname=Kiste"];
    assert_eq!(
        requested(&operator),
        assignments(&ignored),
        "in place of the other"
    );
    read(&mut operator, LIST);
    describe(&mut operator);
    operator.press("D");
    assert_eq!(requested(&operator), []);
}

#[test]
fn refused_reading_is_told_in_the_readers_words_and_changes_nothing() {
    let mut operator = on_list(LIST);
    operator.press(" i");
    describe(&mut operator);
    operator.press("j");
    choose(&mut operator, Some(Field::Hwid));
    let list = operator.app.context.list.devices.clone();
    let reason = anyhow::anyhow!("only 0 devices could be sent").into();
    operator.send(Answer::Reassigned(Err(reason)));
    let error = info(&operator).error.clone().unwrap_or_default();
    assert!(error.contains("only 0 devices could be sent"), "{error}");
    assert!(Arc::ptr_eq(&list, &operator.app.context.list.devices));
    assert_eq!(operator.marked(), [0]);
    assert!(operator.app.context.info.assigned.is_empty());
}

#[test]
fn rows_that_get_a_hwid_keep_their_marks_by_their_line() {
    let text = "mac,hostname,Kennung\n00:0c:29:00:00:01,a,k1\n00:0c:29:00:00:02,b,k2\n";
    let mut operator = on_list(text);
    operator.press("j i");
    assert_eq!(operator.marked(), [1]);
    describe(&mut operator);
    operator.press("jj");
    choose(&mut operator, Some(Field::Hwid));
    read(&mut operator, text);
    let list = &operator.app.context.list;
    let hwids: Vec<_> = list
        .devices
        .ids()
        .map(|id| list.devices.device(id).hwid())
        .collect();
    assert_eq!(hwids, [Some("k1"), Some("k2")]);
    assert_eq!(operator.marked(), [1]);
}

/// The list of these names was matched with the inventory.
fn match_with_inventory(operator: &mut Operator, names: &str) {
    let read = ImportContent::of_bytes("names.csv", names.as_bytes(), &ReadOptions::default());
    let inventory =
        DeviceList::read_bytes("lab.jsonl", LIST.replace("Kiste", "hostname").as_bytes());
    let inventory = Arc::new(inventory.expect("a list"));
    let matched = Matched::of(&read.expect("a list"), &inventory);
    let opened = Opened {
        list: inventory,
        path: Some("/state/lab.jsonl".into()),
        ..operator.opened()
    };
    let reloaded = Reloaded::over(&operator.app.context.list.devices, opened);
    operator.send(Answer::MatchedWithInventory(Ok(Box::new((
        reloaded, matched,
    )))));
}

#[test]
fn match_report_takes_no_key_that_was_typed_before_it_was_drawn() {
    let names = "Hostname\nLT-1\n";
    let mut operator = on_list(names);
    operator.press("M");
    match_with_inventory(&mut operator, names);
    let enter = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Enter);
    operator.send(Message::Key(enter, operator.now));
    assert!(operator.marked().is_empty());
    assert!(matches!(operator.app.dialog, Some(Dialog::Import(_))));
    operator.press("\n");
    assert_eq!(operator.marked(), [0]);
}

#[test]
fn marks_that_the_match_loses_are_named_before_the_match_is_shown() {
    let names = "hwid,hostname\nh9,GONE\n,LT-1\n";
    let mut operator = on_list(names);
    operator.press(" ");
    operator.press("M");
    match_with_inventory(&mut operator, names);
    let Some(Dialog::VanishedMarks(lost)) = &operator.app.dialog else {
        panic!("no message: {:?}", operator.app.dialog)
    };
    assert_eq!(lost.names, ["GONE h9"]);
    operator.press("\n");
    assert!(matches!(operator.app.dialog, Some(Dialog::Import(_))));
}

#[test]
fn list_of_names_is_matched_with_the_inventory_and_back() {
    let names = "Hostname\nLT-1\nLT-3\nGONE\n";
    let mut operator = on_list(names);
    assert_eq!(operator.app.context.info.unmatched, 3);
    operator.press("M");
    let Some(Effect::Job(Job::MatchWithInventory(path, _))) = operator.effects.last().cloned()
    else {
        panic!("{:?}", operator.effects.last());
    };
    match_with_inventory(&mut operator, names);
    let Some(Dialog::Import(dialog)) = &operator.app.dialog else {
        panic!("no report");
    };
    assert!(matches!(&**dialog, ImportDialog::Report(report) if report.chosen.len() == 2));
    operator.press("\n");
    assert_eq!(operator.marked(), [0, 2]);
    let id = operator.app.context.list.rows[0];
    let found = operator.app.context.list.marks.found_by(id).expect("found");
    assert_eq!(
        (found.rule.as_str(), found.from.name.as_str()),
        ("hostname", "names.csv")
    );
    operator.wait(1000);
    operator.press("M");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::Reload(path))),
        "back"
    );
}

#[test]
fn every_row_is_in_reach_on_a_small_screen_with_many_notices() {
    for size in [(80, 24), (60, 15)] {
        let mut list = "hwid,mac,hostname\n".to_owned();
        for row in 0..6 {
            list.push_str(&format!(",nomac{row},LT-{row}\n"));
        }
        let mut operator = operator_on(&list, size);
        let notice = |number| format!("notice {number} {}", "about the list ".repeat(6));
        operator.app.context.info.notices = (1..=6).map(notice).collect();
        operator.press("i");
        describe(&mut operator);
        let shown = |operator: &Operator| crate::tui::render::tests::shown(&operator.app);
        // Whether the lower border says that there is more above and below.
        let more = |operator: &Operator| {
            let shown = shown(operator);
            let border = shown.lines().find(|line| line.contains('└'));
            let border = border.expect("a border").to_owned();
            (border.contains('↑'), border.contains('↓'))
        };
        let mut seen = shown(&operator);
        assert_eq!(more(&operator), (false, true), "{seen}");
        for _ in &info(&operator).lines.clone() {
            operator.press("j");
            seen.push_str(&shown(&operator));
        }
        assert_eq!(more(&operator), (true, false), "{}", shown(&operator));
        for number in 1..=6 {
            assert!(
                seen.contains(&format!("! notice {number} about")),
                "{size:?} {seen}"
            );
        }
        for row in 0..6 {
            assert!(
                seen.contains(&format!("LT-{row}  nomac{row}")),
                "{size:?} {seen}"
            );
        }
        assert!(seen.contains("Not in the file: hwid, seen, type"), "{seen}");
        assert!(seen.contains("every device."), "{seen}");
        assert!(seen.contains("read       10:00:00 UTC"), "{seen}");
    }
}

#[test]
fn rows_left_out_are_shown_and_exported() {
    let mut operator = on_list("hostname,mac\nLT-1,00:0c:29:cd:c7:b2\nLT-2,nomac\nLT-3,zz\n");
    operator.press("i");
    describe(&mut operator);
    let screen = operator.screen();
    assert!(
        screen.contains("3 rows · 0 by HWID, 1 by MAC, 2 left out"),
        "{screen}"
    );
    operator.press("e");
    assert!(operator.screen().contains("│ 2 left out "));
    operator.press("\n");
    let Some(Effect::Job(Job::Write { path, content })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    assert_eq!(path, std::path::Path::new("left-out.csv"));
    assert_eq!(content.label(), "2 left out");
    operator.press("\u{1b}");
    for _ in 0..50 {
        if info(&operator).column().is_none() {
            break;
        }
        operator.press("k");
    }
    assert!(operator.screen().contains("enter show rows left out"));
    operator.press("\n");
    assert!(operator.app.dialog.is_none());
    assert_eq!(operator.app.devices.query.text(), "is:unusable");

    let mut whole = on_list("hostname,mac\nLT-1,00:0c:29:cd:c7:b2\n");
    whole.press("i");
    describe(&mut whole);
    assert!(!whole.screen().contains("export left out"));
    whole.press("e");
    assert!(matches!(whole.app.dialog, Some(Dialog::ListInfo(_))));
}

#[test]
fn report_that_is_covered_by_lost_marks_is_complete_once_they_were_read() {
    let mut operator = on_list(LIST);
    operator.press(" i");
    describe(&mut operator);
    operator.press("j");
    choose(&mut operator, Some(Field::Hostname));
    // The marked device is gone from the file.
    let (header, _) = LIST.split_once('\n').expect("a header");
    read(&mut operator, &format!("{header}\nh9,New,,\n"));
    assert!(matches!(
        operator.app.dialog,
        Some(Dialog::VanishedMarks(_))
    ));
    describe(&mut operator);
    operator.press("\n");
    assert!(info(&operator).report.is_some());
}

#[test]
fn another_list_that_waits_is_dropped_when_columns_are_assigned() {
    let mut operator = on_list(LIST);
    operator.press(" i");
    describe(&mut operator);
    let opened = operator.opened();
    let reloaded = Reloaded::over(&operator.app.context.list.devices, opened);
    operator.send(Answer::Reloaded(Ok(Box::new(reloaded))));
    operator.press("j");
    choose(&mut operator, Some(Field::Hostname));
    read(&mut operator, LIST);
    let assigned = operator.app.context.list.devices.clone();
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
    assert!(Arc::ptr_eq(&assigned, &operator.app.context.list.devices));
}

#[test]
fn warnings_stand_beside_the_columns_where_there_is_room_for_all_of_them() {
    let list = "hwid,hostname,last seen\nh1,LT-1,2026-11-20\nh2,LT-2,soon\n";
    let unusable = ",LT-1,\n,LT-2,\n,LT-3,\n,LT-4,\n,LT-5,\n,LT-6,\n";
    let with_more = format!("{list}{unusable}");
    for (list, size, beside) in [
        (list, (120, 40), true),
        (list, (80, 24), false),
        (&with_more, (120, 40), true),
        (&with_more, (120, 15), false),
    ] {
        let mut operator = operator_on(list, size);
        operator.press("i");
        describe(&mut operator);
        let screen = operator.screen();
        let is_beside = |line: &str| line.find("warnings").is_some_and(|at| at > 60);
        assert_eq!(screen.lines().any(is_beside), beside, "{screen}");
        operator.press("G");
        let column = info(&operator).column();
        assert_eq!(column.is_some(), beside, "{}", operator.screen());
    }
}
